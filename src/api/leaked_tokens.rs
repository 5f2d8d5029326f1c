//! `POST /api/v1/tokens/leaked`: somebody found a token where it should not be. It needs no credential; the answer is the
//! same for every text.

use super::{
    body::{Json, malformed},
    endpoints::Endpoint,
    parameters::{NoParameters, Parameters},
};
use crate::{
    db::Db,
    kit::{RequestInfo, fold, secret::SecretString},
    mail::Outbox,
    throttle::{self, Bucket},
    tokens::{self, TokenText},
    web::{self, subscriber_prefix},
};
use actix_web::{
    HttpResponse,
    web::{Data, ReqData},
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

pub(super) fn endpoints() -> Vec<Endpoint> {
    let endpoint = Endpoint::new(__path_create, create).public();
    vec![endpoint.records(&["token.reported_leaked"]).refuses(&["too-many-attempts"])]
}

/// What was found, and where.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct LeakReport {
    /// The whole text of the token.
    #[schema(value_type = String, example = "rst_…")]
    token: SecretString,
    /// An address or a description, for the owner of the token.
    #[serde(rename = "where")]
    #[schema(max_length = 500, example = "https://git.example/repository/blob/main/.env")]
    found_where: Option<String>,
}

/// The answer to every report that could be read.
#[derive(Serialize, ToSchema)]
struct LeakReceipt {
    received: bool,
}

/// The most characters of `where`.
const LONGEST_PLACE: usize = 500;

const EXPECTED: &str = "Send a JSON object with token, and where, if at all, as a text of at most 500 characters.";

/// Report a leaked token
///
/// Anybody who finds a token where it should not be may send it: a token that works is revoked, and its owner is told. The answer
/// is the same for every text. Needs no credential.
#[utoipa::path(post, path = "/api/v1/tokens/leaked", operation_id = "reportLeakedToken", tag = "Tokens", request_body = LeakReport,
    responses((status = 202, description = "Received.", body = LeakReceipt)))]
async fn create(
    (db, outbox): (Data<Db>, Data<Outbox>),
    request: ReqData<RequestInfo>,
    _: Parameters<NoParameters>,
    body: Json,
) -> web::Result<HttpResponse> {
    let request_info = request.into_inner();
    let from = subscriber_prefix(&request_info.address);
    throttle::count_or_refuse(&db, Bucket::LeakedTokens, from, throttle::LEAKED_TOKENS, request_info.now).await?;
    let LeakReport { token, found_where } = body.read_secret(EXPECTED).await?;
    let place = found_where.unwrap_or_default();
    if place.chars().count() > LONGEST_PLACE {
        return Err(malformed(EXPECTED));
    }
    // One line, without characters that change how the letter is read.
    let place = fold::visible(&place.split_whitespace().collect::<Vec<_>>().join(" "));
    if let Ok(text) = TokenText::parse(token.expose()) {
        db.write(move |tx| tokens::report_leaked(tx, &outbox, &text, &place, &request_info)).await?;
    }
    Ok(HttpResponse::Accepted().json(LeakReceipt { received: true }))
}
