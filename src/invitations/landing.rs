//! The pages behind an invitation link, for the person who was invited.

use super::{
    AcceptRefusal, Acceptance, Way,
    accept::{self, Joined, NewPerson},
    pages::{Accept, DeadLink, WrongPerson},
};
use crate::{
    db::Db,
    kit::{Fault, OperationResult, UserId, secret::SecretString},
    mail::Outbox,
    members::NameFields,
    own_fields::{self, Complaints, SentOwn},
    passwords::{Hasher, check_strength},
    sessions::{DeviceCookies, SignedIn, begin_on_device},
    throttle,
    web::{
        self, Field, Notice, OpenForm, Respond, Site, VisitorContext,
        secret_link::{self, OpenLink},
        see_other,
    },
};
use actix_session::Session;
use actix_web::{
    HttpRequest, HttpResponse,
    http::StatusCode,
    web::{Data, Path},
};
use serde::Deserialize;

pub(super) fn mount(app: &mut web::Routes) {
    app.service(web::resource("/invitation").route(web::get().to(edit)).route(web::post().to(update)));
    app.service(web::resource("/invitation/request").route(web::post().to(request)));
    app.service(web::resource("/invitation/{secret}").route(web::get().to(follow)));
}

/// Moves the secret out of the URL. Looks nothing up, so mail scanners may open the link as often as they like.
async fn follow(req: HttpRequest, site: Data<Site>, secret: Path<String>) -> HttpResponse {
    secret_link::keep(&req, &site, &secret, "/invitation")
}

/// What a link opens for the visitor.
enum Opened {
    Invitation(Acceptance),
    /// The invitation is for another person than the one who is signed in with this email.
    WrongPerson(Acceptance, String),
    /// The signed-in person joined by it before: they sent the form twice, or opened the link again.
    JoinedBefore,
    Refused(AcceptRefusal),
}

async fn open(req: &HttpRequest, db: &Db, visitor: &VisitorContext, link: &OpenLink) -> web::Result<Opened> {
    let signed_in = SignedIn::of(req, db).await?;
    let (secret, now) = (link.secret.clone(), visitor.request_info.now);
    let found = db.read(move |conn| accept::look(conn, &secret, now)).await.refused()?;
    Ok(match (found, signed_in) {
        (Ok(invitation), Some(signed_in)) if signed_in.user.id != invitation.user => Opened::WrongPerson(invitation, signed_in.user.email),
        (Ok(invitation), _) => Opened::Invitation(invitation),
        (Err(AcceptRefusal::Used), Some(signed_in)) if is_own(db, link, signed_in.user.id).await? => Opened::JoinedBefore,
        (Err(refusal), _) => Opened::Refused(refusal),
    })
}

async fn edit(req: HttpRequest, db: Data<Db>, visitor: VisitorContext) -> web::Result<HttpResponse> {
    let Some(link) = secret_link::shown(&req, &visitor.site, WHAT)? else {
        return dead(&db, visitor, String::new(), AcceptRefusal::Unknown).await;
    };
    match open(&req, &db, &visitor, &link).await? {
        Opened::Invitation(invitation) => Accept::new(visitor, link.id, invitation).ok(),
        Opened::WrongPerson(invitation, signed_in_as) => WrongPerson { visitor, link: link.id, invitation, signed_in_as }.ok(),
        Opened::JoinedBefore => Ok(see_other("/")),
        Opened::Refused(refusal) => dead(&db, visitor, link.id, refusal).await,
    }
}

/// What the link was for, in the words of its page.
const WHAT: &str = "to accept an invitation";

/// Whether this person joined by the link.
async fn is_own(db: &Db, link: &OpenLink, user: UserId) -> Result<bool, Fault> {
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
    own: SentOwn,
    password: SecretString,
}

async fn update(
    (req, session): (HttpRequest, Session),
    db: Data<Db>,
    hasher: Data<Hasher>,
    devices: Data<DeviceCookies>,
    visitor: VisitorContext,
    OpenForm(form): OpenForm<AcceptForm>,
) -> web::Result<HttpResponse> {
    let Some(link) = secret_link::named(&req, &visitor.site, &form.link, WHAT, &form.username)? else {
        return dead(&db, visitor, String::new(), AcceptRefusal::Unknown).await;
    };
    match open(&req, &db, &visitor, &link).await? {
        Opened::Invitation(invitation) => {
            let view = Accept::new(visitor, link.id.clone(), invitation);
            answer(&db, &hasher, (&session, &devices), view, link, form).await
        }
        Opened::WrongPerson(invitation, signed_in_as) => {
            WrongPerson { visitor, link: link.id, invitation, signed_in_as }.with_status(StatusCode::CONFLICT)
        }
        Opened::JoinedBefore => {
            Ok(visitor.redirect_with_notice("/", Notice::neutral("You have joined already, so nothing was done with it.")))
        }
        Opened::Refused(refusal) => refused(&db, visitor, link, refusal).await,
    }
}

/// Reads the form, accepts the invitation and lets the person in.
async fn answer(
    db: &Db,
    hasher: &Hasher,
    (session, devices): (&Session, &DeviceCookies),
    mut view: Accept,
    link: OpenLink,
    form: AcceptForm,
) -> web::Result<HttpResponse> {
    let own = form.own.clone();
    own_fields::fill(&mut view.own, &own, &Complaints::default());
    let new_person = match view.invitation.way {
        Way::AsBefore => None,
        Way::ResetFirst | Way::SingleSignOn => return view.with_status(StatusCode::CONFLICT),
        Way::NewPerson => match new_person(hasher, &mut view, form).await? {
            None => return view.unprocessable(),
            new_person => new_person,
        },
    };
    let (is_new, secret, request_info) = (new_person.is_some(), link.secret.clone(), view.visitor.request_info.clone());
    let sent = own.clone();
    match db
        .write(move |tx| accept::accept(tx, &secret, new_person.as_ref(), &sent, &request_info))
        .await
        .refused()?
    {
        Ok(joined) => welcome((session, devices), &view.visitor, &link, &joined, is_new),
        // The invitation stays open, and so does the page, with the name that was typed.
        Err(AcceptRefusal::NoSeat) => {
            view.complaint = Some(AcceptRefusal::NoSeat.to_string());
            view.with_status(StatusCode::CONFLICT)
        }
        Err(AcceptRefusal::Own(complaints)) => {
            own_fields::fill(&mut view.own, &own, &complaints);
            view.unprocessable()
        }
        Err(refusal) => refused(db, view.visitor, link, refusal).await,
    }
}

/// Leads the person into the organization. Only a new person is signed in: the others sign in with their own password.
fn welcome(
    (session, devices): (&Session, &DeviceCookies),
    visitor: &VisitorContext,
    link: &OpenLink,
    joined: &Joined,
    is_new: bool,
) -> web::Result<HttpResponse> {
    let home = format!("/o/{}/users", joined.organization);
    let response = if is_new {
        let response = visitor.redirect_with_notice(&home, Notice::success("Welcome! You are in."));
        begin_on_device(session, devices, visitor, (&joined.user, Some(visitor.request_info.now)), response)?
    } else {
        visitor.redirect_with_notice(&home, Notice::success("You have joined, with the password that you have already."))
    };
    Ok(secret_link::forget(response, &visitor.site, &link.id))
}

/// Reads the form of a new person. Complaints stay in the view.
async fn new_person(hasher: &Hasher, view: &mut Accept, form: AcceptForm) -> web::Result<Option<NewPerson>> {
    (view.first_name, view.last_name, view.name) = (form.first_name, form.last_name, form.name);
    let fields = NameFields { first: &mut view.first_name, last: &mut view.last_name, display: &mut view.name };
    let names = fields.check();
    let invitation = &view.invitation;
    view.password_complaint = check_strength(
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
        (Some(names), None) => Ok(Some(NewPerson { names, hash: hasher.hash(&form.password).await? })),
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
    if let Some(link) = secret_link::named(&req, &visitor.site, &form.link, WHAT, "")? {
        let request_info = visitor.request_info.clone();
        db.write(move |tx| accept::ask_again(tx, &outbox, &link.secret, &request_info)).await?;
    }
    DeadLink { visitor, link: form.link, refusal: AcceptRefusal::Expired, is_asked: true }.ok()
}

/// The page of a link that does not work. Rate-limited, so that an attacker who tries many links is slowed down.
async fn dead(db: &Db, visitor: VisitorContext, link: String, refusal: AcceptRefusal) -> web::Result<HttpResponse> {
    if refusal == AcceptRefusal::Unknown {
        throttle::count_dead_link(db, &visitor.request_info).await?;
    }
    DeadLink { visitor, link, refusal, is_asked: false }.with_status(StatusCode::GONE)
}
