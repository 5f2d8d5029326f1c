use super::activity::Line;
use crate::{
    members::Header,
    web::{Door, Field, Shell, filters, picture::Picture},
};
use askama::Template;

#[derive(Template)]
#[template(path = "sessions/sign_in.html")]
pub(super) struct SignIn {
    pub door: Door,
    pub name: Field,
    pub next: String,
    /// What is said of the whole attempt: which part was wrong is not told.
    pub complaint: Option<String>,
}

#[derive(Template)]
#[template(path = "sessions/activity.html")]
pub(super) struct Activity {
    pub shell: Shell,
    pub header: Header,
    pub picture: Picture,
    pub lines: Vec<Line>,
    /// The address of older attempts, if there are any.
    pub older: Option<String>,
    pub is_first: bool,
}
