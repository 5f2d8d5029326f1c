//! Roster, the user directory and system-account console.
//!
//! The modules in layer order: each uses only those above it in this list, and of them only what their `mod.rs` offers.
//! `src/README.md` says what each is for.

pub mod kit;
pub mod db;
pub mod web;
pub mod health;
pub mod audit;
pub mod mail;
pub mod outbound;
pub mod saml;
pub mod jobs;
pub mod drafts;
pub mod throttle;
pub mod idempotency;
pub mod links;
pub mod organizations;
pub mod roles;
pub mod policies;
pub mod users;
pub mod identities;
pub mod own_fields;
pub mod authorization;
pub mod members;
pub mod directory;
pub mod access;
pub mod teams;
pub mod access_requests;
pub mod passwords;
pub mod second_factors;
pub mod user_creation;
pub mod system_accounts;
pub mod connections;
pub mod domains;
pub mod sessions;
pub mod tokens;
pub mod api_access;
pub mod webhooks;
pub mod personal_data;
pub mod me;
pub mod settings;
pub mod organization_deletion;
pub mod setup;
pub mod invitations;
pub mod provisioning;
pub mod sso;
pub mod bulk;
pub mod imports;
pub mod access_reviews;
pub mod erasure;
pub mod api;
pub mod scim;
pub mod config;
pub mod app;
pub mod cli;
