//! Email addresses as people type them.

use super::fold;
use serde::{Deserialize, Serialize};

/// An address that a message can be sent to (RFC 5321): one mailbox, no comments, no quoted local part, at most 254 characters.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct Email(String);

impl TryFrom<String> for Email {
    type Error = &'static str;
    fn try_from(text: String) -> Result<Self, Self::Error> {
        Self::parse(&text)
    }
}
impl From<Email> for String {
    fn from(email: Email) -> Self {
        email.0
    }
}

impl Email {
    /// # Errors
    /// A sentence for the field, when the text is not one plain address.
    pub fn parse(text: &str) -> Result<Self, &'static str> {
        let text = text.trim();
        if text.is_empty() {
            return Err("Type an email address.");
        }
        if text.len() > 254 {
            return Err("An email address has at most 254 characters.");
        }
        let odd =
            |c: char| c.is_whitespace() || c.is_control() || matches!(c, '"' | '\\' | '<' | '>' | '(' | ')' | ',' | ';' | ':' | '[' | ']');
        let whole = text.split_once('@').filter(|(local, domain)| {
            !local.is_empty()
                && local.len() <= 64
                && !domain.contains('@')
                && domain.contains('.')
                && !text.contains("..")
                && !local.starts_with('.')
                && !local.ends_with('.')
                && !fold::has_hidden_characters(text)
                && domain
                    .split('.')
                    .all(|label| !label.is_empty() && !label.starts_with('-') && !label.ends_with('-'))
        });
        match whole {
            Some(_) if !text.chars().any(odd) && text.parse::<lettre::Address>().is_ok() => Ok(Self(text.to_owned())),
            _ => Err("This is not an email address. It looks like name@example.org."),
        }
    }
    pub fn as_str(&self) -> &str {
        &self.0
    }
    /// What uniqueness compares.
    pub fn key(&self) -> String {
        fold::unique(&self.0)
    }
}

/// One entry of a list of addresses: an optional name and what stands for the address, not yet judged.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Entry {
    pub name: String,
    pub address: String,
}

/// Reads addresses separated by commas, semicolons, spaces or new lines, with `Name <address>` understood
/// (a name in quotes may hold commas).
pub fn read_list(text: &str) -> Vec<Entry> {
    let mut entries = Vec::new();
    for piece in split_outside_quotes(text) {
        match piece.split_once('<') {
            Some((name, rest)) => {
                let address = rest.split('>').next().unwrap_or_default().trim().to_owned();
                entries.push(Entry {
                    name: name.trim().trim_matches('"').trim().to_owned(),
                    address,
                });
            }
            None => entries.extend(piece.split_whitespace().map(|word| Entry {
                name: String::new(),
                address: word.to_owned(),
            })),
        }
    }
    entries.retain(|entry| !entry.address.is_empty() || !entry.name.is_empty());
    entries
}

fn split_outside_quotes(text: &str) -> Vec<&str> {
    let (mut quoted, mut start, mut pieces) = (false, 0, Vec::new());
    for (at, c) in text.char_indices() {
        match c {
            '"' => quoted = !quoted,
            '\n' | '\r' => quoted = false,
            _ => {}
        }
        let ends = matches!(c, '\n' | '\r') || (!quoted && matches!(c, ',' | ';')) || c == '>';
        if ends {
            pieces.push(text[start..at + usize::from(c == '>')].trim());
            start = at + c.len_utf8();
        }
    }
    pieces.push(text[start..].trim());
    pieces.retain(|piece| !piece.is_empty());
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_that_could_smuggle_anything_are_refused() {
        for bad in [
            "",
            "a",
            "a@b",
            "a@b@c.org",
            "a b@c.org",
            "\"x\"@h.org",
            "a@c.org\r\nBcc: e@e.org",
            "a@c.org\0",
            "a,b@c.org",
            "<a@c.org>",
            "a@-c.org",
            ".a@c.org",
            "a@c..org",
            "a@c.org\u{202e}",
        ] {
            assert!(Email::parse(bad).is_err(), "{bad:?}");
        }
        assert!(Email::parse(&format!("{}@c.org", "x".repeat(65))).is_err());
        assert!(Email::parse(&format!("a@{}.org", "x.".repeat(160))).is_err());
        for good in [
            "ada@example.org",
            " ada+tag@mail.example.org ",
            "élodie@exämple.org",
            "o'neil@example.co.uk",
        ] {
            assert!(Email::parse(good).is_ok(), "{good:?}");
        }
    }

    #[test]
    fn lists_are_read_as_people_write_them() {
        let read = |text| read_list(text).into_iter().map(|e| (e.name, e.address)).collect::<Vec<_>>();
        let plain = |address: &str| (String::new(), address.to_owned());
        assert_eq!(
            read("a@x.org, b@x.org c@x.org\nd@x.org;e@x.org"),
            ["a", "b", "c", "d", "e"].map(|n| plain(&format!("{n}@x.org")))
        );
        assert_eq!(
            read("Grace Hopper <g@x.org>, \"Lovelace, Ada\" <ada@x.org>\nplain@x.org"),
            [
                ("Grace Hopper".into(), "g@x.org".into()),
                ("Lovelace, Ada".into(), "ada@x.org".into()),
                plain("plain@x.org")
            ]
        );
        assert_eq!(read(" ,;\n "), []);
        assert_eq!(read("nonsense"), [plain("nonsense")]);
        assert_eq!(
            read("Ann <a@x.org> Bob <b@x.org>"),
            [("Ann".into(), "a@x.org".into()), ("Bob".into(), "b@x.org".into())]
        );
    }
}
