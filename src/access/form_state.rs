//! The states of the edit form of a role or policy: edit conflicts, and the preview of whom saving would affect.

use actix_web::http::StatusCode;
use std::{
    collections::hash_map::DefaultHasher,
    hash::{Hash, Hasher},
};

/// Why the form is rendered.
pub(super) enum FormState {
    /// It is opened for the first time.
    Opened,
    /// It is rendered again with what was typed, with or without a complaint.
    Typed(StatusCode),
    /// The role or policy is in use: shows what its holders would gain and lose, before it is saved.
    Preview(Preview),
    /// Somebody else saved first: shows the differences, which may be none.
    Clash(Vec<Conflict>),
}

impl FormState {
    pub const REFUSED: Self = Self::Typed(StatusCode::UNPROCESSABLE_ENTITY);

    pub fn status(&self) -> StatusCode {
        match self {
            Self::Opened | Self::Preview(_) => StatusCode::OK,
            Self::Typed(status) => *status,
            Self::Clash(_) => StatusCode::CONFLICT,
        }
    }
    pub fn preview(&self) -> Option<&Preview> {
        match self {
            Self::Preview(preview) => Some(preview),
            _ => None,
        }
    }
    pub fn conflicts(&self) -> Option<&[Conflict]> {
        match self {
            Self::Clash(conflicts) => Some(conflicts),
            _ => None,
        }
    }
}

/// What saving would change for every holder.
pub(super) struct Preview {
    pub gained: Vec<String>,
    pub lost: Vec<String>,
    /// A hash that proves to the next submission that this preview was shown.
    pub seen: String,
}

impl Preview {
    /// What `count` members would gain and lose. `None` if nothing changes, if nobody holds it, or if the preview was
    /// shown already.
    pub fn unless_seen<T: PartialEq + ToString>(now: &[T], wanted: &[T], count: i64, seen: &str) -> Option<Self> {
        let only = |one: &[T], other: &[T]| -> Vec<String> {
            let only = one.iter().filter(|item| !other.contains(item));
            only.map(ToString::to_string).collect()
        };
        let (gained, lost) = (only(wanted, now), only(now, wanted));
        // Holders added in the meantime without changing the count were not shown. This guards against mistakes; it is
        // not an access control.
        let mut hasher = DefaultHasher::new();
        (&gained, &lost, count).hash(&mut hasher);
        let mark = format!("{:x}", hasher.finish());
        let is_shown = count > 0 && !(gained.is_empty() && lost.is_empty()) && seen != mark;
        is_shown.then_some(Self { gained, lost, seen: mark })
    }
}

/// One field in which the saved version differs from what was typed.
pub(super) struct Conflict {
    pub what: &'static str,
    pub now: String,
    pub yours: String,
}

/// The fields that differ, each with its label, the saved text and the typed text.
pub(super) fn conflicts(compared: impl IntoIterator<Item = (&'static str, String, String)>) -> Vec<Conflict> {
    let differ = compared.into_iter().filter(|(_, now, yours)| now != yours);
    differ.map(|(what, now, yours)| Conflict { what, now, yours }).collect()
}

/// The items of one list that the other lacks, joined into one line.
pub(super) fn only<T: PartialEq + ToString>(one: &[T], other: &[T], between: &str) -> String {
    let only = one.iter().filter(|item| !other.contains(item));
    only.map(ToString::to_string).collect::<Vec<_>>().join(between)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_in_use_is_shown_once_before_it_is_saved() {
        let preview = |count, seen: &str| Preview::unless_seen(&["a", "b"], &["b", "c"], count, seen);
        assert!(preview(0, "").is_none());
        assert!(Preview::unless_seen(&["a"], &["a"], 7, "").is_none());
        let shown = preview(7, "").expect("it is in use");
        assert_eq!((shown.gained, shown.lost), (vec!["c".to_owned()], vec!["a".to_owned()]));
        assert!(preview(7, &shown.seen).is_none());
        assert!(preview(8, &shown.seen).is_some(), "one more has it meanwhile");
    }
}
