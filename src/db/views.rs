//! The views of the database: read as tables, never written.

use super::schema::{members, policies, role_permissions, roles, team_members, teams, users};
use diesel::{allow_tables_to_appear_in_same_query, joinable, table};

table! {
    use diesel::sql_types::*;
    use crate::kit::sql::{UtcSql, UuidSql};

    /// Which member has which role, by themselves (`team_id` is null) or through a team, expired or not. The role of team
    /// administrators is not in it.
    held_roles (organization_id, member_id, role_id) {
        organization_id -> UuidSql,
        member_id -> UuidSql,
        role_id -> UuidSql,
        until_at -> Nullable<UtcSql>,
        team_id -> Nullable<UuidSql>,
    }
}

table! {
    use diesel::sql_types::*;
    use crate::kit::sql::{UtcSql, UuidSql};

    /// Which member has which policy, by themselves or through a team, expired or not.
    held_policies (organization_id, member_id, policy_id) {
        organization_id -> UuidSql,
        member_id -> UuidSql,
        policy_id -> UuidSql,
        until_at -> Nullable<UtcSql>,
        team_id -> Nullable<UuidSql>,
    }
}

joinable!(held_roles -> members (member_id));
joinable!(held_roles -> roles (role_id));
joinable!(held_roles -> teams (team_id));
joinable!(held_policies -> members (member_id));
joinable!(held_policies -> policies (policy_id));
joinable!(held_policies -> teams (team_id));

allow_tables_to_appear_in_same_query!(held_roles, held_policies);
allow_tables_to_appear_in_same_query!(held_roles, members);
allow_tables_to_appear_in_same_query!(held_roles, role_permissions);
allow_tables_to_appear_in_same_query!(held_roles, roles);
allow_tables_to_appear_in_same_query!(held_roles, team_members);
allow_tables_to_appear_in_same_query!(held_roles, teams);
allow_tables_to_appear_in_same_query!(held_roles, users);
allow_tables_to_appear_in_same_query!(held_policies, members);
allow_tables_to_appear_in_same_query!(held_policies, policies);
allow_tables_to_appear_in_same_query!(held_policies, team_members);
allow_tables_to_appear_in_same_query!(held_policies, teams);
