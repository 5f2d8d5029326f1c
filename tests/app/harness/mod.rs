//! The test harness: the real app with a frozen clock on a database of its own, people who browse it, and their mail.

mod access_requests;
pub mod import_files;
pub mod access_reviews;
pub mod catalog;
pub mod connections;
pub mod large_organizations;
mod database;
pub mod dns;
pub mod domains;
mod downloads;
mod files;
mod api_credentials;
pub mod api_callers;
mod app;
pub mod identity_provider;
mod inbox;
mod fixtures;
mod mounted_routes;
pub mod outage;
pub mod user_creation;
pub mod passkey;
pub mod pickers;
pub mod system_accounts;
pub mod team_access;
mod page;
mod person;
pub mod authenticator;
pub mod plans;
pub mod program;
pub mod provisioning;
mod requests;
pub mod saml_provider;
pub mod scim;
pub mod single_sign_on;
pub mod sink;
pub mod rights;
pub mod webhooks;

pub use app::TestApp;
pub use database::{Database, instant, is_postgres};
pub use files::{File, assert_none, files};
pub use inbox::Message;
pub use mounted_routes::mounted;
pub use page::Page;
pub use person::Person;

/// A good password, which everybody uses.
pub const GOOD: &str = "violet otter climbs Kilimanjaro";
/// Another good password.
pub const BETTER: &str = "seven quiet lanterns over Reykjavik";
