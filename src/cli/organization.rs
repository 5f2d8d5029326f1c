use super::open;
use crate::{
    config::Settings,
    kit::{Clock, Fault, Occasion, Stop, email::Email},
    organizations::Plan,
    passwords,
    setup::{self, FoundRefusal, Founder},
};
use clap::Args;

#[derive(clap::Subcommand, Debug)]
pub(super) enum Command {
    /// Found an organization with its first administrator, and print the link by which they set their password
    Create(Create),
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

pub(super) fn run(settings: &Settings, command: Command) -> Result<(), String> {
    let Command::Create(wanted) = command;
    let email = Email::parse(&wanted.administrator).map_err(|why| format!("--administrator: {why}"))?;
    let (config, db) = open(settings)?;
    let founder = Founder {
        organization: wanted.name,
        plan: Plan {
            name: wanted.plan,
            seat_limit: wanted.seats,
            system_account_limit: wanted.system_accounts,
        },
        name: wanted.administrator_name.unwrap_or_else(|| email.as_str().to_owned()),
        email,
        hash: None,
    };
    let occasion = Occasion::system(Clock::system().now());
    let made = db.write_here(|tx| {
        let (organization, user) = setup::found(tx, &founder, &occasion)?;
        let has_password = passwords::find(tx, user)?.is_some();
        let link = if has_password {
            None
        } else {
            Some(passwords::issue_link(tx, founder.email.as_str(), occasion.now)?.1)
        };
        Ok::<_, Stop<FoundRefusal>>((organization, link))
    });
    match made {
        Ok((organization, link)) => {
            println!("{} is founded: {organization}", founder.organization);
            match link {
                Some(path) => println!(
                    "{} sets a password here, within the hour:\n  {}{path}",
                    founder.email.as_str(),
                    config.public_url.as_str().trim_end_matches('/')
                ),
                None => println!("{} signs in as before.", founder.email.as_str()),
            }
            Ok(())
        }
        Err(Stop::Refused(_)) => Err("this address is somebody's username already".into()),
        Err(Stop::Fault(fault)) => Err(Fault::to_string(&fault)),
    }
}
