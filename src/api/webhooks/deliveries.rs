//! What was sent to a webhook, sending it again, and tests.

use super::refusals::of_webhook;
use crate::{
    api::{
        Caller,
        answers::{self, PageParameters, page},
        choice,
        endpoints::Endpoint,
        parameters::{NoParameters, Parameters, WriteParameters},
    },
    db::Db,
    kit::{DeliveryId, OperationResult, Timestamp, WebhookId, rights},
    web,
    webhooks::{self, Delivery, DeliveryState, Sender},
};
use actix_web::{
    HttpRequest, HttpResponse,
    web::{Data, Path},
};
use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::{ToSchema, openapi::schema::Object};
use uuid::Uuid;

/// One event on its way to one webhook.
#[derive(Serialize, ToSchema)]
pub(super) struct WebhookDelivery {
    id: Uuid,
    /// What the header `webhook-id` says at every attempt.
    event_id: Uuid,
    /// `ping` in a test.
    #[schema(example = "member.disabled")]
    event_type: String,
    #[schema(schema_with = states)]
    state: &'static str,
    attempts: i64,
    /// When the next attempt is due, while it waits.
    #[schema(required = true)]
    due_at: Option<DateTime<Utc>>,
    /// The status of the latest answer. Null if there was no answer.
    #[schema(required = true)]
    last_status: Option<i64>,
    /// How long the latest attempt took.
    #[schema(required = true)]
    last_milliseconds: Option<i64>,
    /// Why the latest attempt failed, for people.
    #[schema(required = true)]
    last_error: Option<String>,
    created_at: DateTime<Utc>,
    /// When it arrived or was given up.
    #[schema(required = true)]
    ended_at: Option<DateTime<Utc>>,
}

/// A delivery with its body.
#[derive(Serialize, ToSchema)]
struct WebhookDeliveryWithBody {
    #[serde(flatten)]
    delivery: WebhookDelivery,
    /// The text that is signed and sent. Null for callers without `audit:read:*`.
    #[schema(required = true)]
    body: Option<String>,
}

fn states() -> Object {
    choice::described::<DeliveryState>(
        "`waiting`: to be sent, for the first time or again. `failed`: a test that did not arrive. `given_up`: it is not sent again by itself.",
    )
}

page! {
    /// A page of deliveries, the newest first.
    WebhookDeliveryPage of WebhookDelivery
}

impl WebhookDelivery {
    fn of(delivery: Delivery) -> Self {
        let is_waiting = delivery.state == DeliveryState::Waiting;
        Self {
            id: delivery.id.0,
            event_id: delivery.event_id.0,
            event_type: delivery.event_type,
            state: delivery.state.as_str(),
            attempts: delivery.attempts,
            due_at: is_waiting.then(|| delivery.due_at.utc()),
            last_status: delivery.last_status,
            last_milliseconds: delivery.last_ms,
            last_error: delivery.last_error,
            created_at: delivery.created_at.utc(),
            ended_at: delivery.ended_at.map(Timestamp::utc),
        }
    }
}

pub(super) fn endpoints() -> Vec<Endpoint> {
    vec![
        Endpoint::new(__path_test, test)
            .needs(rights::WEBHOOK_MANAGE)
            .refuses(&["too-many-tests"])
            .records(&["webhook.tested"]),
        Endpoint::new(__path_index, index).needs(rights::WEBHOOK_READ),
        Endpoint::new(__path_show, show).needs(rights::WEBHOOK_READ),
        Endpoint::new(__path_replay, replay)
            .needs(rights::WEBHOOK_MANAGE)
            .refuses(&["delivery-is-test", "delivery-waiting", "webhook-disabled"])
            .records(&["webhook.replayed"]),
    ]
}

/// Test a webhook
///
/// Sends a `ping` and waits for its result, ten seconds at most. A disabled webhook can be tested too. It cannot be a dry
/// run.
#[utoipa::path(post, path = "/api/v1/webhooks/{id}/test", operation_id = "testWebhook", tag = "Webhooks", params(("id" = Uuid, Path)),
    responses((status = 200, description = "What became of the test: `delivered` or `failed`, with the status and the time.", body = WebhookDelivery)))]
async fn test(
    db: Data<Db>,
    sender: Data<Sender>,
    caller: Caller,
    id: Path<WebhookId>,
    _: Parameters<NoParameters>,
) -> web::Result<HttpResponse> {
    let id = id.into_inner();
    let claimed = caller.write(&db, WriteParameters::default(), move |tx, scope| webhooks::test(tx, scope, id));
    let claimed = claimed.await.refused()?.map_err(|refusal| of_webhook(&refusal))?;
    let delivery = claimed.id;
    sender.send_now(claimed).await?;
    let (delivery, _) = caller.read(&db, move |conn, scope| webhooks::find_delivery(conn, scope, id, delivery)).await?;
    Ok(HttpResponse::Ok().json(WebhookDelivery::of(delivery)))
}

/// List the deliveries of a webhook
///
/// Of the last 30 days, the newest first.
#[utoipa::path(get, path = "/api/v1/webhooks/{id}/deliveries", operation_id = "listWebhookDeliveries", tag = "Webhooks",
    params(("id" = Uuid, Path), PageParameters),
    responses((status = 200, description = "A page of deliveries.", body = WebhookDeliveryPage)))]
async fn index(
    db: Data<Db>,
    caller: Caller,
    req: HttpRequest,
    id: Path<WebhookId>,
    parameters: Parameters<PageParameters>,
) -> web::Result<HttpResponse> {
    let (id, (before, limit)) = (id.into_inner(), parameters.0.read::<DeliveryId>()?);
    // One more tells whether there is another page.
    let found = caller.read(&db, move |conn, scope| webhooks::latest(conn, scope, id, before, limit + 1));
    let mut data: Vec<WebhookDelivery> = found.await?.into_iter().map(WebhookDelivery::of).collect();
    let size = usize::try_from(limit).unwrap_or_default();
    let is_last = data.len() <= size;
    data.truncate(size);
    let next_cursor = data.last().filter(|_| !is_last).map(|last| last.id.to_string());
    let page = WebhookDeliveryPage { data, next_cursor, total: None };
    Ok(answers::listed(&req, &page, page.next_cursor.as_ref()))
}

/// Read a delivery
#[utoipa::path(get, path = "/api/v1/webhooks/{id}/deliveries/{delivery_id}", operation_id = "getWebhookDelivery", tag = "Webhooks",
    params(("id" = Uuid, Path), ("delivery_id" = Uuid, Path)),
    responses((status = 200, description = "The delivery, with its body.", body = WebhookDeliveryWithBody)))]
async fn show(db: Data<Db>, caller: Caller, ids: Path<(WebhookId, DeliveryId)>, _: Parameters<NoParameters>) -> web::Result<HttpResponse> {
    let (id, delivery) = ids.into_inner();
    let found = caller.read(&db, move |conn, scope| webhooks::find_delivery(conn, scope, id, delivery));
    let (delivery, body) = found.await?;
    let delivery = WebhookDelivery::of(delivery);
    Ok(HttpResponse::Ok().json(WebhookDeliveryWithBody { delivery, body }))
}

/// Send a delivery again
///
/// With the same id and body, and with all attempts again. It is sent within seconds; read the delivery for its result.
#[utoipa::path(post, path = "/api/v1/webhooks/{id}/deliveries/{delivery_id}/replay", operation_id = "replayWebhookDelivery",
    tag = "Webhooks", params(("id" = Uuid, Path), ("delivery_id" = Uuid, Path), WriteParameters),
    responses((status = 204, description = "It is due now.")))]
async fn replay(
    db: Data<Db>,
    caller: Caller,
    ids: Path<(WebhookId, DeliveryId)>,
    how: Parameters<WriteParameters>,
) -> web::Result<HttpResponse> {
    let (id, delivery) = ids.into_inner();
    let done = caller.write(&db, how.0, move |tx, scope| webhooks::replay(tx, scope, id, delivery));
    done.await.refused()?.map_err(|refusal| of_webhook(&refusal))?;
    Ok(answers::nothing())
}
