//! Letters of `invitations`.

use crate::{
    kit::{Fault, Timestamp},
    mail::Letter,
};
use askama::Template;

#[derive(Template)]
#[template(path = "invitations/invitation_letter.txt")]
struct InvitationText<'a> {
    organization: &'a str,
    sender: &'a str,
    message: &'a str,
    link: &'a str,
    expires: &'a str,
}

#[derive(Template)]
#[template(path = "invitations/invitation_letter.html")]
struct InvitationHtml<'a> {
    organization: &'a str,
    sender: &'a str,
    message: &'a str,
    link: &'a str,
    expires: &'a str,
}

/// The letter with the link to accept.
pub(super) fn invitation(organization: &str, sender: &str, message: &str, link: &str, expires_at: Timestamp) -> Result<Letter, Fault> {
    let expires = &expires_at.exact();
    Letter::render(
        &InvitationText { organization, sender, message, link, expires },
        &InvitationHtml { organization, sender, message, link, expires },
    )
}

#[derive(Template)]
#[template(path = "invitations/added_letter.txt")]
struct AddedText<'a> {
    organization: &'a str,
    sender: &'a str,
    message: &'a str,
    link: &'a str,
}

#[derive(Template)]
#[template(path = "invitations/added_letter.html")]
struct AddedHtml<'a> {
    organization: &'a str,
    sender: &'a str,
    message: &'a str,
    link: &'a str,
}

/// The letter to a person who already has credentials and is a member at once.
pub(super) fn added(organization: &str, sender: &str, message: &str, link: &str) -> Result<Letter, Fault> {
    Letter::render(
        &AddedText { organization, sender, message, link },
        &AddedHtml { organization, sender, message, link },
    )
}

#[derive(Template)]
#[template(path = "invitations/asked_again_letter.txt")]
struct AskedAgainText<'a> {
    organization: &'a str,
    email: &'a str,
    link: &'a str,
}

#[derive(Template)]
#[template(path = "invitations/asked_again_letter.html")]
struct AskedAgainHtml<'a> {
    organization: &'a str,
    email: &'a str,
    link: &'a str,
}

/// The letter to the sender of an invitation that no longer works.
pub(super) fn asked_again(organization: &str, email: &str, link: &str) -> Result<Letter, Fault> {
    Letter::render(&AskedAgainText { organization, email, link }, &AskedAgainHtml { organization, email, link })
}
