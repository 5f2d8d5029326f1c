//! Queries of webhooks themselves. Their deliveries are in `deliveries`.

use super::model::{DisabledReason, Status, Webhook};
use crate::{
    db::{Among, Conn, Json, Tx, schema::webhooks},
    kit::{Fault, MemberId, OrganizationId, Timestamp, WebhookId},
};
use diesel::prelude::*;

/// What a webhook is made of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Fields<'a> {
    pub url: &'a str,
    pub description: &'a str,
    pub event_types: Option<&'a [String]>,
}

impl Fields<'_> {
    fn types(&self) -> Option<Json<Vec<String>>> {
        self.event_types.map(|types| Json(types.to_vec()))
    }
}

pub(super) fn list(conn: &mut Conn, organization: OrganizationId) -> Result<Vec<Webhook>, Fault> {
    let all = webhooks::table.filter(webhooks::organization_id.eq(organization)).order(webhooks::id);
    Ok(all.select(Webhook::as_select()).load(conn)?)
}

/// # Errors
/// [`Fault::Missing`].
pub(super) fn find(conn: &mut Conn, organization: OrganizationId, id: WebhookId) -> Result<Webhook, Fault> {
    let row = webhooks::table.filter(webhooks::organization_id.eq(organization)).filter(webhooks::id.eq(id));
    Ok(row.select(Webhook::as_select()).first(conn)?)
}

/// [`find`], and nobody else changes it until the transaction ends. Deliveries are changed under this lock, so that two
/// processes do not wait for each other in a circle.
pub(super) fn lock(tx: &mut Tx<'_>, organization: OrganizationId, id: WebhookId) -> Result<Webhook, Fault> {
    if let Conn::Pg(c) = tx.conn() {
        let row = webhooks::table.filter(webhooks::organization_id.eq(organization)).filter(webhooks::id.eq(id));
        row.select(webhooks::id).for_no_key_update().first::<WebhookId>(c)?;
    }
    find(tx, organization, id)
}

pub(super) fn insert(
    tx: &mut Tx<'_>,
    organization: OrganizationId,
    fields: &Fields<'_>,
    by: Option<MemberId>,
    now: Timestamp,
) -> Result<WebhookId, Fault> {
    let id = WebhookId::new(now);
    diesel::insert_into(webhooks::table)
        .values((
            webhooks::id.eq(id),
            webhooks::organization_id.eq(organization),
            webhooks::url.eq(fields.url),
            webhooks::description.eq(fields.description),
            webhooks::event_types.eq(fields.types()),
            webhooks::status.eq(Status::Enabled),
            webhooks::created_at.eq(now),
            webhooks::created_by.eq(by),
        ))
        .execute(tx.conn())?;
    Ok(id)
}

pub(super) fn update(tx: &mut Tx<'_>, id: WebhookId, fields: &Fields<'_>) -> Result<(), Fault> {
    diesel::update(webhooks::table.find(id))
        .set((
            webhooks::url.eq(fields.url),
            webhooks::description.eq(fields.description),
            webhooks::event_types.eq(fields.types()),
            webhooks::version.eq(webhooks::version + 1),
        ))
        .execute(tx.conn())?;
    Ok(())
}

/// Enables or disables it. Neither is failing afterwards.
pub(super) fn set_status(tx: &mut Tx<'_>, id: WebhookId, disabled: Option<DisabledReason>) -> Result<(), Fault> {
    let status = if disabled.is_some() { Status::Disabled } else { Status::Enabled };
    diesel::update(webhooks::table.find(id))
        .set((
            webhooks::status.eq(status),
            webhooks::disabled_reason.eq(disabled),
            webhooks::failing_since.eq(None::<Timestamp>),
            webhooks::version.eq(webhooks::version + 1),
        ))
        .execute(tx.conn())?;
    Ok(())
}

/// Notes that the latest attempt failed, or that it arrived. What the receiver does is no edit, so the version stays.
pub(super) fn set_failing(tx: &mut Tx<'_>, id: WebhookId, since: Option<Timestamp>) -> Result<(), Fault> {
    let (from, to) = match since {
        Some(_) => (Status::Enabled, Status::Failing),
        None => (Status::Failing, Status::Enabled),
    };
    diesel::update(webhooks::table.filter(webhooks::id.eq(id)).filter(webhooks::status.eq(from)))
        .set((webhooks::status.eq(to), webhooks::failing_since.eq(since)))
        .execute(tx.conn())?;
    Ok(())
}

pub(super) fn delete(tx: &mut Tx<'_>, organization: OrganizationId, id: WebhookId) -> Result<(), Fault> {
    let row = webhooks::table.filter(webhooks::organization_id.eq(organization)).filter(webhooks::id.eq(id));
    diesel::delete(row).execute(tx.conn())?;
    Ok(())
}

/// The webhooks of these organizations that get events, each with the number of its latest one, locked in one order.
pub(super) fn listening(tx: &mut Tx<'_>, organizations: &[OrganizationId]) -> Result<Vec<(Webhook, i64)>, Fault> {
    let all = webhooks::table
        .filter(webhooks::organization_id.among(organizations))
        .filter(webhooks::status.ne(Status::Disabled))
        .order(webhooks::id);
    if let Conn::Pg(c) = tx.conn() {
        all.clone().select(webhooks::id).for_no_key_update().load::<WebhookId>(c)?;
    }
    Ok(all.select((Webhook::as_select(), webhooks::last_sequence)).load(tx.conn())?)
}

pub(super) fn set_sequence(tx: &mut Tx<'_>, id: WebhookId, last: i64) -> Result<(), Fault> {
    diesel::update(webhooks::table.find(id)).set(webhooks::last_sequence.eq(last)).execute(tx.conn())?;
    Ok(())
}
