//! The bar of bulk actions below a list of members (`templates/directory/bulk.html`). It appears with the first tick.

use super::total::Total;
use crate::members::Action;

/// What the bar offers, and where it leads. It sends the ticked members along.
pub struct BulkBar {
    pub path: String,
    /// What it sends besides the members.
    pub fields: Vec<(&'static str, String)>,
    /// How many members match, if the page does not show all of them.
    pub everybody: Option<Total>,
    /// Actions of the page itself: each with its path.
    pub own: Vec<(&'static str, String)>,
    /// On the bar, in this order.
    pub common: Vec<Action>,
    /// Under "More".
    pub more: Vec<Action>,
    pub has_deletion: bool,
}

impl BulkBar {
    /// The label of a button on the bar. On the tab of the invited, that it is about invitations goes without saying.
    pub fn label(&self, action: &Action) -> &'static str {
        match *action {
            Action::Resend => "Resend",
            Action::Cancel => "Cancel",
            other => other.words().label,
        }
    }
}
