//! Reads from the URL whose tokens a request concerns, and checks that the caller may act on them.

use super::{
    limits,
    pages::{OwnerKind, TokenOwner},
};
use crate::{
    db::Conn,
    kit::{Fault, MemberId, MemberKind, Scope, TokenId},
    members::Member,
    web::{MemberContext, matched_pattern},
};
use actix_web::HttpRequest;

/// The member and token named by the URL.
pub(super) struct Place {
    way: OwnerKind,
    member: MemberId,
    token: Option<TokenId>,
}

impl Place {
    pub fn of(req: &HttpRequest, context: &MemberContext) -> Result<Self, Fault> {
        let pattern = matched_pattern(req).unwrap_or_default();
        let named = |name: &str| req.match_info().get(name);
        let way = if pattern.contains("/system-accounts/") {
            OwnerKind::SystemAccount
        } else if pattern.contains("/users/") {
            OwnerKind::Person
        } else {
            OwnerKind::Mine
        };
        let member = match named("member") {
            Some(id) => id.parse().ok(),
            None => context.scope.actor.member_id(),
        };
        let token = named("token").map(|id| id.parse().map_err(|_| Fault::Missing)).transpose()?;
        Ok(Self { way, member: member.ok_or(Fault::Missing)?, token })
    }
    pub fn token(&self) -> Result<TokenId, Fault> {
        self.token.ok_or(Fault::Missing)
    }
    /// The owner of the tokens, if the caller may create and regenerate them.
    pub fn run(&self, conn: &mut Conn, scope: &Scope) -> Result<TokenOwner, Fault> {
        self.owner(limits::run(conn, scope, self.member)?)
    }
    /// The owner of the tokens, if the caller may see and revoke them.
    pub fn see(&self, conn: &mut Conn, scope: &Scope) -> Result<TokenOwner, Fault> {
        self.owner(limits::see(conn, scope, self.member)?)
    }
    fn owner(&self, member: Member) -> Result<TokenOwner, Fault> {
        // A person has no page under system accounts, nor a system account under people.
        if (member.kind == MemberKind::SystemAccount) == (self.way == OwnerKind::SystemAccount) {
            Ok(TokenOwner { way: self.way, member })
        } else {
            Err(Fault::Missing)
        }
    }
}
