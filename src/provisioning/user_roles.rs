//! Roles that a SCIM client gives and takes: those that the administrator allowed, never the role Administrator.

use super::{client::Client, refusal::Provisioned};
use crate::{
    db::Tx,
    kit::{MemberId, MemberKind, RoleId, fold},
    members::{self, Change},
    roles,
};
use std::collections::BTreeSet;

/// Gives a person the allowed roles among those that were sent, by name or id, and takes the other allowed ones. Without
/// any, nothing is touched.
pub(super) fn apply(tx: &mut Tx<'_>, client: &Client, id: MemberId, sent: Option<&[String]>) -> Provisioned<()> {
    let allowed = client.provisioner.allowed_roles();
    let (Some(sent), false) = (sent, allowed.is_empty()) else {
        return Ok(());
    };
    let known = roles::list(tx, client.scope.organization)?;
    let mut wanted: BTreeSet<RoleId> = BTreeSet::new();
    for role in known
        .iter()
        .filter(|role| allowed.contains(&role.id) && role.is_for(MemberKind::User) && !role.is_administrator())
    {
        let is_sent = |text: &String| *text == role.id.to_string() || fold::canonical(text) == fold::canonical(&role.name);
        if sent.iter().any(is_sent) {
            wanted.insert(role.id);
        }
    }
    let held = members::assignments(tx, &client.scope, id)?.roles;
    for role in wanted.iter().filter(|role| !held.contains_key(role)) {
        client.change(tx, id, &Change::AddRole { role: *role, until: None })?;
    }
    for role in held.keys().filter(|role| allowed.contains(role) && !wanted.contains(role)) {
        client.change(tx, id, &Change::RemoveRole { role: *role })?;
    }
    Ok(())
}
