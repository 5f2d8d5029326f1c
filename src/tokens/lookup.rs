//! Tokens as programs find them: by their id alone, or all of a member.

use super::{
    limits::{longest, run, see},
    model::Token,
    store,
};
use crate::{
    db::Conn,
    kit::{Fault, MemberId, MemberKind, Scope, TokenId},
};

/// The tokens of a member of that kind, if the caller may see them: live ones first.
///
/// # Errors
/// [`Fault::Denied`] or [`Fault::Missing`].
pub fn list_of(conn: &mut Conn, scope: &Scope, kind: MemberKind, id: MemberId) -> Result<Vec<Token>, Fault> {
    let member = see(conn, scope, id)?;
    if member.kind != kind {
        return Err(Fault::Missing);
    }
    store::list(conn, scope, id, i64::try_from(super::MOST).unwrap_or(i64::MAX))
}

/// A token of any member, if the caller may see it.
///
/// # Errors
/// [`Fault::Denied`] or [`Fault::Missing`].
pub fn one(conn: &mut Conn, scope: &Scope, id: TokenId) -> Result<Token, Fault> {
    let member = store::member_of(conn, scope, id)?;
    see(conn, scope, member)?;
    store::find(conn, scope, member, id)
}

/// The longest lifetime of a token, in days, if there is a limit, for a caller who may create tokens of this member.
///
/// # Errors
/// [`Fault::Denied`] or [`Fault::Missing`].
pub fn terms(conn: &mut Conn, scope: &Scope, id: MemberId) -> Result<Option<i64>, Fault> {
    run(conn, scope, id)?;
    longest(conn, scope)
}
