//! The database rows of the demo, inserted many per statement. Other modules write their own tables one row at a time,
//! which is right for normal use but much too slow here. So this one module writes all of these tables.

use crate::{
    db::{
        Json,
        schema::{
            api_access, audit_events, invitations, links, member_policies, member_roles, members, outbox, passwords, recovery_codes,
            sign_in_days, sign_ins, team_members, token_use_days, tokens, totps, user_names, users,
        },
    },
    kit::{
        AuditEventId, InvitationId, LetterId, LinkId, MemberId, MemberKind, MemberStatus, OrganizationId, PolicyId, RecoveryCodeId, RoleId,
        SignInId, TeamId, Timestamp, TokenId, UserId,
    },
    links::LinkKind,
    mail::LetterState,
    sessions::Outcome,
    tokens::Mode,
};
use diesel::prelude::*;
use serde_json::Value;

/// Rows per statement. SQLite takes 32,766 values, and the widest row has 27.
pub(super) const ROWS: usize = 500;

/// Inserts all rows of a slice into a table.
macro_rules! insert_all {
    ($tx:expr, $table:ident, $rows:expr) => {
        for some in $rows.chunks($crate::demo::rows::ROWS) {
            $crate::each!($tx.conn(), c => diesel::RunQueryDsl::execute(diesel::insert_into($crate::db::schema::$table::table).values(some), c))?;
        }
    };
}
pub(super) use insert_all;

#[derive(Insertable)]
#[diesel(table_name = users, treat_none_as_default_value = false)]
pub(super) struct UserRow<'a> {
    pub id: UserId,
    pub username: &'a str,
    pub email: &'a str,
    pub created_at: Timestamp,
    pub address_proven_at: Option<Timestamp>,
}

#[derive(Insertable)]
#[diesel(table_name = user_names)]
pub(super) struct UserNameRow {
    pub name_key: String,
    pub user_id: UserId,
}

#[derive(Insertable)]
#[diesel(table_name = passwords, treat_none_as_default_value = false)]
pub(super) struct PasswordRow<'a> {
    pub user_id: UserId,
    pub hash: &'a str,
    pub changed_at: Timestamp,
    pub temporary_until: Option<Timestamp>,
}

#[derive(Insertable)]
#[diesel(table_name = totps)]
pub(super) struct AppRow {
    pub user_id: UserId,
    pub secret: Vec<u8>,
    pub created_at: Timestamp,
    pub last_step: i64,
}

#[derive(Insertable)]
#[diesel(table_name = recovery_codes, treat_none_as_default_value = false)]
pub(super) struct CodeRow {
    pub id: RecoveryCodeId,
    pub user_id: UserId,
    pub digest: String,
    pub used_at: Option<Timestamp>,
}

#[derive(Insertable)]
#[diesel(table_name = members, treat_none_as_default_value = false)]
pub(super) struct MemberRow<'a> {
    pub id: MemberId,
    pub organization_id: OrganizationId,
    pub kind: MemberKind,
    pub user_id: Option<UserId>,
    pub name: &'a str,
    pub first_name: &'a str,
    pub last_name: &'a str,
    pub title: &'a str,
    pub phone: &'a str,
    pub location: &'a str,
    pub contact: &'a str,
    pub provider: &'a str,
    pub status: MemberStatus,
    pub status_at: Timestamp,
    pub status_by: Option<MemberId>,
    pub status_reason: &'a str,
    pub sessions_from: Timestamp,
    pub last_sign_in_at: Option<Timestamp>,
    pub last_api_use_at: Option<Timestamp>,
    pub created_at: Timestamp,
    pub created_by: Option<MemberId>,
    pub joined_at: Option<Timestamp>,
    pub account_key: Option<String>,
    pub name_key: String,
    pub role_key: String,
    pub team_key: String,
    pub search_key: String,
}

#[derive(Insertable)]
#[diesel(table_name = member_roles, treat_none_as_default_value = false)]
pub(super) struct MemberRoleRow {
    pub organization_id: OrganizationId,
    pub member_id: MemberId,
    pub role_id: RoleId,
    pub granted_at: Timestamp,
    pub granted_by: Option<MemberId>,
    pub until_at: Option<Timestamp>,
}

#[derive(Insertable)]
#[diesel(table_name = team_members)]
pub(super) struct TeamMemberRow {
    pub organization_id: OrganizationId,
    pub member_id: MemberId,
    pub team_id: TeamId,
    pub is_administrator: bool,
}

#[expect(clippy::struct_field_names, reason = "as the columns are called")]
#[derive(Insertable)]
#[diesel(table_name = member_policies)]
pub(super) struct MemberPolicyRow {
    pub organization_id: OrganizationId,
    pub member_id: MemberId,
    pub policy_id: PolicyId,
}

#[derive(Insertable)]
#[diesel(table_name = token_use_days)]
pub(super) struct TokenUseDayRow {
    pub organization_id: OrganizationId,
    pub member_id: MemberId,
    pub token_id: TokenId,
    pub day: i64,
    pub uses: i64,
}

#[derive(Insertable)]
#[diesel(table_name = tokens, treat_none_as_default_value = false)]
pub(super) struct TokenRow<'a> {
    pub id: TokenId,
    pub organization_id: OrganizationId,
    pub member_id: MemberId,
    pub name: &'a str,
    pub digest: &'a [u8],
    pub prefix: &'a str,
    pub mode: Mode,
    pub created_at: Timestamp,
    pub created_by: Option<MemberId>,
    pub expires_at: Option<Timestamp>,
    pub revoked_at: Option<Timestamp>,
    pub revoked_by: Option<MemberId>,
    pub last_used_at: Option<Timestamp>,
    pub last_used_address: &'a str,
    pub last_used_agent: &'a str,
    pub regenerated_at: Option<Timestamp>,
    pub regenerated_by: Option<MemberId>,
    pub old_digest: Option<Vec<u8>>,
    pub old_prefix: &'a str,
    pub old_until: Option<Timestamp>,
    pub old_last_used_at: Option<Timestamp>,
    pub old_last_used_address: &'a str,
    pub old_last_used_agent: &'a str,
    pub warned_days: Option<i64>,
}

#[derive(Insertable)]
#[diesel(table_name = api_access, treat_none_as_default_value = false)]
pub(super) struct ApiAccessRow {
    pub organization_id: OrganizationId,
    pub member_id: MemberId,
    pub enabled_at: Timestamp,
    pub enabled_by: Option<MemberId>,
}

#[derive(Insertable)]
#[diesel(table_name = outbox, treat_none_as_default_value = false)]
pub(super) struct LetterRow<'a> {
    pub id: LetterId,
    pub organization_id: Option<OrganizationId>,
    pub kind: &'a str,
    pub recipient: &'a str,
    pub body: Option<Vec<u8>>,
    pub state: LetterState,
    pub attempts: i64,
    pub last_error: Option<String>,
    pub created_at: Timestamp,
    pub due_at: Timestamp,
    pub ended_at: Option<Timestamp>,
}

#[derive(Insertable)]
#[diesel(table_name = invitations, treat_none_as_default_value = false)]
pub(super) struct InvitationRow<'a> {
    pub id: InvitationId,
    pub organization_id: OrganizationId,
    pub member_id: MemberId,
    pub email: &'a str,
    pub invited_by: Option<MemberId>,
    pub message: &'a str,
    pub created_at: Timestamp,
    pub sent_at: Timestamp,
    pub expires_at: Timestamp,
    pub accepted_at: Option<Timestamp>,
    pub void_reason: Option<String>,
    pub outbox_id: Option<LetterId>,
}

#[derive(Insertable)]
#[diesel(table_name = links, treat_none_as_default_value = false)]
pub(super) struct LinkRow {
    pub id: LinkId,
    pub kind: LinkKind,
    pub digest: Vec<u8>,
    pub user_id: Option<UserId>,
    pub organization_id: Option<OrganizationId>,
    pub invitation_id: Option<InvitationId>,
    pub created_at: Timestamp,
    pub expires_at: Timestamp,
}

#[derive(Insertable)]
#[diesel(table_name = sign_ins)]
pub(super) struct SignInRow<'a> {
    pub id: SignInId,
    pub organization_id: OrganizationId,
    pub member_id: MemberId,
    pub at: Timestamp,
    pub outcome: Outcome,
    pub method: &'a str,
    pub address: String,
    pub agent: &'a str,
}

#[derive(Insertable)]
#[diesel(table_name = sign_in_days)]
pub(super) struct SignInDayRow {
    pub organization_id: OrganizationId,
    pub day: i64,
    pub succeeded: i64,
    pub failed: i64,
}

#[derive(Insertable)]
#[diesel(table_name = audit_events, treat_none_as_default_value = false)]
pub(super) struct AuditEventRow<'a> {
    pub id: AuditEventId,
    pub organization_id: OrganizationId,
    pub at: Timestamp,
    pub actor_kind: &'a str,
    pub actor_id: Option<MemberId>,
    pub actor_name: &'a str,
    pub action: &'a str,
    pub target_kind: &'a str,
    pub target_id: Option<MemberId>,
    pub target_name: &'a str,
    pub address: String,
    pub request_id: String,
    pub before: Option<Json<Value>>,
    pub after: Option<Json<Value>>,
}
