//! The session of a person whom an identity provider let in, or the way to their second step.

use super::{DeviceCookies, federated::FederatedConclusion, second_step, state::begin_federated};
use crate::{
    kit::Fault,
    second_factors::SecondFactors,
    web::{self, VisitorContext, safe_path, see_other},
};
use actix_session::Session;
use actix_web::HttpResponse;

/// Begins the session and leads to `next`, or leads to the second step.
///
/// # Errors
/// As [`super::begin`].
pub fn enter_federated(
    session: &Session,
    devices: &DeviceCookies,
    factors: &SecondFactors,
    visitor: &VisitorContext,
    conclusion: FederatedConclusion,
    next: &str,
) -> web::Result<HttpResponse> {
    if conclusion.is_half_way {
        return second_step::ask_federated(factors, visitor, conclusion, next);
    }
    let FederatedConclusion { user, password, sign_in, .. } = conclusion;
    begin_federated(session, user.id, password, &sign_in.federated, &visitor.request_info)?;
    let mut response = see_other(&safe_path(&visitor.site, next));
    response.add_cookie(&devices.cookie(&visitor.site, &user)).map_err(Fault::broken)?;
    Ok(response)
}
