//! How many members hold a role or have a policy attached: one count for every page that shows it.

use crate::{
    db::Conn,
    kit::{Fault, MemberKind, MemberStatus, Scope, count, grouped, sentence_list},
    members::{AssignedId, GivingTeam, assignment_counts, giving_teams},
};
use std::{collections::HashMap, fmt, hash::Hash};

/// The count of those who have it by themselves, in parts, and the teams that give it to their members. Where no team gives
/// it, there is for each part a filtered list of exactly that many members.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Count {
    /// Active or invited people.
    pub people: i64,
    pub disabled_people: i64,
    /// All system accounts, because their list includes the disabled ones.
    pub system_accounts: i64,
    pub disabled_system_accounts: i64,
    pub teams: Vec<GivingTeam>,
}

/// A database row: what is counted, the member kind, whether the members are not disabled, and how many.
pub(super) type Row<K> = (K, MemberKind, bool, i64);

/// How many members have these roles or policies; without `ids`, all of the organization.
pub(super) fn counted<K: AssignedId + Eq + Hash>(conn: &mut Conn, scope: &Scope, ids: Option<&[K]>) -> Result<HashMap<K, Count>, Fault> {
    let found = assignment_counts(conn, scope, ids)?;
    let row = |(id, kind, status, many)| (id, kind, status != MemberStatus::Disabled, many);
    let mut all = counts(found.into_iter().map(row).collect());
    for (id, team) in giving_teams(conn, scope, ids)? {
        all.entry(id).or_default().teams.push(team);
    }
    Ok(all)
}

/// Groups the rows by what is counted. Anything without rows is absent.
pub(super) fn counts<K: Eq + Hash>(rows: Vec<Row<K>>) -> HashMap<K, Count> {
    let mut all: HashMap<K, Count> = HashMap::new();
    for (of, kind, is_current, many) in rows {
        let one = all.entry(of).or_default();
        match (kind, is_current) {
            (MemberKind::User, true) => one.people += many,
            (MemberKind::User, false) => one.disabled_people += many,
            (MemberKind::SystemAccount, true) => one.system_accounts += many,
            (MemberKind::SystemAccount, false) => {
                one.system_accounts += many;
                one.disabled_system_accounts += many;
            }
        }
    }
    all
}

impl Count {
    /// How many have it by themselves.
    pub fn all(&self) -> i64 {
        self.people + self.disabled_people + self.system_accounts
    }
    /// How many may have it at most. Somebody may be in two of the teams.
    pub fn most(&self) -> i64 {
        self.all() + self.teams.iter().map(|team| team.members).sum::<i64>()
    }
    /// Whether nobody has it, and no team gives it.
    pub fn is_unused(&self) -> bool {
        self.all() == 0 && self.teams.is_empty()
    }
    /// Each part in words, with the path of the list that shows it. The caller adds a filter to the path.
    pub fn parts(&self) -> Vec<(String, &'static str)> {
        let mut parts = Vec::new();
        if self.people > 0 {
            parts.push((count(self.people, "person", "people"), "/users?"));
        }
        if self.disabled_people > 0 {
            let words = count(self.disabled_people, "disabled person", "disabled people");
            parts.push((words, "/users?tab=disabled&"));
        }
        if self.system_accounts > 0 {
            let words = count(self.system_accounts, "system account", "system accounts");
            parts.push(match self.disabled_system_accounts {
                0 => (words, "/system-accounts?"),
                off => (format!("{words} ({} disabled)", grouped(off)), "/system-accounts?disabled=1&"),
            });
        }
        parts
    }
}

/// `3 people, 1 disabled person, 2 system accounts (1 disabled) and the 12 members of the team Fish`, or `nobody`.
impl fmt::Display for Count {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let own = self.parts().into_iter().map(|(words, _)| words);
        let words: Vec<String> = own.chain(self.teams.iter().map(GivingTeam::told)).collect();
        f.write_str(if words.is_empty() { "nobody" } else { "" })?;
        f.write_str(&sentence_list(&words))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kit::TeamId;

    #[test]
    fn what_is_counted_is_said() {
        let rows = vec![
            ("role", MemberKind::User, true, 1_200),
            ("role", MemberKind::User, false, 1),
            ("role", MemberKind::SystemAccount, true, 1),
            ("role", MemberKind::SystemAccount, false, 2),
            ("other", MemberKind::SystemAccount, true, 1),
        ];
        let all = counts(rows);
        let expected = "1,200 people, 1 disabled person and 3 system accounts (2 disabled)";
        assert_eq!((all["role"].to_string().as_str(), all["role"].all()), (expected, 1_204));
        assert_eq!(all["other"].parts(), [("1 system account".to_owned(), "/system-accounts?")]);
        assert_eq!(Count::default().to_string(), "nobody");
        let mut given = all["role"].clone();
        given.teams = vec![GivingTeam { id: TeamId(uuid::Uuid::nil()), name: "Fish".into(), members: 1, until: None }];
        assert!(
            given.to_string().ends_with("3 system accounts (2 disabled) and the member of the team Fish"),
            "{given}"
        );
        assert_eq!((given.all(), given.most(), given.is_unused()), (1_204, 1_205, false));
    }
}
