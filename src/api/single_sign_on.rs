//! Whether the organization requires single sign-on. It is only read here: to require it, an administrator first shows in
//! the console, by a sign-in of their own, that they would not lock themselves out.

use super::{
    Caller,
    endpoints::Endpoint,
    parameters::{NoParameters, Parameters},
};
use crate::{
    db::Db,
    kit::{Timestamp, rights},
    members::BreakGlassAdministrator,
    sso::{self, Requirement},
    web,
};
use actix_web::{HttpResponse, web::Data};
use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

/// Whether the organization lets people in through its identity providers only.
#[derive(Serialize, ToSchema)]
struct SingleSignOnRequirement {
    /// From when on, which can be in the future. Null if it is not required.
    #[schema(required = true)]
    required_from: Option<DateTime<Utc>>,
    is_in_force: bool,
    /// Who enters with their own password or passkey all the same.
    break_glass_administrators: Vec<NamedBreakGlass>,
    shut_out: PeopleShutOut,
}

/// An Administrator who enters without single sign-on.
#[derive(Serialize, ToSchema)]
struct NamedBreakGlass {
    id: Uuid,
    name: String,
    email: String,
    /// Whether they have a password and a second factor.
    can_enter: bool,
    /// Their latest sign-in with both in the last thirty days.
    #[schema(required = true)]
    last_entered_at: Option<DateTime<Utc>>,
}

/// Active people whom the requirement shuts out: they are connected with no enabled provider.
#[derive(Serialize, ToSchema)]
struct PeopleShutOut {
    total: i64,
    /// The first ten by name. Empty for callers without `user:read:*`.
    first: Vec<PersonShutOut>,
}

/// A person whom the requirement shuts out.
#[derive(Serialize, ToSchema)]
struct PersonShutOut {
    id: Uuid,
    name: String,
}

impl From<BreakGlassAdministrator> for NamedBreakGlass {
    fn from(one: BreakGlassAdministrator) -> Self {
        Self {
            id: one.member.0,
            can_enter: one.can_enter(),
            name: one.name,
            email: one.email,
            last_entered_at: one.last_entered_at.map(Timestamp::utc),
        }
    }
}

impl SingleSignOnRequirement {
    fn of(found: Requirement, now: Timestamp, sees_people: bool) -> Self {
        let from = found.organization.sso_from;
        let named = found.administrators.into_iter().filter(|one| one.is_named);
        let first = found.shut_out.first.into_iter().filter(|_| sees_people);
        Self {
            required_from: from.map(Timestamp::utc),
            is_in_force: from.is_some_and(|from| from <= now),
            break_glass_administrators: named.map(NamedBreakGlass::from).collect(),
            shut_out: PeopleShutOut {
                total: found.shut_out.count,
                first: first.map(|(id, name)| PersonShutOut { id: id.0, name }).collect(),
            },
        }
    }
}

pub(super) fn endpoints() -> Vec<Endpoint> {
    vec![Endpoint::new(__path_show, show).needs(rights::CONNECTION_MANAGE)]
}

/// Read whether single sign-on is required
///
/// It is required, and break-glass administrators are named, in the console only: who requires it first shows by a sign-in
/// that they would not lock themselves out.
#[utoipa::path(get, path = "/api/v1/single_sign_on", operation_id = "getSingleSignOnRequirement", tag = "Connections",
    responses((status = 200, description = "Whether it is required, and of whom.", body = SingleSignOnRequirement)))]
async fn show(db: Data<Db>, caller: Caller, _: Parameters<NoParameters>) -> web::Result<HttpResponse> {
    let found = caller.read(&db, sso::requirement).await?;
    let sees_people = caller.scope.may(rights::USER_READ);
    Ok(HttpResponse::Ok().json(SingleSignOnRequirement::of(found, caller.scope.now(), sees_people)))
}
