//! What an organization holds, as far as the page tells it, and who else administrates it.

use crate::{
    audit,
    db::{
        Conn,
        schema::{teams, tokens},
    },
    directory::Total,
    kit::{Fault, MemberKind, Scope, count},
    members,
};
use diesel::prelude::*;

/// So many audit events are counted for the page.
const MOST_EVENTS: i64 = 100_000;

/// What is deleted with an organization.
#[derive(Clone, Debug)]
pub struct Holdings {
    pub people: i64,
    pub system_accounts: i64,
    pub teams: i64,
    /// Tokens that were not revoked.
    pub tokens: i64,
    pub events: Total,
}

impl Holdings {
    /// The numbers with their words: people, system accounts, tokens, teams, audit events.
    pub fn told(&self) -> [String; 5] {
        let is_one = self.events == Total::Exactly(1);
        [
            count(self.people, "person", "people"),
            count(self.system_accounts, "system account", "system accounts"),
            count(self.tokens, "token", "tokens"),
            count(self.teams, "team", "teams"),
            format!("{} {}", self.events, if is_one { "event" } else { "events" }),
        ]
    }
}

/// Counts what the organization of the scope holds.
pub fn holdings(conn: &mut Conn, scope: &Scope) -> Result<Holdings, Fault> {
    let tallies = members::tallies(conn, scope.organization)?;
    let of = |wanted| tallies.iter().filter(|(kind, ..)| *kind == wanted).map(|(.., members)| members).sum();
    let teams = teams::table.filter(teams::organization_id.eq(scope.organization)).count().get_result(conn)?;
    let usable = tokens::table
        .filter(tokens::organization_id.eq(scope.organization))
        .filter(tokens::revoked_at.is_null());
    Ok(Holdings {
        people: of(MemberKind::User),
        system_accounts: of(MemberKind::SystemAccount),
        teams,
        tokens: usable.count().get_result(conn)?,
        events: match audit::count_up_to(conn, scope.organization, MOST_EVENTS)? {
            count if count > MOST_EVENTS => Total::AtLeast(count),
            count => Total::Exactly(count),
        },
    })
}

/// The names of the Administrators who can sign in, without the caller.
pub(super) fn other_administrators(conn: &mut Conn, scope: &Scope) -> Result<Vec<String>, Fault> {
    let all = members::named_usable_administrators(conn, scope)?;
    Ok(all.into_iter().filter(|(id, _)| !scope.is_me(*id)).map(|(_, name)| name).collect())
}
