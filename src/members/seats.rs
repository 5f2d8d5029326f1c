//! Seats of the plan: who takes one, and how many are left.

use super::model::{MemberKind, MemberStatus};
use crate::{
    db::{Conn, schema::members},
    kit::{Fault, OrganizationId},
    organizations,
};
use diesel::{dsl::count_star, prelude::*};

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
}

/// Counts. Operations that act on the answer lock the organization first.
///
/// # Errors
/// [`Fault::Missing`], or what the database says.
pub fn seats(conn: &mut Conn, organization: OrganizationId) -> Result<Seats, Fault> {
    let plan = organizations::find(conn, organization)?;
    // One count for each kind: together they would not be read from one index alone.
    let mut count = |kind: MemberKind| -> Result<i64, Fault> {
        Ok(members::table
            .filter(members::organization_id.eq(organization))
            .filter(members::kind.eq(kind))
            .filter(members::status.eq_any([MemberStatus::Active, MemberStatus::Invited]))
            .select(count_star())
            .first(conn)?)
    };
    Ok(Seats {
        people: count(MemberKind::User)?,
        system_accounts: count(MemberKind::SystemAccount)?,
        plan: plan.plan,
        seat_limit: plan.seat_limit,
        system_account_limit: plan.system_account_limit,
    })
}
