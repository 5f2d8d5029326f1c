//! Writes members with their roles, teams and policies. Here, and nowhere else in the demo, each column of `members`
//! gets its value; the keys for sorting and searching are computed by `members` itself.

use super::{
    insert::insert_all,
    model::Membership,
    system_accounts::SystemAccount,
    writer::{AT_ONCE, Writer},
};
use crate::{
    db::{
        Tx,
        schema::{member_policies, member_roles, members, team_members},
    },
    kit::{Fault, MemberId, MemberKind, Scope, Timestamp, UserId},
    members::{Details, account_key, name_key, refresh_role_keys_of, refresh_team_keys},
};
use diesel::prelude::*;

/// A made-up member, and the ids they received.
struct MemberToWrite<'a> {
    id: MemberId,
    /// The identity of a person. A system account has none.
    user: Option<UserId>,
    email: &'a str,
    username: &'a str,
    details: &'a Details,
    membership: &'a Membership,
}

impl<'a> Writer<'a> {
    /// Writes all people.
    pub fn people(&self, tx: &mut Tx<'_>, hash: &str) -> Result<(), Fault> {
        let dataset = self.dataset;
        let numbers: Vec<usize> = (0..dataset.people.len()).collect();
        for some in numbers.chunks(AT_ONCE) {
            self.users(tx, some.strip_prefix(&[0]).unwrap_or(some), hash)?;
            let member = |number: &usize| MemberToWrite {
                id: self.members[*number],
                user: Some(self.users[*number]),
                email: &dataset.people[*number].email,
                username: &dataset.people[*number].username,
                details: &dataset.people[*number].details,
                membership: &dataset.memberships[*number],
            };
            let all: Vec<MemberToWrite<'a>> = some.iter().map(member).collect();
            self.members(tx, &all)?;
        }
        Ok(())
    }

    /// Writes the system accounts. Returns their ids in order.
    pub fn system_accounts(&self, tx: &mut Tx<'_>) -> Result<Vec<MemberId>, Fault> {
        let mut ids = vec![];
        for some in self.dataset.system_accounts.chunks(AT_ONCE) {
            let member = |account: &'a SystemAccount| MemberToWrite {
                id: MemberId::new(account.membership.created_at),
                user: None,
                email: "",
                username: "",
                details: &account.details,
                membership: &account.membership,
            };
            let all: Vec<MemberToWrite<'a>> = some.iter().map(member).collect();
            self.members(tx, &all)?;
            ids.extend(all.iter().map(|account| account.id));
        }
        Ok(ids)
    }

    /// Writes some members.
    fn members(&self, tx: &mut Tx<'_>, all: &[MemberToWrite<'a>]) -> Result<(), Fault> {
        let organization = self.organization;
        let row = |new: &MemberToWrite<'a>| {
            let (details, membership) = (new.details, new.membership);
            let kind = if new.user.is_some() {
                MemberKind::User
            } else {
                MemberKind::SystemAccount
            };
            let creator = self.members[membership.created_by];
            (
                members::id.eq(new.id),
                members::organization_id.eq(organization),
                members::kind.eq(kind),
                members::user_id.eq(new.user),
                members::name.eq(&details.name),
                members::first_name.eq(&details.first_name),
                members::last_name.eq(&details.last_name),
                members::title.eq(&details.title),
                members::phone.eq(&details.phone),
                members::location.eq(&details.location),
                members::contact.eq(&details.contact),
                members::provider.eq(membership.provider),
                members::status.eq(membership.status),
                members::status_at.eq(membership.status_at),
                members::status_by.eq(membership.status_by.map(|by| self.members[by])),
                members::status_reason.eq(membership.status_reason),
                // Changing the status ended the sessions from before.
                members::sessions_from.eq(membership.status_by.map_or(Timestamp::EPOCH, |_| membership.status_at)),
                members::last_sign_in_at.eq(membership.last_sign_in_at),
                members::last_api_use_at.eq(membership.last_api_use_at),
                members::created_at.eq(membership.created_at),
                // Nobody created the founder.
                members::created_by.eq(Some(creator).filter(|_| new.id != self.members[0])),
                members::joined_at.eq(membership.joined_at),
                members::account_key.eq(account_key(kind, &details.name)),
                members::name_key.eq(name_key(&details.name)),
                members::search_key.eq(details.search_key(new.email, new.username)),
            )
        };
        let rows: Vec<_> = all.iter().map(row).collect();
        insert_all!(tx, members, rows);
        self.assignments(tx, all)?;
        let ids: Vec<MemberId> = all.iter().map(|new| new.id).collect();
        refresh_role_keys_of(tx, &Scope::system(organization, self.now), &ids)?;
        refresh_team_keys(tx, organization, &ids)
    }

    /// Writes the roles, teams and policies of these members.
    fn assignments(&self, tx: &mut Tx<'_>, all: &[MemberToWrite<'a>]) -> Result<(), Fault> {
        let (mut roles, mut teams, mut policies) = (vec![], vec![], vec![]);
        for new in all {
            let membership = new.membership;
            for assignment in &membership.assignments {
                roles.push((
                    member_roles::organization_id.eq(self.organization),
                    member_roles::member_id.eq(new.id),
                    member_roles::role_id.eq(self.fixtures.role_id(assignment.role)?),
                    member_roles::granted_at.eq(membership.created_at),
                    member_roles::granted_by.eq(Some(self.members[membership.created_by])),
                    member_roles::until_at.eq(assignment.until),
                ));
            }
            teams.extend(membership.teams.iter().map(|team| {
                (
                    team_members::organization_id.eq(self.organization),
                    team_members::member_id.eq(new.id),
                    team_members::team_id.eq(self.fixtures.team_id(*team)),
                    team_members::is_administrator.eq(team.is_administrator),
                )
            }));
            policies.extend(membership.policies.iter().map(|number| {
                (
                    member_policies::organization_id.eq(self.organization),
                    member_policies::member_id.eq(new.id),
                    member_policies::policy_id.eq(self.fixtures.policy_id(*number)),
                )
            }));
        }
        insert_all!(tx, member_roles, roles);
        insert_all!(tx, team_members, teams);
        insert_all!(tx, member_policies, policies);
        Ok(())
    }
}
