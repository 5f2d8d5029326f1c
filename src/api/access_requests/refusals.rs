//! Refusals of requests for access as problems.

use crate::{
    access_requests::{AskRefusal, Asked, DecisionRefusal},
    api::{Caller, Credential, answers::refused, refusals},
    tokens::Mode,
    web::{self, Problem},
};
use actix_web::http::StatusCode;
use std::fmt::Display;

fn field(pointer: &str, code: &'static str, why: &impl Display) -> web::Error {
    Problem::field(pointer, code, why).into()
}

/// Why a request was not sent.
pub(super) fn of_request(asked: Asked, refusal: &AskRefusal) -> web::Error {
    let pointer = match asked {
        Asked::Role(_) => "/role_id",
        Asked::Team(_) => "/team_id",
    };
    match refusal {
        AskRefusal::Gone => field(pointer, "unknown", refusal),
        AskRefusal::NotOffered(_) | AskRefusal::Held => field(pointer, "invalid", refusal),
        AskRefusal::Asked => field(pointer, "taken", refusal),
        AskRefusal::Managed(_) => refusals::managed(refusal),
        AskRefusal::TooMany => refused("limit-reached", "There are too many", refusal),
        AskRefusal::TooOften(wait) => Problem {
            retry_after: Some(wait.0),
            ..Problem::new(StatusCode::TOO_MANY_REQUESTS, "too-many-letters", "Too many letters", refusal.to_string())
        }
        .into(),
        AskRefusal::Ended => field("/until", "out-of-range", refusal),
    }
}

/// Why a request was not decided or withdrawn.
pub(super) fn of_decision(refusal: &DecisionRefusal) -> web::Error {
    match refusal {
        DecisionRefusal::Yourself => refused("own-access", "Nobody changes their own access", refusal),
        DecisionRefusal::Closed(_) | DecisionRefusal::Lapsed(_) => refused("request-closed", "The request is closed", refusal),
        DecisionRefusal::Ended | DecisionRefusal::HeldLonger => field("/until", "out-of-range", refusal),
        DecisionRefusal::Change(refusal) => refusals::of_change(refusal),
    }
}

/// Checks that the credential acts for a whole person: asking needs no permission that could be left out of it.
///
/// # Errors
/// The problem.
pub(super) fn demand_person(caller: &Caller) -> web::Result<()> {
    if caller.scope.actor.user_id().is_none() {
        return Err(refused(
            "not-for-system-accounts",
            "Only people can",
            &"People ask for access. Those who manage a system account give it roles and teams.",
        ));
    }
    match &caller.credential {
        Credential::Token(bearer) if bearer.mode == Mode::Read || bearer.narrowed.is_some() => {
            let detail = "This takes a token that may do all that its owner may do, and not only read.";
            Err(Problem::new(StatusCode::FORBIDDEN, "narrowed-credential", "The credential is narrowed", detail).into())
        }
        _ => Ok(()),
    }
}
