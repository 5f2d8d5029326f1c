//! Pages of `sso`: one struct per template, with what it shows.

use super::{answer::Tested, refusal::SsoRefusal};
use crate::{
    connections::Connection,
    web::{self, Field, MemberContext, Respond, VisitorContext, filters},
};
use actix_web::{HttpResponse, http::StatusCode};
use askama::Template;

/// Leads on to the provider, by itself and by a link.
#[derive(Template)]
#[template(path = "sso/leaving.html")]
pub(super) struct Leaving {
    pub url: String,
    pub name: String,
}

/// Nobody was signed in, and why.
#[derive(Template)]
#[template(path = "sso/refused.html")]
struct Refused {
    visitor: VisitorContext,
    title: &'static str,
    text: String,
    again: String,
    name: String,
}

/// The answer belongs to no open sign-in of this browser.
#[derive(Template)]
#[template(path = "sso/lapsed.html")]
struct Lapsed {
    again: String,
    name: String,
}

/// Asks for an address, to find the connection of its domain.
#[derive(Template)]
#[template(path = "sso/discovery.html")]
pub(super) struct Discovery {
    pub visitor: VisitorContext,
    pub email: Field,
    pub next: String,
}

/// Signed out here, but not at the provider.
#[derive(Template)]
#[template(path = "sso/signed_out.html")]
pub(super) struct SignedOut {
    pub name: String,
    /// Where people sign out at the provider.
    pub url: String,
}

/// There is an account with the address that the provider named.
#[derive(Template)]
#[template(path = "sso/connect.html")]
pub(super) struct Connect {
    pub visitor: VisitorContext,
    pub organization: String,
    pub email: String,
    pub name: String,
    /// Its owner is signed in.
    pub is_owner: bool,
}

/// What a test of a connection brought.
#[derive(Template)]
#[template(path = "sso/test.html")]
pub(super) struct TestResult {
    pub context: MemberContext,
    pub connection: Connection,
    pub tested: Tested,
    /// What Roster would do.
    pub outcome: Vec<String>,
}

impl TestResult {
    fn home(&self) -> String {
        self.context.path(format!("/settings/connections/{}", self.connection.id))
    }
}

/// The page of a refusal. The organization's name stands in the words that the person reads.
///
/// # Errors
/// When the template cannot be rendered.
pub(super) fn refused(visitor: VisitorContext, connection: &Connection, refusal: SsoRefusal) -> web::Result<HttpResponse> {
    let page = Refused {
        visitor,
        title: refusal.title(),
        text: refusal.text("the organization"),
        again: connection.start_path(),
        name: connection.name.clone(),
    };
    page.with_status(StatusCode::FORBIDDEN)
}

/// # Errors
/// When the template cannot be rendered.
pub(super) fn lapsed(connection: &Connection) -> web::Result<HttpResponse> {
    let page = Lapsed { again: connection.start_path(), name: connection.name.clone() };
    page.with_status(StatusCode::GONE)
}
