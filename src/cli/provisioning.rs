//! Commands about provisioning, for operators who set up an identity provider by a script.

use super::{open, organization::meant};
use crate::{
    config::Flags,
    kit::{Clock, OperationError, Scope, Timestamp},
    members::{self, Grants},
    provisioning::{self, Product, ProvisionerSettings},
    web::Field,
};
use clap::Args;
use std::io::Write;

#[derive(clap::Subcommand, Debug)]
pub(super) enum ProvisioningCommand {
    /// Set up a provisioning client (SCIM): a system account and its token. Prints the token alone on standard output, and
    /// the base URL beside it on standard error
    Create(NewClient),
    /// List the provisioning clients of an organization: id, product, people, teams, last call, name, separated by tabs
    List {
        /// Name or id of the organization
        #[arg(long, value_name = "NAME|ID")]
        organization: String,
    },
}

#[derive(Args, Debug)]
pub(super) struct NewClient {
    /// Name or id of the organization
    #[arg(long, value_name = "NAME|ID")]
    organization: String,
    /// Name of the system account
    #[arg(long, value_name = "NAME")]
    name: String,
    /// The product: entra, okta, google, jumpcloud or other
    #[arg(long, default_value = "other", value_parser = |text: &str| text.parse::<Product>().map_err(|_| "not one of entra, okta, google, jumpcloud and other"))]
    product: Product,
    /// Whom the provider removes is deleted; otherwise they are disabled
    #[arg(long)]
    deletes: bool,
    /// The provider may take over people and teams that are here already
    #[arg(long)]
    adopts: bool,
}

pub(super) fn run(settings: &Flags, command: ProvisioningCommand) -> Result<(), String> {
    match command {
        ProvisioningCommand::Create(wanted) => create(settings, wanted),
        ProvisioningCommand::List { organization } => list(settings, &organization),
    }
}

fn create(settings: &Flags, wanted: NewClient) -> Result<(), String> {
    let (config, db) = open(settings)?;
    let organization = meant(&db, &wanted.organization)?;
    let scope = Scope::system(organization.id, Clock::system().now());
    let (mut name, product) = (Field::new(wanted.name), wanted.product);
    let Some(name) = name.line("a name", 100) else {
        return Err(name.complaint.unwrap_or_default());
    };
    let made = db.write_here(|tx| {
        // What the form of the console offers beforehand.
        let role = members::grant_options(tx, &scope)?.default_role();
        let gives = Grants {
            roles: role.iter().filter_map(|id| id.parse().ok()).collect(),
            ..Grants::default()
        };
        let wanted = ProvisionerSettings {
            product,
            deletes: wanted.deletes,
            adopts: wanted.adopts,
            gives,
            ..ProvisionerSettings::default()
        };
        provisioning::create(tx, &scope, &name, &wanted)
    });
    let (_, token, text) = made.map_err(|error| match error {
        OperationError::Refused(refusal) => refusal.to_string(),
        OperationError::Fault(fault) => fault.to_string(),
    })?;
    let public = config.public_url.as_str().trim_end_matches('/');
    eprintln!("Base URL: {public}{}", product.path());
    match token.expires_at {
        Some(end) => eprintln!("The token, which is shown only now and works until {}:", end.exact()),
        None => eprintln!("The token, which is shown only now:"),
    }
    println!("{}", text.expose());
    Ok(())
}

fn list(settings: &Flags, organization: &str) -> Result<(), String> {
    let (_, db) = open(settings)?;
    let organization = meant(&db, organization)?;
    let scope = Scope::system(organization.id, Clock::system().now());
    let found = db.read_here(|conn| provisioning::overview(conn, &scope)).map_err(|fault| fault.to_string())?;
    let mut out = std::io::stdout().lock();
    for one in found {
        let (id, product) = (one.provisioner.id, one.provisioner.product.as_str());
        let called = one.provisioner.last_call_at.map_or_else(|| "never".into(), Timestamp::iso);
        // A reader such as `head` closes the pipe early.
        if writeln!(out, "{id}\t{product}\t{}\t{}\t{called}\t{}", one.people, one.teams, one.name).is_err() {
            break;
        }
    }
    Ok(())
}
