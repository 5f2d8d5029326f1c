//! Commands about single sign-on, for operators: the way back in when a provider fails and nobody can enter.

use super::{open, organization::meant};
use crate::{
    config::{Config, Flags},
    connections::{self, ClientSecrets, ConnectionRefusal, ConnectionSetup},
    kit::{Clock, ConnectionId, Fault, OperationError, Scope, Timestamp},
    mail::{Outbox, Sealer},
    outbound::Outbound,
    sso,
};
use std::io::Write;

#[derive(clap::Subcommand, Debug)]
pub(super) enum SsoCommand {
    /// List the connections of an organization: id, kind, status, last success, name, separated by tabs
    List {
        /// Name or id of the organization
        #[arg(long, value_name = "NAME|ID")]
        organization: String,
    },
    /// Disable a connection: nobody signs in through it any more, and its sessions end
    Disable {
        /// Name or id of the organization
        #[arg(long, value_name = "NAME|ID")]
        organization: String,
        /// Id of the connection
        connection: ConnectionId,
    },
    /// Let people enter an organization with their own passwords and passkeys again
    NotRequired {
        /// Name or id of the organization
        #[arg(long, value_name = "NAME|ID")]
        organization: String,
    },
}

pub(super) fn run(settings: &Flags, command: SsoCommand) -> Result<(), String> {
    match command {
        SsoCommand::List { organization } => list(settings, &organization),
        SsoCommand::Disable { organization, connection } => disable(settings, &organization, connection),
        SsoCommand::NotRequired { organization } => not_required(settings, &organization),
    }
}

fn list(settings: &Flags, organization: &str) -> Result<(), String> {
    let (_, db) = open(settings)?;
    let organization = meant(&db, organization)?;
    let scope = Scope::system(organization.id, Clock::system().now());
    let found = db.read_here(|conn| connections::list(conn, &scope)).map_err(|fault| fault.to_string())?;
    if let Some(from) = organization.sso_from {
        eprintln!("{} requires single sign-on from {} on.", organization.name, from.iso());
    }
    let mut out = std::io::stdout().lock();
    for connection in found {
        let (kind, status) = (connection.kind.as_str(), connection.status.as_str());
        let worked = connection.last_success_at.map_or_else(|| "never".into(), Timestamp::iso);
        // A reader such as `head` closes the pipe early.
        if writeln!(out, "{}\t{kind}\t{status}\t{worked}\t{}", connection.id, connection.name).is_err() {
            break;
        }
    }
    Ok(())
}

fn disable(settings: &Flags, organization: &str, id: ConnectionId) -> Result<(), String> {
    let (config, db) = open(settings)?;
    let organization = meant(&db, organization)?;
    let scope = Scope::system(organization.id, Clock::system().now());
    let outbound = Outbound::new(config.outbound.clone());
    let setup = ConnectionSetup::new(ClientSecrets::new(&config.key), outbound, outbox(&config));
    match db.write_here(|tx| connections::disable(tx, &scope, &setup, id)) {
        Ok(true) => {
            eprintln!("Disabled. Its sessions have ended.");
            Ok(())
        }
        Ok(false) => Err("it is not enabled".into()),
        Err(OperationError::Refused(refusal)) => Err(ConnectionRefusal::to_string(&refusal)),
        Err(OperationError::Fault(Fault::Missing)) => Err(format!("{} has no such connection", organization.name)),
        Err(OperationError::Fault(fault)) => Err(fault.to_string()),
    }
}

fn not_required(settings: &Flags, organization: &str) -> Result<(), String> {
    let (config, db) = open(settings)?;
    let organization = meant(&db, organization)?;
    if organization.sso_from.is_none() {
        return Err(format!("{} does not require single sign-on", organization.name));
    }
    let scope = Scope::system(organization.id, Clock::system().now());
    let outbox = outbox(&config);
    match db.write_here(|tx| sso::require(tx, &scope, &outbox, None)) {
        Ok(()) => {
            eprintln!("{} lets people in with their own passwords and passkeys again.", organization.name);
            Ok(())
        }
        Err(OperationError::Refused(refusal)) => Err(refusal.to_string()),
        Err(OperationError::Fault(fault)) => Err(fault.to_string()),
    }
}

fn outbox(config: &Config) -> Outbox {
    Outbox::new(Sealer::new(&config.key), &config.public_url, config.mail.clone())
}
