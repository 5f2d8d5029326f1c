//! Roles: named sets of permissions, predefined or the organization's own; the catalogue of permissions; and
//! application permissions. A higher module (`access`) decides who may change a role.

mod application;
mod catalogue;
mod names;
mod predefined;
mod store;

pub use application::{ApplicationPermission, application_permissions, declare, describe, holding, withdraw};
pub use catalogue::{CATALOGUE, Known, Resource, is_known, is_rosters, opens_roster, rules};
pub use names::is_reserved;
pub use predefined::Predefined;
pub use store::{Content, count, delete, find, insert, list, named, names_for, page, update};

use crate::{
    db::{Conn, Tx, keyset::KeyCursor, schema::roles},
    kit::{Fault, MemberKind, OrganizationId, Permissions, RoleId, Timestamp, fold},
};
use diesel::prelude::*;

/// Whether an assignment is in force at an instant: it has no end, or ends later. Takes the column with the end, so that
/// aliased tables ask the same question. `authorization::PERMISSIONS_SQL` says it in SQL.
macro_rules! in_force {
    ($until:expr, $now:expr) => {
        $until.is_null().or($until.gt(Some($now))).assume_not_null()
    };
}
pub(crate) use in_force;

/// A role with its permissions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Role {
    pub id: RoleId,
    pub name: String,
    pub description: String,
    pub predefined: Option<Predefined>,
    pub permissions: Permissions,
    /// Incremented by each change.
    pub version: i64,
}

/// The id of the Administrator role among these roles of an organization.
pub fn administrator(roles: &[Role]) -> Option<RoleId> {
    roles.iter().find(|role| role.is_administrator()).map(|role| role.id)
}

impl Role {
    /// Its place in the list of roles.
    pub fn cursor(&self) -> KeyCursor<RoleId> {
        KeyCursor(fold::list_key(&self.name), self.id)
    }
    pub fn is_administrator(&self) -> bool {
        self.predefined == Some(Predefined::Administrator)
    }
    /// Whether the role holds an administrative permission. The Administrator holds all.
    pub fn rules(&self) -> bool {
        self.permissions.iter().any(rules)
    }
    /// Whether members of that kind can hold it. The organization's own roles are for all kinds.
    pub fn is_for(&self, kind: MemberKind) -> bool {
        self.predefined.is_none_or(|which| which.is_for(kind))
    }
    pub fn is_for_people(&self) -> bool {
        self.is_for(MemberKind::User)
    }
    /// Whether it is assigned by an administrator. One role is not: it follows from being a team administrator.
    pub fn is_granted(&self) -> bool {
        self.predefined != Some(Predefined::TeamAdministrator)
    }
    pub fn is_editable(&self) -> bool {
        self.predefined.is_none_or(Predefined::is_editable)
    }
}

/// The permissions among these texts. One that cannot be parsed allows nothing.
pub fn read(texts: &[String]) -> Permissions {
    texts.iter().filter_map(|text| text.parse().ok()).collect()
}

/// The id of a predefined role in this organization.
///
/// # Errors
/// [`Fault::Missing`].
pub fn predefined(conn: &mut Conn, organization: OrganizationId, which: Predefined) -> Result<RoleId, Fault> {
    let rows = roles::table
        .filter(roles::organization_id.eq(organization))
        .filter(roles::predefined.eq(Some(which)));
    Ok(rows.select(roles::id).first(conn)?)
}

/// Inserts the predefined roles of a new organization.
pub fn insert_predefined(tx: &mut Tx<'_>, organization: OrganizationId, now: Timestamp) -> Result<(), Fault> {
    for which in Predefined::ALL {
        insert(tx, organization, Some(which), which.name(), which.description(), which.permissions(), now)?;
    }
    Ok(())
}
