//! What the Access tab shows of a member: the assignments, everything that can be assigned, and where each permission
//! comes from.

use super::{
    Assignments, assignments,
    explain::{Why, Words},
};
use crate::{
    authorization::{Ceiling, Names, effective},
    db::{
        Conn,
        schema::{member_roles, members},
    },
    kit::{Fault, MemberId, RoleId, Scope, Timestamp, rights},
    members::{Header, MappedGrant, Place, Reach, Team, header_of, mapped_by_name, reach, refuse_policy, teams_to_offer, towards},
    policies::{self, Policy},
    roles::{self, Role},
};
use diesel::prelude::*;
use std::collections::BTreeMap;

/// What the tab shows beside the form.
pub(super) struct Shown {
    pub header: Header,
    pub assignments: Assignments,
    /// The roles that a member of this kind can have, and those that this one has.
    pub roles: Vec<Role>,
    pub teams: Vec<Team>,
    /// Each policy, and whether the caller may attach it.
    pub policies: Vec<(Policy, bool)>,
    pub held: Vec<HeldRole>,
    /// What connections gave, each with the name of its connection.
    pub mapped: BTreeMap<MappedGrant, String>,
    pub why: Why,
    pub names: Names,
}

/// A role that is held, and who granted it.
pub(super) struct HeldRole {
    pub name: String,
    pub is_administrator: bool,
    pub description: String,
    pub granted_at: Timestamp,
    pub granted_by: Option<String>,
    /// The name of the connection whose mapping gave it.
    pub mapped_by: Option<String>,
    pub until: Option<Timestamp>,
}

impl Shown {
    pub fn load(conn: &mut Conn, scope: &Scope, place: Place) -> Result<Self, Fault> {
        let id = place.id;
        let header = header_of(conn, scope, place.kind, id)?;
        let all = roles::list(conn, scope.organization)?;
        let assignments = assignments(conn, scope, id)?;
        let mapped = mapped_by_name(conn, scope, id)?;
        let held = held(conn, scope, id, (&all, &mapped))?;
        let is_offered = |role: &Role| role.is_for(place.kind) || assignments.roles.contains_key(&role.id);
        let roles = all.into_iter().filter(is_offered).collect();
        let ceiling = Ceiling::of(conn, scope)?;
        let with_ceiling = |policy: Policy| {
            let may_give = refuse_policy(&ceiling, &policy).is_none();
            (policy, may_give)
        };
        let policies = policies::list(conn, scope.organization)?.into_iter().map(with_ceiling).collect();
        let now = effective(conn, scope.organization, id, scope.now())?;
        let names = Names::about(&*towards(conn, scope, id)?, place.kind, id);
        let why = Why::of(&now, &Words::load(conn, scope)?, names);
        let (mut teams, _) = teams_to_offer(conn, scope, place.kind)?;
        let is_managed_person = header.may_manage && !place.kind.is_machine();
        if is_managed_person && let Reach::Teams(mine) = reach(conn, scope, rights::USER_MANAGE)? {
            teams.retain(|team| mine.contains(&team.id) || assignments.teams.contains(&team.id));
        }
        Ok(Self { header, assignments, roles, teams, policies, held, mapped, why, names })
    }
}

fn held(
    conn: &mut Conn,
    scope: &Scope,
    id: MemberId,
    (known, mapped): (&[Role], &BTreeMap<MappedGrant, String>),
) -> Result<Vec<HeldRole>, Fault> {
    let giver = diesel::alias!(members as giver);
    let rows: Vec<(RoleId, Timestamp, Option<Timestamp>, Option<String>)> = member_roles::table
        .left_join(giver.on(giver.field(members::id).nullable().eq(member_roles::granted_by)))
        .filter(member_roles::organization_id.eq(scope.organization))
        .filter(member_roles::member_id.eq(id))
        .filter(crate::roles::in_force!(member_roles::until_at, scope.now()))
        .select((
            member_roles::role_id,
            member_roles::granted_at,
            member_roles::until_at,
            giver.field(members::name).nullable(),
        ))
        .load(conn)?;
    let mut all: Vec<HeldRole> = Vec::new();
    for role in known {
        if let Some((_, granted_at, until, granted_by)) = rows.iter().find(|row| row.0 == role.id) {
            all.push(HeldRole {
                name: role.name.clone(),
                is_administrator: role.is_administrator(),
                description: role.description.clone(),
                granted_at: *granted_at,
                granted_by: granted_by.clone(),
                mapped_by: mapped.get(&MappedGrant::Role(role.id)).cloned(),
                until: *until,
            });
        }
    }
    Ok(all)
}
