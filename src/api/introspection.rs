//! `POST /api/v1/introspect` (RFC 7662): whether a token works at this moment, whose it is and what it allows.

use super::{
    Caller,
    body::{Form, malformed},
    endpoints::Endpoint,
    parameters::{NoParameters, Parameters},
};
use crate::{
    db::Db,
    kit::{MemberId, MemberKind, OperationResult, OrganizationId, RequestInfo, TokenId, rights, secret::SecretString},
    tokens::{self, Introspected, IntrospectionRefusal, Uses},
    web::{self, Problem, Site},
};
use actix_web::{HttpResponse, http::StatusCode, web::Data};
use serde::{Deserialize, Serialize};
use std::net::IpAddr;
use utoipa::{
    ToSchema,
    openapi::schema::{KnownFormat, ObjectBuilder, OneOfBuilder, Schema, SchemaFormat, Type},
};

pub(super) fn endpoints() -> Vec<Endpoint> {
    let endpoint = Endpoint::new(__path_create, create).needs(rights::TOKEN_INTROSPECT);
    vec![endpoint.refuses(&["system-account-required"])]
}

/// The question. Other fields are ignored, as OAuth requires (RFC 6749, section 3.2); `token_type_hint` is one of them.
#[derive(Deserialize, ToSchema)]
struct IntrospectionRequest {
    #[schema(value_type = String, example = "rst_…")]
    token: SecretString,
    /// The address from which the program sent the token. A token that is limited to networks works only from there.
    #[schema(schema_with = address, required = false)]
    client_address: Option<String>,
}

/// An IP address. A form has no null.
fn address() -> Schema {
    let address = |format| ObjectBuilder::new().schema_type(Type::String).format(Some(format));
    OneOfBuilder::new()
        .item(address(SchemaFormat::KnownFormat(KnownFormat::Ipv4)).examples(["192.0.2.7"]))
        .item(address(SchemaFormat::KnownFormat(KnownFormat::Ipv6)))
        .into()
}

const EXPECTED: &str = "Send the field token once, and the field client_address, if at all, once and as an IP address.";

/// The answer. For a token that does not work it is `{"active": false}` and nothing else.
#[derive(Serialize, Default, ToSchema)]
struct Introspection {
    active: bool,
    /// The member whose token it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Uuid>)]
    sub: Option<MemberId>,
    /// The token.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Uuid>)]
    client_id: Option<TokenId>,
    /// The username of a person, the name of a system account.
    #[serde(skip_serializing_if = "Option::is_none")]
    username: Option<String>,
    /// What it allows now, separated by spaces.
    #[serde(skip_serializing_if = "Option::is_none")]
    scope: Option<String>,
    /// `Bearer`.
    #[serde(skip_serializing_if = "Option::is_none")]
    token_type: Option<&'static str>,
    /// When it ends, in seconds since 1970. Absent if it has no end.
    #[serde(skip_serializing_if = "Option::is_none")]
    exp: Option<i64>,
    /// When this value was made, in seconds since 1970.
    #[serde(skip_serializing_if = "Option::is_none")]
    iat: Option<i64>,
    /// The public URL of Roster.
    #[serde(skip_serializing_if = "Option::is_none")]
    iss: Option<String>,
    /// The organization.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Uuid>)]
    aud: Option<OrganizationId>,
    /// Whose token it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(schema_with = super::choice::schema::<MemberKind>)]
    roster_kind: Option<MemberKind>,
}

impl Introspection {
    /// For a token that works at this moment.
    fn of(found: Introspected, site: &Site) -> Self {
        let scope = &found.bearer.scope;
        let permissions: Vec<String> = scope.permissions.iter().map(ToString::to_string).collect();
        Self {
            active: true,
            sub: scope.actor.member_id(),
            client_id: Some(found.bearer.token),
            scope: Some(permissions.join(" ")),
            token_type: Some("Bearer"),
            exp: found.expires_at.map(|at| at.micros() / 1_000_000),
            iat: Some(found.issued_at.micros() / 1_000_000),
            iss: Some(site.link("")),
            aud: Some(scope.organization),
            roster_kind: Some(found.bearer.kind),
            username: Some(found.username),
        }
    }
}

fn refused(why: IntrospectionRefusal) -> web::Error {
    let IntrospectionRefusal::NotSystemAccount = why;
    let detail = "Only system accounts ask about the tokens of others. Create one for your service, with a token of its own.";
    Problem::new(StatusCode::FORBIDDEN, "system-account-required", "This is for system accounts", detail).into()
}

/// Does this token work
///
/// For services that take tokens of Roster (RFC 7662): whether it works at this moment, whose it is and what it allows. For a token
/// that does not work the answer is `{"active": false}` and nothing else. Keep an answer for 30 seconds at most.
#[utoipa::path(post, path = "/api/v1/introspect", operation_id = "introspect", tag = "Authorization",
    request_body(content = IntrospectionRequest, content_type = "application/x-www-form-urlencoded"),
    responses((status = 200, description = "Whether it works.", body = Introspection)))]
async fn create(
    (db, site, uses): (Data<Db>, Data<Site>, Data<Uses>),
    caller: Caller,
    _: Parameters<NoParameters>,
    body: Form,
) -> web::Result<HttpResponse> {
    let IntrospectionRequest { token, client_address } = body.read(EXPECTED).await?;
    let is_address = |text: &String| text.parse::<IpAddr>().is_ok();
    if !client_address.iter().all(is_address) {
        return Err(malformed(EXPECTED));
    }
    let (scope, from) = (caller.scope.clone(), client_address.clone());
    let asked = db.check(move |conn| tokens::introspect(conn, &scope, token.expose(), from.as_deref()));
    let found = asked.await.refused()?.map_err(refused)?;
    if let Some(found) = &found {
        note(&uses, &caller, found, client_address);
    }
    Ok(HttpResponse::Ok().json(found.map_or_else(Introspection::default, |found| Introspection::of(found, &site))))
}

/// Records the use of the token that was asked about, with the service in place of the program that sent it.
fn note(uses: &Uses, caller: &Caller, found: &Introspected, client_address: Option<String>) {
    let scope = &found.bearer.scope;
    let request_info = &caller.scope.request_info;
    let used = RequestInfo {
        address: client_address.unwrap_or_else(|| request_info.address.clone()),
        agent: format!("checked by {}", caller.scope.actor.name()),
        ..request_info.clone()
    };
    if let Some(member) = scope.actor.member_id() {
        uses.note(scope.organization, member, found.used.clone(), &used);
    }
}
