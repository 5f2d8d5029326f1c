//! The page that says what an erasure changes, and what it does not.

use super::Preview;
use crate::web::{Field, MemberContext, filters};
use askama::Template;

#[derive(Template)]
#[template(path = "erasure/confirm.html")]
pub(super) struct Confirm {
    pub context: MemberContext,
    pub preview: Preview,
    /// The name as it was typed to confirm.
    pub name: Field,
}
