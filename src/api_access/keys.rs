//! A person's tokens and API passwords in all their organizations, counted and ended together.

use super::store;
use crate::{
    audit::{self, Event},
    db::{
        Conn, Tx,
        schema::{api_access, members as people},
    },
    kit::{Fault, Timestamp, UserId},
    members::{self, ChangedBy},
    passwords::{CredentialCount, ProgramCredentials},
    tokens,
};
use diesel::prelude::*;
use serde_json::json;

/// The tokens and API passwords of people.
pub struct ApiCredentials;

impl ProgramCredentials for ApiCredentials {
    fn count(&self, conn: &mut Conn, user: UserId, now: Timestamp) -> Result<CredentialCount, Fault> {
        let set = api_access::table
            .inner_join(people::table)
            .filter(people::user_id.eq(Some(user)).assume_not_null())
            .filter(api_access::hash.is_not_null());
        let set: i64 = set.count().get_result(conn)?;
        Ok(CredentialCount {
            tokens: tokens::count_of(conn, user, now)?,
            api_passwords: usize::try_from(set).unwrap_or_default(),
        })
    }

    fn end(&self, tx: &mut Tx<'_>, user: UserId, by: ChangedBy<'_>) -> Result<CredentialCount, Fault> {
        let mut all = CredentialCount::default();
        for membership in members::memberships(tx, user)? {
            let scope = by.scope(&membership, user);
            let names = tokens::end_all(tx, &scope, membership.id)?;
            let had_password = store::find(tx, &scope, membership.id)?.is_some_and(|access| access.changed_at.is_some());
            if had_password {
                store::set_hash(tx, &scope, membership.id, None)?;
            }
            if names.is_empty() && !had_password {
                continue;
            }
            all.tokens += names.len();
            all.api_passwords += usize::from(had_password);
            let details = json!({ "number_of_tokens": names.len(), "tokens": names, "api_password": had_password });
            let event = Event::new("api_access.credentials_ended", "member", membership.id.0, &membership.name);
            audit::record(tx, &scope, event.after(details))?;
        }
        Ok(all)
    }
}
