//! Assertions that were used: each counts once, on every node, until it is refused anyway.

use super::attempts::Place;
use crate::{
    db::{Tx, query::OnBoth, schema::saml_seen},
    kit::{Fault, Timestamp},
};
use chrono::TimeDelta;
use diesel::prelude::*;

/// How much longer a use is remembered than the assertion is valid. The instant of a request is that of its beginning, and
/// its body may come slowly; and the clocks of several processes differ.
const LONGER: TimeDelta = TimeDelta::hours(1);

/// Records the use of an assertion. Returns false if it was used before.
pub(super) fn insert(tx: &mut Tx<'_>, place: Place, assertion: &str, until: Timestamp) -> Result<bool, Fault> {
    let row = (
        saml_seen::organization_id.eq(place.organization),
        saml_seen::connection_id.eq(place.connection),
        saml_seen::assertion_id.eq(assertion),
        saml_seen::until.eq(until),
    );
    let key = (saml_seen::organization_id, saml_seen::connection_id, saml_seen::assertion_id);
    let inserted = OnBoth(diesel::insert_into(saml_seen::table).values(row).on_conflict(key).do_nothing());
    Ok(inserted.execute(tx.conn())? == 1)
}

/// Deletes those that ended a while ago.
pub(super) fn sweep(tx: &mut Tx<'_>, now: Timestamp) -> Result<(), Fault> {
    diesel::delete(saml_seen::table.filter(saml_seen::until.le(now - LONGER))).execute(tx.conn())?;
    Ok(())
}
