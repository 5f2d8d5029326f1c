//! Refusals of operations as problems: each has a stable code. A refusal for lack of a permission names it.

use super::answers::{IfMatch, refused};
use crate::{
    kit::{Fault, Permission},
    members::{EditRefusal, GrantRefusal, Refusal},
    own_fields::{Complaint, Complaints},
    web::{self, FieldError, Problem},
};
use actix_web::http::StatusCode;
use std::fmt::Display;

/// The codes of [`of_change`].
pub(super) const OF_CHANGES: &[&str] = &[
    "beyond-your-permissions",
    "changed-since",
    "last-administrator",
    "needs-no-policy",
    "no-seat-left",
    "not-for-system-accounts",
    "not-joined",
    "not-your-team",
    "own-access",
    "runs-the-team",
    "switched-off",
];

/// The caller has the right to do this, but not to this member or with this role or policy, which may do more than
/// they do.
pub(super) fn beyond(permission: &Permission, why: &impl ToString) -> web::Error {
    Problem {
        permission: Some(permission.clone()),
        ..Problem::new(
            StatusCode::FORBIDDEN,
            "beyond-your-permissions",
            "It reaches beyond your permissions",
            why.to_string(),
        )
    }
    .into()
}

/// An identity provider manages it.
pub(super) fn managed(why: &impl Display) -> web::Error {
    refused("managed", "An identity provider manages it", why)
}

fn not_your_team(why: &impl ToString) -> web::Error {
    Problem::new(StatusCode::FORBIDDEN, "not-your-team", "Not in one of your teams", why.to_string()).into()
}

/// Why a change to a member was refused.
pub(super) fn of_change(refusal: &Refusal) -> web::Error {
    match refusal {
        Refusal::Yourself => refused("own-access", "Nobody changes their own access", refusal),
        Refusal::LastAdministrator => refused("last-administrator", "The last administrator stays", refusal),
        Refusal::LastBreakGlass => refused("last-break-glass", "The last break-glass administrator stays", refusal),
        Refusal::AboveYou { lacking, .. } => beyond(lacking, refusal),
        Refusal::NotYourTeam | Refusal::NotYourPeople | Refusal::WouldBeYours => not_your_team(refusal),
        Refusal::Invited => refused("not-joined", "They have not joined yet", refusal),
        Refusal::NoSeatLeft(_) => refused("no-seat-left", "No seat is left", refusal),
        Refusal::Grant(refusal) => of_grant(refusal),
        Refusal::NeedsNoPolicy => refused("needs-no-policy", "Administrators need no policy", refusal),
        Refusal::NoSuchChoice | Refusal::Gone => Fault::Missing.into(),
        Refusal::RunsTheTeam => refused("runs-the-team", "They administer the team", refusal),
        Refusal::SwitchedOff => refused("switched-off", "Somebody else disabled it", refusal),
        Refusal::ManagedTeam(_) => managed(refusal),
        Refusal::NotForMachines => refused("not-for-system-accounts", "Only people can", refusal),
        Refusal::ChangedSince { .. } => refused("changed-since", "Somebody changed it since", refusal),
    }
}

/// Why roles, teams or policies were not given.
pub(super) fn of_grant(refusal: &GrantRefusal) -> web::Error {
    match refusal {
        GrantRefusal::TooWide { permission, .. }
        | GrantRefusal::PolicyTooWide { permission, .. }
        | GrantRefusal::TeamTooWide { permission, .. } => beyond(permission, refusal),
        GrantRefusal::NotYourTeam(_) | GrantRefusal::NoTeam | GrantRefusal::TeamGives { .. } => not_your_team(refusal),
        GrantRefusal::ManagedTeam(_) => managed(refusal),
        GrantRefusal::Gone => Fault::Missing.into(),
    }
}

/// Why the organization's own fields were not set.
pub(super) fn of_own(complaints: &Complaints) -> web::Error {
    let error = |complaint: &Complaint| FieldError::new(format!("/fields/{}", complaint.key), "invalid", &complaint.text);
    Problem::fields(complaints.0.iter().map(error).collect()).into()
}

/// Why details were not saved.
pub(super) fn of_edit(refusal: EditRefusal) -> web::Error {
    match refusal {
        EditRefusal::Meanwhile => IfMatch::failed().into(),
        EditRefusal::NameTaken => Problem::field("/name", "taken", refusal).into(),
        EditRefusal::Managed => managed(&refusal),
        EditRefusal::Own(complaints) => of_own(&complaints),
        EditRefusal::NameTooLong => Problem::field("/name", "too-long", refusal).into(),
    }
}
