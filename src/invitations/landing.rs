//! Where the link in the letter leads: the page of whoever was invited.

use super::{
    AcceptRefusal, Acceptance, Way,
    accept::{self, Newcomer},
    pages::{Accept, DeadLink, WrongPerson},
};
use crate::{
    db::Db,
    kit::{
        Fault, Stop,
        secret::{Hidden, Secret},
    },
    mail::Post,
    members::NameFields,
    passwords::{Hasher, judge},
    sessions::{self, Devices, SignedIn},
    throttle,
    web::{self, Door, Field, Front, Notice, Posted, created, neighbourhood, page, secret_link},
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

/// Takes the secret out of the address; looks nothing up, so mail scanners may open it as often as they like.
async fn follow(front: Data<Front>, secret: Path<String>) -> HttpResponse {
    secret_link::keep(&front, &secret, "/invitation")
}

async fn look(db: &Db, door: &Door, secret: Secret) -> Result<Acceptance, Stop<AcceptRefusal>> {
    let now = door.occasion.now;
    db.read(move |conn| accept::look(conn, &secret, now)).await
}

async fn edit(req: HttpRequest, db: Data<Db>, door: Door) -> web::Result<HttpResponse> {
    let Some(secret) = secret_link::read(&req, &door.front) else {
        return dead(&db, door, AcceptRefusal::Unknown).await;
    };
    let invitation = match look(&db, &door, secret).await {
        Ok(invitation) => invitation,
        Err(Stop::Refused(refusal)) => return dead(&db, door, refusal).await,
        Err(Stop::Fault(fault)) => return Err(fault.into()),
    };
    match SignedIn::of(&req, &db).await? {
        Some(signed_in) if signed_in.user.id != invitation.user => page(
            StatusCode::OK,
            &WrongPerson {
                door,
                invitation,
                signed_in_as: signed_in.user.email,
            },
        ),
        _ => page(StatusCode::OK, &Accept::new(door, invitation)),
    }
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
struct AcceptForm {
    first_name: Field,
    last_name: Field,
    name: Field,
    /// For password managers, which fill it in; who it is about the link alone says.
    #[serde(rename = "username")]
    _username: String,
    password: Hidden,
}

async fn update(
    req: HttpRequest,
    session: Session,
    db: Data<Db>,
    hasher: Data<Hasher>,
    devices: Data<Devices>,
    door: Door,
    Posted(form): Posted<AcceptForm>,
) -> web::Result<HttpResponse> {
    let Some(secret) = secret_link::read(&req, &door.front) else {
        return dead(&db, door, AcceptRefusal::Unknown).await;
    };
    let invitation = match look(&db, &door, secret.clone()).await {
        Ok(invitation) => invitation,
        Err(Stop::Refused(refusal)) => return refused(&db, door, secret, refusal).await,
        Err(Stop::Fault(fault)) => return Err(fault.into()),
    };
    if let Some(signed_in) = SignedIn::of(&req, &db).await?
        && signed_in.user.id != invitation.user
    {
        return page(
            StatusCode::CONFLICT,
            &WrongPerson {
                door,
                invitation,
                signed_in_as: signed_in.user.email,
            },
        );
    }
    let way = invitation.way;
    let mut view = Accept::new(door.clone(), invitation);
    let newcomer = match way {
        Way::AsBefore => None,
        Way::ResetFirst => return page(StatusCode::CONFLICT, &view),
        Way::Newcomer => match newcomer(&hasher, &mut view, form).await? {
            Some(newcomer) => Some(newcomer),
            None => return page(StatusCode::UNPROCESSABLE_ENTITY, &view),
        },
    };
    let (spent, occasion) = (secret.clone(), door.occasion.clone());
    match db.write(move |tx| accept::accept(tx, &spent, newcomer.as_ref(), &occasion)).await {
        Ok(joined) if way == Way::AsBefore => {
            let notice = Notice::success("You have joined, with the password that you have already.");
            Ok(secret_link::forget(
                created(&door.front, &format!("/o/{}/users", joined.organization), notice),
                &door.front,
            ))
        }
        Ok(joined) => {
            sessions::begin(&session, joined.user.id, Some(door.occasion.now), &door.occasion)?;
            let notice = Notice::success("Welcome! You are in.");
            let mut response = created(&door.front, &format!("/o/{}/users", joined.organization), notice);
            let _ = response.add_cookie(&devices.cookie(&door.front, &joined.user));
            Ok(secret_link::forget(response, &door.front))
        }
        Err(Stop::Refused(refusal)) => refused(&db, door, secret, refusal).await,
        Err(Stop::Fault(fault)) => Err(fault.into()),
    }
}

/// Reads the form of somebody new; complaints stay in the view.
async fn newcomer(hasher: &Hasher, view: &mut Accept, form: AcceptForm) -> web::Result<Option<Newcomer>> {
    (view.first_name, view.last_name, view.name) = (form.first_name, form.last_name, form.name);
    let fields = NameFields {
        first: &mut view.first_name,
        last: &mut view.last_name,
        display: &mut view.name,
    };
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
        (Some(names), None) => Ok(Some(Newcomer {
            names,
            hash: hasher.hash(&form.password).await?,
        })),
        _ => Ok(None),
    }
}

/// What a refusal leaves behind besides its page.
async fn refused(db: &Db, door: Door, secret: Secret, refusal: AcceptRefusal) -> web::Result<HttpResponse> {
    let (occasion, which) = (door.occasion.clone(), refusal.clone());
    db.write(move |tx| match which {
        AcceptRefusal::Void => accept::remember_void(tx, &secret, &occasion),
        AcceptRefusal::Used => accept::remember_second_use(tx, &secret, &occasion),
        _ => Ok::<_, Fault>(()),
    })
    .await?;
    dead(db, door, refusal).await
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Nothing {}

async fn request(
    req: HttpRequest,
    db: Data<Db>,
    post: Data<Post>,
    door: Door,
    Posted(Nothing {}): Posted<Nothing>,
) -> web::Result<HttpResponse> {
    if let Some(secret) = secret_link::read(&req, &door.front) {
        let occasion = door.occasion.clone();
        db.write(move |tx| accept::ask_again(tx, &post, &secret, &occasion)).await?;
    }
    page(
        StatusCode::OK,
        &DeadLink {
            door,
            refusal: AcceptRefusal::Expired,
            is_asked: true,
        },
    )
}

/// The page of a link that does not work. Whoever tries many is slowed down.
async fn dead(db: &Db, door: Door, refusal: AcceptRefusal) -> web::Result<HttpResponse> {
    if refusal == AcceptRefusal::Unknown {
        let occasion = door.occasion.clone();
        let counted = db
            .write(move |tx| throttle::take(tx, "links", &neighbourhood(&occasion.address), throttle::LINKS, occasion.now))
            .await?;
        if let Err(wait) = counted {
            return Err(web::Error::TooMany(wait));
        }
    }
    page(
        StatusCode::GONE,
        &DeadLink {
            door,
            refusal,
            is_asked: false,
        },
    )
}
