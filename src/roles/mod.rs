//! Roles: named sets of permissions, predefined or the organization's own.

mod application;

pub use application::{ApplicationPermission, application_permissions, declare, explain, holding, withdraw};

use crate::{
    db::{
        Conn, Tx,
        schema::{role_permissions, roles},
    },
    kit::{Fault, OrganizationId, Permissions, RoleId, Timestamp, fold},
    text_enum,
};
use diesel::prelude::*;
use std::collections::BTreeMap;

text_enum! {
    /// The roles every organization has from its first day.
    pub enum Predefined {
        Administrator = "administrator",
        User = "user",
        Viewer = "viewer",
        CiCd = "ci_cd",
        TeamAdministrator = "team_administrator",
        Scim = "scim",
    }
}

impl Predefined {
    pub const ALL: [Self; 6] = [
        Self::Administrator,
        Self::User,
        Self::Viewer,
        Self::CiCd,
        Self::TeamAdministrator,
        Self::Scim,
    ];

    fn name(self) -> &'static str {
        match self {
            Self::Administrator => "Administrator",
            Self::User => "User",
            Self::Viewer => "Viewer",
            Self::CiCd => "CI/CD",
            Self::TeamAdministrator => "Team Administrator",
            Self::Scim => "SCIM",
        }
    }
    fn description(self) -> &'static str {
        match self {
            Self::Administrator => "Runs the directory and may do everything in it.",
            Self::User => "Sees people, system accounts, roles and teams; runs the system accounts of their teams; makes own tokens.",
            Self::Viewer => "Sees people and teams. No API.",
            Self::CiCd => "For system accounts: reads people and teams.",
            Self::TeamAdministrator => "Adds and removes people of their own team. Comes with being its administrator.",
            Self::Scim => "For the system account of an identity provider: invites and manages people and teams.",
        }
    }
    fn permissions(self) -> &'static [&'static str] {
        match self {
            Self::Administrator => &["*:*:*"],
            Self::User => &[
                "user:read:*",
                "system_account:read:*",
                "system_account:manage:team",
                "role:read:*",
                "team:read:*",
                "policy:read:*",
                "token:manage:own",
            ],
            Self::Viewer | Self::CiCd => &["user:read:*", "team:read:*"],
            Self::TeamAdministrator => &["team:manage:own"],
            Self::Scim => &["user:invite:*", "user:manage:*", "team:manage:*"],
        }
    }
    /// Whether people are given it by hand: the others are for machines, or follow from something else.
    fn is_for_people(self) -> bool {
        matches!(self, Self::Administrator | Self::User | Self::Viewer)
    }
}

/// A role with what it allows.
#[derive(Clone, Debug)]
pub struct Role {
    pub id: RoleId,
    pub name: String,
    pub description: String,
    pub predefined: Option<Predefined>,
    pub permissions: Permissions,
}

impl Role {
    pub fn is_administrator(&self) -> bool {
        self.predefined == Some(Predefined::Administrator)
    }
    pub fn is_for_people(&self) -> bool {
        self.predefined.is_none_or(Predefined::is_for_people)
    }
    /// Whether it is given by hand: one follows from being administrator of a team.
    pub fn is_granted(&self) -> bool {
        self.predefined != Some(Predefined::TeamAdministrator)
    }
}

/// Every role of the organization, by name.
///
/// # Errors
/// What the database says.
pub fn list(conn: &mut Conn, organization: OrganizationId) -> Result<Vec<Role>, Fault> {
    let rows: Vec<(RoleId, String, String, Option<Predefined>)> = roles::table
        .filter(roles::organization_id.eq(organization))
        .order((roles::name_key, roles::id))
        .select((roles::id, roles::name, roles::description, roles::predefined))
        .load(conn)?;
    let grants: Vec<(RoleId, String)> = role_permissions::table
        .filter(role_permissions::organization_id.eq(organization))
        .select((role_permissions::role_id, role_permissions::permission))
        .load(conn)?;
    let mut by_role: BTreeMap<RoleId, Vec<String>> = BTreeMap::new();
    for (role, permission) in grants {
        by_role.entry(role).or_default().push(permission);
    }
    let with_permissions = |(id, name, description, predefined)| {
        let permissions = by_role.remove(&id).unwrap_or_default();
        Role {
            id,
            name,
            description,
            predefined,
            permissions: read(&permissions),
        }
    };
    Ok(rows.into_iter().map(with_permissions).collect())
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

/// A new role. Who may make one with which permissions is not asked here.
///
/// # Errors
/// What the database says.
pub fn insert(
    tx: &mut Tx<'_>,
    organization: OrganizationId,
    which: Option<Predefined>,
    name: &str,
    description: &str,
    permissions: &[&str],
    now: Timestamp,
) -> Result<RoleId, Fault> {
    let id = RoleId::new(now);
    diesel::insert_into(roles::table)
        .values((
            roles::id.eq(id),
            roles::organization_id.eq(organization),
            roles::name.eq(name),
            roles::name_key.eq(fold::unique(name)),
            roles::description.eq(description),
            roles::predefined.eq(which),
            roles::created_at.eq(now),
        ))
        .execute(tx.conn())?;
    for permission in permissions {
        diesel::insert_into(role_permissions::table)
            .values((
                role_permissions::organization_id.eq(organization),
                role_permissions::role_id.eq(id),
                role_permissions::permission.eq(*permission),
            ))
            .execute(tx.conn())?;
    }
    Ok(id)
}
