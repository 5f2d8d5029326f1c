//! Types of `invitations`: the request to invite people, and the answer for each address.

use crate::{
    kit::{MemberId, email::Entry, secret::SecretString},
    members::{Details, Grants},
};
use serde::{Deserialize, Serialize};

/// Whom to invite, and with which access. Each address is decided on its own.
#[derive(Clone, Debug)]
pub struct Wanted {
    pub entries: Vec<Entry>,
    pub grants: Grants,
    pub message: String,
    /// Details already known, if the request is for one person.
    pub details: Option<Details>,
    /// Whether the addresses come from a file, which may hold more than a form takes.
    pub is_import: bool,
}

/// The outcome for one address.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Outcome {
    /// A new link was made and its letter queued.
    Invited(MemberId),
    /// The person was invited already. The old link stopped working; there is a new one.
    SentAgain(MemberId),
    AlreadyMember,
    /// The member is disabled, and could be enabled.
    Disabled(MemberId),
    /// The person already has an identity here and is a member at once.
    Added,
    /// The address is on the list more than once. The first entry has the outcome.
    Twice,
    Refused(String),
}

/// One line of the answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sent {
    /// The stored address, which alone is written to; or the address as typed, if it belongs to nobody.
    pub address: String,
    pub outcome: Outcome,
    /// The link for the inviter to hand over, where no mail server delivers it. Never stored with the answers.
    #[serde(skip)]
    pub link: Option<SecretString>,
}

/// The outcome for one address, with the link to hand over.
pub(super) type Answer = (Outcome, Option<SecretString>);

/// An answer without a link.
pub(super) fn only(outcome: Outcome) -> Answer {
    (outcome, None)
}
