//! One rule of a policy, and what it allows.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::fmt;

/// Means every type, action or resource.
pub const ALL: &str = "*";

/// One rule: these actions on these resources of that type. `*` means all.
#[derive(Clone, Debug, Serialize, Deserialize, PartialEq, Eq, PartialOrd, Ord)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    pub resource_type: String,
    pub actions: Vec<String>,
    pub resource_ids: Vec<String>,
}

impl Rule {
    /// Whether the rule allows this. A `*` in the question matches only a `*` in the rule, so that one rule can be
    /// compared with another.
    pub fn allows(&self, resource_type: &str, action: &str, resource_id: &str) -> bool {
        let among = |list: &[String], wanted: &str| list.iter().any(|one| one == ALL || one == wanted);
        (self.resource_type == ALL || self.resource_type == resource_type)
            && among(&self.actions, action)
            && among(&self.resource_ids, resource_id)
    }

    /// Every combination that it allows, as arguments for [`Rule::allows`].
    pub fn pieces(&self) -> impl Iterator<Item = (&str, &str, &str)> {
        let of = move |action| self.resource_ids.iter().map(move |id| (self.resource_type.as_str(), action, id.as_str()));
        self.actions.iter().map(String::as_str).flat_map(of)
    }
}

/// For lists: `contract: read, sign on all`, `every type: read on 7, 8, 9 and 4 more`.
impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let has_all = |list: &[String]| list.iter().any(|one| one == ALL);
        let resource_type = if self.resource_type == ALL {
            "every type"
        } else {
            &self.resource_type
        };
        let actions = if has_all(&self.actions) {
            "every action".to_owned()
        } else {
            self.actions.join(", ")
        };
        let ids = match &self.resource_ids[..] {
            ids if has_all(ids) => "all".to_owned(),
            [first, second, third, rest @ ..] if !rest.is_empty() => format!("{first}, {second}, {third} and {} more", rest.len()),
            few => few.join(", "),
        };
        write!(f, "{resource_type}: {actions} on {ids}")
    }
}

/// The rules in a stored document. Anything that is not a rule allows nothing.
pub fn read(document: &Value) -> Vec<Rule> {
    let rules = document.as_array().map(Vec::as_slice).unwrap_or_default();
    rules.iter().filter_map(|rule| serde_json::from_value(rule.clone()).ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn rule(resource_type: &str, actions: &[&str], ids: &[&str]) -> Rule {
        let texts = |list: &[&str]| list.iter().map(ToString::to_string).collect();
        Rule {
            resource_type: resource_type.into(),
            actions: texts(actions),
            resource_ids: texts(ids),
        }
    }

    #[test]
    fn a_rule_allows_what_it_says_and_nothing_else() {
        for (rule, asked, expected) in [
            (rule("contract", &["read"], &["7"]), ("contract", "read", "7"), true),
            (rule("contract", &["read"], &["7"]), ("contract", "read", "8"), false),
            (rule("contract", &["read"], &["7"]), ("contract", "sign", "7"), false),
            (rule("contract", &["read"], &["7"]), ("contracts", "read", "7"), false),
            (rule("*", &["*"], &["*"]), ("contract", "read", "7"), true),
            (rule("contract", &["*"], &["*"]), ("contract", "*", "*"), true),
            (rule("contract", &["read"], &["*"]), ("contract", "*", "*"), false),
            (rule("contract", &["read"], &["7"]), ("*", "read", "7"), false),
            (rule("contract", &[], &["*"]), ("contract", "read", "7"), false),
            (rule("contract", &["*"], &[]), ("contract", "read", "7"), false),
        ] {
            let (resource_type, action, id) = asked;
            assert_eq!(rule.allows(resource_type, action, id), expected, "{rule:?} for {asked:?}");
        }
    }

    #[test]
    fn a_rule_is_told_in_a_line() {
        assert_eq!(rule("contract", &["read", "sign"], &["*"]).to_string(), "contract: read, sign on all");
        let many = rule("*", &["*"], &["1", "2", "3", "4"]);
        assert_eq!(many.to_string(), "every type: every action on 1, 2, 3 and 1 more");
    }

    #[test]
    fn what_is_no_rule_is_left_out() {
        let good = json!({ "resource_type": "contract", "actions": ["read"], "resource_ids": ["*"] });
        let bad = json!({ "resource_type": "*", "actions": "*", "resource_ids": ["*"] });
        let strange = json!({ "resource_type": "*", "actions": ["*"], "resource_ids": ["*"], "unless": "never" });
        assert_eq!(read(&json!([bad, good, strange, 7, null])), [rule("contract", &["read"], &["*"])]);
        for nothing in [json!({}), json!(null), json!("*"), good] {
            assert_eq!(read(&nothing), []);
        }
    }
}
