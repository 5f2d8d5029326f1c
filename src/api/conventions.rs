//! What is the same for every address of the API: the caller is authenticated before anything is read, their requests
//! are counted, and a request with an `Idempotency-Key` is carried out once.

use super::{
    Caller,
    endpoints::takes_idempotency_key,
    quota::{Quota, Remaining},
};
use crate::{
    db::Db,
    idempotency::{Begun, Claim, IdempotencyKeys, SentKey, StoredAnswer},
    kit::{Fault, secret},
    throttle::{self, Bucket},
    web::{self, FieldError, Problem},
};
use actix_web::{
    Error, HttpMessage, HttpResponse,
    body::{BoxBody, MessageBody, to_bytes},
    dev::{Payload, ServiceRequest, ServiceResponse},
    http::{
        StatusCode,
        header::{self, HeaderName, HeaderValue},
    },
    middleware::Next,
    web::{Bytes, Data},
};
use futures_util::stream;
use std::future::ready;

/// Name of the header that makes retries safe.
const IDEMPOTENCY_KEY: &str = "idempotency-key";

/// Longest idempotency key.
const LONGEST_KEY: usize = 255;

/// Set on the answer of a request that was carried out before.
const REPLAYED: HeaderName = HeaderName::from_static("idempotency-replayed");

/// Headers of an answer that a retry gets again.
const KEPT: [HeaderName; 4] = [header::CONTENT_TYPE, header::LOCATION, header::ETAG, header::LINK];

/// Wraps every address below `/api/v1` that needs a credential.
///
/// # Errors
/// Those of the inner service; its own are part of the answer.
pub(super) async fn conventions<B: MessageBody + 'static>(
    mut req: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let (mut caller, remaining) = match admit(&mut req).await {
        Ok(admitted) => admitted,
        Err(error) => return Ok(req.error_response(error)),
    };
    let kept = match idempotency(&mut req, &mut caller).await {
        Ok(Ok(kept)) => kept,
        Ok(Err(answer)) => return Ok(req.into_response(with_limit(again(&answer), remaining))),
        Err(error) => return Ok(req.error_response(error)),
    };
    req.extensions_mut().insert(caller);
    let answered = next.call(req).await?.map_into_boxed_body();
    let (req, mut answer) = answered.into_parts();
    if let Some(kept) = kept {
        answer = kept.finish(answer).await;
    }
    Ok(ServiceResponse::new(req, with_limit(answer, remaining)))
}

fn with_limit(mut answer: HttpResponse, remaining: Option<Remaining>) -> HttpResponse {
    if let Some(remaining) = remaining {
        remaining.put(answer.headers_mut());
    }
    answer
}

/// The caller, and what is left of their limit.
async fn admit(req: &mut ServiceRequest) -> web::Result<(Caller, Option<Remaining>)> {
    let caller = req.extract::<Caller>().await?;
    let (Some(db), Some(quota)) = (req.app_data::<Data<Db>>(), req.app_data::<Data<Quota>>()) else {
        return Err(Fault::broken("the app has no limit").into());
    };
    let (credential, now) = (caller.credential_key(), caller.scope.now());
    let remaining = quota.admit(db, &credential, now).await?;
    // A dry run leaves no trace, and takes back what the operation counts against its own limits.
    if remaining.is_some() && is_dry_run(req) {
        throttle::count_or_refuse(db, Bucket::DryRuns, credential, throttle::DRY_RUNS, now).await?;
    }
    Ok((caller, remaining))
}

/// A request with an idempotency key that is being carried out.
struct Kept {
    keys: Data<IdempotencyKeys>,
    sent: SentKey,
    claim: Claim,
}

/// Claims the idempotency key of the request, if it has one. Returns the answer of an earlier request with the same key.
async fn idempotency(req: &mut ServiceRequest, caller: &mut Caller) -> web::Result<Result<Option<Kept>, StoredAnswer>> {
    let Some(text) = idempotency_key(req)? else { return Ok(Ok(None)) };
    let keys = req.app_data::<Data<IdempotencyKeys>>().cloned();
    let keys = keys.ok_or_else(|| Fault::broken("the app has no idempotency keys"))?;
    let sent = SentKey {
        credential: caller.credential_key(),
        organization: caller.scope.organization,
        text,
        request: request_digest(req).await?,
    };
    match keys.begin(sent.clone(), caller.scope.now()).await? {
        Begun::New(claim) => {
            caller.claim = Some(claim.clone());
            Ok(Ok(Some(Kept { keys, sent, claim })))
        }
        Begun::Answered(answer) => Ok(Err(answer)),
        Begun::Running => Err(running().into()),
        Begun::AnswerLost => Err(answer_lost().into()),
        Begun::OtherRequest => Err(key_reused().into()),
    }
}

fn running() -> Problem {
    let detail = "A request with this Idempotency-Key is being carried out. Ask again in a moment.";
    let problem = Problem::new(StatusCode::CONFLICT, "idempotency-key-running", "The first request is still running", detail);
    Problem { retry_after: Some(1), ..problem }
}

fn answer_lost() -> Problem {
    let detail = "The request with this Idempotency-Key was carried out, but Roster stopped before it answered. Look at what it changed.";
    Problem::new(StatusCode::CONFLICT, "idempotency-answer-lost", "The answer was lost", detail)
}

fn key_reused() -> Problem {
    let detail = "This Idempotency-Key came with another request within the last 24 hours. Nothing was changed.";
    Problem::new(
        StatusCode::UNPROCESSABLE_ENTITY,
        "idempotency-key-reused",
        "The key was used for another request",
        detail,
    )
}

/// Whether the request is a dry run, which has nothing to carry out once.
fn is_dry_run(req: &ServiceRequest) -> bool {
    req.query_string().split('&').any(|pair| pair == "dry_run=true")
}

/// The key of a POST request. Other methods are idempotent by themselves, and a dry run carries out nothing.
fn idempotency_key(req: &ServiceRequest) -> web::Result<Option<String>> {
    let mut sent = req.headers().get_all(IDEMPOTENCY_KEY);
    let is_taken = takes_idempotency_key(req.method(), req.path());
    let Some(first) = sent.next().filter(|_| is_taken) else {
        return Ok(None);
    };
    let is_visible = |text: &&str| (1..=LONGEST_KEY).contains(&text.len()) && text.bytes().all(|byte| (0x20..0x7f).contains(&byte));
    let text = first.to_str().ok().filter(is_visible).filter(|_| sent.next().is_none());
    let wrong = || {
        let detail = format!("Send one Idempotency-Key of 1 to {LONGEST_KEY} visible ASCII characters.");
        Problem {
            errors: vec![FieldError::new("Idempotency-Key", "malformed", detail.clone())],
            ..Problem::new(StatusCode::BAD_REQUEST, "idempotency-key-malformed", "The key could not be read", detail)
        }
    };
    let text = text.ok_or_else(|| web::Error::from(wrong()))?;
    Ok((!is_dry_run(req)).then(|| text.to_owned()))
}

/// Digest of method, URL and body.
async fn request_digest(req: &mut ServiceRequest) -> web::Result<Vec<u8>> {
    let body = req.extract::<Bytes>().await.map_err(|_| web::Error::TooLarge)?;
    req.set_payload(Payload::Stream { payload: Box::pin(stream::once(ready(Ok(body.clone())))) });
    let head = format!("{} {}\n", req.method(), req.uri());
    Ok(secret::digest_bytes(&[head.as_bytes(), &body].concat()))
}

/// The answer of an earlier request.
fn again(stored: &StoredAnswer) -> HttpResponse {
    let status = StatusCode::from_u16(stored.status).unwrap_or(StatusCode::OK);
    let mut answer = HttpResponse::build(status);
    for (name, value) in &stored.headers {
        answer.insert_header((name.as_str(), value.as_str()));
    }
    answer.insert_header((REPLAYED, HeaderValue::from_static("true")));
    if stored.body.is_empty() {
        answer.finish()
    } else {
        answer.body(stored.body.clone())
    }
}

impl Kept {
    /// Stores an answer of success. After a refusal nothing was done, and the key is free again.
    async fn finish(self, answer: HttpResponse) -> HttpResponse {
        if !answer.status().is_success() {
            if let Err(fault) = self.keys.release(self.claim.clone()).await {
                tracing::warn!(error = %fault, "an idempotency key is released later");
                self.keys.release_later(self.claim);
            }
            return answer;
        }
        let (head, body) = answer.into_parts();
        // Answers of POST are built in memory, so their body cannot fail.
        let body = to_bytes(body).await.unwrap_or_default();
        let kept = KEPT.iter().filter_map(|name| {
            let value = head.headers().get(name)?.to_str().ok()?;
            Some((name.as_str().to_owned(), value.to_owned()))
        });
        let stored = StoredAnswer {
            status: head.status().as_u16(),
            headers: kept.collect(),
            body: String::from_utf8_lossy(&body).into_owned(),
        };
        // The request was carried out, so its answer is given even if it cannot be stored.
        if let Err(fault) = self.keys.answer(&self.sent, self.claim, &stored).await {
            tracing::warn!(error = %fault, "the answer of an idempotent request was not stored");
        }
        head.set_body(BoxBody::new(body))
    }
}
