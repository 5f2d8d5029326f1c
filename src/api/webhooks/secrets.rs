//! The secrets with which calls of webhooks are signed. Each is told once.

use super::rows::Webhook;
use crate::{
    api::{
        Caller, answers,
        endpoints::Endpoint,
        parameters::{Parameters, WriteParameters},
    },
    db::Db,
    kit::{Fault, WebhookId, rights},
    web,
    webhooks::{self, Sender, SigningSecret},
};
use actix_web::{
    HttpResponse,
    web::{Data, Path},
};
use serde::Serialize;
use utoipa::ToSchema;

/// A webhook with its newest secret.
#[derive(Serialize, ToSchema)]
pub(super) struct WebhookWithSecret {
    #[serde(flatten)]
    webhook: Webhook,
    /// The secret of Standard Webhooks. It is told here and never again. Null in a dry run.
    #[schema(required = true, example = "whsec_Qm9zdG9u…")]
    secret: Option<String>,
}

impl WebhookWithSecret {
    pub fn of(webhook: Webhook, secret: &SigningSecret, how: WriteParameters) -> Self {
        Self { webhook, secret: (!how.dry_run).then(|| secret.expose()) }
    }
}

pub(super) fn endpoints() -> Vec<Endpoint> {
    let rotation = Endpoint::new(__path_rotate, rotate);
    vec![rotation.needs(rights::WEBHOOK_MANAGE).records(&["webhook.secret_rotated"])]
}

/// Give a webhook a new secret
///
/// For 24 hours each call is signed with the secret before too, so that the receiver can change over.
#[utoipa::path(post, path = "/api/v1/webhooks/{id}/secret", operation_id = "rotateWebhookSecret", tag = "Webhooks",
    params(("id" = Uuid, Path), WriteParameters), responses((status = 200, description = "The webhook, with its new secret.",
        body = WebhookWithSecret, headers(("ETag" = String, description = "Its version, which stays the same.")))))]
async fn rotate(
    db: Data<Db>,
    sender: Data<Sender>,
    caller: Caller,
    id: Path<WebhookId>,
    how: Parameters<WriteParameters>,
) -> web::Result<HttpResponse> {
    let (id, secrets) = (id.into_inner(), sender.secrets.clone());
    let done = caller.write(&db, how.0, move |tx, scope| {
        let (webhook, secret) = webhooks::rotate(tx, scope, &secrets, id)?;
        Ok::<_, Fault>((Webhook::whole(tx, scope, webhook)?, secret))
    });
    let (webhook, secret) = done.await?;
    Ok(answers::record(webhook.version, &WebhookWithSecret::of(webhook, &secret, how.0)))
}
