//! The User Directory: everybody in the organization, filtered, sorted and paged, with all of that in the address.

pub(super) mod few;
mod pages;
pub(super) mod routes;
mod store;
pub mod wish;
mod words;
