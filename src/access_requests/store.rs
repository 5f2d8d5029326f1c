//! Queries of requests.

use super::{
    decidable::Decidable,
    model::{AccessRequest, Asked, AskedKind, NewRequest, RequestState, oldest_open},
};
use crate::{
    db::{
        Among, Conn, MultiBackend, Tx,
        keyset::{Page, Window},
        query::{Direction, per_row},
        schema::{access_requests, member_roles, members, roles, team_members, teams, users},
    },
    kit::{AccessRequestId, Fault, MemberId, MemberStatus, Scope, SubjectId, TeamId, Timestamp, email::Email},
    roles::in_force,
};
use diesel::{
    dsl::{exists, not},
    prelude::*,
};
use std::collections::{HashMap, HashSet};

/// The most team administrators who get a letter.
const MOST_LETTERS: i64 = 20;
/// The most requests that lapse in one transaction.
const AT_ONCE: i64 = 200;

/// # Errors
/// [`Fault::Missing`] if there is none among these requests.
pub(super) fn find(conn: &mut Conn, scope: &Scope, whose: &Decidable, id: AccessRequestId) -> Result<AccessRequest, Fault> {
    let mut row = access_requests::table
        .filter(access_requests::organization_id.eq(scope.organization))
        .filter(access_requests::id.eq(id))
        .select(AccessRequest::as_select())
        .into_boxed::<MultiBackend>();
    if let Some(condition) = whose.condition() {
        row = row.filter(condition);
    }
    Ok(row.first(conn)?)
}

/// What is asked for by those of these requests that there are.
pub(super) fn asked_by(conn: &mut Conn, scope: &Scope, whose: &Decidable, ids: &HashSet<AccessRequestId>) -> Result<Vec<Asked>, Fault> {
    let mut rows = access_requests::table
        .filter(access_requests::organization_id.eq(scope.organization))
        .filter(access_requests::id.among(ids))
        .select((access_requests::kind, access_requests::subject_id))
        .into_boxed::<MultiBackend>();
    if let Some(condition) = whose.condition() {
        rows = rows.filter(condition);
    }
    let rows: Vec<(AskedKind, SubjectId)> = rows.load(conn)?;
    Ok(rows.into_iter().map(|(kind, id)| Asked::of(kind, id)).collect())
}

/// The requests of a list, the newest first.
pub(super) fn page(
    conn: &mut Conn,
    scope: &Scope,
    whose: &Decidable,
    state: Option<RequestState>,
    window: &Window<AccessRequestId>,
    size: i64,
) -> Result<Page<AccessRequest>, Fault> {
    let mut rows = access_requests::table
        .filter(access_requests::organization_id.eq(scope.organization))
        .select(AccessRequest::as_select())
        .limit(size + 1)
        .into_boxed::<MultiBackend>();
    if let Some(state) = state {
        rows = rows.filter(access_requests::state.eq(state));
    }
    if let Some(condition) = whose.condition() {
        rows = rows.filter(condition);
    }
    let direction = window.direction(Direction::Descending);
    if let Some(cursor) = window.cursor() {
        rows = match direction {
            Direction::Ascending => rows.filter(access_requests::id.gt(*cursor)),
            Direction::Descending => rows.filter(access_requests::id.lt(*cursor)),
        };
    }
    rows = match direction {
        Direction::Ascending => rows.order(access_requests::id.asc()),
        Direction::Descending => rows.order(access_requests::id.desc()),
    };
    Ok(window.page(rows.load(conn)?, size))
}

/// The open requests of a member.
pub(super) fn open_of(conn: &mut Conn, scope: &Scope, member: MemberId) -> Result<Vec<SubjectId>, Fault> {
    let rows = access_requests::table
        .filter(access_requests::organization_id.eq(scope.organization))
        .filter(access_requests::member_id.eq(member))
        .filter(access_requests::state.eq(RequestState::Open));
    Ok(rows.select(access_requests::subject_id).load(conn)?)
}

pub(super) fn insert(tx: &mut Tx<'_>, scope: &Scope, member: MemberId, wanted: &NewRequest, name: &str) -> Result<AccessRequestId, Fault> {
    let id = AccessRequestId::new(scope.now());
    diesel::insert_into(access_requests::table)
        .values((
            access_requests::organization_id.eq(scope.organization),
            access_requests::id.eq(id),
            access_requests::member_id.eq(member),
            access_requests::kind.eq(wanted.asked.kind()),
            access_requests::subject_id.eq(wanted.asked.subject()),
            access_requests::subject_name.eq(name),
            access_requests::until_at.eq(wanted.until),
            access_requests::reason.eq(&wanted.reason),
            access_requests::ticket.eq(&wanted.ticket),
            access_requests::state.eq(RequestState::Open),
            access_requests::created_at.eq(scope.now()),
            access_requests::answer.eq(""),
        ))
        .execute(tx.conn())?;
    Ok(id)
}

/// How an open request is closed.
pub(super) struct Closing<'a> {
    pub state: RequestState,
    pub answer: &'a str,
    pub granted_until: Option<Timestamp>,
    pub leaves_at: Option<Timestamp>,
}

/// Closes a request. Returns whether it was still open.
pub(super) fn close(tx: &mut Tx<'_>, scope: &Scope, id: AccessRequestId, closing: &Closing<'_>) -> Result<bool, Fault> {
    let row = access_requests::table.find((scope.organization, id));
    let closed = diesel::update(row.filter(access_requests::state.eq(RequestState::Open)))
        .set((
            access_requests::state.eq(closing.state),
            access_requests::closed_at.eq(Some(scope.now())),
            access_requests::closed_by.eq(scope.actor.member_id()),
            access_requests::answer.eq(closing.answer),
            access_requests::granted_until_at.eq(closing.granted_until),
            access_requests::leaves_at.eq(closing.leaves_at),
        ))
        .execute(tx.conn())?;
    Ok(closed > 0)
}

/// What is known of members, to show and judge their requests.
#[derive(Default)]
pub(super) struct KnownMember {
    pub name: String,
    pub is_active: bool,
    pub email: Option<String>,
}

pub(super) fn members_of(conn: &mut Conn, scope: &Scope, ids: &[MemberId]) -> Result<HashMap<MemberId, KnownMember>, Fault> {
    let rows: Vec<(MemberId, String, MemberStatus, Option<String>)> = members::table
        .left_join(users::table)
        .filter(members::organization_id.eq(scope.organization))
        .filter(members::id.among(ids))
        .select((members::id, members::name, members::status, users::email.nullable()))
        .load(conn)?;
    let known = |(id, name, status, email)| (id, KnownMember { name, is_active: status == MemberStatus::Active, email });
    Ok(rows.into_iter().map(known).collect())
}

/// The present names of these roles and teams.
pub(super) fn names(conn: &mut Conn, scope: &Scope, ids: &[SubjectId]) -> Result<HashMap<SubjectId, String>, Fault> {
    let mut all: Vec<(SubjectId, String)> = roles::table
        .filter(roles::organization_id.eq(scope.organization))
        .filter(roles::id.among(ids))
        .select((roles::id, roles::name))
        .load(conn)?;
    let of_teams: Vec<(SubjectId, String)> = teams::table
        .filter(teams::organization_id.eq(scope.organization))
        .filter(teams::id.among(ids))
        .select((teams::id, teams::name))
        .load(conn)?;
    all.extend(of_teams);
    Ok(all.into_iter().collect())
}

/// Which of these members have which role by themselves, each with its end.
pub(super) fn roles_of(
    conn: &mut Conn,
    scope: &Scope,
    ids: &[MemberId],
) -> Result<HashMap<(MemberId, SubjectId), Option<Timestamp>>, Fault> {
    let rows: Vec<(MemberId, SubjectId, Option<Timestamp>)> = member_roles::table
        .filter(member_roles::organization_id.eq(scope.organization))
        .filter(member_roles::member_id.among(ids))
        .filter(in_force!(member_roles::until_at, scope.now()))
        .select((member_roles::member_id, member_roles::role_id, member_roles::until_at))
        .load(conn)?;
    Ok(rows.into_iter().map(|(member, role, until)| ((member, role), until)).collect())
}

/// Which of these members are in which team.
pub(super) fn teams_of(conn: &mut Conn, scope: &Scope, ids: &[MemberId]) -> Result<HashSet<(MemberId, SubjectId)>, Fault> {
    let rows: Vec<(MemberId, SubjectId)> = team_members::table
        .filter(team_members::organization_id.eq(scope.organization))
        .filter(team_members::member_id.among(ids))
        .select((team_members::member_id, team_members::team_id))
        .load(conn)?;
    Ok(rows.into_iter().collect())
}

/// The addresses of the active administrators of a team.
pub(super) fn team_administrators(conn: &mut Conn, scope: &Scope, team: TeamId) -> Result<Vec<Email>, Fault> {
    let rows: Vec<String> = team_members::table
        .inner_join(members::table.inner_join(users::table))
        .filter(team_members::organization_id.eq(scope.organization))
        .filter(team_members::team_id.eq(team))
        .filter(team_members::is_administrator.eq(true))
        .filter(members::status.eq(MemberStatus::Active))
        .order(members::id)
        .limit(MOST_LETTERS)
        .select(users::email)
        .load(conn)?;
    rows.iter().map(|email| Email::parse(email).map_err(Fault::broken)).collect()
}

/// Open requests, in any organization, that nobody decides any more: some of them.
pub(super) fn lapsing(conn: &mut Conn, now: Timestamp) -> Result<Vec<AccessRequest>, Fault> {
    let is_active = members::table
        .filter(members::organization_id.eq(access_requests::organization_id))
        .filter(members::id.eq(access_requests::member_id))
        .filter(members::status.eq(MemberStatus::Active));
    let role = roles::table
        .filter(roles::organization_id.eq(access_requests::organization_id))
        .filter(roles::id.eq(access_requests::subject_id));
    let team = teams::table
        .filter(teams::organization_id.eq(access_requests::organization_id))
        .filter(teams::id.eq(access_requests::subject_id));
    let has_role = member_roles::table
        .filter(member_roles::organization_id.eq(access_requests::organization_id))
        .filter(member_roles::member_id.eq(access_requests::member_id))
        .filter(member_roles::role_id.eq(access_requests::subject_id))
        .filter(in_force!(member_roles::until_at, now))
        .filter(
            member_roles::until_at
                .is_null()
                .or(member_roles::until_at.ge(access_requests::until_at))
                .assume_not_null(),
        );
    let is_in_team = team_members::table
        .filter(team_members::organization_id.eq(access_requests::organization_id))
        .filter(team_members::member_id.eq(access_requests::member_id))
        .filter(team_members::team_id.eq(access_requests::subject_id));
    let is_role = access_requests::kind.eq(AskedKind::Role);
    let is_over = access_requests::until_at
        .is_not_null()
        .and(access_requests::until_at.le(Some(now)).assume_not_null());
    let lapses = access_requests::created_at
        .lt(oldest_open(now))
        .or(is_over)
        .or(not(exists(is_active)))
        .or(not(exists(role)).and(not(exists(team))))
        .or(is_role.and(exists(has_role)))
        .or(exists(is_in_team));
    Ok(access_requests::table
        .filter(access_requests::state.eq(RequestState::Open))
        .filter(per_row(lapses))
        .order(access_requests::created_at)
        .limit(AT_ONCE)
        .select(AccessRequest::as_select())
        .load(conn)?)
}

/// A request whose member leaves the granted team by now, in any organization.
pub(super) fn next_leaving(conn: &mut Conn, now: Timestamp) -> Result<Option<AccessRequest>, Fault> {
    Ok(access_requests::table
        .filter(access_requests::leaves_at.le(Some(now)))
        .order(access_requests::leaves_at)
        .select(AccessRequest::as_select())
        .first(conn)
        .optional()?)
}

/// Notes that the end was carried out. Returns whether nobody else did it before.
pub(super) fn note_end(tx: &mut Tx<'_>, request: &AccessRequest) -> Result<bool, Fault> {
    let row = access_requests::table.find((request.organization_id, request.id));
    let noted = diesel::update(row.filter(access_requests::leaves_at.is_not_null()))
        .set(access_requests::leaves_at.eq(None::<Timestamp>))
        .execute(tx.conn())?;
    Ok(noted > 0)
}
