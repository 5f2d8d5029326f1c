//! Checks that every filter in the query of a list is valid. A list page ignores invalid filters and says so.
//! Operations on all matching members, and the export, check here first.

use super::{
    column::{self, Column},
    query::{DirectoryQuery, Tab},
};
use crate::kit::MemberKind;

/// The query parameters that select members.
const FILTERS: [&str; 10] = [
    "tab", "disabled", "q", "role", "team", "policy", "provider", "field", "seen", "two_step",
];

/// Whether every filter in the query can be read: none is unknown, misspelt, cut or repeated.
pub fn is_understood(kind: MemberKind, query: &str) -> bool {
    let query = query.trim_start_matches('?');
    let Ok(pairs) = serde_html_form::from_str::<Vec<(String, String)>>(query) else {
        return false;
    };
    let list_query = DirectoryQuery::read(kind, query, None);
    let kept = list_query.query_pairs();
    let is_kept = |name: &str, value: &str| kept.iter().any(|(known, kept)| *known == name && kept == value);
    pairs.iter().all(|(name, value)| match (name.as_str(), value.trim()) {
        // The order, the page, the view and how exactly it counts select nobody.
        ("sort" | "dir" | "order" | "per" | "row" | "after" | "before" | "last" | "exact" | "view", _) => true,
        ("columns", text) => text.split('.').all(|one| is_column(kind, one)),
        (name, "") => FILTERS.contains(&name),
        ("tab", tab) if list_query.tab == Tab::Current => kind == MemberKind::User && tab == Tab::Current.as_str(),
        ("disabled", _) => kind.is_machine(),
        (name, value) => is_kept(name, value),
    })
}

/// Whether the list can have this column.
fn is_column(kind: MemberKind, text: &str) -> bool {
    text == column::NAME || text.parse().is_ok_and(|column: Column| column::is_of(kind, column))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_filter_that_is_not_understood_is_found_out() {
        let role = uuid::Uuid::from_u128(7);
        for good in [
            "",
            "tab=current&q=+ada++&seen=&sort=up&per=7",
            "tab=disabled&q=ada%20l&provider=saml&seen=30&two_step=none&dir=asc&exact=1",
            "columns=teams.title.id&view=none",
            &format!("role={role}&role={}", uuid::Uuid::from_u128(8)),
        ] {
            assert!(is_understood(MemberKind::User, good), "{good}");
        }
        for wrong in [
            "tab=disbled",
            "tab=all",
            "role=Viewer",
            "roles=",
            "rolle=x",
            "seen=31",
            "columns=teams.tokens",
            "two_step=no",
            "q=%00a",
            "disabled=1",
            &format!("q={}", "x".repeat(201)),
            "tab=active&tab=disabled",
        ] {
            assert!(!is_understood(MemberKind::User, wrong), "{wrong}");
        }
        assert!(is_understood(MemberKind::SystemAccount, "disabled=1&q=deploy"));
        assert!(!is_understood(MemberKind::SystemAccount, "tab=disabled"));
    }
}
