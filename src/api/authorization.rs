//! `POST /api/v1/authorize`: whether a member may do something, and why. Asks about the caller, or about others if the
//! caller may see them.

use super::{
    Caller, Credential,
    body::Body,
    endpoints::Endpoint,
    parameters::{NoParameters, Parameters},
};
use crate::{
    authorization::{self, Decision, Names, Question, Reason},
    db::{Conn, Db},
    kit::{Fault, MemberId, Permission, Scope, rights},
    members,
    tokens::{Bearer, Mode},
    web::{self, FieldError, Problem},
};
use actix_web::{HttpResponse, web::Data};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use utoipa::ToSchema;

/// The question: a permission, or an action on one resource.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = AuthorizationQuestion)]
struct Asked {
    /// `resource:action:scope`.
    #[schema(example = "contract_data:read:*")]
    permission: Option<String>,
    action: Option<String>,
    resource_type: Option<String>,
    resource_id: Option<String>,
    /// The member asked about, if not the caller. Needs `user:read:*`, for a system account `system_account:read:*` too.
    #[schema(value_type = Option<Uuid>)]
    member: Option<MemberId>,
}

/// Whether it is allowed, and why.
#[derive(Serialize, ToSchema)]
struct AuthorizationAnswer {
    allowed: bool,
    /// Each reason has a `kind` (`role`, `team`, `policy`, `token` …), what it names, and a sentence as `text`.
    #[schema(value_type = Vec<Object>)]
    because: Vec<Value>,
}

fn wrong(field: &str, detail: String) -> web::Error {
    Problem::fields(vec![FieldError::new(field, "invalid", detail)]).into()
}

impl Asked {
    fn question(self) -> web::Result<Question> {
        match (self.permission, self.action, self.resource_type, self.resource_id) {
            (Some(permission), None, None, None) => permission.parse().map(Question::Permission).map_err(|why| wrong("/permission", why)),
            (None, Some(action), Some(resource_type), Some(resource_id)) => Ok(Question::Action { action, resource_type, resource_id }),
            _ => Err(wrong("", "Ask for a permission, or for an action, a resource_type and a resource_id.".into())),
        }
    }
}

/// The question as a permission.
fn wanted(question: &Question) -> Permission {
    match question {
        Question::Permission(permission) => permission.clone(),
        Question::Action { action, resource_type, .. } => Permission::all(resource_type, action),
    }
}

/// Why the caller's token does not allow what its member may do, if so.
fn held_back(bearer: &Bearer, question: &Question) -> Option<Value> {
    let wanted = wanted(question);
    let is_outside = bearer.narrowed.as_ref().is_some_and(|narrowed| !narrowed.allow(&wanted));
    let text = match bearer.mode {
        _ if is_outside => format!("The token {} is narrowed to other permissions.", bearer.name),
        Mode::Read if wanted.action() != "read" => format!("The token {} only reads.", bearer.name),
        _ => return None,
    };
    Some(json!({ "kind": "token", "token": bearer.token, "name": bearer.name, "text": text }))
}

/// A reason as a JSON object that contains a sentence as well.
fn told(reason: &Reason) -> Result<Value, Fault> {
    let mut value = serde_json::to_value(reason).map_err(Fault::broken)?;
    value["text"] = reason.to_string().into();
    Ok(value)
}

/// The member asked about, and the names that the answer may contain. Callers may ask about the members they may see.
fn about(conn: &mut Conn, scope: &Scope, member: Option<MemberId>) -> Result<(MemberId, Names), Fault> {
    match member.filter(|id| !scope.is_me(*id)) {
        None => Ok((scope.actor.member_id().ok_or(Fault::Missing)?, Names::ALL)),
        Some(id) => {
            scope.demand(rights::USER_READ)?;
            let kind = members::find(conn, scope, id)?.kind;
            scope.demand(rights::read(kind))?;
            Ok((id, Names::about(scope, kind, id)))
        }
    }
}

pub(super) fn endpoints() -> Vec<Endpoint> {
    vec![Endpoint::new(__path_create, create)]
}

/// May a member do this
///
/// Asks for a permission, or for an action on one resource; about the caller, or about another member.
#[utoipa::path(post, path = "/api/v1/authorize", operation_id = "authorize", tag = "Authorization", request_body = Asked,
    responses((status = 200, description = "The decision.", body = AuthorizationAnswer)))]
async fn create(db: Data<Db>, caller: Caller, _: Parameters<NoParameters>, body: Body<Asked>) -> web::Result<HttpResponse> {
    let Body(asked) = body;
    let member = asked.member;
    let question = asked.question()?;
    let (scope, what) = (caller.scope.clone(), question.clone());
    let (Decision { allowed, because }, is_me) = db.read(move |conn| decide(conn, &scope, member, &what)).await?;
    let held_back = match &caller.credential {
        Credential::Token(bearer) if allowed && is_me => held_back(bearer, &question),
        _ => None,
    };
    let because = match &held_back {
        Some(why) => vec![why.clone()],
        None => because.iter().map(told).collect::<Result<_, _>>()?,
    };
    Ok(HttpResponse::Ok().json(AuthorizationAnswer { allowed: allowed && held_back.is_none(), because }))
}

/// The decision with the reasons that the caller may read, and whether it is about the caller.
fn decide(conn: &mut Conn, scope: &Scope, member: Option<MemberId>, question: &Question) -> Result<(Decision, bool), Fault> {
    let (id, names) = about(conn, scope, member)?;
    let held = authorization::effective(conn, scope.organization, id, scope.now())?;
    let decision = authorization::decide(&held, question);
    let because = names.leave(decision.because);
    Ok((Decision { because, ..decision }, scope.is_me(id)))
}
