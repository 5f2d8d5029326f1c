//! Queries of `teams`, one function per statement.

use super::model::{Team, TeamMember};
use crate::{
    db::{
        Among, Conn, MultiBackend, Tx,
        keyset::{KeyCursor, Page, Window},
        query::{Direction, beyond},
        schema::{members, team_members, teams, users},
        search::member_search,
    },
    kit::{Fault, MemberId, MemberKind, MemberStatus, OrganizationId, Scope, TeamId, Timestamp, fold, rights, search::Sought},
    members::assignment_counts,
};
use diesel::{
    dsl::{exists, not},
    prelude::*,
};
use std::collections::HashMap;

/// A team of this organization.
///
/// # Errors
/// [`Fault::Missing`].
pub fn find(conn: &mut Conn, organization: OrganizationId, id: TeamId) -> Result<Team, Fault> {
    let row = teams::table.filter(teams::organization_id.eq(organization)).filter(teams::id.eq(id));
    Ok(row.select(Team::columns()).first(conn)?)
}

/// Another team whose name looks the same.
pub fn find_by_name(conn: &mut Conn, organization: OrganizationId, name: &str, except: Option<TeamId>) -> Result<Option<Team>, Fault> {
    let row = teams::table
        .filter(teams::organization_id.eq(organization))
        .filter(teams::name_key.eq(fold::list_key(name)));
    let found: Option<Team> = row.select(Team::columns()).first(conn).optional()?;
    Ok(found.filter(|team| Some(team.id) != except))
}

/// Inserts a team. The caller must check who may create one.
pub fn insert(tx: &mut Tx<'_>, organization: OrganizationId, name: &str, description: &str, now: Timestamp) -> Result<TeamId, Fault> {
    let id = TeamId::new(now);
    diesel::insert_into(teams::table)
        .values((
            teams::id.eq(id),
            teams::organization_id.eq(organization),
            teams::name.eq(name),
            teams::name_key.eq(fold::list_key(name)),
            teams::description.eq(description),
            teams::created_at.eq(now),
        ))
        .execute(tx.conn())?;
    Ok(id)
}

pub fn update(tx: &mut Tx<'_>, organization: OrganizationId, id: TeamId, name: &str, description: &str) -> Result<(), Fault> {
    let row = teams::table.filter(teams::organization_id.eq(organization)).filter(teams::id.eq(id));
    let set = (
        teams::name.eq(name),
        teams::name_key.eq(fold::list_key(name)),
        teams::description.eq(description),
        teams::version.eq(teams::version + 1),
    );
    diesel::update(row).set(set).execute(tx.conn())?;
    Ok(())
}

/// Makes this team the default in forms; `None` clears the default.
pub fn set_default(tx: &mut Tx<'_>, organization: OrganizationId, id: Option<TeamId>) -> Result<(), Fault> {
    let all = teams::table.filter(teams::organization_id.eq(organization));
    diesel::update(all.filter(teams::is_default.eq(true)))
        .set(teams::is_default.eq(false))
        .execute(tx.conn())?;
    if let Some(id) = id {
        diesel::update(all.filter(teams::id.eq(id))).set(teams::is_default.eq(true)).execute(tx.conn())?;
    }
    Ok(())
}

pub fn delete(tx: &mut Tx<'_>, organization: OrganizationId, id: TeamId) -> Result<(), Fault> {
    let row = teams::table.filter(teams::organization_id.eq(organization)).filter(teams::id.eq(id));
    diesel::delete(row).execute(tx.conn())?;
    Ok(())
}

/// The teams that match the search text. Scans the index of names, because an organization has at most hundreds of
/// teams.
fn matching(scope: &Scope, search: &str) -> teams::BoxedQuery<'static, MultiBackend> {
    let mut rows = teams::table.filter(teams::organization_id.eq(scope.organization)).into_boxed();
    for word in fold::searchable(search).split_whitespace() {
        rows = rows.filter(teams::name_key.like(contains(word)).escape('!'));
    }
    rows
}

/// One page of the teams that match the search text, by name.
pub fn page(conn: &mut Conn, scope: &Scope, search: &str, window: &Window<KeyCursor<TeamId>>, size: i64) -> Result<Page<Team>, Fault> {
    let mut rows = matching(scope, search);
    let direction = window.direction(Direction::Ascending);
    if let Some(KeyCursor(key, id)) = window.cursor() {
        rows = rows.filter(beyond((teams::name_key, teams::id), (key.clone(), *id), direction));
    }
    let rows = match direction {
        Direction::Ascending => rows.order((teams::name_key.asc(), teams::id.asc())),
        Direction::Descending => rows.order((teams::name_key.desc(), teams::id.desc())),
    };
    Ok(window.page(rows.select(Team::columns()).limit(size + 1).load(conn)?, size))
}

/// How many teams match the search text.
pub fn count(conn: &mut Conn, scope: &Scope, search: &str) -> Result<i64, Fault> {
    Ok(matching(scope, search).count().get_result(conn)?)
}

fn contains(needle: &str) -> String {
    let escaped: String = needle
        .chars()
        .flat_map(|c| matches!(c, '%' | '_' | '!').then_some('!').into_iter().chain([c]))
        .collect();
    format!("%{escaped}%")
}

/// How many members a team has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Headcount {
    pub people: i64,
    /// The disabled ones among the people.
    pub disabled_people: i64,
    pub system_accounts: i64,
}

impl Headcount {
    pub fn all(self) -> i64 {
        self.people + self.system_accounts
    }
}

/// The members of each of these teams in numbers; a team without members may be absent.
pub fn headcounts(conn: &mut Conn, scope: &Scope, ids: &[TeamId]) -> Result<HashMap<TeamId, Headcount>, Fault> {
    let mut counts: HashMap<TeamId, Headcount> = HashMap::new();
    for (id, kind, status, many) in assignment_counts(conn, scope, Some(ids))? {
        let count = counts.entry(id).or_default();
        match kind {
            MemberKind::SystemAccount => count.system_accounts += many,
            MemberKind::User => {
                count.people += many;
                if status == MemberStatus::Disabled {
                    count.disabled_people += many;
                }
            }
        }
    }
    Ok(counts)
}

/// The administrators of these teams, by name.
pub fn administrators(conn: &mut Conn, scope: &Scope, ids: &[TeamId]) -> Result<HashMap<TeamId, Vec<(MemberId, String)>>, Fault> {
    let rows: Vec<(TeamId, MemberId, String)> = team_members::table
        .inner_join(members::table)
        .filter(team_members::organization_id.eq(scope.organization))
        .filter(team_members::team_id.among(ids))
        .filter(team_members::is_administrator)
        .order((members::name_key, members::id))
        .select((team_members::team_id, members::id, members::name))
        .load(conn)?;
    let mut all: HashMap<TeamId, Vec<(MemberId, String)>> = HashMap::new();
    for (team, id, name) in rows {
        all.entry(team).or_default().push((id, name));
    }
    Ok(all)
}

/// The edge row of a page of members, if that member still exists.
fn edge(conn: &mut Conn, scope: &Scope, id: MemberId) -> Result<Option<(String, MemberId)>, Fault> {
    Ok(members::table
        .filter(members::organization_id.eq(scope.organization))
        .filter(members::id.eq(id))
        .select((members::name_key, members::id))
        .first(conn)
        .optional()?)
}

/// The members of a team by name. Loads the team and then sorts it. The page links to the directory, which can list all
/// members in order.
pub fn team_members(
    conn: &mut Conn,
    scope: &Scope,
    team: TeamId,
    search: &str,
    window: Window<MemberId>,
    size: i64,
) -> Result<Page<TeamMember>, Fault> {
    let mut rows = team_members::table
        .inner_join(members::table.left_join(users::table))
        .filter(team_members::organization_id.eq(scope.organization))
        .filter(team_members::team_id.eq(team))
        .into_boxed();
    if !scope.may(rights::USER_READ) {
        // Only names: a search that finds emails would tell them.
        for word in fold::searchable(search).split_whitespace() {
            rows = rows.filter(members::name_key.like(contains(word)).escape('!'));
        }
    } else if let Some(sought) = Sought::read(search) {
        rows = rows.filter(member_search(&sought, false));
    }
    let direction = window.direction(Direction::Ascending);
    if let Some(id) = window.cursor()
        && let Some(edge) = edge(conn, scope, *id)?
    {
        rows = rows.filter(beyond((members::name_key, members::id), edge, direction));
    }
    let rows = match direction {
        Direction::Ascending => rows.order((members::name_key.asc(), members::id.asc())),
        Direction::Descending => rows.order((members::name_key.desc(), members::id.desc())),
    };
    let found: Vec<(MemberId, MemberKind, String, MemberStatus, Option<String>, bool)> = rows
        .select((
            members::id,
            members::kind,
            members::name,
            members::status,
            users::email.nullable(),
            team_members::is_administrator,
        ))
        .limit(size + 1)
        .load(conn)?;
    Ok(window.page(found, size).map(|row| TeamMember::from(row).seen_by(scope)))
}

/// Members of a kind who could join a team.
#[diesel::dsl::auto_type]
fn outside(organization: OrganizationId, team: TeamId, kind: MemberKind) -> _ {
    let inside = team_members::table
        .filter(team_members::organization_id.eq(organization))
        .filter(team_members::team_id.eq(team))
        .filter(team_members::member_id.eq(members::id));
    members::table
        .left_join(users::table)
        .filter(members::organization_id.eq(organization))
        .filter(members::kind.eq(kind))
        .filter(members::is_current.eq(true))
        .filter(not(exists(inside)))
}

type CandidateRow = (MemberId, MemberKind, String, MemberStatus, Option<String>);

fn candidate((id, kind, name, status, email): CandidateRow) -> TeamMember {
    TeamMember::from((id, kind, name, status, email, false))
}

/// The first members who could join a team: current members of that kind who are not in it, by name.
pub fn candidates(
    conn: &mut Conn,
    scope: &Scope,
    team: TeamId,
    kind: MemberKind,
    search: &str,
    size: i64,
) -> Result<Page<TeamMember>, Fault> {
    let mut rows = outside(scope.organization, team, kind).into_boxed();
    if let Some(sought) = Sought::read(search) {
        rows = rows.filter(member_search(&sought, true));
    }
    let found: Vec<CandidateRow> = rows
        .order((members::name_key, members::id))
        .select((members::id, members::kind, members::name, members::status, users::email.nullable()))
        .limit(size + 1)
        .load(conn)?;
    Ok(Window::<MemberId>::First.page(found, size).map(candidate))
}

/// Those of these members who could join a team.
pub fn chosen(conn: &mut Conn, scope: &Scope, team: TeamId, kind: MemberKind, ids: &[MemberId]) -> Result<Vec<TeamMember>, Fault> {
    if ids.is_empty() {
        return Ok(vec![]);
    }
    let found: Vec<CandidateRow> = outside(scope.organization, team, kind)
        .filter(members::id.among(ids))
        .order((members::name_key, members::id))
        .select((members::id, members::kind, members::name, members::status, users::email.nullable()))
        .load(conn)?;
    Ok(found.into_iter().map(candidate).collect())
}
