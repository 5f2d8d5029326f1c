//! Versions of resources (RFC 7644, section 3.14): `If-Match` and `If-None-Match`. What has no version is not compared.

use super::{protocol::fault::ScimFault, refusals::Refusal};
use crate::kit::secret;
use actix_web::{HttpRequest, http::header};
use serde_json::{Map, Value};
use std::fmt::Write;

/// The version of a user: a weak tag of everything that it says but its groups, which not every caller may read.
pub(super) fn version_of(resource: &Map<String, Value>) -> String {
    let mut told = resource.clone();
    told.remove("meta");
    told.remove("groups");
    tag(&Value::Object(told).to_string())
}

/// A weak tag of this text (RFC 9110, section 8.8.3).
pub(super) fn tag(of: &str) -> String {
    let digest = secret::digest_bytes(of.as_bytes());
    let hex = digest.iter().take(8).fold(String::new(), |mut hex, byte| {
        let _ = write!(hex, "{byte:02x}");
        hex
    });
    format!("W/\"{hex}\"")
}

/// The versions that a client names in `If-Match` or `If-None-Match`.
#[derive(Clone, Debug, Default)]
pub(super) struct Preconditions {
    if_match: Option<String>,
    if_none_match: Option<String>,
}

impl Preconditions {
    pub fn of(req: &HttpRequest) -> Self {
        // What cannot be read names no version that is here.
        let text = |name: header::HeaderName| {
            let sent: Vec<&str> = req.headers().get_all(name).map(|value| value.to_str().unwrap_or("?")).collect();
            (!sent.is_empty()).then(|| sent.join(","))
        };
        Self { if_match: text(header::IF_MATCH), if_none_match: text(header::IF_NONE_MATCH) }
    }
    /// Those of an operation of a bulk request.
    pub fn expecting(version: Option<&str>) -> Self {
        Self { if_match: version.map(str::to_owned), if_none_match: None }
    }
    /// # Errors
    /// 412 if the resource has changed since the client read it.
    pub fn demand(&self, version: &str) -> Result<(), Refusal> {
        match &self.if_match {
            Some(named) if !version.is_empty() && !names(named, version) => {
                let detail = "It was changed since you read it. Read it again.";
                Err(ScimFault::new(412, None, detail).into())
            }
            _ => Ok(()),
        }
    }
    /// Whether the client has this version already.
    pub fn has(&self, version: &str) -> bool {
        !version.is_empty() && self.if_none_match.as_ref().is_some_and(|named| names(named, version))
    }
}

/// Whether the list names this version, compared weakly (RFC 9110, section 8.8.3.2).
fn names(list: &str, version: &str) -> bool {
    fn opaque(tag: &str) -> &str {
        tag.trim().trim_start_matches("W/")
    }
    list.trim() == "*" || list.split(',').any(|tag| opaque(tag) == opaque(version))
}
