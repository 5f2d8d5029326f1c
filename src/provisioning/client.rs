//! A SCIM client that acts: who it is, and what it may do.

use super::{
    model::Provisioner,
    refusal::{ProvisionRefusal, Provisioned, refuse},
    store, user_store,
};
use crate::{
    authorization::{self, HeldRole},
    db::{Conn, Tx},
    kit::{Actor, Fault, MemberId, MemberKind, Permissions, Scope, rights::Right},
    members::{self, Change, Outcome},
};
use std::collections::BTreeSet;

/// A SCIM client whose right to act was checked in this transaction, with the organization locked.
#[derive(Clone, Debug)]
pub struct Client {
    pub provisioner: Provisioner,
    /// The scope that it acts with. It reaches everybody whom an Administrator reaches; what of that it may do is decided
    /// by the operations of this module.
    pub(super) scope: Scope,
}

impl Client {
    /// The scope with which it reads.
    pub fn scope(&self) -> &Scope {
        &self.scope
    }

    /// The Administrators among these people.
    pub(super) fn administrators_among(&self, conn: &mut Conn, ids: &[MemberId]) -> Result<BTreeSet<MemberId>, Fault> {
        let held = authorization::roles_of(conn, self.scope.organization, ids, self.scope.now())?;
        let administrators = held.into_iter().filter(|(_, roles)| roles.iter().any(HeldRole::is_administrator));
        Ok(administrators.map(|(id, _)| id).collect())
    }

    /// Makes one change to one person. Does nothing if they have that state.
    ///
    /// # Errors
    /// A [`ProvisionRefusal`].
    pub(super) fn change(&self, tx: &mut Tx<'_>, id: MemberId, wanted: &Change) -> Provisioned<()> {
        let answers = members::change(tx, &self.scope, MemberKind::User, wanted, &[id]);
        let answers = answers.map_err(|error| error.map_refusal(ProvisionRefusal::from))?;
        match answers.into_iter().next().map(|answer| answer.outcome) {
            Some(Outcome::Refused(refusal)) => refuse(refusal.into()),
            Some(outcome) if outcome.is_done() && !matches!(wanted, Change::Delete) => {
                Ok(user_store::touch(tx, self.scope.organization, id, self.scope.now())?)
            }
            _ => Ok(()),
        }
    }
}

/// Checks that the caller is a SCIM client whose token allows this now. Locks the organization.
///
/// # Errors
/// [`ProvisionRefusal::NotProvisioner`], [`crate::kit::Fault::Denied`] or [`crate::kit::Fault::SignedOut`].
pub fn act(tx: &mut Tx<'_>, scope: &Scope, right: Right) -> Provisioned<Client> {
    let scope = members::reauthorize(tx, scope)?;
    scope.demand(right)?;
    let Actor::Member { id, name, .. } = &scope.actor else {
        return refuse(ProvisionRefusal::NotProvisioner);
    };
    let Some(provisioner) = store::find_by_account(tx, scope.organization, *id)? else {
        return refuse(ProvisionRefusal::NotProvisioner);
    };
    let actor = Actor::Provisioner { id: *id, name: name.clone() };
    Ok(Client {
        provisioner,
        scope: Scope { actor, permissions: Permissions::everything(), ..scope },
    })
}
