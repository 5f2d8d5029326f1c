//! All data of the demo before any of it is written: the same for the same seed and instant.

use super::{
    Demo,
    invitations::{Offer, offers},
    memberships::places,
    model::{Place, WayIn},
    people::{Person, people},
    sign_ins::{SignIn, sign_ins},
    system_accounts::{SystemAccount, system_accounts},
};
use crate::{
    kit::{MemberStatus, Timestamp},
    organizations::Plan,
};

pub(super) struct Crowd {
    pub people: Vec<Person>,
    /// In the order of the people.
    pub places: Vec<Place>,
    pub system_accounts: Vec<SystemAccount>,
    /// In the order of the people. Not all people were invited.
    pub offers: Vec<Offer>,
    pub sign_ins: Vec<SignIn>,
}

impl Crowd {
    pub fn gather(demo: &Demo, now: Timestamp) -> Self {
        // An organization needs its founder.
        let count = demo.members.max(1);
        let (mut people, places) = (people(demo.seed, count), places(demo.seed, count, now));
        for (person, place) in people.iter_mut().zip(&places) {
            if !place.has_name {
                person.name.clone_from(&person.email);
            }
            // Only people created by an administrator have a username other than their email.
            if place.way_in != WayIn::Creation {
                person.username.clone_from(&person.email);
            }
        }
        Self {
            system_accounts: system_accounts(demo.seed, count, now),
            offers: offers(demo.seed, &places, now),
            sign_ins: sign_ins(demo.seed, &places, now),
            people,
            places,
        }
    }

    pub fn offer_of(&self, person: usize) -> Option<&Offer> {
        self.offers.binary_search_by_key(&person, |offer| offer.person).ok().map(|at| &self.offers[at])
    }

    /// A plan that is almost full.
    pub fn plan(&self) -> Plan {
        let people = self.places.iter().filter(|place| place.status != MemberStatus::Disabled).count();
        let machines = self.system_accounts.iter().filter(|account| account.status != MemberStatus::Disabled).count();
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
    use crate::demo::memberships::administrators;

    const NOW: i64 = 1_800_000_000_000_000;

    #[test]
    fn the_same_seed_at_the_same_instant_makes_the_same_demo() {
        let now = Timestamp::from_micros(NOW).unwrap();
        let gather = |seed| Crowd::gather(&Demo { members: 200, seed }, now);
        let (one, other) = (gather(5), gather(5));
        assert_eq!((&one.people, &one.places, &one.sign_ins), (&other.people, &other.places, &other.sign_ins));
        assert_ne!(gather(6).places, other.places);
    }

    #[test]
    fn nothing_lies_in_the_future_and_nothing_before_its_cause() {
        let now = Timestamp::from_micros(NOW).unwrap();
        for (seed, members) in [(1, 1), (2, 2), (3, 3), (4, 40), (5, 1_000)] {
            let crowd = Crowd::gather(&Demo { members, seed }, now);
            assert_eq!(crowd.places.len(), members);
            for place in &crowd.places {
                let joined = place.joined_at.unwrap_or(now);
                assert!(place.created_at <= joined && joined <= now && place.status_at <= now, "{place:?}");
                assert!(
                    [place.last_sign_in_at, place.last_api_use_at]
                        .iter()
                        .flatten()
                        .all(|at| (joined..=now).contains(at)),
                    "{place:?}"
                );
            }
            for offer in &crowd.offers {
                assert!(offer.created_at <= offer.sent_at && offer.sent_at <= now);
                assert!(offer.accepted_at.is_none_or(|accepted| offer.sent_at <= accepted && accepted < offer.expires_at));
            }
        }
    }

    #[test]
    fn the_founder_is_one_of_several_administrators_and_the_plan_has_room() {
        let now = Timestamp::from_micros(NOW).unwrap();
        let crowd = Crowd::gather(&Demo { members: 300, seed: 1 }, now);
        assert_eq!(crowd.people[0].name, "Ada Lovelace");
        assert_eq!(administrators(300), 2);
        assert!(
            crowd.places[..3]
                .iter()
                .all(|place| place.is_administrator() && place.has_password() && place.last_sign_in_at.is_some())
        );
        let seated = crowd.places.iter().filter(|place| place.status != MemberStatus::Disabled).count();
        let limit = usize::try_from(crowd.plan().seat_limit.unwrap()).unwrap();
        assert!(seated < limit && seated * 100 / limit >= 85, "{seated} of {limit}");
        assert!(crowd.system_accounts.len() >= 3);
    }
}
