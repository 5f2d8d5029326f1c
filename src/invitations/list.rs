//! Invitations as programs read them.

use crate::{
    db::{
        Among, Conn, MultiBackend,
        keyset::{Page, Window},
        schema::{invitations, members as people, team_members},
    },
    kit::{Fault, InvitationId, MemberId, Scope, Timestamp, rights},
    mail::LetterState,
    members::{self, Pending, Reach},
    text_enum,
};
use diesel::prelude::*;

text_enum! {
    /// What has become of an invitation.
    pub enum InvitationState {
        /// Its link works.
        Open = "open",
        /// Its link is too old.
        Expired = "expired",
        /// Who sent it may not invite any more, or not with these rights.
        Void = "void",
        /// The person has joined.
        Accepted = "accepted",
    }
}

/// An invitation as the table stores it, with the name of the person.
#[derive(Queryable, Selectable, Clone, Debug)]
#[diesel(table_name = invitations, check_for_backend(MultiBackend))]
struct Line {
    id: InvitationId,
    member_id: MemberId,
    email: String,
    message: String,
    sent_at: Timestamp,
    expires_at: Timestamp,
    accepted_at: Option<Timestamp>,
    #[diesel(select_expression = people::name)]
    name: String,
}

/// An invitation with the person, and who sent it.
#[derive(Clone, Debug)]
pub struct Listed {
    pub id: InvitationId,
    pub member: MemberId,
    pub email: String,
    pub name: String,
    pub message: String,
    pub invited_by: Option<String>,
    pub sent_at: Timestamp,
    pub expires_at: Timestamp,
    pub void_reason: Option<String>,
    pub letter: Option<LetterState>,
    is_accepted: bool,
}

impl Listed {
    fn of(line: Line, pending: Option<Pending>) -> Self {
        let (invited_by, void_reason, letter) =
            pending.map_or((None, None, None), |pending| (pending.invited_by, pending.void_reason, pending.letter));
        Self {
            id: line.id,
            member: line.member_id,
            email: line.email,
            name: line.name,
            message: line.message,
            invited_by,
            sent_at: line.sent_at,
            expires_at: line.expires_at,
            void_reason,
            letter,
            is_accepted: line.accepted_at.is_some(),
        }
    }
    pub fn state(&self, now: Timestamp) -> InvitationState {
        if self.is_accepted {
            InvitationState::Accepted
        } else if self.void_reason.is_some() {
            InvitationState::Void
        } else if self.expires_at <= now {
            InvitationState::Expired
        } else {
            InvitationState::Open
        }
    }
}

/// A page of the invitations that nobody has accepted yet, the newest first.
///
/// # Errors
/// [`Fault::Denied`].
pub fn page(conn: &mut Conn, scope: &Scope, window: Window<InvitationId>, size: i64) -> Result<Page<Listed>, Fault> {
    let reach = members::reach(conn, scope, rights::USER_INVITE)?;
    let mut query = invitations::table
        .inner_join(people::table)
        .filter(invitations::organization_id.eq(scope.organization))
        .filter(invitations::accepted_at.is_null())
        .order(invitations::id.desc())
        .limit(size + 1)
        .select(Line::as_select())
        .into_boxed::<MultiBackend>();
    if let Reach::Teams(teams) = reach {
        let people = team_members::table
            .filter(team_members::organization_id.eq(scope.organization))
            .filter(team_members::team_id.among(teams))
            .select(team_members::member_id);
        query = query.filter(invitations::member_id.eq_any(people));
    }
    if let Some(last) = window.cursor() {
        query = query.filter(invitations::id.lt(*last));
    }
    let page = window.page(query.load::<Line>(conn)?, size);
    let ids: Vec<MemberId> = page.rows.iter().map(|line| line.member_id).collect();
    let mut pending = members::pending(conn, scope, &ids)?;
    Ok(page.map(|line| {
        let of_line = pending.remove(&line.member_id);
        Listed::of(line, of_line)
    }))
}

/// An invitation, whatever has become of it.
///
/// # Errors
/// [`Fault::Denied`] or [`Fault::Missing`].
pub fn find(conn: &mut Conn, scope: &Scope, id: InvitationId) -> Result<Listed, Fault> {
    scope.demand_over_teams(rights::USER_INVITE)?;
    let line: Line = invitations::table
        .inner_join(people::table)
        .filter(invitations::organization_id.eq(scope.organization))
        .filter(invitations::id.eq(id))
        .select(Line::as_select())
        .first(conn)?;
    let scope = &members::towards(conn, scope, line.member_id)?;
    scope.demand(rights::USER_INVITE)?;
    let pending = members::pending(conn, scope, &[line.member_id])?.remove(&line.member_id);
    Ok(Listed::of(line, pending))
}
