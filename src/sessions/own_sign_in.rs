//! What a person's own password or passkey opens: the one rule for both. An organization that requires single sign-on is
//! opened by them to its break-glass administrators only, and each such entry is told to all administrators.

use super::{
    administrators_mail::{AdministratorNotice, tell_administrators},
    outcome::Outcome,
};
use crate::{
    audit::{self, Event},
    db::Tx,
    kit::{Fault, MemberStatus, RequestInfo, Timestamp},
    mail::Outbox,
    members::{self, ChangedBy, Membership},
    users::User,
};
use serde_json::json;

/// What the page says to a person whose credentials were right.
pub(super) const SSO_REQUIRED: &str =
    "Your organization lets people in through its identity provider only. Use “Sign in with …” on the sign-in page.";

/// How a sign-in ends for a person who proved who they are. `connects` if they came to connect an identity with their
/// account: then a session begins in any case, which opens no organization that requires single sign-on
/// (`SignedIn::admit`).
pub(super) fn outcome(all: &[Membership], connects: bool, now: Timestamp) -> Outcome {
    let mut active = all.iter().filter(|membership| membership.status == MemberStatus::Active).peekable();
    if active.peek().is_none() {
        Outcome::NotActive
    } else if connects || active.any(|membership| !membership.demands_sso(now)) {
        Outcome::SignedIn
    } else {
        Outcome::SsoRequired
    }
}

/// How one organization of a person who signed in records it.
pub(super) fn recorded(outcome: Outcome, membership: &Membership, now: Timestamp) -> Outcome {
    match outcome {
        Outcome::SignedIn if membership.demands_sso(now) => Outcome::SsoRequired,
        outcome => outcome,
    }
}

/// Notes a sign-in that succeeded and was recorded, and tells of every entry of a break-glass administrator.
pub(super) fn entered(tx: &mut Tx<'_>, outbox: &Outbox, user: &User, method: &str, request_info: &RequestInfo) -> Result<(), Fault> {
    let now = request_info.now;
    members::touch_sign_in(tx, user.id, now)?;
    let all = members::memberships(tx, user.id)?;
    let mut broken = all
        .iter()
        .filter(|membership| membership.status == MemberStatus::Active && membership.breaks_glass(now));
    broken.try_for_each(|membership| alarm(tx, outbox, (user, membership), method, request_info))
}

/// Tells every administrator that a break-glass administrator entered.
fn alarm(
    tx: &mut Tx<'_>,
    outbox: &Outbox,
    (user, membership): (&User, &Membership),
    method: &str,
    request_info: &RequestInfo,
) -> Result<(), Fault> {
    let scope = ChangedBy::Themselves(request_info).scope(membership, user.id);
    let event = Event::new("break_glass.used", "member", membership.id.0, &membership.name);
    audit::record(tx, &scope, event.after(json!({ "method": method })))?;
    let (name, organization) = (&membership.name, &membership.organization_name);
    let notice = AdministratorNotice {
        kind: "break_glass.used",
        title: &format!("{name} entered {organization} without single sign-on"),
        what: &format!("{name} ({}) is a break-glass administrator and signed in with their own credentials.", user.email),
        page: &format!("/users/{}", membership.id),
    };
    tell_administrators(tx, outbox, membership.organization, &notice, request_info)
}
