//! The system accounts of the demo. Some call often, some have not called for months.

use super::{
    calendar::{AGE, moment, working_moment},
    grants::{team_count, team_memberships},
    memberships::administrators,
    model::{Membership, Origin, RoleAssignment, RoleChoice},
    rng::{Part, Rng},
};
use crate::{
    kit::{MemberStatus, Timestamp},
    members::Details,
    roles::Predefined,
};
use chrono::TimeDelta;

pub(super) struct SystemAccount {
    pub details: Details,
    pub membership: Membership,
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
const ENVIRONMENTS: &[&str] = &["production", "staging", "test", "eu-central", "us-east", "ap-south", "lab"];

/// One for every forty people, at least three. The first one provisions people.
pub(super) fn system_accounts(seed: u64, people: usize, now: Timestamp) -> Vec<SystemAccount> {
    let rng = &mut Rng::of(seed, Part::SystemAccounts);
    (0..(people / 40).max(3)).map(|number| system_account(rng, number, people, now)).collect()
}

fn system_account(rng: &mut Rng, number: usize, people: usize, now: Timestamp) -> SystemAccount {
    let created_at = working_moment(rng, now - AGE, now - TimeDelta::days(2));
    let ((task, title), environment) = (TASKS[number % TASKS.len()], ENVIRONMENTS[number / TASKS.len() % ENVIRONMENTS.len()]);
    let round = number / (TASKS.len() * ENVIRONMENTS.len());
    let name = match (number, round) {
        (0, _) => "Identity provider (SCIM)".to_owned(),
        (_, 0) => format!("{task}-{environment}"),
        _ => format!("{task}-{environment}-{:02}", round + 1),
    };
    let title = if number == 0 { "Provisions people and teams" } else { title };
    let role = if number == 0 { Predefined::Scim } else { Predefined::CiCd };
    let mut membership = Membership {
        origin: Origin::Creation,
        provider: "local",
        has_name: true,
        status: MemberStatus::Active,
        status_at: created_at,
        status_by: None,
        status_reason: "",
        created_at,
        created_by: rng.below(administrators(people) + 1),
        joined_at: Some(created_at),
        last_sign_in_at: None,
        last_api_use_at: None,
        assignments: vec![RoleAssignment { role: RoleChoice::Predefined(role), until: None }],
        teams: team_memberships(rng, team_count(people)),
        policies: vec![],
    };
    let mut used_until = now;
    if number > 0 && rng.chance(0.12) {
        membership.status = MemberStatus::Disabled;
        membership.status_at = working_moment(rng, created_at, now);
        membership.status_by = Some(rng.below(administrators(people) + 1));
        used_until = membership.status_at;
    }
    let ago = rng.weighted(&[
        (55, Some(TimeDelta::minutes(20))),
        (25, Some(TimeDelta::days(2))),
        (12, Some(TimeDelta::days(150))),
        (8, None),
    ]);
    // The one that provisions people calls all the time.
    let ago = if number == 0 { Some(TimeDelta::minutes(20)) } else { ago };
    membership.last_api_use_at = ago.map(|ago| moment(rng, (used_until - ago).max(created_at), used_until));
    let details = Details { name, title: title.into(), ..Details::default() };
    SystemAccount { details, membership }
}
