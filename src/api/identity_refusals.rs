//! Why the identity of a person is not changed, as problems.

use super::{
    answers::refused,
    refusals::{beyond, managed},
};
use crate::{
    api_access::AccessRefusal,
    members::EmailRefusal,
    passwords::PasswordRefusal,
    sessions::EndRefusal,
    web::{self, Problem},
};
use actix_web::http::StatusCode;

/// The codes of [`of_email`].
pub(super) const OF_EMAIL: &[&str] = &[
    "beyond-your-permissions",
    "in-other-organizations",
    "not-joined",
    "own-account",
    "too-many-letters",
];

/// The codes of [`of_password`].
pub(super) const OF_PASSWORD: &[&str] = &[
    "beyond-your-permissions",
    "in-other-organizations",
    "not-active",
    "not-joined",
    "own-account",
    "signs-in-elsewhere",
    "too-many-letters",
];

/// The codes of [`of_end`].
pub(super) const OF_SESSIONS: &[&str] = &["beyond-your-permissions", "in-other-organizations", "own-account"];

/// The codes of [`of_access`].
pub(super) const OF_ACCESS: &[&str] = &[
    "beyond-your-networks",
    "beyond-your-permissions",
    "console-only",
    "not-joined",
    "own-access",
    "without-api-access",
];

fn own_account(why: &impl ToString) -> web::Error {
    refused("own-account", "Their own account people change themselves", &why.to_string())
}

fn in_other_organizations(why: &impl ToString) -> web::Error {
    refused("in-other-organizations", "They belong to other organizations too", &why.to_string())
}

fn not_joined(why: &impl ToString) -> web::Error {
    refused("not-joined", "They have not joined yet", &why.to_string())
}

/// A credential makes no other credential of the same owner.
pub(super) fn console_only(why: &impl ToString) -> web::Error {
    Problem::new(StatusCode::FORBIDDEN, "console-only", "Only in the console", why.to_string()).into()
}

/// A credential that is limited to networks makes no other one that works from elsewhere.
pub(super) fn beyond_networks(why: &impl ToString) -> web::Error {
    Problem::new(StatusCode::FORBIDDEN, "beyond-your-networks", "It reaches beyond your networks", why.to_string()).into()
}

/// They have no API access.
pub(super) fn without_api_access(why: &impl ToString) -> web::Error {
    refused("without-api-access", "They have no API access", &why.to_string())
}

/// They are disabled.
pub(super) fn not_active(why: &impl ToString) -> web::Error {
    refused("not-active", "They are not active", &why.to_string())
}

/// A limit of letters is reached. `minutes` pass before the next.
pub(super) fn too_many_letters(minutes: u64, why: &impl ToString) -> web::Error {
    Problem {
        retry_after: Some(minutes * 60),
        ..Problem::new(StatusCode::TOO_MANY_REQUESTS, "too-many-letters", "Too many letters", why.to_string())
    }
    .into()
}

/// Why an email was not changed.
pub(super) fn of_email(refusal: &EmailRefusal) -> web::Error {
    match refusal {
        EmailRefusal::Yourself => own_account(refusal),
        EmailRefusal::Invited => not_joined(refusal),
        EmailRefusal::Elsewhere => in_other_organizations(refusal),
        EmailRefusal::AboveYou(lacking) => beyond(lacking, refusal),
        EmailRefusal::Managed => managed(refusal),
        EmailRefusal::TooMany(minutes) => too_many_letters(*minutes, refusal),
        EmailRefusal::Unchanged | EmailRefusal::Taken(_) => Problem::field("/email", "taken", refusal).into(),
    }
}

/// Why no reset link was sent.
pub(super) fn of_password(refusal: &PasswordRefusal) -> web::Error {
    match refusal {
        PasswordRefusal::Yourself => own_account(refusal),
        PasswordRefusal::AboveYou(lacking) => beyond(lacking, refusal),
        PasswordRefusal::Invited => not_joined(refusal),
        PasswordRefusal::Disabled => not_active(refusal),
        PasswordRefusal::Federated(_) | PasswordRefusal::SingleSignOn => refused("signs-in-elsewhere", "They sign in elsewhere", refusal),
        PasswordRefusal::Elsewhere => in_other_organizations(refusal),
        PasswordRefusal::TooMany(minutes) => too_many_letters(*minutes, refusal),
    }
}

/// Why sessions were not ended.
pub(super) fn of_end(refusal: &EndRefusal) -> web::Error {
    match refusal {
        EndRefusal::Yourself => own_account(refusal),
        EndRefusal::AboveYou(lacking) => beyond(lacking, refusal),
        EndRefusal::Elsewhere => in_other_organizations(refusal),
    }
}

/// Why API access, or the API password, was not changed.
pub(super) fn of_access(refusal: &AccessRefusal) -> web::Error {
    match refusal {
        AccessRefusal::AboveYou(lacking) => beyond(lacking, refusal),
        AccessRefusal::Yourself => refused("own-access", "Nobody changes their own access", refusal),
        AccessRefusal::Invited => not_joined(refusal),
        AccessRefusal::BeyondNetworks => beyond_networks(refusal),
        AccessRefusal::ByCredential => console_only(refusal),
        AccessRefusal::Off | AccessRefusal::On | AccessRefusal::NoPassword => without_api_access(refusal),
    }
}
