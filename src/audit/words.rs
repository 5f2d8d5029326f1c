//! What each kind of event is called: in the filter, and in the sentence of a row.

/// The words for one action.
#[derive(Debug, Clone, Copy)]
pub struct Words {
    pub action: &'static str,
    /// As the filter lists it.
    pub label: &'static str,
    /// `Ada … Grace`, where `{}` stands for whom it happened to, and `{what}` for what of theirs, by the name it had.
    sentence: &'static str,
    /// The same where somebody did it to themselves.
    own: &'static str,
}

const fn words(action: &'static str, label: &'static str, sentence: &'static str, own: &'static str) -> Words {
    Words {
        action,
        label,
        sentence,
        own,
    }
}

/// Every action that is recorded anywhere; a test reads the source and fails if one has no words here.
#[rustfmt::skip]
pub const ALL: &[Words] = &[
    words("api_access.credentials_ended", "API credentials ended", "ended the tokens and the API password of {}", "ended their tokens and API password"),
    words("api_access.disabled", "API access turned off", "turned off the API access of {}", "turned off their API access"),
    words("api_access.enabled", "API access turned on", "turned on the API access of {}", "turned on their API access"),
    words("api_password.removed", "API password removed", "removed the API password of {}", "removed their API password"),
    words("api_password.set", "API password set", "set an API password for {}", "set their API password"),
    words("audit.exported", "Audit log exported", "exported the audit log", ""),
    words("batch.discarded", "File discarded", "discarded a file to import", ""),
    words("batch.started", "Bulk action started", "began a bulk action", ""),
    words("batch.stopped", "Bulk action stopped", "stopped a bulk action", ""),
    words("email.change_cancelled", "Email change cancelled", "cancelled a change of the email of {}", "cancelled the change of their email"),
    words("email.change_requested", "Email change asked for", "asked {} to confirm a new email", "asked for a new email"),
    words("email.changed", "Email changed", "changed the email of {}", "changed their email"),
    words("email.taken_back", "Email taken back", "took back the email of {}", "took their email back"),
    words("import.prepared", "File looked at", "had a file to import looked at", ""),
    words("import.started", "Import started", "began an import", ""),
    words("invitation.accepted", "Invitation accepted", "accepted the invitation of {}", "accepted the invitation"),
    words("invitation.asked_again", "New invitation asked for", "was asked for a new invitation for {}", "asked for a new invitation"),
    words("invitation.cancelled", "Invitation cancelled", "cancelled the invitation of {}", ""),
    words("invitation.link_copied", "Invitation link copied", "copied an invitation link for {}", ""),
    words("invitation.sent", "Invitation sent", "invited {}", ""),
    words("invitation.sent_again", "Invitation sent again", "invited {} again", ""),
    words("invitation.used_again", "Invitation link used again", "refused a used invitation link of {}", ""),
    words("invitation.voided", "Invitation voided", "voided the invitation of {}", ""),
    words("mail.hurried", "Waiting letters tried again", "had the waiting letters of {} tried at once", ""),
    words("mail.tested", "Test letter sent", "sent themselves a test letter", ""),
    words("member.added", "Member added", "added {}", ""),
    words("member.created", "User created", "created {}", ""),
    words("member.deleted", "Member deleted", "deleted {}", ""),
    words("member.disabled", "Member disabled", "disabled {}", ""),
    words("member.edited", "Details edited", "edited {}", "edited their profile"),
    words("member.enabled", "Member enabled", "enabled {}", ""),
    words("member.joined_team", "Team joined", "added {} to a team", ""),
    words("member.left_team", "Team left", "removed {} from a team", ""),
    words("member.made_administrator", "Administrator made", "made {} an Administrator", ""),
    words("member.made_team_administrator", "Team administrator made", "made {} a team administrator", ""),
    words("member.policy_attached", "Policy attached", "attached a policy to {}", ""),
    words("member.policy_detached", "Policy detached", "detached a policy from {}", ""),
    words("member.role_added", "Role added", "added a role to {}", ""),
    words("member.role_removed", "Role removed", "removed a role from {}", ""),
    words("member.unmade_administrator", "Administrator removed", "removed {} as Administrator", ""),
    words("member.unmade_team_administrator", "Team administrator unmade", "made {} an ordinary member of a team", ""),
    words("members.exported", "Directory exported", "exported the directory", ""),
    words("organization.changed", "Settings changed", "changed the settings of {}", ""),
    words("organization.founded", "Organization founded", "founded {}", ""),
    words("organization.plan_changed", "Plan changed", "changed the plan of {}", ""),
    words("organization.restored", "Backup put back", "put back the data of {} from a backup", ""),
    words("organization.two_step_released", "Two-step sign-in no longer required", "no longer requires two-step sign-in of {}", ""),
    words("organization.two_step_required", "Two-step sign-in required", "requires two-step sign-in of {}", ""),
    words("password.changed", "Password changed", "changed the password of {}", "changed their password"),
    words("password.reset", "Password reset", "reset the password of {}", "reset their password"),
    words("password.reset_link_issued", "Password reset link issued", "issued a password reset link for {}", ""),
    words("password.reset_link_shown", "Password reset link shown", "was shown a password reset link of {}", ""),
    words("password.reset_requested", "Password reset asked for", "asked for a password reset link for {}", "asked for a password reset link"),
    words("password.reset_sent", "Password reset sent", "sent a password reset link to {}", ""),
    words("password.temporary_set", "Temporary password set", "set a temporary password for {}", ""),
    words("permission.declared", "Permission declared", "declared the permission {}", ""),
    words("permission.explained", "Permission explained", "explained the permission {} in other words", ""),
    words("permission.withdrawn", "Permission withdrawn", "withdrew the permission {}", ""),
    words("policy.created", "Policy created", "created the policy {}", ""),
    words("policy.deleted", "Policy deleted", "deleted the policy {}", ""),
    words("policy.edited", "Policy edited", "edited the policy {}", ""),
    words("resource_type.declared", "Resource type declared", "declared the resource type {}", ""),
    words("resource_type.edited", "Resource type edited", "edited the resource type {}", ""),
    words("resource_type.withdrawn", "Resource type withdrawn", "withdrew the resource type {}", ""),
    words("role.created", "Role created", "created the role {}", ""),
    words("role.deleted", "Role deleted", "deleted the role {}", ""),
    words("role.edited", "Role edited", "edited the role {}", ""),
    words("role.reset", "Predefined role reset", "made the role {} as Roster ships it", ""),
    words("second_factor.added", "Second factor added", "added a second factor of {}", "added a second factor"),
    words("second_factor.recovery_code_used", "Recovery code used", "used a recovery code of {}", "used a recovery code"),
    words("second_factor.recovery_codes_made", "Recovery codes made", "made recovery codes for {}", "made new recovery codes"),
    words("second_factor.removed", "Second factor removed", "removed a second factor of {}", "removed a second factor"),
    words("second_factor.renamed", "Passkey renamed", "renamed a passkey of {}", "renamed a passkey"),
    words("second_factor.reset", "Two-step sign-in reset", "reset the two-step sign-in of {}", ""),
    words("session.all_ended", "All sessions ended", "ended all sessions of {}", "ended all their sessions"),
    words("session.disowned", "Sign-in disowned", "disowned a sign-in of {}", "said that a sign-in was not theirs"),
    words("session.ended", "Session ended", "ended a session of {}", "signed out"),
    words("session.others_ended", "Other sessions ended", "ended other sessions of {}", "ended their other sessions"),
    words("session.proved", "Proved again", "proved again to be {}", "proved again who they are"),
    words("system_account.created", "System account created", "created the system account {}", ""),
    words("team.created", "Team created", "created the team {}", ""),
    words("team.deleted", "Team deleted", "deleted the team {}", ""),
    words("team.edited", "Team edited", "edited the team {}", ""),
    words("token.created", "Token created", "created the token {what} of {}", "created the token {what}"),
    words("token.old_value_retired", "Old value of a token retired", "retired the old value of the token {what} of {}", "retired the old value of the token {what}"),
    words("token.regenerated", "Token given a new value", "gave the token {what} of {} a new value", "gave the token {what} a new value"),
    words("token.renamed", "Token renamed", "renamed the token {what} of {}", "renamed the token {what}"),
    words("token.revoked", "Token revoked", "revoked the token {what} of {}", "revoked the token {what}"),
];

/// What somebody did, around the name of whom they did it to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sentence {
    pub before: String,
    /// Whether the name stands here.
    pub has_target: bool,
    pub after: String,
}

/// The sentence for an action. One that has no words yet is told by its own name.
pub fn sentence(action: &str, is_own: bool, what: Option<&str>) -> Sentence {
    let known = ALL.iter().find(|words| words.action == action);
    let text = match known {
        Some(words) if is_own && !words.own.is_empty() => words.own,
        Some(words) => words.sentence,
        None => return around(&format!("{}: {{}}", action.replace(['.', '_'], " ")), what),
    };
    around(text, what)
}

/// The place of a name inside a sentence, for what is not the target of the event.
const WHAT: &str = "{what}";

fn around(text: &str, what: Option<&str>) -> Sentence {
    let (before, after, has_target) = match text.split_once("{}") {
        Some((before, after)) => (before, after, true),
        None => (text, "", false),
    };
    // Isolated (Unicode UAX #9), so that a name written from right to left does not turn the sentence around.
    let name = what.map(|what| format!("“\u{2068}{what}\u{2069}”")).unwrap_or_default();
    let told = |part: &str| part.replace(WHAT, &name).replace("  ", " ").trim().to_owned();
    Sentence {
        before: told(before),
        has_target,
        after: told(after),
    }
}

/// What the filter and the export call an action.
pub fn label(action: &str) -> &str {
    ALL.iter().find(|words| words.action == action).map_or(action, |words| words.label)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sentences_stand_around_a_name() {
        let told = |action, is_own| {
            let told = sentence(action, is_own, None);
            format!("{}|{}|{}", told.before, told.has_target, told.after)
        };
        assert_eq!(told("invitation.sent_again", false), "invited|true|again");
        assert_eq!(told("password.changed", true), "changed their password|false|");
        assert_eq!(told("room.something_new", false), "room something new:|true|");
        let told = sentence("token.created", false, Some("a {} b"));
        assert_eq!(
            (told.before.as_str(), told.has_target),
            ("created the token “\u{2068}a {} b\u{2069}” of", true)
        );
        assert_eq!(sentence("token.created", false, None).before, "created the token of");
        assert!(ALL.is_sorted_by_key(|words| words.action));
    }
}
