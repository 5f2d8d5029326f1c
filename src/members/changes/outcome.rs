//! The result of a change for each member.

use super::guards::Refusal;
use crate::kit::{MemberId, Timestamp};
use serde::{Deserialize, Serialize};

/// The result of a change for one member.
#[derive(Clone, Debug)]
pub struct Answer {
    pub id: MemberId,
    pub name: String,
    pub outcome: Outcome,
}

/// A role that a member held before the change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Held {
    pub until: Option<Timestamp>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Holds the earlier assignment of the role that was added or removed, so that undo can restore it.
    Done {
        was: Option<Held>,
    },
    /// The member already was in this state; nothing was written.
    Unchanged,
    Refused(Refusal),
}

impl Outcome {
    pub fn is_done(&self) -> bool {
        matches!(self, Self::Done { .. })
    }
}
