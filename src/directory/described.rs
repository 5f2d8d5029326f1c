//! The filters of a list in words, for the page of a bulk action that ran on all matching members.

use super::query::{DirectoryQuery, Tab};
use crate::{
    db::Conn,
    kit::{Fault, MemberKind, Scope, rights},
    members::{provider_name, teams},
    policies, roles,
};

/// The filters of a list's query in words. Empty if it matches all members.
pub fn described(conn: &mut Conn, scope: &Scope, kind: MemberKind, query: &str) -> Result<Vec<String>, Fault> {
    let wish = DirectoryQuery::read(kind, query, None).seen_by(scope);
    let mut all = Vec::new();
    if wish.tab != Tab::default() {
        all.push(match wish.tab {
            Tab::Everything => "also the disabled".to_owned(),
            tab => tab.label().to_owned(),
        });
    }
    if !wish.search.is_empty() {
        all.push(format!("search “{}”", wish.search));
    }
    if !wish.roles.is_empty() {
        let known = roles::list(conn, scope.organization)?;
        let chosen = known.into_iter().filter(|role| wish.roles.contains(&role.id)).map(|role| role.name);
        all.push(one_of("role", chosen));
    }
    if !wish.teams.is_empty() {
        let known = teams(conn, scope.organization)?;
        let chosen = known.into_iter().filter(|team| wish.teams.contains(&team.id)).map(|team| team.name);
        all.push(one_of("team", chosen));
    }
    if !wish.policies.is_empty() && scope.may(rights::POLICY_READ) {
        let known = policies::list(conn, scope.organization)?;
        let chosen = known.into_iter().filter(|one| wish.policies.contains(&one.id)).map(|one| one.name);
        all.push(one_of("policy", chosen));
    }
    if !wish.providers.is_empty() {
        all.push(one_of("provider", wish.providers.iter().map(|name| provider_name(name).to_owned())));
    }
    let what = if kind.is_machine() { "last use" } else { "last sign-in" };
    all.extend(wish.seen.map(|seen| format!("{what}: {}", seen.label(kind).to_lowercase())));
    all.extend(wish.two_step.map(|two_step| format!("two-step sign-in: {}", two_step.label().to_lowercase())));
    Ok(all)
}

/// Roles, teams and policies that were deleted meanwhile have no name.
fn one_of(what: &str, names: impl Iterator<Item = String>) -> String {
    let names: Vec<String> = names.collect();
    if names.is_empty() {
        format!("a {what} that is gone")
    } else {
        format!("{what} {}", names.join(" or "))
    }
}
