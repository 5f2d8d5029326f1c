//! The system accounts of the demo. Some call often, some have not called for months.

use super::{
    calendar::{AGE, moment, working_moment},
    grants::{belongings, team_count},
    memberships::administrators,
    model::{Belonging, Held, Holding},
    rng::{Chance, Part},
};
use crate::{
    kit::{MemberStatus, Timestamp},
    roles::Predefined,
};
use chrono::TimeDelta;

pub(super) struct SystemAccount {
    pub name: String,
    pub title: &'static str,
    pub status: MemberStatus,
    pub status_at: Timestamp,
    pub status_by: Option<usize>,
    pub created_at: Timestamp,
    pub created_by: usize,
    pub last_api_use_at: Option<Timestamp>,
    pub assignments: Vec<Holding>,
    pub teams: Vec<Belonging>,
}

const TASKS: &[(&str, &str)] = &[
    ("deploy", "Deployments"),
    ("ci-runner", "Builds"),
    ("backup", "Nightly copies"),
    ("metrics", ""),
    ("invoice-import", "Reads invoices from the bank"),
    ("card-reader", ""),
    ("crm-sync", "Keeps customers and people the same in both systems"),
    ("chat-bot", ""),
    ("terraform", "Infrastructure as code"),
    ("status-page", ""),
    ("warehouse", "Data warehouse"),
    ("license-check", ""),
];
const PLACES: &[&str] = &["production", "staging", "test", "eu-central", "us-east", "ap-south", "lab"];

/// One for every forty people, at least three. The first one provisions people.
pub(super) fn system_accounts(seed: u64, people: usize, now: Timestamp) -> Vec<SystemAccount> {
    let chance = &mut Chance::of(seed, Part::SystemAccounts);
    (0..(people / 40).max(3)).map(|number| system_account(chance, number, people, now)).collect()
}

fn system_account(chance: &mut Chance, number: usize, people: usize, now: Timestamp) -> SystemAccount {
    let created_at = working_moment(chance, now - AGE, now - TimeDelta::days(2));
    let ((task, title), place) = (TASKS[number % TASKS.len()], PLACES[number / TASKS.len() % PLACES.len()]);
    let round = number / (TASKS.len() * PLACES.len());
    let name = match (number, round) {
        (0, _) => "Identity provider (SCIM)".to_owned(),
        (_, 0) => format!("{task}-{place}"),
        _ => format!("{task}-{place}-{:02}", round + 1),
    };
    let role = if number == 0 { Predefined::Scim } else { Predefined::CiCd };
    let mut account = SystemAccount {
        name,
        title: if number == 0 { "Provisions people and teams" } else { title },
        status: MemberStatus::Active,
        status_at: created_at,
        status_by: None,
        created_at,
        created_by: chance.below(administrators(people) + 1),
        last_api_use_at: None,
        assignments: vec![Holding { role: Held::Predefined(role), until: None }],
        teams: belongings(chance, team_count(people)),
    };
    let mut used_until = now;
    if number > 0 && chance.is(0.12) {
        account.status = MemberStatus::Disabled;
        account.status_at = working_moment(chance, created_at, now);
        account.status_by = Some(chance.below(administrators(people) + 1));
        used_until = account.status_at;
    }
    let ago = chance.weigh(&[
        (55, Some(TimeDelta::minutes(20))),
        (25, Some(TimeDelta::days(2))),
        (12, Some(TimeDelta::days(150))),
        (8, None),
    ]);
    account.last_api_use_at = ago.map(|ago| moment(chance, (used_until - ago).max(created_at), used_until));
    account
}
