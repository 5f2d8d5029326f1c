//! `GET /api/v1/me`: which credential was sent, whose it is, and what it allows.

use super::{Caller, Credential};
use crate::{
    db::Db,
    kit::{MemberId, OrganizationId, Permissions, Scope, Timestamp, TokenId, UserId},
    tokens::Mode,
    users::{self, User},
    web,
};
use actix_web::{HttpResponse, web::Data};
use serde::Serialize;

#[derive(Serialize)]
struct Me {
    organization: Organization,
    member: Member,
    credential: Described,
    /// What it allows now: the permissions it is narrowed to, of those that its member holds.
    permissions: Vec<String>,
}

#[derive(Serialize)]
struct Organization {
    id: OrganizationId,
    name: String,
}

#[derive(Serialize)]
struct Member {
    id: Option<MemberId>,
    kind: &'static str,
    name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    user_id: Option<UserId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    username: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    email: Option<String>,
}

#[derive(Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
enum Described {
    Token {
        id: TokenId,
        name: String,
        prefix: String,
        mode: &'static str,
        read_only: bool,
        expires_at: Option<String>,
        /// The permissions it is narrowed to, if any.
        narrowed_to: Option<Vec<String>>,
        /// The networks from which it may be used, if limited.
        addresses: Option<Vec<String>>,
        /// Set if the previous value was sent, which works until then.
        #[serde(skip_serializing_if = "Option::is_none")]
        replaced_value_works_until: Option<String>,
    },
    ApiPassword {
        mode: &'static str,
        read_only: bool,
        expires_at: Option<String>,
    },
}

fn texts(permissions: &Permissions) -> Vec<String> {
    permissions.iter().map(ToString::to_string).collect()
}

fn described(credential: Credential) -> Described {
    match credential {
        Credential::Token(bearer) => Described::Token {
            id: bearer.token,
            mode: bearer.mode.as_str(),
            read_only: bearer.mode == Mode::Read,
            expires_at: bearer.expires_at.map(Timestamp::iso),
            narrowed_to: bearer.narrowed.as_ref().map(texts),
            addresses: (!bearer.networks.is_empty()).then_some(bearer.networks),
            replaced_value_works_until: bearer.old_until.map(Timestamp::iso),
            name: bearer.name,
            prefix: bearer.prefix,
        },
        Credential::ApiPassword => Described::ApiPassword { mode: Mode::ReadWrite.as_str(), read_only: false, expires_at: None },
    }
}

pub(super) async fn show(db: Data<Db>, caller: Caller) -> web::Result<HttpResponse> {
    let scope = &caller.scope;
    // A person is shown by the stored names, whichever spelling was sent. A system account has none.
    let person = match scope.actor.user_id() {
        Some(id) => Some(db.read(move |conn| users::find(conn, id)).await?),
        None => None,
    };
    let me = Me {
        organization: Organization { id: scope.organization, name: caller.organization_name },
        member: member(scope, &caller.credential, person),
        permissions: texts(&scope.permissions),
        credential: described(caller.credential),
    };
    Ok(HttpResponse::Ok().json(me))
}

fn member(scope: &Scope, credential: &Credential, person: Option<User>) -> Member {
    let kind = match credential {
        Credential::Token(bearer) => bearer.kind.as_str(),
        Credential::ApiPassword => "user",
    };
    let (username, email) = person.map(|user| (user.username, user.email)).unzip();
    Member {
        id: scope.actor.member_id(),
        kind,
        name: scope.actor.name().to_owned(),
        user_id: scope.actor.user_id(),
        username,
        email,
    }
}
