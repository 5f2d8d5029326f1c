//! `GET /api/v1/me`: which credential was sent, whose it is, and what it allows.

use super::{
    Caller, Credential,
    endpoints::Endpoint,
    parameters::{NoParameters, Parameters},
};
use crate::{
    db::Db,
    kit::{Permissions, Scope, Timestamp},
    tokens::Mode,
    users::{self, User},
    web,
};
use actix_web::{HttpResponse, web::Data};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

/// Who the credential is, and what it allows.
#[derive(Serialize, ToSchema)]
struct Me {
    organization: CallerOrganization,
    member: CallerMember,
    credential: CallerCredential,
    /// What it allows now: the permissions it is narrowed to, of those that its member holds.
    permissions: Vec<String>,
}

#[derive(Serialize, ToSchema)]
struct CallerOrganization {
    id: Uuid,
    name: String,
}

/// Whose credential it is.
#[derive(Serialize, ToSchema)]
struct CallerMember {
    #[schema(required = true)]
    id: Option<Uuid>,
    /// `user` or `system_account`.
    #[schema(example = "system_account")]
    kind: &'static str,
    name: String,
    /// The identity of a person, the same in each of their organizations.
    #[serde(skip_serializing_if = "Option::is_none")]
    user_id: Option<Uuid>,
    #[serde(skip_serializing_if = "Option::is_none")]
    username: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    email: Option<String>,
}

/// The credential that was sent.
#[derive(Serialize, ToSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
enum CallerCredential {
    Token {
        id: Uuid,
        name: String,
        prefix: String,
        mode: &'static str,
        read_only: bool,
        #[schema(required = true)]
        expires_at: Option<String>,
        /// The permissions it is narrowed to, if any.
        #[schema(required = true)]
        narrowed_to: Option<Vec<String>>,
        /// The networks from which it may be used, if limited.
        #[schema(required = true)]
        addresses: Option<Vec<String>>,
        /// Set if the previous value was sent, which works until then.
        #[serde(skip_serializing_if = "Option::is_none")]
        replaced_value_works_until: Option<String>,
    },
    ApiPassword {
        mode: &'static str,
        read_only: bool,
        #[schema(required = true)]
        expires_at: Option<String>,
    },
}

fn texts(permissions: &Permissions) -> Vec<String> {
    permissions.iter().map(ToString::to_string).collect()
}

fn described(credential: Credential) -> CallerCredential {
    match credential {
        Credential::Token(bearer) => CallerCredential::Token {
            id: bearer.token.0,
            mode: bearer.mode.as_str(),
            read_only: bearer.mode == Mode::Read,
            expires_at: bearer.expires_at.map(Timestamp::iso),
            narrowed_to: bearer.narrowed.as_ref().map(texts),
            addresses: (!bearer.networks.is_empty()).then_some(bearer.networks),
            replaced_value_works_until: bearer.old_until.map(Timestamp::iso),
            name: bearer.name,
            prefix: bearer.prefix,
        },
        Credential::ApiPassword => CallerCredential::ApiPassword { mode: Mode::ReadWrite.as_str(), read_only: false, expires_at: None },
    }
}

pub(super) fn endpoints() -> Vec<Endpoint> {
    vec![Endpoint::new(__path_show, show)]
}

/// Who am I
///
/// The credential that was sent, whose it is, and what it allows now.
#[utoipa::path(get, path = "/api/v1/me", operation_id = "getMe", tag = "The API itself",
    responses((status = 200, description = "The caller.", body = Me)))]
async fn show(db: Data<Db>, caller: Caller, _: Parameters<NoParameters>) -> web::Result<HttpResponse> {
    let scope = &caller.scope;
    // A person is shown by the stored names, whichever spelling was sent. A system account has none.
    let person = match scope.actor.user_id() {
        Some(id) => Some(db.check(move |conn| users::find(conn, id)).await?),
        None => None,
    };
    let me = Me {
        organization: CallerOrganization { id: scope.organization.0, name: caller.organization_name },
        member: member(scope, &caller.credential, person),
        permissions: texts(&scope.permissions),
        credential: described(caller.credential),
    };
    Ok(HttpResponse::Ok().json(me))
}

fn member(scope: &Scope, credential: &Credential, person: Option<User>) -> CallerMember {
    let kind = match credential {
        Credential::Token(bearer) => bearer.kind.as_str(),
        Credential::ApiPassword => "user",
    };
    let (username, email) = person.map(|user| (user.username, user.email)).unzip();
    CallerMember {
        id: scope.actor.member_id().map(|id| id.0),
        kind,
        name: scope.actor.name().to_owned(),
        user_id: scope.actor.user_id().map(|id| id.0),
        username,
        email,
    }
}
