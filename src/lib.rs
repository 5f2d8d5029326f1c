//! Roster, the user directory and system-account console.
//!
//! The rooms in floor order: each uses only those above it in this list, and of them only what their `mod.rs` offers.

pub mod app;
pub mod audit;
pub mod cli;
pub mod config;
pub mod db;
pub mod demo;
pub mod health;
pub mod invitations;
pub mod kit;
pub mod links;
pub mod mail;
pub mod members;
pub mod mine;
pub mod organizations;
pub mod passwords;
pub mod policies;
pub mod roles;
pub mod sessions;
pub mod setup;
pub mod teams;
pub mod throttle;
pub mod users;
pub mod web;
