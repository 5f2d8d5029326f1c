//! The command that fills an empty database with made-up people.

use super::open;
use crate::{
    config::Flags,
    demo,
    kit::{
        Clock,
        secret::{Secret, SecretString},
    },
    passwords::Hasher,
    second_factors::SecondFactors,
};
use clap::Args;
use serde_json::json;

#[derive(Args, Debug)]
pub(super) struct Demo {
    /// How many people
    #[arg(long, default_value_t = 500, value_name = "NUMBER")]
    members: usize,
    /// The same seed makes the same people
    #[arg(long, default_value_t = 1, value_name = "NUMBER")]
    seed: u64,
    /// Print the administrator's sign-in as JSON
    #[arg(long)]
    json: bool,
}

pub(super) fn run(settings: &Flags, wanted: &Demo) -> Result<(), String> {
    let (config, db) = open(settings)?;
    let password = Secret::generate().expose()[..20].to_owned();
    let hasher = Hasher::new(config.cost)?;
    let runtime = tokio::runtime::Builder::new_current_thread().build().map_err(|why| why.to_string())?;
    let hash = runtime.block_on(hasher.hash(&SecretString::new(&password))).map_err(|fault| fault.to_string())?;
    let filled = demo::fill(
        &db,
        &demo::Demo { members: wanted.members, seed: wanted.seed },
        &hash,
        &SecondFactors::new(&config.key, &config.public_url),
        Clock::system().now(),
    )
    .map_err(|fault| fault.to_string())?;
    let url = config.public_url.as_str();
    if wanted.json {
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
