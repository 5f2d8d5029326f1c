//! Pages of `system_accounts`: one struct per template, with what it shows.

use super::forms::CreateForm;
use crate::{
    kit::MemberKind,
    members::{GrantOptions, SeatUsage, Seats},
    web::{MemberContext, filters},
};
use askama::Template;

#[derive(Template)]
#[template(path = "system_accounts/new.html")]
pub(super) struct New {
    pub context: MemberContext,
    pub form: CreateForm,
    pub offer: GrantOptions,
    pub seats: Seats,
}

impl New {
    /// How much of the plan's limit is used; `None` if there is no limit.
    pub fn usage(&self) -> Option<SeatUsage> {
        self.seats.usage(MemberKind::SystemAccount)
    }
}
