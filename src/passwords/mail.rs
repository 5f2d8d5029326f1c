use crate::{
    kit::{Fault, Timestamp},
    mail::Letter,
};
use askama::Template;

#[derive(Template)]
#[template(path = "passwords/reset_letter.txt")]
struct ResetText<'a> {
    username: &'a str,
    link: &'a str,
    expires: &'a str,
}

#[derive(Template)]
#[template(path = "passwords/reset_letter.html")]
struct ResetHtml<'a> {
    username: &'a str,
    link: &'a str,
    expires: &'a str,
}

/// The letter with a link to set a new password.
pub(super) fn reset(username: &str, link: &str, expires_at: Timestamp) -> Result<Letter, Fault> {
    let expires = &expires_at.exact();
    Letter::render(&ResetText { username, link, expires }, &ResetHtml { username, link, expires })
}

#[derive(Template)]
#[template(path = "passwords/changed_letter.txt")]
struct ChangedText<'a> {
    when: &'a str,
    address: &'a str,
    forgotten: &'a str,
}

#[derive(Template)]
#[template(path = "passwords/changed_letter.html")]
struct ChangedHtml<'a> {
    when: &'a str,
    address: &'a str,
    forgotten: &'a str,
}

/// The letter that tells somebody their password was changed.
pub(super) fn changed(at: Timestamp, address: &str, forgotten: &str) -> Result<Letter, Fault> {
    let when = &at.exact();
    Letter::render(&ChangedText { when, address, forgotten }, &ChangedHtml { when, address, forgotten })
}
