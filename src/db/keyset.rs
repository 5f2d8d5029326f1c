//! Keyset paging: which page of a sorted list is wanted, and the rows that a query found of it. A cursor names the row
//! beside the page, so that rows which come or go meanwhile do not move the others between pages.

use super::query::Direction;
use crate::kit::Timestamp;
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use std::{
    fmt::{self, Display, Formatter},
    str::FromStr,
};

/// Which page of a list: the first or the last one, or the rows after or before a cursor.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Window<C> {
    #[default]
    First,
    After(C),
    Before(C),
    Last,
}

impl<C> Window<C> {
    /// Reads the window from the two cursors that a URL may carry.
    pub fn read(after: Option<C>, before: Option<C>) -> Self {
        match (after, before) {
            (Some(cursor), _) => Self::After(cursor),
            (None, Some(cursor)) => Self::Before(cursor),
            (None, None) => Self::First,
        }
    }
    fn is_backward(&self) -> bool {
        matches!(self, Self::Before(_) | Self::Last)
    }
    /// The direction in which the query sorts, for a list that is shown in the given one: backward from its end or from
    /// a cursor, so that the limit keeps the rows nearest to it.
    pub fn direction(&self, shown: Direction) -> Direction {
        if self.is_backward() { shown.reversed() } else { shown }
    }
    /// The cursor that the query starts from.
    pub fn cursor(&self) -> Option<&C> {
        match self {
            Self::After(cursor) | Self::Before(cursor) => Some(cursor),
            Self::First | Self::Last => None,
        }
    }
    /// Makes a page of the rows that the query found in its direction: one more than `size` if there are more.
    pub fn page<T>(&self, mut found: Vec<T>, size: i64) -> Page<T> {
        let size = usize::try_from(size).unwrap_or(usize::MAX);
        let is_more = found.len() > size;
        found.truncate(size);
        if self.is_backward() {
            found.reverse();
        }
        let (has_previous, has_next) = match self {
            Self::First => (false, is_more),
            Self::After(_) => (true, is_more),
            Self::Before(_) => (is_more, true),
            Self::Last => (is_more, false),
        };
        Page { rows: found, has_previous, has_next }
    }
}

/// The rows of one page, in the order of the list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page<T> {
    pub rows: Vec<T>,
    has_previous: bool,
    has_next: bool,
}

impl<T> Page<T> {
    /// The row before which the previous page ends, if there is one.
    pub fn previous(&self) -> Option<&T> {
        self.rows.first().filter(|_| self.has_previous)
    }
    /// The row after which the next page begins, if there is one.
    pub fn next(&self) -> Option<&T> {
        self.rows.last().filter(|_| self.has_next)
    }
    /// The same page with each row turned into another.
    pub fn map<U>(self, each: impl FnMut(T) -> U) -> Page<U> {
        let Self { rows, has_previous, has_next } = self;
        Page { rows: rows.into_iter().map(each).collect(), has_previous, has_next }
    }
}

/// The cursor of a list sorted by a text: the sort key and the id of the row beside the page.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeyCursor<Id>(pub String, pub Id);

impl<Id: Serialize> Display for KeyCursor<Id> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str(&URL_SAFE_NO_PAD.encode(serde_json::to_vec(self).unwrap_or_default()))
    }
}
impl<Id: DeserializeOwned> FromStr for KeyCursor<Id> {
    type Err = ();
    fn from_str(text: &str) -> Result<Self, ()> {
        let bytes = URL_SAFE_NO_PAD.decode(text).map_err(|_| ())?;
        let cursor: Self = serde_json::from_slice(&bytes).map_err(|_| ())?;
        // A NUL cannot occur in a text column, and PostgreSQL refuses one.
        if cursor.0.contains('\0') { Err(()) } else { Ok(cursor) }
    }
}

/// The cursor of a list sorted by time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TimeCursor<Id>(pub Timestamp, pub Id);

impl<Id: Display> Display for TimeCursor<Id> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.0.micros(), self.1)
    }
}
impl<Id: FromStr> FromStr for TimeCursor<Id> {
    type Err = ();
    fn from_str(text: &str) -> Result<Self, ()> {
        let (micros, id) = text.split_once('-').ok_or(())?;
        let at = micros.parse().ok().filter(|micros: &i64| *micros >= 0).and_then(Timestamp::from_micros);
        Ok(Self(at.ok_or(())?, id.parse().map_err(|_| ())?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(window: Window<u8>, found: Vec<u8>) -> (Vec<u8>, Option<u8>, Option<u8>) {
        let page = window.page(found, 2);
        let (previous, next) = (page.previous().copied(), page.next().copied());
        (page.rows, previous, next)
    }

    #[test]
    fn a_page_knows_what_lies_around_it() {
        assert_eq!(page(Window::First, vec![1, 2, 3]), (vec![1, 2], None, Some(2)));
        assert_eq!(page(Window::After(2), vec![3, 4]), (vec![3, 4], Some(3), None));
        assert_eq!(page(Window::Before(5), vec![4, 3, 2]), (vec![3, 4], Some(3), Some(4)));
        assert_eq!(page(Window::Before(3), vec![2, 1]), (vec![1, 2], None, Some(2)));
        assert_eq!(page(Window::Last, vec![4, 3, 2]), (vec![3, 4], Some(3), None));
    }

    #[test]
    fn a_cursor_of_a_list_by_time_survives_the_address() {
        let cursor = TimeCursor(Timestamp::from_micros(5).unwrap(), uuid::Uuid::from_u128(3));
        assert_eq!(cursor.to_string().parse(), Ok(cursor));
        for text in ["", "5", "-5-6", "x-6", "5-"] {
            assert!(text.parse::<TimeCursor<uuid::Uuid>>().is_err(), "{text}");
        }
    }
}
