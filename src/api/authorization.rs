//! `POST /api/v1/authorize`: whether a member may do something, and why. Asks about the caller, or about others if the
//! caller may see them.

use super::{Caller, Credential, Json};
use crate::{
    authorization::{self, Decision, Names, Question, Reason},
    db::{Conn, Db},
    kit::{Fault, MemberId, Permission, Scope, rights},
    members,
    tokens::{Bearer, Mode},
    web::{self, Problem},
};
use actix_web::{HttpResponse, http::StatusCode, web::Data};
use serde::Deserialize;
use serde_json::{Value, json};

/// The question: a permission, or an action on one resource.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Asked {
    permission: Option<String>,
    action: Option<String>,
    resource_type: Option<String>,
    resource_id: Option<String>,
    /// The member asked about, if not the caller.
    member: Option<MemberId>,
}

fn malformed(detail: String) -> web::Error {
    Problem::new(StatusCode::BAD_REQUEST, "malformed", "The request could not be read", detail).into()
}

impl Asked {
    fn question(self) -> web::Result<Question> {
        match (self.permission, self.action, self.resource_type, self.resource_id) {
            (Some(permission), None, None, None) => permission.parse().map(Question::Permission).map_err(malformed),
            (None, Some(action), Some(resource_type), Some(resource_id)) => Ok(Question::Action { action, resource_type, resource_id }),
            _ => Err(malformed("Ask for a permission, or for an action, a resource_type and a resource_id.".into())),
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

pub(super) async fn create(db: Data<Db>, caller: Caller, body: Json) -> web::Result<HttpResponse> {
    let asked: Asked = body.read().await?;
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
    Ok(HttpResponse::Ok().json(json!({ "allowed": allowed && held_back.is_none(), "because": because })))
}

/// The decision with the reasons that the caller may read, and whether it is about the caller.
fn decide(conn: &mut Conn, scope: &Scope, member: Option<MemberId>, question: &Question) -> Result<(Decision, bool), Fault> {
    let (id, names) = about(conn, scope, member)?;
    let held = authorization::effective(conn, scope.organization, id, scope.now())?;
    let decision = authorization::decide(&held, question);
    let because = names.leave(decision.because);
    Ok((Decision { because, ..decision }, scope.is_me(id)))
}
