//! Refusals of access reviews as problems.

use crate::{
    access_reviews::ReviewRefusal,
    api::answers::refused,
    web::{self, Problem},
};

/// Why a review was not opened, decided on or closed.
pub(super) fn problem(refusal: &ReviewRefusal) -> web::Error {
    let field = |pointer: &str, code: &'static str| Problem::field(pointer, code, refusal).into();
    match refusal {
        ReviewRefusal::NothingToReview => field("/subject_id", "invalid"),
        ReviewRefusal::LastDay => field("/last_day", "out-of-range"),
        ReviewRefusal::Reviewers => field("/reviewers", "out-of-range"),
        ReviewRefusal::NotActive => field("/reviewers", "invalid"),
        ReviewRefusal::TooManyOpen => refused("limit-reached", "There are too many", refusal),
        ReviewRefusal::Closed => refused("access-review-closed", "The review is closed", refusal),
        ReviewRefusal::NothingWaits => refused("nothing-to-remove", "Nothing waits to be removed", refusal),
    }
}
