//! Temporary passwords that nobody has to think up.

use crate::kit::secret::{self, Hidden};

/// A password that somebody else chose stops working after so many days.
pub const TEMPORARY_DAYS: i64 = 7;

/// Small letters and digits, without those that are mistaken for one another when read out or copied by hand.
const ALPHABET: &[u8; 31] = b"abcdefghjkmnpqrstuvwxyz23456789";
const GROUPS: usize = 4;
const GROUP: usize = 5;

/// A random password of 99 bits, in groups that can be read out: `k7m2p-xw9ht-…`.
pub fn generate() -> Hidden {
    let mut text = String::with_capacity(GROUPS * (GROUP + 1));
    for group in 0..GROUPS {
        if group > 0 {
            text.push('-');
        }
        for _ in 0..GROUP {
            text.push(character());
        }
    }
    Hidden::new(text)
}

/// One of the alphabet, each as likely as any other: bytes beyond its last multiple are thrown away.
fn character() -> char {
    let fair = u8::MAX - u8::MAX % 31;
    loop {
        let mut byte = [0];
        secret::fill(&mut byte);
        if byte[0] < fair {
            return char::from(ALPHABET[usize::from(byte[0] % 31)]);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::passwords::judge;

    #[test]
    fn every_generated_password_is_good_readable_and_another() {
        let mut seen = std::collections::HashSet::new();
        for _ in 0..50 {
            let password = generate();
            assert_eq!(judge(&password, &["Grace Hopper"]), Ok(()));
            assert!(password.expose().chars().all(|c| c == '-' || ALPHABET.contains(&(c as u8))));
            assert_eq!(password.expose().split('-').map(str::len).collect::<Vec<_>>(), [GROUP; GROUPS]);
            assert!(seen.insert(password.expose().to_owned()));
        }
    }
}
