//! API credentials (tokens and API passwords) from the view of `passwords`. Other modules store them; this one counts
//! them, and decides what happens to them when the password is replaced.
//!
//! Decided (`README.md`, Programs): the form that replaces a password asks whether API credentials end with it, and its
//! box is ticked by default. An alarm ends them without asking, since somebody else was signed in.

use crate::{
    db::{Conn, Tx},
    kit::{Fault, Timestamp, UserId},
    members::ChangedBy,
};
use std::fmt;

/// How many API credentials a person has, over all their organizations.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CredentialCount {
    pub tokens: usize,
    pub api_passwords: usize,
}

impl CredentialCount {
    pub fn is_any(self) -> bool {
        self.tokens + self.api_passwords > 0
    }
}
impl fmt::Display for CredentialCount {
    /// `2 API tokens and the API password`
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.tokens {
            0 => {}
            1 => f.write_str("one API token")?,
            many => write!(f, "{many} API tokens")?,
        }
        if self.tokens > 0 && self.api_passwords > 0 {
            f.write_str(" and ")?;
        }
        match self.api_passwords {
            0 => Ok(()),
            1 => f.write_str("the API password"),
            many => write!(f, "{many} API passwords"),
        }
    }
}

/// What stores API credentials. The app plugs in the implementation.
pub trait ProgramCredentials: Send + Sync {
    /// Counts the credentials that still work.
    fn count(&self, conn: &mut Conn, user: UserId, now: Timestamp) -> Result<CredentialCount, Fault>;
    /// Ends all of them, and records that in the audit log of each organization of the person. The actor is the person,
    /// or the member who did it.
    fn end(&self, tx: &mut Tx<'_>, user: UserId, by: ChangedBy<'_>) -> Result<CredentialCount, Fault>;
}

/// What a form says about API credentials: a box, ticked or not, or no box because there were no credentials.
#[derive(Clone, Debug, Default)]
pub struct RevokeChoice {
    is_asked: bool,
    is_set: bool,
}

impl RevokeChoice {
    /// Reads the fields `keys_asked` and `keys` of `passwords/keys_field.html`.
    pub fn read(asked: &str, tick: &str) -> Self {
        Self { is_asked: !asked.is_empty(), is_set: !tick.is_empty() }
    }
    /// Whether the credentials end. Those created after the form was drawn end as well: nobody chose to keep them.
    pub fn ends_keys(&self) -> bool {
        self.is_set || !self.is_asked
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_told_as_people_say_them() {
        let says = |tokens, api_passwords| CredentialCount { tokens, api_passwords }.to_string();
        assert_eq!(says(1, 0), "one API token");
        assert_eq!(says(3, 1), "3 API tokens and the API password");
        assert_eq!(says(0, 2), "2 API passwords");
        assert!(!CredentialCount::default().is_any());
    }

    #[test]
    fn only_a_tick_that_was_taken_away_keeps_anything() {
        let ends = |asked, tick| RevokeChoice::read(asked, tick).ends_keys();
        assert!(ends("", "") && ends("1", "end") && ends("", "end"));
        assert!(!ends("1", ""));
    }
}
