//! Roster's own permissions, each with a description for administrators who edit roles.

use crate::kit::Permission;

/// A resource and the permissions on it.
#[derive(Debug)]
pub struct Resource {
    pub noun: &'static str,
    pub label: &'static str,
    pub permissions: &'static [Known],
}

/// A permission with its description.
#[derive(Debug)]
pub struct Known {
    pub permission: &'static str,
    pub label: &'static str,
    pub sentence: &'static str,
}

const fn known(permission: &'static str, label: &'static str, sentence: &'static str) -> Known {
    Known { permission, label, sentence }
}

/// Everything that a role can allow in Roster, grouped as in the form. Only the Administrator holds `*:*:*`, which
/// covers all of it and whatever is added later.
#[rustfmt::skip]
pub const CATALOGUE: &[Resource] = &[
    Resource { noun: "user", label: "People", permissions: &[
        known("user:read:*", "See", "The User Directory, profiles, and everybody’s login activity."),
        known("user:read:team", "See those of the teams they administer", "The User Directory with the people of these teams only, their profiles and login activity. For a help desk."),
        known("user:invite:team", "Invite into the teams they administer", "Send, renew and cancel invitations of people who join these teams and no others."),
        known("user:manage:team", "Manage those of the teams they administer", "Create, edit, disable and delete the people of these teams; reset passwords, give and take roles that they hold themselves. Nobody who may do more than they."),
        known("user:invite:*", "Invite", "Send, renew and cancel invitations. Nobody invites with more than they hold."),
        known("user:manage:*", "Manage", "Create, edit, disable and delete people; give and take roles, teams and policies; end sessions, reset passwords. Includes seeing them."),
    ] },
    Resource { noun: "system_account", label: "System accounts", permissions: &[
        known("system_account:read:*", "See", "The list of system accounts, their roles, tokens and last use."),
        known("system_account:manage:team", "Run those of their teams", "Disable the system accounts of their own teams and manage their tokens. Does not create any."),
        known("system_account:manage:*", "Manage", "Create, edit, disable and delete every system account and its tokens. Includes seeing them."),
    ] },
    Resource { noun: "token", label: "Tokens", permissions: &[
        known("token:manage:own", "Have own ones", "Make and revoke API tokens of their own, where an administrator gave them API access."),
        known("token:introspect:*", "Check those of others", "For system accounts: ask the API whether a token that a program sent is valid, whose it is and what it allows."),
    ] },
    Resource { noun: "team", label: "Teams", permissions: &[
        known("team:read:*", "See", "Which teams there are and who is in them."),
        known("team:manage:own", "Manage their own", "Add and remove people of the teams they are administrator of."),
        known("team:manage:*", "Manage", "Create, edit and delete teams, and change who is in them. Includes seeing them."),
    ] },
    Resource { noun: "role", label: "Roles", permissions: &[
        known("role:read:*", "See", "Which roles there are, what each allows, and who holds it."),
        known("role:manage:*", "Manage", "Create, edit and delete roles, never with more than they hold themselves. Includes seeing them."),
    ] },
    Resource { noun: "policy", label: "Policies", permissions: &[
        known("policy:read:*", "See", "Which policies there are and what each allows."),
        known("policy:manage:*", "Manage", "Create, edit and delete policies, never with more than they hold themselves. Includes seeing them."),
    ] },
    Resource { noun: "audit", label: "Audit log", permissions: &[
        known("audit:read:team", "See that of the people of the teams they administer", "What these people did and what was done to them, on their profiles and in the log."),
        known("audit:read:*", "See", "Who did what, when and from where, and take it along as a file."),
    ] },
    Resource { noun: "organization", label: "Organization", permissions: &[
        known("organization:read:*", "See the settings", "Name, plan, rules for sessions and passwords."),
        known("organization:manage:*", "Manage the settings", "Change them, and declare what the organization’s own applications know as permissions and resource types. Includes seeing them."),
    ] },
    Resource { noun: "connection", label: "Single sign-on", permissions: &[
        known("connection:read:*", "See", "Which identity providers people sign in through, and whether it works."),
        known("connection:manage:*", "Manage", "Create, edit, test, enable, disable and delete connections to identity providers, and verify domains. Includes seeing them."),
    ] },
    Resource { noun: "webhook", label: "Webhooks", permissions: &[
        known("webhook:read:*", "See", "Which addresses are told of events, and whether it arrives. What was sent is shown to those who also see the audit log."),
        known("webhook:manage:*", "Manage", "Create, edit, test, disable and delete webhooks, and give them new secrets. Includes seeing them."),
    ] },
];

/// Whether a resource is Roster's own and not of an organization's product.
pub fn is_rosters(resource: &str) -> bool {
    CATALOGUE.iter().any(|known| known.noun == resource)
}

/// Whether a permission allows anything in Roster itself.
pub fn opens_roster(permission: &Permission) -> bool {
    permission.noun() == "*" || is_rosters(permission.noun())
}

/// Whether a permission is administrative: for all members or resources, of Roster or of an application, its holder
/// changes what others are, have and may do. A permission scoped to the holder's own things or teams is not.
pub fn rules(permission: &Permission) -> bool {
    matches!(permission.action(), "manage" | "*") && permission.scope() == "*"
}

/// Whether it is one of Roster's own permissions.
pub fn is_known(permission: &Permission) -> bool {
    let text = permission.to_string();
    CATALOGUE.iter().flat_map(|resource| resource.permissions).any(|known| known.permission == text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::roles::Predefined;

    #[test]
    fn every_permission_of_the_catalogue_can_be_read_and_is_of_its_resource() {
        for resource in CATALOGUE {
            for known in resource.permissions {
                let permission: Permission = known.permission.parse().unwrap();
                assert_eq!(permission.noun(), resource.noun);
                assert!(known.sentence.ends_with('.'), "{}", known.sentence);
            }
        }
    }

    #[test]
    fn the_catalogue_holds_what_predefined_roles_allow() {
        for role in Predefined::ALL.into_iter().filter(|role| *role != Predefined::Administrator) {
            for text in role.permissions() {
                assert!(is_known(&text.parse().unwrap()), "{text} of {role:?}");
            }
        }
    }
}
