//! What is wrong with the fields of a request, from the errors of serde.

use crate::web::FieldError;
use serde_path_to_error::{Path, Segment};

/// The error of one field of a JSON body.
pub(super) fn of_body(error: &serde_path_to_error::Error<serde_json::Error>) -> FieldError {
    let text = error.inner().to_string();
    // The position in the text says less than the field.
    let text = text.rsplit_once(" at line ").map_or(text.as_str(), |(text, _)| text);
    told(pointer(error.path()), text, "/")
}

/// The error of a query parameter.
pub(super) fn of_query(error: &serde_path_to_error::Error<serde_html_form::de::Error>) -> FieldError {
    // The name alone: a repeated parameter has no place of its own.
    let name = error.path().iter().next().map(ToString::to_string).unwrap_or_default();
    told(format!("?{name}"), &error.inner().to_string(), "")
}

/// `sign` stands between the parent and a name that the text mentions.
fn told(mut field: String, text: &str, sign: &str) -> FieldError {
    let named = text.split('`').nth(1).unwrap_or_default();
    let code = match text.split_once(" field `") {
        Some(("unknown", _)) => "unknown",
        Some(("missing", _)) => "required",
        Some(("duplicate", _)) => "duplicate",
        _ => return FieldError::new(field, "invalid", sentence(text)),
    };
    let last = format!("{sign}{}", escaped(named));
    if !field.ends_with(&last) || field.len() <= sign.len() {
        field.push_str(&last);
    }
    FieldError::new(field, code, sentence(text))
}

/// The text as a sentence.
fn sentence(text: &str) -> String {
    let mut chars = text.chars();
    let first: String = chars.next().map(|first| first.to_uppercase().collect()).unwrap_or_default();
    format!("{first}{}.", chars.as_str().trim_end_matches('.'))
}

/// A name in a JSON Pointer.
fn escaped(name: &str) -> String {
    name.replace('~', "~0").replace('/', "~1")
}

/// JSON Pointer (RFC 6901).
fn pointer(path: &Path) -> String {
    let piece = |segment: &Segment| match segment {
        Segment::Seq { index } => format!("/{index}"),
        Segment::Map { key } => format!("/{}", escaped(key)),
        Segment::Enum { .. } | Segment::Unknown => String::new(),
    };
    path.iter().map(piece).collect()
}

/// Whether a text in this JSON holds NUL: as a byte, or as an escape whose backslash is not itself escaped.
pub(super) fn has_nul(json: &[u8]) -> bool {
    let escape = b"\\u0000";
    let is_escape = |at: usize| {
        let slashes = json[..=at].iter().rev().take_while(|byte| **byte == b'\\').count();
        slashes % 2 == 1
    };
    json.contains(&0) || json.windows(escape.len()).enumerate().any(|(at, part)| part == escape && is_escape(at))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde::Deserialize;

    #[derive(Deserialize, Debug)]
    #[serde(deny_unknown_fields)]
    struct Outer {
        #[expect(dead_code, reason = "only read")]
        roles: Vec<Inner>,
    }
    #[derive(Deserialize, Debug)]
    #[serde(deny_unknown_fields)]
    struct Inner {
        #[expect(dead_code, reason = "only read")]
        id: u8,
    }

    #[test]
    fn an_error_names_its_field() {
        for (json, field, code) in [
            (r#"{"roles":[{"id":1},{"id":"x"}]}"#, "/roles/1/id", "invalid"),
            (r#"{"roles":[{"id":1,"a/b":2}]}"#, "/roles/0/a~1b", "unknown"),
            (r#"{"roles":[{}]}"#, "/roles/0/id", "required"),
            (r#"{"roles":[{"id":1,"id":2}]}"#, "/roles/0/id", "duplicate"),
            (r#"{"rolls":[]}"#, "/rolls", "unknown"),
            ("{}", "/roles", "required"),
            ("[]", "", "invalid"),
        ] {
            let mut text = serde_json::Deserializer::from_str(json);
            let error = serde_path_to_error::deserialize::<_, Outer>(&mut text).unwrap_err();
            let error = of_body(&error);
            assert_eq!((error.field.as_str(), error.code), (field, code), "{json}: {error:?}");
        }
    }

    #[test]
    fn nul_is_found_however_it_is_written() {
        for (json, expected) in [
            ("\"a\\u0000\"", true),
            ("\"a\0\"", true),
            ("\"a\\\\u0000\"", false),
            ("\"\\\\\\u0000\"", true),
            ("\"\\u00001\"", true),
            ("\"u0000\"", false),
        ] {
            assert_eq!(has_nul(json.as_bytes()), expected, "{json}");
        }
    }
}
