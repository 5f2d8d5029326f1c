//! SCIM 2.0 (RFC 7643, RFC 7644): identity providers keep people and teams up to date. It translates and never decides:
//! `provisioning` says what a client may do. `protocol` holds what needs no database.
//!
//! Invariants: the credential is a token of a system account, read only from the `Authorization` header; what is not an
//! attribute of the schemas is neither stored nor searched; a password is neither stored nor answered nor logged.

mod answers;
mod bulk;
mod caller;
mod conventions;
mod discovery;
mod found;
mod group;
mod groups;
mod log;
mod preconditions;
mod protocol;
mod reading;
mod refusals;
mod search;
mod user;
mod user_lists;
mod users;

pub use caller::Scans;
pub use conventions::ScimQuota;

use crate::{
    kit::Fault,
    web::{self, Routes, SCIM},
};
use actix_web::{
    HttpResponse,
    dev::HttpServiceFactory,
    middleware::from_fn,
    web::{PayloadConfig, route, scope},
};

/// Every address. Unknown ones get neither a page nor a session.
pub fn service() -> impl HttpServiceFactory {
    let mount = |app: &mut Routes| {
        discovery::mount(app);
        users::mount(app);
        groups::mount(app);
        search::mount(app);
        bulk::mount(app);
    };
    let addresses = Routes::in_scope(SCIM, mount).otherwise(route().to(missing));
    scope(SCIM)
        .app_data(PayloadConfig::new(protocol::schema::MAX_BULK_PAYLOAD))
        .service(addresses)
        .wrap(from_fn(conventions::conventions))
}

async fn missing() -> web::Result<HttpResponse> {
    Err(Fault::Missing.into())
}
