//! Commands about email domains of organizations.

use super::{open, organization::meant};
use crate::{
    config::Flags,
    domains::{self, Domain, DomainRefusal, DomainState, Method},
    kit::{Clock, Fault, OperationError, Scope, Timestamp},
};
use clap::Args;
use std::io::Write;

#[derive(clap::Subcommand, Debug)]
pub(super) enum DomainCommand {
    /// List all: organization, domain, state, since when, how it was verified, separated by tabs
    List,
    /// Make a domain verified by your word, without a DNS record; adds it if it is not there
    Verify(Named),
    /// Remove a domain; its people stay
    Remove(Named),
}

#[derive(Args, Debug)]
pub(super) struct Named {
    /// Name or id of the organization
    #[arg(long, value_name = "NAME|ID")]
    organization: String,
    /// The domain, such as example.org
    domain: String,
}

pub(super) fn run(settings: &Flags, command: DomainCommand) -> Result<(), String> {
    match command {
        DomainCommand::List => list(settings),
        DomainCommand::Verify(named) => verify(settings, &named),
        DomainCommand::Remove(named) => remove(settings, &named),
    }
}

fn list(settings: &Flags) -> Result<(), String> {
    let (_, db) = open(settings)?;
    let all = db.read_here(domains::list_everywhere).map_err(|fault: Fault| fault.to_string())?;
    let mut out = std::io::stdout().lock();
    for (organization, domain) in all {
        let (state, since) = state(&domain);
        let method = domain.method.map_or("", Method::as_str);
        // A reader such as `head` closes the pipe early.
        if writeln!(out, "{organization}\t{}\t{state}\t{}\t{method}", domain.name, since.iso()).is_err() {
            break;
        }
    }
    Ok(())
}

fn state(domain: &Domain) -> (&'static str, Timestamp) {
    match domain.state() {
        DomainState::Waiting => ("waiting", domain.created_at),
        DomainState::Verified(at) => ("verified", at),
        DomainState::Lost(at) => ("lost", at),
    }
}

fn verify(settings: &Flags, named: &Named) -> Result<(), String> {
    let (_, db) = open(settings)?;
    let organization = meant(&db, &named.organization)?;
    let scope = Scope::system(organization.id, Clock::system().now());
    match db.write_here(|tx| domains::vouch_for(tx, &scope, &named.domain)) {
        Ok(domain) => {
            println!("{} is verified for {}", domain.name, organization.name);
            Ok(())
        }
        Err(OperationError::Refused(refusal)) => Err(told(&refusal)),
        Err(OperationError::Fault(fault)) => Err(fault.to_string()),
    }
}

/// A refusal for the operator, whom the words for administrators would send to themselves.
fn told(refusal: &DomainRefusal) -> String {
    match refusal {
        DomainRefusal::Elsewhere => "another organization has verified this domain; `roster domain list` says which".into(),
        other => other.to_string(),
    }
}

fn remove(settings: &Flags, named: &Named) -> Result<(), String> {
    let (_, db) = open(settings)?;
    let organization = meant(&db, &named.organization)?;
    let scope = Scope::system(organization.id, Clock::system().now());
    let removed = db.write_here(|tx| domains::remove_by_name(tx, &scope, &named.domain));
    match removed.map_err(|fault: Fault| fault.to_string())? {
        Some(domain) => {
            println!("{} is removed from {}", domain.name, organization.name);
            Ok(())
        }
        None => Err(format!("{} has no domain {:?}", organization.name, named.domain)),
    }
}
