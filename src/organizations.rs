//! Organizations: the tenant, its plan limits, and the rules that it sets for itself.

use crate::{
    audit::{self, Event},
    db::{Conn, MultiBackend, Tx, schema::organizations},
    kit::{Fault, OperationError, OrganizationId, Scope, Timestamp, rights},
};
use diesel::prelude::*;
use serde_json::{Map, Value, json};

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
    /// When the grace period ends.
    pub two_step_from: Option<Timestamp>,
    /// From this instant people enter through its identity providers only, if at all.
    pub sso_from: Option<Timestamp>,
}

impl Organization {
    /// Whether people need a second factor now.
    pub fn demands_two_step(&self, now: Timestamp) -> bool {
        self.two_step_required && self.two_step_from.is_none_or(|from| from <= now)
    }
}

/// Limits of an organization.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plan {
    pub name: String,
    pub seat_limit: Option<i64>,
    pub system_account_limit: Option<i64>,
}

impl Default for Plan {
    /// An operator's own organization has no limits.
    fn default() -> Self {
        Self { name: "Unlimited".into(), seat_limit: None, system_account_limit: None }
    }
}

/// Default session limits: idle time, and total lifetime (ASVS 5.0, 7.3).
pub const IDLE_MINUTES: i64 = 8 * 60;
pub const ABSOLUTE_MINUTES: i64 = 24 * 60;

/// # Errors
/// [`Fault::Missing`].
pub fn find(conn: &mut Conn, id: OrganizationId) -> Result<Organization, Fault> {
    Ok(organizations::table.find(id).select(Organization::as_select()).first(conn)?)
}

/// Whether this deployment has any organization.
pub fn is_any(conn: &mut Conn) -> Result<bool, Fault> {
    Ok(organizations::table.select(organizations::id).first::<OrganizationId>(conn).optional()?.is_some())
}

/// All organizations of this deployment, by name. For the operator only.
pub fn list(conn: &mut Conn) -> Result<Vec<Organization>, Fault> {
    let all = organizations::table.order((organizations::name, organizations::id));
    Ok(all.select(Organization::as_select()).load(conn)?)
}

/// The organization of a deployment that holds one only.
pub fn only(conn: &mut Conn) -> Result<Option<OrganizationId>, Fault> {
    let first: Vec<OrganizationId> = organizations::table.select(organizations::id).limit(2).load(conn)?;
    Ok(match first[..] {
        [only] => Some(only),
        _ => None,
    })
}

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

/// Requires a second factor from everybody from that instant on; `None` requires it from nobody.
///
/// # Errors
/// [`Fault::Denied`] or [`Fault::Missing`].
pub fn require_two_step(tx: &mut Tx<'_>, scope: &Scope, from: Option<Timestamp>) -> Result<(), Fault> {
    scope.demand(rights::ORGANIZATION_MANAGE)?;
    let before = lock(tx, scope.organization)?;
    diesel::update(organizations::table.find(scope.organization))
        .set((organizations::two_step_required.eq(from.is_some()), organizations::two_step_from.eq(from)))
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

/// Lets people in through identity providers only, from that instant on; `None` lets them in any way.
///
/// # Errors
/// [`Fault::Denied`] or [`Fault::Missing`].
pub fn require_sso(tx: &mut Tx<'_>, scope: &Scope, from: Option<Timestamp>) -> Result<(), Fault> {
    scope.demand(rights::CONNECTION_MANAGE)?;
    let before = lock(tx, scope.organization)?;
    diesel::update(organizations::table.find(scope.organization))
        .set(organizations::sso_from.eq(from))
        .execute(tx.conn())?;
    let told = |from: Option<Timestamp>| json!({ "required": from.is_some(), "from": from.map(Timestamp::iso) });
    let action = if from.is_some() { "sso.required" } else { "sso.not_required" };
    let event = Event::new(action, "organization", scope.organization.0, &before.name);
    audit::record(tx, scope, event.before(told(before.sso_from)).after(told(from)))
}

/// Makes every other operation that locks the same organization wait until this transaction ends. For operations that
/// check and then act, such as counting seats. SQLite has only one writer, so it needs no lock.
///
/// # Errors
/// [`Fault::Missing`].
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

/// Makes operations that [`lock`] the same organization wait until this transaction ends, but no others that share it: for
/// changes that need nothing but the caller's permissions to stay as they are.
///
/// # Errors
/// [`Fault::Missing`].
pub fn lock_shared(tx: &mut Tx<'_>, id: OrganizationId) -> Result<(), Fault> {
    if let Conn::Pg(c) = tx.conn() {
        organizations::table.find(id).select(organizations::id).for_share().first::<OrganizationId>(c)?;
    }
    Ok(())
}

/// Makes everybody wait who changes or adds anything in the organization until this transaction ends, and waits for those
/// who did. Before it is deleted.
///
/// # Errors
/// [`Fault::Missing`].
pub fn lock_to_delete(tx: &mut Tx<'_>, id: OrganizationId) -> Result<(), Fault> {
    if let Conn::Pg(c) = tx.conn() {
        organizations::table.find(id).select(organizations::id).for_update().first::<OrganizationId>(c)?;
    }
    Ok(())
}

/// Deletes the organization, with all that foreign keys tie to it. Its audit trail is deleted before.
///
/// # Errors
/// [`Fault::Missing`].
pub fn delete(tx: &mut Tx<'_>, id: OrganizationId) -> Result<(), Fault> {
    match diesel::delete(organizations::table.find(id)).execute(tx.conn())? {
        1 => Ok(()),
        _ => Err(Fault::Missing),
    }
}

/// The settings that an organization decides for itself.
#[derive(Queryable, Selectable, AsChangeset, Clone, Debug, PartialEq, Eq)]
#[diesel(table_name = organizations, check_for_backend(MultiBackend), treat_none_as_null = true)]
pub struct Settings {
    pub name: String,
    /// A session ends after this idle time, and after this total lifetime.
    pub idle_minutes: i64,
    pub absolute_minutes: i64,
    /// Minimum length of passwords, when it is more than Roster's own.
    pub password_minimum: Option<i64>,
    /// The longest lifetime of a new token, in days.
    pub token_days_max: Option<i64>,
}

impl Settings {
    /// The values that differ, before and after, keyed by their names in the audit trail.
    fn difference(&self, other: &Self) -> (Map<String, Value>, Map<String, Value>) {
        let facts = |settings: &Self| {
            [
                ("name", json!(settings.name)),
                ("idle_minutes", json!(settings.idle_minutes)),
                ("absolute_minutes", json!(settings.absolute_minutes)),
                ("password_minimum", json!(settings.password_minimum)),
                ("token_days_max", json!(settings.token_days_max)),
            ]
        };
        let pairs = facts(self).into_iter().zip(facts(other)).filter(|(before, after)| before != after);
        let (mut before, mut after) = (Map::new(), Map::new());
        for ((name, old), (_, new)) in pairs {
            before.insert(name.into(), old);
            after.insert(name.into(), new);
        }
        (before, after)
    }
}

/// The settings and their version.
///
/// # Errors
/// [`Fault::Denied`] or [`Fault::Missing`].
pub fn settings(conn: &mut Conn, scope: &Scope) -> Result<(Settings, i64), Fault> {
    scope.demand(rights::ORGANIZATION_READ)?;
    let row = organizations::table.find(scope.organization);
    Ok(row.select((Settings::as_select(), organizations::version)).first(conn)?)
}

/// Another person saved a newer version after this one was read.
#[derive(Debug, PartialEq, Eq)]
pub struct ChangedMeanwhile;

/// Saves settings over the version that the caller saw, and returns whether anything changed.
///
/// # Errors
/// [`ChangedMeanwhile`], [`Fault::Denied`] or [`Fault::Missing`].
pub fn change(tx: &mut Tx<'_>, scope: &Scope, wanted: &Settings, seen: i64) -> Result<bool, OperationError<ChangedMeanwhile>> {
    scope.demand(rights::ORGANIZATION_MANAGE)?;
    lock(tx, scope.organization)?;
    let (present, version) = settings(tx, scope)?;
    if version != seen {
        return Err(OperationError::Refused(ChangedMeanwhile));
    }
    if present == *wanted {
        return Ok(false);
    }
    diesel::update(organizations::table.find(scope.organization))
        .set((wanted, organizations::version.eq(version + 1)))
        .execute(tx.conn())?;
    let (before, after) = present.difference(wanted);
    let event = Event::new("organization.changed", "organization", scope.organization.0, &wanted.name);
    audit::record(tx, scope, event.before(before.into()).after(after.into()))?;
    Ok(true)
}

/// Changes the plan of an organization. For the operator only.
///
/// # Errors
/// [`Fault::Missing`].
pub fn change_plan(tx: &mut Tx<'_>, scope: &Scope, plan: &Plan) -> Result<(), Fault> {
    let present = lock(tx, scope.organization)?;
    diesel::update(organizations::table.find(scope.organization))
        .set((
            organizations::plan.eq(&plan.name),
            organizations::seat_limit.eq(plan.seat_limit),
            organizations::system_account_limit.eq(plan.system_account_limit),
        ))
        .execute(tx.conn())?;
    let facts =
        |name: &str, seats: Option<i64>, accounts: Option<i64>| json!({ "plan": name, "seats": seats, "system_accounts": accounts });
    let event = Event::new("organization.plan_changed", "organization", present.id.0, &present.name)
        .before(facts(&present.plan, present.seat_limit, present.system_account_limit))
        .after(facts(&plan.name, plan.seat_limit, plan.system_account_limit));
    audit::record(tx, scope, event)
}
