//! What is the same for every address: the caller is authenticated before anything is read, their requests are counted,
//! and what a SCIM client sends and is answered is written down for administrators.

use super::{caller::ScimCaller, log};
use crate::{
    api::{self, Quota},
    db::Db,
    kit::Fault,
    provisioning::CallLog,
    web,
};
use actix_web::{
    Error, HttpMessage,
    body::{BoxBody, MessageBody},
    dev::{Payload, ServiceRequest, ServiceResponse},
    middleware::Next,
    web::{Bytes, Data},
};
use futures_util::stream;
use std::{future::ready, time::Instant};

/// How often a SCIM client may call: ten times as often as a program, because a first synchronization sends everybody.
#[derive(Clone)]
pub struct ScimQuota(Quota);

impl ScimQuota {
    /// `most` requests of one program in a minute; 0 is no limit.
    pub fn new(most: u32) -> Self {
        Self(Quota::new(most.saturating_mul(10)))
    }
}

/// Wraps every address.
///
/// # Errors
/// Those of the inner service; its own are part of the answer.
pub(super) async fn conventions<B: MessageBody + 'static>(
    mut req: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let began = Instant::now();
    let caller = match admit(&mut req).await {
        Ok(caller) => caller,
        Err(error) => return Ok(req.error_response(error)),
    };
    let sent = match body(&mut req).await {
        Ok(sent) => sent,
        Err(error) => return Ok(req.error_response(error)),
    };
    let calls = req.app_data::<Data<CallLog>>().cloned();
    req.extensions_mut().insert(caller.clone());
    let answered = next.call(req).await?.map_into_boxed_body();
    match (calls, &caller.provisioner) {
        (Some(calls), Some(provisioner)) => Ok(log::note(&calls, provisioner, &caller, &sent, answered, began).await),
        _ => Ok(answered),
    }
}

async fn admit(req: &mut ServiceRequest) -> web::Result<ScimCaller> {
    let caller = req.extract::<api::Caller>().await?;
    let (Some(db), Some(quota)) = (req.app_data::<Data<Db>>(), req.app_data::<Data<ScimQuota>>()) else {
        return Err(Fault::broken("the app has no limit for SCIM").into());
    };
    let credential = format!("scim {}", caller.credential_key());
    quota.0.admit(db, &credential, caller.scope.now()).await?;
    ScimCaller::of(req.request(), &caller).await
}

/// The body, which the outer middleware has read.
async fn body(req: &mut ServiceRequest) -> web::Result<Bytes> {
    let body = req.extract::<actix_web::web::Payload>().await.map_err(|_| web::Error::TooLarge)?;
    let body = body.to_bytes_limited(super::protocol::schema::MAX_BULK_PAYLOAD).await;
    let body = body.map_err(|_| web::Error::TooLarge)?;
    let body = body.map_err(|_| web::Error::Malformed("The request broke off.".into()))?;
    req.set_payload(Payload::Stream { payload: Box::pin(stream::once(ready(Ok(body.clone())))) });
    Ok(body)
}
