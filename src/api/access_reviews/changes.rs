//! Deciding on the lines of an access review, closing it, and its evidence.

use super::{refusals, rows::AccessReview};
use crate::{
    access_reviews::{self, Decision, Evidence, LONGEST_REASON, MOST_LINES, NewDecision, ReviewRefusal, Which},
    api::{
        Caller,
        body::Body,
        choice::{self, Choice},
        endpoints::Endpoint,
        parameters::{NoParameters, Parameters, WriteParameters},
        stream,
    },
    bulk::Runner,
    db::Db,
    kit::{AccessReviewId, BatchId, OperationError, OperationResult, rights},
    web::{self, Field, Problem},
};
use actix_web::{
    HttpRequest, HttpResponse,
    http::{Method, header},
    web::{Data, Path},
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

pub(super) fn endpoints() -> Vec<Endpoint> {
    let closing = ["access-review-closed"];
    vec![
        Endpoint::new(__path_decide, decide).records(&["access_review.decided"]).refuses(&closing),
        Endpoint::new(__path_close, close)
            .needs(rights::SYSTEM_ACCOUNT_MANAGE)
            .records(&["access_review.closed", "access_review.removal_started"])
            .refuses(&closing),
        Endpoint::new(__path_remove, remove)
            .needs(rights::SYSTEM_ACCOUNT_MANAGE)
            .records(&["access_review.removal_started"])
            .refuses(&["nothing-to-remove"]),
        Endpoint::new(__path_evidence, evidence)
            .needs(rights::SYSTEM_ACCOUNT_MANAGE)
            .records(&["access_review.exported"]),
    ]
}

/// A line to decide on.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct DecidedLine {
    position: i64,
    /// The version that was read. If somebody decided on the line meanwhile, it is left out.
    version: Option<i64>,
}

/// A decision on lines. Give `lines`, or `all_undecided`.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct AccessReviewDecision {
    #[schema(schema_with = choice::schema::<Decision>)]
    decision: Choice<Decision>,
    #[serde(default)]
    #[schema(max_length = 300)]
    reason: String,
    #[schema(min_items = 1, max_items = 500)]
    lines: Option<Vec<DecidedLine>>,
    /// All lines that nobody decided yet and that the caller may decide on.
    #[serde(default)]
    all_undecided: bool,
}

impl AccessReviewDecision {
    fn check(self) -> web::Result<NewDecision> {
        let wrong = |pointer: &str, code, detail: &str| Err(Problem::field(pointer, code, detail).into());
        let mut reason = Field::new(self.reason);
        let Some(text) = reason.optional_line(LONGEST_REASON) else {
            return wrong("/reason", "invalid", &reason.complaint.unwrap_or_default());
        };
        let which = match self.lines {
            Some(_) if self.all_undecided => return wrong("/lines", "unused", "Name lines, or all that are undecided."),
            None if !self.all_undecided => return wrong("/lines", "required", "Name lines, or all that are undecided."),
            Some(lines) if lines.is_empty() || lines.len() > MOST_LINES => {
                return wrong("/lines", "out-of-range", "Name 1 to 500 lines.");
            }
            Some(lines) => Which::Lines(lines.into_iter().map(|line| (line.position, line.version)).collect()),
            None => Which::Undecided,
        };
        Ok(NewDecision { decision: self.decision.0, reason: text, which })
    }
}

/// What a decision did.
#[derive(Serialize, ToSchema)]
struct AccessReviewDecided {
    /// How many lines are decided so.
    decided: i64,
    left_out: Vec<LeftOutLine>,
}

/// A line that a decision left out.
#[derive(Serialize, ToSchema)]
struct LeftOutLine {
    position: i64,
    /// Why, for people.
    reason: String,
}

/// Decide on lines of an access review
///
/// Each line is judged by itself: nobody decides on their own access, and what comes with a team cannot be removed here.
#[utoipa::path(post, path = "/api/v1/access_reviews/{id}/decisions", operation_id = "decideAccessReview", tag = "Access reviews",
    params(("id" = Uuid, Path), WriteParameters), request_body = AccessReviewDecision,
    responses((status = 200, description = "What it did.", body = AccessReviewDecided)))]
async fn decide(
    db: Data<Db>,
    caller: Caller,
    id: Path<AccessReviewId>,
    how: Parameters<WriteParameters>,
    body: Body<AccessReviewDecision>,
) -> web::Result<HttpResponse> {
    let (id, wanted) = (id.into_inner(), body.0.check()?);
    let done = caller.write(&db, how.0, move |tx, scope| access_reviews::decide(tx, scope, id, &wanted));
    let done = done.await.refused()?.map_err(|refusal| refusals::problem(&refusal))?;
    let left_out = done
        .left_out
        .into_iter()
        .map(|(position, _, why)| LeftOutLine { position, reason: why.to_string() });
    Ok(HttpResponse::Ok().json(AccessReviewDecided { decided: done.decided, left_out: left_out.collect() }))
}

/// Close an access review
///
/// Before its last day is over. What is to be removed is removed after the answer, in the name of the caller: `removing` tells
/// whether that is under way.
#[utoipa::path(post, path = "/api/v1/access_reviews/{id}/close", operation_id = "closeAccessReview", tag = "Access reviews",
    params(("id" = Uuid, Path), WriteParameters), responses((status = 200, description = "The review.", body = AccessReview)))]
async fn close(
    db: Data<Db>,
    runner: Data<Runner>,
    caller: Caller,
    id: Path<AccessReviewId>,
    how: Parameters<WriteParameters>,
) -> web::Result<HttpResponse> {
    let (id, token, is_dry) = (id.into_inner(), caller.token(), how.0.dry_run);
    let done = caller.write(&db, how.0, move |tx, scope| {
        let batch = access_reviews::close(tx, scope, id, token)?;
        Ok::<_, OperationError<ReviewRefusal>>((batch, AccessReview::find(tx, scope, id)?))
    });
    let (batch, review) = done.await.refused()?.map_err(|refusal| refusals::problem(&refusal))?;
    begun(&runner, batch.filter(|_| !is_dry), &review).await
}

/// The answer after the removals have begun, if there are any.
async fn begun(runner: &Runner, batch: Option<BatchId>, review: &AccessReview) -> web::Result<HttpResponse> {
    if let Some(batch) = batch {
        runner.begin(batch).await?;
    }
    Ok(HttpResponse::Ok().json(review))
}

/// Remove what a closed access review left
///
/// For a review whose removals stopped, because the person in whose name they were done lost the right to them.
#[utoipa::path(post, path = "/api/v1/access_reviews/{id}/removal", operation_id = "removeRestOfAccessReview", tag = "Access reviews",
    params(("id" = Uuid, Path), WriteParameters), responses((status = 200, description = "The review.", body = AccessReview)))]
async fn remove(
    db: Data<Db>,
    runner: Data<Runner>,
    caller: Caller,
    id: Path<AccessReviewId>,
    how: Parameters<WriteParameters>,
) -> web::Result<HttpResponse> {
    let (id, token, is_dry) = (id.into_inner(), caller.token(), how.0.dry_run);
    let done = caller.write(&db, how.0, move |tx, scope| {
        let batch = access_reviews::remove_rest(tx, scope, id, token)?;
        Ok::<_, OperationError<ReviewRefusal>>((batch, AccessReview::find(tx, scope, id)?))
    });
    let (batch, review) = done.await.refused()?.map_err(|refusal| refusals::problem(&refusal))?;
    begun(&runner, Some(batch).filter(|_| !is_dry), &review).await
}

/// Export the evidence of an access review
///
/// As CSV: every line with who decided what and when, and what became of it. The export is recorded.
#[utoipa::path(get, path = "/api/v1/access_reviews/{id}/evidence", operation_id = "exportAccessReview", tag = "Access reviews",
    params(("id" = Uuid, Path)), responses((status = 200, description = "The lines.", body = String, content_type = "text/csv")))]
async fn evidence(
    db: Data<Db>,
    caller: Caller,
    req: HttpRequest,
    id: Path<AccessReviewId>,
    _: Parameters<NoParameters>,
) -> web::Result<HttpResponse> {
    let id = id.into_inner();
    let mut answer = HttpResponse::Ok();
    answer.insert_header((header::CONTENT_TYPE, "text/csv; charset=utf-8"));
    // HEAD exports nothing, so nothing is recorded.
    if *req.method() == Method::HEAD {
        caller.read(&db, move |conn, scope| access_reviews::see(conn, scope, id).map(drop)).await?;
        return Ok(answer.finish());
    }
    let begun = caller.write(&db, WriteParameters::default(), move |tx, scope| Evidence::begin(tx, scope, id));
    let export = begun.await?;
    Ok(answer.streaming(stream::parts(&req, &db, &caller, export, Evidence::part)))
}
