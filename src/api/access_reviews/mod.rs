//! Access reviews: opening, deciding, closing, and the evidence.

mod changes;
mod refusals;
mod rows;

use crate::{
    access_reviews::{self, Decision, Letters, LineState, NewReview, ReviewKind, ReviewRefusal, ReviewedBy},
    api::{
        Caller,
        answers::{self, PageParameters},
        body::Body,
        choice::{self, Choice},
        endpoints::Endpoint,
        parameters::{NoParameters, Parameters, WriteParameters},
    },
    db::{Db, keyset::TimeCursor},
    jobs::Jobs,
    kit::{AccessReviewId, Fault, MemberId, OperationError, OperationResult, SubjectId, Timestamp, rights},
    web::{self, Field, FieldError, Problem},
};
use actix_web::{
    HttpRequest, HttpResponse,
    web::{Data, Path},
};
use chrono::NaiveDate;
use rows::{AccessReview, AccessReviewLine, AccessReviewLinePage, AccessReviewPage};
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema, openapi::schema::Object};
use uuid::Uuid;

pub(super) fn endpoints() -> Vec<Endpoint> {
    let mut all = vec![
        Endpoint::new(__path_index, index),
        Endpoint::new(__path_create, create)
            .needs(rights::SYSTEM_ACCOUNT_MANAGE)
            .records(&["access_review.opened"])
            .refuses(&["limit-reached"]),
        Endpoint::new(__path_show, show),
        Endpoint::new(__path_lines, lines),
    ];
    all.extend(changes::endpoints());
    all
}

/// List access reviews
///
/// Those that the caller may close, and those that they review.
#[utoipa::path(get, path = "/api/v1/access_reviews", operation_id = "listAccessReviews", tag = "Access reviews", params(PageParameters),
    responses((status = 200, description = "A page of reviews.", body = AccessReviewPage)))]
async fn index(db: Data<Db>, caller: Caller, req: HttpRequest, wanted: Parameters<PageParameters>) -> web::Result<HttpResponse> {
    let (before, limit) = wanted.0.read::<TimeCursor<AccessReviewId>>()?;
    let (data, next) = caller
        .read(&db, move |conn, scope| {
            let page = access_reviews::list(conn, scope, before, limit)?;
            let next = page.next().map(|last| TimeCursor(last.created_at, last.id));
            Ok::<_, Fault>((AccessReview::all(conn, scope, page.rows)?, next))
        })
        .await?;
    let page = AccessReviewPage { data, next_cursor: next.as_ref().map(ToString::to_string), total: None };
    Ok(answers::listed(&req, &page, next.as_ref()))
}

/// A review to open.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct AccessReviewRequest {
    #[schema(min_length = 1, max_length = 100)]
    name: String,
    #[schema(schema_with = choice::schema::<ReviewKind>)]
    kind: Choice<ReviewKind>,
    /// The role, policy or team; not for all administrators and all system accounts.
    subject_id: Option<Uuid>,
    #[schema(schema_with = choice::schema::<ReviewedBy>)]
    reviewed_by: Choice<ReviewedBy>,
    /// The people who review, if they are chosen.
    #[serde(default)]
    #[schema(max_items = 50)]
    reviewers: Vec<Uuid>,
    /// The last day, in UTC, within a year.
    last_day: NaiveDate,
    /// What happens to lines that nobody decides.
    #[schema(schema_with = choice::schema::<Decision>)]
    unanswered: Choice<Decision>,
}

impl AccessReviewRequest {
    fn check(self) -> web::Result<NewReview> {
        let mut errors = Vec::new();
        let mut name = Field::new(self.name);
        let checked = name.line("a name", access_reviews::LONGEST_NAME);
        if let Some(complaint) = &name.complaint {
            errors.push(FieldError::new("/name", "invalid", complaint.clone()));
        }
        match (self.kind.0.has_subject(), self.subject_id) {
            (true, None) => errors.push(FieldError::new("/subject_id", "required", "Name the role, policy or team.")),
            (false, Some(_)) => errors.push(FieldError::new("/subject_id", "unused", "A review of this kind takes none.")),
            _ => {}
        }
        if self.reviewed_by.0 == ReviewedBy::TeamAdministrators && !self.reviewers.is_empty() {
            errors.push(FieldError::new("/reviewers", "unused", "Team administrators review."));
        }
        let until = Timestamp::end_of_day(&self.last_day.to_string());
        if until.is_none() {
            errors.push(FieldError::new("/last_day", "out-of-range", ReviewRefusal::LastDay.to_string()));
        }
        match (checked, until) {
            (Some(name), Some(until)) if errors.is_empty() => Ok(NewReview {
                name,
                kind: self.kind.0,
                subject: self.subject_id.map(SubjectId),
                reviewed_by: self.reviewed_by.0,
                reviewers: self.reviewers.into_iter().map(MemberId).collect(),
                until,
                unanswered: self.unanswered.0,
                token: None,
            }),
            _ => Err(Problem::fields(errors).into()),
        }
    }
}

/// Open an access review
///
/// Writes a line for everybody who has it now, and asks the reviewers by letter. For a review of a role, a policy, a team or all
/// administrators the caller needs `user:manage:*` too.
#[utoipa::path(post, path = "/api/v1/access_reviews", operation_id = "openAccessReview", tag = "Access reviews", params(WriteParameters),
    request_body = AccessReviewRequest,
    responses((status = 201, description = "The review.", body = AccessReview, headers(("Location" = String, description = "Its address.")))))]
async fn create(
    db: Data<Db>,
    jobs: Data<Jobs>,
    caller: Caller,
    how: Parameters<WriteParameters>,
    body: Body<AccessReviewRequest>,
) -> web::Result<HttpResponse> {
    let wanted = NewReview { token: caller.token(), ..body.0.check()? };
    let letters = Letters::new(jobs.get_ref().clone());
    let done = caller.write(&db, how.0, move |tx, scope| {
        let id = access_reviews::open(tx, scope, &letters, &wanted)?;
        Ok::<_, OperationError<ReviewRefusal>>(AccessReview::find(tx, scope, id)?)
    });
    let review = done.await.refused()?.map_err(|refusal| refusals::problem(&refusal))?;
    Ok(answers::created_unversioned(&format!("/api/v1/access_reviews/{}", review.id), &review))
}

/// Read an access review
#[utoipa::path(get, path = "/api/v1/access_reviews/{id}", operation_id = "getAccessReview", tag = "Access reviews", params(("id" = Uuid, Path)),
    responses((status = 200, description = "The review.", body = AccessReview)))]
async fn show(db: Data<Db>, caller: Caller, id: Path<AccessReviewId>, _: Parameters<NoParameters>) -> web::Result<HttpResponse> {
    let id = id.into_inner();
    let review = caller.read(&db, move |conn, scope| AccessReview::find(conn, scope, id)).await?;
    Ok(HttpResponse::Ok().json(review))
}

fn states() -> Object {
    choice::described::<LineState>("Only lines in this state.")
}

/// Which lines to list.
#[derive(Deserialize, IntoParams, Default)]
#[serde(deny_unknown_fields, default)]
#[into_params(parameter_in = Query)]
struct LineListParameters {
    #[param(schema_with = states)]
    state: Option<Choice<LineState>>,
    /// Rows on a page.
    #[param(minimum = 1, maximum = 200, default = 50)]
    limit: Option<i64>,
    /// `next_cursor` of the page before.
    cursor: Option<String>,
}

/// List the lines of an access review
///
/// Those that the caller may decide on, and their own.
#[utoipa::path(get, path = "/api/v1/access_reviews/{id}/lines", operation_id = "listAccessReviewLines", tag = "Access reviews",
    params(("id" = Uuid, Path), LineListParameters), responses((status = 200, description = "A page of lines.", body = AccessReviewLinePage)))]
async fn lines(
    db: Data<Db>,
    caller: Caller,
    req: HttpRequest,
    id: Path<AccessReviewId>,
    wanted: Parameters<LineListParameters>,
) -> web::Result<HttpResponse> {
    let id = id.into_inner();
    let (after, limit) = (answers::cursor::<u32>(wanted.0.cursor.as_deref())?.map(i64::from), answers::limit(wanted.0.limit)?);
    let state = wanted.0.state.map(|Choice(state)| state);
    let found = caller
        .read(&db, move |conn, scope| {
            let seen = access_reviews::see(conn, scope, id)?;
            access_reviews::lines(conn, &seen, state, after, limit)
        })
        .await?;
    let next = found.next().map(|last| last.position);
    let page = AccessReviewLinePage {
        data: found.rows.into_iter().map(AccessReviewLine::from).collect(),
        next_cursor: next.map(|position| position.to_string()),
        total: None,
    };
    Ok(answers::listed(&req, &page, next.as_ref()))
}
