//! The names of a deleted person in reviews: in lines about them, and where they decided.

use crate::{
    db::{
        Tx,
        schema::{access_review_lines, access_reviews},
    },
    kit::{Fault, MemberId, OrganizationId, Pseudonym},
};
use diesel::prelude::*;

/// Writes the pseudonym in the place of the names. Decisions, times and ids stay: they are evidence.
pub fn erase_names(tx: &mut Tx<'_>, organization: OrganizationId, id: MemberId, own: &Pseudonym) -> Result<(), Fault> {
    let about = access_review_lines::table
        .filter(access_review_lines::organization_id.eq(organization))
        .filter(access_review_lines::member_id.eq(id));
    let set = (access_review_lines::name.eq(own.text()), access_review_lines::email.eq(""));
    diesel::update(about).set(set).execute(tx.conn())?;
    let decided = access_review_lines::table
        .filter(access_review_lines::organization_id.eq(organization))
        .filter(access_review_lines::decided_by.eq(Some(id)));
    diesel::update(decided)
        .set(access_review_lines::decided_by_name.eq(own.text()))
        .execute(tx.conn())?;
    let opened = access_reviews::table
        .filter(access_reviews::organization_id.eq(organization))
        .filter(access_reviews::created_by.eq(Some(id)));
    diesel::update(opened).set(access_reviews::created_by_name.eq(own.text())).execute(tx.conn())?;
    let closed = access_reviews::table
        .filter(access_reviews::organization_id.eq(organization))
        .filter(access_reviews::closed_by.eq(Some(id)));
    diesel::update(closed).set(access_reviews::closed_by_name.eq(own.text())).execute(tx.conn())?;
    Ok(())
}
