//! A year of sign-ins: the weekly rhythm, forgotten passwords, and one night of password guessing.

use super::{
    calendar::{YEAR, night, working_moment},
    model::{Membership, Origin},
    rng::{Part, Rng},
};
use crate::{
    kit::{MemberStatus, Timestamp},
    sessions::Outcome::{self, NotActive, PasswordExpired, SignedIn, Throttled, WrongPassword},
};
use chrono::TimeDelta;
use std::collections::BTreeMap;

/// One sign-in attempt of one person, given by number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct SignIn {
    pub at: Timestamp,
    pub person: usize,
    pub outcome: Outcome,
    pub method: &'static str,
    pub agent: &'static str,
    address: usize,
}

/// The approximate number of successful sign-ins of all people, and below it the highest average per person.
const GOOD_ONES: usize = 460_000;
const PER_PERSON: usize = 70;
const LATELY: TimeDelta = TimeDelta::days(35);
/// Attempts in a row that the rate limit lets through.
const BURST: usize = 10;

const AGENTS: &[&str] = &[
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Safari/537.36",
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Safari/537.36 Edg/141.0.0.0",
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:145.0) Gecko/20100101 Firefox/145.0",
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/26.0 Safari/605.1.15",
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Safari/537.36",
    "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/26.0 Mobile/15E148 Safari/604.1",
    "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Mobile Safari/537.36",
];
const GUESSING: &[&str] = &["python-requests/2.32.5", "Go-http-client/2.0", "curl/8.16.0", ""];

impl SignIn {
    /// An address from the ranges reserved for documentation (RFC 5737, RFC 3849).
    pub fn address(&self) -> String {
        let (which, rest) = (self.address % 8, self.address / 8);
        let host = rest % 254 + 1;
        match which {
            0 => format!("192.0.2.{host}"),
            1 | 2 => format!("198.51.100.{host}"),
            3..=5 => format!("203.0.113.{host}"),
            _ => format!("2001:db8:{:x}:{:x}::{:x}", rest >> 16, rest & 0xffff, host),
        }
    }
}

/// All attempts, the oldest first.
pub(super) fn sign_ins(seed: u64, memberships: &[Membership], now: Timestamp) -> Vec<SignIn> {
    let rng = &mut Rng::of(seed, Part::SignIns);
    let budget = Budget::of(memberships.len());
    let mut all = Vec::new();
    for (person, membership) in memberships.iter().enumerate() {
        let mut history = SignInHistory::begin(rng, person, membership, now);
        history.add_sign_ins(rng, &budget);
        history.add_failures(rng, now);
        all.append(&mut history.lines);
    }
    add_password_guessing(rng, &mut all, memberships, now);
    // In the order of the primary key, so that the tables only grow at their end.
    all.sort_by_key(|sign_in| sign_in.at);
    all
}

/// The counts for the organization's chart: successful and failed attempts per day.
pub(super) fn days(all: &[SignIn]) -> BTreeMap<i64, (i64, i64)> {
    let mut days: BTreeMap<i64, (i64, i64)> = BTreeMap::new();
    for sign_in in all {
        let (good, bad) = days.entry(sign_in.at.day()).or_default();
        *(if sign_in.outcome == SignedIn { good } else { bad }) += 1;
    }
    days
}

/// How many sign-ins can be shared out among the people.
struct Budget {
    per_hundred_people: usize,
    /// If there are fewer than people would make, the days shown in the chart get this share of them first.
    favour: f64,
}

impl Budget {
    fn of(people: usize) -> Self {
        let wanted = PER_PERSON * people;
        let given = wanted.min(GOOD_ONES);
        Self {
            per_hundred_people: 100 * given / people,
            favour: 0.55 * (1.0 - given as f64 / wanted as f64),
        }
    }
}

/// The attempts of one person, with their own addresses and devices.
struct SignInHistory<'a> {
    lines: Vec<SignIn>,
    person: usize,
    membership: &'a Membership,
    method: &'static str,
    /// Since when sign-ins are recorded.
    begin: Timestamp,
    devices: [(usize, &'static str); 2],
}

impl<'a> SignInHistory<'a> {
    fn begin(rng: &mut Rng, person: usize, membership: &'a Membership, now: Timestamp) -> Self {
        Self {
            lines: vec![],
            person,
            membership,
            method: if membership.provider == "local" {
                "password"
            } else {
                membership.provider
            },
            begin: membership.joined_at.unwrap_or(now).max(now - YEAR),
            devices: [(); 2].map(|()| (rng.below(1 << 30), rng.pick(AGENTS))),
        }
    }

    fn record(&mut self, rng: &mut Rng, at: Timestamp, outcome: Outcome) {
        let (person, by_invitation) = (self.person, self.membership.origin == Origin::Invitation && Some(at) == self.membership.joined_at);
        let method = if by_invitation { "invitation" } else { self.method };
        let (address, agent) = self.devices[usize::from(rng.chance(0.2))];
        self.lines.push(SignIn { at, person, outcome, method, agent, address });
    }

    /// Generates successful sign-ins up to the last one, and some mistyped passwords just before them.
    fn add_sign_ins(&mut self, rng: &mut Rng, budget: &Budget) {
        let Some(last) = self.membership.last_sign_in_at else { return };
        let lately = (last - LATELY).max(self.begin);
        let days = usize::try_from((last - self.begin).num_days()).unwrap_or(0);
        let frequency = 20 + rng.below(160);
        let unit = 100 * 100 * 365;
        // The remainder is given out at random, one more for some.
        let count = (budget.per_hundred_people * days * frequency + rng.below(unit)) / unit;
        for _ in 0..count {
            let from = if rng.chance(budget.favour) { lately } else { self.begin };
            let at = working_moment(rng, from, last);
            if self.method == "password" && rng.chance(0.06) {
                for times in 1..=rng.between(1, 3) {
                    let before = at - TimeDelta::seconds(times * 23);
                    if before > self.begin {
                        self.record(rng, before, WrongPassword);
                    }
                }
            }
            self.record(rng, at, SignedIn);
        }
        if self.membership.origin == Origin::Invitation && Some(self.begin) == self.membership.joined_at && last > self.begin {
            self.record(rng, self.begin, SignedIn);
        }
        self.record(rng, last, SignedIn);
    }

    /// Generates failed sign-ins of people who are disabled, or whose temporary password expired.
    fn add_failures(&mut self, rng: &mut Rng, now: Timestamp) {
        if self.membership.status == MemberStatus::Disabled && rng.chance(0.3) {
            for _ in 0..rng.between(1, 4) {
                let at = working_moment(rng, self.membership.status_at, now);
                self.record(rng, at, NotActive);
            }
        }
        let lapsed = self.membership.temporary_until().filter(|until| *until < now);
        if let Some(until) = lapsed.filter(|_| rng.chance(0.4)) {
            let at = working_moment(rng, until.max(now - YEAR), now);
            self.record(rng, at, PasswordExpired);
        }
    }
}

/// One night last week, an attacker tried the passwords of many people from a few addresses.
fn add_password_guessing(rng: &mut Rng, all: &mut Vec<SignIn>, memberships: &[Membership], now: Timestamp) {
    let begin = night(now - TimeDelta::days(9));
    let was_there = |membership: &Membership| membership.has_password() && membership.joined_at.is_some_and(|joined| joined < begin);
    let targets: Vec<usize> = memberships
        .iter()
        .enumerate()
        .filter(|(_, membership)| was_there(membership))
        .map(|(person, _)| person)
        .collect();
    let (addresses, agent) = ([0; 5].map(|_| rng.below(1 << 30)), rng.pick(GUESSING));
    let mut left = (all.len() / 160).clamp(12, 8_000);
    while left > 0 {
        let person = rng.pick(&targets);
        let mut at = begin + TimeDelta::seconds(rng.between(0, 3 * 3_600));
        for attempt in 0..left.min(4 + rng.below(12)) {
            let outcome = if attempt < BURST { WrongPassword } else { Throttled };
            all.push(SignIn { at, person, outcome, method: "password", address: rng.pick(&addresses), agent });
            at = at + TimeDelta::milliseconds(rng.between(200, 1_500));
            left -= 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::demo::memberships::memberships;

    #[test]
    fn a_person_who_was_seen_has_the_line_that_says_so() {
        let now = Timestamp::from_micros(1_800_000_000_000_000).unwrap();
        let memberships = memberships(3, 400, now);
        let all = sign_ins(3, &memberships, now);
        for (person, membership) in memberships.iter().enumerate() {
            let good = all.iter().filter(|sign_in| sign_in.person == person && sign_in.outcome == SignedIn);
            assert_eq!(good.map(|sign_in| sign_in.at).max(), membership.last_sign_in_at);
        }
        assert!(all.iter().all(|sign_in| sign_in.at < now));
        let days = days(&all);
        assert_eq!(days.values().map(|(good, bad)| good + bad).sum::<i64>(), i64::try_from(all.len()).unwrap());
        // The night of guessing stands out.
        assert_eq!(
            days.iter().max_by_key(|(_, (_, bad))| *bad).map(|(day, _)| *day),
            Some((now - TimeDelta::days(9)).day())
        );
    }
}
