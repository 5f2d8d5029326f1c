//! What an organization declares for its own applications, among its settings: the permissions that its roles can hold,
//! and the resource types that its policies apply to. A declaration still in use cannot be withdrawn.

mod model;
mod pages;
pub mod permissions;
mod routes;
pub mod types;
mod withdrawal;

pub use model::Wanted;
pub use pages::{PermissionForm, TypeForm};

use crate::{kit::OperationError, web::Routes};

pub(super) fn mount(app: &mut Routes) {
    routes::mount(app);
    withdrawal::mount(app);
}

/// The most declarations of each kind; nobody finds more on one page.
const MOST: usize = 300;

/// Why something cannot be declared or withdrawn.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DeclareRefusal {
    #[error("It is declared already.")]
    Taken,
    #[error("{0} is a resource of Roster itself. Choose another word for yours.")]
    Rosters(String),
    #[error("It is still used by {}. Take it out there first.", .0.join(", "))]
    Used(Vec<String>),
    #[error("At most {MOST} can be declared.")]
    TooMany,
    #[error("Somebody else changed it meanwhile. What stands here now is theirs; yours is in the form.")]
    Meanwhile,
}

type Outcome<T> = Result<T, OperationError<DeclareRefusal>>;

fn refuse<T>(refusal: DeclareRefusal) -> Outcome<T> {
    Err(OperationError::Refused(refusal))
}
