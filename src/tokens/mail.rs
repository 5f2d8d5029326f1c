//! Letters of `tokens`.

use crate::{kit::Fault, mail::Letter};
use askama::Template;

/// A token that expires soon, as the letter shows it.
pub(super) struct Ending {
    pub token: String,
    pub prefix: String,
    pub owner: String,
    pub expires: String,
    pub last_used: String,
    pub link: String,
}

#[derive(Template)]
#[template(path = "tokens/ending_letter.txt")]
struct EndingText<'a> {
    organization: &'a str,
    days: i64,
    tokens: &'a [Ending],
}

#[derive(Template)]
#[template(path = "tokens/ending_letter.html")]
struct EndingHtml<'a> {
    organization: &'a str,
    days: i64,
    tokens: &'a [Ending],
}

/// The letter to a person who has to renew tokens.
pub(super) fn ending(organization: &str, days: i64, tokens: &[Ending]) -> Result<Letter, Fault> {
    Letter::render(&EndingText { organization, days, tokens }, &EndingHtml { organization, days, tokens })
}
