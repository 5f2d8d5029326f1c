//! What the page of a form answers to, and what it shows of a second person's work.

use actix_web::http::StatusCode;

/// What the page of a form answers to.
pub(super) enum Drawn {
    /// It was opened.
    Opened,
    /// It comes back with what was typed, whether or not something is wrong with that.
    Typed(StatusCode),
    /// Somebody else was quicker: what differs, which may be nothing.
    Clash(Vec<Conflict>),
}

impl Drawn {
    pub const REFUSED: Self = Self::Typed(StatusCode::UNPROCESSABLE_ENTITY);

    pub fn status(&self) -> StatusCode {
        match self {
            Self::Opened => StatusCode::OK,
            Self::Typed(status) => *status,
            Self::Clash(_) => StatusCode::CONFLICT,
        }
    }
    pub fn conflicts(&self) -> Option<&[Conflict]> {
        match self {
            Self::Clash(conflicts) => Some(conflicts),
            _ => None,
        }
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
