//! Who has what a review is over, when it is opened.

use super::model::ReviewKind;
use crate::{
    db::{
        Among, Conn, Tx,
        schema::{access_review_lines, latest_changes, member_policies, member_roles, members, team_members, users},
    },
    each,
    kit::{AccessReviewId, Fault, MemberId, MemberKind, MemberStatus, PolicyId, RoleId, Scope, SubjectId, TeamId, Timestamp},
    members::giving_teams,
    policies,
    roles::{self, Predefined, in_force},
};
use diesel::prelude::*;
use std::collections::HashMap;

/// Lines in one statement.
const ROWS: usize = 500;

/// A member who has it.
#[derive(Clone, Debug)]
pub(super) struct Candidate {
    member: MemberId,
    kind: MemberKind,
    name: String,
    email: Option<String>,
    team: Option<(TeamId, String)>,
    since: Option<Timestamp>,
    ends: Option<Timestamp>,
}

type Row = (MemberId, MemberKind, String, Option<String>, Option<Timestamp>, Option<Timestamp>);

impl Candidate {
    fn of((member, kind, name, email, since, ends): Row) -> Self {
        Self { member, kind, name, email, team: None, since, ends }
    }
}

/// The name of the role, policy or team; empty for a review of another kind.
///
/// # Errors
/// [`Fault::Missing`].
pub(super) fn subject(conn: &mut Conn, scope: &Scope, kind: ReviewKind, id: Option<SubjectId>) -> Result<String, Fault> {
    let id = || id.ok_or(Fault::Missing);
    Ok(match kind {
        ReviewKind::Role => roles::find(conn, scope.organization, RoleId(id()?.0))?.name,
        ReviewKind::Policy => policies::find(conn, scope.organization, PolicyId(id()?.0))?.name,
        ReviewKind::Team => crate::teams::find(conn, scope.organization, TeamId(id()?.0))?.name,
        ReviewKind::Administrators | ReviewKind::SystemAccounts => String::new(),
    })
}

/// Everybody who has it now: those who have it by themselves by name, then those of each team that gives it.
pub(super) fn find(conn: &mut Conn, scope: &Scope, kind: ReviewKind, id: Option<SubjectId>) -> Result<Vec<Candidate>, Fault> {
    let id = id.unwrap_or(SubjectId(uuid::Uuid::nil()));
    match kind {
        ReviewKind::Role => {
            let role = RoleId(id.0);
            let mut all = holders_of_role(conn, scope, role)?;
            for (_, team) in giving_teams(conn, scope, Some(&[role]))? {
                all.extend(through(conn, scope, team.id, &team.name, team.until)?);
            }
            Ok(all)
        }
        ReviewKind::Policy => {
            let policy = PolicyId(id.0);
            let mut all = members_under(conn, scope, policy)?;
            for (_, team) in giving_teams(conn, scope, Some(&[policy]))? {
                all.extend(through(conn, scope, team.id, &team.name, team.until)?);
            }
            Ok(all)
        }
        ReviewKind::Team => members_of_team(conn, scope, TeamId(id.0)),
        ReviewKind::Administrators => {
            let role = roles::predefined(conn, scope.organization, Predefined::Administrator)?;
            holders_of_role(conn, scope, role)
        }
        ReviewKind::SystemAccounts => system_accounts(conn, scope),
    }
}

fn holders_of_role(conn: &mut Conn, scope: &Scope, role: RoleId) -> Result<Vec<Candidate>, Fault> {
    let rows = member_roles::table
        .inner_join(members::table.left_join(users::table))
        .filter(member_roles::organization_id.eq(scope.organization))
        .filter(member_roles::role_id.eq(role))
        .filter(in_force!(member_roles::until_at, scope.now()))
        .order((members::name_key, members::id))
        .select((
            members::id,
            members::kind,
            members::name,
            users::email.nullable(),
            member_roles::granted_at.nullable(),
            member_roles::until_at,
        ));
    Ok(rows.load::<Row>(conn)?.into_iter().map(Candidate::of).collect())
}

type Plain = (MemberId, MemberKind, String, Option<String>);

/// With the time of the latest change of what they have, which neither policies nor teams keep.
fn dated(conn: &mut Conn, scope: &Scope, subject: SubjectId, rows: Vec<Plain>) -> Result<Vec<Candidate>, Fault> {
    let mut all = Vec::with_capacity(rows.len());
    for some in rows.chunks(ROWS) {
        let known = latest_changes::table
            .filter(latest_changes::organization_id.eq(scope.organization))
            .filter(latest_changes::subject_id.eq(subject))
            .filter(latest_changes::member_id.among(some.iter().map(|row| row.0)))
            .select((latest_changes::member_id, latest_changes::changed_at));
        let since: HashMap<MemberId, Timestamp> = known.load(conn)?.into_iter().collect();
        let candidate =
            |(id, kind, name, email): &Plain| Candidate::of((*id, *kind, name.clone(), email.clone(), since.get(id).copied(), None));
        all.extend(some.iter().map(candidate));
    }
    Ok(all)
}

fn members_under(conn: &mut Conn, scope: &Scope, policy: PolicyId) -> Result<Vec<Candidate>, Fault> {
    let rows = member_policies::table
        .inner_join(members::table.left_join(users::table))
        .filter(member_policies::organization_id.eq(scope.organization))
        .filter(member_policies::policy_id.eq(policy))
        .order((members::name_key, members::id))
        .select((members::id, members::kind, members::name, users::email.nullable()));
    let rows = rows.load(conn)?;
    dated(conn, scope, SubjectId(policy.0), rows)
}

fn members_of_team(conn: &mut Conn, scope: &Scope, team: TeamId) -> Result<Vec<Candidate>, Fault> {
    let rows = team_members::table
        .inner_join(members::table.left_join(users::table))
        .filter(team_members::organization_id.eq(scope.organization))
        .filter(team_members::team_id.eq(team))
        .order((members::name_key, members::id))
        .select((members::id, members::kind, members::name, users::email.nullable()));
    let rows = rows.load(conn)?;
    dated(conn, scope, SubjectId(team.0), rows)
}

/// The members of a team that gives it until then.
fn through(conn: &mut Conn, scope: &Scope, team: TeamId, name: &str, until: Option<Timestamp>) -> Result<Vec<Candidate>, Fault> {
    let all = members_of_team(conn, scope, team)?.into_iter();
    Ok(all.map(|one| Candidate { team: Some((team, name.to_owned())), ends: until, ..one }).collect())
}

fn system_accounts(conn: &mut Conn, scope: &Scope) -> Result<Vec<Candidate>, Fault> {
    let rows = members::table
        .filter(members::organization_id.eq(scope.organization))
        .filter(members::kind.eq(MemberKind::SystemAccount))
        .filter(members::status.eq(MemberStatus::Active))
        .order((members::name_key, members::id))
        .select((members::id, members::kind, members::name, members::created_at));
    let rows: Vec<(MemberId, MemberKind, String, Timestamp)> = rows.load(conn)?;
    Ok(rows
        .into_iter()
        .map(|(id, kind, name, since)| Candidate::of((id, kind, name, None, Some(since), None)))
        .collect())
}

/// Writes the lines of a new review.
pub(super) fn write(tx: &mut Tx<'_>, scope: &Scope, review: AccessReviewId, all: &[Candidate]) -> Result<(), Fault> {
    let mut position = 0;
    for some in all.chunks(ROWS) {
        let row = |one: &Candidate| {
            position += 1;
            (
                access_review_lines::organization_id.eq(scope.organization),
                access_review_lines::review_id.eq(review),
                access_review_lines::position.eq(position),
                access_review_lines::member_id.eq(one.member),
                access_review_lines::kind.eq(one.kind),
                access_review_lines::name.eq(one.name.clone()),
                access_review_lines::email.eq(one.email.clone().unwrap_or_default()),
                access_review_lines::team_id.eq(one.team.as_ref().map(|(id, _)| *id)),
                access_review_lines::team.eq(one.team.as_ref().map(|(_, name)| name.clone()).unwrap_or_default()),
                access_review_lines::since_at.eq(one.since),
                access_review_lines::ends_at.eq(one.ends),
                access_review_lines::reason.eq(""),
                access_review_lines::decided_by_name.eq(""),
                access_review_lines::version.eq(0_i64),
                access_review_lines::note.eq(""),
            )
        };
        let rows: Vec<_> = some.iter().map(row).collect();
        each!(tx.conn(), c => diesel::insert_into(access_review_lines::table).values(&rows).execute(c))?;
    }
    Ok(())
}
