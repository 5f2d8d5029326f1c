//! The API for other programs. It translates and never decides: every answer comes from an operation that the console
//! uses too, called with the [`crate::kit::Scope`] of the credential's owner.
//!
//! Invariants: a credential is read only from the `Authorization` header, never from a cookie, query or body
//! (`forward_auth` alone also knows the cookie of an application, which opens nothing else); a failure is answered as a
//! problem (RFC 9457) that names the true cause to a client that sent the whole credential.

mod access;
mod access_requests;
mod access_reviews;
mod answers;
mod audit_events;
mod authorization;
mod batches;
mod body;
mod bulk;
mod caller;
mod choice;
mod connections;
mod conventions;
mod document;
mod domains;
mod endpoints;
mod field_errors;
mod forward_auth;
mod introspection;
mod leaked_tokens;
mod grants;
mod identities;
mod identity;
mod identity_refusals;
mod invitations;
mod me;
mod member_permissions;
mod members;
mod object;
mod parameters;
pub mod problem_kinds;
mod problems;
mod quota;
mod reference;
mod refusals;
mod schemas;
mod stream;
mod sessions;
mod single_sign_on;
mod tokens;
mod views;
mod webhooks;
mod who_may;

pub use caller::{Caller, Credential};
pub use quota::Quota;

use crate::web::Routes;
use actix_web::{
    dev::HttpServiceFactory,
    middleware::from_fn,
    web::{route, scope},
};
use endpoints::Endpoint;

/// The largest request body that any API route reads.
pub const LARGEST_BODY: usize = 64 * 1024;

/// Prefix of every address.
const PREFIX: &str = "/api/v1";

/// Every operation: those without a credential first.
fn endpoints() -> Vec<Endpoint> {
    let mut all = vec![Endpoint::new(document::__path_show, document::show).public()];
    all.extend(me::endpoints());
    all.extend(authorization::endpoints());
    all.extend(forward_auth::endpoints());
    all.extend(introspection::endpoints());
    all.extend(leaked_tokens::endpoints());
    all.extend(member_permissions::endpoints());
    all.extend(who_may::endpoints());
    all.extend(members::endpoints());
    all.extend(views::endpoints());
    all.extend(access_requests::endpoints());
    all.extend(bulk::endpoints());
    all.extend(batches::endpoints());
    all.extend(audit_events::endpoints());
    all.extend(identity::endpoints());
    all.extend(sessions::endpoints());
    all.extend(identities::endpoints());
    all.extend(tokens::endpoints());
    all.extend(invitations::endpoints());
    all.extend(access::endpoints());
    all.extend(access_reviews::endpoints());
    all.extend(connections::endpoints());
    all.extend(single_sign_on::endpoints());
    all.extend(domains::endpoints());
    all.extend(webhooks::endpoints());
    all
}

/// Every operation: method and path.
pub fn operations() -> Vec<(&'static str, String)> {
    endpoints().into_iter().map(|endpoint| (endpoint.method_name(), endpoint.path)).collect()
}

/// The pages that describe the API, and the operations outside its conventions.
pub fn mount(app: &mut Routes) {
    reference::mount(app);
    endpoints::mount(endpoints().into_iter().filter(|endpoint| endpoint.is_outside), app);
}

/// All other operations. Unknown addresses get neither an HTML page nor a session.
pub fn service() -> impl HttpServiceFactory {
    let mount = |app: &mut Routes| endpoints::mount(endpoints().into_iter().filter(|endpoint| !endpoint.is_outside), app);
    let operations = Routes::in_scope(PREFIX, mount).otherwise(route().to(answers::missing));
    scope(PREFIX).service(operations).wrap(from_fn(conventions::conventions))
}
