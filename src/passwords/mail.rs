//! Letters of `passwords`.

use super::CredentialCount;
use crate::{
    kit::{Fault, OrganizationId, Timestamp},
    mail::Letter,
};
use askama::Template;

/// Why a person gets a link to set a new password.
pub enum Reason<'a> {
    /// The person asked for it, or a visitor who typed their name.
    Forgotten,
    Administrator {
        name: &'a str,
        organization: (OrganizationId, &'a str),
    },
    /// The person said that a sign-in was not theirs.
    Disowned,
}

impl Reason<'_> {
    /// The organization whose administrator caused the letter, if one did.
    pub(super) fn organization(&self) -> Option<OrganizationId> {
        match self {
            Self::Administrator { organization, .. } => Some(organization.0),
            _ => None,
        }
    }
    fn opening(&self, username: &str) -> String {
        match self {
            Self::Forgotten => format!("Somebody, probably you, asked for a new password for {username}. Open this link to choose one:"),
            Self::Administrator { name, organization: (_, organization) } => {
                format!("{name} of {organization} asks you to choose a new password for {username}. Open this link to do so:")
            }
            Self::Disowned => format!(
                "You said that a sign-in was not yours. Every session of {username} has ended, and the old password does not work any more. Open this link to choose a new one:"
            ),
        }
    }
    fn closing(&self) -> &'static str {
        match self {
            Self::Forgotten => "If it was not you, ignore this letter: your password stays as it is.",
            Self::Administrator { .. } => "Until you do, your password stays as it is.",
            Self::Disowned => "After that, “Forgot your password?” on the sign-in page sends another one.",
        }
    }
}

#[derive(Template)]
#[template(path = "passwords/reset_letter.txt")]
struct ResetText<'a> {
    opening: &'a str,
    link: &'a str,
    expires: &'a str,
    closing: &'a str,
}

#[derive(Template)]
#[template(path = "passwords/reset_letter.html")]
struct ResetHtml<'a> {
    opening: &'a str,
    link: &'a str,
    expires: &'a str,
    closing: &'a str,
}

/// The letter with a link to set a new password.
pub(super) fn reset(reason: &Reason<'_>, username: &str, link: &str, expires_at: Timestamp) -> Result<Letter, Fault> {
    let (opening, expires, closing) = (&reason.opening(username), &expires_at.exact(), reason.closing());
    Letter::render(&ResetText { opening, link, expires, closing }, &ResetHtml { opening, link, expires, closing })
}

#[derive(Template)]
#[template(path = "passwords/temporary_letter.txt")]
struct TemporaryText<'a> {
    about: &'a Temporary<'a>,
}

#[derive(Template)]
#[template(path = "passwords/temporary_letter.html")]
struct TemporaryHtml<'a> {
    about: &'a Temporary<'a>,
}

/// The content of the letter about a temporary password. It does not contain the password.
pub(super) struct Temporary<'a> {
    pub administrator: &'a str,
    pub organization: &'a str,
    pub username: &'a str,
    pub expires: &'a str,
    pub sign_in: &'a str,
    /// Which API credentials ended with the old password, if any.
    pub keys: &'a str,
}

pub(super) fn temporary(about: &Temporary<'_>) -> Result<Letter, Fault> {
    Letter::render(&TemporaryText { about }, &TemporaryHtml { about })
}

#[derive(Template)]
#[template(path = "passwords/changed_letter.txt")]
struct ChangedText<'a> {
    when: &'a str,
    address: &'a str,
    forgotten: &'a str,
    keys: &'a str,
}

#[derive(Template)]
#[template(path = "passwords/changed_letter.html")]
struct ChangedHtml<'a> {
    when: &'a str,
    address: &'a str,
    forgotten: &'a str,
    keys: &'a str,
}

/// What happened to the API credentials, as a sentence with a space before it.
pub(super) fn fate((ended, kept): (CredentialCount, CredentialCount)) -> String {
    match (ended.is_any(), kept.is_any()) {
        (true, _) => format!(" So have {ended}."),
        (false, true) => format!(" What programs use goes on working: {kept}."),
        (false, false) => String::new(),
    }
}

/// The letter that tells a person that their password was changed.
pub(super) fn changed(at: Timestamp, address: &str, forgotten: &str, keys: (CredentialCount, CredentialCount)) -> Result<Letter, Fault> {
    let (when, keys) = (&at.exact(), &fate(keys));
    Letter::render(&ChangedText { when, address, forgotten, keys }, &ChangedHtml { when, address, forgotten, keys })
}
