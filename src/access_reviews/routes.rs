//! Handlers of access reviews.

use super::{
    closing::{close, removal, remove_rest},
    deciding::decide,
    evidence::Evidence,
    forms::{Begun, DecisionForm, LinePart, ReviewForm, Wanted},
    letters::Letters,
    lines,
    model::{Decided, ReviewKind, ReviewRefusal},
    opening::{list, open, see, see_to_close},
    pages::{Choices, ClosingPage, NewReviewPage, ReviewsPage, Shown},
    store,
};
use crate::{
    bulk::Runner,
    db::{Conn, Db, keyset::TimeCursor},
    jobs::Jobs,
    kit::{AccessReviewId, Fault, MemberId, OperationResult, OrganizationId, Scope, count, rights},
    members, policies, roles, users,
    web::{self, EmptyForm, Field, MemberContext, Notice, Posted, Reader, Respond, ReturnTo},
};
use actix_web::{
    HttpRequest, HttpResponse,
    http::{Method, header},
    web::{Data, Path, Query},
};
use serde::Deserialize;

/// Reviews, and lines, on a page.
const REVIEWS: i64 = 50;
const LINES: i64 = 100;

pub fn mount(app: &mut web::Routes) {
    let all = web::resource("/o/{organization}/access-reviews");
    app.service(all.route(web::get().to(index)).route(web::post().to(create)));
    app.service(web::resource("/o/{organization}/access-reviews/new").route(web::get().to(new)));
    app.service(web::resource("/o/{organization}/access-reviews/{review}").route(web::get().to(show)));
    app.service(web::resource("/o/{organization}/access-reviews/{review}/decisions").route(web::post().to(decided)));
    let closing = web::resource("/o/{organization}/access-reviews/{review}/closing");
    app.service(closing.route(web::get().to(confirm)).route(web::post().to(end)));
    app.service(web::resource("/o/{organization}/access-reviews/{review}/removal").route(web::post().to(rest)));
    app.service(web::resource("/o/{organization}/access-reviews/{review}/evidence").route(web::get().to(evidence)));
}

type Place = Path<(OrganizationId, AccessReviewId)>;

#[derive(Deserialize)]
struct Before {
    before: Option<String>,
}

async fn index(db: Data<Db>, context: MemberContext, Query(part): Query<Before>) -> web::Result<HttpResponse> {
    let before: Option<TimeCursor<AccessReviewId>> = part.before.and_then(|text| text.parse().ok());
    let page = context.read(&db, move |conn, scope| list(conn, scope, before, REVIEWS)).await?;
    let next = page.next().map(|last| TimeCursor(last.created_at, last.id));
    ReviewsPage { context, reviews: page.rows, is_first: before.is_none(), next }.ok()
}

async fn new(db: Data<Db>, mut context: MemberContext, Query(begun): Query<Begun>) -> web::Result<HttpResponse> {
    context.scope.demand(rights::SYSTEM_ACCOUNT_MANAGE)?;
    let blank = ReviewForm {
        what: Field::new(begun.what),
        reviewed_by: Field::new("team_administrators"),
        unanswered: Field::new("keep"),
        ..ReviewForm::default()
    };
    let form = context.pending_form().unwrap_or(blank);
    draw_form(&db, context, form).await
}

async fn draw_form(db: &Db, context: MemberContext, form: ReviewForm) -> web::Result<HttpResponse> {
    let is_refused = !form.complaints().is_empty();
    let (roles, policies, teams) = context.read(db, choices).await?;
    let may_review_members = ReviewKind::Administrators.demand(&context.scope).is_ok();
    NewReviewPage { context, form, roles, policies, teams, may_review_members }.ok_unless(is_refused)
}

/// The roles, policies and teams that the caller may review.
fn choices(conn: &mut Conn, scope: &Scope) -> Result<(Choices, Choices, Choices), Fault> {
    let (mut all_roles, mut all_policies, mut all_teams) = (vec![], vec![], vec![]);
    if ReviewKind::Role.demand(scope).is_ok() {
        all_roles = roles::list(conn, scope.organization)?
            .into_iter()
            .map(|role| (format!("role:{}", role.id), role.name))
            .collect();
    }
    if ReviewKind::Policy.demand(scope).is_ok() {
        let all = policies::list(conn, scope.organization)?.into_iter();
        all_policies = all.map(|policy| (format!("policy:{}", policy.id), policy.name)).collect();
    }
    if ReviewKind::Team.demand(scope).is_ok() {
        let all = members::teams(conn, scope.organization)?.into_iter();
        all_teams = all.map(|team| (format!("team:{}", team.id), team.name)).collect();
    }
    Ok((all_roles, all_policies, all_teams))
}

/// The members behind the typed names, or the first name that nobody here has.
fn people(conn: &mut Conn, scope: &Scope, names: &[String]) -> Result<Result<Vec<MemberId>, String>, Fault> {
    let mut found = Vec::new();
    for name in names {
        let user = users::find_by_name(conn, name)?;
        let member = user.map(|user| members::find_by_user(conn, scope.organization, user.id)).transpose()?.flatten();
        match member {
            Some(member) => found.push(member.id),
            None => return Ok(Err(name.clone())),
        }
    }
    Ok(Ok(found))
}

async fn create(db: Data<Db>, jobs: Data<Jobs>, context: MemberContext, Posted(mut form): Posted<ReviewForm>) -> web::Result<HttpResponse> {
    context.scope.demand(rights::SYSTEM_ACCOUNT_MANAGE)?;
    let Some(wanted) = form.check() else {
        return draw_form(&db, context, form).await;
    };
    let names = wanted.names.clone();
    let reviewers = match context.read(&db, move |conn, scope| people(conn, scope, &names)).await? {
        Ok(found) => found,
        Err(unknown) => {
            form.reviewers.refuse(format!("Nobody here has the address or username {unknown}."));
            return draw_form(&db, context, form).await;
        }
    };
    let (letters, new) = (Letters::new(jobs.get_ref().clone()), Wanted::with(&wanted, reviewers));
    match context.write(&db, move |tx, scope| open(tx, scope, &letters, &new)).await.refused()? {
        Ok(id) => {
            let notice = Notice::success("The review is open, and its reviewers are told by letter.");
            Ok(context.redirect_with_notice(&context.path(format!("/access-reviews/{id}")), notice))
        }
        Err(refusal) => {
            form.complain(&refusal);
            draw_form(&db, context, form).await
        }
    }
}

async fn show(db: Data<Db>, context: MemberContext, place: Place, Query(part): Query<LinePart>) -> web::Result<HttpResponse> {
    let id = place.1;
    let page = context.read(&db, move |conn, scope| load(conn, scope, id, &part)).await?;
    page.of(context, Field::default()).ok()
}

/// The page of a review after something was refused.
async fn refused(db: &Db, context: MemberContext, id: AccessReviewId, part: LinePart, reason: Field) -> web::Result<HttpResponse> {
    let page = context.read(db, move |conn, scope| load(conn, scope, id, &part)).await?;
    page.of(context, reason).unprocessable()
}

fn load(conn: &mut Conn, scope: &Scope, id: AccessReviewId, part: &LinePart) -> Result<Shown, Fault> {
    let seen = see(conn, scope, id)?;
    let page = lines(conn, &seen, part.state(), part.after, LINES)?;
    Ok(Shown {
        reviewers: store::reviewers(conn, &seen.review)?,
        removal: removal(conn, scope, &seen.review)?,
        next: page.next().map(|last| last.position),
        state: part.state(),
        is_first: part.after.is_none(),
        seen,
        lines: page.rows,
    })
}

async fn decided(db: Data<Db>, context: MemberContext, place: Place, Posted(mut form): Posted<DecisionForm>) -> web::Result<HttpResponse> {
    let id = place.1;
    context.read(&db, move |conn, scope| see(conn, scope, id).map(drop)).await?;
    let part = LinePart { state: Some(form.state.clone()), after: None };
    let Some(wanted) = form.read()? else {
        return refused(&db, context, id, part, form.reason).await;
    };
    let decision = wanted.decision;
    let done = match context.write(&db, move |tx, scope| decide(tx, scope, id, &wanted)).await.refused()? {
        Ok(done) => done,
        Err(refusal) => return refused(&db, context.saying(Notice::error(refusal.to_string())), id, part, form.reason).await,
    };
    let notice = told(&done, decision.label());
    if done.decided == 0 {
        return refused(&db, context.saying(notice), id, part, form.reason).await;
    }
    let query = part.state().map(|state| format!("?state={}", state.as_str())).unwrap_or_default();
    Ok(context.redirect_with_notice(&context.path(format!("/access-reviews/{id}{query}")), notice))
}

/// What a decision did, in a sentence.
fn told(done: &Decided, label: &str) -> Notice {
    let many = count(done.decided, "line", "lines");
    match (done.decided, done.left_out.first()) {
        (0, None) => Notice::neutral("Nothing was decided: no line is ticked, or none is left."),
        (_, None) => Notice::success(format!("{label}: {many}.")),
        (0, Some((_, name, why))) if done.left_out.len() == 1 => Notice::error(format!("{name}: {why}")),
        (_, Some((_, name, why))) => {
            let left_out = count(done.left_out.len() as u64, "line is left out", "lines are left out");
            Notice::neutral(format!("{label}: {many}. {left_out}, among them {name}: {why}"))
        }
    }
}

async fn confirm(db: Data<Db>, context: MemberContext, place: Place) -> web::Result<HttpResponse> {
    ask(&db, context, place.1, None).await
}

async fn ask(db: &Db, context: MemberContext, id: AccessReviewId, refusal: Option<ReviewRefusal>) -> web::Result<HttpResponse> {
    let review = context.read(db, move |conn, scope| see_to_close(conn, scope, id)).await?;
    let refusal = refusal.or_else(|| review.is_closed().then_some(ReviewRefusal::Closed));
    let is_refused = refusal.is_some();
    ClosingPage { context, review, refusal: refusal.map(|refusal| refusal.to_string()) }.ok_unless(is_refused)
}

async fn end(db: Data<Db>, runner: Data<Runner>, context: MemberContext, place: Place, _: Posted<EmptyForm>) -> web::Result<HttpResponse> {
    let id = place.1;
    match context.write(&db, move |tx, scope| close(tx, scope, id, None)).await.refused()? {
        Ok(batch) => {
            if let Some(batch) = batch {
                runner.begin(batch).await?;
            }
            let notice = Notice::success("The review is closed.");
            Ok(context.redirect_with_notice(&context.path(format!("/access-reviews/{id}")), notice))
        }
        Err(refusal) => ask(&db, context, id, Some(refusal)).await,
    }
}

async fn rest(db: Data<Db>, runner: Data<Runner>, context: MemberContext, place: Place, _: Posted<EmptyForm>) -> web::Result<HttpResponse> {
    let id = place.1;
    match context.write(&db, move |tx, scope| remove_rest(tx, scope, id, None)).await.refused()? {
        Ok(batch) => {
            runner.begin(batch).await?;
            let notice = Notice::success("What is left is being removed, in your name.");
            Ok(context.redirect_with_notice(&context.path(format!("/access-reviews/{id}")), notice))
        }
        Err(refusal) => {
            let context = context.saying(Notice::error(refusal.to_string()));
            refused(&db, context, id, LinePart::default(), Field::default()).await
        }
    }
}

async fn evidence(db: Data<Db>, context: MemberContext, place: Place, req: HttpRequest) -> web::Result<HttpResponse> {
    let id = place.1;
    context.read(&db, move |conn, scope| see_to_close(conn, scope, id).map(drop)).await?;
    context.require_reauthentication(ReturnTo::form_page())?;
    let day = context.scope.now().utc().format("%Y-%m-%d");
    let mut answer = HttpResponse::Ok();
    answer
        .insert_header((header::CONTENT_TYPE, "text/csv; charset=utf-8"))
        .insert_header((header::CONTENT_DISPOSITION, format!("attachment; filename=\"access-review-{day}.csv\"")));
    // HEAD exports nothing, so nothing is recorded.
    if *req.method() == Method::HEAD {
        return Ok(answer.finish());
    }
    let export = context.write(&db, move |tx, scope| Evidence::begin(tx, scope, id)).await?;
    let reader = Reader::of(&req, &context)?;
    Ok(answer.streaming(reader.parts(&db, export, Evidence::part)))
}
