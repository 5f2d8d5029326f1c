//! Tokens as they are listed and read.

use crate::{
    api::{
        Caller,
        answers::{self, page},
        choice,
        endpoints::Endpoint,
        parameters::{NoParameters, Parameters},
    },
    db::Db,
    kit::{MemberId, MemberKind, Permission, Permissions, Timestamp, TokenId, rights},
    text_enum,
    tokens::{self, LastUse, Mode, State, Token},
    web,
};
use actix_web::{
    HttpResponse,
    web::{Data, Path},
};
use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

text_enum! {
    /// Whether a token works, as far as it depends on the token.
    pub(super) enum TokenState {
        Live = "live",
        Expired = "expired",
        Revoked = "revoked",
    }
}

/// A token, without its text.
#[derive(Serialize, ToSchema)]
#[schema(as = Token)]
pub(super) struct ApiToken {
    pub id: Uuid,
    /// The system account or person whose token it is.
    pub member_id: Uuid,
    #[schema(example = "deploy from CI")]
    pub name: String,
    /// The beginning of its text, which is no secret.
    #[schema(example = "rst_s_4fPk0Zq1")]
    pub prefix: String,
    #[schema(schema_with = choice::schema::<Mode>)]
    pub mode: &'static str,
    /// The permissions that it is narrowed to. Null if it may do whatever its member may do.
    #[schema(required = true)]
    pub permissions: Option<Vec<String>>,
    /// The networks from which it may be used. Empty if it may be used from anywhere.
    pub networks: Vec<String>,
    #[schema(schema_with = choice::schema::<TokenState>)]
    pub state: &'static str,
    /// When it was revoked or expired. Null while it is live.
    #[schema(required = true)]
    pub ended_at: Option<DateTime<Utc>>,
    /// Null if it has no end.
    #[schema(required = true)]
    pub expires_at: Option<DateTime<Utc>>,
    pub created_at: DateTime<Utc>,
    /// The member who created it, if they still exist.
    #[schema(required = true)]
    pub created_by: Option<Uuid>,
    #[schema(required = true)]
    pub regenerated_at: Option<DateTime<Utc>>,
    /// The last use of its present text.
    #[schema(required = true)]
    pub last_use: Option<UseOfToken>,
    /// The text before, while it still works.
    #[schema(required = true)]
    pub old_value: Option<OldValue>,
    /// Counts its changes. The same as the ETag.
    pub version: i64,
}

/// When, from where and with which client a token was used.
#[derive(Serialize, ToSchema)]
pub(super) struct UseOfToken {
    pub at: DateTime<Utc>,
    pub address: String,
    /// The `User-Agent` that the client sent.
    pub client: String,
}

/// The text that a token had before it was regenerated.
#[derive(Serialize, ToSchema)]
pub(super) struct OldValue {
    pub prefix: String,
    pub works_until: DateTime<Utc>,
    #[schema(required = true)]
    pub last_use: Option<UseOfToken>,
}

page! {
    /// The tokens of a member, on one page: up to a hundred live ones, then up to a hundred that have ended.
    TokenPage of ApiToken
}

impl ApiToken {
    pub fn of(token: &Token, now: Timestamp) -> Self {
        let (state, ended_at) = match token.state(now) {
            State::Live => (TokenState::Live, None),
            State::Expired(at) => (TokenState::Expired, Some(at.utc())),
            State::Revoked(at) => (TokenState::Revoked, Some(at.utc())),
        };
        Self {
            id: token.id.0,
            member_id: token.member_id.0,
            name: token.name.clone(),
            prefix: token.prefix.clone(),
            mode: token.mode.as_str(),
            permissions: token.narrowed().as_ref().map(texts),
            networks: token.networks().to_vec(),
            state: state.as_str(),
            ended_at,
            expires_at: token.expires_at.map(Timestamp::utc),
            created_at: token.created_at.utc(),
            created_by: token.created_by.map(|id| id.0),
            regenerated_at: token.regenerated_at.map(Timestamp::utc),
            last_use: token.last_use().map(UseOfToken::of),
            old_value: token.overlap(now).map(|until| OldValue {
                prefix: token.old_prefix.clone(),
                works_until: until.utc(),
                last_use: token.old_use().map(UseOfToken::of),
            }),
            version: token.version,
        }
    }
}

fn texts(all: &Permissions) -> Vec<String> {
    all.iter().map(ToString::to_string).collect()
}

impl UseOfToken {
    fn of(used: LastUse) -> Self {
        Self { at: used.at.utc(), address: used.address, client: used.agent }
    }
}

/// The permissions of which a caller needs one to have to do with tokens: their own, those of system accounts, or those
/// of people.
pub(super) fn of_anybody() -> Vec<Permission> {
    let mut all = of_accounts();
    all.extend([
        rights::USER_MANAGE.over_all(),
        rights::USER_MANAGE.over_teams(),
        rights::TOKEN_MANAGE.over_own(),
    ]);
    all
}

/// The permissions of which a caller needs one to run a system account.
pub(super) fn of_accounts() -> Vec<Permission> {
    let manage = rights::SYSTEM_ACCOUNT_MANAGE;
    vec![manage.over_all(), manage.over_teams()]
}

pub(super) fn endpoints() -> Vec<Endpoint> {
    let own = rights::TOKEN_MANAGE.over_own();
    let of_users = [rights::USER_MANAGE.over_all(), rights::USER_MANAGE.over_teams(), own.clone()];
    let of_accounts = [of_accounts(), vec![own]].concat();
    vec![
        Endpoint::new(__path_of_user, of_user).needs_one_of(&of_users),
        Endpoint::new(__path_of_account, of_account).needs_one_of(&of_accounts),
        Endpoint::new(__path_show, show).needs_one_of(&of_anybody()),
    ]
}

async fn list(db: &Db, caller: &Caller, kind: MemberKind, id: MemberId) -> web::Result<HttpResponse> {
    let found = caller.read(db, move |conn, scope| tokens::list_of(conn, scope, kind, id)).await?;
    let now = caller.scope.now();
    let data = found.iter().map(|token| ApiToken::of(token, now)).collect();
    Ok(HttpResponse::Ok().json(TokenPage { data, next_cursor: None, total: None }))
}

/// List the tokens of a person
///
/// The caller's own, or those of a person who may do no more than the caller. Live ones first.
#[utoipa::path(get, path = "/api/v1/users/{id}/tokens", operation_id = "listTokensOfUser", tag = "Tokens",
    params(("id" = Uuid, Path)), responses((status = 200, description = "Their tokens.", body = TokenPage)))]
async fn of_user(db: Data<Db>, caller: Caller, id: Path<MemberId>, _: Parameters<NoParameters>) -> web::Result<HttpResponse> {
    list(&db, &caller, MemberKind::User, id.into_inner()).await
}

/// List the tokens of a system account
///
/// Live ones first.
#[utoipa::path(get, path = "/api/v1/system_accounts/{id}/tokens", operation_id = "listTokensOfSystemAccount", tag = "Tokens",
    params(("id" = Uuid, Path)), responses((status = 200, description = "Its tokens.", body = TokenPage)))]
async fn of_account(db: Data<Db>, caller: Caller, id: Path<MemberId>, _: Parameters<NoParameters>) -> web::Result<HttpResponse> {
    list(&db, &caller, MemberKind::SystemAccount, id.into_inner()).await
}

/// Read a token
#[utoipa::path(get, path = "/api/v1/tokens/{id}", operation_id = "getToken", tag = "Tokens", params(("id" = Uuid, Path)),
    responses((status = 200, description = "The token, without its text.", body = ApiToken, headers(("ETag" = String, description = "Its version.")))))]
async fn show(db: Data<Db>, caller: Caller, id: Path<TokenId>, _: Parameters<NoParameters>) -> web::Result<HttpResponse> {
    let id = id.into_inner();
    let token = caller.read(&db, move |conn, scope| tokens::one(conn, scope, id)).await?;
    Ok(answers::record(token.version, &ApiToken::of(&token, caller.scope.now())))
}
