//! The application permissions and resource types that the demo organization declares.

use crate::{
    db::Tx,
    kit::{Fault, OrganizationId, Timestamp},
    policies, roles,
};

/// Permission and explanation.
const PERMISSIONS: &[(&str, &str)] = &[
    ("alert:manage:*", "Silence, assign and close alerts. Includes seeing them."),
    ("build:read:*", "Results and logs of every build."),
    ("contract_data:manage:*", "Change what contracts say. Includes reading them."),
    ("contract_data:read:*", "Read what contracts say."),
    ("customer:manage:*", "Create, correct and delete customers. Includes seeing them."),
    ("customer:read:*", "Names and addresses of customers."),
    ("deployment:manage:*", "Start, stop and roll back everywhere. Includes seeing it."),
    ("deployment:manage:team", "Start, stop and roll back what their own team runs."),
    ("deployment:read:*", "What runs where, in which version."),
    ("export:manage:*", "Take personal data out of the system, and see who did."),
    ("invoice:manage:*", "Write, correct and cancel invoices. Includes reading them."),
    ("invoice:read:*", "Read invoices."),
    ("release:manage:*", "Decide what is released when. Includes seeing the plan."),
    ("secret:read:team", "The passwords of the machines of their own team."),
    ("ticket:manage:*", "Answer and close what customers report. Includes reading it."),
];

/// Name, explanation, actions.
const TYPES: &[(&str, &str, &[&str])] = &[
    ("archive", "Boxes of the paper archive.", &["read", "restore"]),
    ("contract", "A contract with a customer, by its number.", &["read", "comment", "sign"]),
    ("deployment", "A machine that something of ours runs on.", &["read", "start", "stop"]),
    ("drawing", "A drawing of an engine.", &["read", "comment", "approve"]),
    ("invoice", "An invoice to a customer.", &["read", "approve"]),
    ("part", "A part of an engine, by its number in the catalogue.", &["read", "order"]),
    ("report", "A report for certificates and audits.", &["read"]),
    ("secret", "A password of a machine.", &["read", "rotate"]),
];

pub(super) fn declare(tx: &mut Tx<'_>, organization: OrganizationId, now: Timestamp) -> Result<(), Fault> {
    for (permission, description) in PERMISSIONS {
        roles::declare(tx, organization, permission, description, now)?;
    }
    for (name, description, actions) in TYPES {
        let actions: Vec<String> = actions.iter().map(ToString::to_string).collect();
        policies::insert_type(tx, organization, name, description, &actions, now)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::demo::fixtures::{OWN_ROLES, POLICIES};

    #[test]
    fn everything_that_roles_and_policies_name_is_declared() {
        for text in OWN_ROLES.iter().flat_map(|role| role.2) {
            let is_declared = PERMISSIONS.iter().any(|known| known.0 == *text);
            assert!(is_declared || roles::is_known(&text.parse().unwrap()), "{text}");
        }
        for (kind, actions, _) in POLICIES.iter().flat_map(|policy| policy.2) {
            let known = TYPES.iter().find(|known| known.0 == *kind).unwrap();
            assert!(actions.iter().all(|action| *action == "*" || known.2.contains(action)), "{kind}");
        }
    }
}
