//! The end of a sign-in through an identity provider: the second step of our own where it is still due, and the session.

use super::{
    device::{Browser, DeviceCookies},
    sign_in::{self, Outcome},
    state::Federated,
    tell_of_device,
};
use crate::{
    db::Tx,
    kit::{Fault, OrganizationId, RequestInfo, Timestamp},
    mail::Outbox,
    members, passwords, second_factors,
    users::User,
    web::VisitorContext,
};
use actix_web::HttpRequest;
use serde::{Deserialize, Serialize};

/// A person whom a connection of this organization lets in.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct FederatedSignIn {
    pub organization: OrganizationId,
    /// The kind of connection, as the login activity names it.
    pub method: String,
    pub federated: Federated,
}

/// How far the sign-in got.
#[derive(Clone, Debug)]
pub struct FederatedConclusion {
    pub user: User,
    /// When their password was set, if they have one: a session ends when it is changed.
    pub password: Option<Timestamp>,
    pub sign_in: FederatedSignIn,
    /// Their own second factor is still to come.
    pub is_half_way: bool,
}

/// Decides whether a second step is due, and records the sign-in unless it is.
pub fn conclude_federated(
    tx: &mut Tx<'_>,
    outbox: &Outbox,
    user: User,
    sign_in: FederatedSignIn,
    browser: &Browser,
    request_info: &RequestInfo,
) -> Result<FederatedConclusion, Fault> {
    let password = passwords::find(tx, user.id)?.map(|password| password.changed_at);
    let is_half_way = !sign_in.federated.has_two_steps && second_factors::has_any(tx, user.id)?;
    if !is_half_way {
        finish(tx, outbox, &user, &sign_in, browser, &sign_in.method, request_info)?;
    }
    Ok(FederatedConclusion { user, password, sign_in, is_half_way })
}

/// The last step succeeded: records it for the organization of the connection.
pub(super) fn finish(
    tx: &mut Tx<'_>,
    outbox: &Outbox,
    user: &User,
    sign_in: &FederatedSignIn,
    browser: &Browser,
    method: &str,
    request_info: &RequestInfo,
) -> Result<Outcome, Fault> {
    let member = members::find_by_user(tx, sign_in.organization, user.id)?;
    if !member.is_some_and(|member| member.status == crate::kit::MemberStatus::Active) {
        sign_in::record_in(tx, sign_in.organization, user.id, Outcome::NotActive, method, request_info)?;
        return Ok(Outcome::NotActive);
    }
    if !browser.is_known_to(user) {
        tell_of_device(tx, outbox, user, request_info)?;
    }
    members::touch_sign_in_here(tx, sign_in.organization, user.id, request_info.now)?;
    sign_in::record_in(tx, sign_in.organization, user.id, Outcome::SignedIn, method, request_info)?;
    Ok(Outcome::SignedIn)
}

/// The browser that sent the request, for [`conclude_federated`].
pub fn browser(devices: &DeviceCookies, req: &HttpRequest, visitor: &VisitorContext) -> Browser {
    devices.browser(req, &visitor.site)
}
