//! The API credentials of the demo: tokens of its system accounts, and API access of some people. Nobody knows the text
//! of any token: the stored digests are random and belong to no known text.

use super::{
    calendar::{moment, working_moment},
    dataset::Dataset,
    rng::{Part, Rng},
};
use crate::{
    kit::{MemberKind, Timestamp},
    tokens::Mode,
};
use chrono::TimeDelta;

/// The owner of a token, by number among its kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Owner {
    Machine(usize),
    Person(usize),
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Token {
    pub owner: Owner,
    pub name: &'static str,
    pub value: Value,
    pub mode: Mode,
    pub created_at: Timestamp,
    /// The number of the person who made it.
    pub created_by: usize,
    pub expires_at: Option<Timestamp>,
    pub revoked_at: Option<Timestamp>,
    pub last_use: Option<Use>,
    /// The previous value, which still works for a while.
    pub old: Option<Old>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Value {
    pub prefix: String,
    pub digest: Vec<u8>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Use {
    pub at: Timestamp,
    pub address: String,
    pub agent: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Old {
    pub value: Value,
    pub regenerated_at: Timestamp,
    pub until: Timestamp,
    pub last_use: Option<Use>,
}

const NAMES: &[&str] = &["pipeline", "production", "nightly", "main", "runner", "new cluster", "webhook"];
const FORMER: &[&str] = &["before the move", "first try", "old server", "migration"];
const AGENTS: &[&str] = &[
    "curl/8.11.1",
    "python-requests/2.32.3",
    "Go-http-client/2.0",
    "GitHub-Actions/2.330",
    "node",
];
const LETTERS: &[u8] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/// The tokens of the system accounts, and one for each person who uses the API.
pub(super) fn tokens(seed: u64, dataset: &Dataset, now: Timestamp) -> Vec<Token> {
    let rng = &mut Rng::of(seed, Part::Tokens);
    let mut all = Vec::new();
    for number in 0..dataset.system_accounts.len() {
        of_machine(rng, dataset, number, now, &mut all);
    }
    for (number, membership) in dataset.memberships.iter().enumerate() {
        if let (Some(joined), Some(used)) = (membership.joined_at, membership.last_api_use_at) {
            let created_at = moment(rng, joined, used);
            all.push(Token {
                created_by: number,
                last_use: Some(call(rng, used)),
                expires_at: rng.chance(0.6).then(|| later(rng, used.max(now - TimeDelta::days(20)), 300)),
                ..token(rng, Owner::Person(number), "my scripts", created_at)
            });
        }
    }
    all
}

fn of_machine(rng: &mut Rng, dataset: &Dataset, number: usize, now: Timestamp, all: &mut Vec<Token>) {
    let account = &dataset.system_accounts[number].membership;
    let used = account.last_api_use_at;
    let name = rng.pick(NAMES);
    let created_at = working_moment(rng, account.created_at, used.unwrap_or(now));
    let mut first = token(rng, Owner::Machine(number), name, created_at);
    first.created_by = account.created_by;
    // The first one provisions people, and so writes.
    first.mode = if rng.chance(0.5) || number == 0 {
        Mode::ReadWrite
    } else {
        Mode::Read
    };
    first.last_use = used.map(|at| call(rng, at));
    // One in twelve expires soon, and one in twelve was just regenerated; so the smallest demo has one of each.
    let (end, soon) = (later(rng, now + TimeDelta::days(30), 330), later(rng, now, 9));
    first.expires_at = match number % 12 {
        1 => Some(soon),
        _ => rng.chance(0.65).then_some(end),
    };
    if number % 12 == 2 {
        let regenerated_at = (now - TimeDelta::hours(rng.between(2, 20))).max(created_at);
        let before = used.map(|at| at.min(regenerated_at)).filter(|at| *at >= created_at);
        first.last_use = first.last_use.filter(|last| last.at >= regenerated_at);
        first.old = Some(Old {
            value: value(rng, first.owner),
            regenerated_at,
            until: regenerated_at + TimeDelta::hours(24),
            last_use: before.map(|at| call(rng, at)),
        });
    }
    let is_second = matches!(number % 12, 3 | 4) || rng.chance(0.3);
    all.push(first);
    if is_second {
        let created_at = moment(rng, account.created_at, created_at);
        let end = moment(rng, created_at, now);
        let has_expired = number % 12 == 3 || (number % 12 != 4 && rng.chance(0.5));
        let seen = used.map(|used| moment(rng, created_at, used.min(end).max(created_at)));
        let name = rng.pick(FORMER);
        all.push(Token {
            created_by: account.created_by,
            expires_at: has_expired.then_some(end),
            revoked_at: (!has_expired).then_some(end),
            last_use: seen.map(|at| call(rng, at)),
            ..token(rng, Owner::Machine(number), name, created_at)
        });
    }
}

fn token(rng: &mut Rng, owner: Owner, name: &'static str, created_at: Timestamp) -> Token {
    Token {
        owner,
        name,
        value: value(rng, owner),
        mode: Mode::Read,
        created_at,
        created_by: 0,
        expires_at: None,
        revoked_at: None,
        last_use: None,
        old: None,
    }
}

fn value(rng: &mut Rng, owner: Owner) -> Value {
    let shown: String = (0..8).map(|_| char::from(rng.pick(LETTERS))).collect();
    let kind = match owner {
        Owner::Machine(_) => MemberKind::SystemAccount,
        Owner::Person(_) => MemberKind::User,
    };
    Value {
        prefix: format!("rst_{}_{shown}", if kind.is_machine() { 's' } else { 'u' }),
        digest: (0..32).map(|_| u8::try_from(rng.below(256)).unwrap_or_default()).collect(),
    }
}

fn later(rng: &mut Rng, from: Timestamp, days: i64) -> Timestamp {
    moment(rng, from + TimeDelta::hours(12), from + TimeDelta::days(days))
}

fn call(rng: &mut Rng, at: Timestamp) -> Use {
    Use {
        at,
        address: format!("203.0.113.{}", 1 + rng.below(254)),
        agent: rng.pick(AGENTS),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::demo::model::Size;

    #[test]
    fn a_small_demo_has_each_kind_of_token_and_nothing_before_its_cause() {
        let now = Timestamp::from_micros(1_800_000_000_000_000).unwrap();
        for (seed, members) in [(1, 300), (2, 300), (3, 2_000)] {
            let dataset = Dataset::generate(Size { members, seed }, now);
            let all = tokens(seed, &dataset, now);
            assert_eq!(all, tokens(seed, &dataset, now));
            let any = |is: fn(&Token, Timestamp) -> bool| all.iter().any(|token| is(token, now));
            assert!(any(|token, now| token.expires_at.is_some_and(|at| at > now && at < now + TimeDelta::days(10))));
            assert!(any(|token, now| token.expires_at.is_some_and(|at| at < now)));
            assert!(any(|token, _| token.old.is_some()) && any(|token, _| token.revoked_at.is_some()));
            assert!(any(|token, _| matches!(token.owner, Owner::Person(_))));
            for token in &all {
                let used = token.last_use.as_ref().map_or(token.created_at, |used| used.at);
                assert!(token.created_at <= used && used <= now, "{token:?}");
                assert!(token.revoked_at.or(token.expires_at).is_none_or(|end| used <= end), "{token:?}");
            }
        }
    }
}
