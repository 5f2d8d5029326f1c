//! The person's identity, which belongs to them and to no organization: only they get it.

use crate::{
    db::Conn,
    kit::{Fault, Scope, SessionId, Timestamp, UserId},
    links::{self, LinkKind},
    members, passwords, second_factors, sessions, users,
};
use serde_json::{Value, json};

/// The identity with its ways to sign in, by name and time, and its live sessions.
pub(super) fn of(conn: &mut Conn, scope: &Scope, user: UserId, this: Option<SessionId>) -> Result<Value, Fault> {
    let person = users::find(conn, user)?;
    let password = passwords::find(conn, user)?;
    let factors = second_factors::held(conn, user)?;
    let pending = links::find_open(conn, LinkKind::Email, user, scope.now())?;
    let memberships = members::memberships(conn, user)?;
    let sessions = sessions::list_own(conn, user, this, scope.now())?;
    Ok(json!({
        "id": person.id,
        "username": person.username,
        "email": person.email,
        "address_proven_at": person.address_proven_at.map(Timestamp::iso),
        "devices_recognized_from": person.devices_from.map(Timestamp::iso),
        "email_waiting_for_confirmation": pending.and_then(|link| link.address),
        "password": password.map(|password| json!({
            "changed_at": password.changed_at.iso(),
            "temporary_until": password.temporary_until.map(Timestamp::iso),
        })),
        "authenticator_app": factors.app.map(|since| json!({ "added_at": since.iso() })),
        "recovery_codes_left": factors.codes_left,
        "passkeys": factors.passkeys.iter().map(|passkey| json!({
            "name": passkey.name,
            "added_at": passkey.created_at.iso(),
            "last_used_at": passkey.last_used_at.map(Timestamp::iso),
        })).collect::<Vec<_>>(),
        "organizations": memberships.iter().map(|membership| json!({
            "id": membership.organization,
            "name": membership.organization_name,
            "called": membership.name,
            "status": membership.status.as_str(),
        })).collect::<Vec<_>>(),
        "sessions": sessions.iter().map(|session| json!({
            "device": session.device,
            "address": session.address,
            "signed_in_at": session.signed_in_at.iso(),
            "last_seen_at": session.last_seen_at.iso(),
            "is_this": session.is_this,
        })).collect::<Vec<_>>(),
    }))
}
