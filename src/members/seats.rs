//! Seats of the plan: who takes one, and how many are left.

use super::model::MemberStatus;
use crate::{
    db::{Conn, schema::member_tallies},
    kit::{Fault, MemberKind, OrganizationId},
    organizations,
    web::grouped,
};
use diesel::prelude::*;

/// How full an organization is.
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
    /// How many more people fit; `None` is any number.
    pub fn left(&self) -> Option<i64> {
        self.seat_limit.map(|limit| (limit - self.people).max(0))
    }
    /// How many more members of that kind fit, and how many do in all; `None` is any number.
    pub fn left_of(&self, kind: MemberKind) -> Option<(i64, i64)> {
        let (used, limit) = match kind {
            MemberKind::User => (self.people, self.seat_limit),
            MemberKind::SystemAccount => (self.system_accounts, self.system_account_limit),
        };
        limit.map(|limit| ((limit - used).max(0), limit))
    }
    pub fn has_room(&self) -> bool {
        self.left() != Some(0)
    }
    /// [`full`], once it is so; nothing while some fit.
    pub fn full(&self, kind: MemberKind) -> Option<String> {
        let (left, limit) = self.left_of(kind)?;
        if left > 0 {
            return None;
        }
        Some(full(kind, limit))
    }
    pub fn meters(&self) -> [Meter; 2] {
        [
            Meter::of(["seat", "seats"], self.people, self.seat_limit),
            Meter::of(
                ["system account", "system accounts"],
                self.system_accounts,
                self.system_account_limit,
            ),
        ]
    }
}

/// That no more members of that kind fit into a plan for so many, and what makes room.
pub fn full(kind: MemberKind, limit: i64) -> String {
    match (kind, limit) {
        (MemberKind::User, 1) => "The only seat of the plan is taken. Ask for a larger plan; the disabled take no seat.".to_owned(),
        (MemberKind::User, _) => format!(
            "All {} seats of the plan are taken. Disable somebody, cancel an invitation, or ask for a larger plan; the disabled take no seat.",
            grouped(limit)
        ),
        (MemberKind::SystemAccount, 0) => "The plan holds no system accounts. Ask for a larger plan.".to_owned(),
        (MemberKind::SystemAccount, _) => format!(
            "All {} system accounts of the plan are in use. Disable or delete one that is not needed any more, or ask for a larger plan; the disabled do not count.",
            grouped(limit)
        ),
    }
}

/// How full the plan is with one kind of member.
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
            label: if limit.is_none() && used == 1 { one } else { many },
            used,
            limit,
            percent,
            is_near: limit.is_some() && percent >= 90,
            is_full: limit.is_some_and(|limit| used >= limit),
        }
    }
}

/// Reads how full it is. Operations that act on the answer lock the organization first.
///
/// # Errors
/// [`Fault::Missing`], or what the database says.
pub fn seats(conn: &mut Conn, organization: OrganizationId) -> Result<Seats, Fault> {
    let plan = organizations::find(conn, organization)?;
    let tallies = tallies(conn, organization)?;
    let taken = |of: MemberKind| -> i64 {
        let takes = |(kind, status, _): &&Tally| *kind == of && *status != MemberStatus::Disabled;
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

type Tally = (MemberKind, MemberStatus, i64);

/// How many members of each kind have which status, as the database's triggers keep it; what nobody is may be left out.
///
/// # Errors
/// What the database says.
pub(super) fn tallies(conn: &mut Conn, organization: OrganizationId) -> Result<Vec<Tally>, Fault> {
    Ok(member_tallies::table
        .filter(member_tallies::organization_id.eq(organization))
        .select((member_tallies::kind, member_tallies::status, member_tallies::members))
        .load(conn)?)
}
