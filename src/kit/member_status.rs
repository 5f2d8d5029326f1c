//! The status of a member. In `kit` because access decisions below `members` read it.

use crate::text_enum;

text_enum! {
    /// See the state diagram in `product.md`. A deleted member has no row.
    pub enum MemberStatus {
        /// May only accept the invitation.
        Invited = "invited",
        Active = "active",
        /// Has no access; all data is kept.
        Disabled = "disabled",
    }
}

impl MemberStatus {
    pub fn label(self) -> &'static str {
        match self {
            Self::Invited => "Invited",
            Self::Active => "Active",
            Self::Disabled => "Disabled",
        }
    }
}
