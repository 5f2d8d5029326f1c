//! The names of a deleted person in batches: in those that they started, and in results about them.

use super::model::{ItemState, discarded_by, stopped_by};
use crate::{
    db::{
        Among, Json, Tx,
        schema::{batch_items, batches},
    },
    kit::{Fault, MemberId, OrganizationId, Pseudonym},
    members::Refusal,
};
use diesel::prelude::*;
use serde_json::Value;

/// Writes the pseudonym in the place of the names. What was read of the person from a file is deleted. Items that are not done
/// yet are left alone: nothing is done to somebody who is gone. `elsewhere` holds the names that mean nobody else.
pub fn erase_names(
    tx: &mut Tx<'_>,
    organization: OrganizationId,
    id: MemberId,
    own: &Pseudonym,
    elsewhere: &Pseudonym,
) -> Result<(), Fault> {
    let started = batches::table
        .filter(batches::organization_id.eq(organization))
        .filter(batches::started_by.eq(Some(id)));
    diesel::update(started).set(batches::started_by_name.eq(own.text())).execute(tx.conn())?;
    // A search among members by these names led to the batch.
    for name in elsewhere.names() {
        let sought = serde_html_form::to_string([("q", name)]).map_err(Fault::broken)?;
        let searched = batches::table
            .filter(batches::organization_id.eq(organization))
            .filter(batches::query.like(format!("%{}%", escaped(&sought))).escape('!'));
        diesel::update(searched).set(batches::query.eq("")).execute(tx.conn())?;
        for told in [stopped_by, discarded_by] {
            let ended = batches::table
                .filter(batches::organization_id.eq(organization))
                .filter(batches::stopped_because.eq(told(name)));
            diesel::update(ended).set(batches::stopped_because.eq(told(own.text()))).execute(tx.conn())?;
        }
        // Results that name who changed something meanwhile.
        let told = |by: &str| Refusal::ChangedSince { by: by.into() }.to_string();
        let noted = batch_items::table
            .filter(batch_items::organization_id.eq(organization))
            .filter(batch_items::note.eq(told(name)));
        diesel::update(noted).set(batch_items::note.eq(told(own.text()))).execute(tx.conn())?;
    }
    let about_them = batch_items::member_id.eq(Some(id)).assume_not_null();
    let to_them = batch_items::email.among(elsewhere.names().collect::<Vec<_>>());
    let done = batch_items::table
        .filter(batch_items::organization_id.eq(organization))
        .filter(batch_items::state.ne(ItemState::Waiting))
        .filter(about_them.or(to_them));
    diesel::update(done)
        .set((
            batch_items::name.eq(own.text()),
            batch_items::email.eq(own.text()),
            batch_items::payload.eq(None::<Json<Value>>),
        ))
        .execute(tx.conn())?;
    Ok(())
}

/// For LIKE, whose wildcards stand for themselves.
fn escaped(text: &str) -> String {
    text.chars()
        .flat_map(|c| matches!(c, '!' | '%' | '_').then_some('!').into_iter().chain([c]))
        .collect()
}
