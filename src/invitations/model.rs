//! What is asked for when people are invited, and what is answered for each address.

use crate::{
    kit::{MemberId, email::Entry, secret::SecretString},
    members::{Details, Grants},
};
use serde::{Deserialize, Serialize};

/// Whom to invite, and what as. The addresses are judged one by one.
#[derive(Clone, Debug)]
pub struct Wanted {
    pub entries: Vec<Entry>,
    pub grants: Grants,
    pub message: String,
    /// Known of them already, where it is about one.
    pub details: Option<Details>,
    /// Whether they stand in a file, of which there may be more than anybody types.
    pub is_import: bool,
}

/// What became of one address.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Outcome {
    /// A new link was made and a letter with it written.
    Invited(MemberId),
    /// They were invited already: the old link is dead, there is a new one.
    SentAgain(MemberId),
    AlreadyMember,
    /// A member who is disabled, and could be enabled.
    Disabled(MemberId),
    /// They have an identity here already, and are in with it at once.
    Added,
    /// The address stands on the list more than once. What became of it is said where it stands first.
    Twice,
    Refused(String),
}

/// One line of the answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sent {
    /// The stored address, which alone is written to; as it was typed, where nobody is meant by it.
    pub address: String,
    pub outcome: Outcome,
    /// The link, for anyone who invited to hand over, where no mail server brings it. Never kept with the answers.
    #[serde(skip)]
    pub link: Option<SecretString>,
}

/// What became of one address, with the link to hand over.
pub(super) type Answer = (Outcome, Option<SecretString>);

/// An answer without a link.
pub(super) fn only(outcome: Outcome) -> Answer {
    (outcome, None)
}
