//! What lists and profiles show besides the member itself. Runs one query per kind of data, never one per row.

use super::{
    changes::{Authority, WhyNot, why_not},
    model::Member,
    role_summaries::{Granted, held, policies_held},
    second_steps::second_factors_of,
};
use crate::{
    db::{
        Among, Conn,
        schema::{invitations, members, outbox, team_members, teams, tokens, users},
    },
    kit::{Fault, InvitationId, MemberId, MemberStatus, Scope, TeamId, Timestamp, UserId, rights},
    mail::LetterState,
    own_fields,
};
use chrono::TimeDelta;
use diesel::prelude::*;
use std::collections::{HashMap, HashSet};

/// A row of the directory.
#[derive(Clone, Debug)]
pub struct Row {
    pub member: Member,
    pub email: String,
    pub username: String,
    /// Those assigned to them, then those of their teams.
    pub roles: Vec<Granted>,
    pub teams: Vec<String>,
    /// The policies of a member, their own and those of their teams, for callers who may see policies.
    pub policies: Vec<String>,
    /// Whether they have a second factor; unknown to callers who do not manage people.
    pub has_two_step: Option<bool>,
    pub invitation: Option<Pending>,
    /// Who disabled them.
    pub status_by: Option<String>,
    /// Who created this system account.
    pub created_by: Option<String>,
    pub is_me: bool,
    /// The caller may manage or run this member.
    pub may_run: bool,
    /// Only for system accounts.
    pub tokens: Tokens,
    /// The values of the organization's own fields, whether or not the caller sees the field.
    pub own: own_fields::Values,
}

/// A summary of a system account's API tokens for its row.
#[derive(Clone, Debug, Default)]
pub struct Tokens {
    /// How many tokens are usable.
    pub live: usize,
    /// The earliest expiry among the tokens that expire.
    pub ends: Option<Timestamp>,
    /// When a token was last used, and from where.
    pub used_from: Option<(Timestamp, String)>,
}

/// Lists mark a token that expires within this time.
pub const SOON: TimeDelta = TimeDelta::days(7);

impl Tokens {
    /// Whether a token expires soon.
    pub fn is_ending(&self, now: &Timestamp) -> bool {
        self.ends.is_some_and(|ends| ends <= *now + SOON)
    }
}

/// A team that a member is in.
#[derive(Clone, Debug)]
pub struct InTeam {
    pub id: TeamId,
    pub name: String,
    pub is_administrator: bool,
}

/// How an invitation was sent, and its current state.
#[derive(Clone, Debug)]
pub struct Pending {
    pub id: InvitationId,
    pub invited_by: Option<String>,
    pub sent_at: Timestamp,
    pub expires_at: Timestamp,
    pub void_reason: Option<String>,
    pub letter: Option<LetterState>,
    pub letter_error: Option<String>,
    /// Only callers who may invite see whether the letter was delivered.
    shows_delivery: bool,
}

impl Pending {
    pub fn has_expired(&self, now: &Timestamp) -> bool {
        self.expires_at <= *now
    }
    /// The delivery state of the letter, in a few words. Empty for callers who may not invite.
    pub fn delivery(&self) -> String {
        if !self.shows_delivery {
            return String::new();
        }
        match (self.letter, &self.letter_error) {
            (Some(LetterState::Waiting), None) => "mail waiting".into(),
            (Some(LetterState::Waiting), Some(_)) => "mail waiting, will be tried again".into(),
            (Some(LetterState::Sent), _) => "mail sent".into(),
            (Some(LetterState::Filed), _) => "mail written to a file".into(),
            (Some(LetterState::Failed), _) => "mail failed".into(),
            (Some(LetterState::Withdrawn) | None, _) => "no mail; link copied".into(),
        }
    }
    pub fn has_mail_trouble(&self) -> bool {
        self.letter_error.is_some() || self.letter == Some(LetterState::Failed)
    }
}

/// Why an invitation is void before anybody has tried to accept it.
const SENDER_DISABLED: &str = "The person who sent it is disabled. Send it again as your own.";

/// What a row can tell besides the member, their address, an open invitation and whether the caller may run them. Each is
/// one query more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Aspect {
    Roles,
    Teams,
    Policies,
    TwoStep,
    /// Invitations that were accepted too.
    Invitations,
    /// Who set the status of the disabled, and who created system accounts.
    UsualActors,
    /// Who set the status of each, and who created them.
    Actors,
    Tokens,
    /// The values of the organization's own fields.
    Own,
}

impl Aspect {
    /// What a profile shows, and what a file of system accounts holds.
    pub const USUAL: [Self; 4] = [Self::Roles, Self::Teams, Self::UsualActors, Self::Tokens];
}

/// Loads roles, teams, email and invitation for each of these members (one query per kind, not per row).
pub fn load_rows(conn: &mut Conn, scope: &Scope, members: Vec<Member>) -> Result<Vec<Row>, Fault> {
    load_rows_with(conn, scope, members, &Aspect::USUAL)
}

/// [`load_rows`] with what the columns of a list show, and no more.
pub fn load_rows_with(conn: &mut Conn, scope: &Scope, members: Vec<Member>, aspects: &[Aspect]) -> Result<Vec<Row>, Fault> {
    let ids: Vec<MemberId> = members.iter().map(|member| member.id).collect();
    let shows = |aspect: Aspect| aspects.contains(&aspect);
    let mut names = names_of_users(conn, &members)?;
    let mut roles = loaded(shows(Aspect::Roles), || held(conn, scope, &ids))?;
    let mut teams = loaded(shows(Aspect::Teams), || teams_of(conn, scope, &ids))?;
    let mut policies = loaded(shows(Aspect::Policies), || policies_held(conn, scope, &ids))?;
    let factors = loaded(shows(Aspect::TwoStep), || second_factors_of(conn, scope, &members))?;
    let is_open = |member: &&Member| shows(Aspect::Invitations) || member.status == MemberStatus::Invited;
    let invited: Vec<MemberId> = members.iter().filter(is_open).map(|member| member.id).collect();
    let mut invitations = pending(conn, scope, &invited)?;
    let told = members.iter().flat_map(|member| told_actors(member, aspects)).flatten();
    let actors = actors(conn, scope, &told.collect())?;
    let covered = match members.first() {
        Some(first) => Authority::of(conn, scope, first.kind)?.covered(conn, scope, &ids)?,
        None => HashSet::new(),
    };
    let has_tokens = shows(Aspect::Tokens) && members.first().is_some_and(|first| first.kind.is_machine());
    let mut tokens = loaded(has_tokens, || tokens_of(conn, scope, &ids))?;
    let mut own = loaded(shows(Aspect::Own), || {
        let fields = own_fields::list(conn, scope.organization)?;
        own_fields::of_members(conn, scope.organization, &fields, &ids)
    })?;
    let name_of = |by: Option<MemberId>| by.and_then(|by| Some(actors.get(&by)?.0.clone()));
    let row = |member: Member| {
        let (email, username) = member.user_id.and_then(|user| names.remove(&user)).unwrap_or_default();
        Row {
            tokens: tokens.remove(&member.id).unwrap_or_default(),
            own: own.remove(&member.id).unwrap_or_default(),
            may_run: covered.contains(&member.id),
            roles: roles.remove(&member.id).unwrap_or_default(),
            teams: teams.remove(&member.id).into_iter().flatten().map(|team| team.name).collect(),
            policies: policies.remove(&member.id).unwrap_or_default().into_iter().collect(),
            has_two_step: factors.get(&member.id).copied(),
            invitation: invitations.remove(&member.id),
            status_by: name_of(member.status_by),
            created_by: name_of(member.created_by),
            is_me: scope.is_me(member.id),
            email,
            username,
            member,
        }
    };
    Ok(members.into_iter().map(row).collect())
}

/// What is shown, and nothing of what is not.
fn loaded<T>(is_shown: bool, load: impl FnOnce() -> Result<HashMap<MemberId, T>, Fault>) -> Result<HashMap<MemberId, T>, Fault> {
    if is_shown { load() } else { Ok(HashMap::new()) }
}

/// Who is told beside a member: who set their status, and who created them.
fn told_actors(member: &Member, aspects: &[Aspect]) -> [Option<MemberId>; 2] {
    let (all, usual) = (aspects.contains(&Aspect::Actors), aspects.contains(&Aspect::UsualActors));
    [
        member.status_by.filter(|_| all || (usual && member.status == MemberStatus::Disabled)),
        member.created_by.filter(|_| all || (usual && member.kind.is_machine())),
    ]
}

/// Why some changes to the member of a row are refused, if the caller may manage or run it. It takes many queries, so lists
/// do not ask.
pub fn why_not_of(conn: &mut Conn, scope: &Scope, row: &Row) -> Result<WhyNot, Fault> {
    if !row.may_run {
        return Ok(WhyNot::default());
    }
    let mut refusals = why_not(conn, scope, row.member.kind, &[row.member.id])?;
    Ok(refusals.remove(&row.member.id).unwrap_or_default())
}

pub(super) fn tokens_of(conn: &mut Conn, scope: &Scope, ids: &[MemberId]) -> Result<HashMap<MemberId, Tokens>, Fault> {
    type Line = (MemberId, Option<Timestamp>, Option<Timestamp>, String);
    let is_live = tokens::expires_at.is_null().or(tokens::expires_at.gt(Some(scope.now())));
    let rows: Vec<Line> = tokens::table
        .filter(tokens::organization_id.eq(scope.organization))
        .filter(tokens::member_id.among(ids))
        .filter(tokens::revoked_at.is_null())
        .filter(is_live.assume_not_null())
        .select((tokens::member_id, tokens::expires_at, tokens::last_used_at, tokens::last_used_address))
        .load(conn)?;
    let mut by_member: HashMap<MemberId, Tokens> = HashMap::new();
    for (member, ends, used, from) in rows {
        let known = by_member.entry(member).or_default();
        known.live += 1;
        known.ends = [known.ends, ends].into_iter().flatten().min();
        let used = used.filter(|_| !from.is_empty()).map(|at| (at, from));
        known.used_from = known.used_from.take().max(used);
    }
    Ok(by_member)
}

/// Addresses and usernames.
fn names_of_users(conn: &mut Conn, members: &[Member]) -> Result<HashMap<UserId, (String, String)>, Fault> {
    let ids: Vec<UserId> = members.iter().filter_map(|member| member.user_id).collect();
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let rows = users::table.filter(users::id.among(ids));
    let rows: Vec<(UserId, String, String)> = rows.select((users::id, users::email, users::username)).load(conn)?;
    Ok(rows.into_iter().map(|(id, email, username)| (id, (email, username))).collect())
}

/// The teams of these members, by name.
pub fn teams_of(conn: &mut Conn, scope: &Scope, ids: &[MemberId]) -> Result<HashMap<MemberId, Vec<InTeam>>, Fault> {
    let rows: Vec<(MemberId, TeamId, String, bool)> = team_members::table
        .inner_join(teams::table)
        .filter(team_members::organization_id.eq(scope.organization))
        .filter(team_members::member_id.among(ids))
        .order(teams::name_key)
        .select((team_members::member_id, teams::id, teams::name, team_members::is_administrator))
        .load(conn)?;
    let mut by_member: HashMap<MemberId, Vec<InTeam>> = HashMap::new();
    for (member, id, name, is_administrator) in rows {
        by_member.entry(member).or_default().push(InTeam { id, name, is_administrator });
    }
    Ok(by_member)
}

/// Names of members who did something, and whether each is disabled: an invitation is void while its sender is disabled.
fn actors(conn: &mut Conn, scope: &Scope, ids: &HashSet<MemberId>) -> Result<HashMap<MemberId, (String, bool)>, Fault> {
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let rows: Vec<(MemberId, String, MemberStatus)> = members::table
        .filter(members::organization_id.eq(scope.organization))
        .filter(members::id.among(ids))
        .select((members::id, members::name, members::status))
        .load(conn)?;
    let actor = |(id, name, status)| (id, (name, status == MemberStatus::Disabled));
    Ok(rows.into_iter().map(actor).collect())
}

/// The invitations of these members, with the state of each letter for callers who may invite.
pub fn pending(conn: &mut Conn, scope: &Scope, ids: &[MemberId]) -> Result<HashMap<MemberId, Pending>, Fault> {
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    type Line = (
        MemberId,
        InvitationId,
        Option<MemberId>,
        Timestamp,
        Timestamp,
        Option<String>,
        Option<(LetterState, Option<String>)>,
    );
    let rows: Vec<Line> = invitations::table
        .left_join(outbox::table)
        .filter(invitations::organization_id.eq(scope.organization))
        .filter(invitations::member_id.among(ids))
        .select((
            invitations::member_id,
            invitations::id,
            invitations::invited_by,
            invitations::sent_at,
            invitations::expires_at,
            invitations::void_reason,
            (outbox::state, outbox::last_error).nullable(),
        ))
        .load(conn)?;
    let senders = actors(conn, scope, &rows.iter().filter_map(|row| row.2).collect())?;
    let shows_delivery = scope.may_over_teams(rights::USER_INVITE);
    let read = |(member, id, by, sent_at, expires_at, void_reason, letter): Line| {
        let letter = letter.filter(|_| shows_delivery);
        let (letter, letter_error) = letter.map_or((None, None), |(state, error)| (Some(state), error));
        let sender = by.and_then(|by| senders.get(&by).cloned());
        let void_reason = void_reason.or_else(|| sender.as_ref().filter(|(_, is_off)| *is_off).map(|_| SENDER_DISABLED.to_owned()));
        let invited_by = sender.map(|(name, _)| name);
        (
            member,
            Pending {
                id,
                invited_by,
                sent_at,
                expires_at,
                void_reason,
                letter,
                letter_error,
                shows_delivery,
            },
        )
    };
    Ok(rows.into_iter().map(read).collect())
}
