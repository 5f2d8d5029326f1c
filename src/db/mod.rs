//! The database: SQLite in a file, or PostgreSQL. Queries are written once, for [`Conn`], and run on both.
//!
//! Reads take `&mut Conn`; writes take [`Tx`], which only [`Db::write`] creates.

mod among;
mod cached;
mod checks;
mod coalesced;
mod conn;
mod data_steps;
mod database;
pub mod keyset;
mod migrate;
mod pool;
pub mod query;
mod replica;
pub mod schema;
pub mod search;
mod sqlite;
mod target;
mod types;
pub mod views;

pub use among::{Among, IsAmong};
pub use cached::Cached;
pub use checks::Lasting;
pub use coalesced::CheckKey;
pub use conn::{Conn, MultiBackend, Tx};
pub use database::Db;
pub use migrate::{backup, restore, revert_all, run as migrate};
pub use sqlite::{renew_statistics, wrong_build_options};
pub use target::{Engine, Target};
pub use types::Json;
