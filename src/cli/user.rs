//! Commands about people, for operators: reset links and second factors.

use super::{open, organization::meant};
use crate::{
    config::Flags,
    directory::Export,
    kit::{Clock, Fault, MemberKind, Scope, Timestamp},
    mail::{Outbox, Sealer},
    members, passwords, sessions,
};
use std::io::{BufWriter, Write};

#[derive(clap::Subcommand, Debug)]
pub(super) enum UserCommand {
    /// List all people: email, status, organization, last sign-in, name, separated by tabs
    List,
    /// Write the people of an organization to standard output as CSV, as Export CSV in the directory does, but without
    /// the byte order mark that Excel needs
    Export {
        /// Name or id of the organization
        #[arg(long, value_name = "NAME|ID")]
        organization: String,
        /// Status of the people to export
        #[arg(long, default_value = "current", value_parser = ["current", "active", "invited", "disabled"])]
        status: String,
        /// Only people whose name, email or username contains this text
        #[arg(long, value_name = "TEXT", default_value = "")]
        search: String,
    },
    /// Import people from a CSV file, and print the result of each line
    Import(super::import::Import),
    /// Print a link to set a new password. Works once, for one hour, and without a mail server
    ResetLink {
        /// Email address or username
        email: String,
    },
    /// Remove the second factors and recovery codes of a person who lost them, and end their sessions
    ResetTwoStep {
        /// Email address or username
        email: String,
    },
}

pub(super) fn run(settings: &Flags, command: UserCommand) -> Result<(), String> {
    match command {
        UserCommand::List => list(settings),
        UserCommand::Export { organization, status, search } => export(settings, &organization, &[("tab", status), ("q", search)]),
        UserCommand::Import(import) => super::import::run(settings, &import),
        UserCommand::ResetLink { email } => reset_link(settings, &email),
        UserCommand::ResetTwoStep { email } => reset_two_step(settings, &email),
    }
}

fn list(settings: &Flags) -> Result<(), String> {
    let (_, db) = open(settings)?;
    let lines = db.read_here(members::all_memberships).map_err(|fault| fault.to_string())?;
    let mut out = BufWriter::new(std::io::stdout().lock());
    for line in lines {
        let seen = line.last_sign_in_at.map_or_else(|| "never".into(), Timestamp::iso);
        // A reader such as `head` closes the pipe early.
        if writeln!(out, "{}\t{}\t{}\t{seen}\t{}", line.email, line.status.as_str(), line.organization, line.name).is_err() {
            break;
        }
    }
    Ok(())
}

fn export(settings: &Flags, organization: &str, list_query: &[(&str, String)]) -> Result<(), String> {
    let (_, db) = open(settings)?;
    let organization = meant(&db, organization)?;
    let query = serde_html_form::to_string(list_query).map_err(|why| why.to_string())?;
    let scope = Scope::system(organization.id, Clock::system().now());
    let begun = db.write_here(|tx| Export::begin(tx, &scope, MemberKind::User, &query));
    let mut rest = Some(begun.map_err(|fault: Fault| fault.to_string())?);
    let mut out = BufWriter::new(std::io::stdout().lock());
    while let Some(export) = rest {
        let (text, next) = db.read_here(|conn| export.part(conn)).map_err(|fault| fault.to_string())?;
        // A reader such as `head` closes the pipe early.
        if out.write_all(&text).is_err() {
            return Ok(());
        }
        rest = next;
    }
    // A full disk is reported here.
    out.flush().map_err(|why| why.to_string())
}

fn reset_link(settings: &Flags, email: &str) -> Result<(), String> {
    let (config, db) = open(settings)?;
    let now = Clock::system().now();
    match db.write_here(|tx| passwords::issue_link(tx, email, now)) {
        Ok((user, path)) => {
            eprintln!("For {}, once, within the hour:", user.email);
            println!("{}{path}", config.public_url.as_str().trim_end_matches('/'));
            Ok(())
        }
        Err(Fault::Missing) => Err(format!("nobody signs in as {email:?}")),
        Err(fault) => Err(fault.to_string()),
    }
}

fn reset_two_step(settings: &Flags, email: &str) -> Result<(), String> {
    let (config, db) = open(settings)?;
    let (now, outbox) = (
        Clock::system().now(),
        Outbox::new(Sealer::new(&config.key), &config.public_url, config.mail.clone()),
    );
    match db.write_here(|tx| sessions::reset_by_operator(tx, &outbox, email, now)) {
        Ok(true) => {
            let told = config.mail.words("a letter tells them", "tell them yourself, no mail server is set up");
            eprintln!("Reset. The password alone lets them in now; {told}.");
            Ok(())
        }
        Ok(false) => Err(format!("{email:?} has no second factor")),
        Err(Fault::Missing) => Err(format!("nobody signs in as {email:?}")),
        Err(fault) => Err(fault.to_string()),
    }
}
