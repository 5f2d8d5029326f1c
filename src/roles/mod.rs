//! Roles: named sets of permissions, predefined or the organization's own; the permissions there are; and what
//! applications add to them. Who may change a role is decided in a higher module (`access`).

mod application;
mod catalogue;
mod names;
mod predefined;
mod store;

pub use application::{ApplicationPermission, application_permissions, declare, explain, holding, withdraw};
pub use catalogue::{CATALOGUE, Known, Resource, is_known, is_rosters, opens_roster, rules};
pub use names::is_reserved;
pub use predefined::Predefined;
pub use store::{Content, delete, find, insert, list, named, update};

use crate::{
    db::{Conn, Tx, schema::roles},
    kit::{Fault, MemberKind, OrganizationId, Permissions, RoleId, Timestamp},
};
use diesel::prelude::*;

/// A role with what it allows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Role {
    pub id: RoleId,
    pub name: String,
    pub description: String,
    pub predefined: Option<Predefined>,
    pub permissions: Permissions,
    /// Counts its changes.
    pub version: i64,
}

impl Role {
    pub fn is_administrator(&self) -> bool {
        self.predefined == Some(Predefined::Administrator)
    }
    /// Whether it rules over something, as the Administrator over everything.
    pub fn rules(&self) -> bool {
        self.permissions.iter().any(rules)
    }
    /// Whether members of that kind are given it. The organization's own are for all.
    pub fn is_for(&self, kind: MemberKind) -> bool {
        self.predefined.is_none_or(|which| which.is_for(kind))
    }
    pub fn is_for_people(&self) -> bool {
        self.is_for(MemberKind::User)
    }
    /// Whether it is given by hand: one follows from being administrator of a team.
    pub fn is_granted(&self) -> bool {
        self.predefined != Some(Predefined::TeamAdministrator)
    }
    pub fn is_editable(&self) -> bool {
        self.predefined.is_none_or(Predefined::is_editable)
    }
}

/// The permissions among these texts. One that cannot be read allows nothing.
pub fn read(texts: &[String]) -> Permissions {
    texts.iter().filter_map(|text| text.parse().ok()).collect()
}

/// The predefined role of an organization.
///
/// # Errors
/// [`Fault::Missing`], or what the database says.
pub fn predefined(conn: &mut Conn, organization: OrganizationId, which: Predefined) -> Result<RoleId, Fault> {
    let rows = roles::table
        .filter(roles::organization_id.eq(organization))
        .filter(roles::predefined.eq(Some(which)));
    Ok(rows.select(roles::id).first(conn)?)
}

/// Gives a new organization its predefined roles.
///
/// # Errors
/// What the database says.
pub fn insert_predefined(tx: &mut Tx<'_>, organization: OrganizationId, now: Timestamp) -> Result<(), Fault> {
    for which in Predefined::ALL {
        insert(
            tx,
            organization,
            Some(which),
            which.name(),
            which.description(),
            which.permissions(),
            now,
        )?;
    }
    Ok(())
}
