//! The words for each kind of event: in the filter and in the sentence of a row.

/// The words for one action.
#[derive(Debug, Clone, Copy)]
pub struct Words {
    pub action: &'static str,
    /// The label in the filter.
    pub label: &'static str,
    /// `Ada … Grace`: `{}` is the target, `{role}` and the like are values of the event.
    sentence: &'static str,
    /// The same where the actor is the target.
    own: &'static str,
}

const fn words(action: &'static str, label: &'static str, sentence: &'static str, own: &'static str) -> Words {
    Words { action, label, sentence, own }
}

/// Every recorded action. A test reads the source and fails if one has no words here.
#[rustfmt::skip]
pub const ALL: &[Words] = &[
    words("access_request.created", "Access asked for", "asked for {asked_for} for {}{until}", "asked for {asked_for}{until}"),
    words("access_request.ended", "Access ended as asked for", "ended {asked_for} for {}, as it was granted", ""),
    words("access_request.granted", "Access request granted", "granted {} {asked_for}{until}", ""),
    words("access_request.lapsed", "Access request lapsed", "let the request of {} for {asked_for} lapse", ""),
    words("access_request.refused", "Access request refused", "refused {} {asked_for}", ""),
    words("access_request.withdrawn", "Access request withdrawn", "withdrew the request of {} for {asked_for}", "withdrew their request for {asked_for}"),
    words("access_review.closed", "Access review closed", "closed the access review {}", ""),
    words("access_review.decided", "Access review decided", "decided on lines of the access review {}", ""),
    words("access_review.exported", "Access review exported", "exported the evidence of the access review {}", ""),
    words("access_review.opened", "Access review opened", "opened the access review {}", ""),
    words("access_review.removal_started", "Removals of an access review started", "began the removals of an access review{title}", ""),
    words("api_access.credentials_ended", "API credentials ended", "ended the tokens and the API password of {}", "ended their tokens and API password"),
    words("api_access.disabled", "API access turned off", "turned off the API access of {}", "turned off their API access"),
    words("api_access.enabled", "API access turned on", "turned on the API access of {}", "turned on their API access"),
    words("api_password.removed", "API password removed", "removed the API password of {}", "removed their API password"),
    words("api_password.set", "API password set", "set an API password for {}", "set their API password"),
    words("audit.exported", "Audit log exported", "exported the audit log", ""),
    words("batch.discarded", "File discarded", "discarded a file to import", ""),
    words("batch.started", "Bulk action started", "began a bulk action{title}", ""),
    words("batch.stopped", "Bulk action stopped", "stopped a bulk action", ""),
    words("break_glass.added", "Break-glass administrator named", "named {} as a break-glass administrator", "named themselves as a break-glass administrator"),
    words("break_glass.removed", "Break-glass administrator removed", "removed {} as a break-glass administrator", "removed themselves as a break-glass administrator"),
    words("break_glass.used", "Entered without single sign-on", "let {} enter without single sign-on", "entered without single sign-on"),
    words("connection.certificate_added", "Certificate added", "added a certificate of the provider to the connection {}", ""),
    words("connection.certificate_removed", "Certificate removed", "removed a certificate of the provider from the connection {}", ""),
    words("connection.created", "Connection created", "created the connection {}", ""),
    words("connection.deleted", "Connection deleted", "deleted the connection {}", ""),
    words("connection.disabled", "Connection disabled", "disabled the connection {}", ""),
    words("connection.edited", "Connection edited", "edited the connection {}", ""),
    words("connection.enabled", "Connection enabled", "enabled the connection {}", ""),
    words("connection.key_added", "Key made", "made a key of Roster for the connection {}", ""),
    words("connection.key_removed", "Key removed", "removed a key of Roster from the connection {}", ""),
    words("connection.key_used", "Key changed", "changed the key of Roster for the connection {}", ""),
    words("connection.tested", "Connection tested", "tested the connection {}", ""),
    words("domain.added", "Domain added", "added the domain {}", ""),
    words("domain.bound", "Domain bound to a connection", "changed where people of the domain {} sign in", ""),
    words("domain.checked", "Domain checked", "had the DNS record of the domain {} looked for", ""),
    words("domain.lost", "Domain no longer verified", "found no more proof of the domain {}", ""),
    words("domain.removed", "Domain removed", "removed the domain {}", ""),
    words("domain.verified", "Domain verified", "verified the domain {}", ""),
    words("email.change_cancelled", "Email change cancelled", "cancelled a change of the email of {}", "cancelled the change of their email"),
    words("email.change_requested", "Email change asked for", "asked {} to confirm a new email", "asked for a new email"),
    words("email.changed", "Email changed", "changed the email of {}", "changed their email"),
    words("email.taken_back", "Email taken back", "took back the email of {}", "took their email back"),
    words("identity.linked", "Sign-in connected", "connected the sign-in of {} with {connection}", "connected their sign-in with {connection}"),
    words("identity.readmitted", "Deleted person let back in", "let {person} sign in through the connection {} again", ""),
    words("identity.unlinked", "Sign-in disconnected", "disconnected the sign-in of {} from {connection}", "disconnected their sign-in from {connection}"),
    words("import.prepared", "File looked at", "had a file to import looked at", ""),
    words("import.started", "Import started", "began an import{title}", ""),
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
    words("member.access_mapped", "Access taken over from a provider", "changed roles or teams of {} by what {connection} says", ""),
    words("member.added", "Member added", "added {}", ""),
    words("member.adopted", "Taken over by provisioning", "took over {}", ""),
    words("member.created", "User created", "created {}", ""),
    words("member.deleted", "Member deleted", "deleted {}", ""),
    words("member.disabled", "Member disabled", "disabled {}", ""),
    words("member.edited", "Details edited", "edited {}", "edited their profile"),
    words("member.enabled", "Member enabled", "enabled {}", ""),
    words("member.erased", "Name erased", "erased the name of {}", ""),
    words("member.exported", "Personal data exported", "exported everything about {}", "exported everything about themselves"),
    words("member.joined", "Joined by single sign-on", "added {}", "joined through single sign-on"),
    words("member.joined_team", "Team joined", "added {} to the team {team}", ""),
    words("member.left", "Left the organization", "was left by {}", "left the organization"),
    words("member.left_team", "Team left", "removed {} from the team {team}", ""),
    words("member.made_administrator", "Administrator made", "made {} an Administrator", ""),
    words("member.made_team_administrator", "Team administrator made", "made {} an administrator of the team {team}", ""),
    words("member.policy_attached", "Policy attached", "attached the policy {policy} to {}", ""),
    words("member.policy_detached", "Policy detached", "detached the policy {policy} from {}", ""),
    words("member.released", "Left to administrators by provisioning", "manages {} no more", ""),
    words("member.role_added", "Role added", "gave {} the role {role}{until}", ""),
    words("member.role_end_changed", "End of a role changed", "made the role {role} of {} {end}", ""),
    words("member.role_removed", "Role removed", "took the role {role} from {}", ""),
    words("member.unmade_administrator", "Administrator removed", "removed {} as Administrator", ""),
    words("member.unmade_team_administrator", "Team administrator unmade", "made {} an ordinary member of the team {team}", ""),
    words("member.view_ended", "Viewing ended", "stopped viewing Roster as {}", ""),
    words("member.viewed_as", "Viewed as", "viewed Roster as {}", ""),
    words("members.exported", "Directory exported", "exported the directory", ""),
    words("organization.changed", "Settings changed", "changed the settings of {}", ""),
    words("organization.founded", "Organization founded", "founded {}", ""),
    words("organization.plan_changed", "Plan changed", "changed the plan of {}", ""),
    words("organization.restored", "Backup put back", "put back the data of {} from a backup", ""),
    words("organization.two_step_released", "Two-step sign-in no longer required", "no longer requires two-step sign-in of {}", ""),
    words("organization.two_step_required", "Two-step sign-in required", "requires two-step sign-in of {}", ""),
    words("own_field.declared", "Field declared", "declared the field {}", ""),
    words("own_field.edited", "Field edited", "edited the field {}", ""),
    words("own_field.moved", "Field moved", "moved the field {}", ""),
    words("own_field.removed", "Field removed", "removed the field {} with the values of all members", ""),
    words("password.changed", "Password changed", "changed the password of {}", "changed their password"),
    words("password.reset", "Password reset", "reset the password of {}", "reset their password"),
    words("password.reset_link_issued", "Password reset link issued", "issued a password reset link for {}", ""),
    words("password.reset_link_shown", "Password reset link shown", "was shown a password reset link of {}", ""),
    words("password.reset_requested", "Password reset asked for", "asked for a password reset link for {}", "asked for a password reset link"),
    words("password.reset_sent", "Password reset sent", "sent a password reset link to {}", ""),
    words("password.temporary_set", "Temporary password set", "set a temporary password for {}", ""),
    words("permission.declared", "Permission declared", "declared the permission {}", ""),
    words("permission.explained", "Permission explained", "explained the permission {} in other words", ""),
    words("permission.exported", "Who may do something exported", "exported who may do something", ""),
    words("permission.withdrawn", "Permission withdrawn", "withdrew the permission {}", ""),
    words("policy.created", "Policy created", "created the policy {}", ""),
    words("policy.deleted", "Policy deleted", "deleted the policy {}", ""),
    words("policy.edited", "Policy edited", "edited the policy {}", ""),
    words("provisioner.created", "Provisioning set up", "set up provisioning by {}", ""),
    words("provisioner.deleted", "Provisioning deleted", "deleted the provisioning by {}", ""),
    words("provisioner.edited", "Provisioning edited", "edited the provisioning by {}", ""),
    words("resource_type.declared", "Resource type declared", "declared the resource type {}", ""),
    words("resource_type.edited", "Resource type edited", "edited the resource type {}", ""),
    words("resource_type.withdrawn", "Resource type withdrawn", "withdrew the resource type {}", ""),
    words("role.created", "Role created", "created the role {}", ""),
    words("role.deleted", "Role deleted", "deleted the role {}", ""),
    words("role.edited", "Role edited", "edited the role {}", ""),
    words("role.reset", "Predefined role reset", "made the role {} as Roster ships it", ""),
    words("second_factor.added", "Second factor added", "added {factor} to the sign-in of {}", "added {factor} to their sign-in"),
    words("second_factor.recovery_code_used", "Recovery code used", "used a recovery code of {}", "used a recovery code"),
    words("second_factor.recovery_codes_made", "Recovery codes made", "made recovery codes for {}", "made new recovery codes"),
    words("second_factor.removed", "Second factor removed", "removed {factor} from the sign-in of {}", "removed {factor} from their sign-in"),
    words("second_factor.renamed", "Passkey renamed", "renamed {factor} of {}", "renamed {factor}"),
    words("second_factor.reset", "Two-step sign-in reset", "reset the two-step sign-in of {}", ""),
    words("session.all_ended", "All sessions ended", "ended all sessions of {}", "ended all their sessions"),
    words("session.disowned", "Sign-in disowned", "disowned a sign-in of {}", "said that a sign-in was not theirs"),
    // Sign-ins, failed ones among them, are login activity. A sign-out is an event like every other end of a session,
    // because login activity does not show it.
    words("session.ended", "Session ended", "ended a session of {}", "signed out"),
    words("session.ended_by_provider", "Session ended by the provider", "ended sessions of {}, who signed out at {connection}", ""),
    words("session.others_ended", "Other sessions ended", "ended other sessions of {}", "ended their other sessions"),
    words("session.proved", "Proved again", "proved again to be {}", "proved again who they are"),
    words("sso.not_required", "Single sign-on no longer required", "no longer requires single sign-on of {}", ""),
    words("sso.required", "Single sign-on required", "requires single sign-on of {}", ""),
    words("system_account.created", "System account created", "created the system account {}", ""),
    words("team.adopted", "Team taken over by provisioning", "took over the team {}", ""),
    words("team.created", "Team created", "created the team {}", ""),
    words("team.deleted", "Team deleted", "deleted the team {}", ""),
    words("team.edited", "Team edited", "edited the team {}", ""),
    words("team.policy_attached", "Policy attached to a team", "let the team {} give a policy", ""),
    words("team.policy_detached", "Policy detached from a team", "let the team {} give a policy no more", ""),
    words("team.released", "Team left to administrators by provisioning", "manages the team {} no more", ""),
    words("team.role_attached", "Role attached to a team", "let the team {} give a role", ""),
    words("team.role_detached", "Role detached from a team", "let the team {} give a role no more", ""),
    words("token.created", "Token created", "created the token {token} of {}", "created the token {token}"),
    words("token.old_value_reported_leaked", "Old value of a token reported as leaked", "ended the old value of the token {token} of {}, which was reported as leaked", ""),
    words("token.old_value_retired", "Old value of a token retired", "retired the old value of the token {token} of {}", "retired the old value of the token {token}"),
    words("token.regenerated", "Token given a new value", "gave the token {token} of {} a new value", "gave the token {token} a new value"),
    words("token.renamed", "Token renamed", "renamed the token {token} of {}", "renamed the token {token}"),
    words("token.reported_leaked", "Token reported as leaked", "revoked the token {token} of {}, which was reported as leaked", ""),
    words("token.revoked", "Token revoked", "revoked the token {token} of {}", "revoked the token {token}"),
    words("view.created", "Shared view created", "shared the view {}", ""),
    words("view.deleted", "Shared view deleted", "deleted the shared view {}", ""),
    words("view.edited", "Shared view edited", "edited the shared view {}", ""),
    words("webhook.created", "Webhook created", "created the webhook {}", ""),
    words("webhook.deleted", "Webhook deleted", "deleted the webhook {}", ""),
    words("webhook.disabled", "Webhook disabled", "disabled the webhook {}", ""),
    words("webhook.edited", "Webhook edited", "edited the webhook {}", ""),
    words("webhook.enabled", "Webhook enabled", "enabled the webhook {}", ""),
    words("webhook.replayed", "Delivery sent again", "had an event sent again to the webhook {}", ""),
    words("webhook.secret_rotated", "Webhook secret rotated", "gave the webhook {} a new secret", ""),
    words("webhook.tested", "Webhook tested", "tested the webhook {}", ""),
];

/// A piece of a sentence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Piece {
    pub text: String,
    /// Whether this piece is a name. Names are emphasized, and their text direction is isolated from the sentence.
    pub is_name: bool,
}

impl Piece {
    pub fn name(text: impl Into<String>) -> Self {
        Self { text: text.into(), is_name: true }
    }
    pub fn text(text: impl Into<String>) -> Self {
        Self { text: text.into(), is_name: false }
    }
}

/// The sentence of an event, around the name of the target.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sentence {
    pub before: Vec<Piece>,
    /// Whether the target's name belongs between the two parts.
    pub has_target: bool,
    pub after: Vec<Piece>,
}

/// The sentence for an action with the values of the event. An action without words is shown under its own name.
pub fn sentence(action: &str, is_own: bool, told: impl Fn(&str) -> Option<Piece>) -> Sentence {
    let known = ALL.iter().find(|words| words.action == action);
    let unknown = format!("{}: {{}}", action.replace(['.', '_'], " "));
    let text = match known {
        Some(words) if is_own && !words.own.is_empty() => words.own,
        Some(words) => words.sentence,
        None => &unknown,
    };
    let (before, after, has_target) = match text.split_once("{}") {
        Some((before, after)) => (before, after, true),
        None => (text, "", false),
    };
    Sentence { before: pieces(before, &told), has_target, after: pieces(after, &told) }
}

/// A part of a sentence, with values in place of `{role}` and the like.
fn pieces(text: &str, told: &impl Fn(&str) -> Option<Piece>) -> Vec<Piece> {
    let mut all = Vec::new();
    let mut rest = text;
    while let Some((before, key, after)) = rest
        .split_once('{')
        .and_then(|(before, more)| more.split_once('}').map(|(key, after)| (before, key, after)))
    {
        all.push(Piece::text(before));
        all.extend(told(key));
        rest = after;
    }
    all.push(Piece::text(rest));
    all.retain(|piece| !piece.text.is_empty());
    all
}

/// The groups of actions in the filter.
pub const GROUPS: [(&str, &[&str]); 13] = [
    ("People and system accounts", &["access_request", "member", "members", "system_account", "view"]),
    ("Invitations", &["invitation"]),
    ("Sign-in", &["email", "password", "second_factor", "session"]),
    ("Single sign-on", &["connection", "domain", "identity"]),
    ("Provisioning", &["provisioner"]),
    ("API access and tokens", &["api_access", "api_password", "token"]),
    ("Roles", &["role", "permission"]),
    ("Policies", &["policy", "resource_type"]),
    ("Teams", &["team"]),
    ("Access reviews", &["access_review"]),
    ("Bulk actions and imports", &["batch", "import"]),
    ("Organization", &["organization", "audit", "own_field"]),
    ("Webhooks", &["webhook"]),
];

/// The actions of each group, sorted by label. Actions without a group come last.
pub fn groups() -> Vec<(&'static str, Vec<&'static Words>)> {
    let module = |words: &Words| words.action.split('.').next().unwrap_or(words.action);
    let mut all: Vec<(&'static str, Vec<&'static Words>)> = Vec::new();
    for (label, modules) in GROUPS {
        all.push((label, ALL.iter().filter(|words| modules.contains(&module(words))).collect()));
    }
    let is_grouped = |words: &&Words| GROUPS.iter().any(|(_, modules)| modules.contains(&module(words)));
    all.push(("Other", ALL.iter().filter(|words| !is_grouped(words)).collect()));
    for (_, group) in &mut all {
        group.sort_by_key(|words| words.label);
    }
    all.retain(|(_, group)| !group.is_empty());
    all
}

/// The label of an action in the filter and in the export.
pub fn label(action: &str) -> &str {
    ALL.iter().find(|words| words.action == action).map_or(action, |words| words.label)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(action: &str, is_own: bool) -> String {
        let fact = |key: &str| match key {
            "role" | "token" => Some(Piece::name("a {} b")),
            "until" => Some(Piece::text(" until 5 Dec 2026")),
            _ => None,
        };
        let sentence = sentence(action, is_own, fact);
        let text = |pieces: &[Piece]| pieces.iter().map(|piece| piece.text.as_str()).collect::<String>();
        format!("{}|{}|{}", text(&sentence.before), sentence.has_target, text(&sentence.after))
    }

    #[test]
    fn sentences_stand_around_a_name() {
        assert_eq!(told("invitation.sent_again", false), "invited |true| again");
        assert_eq!(told("password.changed", true), "changed their password|false|");
        assert_eq!(told("room.something_new", false), "room something new: |true|");
        assert_eq!(told("token.created", false), "created the token a {} b of |true|");
        assert_eq!(told("member.role_added", false), "gave |true| the role a {} b until 5 Dec 2026");
        assert_eq!(told("member.joined_team", false), "added |true| to the team ");
        assert!(ALL.is_sorted_by_key(|words| words.action));
    }

    #[test]
    fn every_action_stands_in_one_group() {
        let grouped: usize = groups().iter().map(|(_, group)| group.len()).sum();
        assert_eq!(grouped, ALL.len());
    }
}
