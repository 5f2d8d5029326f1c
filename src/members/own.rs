//! What people do to their own identity is told to every organization they belong to.

use super::store::memberships;
use crate::{
    audit::{self, Event},
    db::Tx,
    kit::{Actor, Fault, Occasion, Scope, UserId},
};
use serde_json::Value;

/// Writes the event in each of the person's organizations, as theirs and about themselves.
///
/// # Errors
/// What the database says.
pub fn record_own(tx: &mut Tx<'_>, user: UserId, occasion: &Occasion, action: &'static str, after: Option<&Value>) -> Result<(), Fault> {
    for membership in memberships(tx, user)? {
        let event = Event::new(action, "member", membership.id.0, &membership.name);
        let event = match after {
            Some(after) => event.after(after.clone()),
            None => event,
        };
        let actor = Actor::Member {
            id: membership.id,
            user,
            name: membership.name,
        };
        let scope = Scope {
            organization: membership.organization,
            actor,
            permissions: Default::default(),
            occasion: occasion.clone(),
        };
        audit::record(tx, &scope, event)?;
    }
    Ok(())
}
