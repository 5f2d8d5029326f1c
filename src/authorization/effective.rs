//! Everything a member holds, in one statement: programs ask for it before each of their own requests, and on PostgreSQL
//! every statement is a round trip.

use super::{Attached, Effective, HeldRole, Via, sql::read_permissions};
use crate::{
    db::{Cached, Conn},
    kit::{
        Fault, MemberId, MemberStatus, OrganizationId, PolicyId, RoleId, TeamId, Timestamp,
        sql::{UtcSql, UuidSql},
    },
    policies::{self, Declared},
    roles::Predefined,
};
use diesel::{
    prelude::*,
    sql_query,
    sql_types::{Nullable, Text},
};
use serde::de::DeserializeOwned;
use std::sync::LazyLock;

/// Each row is the member, a role or a policy that they hold by themselves or through a team, the role of a team administrator,
/// or a resource type that policies can name. SQLite reads the teams of the member before what they give. `$1` is the organization, `$2` the member, `$3` the instant.
static STATEMENT: LazyLock<String> = LazyLock::new(|| {
    const ALLOWED: &str =
        "(SELECT string_agg(p.permission, ' ') FROM role_permissions p WHERE p.organization_id = r.organization_id AND p.role_id = r.id)";
    format!(
        "SELECT 'member' AS part, m.id, '' AS name_key, m.name, m.status AS word, CAST(NULL AS timestamptz) AS until_at, \
         CAST(NULL AS uuid) AS team_id, '' AS team_name, CAST(NULL AS text) AS listed \
         FROM members m WHERE m.organization_id = $1 AND m.id = $2 \
         UNION ALL SELECT 'role', r.id, r.name_key, r.name, r.predefined, g.until_at, NULL, '', {ALLOWED} \
         FROM member_roles g JOIN roles r ON r.organization_id = g.organization_id AND r.id = g.role_id \
         WHERE g.organization_id = $1 AND g.member_id = $2 AND (g.until_at IS NULL OR g.until_at > $3) \
         UNION ALL SELECT 'role', r.id, r.name_key, r.name, r.predefined, g.until_at, t.id, t.name, {ALLOWED} \
         FROM team_members x CROSS JOIN team_roles g \
         JOIN teams t ON t.organization_id = x.organization_id AND t.id = x.team_id \
         JOIN roles r ON r.organization_id = g.organization_id AND r.id = g.role_id \
         WHERE x.organization_id = $1 AND x.member_id = $2 AND g.organization_id = x.organization_id AND g.team_id = x.team_id AND (g.until_at IS NULL OR g.until_at > $3) \
         UNION ALL SELECT 'team', r.id, t.name_key, r.name, r.predefined, NULL, t.id, t.name, {ALLOWED} \
         FROM team_members x JOIN teams t ON t.organization_id = x.organization_id AND t.id = x.team_id \
         JOIN roles r ON r.organization_id = x.organization_id AND r.predefined = 'team_administrator' \
         WHERE x.organization_id = $1 AND x.member_id = $2 AND x.is_administrator \
         UNION ALL SELECT 'policy', p.id, p.name_key, p.name, NULL, NULL, NULL, '', CAST(p.rules AS text) \
         FROM member_policies a JOIN policies p ON p.organization_id = a.organization_id AND p.id = a.policy_id \
         WHERE a.organization_id = $1 AND a.member_id = $2 \
         UNION ALL SELECT 'policy', p.id, p.name_key, p.name, NULL, g.until_at, t.id, t.name, CAST(p.rules AS text) \
         FROM team_members x CROSS JOIN team_policies g \
         JOIN teams t ON t.organization_id = x.organization_id AND t.id = x.team_id \
         JOIN policies p ON p.organization_id = g.organization_id AND p.id = g.policy_id \
         WHERE x.organization_id = $1 AND x.member_id = $2 AND g.organization_id = x.organization_id AND g.team_id = x.team_id AND (g.until_at IS NULL OR g.until_at > $3) \
         UNION ALL SELECT 'type', y.id, '', y.name, NULL, NULL, NULL, '', CAST(y.actions AS text) FROM resource_types y \
         WHERE y.organization_id = $1 AND (EXISTS (SELECT 1 FROM member_policies a WHERE a.organization_id = $1 AND a.member_id = $2) \
         OR EXISTS (SELECT 1 FROM team_members x CROSS JOIN team_policies g \
         WHERE x.organization_id = $1 AND x.member_id = $2 AND g.organization_id = x.organization_id AND g.team_id = x.team_id))"
    )
});

#[derive(QueryableByName)]
struct Row {
    #[diesel(sql_type = Text)]
    part: String,
    #[diesel(sql_type = UuidSql)]
    id: RoleId,
    #[diesel(sql_type = Text)]
    name_key: String,
    #[diesel(sql_type = Text)]
    name: String,
    /// The status of the member, or which predefined role it is.
    #[diesel(sql_type = Nullable<Text>)]
    word: Option<String>,
    #[diesel(sql_type = Nullable<UtcSql>)]
    until_at: Option<Timestamp>,
    #[diesel(sql_type = Nullable<UuidSql>)]
    team_id: Option<TeamId>,
    #[diesel(sql_type = Text)]
    team_name: String,
    /// Permissions of a role, rules of a policy, actions of a resource type.
    #[diesel(sql_type = Nullable<Text>)]
    listed: Option<String>,
}

impl Row {
    fn role(self) -> Result<HeldRole, Fault> {
        let predefined = self.word.as_deref().map(str::parse::<Predefined>).transpose().map_err(Fault::broken)?;
        let (permissions, via) = (read_permissions(self.listed.as_deref()), self.via());
        Ok(HeldRole { id: self.id, name: self.name, predefined, via, permissions })
    }

    fn policy(self) -> Result<Attached, Fault> {
        let (rules, via) = (policies::read(&self.listed()?), self.via());
        Ok(Attached { id: PolicyId(self.id.0), name: self.name, rules, via })
    }

    fn via(&self) -> Via {
        match self.team_id {
            None => Via::Grant { until: self.until_at },
            Some(id) if self.part == "team" => Via::TeamAdministrator { id, name: self.team_name.clone() },
            Some(id) => Via::Team { id, name: self.team_name.clone(), until: self.until_at },
        }
    }

    fn listed<T: DeserializeOwned>(&self) -> Result<T, Fault> {
        serde_json::from_str(self.listed.as_deref().unwrap_or("[]")).map_err(Fault::broken)
    }
}

/// Everything a member holds, whether or not they are active, by themselves and through teams: roles by name, then the role of
/// team administrators by team; policies by name.
///
/// # Errors
/// [`Fault::Missing`].
pub fn effective(conn: &mut Conn, organization: OrganizationId, member: MemberId, now: Timestamp) -> Result<Effective, Fault> {
    let query = sql_query(STATEMENT.as_str())
        .bind::<UuidSql, _>(organization)
        .bind::<UuidSql, _>(member)
        .bind::<UtcSql, _>(now);
    let mut rows: Vec<Row> = Cached(query).load(conn)?;
    rows.sort_by(|a, b| (&a.part, &a.name_key, &a.team_name).cmp(&(&b.part, &b.name_key, &b.team_name)));
    let (mut held, mut status, mut declared) = (Effective::default(), None, Vec::new());
    for row in rows {
        match row.part.as_str() {
            "member" => status = row.word,
            "policy" => held.policies.push(row.policy()?),
            "type" => declared.push((row.name.clone(), row.listed::<Vec<String>>()?)),
            _ => held.roles.push(row.role()?),
        }
    }
    held.is_active = status.ok_or(Fault::Missing)? == MemberStatus::Active.as_str();
    held.declared = declared.into_iter().collect::<Declared>();
    Ok(held)
}
