//! The protocol of SCIM 2.0 (RFC 7643, RFC 7644) without any I/O: schemas, filters, PATCH, projections and errors.

pub mod fault;
pub mod filter;
pub mod json;
pub mod listing;
mod pairs;
pub mod patch;
pub mod path;
pub mod projection;
pub mod schema;
#[cfg(test)]
mod tests;
