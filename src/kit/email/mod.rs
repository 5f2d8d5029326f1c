//! Email addresses: how people type and paste them, how lists show them, and which mailbox they name.
//!
//! Two addresses are one mailbox only if their local parts are equal after NFC and ASCII case folding, and their
//! domains are equal as A-labels ([`Email::mailbox`]). Addresses that only look alike have the same
//! [`Email::likeness`]. It reserves a name and never proves identity.

mod domain;
mod list;
mod typed_domain;

pub use domain::ascii as ascii_domain;
pub use list::{Entry, read_list};
pub use typed_domain::{parse_domain, readable_domain};

use super::{fold, invisible};
use serde::{Deserialize, Serialize};
use unicode_normalization::UnicodeNormalization;

/// An address that email can be sent to (RFC 5321): one mailbox, no comments, no quoted local part, at most 254
/// characters.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct Email {
    /// The local part as typed, in NFC; the domain in readable form.
    shown: String,
    /// The domain as A-labels.
    domain: String,
}

impl TryFrom<String> for Email {
    type Error = &'static str;
    fn try_from(text: String) -> Result<Self, Self::Error> {
        Self::parse(&text)
    }
}
impl From<Email> for String {
    fn from(email: Email) -> Self {
        email.shown
    }
}

const EMPTY: &str = "Type an email address.";
const TOO_LONG: &str = "An email address has at most 254 characters.";
const HIDDEN: &str = "This holds characters that cannot be seen. Type it again.";
const NOT_ONE: &str = "This is not an email address. It looks like name@example.org.";

/// More bytes than any deliverable address has, in any script.
const LONGEST_TYPED: usize = 1_024;

impl Email {
    /// Reads one address as typed or pasted. Removes `mailto:` before it, angle brackets around it, and invisible
    /// characters without meaning.
    ///
    /// # Errors
    /// A sentence for the field, when the text is not one plain address.
    pub fn parse(text: &str) -> Result<Self, &'static str> {
        if text.len() > LONGEST_TYPED {
            return Err(TOO_LONG);
        }
        let text: String = without_marks(text).nfc().collect();
        let text = bare(&text);
        if text.is_empty() {
            return Err(EMPTY);
        }
        let odd =
            |c: char| c.is_whitespace() || c.is_control() || matches!(c, '"' | '\\' | '<' | '>' | '(' | ')' | ',' | ';' | ':' | '[' | ']');
        if text.chars().any(odd) {
            return Err(NOT_ONE);
        }
        if fold::has_hidden_characters(text) {
            return Err(HIDDEN);
        }
        let (local, typed) = text.split_once('@').ok_or(NOT_ONE)?;
        let domain = domain::ascii(typed).ok_or(NOT_ONE)?;
        if local.contains("..") || local.starts_with('.') || local.ends_with('.') || lettre::Address::new(local, &domain).is_err() {
            return Err(NOT_ONE);
        }
        if local.len() + 1 + domain.len() > 254 {
            return Err(TOO_LONG);
        }
        Ok(Self { shown: format!("{local}@{}", domain::readable(&domain)), domain })
    }

    /// The form in lists and in the database. Parsing it again gives the same address.
    pub fn as_str(&self) -> &str {
        &self.shown
    }

    /// The domain as A-labels, in lower case.
    pub fn domain(&self) -> &str {
        &self.domain
    }

    fn local(&self) -> &str {
        self.shown.split_once('@').map_or("", |(local, _)| local)
    }

    /// The canonical mailbox. Two addresses are the same mailbox if and only if these are equal.
    pub fn mailbox(&self) -> String {
        format!("{}@{}", self.local().to_ascii_lowercase(), self.domain)
    }

    /// The form for mail servers: the domain in ASCII.
    pub fn wire(&self) -> String {
        format!("{}@{}", self.local(), self.domain)
    }

    /// Equal for all addresses that look alike. It reserves a name, so that no two people have names that can be
    /// confused (homograph attack). It never proves that two addresses are one mailbox.
    pub fn likeness(&self) -> String {
        let seen = format!("{}@{}", self.local(), domain::unicode(&self.domain));
        fold::canonical(&seen.chars().filter(|c| !invisible::is_joiner(*c)).collect::<String>())
    }

    /// Whether the text is this address as it stands, with nothing removed from it or put in order. Upper and lower case
    /// are one, and so are both forms of the domain.
    pub fn is_spelled(&self, text: &str) -> bool {
        let same = |domain: &str| domain.eq_ignore_ascii_case(&self.domain) || domain.eq_ignore_ascii_case(&domain::readable(&self.domain));
        text.split_once('@').is_some_and(|(local, domain)| local == self.local() && same(domain))
    }

    /// Whether a stored or typed text names this mailbox.
    pub fn is_mailbox(&self, text: &str) -> bool {
        Self::parse(text).is_ok_and(|other| other.mailbox() == self.mailbox())
    }
}

/// Whether both texts name one mailbox.
pub fn is_one_mailbox(one: &str, other: &str) -> bool {
    Email::parse(one).is_ok_and(|one| one.is_mailbox(other))
}

/// Whether both texts are the same sign-in name: the same mailbox, or the same username in any case.
pub fn is_one_name(one: &str, other: &str) -> bool {
    match (Email::parse(one), Email::parse(other)) {
        (Ok(one), Ok(other)) => one.mailbox() == other.mailbox(),
        (Err(_), Err(_)) => fold::canonical(&fold::visible(one)) == fold::canonical(&fold::visible(other)),
        _ => false,
    }
}

/// The key that reserves a sign-in name, an address or a username. Names that look alike have the same key.
pub fn likeness(name: &str) -> String {
    Email::parse(name).map_or_else(|_| fold::canonical(&fold::visible(name)), |email| email.likeness())
}

/// Removes invisible characters that can only come from copying: zero-width spaces, byte order marks, soft hyphens,
/// direction marks. Direction overrides and line ends stay, so that they are refused later. Joiners stay where letters
/// need them.
pub fn without_marks(text: &str) -> String {
    let mut kept = String::with_capacity(text.len());
    for c in text.trim().chars() {
        let is_mark = matches!(
            c,
            '\u{ad}'
                | '\u{34f}'
                | '\u{61c}'
                | '\u{180e}'
                | '\u{200b}'
                | '\u{200e}'
                | '\u{200f}'
                | '\u{202a}'
                | '\u{202c}'
                | '\u{2060}'
                | '\u{2066}'
                | '\u{2068}'
                | '\u{2069}'
                | '\u{feff}'
        );
        let joins_nothing = invisible::is_joiner(c) && kept.chars().next_back().is_none_or(|before| before.is_ascii());
        if !is_mark && !joins_nothing {
            kept.push(c);
        }
    }
    kept
}

/// The address in `<…>` or after `mailto:`, without the query of the link.
fn bare(text: &str) -> &str {
    let text = text.trim();
    let text = text.strip_prefix('<').and_then(|rest| rest.strip_suffix('>')).unwrap_or(text).trim();
    match text.split_at_checked("mailto:".len()) {
        Some((scheme, rest)) if scheme.eq_ignore_ascii_case("mailto:") => rest.split('?').next().unwrap_or_default().trim(),
        _ => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn read(text: &str) -> Email {
        Email::parse(text).unwrap_or_else(|why| panic!("{text:?}: {why}"))
    }

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
            "<a@c.org",
            "<<a@c.org>>",
            "a@-c.org",
            ".a@c.org",
            "a@c..org",
            "a@c.org..",
            "a@c.org\u{202e}",
            "a\u{2800}b@c.org",
            "a@xn--ls8h=.org",
            "a@b\u{ff20}c.org",
            "mailto:",
            "mailto:mailto:a@c.org",
            "a@c.org?subject=x",
        ] {
            assert!(Email::parse(bad).is_err(), "{bad:?}");
        }
        assert!(Email::parse(&format!("{}@c.org", "x".repeat(65))).is_err());
        assert!(Email::parse(&format!("a@{}.org", "x.".repeat(160))).is_err());
        assert!(Email::parse(&format!("a@{}.org", "ü".repeat(60))).is_err(), "63 letters of its A-label");
        for good in [
            "ada@example.org",
            " ada+tag@mail.example.org ",
            "élodie@exämple.org",
            "o'neil@example.co.uk",
            "用户@例子.广告",
        ] {
            assert_eq!(read(good).as_str(), good.trim(), "{good:?}");
        }
    }

    #[test]
    fn an_address_is_read_as_people_paste_it() {
        for (typed, is) in [
            ("mailto:ann@example.org", "ann@example.org"),
            ("MAILTO:ann@example.org?subject=Hello", "ann@example.org"),
            ("<ann@example.org>", "ann@example.org"),
            ("\u{feff}ann\u{200b}@exam\u{ad}ple.org\u{200e}", "ann@example.org"),
            ("\u{202a}ann@example.org\u{202c}", "ann@example.org"),
            ("ann\u{200d}@example.org", "ann@example.org"),
            ("\u{a0}ann@example.org\u{a0}", "ann@example.org"),
            ("e\u{301}lodie@example.org", "élodie@example.org"),
            ("Ann@EXAMPLE.org.", "Ann@example.org"),
            ("ann@Exa\u{308}mple.ORG", "ann@exämple.org"),
            ("ann@xn--exmple-cua.org", "ann@exämple.org"),
            ("ann@XN--EXMPLE-CUA.org", "ann@exämple.org"),
            ("ann@ｅｘａｍｐｌｅ。org", "ann@example.org"),
            ("ann@e\u{212a}o.example", "ann@eko.example"),
        ] {
            assert_eq!(read(typed).as_str(), is, "{typed:?}");
        }
        assert_eq!(Email::parse("ann\u{202e}@example.org"), Err(HIDDEN));
        assert_eq!(Email::parse(" \u{200b} "), Err(EMPTY));
    }

    #[test]
    fn a_domain_that_hides_its_script_is_shown_in_ascii() {
        // A Cyrillic а among Latin letters.
        let hidden = read("ann@ex\u{430}mple.org");
        assert!(hidden.as_str().starts_with("ann@xn--"), "{hidden:?}");
        assert_eq!(read(hidden.as_str()), hidden);
    }

    #[test]
    fn two_addresses_are_one_mailbox_only_if_they_are() {
        for (one, other) in [
            ("ann@exämple.org", "ann@xn--exmple-cua.org"),
            ("ann@exämple.org", "ANN@EXÄMPLE.ORG"),
            ("ann@straße.example", "ann@STRAẞE.example"),
            ("ann@example.org", "ann@ｅxample.org."),
            ("e\u{301}@example.org", "é@example.org"),
            // NFC turns the Kelvin sign into K, so the mailbox is that of K.
            ("\u{212a}ay@example.org", "kay@example.org"),
        ] {
            assert!(is_one_mailbox(one, other), "{one} {other}");
            assert_eq!(read(one).wire().split('@').next_back(), read(other).wire().split('@').next_back());
        }
        for (one, other) in [
            ("ann@straße.example", "ann@strasse.example"),
            ("straße@example.org", "strasse@example.org"),
            ("ann@ındustries.example", "ann@industries.example"),
            ("\u{131}an@example.org", "ian@example.org"),
            ("ａnn@example.org", "ann@example.org"),
            ("É@example.org", "é@example.org"),
            ("ann@ﬁx.example", "ann@f\u{131}x.example"),
        ] {
            assert!(!is_one_mailbox(one, other), "{one} {other}");
            assert!(!is_one_name(one, other), "{one} {other}");
            assert_eq!(likeness(one), likeness(other), "{one} {other}");
        }
        assert!(!is_one_name("ann", "ann@example.org"));
        assert!(is_one_name("GHopper", "ghop\u{200b}per"));
    }

    proptest! {
        /// Parsing a stored address gives the typed one, and addresses of one mailbox have one likeness.
        #[test]
        fn reading_an_address_again_changes_nothing(local in "[a-zA-ZßıİẞéÅ\u{212a}äΣςﬁ]{1,8}", domain in "[a-zA-ZßıẞéÅ\u{212a}äΣςﬁж例]{1,8}") {
            if let Ok(email) = Email::parse(&format!("{local}@{domain}.example")) {
                prop_assert_eq!(&read(email.as_str()), &email);
                let wire = read(&email.wire());
                prop_assert_eq!(&wire, &email);
                let lower = read(&email.mailbox());
                prop_assert_eq!(lower.mailbox(), email.mailbox());
                prop_assert_eq!(lower.likeness(), email.likeness());
                prop_assert_eq!(likeness(email.as_str()), email.likeness());
            }
        }
    }
}
