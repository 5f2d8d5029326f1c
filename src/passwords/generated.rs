//! Generated passwords: read from a screen once, typed once, replaced at the first sign-in.

use crate::kit::{
    fold,
    secret::{SecretString, fill},
};

/// For how many days a temporary password works (`product.md`).
pub const TEMPORARY_DAYS: i64 = 7;

/// No look-alikes: no 0 and o, no 1, i and l.
const ALPHABET: &[u8] = b"23456789abcdefghjkmnpqrstuvwxyz";
const GROUPS: usize = 4;
const GROUP: usize = 5;

/// A password of 99 bits, in groups that are easy to read out and to type.
pub fn generate() -> SecretString {
    let mut text = String::with_capacity(GROUPS * (GROUP + 1));
    for at in 0..GROUPS * GROUP {
        if at > 0 && at % GROUP == 0 {
            text.push('-');
        }
        text.push(letter());
    }
    SecretString::new(text)
}

/// Trims a generated password that was copied with a blank or a line end around it. Generated passwords contain no
/// blanks, so nothing is lost. Every other password is taken exactly as typed.
pub fn pasted(typed: &SecretString) -> SecretString {
    let bare = fold::unpadded(typed.expose());
    let is_group = |group: &str| group.len() == GROUP && group.bytes().all(|byte| ALPHABET.contains(&byte));
    let is_generated = bare.split('-').count() == GROUPS && bare.split('-').all(is_group);
    if is_generated { SecretString::new(bare) } else { typed.clone() }
}

/// A random letter of the alphabet, all equally likely: a byte beyond the last whole multiple of its length is drawn
/// again (no modulo bias).
fn letter() -> char {
    let rounds = 256 / ALPHABET.len();
    loop {
        let mut byte = [0];
        fill(&mut byte);
        let drawn = usize::from(byte[0]);
        if drawn < rounds * ALPHABET.len() {
            return char::from(ALPHABET[drawn % ALPHABET.len()]);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::passwords::{MINIMUM, check_strength};
    use std::collections::BTreeSet;

    #[test]
    fn only_generated_passwords_are_freed_of_what_was_copied_along() {
        let text = generate().expose().to_owned();
        for around in ["{}", "{} ", " {}\r\n", "\u{200b}{}\t"] {
            assert_eq!(pasted(&SecretString::new(around.replace("{}", &text))).expose(), text);
        }
        for own in [" correct horse battery ", "abcde-abcde-abcde ", "ABCDE-abcde-abcde-abcde "] {
            assert_eq!(pasted(&SecretString::new(own)).expose(), own);
        }
    }

    #[test]
    fn generated_passwords_are_long_readable_and_never_the_same() {
        let bits = (ALPHABET.len() as f64).log2() * (GROUPS * GROUP) as f64;
        assert!(bits >= 90.0, "{bits}");
        let all: BTreeSet<String> = (0..500).map(|_| generate().expose().to_owned()).collect();
        assert_eq!(all.len(), 500);
        let drawn: BTreeSet<char> = all.iter().flat_map(|text| text.chars()).filter(|c| *c != '-').collect();
        assert_eq!(drawn.len(), ALPHABET.len(), "every letter is drawn");
        for text in &all {
            assert_eq!(text.split('-').map(str::len).collect::<Vec<_>>(), [5, 5, 5, 5]);
            assert_eq!(
                check_strength(&SecretString::new(text.as_str()), &["Grace Hopper", "grace@example.org"], MINIMUM),
                Ok(()),
                "{text}"
            );
        }
    }
}
