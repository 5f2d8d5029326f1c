//! One person: who they are here, and the tabs that tell more.

use super::{
    disablement::{DisableRefusal, may_disable},
    model::{Member, MemberStatus},
    store,
};
use crate::{
    db::{
        Conn, Db,
        schema::{invitations, member_roles, members, outbox, roles, team_members, teams, users},
    },
    kit::{Fault, InvitationId, MemberId, OrganizationId, Scope, Timestamp},
    mail::LetterState,
    roles::Predefined,
    web::{self, Shell, filters, page},
};
use actix_web::{
    HttpResponse,
    http::StatusCode,
    web::{Data, Path, ServiceConfig},
};
use askama::Template;
use diesel::prelude::*;

/// What stands above every tab of a profile.
#[derive(Clone, Debug)]
pub struct Header {
    pub member: Member,
    pub username: String,
    pub email: String,
    pub roles: Vec<Granted>,
    pub teams: Vec<String>,
    pub status_by: Option<String>,
    pub invitation: Option<Pending>,
    pub is_me: bool,
    /// Why the person cannot be disabled by whoever looks, if so.
    pub disable_refusal: Option<DisableRefusal>,
    pub may_manage: bool,
    pub may_invite: bool,
}

impl Header {
    pub fn is_invited(&self) -> bool {
        self.member.status == MemberStatus::Invited
    }
    pub fn is_disabled(&self) -> bool {
        self.member.status == MemberStatus::Disabled
    }
}

/// A role somebody holds.
#[derive(Clone, Debug)]
pub struct Granted {
    pub name: String,
    pub is_administrator: bool,
    pub until: Option<Timestamp>,
}

/// How an invitation came about, and what became of it.
#[derive(Clone, Debug)]
pub struct Pending {
    pub id: InvitationId,
    pub invited_by: Option<String>,
    pub sent_at: Timestamp,
    pub expires_at: Timestamp,
    pub void_reason: Option<String>,
    pub letter: Option<LetterState>,
    pub letter_error: Option<String>,
}

impl Pending {
    pub fn has_expired(&self, now: &Timestamp) -> bool {
        self.expires_at <= *now
    }
    /// What became of the letter, in a few words.
    pub fn delivery(&self) -> String {
        match (self.letter, &self.letter_error) {
            (Some(LetterState::Waiting), None) => "mail on its way".into(),
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

/// Why an invitation is void although nobody tried it yet.
pub(super) const SENDER_DISABLED: &str = "Whoever sent it is disabled. Send it again as your own.";

/// Loads what stands above every tab. Needs `user:read:*`, except of one's own profile.
///
/// # Errors
/// [`Fault::Denied`], [`Fault::Missing`], or what the database says.
pub fn header(conn: &mut Conn, scope: &Scope, id: MemberId) -> Result<Header, Fault> {
    if !scope.is_me(id) {
        scope.demand("user", "read")?;
    }
    let member = store::find(conn, scope, id)?;
    let (username, email): (String, String) = users::table
        .filter(users::id.nullable().eq(member.user_id))
        .select((users::username, users::email))
        .first(conn)?;
    let status_by = match member.status_by {
        Some(by) => name_of(conn, scope, by)?,
        None => None,
    };
    let disable_refusal = may_disable(conn, scope, &member)?;
    Ok(Header {
        roles: roles_of(conn, scope, id)?,
        teams: teams_of(conn, scope, id)?,
        invitation: invitation_of(conn, scope, id)?,
        is_me: scope.is_me(id),
        may_manage: scope.may("user", "manage"),
        may_invite: scope.may("user", "invite"),
        member,
        username,
        email,
        status_by,
        disable_refusal,
    })
}

fn name_of(conn: &mut Conn, scope: &Scope, id: MemberId) -> Result<Option<String>, Fault> {
    let row = members::table
        .filter(members::organization_id.eq(scope.organization))
        .filter(members::id.eq(id));
    Ok(row.select(members::name).first(conn).optional()?)
}

fn roles_of(conn: &mut Conn, scope: &Scope, id: MemberId) -> Result<Vec<Granted>, Fault> {
    let in_force = member_roles::until_at.is_null().or(member_roles::until_at.gt(Some(scope.now())));
    let rows: Vec<(String, Option<Predefined>, Option<Timestamp>)> = member_roles::table
        .inner_join(roles::table)
        .filter(member_roles::organization_id.eq(scope.organization))
        .filter(member_roles::member_id.eq(id))
        .filter(in_force.assume_not_null())
        .order(roles::name_key)
        .select((roles::name, roles::predefined, member_roles::until_at))
        .load(conn)?;
    let read = |(name, predefined, until)| Granted {
        name,
        is_administrator: predefined == Some(Predefined::Administrator),
        until,
    };
    Ok(rows.into_iter().map(read).collect())
}

fn teams_of(conn: &mut Conn, scope: &Scope, id: MemberId) -> Result<Vec<String>, Fault> {
    Ok(team_members::table
        .inner_join(teams::table)
        .filter(team_members::organization_id.eq(scope.organization))
        .filter(team_members::member_id.eq(id))
        .order(teams::name_key)
        .select(teams::name)
        .load(conn)?)
}

fn invitation_of(conn: &mut Conn, scope: &Scope, id: MemberId) -> Result<Option<Pending>, Fault> {
    type Row = (
        InvitationId,
        Option<MemberId>,
        Timestamp,
        Timestamp,
        Option<String>,
        Option<(LetterState, Option<String>)>,
    );
    let row: Option<Row> = invitations::table
        .left_join(outbox::table)
        .filter(invitations::organization_id.eq(scope.organization))
        .filter(invitations::member_id.eq(id))
        .select((
            invitations::id,
            invitations::invited_by,
            invitations::sent_at,
            invitations::expires_at,
            invitations::void_reason,
            (outbox::state, outbox::last_error).nullable(),
        ))
        .first(conn)
        .optional()?;
    let Some((id, by, sent_at, expires_at, void_reason, letter)) = row else {
        return Ok(None);
    };
    let sender = by.map(|by| store::find(conn, scope, by)).transpose().or_else(|fault| match fault {
        Fault::Missing => Ok(None),
        fault => Err(fault),
    })?;
    let is_void = sender.as_ref().is_some_and(|sender| sender.status == MemberStatus::Disabled);
    let void_reason = void_reason.or_else(|| is_void.then(|| SENDER_DISABLED.to_owned()));
    let invited_by = sender.map(|sender| sender.name);
    let (letter, letter_error) = letter.map_or((None, None), |(state, error)| (Some(state), error));
    Ok(Some(Pending {
        id,
        invited_by,
        sent_at,
        expires_at,
        void_reason,
        letter,
        letter_error,
    }))
}

pub(super) fn mount(app: &mut ServiceConfig) {
    app.service(actix_web::web::resource("/o/{organization}/users/{member}").route(web::get().to(show)));
}

#[derive(Template)]
#[template(path = "members/profile.html")]
struct Details {
    shell: Shell,
    header: Header,
}

async fn show(db: Data<Db>, shell: Shell, place: Path<(OrganizationId, MemberId)>) -> web::Result<HttpResponse> {
    let (scope, id) = (shell.scope.clone(), place.1);
    let header = db.read(move |conn| header(conn, &scope, id)).await?;
    page(StatusCode::OK, &Details { shell, header })
}
