//! Writes the API credentials of the demo: tokens, and which people have API access.

use super::{
    insert::insert_all,
    tokens::{Owner, Token, Use},
    writer::{AT_ONCE, Writer},
};
use crate::{
    db::{
        Tx,
        schema::{api_access, token_use_days, tokens},
    },
    kit::{Fault, MemberId, TokenId},
    tokens::warning,
    web::chart::DAYS,
};
use diesel::prelude::*;

impl Writer<'_> {
    /// Writes the tokens, with their uses, and the API access of the people who have some.
    pub fn tokens(&self, tx: &mut Tx<'_>, machines: &[MemberId], all: &[Token]) -> Result<(), Fault> {
        for some in all.chunks(AT_ONCE) {
            let (mut rows, mut access, mut uses) = (vec![], vec![], vec![]);
            for token in some {
                let (id, by) = (TokenId::new(token.created_at), self.members[token.created_by]);
                let owner = match token.owner {
                    Owner::Machine(number) => machines[number],
                    Owner::Person(number) => self.members[number],
                };
                let (last, old) = (token.last_use.as_ref(), token.old.as_ref());
                let old_use = old.and_then(|old| old.last_use.as_ref());
                rows.push((
                    tokens::id.eq(id),
                    tokens::organization_id.eq(self.organization),
                    tokens::member_id.eq(owner),
                    tokens::name.eq(token.name),
                    tokens::digest.eq(&token.value.digest),
                    tokens::prefix.eq(&token.value.prefix),
                    tokens::mode.eq(token.mode),
                    tokens::created_at.eq(token.created_at),
                    tokens::created_by.eq(Some(by)),
                    tokens::expires_at.eq(token.expires_at),
                    tokens::revoked_at.eq(token.revoked_at),
                    tokens::revoked_by.eq(token.revoked_at.map(|_| by)),
                    tokens::last_used_at.eq(last.map(|last| last.at)),
                    tokens::last_used_address.eq(last.map_or("", address)),
                    tokens::last_used_agent.eq(last.map_or("", |last| last.agent)),
                    tokens::regenerated_at.eq(old.map(|old| old.regenerated_at)),
                    tokens::regenerated_by.eq(old.map(|_| by)),
                    tokens::old_digest.eq(old.map(|old| &old.value.digest)),
                    tokens::old_prefix.eq(old.map_or("", |old| &old.value.prefix)),
                    tokens::old_until.eq(old.map(|old| old.until)),
                    tokens::old_last_used_at.eq(old_use.map(|last| last.at)),
                    tokens::old_last_used_address.eq(old_use.map_or("", address)),
                    tokens::old_last_used_agent.eq(old_use.map_or("", |last| last.agent)),
                    // No warning letters are sent for demo tokens.
                    tokens::warned_days.eq(token.expires_at.and_then(|end| warning(end, self.now))),
                ));
                // API access was enabled right before the token was made.
                if let Owner::Person(number) = token.owner {
                    access.push((
                        api_access::organization_id.eq(self.organization),
                        api_access::member_id.eq(owner),
                        api_access::enabled_at.eq(token.created_at),
                        api_access::enabled_by.eq(Some(self.members[self.dataset.memberships[number].created_by])),
                    ));
                }
                uses.extend(self.uses(token).into_iter().map(|(day, uses)| {
                    (
                        token_use_days::organization_id.eq(self.organization),
                        token_use_days::member_id.eq(owner),
                        token_use_days::token_id.eq(id),
                        token_use_days::day.eq(day),
                        token_use_days::uses.eq(uses),
                    )
                }));
            }
            insert_all!(tx, api_access, access);
            insert_all!(tx, tokens, rows);
            insert_all!(tx, token_use_days, uses);
        }
        Ok(())
    }

    /// Uses of a token on each recent day up to its last use: derived from its digest, fewer at weekends.
    fn uses(&self, token: &Token) -> Vec<(i64, i64)> {
        let Some(last) = &token.last_use else { return vec![] };
        let first = token.created_at.day().max(self.now.day() - DAYS + 1);
        let digest = &token.value.digest;
        let number = |at: i64| digest.get(usize::try_from(at.rem_euclid(32)).unwrap_or_default()).copied().unwrap_or_default();
        // 1 January 1970 was a Thursday.
        let uses = |day: i64| 1 + i64::from(number(day)) * i64::from(number(0)) / if matches!(day % 7, 2 | 3) { 320 } else { 40 };
        (first..=last.at.day()).map(|day| (day, uses(day))).collect()
    }
}

fn address(last: &Use) -> &str {
    &last.address
}
