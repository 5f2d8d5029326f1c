//! Why operations on webhooks are refused, as problems.

use crate::{
    api::answers::{IfMatch, refused},
    web::{self, Problem},
    webhooks::WebhookRefusal,
};
use actix_web::http::StatusCode;

pub(super) fn of_webhook(refusal: &WebhookRefusal) -> web::Error {
    match refusal {
        WebhookRefusal::TooMany => refused("limit-reached", "There are too many", refusal),
        WebhookRefusal::NoType => of_event_types("required", refusal),
        WebhookRefusal::UnknownType(_) => of_event_types("unknown", refusal),
        WebhookRefusal::Meanwhile => IfMatch::failed().into(),
        WebhookRefusal::Disabled => refused("webhook-disabled", "The webhook is disabled", refusal),
        WebhookRefusal::Waiting => refused("delivery-waiting", "It is being sent already", refusal),
        WebhookRefusal::IsTest => refused("delivery-is-test", "A test is not sent again", refusal),
        WebhookRefusal::TooManyTests(wait) => Problem {
            retry_after: Some(wait.0),
            ..Problem::new(StatusCode::TOO_MANY_REQUESTS, "too-many-tests", "Too many tests", refusal.to_string())
        }
        .into(),
    }
}

fn of_event_types(code: &'static str, refusal: &WebhookRefusal) -> web::Error {
    Problem::field("/event_types", code, refusal).into()
}
