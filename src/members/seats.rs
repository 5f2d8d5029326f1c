//! Seats of the plan: which members take one, and how many are left.

use crate::{
    db::{Conn, schema::member_tallies},
    kit::{Fault, MemberKind, MemberStatus, OrganizationId, grouped, noun},
    organizations,
};
use diesel::prelude::*;
use std::fmt;

/// Seats used and allowed in an organization.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seats {
    pub plan: String,
    /// People who are active or invited.
    pub people: i64,
    pub seat_limit: Option<i64>,
    /// System accounts that are not disabled.
    pub system_accounts: i64,
    pub system_account_limit: Option<i64>,
}

impl Seats {
    /// How many more people can be added; `None` means no limit.
    fn left(&self) -> Option<i64> {
        self.seat_limit.map(|limit| (limit - self.people).max(0))
    }
    /// Seats used and allowed for members of that kind; `None` if the plan sets no limit.
    pub fn usage(&self, kind: MemberKind) -> Option<SeatUsage> {
        let (used, limit) = match kind {
            MemberKind::User => (self.people, self.seat_limit),
            MemberKind::SystemAccount => (self.system_accounts, self.system_account_limit),
        };
        limit.map(|limit| SeatUsage { kind, used, limit })
    }
    pub fn has_room(&self) -> bool {
        self.left() != Some(0)
    }
    /// The text of a [`SeatUsage`] when it is full; `None` while seats are free.
    pub fn full(&self, kind: MemberKind) -> Option<String> {
        self.usage(kind).filter(SeatUsage::is_full).map(|seat_usage| seat_usage.to_string())
    }
    /// How many more members of that kind fit, as a sentence; `None` if the plan sets no limit, or if it is reached.
    pub fn free(&self, kind: MemberKind) -> Option<String> {
        self.usage(kind).filter(|seat_usage| !seat_usage.is_full()).map(SeatUsage::free)
    }
    pub fn meters(&self) -> [Meter; 2] {
        [
            Meter::of(["seat", "seats"], self.people, self.seat_limit),
            Meter::of(["system account", "system accounts"], self.system_accounts, self.system_account_limit),
        ]
    }
}

/// How many members of a kind there are, and how many the plan allows. The limit can be lower than the number of
/// members, because a plan can shrink. As text: no more fit, and how to free a seat.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SeatUsage {
    pub kind: MemberKind,
    pub used: i64,
    pub limit: i64,
}

impl SeatUsage {
    fn left(&self) -> i64 {
        (self.limit - self.used).max(0)
    }
    pub fn is_full(&self) -> bool {
        self.left() == 0
    }
    fn free(self) -> String {
        let (one, many, free) = match self.kind {
            MemberKind::User => ("seat", "seats", "free"),
            MemberKind::SystemAccount => ("system account", "system accounts", "left"),
        };
        match self.limit {
            1 => format!("1 {one} is {free}."),
            limit => format!("{} of {} {many} {} {free}.", grouped(self.left()), grouped(limit), noun(self.left(), "is", "are")),
        }
    }
}

impl fmt::Display for SeatUsage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (used, limit, over) = (grouped(self.used), grouped(self.limit), grouped(self.used - self.limit + 1));
        match (self.kind, self.limit) {
            (MemberKind::User, 0) => write!(f, "The plan holds no seats. Ask for a larger plan."),
            (MemberKind::SystemAccount, 0) => write!(f, "The plan holds no system accounts. Ask for a larger plan."),
            (MemberKind::User, _) if self.used > self.limit => write!(
                f,
                "{used} seats are taken and the plan holds {limit}. Disable {over} people or cancel invitations to have room for another, or ask for a larger plan; the disabled take no seat."
            ),
            (MemberKind::SystemAccount, _) if self.used > self.limit => write!(
                f,
                "{used} system accounts are in use and the plan holds {limit}. Disable or delete {over} to have room for another, or ask for a larger plan; the disabled do not count."
            ),
            (MemberKind::User, 1) => write!(f, "The only seat of the plan is taken. Ask for a larger plan; the disabled take no seat."),
            (MemberKind::SystemAccount, 1) => write!(
                f,
                "The only system account of the plan is in use. Disable or delete it if it is not needed any more, or ask for a larger plan; the disabled do not count."
            ),
            (MemberKind::User, _) => write!(
                f,
                "All {limit} seats of the plan are taken. Disable somebody, cancel an invitation, or ask for a larger plan; the disabled take no seat."
            ),
            (MemberKind::SystemAccount, _) => write!(
                f,
                "All {limit} system accounts of the plan are in use. Disable or delete one that is not needed any more, or ask for a larger plan; the disabled do not count."
            ),
        }
    }
}

/// Seats used for one kind of member, for display.
pub struct Meter {
    pub label: &'static str,
    pub used: i64,
    pub limit: Option<i64>,
    pub percent: i64,
    pub is_near: bool,
    pub is_full: bool,
}

impl Meter {
    fn of([one, many]: [&'static str; 2], used: i64, limit: Option<i64>) -> Self {
        let percent = limit.map_or(0, |limit| (100 * used / limit.max(1)).min(100));
        Self {
            label: noun(limit.unwrap_or(used), one, many),
            used,
            limit,
            percent,
            is_near: limit.is_some() && percent >= 90,
            is_full: limit.is_some_and(|limit| used >= limit),
        }
    }
}

/// Reads the seats used and allowed. An operation that relies on the answer must lock the organization first.
///
/// # Errors
/// [`Fault::Missing`].
pub fn seats(conn: &mut Conn, organization: OrganizationId) -> Result<Seats, Fault> {
    let plan = organizations::find(conn, organization)?;
    let tallies = tallies(conn, organization)?;
    let taken = |of: MemberKind| -> i64 {
        let takes = |(kind, status, _): &&DayCount| *kind == of && *status != MemberStatus::Disabled;
        tallies.iter().filter(takes).map(|(.., members)| members).sum()
    };
    Ok(Seats {
        people: taken(MemberKind::User),
        system_accounts: taken(MemberKind::SystemAccount),
        plan: plan.plan,
        seat_limit: plan.seat_limit,
        system_account_limit: plan.system_account_limit,
    })
}

type DayCount = (MemberKind, MemberStatus, i64);

/// Number of members of each kind and status, as database triggers maintain it. A count of zero may be absent.
pub fn tallies(conn: &mut Conn, organization: OrganizationId) -> Result<Vec<DayCount>, Fault> {
    Ok(member_tallies::table
        .filter(member_tallies::organization_id.eq(organization))
        .select((member_tallies::kind, member_tallies::status, member_tallies::members))
        .load(conn)?)
}
