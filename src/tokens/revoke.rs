//! Ending tokens and previous values. Each is audited. If an administrator ends a person's token, the person gets a
//! letter.

use super::{
    create::{record, told},
    limits::{TokenRefusal, see},
    model::Token,
    notices::Notice,
    store,
};
use crate::{
    db::Tx,
    kit::{MemberId, OperationError, Scope, TokenId},
    mail::Outbox,
};
use serde_json::json;

/// Ends the previous value now.
///
/// # Errors
/// A [`TokenRefusal`], [`Fault::Denied`](crate::kit::Fault) or [`Fault::Missing`](crate::kit::Fault).
pub fn retire(tx: &mut Tx<'_>, scope: &Scope, member: MemberId, id: TokenId) -> Result<Token, OperationError<TokenRefusal>> {
    let member = see(tx, scope, member)?;
    let token = store::find(tx, scope, member.id, id)?;
    if !store::retire(tx, scope, id)? {
        return Err(OperationError::Refused(TokenRefusal::NoOverlap));
    }
    let details = json!({ "token": token.name, "prefix": token.old_prefix });
    record(tx, scope, &member, "token.old_value_retired", details)?;
    Ok(token)
}

/// Revokes a token for good, with every value it had.
///
/// # Errors
/// A [`TokenRefusal`], [`Fault::Denied`](crate::kit::Fault) or [`Fault::Missing`](crate::kit::Fault).
pub fn revoke(
    tx: &mut Tx<'_>,
    scope: &Scope,
    outbox: &Outbox,
    member: MemberId,
    id: TokenId,
) -> Result<Token, OperationError<TokenRefusal>> {
    let member = see(tx, scope, member)?;
    let token = store::find(tx, scope, member.id, id)?;
    if !store::revoke(tx, scope, id)? {
        return Err(OperationError::Refused(TokenRefusal::Ended));
    }
    record(tx, scope, &member, "token.revoked", told(&token))?;
    if !scope.is_me(member.id) {
        let notice = Notice::TokenRevoked { name: &token.name, prefix: &token.prefix };
        notice.send(tx, outbox, scope, &member)?;
    }
    Ok(token)
}
