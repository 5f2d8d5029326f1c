//! Refusals of operations on roles, policies, declarations and teams as problems.

use crate::{
    access::{
        declared::DeclareRefusal,
        policies::{Part, PolicyRefusal, Wrong},
        roles::RoleRefusal,
    },
    api::{
        answers::{IfMatch, refused},
        refusals::{beyond, managed},
    },
    kit::Fault,
    teams::{AttachmentRefusal, TeamRefusal},
    web::{self, FieldError, Problem},
};
use actix_web::http::StatusCode;
use std::fmt::Display;

/// Why a role was not created, changed or deleted.
pub(super) fn of_role(refusal: &RoleRefusal) -> web::Error {
    match refusal {
        RoleRefusal::NameTaken => field("/name", "taken", refusal),
        RoleRefusal::NameReserved(_) => field("/name", "reserved", refusal),
        RoleRefusal::Unknown(_) => field("/permissions", "unknown", refusal),
        RoleRefusal::TooWide(permission) | RoleRefusal::AboveYou { permission, .. } => beyond(permission, refusal),
        RoleRefusal::Yourself => refused("own-access", "Nobody changes their own access", refusal),
        RoleRefusal::Fixed | RoleRefusal::Predefined => refused("predefined-role", "The role is predefined", refusal),
        RoleRefusal::NotPredefined => refused("not-predefined", "The role is not predefined", refusal),
        RoleRefusal::TooMany => limit_reached(refusal),
        RoleRefusal::Meanwhile => IfMatch::failed().into(),
        RoleRefusal::Held(members) => in_use(*members, refusal),
        RoleRefusal::Given => in_use(0, refusal),
    }
}

/// Why a policy was not created, changed or deleted.
pub(super) fn of_policy(refusal: &PolicyRefusal) -> web::Error {
    match refusal {
        PolicyRefusal::NameTaken => field("/name", "taken", refusal),
        PolicyRefusal::Rules(wrong) => Problem::fields(wrong.iter().map(of_rule).collect()).into(),
        PolicyRefusal::NoRules => field("/rules", "required", refusal),
        PolicyRefusal::TooManyRules => field("/rules", "too-many", refusal),
        PolicyRefusal::TooWide(permission) | PolicyRefusal::AboveYou { permission, .. } => beyond(permission, refusal),
        PolicyRefusal::Yourself => refused("own-access", "Nobody changes their own access", refusal),
        PolicyRefusal::TooMany => limit_reached(refusal),
        PolicyRefusal::Meanwhile => IfMatch::failed().into(),
        PolicyRefusal::Attached(members) => in_use(*members, refusal),
        PolicyRefusal::Given => in_use(0, refusal),
    }
}

fn of_rule(wrong: &Wrong) -> FieldError {
    let part = match wrong.part {
        Part::Type => "resource_type",
        Part::Actions => "actions",
        Part::Ids => "resource_ids",
    };
    FieldError::new(format!("/rules/{}/{part}", wrong.rule), "invalid", wrong.text.clone())
}

/// Why something was not declared, changed or withdrawn. `name` is the field that holds its name.
pub(super) fn of_declaration(refusal: &DeclareRefusal, name: &str) -> web::Error {
    match refusal {
        DeclareRefusal::Taken => field(name, "taken", refusal),
        DeclareRefusal::Rosters(_) => field(name, "reserved", refusal),
        DeclareRefusal::Used(_) => refused("still-used", "A role or policy names it", refusal),
        DeclareRefusal::TooMany => limit_reached(refusal),
        DeclareRefusal::Meanwhile => IfMatch::failed().into(),
    }
}

/// Why a team was not created, changed or deleted.
pub(super) fn of_team(refusal: &TeamRefusal) -> web::Error {
    match refusal {
        TeamRefusal::NameTaken(_) => field("/name", "taken", refusal),
        TeamRefusal::ChangedMeanwhile(_) => IfMatch::failed().into(),
        TeamRefusal::Managed(_) => managed(refusal),
        TeamRefusal::HasMembers(members) => in_use(*members, refusal),
        TeamRefusal::Access(refusal) => of_attachment(refusal),
    }
}

/// Why a team was not made to give something, or to give it no more.
pub(super) fn of_attachment(refusal: &AttachmentRefusal) -> web::Error {
    match refusal {
        AttachmentRefusal::Gone => Fault::Missing.into(),
        AttachmentRefusal::NotForTeams(_) => refused("not-for-teams", "No team gives this role", refusal),
        AttachmentRefusal::TooWide { permission, .. } | AttachmentRefusal::AboveYou { permission, .. } => beyond(permission, refusal),
        AttachmentRefusal::Yourself => refused("own-access", "Nobody changes their own access", refusal),
        AttachmentRefusal::Ended => field("/until", "out-of-range", refusal),
        AttachmentRefusal::TooMany => limit_reached(refusal),
    }
}

/// What a form of the console complains about.
pub(super) fn of_form(complaints: Vec<(&'static str, &str)>) -> web::Error {
    let errors = complaints.into_iter().map(|(name, text)| FieldError::new(format!("/{name}"), "invalid", text));
    Problem::fields(errors.collect()).into()
}

fn field(pointer: &str, code: &'static str, why: &impl Display) -> web::Error {
    Problem::field(pointer, code, why).into()
}

fn limit_reached(why: &impl Display) -> web::Error {
    refused("limit-reached", "There are too many", why)
}

fn in_use(members: i64, why: &impl Display) -> web::Error {
    let detail = format!("{why} Send detach=true to delete it all the same.");
    Problem {
        affected_members: Some(members),
        ..Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "in-use", "It has members", detail)
    }
    .into()
}
