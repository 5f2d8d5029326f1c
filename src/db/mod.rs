//! The database: SQLite in a file, or PostgreSQL. Queries are written once, for [`Conn`], and run on both.
//!
//! Reads take `&mut Conn`; writes take [`Tx`], which only [`Db::write`] creates.

mod conn;
mod data_steps;
pub mod keyset;
mod migrate;
mod pool;
pub mod query;
pub mod schema;
pub mod search;
mod types;

pub use conn::{Conn, MultiBackend, Tx};
pub use migrate::{backup, restore, revert_all, run as migrate};
pub use pool::{Db, Engine, Target};
pub use types::Json;
