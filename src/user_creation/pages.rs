//! Pages of `user_creation`: one struct per template, with what it shows.

use super::{Loaded, forms::CreateForm};
use crate::{
    kit::{MemberId, Timestamp, secret::SecretString},
    members::{GrantOptions, Seats},
    own_fields::{self, Line},
    web::{MemberContext, filters},
};
use askama::Template;

#[derive(Template)]
#[template(path = "user_creation/new.html")]
pub(super) struct New {
    pub context: MemberContext,
    pub form: CreateForm,
    pub offer: GrantOptions,
    pub seats: Seats,
    pub minimum: usize,
    pub own: Vec<Line>,
}

impl New {
    pub fn with(context: MemberContext, form: CreateForm, loaded: Loaded) -> Self {
        let Loaded { offer, seats, minimum, mut own } = loaded;
        own_fields::fill(&mut own, &form.own, &form.own_complaints);
        Self { context, form, offer, seats, minimum, own }
    }
}

/// The one page that shows a generated password.
#[derive(Template)]
#[template(path = "user_creation/created.html")]
pub(super) struct Created {
    pub context: MemberContext,
    pub member: MemberId,
    pub name: String,
    pub username: String,
    pub is_active: bool,
    pub password: SecretString,
    pub until: Timestamp,
}

impl Created {
    /// The URL to sign in at, and the credentials, as one text to copy.
    fn to_hand_over(&self) -> String {
        let address = self.context.site.link("/sign-in");
        format!("Sign in: {address}\nUsername: {}\nPassword: {}", self.username, self.password.expose())
    }
}
