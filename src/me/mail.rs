//! Letters about a change of one's own email: to the new address, and to the old one.

use crate::{
    kit::{Fault, RequestInfo, Timestamp},
    mail::Letter,
};
use askama::Template;

#[derive(Template)]
#[template(path = "me/confirm_letter.txt")]
struct ConfirmText<'a> {
    username: &'a str,
    new: &'a str,
    link: &'a str,
    expires: &'a str,
}

#[derive(Template)]
#[template(path = "me/confirm_letter.html")]
struct ConfirmHtml<'a> {
    username: &'a str,
    new: &'a str,
    link: &'a str,
    expires: &'a str,
}

/// The letter to the new address, with the link that makes it theirs.
pub(super) fn confirm_letter(username: &str, new: &str, link: &str, expires_at: Timestamp) -> Result<Letter, Fault> {
    let expires = &expires_at.exact();
    Letter::render(&ConfirmText { username, new, link, expires }, &ConfirmHtml { username, new, link, expires })
}

#[derive(Template)]
#[template(path = "me/taken_letter.txt")]
struct TakenText<'a> {
    new: &'a str,
    when: &'a str,
}

#[derive(Template)]
#[template(path = "me/taken_letter.html")]
struct TakenHtml<'a> {
    new: &'a str,
    when: &'a str,
}

/// The notice to an address that belongs to somebody already, or looks like one that does. It names neither the asker,
/// who could have put a message into their own name, nor anybody else.
pub(super) fn taken_letter(new: &str, request_info: &RequestInfo) -> Result<Letter, Fault> {
    let when = &request_info.now.exact();
    Letter::render(&TakenText { new, when }, &TakenHtml { new, when })
}

#[derive(Template)]
#[template(path = "me/asked_letter.txt")]
struct AskedText<'a> {
    new: &'a str,
    when: &'a str,
    address: &'a str,
}

#[derive(Template)]
#[template(path = "me/asked_letter.html")]
struct AskedHtml<'a> {
    new: &'a str,
    when: &'a str,
    address: &'a str,
}

/// The notice to the old address. Nothing can be done from it.
pub(super) fn asked_letter(new: &str, request_info: &RequestInfo) -> Result<Letter, Fault> {
    let (when, address) = (&request_info.now.exact(), &request_info.address);
    Letter::render(&AskedText { new, when, address }, &AskedHtml { new, when, address })
}
