//! The permissions of a member's roles in SQL: a subquery to embed in other statements, and the statement that asks for
//! nothing else.

use crate::{
    db::{Cached, Conn},
    kit::{
        Fault, MemberId, OrganizationId, Permissions, Timestamp,
        sql::{UtcSql, UuidSql},
    },
};
use diesel::{
    prelude::*,
    sql_query,
    sql_types::{Nullable, Text},
};
use std::sync::LazyLock;

/// For queries that must find a member and their permissions in one statement: the permissions of the member `m` of the
/// organization `m.organization_id` at the instant `$1`, separated by spaces. Equal to those of
/// the roles that [`super::roles_of`] reads; a test checks this.
pub const PERMISSIONS_SQL: &str = "(SELECT string_agg(p.permission, ' ') FROM role_permissions p WHERE p.organization_id = m.organization_id AND p.role_id IN \
     (SELECT g.role_id FROM member_roles g WHERE g.organization_id = m.organization_id AND g.member_id = m.id \
     AND (g.until_at IS NULL OR g.until_at > $1) \
     UNION ALL SELECT g.role_id FROM team_members x CROSS JOIN team_roles g \
     WHERE x.organization_id = m.organization_id AND x.member_id = m.id AND g.organization_id = x.organization_id AND g.team_id = x.team_id AND (g.until_at IS NULL OR g.until_at > $1) \
     UNION ALL SELECT r.id FROM roles r WHERE r.organization_id = m.organization_id AND r.predefined = 'team_administrator' \
     AND EXISTS (SELECT 1 FROM team_members x WHERE x.organization_id = m.organization_id AND x.member_id = m.id AND x.is_administrator)))";

/// The instant after `$1` at which the first role of the member `m` ends that has an end: [`PERMISSIONS_SQL`] is the same until
/// then.
pub const ROLE_END_SQL: &str = "(SELECT min(e.until_at) FROM \
     (SELECT g.until_at FROM member_roles g WHERE g.organization_id = m.organization_id AND g.member_id = m.id \
     UNION ALL SELECT g.until_at FROM team_members x CROSS JOIN team_roles g \
     WHERE x.organization_id = m.organization_id AND x.member_id = m.id AND g.organization_id = x.organization_id AND g.team_id = x.team_id) e WHERE e.until_at > $1)";

/// Parses the value of [`PERMISSIONS_SQL`]. A permission that cannot be read allows nothing.
pub fn read_permissions(held: Option<&str>) -> Permissions {
    held.unwrap_or_default().split(' ').filter_map(|text| text.parse().ok()).collect()
}

/// All permissions of a member at this instant, without those of policies. Expired roles allow nothing.
pub fn permissions(conn: &mut Conn, organization: OrganizationId, member: MemberId, now: Timestamp) -> Result<Permissions, Fault> {
    #[derive(QueryableByName)]
    struct Held {
        #[diesel(sql_type = Nullable<Text>)]
        permissions: Option<String>,
    }
    static STATEMENT: LazyLock<String> =
        LazyLock::new(|| format!("SELECT {PERMISSIONS_SQL} AS permissions FROM members m WHERE m.organization_id = $2 AND m.id = $3"));
    let query = sql_query(STATEMENT.as_str()).bind::<UtcSql, _>(now);
    let query = query.bind::<UuidSql, _>(organization).bind::<UuidSql, _>(member);
    let row: Option<Held> = Cached(query).load(conn)?.into_iter().next();
    Ok(read_permissions(row.and_then(|row| row.permissions).as_deref()))
}
