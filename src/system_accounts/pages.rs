use super::forms::CreateForm;
use crate::{
    kit::MemberKind,
    members::{Offer, Seats},
    web::{Shell, filters},
};
use askama::Template;

#[derive(Template)]
#[template(path = "system_accounts/new.html")]
pub(super) struct New {
    pub shell: Shell,
    pub form: CreateForm,
    pub offer: Offer,
    pub seats: Seats,
}

impl New {
    /// How many more the plan allows, of how many; nothing where it sets no limit.
    pub fn left(&self) -> Option<(i64, i64)> {
        self.seats.left_of(MemberKind::SystemAccount)
    }
}
