//! The command line.

mod data;
mod demo;
mod domain;
mod import;
mod import_answer;
mod organization;
mod provisioning;
mod serve;
mod sso;
mod user;

use crate::{
    config::{Config, Flags, LogFormat},
    db::{self, Db},
    kit::Clock,
    setup,
};
use clap::{Parser, Subcommand};
use std::{io::IsTerminal, path::PathBuf, process::ExitCode};
use tracing_subscriber::EnvFilter;

/// The user directory and system-account console. Without a command it serves.
#[derive(Parser, Debug)]
#[command(name = "roster", version, about, max_term_width = 100)]
struct Cli {
    #[command(flatten)]
    settings: Flags,
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Subcommand, Debug)]
enum Command {
    /// Start the server; the default
    Serve,
    /// Bring the database up to date and stop
    Migrate,
    /// Print a new set-up link, while no organization was founded yet
    SetupLink,
    /// Organizations
    #[command(subcommand)]
    Organization(organization::OrganizationCommand),
    /// Email domains of organizations
    #[command(subcommand)]
    Domain(domain::DomainCommand),
    /// People
    #[command(subcommand)]
    User(user::UserCommand),
    /// Single sign-on
    #[command(subcommand)]
    Sso(sso::SsoCommand),
    /// Provisioning by identity providers (SCIM)
    #[command(subcommand)]
    Provisioning(provisioning::ProvisioningCommand),
    /// Fill an empty database with a made-up organization to try Roster on
    Demo(demo::Demo),
    /// Write a consistent copy of the SQLite database, also while it is served
    Backup {
        /// A file that does not exist yet
        file: PathBuf,
    },
    /// Put a backup in the place of the SQLite database, while nothing serves it
    Restore {
        /// What `backup` wrote
        file: PathBuf,
    },
}

/// Reads the arguments and runs the command.
pub fn run() -> ExitCode {
    let cli = Cli::parse();
    match start_log(&cli.settings).and_then(|()| obey(&cli.settings, cli.command.unwrap_or(Command::Serve))) {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            eprintln!("roster: {why}");
            ExitCode::FAILURE
        }
    }
}

fn obey(settings: &Flags, command: Command) -> Result<(), String> {
    match command {
        Command::Serve => serve::serve(settings),
        Command::Migrate => data::migrate(settings),
        Command::SetupLink => data::setup_link(settings),
        Command::Organization(command) => organization::run(settings, command),
        Command::Domain(command) => domain::run(settings, command),
        Command::User(command) => user::run(settings, command),
        Command::Sso(command) => sso::run(settings, command),
        Command::Provisioning(command) => provisioning::run(settings, command),
        Command::Demo(demo) => demo::run(settings, &demo),
        Command::Backup { file } => data::backup(settings, &file),
        Command::Restore { file } => data::restore(settings, &file),
    }
}

/// Logs go to standard error; standard output is for answers.
fn start_log(settings: &Flags) -> Result<(), String> {
    let filter =
        EnvFilter::try_new(&settings.log).map_err(|why| format!("ROSTER_LOG: {:?} is not a list of levels ({why})", settings.log))?;
    let log = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal());
    match settings.log_format {
        LogFormat::Text => log.with_target(false).init(),
        LogFormat::Json => log.json().init(),
    }
    Ok(())
}

/// Opens the database, brings it up to date, and checks that the key fits.
fn open(settings: &Flags) -> Result<(Config, Db), String> {
    let config = settings.check()?;
    let db = settings.open_database(config.connections)?;
    db::migrate(&db).map_err(|fault| fault.to_string())?;
    let (key, now) = (config.key.clone(), Clock::system().now());
    db.write_here(|tx| setup::check_key(tx, &key, now)).map_err(|fault| fault.to_string())?;
    Ok((config, db))
}
