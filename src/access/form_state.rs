//! What the page of a form answers to: what it shows of a second person's work, and whom saving it would change.

use actix_web::http::StatusCode;
use std::{
    collections::hash_map::DefaultHasher,
    hash::{Hash, Hasher},
};

/// What the page of a form answers to.
pub(super) enum FormState {
    /// It was opened.
    Opened,
    /// It comes back with what was typed, whether or not something is wrong with that.
    Typed(StatusCode),
    /// It is in use: what those who have it would gain and lose, before it is saved.
    Preview(Preview),
    /// Somebody else was quicker: what differs, which may be nothing.
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

/// What saving would change for everybody who has it.
pub(super) struct Preview {
    pub gained: Vec<String>,
    pub lost: Vec<String>,
    /// Says that this was shown.
    pub seen: String,
}

impl Preview {
    /// What `count` members would gain and lose; nothing to show where that is nothing, nobody, or was shown already.
    pub fn unless_seen<T: PartialEq + ToString>(now: &[T], wanted: &[T], count: i64, seen: &str) -> Option<Self> {
        let only = |one: &[T], other: &[T]| -> Vec<String> {
            let only = one.iter().filter(|item| !other.contains(item));
            only.map(ToString::to_string).collect()
        };
        let (gained, lost) = (only(wanted, now), only(now, wanted));
        // Who else has it meanwhile was not shown. This guards against a slip, and nobody is kept out by it.
        let mut hasher = DefaultHasher::new();
        (&gained, &lost, count).hash(&mut hasher);
        let mark = format!("{:x}", hasher.finish());
        let is_shown = count > 0 && !(gained.is_empty() && lost.is_empty()) && seen != mark;
        is_shown.then_some(Self { gained, lost, seen: mark })
    }
}

/// What somebody else saved, beside what was typed.
pub(super) struct Conflict {
    pub what: &'static str,
    pub now: String,
    pub yours: String,
}

/// Of what was compared, what differs: under its name, as it is saved now and as it was typed.
pub(super) fn conflicts(compared: impl IntoIterator<Item = (&'static str, String, String)>) -> Vec<Conflict> {
    let differ = compared.into_iter().filter(|(_, now, yours)| now != yours);
    differ.map(|(what, now, yours)| Conflict { what, now, yours }).collect()
}

/// What stands in one list and not in the other, in one line.
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
