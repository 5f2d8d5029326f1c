//! System accounts as the table stores them: like people, but without an identity and with a unique name.

use super::{
    keys::{account_key, name_key},
    model::Details,
};
use crate::{
    db::{Conn, Tx, schema::members},
    kit::{Fault, MemberId, MemberKind, MemberStatus, Scope, Timestamp},
};
use diesel::prelude::*;

/// Inserts a system account, active at once. The caller of this function checks the seat limit and the name first.
pub fn insert_account(tx: &mut Tx<'_>, scope: &Scope, details: &Details) -> Result<MemberId, Fault> {
    let (id, now) = (MemberId::new(scope.now()), scope.now());
    diesel::insert_into(members::table)
        .values((
            members::id.eq(id),
            members::organization_id.eq(scope.organization),
            members::kind.eq(MemberKind::SystemAccount),
            details,
            members::status.eq(MemberStatus::Active),
            members::status_at.eq(now),
            members::status_by.eq(scope.actor.member_id()),
            members::sessions_from.eq(Timestamp::EPOCH),
            members::created_at.eq(now),
            members::created_by.eq(scope.actor.member_id()),
            members::joined_at.eq(Some(now)),
            members::name_key.eq(name_key(&details.name)),
            members::search_key.eq(details.search_key("", "")),
            members::account_key.eq(account_key(MemberKind::SystemAccount, &details.name)),
        ))
        .execute(tx.conn())?;
    Ok(id)
}

/// Whether another system account of the organization has this name, ignoring case and spelling variants.
pub fn is_name_taken(conn: &mut Conn, scope: &Scope, name: &str, except: Option<MemberId>) -> Result<bool, Fault> {
    let same = members::table
        .filter(members::organization_id.eq(scope.organization))
        .filter(members::account_key.eq(account_key(MemberKind::SystemAccount, name)))
        .select(members::id);
    let found: Option<MemberId> = same.first(conn).optional()?;
    Ok(found.is_some_and(|found| Some(found) != except))
}
