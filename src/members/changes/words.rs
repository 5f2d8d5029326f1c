//! The words of each action on members: of menus, the bulk bar, confirmations, results and undo. `{people}` stands for
//! the members, as `12 people`; `{name}` for the role, team or policy, or for the only member.

use super::action::Action;
use crate::kit::MemberKind;

/// The words of an action.
#[derive(Clone, Copy, Debug)]
pub struct ActionWords {
    /// Its entry in menus and in the bulk bar.
    pub label: &'static str,
    /// The action to confirm, for a question, its button and the audit log.
    pub to_do: &'static str,
    /// The running action.
    pub doing: &'static str,
    /// The finished action.
    pub done: &'static str,
}

const fn words(label: &'static str, to_do: &'static str, doing: &'static str, done: &'static str) -> ActionWords {
    ActionWords { label, to_do, doing, done }
}

/// The confirmation page of an action for one member. `{email}` and `{organization}` stand for theirs.
#[derive(Clone, Copy, Debug)]
pub struct Confirmation {
    pub question: &'static str,
    /// After the name, when the action is refused.
    pub refused: &'static str,
    pub intro: &'static str,
    pub consequences: &'static [&'static str],
    /// What to do instead, perhaps.
    pub instead: &'static str,
}

/// The words with each placeholder replaced, in one pass: what is filled in is free text, and may look like a placeholder.
pub fn fill_in(words: &str, values: &[(&str, &str)]) -> String {
    let (mut text, mut rest) = (String::with_capacity(words.len()), words);
    while let Some((before, after)) = rest.split_once('{') {
        let (placeholder, after) = after.split_once('}').unwrap_or((after, ""));
        text.push_str(before);
        text.push_str(values.iter().find(|(name, _)| *name == placeholder).map_or("", |(_, value)| *value));
        rest = after;
    }
    text.push_str(rest);
    text
}

impl Action {
    pub fn words(self) -> ActionWords {
        match self {
            Self::Disable => words("Disable", "Disable {people}", "Disabling {people}", "{people} disabled"),
            Self::Enable => words("Enable", "Enable {people}", "Enabling {people}", "{people} enabled"),
            Self::AddRole => words(
                "Add role",
                "Add the role {name} to {people}",
                "Adding the role {name} to {people}",
                "Role {name} added to {people}",
            ),
            Self::RemoveRole => words(
                "Remove role",
                "Remove the role {name} from {people}",
                "Removing the role {name} from {people}",
                "Role {name} removed from {people}",
            ),
            Self::RestoreRole => words(
                "Restore role",
                "Put the role {name} back as it was before for {people}",
                "Putting the role {name} back as it was before for {people}",
                "Role {name} is as it was before for {people}",
            ),
            Self::JoinTeam => words(
                "Add to team",
                "Add {people} to the team {name}",
                "Adding {people} to the team {name}",
                "{people} added to the team {name}",
            ),
            Self::LeaveTeam => words(
                "Take out of team",
                "Take {people} out of the team {name}",
                "Taking {people} out of the team {name}",
                "{people} taken out of the team {name}",
            ),
            Self::MakeAdministrator => words(
                "Make administrator",
                "Make {people} administrators",
                "Making {people} administrators",
                "{people} made administrators",
            ),
            Self::RemoveAdministrator => words(
                "Remove administrator",
                "Remove {people} as administrators",
                "Removing {people} as administrators",
                "{people} are administrators no more",
            ),
            Self::MakeTeamAdministrator => words(
                "Make team administrator",
                "Make {people} team administrators",
                "Making {people} team administrators",
                "{people} made team administrators",
            ),
            Self::RemoveTeamAdministrator => words(
                "Make ordinary member",
                "Remove {people} as team administrators",
                "Removing {people} as team administrators",
                "{people} are team administrators no more",
            ),
            Self::EndSessions => words(
                "End sessions",
                "End the sessions of {people}",
                "Ending the sessions of {people}",
                "Sessions of {people} ended",
            ),
            Self::SendReset => words(
                "Send password reset",
                "Make password reset links for {people}",
                "Making password reset links for {people}",
                "Password reset links made for {people}",
            ),
            Self::Resend => words(
                "Resend invitations",
                "Renew the invitations of {people}",
                "Renewing the invitations of {people}",
                "Invitations of {people} renewed",
            ),
            Self::Cancel => words(
                "Cancel invitations",
                "Cancel the invitations of {people}",
                "Cancelling the invitations of {people}",
                "Invitations of {people} cancelled",
            ),
            Self::Delete => words("Delete", "Delete {people}", "Deleting {people}", "{people} deleted"),
            Self::AttachPolicy => words(
                "Attach policy",
                "Attach the policy {name} to {people}",
                "Attaching the policy {name} to {people}",
                "Policy {name} attached to {people}",
            ),
            Self::DetachPolicy => words(
                "Detach policy",
                "Detach the policy {name} from {people}",
                "Detaching the policy {name} from {people}",
                "Policy {name} detached from {people}",
            ),
        }
    }
    /// The question of the confirmation page, before a role, team or policy is chosen.
    pub fn question(self) -> &'static str {
        match self {
            Self::AddRole => "Add a role to {people}",
            Self::RemoveRole => "Remove a role from {people}",
            Self::JoinTeam => "Add {people} to a team",
            Self::LeaveTeam => "Take {people} out of a team",
            Self::SendReset => "Send a password reset to {people}",
            Self::Resend => "Resend the invitations of {people}",
            Self::AttachPolicy => "Attach a policy to {people}",
            Self::DetachPolicy => "Detach a policy from {people}",
            other => other.words().to_do,
        }
    }
    /// Beside the number of members already in that state; `{were}` agrees with it.
    pub fn unchanged(self) -> &'static str {
        match self {
            Self::AddRole | Self::AttachPolicy => "already had it",
            Self::RemoveRole | Self::DetachPolicy => "did not have it",
            Self::JoinTeam => "already {were} in it",
            Self::LeaveTeam => "{were} not in it",
            Self::RemoveAdministrator | Self::RemoveTeamAdministrator => "{were} none",
            _ => "already {were}",
        }
    }
    /// The consequences that the confirmation page for many members lists.
    pub fn consequences(self, kind: MemberKind) -> &'static [&'static str] {
        match self {
            Self::Disable if kind.is_machine() => &[
                "no token opens anything any more, and whatever uses one fails",
                "the plan has room for as many others",
                "nothing is deleted; enabled again, tokens that have not expired work as before",
            ],
            Self::Enable if kind.is_machine() => &[
                "each counts toward the plan’s system accounts",
                "tokens that have not expired work again",
            ],
            Self::MakeAdministrator if kind.is_machine() => &[
                "anyone who has a token of one can do everything here, as you can",
                "it can be undone",
            ],
            Self::RemoveAdministrator if kind.is_machine() => &[
                "each keeps the other roles it holds; one that holds none gets the role CI/CD",
                "it can be undone",
            ],
            Self::Delete if kind.is_machine() => &[
                "tokens, roles and teams are gone, and whatever uses a token fails",
                "the audit log stays readable",
                "this cannot be undone",
            ],
            // They have no confirmation page for many members.
            Self::RestoreRole | Self::MakeTeamAdministrator | Self::RemoveTeamAdministrator => &[],
            Self::Disable => &[
                "sessions and tokens do not open this organization any more",
                "invitations they sent are void unless somebody sends them again",
                "their seats become free",
                "nothing is deleted, and they can be enabled again at any time",
            ],
            Self::Enable => &["each takes a seat", "sessions that had ended stay ended"],
            Self::AddRole | Self::JoinTeam | Self::AttachPolicy => &["it holds from the next request on", "it can be undone"],
            Self::RemoveRole | Self::LeaveTeam | Self::DetachPolicy => &["it is gone from the next request on", "it can be undone"],
            Self::MakeAdministrator => &["each will hold every permission here, as you do", "it can be undone"],
            Self::RemoveAdministrator => &[
                "they keep the other roles they hold; anyone who holds none gets the role User",
                "it can be undone",
            ],
            Self::EndSessions => &["they must sign in again on every device"],
            Self::SendReset => &[
                "each gets a link to choose a new password, good for an hour",
                "the current password works until they do",
            ],
            Self::Resend => &["a new link is sent to each, good for 7 days", "the old links are dead"],
            Self::Cancel => &["their links are dead and their seats free", "they can be invited again"],
            Self::Delete => &[
                "they are not in this organization any more: roles, teams and login activity here are gone",
                "their emails and usernames are free unless another organization keeps them",
                "they stay readable in the audit log",
                "this cannot be undone",
            ],
        }
    }
    /// The confirmation page for one member, if the action has one. `is_only_role`: the role that would be removed is
    /// the only one they hold.
    pub fn confirmation(self, kind: MemberKind, is_only_role: bool) -> Option<Confirmation> {
        Some(match self {
            Self::Disable => Confirmation {
                question: "Disable {name}?",
                refused: "cannot be disabled",
                ..if kind.is_machine() { DISABLE_MACHINE } else { DISABLE_PERSON }
            },
            Self::Delete => Confirmation {
                question: "Delete {name}?",
                refused: "cannot be deleted",
                ..if kind.is_machine() { DELETE_MACHINE } else { DELETE_PERSON }
            },
            Self::MakeAdministrator => Confirmation {
                question: "Make {name} an administrator?",
                refused: "cannot be made administrator",
                intro: if kind.is_machine() {
                    "Anyone who has a token of it can do everything in {organization}, as you can: inviting, changing and deleting people, administrators among them, and all settings. A role with less is nearly always enough for a machine."
                } else {
                    "{email} will hold every permission in {organization}, as you do: inviting, changing and deleting people, administrators among them, and all settings."
                },
                ..EMPTY
            },
            Self::RemoveAdministrator => Confirmation {
                question: "Remove {name} as administrator?",
                refused: "stays administrator",
                intro: match (kind.is_machine(), is_only_role) {
                    (true, true) => "It keeps nothing but the role CI/CD, which it gets in its place. This holds from its next request on.",
                    (true, false) => "It keeps the other roles it holds. This holds from its next request on.",
                    (false, true) => {
                        "{email} keeps nothing but the role User, which they get in its place. It holds from their next request on."
                    }
                    (false, false) => "{email} keeps the other roles they hold. It holds from their next request on.",
                },
                ..EMPTY
            },
            _ => return None,
        })
    }
    /// The notice after it was done to one member, if it has a page for one.
    pub fn done_to_one(self, kind: MemberKind) -> Option<&'static str> {
        Some(match self {
            Self::Disable if kind.is_machine() => "{name} is disabled. Its tokens open nothing any more.",
            Self::Disable => "{name} is disabled and cannot get in any more.",
            Self::Enable if kind.is_machine() => "{name} is enabled again, and its tokens that have not expired work.",
            Self::Enable => "{name} is enabled again. Sessions that had ended stay ended.",
            Self::MakeAdministrator => "{name} is an administrator now.",
            Self::RemoveAdministrator => "{name} is not an administrator any more.",
            Self::Delete if kind.is_machine() => "{name} is deleted, and its tokens with it.",
            Self::Delete => "{name} is deleted. The email and username are free again.",
            _ => return None,
        })
    }
}

const EMPTY: Confirmation = Confirmation { question: "", refused: "", intro: "", consequences: &[], instead: "" };

const DISABLE_PERSON: Confirmation = Confirmation {
    intro: "From this moment {email} can do nothing in {organization}:",
    consequences: &[
        "sessions and tokens do not open it any more",
        "invitations they sent are void unless somebody sends them again",
        "one seat becomes free",
        "nothing is deleted, and you can enable them again at any time",
    ],
    ..EMPTY
};

const DISABLE_MACHINE: Confirmation = Confirmation {
    intro: "From this moment it can do nothing in {organization}:",
    consequences: &[
        "its tokens open nothing any more, and whatever uses them fails",
        "one of the plan’s system accounts becomes free",
        "nothing is deleted; enabled again, tokens that have not expired work as before",
    ],
    ..EMPTY
};

const DELETE_PERSON: Confirmation = Confirmation {
    intro: "This cannot be undone. From this moment {email}:",
    consequences: &[
        "is not in {organization} any more: sessions and tokens do not open it, roles, teams and login activity here are gone",
        "can be invited again as somebody new; the email and username are free unless another organization keeps them",
        "stays readable in the audit log",
    ],
    instead: "To take access away and keep everything, disable them instead.",
    ..EMPTY
};

const DELETE_MACHINE: Confirmation = Confirmation {
    intro: "This cannot be undone. From this moment:",
    consequences: &[
        "its tokens are gone, and whatever uses them fails",
        "its roles and teams are gone, and one of the plan’s system accounts is free",
        "it stays readable in the audit log",
    ],
    instead: "To take access away and keep everything, disable it instead.",
    ..EMPTY
};
