//! Letters: to those who may decide a request, and to the member about the decision. A letter only leads to a page.

use super::{
    listed::Listed,
    model::{AccessRequest, Asked, RequestState},
    store,
};
use crate::{
    db::{Conn, Tx},
    kit::{Fault, Scope, Timestamp, email::Email, rights},
    mail::{Letter, Outbox, queue},
    members, organizations,
};
use askama::Template;

/// What a letter tells about a request.
struct Told<'a> {
    organization: String,
    member: &'a str,
    asked_for: String,
    until: Option<String>,
    reason: &'a str,
    ticket: &'a str,
    link: String,
}

#[derive(Template)]
#[template(path = "access_requests/created_letter.txt")]
struct CreatedText<'a> {
    told: &'a Told<'a>,
}

#[derive(Template)]
#[template(path = "access_requests/created_letter.html")]
struct CreatedHtml<'a> {
    told: &'a Told<'a>,
}

#[derive(Template)]
#[template(path = "access_requests/decided_letter.txt")]
struct DecidedText<'a> {
    told: &'a Told<'a>,
    verdict: &'static str,
}

#[derive(Template)]
#[template(path = "access_requests/decided_letter.html")]
struct DecidedHtml<'a> {
    told: &'a Told<'a>,
    verdict: &'static str,
}

/// The people who decide it: the administrators of the team, if they may add members to it; otherwise those who manage people.
fn deciders(conn: &mut Conn, scope: &Scope, request: &AccessRequest) -> Result<Vec<Email>, Fault> {
    if let Asked::Team(team) = request.asked() {
        let access = members::team_access(conn, scope.organization, Some(&[team]), scope.now())?;
        let is_delegated = access.get(&team).is_none_or(|grants| grants.iter().all(|grant| grant.is_delegated));
        let administrators = if is_delegated {
            store::team_administrators(conn, scope, team)?
        } else {
            vec![]
        };
        if !administrators.is_empty() {
            return Ok(administrators);
        }
    }
    members::addresses_with_right(conn, scope.organization, rights::USER_MANAGE, scope.now())
}

/// The address of the member who asks.
fn address(conn: &mut Conn, scope: &Scope, request: &AccessRequest) -> Result<Option<String>, Fault> {
    let known = store::members_of(conn, scope, &[request.member_id])?.remove(&request.member_id);
    Ok(known.and_then(|known| known.email))
}

/// Writes letters to those who decide a new request.
pub(super) fn tell_deciders(tx: &mut Tx<'_>, outbox: &Outbox, scope: &Scope, request: &AccessRequest) -> Result<(), Fault> {
    let told = Told {
        organization: organizations::find(tx, scope.organization)?.name,
        member: scope.actor.name(),
        asked_for: request.told(),
        until: request.until_at.map(Timestamp::last_day_told),
        reason: &request.reason,
        ticket: &request.ticket,
        link: outbox.link(&format!("/o/{}/access/requests/{}", scope.organization, request.id)),
    };
    let letter = Letter::render(&CreatedText { told: &told }, &CreatedHtml { told: &told })?;
    let own = address(tx, scope, request)?;
    for to in deciders(tx, scope, request)? {
        if Some(to.as_str()) != own.as_deref() {
            queue(tx, outbox, Some(scope.organization), "access_request.created", &to, &letter, scope.now())?;
        }
    }
    Ok(())
}

/// Writes the letter about the decision to the member.
pub(super) fn tell_member(
    tx: &mut Tx<'_>,
    outbox: &Outbox,
    scope: &Scope,
    listed: &Listed,
    state: RequestState,
    until: Option<Timestamp>,
    answer: &str,
) -> Result<(), Fault> {
    let Some(email) = address(tx, scope, &listed.request)? else {
        return Ok(());
    };
    let told = Told {
        organization: organizations::find(tx, scope.organization)?.name,
        member: scope.actor.name(),
        asked_for: listed.told(),
        until: until.map(Timestamp::last_day_told),
        reason: answer,
        ticket: &listed.request.ticket,
        link: outbox.link(&format!("/o/{}/me/requests", scope.organization)),
    };
    let verdict = if state == RequestState::Granted { "granted" } else { "refused" };
    let letter = Letter::render(&DecidedText { told: &told, verdict }, &DecidedHtml { told: &told, verdict })?;
    let to = Email::parse(&email).map_err(Fault::broken)?;
    queue(tx, outbox, Some(scope.organization), "access_request.decided", &to, &letter, scope.now())?;
    Ok(())
}
