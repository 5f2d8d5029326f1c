//! Webhooks as the API shows them: the list, and one.

use crate::{
    api::{
        Caller,
        answers::{self, page},
        choice,
        endpoints::Endpoint,
        parameters::{NoParameters, Parameters},
    },
    db::{Conn, Db},
    kit::{Fault, Scope, Timestamp, WebhookId, rights},
    web,
    webhooks::{self, DisabledReason, Status},
};
use actix_web::{
    HttpResponse,
    web::{Data, Path},
};
use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::{
    ToSchema,
    openapi::schema::{Object, Schema},
};
use uuid::Uuid;

/// An address of a product that is told of events.
#[derive(Serialize, ToSchema)]
pub(super) struct Webhook {
    pub id: Uuid,
    #[schema(example = "https://hooks.example.com/roster")]
    pub url: String,
    #[schema(example = "The shop")]
    pub description: String,
    /// The types of events that it is told of. Null if it is told of all, also those of later versions.
    #[schema(required = true, example = json!(["member.disabled", "member.enabled"]))]
    pub event_types: Option<Vec<String>>,
    #[schema(schema_with = statuses)]
    pub status: &'static str,
    #[schema(required = true, schema_with = reasons)]
    pub disabled_reason: Option<&'static str>,
    /// Since when attempts fail. Null if the latest one did not.
    #[schema(required = true)]
    pub failing_since: Option<DateTime<Utc>>,
    /// Until when replaced secrets still sign beside the present one, the latest first.
    pub old_secrets_until: Vec<DateTime<Utc>>,
    pub created_at: DateTime<Utc>,
    /// The member who created it, if they still exist.
    #[schema(required = true)]
    pub created_by: Option<Uuid>,
    /// Counts the changes. The same as the ETag.
    pub version: i64,
}

page! {
    /// All webhooks of the organization, on one page.
    WebhookPage of Webhook
}

fn statuses() -> Object {
    choice::described::<Status>("`failing`: the latest attempt failed; it gets events, one at a time. `disabled`: it gets none.")
}

fn reasons() -> Schema {
    let description = "Why it is disabled. `gone`: the receiver answered 410. `failing`: nothing arrived for five days.";
    choice::null_or::<DisabledReason>().description(Some(description)).into()
}

impl Webhook {
    fn of(webhook: webhooks::Webhook, overlap: &[Timestamp]) -> Self {
        Self {
            id: webhook.id.0,
            event_types: webhook.types().map(<[String]>::to_vec),
            url: webhook.url,
            description: webhook.description,
            status: webhook.status.as_str(),
            disabled_reason: webhook.disabled_reason.map(DisabledReason::as_str),
            failing_since: webhook.failing_since.map(Timestamp::utc),
            old_secrets_until: overlap.iter().map(|end| end.utc()).collect(),
            created_at: webhook.created_at.utc(),
            created_by: webhook.created_by.map(|id| id.0),
            version: webhook.version,
        }
    }
    /// A webhook that was read, with the ends of its replaced secrets.
    pub fn whole(conn: &mut Conn, scope: &Scope, webhook: webhooks::Webhook) -> Result<Self, Fault> {
        let overlap = webhooks::overlap(conn, scope, webhook.id)?;
        Ok(Self::of(webhook, &overlap))
    }
    pub fn find(conn: &mut Conn, scope: &Scope, id: WebhookId) -> Result<Self, Fault> {
        let webhook = webhooks::find(conn, scope, id)?;
        Self::whole(conn, scope, webhook)
    }
}

pub(super) fn endpoints() -> Vec<Endpoint> {
    vec![
        Endpoint::new(__path_index, index).needs(rights::WEBHOOK_READ),
        Endpoint::new(__path_show, show).needs(rights::WEBHOOK_READ),
    ]
}

/// List webhooks
///
/// All of them, the oldest first: there are at most twenty.
#[utoipa::path(get, path = "/api/v1/webhooks", operation_id = "listWebhooks", tag = "Webhooks",
    responses((status = 200, description = "The webhooks.", body = WebhookPage)))]
async fn index(db: Data<Db>, caller: Caller, _: Parameters<NoParameters>) -> web::Result<HttpResponse> {
    let data = caller.read(&db, |conn, scope| {
        let all = webhooks::list(conn, scope)?;
        all.into_iter()
            .map(|webhook| Webhook::whole(conn, scope, webhook))
            .collect::<Result<Vec<_>, Fault>>()
    });
    let data = data.await?;
    Ok(HttpResponse::Ok().json(WebhookPage { data, next_cursor: None, total: None }))
}

/// Read a webhook
#[utoipa::path(get, path = "/api/v1/webhooks/{id}", operation_id = "getWebhook", tag = "Webhooks", params(("id" = Uuid, Path)),
    responses((status = 200, description = "The webhook.", body = Webhook, headers(("ETag" = String, description = "Its version.")))))]
async fn show(db: Data<Db>, caller: Caller, id: Path<WebhookId>, _: Parameters<NoParameters>) -> web::Result<HttpResponse> {
    let id = id.into_inner();
    let webhook = caller.read(&db, move |conn, scope| Webhook::find(conn, scope, id)).await?;
    Ok(answers::record(webhook.version, &webhook))
}
