//! Writes the API credentials of the demo: tokens, and which people have API access.

use super::{
    rows::{ApiAccessRow, TokenRow, TokenUseDayRow, insert_all},
    tokens::{Owner, Token, Use},
    writer::{AT_ONCE, Writer},
};
use crate::{
    db::Tx,
    kit::{Fault, MemberId, TokenId},
    tokens::warning,
    web::chart::DAYS,
};

impl Writer<'_> {
    pub fn tokens(&self, tx: &mut Tx<'_>, machines: &[MemberId], all: &[Token]) -> Result<(), Fault> {
        for some in all.chunks(AT_ONCE) {
            let rows: Vec<TokenRow<'_>> = some.iter().map(|token| self.token(machines, token)).collect();
            let access: Vec<ApiAccessRow> = some.iter().filter_map(|token| self.api_access(token)).collect();
            let days: Vec<TokenUseDayRow> = rows.iter().flat_map(|row| self.days(row)).collect();
            insert_all!(tx, api_access, access);
            insert_all!(tx, tokens, rows);
            insert_all!(tx, token_use_days, days);
        }
        Ok(())
    }

    /// API access was enabled right before the token was made.
    fn api_access(&self, token: &Token) -> Option<ApiAccessRow> {
        let Owner::Person(number) = token.owner else { return None };
        Some(ApiAccessRow {
            organization_id: self.organization,
            member_id: self.members[number],
            enabled_at: token.created_at,
            enabled_by: Some(self.members[self.crowd.places[number].created_by]),
        })
    }

    fn token<'t>(&self, machines: &[MemberId], token: &'t Token) -> TokenRow<'t> {
        let (last, old) = (token.last_use.as_ref(), token.old.as_ref());
        let old_use = old.and_then(|old| old.last_use.as_ref());
        let by = self.members[token.created_by];
        TokenRow {
            id: TokenId::new(token.created_at),
            organization_id: self.organization,
            member_id: match token.owner {
                Owner::Machine(number) => machines[number],
                Owner::Person(number) => self.members[number],
            },
            name: token.name,
            digest: &token.value.digest,
            prefix: &token.value.prefix,
            mode: token.mode,
            created_at: token.created_at,
            created_by: Some(by),
            expires_at: token.expires_at,
            revoked_at: token.revoked_at,
            revoked_by: token.revoked_at.map(|_| by),
            last_used_at: last.map(|last| last.at),
            last_used_address: last.map_or("", address),
            last_used_agent: last.map_or("", |last| last.agent),
            regenerated_at: old.map(|old| old.regenerated_at),
            regenerated_by: old.map(|_| by),
            old_digest: old.map(|old| old.value.digest.clone()),
            old_prefix: old.map_or("", |old| &old.value.prefix),
            old_until: old.map(|old| old.until),
            old_last_used_at: old_use.map(|last| last.at),
            old_last_used_address: old_use.map_or("", address),
            old_last_used_agent: old_use.map_or("", |last| last.agent),
            // No warning letters are sent for demo tokens.
            warned_days: token.expires_at.and_then(|end| warning(end, self.now)),
        }
    }
}

impl Writer<'_> {
    /// Uses of a token on each recent day up to its last use: derived from its digest, fewer at weekends.
    fn days(&self, row: &TokenRow<'_>) -> Vec<TokenUseDayRow> {
        let Some(last) = row.last_used_at else { return vec![] };
        let first = row.created_at.day().max(self.now.day() - DAYS + 1);
        let number = |at: i64| row.digest.get(usize::try_from(at.rem_euclid(32)).unwrap_or_default()).copied().unwrap_or_default();
        let day = |day: i64| TokenUseDayRow {
            organization_id: row.organization_id,
            member_id: row.member_id,
            token_id: row.id,
            day,
            // 1 January 1970 was a Thursday.
            uses: 1 + i64::from(number(day)) * i64::from(number(0)) / if matches!(day % 7, 2 | 3) { 320 } else { 40 },
        };
        (first..=last.day()).map(day).collect()
    }
}

fn address(last: &Use) -> &str {
    &last.address
}
