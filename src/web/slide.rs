//! The proof of who acts slides while its owner works: each act that needed it renews it.

use super::MemberContext;
use crate::kit::Timestamp;
use actix_session::SessionExt;
use actix_web::{
    HttpMessage,
    body::MessageBody,
    dev::{ServiceRequest, ServiceResponse},
    middleware::Next,
};

/// Key of the last use of the proof in a session's state.
pub const LAST_USED: &str = "used";

/// Writes down in the session that a proof was used, for acts inside an organization.
///
/// # Errors
/// What comes from inside.
pub async fn slide<B: MessageBody>(req: ServiceRequest, next: Next<B>) -> Result<ServiceResponse<B>, actix_web::Error> {
    let session = req.get_session();
    let response = next.call(req).await?;
    let used: Option<Timestamp> = response
        .request()
        .extensions()
        .get::<MemberContext>()
        .and_then(MemberContext::used_at);
    if let (Some(used), None) = (used, response.response().error()) {
        // A page that signs out leaves nothing to write to.
        let _ = session.insert(LAST_USED, used.micros());
    }
    Ok(response)
}
