//! The fields that an organization declares for its members: which there are, in which order, and who sees and changes them.

mod forms;
mod operations;
mod pages;
mod routes;

pub(super) use routes::mount;

/// The path of the list within the organization.
const FIELDS: &str = "/settings/fields";
