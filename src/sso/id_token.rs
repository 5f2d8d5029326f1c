//! The claims of a verified ID token as they were sent.

use super::answer::ProviderRefusal;
use crate::kit::Timestamp;
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use openidconnect::core::CoreIdToken;
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// Whether `amr` (RFC 8176) names several factors or a hardware key, or `acr` (OpenID Connect Core 1.0, section 2) is one
/// of the accepted values.
pub(super) fn took_two_steps(claims: &Map<String, Value>, acrs: &[String]) -> bool {
    let is_factor = |method: &Value| matches!(method.as_str(), Some("mfa" | "hwk" | "otp"));
    let by_method = claims.get("amr").and_then(Value::as_array).is_some_and(|methods| methods.iter().any(is_factor));
    let by_class = claims.get("acr").and_then(Value::as_str).is_some_and(|class| acrs.iter().any(|acr| acr == class));
    by_method || by_class
}

/// How deep claims within claims are read.
const DEEPEST: usize = 3;

/// The values of each claim that is a text or a list of texts.
pub(super) fn values(claims: &Map<String, Value>) -> BTreeMap<String, Vec<String>> {
    let mut values = BTreeMap::new();
    collect("", claims, DEEPEST, &mut values);
    values
}

/// A claim that stands there by its whole name goes before one that is put together.
fn collect(prefix: &str, claims: &Map<String, Value>, depth: usize, values: &mut BTreeMap<String, Vec<String>>) {
    for (name, value) in claims {
        let texts: Option<Vec<String>> = match value {
            Value::String(text) => Some(vec![text.clone()]),
            Value::Array(list) => list.iter().map(|one| one.as_str().map(str::to_owned)).collect(),
            _ => None,
        };
        if let Some(texts) = texts {
            values.entry(format!("{prefix}{name}")).or_insert(texts);
        }
    }
    let inner = claims.iter().filter_map(|(name, value)| Some((name, value.as_object()?)));
    for (name, inner) in inner.filter(|_| depth > 1) {
        collect(&format!("{prefix}{name}."), inner, depth - 1, values);
    }
}

/// The claims that the provider only points to, because they have too many values.
pub(super) fn left_out(claims: &Map<String, Value>) -> Vec<String> {
    let names = claims.get("_claim_names").and_then(Value::as_object);
    names.map(|names| names.keys().cloned().collect()).unwrap_or_default()
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

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn claims(value: &Value) -> Map<String, Value> {
        value.as_object().cloned().unwrap_or_default()
    }

    #[test]
    fn a_claim_is_a_text_or_a_list_of_texts_also_within_another() {
        let sent = claims(&json!({
            "department": "Sales", "groups": ["a", "b,c"], "none": [], "mixed": ["a", 7], "number": 7, "yes": true,
            "realm_access": { "roles": ["admin"] }, "a.b": ["exact"], "a": { "b": ["within"] },
        }));
        let texts = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>();
        let wanted = [
            ("a.b", texts(&["exact"])),
            ("department", texts(&["Sales"])),
            ("groups", texts(&["a", "b,c"])),
            ("none", texts(&[])),
            ("realm_access.roles", texts(&["admin"])),
        ];
        assert_eq!(values(&sent), wanted.into_iter().map(|(name, values)| (name.to_owned(), values)).collect());
    }

    #[test]
    fn groups_that_the_provider_only_points_to_are_left_out_and_not_none() {
        let sent = claims(&json!({ "_claim_names": { "groups": "src1" }, "_claim_sources": { "src1": {} } }));
        assert_eq!(left_out(&sent), ["groups"]);
        assert!(!values(&sent).contains_key("groups"));
    }

    #[test]
    fn two_steps_are_named_by_amr_or_by_an_accepted_acr() {
        let accepted = ["urn:two".to_owned()];
        for (sent, is_two) in [
            (json!({ "amr": ["pwd", "mfa"] }), true),
            (json!({ "amr": ["pwd"] }), false),
            (json!({ "amr": "mfa" }), false),
            (json!({ "acr": "urn:two" }), true),
            (json!({ "acr": "urn:Two" }), false),
            (json!({ "acr": ["urn:two"] }), false),
            (json!({}), false),
        ] {
            assert_eq!(took_two_steps(&claims(&sent), &accepted), is_two, "{sent}");
        }
        assert!(!took_two_steps(&claims(&json!({ "acr": "urn:two" })), &[]));
    }
}
