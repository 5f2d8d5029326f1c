//! Queries of `tokens`, one function per statement.

use super::{
    format::TokenText,
    model::{NewToken, Token},
};
use crate::{
    db::{
        Among, Conn, Json, Tx,
        schema::{members, tokens},
    },
    kit::{Fault, MemberId, OrganizationId, Scope, Timestamp, TokenId, UserId},
};
use diesel::prelude::*;
use std::collections::HashMap;

/// The live tokens of a member and at most `most` ended ones, newest first.
pub fn list(conn: &mut Conn, scope: &Scope, member: MemberId, most: i64) -> Result<Vec<Token>, Fault> {
    let now = scope.now();
    let of_member = || {
        tokens::table
            .filter(tokens::organization_id.eq(scope.organization))
            .filter(tokens::member_id.eq(member))
            .select(Token::as_select())
            .order(tokens::id.desc())
            .limit(most)
    };
    let endless = tokens::expires_at.is_null().or(tokens::expires_at.gt(Some(now)));
    let live = of_member().filter(tokens::revoked_at.is_null()).filter(endless.assume_not_null());
    let over = tokens::revoked_at.is_not_null().or(tokens::expires_at.le(Some(now)));
    let ended = of_member().filter(over.assume_not_null());
    let mut all = live.load(conn)?;
    all.extend(ended.load(conn)?);
    Ok(all)
}

/// Whether a token still works: it is neither revoked nor expired, nor deleted with its owner.
pub fn is_live(conn: &mut Conn, organization: OrganizationId, id: TokenId, now: Timestamp) -> Result<bool, Fault> {
    let endless = tokens::expires_at.is_null().or(tokens::expires_at.gt(Some(now)));
    let live = tokens::table
        .filter(tokens::organization_id.eq(organization))
        .filter(tokens::id.eq(id))
        .filter(tokens::revoked_at.is_null())
        .filter(endless.assume_not_null());
    Ok(live.select(tokens::id).first::<TokenId>(conn).optional()?.is_some())
}

/// A token of this member.
///
/// # Errors
/// [`Fault::Missing`].
pub fn find(conn: &mut Conn, scope: &Scope, member: MemberId, id: TokenId) -> Result<Token, Fault> {
    let one = tokens::table
        .filter(tokens::organization_id.eq(scope.organization))
        .filter(tokens::member_id.eq(member))
        .filter(tokens::id.eq(id));
    Ok(one.select(Token::as_select()).first(conn)?)
}

/// The member whose token it is.
///
/// # Errors
/// [`Fault::Missing`].
pub fn member_of(conn: &mut Conn, scope: &Scope, id: TokenId) -> Result<MemberId, Fault> {
    let one = tokens::table.filter(tokens::organization_id.eq(scope.organization)).filter(tokens::id.eq(id));
    Ok(one.select(tokens::member_id).first(conn)?)
}

/// The names of the member's live tokens.
pub fn live_names(conn: &mut Conn, scope: &Scope, member: MemberId) -> Result<Vec<(TokenId, String)>, Fault> {
    let endless = tokens::expires_at.is_null().or(tokens::expires_at.gt(Some(scope.now())));
    let live = tokens::table
        .filter(tokens::organization_id.eq(scope.organization))
        .filter(tokens::member_id.eq(member))
        .filter(tokens::revoked_at.is_null())
        .filter(endless.assume_not_null());
    Ok(live.select((tokens::id, tokens::name)).load(conn)?)
}

/// How many live tokens of the organization expire later than that, or never.
pub fn count_later(conn: &mut Conn, organization: OrganizationId, end: Timestamp) -> Result<i64, Fault> {
    let later = tokens::expires_at.is_null().or(tokens::expires_at.gt(Some(end)));
    let live = tokens::table
        .filter(tokens::organization_id.eq(organization))
        .filter(tokens::revoked_at.is_null())
        .filter(later.assume_not_null());
    Ok(live.count().get_result(conn)?)
}

pub fn insert(
    tx: &mut Tx<'_>,
    scope: &Scope,
    member: MemberId,
    wanted: &NewToken,
    text: &TokenText,
    warned: Option<i64>,
) -> Result<TokenId, Fault> {
    let id = TokenId::new(scope.now());
    diesel::insert_into(tokens::table)
        .values((
            tokens::id.eq(id),
            tokens::organization_id.eq(scope.organization),
            tokens::member_id.eq(member),
            tokens::name.eq(&wanted.name),
            tokens::digest.eq(text.digest()),
            tokens::prefix.eq(text.prefix()),
            tokens::mode.eq(wanted.mode),
            tokens::permissions.eq(wanted.permissions.as_ref().map(|all| Json(all.iter().map(ToString::to_string).collect::<Vec<_>>()))),
            tokens::addresses.eq(wanted.addresses.as_ref().map(|all| Json(all.iter().map(ToString::to_string).collect::<Vec<_>>()))),
            tokens::created_at.eq(scope.now()),
            tokens::created_by.eq(scope.actor.member_id()),
            tokens::expires_at.eq(wanted.expires_at),
            tokens::warned_days.eq(warned),
        ))
        .execute(tx.conn())?;
    Ok(id)
}

pub fn rename(tx: &mut Tx<'_>, scope: &Scope, id: TokenId, name: &str) -> Result<(), Fault> {
    let one = tokens::table.filter(tokens::organization_id.eq(scope.organization)).filter(tokens::id.eq(id));
    diesel::update(one)
        .set((tokens::name.eq(name), tokens::version.eq(tokens::version + 1)))
        .execute(tx.conn())?;
    Ok(())
}

/// The values that replace a token's present value.
pub struct NewValue<'a> {
    pub text: &'a TokenText,
    pub expires_at: Option<Timestamp>,
    pub old_until: Timestamp,
    pub warned: Option<i64>,
}

/// Replaces the value if it is still the one that was read. Returns whether it was.
pub fn replace(tx: &mut Tx<'_>, scope: &Scope, token: &Token, new: &NewValue<'_>) -> Result<bool, Fault> {
    let read = tokens::table
        .filter(tokens::organization_id.eq(scope.organization))
        .filter(tokens::id.eq(token.id))
        .filter(tokens::version.eq(token.version))
        .filter(tokens::revoked_at.is_null());
    let replaced = diesel::update(read)
        .set((
            tokens::old_digest.eq(tokens::digest.nullable()),
            tokens::old_prefix.eq(tokens::prefix),
            tokens::old_until.eq(Some(new.old_until)),
            tokens::old_last_used_at.eq(tokens::last_used_at),
            tokens::old_last_used_address.eq(tokens::last_used_address),
            tokens::old_last_used_agent.eq(tokens::last_used_agent),
            tokens::digest.eq(new.text.digest()),
            tokens::prefix.eq(new.text.prefix()),
            tokens::expires_at.eq(new.expires_at),
            tokens::warned_days.eq(new.warned),
            tokens::last_used_at.eq(None::<Timestamp>),
            tokens::last_used_address.eq(""),
            tokens::last_used_agent.eq(""),
            tokens::regenerated_at.eq(Some(scope.now())),
            tokens::regenerated_by.eq(scope.actor.member_id()),
            tokens::version.eq(tokens::version + 1),
        ))
        .execute(tx.conn())?;
    Ok(replaced == 1)
}

/// Ends the overlap now. Returns whether there was one.
pub fn retire(tx: &mut Tx<'_>, scope: &Scope, id: TokenId) -> Result<bool, Fault> {
    let overlapping = tokens::table
        .filter(tokens::organization_id.eq(scope.organization))
        .filter(tokens::id.eq(id))
        .filter(tokens::revoked_at.is_null())
        .filter(tokens::old_until.gt(Some(scope.now())).assume_not_null());
    let retired = diesel::update(overlapping)
        .set((tokens::old_until.eq(Some(scope.now())), tokens::version.eq(tokens::version + 1)))
        .execute(tx.conn())?;
    Ok(retired == 1)
}

/// Revokes a token. Returns whether it was still unrevoked.
pub fn revoke(tx: &mut Tx<'_>, scope: &Scope, id: TokenId) -> Result<bool, Fault> {
    let open = tokens::table
        .filter(tokens::organization_id.eq(scope.organization))
        .filter(tokens::id.eq(id))
        .filter(tokens::revoked_at.is_null());
    let revoked = diesel::update(open)
        .set((
            tokens::revoked_at.eq(Some(scope.now())),
            tokens::revoked_by.eq(scope.actor.member_id()),
            tokens::version.eq(tokens::version + 1),
        ))
        .execute(tx.conn())?;
    Ok(revoked == 1)
}

/// How many live tokens a person has, in all their organizations.
pub fn count_of(conn: &mut Conn, user: UserId, now: Timestamp) -> Result<usize, Fault> {
    let endless = tokens::expires_at.is_null().or(tokens::expires_at.gt(Some(now)));
    let live = tokens::table
        .inner_join(members::table)
        .filter(members::user_id.eq(Some(user)).assume_not_null())
        .filter(tokens::revoked_at.is_null())
        .filter(endless.assume_not_null());
    let count: i64 = live.count().get_result(conn)?;
    Ok(usize::try_from(count).unwrap_or_default())
}

/// Revokes every live token of a member. Returns their names.
pub fn end_all(tx: &mut Tx<'_>, scope: &Scope, member: MemberId) -> Result<Vec<String>, Fault> {
    let (ids, names): (Vec<TokenId>, Vec<String>) = live_names(tx, scope, member)?.into_iter().unzip();
    let open = tokens::table.filter(tokens::organization_id.eq(scope.organization)).filter(tokens::id.among(ids));
    diesel::update(open)
        .set((
            tokens::revoked_at.eq(Some(scope.now())),
            tokens::revoked_by.eq(scope.actor.member_id()),
            tokens::version.eq(tokens::version + 1),
        ))
        .execute(tx.conn())?;
    Ok(names)
}

/// The names of those of these members who still exist.
pub fn names(conn: &mut Conn, scope: &Scope, ids: Vec<MemberId>) -> Result<HashMap<MemberId, String>, Fault> {
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let rows: Vec<(MemberId, String)> = members::table
        .filter(members::organization_id.eq(scope.organization))
        .filter(members::id.among(ids))
        .select((members::id, members::name))
        .load(conn)?;
    Ok(rows.into_iter().collect())
}

/// Stores the last use of the value with that digest, if the stored one is older.
pub fn touch(tx: &mut Tx<'_>, organization: OrganizationId, id: TokenId, digest: &[u8], used: &super::LastUse) -> Result<(), Fault> {
    let one = tokens::table.filter(tokens::organization_id.eq(organization)).filter(tokens::id.eq(id));
    let earlier = tokens::last_used_at.is_null().or(tokens::last_used_at.lt(Some(used.at)));
    let touched = diesel::update(one.filter(tokens::digest.eq(digest)).filter(earlier.assume_not_null()))
        .set((
            tokens::last_used_at.eq(Some(used.at)),
            tokens::last_used_address.eq(&used.address),
            tokens::last_used_agent.eq(&used.agent),
        ))
        .execute(tx.conn())?;
    if touched == 0 {
        // The value was replaced in the meantime, or was used in its overlap.
        let earlier = tokens::old_last_used_at.is_null().or(tokens::old_last_used_at.lt(Some(used.at)));
        diesel::update(one.filter(tokens::old_digest.eq(Some(digest)).assume_not_null()).filter(earlier.assume_not_null()))
            .set((
                tokens::old_last_used_at.eq(Some(used.at)),
                tokens::old_last_used_address.eq(&used.address),
                tokens::old_last_used_agent.eq(&used.agent),
            ))
            .execute(tx.conn())?;
    }
    Ok(())
}
