//! Creating, changing and deleting webhooks.

use super::{refusals::of_webhook, rows::Webhook, secrets::WebhookWithSecret};
use crate::{
    api::{
        Caller,
        answers::{self, IfMatch},
        body::Body,
        choice,
        endpoints::Endpoint,
        parameters::{Parameters, WriteParameters},
    },
    db::Db,
    kit::{OperationResult, WebhookId, rights},
    web::{self, FieldError, Problem},
    webhooks::{self, NewWebhook, Sender, WebhookForm, events},
};
use actix_web::{
    HttpResponse,
    web::{Data, Path},
};
use serde::{Deserialize, Deserializer};
use utoipa::{
    ToSchema,
    openapi::schema::{Array, ArrayBuilder, SchemaType, Type},
};

/// A webhook to create.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct WebhookRequest {
    /// A public address that is called with https, without a user name and a fragment.
    #[schema(max_length = 2000, example = "https://hooks.example.com/roster")]
    url: String,
    /// What lists, letters and the Audit Log call it. Its host, if this is left out.
    #[schema(max_length = 100, example = "The shop")]
    description: Option<String>,
    #[schema(schema_with = event_types)]
    event_types: Option<Vec<String>>,
}

/// What to change of a webhook. What is left out stays as it is.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct WebhookPatch {
    #[schema(max_length = 2000)]
    url: Option<String>,
    #[schema(max_length = 100)]
    description: Option<String>,
    #[serde(default)]
    #[schema(schema_with = event_types)]
    event_types: NewEventTypes,
}

/// The types of events that a changed webhook is told of.
#[derive(Default)]
enum NewEventTypes {
    /// Nothing was sent.
    #[default]
    AsBefore,
    /// Null was sent.
    All,
    These(Vec<String>),
}

impl<'de> Deserialize<'de> for NewEventTypes {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        Ok(Option::deserialize(from)?.map_or(Self::All, Self::These))
    }
}

impl NewEventTypes {
    fn or(self, present: Option<Vec<String>>) -> Option<Vec<String>> {
        match self {
            Self::AsBefore => present,
            Self::All => None,
            Self::These(types) => Some(types),
        }
    }
}

/// The schema of the types of events.
fn event_types() -> Array {
    ArrayBuilder::new()
        .schema_type(SchemaType::from_iter([Type::Array, Type::Null]))
        .items(choice::of(events::all().map(|kind| kind.name)))
        .min_items(Some(1))
        .description(Some("The types of events that it is told of. Null for all, also those of later versions."))
        .build()
}

/// Checks the values as in the console.
async fn checked(
    caller: &Caller,
    sender: &Sender,
    url: String,
    description: String,
    event_types: Option<Vec<String>>,
) -> web::Result<NewWebhook> {
    let mut form = WebhookForm::sent(url, description, event_types);
    if let Some(wanted) = form.judged(sender, caller.scope.organization).await? {
        return Ok(wanted);
    }
    let error = |(field, text): (&str, &str)| {
        let name = if field == "events" { "event_types" } else { field };
        FieldError::new(format!("/{name}"), "invalid", text)
    };
    Err(Problem::fields(form.complaints().into_iter().map(error).collect()).into())
}

pub(super) fn endpoints() -> Vec<Endpoint> {
    let changing = |endpoint: Endpoint| endpoint.needs(rights::WEBHOOK_MANAGE);
    vec![
        changing(Endpoint::new(__path_create, create))
            .refuses(&["limit-reached"])
            .records(&["webhook.created"]),
        changing(Endpoint::new(__path_update, update)).versioned().records(&["webhook.edited"]),
        changing(Endpoint::new(__path_delete, delete)).records(&["webhook.deleted"]),
    ]
}

/// Create a webhook
///
/// It is told of what happens from now on. The answer tells the secret with which its calls are signed.
#[utoipa::path(post, path = "/api/v1/webhooks", operation_id = "createWebhook", tag = "Webhooks", params(WriteParameters),
    request_body = WebhookRequest, responses((status = 201, description = "The webhook, with its secret.", body = WebhookWithSecret,
        headers(("Location" = String, description = "Its address."), ("ETag" = String, description = "Its version.")))))]
async fn create(
    db: Data<Db>,
    sender: Data<Sender>,
    caller: Caller,
    how: Parameters<WriteParameters>,
    body: Body<WebhookRequest>,
) -> web::Result<HttpResponse> {
    let WebhookRequest { url, description, event_types } = body.0;
    let wanted = checked(&caller, &sender, url, description.unwrap_or_default(), event_types).await?;
    let secrets = sender.secrets.clone();
    let done = caller.write(&db, how.0, move |tx, scope| {
        let (webhook, secret) = webhooks::create(tx, scope, &secrets, &wanted)?;
        Ok((Webhook::whole(tx, scope, webhook)?, secret))
    });
    let (webhook, secret) = done.await.refused()?.map_err(|refusal| of_webhook(&refusal))?;
    let (path, version) = (format!("/api/v1/webhooks/{}", webhook.id), webhook.version);
    Ok(answers::created(&path, version, &WebhookWithSecret::of(webhook, &secret, how.0)))
}

/// Change a webhook
#[utoipa::path(patch, path = "/api/v1/webhooks/{id}", operation_id = "updateWebhook", tag = "Webhooks",
    params(("id" = Uuid, Path), WriteParameters), request_body = WebhookPatch,
    responses((status = 200, description = "The webhook after the change.", body = Webhook, headers(("ETag" = String, description = "Its new version.")))))]
async fn update(
    db: Data<Db>,
    sender: Data<Sender>,
    caller: Caller,
    id: Path<WebhookId>,
    how: Parameters<WriteParameters>,
    expected: IfMatch,
    body: Body<WebhookPatch>,
) -> web::Result<HttpResponse> {
    let (id, WebhookPatch { url, description, event_types }) = (id.into_inner(), body.0);
    let present = caller.read(&db, move |conn, scope| Webhook::find(conn, scope, id)).await?;
    let version = expected.version(present.version)?;
    let (url, description) = (url.unwrap_or(present.url), description.unwrap_or(present.description));
    let wanted = checked(&caller, &sender, url, description, event_types.or(present.event_types)).await?;
    let done = caller.write(&db, how.0, move |tx, scope| {
        webhooks::update(tx, scope, id, version, &wanted)?;
        Ok(Webhook::find(tx, scope, id)?)
    });
    let webhook = done.await.refused()?.map_err(|refusal| of_webhook(&refusal))?;
    Ok(answers::record(webhook.version, &webhook))
}

/// Delete a webhook
///
/// For good, with its secrets and deliveries.
#[utoipa::path(delete, path = "/api/v1/webhooks/{id}", operation_id = "deleteWebhook", tag = "Webhooks",
    params(("id" = Uuid, Path), WriteParameters), responses((status = 204, description = "It is deleted.")))]
async fn delete(db: Data<Db>, caller: Caller, id: Path<WebhookId>, how: Parameters<WriteParameters>) -> web::Result<HttpResponse> {
    let id = id.into_inner();
    caller.write(&db, how.0, move |tx, scope| webhooks::delete(tx, scope, id)).await?;
    Ok(answers::nothing())
}
