//! Pages of `system_accounts`: one struct per template, with what it shows.

use super::forms::CreateForm;
use crate::{
    members::{GrantOptions, Seats},
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
