//! Renaming and ending tokens.

use super::{
    refusals::of_token,
    rows::{ApiToken, of_anybody},
};
use crate::{
    api::{
        Caller,
        answers::{self, IfMatch},
        body::Body,
        endpoints::Endpoint,
        parameters::{Parameters, WriteParameters},
    },
    db::Db,
    kit::{OperationError, OperationResult, TokenId},
    mail::Outbox,
    tokens::{self, NameForm, TokenRefusal},
    web::{self, Field, Problem},
};
use actix_web::{
    HttpResponse,
    web::{Data, Path},
};
use serde::Deserialize;
use utoipa::ToSchema;

/// What changes. Nothing else of a token ever does.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct TokenPatch {
    /// What it is for. No other live token of the member has it.
    #[schema(min_length = 1, max_length = 60)]
    name: String,
}

impl TokenPatch {
    fn checked(self) -> web::Result<String> {
        let mut form = NameForm { name: Field::new(self.name) };
        let name = form.check();
        name.ok_or_else(|| Problem::field("/name", "invalid", form.name.complaint.unwrap_or_default()).into())
    }
}

pub(super) fn endpoints() -> Vec<Endpoint> {
    let needed = of_anybody();
    vec![
        Endpoint::new(__path_update, update).needs_one_of(&needed).versioned().records(&["token.renamed"]),
        Endpoint::new(__path_delete, delete).needs_one_of(&needed).records(&["token.revoked"]),
        Endpoint::new(__path_retire, retire).needs_one_of(&needed).records(&["token.old_value_retired"]),
    ]
}

/// Rename a token
///
/// The caller's own, or one of a system account. A person's token only they rename.
#[utoipa::path(patch, path = "/api/v1/tokens/{id}", operation_id = "updateToken", tag = "Tokens",
    params(("id" = Uuid, Path), WriteParameters), request_body = TokenPatch,
    responses((status = 200, description = "The token after the change.", body = ApiToken, headers(("ETag" = String, description = "Its new version.")))))]
async fn update(
    db: Data<Db>,
    caller: Caller,
    id: Path<TokenId>,
    how: Parameters<WriteParameters>,
    expected: IfMatch,
    body: Body<TokenPatch>,
) -> web::Result<HttpResponse> {
    let id = id.into_inner();
    let present = caller.read(&db, move |conn, scope| tokens::one(conn, scope, id)).await?;
    let version = expected.version(present.version)?;
    let name = body.0.checked()?;
    let done = caller.write(&db, how.0, move |tx, scope| {
        if tokens::one(tx, scope, id)?.version != version {
            return Err(OperationError::Refused(TokenRefusal::Meanwhile));
        }
        tokens::rename(tx, scope, present.member_id, id, &name)?;
        Ok(tokens::one(tx, scope, id)?)
    });
    let token = done.await.refused()?.map_err(|refusal| of_token(&refusal))?;
    Ok(answers::record(token.version, &ApiToken::of(&token, caller.scope.now())))
}

/// Revoke a token
///
/// For good. Programs that send it are refused with the next request. If it is another person's, a letter tells them.
#[utoipa::path(delete, path = "/api/v1/tokens/{id}", operation_id = "revokeToken", tag = "Tokens",
    params(("id" = Uuid, Path), WriteParameters), responses((status = 204, description = "The token does not work.")))]
async fn delete(
    (db, outbox): (Data<Db>, Data<Outbox>),
    caller: Caller,
    id: Path<TokenId>,
    how: Parameters<WriteParameters>,
) -> web::Result<HttpResponse> {
    let id = id.into_inner();
    let done = caller.write(&db, how.0, move |tx, scope| {
        let member = tokens::one(tx, scope, id)?.member_id;
        tokens::revoke(tx, scope, &outbox, member, id)
    });
    ended(done.await)
}

/// End the text that a token had before
///
/// Before its overlap is over.
#[utoipa::path(delete, path = "/api/v1/tokens/{id}/old_value", operation_id = "retireOldValueOfToken", tag = "Tokens",
    params(("id" = Uuid, Path), WriteParameters), responses((status = 204, description = "Only the present text works.")))]
async fn retire(db: Data<Db>, caller: Caller, id: Path<TokenId>, how: Parameters<WriteParameters>) -> web::Result<HttpResponse> {
    let id = id.into_inner();
    let done = caller.write(&db, how.0, move |tx, scope| {
        let member = tokens::one(tx, scope, id)?.member_id;
        tokens::retire(tx, scope, member, id)
    });
    ended(done.await)
}

/// The answer when something has ended. It is none the worse if it had ended before.
fn ended<T>(done: Result<T, OperationError<TokenRefusal>>) -> web::Result<HttpResponse> {
    match done.refused()? {
        Ok(_) | Err(TokenRefusal::Ended | TokenRefusal::NoOverlap) => Ok(answers::nothing()),
        Err(refusal) => Err(of_token(&refusal)),
    }
}
