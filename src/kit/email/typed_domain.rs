//! Domains alone, as people type them: those that an organization says it owns.

use super::{LONGEST_TYPED, domain, without_marks};
use crate::kit::fold;
use unicode_normalization::UnicodeNormalization;

/// Reads the name of a domain as typed or pasted: as A-labels in lower case, if it is a host name with at least two labels.
pub fn parse_domain(text: &str) -> Option<String> {
    if text.len() > LONGEST_TYPED {
        return None;
    }
    let text: String = without_marks(text).nfc().collect();
    domain::ascii(&text).filter(|_| !fold::has_hidden_characters(&text))
}

/// A domain in A-labels as people read it. Labels that imitate others stay in ASCII.
pub fn readable_domain(ascii: &str) -> String {
    domain::readable(ascii)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kit::email::Email;

    #[test]
    fn a_domain_is_read_in_every_spelling_as_one_name() {
        for typed in [
            "example.org",
            " EXAMPLE.org ",
            "Example.Org.",
            "ｅｘａｍｐｌｅ。org",
            "exam\u{ad}ple.org",
        ] {
            assert_eq!(parse_domain(typed).as_deref(), Some("example.org"), "{typed:?}");
        }
        for typed in [
            "exämple.org",
            "EXÄMPLE.org",
            "exa\u{308}mple.org",
            "xn--exmple-cua.org",
            "XN--EXMPLE-CUA.ORG",
        ] {
            assert_eq!(parse_domain(typed).as_deref(), Some("xn--exmple-cua.org"), "{typed:?}");
        }
        for typed in [
            "",
            "org",
            "example.org..",
            "a@example.org",
            "https://example.org/",
            "ex ample.org",
            "example.org\u{202e}",
            "-a.org",
        ] {
            assert_eq!(parse_domain(typed), None, "{typed:?}");
        }
        assert_eq!(readable_domain("xn--exmple-cua.org"), "exämple.org");
        assert_eq!(Email::parse("ann@EXÄMPLE.org.").expect("an address").domain(), "xn--exmple-cua.org");
    }
}
