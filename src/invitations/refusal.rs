//! Why an invitation cannot be accepted, in words for the person who opens its link.

use crate::own_fields::Complaints;

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AcceptRefusal {
    #[error("This link is not valid. It may have been typed or copied incompletely.")]
    Unknown,
    #[error("This link was replaced by a newer one. Look for the latest message.")]
    Replaced,
    #[error("This invitation was used already. If it was you, sign in.")]
    Used,
    #[error("This invitation has expired.")]
    Expired,
    #[error("The person who sent this invitation may not do so any more, so it is void.")]
    Void,
    #[error(
        "The address of this invitation is not the one that its person signs in with any more. Ask for an invitation to the present one."
    )]
    Moved,
    #[error(
        "You cannot join at the moment, because every seat of the plan is taken. Your invitation stands and this link stays good: come back when a seat is free. The person who invited you can free one."
    )]
    NoSeat,
    /// Of the organization's own fields.
    #[error(transparent)]
    Own(Complaints),
}
