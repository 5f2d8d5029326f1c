//! Domains of addresses: in ASCII (A-labels) as DNS has them, and in Unicode as people read them (UTS 46,
//! non-transitional, so that ß is kept).

use idna::uts46::{AsciiDenyList, DnsLength, Hyphens, Uts46};
use unicode_security::{RestrictionLevel, RestrictionLevelDetection};

const UTS46: Uts46 = Uts46::new();

/// Characters that a host name never has. An underscore is not allowed in one either, but exists in practice.
const DENIED: AsciiDenyList = AsciiDenyList::new(true, "!\"#$%&'()*+,/:;<=>?@[\\]^`{|}~");

/// The domain as A-labels, if it is a host name with at least two labels. A dot at the end is ignored.
pub fn ascii(typed: &str) -> Option<String> {
    let typed = typed.strip_suffix(['.', '\u{3002}', '\u{ff0e}', '\u{ff61}']).unwrap_or(typed);
    let ascii = UTS46.to_ascii(typed.as_bytes(), DENIED, Hyphens::CheckFirstLast, DnsLength::Verify);
    ascii.ok().map(std::borrow::Cow::into_owned).filter(|ascii| ascii.contains('.'))
}

/// The whole domain in Unicode.
pub(super) fn unicode(ascii: &str) -> String {
    spelled(ascii, |_| true)
}

/// In Unicode, except for labels that mix scripts to imitate others (UTS 39, homograph attack, as browsers do); those
/// stay in ASCII.
pub(super) fn readable(ascii: &str) -> String {
    spelled(ascii, |label| label.check_restriction_level(RestrictionLevel::HighlyRestrictive))
}

fn spelled(ascii: &str, in_letters: impl Fn(&str) -> bool) -> String {
    let shows = |label: &[char], _: &[char], _| in_letters(&label.iter().collect::<String>());
    let (text, is_whole) = UTS46.to_user_interface(ascii.as_bytes(), DENIED, Hyphens::CheckFirstLast, shows);
    match is_whole {
        Ok(()) if self::ascii(&text).as_deref() == Some(ascii) => text.into_owned(),
        _ => ascii.to_owned(),
    }
}
