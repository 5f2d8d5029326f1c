//! The pages behind an invitation link, for the person who was invited.

use super::{
    AcceptRefusal, Acceptance, Way,
    accept::{self, Newcomer},
    pages::{Accept, DeadLink, WrongPerson},
};
use crate::{
    db::Db,
    kit::{
        Fault, OperationError, OperationResult,
        secret::{Secret, SecretString},
    },
    mail::Outbox,
    members::NameFields,
    passwords::{Hasher, judge},
    sessions::{self, DeviceCookies, SignedIn},
    throttle,
    web::{
        self, Field, Notice, OpenForm, Site, VisitorContext, page,
        secret_link::{self, Named, OpenLink},
        see_other,
    },
};
use actix_session::Session;
use actix_web::{
    HttpRequest, HttpResponse,
    http::StatusCode,
    web::{Data, Path, ServiceConfig, resource},
};
use serde::Deserialize;

pub(super) fn mount(app: &mut ServiceConfig) {
    app.service(resource("/invitation").route(web::get().to(edit)).route(web::post().to(update)));
    app.service(resource("/invitation/request").route(web::post().to(request)));
    app.service(resource("/invitation/{secret}").route(web::get().to(follow)));
}

/// Moves the secret out of the URL. Looks nothing up, so mail scanners may open the link as often as they like.
async fn follow(req: HttpRequest, site: Data<Site>, secret: Path<String>) -> HttpResponse {
    secret_link::keep(&req, &site, &secret, "/invitation")
}

async fn look(db: &Db, visitor: &VisitorContext, secret: Secret) -> Result<Acceptance, OperationError<AcceptRefusal>> {
    let now = visitor.request_info.now;
    db.read(move |conn| accept::look(conn, &secret, now)).await
}

async fn edit(req: HttpRequest, db: Data<Db>, visitor: VisitorContext) -> web::Result<HttpResponse> {
    let link = match secret_link::shown(&req, &visitor.site) {
        Named::Open(link) => link,
        Named::None => return dead(&db, visitor, String::new(), AcceptRefusal::Unknown).await,
        Named::Gone => return secret_link::gone_page(WHAT, ""),
    };
    let signed_in = SignedIn::of(&req, &db).await?;
    let invitation = match look(&db, &visitor, link.secret.clone()).await.refused()? {
        Ok(invitation) => invitation,
        Err(AcceptRefusal::Used) if is_own(&db, &link, signed_in.as_ref()).await? => return Ok(see_other("/")),
        Err(refusal) => return dead(&db, visitor, link.id, refusal).await,
    };
    match signed_in {
        Some(signed_in) if signed_in.user.id != invitation.user => page(
            StatusCode::OK,
            &WrongPerson { visitor, link: link.id, invitation, signed_in_as: signed_in.user.email },
        ),
        _ => page(StatusCode::OK, &Accept::new(visitor, link.id, invitation)),
    }
}

/// What the link was for, in the words of its page.
const WHAT: &str = "to accept an invitation";

/// Whether the signed-in person used this link: they submitted the form twice, or opened the link again.
async fn is_own(db: &Db, link: &OpenLink, signed_in: Option<&SignedIn>) -> Result<bool, Fault> {
    let Some(user) = signed_in.map(|signed_in| signed_in.user.id) else {
        return Ok(false);
    };
    let secret = link.secret.clone();
    db.read(move |conn| accept::is_of(conn, &secret, user)).await
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
struct AcceptForm {
    first_name: Field,
    last_name: Field,
    name: Field,
    /// For password managers, which fill it in. The server ignores it: the link alone says who the person is.
    username: String,
    /// The id of the link that the page showed.
    link: String,
    password: SecretString,
}

async fn update(
    req: HttpRequest,
    session: Session,
    db: Data<Db>,
    hasher: Data<Hasher>,
    devices: Data<DeviceCookies>,
    visitor: VisitorContext,
    OpenForm(form): OpenForm<AcceptForm>,
) -> web::Result<HttpResponse> {
    let link = match secret_link::named(&req, &visitor.site, &form.link) {
        Named::Open(link) => link,
        Named::None => return dead(&db, visitor, String::new(), AcceptRefusal::Unknown).await,
        Named::Gone => return secret_link::gone_page(WHAT, &form.username),
    };
    let signed_in = SignedIn::of(&req, &db).await?;
    let invitation = match look(&db, &visitor, link.secret.clone()).await.refused()? {
        Ok(invitation) => invitation,
        Err(AcceptRefusal::Used) if is_own(&db, &link, signed_in.as_ref()).await? => {
            let notice = Notice::neutral("You have joined already, so nothing was done with it.");
            return Ok(visitor.redirect_with_notice("/", notice));
        }
        Err(refusal) => return refused(&db, visitor, link, refusal).await,
    };
    if let Some(signed_in) = signed_in
        && signed_in.user.id != invitation.user
    {
        return page(
            StatusCode::CONFLICT,
            &WrongPerson { visitor, link: link.id, invitation, signed_in_as: signed_in.user.email },
        );
    }
    let way = invitation.way;
    let mut view = Accept::new(visitor.clone(), link.id.clone(), invitation);
    let newcomer = match way {
        Way::AsBefore => None,
        Way::ResetFirst => return page(StatusCode::CONFLICT, &view),
        Way::Newcomer => match newcomer(&hasher, &mut view, form).await? {
            Some(newcomer) => Some(newcomer),
            None => return page(StatusCode::UNPROCESSABLE_ENTITY, &view),
        },
    };
    let (spent, request_info) = (link.secret.clone(), visitor.request_info.clone());
    match db.write(move |tx| accept::accept(tx, &spent, newcomer.as_ref(), &request_info)).await.refused()? {
        Ok(joined) if way == Way::AsBefore => {
            let notice = Notice::success("You have joined, with the password that you have already.");
            Ok(secret_link::forget(
                visitor.redirect_with_notice(&format!("/o/{}/users", joined.organization), notice),
                &visitor.site,
                &link.id,
            ))
        }
        Ok(joined) => {
            sessions::begin(&session, joined.user.id, Some(visitor.request_info.now), &visitor.request_info)?;
            let notice = Notice::success("Welcome! You are in.");
            let mut response = visitor.redirect_with_notice(&format!("/o/{}/users", joined.organization), notice);
            let _ = response.add_cookie(&devices.cookie(&visitor.site, &joined.user));
            Ok(secret_link::forget(response, &visitor.site, &link.id))
        }
        // The invitation stays open, and so does the page, with the name that was typed.
        Err(AcceptRefusal::NoSeat) => {
            view.complaint = Some(AcceptRefusal::NoSeat.to_string());
            page(StatusCode::CONFLICT, &view)
        }
        Err(refusal) => refused(&db, visitor, link, refusal).await,
    }
}

/// Reads the form of a new person. Complaints stay in the view.
async fn newcomer(hasher: &Hasher, view: &mut Accept, form: AcceptForm) -> web::Result<Option<Newcomer>> {
    (view.first_name, view.last_name, view.name) = (form.first_name, form.last_name, form.name);
    let fields = NameFields { first: &mut view.first_name, last: &mut view.last_name, display: &mut view.name };
    let names = fields.check();
    let invitation = &view.invitation;
    view.password_complaint = judge(
        &form.password,
        &[
            &view.first_name.value,
            &view.last_name.value,
            &view.name.value,
            &invitation.email,
            &invitation.organization_name,
        ],
        invitation.minimum,
    )
    .err();
    match (names, &view.password_complaint) {
        (Some(names), None) => Ok(Some(Newcomer { names, hash: hasher.hash(&form.password).await? })),
        _ => Ok(None),
    }
}

/// Records what a refusal requires, and answers with its page.
async fn refused(db: &Db, visitor: VisitorContext, link: OpenLink, refusal: AcceptRefusal) -> web::Result<HttpResponse> {
    let (request_info, which, secret) = (visitor.request_info.clone(), refusal.clone(), link.secret);
    db.write(move |tx| match which {
        AcceptRefusal::Void => accept::remember_void(tx, &secret, &request_info),
        AcceptRefusal::Used => accept::remember_second_use(tx, &secret, &request_info),
        _ => Ok::<_, Fault>(()),
    })
    .await?;
    dead(db, visitor, link.id, refusal).await
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
struct RequestForm {
    /// The id of the link that the page showed.
    link: String,
}

async fn request(
    req: HttpRequest,
    db: Data<Db>,
    outbox: Data<Outbox>,
    visitor: VisitorContext,
    OpenForm(form): OpenForm<RequestForm>,
) -> web::Result<HttpResponse> {
    match secret_link::named(&req, &visitor.site, &form.link) {
        Named::Open(link) => {
            let request_info = visitor.request_info.clone();
            db.write(move |tx| accept::ask_again(tx, &outbox, &link.secret, &request_info)).await?;
        }
        Named::None => {}
        Named::Gone => return secret_link::gone_page(WHAT, ""),
    }
    page(
        StatusCode::OK,
        &DeadLink { visitor, link: form.link, refusal: AcceptRefusal::Expired, is_asked: true },
    )
}

/// The page of a link that does not work. Rate-limited, so that an attacker who tries many links is slowed down.
async fn dead(db: &Db, visitor: VisitorContext, link: String, refusal: AcceptRefusal) -> web::Result<HttpResponse> {
    if refusal == AcceptRefusal::Unknown {
        throttle::count_dead_link(db, &visitor.request_info).await?;
    }
    page(StatusCode::GONE, &DeadLink { visitor, link, refusal, is_asked: false })
}
