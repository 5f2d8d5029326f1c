//! The letter that a webhook was disabled by itself, to the people who manage webhooks.

use super::model::{DisabledReason, Webhook};
use crate::{
    db::{
        Conn, Tx,
        schema::{member_roles, members, role_permissions, roles, users},
    },
    kit::{Fault, MemberStatus, OrganizationId, Timestamp, email::Email, rights},
    mail::{Letter, Outbox, queue},
    organizations,
    roles::{Predefined, in_force},
};
use askama::Template;
use diesel::{dsl::exists, prelude::*};

/// The most people who are told.
const MOST: i64 = 20;

#[derive(Template)]
#[template(path = "webhooks/disabled_letter.txt")]
struct DisabledText<'a> {
    organization: &'a str,
    webhook: &'a str,
    is_gone: bool,
    link: &'a str,
}

#[derive(Template)]
#[template(path = "webhooks/disabled_letter.html")]
struct DisabledHtml<'a> {
    organization: &'a str,
    webhook: &'a str,
    is_gone: bool,
    link: &'a str,
}

/// Writes the letters to the outbox.
pub(super) fn tell(tx: &mut Tx<'_>, outbox: &Outbox, webhook: &Webhook, reason: DisabledReason, now: Timestamp) -> Result<(), Fault> {
    let name = organizations::find(tx, webhook.organization_id)?.name;
    let link = outbox.link(&format!("/o/{}/settings/webhooks/{}", webhook.organization_id, webhook.id));
    let (organization, webhook_name, link) = (name.as_str(), webhook.name(), link.as_str());
    let (webhook_name, is_gone) = (webhook_name.as_str(), reason == DisabledReason::Gone);
    let text = DisabledText { organization, webhook: webhook_name, is_gone, link };
    let letter = Letter::render(&text, &DisabledHtml { organization, webhook: webhook_name, is_gone, link })?;
    for email in managers(tx, webhook.organization_id, now)? {
        let to = Email::parse(&email).map_err(Fault::broken)?;
        queue(tx, outbox, Some(webhook.organization_id), "webhook.disabled", &to, &letter, now)?;
    }
    Ok(())
}

/// The addresses of active people with a role that allows managing webhooks.
fn managers(conn: &mut Conn, organization: OrganizationId, now: Timestamp) -> Result<Vec<String>, Fault> {
    let named = role_permissions::table
        .filter(role_permissions::organization_id.eq(roles::organization_id))
        .filter(role_permissions::role_id.eq(roles::id))
        .filter(role_permissions::permission.eq(rights::WEBHOOK_MANAGE.over_all().to_string()));
    let is_administrator = roles::predefined.eq(Some(Predefined::Administrator)).assume_not_null();
    let found = member_roles::table
        .inner_join(roles::table)
        .inner_join(members::table.inner_join(users::table))
        .filter(member_roles::organization_id.eq(organization))
        .filter(is_administrator.or(exists(named)))
        .filter(in_force!(member_roles::until_at, now))
        .filter(members::status.eq(MemberStatus::Active))
        .order((members::id, users::email))
        .select((members::id, users::email))
        .distinct()
        .limit(MOST);
    let rows: Vec<(crate::kit::MemberId, String)> = found.load(conn)?;
    Ok(rows.into_iter().map(|(_, email)| email).collect())
}
