//! The letter that a webhook was disabled by itself, to the people who manage webhooks.

use super::model::{DisabledReason, Webhook};
use crate::{
    db::Tx,
    kit::{Fault, Timestamp, rights},
    mail::{Letter, Outbox, queue},
    members, organizations,
};
use askama::Template;

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
    for to in members::addresses_with_right(tx, webhook.organization_id, rights::WEBHOOK_MANAGE, now)? {
        queue(tx, outbox, Some(webhook.organization_id), "webhook.disabled", &to, &letter, now)?;
    }
    Ok(())
}
