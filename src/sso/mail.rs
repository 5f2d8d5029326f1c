//! Letters about identities: to the person, when one is connected with their account or removed from it.

use crate::{
    connections::Connection,
    db::Tx,
    kit::{Fault, RequestInfo},
    mail::{Letter, Outbox, queue},
    users::User,
};
use askama::Template;

#[derive(Template)]
#[template(path = "sso/identity_letter.txt")]
struct IdentityText<'a> {
    title: &'a str,
    what: &'a str,
    when: &'a str,
    address: &'a str,
    link: &'a str,
}

#[derive(Template)]
#[template(path = "sso/identity_letter.html")]
struct IdentityHtml<'a> {
    what: &'a str,
    when: &'a str,
    address: &'a str,
    link: &'a str,
}

/// Whether an identity was connected or removed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Change<'a> {
    Linked { email: &'a str },
    Unlinked { email: &'a str },
}

/// Tells the person at their stored address.
pub(super) fn tell(
    tx: &mut Tx<'_>,
    outbox: &Outbox,
    user: &User,
    connection: &Connection,
    change: Change<'_>,
    request_info: &RequestInfo,
) -> Result<(), Fault> {
    let (title, what, kind) = match change {
        Change::Linked { email } => (
            "A sign-in was connected with your account",
            format!("Whoever signs in at “{}” as {email} now signs in to your account.", connection.name),
            "identity.linked",
        ),
        Change::Unlinked { email } => (
            "A sign-in was removed from your account",
            format!("Your account cannot be entered through “{}” as {email} any more.", connection.name),
            "identity.unlinked",
        ),
    };
    let (when, link) = (request_info.now.exact(), outbox.link(&format!("/o/{}/me", connection.organization_id)));
    let address = request_info.address.as_str();
    let text = IdentityText { title, what: &what, when: &when, address, link: &link };
    let html = IdentityHtml { what: &what, when: &when, address, link: &link };
    let letter = Letter::render(&text, &html)?;
    queue(tx, outbox, None, kind, &user.address()?, &letter, request_info.now)?;
    Ok(())
}
