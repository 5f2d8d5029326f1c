//! The name of an attribute in a filter, a path or a list of attributes (RFC 7644 section 3.10).

use std::fmt;

/// An attribute, perhaps with its schema before it and a sub-attribute behind it (RFC 7644 section 3.10).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AttributePath {
    /// The URN as the client sent it.
    pub schema: Option<String>,
    pub attribute: String,
    pub sub: Option<String>,
}

impl AttributePath {
    /// Reads `userName`, `name.familyName` or either after a URN and a colon (RFC 7644 section 3.10). `None` for any other text.
    pub fn parse(text: &str) -> Option<Self> {
        let is_urn = text.get(..4).is_some_and(|start| start.eq_ignore_ascii_case("urn:"));
        let (schema, rest) = match text.rsplit_once(':') {
            Some((schema, rest)) if is_urn => (Some(schema), rest),
            _ => (None, text),
        };
        if schema.is_some_and(|urn| urn.len() <= 4 || !urn.bytes().all(is_word)) {
            return None;
        }
        let (attribute, sub) = match rest.split_once('.') {
            Some((attribute, sub)) => (attribute, Some(sub)),
            None => (rest, None),
        };
        let is_reserved = schema.is_none() && sub.is_none() && ["and", "or", "not"].iter().any(|word| attribute.eq_ignore_ascii_case(word));
        if is_reserved || !is_name(attribute) || !sub.is_none_or(is_name) {
            return None;
        }
        Some(Self {
            schema: schema.map(Into::into),
            attribute: attribute.into(),
            sub: sub.map(Into::into),
        })
    }

    /// Whether it is a name without schema and sub-attribute.
    pub(in super::super) fn is_plain(&self) -> bool {
        self.schema.is_none() && self.sub.is_none()
    }
}

impl fmt::Display for AttributePath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(schema) = &self.schema {
            write!(f, "{schema}:")?;
        }
        f.write_str(&self.attribute)?;
        self.sub.as_ref().map_or(Ok(()), |sub| write!(f, ".{sub}"))
    }
}

/// Whether the octet can stand in the name of an attribute with its schema and sub-attribute.
pub(super) fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b':' | b'$')
}

/// `ATTRNAME` of RFC 7644, figure 1, or `$ref`, which the schemas have but the grammar forgets.
fn is_name(name: &str) -> bool {
    let is_inner = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
    let is_plain = name.starts_with(|c: char| c.is_ascii_alphabetic()) && name.bytes().all(is_inner);
    is_plain || name.eq_ignore_ascii_case("$ref")
}
