//! Why an operation on a connection is refused, and the limits.

use super::keys::MOST_CERTIFICATES;
use crate::{
    kit::{OperationError, Permission},
    members::GrantRefusal,
};

/// The most mappings of a connection.
pub const MOST_MAPPINGS: usize = 100;

/// The most connections of an organization: each is a button on the sign-in page.
pub const MOST: usize = 20;

/// Why an operation on a connection is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ConnectionRefusal {
    #[error("There are {MOST} connections already. Delete one that nobody needs any more.")]
    TooMany,
    #[error("Another connection is called like this. People choose by this name.")]
    NameTaken,
    #[error("The client ID or the client secret is missing. Copy both from the provider first.")]
    Incomplete,
    #[error("The entity ID, the sign-in address or a certificate of the provider is missing. Read its metadata first.")]
    NoProvider,
    #[error("A connection has {MOST_CERTIFICATES} certificates at most. Remove one that the provider does not use any more.")]
    TooManyCertificates,
    #[error("Without its last certificate no answer could be verified. Add the new one first.")]
    LastCertificate,
    #[error(
        "People are connected through this provider. The same names mean other people at another provider: make a new connection for it."
    )]
    ProviderInUse,
    #[error(
        "Anybody with an account there could become a member. Say which domains or organizations are accepted, or choose who may join."
    )]
    OpenToTheWorld,
    #[error(
        "People are connected through this server. The same numbers mean other people on another server: make a new connection for it."
    )]
    ServerInUse,
    #[error("A change of the key is under way. Use the next one and remove the former one first.")]
    KeyChangeUnderWay,
    #[error("At most {MOST_MAPPINGS} fit here.")]
    TooManyMappings,
    #[error("The provider would decide who is an Administrator here. Tick that this is meant.")]
    MapsAdministrators,
    #[error(
        "{name} signs in through this connection and may do more than you: {lacking} is missing among your permissions. A change of who vouches for people is for somebody who may do as much as they. Ask an administrator to do it."
    )]
    AboveYou { name: String, lacking: Permission },
    #[error("{0}")]
    Grant(#[from] GrantRefusal),
    #[error("Somebody else changed this connection meanwhile. Look at it again before you save.")]
    Meanwhile,
    #[error(
        "Single sign-on is required, and nobody could sign in without this connection. Enable another one, or stop requiring it first."
    )]
    Required,
    #[error("Without it no administrator could sign in. Give one a password first, or enable another connection.")]
    LastAdministrator,
}

pub(super) type Outcome<T> = Result<T, OperationError<ConnectionRefusal>>;

pub(super) fn refuse<T>(refusal: ConnectionRefusal) -> Outcome<T> {
    Err(OperationError::Refused(refusal))
}
