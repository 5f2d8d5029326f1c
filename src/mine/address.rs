//! The pages of changing one's own email: the form, what waits, and the one behind the link.

use super::{
    email::{self, AskRefusal, Behind, ConfirmRefusal},
    password::THROTTLE,
    profile::me,
};
use crate::{
    db::Db,
    kit::{
        Stop,
        email::Email,
        secret::{Hidden, Secret},
    },
    mail::Post,
    passwords::{self, Hasher, Verdict},
    sessions::SignedIn,
    throttle, users,
    web::{
        self, Door, Field, Front, Notice, OpenForm, Posted, Shell, created, filters, neighbourhood, page,
        secret_link::{self, Named},
    },
};
use actix_web::{
    HttpRequest, HttpResponse,
    http::StatusCode,
    web::{Data, Path, ServiceConfig, resource},
};
use askama::Template;
use serde::Deserialize;

pub(super) fn mount(app: &mut ServiceConfig) {
    let mine = resource("/o/{organization}/me/email");
    app.service(mine.route(web::get().to(edit)).route(web::post().to(create)));
    app.service(resource("/o/{organization}/me/email/renewal").route(web::post().to(renewal)));
    app.service(resource("/o/{organization}/me/email/cancellation").route(web::post().to(cancellation)));
    app.service(resource("/email").route(web::get().to(show)).route(web::post().to(update)));
    app.service(resource("/email/{secret}").route(web::get().to(follow)));
}

#[derive(Template)]
#[template(path = "mine/email.html")]
struct Edit {
    shell: Shell,
    present_email: String,
    username: String,
    email: Field,
    present_complaint: Option<String>,
}

impl Edit {
    async fn load(db: &Db, shell: Shell, email: Field) -> web::Result<Self> {
        let (_, user) = me(&shell.scope)?;
        let user = db.read(move |conn| users::find(conn, user)).await?;
        Ok(Self {
            shell,
            present_email: user.email,
            username: user.username,
            email,
            present_complaint: None,
        })
    }
    fn refused(&self) -> web::Result<HttpResponse> {
        page(StatusCode::UNPROCESSABLE_ENTITY, self)
    }
}

async fn edit(db: Data<Db>, mut shell: Shell) -> web::Result<HttpResponse> {
    let email = shell.kept::<KeptAsk>().map(|kept| kept.email).unwrap_or_default();
    page(StatusCode::OK, &Edit::load(&db, shell, email).await?)
}

/// What is kept of [`AskForm`]: not the password.
#[derive(Deserialize)]
struct KeptAsk {
    email: Field,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct AskForm {
    email: Field,
    present: Hidden,
}

async fn create(
    db: Data<Db>,
    post: Data<Post>,
    hasher: Data<Hasher>,
    shell: Shell,
    Posted(form): Posted<AskForm>,
) -> web::Result<HttpResponse> {
    let (_, user) = me(&shell.scope)?;
    let mut view = Edit::load(&db, shell, form.email).await?;
    let new = Email::parse(view.email.trimmed()).map_err(|why| view.email.refuse(why));
    let occasion = view.shell.scope.occasion.clone();
    let now = occasion.now;
    // Counted whatever comes of it: neither the password nor who has which address is found out here by trying.
    let counted = db
        .write(move |tx| throttle::take(tx, THROTTLE, &user.to_string(), throttle::ACCOUNT, now))
        .await?;
    if let Err(wait) = counted {
        return Err(web::Error::TooMany(wait));
    }
    let stored = db
        .read(move |conn| passwords::find(conn, user))
        .await?
        .map(|password| password.hash);
    if hasher.verify(&form.present, stored.clone()).await? == Verdict::Wrong {
        view.present_complaint = Some("This is not your current password.".into());
    }
    let (Ok(new), None) = (new, &view.present_complaint) else {
        return view.refused();
    };
    let asked = new.clone();
    match db
        .write(move |tx| email::ask(tx, &post, user, stored.as_deref(), &asked, &occasion))
        .await
    {
        Ok(()) => {
            let mail = &view.shell.front.mail;
            let notice = format!("{} Follow the link within the hour.", mail.written("A link", new.as_str()));
            let notice = Notice::letter(mail, notice);
            Ok(created(&view.shell.front, &view.shell.path("/me"), notice))
        }
        Err(Stop::Refused(refusal @ AskRefusal::Meanwhile)) => {
            view.present_complaint = Some(refusal.to_string());
            view.refused()
        }
        Err(Stop::Refused(refusal)) => {
            view.email.refuse(refusal.to_string());
            view.refused()
        }
        Err(Stop::Fault(fault)) => Err(fault.into()),
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Nothing {}

async fn renewal(db: Data<Db>, post: Data<Post>, shell: Shell, Posted(Nothing {}): Posted<Nothing>) -> web::Result<HttpResponse> {
    let ((_, user), occasion) = (me(&shell.scope)?, shell.scope.occasion.clone());
    let done = db.write(move |tx| email::ask_again(tx, &post, user, &occasion)).await;
    answer(
        &shell,
        done.map(|address| {
            let written = shell.front.mail.written("A new link", &address);
            Notice::letter(&shell.front.mail, format!("{written} The old link does not work any more."))
        }),
    )
}

async fn cancellation(db: Data<Db>, shell: Shell, Posted(Nothing {}): Posted<Nothing>) -> web::Result<HttpResponse> {
    let ((_, user), occasion) = (me(&shell.scope)?, shell.scope.occasion.clone());
    let done = db.write(move |tx| email::cancel(tx, user, &occasion)).await;
    answer(
        &shell,
        done.map(|()| Notice::success("Your email stays as it is; the link is dead.")),
    )
}

fn answer(shell: &Shell, done: Result<Notice, Stop<AskRefusal>>) -> web::Result<HttpResponse> {
    let notice = match done {
        Ok(notice) => notice,
        Err(Stop::Refused(refusal)) => Notice::error(refusal.to_string()),
        Err(Stop::Fault(fault)) => return Err(fault.into()),
    };
    Ok(created(&shell.front, &shell.path("/me"), notice))
}

/// Takes the secret out of the address; looks nothing up, so mail scanners may open it as often as they like.
async fn follow(req: HttpRequest, front: Data<Front>, secret: Path<String>) -> HttpResponse {
    secret_link::keep(&req, &front, &secret, "/email")
}

#[derive(Template)]
#[template(path = "mine/confirm.html")]
struct Confirm {
    door: Door,
    /// The id of the link, for the form.
    link: String,
    old: String,
    new: String,
}

#[derive(Template)]
#[template(path = "mine/dead_email.html")]
struct Dead {
    refusal: ConfirmRefusal,
}

/// What the page of such a link was for.
const WHAT: &str = "to confirm an email address";

/// Names the link that the page showed.
#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
struct ConfirmForm {
    link: String,
}

async fn show(req: HttpRequest, db: Data<Db>, door: Door) -> web::Result<HttpResponse> {
    let held = match secret_link::shown(&req, &door.front) {
        Named::Open(held) => held,
        Named::None => return dead(&db, &door, ConfirmRefusal::DeadLink).await,
        Named::Gone => return secret_link::gone_page(WHAT, ""),
    };
    match look(&db, &door, held.secret).await {
        Ok(found) => page(
            StatusCode::OK,
            &Confirm {
                door,
                link: held.id,
                old: found.user.email,
                new: found.address.as_str().to_owned(),
            },
        ),
        Err(Stop::Refused(refusal)) => dead(&db, &door, refusal).await,
        Err(Stop::Fault(fault)) => Err(fault.into()),
    }
}

async fn look(db: &Db, door: &Door, secret: Secret) -> Result<Behind, Stop<ConfirmRefusal>> {
    let now = door.occasion.now;
    db.read(move |conn| email::look(conn, &secret, now)).await
}

async fn update(
    req: HttpRequest,
    db: Data<Db>,
    post: Data<Post>,
    door: Door,
    OpenForm(form): OpenForm<ConfirmForm>,
) -> web::Result<HttpResponse> {
    let secret = match secret_link::named(&req, &door.front, &form.link) {
        Named::Open(held) => held.secret,
        Named::None => return dead(&db, &door, ConfirmRefusal::DeadLink).await,
        Named::Gone => return secret_link::gone_page(WHAT, ""),
    };
    let signed_in = SignedIn::of(&req, &db).await?.map(|signed_in| signed_in.user.id);
    let occasion = door.occasion.clone();
    match db.write(move |tx| email::confirm(tx, &post, &secret, signed_in, &occasion)).await {
        Ok(address) => {
            let notice = Notice::success(format!("Your email is {} now. Sign in with it from now on.", address.as_str()));
            Ok(secret_link::forget(
                created(&door.front, "/sign-in", notice),
                &door.front,
                &form.link,
            ))
        }
        Err(Stop::Refused(refusal)) => dead(&db, &door, refusal).await,
        Err(Stop::Fault(fault)) => Err(fault.into()),
    }
}

/// The page of a link that confirms nothing. Whoever tries many is slowed down.
async fn dead(db: &Db, door: &Door, refusal: ConfirmRefusal) -> web::Result<HttpResponse> {
    if refusal == ConfirmRefusal::Taken {
        return page(StatusCode::CONFLICT, &Dead { refusal });
    }
    let occasion = door.occasion.clone();
    let counted = db
        .write(move |tx| throttle::take(tx, "links", &neighbourhood(&occasion.address), throttle::LINKS, occasion.now))
        .await?;
    match counted {
        Err(wait) => Err(web::Error::TooMany(wait)),
        Ok(()) => page(StatusCode::GONE, &Dead { refusal }),
    }
}
