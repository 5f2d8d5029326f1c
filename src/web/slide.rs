//! Sliding expiry of the identity proof: each operation that needed the proof renews it.

use super::MemberContext;
use crate::kit::Timestamp;
use actix_session::SessionExt;
use actix_web::{
    HttpMessage,
    body::MessageBody,
    dev::{ServiceRequest, ServiceResponse},
    middleware::Next,
};

/// Session key of the last use of the proof.
pub const LAST_USED: &str = "used";

/// Stores in the session that a proof was used, for requests inside an organization.
pub async fn slide<B: MessageBody>(req: ServiceRequest, next: Next<B>) -> Result<ServiceResponse<B>, actix_web::Error> {
    let session = req.get_session();
    let response = next.call(req).await?;
    let used: Option<Timestamp> = response.request().extensions().get::<MemberContext>().and_then(MemberContext::used_at);
    if let (Some(used), None) = (used, response.response().error()) {
        // After a sign-out there is no session to write to.
        let _ = session.insert(LAST_USED, used.micros());
    }
    Ok(response)
}
