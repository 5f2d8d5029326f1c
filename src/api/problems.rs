//! The problem documents (RFC 9457) for credentials that are missing, malformed or refused.

use crate::{
    api_access::Refused,
    tokens::{Malformed, TokenRejection},
    web::{Error, Problem},
};
use actix_web::http::StatusCode;

/// RFC 6750, section 3.1.
const INVALID: &str = "invalid_token";

/// No credential was sent.
pub(super) fn missing() -> Error {
    let detail = "Send the header Authorization: Bearer with a token, or Basic with username and API password.";
    Problem::unauthorized("credential-missing", "A credential is missing", detail, "").into()
}

/// What was sent cannot be parsed as one credential.
pub(super) fn unreadable(detail: &str) -> Error {
    Problem::unauthorized("credential-malformed", "The credential could not be read", detail, "invalid_request").into()
}

/// RFC 6750 forbids sending a token in two ways at once. A token in the URL ends up in logs (OWASP ASVS 5.0, 14.2.1).
pub(super) fn in_address() -> Error {
    let detail =
        "A token stands in the address of the request, where logs and histories keep it. Send it in the header alone, and revoke it.";
    Problem {
        challenge: Some("invalid_request"),
        ..Problem::new(StatusCode::BAD_REQUEST, "token-in-address", "A token does not belong in an address", detail)
    }
    .into()
}

const NO_SECOND_STEP: &str = "The organization asks everybody for two-step sign-in, and whose credential this is has not set it up. \
     Once they have, it works again.";

/// A token of a provisioning client would reach here what SCIM does not let it.
pub(super) fn for_scim_only() -> Error {
    let detail =
        "This token is of a provisioning client, whose limits only SCIM keeps. Use it below /scim/v2, and another system account here.";
    Problem::new(StatusCode::FORBIDDEN, "provisioning-client", "Only for SCIM", detail).into()
}

pub(super) fn malformed(why: Malformed) -> Error {
    Problem::unauthorized("token-malformed", "This is no token of Roster", why.to_string(), INVALID).into()
}

pub(super) fn closed(why: TokenRejection) -> Error {
    let problem = |code, title, detail: String| Problem::unauthorized(code, title, detail, INVALID);
    match why {
        TokenRejection::Unknown => problem(
            "token-unknown",
            "The token is not known",
            "Nobody was given this token here, or whose it was is deleted.".into(),
        ),
        TokenRejection::Revoked(at) => problem("token-revoked", "The token was revoked", format!("It was revoked on {}.", at.exact())),
        TokenRejection::Expired(at) => problem("token-expired", "The token has expired", format!("It ended on {}.", at.exact())),
        TokenRejection::Replaced(at) => problem(
            "token-replaced",
            "The token has a new value",
            format!("It was given another value, and this one worked until {}.", at.exact()),
        ),
        TokenRejection::NotActive => problem(
            "member-disabled",
            "The owner of this token is disabled",
            "An administrator can enable them again.".into(),
        ),
        TokenRejection::NoApiAccess => problem(
            "api-access-off",
            "API access is off",
            "The API access of the owner of this token was turned off. An administrator can turn it on again.".into(),
        ),
        TokenRejection::NoSecondStep => Problem {
            status: StatusCode::FORBIDDEN,
            ..problem("second-step-missing", "A second step is missing", NO_SECOND_STEP.into())
        },
        TokenRejection::Elsewhere(address) => Problem {
            status: StatusCode::FORBIDDEN,
            ..problem(
                "address-not-allowed",
                "Not from this address",
                format!("This token may not be used from {address}."),
            )
        },
    }
    .into()
}

pub(super) fn refused(why: Refused) -> Error {
    match why {
        Refused::Wrong => Problem::unauthorized(
            "wrong-password",
            "Username or API password is wrong",
            "Or API access is off. The password that opens the console does not open the API.",
            "",
        )
        .into(),
        Refused::NotActive => Problem::unauthorized(
            "member-disabled",
            "Whose API password this is is disabled",
            "An administrator can enable them again.",
            "",
        )
        .into(),
        Refused::NoSecondStep => {
            Problem::new(StatusCode::FORBIDDEN, "second-step-missing", "A second step is missing", NO_SECOND_STEP).into()
        }
        Refused::SsoRequired => Problem::new(
            StatusCode::FORBIDDEN,
            "single-sign-on-required",
            "Only single sign-on opens the organization",
            "It admits people through its identity provider only, so API passwords do not work. Use a token.",
        )
        .into(),
        Refused::TooMany(wait) => wait.into(),
    }
}
