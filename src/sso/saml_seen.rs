//! Assertions that were used: each counts once, on every node, until it is refused anyway.

use super::attempts::Place;
use crate::{
    db::{Tx, query::OnBoth, schema::saml_seen},
    kit::{Fault, Timestamp},
};
use diesel::prelude::*;

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

/// Deletes those that have ended.
pub(super) fn sweep(tx: &mut Tx<'_>, now: Timestamp) -> Result<(), Fault> {
    diesel::delete(saml_seen::table.filter(saml_seen::until.le(now))).execute(tx.conn())?;
    Ok(())
}
