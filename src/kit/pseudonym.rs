//! The pseudonym of a deleted person, and how it takes the place of their names in texts and in JSON.

use super::{MemberId, secret};
use serde_json::Value;

/// Fields that hold no name of a person.
const KEPT: [&str; 12] = [
    "action",
    "kind",
    "permission",
    "permissions",
    "policies",
    "policy",
    "role",
    "roles",
    "status",
    "team",
    "teams",
    "until",
];

/// What a deleted person went by, and what stands in its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pseudonym {
    text: String,
    /// Replaced wherever they stand by themselves; the longest first, so that none is replaced within a longer one.
    phrases: Vec<String>,
    /// Replaced only where they are the whole text.
    words: Vec<String>,
}

impl Pseudonym {
    /// The same for a member whenever it is made, and without any part of their names: `Erased person 4F2A91C3`.
    pub fn text_for(member: MemberId) -> String {
        let digest = secret::digest(&member.to_string());
        let first = digest.first_chunk().map_or(0, |bytes| u32::from_be_bytes(*bytes));
        format!("Erased person {first:08X}")
    }

    /// The pseudonym of a member who went by these names. `phrases` are replaced also in the middle of a text.
    pub fn new(member: MemberId, phrases: impl IntoIterator<Item = String>, words: impl IntoIterator<Item = String>) -> Self {
        let text = Self::text_for(member);
        let mut phrases: Vec<String> = phrases.into_iter().filter(|name| !name.trim().is_empty() && *name != text).collect();
        phrases.sort_by(|a, b| b.len().cmp(&a.len()).then_with(|| a.cmp(b)));
        phrases.dedup();
        let is_word = |name: &String| !name.trim().is_empty() && *name != text && !phrases.contains(name);
        let words = words.into_iter().filter(is_word).collect();
        Self { text, phrases, words }
    }

    pub fn text(&self) -> &str {
        &self.text
    }
    pub fn phrases(&self) -> &[String] {
        &self.phrases
    }

    /// All names.
    pub fn names(&self) -> impl Iterator<Item = &String> {
        self.phrases.iter().chain(&self.words)
    }

    /// The text with the pseudonym in the place of each name, if there is one.
    pub fn replaced(&self, text: &str) -> Option<String> {
        if self.names().any(|name| name == text) {
            return Some(self.text.clone());
        }
        let mut replaced: Option<String> = None;
        for name in &self.phrases {
            let present = replaced.as_deref().unwrap_or(text);
            if let Some(without) = without(present, name, &self.text) {
                replaced = Some(without);
            }
        }
        replaced
    }

    /// Replaces in every text of a document, however deep, but not in what says how somebody was or what they could do: a
    /// person who was called like a role or a status takes neither out of the trail. Returns whether anything was replaced.
    pub fn replace_in(&self, document: &mut Value) -> bool {
        match document {
            Value::String(text) => match self.replaced(text) {
                Some(replaced) => {
                    *text = replaced;
                    true
                }
                None => false,
            },
            Value::Array(all) => self.replace_in_each(all.iter_mut()),
            Value::Object(fields) => {
                let names = fields.iter_mut().filter(|(field, _)| !KEPT.contains(&field.as_str()));
                self.replace_in_each(names.map(|(_, value)| value))
            }
            _ => false,
        }
    }

    fn replace_in_each<'v>(&self, all: impl Iterator<Item = &'v mut Value>) -> bool {
        let mut is_replaced = false;
        for value in all {
            is_replaced |= self.replace_in(value);
        }
        is_replaced
    }
}

/// Whether a name means somebody also in the middle of a text: an address, or several words. A single word may as well be
/// part of another name.
pub fn is_distinct(name: &str) -> bool {
    name.contains('@') || name.trim().contains(char::is_whitespace)
}

/// The text without this name, if it holds it by itself: what stands around it does not go on with the word or address.
fn without(text: &str, name: &str, instead: &str) -> Option<String> {
    let goes_on = |c: char| c.is_alphanumeric() || matches!(c, '@' | '_' | '+' | '-');
    let (mut result, mut done) = (String::new(), 0);
    for (at, found) in text.match_indices(name) {
        let end = at + found.len();
        let before = text[..at].chars().next_back().is_some_and(goes_on);
        // A full stop ends a sentence, or goes on with a domain.
        let mut rest = text[end..].chars();
        let after = match rest.next() {
            Some('.') => rest.next().is_some_and(char::is_alphanumeric),
            Some(c) => goes_on(c),
            None => false,
        };
        if !before && !after {
            result.push_str(&text[done..at]);
            result.push_str(instead);
            done = end;
        }
    }
    (done > 0).then(|| result + &text[done..])
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn grace() -> Pseudonym {
        let phrases = ["grace@example.org", "Grace Hopper"].map(String::from);
        Pseudonym::new(MemberId(uuid::Uuid::from_u128(7)), phrases, ["Grace".to_owned()])
    }

    #[test]
    fn the_text_is_stable_and_tells_nothing() {
        let text = grace().text().to_owned();
        assert_eq!(text, Pseudonym::text_for(MemberId(uuid::Uuid::from_u128(7))));
        assert_ne!(text, Pseudonym::text_for(MemberId(uuid::Uuid::from_u128(8))));
        assert_eq!((text.len(), text.starts_with("Erased person ")), ("Erased person ".len() + 8, true), "{text}");
    }

    #[test]
    fn names_are_replaced_where_they_stand_by_themselves() {
        let grace = grace();
        let text = grace.text();
        for (before, after) in [
            ("Grace", text.to_owned()),
            ("Grace Hopper <grace@example.org>", format!("{text} <{text}>")),
            ("Write to grace@example.org. Soon", format!("Write to {text}. Soon")),
            ("Grace Hopper's phone", format!("{text}'s phone")),
        ] {
            assert_eq!(grace.replaced(before), Some(after), "{before}");
        }
        for kept in [
            "Grace period",
            "GRACE HOPPER",
            "amazing-grace@example.org",
            "grace@example.org.uk",
            "Grace Hoppers",
            "İGrace Hopper",
            "",
        ] {
            assert_eq!(grace.replaced(kept), None, "{kept}");
        }
    }

    #[test]
    fn documents_are_changed_however_deep() {
        let grace = grace();
        let mut document = json!({ "name": "Grace", "list": [{ "email": "grace@example.org" }, 7, null], "role": "Grace" });
        assert!(grace.replace_in(&mut document));
        assert_eq!(
            document,
            json!({ "name": grace.text(), "list": [{ "email": grace.text() }, 7, null], "role": "Grace" })
        );
        assert!(!grace.replace_in(&mut document));
    }
}
