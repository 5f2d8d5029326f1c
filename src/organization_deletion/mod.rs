//! The end of an organization: by its last usable Administrator, or by the operator. Everything that carries its id is
//! deleted in one transaction, and so are identities that belong to no other organization.
//!
//! Members go in parts of a fixed size, and what there is most of goes with one statement per table, so that a large
//! organization needs no more memory than a small one. Foreign keys take along what else hangs on a member or on the
//! organization itself.

mod pages;
mod routes;
mod store;

pub use routes::mount;
pub use store::{Holdings, holdings};

use crate::{
    audit,
    db::Tx,
    kit::{Actor, Fault, OperationError, OrganizationId, Scope, rights},
    members, organizations, sessions, tokens, users, webhooks,
};

/// Why an organization is not deleted.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DeletionRefusal {
    #[error("There are other administrators who can sign in. They leave first, or stop being administrators.")]
    OthersAdministrate(Vec<String>),
}

/// An organization that is no more.
#[derive(Clone, Debug)]
pub struct Deleted {
    pub id: OrganizationId,
    pub name: String,
}

impl Deleted {
    /// Tells the operator, after the transaction: nothing else remembers the organization.
    pub fn log(&self, by: &str) {
        tracing::warn!(organization = %self.id, name = %self.name, by, "an organization was deleted");
    }
}

/// Deletes the organization of the scope with everything in it.
///
/// # Errors
/// [`DeletionRefusal::OthersAdministrate`], unless the operator asks, and [`Fault::Denied`].
pub fn delete(tx: &mut Tx<'_>, scope: &Scope) -> Result<Deleted, OperationError<DeletionRefusal>> {
    // Waits for everybody who adds something to the organization at this moment, and keeps others from it.
    organizations::lock_to_delete(tx, scope.organization)?;
    let scope = &members::reauthorize(tx, scope)?;
    scope.demand(rights::EVERYTHING)?;
    let others = store::other_administrators(tx, scope)?;
    if !others.is_empty() && !matches!(scope.actor, Actor::System) {
        return Err(OperationError::Refused(DeletionRefusal::OthersAdministrate(others)));
    }
    let organization = organizations::find(tx, scope.organization)?;
    tx.lift_time_limit()?;
    webhooks::forget_events(tx, organization.id)?;
    audit::delete_trail(tx, organization.id)?;
    sessions::delete_attempts(tx, organization.id)?;
    tokens::delete_uses(tx, organization.id)?;
    delete_members(tx, organization.id)?;
    organizations::delete(tx, organization.id)?;
    Ok(Deleted { id: organization.id, name: organization.name })
}

/// Deletes all members, and those of their identities that belong nowhere else.
fn delete_members(tx: &mut Tx<'_>, id: OrganizationId) -> Result<(), Fault> {
    loop {
        let (deleted, people) = members::delete_some(tx, id)?;
        if deleted == 0 {
            return Ok(());
        }
        users::delete_unused(tx, &people)?;
    }
}
