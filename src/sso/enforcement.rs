//! Whether an organization admits people through its identity providers only: who would be shut out, what has to be true
//! before, and the switch.

use crate::{
    connections,
    db::{
        Conn, Tx,
        schema::{connections as connection_rows, identities as identity_rows, members as member_rows},
    },
    identities::LinkedHow,
    kit::{Fault, MemberId, MemberKind, MemberStatus, OperationError, OrganizationId, Scope, Timestamp, rights},
    mail::Outbox,
    members::{self, BREAK_GLASS_RECENT_DAYS, BreakGlassAdministrator},
    organizations::{self, Organization},
    sessions::{AdministratorNotice, tell_administrators},
};
use chrono::TimeDelta;
use diesel::{
    dsl::{exists, not},
    prelude::*,
};

/// How long ago the caller may have shown that they can sign in through a connection.
const PROVEN_FOR: TimeDelta = TimeDelta::hours(1);
/// How many people a page names.
const NAMED: i64 = 10;

/// Why single sign-on cannot be required.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum RequireRefusal {
    #[error("Sign in or run a test through an enabled connection as yourself first, or you could lock yourself out.")]
    NotProven,
    #[error(
        "Name a break-glass administrator first who has a password and a second factor, and signed in with both in the last {BREAK_GLASS_RECENT_DAYS} days."
    )]
    NoBreakGlass,
}

/// What has to be true before single sign-on is required.
#[derive(Clone, Debug)]
pub struct Conditions {
    /// When the caller last showed in the last hour that they can sign in through an enabled connection.
    pub proven_at: Option<Timestamp>,
    /// A break-glass administrator who showed lately that they can enter.
    pub break_glass: Option<String>,
}

impl Conditions {
    pub fn refusal(&self) -> Option<RequireRefusal> {
        match self {
            Self { proven_at: None, .. } => Some(RequireRefusal::NotProven),
            Self { break_glass: None, .. } => Some(RequireRefusal::NoBreakGlass),
            _ => None,
        }
    }
}

fn conditions(conn: &mut Conn, scope: &Scope, administrators: &[BreakGlassAdministrator]) -> Result<Conditions, Fault> {
    let ready = administrators.iter().find(|one| one.can_enter() && one.last_entered_at.is_some());
    Ok(Conditions {
        proven_at: proven_at(conn, scope)?,
        break_glass: ready.map(|one| one.name.clone()),
    })
}

fn proven_at(conn: &mut Conn, scope: &Scope) -> Result<Option<Timestamp>, Fault> {
    let Some(user) = scope.actor.user_id() else {
        return Ok(None);
    };
    let all = connections::with_identities_of(conn, scope.organization, user)?;
    let own = all
        .into_iter()
        .filter(|(connection, _)| connection.is_enabled())
        .filter_map(|(_, identity)| identity);
    let at = own.flat_map(|identity| {
        // Who connects an identity has just signed in at the provider.
        let linked = Some(identity.linked_at).filter(|_| identity.linked_how == LinkedHow::Themselves);
        identity.last_used_at.into_iter().chain(linked)
    });
    Ok(at.max().filter(|at| scope.now() - *at <= PROVEN_FOR))
}

/// The people whom the requirement shuts out: active, no identity at an enabled connection, no break-glass administrators.
#[derive(Clone, Debug)]
pub struct ShutOut {
    pub count: i64,
    /// The first ones by name.
    pub first: Vec<(MemberId, String)>,
}

impl ShutOut {
    /// How many are not named.
    pub fn others(&self) -> i64 {
        self.count - i64::try_from(self.first.len()).unwrap_or(0)
    }
}

fn shut_out(conn: &mut Conn, organization: OrganizationId) -> Result<ShutOut, Fault> {
    let own = identity_rows::table
        .inner_join(connection_rows::table)
        .filter(identity_rows::organization_id.eq(organization))
        .filter(identity_rows::user_id.nullable().eq(member_rows::user_id))
        .filter(connection_rows::status.eq("enabled"));
    let rows = member_rows::table
        .filter(member_rows::organization_id.eq(organization))
        .filter(member_rows::kind.eq(MemberKind::User))
        .filter(member_rows::status.eq(MemberStatus::Active))
        .filter(not(member_rows::enters_without_sso))
        .filter(not(exists(own)));
    Ok(ShutOut {
        count: rows.count().get_result(conn)?,
        first: rows
            .order((member_rows::name_key, member_rows::id))
            .select((member_rows::id, member_rows::name))
            .limit(NAMED)
            .load(conn)?,
    })
}

/// Whether the organization requires single sign-on, and whom that concerns.
#[derive(Clone, Debug)]
pub struct Requirement {
    pub organization: Organization,
    pub conditions: Conditions,
    /// Every Administrator who is or could be a break-glass administrator.
    pub administrators: Vec<BreakGlassAdministrator>,
    pub shut_out: ShutOut,
}

/// Reads whether the organization requires single sign-on.
///
/// # Errors
/// [`Fault::Denied`].
pub fn requirement(conn: &mut Conn, scope: &Scope) -> Result<Requirement, Fault> {
    scope.demand(rights::CONNECTION_MANAGE)?;
    let administrators = members::administrators(conn, scope)?;
    Ok(Requirement {
        organization: organizations::find(conn, scope.organization)?,
        conditions: conditions(conn, scope, &administrators)?,
        administrators,
        shut_out: shut_out(conn, scope.organization)?,
    })
}

/// Lets people in through the organization's identity providers only, from that instant on; `None` lets them in any way.
/// Sessions that began otherwise end with that: they are judged at every request. Tells all administrators.
///
/// # Errors
/// A [`RequireRefusal`] or [`Fault::Denied`].
pub fn require(tx: &mut Tx<'_>, scope: &Scope, outbox: &Outbox, from: Option<Timestamp>) -> Result<(), OperationError<RequireRefusal>> {
    let scope = &members::reauthorize(tx, scope)?;
    scope.demand(rights::CONNECTION_MANAGE)?;
    if from.is_some() {
        let administrators = members::administrators(tx, scope)?;
        if let Some(refusal) = conditions(tx, scope, &administrators)?.refusal() {
            return Err(OperationError::Refused(refusal));
        }
    }
    organizations::require_sso(tx, scope, from)?;
    let name = organizations::find(tx, scope.organization)?.name;
    let by = scope.actor.name();
    let (kind, title, what) = match from {
        Some(from) => (
            "sso.required",
            format!("{name} requires single sign-on"),
            format!(
                "{by} decided that from {} on {name} lets people in through its identity provider only.",
                from.exact()
            ),
        ),
        None => (
            "sso.not_required",
            format!("{name} no longer requires single sign-on"),
            format!("{by} decided that people enter {name} with their own passwords and passkeys again."),
        ),
    };
    let notice = AdministratorNotice { kind, title: &title, what: &what, page: "/settings/connections/requirement" };
    Ok(tell_administrators(tx, outbox, scope.organization, &notice, &scope.request_info)?)
}
