//! The page that says what is deleted with the organization, and who has to go first.

use super::{DeletionRefusal, Holdings};
use crate::web::{Field, MemberContext, filters};
use askama::Template;

#[derive(Template)]
#[template(path = "organization_deletion/confirm.html")]
pub(super) struct Confirm {
    pub context: MemberContext,
    pub holdings: Holdings,
    pub refusal: Option<DeletionRefusal>,
    /// The name as it was typed to confirm.
    pub name: Field,
}
