//! `GET /api/v1/forward_auth`: a reverse proxy asks, for each request to an application, who sends it and whether they may.
//!
//! Invariants: the credential is the request's own `Authorization`, or the cookie of an application, which counts only if
//! a trusted proxy names a configured host; nothing is cached; a successful answer has all five headers, so that a proxy
//! never leaves one of the client's in place.

use super::{
    Caller,
    authorization::{About, bearer, question, wanted},
    endpoints::Endpoint,
    parameters::Parameters,
    problems,
};
use crate::{
    authorization::{self, HeldRole, Question},
    db::{Conn, Db},
    kit::{Fault, MemberKind, OperationError, OperationResult, OrganizationId, RequestInfo, Scope, SessionId},
    sessions::{self, AppCookies, AppRefusal},
    tokens::{Bearer, Mode},
    web::{self, Error, Problem, Site},
};
use actix_web::{
    FromRequest, HttpRequest, HttpResponse, ResponseError,
    dev::Payload,
    http::{
        StatusCode,
        header::{self, HeaderValue},
    },
    web::{Data, ReqData},
};
use serde::Deserialize;
use std::{collections::BTreeSet, fmt::Write};
use url::Url;
use utoipa::{IntoParams, ToSchema};

pub(super) fn endpoints() -> Vec<Endpoint> {
    let codes = ["other-organization", "permission-missing"];
    vec![Endpoint::new(__path_show, show).authenticates_itself().refuses(&codes)]
}

/// What the proxy demands of its visitors.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct ForwardAuthQuery {
    /// The organization whose members are let in. Another organization of the same deployment may have declared the same
    /// permissions.
    #[param(value_type = Uuid)]
    organization: OrganizationId,
    /// The visitor needs this permission.
    #[param(example = "contract_data:read:*")]
    permission: Option<String>,
    action: Option<String>,
    resource_type: Option<String>,
    resource_id: Option<String>,
    /// How a browser that is not signed in is sent to sign in.
    #[param(inline)]
    redirect: Option<Redirect>,
}

#[derive(Clone, Copy, Deserialize, PartialEq, Eq, ToSchema)]
enum Redirect {
    /// 401 with a Location, for nginx.
    #[serde(rename = "1")]
    Location,
    /// 303, for proxies that hand the answer on as it is (Caddy, Traefik).
    #[serde(rename = "303")]
    SeeOther,
}

impl ForwardAuthQuery {
    fn read(req: &HttpRequest) -> web::Result<Self> {
        Parameters::read(req.query_string())
    }

    /// What the visitor must be allowed to do, if anything.
    fn question(self) -> web::Result<Option<Question>> {
        if self.permission.is_none() && self.action.is_none() && self.resource_type.is_none() && self.resource_id.is_none() {
            return Ok(None);
        }
        let asked = question(self.permission, self.action, self.resource_type, self.resource_id);
        asked.map(Some).map_err(|why| Problem::field("?permission", "invalid", why).into())
    }
}

/// The visitor of the application.
#[derive(Clone)]
struct AppVisitor {
    scope: Scope,
    kind: MemberKind,
    bearer: Option<Box<Bearer>>,
}

/// One question of a proxy.
struct ProxyRequest {
    db: Data<Db>,
    cookies: Data<AppCookies>,
    http: HttpRequest,
    request_info: RequestInfo,
    site: Data<Site>,
    /// The address of the application, if a trusted proxy names one that is configured.
    application: Option<Url>,
}

/// Who is this visitor
///
/// For reverse proxies (nginx `auth_request`, Caddy and Traefik `forward_auth`): judges the `Authorization` of the visitor's own
/// request, or their cookie of the application, and answers with headers that the proxy passes on.
#[utoipa::path(get, path = "/api/v1/forward_auth", operation_id = "forwardAuth", tag = "Authorization", params(ForwardAuthQuery),
    responses(
        (status = 200, description = "Let them in.", headers(
            ("Roster-Member" = String, description = "Their id."),
            ("Roster-Name" = String, description = "Their name, percent-encoded."),
            ("Roster-Kind" = String, description = "`user` or `system_account`."),
            ("Roster-Roles" = String, description = "Their roles, each percent-encoded, between commas."),
            ("Roster-Organization" = String, description = "The organization."))),
        (status = 303, description = "A browser signs in first (`redirect=303`).", headers(("Location" = String, description = "The sign-in page.")))))]
async fn show(
    (db, site, cookies): (Data<Db>, Data<Site>, Data<AppCookies>),
    http: HttpRequest,
    request_info: ReqData<RequestInfo>,
) -> web::Result<HttpResponse> {
    let application = cookies.applications.asked_for(&http, &site);
    let request_info = request_info.into_inner();
    let request = ProxyRequest { db, cookies, http, request_info, site, application };
    match request.visitor().await {
        Ok(visitor) => request.admit(visitor).await,
        Err(error) => request.refuse(error),
    }
}

impl ProxyRequest {
    async fn visitor(&self) -> web::Result<AppVisitor> {
        match self.session() {
            Some(session) => self.person(session).await,
            None => self.caller().await,
        }
    }

    /// The session that the cookie of an application refers to. A request with a credential is judged by that alone.
    fn session(&self) -> Option<SessionId> {
        let has_credential = self.http.headers().contains_key(header::AUTHORIZATION);
        self.application.as_ref().filter(|_| !has_credential)?;
        self.cookies.session(&self.http, &self.site)
    }

    async fn person(&self, session: SessionId) -> web::Result<AppVisitor> {
        let (organization, request_info) = (ForwardAuthQuery::read(&self.http)?.organization, self.request_info.clone());
        let entered = self.db.check(move |conn| sessions::enter_application(conn, session, organization, &request_info));
        match entered.await.refused()? {
            Ok(scope) => Ok(AppVisitor { scope, kind: MemberKind::User, bearer: None }),
            Err(AppRefusal::SignInFirst) => Err(problems::missing()),
            Err(AppRefusal::NotMember) => Err(not_member()),
        }
    }

    async fn caller(&self) -> web::Result<AppVisitor> {
        let caller = Caller::from_request(&self.http, &mut Payload::None).await?;
        let bearer = bearer(&caller.credential).cloned().map(Box::new);
        let kind = bearer.as_ref().map_or(MemberKind::User, |bearer| bearer.kind);
        Ok(AppVisitor { scope: caller.scope, kind, bearer })
    }

    async fn admit(&self, visitor: AppVisitor) -> web::Result<HttpResponse> {
        let query = ForwardAuthQuery::read(&self.http)?;
        if visitor.scope.organization != query.organization {
            return Err(not_member());
        }
        let question = query.question()?;
        let asker = visitor.clone();
        let judged = self.db.check(move |conn| judge(conn, &asker, question.clone()));
        let roles = judged.await.refused()??;
        // A token that may do less than its member does not speak with all of their roles.
        let is_limited = visitor.bearer.as_ref().is_some_and(|bearer| bearer.narrowed.is_some() || bearer.mode == Mode::Read);
        Ok(let_in(&visitor, if is_limited { &[] } else { &roles }))
    }

    /// The answer to a visitor without a credential that works: where a browser signs in, if the proxy asks for that.
    fn refuse(&self, error: Error) -> web::Result<HttpResponse> {
        let redirect = ForwardAuthQuery::read(&self.http)
            .ok()
            .and_then(|query| Some((query.redirect?, query.organization)));
        let (Some((redirect, organization)), Some(next)) = (redirect, &self.application) else {
            return Err(error);
        };
        if error.status_code() != StatusCode::UNAUTHORIZED || !self.wants_page() {
            return Err(error);
        }
        let query = serde_html_form::to_string([("organization", organization.to_string()), ("next", next.to_string())]);
        let to = self.site.link(&format!("/sign-in/application?{}", query.map_err(Fault::broken)?));
        let mut response = match redirect {
            Redirect::Location => Problem::of(&error).answer(&self.site, &self.request_info.request_id),
            Redirect::SeeOther => HttpResponse::SeeOther().finish(),
        };
        response.headers_mut().insert(header::LOCATION, HeaderValue::try_from(to).map_err(Fault::broken)?);
        Ok(response)
    }

    /// Whether the visitor is a browser that opens a page, and not a script or a program.
    fn wants_page(&self) -> bool {
        let accept = self.http.headers().get(header::ACCEPT).and_then(|value| value.to_str().ok());
        accept.is_some_and(|accept| accept.contains("text/html"))
    }
}

/// What the proxy does not let in.
struct NotAllowed {
    question: Question,
    reasons: Vec<String>,
}

impl From<NotAllowed> for Error {
    fn from(NotAllowed { question, reasons }: NotAllowed) -> Self {
        Problem {
            permission: Some(wanted(&question)),
            challenge: Some("insufficient_scope"),
            ..Problem::new(StatusCode::FORBIDDEN, "permission-missing", "A permission is missing", reasons.join(" "))
        }
        .into()
    }
}

fn not_member() -> Error {
    let detail = "The application is for members of one organization, which the sender of this request is not.";
    Problem::new(StatusCode::FORBIDDEN, "other-organization", "Not a member of this organization", detail).into()
}

/// The visitor's roles, if the answer to the question is yes.
fn judge(conn: &mut Conn, visitor: &AppVisitor, question: Option<Question>) -> Result<Vec<HeldRole>, OperationError<NotAllowed>> {
    let scope = &visitor.scope;
    let Some(question) = question else {
        let id = scope.actor.member_id().ok_or(Fault::Missing)?;
        let mut roles = authorization::roles_of(conn, scope.organization, &[id], scope.now())?;
        return Ok(roles.remove(&id).unwrap_or_default());
    };
    let about = About::load(conn, scope, None)?;
    let answer = about.answer(visitor.bearer.as_deref(), &question);
    if answer.allowed {
        return Ok(about.held.roles.clone());
    }
    let reasons = answer.because.into_iter().map(|because| because.text).collect();
    Err(OperationError::Refused(NotAllowed { question, reasons }))
}

/// The answer that lets the visitor in. A proxy copies these headers to the application.
fn let_in(visitor: &AppVisitor, roles: &[HeldRole]) -> HttpResponse {
    let names: BTreeSet<&str> = roles.iter().map(|role| role.name.as_str()).collect();
    let names: Vec<String> = names.into_iter().map(encoded).collect();
    let member = visitor.scope.actor.member_id().map(|id| id.to_string()).unwrap_or_default();
    HttpResponse::Ok()
        .insert_header(("Roster-Member", member))
        .insert_header(("Roster-Name", encoded(visitor.scope.actor.name())))
        .insert_header(("Roster-Kind", visitor.kind.as_str()))
        .insert_header(("Roster-Roles", names.join(",")))
        .insert_header(("Roster-Organization", visitor.scope.organization.to_string()))
        .finish()
}

/// A text for a header: UTF-8, percent-encoded but for letters, digits and `-._~`, as `decodeURIComponent` reads it.
fn encoded(text: &str) -> String {
    let mut all = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            all.push(char::from(byte));
        } else {
            let _ = write!(all, "%{byte:02X}");
        }
    }
    all
}
