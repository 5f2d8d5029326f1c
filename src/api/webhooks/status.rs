//! Whether a webhook gets events.

use crate::{
    api::{
        Caller, answers,
        endpoints::Endpoint,
        parameters::{Parameters, WriteParameters},
    },
    db::Db,
    kit::{WebhookId, rights},
    web, webhooks,
};
use actix_web::{
    HttpResponse,
    web::{Data, Path},
};

pub(super) fn endpoints() -> Vec<Endpoint> {
    vec![
        Endpoint::new(__path_disable, disable).needs(rights::WEBHOOK_MANAGE).records(&["webhook.disabled"]),
        Endpoint::new(__path_enable, enable).needs(rights::WEBHOOK_MANAGE).records(&["webhook.enabled"]),
    ]
}

/// Disable a webhook
///
/// It gets no more events, and what waits for it is given up.
#[utoipa::path(put, path = "/api/v1/webhooks/{id}/disablement", operation_id = "disableWebhook", tag = "Webhooks",
    params(("id" = Uuid, Path), WriteParameters), responses((status = 204, description = "It is disabled.")))]
async fn disable(db: Data<Db>, caller: Caller, id: Path<WebhookId>, how: Parameters<WriteParameters>) -> web::Result<HttpResponse> {
    let id = id.into_inner();
    caller.write(&db, how.0, move |tx, scope| webhooks::disable(tx, scope, id)).await?;
    Ok(answers::nothing())
}

/// Enable a webhook
///
/// It gets events from now on.
#[utoipa::path(delete, path = "/api/v1/webhooks/{id}/disablement", operation_id = "enableWebhook", tag = "Webhooks",
    params(("id" = Uuid, Path), WriteParameters), responses((status = 204, description = "It is enabled.")))]
async fn enable(db: Data<Db>, caller: Caller, id: Path<WebhookId>, how: Parameters<WriteParameters>) -> web::Result<HttpResponse> {
    let id = id.into_inner();
    caller.write(&db, how.0, move |tx, scope| webhooks::enable(tx, scope, id)).await?;
    Ok(answers::nothing())
}
