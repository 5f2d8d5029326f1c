//! Why an operation on a token is refused, as problems.

use crate::{
    api::{
        answers::{IfMatch, refused},
        identity_refusals::{beyond_networks, console_only, not_active, without_api_access},
        refusals::beyond,
    },
    kit::{Fault, rights},
    tokens::TokenRefusal,
    web::{self, Problem},
};

/// The codes of [`of_token`] when a token gets a value.
pub(super) const OF_VALUES: &[&str] = &[
    "beyond-your-networks",
    "beyond-your-permissions",
    "console-only",
    "not-active",
    "permission-missing",
    "token-ended",
    "too-many-tokens",
    "unbounded-token",
    "without-api-access",
];

pub(super) fn of_token(refusal: &TokenRefusal) -> web::Error {
    let field = |field: &str, code| Problem::field(field, code, refusal).into();
    match refusal {
        TokenRefusal::TooWide(lacking) => beyond(lacking, refusal),
        TokenRefusal::Unbounded => refused("unbounded-token", "The token has no bounds", refusal),
        TokenRefusal::NotHeld(_) => field("/permissions", "not-held"),
        TokenRefusal::NothingToRead => field("/permissions", "nothing-to-read"),
        TokenRefusal::NotActive | TokenRefusal::Disabled(_) => not_active(refusal),
        TokenRefusal::NoApiAccess | TokenRefusal::NoOwnApiAccess => without_api_access(refusal),
        TokenRefusal::NotYours => Fault::Denied(rights::TOKEN_MANAGE.over_own()).into(),
        TokenRefusal::TooLong(_) => field("/expires_at", "out-of-range"),
        TokenRefusal::NameTaken | TokenRefusal::CreatedBefore(_) => field("/name", "taken"),
        TokenRefusal::TooMany => refused("too-many-tokens", "There are too many tokens", refusal),
        TokenRefusal::Ended | TokenRefusal::NoOverlap => refused("token-ended", "The token has ended", refusal),
        TokenRefusal::Meanwhile | TokenRefusal::RegeneratedBefore(_) => IfMatch::failed().into(),
        TokenRefusal::BeyondNetworks => beyond_networks(refusal),
        TokenRefusal::ByToken => console_only(refusal),
    }
}
