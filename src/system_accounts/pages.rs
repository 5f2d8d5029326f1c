//! Pages of `system_accounts`: one struct per template, with what it shows.

use super::{Loaded, forms::CreateForm};
use crate::{
    members::{GrantOptions, Seats},
    own_fields::{self, Line},
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
    pub own: Vec<Line>,
}

impl New {
    pub fn with(context: MemberContext, form: CreateForm, loaded: Loaded) -> Self {
        let Loaded { offer, seats, mut own } = loaded;
        own_fields::fill(&mut own, &form.own, &form.own_complaints);
        Self { context, form, offer, seats, own }
    }
}
