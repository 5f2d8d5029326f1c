//! The claims of a verified ID token as they were sent.

use super::answer::ProviderRefusal;
use crate::kit::Timestamp;
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use openidconnect::core::CoreIdToken;
use serde_json::{Map, Value};

/// Whether `amr` (RFC 8176) names several factors or a hardware key.
pub(super) fn took_two_steps(amr: Option<&Value>) -> bool {
    let Some(Value::Array(methods)) = amr else { return false };
    methods.iter().filter_map(Value::as_str).any(|method| matches!(method, "mfa" | "hwk" | "otp"))
}

/// The claims of a verified token as they were sent.
pub(super) fn payload(token: &CoreIdToken) -> Result<Map<String, Value>, ProviderRefusal> {
    let text = token.to_string();
    let part = text.split('.').nth(1).ok_or(ProviderRefusal::Token)?;
    let bytes = URL_SAFE_NO_PAD.decode(part).map_err(|_| ProviderRefusal::Token)?;
    serde_json::from_slice(&bytes).map_err(|_| ProviderRefusal::Token)
}

/// How a token was checked, for the test.
pub(super) fn checks(token: &CoreIdToken, now: Timestamp) -> Vec<(String, String)> {
    let text = token.to_string();
    let head = text.split('.').next().and_then(|part| URL_SAFE_NO_PAD.decode(part).ok());
    let head: Map<String, Value> = head.and_then(|bytes| serde_json::from_slice(&bytes).ok()).unwrap_or_default();
    let of_head = |name: &str| head.get(name).and_then(Value::as_str).unwrap_or("none").to_owned();
    let issued = payload(token).ok().and_then(|claims| claims.get("iat")?.as_i64());
    let apart = issued.map_or_else(|| "unknown".to_owned(), |issued| format!("{} s", now.utc().timestamp() - issued));
    vec![
        ("Signature".into(), format!("valid, {}", of_head("alg"))),
        ("Key".into(), of_head("kid")),
        ("Issued before it arrived".into(), apart),
    ]
}
