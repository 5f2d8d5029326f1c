//! The test harness: the real app with a frozen clock on a database of its own, people who browse it, and their mail.

pub mod brought;
pub mod catalog;
pub mod crowd;
mod database;
mod downloads;
mod files;
mod app;
mod inbox;
mod makers;
mod mounted;
pub mod newcomers;
pub mod key;
pub mod machines;
mod page;
mod person;
pub mod phone;
pub mod plans;
pub mod program;
mod requests;
pub mod rights;

pub use app::TestApp;
pub use database::{Database, is_postgres};
pub use files::{File, assert_none, files};
pub use inbox::Message;
pub use mounted::mounted;
pub use page::Page;
pub use person::Person;

/// A good password, which everybody uses.
pub const GOOD: &str = "violet otter climbs Kilimanjaro";
/// Another good password.
pub const BETTER: &str = "seven quiet lanterns over Reykjavik";
