//! Letters of `sessions`.

use crate::{kit::Fault, mail::Letter};
use askama::Template;

/// What the letter about a sign-in from a new device says.
pub(super) struct NewDevice<'a> {
    pub username: &'a str,
    pub when: &'a str,
    pub device: &'a str,
    pub address: &'a str,
    pub link: &'a str,
}

#[derive(Template)]
#[template(path = "sessions/new_device_letter.txt")]
struct Text<'a> {
    about: &'a NewDevice<'a>,
}

#[derive(Template)]
#[template(path = "sessions/new_device_letter.html")]
struct Html<'a> {
    about: &'a NewDevice<'a>,
}

pub(super) fn new_device(about: &NewDevice<'_>) -> Result<Letter, Fault> {
    Letter::render(&Text { about }, &Html { about })
}
