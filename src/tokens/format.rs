//! The text of a token. Secret scanners find it by one pattern, and its checksum finds typing mistakes.
//!
//! `rst_` + kind + `_` + eight public characters + 43 secret characters + a checksum of six over all before. After the
//! prefix there are only letters and digits, so that a double click selects all of it. [`PATTERN`] finds it.

use crate::kit::{MemberKind, secret};
use std::fmt;

/// Finds tokens in logs, code and mail.
pub const PATTERN: &str = r"\brst_[su]_[0-9A-Za-z]{57}\b";

const ALPHABET: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
/// `rst_s_`
const HEAD: usize = 6;
const PUBLIC: usize = 8;
/// 62^43 is more than 2^256 (OWASP ASVS 5.0, 11.5.1).
const SECRET: usize = 43;
/// 62^6 is more than 2^32.
const CHECK: usize = 6;

/// The whole text of a token. `Debug` prints only its public part.
#[derive(Clone, PartialEq, Eq)]
pub struct TokenText(String);

/// Why a text cannot be a token, judged by its form alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Malformed {
    #[error("A token of Roster begins with rst_s_ or rst_u_, followed by 57 letters and digits.")]
    Shape,
    #[error("The token is mistyped: its last six characters do not fit the rest.")]
    Checksum,
}

impl TokenText {
    /// A new token text for a member of that kind.
    pub fn generate(kind: MemberKind) -> Self {
        let mut text = String::with_capacity(HEAD + PUBLIC + SECRET + CHECK);
        text.push_str(match kind {
            MemberKind::SystemAccount => "rst_s_",
            MemberKind::User => "rst_u_",
        });
        text.extend((0..PUBLIC + SECRET).map(|_| character()));
        text.push_str(&checksum(&text));
        Self(text)
    }

    /// Parses what a client sent. Looks nothing up; refuses what cannot be a token.
    ///
    /// # Errors
    /// [`Malformed`].
    pub fn parse(text: &str) -> Result<Self, Malformed> {
        let is_shaped = text.len() == HEAD + PUBLIC + SECRET + CHECK
            && (text.starts_with("rst_s_") || text.starts_with("rst_u_"))
            && text.bytes().skip(HEAD).all(|byte| byte.is_ascii_alphanumeric());
        if !is_shaped {
            return Err(Malformed::Shape);
        }
        let (body, check) = text.split_at(text.len() - CHECK);
        if checksum(body) != check {
            return Err(Malformed::Checksum);
        }
        Ok(Self(text.to_owned()))
    }

    /// The public beginning, which lists show.
    pub fn prefix(&self) -> &str {
        &self.0[..HEAD + PUBLIC]
    }
    /// The digest: all that is stored of it.
    pub fn digest(&self) -> Vec<u8> {
        secret::digest(&self.0)
    }
    /// The whole text, for the page that shows it once.
    pub fn expose(&self) -> &str {
        &self.0
    }
}
impl fmt::Debug for TokenText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "TokenText({}…)", self.prefix())
    }
}

/// The text with only the public part of each token in it.
pub(super) fn without_secrets(text: &str) -> String {
    let (mut kept, mut rest) = (String::new(), text);
    while let Some(at) = rest.find("rst_") {
        let is_part = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'_';
        let end = at + rest[at..].bytes().take_while(is_part).count();
        let shown = end.min(at + HEAD + PUBLIC);
        kept.push_str(&rest[..shown]);
        if shown < end {
            kept.push('…');
        }
        rest = &rest[end..];
    }
    kept + rest
}

/// A random character of the alphabet, uniformly distributed: a byte above the largest multiple of its length is
/// rejected.
fn character() -> char {
    let rounds = 256 / ALPHABET.len();
    loop {
        let mut byte = [0];
        secret::fill(&mut byte);
        let drawn = usize::from(byte[0]);
        if drawn < rounds * ALPHABET.len() {
            return char::from(ALPHABET[drawn % ALPHABET.len()]);
        }
    }
}

/// CRC-32 (ISO 3309) in six digits of base 62: detects every mistake of up to four consecutive characters.
fn checksum(body: &str) -> String {
    let mut rest = crc32fast::hash(body.as_bytes()) as usize;
    let mut digits = [b'0'; CHECK];
    for digit in digits.iter_mut().rev() {
        *digit = ALPHABET[rest % ALPHABET.len()];
        rest /= ALPHABET.len();
    }
    digits.iter().copied().map(char::from).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    fn token() -> TokenText {
        TokenText::generate(MemberKind::SystemAccount)
    }

    #[test]
    fn a_token_reads_as_it_was_made_and_no_two_are_alike() {
        let bits = (ALPHABET.len() as f64).log2() * SECRET as f64;
        assert!(bits >= 256.0, "{bits}");
        let all: BTreeSet<String> = (0..500).map(|_| token().expose().to_owned()).collect();
        assert_eq!(all.len(), 500);
        for text in &all {
            assert_eq!(TokenText::parse(text).unwrap().expose(), text);
            assert_eq!(text.len(), 63);
        }
        let drawn: BTreeSet<char> = all.iter().flat_map(|text| text[HEAD..].chars()).collect();
        assert_eq!(drawn.len(), ALPHABET.len(), "every character is drawn");
        assert!(TokenText::generate(MemberKind::User).expose().starts_with("rst_u_"));
    }

    #[test]
    fn every_mistake_of_one_character_is_found_before_anything_is_looked_up() {
        let text = token().expose().to_owned();
        for at in 0..text.len() {
            for other in ALPHABET.iter().copied().map(char::from) {
                let mut wrong = text.clone();
                wrong.replace_range(at..=at, &other.to_string());
                assert_eq!(TokenText::parse(&wrong).is_ok(), wrong == text, "{wrong}");
            }
            // Two characters swapped.
            if at + 1 < text.len() {
                let mut bytes = text.clone().into_bytes();
                bytes.swap(at, at + 1);
                let wrong = String::from_utf8(bytes).unwrap();
                assert_eq!(TokenText::parse(&wrong).is_ok(), wrong == text, "{wrong}");
            }
            assert!(TokenText::parse(&text[..at]).is_err(), "cut");
        }
    }

    #[test]
    fn a_text_with_tokens_keeps_only_their_public_parts() {
        let (one, two) = (token(), token());
        let text = format!("https://x.example/?t={}&u={} rst_ rst_s_short é", one.expose(), two.expose());
        let kept = format!("https://x.example/?t={}…&u={}… rst_ rst_s_short é", one.prefix(), two.prefix());
        assert_eq!(without_secrets(&text), kept);
        assert_eq!(without_secrets(""), "");
    }

    #[test]
    fn only_the_whole_text_is_a_token() {
        let (one, two) = (token().expose().to_owned(), token().expose().to_owned());
        // The secret of one token with the public part of another.
        let mixed = format!("{}{}", &one[..HEAD + PUBLIC], &two[HEAD + PUBLIC..]);
        for wrong in [
            String::new(),
            mixed,
            format!("{one}A"),
            format!(" {one}"),
            format!("{one} "),
            format!("{one}\n"),
            format!("{one}\0"),
            format!("{one}{one}"),
            one.to_uppercase(),
            one.to_lowercase(),
            one.replace("rst_s_", "rst_u_"),
            one.replace("rst_s_", "rst_x_"),
            one.replace("rst_s_", "ghp_s_"),
            one[HEAD..].to_owned(),
            "é".repeat(63),
            "rst_s_".to_owned() + &"é".repeat(29),
            "0".repeat(100_000),
        ] {
            assert!(TokenText::parse(&wrong).is_err(), "{wrong:.100}");
        }
    }

    #[test]
    fn a_token_prints_no_secret() {
        let token = token();
        assert_eq!(format!("{token:?}"), format!("TokenText({}…)", &token.expose()[..14]));
    }
}
