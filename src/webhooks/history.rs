//! What was sent: the list of deliveries, one with its body, sending again, and tests.

use super::{
    body,
    deliveries::{self, Claimed},
    dispatch::delivery,
    events::PING,
    manage::{Outcome, WebhookRefusal, begin, record, refuse},
    model::Delivery,
    store,
};
use crate::{
    db::{Conn, Tx},
    kit::{AuditEventId, DeliveryId, Fault, Scope, WebhookId, rights},
    throttle::{self, Bucket, Limit},
};
use chrono::TimeDelta;

/// Tests of one organization.
const TESTS: Limit = Limit { burst: 10, every: TimeDelta::seconds(10) };

/// The latest deliveries of a webhook, or those before one of them.
///
/// # Errors
/// [`Fault::Denied`] or [`Fault::Missing`].
pub fn latest(conn: &mut Conn, scope: &Scope, id: WebhookId, before: Option<DeliveryId>, most: i64) -> Result<Vec<Delivery>, Fault> {
    scope.demand(rights::WEBHOOK_READ)?;
    store::find(conn, scope.organization, id)?;
    deliveries::latest(conn, scope.organization, id, before, most)
}

/// One delivery. Its body only for callers who also see the audit log.
///
/// # Errors
/// [`Fault::Denied`] or [`Fault::Missing`].
pub fn find_delivery(conn: &mut Conn, scope: &Scope, webhook: WebhookId, id: DeliveryId) -> Result<(Delivery, Option<String>), Fault> {
    scope.demand(rights::WEBHOOK_READ)?;
    let (delivery, body) = deliveries::find(conn, scope.organization, webhook, id)?;
    Ok((delivery, scope.may(rights::AUDIT_READ).then_some(body)))
}

/// Sends a delivery again, with the same id and body, and all attempts again.
///
/// # Errors
/// A [`WebhookRefusal`], [`Fault::Denied`] or [`Fault::Missing`].
pub fn replay(tx: &mut Tx<'_>, scope: &Scope, webhook: WebhookId, id: DeliveryId) -> Outcome<()> {
    let (scope, webhook) = begin(tx, scope, webhook)?;
    let (found, _) = deliveries::find(tx, scope.organization, webhook.id, id)?;
    if found.event_type == PING {
        return refuse(WebhookRefusal::IsTest);
    }
    if webhook.is_disabled() {
        return refuse(WebhookRefusal::Disabled);
    }
    if !deliveries::restart(tx, scope.organization, id, scope.now())? {
        return refuse(WebhookRefusal::Waiting);
    }
    Ok(record(tx, &scope, "webhook.replayed", &webhook, |event| {
        event.after(serde_json::json!({ "event": found.event_type, "event_id": found.event_id }))
    })?)
}

/// Prepares a test and claims it for the caller, who sends it with [`super::Sender::send_now`] after the transaction. A
/// disabled webhook can be tested too.
///
/// # Errors
/// A [`WebhookRefusal`], [`Fault::Denied`] or [`Fault::Missing`].
pub fn test(tx: &mut Tx<'_>, scope: &Scope, id: WebhookId) -> Outcome<Claimed> {
    let (scope, webhook) = begin(tx, scope, id)?;
    let (organization, now) = (scope.organization, scope.now());
    if let Some(wait) = throttle::count(tx, Bucket::WebhookTests, &organization.to_string(), TESTS, now)? {
        return refuse(WebhookRefusal::TooManyTests(wait));
    }
    let body = body::ping(now, organization, scope.actor.member_id());
    let new = delivery(organization, webhook.id, AuditEventId::new(now), PING, body, now);
    deliveries::insert_all(tx, std::slice::from_ref(&new))?;
    record(tx, &scope, "webhook.tested", &webhook, |event| event)?;
    Ok(deliveries::claim_one(tx, new.id, now)?)
}
