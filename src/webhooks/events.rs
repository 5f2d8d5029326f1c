//! What webhooks can be told of: the published types of events, and which audit action is published as which type. A
//! test compares the two lists of actions with `audit::words`, so that every new action is published or left out on
//! purpose.

use crate::kit::MemberKind;

/// The event of a test.
pub const PING: &str = "ping";

/// A published type of event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EventType {
    pub name: &'static str,
    /// When it is sent.
    pub sentence: &'static str,
}

const fn kind(name: &'static str, sentence: &'static str) -> EventType {
    EventType { name, sentence }
}

/// Every type but [`PING`], in groups as the form shows them.
#[rustfmt::skip]
pub const GROUPS: [(&str, &[EventType]); 9] = [
    ("People", &[
        kind("member.invited", "An invitation was sent."),
        kind("member.invitation_cancelled", "An invitation was cancelled or became void."),
        kind("member.joined", "A person accepted an invitation or was added."),
        kind("member.created", "A person was created without an invitation."),
        kind("member.updated", "Details or the email address changed."),
        kind("member.disabled", "A person lost all access."),
        kind("member.enabled", "A person has access again."),
        kind("member.deleted", "A person was deleted, or left the organization."),
        kind("member.roles_changed", "Roles or administrator access changed."),
        kind("member.policies_changed", "A policy was attached or detached."),
        kind("member.teams_changed", "A person joined or left a team, or became or ceased to be its administrator."),
    ]),
    ("System accounts", &[
        kind("system_account.created", "A system account was created."),
        kind("system_account.updated", "Its details changed."),
        kind("system_account.disabled", "It lost all access."),
        kind("system_account.enabled", "It has access again."),
        kind("system_account.deleted", "It was deleted."),
        kind("system_account.roles_changed", "Roles or administrator access changed."),
        kind("system_account.policies_changed", "A policy was attached or detached."),
        kind("system_account.teams_changed", "It joined or left a team."),
    ]),
    ("API access and tokens", &[
        kind("token.created", "A token was created."),
        kind("token.updated", "A token was renamed."),
        kind("token.regenerated", "A token got a new value."),
        kind("token.old_value_retired", "The old value of a token ended before its time."),
        kind("token.revoked", "A token was revoked."),
        kind("api_access.enabled", "API access of a person was turned on."),
        kind("api_access.disabled", "API access of a person was turned off."),
        kind("api_access.password_set", "A person got an API password."),
        kind("api_access.password_removed", "An API password was removed."),
        kind("api_access.credentials_ended", "All tokens and the API password of a person ended."),
    ]),
    ("Roles", &[
        kind("role.created", "A role was created."),
        kind("role.updated", "A role was edited or reset, which changes what its holders may do."),
        kind("role.deleted", "A role was deleted."),
        kind("permission.declared", "An application permission was declared."),
        kind("permission.updated", "Its explanation changed."),
        kind("permission.withdrawn", "An application permission was withdrawn."),
    ]),
    ("Policies", &[
        kind("policy.created", "A policy was created."),
        kind("policy.updated", "A policy was edited."),
        kind("policy.deleted", "A policy was deleted."),
        kind("resource_type.declared", "A resource type was declared."),
        kind("resource_type.updated", "A resource type was edited."),
        kind("resource_type.withdrawn", "A resource type was withdrawn."),
    ]),
    ("Teams", &[
        kind("team.created", "A team was created."),
        kind("team.updated", "A team was edited."),
        kind("team.deleted", "A team was deleted."),
        kind("team.access_changed", "A team gives another role or policy to its members, or gives one no more."),
    ]),
    ("Access requests", &[
        kind("access_request.created", "A person asked for a role or a team."),
        kind("access_request.decided", "A request for a role or a team was granted or refused."),
    ]),
    ("Access reviews", &[
        kind("access_review.opened", "An access review was opened."),
        kind("access_review.closed", "An access review was closed, and what is to be removed is being removed."),
    ]),
    ("Organization", &[
        kind("organization.updated", "Settings, the plan, or whether two-step sign-in or single sign-on is required changed."),
    ]),
];

/// Audit actions that are published, and as which type. For system accounts `member.` becomes `system_account.`.
#[rustfmt::skip]
const PUBLISHED: [(&str, &str); 69] = [
    ("access_request.created", "access_request.created"),
    ("access_request.granted", "access_request.decided"),
    ("access_request.refused", "access_request.decided"),
    ("access_review.closed", "access_review.closed"),
    ("access_review.opened", "access_review.opened"),
    ("api_access.credentials_ended", "api_access.credentials_ended"),
    ("api_access.disabled", "api_access.disabled"),
    ("api_access.enabled", "api_access.enabled"),
    ("api_password.removed", "api_access.password_removed"),
    ("api_password.set", "api_access.password_set"),
    ("email.changed", "member.updated"),
    ("email.taken_back", "member.updated"),
    ("invitation.accepted", "member.joined"),
    ("invitation.cancelled", "member.invitation_cancelled"),
    ("invitation.sent", "member.invited"),
    ("invitation.voided", "member.invitation_cancelled"),
    ("member.added", "member.joined"),
    ("member.created", "member.created"),
    ("member.deleted", "member.deleted"),
    ("member.disabled", "member.disabled"),
    ("member.edited", "member.updated"),
    ("member.enabled", "member.enabled"),
    ("member.joined", "member.joined"),
    ("member.joined_team", "member.teams_changed"),
    ("member.left", "member.deleted"),
    ("member.left_team", "member.teams_changed"),
    ("member.made_administrator", "member.roles_changed"),
    ("member.made_team_administrator", "member.teams_changed"),
    ("member.policy_attached", "member.policies_changed"),
    ("member.policy_detached", "member.policies_changed"),
    ("member.role_added", "member.roles_changed"),
    ("member.role_end_changed", "member.roles_changed"),
    ("member.role_removed", "member.roles_changed"),
    ("member.unmade_administrator", "member.roles_changed"),
    ("member.unmade_team_administrator", "member.teams_changed"),
    ("organization.changed", "organization.updated"),
    ("organization.plan_changed", "organization.updated"),
    ("organization.two_step_released", "organization.updated"),
    ("organization.two_step_required", "organization.updated"),
    ("permission.declared", "permission.declared"),
    ("permission.explained", "permission.updated"),
    ("permission.withdrawn", "permission.withdrawn"),
    ("policy.created", "policy.created"),
    ("policy.deleted", "policy.deleted"),
    ("policy.edited", "policy.updated"),
    ("resource_type.declared", "resource_type.declared"),
    ("resource_type.edited", "resource_type.updated"),
    ("resource_type.withdrawn", "resource_type.withdrawn"),
    ("role.created", "role.created"),
    ("role.deleted", "role.deleted"),
    ("role.edited", "role.updated"),
    ("role.reset", "role.updated"),
    ("sso.not_required", "organization.updated"),
    ("sso.required", "organization.updated"),
    ("system_account.created", "system_account.created"),
    ("team.created", "team.created"),
    ("team.deleted", "team.deleted"),
    ("team.edited", "team.updated"),
    ("team.policy_attached", "team.access_changed"),
    ("team.policy_detached", "team.access_changed"),
    ("team.role_attached", "team.access_changed"),
    ("team.role_detached", "team.access_changed"),
    ("token.created", "token.created"),
    ("token.old_value_reported_leaked", "token.old_value_retired"),
    ("token.old_value_retired", "token.old_value_retired"),
    ("token.regenerated", "token.regenerated"),
    ("token.renamed", "token.updated"),
    ("token.reported_leaked", "token.revoked"),
    ("token.revoked", "token.revoked"),
];

/// Modules whose actions are not published: how a person signs in is nobody's business but theirs and the audit log's;
/// of a bulk action each change is published, not its start; exports, letters, views, webhooks and declared fields change no one's access.
const UNPUBLISHED_MODULES: [&str; 16] = [
    "audit",
    "batch",
    "break_glass",
    "connection",
    "domain",
    "identity",
    "import",
    "mail",
    "members",
    "own_field",
    "password",
    "provisioner",
    "second_factor",
    "session",
    "view",
    "webhook",
];
/// Other actions that are not published: a request that has not changed anything yet, or the same state once more.
const UNPUBLISHED: [&str; 24] = [
    // Leaving the team is published by itself; what lapses or is withdrawn was never decided.
    "access_request.ended",
    "access_request.lapsed",
    "access_request.withdrawn",
    // A decision changes nothing before the review is closed; what is removed then is published by itself.
    "access_review.decided",
    "access_review.exported",
    "access_review.removal_started",
    "email.change_cancelled",
    "email.change_requested",
    "invitation.asked_again",
    "invitation.link_copied",
    "invitation.sent_again",
    "invitation.used_again",
    // Each role and each team that follows is published by itself.
    "member.access_mapped",
    // Who edits a member or a team changes nothing of them.
    "member.adopted",
    // No event holds a name, so nothing of it changes.
    "member.erased",
    // An export changes nothing.
    "member.exported",
    "member.released",
    // Nor does looking.
    "member.view_ended",
    "member.viewed_as",
    "organization.founded",
    "organization.restored",
    "permission.exported",
    "team.adopted",
    "team.released",
];

/// Whether an audit action is left out on purpose.
pub fn is_unpublished(action: &str) -> bool {
    let module = action.split('.').next().unwrap_or(action);
    UNPUBLISHED_MODULES.contains(&module) || UNPUBLISHED.contains(&action)
}

/// The type under which an audit action is published; `None` if it is not. `target` is the kind of the member whom it
/// is about.
pub fn published(action: &str, target: Option<MemberKind>) -> Option<&'static str> {
    let (_, name) = PUBLISHED.iter().find(|(known, _)| *known == action)?;
    match (target, name.strip_prefix("member.")) {
        (Some(MemberKind::SystemAccount), Some(rest)) => of_system_account(rest),
        _ => Some(name),
    }
}

fn of_system_account(rest: &str) -> Option<&'static str> {
    all().map(|kind| kind.name).find(|name| name.strip_prefix("system_account.") == Some(rest))
}

/// Every type that can be chosen.
pub fn all() -> impl Iterator<Item = &'static EventType> {
    GROUPS.iter().flat_map(|(_, types)| types.iter())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audit::words;

    #[test]
    fn every_audit_action_is_published_or_left_out_on_purpose() {
        for words in words::ALL {
            let is_published = published(words.action, None).is_some();
            assert_ne!(is_published, is_unpublished(words.action), "{} is either published or not", words.action);
        }
        for (action, _) in PUBLISHED {
            assert!(words::ALL.iter().any(|words| words.action == action), "{action} is no action");
        }
    }

    #[test]
    fn every_published_type_can_be_chosen_and_every_choice_is_published() {
        let name_of = |(_, name): &(&str, &'static str)| *name;
        for published in PUBLISHED.iter().map(name_of) {
            assert!(all().any(|kind| kind.name == published), "{published} cannot be chosen");
        }
        for kind in all() {
            let as_member = kind.name.replace("system_account.", "member.");
            let is_sent = PUBLISHED.iter().map(name_of).any(|name| name == kind.name || name == as_member);
            assert!(is_sent, "{} is never sent", kind.name);
            assert!(kind.sentence.ends_with('.'), "{}", kind.name);
        }
    }

    #[test]
    fn system_accounts_have_types_of_their_own() {
        assert_eq!(published("member.disabled", Some(MemberKind::User)), Some("member.disabled"));
        assert_eq!(published("member.disabled", Some(MemberKind::SystemAccount)), Some("system_account.disabled"));
        assert_eq!(published("token.created", Some(MemberKind::SystemAccount)), Some("token.created"));
        assert_eq!(published("session.ended", None), None);
    }
}
