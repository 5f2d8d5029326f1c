//! How tokens and their old values end: in the trail, and, where an administrator ends that of a person, in a letter.

use super::{
    limits::{TokenRefusal, see},
    make::{record, told},
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

/// Ends the value before the last regeneration now.
///
/// # Errors
/// A [`TokenRefusal`], [`Fault::Denied`], [`Fault::Missing`], or what the database says.
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

/// Ends a token for good, with every value it had.
///
/// # Errors
/// A [`TokenRefusal`], [`Fault::Denied`], [`Fault::Missing`], or what the database says.
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
        let notice = Notice::TokenRevoked {
            name: &token.name,
            prefix: &token.prefix,
        };
        notice.send(tx, outbox, scope, &member)?;
    }
    Ok(token)
}
