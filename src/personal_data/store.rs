//! Queries of `personal_data`: it reads the tables of the modules below, and never a column with a secret or a digest.

use crate::{
    db::{
        Among, Conn, Json,
        schema::{
            audit_events, column_choices, connections, default_views, invitations, latest_changes, member_policies, member_roles, members,
            outbox, policies, provisioned_users, roles, team_members, teams, tokens, users, views,
        },
    },
    kit::{ConnectionId, Fault, LetterId, MemberId, OrganizationId, PolicyId, RoleId, Scope, SubjectId, TeamId, Timestamp, UserId},
    mail::Told,
    members::{TeamGrant, team_access},
};
use diesel::prelude::*;
use serde_json::{Value, json};
use std::collections::HashMap;
use uuid::Uuid;

/// Audit actions that set a status.
const SETS_STATUS: [&str; 9] = [
    "invitation.accepted",
    "invitation.sent",
    "invitation.sent_again",
    "member.added",
    "member.created",
    "member.disabled",
    "member.enabled",
    "member.joined",
    "organization.founded",
];
/// The most events of the history of a status.
const MOST_OF_HISTORY: i64 = 1_000;

pub(super) fn email(conn: &mut Conn, user: UserId) -> Result<String, Fault> {
    Ok(users::table.find(user).select(users::email).first(conn)?)
}

/// The username and the email.
pub(super) fn names_of_user(conn: &mut Conn, user: UserId) -> Result<(String, String), Fault> {
    Ok(users::table.find(user).select((users::username, users::email)).first(conn)?)
}

/// The names of those who are still members.
pub(super) fn names(conn: &mut Conn, scope: &Scope, ids: Vec<MemberId>) -> Result<HashMap<MemberId, String>, Fault> {
    let rows = members::table
        .filter(members::organization_id.eq(scope.organization))
        .filter(members::id.among(ids))
        .select((members::id, members::name));
    Ok(rows.load(conn)?.into_iter().collect())
}

/// A member who did something: the id, and the name as long as they are here.
pub(super) fn person(id: Option<MemberId>, names: &HashMap<MemberId, String>) -> Value {
    id.map_or(Value::Null, |id| json!({ "id": id, "name": names.get(&id) }))
}

/// Who changed last whether the member has this, and when.
type Latest = HashMap<Uuid, (Timestamp, String)>;

fn latest(conn: &mut Conn, scope: &Scope, id: MemberId) -> Result<Latest, Fault> {
    let rows: Vec<(SubjectId, Timestamp, String)> = latest_changes::table
        .filter(latest_changes::organization_id.eq(scope.organization))
        .filter(latest_changes::member_id.eq(id))
        .select((latest_changes::subject_id, latest_changes::changed_at, latest_changes::changed_by_name))
        .load(conn)?;
    Ok(rows.into_iter().map(|(subject, at, by)| (subject.0, (at, by))).collect())
}

fn changed(latest: &Latest, id: Uuid) -> Value {
    latest.get(&id).map_or(Value::Null, |(at, by)| json!({ "at": at.iso(), "by": by }))
}

pub(super) fn roles(conn: &mut Conn, scope: &Scope, id: MemberId) -> Result<Vec<Value>, Fault> {
    type Row = (RoleId, String, Timestamp, Option<MemberId>, Option<Timestamp>, Option<String>);
    let rows: Vec<Row> = member_roles::table
        .inner_join(roles::table)
        .left_join(connections::table)
        .filter(member_roles::organization_id.eq(scope.organization))
        .filter(member_roles::member_id.eq(id))
        .order(roles::name_key)
        .select((
            roles::id,
            roles::name,
            member_roles::granted_at,
            member_roles::granted_by,
            member_roles::until_at,
            connections::name.nullable(),
        ))
        .load(conn)?;
    let names = names(conn, scope, rows.iter().filter_map(|row| row.3).collect())?;
    let role = |(id, name, at, by, until, connection): Row| {
        json!({
            "id": id,
            "name": name,
            "given_at": at.iso(),
            "given_by": person(by, &names),
            "until": until.map(Timestamp::iso),
            "connection": connection,
        })
    };
    Ok(rows.into_iter().map(role).collect())
}

pub(super) fn policies(conn: &mut Conn, scope: &Scope, id: MemberId) -> Result<Vec<Value>, Fault> {
    let rows: Vec<(PolicyId, String)> = member_policies::table
        .inner_join(policies::table)
        .filter(member_policies::organization_id.eq(scope.organization))
        .filter(member_policies::member_id.eq(id))
        .order(policies::name_key)
        .select((policies::id, policies::name))
        .load(conn)?;
    let latest = latest(conn, scope, id)?;
    let policy = |(id, name): (PolicyId, String)| json!({ "id": id, "name": name, "attached": changed(&latest, id.0) });
    Ok(rows.into_iter().map(policy).collect())
}

pub(super) fn teams(conn: &mut Conn, scope: &Scope, id: MemberId) -> Result<Vec<Value>, Fault> {
    type Row = (TeamId, String, bool, Option<ConnectionId>);
    let rows: Vec<Row> = team_members::table
        .inner_join(teams::table)
        .filter(team_members::organization_id.eq(scope.organization))
        .filter(team_members::member_id.eq(id))
        .order(teams::name_key)
        .select((teams::id, teams::name, team_members::is_administrator, team_members::connection_id))
        .load(conn)?;
    let latest = latest(conn, scope, id)?;
    let ids: Vec<TeamId> = rows.iter().map(|row| row.0).collect();
    let mut access = team_access(conn, scope.organization, Some(&ids), scope.now())?;
    let mut team = |(id, name, is_administrator, connection): Row| {
        let gives = access.remove(&id).unwrap_or_default();
        json!({
            "id": id,
            "name": name,
            "is_administrator": is_administrator,
            "gives": gives.iter().map(given).collect::<Vec<_>>(),
            "joined": changed(&latest, id.0),
            "is_from_a_connection": connection.is_some(),
        })
    };
    Ok(rows.into_iter().map(&mut team).collect())
}

/// A role or policy that the person has through a team.
fn given(grant: &TeamGrant) -> Value {
    json!({ grant.given.kind(): grant.given.name(), "until": grant.until.map(Timestamp::iso) })
}

pub(super) fn invitation(conn: &mut Conn, scope: &Scope, id: MemberId) -> Result<Value, Fault> {
    type Row = (String, Option<MemberId>, String, Timestamp, Timestamp, Option<Timestamp>, Option<String>);
    let row: Option<Row> = invitations::table
        .filter(invitations::organization_id.eq(scope.organization))
        .filter(invitations::member_id.eq(id))
        .select((
            invitations::email,
            invitations::invited_by,
            invitations::message,
            invitations::sent_at,
            invitations::expires_at,
            invitations::accepted_at,
            invitations::void_reason,
        ))
        .first(conn)
        .optional()?;
    let Some((email, by, message, sent_at, expires_at, accepted_at, void_reason)) = row else {
        return Ok(Value::Null);
    };
    let names = names(conn, scope, by.into_iter().collect())?;
    Ok(json!({
        "email": email,
        "invited_by": person(by, &names),
        "message": message,
        "sent_at": sent_at.iso(),
        "expires_at": expires_at.iso(),
        "accepted_at": accepted_at.map(Timestamp::iso),
        "void_reason": void_reason,
    }))
}

/// How the person set up their lists: own views, the views shown to them first, and columns.
pub(super) fn lists(conn: &mut Conn, scope: &Scope, id: MemberId) -> Result<Value, Fault> {
    let own: Vec<(String, String, String, Timestamp)> = views::table
        .filter(views::organization_id.eq(scope.organization))
        .filter(views::member_id.eq(Some(id)))
        .order((views::kind, views::name_key))
        .select((views::kind, views::name, views::query, views::created_at))
        .load(conn)?;
    let shown: Vec<(String, Option<String>)> = default_views::table
        .left_join(views::table)
        .filter(default_views::organization_id.eq(scope.organization))
        .filter(default_views::member_id.eq(id))
        .order(default_views::kind)
        .select((default_views::kind, views::name.nullable()))
        .load(conn)?;
    let columns: Vec<(String, String)> = column_choices::table
        .filter(column_choices::organization_id.eq(scope.organization))
        .filter(column_choices::member_id.eq(id))
        .order(column_choices::list)
        .select((column_choices::list, column_choices::shown))
        .load(conn)?;
    let view = |(kind, name, query, at): (String, String, String, Timestamp)| json!({ "list": kind, "name": name, "filter": query, "created_at": at.iso() });
    Ok(json!({
        "views": own.into_iter().map(view).collect::<Vec<_>>(),
        "shown_first": shown.into_iter().map(|(kind, name)| json!({ "list": kind, "view": name })).collect::<Vec<_>>(),
        "columns": columns.into_iter().map(|(list, text)| json!({ "list": list, "columns": text })).collect::<Vec<_>>(),
    }))
}

/// The member's tokens, by what can be read of them: never the value, nor its digest.
pub(super) fn tokens_of(conn: &mut Conn, scope: &Scope, id: MemberId) -> Result<Vec<Value>, Fault> {
    type Row = (
        (String, String, String, Option<Json<Value>>, Option<Json<Value>>),
        (Timestamp, Option<MemberId>, Option<Timestamp>, Option<Timestamp>, Option<MemberId>),
        (Option<Timestamp>, String, String, Option<Timestamp>, Option<MemberId>),
    );
    let rows: Vec<Row> = tokens::table
        .filter(tokens::organization_id.eq(scope.organization))
        .filter(tokens::member_id.eq(id))
        .order(tokens::id)
        .select((
            (tokens::name, tokens::prefix, tokens::mode, tokens::permissions, tokens::addresses),
            (tokens::created_at, tokens::created_by, tokens::expires_at, tokens::revoked_at, tokens::revoked_by),
            (
                tokens::last_used_at,
                tokens::last_used_address,
                tokens::last_used_agent,
                tokens::regenerated_at,
                tokens::regenerated_by,
            ),
        ))
        .load(conn)?;
    let by = rows.iter().flat_map(|(_, made, used)| [made.1, made.4, used.4]).flatten().collect();
    let names = names(conn, scope, by)?;
    let json_of = |value: Option<Json<Value>>| value.map_or(Value::Null, |Json(value)| value);
    let token = |((name, prefix, mode, permissions, addresses), made, used): Row| {
        json!({
            "name": name,
            "begins_with": prefix,
            "mode": mode,
            "permissions": json_of(permissions),
            "addresses": json_of(addresses),
            "created_at": made.0.iso(),
            "created_by": person(made.1, &names),
            "expires_at": made.2.map(Timestamp::iso),
            "revoked_at": made.3.map(Timestamp::iso),
            "revoked_by": person(made.4, &names),
            "last_used_at": used.0.map(Timestamp::iso),
            "last_used_address": used.1,
            "last_used_agent": used.2,
            "regenerated_at": used.3.map(Timestamp::iso),
            "regenerated_by": person(used.4, &names),
        })
    };
    Ok(rows.into_iter().map(token).collect())
}

/// The events that set the member's status, the oldest first.
pub(super) fn status_history(conn: &mut Conn, scope: &Scope, id: MemberId) -> Result<Vec<Value>, Fault> {
    let rows: Vec<(Timestamp, String, String)> = audit_events::table
        .filter(audit_events::organization_id.eq(scope.organization))
        .filter(audit_events::target_id.eq(Some(id)))
        .filter(audit_events::action.among(SETS_STATUS))
        .order((audit_events::at, audit_events::id))
        .limit(MOST_OF_HISTORY)
        .select((audit_events::at, audit_events::action, audit_events::actor_name))
        .load(conn)?;
    let change = |(at, action, by): (Timestamp, String, String)| json!({ "at": at.iso(), "action": action, "by": by });
    Ok(rows.into_iter().map(change).collect())
}

/// What an identity provider sent: username, its own id, attributes, since when, and when last.
type Provisioned = (String, Option<String>, Json<Value>, Timestamp, Timestamp);

pub(super) fn provisioned(conn: &mut Conn, scope: &Scope, id: MemberId) -> Result<Option<Provisioned>, Fault> {
    let row = provisioned_users::table.find((scope.organization, id)).select((
        provisioned_users::user_name,
        provisioned_users::external_id,
        provisioned_users::attributes,
        provisioned_users::created_at,
        provisioned_users::updated_at,
    ));
    Ok(row.first(conn).optional()?)
}

/// Letters of the organization to this address, the oldest first; also those about the identity, if `with_own`.
pub(super) fn letters(
    conn: &mut Conn,
    organization: OrganizationId,
    with_own: bool,
    email: &str,
    after: Option<LetterId>,
    most: i64,
) -> Result<Vec<Told>, Fault> {
    let here = outbox::organization_id.eq(Some(organization)).assume_not_null();
    let rows = outbox::table
        .filter(outbox::recipient.eq(email))
        .filter(outbox::id.gt(after.unwrap_or(LetterId(Uuid::nil()))))
        .order(outbox::id)
        .limit(most)
        .select(Told::columns());
    Ok(if with_own {
        rows.filter(outbox::organization_id.is_null().or(here)).load(conn)?
    } else {
        rows.filter(here).load(conn)?
    })
}
