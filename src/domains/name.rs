//! Reading the name of a domain that somebody types, and what cannot be the domain of an organization.

use super::{model::RECORD, public};
use crate::kit::email::{Email, parse_domain};

/// The longest name. The record stands beneath it, and the whole has at most 253 characters.
const LONGEST: usize = 253 - RECORD.len() - 1;

/// Why a name is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NameRefusal {
    #[error("Type a domain, such as example.org.")]
    Unreadable,
    #[error("Type only the domain, the part of the address after @.")]
    Address,
    #[error("A domain has at most {LONGEST} characters here.")]
    TooLong,
    #[error("These are addresses of a mail service that is open to everybody, so no organization can own them.")]
    MailService,
    #[error("Everybody can register names beneath this one. Type the domain that belongs to your organization.")]
    Suffix,
    #[error("This is no name of the public internet, so that nobody can prove to own it.")]
    Special,
}

/// Reads a domain that an organization may own: as A-labels in lower case.
///
/// # Errors
/// A [`NameRefusal`].
pub(super) fn read(typed: &str) -> Result<String, NameRefusal> {
    if typed.contains('@') {
        return Err(NameRefusal::Address);
    }
    let name = parse_domain(typed).ok_or(NameRefusal::Unreadable)?;
    let last = name.rsplit('.').next().unwrap_or_default();
    // An IP address is no domain, and an underscore is in no domain of mail.
    if name.contains('_') || last.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(NameRefusal::Unreadable);
    }
    if name.len() > LONGEST {
        return Err(NameRefusal::TooLong);
    }
    if public::is_mail_service(&name) {
        return Err(NameRefusal::MailService);
    }
    if public::is_suffix(&name) {
        return Err(NameRefusal::Suffix);
    }
    if public::is_special(&name) {
        return Err(NameRefusal::Special);
    }
    Ok(name)
}

/// The domain of an address, or of a domain itself, as visitors type it to sign in. Two `@` or a domain that is none
/// give nothing.
pub(super) fn sought(typed: &str) -> Option<String> {
    if typed.contains('@') {
        return Email::parse(typed).ok().map(|email| email.domain().to_owned());
    }
    parse_domain(typed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_domain_that_can_belong_to_one_organization_is_taken() {
        for (typed, why) in [
            ("", NameRefusal::Unreadable),
            ("org", NameRefusal::Unreadable),
            ("example..org", NameRefusal::Unreadable),
            ("example.org..", NameRefusal::Unreadable),
            ("https://example.org", NameRefusal::Unreadable),
            ("*.example.org", NameRefusal::Unreadable),
            ("_dmarc.example.org", NameRefusal::Unreadable),
            ("192.0.2.1", NameRefusal::Unreadable),
            ("exa mple.org", NameRefusal::Unreadable),
            ("example.org\nevil.org", NameRefusal::Unreadable),
            ("ada@example.org", NameRefusal::Address),
            ("@example.org", NameRefusal::Address),
            ("GMail.com", NameRefusal::MailService),
            ("gmx.de.", NameRefusal::MailService),
            ("ｑｑ.com", NameRefusal::MailService),
            ("co.uk", NameRefusal::Suffix),
            ("CO.UK.", NameRefusal::Suffix),
            ("github.io", NameRefusal::Suffix),
            ("printer.local", NameRefusal::Special),
            ("1.168.192.in-addr.arpa", NameRefusal::Special),
        ] {
            assert_eq!(read(typed), Err(why), "{typed:?}");
        }
        let long = format!("{}.org", vec!["a".repeat(60); 4].join("."));
        assert_eq!(read(&long), Err(NameRefusal::TooLong));
        for (typed, is) in [
            ("Example.ORG.", "example.org"),
            ("EXÄMPLE.org", "xn--exmple-cua.org"),
            ("sub.example.co.uk", "sub.example.co.uk"),
        ] {
            assert_eq!(read(typed).as_deref(), Ok(is));
        }
    }

    #[test]
    fn what_a_visitor_types_names_one_domain_or_none() {
        for typed in [
            "ada@example.org",
            "Ada@EXAMPLE.org",
            "ada@example.org.",
            "example.org",
            "ada@ｅxample。org",
            "<ada@example.org>",
        ] {
            assert_eq!(sought(typed).as_deref(), Some("example.org"), "{typed:?}");
        }
        for typed in [
            "",
            "ada",
            "@example.org",
            "ada@",
            "a@evil.org@example.org",
            "a@example.org@evil.org",
            "a b@example.org",
            "ada@example.org..",
        ] {
            assert_eq!(sought(typed), None, "{typed:?}");
        }
    }
}
