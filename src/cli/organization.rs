//! Commands about organizations and their plans, and the end of an organization.

use super::open;
use crate::{
    config::Flags,
    db::Db,
    kit::{Clock, Fault, OperationError, OperationResult, RequestInfo, Scope, email::Email, fold},
    members,
    organization_deletion::{self, Holdings, holdings},
    organizations::{self, Organization, Plan},
    passwords,
    setup::{self, FoundRefusal, Founder},
    users,
};
use clap::Args;
use std::io::Write;

#[derive(clap::Subcommand, Debug)]
pub(super) enum OrganizationCommand {
    /// Found an organization with its first administrator, and print the link by which they set their password
    Create(Create),
    /// List all: id, name, plan, seats taken and their limit, system accounts and their limit, separated by tabs
    List,
    /// Change the plan of an organization; what is not given stays
    Plan(ChangePlan),
    /// Delete an organization with everything in it, and the people who belong to no other one. Cannot be undone
    Delete(Delete),
}

#[derive(Args, Debug)]
pub(super) struct Delete {
    /// Name or id of the organization
    #[arg(value_name = "NAME|ID")]
    organization: String,
    /// Its name once more. Without this, the command asks for it
    #[arg(long, value_name = "NAME")]
    confirm: Option<String>,
}

#[derive(Args, Debug)]
pub(super) struct ChangePlan {
    /// Name or id of the organization
    #[arg(value_name = "NAME|ID")]
    organization: String,
    /// Name of the plan
    #[arg(long = "plan", value_name = "NAME")]
    name: Option<String>,
    /// How many people the plan holds: a number, or `unlimited`
    #[arg(long, value_name = "NUMBER", value_parser = |text: &str| limit(text, 1))]
    seats: Option<Limit>,
    /// How many system accounts the plan holds: a number, or `unlimited`
    #[arg(long, value_name = "NUMBER", value_parser = |text: &str| limit(text, 0))]
    system_accounts: Option<Limit>,
}

/// A limit of a plan; `None` is unlimited.
#[derive(Clone, Copy, Debug)]
struct Limit(Option<i64>);

fn limit(text: &str, least: i64) -> Result<Limit, String> {
    if text == "unlimited" {
        return Ok(Limit(None));
    }
    let number = text.parse().ok().filter(|number| *number >= least);
    number
        .map(|number| Limit(Some(number)))
        .ok_or_else(|| format!("a number from {least} on, or unlimited"))
}

#[derive(Args, Debug)]
pub(super) struct Create {
    /// Name of the organization
    name: String,
    /// Email address of its first administrator
    #[arg(long, value_name = "EMAIL")]
    administrator: String,
    /// What the administrator is called
    #[arg(long, value_name = "NAME")]
    administrator_name: Option<String>,
    /// Name of the plan
    #[arg(long, default_value = "Unlimited")]
    plan: String,
    /// How many people the plan holds; without it, any number
    #[arg(long, value_name = "NUMBER", value_parser = clap::value_parser!(i64).range(1..))]
    seats: Option<i64>,
    /// How many system accounts the plan holds; without it, any number
    #[arg(long, value_name = "NUMBER", value_parser = clap::value_parser!(i64).range(0..))]
    system_accounts: Option<i64>,
}

pub(super) fn run(settings: &Flags, command: OrganizationCommand) -> Result<(), String> {
    match command {
        OrganizationCommand::Create(wanted) => create(settings, wanted),
        OrganizationCommand::List => list(settings),
        OrganizationCommand::Plan(wanted) => plan(settings, &wanted),
        OrganizationCommand::Delete(wanted) => delete(settings, wanted),
    }
}

fn list(settings: &Flags) -> Result<(), String> {
    let (_, db) = open(settings)?;
    let lines = db.read_here(|conn| {
        let mut lines = Vec::new();
        for organization in organizations::list(conn)? {
            lines.push((organization.id, organization.name, members::seats(conn, organization.id)?));
        }
        Ok::<_, Fault>(lines)
    });
    let mut out = std::io::stdout().lock();
    for (id, name, seats) in lines.map_err(|fault| fault.to_string())? {
        let (people, accounts) = (of(seats.people, seats.seat_limit), of(seats.system_accounts, seats.system_account_limit));
        // A reader such as `head` closes the pipe early.
        if writeln!(out, "{id}\t{name}\t{}\t{people}\t{accounts}", seats.plan).is_err() {
            break;
        }
    }
    Ok(())
}

/// `18 of 25`
fn of(used: i64, limit: Option<i64>) -> String {
    limit.map_or_else(|| format!("{used} of unlimited"), |limit| format!("{used} of {limit}"))
}

fn plan(settings: &Flags, wanted: &ChangePlan) -> Result<(), String> {
    let (_, db) = open(settings)?;
    let now = Clock::system().now();
    let changed = db.write_here(|tx| {
        let present = named(organizations::list(tx)?, &wanted.organization)?;
        let plan = Plan {
            name: wanted.name.clone().unwrap_or(present.plan),
            seat_limit: wanted.seats.map_or(present.seat_limit, |limit| limit.0),
            system_account_limit: wanted.system_accounts.map_or(present.system_account_limit, |limit| limit.0),
        };
        organizations::change_plan(tx, &Scope::system(present.id, now), &plan)?;
        Ok::<_, OperationError<Unclear>>((present.name, members::seats(tx, present.id)?))
    });
    match changed {
        Ok((name, seats)) => {
            let (people, accounts) = (of(seats.people, seats.seat_limit), of(seats.system_accounts, seats.system_account_limit));
            println!("{name} has the plan {}: {people} seats, {accounts} system accounts", seats.plan);
            Ok(())
        }
        Err(stop) => Err(unclear(&wanted.organization, stop)),
    }
}

fn delete(settings: &Flags, wanted: Delete) -> Result<(), String> {
    let (_, db) = open(settings)?;
    let meant = meant(&db, &wanted.organization)?;
    let scope = Scope::system(meant.id, Clock::system().now());
    let holdings = db.read_here(|conn| holdings(conn, &scope)).map_err(|fault: Fault| fault.to_string())?;
    let confirmed = match wanted.confirm {
        Some(name) => name,
        None => ask(&meant, &holdings)?,
    };
    if !fold::is_repeated(&confirmed, &meant.name) {
        return Err(format!("nothing is deleted: the organization is called {:?}", meant.name));
    }
    match db.write_here(|tx| organization_deletion::delete(tx, &scope)).refused() {
        Ok(Ok(deleted)) => {
            deleted.log("cli");
            println!("{} ({}) is deleted, with everything that was in it", deleted.name, deleted.id);
            Ok(())
        }
        Ok(Err(refusal)) => Err(refusal.to_string()),
        Err(fault) => Err(fault.to_string()),
    }
}

/// Says what would be deleted, and reads the name that the operator types to confirm.
fn ask(meant: &Organization, holdings: &Holdings) -> Result<String, String> {
    let what = holdings.told().join(", ");
    eprintln!("{} ({}) would be deleted for good: {what} of the audit log.", meant.name, meant.id);
    eprint!("Type its name to confirm: ");
    let mut typed = String::new();
    std::io::stdin().read_line(&mut typed).map_err(|why| format!("the name cannot be read: {why}"))?;
    Ok(typed)
}

/// Why the name does not determine one organization.
enum Unclear {
    Nobody,
    Several(String),
}

/// Finds the organization with this name or id.
///
/// # Errors
/// A sentence that says why there is not exactly one.
pub(super) fn meant(db: &Db, name: &str) -> Result<Organization, String> {
    let found = db.read_here(|conn| named(organizations::list(conn)?, name));
    found.map_err(|stop| unclear(name, stop))
}

fn unclear(name: &str, stop: OperationError<Unclear>) -> String {
    match stop {
        OperationError::Refused(Unclear::Nobody) => format!("no organization is called {name:?}"),
        OperationError::Refused(Unclear::Several(ids)) => format!("several organizations are called {name:?}; say which by its id: {ids}"),
        OperationError::Fault(fault) => fault.to_string(),
    }
}

fn named(all: Vec<Organization>, name: &str) -> Result<Organization, OperationError<Unclear>> {
    let is_meant = |known: &Organization| known.name == name || known.id.to_string() == name;
    let mut found: Vec<Organization> = all.into_iter().filter(is_meant).collect();
    match (found.pop(), &found[..]) {
        (None, _) => Err(OperationError::Refused(Unclear::Nobody)),
        (Some(one), []) => Ok(one),
        (Some(one), others) => {
            let ids: Vec<String> = others.iter().chain([&one]).map(|known| known.id.to_string()).collect();
            Err(OperationError::Refused(Unclear::Several(ids.join(", "))))
        }
    }
}

fn create(settings: &Flags, wanted: Create) -> Result<(), String> {
    let email = Email::parse(&wanted.administrator).map_err(|why| format!("--administrator: {why}"))?;
    let (config, db) = open(settings)?;
    let founder = Founder {
        organization: wanted.name,
        plan: Plan {
            name: wanted.plan,
            seat_limit: wanted.seats,
            system_account_limit: wanted.system_accounts,
        },
        name: wanted.administrator_name.unwrap_or_else(|| email.as_str().to_owned()).into(),
        email,
        hash: None,
    };
    let request_info = RequestInfo::system(Clock::system().now());
    let made = db.write_here(|tx| {
        let (organization, user) = setup::found(tx, &founder, &request_info)?;
        let has_password = passwords::find(tx, user)?.is_some();
        let link = if has_password {
            None
        } else {
            Some(passwords::issue_link(tx, founder.email.as_str(), request_info.now)?.1)
        };
        Ok::<_, OperationError<FoundRefusal>>((organization, users::find(tx, user)?.email, link))
    });
    match made {
        Ok((organization, email, link)) => {
            println!("{} is founded: {organization}", founder.organization);
            match link {
                Some(path) => println!(
                    "{email} sets a password here, within the hour:\n  {}{path}",
                    config.public_url.as_str().trim_end_matches('/')
                ),
                None => println!("{email} signs in as before."),
            }
            Ok(())
        }
        Err(OperationError::Refused(FoundRefusal::Unproven)) => Err(format!(
            "{0} signs in already, with an address or a password that an administrator of another organization chose. \
             Let them choose a password by “Forgot your password?” on the sign-in page first, which mails a link to {0}.",
            founder.email.as_str()
        )),
        Err(OperationError::Refused(_)) => Err("this address is somebody's username already, or looks like somebody's address".into()),
        Err(OperationError::Fault(fault)) => Err(Fault::to_string(&fault)),
    }
}
