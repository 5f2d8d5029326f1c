//! Pages for changing one's own email: the form, the change that waits, and the page behind the link.

use super::{
    email::{self, AskRefusal, Behind, ConfirmRefusal},
    profile::me,
};
use crate::{
    db::Db,
    kit::{
        OperationError, OperationResult, UserId,
        email::Email,
        secret::{Secret, SecretString},
    },
    mail::Outbox,
    passwords::{self, Hasher, Verdict},
    sessions::SignedIn,
    throttle::{self, Bucket},
    users,
    web::{
        self, EmptyForm, Field, MemberContext, Notice, OpenForm, Posted, Respond, Site, VisitorContext, filters,
        secret_link::{self, OpenLink},
    },
};
use actix_web::{
    HttpRequest, HttpResponse,
    http::StatusCode,
    web::{Data, Path},
};
use askama::Template;
use serde::Deserialize;

pub(super) fn mount(app: &mut web::Routes) {
    let mine = web::resource("/o/{organization}/me/email");
    app.service(mine.route(web::get().to(edit)).route(web::post().to(create)));
    app.service(web::resource("/o/{organization}/me/email/renewal").route(web::post().to(renewal)));
    app.service(web::resource("/o/{organization}/me/email/cancellation").route(web::post().to(cancellation)));
    app.service(web::resource("/email").route(web::get().to(show)).route(web::post().to(update)));
    app.service(web::resource("/email/{secret}").route(web::get().to(follow)));
}

#[derive(Template)]
#[template(path = "me/email.html")]
struct Edit {
    context: MemberContext,
    present_email: String,
    username: String,
    email: Field,
    present_complaint: Option<String>,
}

impl Edit {
    async fn load(db: &Db, context: MemberContext, email: Field) -> web::Result<Self> {
        let (_, user) = me(&context.scope)?;
        let user = db.read(move |conn| users::find(conn, user)).await?;
        Ok(Self {
            context,
            present_email: user.email,
            username: user.username,
            email,
            present_complaint: None,
        })
    }
    /// The new address, and the hash of the password that was compared. Complaints stay in the page.
    async fn check(
        &mut self,
        db: &Db,
        hasher: &Hasher,
        user: UserId,
        present: &SecretString,
    ) -> web::Result<Option<(Email, Option<String>)>> {
        let new = Email::parse(self.email.trimmed()).map_err(|why| self.email.refuse(why)).ok();
        // Every attempt counts, whatever its result, so that nobody finds out the password or who has which address by
        // trying.
        throttle::count_or_refuse(db, Bucket::PresentPassword, user.to_string(), throttle::ACCOUNT, self.context.scope.now()).await?;
        let stored = db.read(move |conn| passwords::find(conn, user)).await?.map(|password| password.hash);
        if hasher.verify(present, stored.clone()).await? == Verdict::Wrong {
            self.present_complaint = Some("This is not your current password.".into());
        }
        Ok(new.filter(|_| self.present_complaint.is_none()).map(|new| (new, stored)))
    }
    /// The page with the reason at the field it concerns.
    fn refused(mut self, refusal: &AskRefusal) -> web::Result<HttpResponse> {
        match refusal {
            AskRefusal::Meanwhile => self.present_complaint = Some(refusal.to_string()),
            refusal => self.email.refuse(refusal.to_string()),
        }
        self.unprocessable()
    }
}

async fn edit(db: Data<Db>, mut context: MemberContext) -> web::Result<HttpResponse> {
    let email = context.pending_form::<KeptAsk>().map(|kept| kept.email).unwrap_or_default();
    Edit::load(&db, context, email).await?.ok()
}

/// The part of [`AskForm`] that is kept: not the password.
#[derive(Deserialize)]
struct KeptAsk {
    email: Field,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct AskForm {
    email: Field,
    present: SecretString,
}

async fn create(
    db: Data<Db>,
    outbox: Data<Outbox>,
    hasher: Data<Hasher>,
    context: MemberContext,
    Posted(form): Posted<AskForm>,
) -> web::Result<HttpResponse> {
    let (_, user) = me(&context.scope)?;
    let mut view = Edit::load(&db, context, form.email).await?;
    let Some((new, stored)) = view.check(&db, &hasher, user, &form.present).await? else {
        return view.unprocessable();
    };
    let (asked, request_info) = (new.clone(), view.context.scope.request_info.clone());
    let done = db.write(move |tx| email::ask(tx, &outbox, user, stored.as_deref(), &asked, &request_info)).await;
    match done.refused()? {
        Ok(()) => {
            let notice = format!("{} Follow the link within the hour.", view.context.site.mail.written("A link", new.as_str()));
            let notice = Notice::letter(&view.context.site.mail, notice);
            Ok(view.context.redirect_with_notice(&view.context.path("/me"), notice))
        }
        Err(refusal) => view.refused(&refusal),
    }
}

async fn renewal(db: Data<Db>, outbox: Data<Outbox>, context: MemberContext, _: Posted<EmptyForm>) -> web::Result<HttpResponse> {
    let ((_, user), request_info) = (me(&context.scope)?, context.scope.request_info.clone());
    let done = db.write(move |tx| email::ask_again(tx, &outbox, user, &request_info)).await;
    let mail = &context.site.mail;
    let sent = |address: String| format!("{} The old link does not work any more.", mail.written("A new link", &address));
    answer(&context, done.map(|address| Notice::letter(mail, sent(address))))
}

async fn cancellation(db: Data<Db>, context: MemberContext, _: Posted<EmptyForm>) -> web::Result<HttpResponse> {
    let ((_, user), request_info) = (me(&context.scope)?, context.scope.request_info.clone());
    let done = db.write(move |tx| email::cancel(tx, user, &request_info)).await;
    answer(&context, done.map(|()| Notice::success("Your email stays as it is; the link is dead.")))
}

fn answer(context: &MemberContext, done: Result<Notice, OperationError<AskRefusal>>) -> web::Result<HttpResponse> {
    let notice = match done.refused()? {
        Ok(notice) => notice,
        Err(refusal) => Notice::error(refusal.to_string()),
    };
    Ok(context.redirect_with_notice(&context.path("/me"), notice))
}

/// Moves the secret out of the URL. Looks nothing up, so mail scanners may open it as often as they like.
async fn follow(req: HttpRequest, site: Data<Site>, secret: Path<String>) -> HttpResponse {
    secret_link::keep(&req, &site, &secret, "/email")
}

#[derive(Template)]
#[template(path = "me/confirm.html")]
struct ConfirmAddress {
    visitor: VisitorContext,
    /// The id of the link, for the form.
    link: String,
    old: String,
    new: String,
}

impl ConfirmAddress {
    fn new(visitor: VisitorContext, link: String, found: Behind) -> Self {
        Self { visitor, link, old: found.user.email, new: found.address.as_str().to_owned() }
    }
}

#[derive(Template)]
#[template(path = "me/dead_email.html")]
struct Dead {
    refusal: ConfirmRefusal,
}

/// What the link was for, as the page about a dead link says it.
const WHAT: &str = "to confirm an email address";

/// The form on the page of a link; it names that link.
#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
struct ConfirmForm {
    link: String,
}

async fn show(req: HttpRequest, db: Data<Db>, visitor: VisitorContext) -> web::Result<HttpResponse> {
    let Some(held) = secret_link::shown(&req, &visitor.site, WHAT)? else {
        return dead(&db, &visitor, ConfirmRefusal::DeadLink).await;
    };
    match look(&db, &visitor, held.secret).await.refused()? {
        Ok(found) => ConfirmAddress::new(visitor, held.id, found).ok(),
        Err(refusal) => dead(&db, &visitor, refusal).await,
    }
}

async fn look(db: &Db, visitor: &VisitorContext, secret: Secret) -> Result<Behind, OperationError<ConfirmRefusal>> {
    let now = visitor.request_info.now;
    db.read(move |conn| email::look(conn, &secret, now)).await
}

async fn update(
    req: HttpRequest,
    db: Data<Db>,
    outbox: Data<Outbox>,
    visitor: VisitorContext,
    OpenForm(form): OpenForm<ConfirmForm>,
) -> web::Result<HttpResponse> {
    let Some(OpenLink { secret, .. }) = secret_link::named(&req, &visitor.site, &form.link, WHAT, "")? else {
        return dead(&db, &visitor, ConfirmRefusal::DeadLink).await;
    };
    let signed_in = SignedIn::of(&req, &db).await?.map(|signed_in| signed_in.user.id);
    let request_info = visitor.request_info.clone();
    match db.write(move |tx| email::confirm(tx, &outbox, &secret, signed_in, &request_info)).await.refused()? {
        Ok(address) => {
            let notice = Notice::success(format!("Your email is {} now. Sign in with it from now on.", address.as_str()));
            Ok(secret_link::forget(visitor.redirect_with_notice("/sign-in", notice), &visitor.site, &form.link))
        }
        Err(refusal) => dead(&db, &visitor, refusal).await,
    }
}

/// The page of a link that confirms nothing. A visitor who tries many links is slowed down.
async fn dead(db: &Db, visitor: &VisitorContext, refusal: ConfirmRefusal) -> web::Result<HttpResponse> {
    if refusal == ConfirmRefusal::Taken {
        return Dead { refusal }.with_status(StatusCode::CONFLICT);
    }
    throttle::count_dead_link(db, &visitor.request_info).await?;
    Dead { refusal }.with_status(StatusCode::GONE)
}
