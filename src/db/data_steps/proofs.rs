//! Withdraws address proofs that the old rule accepted by mistake: it took a mailbox that looks like another one for
//! the same.
//!
//! A letter to a look-alike mailbox counted as proof that the user reads their own, and users were added to an
//! organization that had invited another mailbox. Such proofs are withdrawn. Memberships stay and are reported.

use crate::{
    db::{
        Json, Tx,
        schema::{audit_events, links, members, organizations, users},
    },
    kit::{
        Fault, MemberId, Timestamp, UserId,
        email::{Email, is_one_mailbox},
        fold,
    },
};
use diesel::prelude::*;
use serde_json::Value;

pub(super) fn run(tx: &mut Tx<'_>) -> Result<Vec<String>, Fault> {
    let mut sentences = proofs(tx)?;
    sentences.extend(memberships(tx)?);
    Ok(sentences)
}

/// Whether the old rule took these two mailboxes for one.
fn was_mistaken(one: &str, other: &str) -> bool {
    let both = Email::parse(one).is_ok() && Email::parse(other).is_ok();
    both && fold::canonical(one) == fold::canonical(other) && !is_one_mailbox(one, other)
}

/// Withdraws mistaken proofs. A proof has the same time as the use of the link that gave it.
fn proofs(tx: &mut Tx<'_>) -> Result<Vec<String>, Fault> {
    let used = links::table
        .inner_join(users::table.on(users::id.nullable().eq(links::user_id)))
        .filter(links::kind.eq_any(["invitation", "reset"]))
        .filter(links::used_at.eq(users::address_proven_at))
        .filter(links::mailed_to.is_not_null())
        .filter(links::mailed_to.ne(users::email.nullable()))
        .select((users::id, users::email, links::mailed_to.assume_not_null()));
    let rows: Vec<(UserId, String, String)> = used.load(tx.conn())?;
    let mut sentences = Vec::new();
    for (id, email, went_to) in rows {
        if !was_mistaken(&email, &went_to) {
            continue;
        }
        diesel::update(users::table.find(id))
            .set(users::address_proven_at.eq(None::<Timestamp>))
            .execute(tx.conn())?;
        sentences.push(format!(
            "A letter to {went_to} had been taken for the proof that the user {id} reads {email}, which is another mailbox. The proof \
             is taken back. The person who chose their password may read {went_to}: end their sessions and send them a link for a new password."
        ));
    }
    Ok(sentences)
}

/// The event's data about the added member; the member's id, name and email; and the organization.
type Added = (Option<Json<Value>>, MemberId, String, String, String);

/// Reports members of organizations that had invited another mailbox.
fn memberships(tx: &mut Tx<'_>) -> Result<Vec<String>, Fault> {
    let added = audit_events::table
        .inner_join(members::table.on(members::id.nullable().eq(audit_events::target_id)))
        .inner_join(users::table.on(users::id.nullable().eq(members::user_id)))
        .inner_join(organizations::table.on(organizations::id.eq(members::organization_id)))
        .filter(audit_events::organization_id.eq(members::organization_id))
        .filter(audit_events::action.eq_any(["member.added", "invitation.sent", "invitation.accepted"]))
        .order((audit_events::at, audit_events::id))
        .select((audit_events::after, members::id, members::name, users::email, organizations::name));
    let rows: Vec<Added> = added.load(tx.conn())?;
    let mut sentences: Vec<String> = Vec::new();
    for (after, id, name, email, organization) in rows {
        let asked = after.as_ref().and_then(|Json(after)| after["email"].as_str()).unwrap_or_default();
        if was_mistaken(asked, &email) {
            let sentence = format!(
                "In {organization}, {name} (member {id}) signs in as {email}, but {asked} was invited, which is another mailbox. Look \
                 whether that is who was meant, and delete the member if not."
            );
            if !sentences.contains(&sentence) {
                sentences.push(sentence);
            }
        }
    }
    Ok(sentences)
}
