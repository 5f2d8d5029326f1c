//! The address of an Undo button: which action it undoes.

use super::LeftBy;
use crate::{
    kit::Timestamp,
    web::{Error, Result},
};
use chrono::TimeDelta;
use serde::Deserialize;

/// For so long an action is undone by one press.
const FRESH: TimeDelta = TimeDelta::days(1);

/// The instant of the action that a form undoes, in its address; none where it is an action of its own.
#[derive(Deserialize, Default, Clone, Copy, Debug)]
pub struct Undone {
    undoes: Option<i64>,
}

impl Undone {
    /// What stands in the address of the button.
    pub fn pair(at: Timestamp) -> String {
        format!("undoes={}", at.micros())
    }
    /// # Errors
    /// [`Error::Malformed`] where it is no instant.
    pub fn left_by(self) -> Result<Option<LeftBy>> {
        let malformed = || Error::Malformed("The address does not say what is undone.".into());
        let Some(micros) = self.undoes else { return Ok(None) };
        let at = Timestamp::from_micros(micros).filter(|at| *at >= Timestamp::EPOCH);
        at.map(LeftBy::At).map(Some).ok_or_else(malformed)
    }
}

impl LeftBy {
    /// Whether a single action is so long ago that it is not undone without a question.
    pub fn is_long_ago(self, now: Timestamp) -> bool {
        matches!(self, Self::At(at) if now - at > FRESH)
    }
}
