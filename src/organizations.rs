//! Organizations and their plans: the tenant, and how many seats it has.

use crate::{
    audit::{self, Event},
    db::{Conn, MultiBackend, Tx, schema::organizations},
    kit::{Fault, OrganizationId, Scope, Timestamp},
};
use diesel::prelude::*;
use serde_json::json;

/// A tenant: a company's directory.
#[derive(Queryable, Selectable, Clone, Debug)]
#[diesel(table_name = organizations, check_for_backend(MultiBackend))]
pub struct Organization {
    pub id: OrganizationId,
    pub name: String,
    pub plan: String,
    /// People who are active or invited; `None` is unlimited.
    pub seat_limit: Option<i64>,
    pub system_account_limit: Option<i64>,
    pub two_step_required: bool,
    /// The end of the grace period.
    pub two_step_from: Option<Timestamp>,
}

/// Limits of an organization.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plan {
    pub name: String,
    pub seat_limit: Option<i64>,
    pub system_account_limit: Option<i64>,
}

impl Default for Plan {
    /// Whoever runs Roster for themselves has no limits.
    fn default() -> Self {
        Self {
            name: "Unlimited".into(),
            seat_limit: None,
            system_account_limit: None,
        }
    }
}

/// A session ends after so long without a request, and after so long at all (ASVS 5.0, 7.3).
pub const IDLE_MINUTES: i64 = 8 * 60;
pub const ABSOLUTE_MINUTES: i64 = 24 * 60;

/// # Errors
/// [`Fault::Missing`], or what the database says.
pub fn find(conn: &mut Conn, id: OrganizationId) -> Result<Organization, Fault> {
    Ok(organizations::table.find(id).select(Organization::as_select()).first(conn)?)
}

/// Whether any organization was founded here.
///
/// # Errors
/// What the database says.
pub fn is_any(conn: &mut Conn) -> Result<bool, Fault> {
    Ok(organizations::table
        .select(organizations::id)
        .first::<OrganizationId>(conn)
        .optional()?
        .is_some())
}

/// # Errors
/// What the database says.
pub fn insert(tx: &mut Tx<'_>, name: &str, plan: &Plan, now: Timestamp) -> Result<OrganizationId, Fault> {
    let id = OrganizationId::new(now);
    diesel::insert_into(organizations::table)
        .values((
            organizations::id.eq(id),
            organizations::name.eq(name),
            organizations::plan.eq(&plan.name),
            organizations::seat_limit.eq(plan.seat_limit),
            organizations::system_account_limit.eq(plan.system_account_limit),
            organizations::idle_minutes.eq(IDLE_MINUTES),
            organizations::absolute_minutes.eq(ABSOLUTE_MINUTES),
            organizations::created_at.eq(now),
        ))
        .execute(tx.conn())?;
    Ok(id)
}

/// Asks everybody for a second factor from that instant on, or nobody.
///
/// # Errors
/// [`Fault::Denied`], [`Fault::Missing`], or what the database says.
pub fn require_two_step(tx: &mut Tx<'_>, scope: &Scope, from: Option<Timestamp>) -> Result<(), Fault> {
    scope.demand("organization", "manage")?;
    let before = lock(tx, scope.organization)?;
    diesel::update(organizations::table.find(scope.organization))
        .set((
            organizations::two_step_required.eq(from.is_some()),
            organizations::two_step_from.eq(from),
        ))
        .execute(tx.conn())?;
    let told = |required: bool, from: Option<Timestamp>| json!({ "required": required, "from": from.map(Timestamp::iso) });
    let action = if from.is_some() {
        "organization.two_step_required"
    } else {
        "organization.two_step_released"
    };
    let event = Event::new(action, "organization", scope.organization.0, &before.name)
        .before(told(before.two_step_required, before.two_step_from))
        .after(told(from.is_some(), from));
    audit::record(tx, scope, event)
}

/// Makes every other operation that locks the same organization wait until this transaction ends: for what is checked
/// and then done, such as counting seats. SQLite has one writer anyway.
///
/// # Errors
/// [`Fault::Missing`], or what the database says.
pub fn lock(tx: &mut Tx<'_>, id: OrganizationId) -> Result<Organization, Fault> {
    if let Conn::Pg(c) = tx.conn() {
        organizations::table
            .find(id)
            .select(organizations::id)
            .for_no_key_update()
            .first::<OrganizationId>(c)?;
    }
    find(tx, id)
}
