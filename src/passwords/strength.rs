//! How good a password must be: long, and hard to guess for an attacker who knows the person. No rules about which
//! characters, no expiry (NIST SP 800-63B-4, 3.1.1).

use crate::{
    db::{
        Conn,
        schema::{members, organizations},
    },
    kit::{Fault, MemberStatus, OrganizationId, Timestamp, UserId, fold, secret::SecretString},
};
use diesel::prelude::*;
use std::cmp::Reverse;
use unicode_normalization::UnicodeNormalization;
use zxcvbn::{Score, zxcvbn};

/// Minimum length in code points where the password is the only factor.
pub const MINIMUM: usize = 15;
/// Minimum length in code points where a second factor is required as well (NIST SP 800-63B-4, 3.1.1.2).
pub const MINIMUM_OF_TWO: usize = 8;
/// Maximum length in code points. Nobody types more, and hashing more only helps attackers.
const MAXIMUM: usize = 256;

/// What one organization demands: since when a second factor is required, which permits fewer characters, and its own
/// minimum length.
type Demand = (Option<Timestamp>, Option<i64>);

fn demanded((two_step_from, least): Demand, now: Timestamp) -> usize {
    let is_one_of_two = two_step_from.is_some_and(|from| from <= now);
    let least = least.and_then(|least| usize::try_from(least).ok()).unwrap_or(0);
    least.max(if is_one_of_two { MINIMUM_OF_TWO } else { MINIMUM })
}

/// How long a person's password must be: the strictest demand of all their organizations. For a person who is in none
/// yet, the organizations that invited them count.
pub fn minimum(conn: &mut Conn, user: UserId, now: Timestamp) -> Result<usize, Fault> {
    let demands: Vec<(MemberStatus, Demand)> = members::table
        .inner_join(organizations::table)
        .filter(members::user_id.eq(Some(user)))
        .filter(members::status.ne(MemberStatus::Disabled))
        .select((members::status, (organizations::two_step_from, organizations::password_minimum)))
        .load(conn)?;
    let is_in = demands.iter().any(|(status, _)| *status == MemberStatus::Active);
    let counts = demands.into_iter().filter(|(status, _)| !is_in || *status == MemberStatus::Active);
    Ok(counts.map(|(_, demand)| demanded(demand, now)).max().unwrap_or(MINIMUM))
}

/// How long a password must be that a member of this organization chooses for a new person.
///
/// # Errors
/// [`Fault::Missing`].
pub fn minimum_in(conn: &mut Conn, organization: OrganizationId, now: Timestamp) -> Result<usize, Fault> {
    let demand: Demand = organizations::table
        .find(organization)
        .select((organizations::two_step_from, organizations::password_minimum))
        .first(conn)?;
    Ok(demanded(demand, now))
}

/// Judges a new password. The context is what attackers try first: names, addresses, the organization.
///
/// # Errors
/// A sentence for the field that says how to choose a better one.
pub fn check_strength(password: &SecretString, context: &[&str], minimum: usize) -> Result<(), String> {
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
    if is_common(&text) {
        return Err("Many people have this one, or one like it. Use words that have nothing to do with each other or with you.".into());
    }
    let estimate = zxcvbn(&text, &words);
    if estimate.score() >= Score::Three && !is_monotonous(&text) {
        return Ok(());
    }
    let warning = estimate.feedback().and_then(zxcvbn::feedback::Feedback::warning).map(|warning| warning.to_string());
    let why = warning.unwrap_or_else(|| "This is easy to guess.".into());
    Err(format!(
        "{} Use words that have nothing to do with each other or with you.",
        why.trim_end_matches('.').to_owned() + "."
    ))
}

/// Phrases and words that long passwords are commonly made of. The estimator counts them like any other word, so what
/// is left without them must be a password in itself (NIST SP 800-63B-4, 3.1.1.2, asks for such a list).
const COMMON: &str = include_str!("common.txt");

fn is_common(text: &str) -> bool {
    let text: String = fold::searchable(text).chars().filter(|c| c.is_alphanumeric()).collect();
    let mut phrases: Vec<&str> = COMMON.lines().collect();
    phrases.sort_by_key(|phrase| Reverse(phrase.len()));
    let rest = phrases.into_iter().fold(text.clone(), |rest, phrase| rest.replace(phrase, " "));
    // Or it is a part of such a phrase, for example of a walk over the keyboard.
    let is_part = COMMON.lines().any(|phrase| text.chars().count() >= 8 && phrase.contains(&text));
    is_part || (rest != text && rest.chars().filter(|c| !c.is_whitespace()).count() < 8)
}

/// The estimator counts a known name like a rare word. An attacker who knows the person tries it first, so what is left
/// without such names must be a password in itself.
fn is_personal(text: &str, names: &[&str]) -> bool {
    let text = fold::searchable(text);
    let mut names: Vec<String> = names.iter().map(|name| fold::searchable(name)).filter(|name| !name.is_empty()).collect();
    names.sort_by_key(|name| Reverse(name.len()));
    let rest = names.iter().fold(text.clone(), |rest, name| rest.replace(name, " "));
    rest != text && rest.chars().filter(|c| !c.is_whitespace()).count() < 8
}

/// The estimator reads only a hundred characters. A password of fewer than five different ones is weak, however long.
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
        check_strength(
            &SecretString::new(text),
            &["Grace Hopper", "grace.hopper@navy.example", "Analytical Engines"],
            MINIMUM,
        )
    }

    #[test]
    fn good_passwords_are_long_and_unrelated() {
        assert_eq!(judged("violet otter climbs Kilimanjaro"), Ok(()));
        assert_eq!(judged("пятнадцать зелёных слонов"), Ok(()));
        assert_eq!(judged(&"seven quiet lanterns over Reykjavik ".repeat(7)), Ok(()));
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

    #[test]
    fn what_everybody_thinks_of_is_refused_however_it_is_written() {
        for bad in [
            "correct horse battery staple",
            "Correct-Horse-Battery-Staple!",
            "thequickbrownfoxjumpsoverthelazydog",
            "maytheforcebewithyou",
            "ToBeOrNotToBe,thatisthequestion",
            "thisismypassword123",
            "mypasswordispassword",
            "Password123456!!",
            "letmeinpleasenow",
            "iloveyousomuch1",
            "qwertyuiopasdfghjklzxcvbnm",
            "zaqxswcdevfrbgtnhy",
            "a1b2c3d4e5f6g7h8",
            "1qaz2wsx3edc4rfv",
            "December2024December",
            "winteriscoming2024",
            "liverpoolfootballclub",
            "Jesus is my savior",
            "allyouneedislove",
            "1234567890123456",
            "987654321987654321",
            "asdfasdfasdfasdf",
            "changemechangeme",
            "adminadminadmin1",
            "Roster-Password-2026",
        ] {
            assert!(judged(bad).is_err(), "{bad}");
        }
        // One such word among others is allowed.
        assert_eq!(judged("a welcome otter paints the ferry"), Ok(()));
    }
}
