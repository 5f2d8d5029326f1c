//! What the demo organization has besides people: its own roles, teams and policies. Created through their modules.

use super::{
    declared,
    model::{RoleChoice, TeamMembership},
};
use crate::{
    db::{
        Tx,
        schema::{team_policies, team_roles, views},
    },
    kit::{Fault, MemberKind, OrganizationId, PolicyId, RoleId, TeamId, Timestamp, ViewId, fold},
    policies::{self, Rule},
    roles::{self, Role},
    teams,
};
use chrono::TimeDelta;
use diesel::prelude::*;

/// Name, description, permissions.
pub(super) const OWN_ROLES: &[(&str, &str, &[&str])] = &[
    (
        "Release manager",
        "Decides what is released when.",
        &["release:manage:*", "build:read:*", "deployment:manage:team"],
    ),
    (
        "Billing",
        "Invoices and payments.",
        &["invoice:manage:*", "contract_data:read:*", "customer:read:*"],
    ),
    (
        "Auditor",
        "Reads what others decide, and changes nothing.",
        &[
            "user:read:*",
            "role:read:*",
            "policy:read:*",
            "team:read:*",
            "contract_data:read:*",
            "invoice:read:*",
        ],
    ),
    (
        "Support, second line",
        "Looks into what customers report.",
        &["ticket:manage:*", "customer:read:*", "deployment:read:*"],
    ),
    (
        "On call",
        "For the week in which it is somebody's turn.",
        &["deployment:manage:*", "alert:manage:*", "secret:read:team"],
    ),
    (
        "Datenschutzbeauftragte",
        "Answers for personal data.",
        &["user:read:*", "customer:read:*", "export:manage:*"],
    ),
    ("Works council", "", &["user:read:*"]),
    (
        "Coordinator for the protection of customer data in the northern and overseas territories",
        "For the territories whose law asks for one person who answers for every export, every deletion and every correction of customer data.",
        &["customer:manage:*", "export:manage:*", "contract_data:manage:*"],
    ),
    (
        "Help desk",
        "Invites and manages the people of the teams that they administer.",
        &[
            "user:read:team",
            "user:invite:team",
            "user:manage:team",
            "audit:read:team",
            "team:read:*",
        ],
    ),
];

pub(super) const TEAMS: &[&str] = &[
    "Engineering",
    "Sales",
    "Customer Support",
    "Operations",
    "Finance",
    "People",
    "Product",
    "Marketing",
    "Platform",
    "Legal and Compliance",
    "Data",
    "Security",
    "Mill",
    "Store",
    "Punched Cards",
    "Research",
    "Design",
    "Quality",
    "Documentation and Translation",
    "Field Service",
    "Procurement",
    "Facilities",
    "Vertrieb Österreich und Schweiz",
    "Équipe Québec",
    "東京オフィス",
    "Zespół Kraków",
    "Loja do Porto",
    "فريق دبي",
    "Bernoulli",
    "Menabrea",
    "Release",
    "Incident Response",
    "Partners",
    "Investor Relations",
    "Internal Audit",
    "Machine Shop",
    "Archive",
    "Working Students",
    "Board",
    "Steering committee for the replacement of the difference engines at the customers' sites (2025–2028)",
];

/// Name, description, rules as (type of resource, actions, resources).
type Rules = &'static [(&'static str, &'static [&'static str], &'static [&'static str])];
pub(super) const POLICIES: &[(&str, &str, Rules)] = &[
    (
        "Contracts of the north",
        "Contracts with customers in the northern territories.",
        &[("contract", &["read", "comment"], &["north-1", "north-2", "north-7"])],
    ),
    ("All invoices, to read", "", &[("invoice", &["read"], &["*"])]),
    (
        "Staging",
        "Everything on the machines that no customer uses.",
        &[
            ("deployment", &["*"], &["staging-1", "staging-2"]),
            ("secret", &["read"], &["staging"]),
        ],
    ),
    (
        "Drawings of the Mill",
        "",
        &[
            ("drawing", &["read", "comment", "approve"], &["mill-axis", "mill-carry"]),
            ("part", &["read"], &["*"]),
        ],
    ),
    (
        "External reviewers",
        "What partners may see who check our work for a certificate.",
        &[("report", &["read"], &["iso-27001", "soc-2"])],
    ),
    ("Everything in the archive", "", &[("archive", &["*"], &["*"])]),
];

/// Which team gives which of the own roles, for how many days more, and whether its administrators may add people: by number.
const ROLES_OF_TEAMS: &[(usize, usize, Option<i64>, bool)] = &[(0, 0, None, true), (2, 3, None, false), (3, 4, Some(60), true)];
/// Which team gives which policy.
const POLICIES_OF_TEAMS: &[(usize, usize)] = &[(2, 0), (4, 1)];

/// The shared views: list, name, filter.
const VIEWS: &[(MemberKind, &str, &str)] = &[
    (MemberKind::User, "Never signed in", "tab=active&seen=never&columns=roles.teams.created.two_step"),
    (
        MemberKind::SystemAccount,
        "Unused for 90 days",
        "seen=90&sort=last_api_use&dir=asc&columns=tokens.last_api_use.contact.created_by",
    ),
];

/// The ids of all these.
pub(super) struct Fixtures {
    roles: Vec<(RoleChoice, RoleId)>,
    teams: Vec<TeamId>,
    policies: Vec<PolicyId>,
}

impl Fixtures {
    pub fn make(tx: &mut Tx<'_>, organization: OrganizationId, teams: usize, now: Timestamp) -> Result<Self, Fault> {
        let predefined = |role: Role| role.predefined.map(|which| (RoleChoice::Predefined(which), role.id));
        let mut roles: Vec<_> = roles::list(tx, organization)?.into_iter().filter_map(predefined).collect();
        for (number, (name, description, permissions)) in OWN_ROLES.iter().enumerate() {
            let id = roles::insert(tx, organization, None, name, description, permissions, now)?;
            roles.push((RoleChoice::Own(number), id));
        }
        let team = |name: &&str| teams::insert(tx, organization, name, "", now);
        let teams = TEAMS.iter().take(teams).map(team).collect::<Result<_, Fault>>()?;
        declared::declare(tx, organization, now)?;
        let policy =
            |(name, description, rules): &(&str, &str, Rules)| policies::insert(tx, organization, name, description, read(rules), now);
        let policies = POLICIES.iter().map(policy).collect::<Result<_, Fault>>()?;
        let all = Self { roles, teams, policies };
        all.let_teams_give(tx, organization, now)?;
        share_views(tx, organization, now)?;
        Ok(all)
    }

    /// What some teams give to their members.
    fn let_teams_give(&self, tx: &mut Tx<'_>, organization: OrganizationId, now: Timestamp) -> Result<(), Fault> {
        for (team, role, days, is_delegated) in ROLES_OF_TEAMS {
            let row = (
                team_roles::organization_id.eq(organization),
                team_roles::team_id.eq(self.team(*team)),
                team_roles::role_id.eq(self.role_id(RoleChoice::Own(*role))?),
                team_roles::attached_at.eq(now - TimeDelta::days(40)),
                team_roles::until_at.eq(days.map(|days| now + TimeDelta::days(days))),
                team_roles::is_delegated.eq(*is_delegated),
            );
            diesel::insert_into(team_roles::table).values(row).execute(tx.conn())?;
        }
        for (team, policy) in POLICIES_OF_TEAMS {
            let row = (
                team_policies::organization_id.eq(organization),
                team_policies::team_id.eq(self.team(*team)),
                team_policies::policy_id.eq(self.policy_id(*policy)),
                team_policies::attached_at.eq(now - TimeDelta::days(40)),
                team_policies::is_delegated.eq(false),
            );
            diesel::insert_into(team_policies::table).values(row).execute(tx.conn())?;
        }
        Ok(())
    }

    pub fn role_id(&self, wanted: RoleChoice) -> Result<RoleId, Fault> {
        let found = self.roles.iter().find(|(role, _)| *role == wanted);
        found.map(|(_, id)| *id).ok_or(Fault::Missing)
    }
    pub fn team_id(&self, membership: TeamMembership) -> TeamId {
        self.teams[membership.team]
    }
    /// How many teams there are.
    pub fn team_count(&self) -> usize {
        self.teams.len()
    }
    /// A team by number.
    pub fn team(&self, number: usize) -> TeamId {
        self.teams[number]
    }
    pub fn policy_id(&self, number: usize) -> PolicyId {
        self.policies[number]
    }
}

fn share_views(tx: &mut Tx<'_>, organization: OrganizationId, now: Timestamp) -> Result<(), Fault> {
    for (kind, name, query) in VIEWS {
        let row = (
            views::id.eq(ViewId::new(now)),
            views::organization_id.eq(organization),
            views::kind.eq(*kind),
            views::name.eq(*name),
            views::name_key.eq(fold::list_key(name)),
            views::query.eq(*query),
            views::is_default.eq(false),
            views::created_at.eq(now),
            views::updated_at.eq(now),
        );
        diesel::insert_into(views::table).values(row).execute(tx.conn())?;
    }
    Ok(())
}

fn read(rules: Rules) -> Vec<Rule> {
    let owned = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect();
    rules
        .iter()
        .map(|(kind, actions, resources)| Rule {
            resource_type: (*kind).into(),
            actions: owned(actions),
            resource_ids: owned(resources),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kit::{Permission, fold};
    use std::collections::HashSet;

    #[test]
    fn permissions_can_be_read_and_names_are_unique() {
        for (name, _, permissions) in OWN_ROLES {
            assert!(permissions.iter().all(|text| text.parse::<Permission>().is_ok()), "{name}");
        }
        let different = |names: Vec<&str>| names.iter().map(|name| fold::canonical(name)).collect::<HashSet<_>>().len() == names.len();
        assert!(different(OWN_ROLES.iter().map(|role| role.0).collect()));
        assert!(different(POLICIES.iter().map(|policy| policy.0).collect()));
        assert!(different(TEAMS.to_vec()));
        for (kind, name, query) in VIEWS {
            assert!(crate::directory::is_understood(*kind, query), "{name}");
        }
    }
}
