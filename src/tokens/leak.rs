//! Reports of leaked tokens. A reporter who sends the whole text of a token could also use it, so a report needs no
//! credential: the token ends at once. The reporter learns nothing.

use super::{
    create::{record, told},
    format::{TokenText, without_secrets},
    leak_mail::Leak,
    store,
};
use crate::{
    db::{Conn, Tx, schema::tokens},
    kit::{Actor, Fault, MemberId, OrganizationId, Permissions, RequestInfo, Scope, Timestamp, TokenId},
    mail::Outbox,
    members,
};
use diesel::prelude::*;

/// A live token with this present or previous value.
#[derive(Queryable)]
struct Reported {
    id: TokenId,
    organization: OrganizationId,
    member: MemberId,
    digest: Vec<u8>,
}

fn find(conn: &mut Conn, digest: &[u8], now: Timestamp) -> Result<Option<Reported>, Fault> {
    let is_value = tokens::digest.eq(digest).or(tokens::old_digest.eq(Some(digest)).assume_not_null());
    let endless = tokens::expires_at.is_null().or(tokens::expires_at.gt(Some(now)));
    let found = tokens::table
        .filter(is_value)
        .filter(tokens::revoked_at.is_null())
        .filter(endless.assume_not_null())
        .select((tokens::id, tokens::organization_id, tokens::member_id, tokens::digest));
    Ok(found.first(conn).optional()?)
}

/// Ends a live token that somebody found in the open. If they found the previous value in its overlap, only that value
/// ends. The owner gets a letter; for a system account, its administrators and the token's creator do.
pub fn report_leaked(
    tx: &mut Tx<'_>,
    outbox: &Outbox,
    text: &TokenText,
    found_where: &str,
    request_info: &RequestInfo,
) -> Result<(), Fault> {
    let digest = text.digest();
    let Some(found) = find(tx, &digest, request_info.now)? else {
        return Ok(());
    };
    // The operation acts by itself; the event keeps the reporter's address.
    let scope = Scope {
        organization: found.organization,
        actor: Actor::System,
        over_person: Permissions::default(),
        permissions: Permissions::default(),
        request_info: request_info.clone(),
    };
    let is_old = found.digest != digest;
    let (ended, action) = if is_old {
        (store::retire(tx, &scope, found.id)?, "token.old_value_reported_leaked")
    } else {
        (store::revoke(tx, &scope, found.id)?, "token.reported_leaked")
    };
    if !ended {
        return Ok(());
    }
    let owner = members::find(tx, &scope, found.member)?;
    let token = store::find(tx, &scope, owner.id, found.id)?;
    // Reporters like to send an address that holds the token.
    let found_where = &without_secrets(found_where);
    let mut details = told(&token);
    details["prefix"] = text.prefix().into();
    details["where"] = found_where.as_str().into();
    record(tx, &scope, &owner, action, details)?;
    let leak = Leak { owner: &owner, token: &token, prefix: text.prefix(), found_where, is_old };
    leak.send(tx, outbox, &scope)
}
