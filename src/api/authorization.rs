//! `POST /api/v1/authorize`: whether a member may do something, and why. `POST /api/v1/authorize/batch`: many such
//! questions at once. Both ask about the caller, or about others if the caller may see them.

use super::{
    Caller, Credential,
    body::Body,
    endpoints::Endpoint,
    object,
    parameters::{NoParameters, Parameters},
};
use crate::{
    authorization::{self, Decision, Effective, Names, Question, Reason},
    db::{Conn, Db, Lasting},
    kit::{Fault, MemberId, Permission, Scope, TokenId, rights},
    members,
    tokens::{Bearer, Mode},
    web::{self, FieldError, Problem, Site},
};
use actix_web::{HttpResponse, web::Data};
use serde::{Deserialize, Serialize};
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};
use utoipa::ToSchema;

pub(super) fn endpoints() -> Vec<Endpoint> {
    vec![
        Endpoint::new(__path_create, create).refuses(&["not-found", "permission-missing"]),
        Endpoint::new(__path_create_many, create_many),
    ]
}

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

/// Many questions.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = AuthorizationQuestions)]
struct AskedMany {
    #[serde(deserialize_with = "object::each")]
    #[schema(min_items = 1, max_items = 100)]
    questions: Vec<Asked>,
}

/// The most questions of one request.
const MOST: usize = 100;

impl Asked {
    fn question(self) -> Result<Question, String> {
        question(self.permission, self.action, self.resource_type, self.resource_id)
    }
}

/// A question from its parts.
///
/// # Errors
/// A sentence that says what is wrong.
pub(super) fn question(
    permission: Option<String>,
    action: Option<String>,
    resource_type: Option<String>,
    resource_id: Option<String>,
) -> Result<Question, String> {
    match (permission, action, resource_type, resource_id) {
        (Some(permission), None, None, None) => permission.parse().map(Question::Permission),
        (None, Some(action), Some(resource_type), Some(resource_id)) => Ok(Question::Action { action, resource_type, resource_id }),
        _ => Err("Ask for a permission, or for an action, a resource_type and a resource_id.".into()),
    }
}

/// The answer to one question.
#[derive(Serialize, ToSchema)]
#[schema(as = AuthorizationAnswer)]
pub(super) struct Answer {
    pub allowed: bool,
    /// What allows it, or why nothing does. Each reason has a `kind` (`role`, `team`, `policy`, `token` …), what it names, and
    /// a sentence as `text`.
    #[schema(value_type = Vec<Object>)]
    pub because: Vec<Because>,
    /// In a batch: why this question is not answered. Then nothing is allowed.
    #[serde(skip_serializing_if = "Option::is_none")]
    problem: Option<UnansweredProblem>,
}

/// The answers to many questions, in their order.
#[derive(Serialize, ToSchema)]
#[schema(as = AuthorizationAnswers)]
struct Answers {
    answers: Vec<Answer>,
}

/// A reason with a sentence that says it.
#[derive(Serialize)]
pub(super) struct Because {
    #[serde(flatten)]
    why: Why,
    pub text: String,
}

#[derive(Serialize)]
#[serde(untagged)]
enum Why {
    Rights(Reason),
    Token(HeldBack),
}

/// The caller's token does not allow what its member may do.
#[derive(Serialize)]
struct HeldBack {
    kind: &'static str,
    token: TokenId,
    name: String,
}

/// Why a question of a batch is not answered, as a problem (RFC 9457) without the fields of a whole response.
#[derive(Clone, Serialize, ToSchema)]
struct UnansweredProblem {
    r#type: String,
    code: &'static str,
    title: String,
    status: u16,
    detail: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    permission: Option<String>,
}

/// Reasons, each with its sentence.
pub(super) fn because(reasons: Vec<Reason>) -> Vec<Because> {
    let told = |reason: Reason| Because { text: reason.to_string(), why: Why::Rights(reason) };
    reasons.into_iter().map(told).collect()
}

/// The question as a permission.
pub(super) fn wanted(question: &Question) -> Permission {
    question.permission()
}

/// Why the caller's token does not allow what its member may do, if so.
fn held_back(bearer: &Bearer, question: &Question) -> Option<Because> {
    let wanted = wanted(question);
    let is_outside = bearer.narrowed.as_ref().is_some_and(|narrowed| !narrowed.allow(&wanted));
    let text = match bearer.mode {
        _ if is_outside => format!("The token {} is narrowed to other permissions.", bearer.name),
        Mode::Read if wanted.action() != "read" => format!("The token {} only reads.", bearer.name),
        _ => return None,
    };
    let why = Why::Token(HeldBack { kind: "token", token: bearer.token, name: bearer.name.clone() });
    Some(Because { why, text })
}

/// The token of a caller who sent one.
pub(super) fn bearer(credential: &Credential) -> Option<&Bearer> {
    match credential {
        Credential::Token(bearer) => Some(bearer),
        Credential::ApiPassword => None,
    }
}

/// What the caller may be told of another member's rights.
///
/// # Errors
/// [`Fault::Missing`] or [`Fault::Denied`].
fn visible(conn: &mut Conn, scope: &Scope, id: MemberId) -> Result<Names, Fault> {
    let scope = &members::towards(conn, scope, id)?;
    scope.demand(rights::USER_READ)?;
    let kind = members::find(conn, scope, id)?.kind;
    scope.demand(rights::read(kind))?;
    Ok(Names::about(scope, kind, id))
}

/// The member asked about: what they hold, and the names that the answer may contain.
pub(super) struct About {
    pub held: Arc<Effective>,
    pub names: Names,
    is_me: bool,
}

impl About {
    /// Callers may ask about the members they may see.
    ///
    /// # Errors
    /// [`Fault::Missing`] or [`Fault::Denied`].
    pub fn load(conn: &mut Conn, scope: &Scope, member: Option<MemberId>) -> Result<Self, Fault> {
        let (id, names) = match member.filter(|id| !scope.is_me(*id)) {
            None => (scope.actor.member_id().ok_or(Fault::Missing)?, Names::ALL),
            Some(id) => (id, visible(conn, scope, id)?),
        };
        let held = authorization::effective(conn, scope.organization, id, scope.now())?;
        Ok(Self { held: Arc::new(held), names, is_me: scope.is_me(id) })
    }

    /// [`About::load`] for one question, of which products ask one for each of their own requests.
    async fn check(db: &Db, scope: &Scope, member: Option<MemberId>) -> Result<Self, Fault> {
        let (id, names) = match member.filter(|id| !scope.is_me(*id)) {
            None => (scope.actor.member_id().ok_or(Fault::Missing)?, Names::ALL),
            Some(id) => {
                let scope = scope.clone();
                (id, db.check(move |conn| visible(conn, &scope, id)).await?)
            }
        };
        let (organization, now) = (scope.organization, scope.now());
        let key = [organization.0.as_bytes().as_slice(), id.0.as_bytes()].concat();
        let held = db.check_kept(("effective", key), now, move |conn| {
            let held = authorization::effective(conn, organization, id, now)?;
            Ok(Lasting { until: held.until(), answer: Arc::new(held) })
        });
        Ok(Self { held: held.await?, names, is_me: scope.is_me(id) })
    }

    /// The decision, with the reasons that the caller may read.
    pub fn answer(&self, bearer: Option<&Bearer>, question: &Question) -> Answer {
        let Decision { allowed, because: reasons } = authorization::decide(&self.held, question);
        let held_back = bearer.filter(|_| allowed && self.is_me).and_then(|bearer| held_back(bearer, question));
        Answer {
            allowed: allowed && held_back.is_none(),
            because: held_back.map_or_else(|| because(self.names.leave(reasons)), |why| vec![why]),
            problem: None,
        }
    }
}

/// The error of a question that cannot be asked.
fn unclear(at: &str, why: String) -> web::Error {
    Problem::field(at, "invalid", why).into()
}

/// May a member do this
///
/// Asks for a permission, or for an action on one resource; about the caller, or about another member.
#[utoipa::path(post, path = "/api/v1/authorize", operation_id = "authorize", tag = "Authorization", request_body = Asked,
    responses((status = 200, description = "The decision.", body = Answer)))]
async fn create(db: Data<Db>, caller: Caller, _: Parameters<NoParameters>, body: Body<Asked>) -> web::Result<HttpResponse> {
    let Body(asked) = body;
    let member = asked.member;
    let question = asked.question().map_err(|why| unclear("", why))?;
    let about = About::check(&db, &caller.scope, member).await?;
    Ok(HttpResponse::Ok().json(about.answer(bearer(&caller.credential), &question)))
}

/// May members do these
///
/// Up to a hundred questions at once, answered in their order. A member whom the caller may not see has a `problem`.
#[utoipa::path(post, path = "/api/v1/authorize/batch", operation_id = "authorizeMany", tag = "Authorization", request_body = AskedMany,
    responses((status = 200, description = "The decisions.", body = Answers)))]
async fn create_many(
    (db, site): (Data<Db>, Data<Site>),
    caller: Caller,
    _: Parameters<NoParameters>,
    body: Body<AskedMany>,
) -> web::Result<HttpResponse> {
    let Body(AskedMany { questions }) = body;
    if questions.is_empty() || questions.len() > MOST {
        let error = FieldError::new("/questions", "out-of-range", format!("Ask 1 to {MOST} questions."));
        return Err(Problem::fields(vec![error]).into());
    }
    let mut asked = Vec::with_capacity(questions.len());
    for (at, one) in questions.into_iter().enumerate() {
        let member = one.member;
        asked.push((member, one.question().map_err(|why| unclear(&format!("/questions/{at}"), why))?));
    }
    let members: BTreeSet<Option<MemberId>> = asked.iter().map(|(member, _)| *member).collect();
    let known = caller.read(&db, move |conn, scope| load_all(conn, scope, &site, &members)).await?;
    let answer = |(member, question): &(Option<MemberId>, Question)| match &known[member] {
        Ok(about) => about.answer(bearer(&caller.credential), question),
        Err(problem) => Answer { allowed: false, because: Vec::new(), problem: Some(problem.clone()) },
    };
    Ok(HttpResponse::Ok().json(Answers { answers: asked.iter().map(answer).collect() }))
}

type Known = BTreeMap<Option<MemberId>, Result<About, UnansweredProblem>>;

/// Each member asked about, read once. A member whom the caller may not see leaves the other answers as they are.
fn load_all(conn: &mut Conn, scope: &Scope, site: &Site, members: &BTreeSet<Option<MemberId>>) -> Result<Known, Fault> {
    let mut known = Known::new();
    for member in members {
        let about = match About::load(conn, scope, *member) {
            Ok(about) => Ok(about),
            Err(fault @ (Fault::Missing | Fault::Denied(_))) => Err(UnansweredProblem::of(site, &fault.into())),
            Err(fault) => return Err(fault),
        };
        known.insert(*member, about);
    }
    Ok(known)
}

impl UnansweredProblem {
    fn of(site: &Site, error: &web::Error) -> Self {
        let problem = Problem::of(error);
        Self {
            r#type: problem.type_uri(site),
            code: problem.code,
            title: problem.title.into(),
            status: problem.status.as_u16(),
            detail: problem.detail,
            permission: problem.permission.map(|permission| permission.to_string()),
        }
    }
}
