//! Creating and regenerating tokens: the answers that tell their text.

use super::{
    refusals::{OF_VALUES, of_token},
    rows::{ApiToken, of_accounts, of_anybody},
};
use crate::{
    api::{
        Caller,
        answers::{self, IfMatch},
        body::Body,
        choice::{self, Choice},
        endpoints::Endpoint,
        parameters::{Parameters, WriteParameters},
    },
    db::Db,
    kit::{Fault, MemberId, MemberKind, OperationResult, Timestamp, TokenId},
    members,
    tokens::{self, Mode, NewToken, OVERLAPS, Renewal, Token, TokenForm, TokenText, within_reach},
    web::{self, FieldError, Problem},
};
use actix_web::{
    HttpResponse,
    web::{Data, Path},
};
use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Deserializer, Serialize};
use utoipa::{
    ToSchema,
    openapi::schema::{Object, ObjectBuilder, SchemaType, Type},
};

/// A token to create.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct TokenRequest {
    /// What it is for. No other live token of the member has it.
    #[schema(min_length = 1, max_length = 60, example = "deploy from CI")]
    name: String,
    #[schema(schema_with = choice::schema::<Mode>)]
    mode: Choice<Mode>,
    /// When it ends, at most ten years ahead, and not later than the organization allows. Null if it has no end, which
    /// the organization can forbid.
    #[serde(deserialize_with = "Option::deserialize")]
    #[schema(required = true)]
    expires_at: Option<DateTime<Utc>>,
    /// The permissions to narrow it to. Without them, it may do whatever its member may do; or, if that can become more
    /// than the caller may do, what its member may do now.
    #[schema(min_items = 1, max_items = 200, example = json!(["user:read:*"]))]
    permissions: Option<Vec<String>>,
    /// The networks or addresses from which it may be used. Within those of the caller's credential if that is limited to
    /// some; the same ones, if none are sent.
    #[schema(max_items = 50, example = json!(["10.0.0.0/8"]))]
    networks: Option<Vec<String>>,
}

/// A new text for a token.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct TokenRegeneration {
    #[schema(schema_with = overlaps)]
    overlap_hours: Option<i64>,
    /// When it ends. As before, if it is left out; null if it has no end.
    #[serde(default)]
    #[schema(value_type = Option<DateTime<Utc>>)]
    expires_at: NewEnd,
}

/// A token with its text.
#[derive(Serialize, ToSchema)]
struct TokenWithText {
    #[serde(flatten)]
    token: ApiToken,
    /// The whole token. It is told here and never again. Null in a dry run.
    #[schema(required = true, example = "rst_s_4fPk0Zq1…")]
    text: Option<String>,
}

/// The end that a regenerated token gets.
#[derive(Default)]
enum NewEnd {
    /// Nothing was sent.
    #[default]
    AsBefore,
    /// Null was sent.
    Never,
    At(DateTime<Utc>),
}

impl<'de> Deserialize<'de> for NewEnd {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        Ok(Option::deserialize(from)?.map_or(Self::Never, Self::At))
    }
}

/// The schema of the overlaps.
fn overlaps() -> Object {
    let hours = ObjectBuilder::new()
        .schema_type(SchemaType::Type(Type::Integer))
        .description(Some("For how many hours the present text keeps working. A day, if it is left out."));
    hours.enum_values(Some(OVERLAPS.iter().filter_map(|(hours, _)| hours.parse::<i64>().ok()))).build()
}

impl TokenWithText {
    fn of(token: &Token, text: &TokenText, caller: &Caller, how: WriteParameters) -> Self {
        Self {
            token: ApiToken::of(token, caller.scope.now()),
            text: (!how.dry_run).then(|| text.expose().to_owned()),
        }
    }
}

impl TokenRequest {
    fn checked(self, now: Timestamp, longest: Option<i64>) -> web::Result<NewToken> {
        let networks = self.networks.unwrap_or_default();
        let mut form = TokenForm::sent(self.name, self.mode.0, self.permissions, &networks);
        let checked = form.check_until(self.expires_at.map(Timestamp::from), now, longest);
        let complaint = |(field, text): (&str, &str)| {
            let pointer = match field {
                "expiry" | "date" => "/expires_at",
                "addresses" => "/networks",
                "permissions" => "/permissions",
                _ => "/name",
            };
            FieldError::new(pointer, "invalid", text)
        };
        checked.ok_or_else(|| Problem::fields(form.complaints().into_iter().map(complaint).collect()).into())
    }
}

impl TokenRegeneration {
    fn checked(self, token: &Token, now: Timestamp, longest: Option<i64>) -> web::Result<(Option<Timestamp>, TimeDelta)> {
        let mut errors = Vec::new();
        let hours = self.overlap_hours.unwrap_or(24);
        if !OVERLAPS.iter().any(|(known, _)| *known == hours.to_string()) {
            errors.push(FieldError::new("/overlap_hours", "invalid", "Choose 0, 1, 24 or 168 hours."));
        }
        let ends = match self.expires_at {
            NewEnd::AsBefore => Ok(token.expires_at),
            NewEnd::Never => Ok(None),
            NewEnd::At(end) => within_reach(Some(end.into()), now, longest).map(Some),
        };
        if let Err(why) = &ends {
            errors.push(FieldError::new("/expires_at", "out-of-range", why.clone()));
        }
        match ends {
            Ok(ends) if errors.is_empty() => Ok((ends, TimeDelta::hours(hours))),
            _ => Err(Problem::fields(errors).into()),
        }
    }
}

pub(super) fn endpoints() -> Vec<Endpoint> {
    vec![
        Endpoint::new(__path_create, create)
            .needs_one_of(&of_accounts())
            .refuses(OF_VALUES)
            .records(&["token.created"]),
        Endpoint::new(__path_regenerate, regenerate)
            .needs_one_of(&of_anybody())
            .refuses(OF_VALUES)
            .versioned()
            .records(&["token.regenerated"]),
    ]
}

/// Create a token of a system account
///
/// Never wider than what the caller's own credential may do. A credential creates no token for its own owner.
#[utoipa::path(post, path = "/api/v1/system_accounts/{id}/tokens", operation_id = "createToken", tag = "Tokens",
    params(("id" = Uuid, Path), WriteParameters), request_body = TokenRequest,
    responses((status = 201, description = "The token, with its text.", body = TokenWithText,
        headers(("Location" = String, description = "Its address."), ("ETag" = String, description = "Its version.")))))]
async fn create(
    db: Data<Db>,
    caller: Caller,
    id: Path<MemberId>,
    how: Parameters<WriteParameters>,
    body: Body<TokenRequest>,
) -> web::Result<HttpResponse> {
    let id = id.into_inner();
    let longest = caller.read(&db, move |conn, scope| {
        members::find_of(conn, scope, MemberKind::SystemAccount, id)?;
        tokens::terms(conn, scope, id)
    });
    let wanted = body.0.checked(caller.scope.now(), longest.await?)?;
    let done = caller.write(&db, how.0, move |tx, scope| tokens::create(tx, scope, id, &wanted));
    let (token, text) = done.await.refused()?.map_err(|refusal| of_token(&refusal))?;
    let path = format!("/api/v1/tokens/{}", token.id);
    Ok(answers::created(&path, token.version, &TokenWithText::of(&token, &text, &caller, how.0)))
}

/// Regenerate a token
///
/// Gives it a new text. The text before keeps working for the overlap, but not beyond the end that it had.
#[utoipa::path(post, path = "/api/v1/tokens/{id}/regeneration", operation_id = "regenerateToken", tag = "Tokens",
    params(("id" = Uuid, Path), WriteParameters), request_body = TokenRegeneration,
    responses((status = 200, description = "The token, with its new text.", body = TokenWithText,
        headers(("ETag" = String, description = "Its new version.")))))]
async fn regenerate(
    db: Data<Db>,
    caller: Caller,
    id: Path<TokenId>,
    how: Parameters<WriteParameters>,
    expected: IfMatch,
    body: Body<TokenRegeneration>,
) -> web::Result<HttpResponse> {
    let id = id.into_inner();
    let present = caller.read(&db, move |conn, scope| {
        let token = tokens::one(conn, scope, id)?;
        Ok::<_, Fault>((tokens::terms(conn, scope, token.member_id)?, token))
    });
    let (longest, present) = present.await?;
    let version = expected.version(present.version)?;
    let (expires_at, overlap) = body.0.checked(&present, caller.scope.now(), longest)?;
    let renewal = Renewal { version, expires_at, overlap };
    let done = caller.write(&db, how.0, move |tx, scope| tokens::regenerate(tx, scope, present.member_id, id, renewal));
    let (token, text) = done.await.refused()?.map_err(|refusal| of_token(&refusal))?;
    Ok(answers::record(token.version, &TokenWithText::of(&token, &text, &caller, how.0)))
}
