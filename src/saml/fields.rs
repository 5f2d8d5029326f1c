//! How required, optional and timed parts of a message are read. Each refusal names the part by its fixed name.

use super::{
    Refusal,
    xml::{named, plain_attribute, trimmed},
};
use chrono::{DateTime, Datelike, TimeDelta, Utc};
use roxmltree::Node;

/// How far the provider's clock may differ from ours.
pub(super) const SKEW: TimeDelta = TimeDelta::seconds(120);

/// The only child of this name.
pub(super) fn one<'a, 'i>(parent: Node<'a, 'i>, namespace: &str, name: &'static str) -> Result<Node<'a, 'i>, Refusal> {
    optional(parent, namespace, name)?.ok_or(Refusal::Missing(name))
}

/// The only child of this name, or none.
pub(super) fn optional<'a, 'i>(parent: Node<'a, 'i>, namespace: &str, name: &'static str) -> Result<Option<Node<'a, 'i>>, Refusal> {
    match named(parent, namespace, name)[..] {
        [] => Ok(None),
        [one] => Ok(Some(one)),
        _ => Err(Refusal::Repeated(name)),
    }
}

/// The text of an element that contains an address or a class, without the whitespace around it.
pub(super) fn uri<'a>(node: Node<'a, '_>, name: &'static str) -> Result<&'a str, Refusal> {
    trimmed(node).ok_or(Refusal::Malformed(name))
}

/// A time of an attribute: `xs:dateTime` with a zone. `name` is how a refusal calls it.
pub(super) fn time(node: Node, attribute: &str, name: &'static str) -> Result<Option<DateTime<Utc>>, Refusal> {
    let read = |text: &str| {
        // chrono also takes a space or a lowercase letter between date and time.
        let is_plain = text.len() <= 40 && text.as_bytes().get(10) == Some(&b'T') && !text.ends_with('z');
        let time = DateTime::parse_from_rfc3339(text).ok()?.with_timezone(&Utc);
        // Other years have another length as text, and would sort wrongly.
        (is_plain && (1970..=9999).contains(&time.year())).then_some(time)
    };
    match plain_attribute(node, attribute) {
        None => Ok(None),
        Some(text) => read(text).map(Some).ok_or(Refusal::Malformed(name)),
    }
}

/// A time that has to come. Returns it.
pub(super) fn end(node: Node, attribute: &str, name: &'static str, now: DateTime<Utc>) -> Result<DateTime<Utc>, Refusal> {
    let end = time(node, attribute, name)?.ok_or(Refusal::Missing(name))?;
    if end + SKEW <= now { Err(Refusal::Expired(name)) } else { Ok(end) }
}

/// An attribute of at most so many octets, without controls or invisible characters.
pub(super) fn short(node: Node, attribute: &str, most: usize, name: &'static str) -> Result<Option<String>, Refusal> {
    match plain_attribute(node, attribute) {
        None => Ok(None),
        Some(text) if text.len() <= most && !text.chars().any(is_hidden) => Ok(Some(text.to_owned())),
        Some(_) => Err(Refusal::Malformed(name)),
    }
}

/// Controls, and characters that hide or turn the text beside them.
pub(super) fn is_hidden(c: char) -> bool {
    let is_invisible = matches!(
        c,
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{180e}' | '\u{200b}'..='\u{200f}'
            | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{2800}' | '\u{3164}' | '\u{feff}' | '\u{ffa0}'
            | '\u{fff0}'..='\u{fffb}' | '\u{e0000}'..='\u{e0fff}'
    );
    c.is_control() || is_invisible
}
