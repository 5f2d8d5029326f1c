//! Credentials of a person besides their password. Other modules keep them; this says how much of it there is, and what
//! becomes of it when the password is replaced.
//!
//! Decided (`README.md`, Programs): anyone who replaces a password is asked whether the credentials of programs end with it,
//! and the answer is yes unless they take the tick away. An alarm ends them without asking, since somebody else was in.

use crate::{
    db::{Conn, Tx},
    kit::{Fault, RequestInfo, Scope, Timestamp, UserId},
};
use std::fmt;

/// How many credentials of programs somebody has, over all their organizations.
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

/// Anyone who keeps the credentials of programs. The app puts it in place.
pub trait ProgramCredentials: Send + Sync {
    /// What there is that could open anything.
    fn count(&self, conn: &mut Conn, user: UserId, now: Timestamp) -> Result<CredentialCount, Fault>;
    /// Ends all of it, and writes that down in each organization of the person: as theirs, or as that of the member who did it.
    fn end(&self, tx: &mut Tx<'_>, user: UserId, by: By<'_>) -> Result<CredentialCount, Fault>;
}

/// Who ends somebody's credentials.
#[derive(Clone, Copy)]
pub enum By<'a> {
    Themselves(&'a RequestInfo),
    Another(&'a Scope),
}

impl By<'_> {
    pub fn request_info(&self) -> &RequestInfo {
        match self {
            Self::Themselves(request_info) => request_info,
            Self::Another(scope) => &scope.request_info,
        }
    }
}

/// What a form says about them: a tick, unless it did not ask because there were none.
#[derive(Clone, Debug, Default)]
pub struct RevokeChoice {
    is_asked: bool,
    is_set: bool,
}

impl RevokeChoice {
    /// From the fields `keys_asked` and `keys` of `passwords/keys_field.html`.
    pub fn read(asked: &str, tick: &str) -> Self {
        Self {
            is_asked: !asked.is_empty(),
            is_set: !tick.is_empty(),
        }
    }
    /// What came to be after the form was drawn ends as well: nobody said that it should stay.
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
