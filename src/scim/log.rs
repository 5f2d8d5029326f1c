//! Writes down what a SCIM client sent and was answered.

use super::caller::ScimCaller;
use crate::provisioning::{Call, CallLog, Provisioner};
use actix_web::{
    HttpResponse,
    body::{BoxBody, to_bytes},
    dev::ServiceResponse,
    web::Bytes,
};
use serde_json::Value;
use std::time::Instant;

/// The longest part of a body that is kept, in characters.
const LONGEST: usize = 4_000;
/// The longest part of a path that is kept, in characters.
const LONGEST_PATH: usize = 1_000;
/// The longest part of a refusal that is kept, in characters.
const LONGEST_DETAIL: usize = 500;

/// Notes the call with its answer. Of answers only the `detail` of a refusal is kept.
pub(super) async fn note(
    calls: &CallLog,
    provisioner: &Provisioner,
    caller: &ScimCaller,
    sent: &Bytes,
    answered: ServiceResponse<BoxBody>,
    began: Instant,
) -> ServiceResponse<BoxBody> {
    let (req, answer) = answered.into_parts();
    let below = req.path().strip_prefix(crate::web::SCIM).unwrap_or(req.path());
    let (answer, detail) = detail(answer, below == "/Bulk").await;
    calls.note(Call {
        organization: provisioner.organization_id,
        provisioner: provisioner.id,
        at: caller.scope.now(),
        method: req.method().to_string(),
        path: shortened(&decoded(below, req.query_string()), LONGEST_PATH),
        status: answer.status().as_u16(),
        detail: detail.map(|detail| shortened(&detail, LONGEST_DETAIL)),
        sent: told(sent),
        ms: i64::try_from(began.elapsed().as_millis()).unwrap_or(i64::MAX),
    });
    ServiceResponse::new(req, answer)
}

/// The path as people read it: filters are full of escapes. What is said about passwords is left out.
fn decoded(path: &str, query: &str) -> String {
    let pairs: Vec<(String, String)> = serde_html_form::from_str(query).unwrap_or_default();
    let pair = |(name, value): &(String, String)| {
        if is_secret(value) {
            format!("{name}=…")
        } else {
            format!("{name}={value}")
        }
    };
    let pairs: Vec<String> = pairs.iter().map(pair).collect();
    if pairs.is_empty() {
        path.to_owned()
    } else {
        format!("{path}?{}", pairs.join("&"))
    }
}

fn is_secret(text: &str) -> bool {
    text.to_ascii_lowercase().contains("password")
}

/// The answer, and what it says if it is a refusal.
async fn detail(answer: HttpResponse, is_bulk: bool) -> (HttpResponse, Option<String>) {
    let is_refused = answer.status().is_client_error() || answer.status().is_server_error();
    if !is_refused && !is_bulk {
        return (answer, None);
    }
    if let Some(error) = answer.error().and_then(|error| error.as_error::<crate::web::Error>()) {
        let detail = crate::web::Problem::of(error).detail;
        return (answer, Some(detail));
    }
    let (head, body) = answer.into_parts();
    let body = to_bytes(body).await.unwrap_or_default();
    let told: Option<Value> = serde_json::from_slice(&body).ok();
    let detail = told.and_then(|told| of_bulk(&told).or_else(|| Some(told.get("detail")?.as_str()?.to_owned())));
    (head.set_body(BoxBody::new(body)), detail)
}

/// How many operations of a bulk request were refused, and why the first one was.
fn of_bulk(told: &Value) -> Option<String> {
    let operations = told.get("Operations")?.as_array()?;
    let refused: Vec<&Value> = operations.iter().filter_map(|operation| operation.get("response")).collect();
    let why = refused.first()?.get("detail")?.as_str()?;
    Some(format!("{} of {} operations were refused. The first: {why}", refused.len(), operations.len()))
}

/// The body without passwords, shortened. NUL, which PostgreSQL refuses, and other texts that are no JSON are left out.
fn told(sent: &Bytes) -> Option<String> {
    let mut sent: Value = serde_json::from_slice(sent).ok()?;
    forget_passwords(&mut sent);
    Some(shortened(&sent.to_string(), LONGEST))
}

/// Replaces the value of every attribute whose name holds "password", and of operations on such an attribute.
fn forget_passwords(value: &mut Value) {
    match value {
        Value::Object(object) => {
            let of_secret = object
                .iter()
                .any(|(key, value)| key.eq_ignore_ascii_case("path") && value.as_str().is_some_and(is_secret));
            for (key, value) in object.iter_mut() {
                if is_secret(key) || (of_secret && key.eq_ignore_ascii_case("value")) {
                    *value = "…".into();
                } else {
                    forget_passwords(value);
                }
            }
        }
        Value::Array(elements) => elements.iter_mut().for_each(forget_passwords),
        _ => {}
    }
}

fn shortened(text: &str, longest: usize) -> String {
    let text: String = text.chars().filter(|c| *c != '\0').collect();
    match text.char_indices().nth(longest) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_password_is_written_down_and_long_bodies_are_shortened() {
        let sent = r#"{"userName":"ada","password":"secret-1","Operations":[{"op":"replace","path":"password","value":"secret-2"},
            {"op":"replace","value":{"urn:x:Password":"secret-3","displayName":"Ada"}}]}"#;
        let told = told(&Bytes::from_static(sent.as_bytes())).unwrap();
        assert!(!told.contains("secret"), "{told}");
        assert!(told.contains("Ada") && told.contains(r#""path":"password""#));
        let long = format!("{{\"a\":\"{}\"}}", "é".repeat(5_000));
        assert_eq!(super::told(&Bytes::from(long)).unwrap().chars().count(), LONGEST + 1);
        assert_eq!(super::told(&Bytes::from_static(b"no JSON")), None);
    }
}
