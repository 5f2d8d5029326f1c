//! Handlers of `passwords`: they read the request, call an operation and answer with a page.

use super::{
    CredentialCount, Hasher, ProgramCredentials, ResetRefusal, RevokeChoice, check_strength, minimum,
    pages::{DeadLink, Forgotten, Reset},
    recovery,
};
use crate::{
    db::{Db, Tx},
    jobs::Jobs,
    kit::{
        OperationError, OperationResult,
        email::without_marks,
        secret::{Secret, SecretString},
    },
    mail::Outbox,
    web::{
        self, Field, Notice, OpenForm, Respond, Site, VisitorContext,
        secret_link::{self, OpenLink},
    },
};
use actix_web::{
    HttpRequest, HttpResponse,
    http::StatusCode,
    web::{Data, Path, Query},
};
use serde::Deserialize;

pub(super) fn mount(app: &mut web::Routes) {
    app.service(web::resource("/password/forgotten").route(web::get().to(new)).route(web::post().to(create)));
    app.service(web::resource("/password/reset").route(web::get().to(edit)).route(web::post().to(update)));
    app.service(web::resource("/password/reset/{secret}").route(web::get().to(follow)));
}

#[derive(Deserialize, Debug)]
#[serde(deny_unknown_fields)]
struct ForgottenForm {
    email: Field,
}

/// The name that was typed at sign-in, carried over to this form.
#[derive(Deserialize)]
struct ForgottenQuery {
    #[serde(default)]
    email: Field,
}

async fn new(visitor: VisitorContext, asked: Query<ForgottenQuery>) -> web::Result<HttpResponse> {
    Forgotten { visitor, email: asked.email.clone(), is_sent: false }.ok()
}

async fn create(
    db: Data<Db>,
    jobs: Data<Jobs>,
    visitor: VisitorContext,
    OpenForm(mut form): OpenForm<ForgottenForm>,
) -> web::Result<HttpResponse> {
    form.email.value = without_marks(&form.email.value);
    let Some(typed) = form.email.line("your email address or username", 254) else {
        return Forgotten { visitor, email: form.email, is_sent: false }.unprocessable();
    };
    let request_info = visitor.request_info.clone();
    match db.write(move |tx| recovery::request(tx, &jobs, &typed, &request_info)).await? {
        Some(wait) => Err(wait.into()),
        None => Forgotten { visitor, email: form.email, is_sent: true }.ok(),
    }
}

/// Moves the secret out of the URL, because browser histories and logs keep URLs.
async fn follow(req: HttpRequest, site: Data<Site>, secret: Path<String>) -> HttpResponse {
    secret_link::keep(&req, &site, &secret, "/password/reset")
}

async fn edit(
    db: Data<Db>,
    credentials: Data<dyn ProgramCredentials>,
    visitor: VisitorContext,
    req: HttpRequest,
) -> web::Result<HttpResponse> {
    let Some(held) = secret_link::shown(&req, &visitor.site, WHAT)? else {
        return dead();
    };
    match find(&db, &credentials, &visitor, held.secret).await.refused()? {
        Ok(found) => found.draw(StatusCode::OK, (visitor, held.id), None, RevokeChoice::default()),
        Err(ResetRefusal::DeadLink) => dead(),
    }
}

/// What the link was for, as the page about a dead link says it.
const WHAT: &str = "to choose a new password";

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ResetForm {
    /// For password managers, which fill it in. The link alone says whose password it is.
    username: String,
    #[serde(default)]
    link: String,
    password: SecretString,
    #[serde(default)]
    keys_asked: String,
    #[serde(default)]
    keys: String,
}

async fn update(
    (db, outbox, hasher): (Data<Db>, Data<Outbox>, Data<Hasher>),
    credentials: Data<dyn ProgramCredentials>,
    visitor: VisitorContext,
    req: HttpRequest,
    OpenForm(form): OpenForm<ResetForm>,
) -> web::Result<HttpResponse> {
    let Some(OpenLink { secret, .. }) = secret_link::named(&req, &visitor.site, &form.link, WHAT, &form.username)? else {
        return dead();
    };
    let found = match find(&db, &credentials, &visitor, secret.clone()).await.refused()? {
        Ok(found) => found,
        Err(ResetRefusal::DeadLink) => return dead(),
    };
    let tick = RevokeChoice::read(&form.keys_asked, &form.keys);
    let words: Vec<&str> = found.context.iter().map(String::as_str).collect();
    if let Err(complaint) = check_strength(&form.password, &words, found.minimum) {
        return found.draw(StatusCode::UNPROCESSABLE_ENTITY, (visitor, form.link), Some(complaint), tick);
    }
    let hash = hasher.hash(&form.password).await?;
    let request_info = visitor.request_info.clone();
    let reset = move |tx: &mut Tx<'_>| recovery::reset(tx, (&outbox, &**credentials), &secret, (&hash, &tick), &request_info);
    match db.write(reset).await.refused()? {
        Ok(()) => {
            let notice = Notice::success("Your new password is set, and every earlier session has ended. Sign in with it.");
            Ok(secret_link::forget(visitor.redirect_with_notice("/sign-in", notice), &visitor.site, &form.link))
        }
        Err(ResetRefusal::DeadLink) => dead(),
    }
}

/// The person the link belongs to, the words their password must not contain, its minimum length, and their API
/// credentials.
struct Found {
    username: String,
    context: Vec<String>,
    minimum: usize,
    keys: CredentialCount,
}

async fn find(
    db: &Db,
    credentials: &Data<dyn ProgramCredentials>,
    visitor: &VisitorContext,
    secret: Secret,
) -> Result<Found, OperationError<ResetRefusal>> {
    let (credentials, now) = (credentials.clone(), visitor.request_info.now);
    db.read(move |conn| {
        let (_, user, memberships) = recovery::open(conn, &secret, now)?;
        let mut context: Vec<String> = memberships.into_iter().flat_map(|m| [m.name, m.organization_name]).collect();
        context.extend([user.email, user.username.clone()]);
        Ok(Found {
            username: user.username,
            context,
            minimum: minimum(conn, user.id, now)?,
            keys: credentials.count(conn, user.id, now)?,
        })
    })
    .await
}

impl Found {
    fn draw(
        self,
        status: StatusCode,
        (visitor, link): (VisitorContext, String),
        complaint: Option<String>,
        tick: RevokeChoice,
    ) -> web::Result<HttpResponse> {
        Reset {
            visitor,
            link,
            username: self.username,
            complaint,
            minimum: self.minimum,
            keys: self.keys,
            tick,
        }
        .with_status(status)
    }
}

fn dead() -> web::Result<HttpResponse> {
    DeadLink.with_status(StatusCode::GONE)
}
