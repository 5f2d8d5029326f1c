//! What the organization holds about the person: profile, status, access, credentials and where they come from.

use super::{Audience, requests, reviews, store};
use crate::{
    api_access,
    db::{Conn, Json},
    identities,
    kit::{Fault, MemberId, Scope, Timestamp},
    members::{self, Details, Member},
    organizations, own_fields, second_factors, sessions,
};
use serde_json::{Value, json};

/// The head of the document, without the identity.
pub(super) fn of(conn: &mut Conn, scope: &Scope, id: MemberId, audience: Audience) -> Result<Value, Fault> {
    let member = members::find(conn, scope, id)?;
    let user = member.user_id.ok_or(Fault::Missing)?;
    let organization = organizations::find(conn, scope.organization)?;
    let (username, email) = store::names_of_user(conn, user)?;
    let linked = identities::whole_of(conn, scope.organization, user)?;
    let linked = linked.iter().map(|(identity, connection)| {
        json!({
            "connection": connection,
            "subject": identity.subject,
            "email": identity.email,
            "name": identity.name,
            "linked_at": identity.linked_at.iso(),
            "linked_how": identity.linked_how.as_str(),
            "last_used_at": identity.last_used_at.map(Timestamp::iso),
        })
    });
    let mut document = json!({
        "exported_at": scope.now().iso(),
        "organization": { "id": organization.id, "name": organization.name },
        "person": { "id": member.id, "username": username, "email": email, "details": Details::of(&member) },
        "fields": fields(conn, scope, &member)?,
        "status": status(conn, scope, &member)?,
        "has_second_factor": second_factors::has_any(conn, user)?,
        "managed_by": managed(conn, scope, id)?,
        "roles": store::roles(conn, scope, id)?,
        "policies": store::policies(conn, scope, id)?,
        "teams": store::teams(conn, scope, id)?,
        "lists": store::lists(conn, scope, id)?,
        "access_requests": requests::of(conn, scope, id)?,
        "access_reviews": reviews::of(conn, scope, id)?,
        "invitation": store::invitation(conn, scope, id)?,
        "linked_identities": linked.collect::<Vec<_>>(),
        "tokens": store::tokens_of(conn, scope, id)?,
        "api_access": access(conn, scope, id)?,
    });
    if audience == Audience::Organization {
        document["sessions"] = open_sessions(conn, scope, id)?;
    }
    Ok(document)
}

/// The organization's own fields.
fn fields(conn: &mut Conn, scope: &Scope, member: &Member) -> Result<Value, Fault> {
    let fields = own_fields::list(conn, scope.organization)?;
    let mut values = own_fields::values_of_member(conn, scope.organization, &fields, member.id)?;
    let told = fields.iter().filter_map(|field| Some((field, values.remove(&field.id)?)));
    let told = told.map(|(field, value)| json!({ "key": field.key, "name": field.name, "value": value.text, "shown_as": value.told }));
    Ok(told.collect())
}

/// The status with how it came to be: every event that set it.
fn status(conn: &mut Conn, scope: &Scope, member: &Member) -> Result<Value, Fault> {
    let ids: Vec<MemberId> = member.status_by.into_iter().chain(member.created_by).collect();
    let names = store::names(conn, scope, ids)?;
    Ok(json!({
        "now": member.status.as_str(),
        "since": member.status_at.iso(),
        "by": store::person(member.status_by, &names),
        "reason": member.status_reason,
        "signs_in_with": member.provider,
        "created_at": member.created_at.iso(),
        "created_by": store::person(member.created_by, &names),
        "joined_at": member.joined_at.map(Timestamp::iso),
        "last_sign_in_at": member.last_sign_in_at.map(Timestamp::iso),
        "last_api_use_at": member.last_api_use_at.map(Timestamp::iso),
        "history": store::status_history(conn, scope, member.id)?,
    }))
}

/// What an identity provider sent about them, if it manages them.
fn managed(conn: &mut Conn, scope: &Scope, id: MemberId) -> Result<Value, Fault> {
    let Some((user_name, external_id, Json(attributes), created_at, updated_at)) = store::provisioned(conn, scope, id)? else {
        return Ok(Value::Null);
    };
    let by = members::managed_by(conn, scope.organization, &[id])?.remove(&id);
    Ok(json!({
        "name": by,
        "user_name": user_name,
        "external_id": external_id,
        "sent": attributes,
        "since": created_at.iso(),
        "updated_at": updated_at.iso(),
    }))
}

fn access(conn: &mut Conn, scope: &Scope, id: MemberId) -> Result<Value, Fault> {
    let Some(access) = api_access::find(conn, scope, id)? else {
        return Ok(Value::Null);
    };
    let ids: Vec<MemberId> = access.enabled_by.into_iter().chain(access.changed_by).collect();
    let names = store::names(conn, scope, ids)?;
    Ok(json!({
        "turned_on_at": access.enabled_at.iso(),
        "turned_on_by": store::person(access.enabled_by, &names),
        "api_password_set_at": access.changed_at.map(Timestamp::iso),
        "api_password_set_by": store::person(access.changed_by, &names),
        "last_used_at": access.last_used_at.map(Timestamp::iso),
        "last_used_address": access.last_used_address,
    }))
}

/// The sessions that open the organization, as its administrators see them.
fn open_sessions(conn: &mut Conn, scope: &Scope, id: MemberId) -> Result<Value, Fault> {
    let here = sessions::list_here(conn, scope, id)?;
    let is_shared = here.is_shared;
    let session = |session: &sessions::Listed| {
        json!({
            "device": session.device,
            "signed_in_at": session.signed_in_at.iso(),
            "address": (!is_shared).then_some(&session.address),
            "last_seen_at": (!is_shared).then(|| session.last_seen_at.iso()),
        })
    };
    Ok(here.sessions.iter().map(session).collect())
}
