//! How good a password must be: long, and hard to guess for somebody who knows the person. No rules about which
//! characters, no expiry (NIST SP 800-63B-4, 3.1.1).

use crate::kit::{fold, secret::Hidden};
use std::cmp::Reverse;
use unicode_normalization::UnicodeNormalization;
use zxcvbn::{Score, zxcvbn};

/// Code points, where a password is all there is.
pub const MINIMUM: usize = 15;
/// Code points, where a second factor is demanded besides (NIST SP 800-63B-4, 3.1.1.2).
pub const MINIMUM_OF_TWO: usize = 8;
/// Nobody types more, and hashing more only helps attackers.
const MAXIMUM: usize = 256;

/// Judges a new password. The context is what attackers try first: names, addresses, the organization.
///
/// # Errors
/// A sentence for the field that says how to do better.
pub fn judge(password: &Hidden, context: &[&str]) -> Result<(), String> {
    judge_at_least(MINIMUM, password, context)
}

/// [`judge`] with another minimum of characters; see [`super::minimum`].
///
/// # Errors
/// As [`judge`].
pub fn judge_at_least(minimum: usize, password: &Hidden, context: &[&str]) -> Result<(), String> {
    let text: String = password.expose().nfc().collect();
    let length = text.chars().count();
    if length < minimum {
        return Err(format!(
            "Use at least {minimum} characters. A sentence or four unrelated words are easy to remember."
        ));
    }
    if length > MAXIMUM {
        return Err(format!("Use at most {MAXIMUM} characters."));
    }
    let words: Vec<&str> = context
        .iter()
        .flat_map(|text| text.split(|c: char| !c.is_alphanumeric()).chain([*text]))
        .filter(|word| word.chars().count() > 2)
        .collect();
    if is_personal(&text, &words) {
        return Err(
            "This is made of your own names, which others try first. Use words that have nothing to do with each other or with you.".into(),
        );
    }
    let estimate = zxcvbn(&text, &words);
    if estimate.score() >= Score::Three && !is_monotonous(&text) {
        return Ok(());
    }
    let warning = estimate
        .feedback()
        .and_then(zxcvbn::feedback::Feedback::warning)
        .map(|warning| warning.to_string());
    let why = warning.unwrap_or_else(|| "This is easy to guess.".into());
    Err(format!(
        "{} Use words that have nothing to do with each other or with you.",
        why.trim_end_matches('.').to_owned() + "."
    ))
}

/// The estimator counts a known name as it counts a rare word. For whoever knows the person it is no word at all: what is
/// left without such names must be a password in itself.
fn is_personal(text: &str, names: &[&str]) -> bool {
    let text = fold::search(text);
    let mut names: Vec<String> = names
        .iter()
        .map(|name| fold::search(name))
        .filter(|name| !name.is_empty())
        .collect();
    names.sort_by_key(|name| Reverse(name.len()));
    let rest = names.iter().fold(text.clone(), |rest, name| rest.replace(name, " "));
    rest != text && rest.chars().filter(|c| !c.is_whitespace()).count() < 8
}

/// The estimator looks at a hundred characters; fewer than five different ones are no secret however long.
fn is_monotonous(text: &str) -> bool {
    let mut different: Vec<char> = text.chars().collect();
    different.sort_unstable();
    different.dedup();
    different.len() < 5
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judged(text: &str) -> Result<(), String> {
        judge(
            &Hidden::new(text),
            &["Grace Hopper", "grace.hopper@navy.example", "Analytical Engines"],
        )
    }

    #[test]
    fn good_passwords_are_long_and_unrelated() {
        assert_eq!(judged("violet otter climbs Kilimanjaro"), Ok(()));
        assert_eq!(judged("пятнадцать зелёных слонов"), Ok(()));
        assert_eq!(judged(&"correct horse battery staple ".repeat(8)), Ok(()));
    }

    #[test]
    fn short_common_repeated_and_personal_ones_are_refused() {
        for bad in [
            "",
            "short",
            "passwordpassword",
            "aaaaaaaaaaaaaaaaaaaa",
            "123456789012345",
            "gracehoppernavy",
            "Grace.Hopper-2026!",
            "analyticalengines",
            "hopper hopper hopper",
            "Grace-Hopper 1906!",
            "qwertyuiopasdfgh",
        ] {
            assert!(judged(bad).is_err(), "{bad}");
        }
        assert!(judged(&"x y z ".repeat(60)).is_err());
    }
}
