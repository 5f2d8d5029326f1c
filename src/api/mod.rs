//! The API for other programs. It translates and never decides: every answer comes from an operation that the console
//! uses too, called with the [`crate::kit::Scope`] of the credential's owner.
//!
//! Invariants: a credential is read only from the `Authorization` header, never from a cookie, query or body; a failure
//! is answered as a problem (RFC 9457) that names the true cause to a client that sent the whole credential.

mod authorization;
mod body;
mod caller;
mod problems;
mod me;

pub use body::Json;
pub use caller::{Caller, Credential};

use crate::{
    kit::Fault,
    web::{self, Problem, get, post},
};
use actix_web::{
    HttpResponse, Route,
    http::StatusCode,
    web::{ServiceConfig, resource, route},
};

/// The largest request body that any API route reads.
pub const LARGEST_BODY: usize = 64 * 1024;

pub fn mount(app: &mut ServiceConfig) {
    let me = resource("/api/v1/me");
    app.service(me.route(get().to(me::show)).default_service(only_get()));
    let authorize = resource("/api/v1/authorize");
    app.service(authorize.route(post().to(authorization::create)).default_service(only_post()));
    // Unknown paths below `/api` get neither an HTML page nor a session.
    app.service(resource(["/api", "/api/{rest:.*}"]).to(nothing));
}

async fn nothing() -> web::Result<HttpResponse> {
    Err(Fault::Missing.into())
}

fn wrong_method(allow: &'static str) -> web::Error {
    let detail = format!("The address exists, but only for {allow}.");
    Problem {
        allow: Some(allow),
        ..Problem::new(StatusCode::METHOD_NOT_ALLOWED, "method-not-allowed", "Not with this method", detail)
    }
    .into()
}

fn only_get() -> Route {
    route().to(|| async { Err::<HttpResponse, _>(wrong_method("GET, HEAD")) })
}

fn only_post() -> Route {
    route().to(|| async { Err::<HttpResponse, _>(wrong_method("POST")) })
}
