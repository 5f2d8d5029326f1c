//! Metadata (SAML Metadata 2.0): that of identity providers is read, that of a connection is written.

mod address;
mod read;
mod write;

pub use address::{AddressError, check_address};
pub use read::{DroppedCertificate, MetadataError, Provider, read};
pub use write::write;
