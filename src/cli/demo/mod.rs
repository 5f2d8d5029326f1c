//! The command that fills an empty database with made-up people: an organization with a history of three years, for
//! demonstrations, measurements and tests. Everybody in it is invented, and the same for the same seed.
//!
//! These are fixtures: the only code that may write any table, many rows at once, because the modules' own operations
//! write one row at a time. Sort and search keys come from the modules, and each table is filled in one place.
//!
//! Invariants: no real person can be written to or called; every account with a password has the demo administrator's
//! password, so a demo is never created beside a real organization.

mod access_reviews;
mod calendar;
mod credentials;
mod dataset;
mod declared;
mod events;
mod fill;
mod fixtures;
mod grants;
mod history;
mod insert;
mod invitations;
mod latin;
mod members;
mod memberships;
mod model;
mod naming;
mod own_fields;
mod people;
mod provisioning;
mod requests;
mod rng;
mod scripts;
mod second_factors;
mod sign_ins;
mod system_accounts;
mod tokens;
mod tradition;
mod users;
mod writer;

use super::open;
use crate::{
    config::Flags,
    kit::{
        Clock,
        secret::{Secret, SecretString},
    },
    passwords::Hasher,
    second_factors::SecondFactors,
};
use clap::Args;
use model::Size;
use serde_json::json;

#[derive(Args, Debug)]
pub(super) struct Demo {
    #[command(flatten)]
    size: Size,
    /// Print the administrator's sign-in as JSON
    #[arg(long)]
    json: bool,
}

pub(super) fn run(settings: &Flags, demo: &Demo) -> Result<(), String> {
    let (config, db) = open(settings)?;
    let password = Secret::generate().expose()[..20].to_owned();
    let hasher = Hasher::new(config.cost)?;
    let runtime = tokio::runtime::Builder::new_current_thread().build().map_err(|why| why.to_string())?;
    let hash = runtime.block_on(hasher.hash(&SecretString::new(&password))).map_err(|fault| fault.to_string())?;
    let with = SecondFactors::new(&config.key, &config.public_url);
    let filled = fill::fill(&db, demo.size, &hash, &with, Clock::system().now()).map_err(|fault| fault.to_string())?;
    let url = config.public_url.as_str();
    if demo.json {
        println!(
            "{}",
            json!({ "url": url, "email": filled.email, "password": password, "organization": filled.organization })
        );
    } else {
        println!(
            "{} people, {} system accounts and {} sign-ins are made up.",
            filled.members, filled.system_accounts, filled.sign_ins
        );
        println!("Start Roster and sign in at {url}\n  email     {}\n  password  {password}", filled.email);
    }
    Ok(())
}
