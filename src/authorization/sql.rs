//! A SQL subquery for the permissions of a member's roles, to embed in another statement.

use crate::kit::Permissions;

/// For queries that must find a member and their permissions in one statement: the permissions of the member `m` of the
/// organization `m.organization_id` at the instant `$1`, separated by spaces. Equal to those that
/// [`super::permissions`] reads; a test checks this.
pub const PERMISSIONS_SQL: &str = "(SELECT string_agg(p.permission, ' ') FROM role_permissions p WHERE p.organization_id = m.organization_id AND p.role_id IN \
     (SELECT g.role_id FROM member_roles g WHERE g.organization_id = m.organization_id AND g.member_id = m.id \
     AND (g.until_at IS NULL OR g.until_at > $1) \
     UNION ALL SELECT r.id FROM roles r WHERE r.organization_id = m.organization_id AND r.predefined = 'team_administrator' \
     AND EXISTS (SELECT 1 FROM team_members x WHERE x.organization_id = m.organization_id AND x.member_id = m.id AND x.is_administrator)))";

/// Parses the value of [`PERMISSIONS_SQL`]. A permission that cannot be read allows nothing.
pub fn read_permissions(held: Option<&str>) -> Permissions {
    held.unwrap_or_default().split(' ').filter_map(|text| text.parse().ok()).collect()
}
