use crate::web::{Door, Field, filters};
use askama::Template;

#[derive(Template)]
#[template(path = "passwords/forgotten.html")]
pub(super) struct Forgotten {
    pub door: Door,
    pub email: Field,
    pub is_sent: bool,
}

#[derive(Template)]
#[template(path = "passwords/reset.html")]
pub(super) struct Reset {
    pub door: Door,
    pub username: String,
    pub complaint: Option<String>,
    pub minimum: usize,
}

impl Reset {
    pub fn new(door: Door, username: String, minimum: usize, complaint: Option<String>) -> Self {
        Self {
            door,
            username,
            complaint,
            minimum,
        }
    }
}

#[derive(Template)]
#[template(path = "passwords/dead_link.html")]
pub(super) struct DeadLink;
