use super::{
    activity::Line,
    again::Complaints,
    reset::{ResetForm, ResetRefusal},
};
use crate::{
    members::Header,
    second_factors::{Challenge, Held},
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

#[derive(Template)]
#[template(path = "sessions/second_step.html")]
pub(super) struct SecondStep {
    pub door: Door,
    pub has_app: bool,
    /// For those who have passkeys.
    pub challenge: Option<Challenge>,
    pub complaint: Option<String>,
}

#[derive(Template)]
#[template(path = "sessions/with_passkey.html")]
pub(super) struct WithPasskey {
    pub door: Door,
    pub challenge: Option<Challenge>,
    pub next: String,
    pub complaint: Option<String>,
}

#[derive(Template)]
#[template(path = "sessions/again.html")]
pub(super) struct Again {
    pub door: Door,
    pub username: String,
    pub has_password: bool,
    pub held: Held,
    pub challenge: Option<Challenge>,
    pub next: String,
    pub complaints: Complaints,
}

#[derive(Template)]
#[template(path = "sessions/reset.html")]
pub(super) struct Reset {
    pub shell: Shell,
    pub header: Header,
    pub form: ResetForm,
    pub refusal: Option<ResetRefusal>,
}
