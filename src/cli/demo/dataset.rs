//! All data of the demo before any of it is written: the same for the same seed and instant.

use super::{
    invitations::{Invitation, invitations},
    memberships::memberships,
    model::{Membership, Origin, Size},
    people::{Person, people},
    sign_ins::{SignIn, sign_ins},
    system_accounts::{SystemAccount, system_accounts},
};
use crate::{
    kit::{MemberStatus, Timestamp},
    organizations::Plan,
};

pub(super) struct Dataset {
    pub people: Vec<Person>,
    /// In the order of the people.
    pub memberships: Vec<Membership>,
    pub system_accounts: Vec<SystemAccount>,
    /// In the order of the people. Not all people were invited.
    pub invitations: Vec<Invitation>,
    pub sign_ins: Vec<SignIn>,
}

impl Dataset {
    pub fn generate(size: Size, now: Timestamp) -> Self {
        // An organization needs its founder.
        let count = size.members.max(1);
        let (mut people, memberships) = (people(size.seed, count), memberships(size.seed, count, now));
        for (person, membership) in people.iter_mut().zip(&memberships) {
            if !membership.has_name {
                person.details.name.clone_from(&person.email);
            }
            // Only people created by an administrator have a username other than their email.
            if membership.origin != Origin::Creation {
                person.username.clone_from(&person.email);
            }
        }
        Self {
            system_accounts: system_accounts(size.seed, count, now),
            invitations: invitations(size.seed, &memberships, now),
            sign_ins: sign_ins(size.seed, &memberships, now),
            people,
            memberships,
        }
    }

    pub fn invitation_of(&self, person: usize) -> Option<&Invitation> {
        self.invitations
            .binary_search_by_key(&person, |invitation| invitation.person)
            .ok()
            .map(|at| &self.invitations[at])
    }

    /// A plan that is almost full.
    pub fn plan(&self) -> Plan {
        let people = self.memberships.iter().filter(|membership| membership.status != MemberStatus::Disabled).count();
        let machines = self
            .system_accounts
            .iter()
            .filter(|account| account.membership.status != MemberStatus::Disabled)
            .count();
        Plan {
            name: "Team".into(),
            seat_limit: Some(a_little_above(people)),
            system_account_limit: Some(a_little_above(machines)),
        }
    }
}

/// About an eighth more, rounded as in a price list.
fn a_little_above(count: usize) -> i64 {
    let most = count + count / 9 + 1;
    let step = match most {
        ..20 => 1,
        20..100 => 5,
        100..1_000 => 10,
        1_000..10_000 => 100,
        _ => 1_000,
    };
    i64::try_from(most.div_ceil(step) * step).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::demo::memberships::administrators;

    const NOW: i64 = 1_800_000_000_000_000;

    #[test]
    fn the_same_seed_at_the_same_instant_makes_the_same_demo() {
        let now = Timestamp::from_micros(NOW).unwrap();
        let generate = |seed| Dataset::generate(Size { members: 200, seed }, now);
        let (one, other) = (generate(5), generate(5));
        assert_eq!((&one.people, &one.memberships, &one.sign_ins), (&other.people, &other.memberships, &other.sign_ins));
        assert_ne!(generate(6).memberships, other.memberships);
    }

    #[test]
    fn nothing_lies_in_the_future_and_nothing_before_its_cause() {
        let now = Timestamp::from_micros(NOW).unwrap();
        for (seed, members) in [(1, 1), (2, 2), (3, 3), (4, 40), (5, 1_000)] {
            let dataset = Dataset::generate(Size { members, seed }, now);
            assert_eq!(dataset.memberships.len(), members);
            for membership in &dataset.memberships {
                let joined = membership.joined_at.unwrap_or(now);
                assert!(membership.created_at <= joined && joined <= now && membership.status_at <= now, "{membership:?}");
                assert!(
                    [membership.last_sign_in_at, membership.last_api_use_at]
                        .iter()
                        .flatten()
                        .all(|at| (joined..=now).contains(at)),
                    "{membership:?}"
                );
            }
            for invitation in &dataset.invitations {
                assert!(invitation.created_at <= invitation.sent_at && invitation.sent_at <= now);
                assert!(
                    invitation
                        .accepted_at
                        .is_none_or(|accepted| invitation.sent_at <= accepted && accepted < invitation.expires_at)
                );
            }
        }
    }

    #[test]
    fn the_founder_is_one_of_several_administrators_and_the_plan_has_room() {
        let now = Timestamp::from_micros(NOW).unwrap();
        let dataset = Dataset::generate(Size { members: 300, seed: 1 }, now);
        assert_eq!(dataset.people[0].details.name, "Ada Lovelace");
        assert_eq!(administrators(300), 2);
        assert!(
            dataset.memberships[..3]
                .iter()
                .all(|membership| membership.is_administrator() && membership.has_password() && membership.last_sign_in_at.is_some())
        );
        let seated = dataset.memberships.iter().filter(|membership| membership.status != MemberStatus::Disabled).count();
        let limit = usize::try_from(dataset.plan().seat_limit.unwrap()).unwrap();
        assert!(seated < limit && seated * 100 / limit >= 85, "{seated} of {limit}");
        assert!(dataset.system_accounts.len() >= 3);
    }
}
