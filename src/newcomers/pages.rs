use super::forms::CreateForm;
use crate::{
    kit::{MemberId, Timestamp, secret::Hidden},
    members::{Offer, Seats},
    web::{Shell, filters},
};
use askama::Template;

#[derive(Template)]
#[template(path = "newcomers/new.html")]
pub(super) struct New {
    pub shell: Shell,
    pub form: CreateForm,
    pub offer: Offer,
    pub seats: Seats,
    pub minimum: usize,
}

/// The one page that shows a generated password.
#[derive(Template)]
#[template(path = "newcomers/created.html")]
pub(super) struct Created {
    pub shell: Shell,
    pub member: MemberId,
    pub name: String,
    pub username: String,
    pub is_active: bool,
    pub password: Hidden,
    pub until: Timestamp,
}

impl Created {
    /// Where to sign in, and with what, as one text to copy.
    fn to_hand_over(&self) -> String {
        let address = self.shell.front.link("/sign-in");
        format!(
            "Sign in: {address}\nUsername: {}\nPassword: {}",
            self.username,
            self.password.expose()
        )
    }
}
