//! A number of matches that a page may not have counted to the end.

use crate::kit::grouped;
use std::{fmt, ops::Add};

/// How many match: exactly, or as many as were found before the page stopped looking.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Total {
    Exactly(i64),
    AtLeast(i64),
}

impl Total {
    /// A number that there are no fewer of.
    pub fn at_least(self) -> i64 {
        match self {
            Self::Exactly(count) | Self::AtLeast(count) => count,
        }
    }
    pub fn is_exact(self) -> bool {
        matches!(self, Self::Exactly(_))
    }
}

impl Default for Total {
    fn default() -> Self {
        Self::Exactly(0)
    }
}

impl Add for Total {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        let sum = self.at_least() + other.at_least();
        if self.is_exact() && other.is_exact() {
            Self::Exactly(sum)
        } else {
            Self::AtLeast(sum)
        }
    }
}

impl fmt::Display for Total {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Exactly(count) => f.write_str(&grouped(count)),
            Self::AtLeast(0) => f.write_str("?"),
            Self::AtLeast(1) => f.write_str("some"),
            Self::AtLeast(count) => write!(f, "over {}", grouped(round(count - 1))),
        }
    }
}

/// The round number at or below it: its first digit, and zeros.
fn round(count: i64) -> i64 {
    let unit = 10_i64.pow(count.max(1).ilog10());
    count / unit * unit
}
