//! The roles and policies that allow something: where a list of everybody who may do it begins, instead of going through all members.

use super::Question;
use crate::{
    db::{Conn, schema::role_permissions},
    kit::{Fault, OrganizationId, Permission, PolicyId, RoleId},
    policies,
    roles::{self, Predefined},
};
use diesel::prelude::*;
use std::collections::BTreeSet;

/// What allows something.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Grantors {
    pub roles: Vec<RoleId>,
    /// The role that comes with being administrator of a team is among them.
    pub is_of_team_administrators: bool,
    pub policies: Vec<PolicyId>,
}

/// The roles and policies of the organization that allow it to those who have them.
pub fn grantors(conn: &mut Conn, organization: OrganizationId, question: &Question) -> Result<Grantors, Fault> {
    if !question.is_readable() {
        return Ok(Grantors::default());
    }
    let wanted = question.permission();
    let rows: Vec<(RoleId, String)> = role_permissions::table
        .filter(role_permissions::organization_id.eq(organization))
        .select((role_permissions::role_id, role_permissions::permission))
        .load(conn)?;
    let covers = |text: &str| text.parse().is_ok_and(|held: Permission| held.covers(&wanted));
    let found: BTreeSet<RoleId> = rows.into_iter().filter(|(_, text)| covers(text)).map(|(role, _)| role).collect();
    let team_administrator = roles::predefined(conn, organization, Predefined::TeamAdministrator)?;
    Ok(Grantors {
        is_of_team_administrators: found.contains(&team_administrator),
        roles: found.into_iter().collect(),
        policies: policies_that_allow(conn, organization, question)?,
    })
}

fn policies_that_allow(conn: &mut Conn, organization: OrganizationId, question: &Question) -> Result<Vec<PolicyId>, Fault> {
    let (Question::Action { action, resource_type, .. } | Question::AnyResource { action, resource_type }) = question else {
        return Ok(vec![]);
    };
    let types = policies::types(conn, organization)?;
    if !types.iter().any(|one| one.name == *resource_type && one.actions.contains(action)) {
        return Ok(vec![]);
    }
    let all = policies::list(conn, organization)?;
    let allowing = all.into_iter().filter(|policy| policy.rules.iter().any(|rule| question.is_allowed_by(rule)));
    Ok(allowing.map(|policy| policy.id).collect())
}
