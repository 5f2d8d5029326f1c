//! The filters of a list in words, for the page of a bulk action that ran on all matching members.

use super::{
    own_filters,
    query::{DirectoryQuery, Tab},
};
use crate::{
    db::Conn,
    kit::{Fault, MemberKind, Scope, rights},
    members::{provider_name, teams},
    policies, roles,
};

/// The filters of a list's query in words. Empty if it matches all members.
pub fn described(conn: &mut Conn, scope: &Scope, kind: MemberKind, query: &str) -> Result<Vec<String>, Fault> {
    let list_query = DirectoryQuery::read(kind, query, None).seen_by(scope);
    let mut all = Vec::new();
    if list_query.tab != Tab::default() {
        all.push(match list_query.tab {
            Tab::Everything => "also the disabled".to_owned(),
            tab => tab.label().to_owned(),
        });
    }
    if !list_query.search.is_empty() {
        all.push(format!("search “{}”", list_query.search));
    }
    if !list_query.roles.is_empty() {
        let known = roles::list(conn, scope.organization)?;
        let chosen = known.into_iter().filter(|role| list_query.roles.contains(&role.id)).map(|role| role.name);
        all.push(one_of("role", chosen));
    }
    if !list_query.teams.is_empty() {
        let known = teams(conn, scope.organization)?;
        let chosen = known.into_iter().filter(|team| list_query.teams.contains(&team.id)).map(|team| team.name);
        all.push(one_of("team", chosen));
    }
    if !list_query.policies.is_empty() && scope.may(rights::POLICY_READ) {
        let known = policies::list(conn, scope.organization)?;
        let chosen = known.into_iter().filter(|one| list_query.policies.contains(&one.id)).map(|one| one.name);
        all.push(one_of("policy", chosen));
    }
    if !list_query.providers.is_empty() {
        all.push(one_of("provider", list_query.providers.iter().map(|name| provider_name(name).to_owned())));
    }
    let own = own_filters::told(conn, scope, &list_query.fields)?;
    all.extend(own.into_iter().map(|(field, told)| format!("{field}: {told}")));
    let what = if kind.is_machine() { "last use" } else { "last sign-in" };
    all.extend(list_query.seen.map(|seen| format!("{what}: {}", seen.label(kind).to_lowercase())));
    all.extend(list_query.two_step.map(|two_step| format!("two-step sign-in: {}", two_step.label().to_lowercase())));
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
