//! Access reviews: whether the members who have a role or a policy, are in a team, are administrators or are system accounts,
//! keep that. Opening a review writes a line for each of them; reviewers decide on lines; closing it removes what is to be removed
//! with the operation behind the button for one member.
//!
//! Invariants: nobody decides on their own line; a decision changes nothing by itself, so that reviewers need no right to change
//! members; a review is opened and closed by callers who may take away all that it is over, and its batch reads their rights again
//! for every chunk; lines are evidence and are never deleted, whatever becomes of the member; the numbers of lines are kept, and no
//! page counts them.

mod candidates;
mod closing;
mod deciding;
mod erasure;
mod evidence;
mod forms;
mod letters;
mod model;
mod opening;
mod pages;
mod removals;
mod routes;
mod store;

pub use closing::{close, remove_rest, run_due};
pub use deciding::decide;
pub use erasure::erase_names;
pub use evidence::Evidence;
pub use letters::{LETTERS, Letters};
pub use model::{
    AccessReview, Decided, Decision, LONGEST_NAME, LONGEST_REASON, LineOutcome, LineRefusal, LineState, MOST_LINES, MOST_REVIEWERS,
    NewDecision, NewReview, ReviewKind, ReviewLine, ReviewRefusal, ReviewState, ReviewedBy, Which,
};
pub use opening::{Seen, list, open, see};
pub use removals::Removals;
pub use routes::mount;
pub use store::{Related, related};

use crate::{
    db::{
        Conn,
        keyset::{Page, Window},
    },
    kit::Fault,
};

/// A page of the lines that the caller sees, after a position; only those in one state, if given.
///
/// # Errors
/// When the database does not answer.
pub fn lines(conn: &mut Conn, seen: &Seen, state: Option<LineState>, after: Option<i64>, size: i64) -> Result<Page<ReviewLine>, Fault> {
    let found = store::lines(conn, &seen.review, &seen.sight, state, after.unwrap_or(0), size + 1)?;
    Ok(Window::read(after, None).page(found, size))
}
