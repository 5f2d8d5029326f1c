//! Queries about several members at once: a few statements for any number of members.

use super::reach::seen;
use crate::{
    db::{
        Among, Conn, IsAmong, Tx,
        schema::{member_policies, members, policies, team_members, teams, users},
    },
    identities,
    kit::{Fault, MemberId, MemberKind, MemberStatus, OrganizationId, PolicyId, Scope, UserId, rights},
};
use diesel::{dsl, prelude::*};
use std::collections::{BTreeMap, HashMap, HashSet};

/// Sets the status of several members.
pub(super) fn set_status(tx: &mut Tx<'_>, scope: &Scope, ids: &[MemberId], to: MemberStatus, reason: &str) -> Result<(), Fault> {
    let set = (
        members::status.eq(to),
        members::status_at.eq(scope.now()),
        members::status_by.eq(scope.actor.member_id()),
        members::status_reason.eq(reason),
        // Revokes every session and link that began before this change, for good.
        members::sessions_from.eq(scope.now()),
    );
    diesel::update(members::table.filter(these(scope.organization, ids))).set(set).execute(tx.conn())?;
    Ok(())
}

/// Deletes several members of an organization, with all data that depends on them.
pub(super) fn delete_all(tx: &mut Tx<'_>, organization: OrganizationId, ids: &[MemberId]) -> Result<(), Fault> {
    diesel::delete(members::table.filter(these(organization, ids))).execute(tx.conn())?;
    Ok(())
}

/// Members that [`delete_some`] deletes at once.
const SOME: i64 = 1_000;

/// Deletes some of the members of an organization, whatever they are. Returns how many, and the identities of the people
/// among them.
pub fn delete_some(tx: &mut Tx<'_>, organization: OrganizationId) -> Result<(usize, Vec<UserId>), Fault> {
    let rows: Vec<(MemberId, Option<UserId>)> = members::table
        .filter(members::organization_id.eq(organization))
        .select((members::id, members::user_id))
        .limit(SOME)
        .load(tx.conn())?;
    let (ids, users): (Vec<MemberId>, Vec<Option<UserId>>) = rows.into_iter().unzip();
    delete_all(tx, organization, &ids)?;
    Ok((ids.len(), users.into_iter().flatten().collect()))
}

/// A member as bulk lists show them.
#[derive(Clone, Debug)]
pub struct Named {
    pub id: MemberId,
    pub name: String,
    pub email: String,
}

/// The most ids bound to one statement.
pub(super) const IDS: usize = 5_000;

/// Names and email addresses of the members of one kind that still exist and that the caller may see, in the order given. System accounts have no
/// address.
pub fn named(conn: &mut Conn, scope: &Scope, kind: MemberKind, ids: &[MemberId]) -> Result<Vec<Named>, Fault> {
    let mut found: HashMap<MemberId, (String, String)> = HashMap::new();
    for some in ids.chunks(IDS) {
        let rows: Vec<(MemberId, String, Option<String>)> = members::table
            .left_join(users::table)
            .filter(members::organization_id.eq(scope.organization))
            .filter(members::id.among(some))
            .filter(members::kind.eq(kind))
            .select((members::id, members::name, users::email.nullable()))
            .load(conn)?;
        let seen = seen(conn, scope, kind, some)?;
        let rows = rows.into_iter().filter(|(id, ..)| seen.contains(id));
        found.extend(rows.map(|(id, name, email)| (id, (name, email.unwrap_or_default()))));
    }
    let one = |id: &MemberId| found.remove(id).map(|(name, email)| Named { id: *id, name, email });
    Ok(ids.iter().filter_map(one).collect())
}

/// Names and statuses of the members of one kind that still exist and that the caller may see.
pub fn statuses(
    conn: &mut Conn,
    scope: &Scope,
    kind: MemberKind,
    ids: &[MemberId],
) -> Result<Vec<(MemberId, String, MemberStatus)>, Fault> {
    let rows = members::table
        .filter(members::organization_id.eq(scope.organization))
        .filter(members::id.among(ids))
        .filter(members::kind.eq(kind))
        .order(members::id);
    let mut found: Vec<(MemberId, String, MemberStatus)> = rows.select((members::id, members::name, members::status)).load(conn)?;
    let seen = seen(conn, scope, kind, ids)?;
    found.retain(|(id, ..)| seen.contains(id));
    Ok(found)
}

/// Which of several members sign in through an enabled connection, and of which kind it is.
pub fn federated(conn: &mut Conn, scope: &Scope, ids: &[MemberId]) -> Result<HashMap<MemberId, String>, Fault> {
    let rows: Vec<(MemberId, Option<UserId>, String)> = members::table
        .filter(members::organization_id.eq(scope.organization))
        .filter(members::id.among(ids))
        .filter(members::provider.ne("local"))
        .select((members::id, members::user_id, members::provider))
        .load(conn)?;
    let users: Vec<UserId> = rows.iter().filter_map(|(_, user, _)| *user).collect();
    let connected = identities::of_enabled_connections(conn, scope.organization, &users)?;
    let signs_in = |user: &Option<UserId>| user.is_some_and(|user| connected.contains(&user));
    Ok(rows
        .into_iter()
        .filter(|(_, user, _)| signs_in(user))
        .map(|(id, _, provider)| (id, provider))
        .collect())
}

/// Emails and usernames of several members.
pub fn identities(conn: &mut Conn, scope: &Scope, ids: &[MemberId]) -> Result<HashMap<MemberId, (String, String)>, Fault> {
    let rows: Vec<(MemberId, String, String)> = members::table
        .inner_join(users::table)
        .filter(members::organization_id.eq(scope.organization))
        .filter(members::id.among(ids))
        .select((members::id, users::email, users::username))
        .load(conn)?;
    Ok(rows.into_iter().map(|(id, email, username)| (id, (email, username))).collect())
}

/// Those of these names by which a member of this organization goes now: as display name, address or username.
pub fn names_in_use(conn: &mut Conn, scope: &Scope, names: &[String]) -> Result<HashSet<String>, Fault> {
    let here = || members::table.left_join(users::table).filter(members::organization_id.eq(scope.organization));
    let mut found: HashSet<String> = HashSet::new();
    let called: Vec<String> = here().filter(members::name.among(names)).select(members::name).load(conn)?;
    found.extend(called);
    let reached: Vec<Option<String>> = here().filter(users::email.among(names)).select(users::email.nullable()).load(conn)?;
    let signed_in: Vec<Option<String>> = here().filter(users::username.among(names)).select(users::username.nullable()).load(conn)?;
    found.extend(reached.into_iter().chain(signed_in).flatten());
    Ok(found)
}

/// Ids and names of the policies of each member.
pub type PoliciesOfMembers = HashMap<MemberId, Vec<(PolicyId, String)>>;

/// The policies attached to several members, by name. `None` for callers who may not see policies.
pub fn policies_of(conn: &mut Conn, scope: &Scope, ids: &[MemberId]) -> Result<Option<PoliciesOfMembers>, Fault> {
    if !scope.may(rights::POLICY_READ) {
        return Ok(None);
    }
    let rows: Vec<(MemberId, PolicyId, String)> = member_policies::table
        .inner_join(policies::table)
        .filter(member_policies::organization_id.eq(scope.organization))
        .filter(member_policies::member_id.among(ids))
        .order(policies::name_key)
        .select((member_policies::member_id, policies::id, policies::name))
        .load(conn)?;
    let mut by_member: HashMap<MemberId, Vec<(PolicyId, String)>> = HashMap::new();
    for (member, id, name) in rows {
        by_member.entry(member).or_default().push((id, name));
    }
    Ok(Some(by_member))
}

type TheseMembers = dsl::And<dsl::Eq<members::organization_id, OrganizationId>, IsAmong<members::id, MemberId>>;

fn these(organization: OrganizationId, ids: &[MemberId]) -> TheseMembers {
    members::organization_id.eq(organization).and(members::id.among(ids.iter().copied()))
}

/// Groups members by sort key, made from their names in order; a member without names gets the empty key. Many members
/// share few keys, so that few statements refresh them.
pub(super) fn by_key(ids: &[MemberId], names: Vec<(MemberId, String)>) -> BTreeMap<String, Vec<MemberId>> {
    let mut keys: HashMap<MemberId, Vec<String>> = ids.iter().map(|id| (*id, vec![])).collect();
    for (id, name) in names {
        keys.entry(id).or_default().push(name);
    }
    let mut all: BTreeMap<String, Vec<MemberId>> = BTreeMap::new();
    for (id, names) in keys {
        all.entry(names.join(", ")).or_default().push(id);
    }
    all
}

/// Refreshes the keys that lists use to sort by team.
pub fn refresh_team_keys(tx: &mut Tx<'_>, organization: OrganizationId, ids: &[MemberId]) -> Result<(), Fault> {
    let names: Vec<(MemberId, String)> = team_members::table
        .inner_join(teams::table)
        .filter(team_members::organization_id.eq(organization))
        .filter(team_members::member_id.among(ids))
        .order(teams::name_key)
        .select((team_members::member_id, teams::name_key))
        .load(tx.conn())?;
    for (key, ids) in by_key(ids, names) {
        diesel::update(members::table.filter(these(organization, &ids)))
            .set(members::team_key.eq(key))
            .execute(tx.conn())?;
    }
    Ok(())
}
