//! Errors below the HTTP layer. A refusal is an expected answer of one operation; a [`Fault`] is everything else.

use super::Permission;
use diesel::result::{DatabaseErrorKind, Error as DieselError};

type Cause = Box<dyn std::error::Error + Send + Sync>;

/// An error that is not a refusal. The HTTP layer maps it to a status and a page in one place.
#[derive(Debug, thiserror::Error)]
pub enum Fault {
    /// Not found, or in another organization: the answer is the same, so that nothing is revealed.
    #[error("there is no such thing here")]
    Missing,
    /// The caller lacks this permission.
    #[error("the permission {0} is missing")]
    Denied(Permission),
    /// The caller looks at the console as somebody else sees it, and nothing may be changed.
    #[error("nothing is changed while somebody looks as another person")]
    ViewOnly,
    /// The caller was signed out or lost access while the request was being processed.
    #[error("the caller was signed out meanwhile")]
    SignedOut,
    /// Two transactions conflicted; trying again may help.
    #[error("another change came in between: {0}")]
    Conflict(#[source] Cause),
    /// The database, or a queue for the work, is overloaded or unavailable.
    #[error("not available: {0}")]
    Unavailable(#[source] Cause),
    /// The connection broke while a change was being committed, so nobody knows whether it is stored.
    #[error("not known whether it was stored: {0}")]
    InDoubt(#[source] Cause),
    #[error("{0}")]
    Broken(#[source] Cause),
}

impl Fault {
    pub fn broken(cause: impl Into<Cause>) -> Self {
        Self::Broken(cause.into())
    }
    pub fn unavailable(cause: impl Into<Cause>) -> Self {
        Self::Unavailable(cause.into())
    }
}

impl From<DieselError> for Fault {
    fn from(error: DieselError) -> Self {
        let conflict = |text: &str| text.contains("deadlock detected");
        let away = |text: &str| {
            [
                "database is locked",
                "terminating connection",
                "server closed",
                "connection",
                "no more connections",
                "shutting down",
                "disk is full",
                "readonly",
            ]
            .iter()
            .any(|sign| text.contains(sign))
        };
        match &error {
            DieselError::NotFound => Self::Missing,
            DieselError::DatabaseError(DatabaseErrorKind::SerializationFailure, _) => Self::Conflict(error.into()),
            DieselError::DatabaseError(DatabaseErrorKind::ClosedConnection, _) | DieselError::BrokenTransactionManager => {
                Self::Unavailable(error.into())
            }
            DieselError::DatabaseError(DatabaseErrorKind::Unknown, info) if conflict(info.message()) => Self::Conflict(error.into()),
            DieselError::DatabaseError(DatabaseErrorKind::Unknown | DatabaseErrorKind::UnableToSendCommand, info)
                if away(info.message()) =>
            {
                Self::Unavailable(error.into())
            }
            _ => Self::Broken(error.into()),
        }
    }
}

/// Why an operation did not happen: it refused with its own reason, or a fault occurred. In both cases its transaction
/// is rolled back.
#[derive(Debug)]
pub enum OperationError<R> {
    Refused(R),
    Fault(Fault),
}

impl<R> OperationError<R> {
    /// The same with another refusal, for an operation that is part of a larger one.
    pub fn map_refusal<S>(self, into: impl FnOnce(R) -> S) -> OperationError<S> {
        match self {
            Self::Refused(refusal) => OperationError::Refused(into(refusal)),
            Self::Fault(fault) => OperationError::Fault(fault),
        }
    }
}

impl<R> From<Fault> for OperationError<R> {
    fn from(fault: Fault) -> Self {
        Self::Fault(fault)
    }
}
impl<R> From<DieselError> for OperationError<R> {
    fn from(error: DieselError) -> Self {
        Self::Fault(error.into())
    }
}

/// Separates a refusal, which the caller answers, from a fault, which passes through.
pub trait OperationResult<T, R> {
    /// # Errors
    /// The fault.
    fn refused(self) -> Result<Result<T, R>, Fault>;
}
impl<T, R> OperationResult<T, R> for Result<T, OperationError<R>> {
    fn refused(self) -> Result<Result<T, R>, Fault> {
        match self {
            Ok(done) => Ok(Ok(done)),
            Err(OperationError::Refused(refusal)) => Ok(Err(refusal)),
            Err(OperationError::Fault(fault)) => Err(fault),
        }
    }
}

/// Tells the database layer whether trying again may help.
pub trait Retry {
    /// The transaction conflicted with another one.
    fn is_conflict(&self) -> bool;
    /// The connection is dead; another one may work.
    fn is_unavailable(&self) -> bool;
}
impl Retry for Fault {
    fn is_conflict(&self) -> bool {
        matches!(self, Self::Conflict(_))
    }
    fn is_unavailable(&self) -> bool {
        matches!(self, Self::Unavailable(_) | Self::InDoubt(_))
    }
}
impl<R> Retry for OperationError<R> {
    fn is_conflict(&self) -> bool {
        matches!(self, Self::Fault(fault) if fault.is_conflict())
    }
    fn is_unavailable(&self) -> bool {
        matches!(self, Self::Fault(fault) if fault.is_unavailable())
    }
}
