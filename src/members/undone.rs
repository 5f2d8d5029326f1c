//! The address of an Undo button: the action it undoes.

use super::LeftBy;
use crate::{
    kit::Timestamp,
    web::{Error, Result},
};
use chrono::TimeDelta;
use serde::Deserialize;

/// Within this time one click undoes an action.
const FRESH: TimeDelta = TimeDelta::days(1);

/// The instant of the action to undo, from the form's address; `None` if the form undoes nothing.
#[derive(Deserialize, Default, Clone, Copy, Debug)]
pub struct Undone {
    undoes: Option<i64>,
}

impl Undone {
    /// The query parameter for the button's address.
    pub fn pair(at: Timestamp) -> String {
        format!("undoes={}", at.micros())
    }
    /// The action to undo, if the address names one.
    ///
    /// # Errors
    /// [`Error::Malformed`] if the value is not an instant.
    pub fn left_by(self) -> Result<Option<LeftBy>> {
        let malformed = || Error::Malformed("The address does not say what is undone.".into());
        let Some(micros) = self.undoes else { return Ok(None) };
        let at = Timestamp::from_micros(micros).filter(|at| *at >= Timestamp::EPOCH);
        at.map(LeftBy::At).map(Some).ok_or_else(malformed)
    }
}

impl LeftBy {
    /// Whether a single action is too old to undo without a confirmation.
    pub fn is_long_ago(self, now: Timestamp) -> bool {
        matches!(self, Self::At(at) if now - at > FRESH)
    }
}
