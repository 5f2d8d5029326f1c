//! Pages for a person's own second factors. They lie outside of any organization: a person who must set up a factor may
//! not be in one yet.

use super::passkeys;
use crate::{
    db::{Db, Tx},
    kit::{Fault, OperationResult, OrganizationId, Timestamp, secret::SecretString},
    mail::Outbox,
    passwords,
    second_factors::{self, AppRefusal, Held, Offer, SecondFactors},
    sessions::{self, SignedIn},
    users::User,
    web::{self, Back, Error, MemberContext, Notice, Posted, VisitorContext, created, filters, page, see_other},
};
use actix_session::Session;
use actix_web::{
    HttpResponse,
    http::StatusCode,
    web::{Data, Path, Query, ServiceConfig, resource},
};
use askama::Template;
use serde::Deserialize;

pub(super) fn mount(app: &mut ServiceConfig) {
    app.service(resource("/o/{organization}/me/two-step").route(web::get().to(show)));
    app.service(resource("/two-step").route(web::get().to(index)));
    let authenticator = resource("/two-step/authenticator");
    app.service(authenticator.route(web::get().to(new_app)).route(web::post().to(create_app)));
    let removal = resource("/two-step/authenticator/removal");
    app.service(removal.route(web::get().to(leave_app)).route(web::post().to(delete_app)));
    let codes = resource("/two-step/recovery-codes");
    app.service(codes.route(web::get().to(ask_codes)).route(web::post().to(renew_codes)));
    passkeys::mount(app);
}

/// A person's factors, and where their pages lead back to.
struct State {
    held: Held,
    offers_passkeys: bool,
    back: String,
    now: Timestamp,
}

#[derive(Template)]
#[template(path = "me/two_step.html")]
struct Inside {
    context: MemberContext,
    state: State,
}

#[derive(Template)]
#[template(path = "me/two_step_alone.html")]
struct Alone {
    visitor: VisitorContext,
    state: State,
    /// Organizations that do not open without a second factor.
    closed: Vec<String>,
}

async fn state(db: &Db, factors: &SecondFactors, signed_in: &SignedIn, back: String, now: Timestamp) -> Result<State, Error> {
    let user = signed_in.user.id;
    Ok(State {
        held: db.read(move |conn| second_factors::held(conn, user)).await?,
        offers_passkeys: factors.offers_passkeys(),
        back,
        now,
    })
}

async fn show(
    db: Data<Db>,
    factors: Data<SecondFactors>,
    context: MemberContext,
    signed_in: SignedIn,
    _: Path<OrganizationId>,
) -> web::Result<HttpResponse> {
    let state = state(&db, &factors, &signed_in, context.path("/me/two-step"), context.scope.now()).await?;
    page(StatusCode::OK, &Inside { context, state })
}

async fn index(db: Data<Db>, factors: Data<SecondFactors>, visitor: VisitorContext, signed_in: SignedIn) -> web::Result<HttpResponse> {
    if signed_in.must_change_password {
        return Err(Error::ChangePassword);
    }
    let now = visitor.request_info.now;
    let state = state(&db, &factors, &signed_in, "/two-step".into(), now).await?;
    let closed = if signed_in.lacks_second_factor {
        let demanding = signed_in.open().filter(|membership| membership.demands_two_step(now));
        demanding.map(|membership| membership.organization_name.clone()).collect()
    } else {
        vec![]
    };
    page(StatusCode::OK, &Alone { visitor, state, closed })
}

/// The page to go to afterwards.
pub(super) fn home(visitor: &VisitorContext, back: &str) -> String {
    Back { back: back.to_owned() }.path(&visitor.site, "/two-step".into())
}

/// Requires recent authentication, so that nobody changes factors from a browser that was left open.
pub(super) fn demand_proof(signed_in: &SignedIn, visitor: &VisitorContext) -> Result<(), Error> {
    if signed_in.must_change_password {
        return Err(Error::ChangePassword);
    }
    signed_in.require_reauthentication(visitor.request_info.now)
}

pub(super) fn done(visitor: &VisitorContext, back: &str, text: &str) -> HttpResponse {
    created(&visitor.site, &home(visitor, back), Notice::success(text))
}

#[derive(Template)]
#[template(path = "me/recovery_codes.html")]
struct Shown {
    codes: Vec<String>,
    /// Whether the codes came with the first factor.
    are_first: bool,
    back: String,
}

/// Begins a new session after the first factor was set up, and shows the recovery codes. Other sessions have ended,
/// because they showed the password alone; this one showed both.
pub(super) fn begin_anew(
    session: &Session,
    signed_in: &SignedIn,
    visitor: &VisitorContext,
    first: First,
    back: &str,
) -> web::Result<HttpResponse> {
    sessions::begin(session, signed_in.user.id, first.password, &visitor.request_info)?;
    show_codes(visitor, first.codes, true, back)
}

fn show_codes(visitor: &VisitorContext, codes: Vec<String>, are_first: bool, back: &str) -> web::Result<HttpResponse> {
    let back = home(visitor, back);
    page(StatusCode::OK, &Shown { codes, are_first, back })
}

/// What a first factor brings with it.
pub(super) struct First {
    codes: Vec<String>,
    /// When the proven password was chosen. It is read together with the factor, so that a session that begins now does
    /// not outlive a password that is chosen a moment later.
    password: Option<Timestamp>,
}

impl First {
    /// For the first recovery codes, ends every session: they began without a second step.
    pub fn of(tx: &mut Tx<'_>, user: &User, codes: Option<Vec<String>>) -> Result<Option<Self>, Fault> {
        let Some(codes) = codes else { return Ok(None) };
        sessions::end_all(tx, user.id)?;
        let password = passwords::find(tx, user.id)?.map(|password| password.changed_at);
        Ok(Some(Self { codes, password }))
    }
}

#[derive(Template)]
#[template(path = "me/authenticator.html")]
struct NewApp {
    visitor: VisitorContext,
    offer: Offer,
    back: String,
    complaint: Option<String>,
}

async fn new_app(
    db: Data<Db>,
    factors: Data<SecondFactors>,
    visitor: VisitorContext,
    signed_in: SignedIn,
    asked: Query<Back>,
) -> web::Result<HttpResponse> {
    demand_proof(&signed_in, &visitor)?;
    let back = home(&visitor, &asked.back);
    let user = signed_in.user.id;
    if db.read(move |conn| second_factors::held(conn, user)).await?.app.is_some() {
        return Ok(see_other(&back));
    }
    let offer = second_factors::offer(&factors, &signed_in.user, visitor.request_info.now)?;
    let complaint = None;
    page(
        StatusCode::OK,
        &NewApp {
            visitor,
            offer,
            back,
            complaint,
        },
    )
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
struct AppForm {
    offer: String,
    code: SecretString,
    back: String,
}

async fn create_app(
    session: Session,
    db: Data<Db>,
    outbox: Data<Outbox>,
    factors: Data<SecondFactors>,
    visitor: VisitorContext,
    signed_in: SignedIn,
    Posted(form): Posted<AppForm>,
) -> web::Result<HttpResponse> {
    demand_proof(&signed_in, &visitor)?;
    let (with, user, request_info) = (factors.clone(), signed_in.user.clone(), visitor.request_info.clone());
    let (sealed, code) = (form.offer.clone(), form.code);
    let enrolled = db
        .write(move |tx| {
            let codes = second_factors::enrol(tx, &with, &outbox, &user, &sealed, &code, &request_info)?;
            Ok(First::of(tx, &user, codes)?)
        })
        .await;
    let refusal = match enrolled.refused()? {
        Ok(Some(first)) => return begin_anew(&session, &signed_in, &visitor, first, &form.back),
        Ok(None) => return Ok(done(&visitor, &form.back, "Your authenticator app is added.")),
        Err(AppRefusal::AlreadyThere) => {
            return Ok(done(&visitor, &form.back, "You have an authenticator app already."));
        }
        Err(refusal) => refusal,
    };
    let now = visitor.request_info.now;
    let offer = match second_factors::offered(&factors, &signed_in.user, &form.offer, now)? {
        Some(offer) => offer,
        None => second_factors::offer(&factors, &signed_in.user, now)?,
    };
    let (back, complaint) = (home(&visitor, &form.back), Some(refusal.to_string()));
    page(
        StatusCode::UNPROCESSABLE_ENTITY,
        &NewApp {
            visitor,
            offer,
            back,
            complaint,
        },
    )
}

/// The page that asks before something is removed.
#[derive(Template)]
#[template(path = "me/two_step_confirm.html")]
pub(super) struct Confirm {
    pub visitor: VisitorContext,
    pub title: String,
    pub points: Vec<&'static str>,
    pub button: &'static str,
    pub is_dangerous: bool,
    pub back: String,
}

pub(super) const LAST: &str = "it is your last one: from then on your password alone lets you in, and your recovery codes are removed too";

async fn leave_app(db: Data<Db>, visitor: VisitorContext, signed_in: SignedIn, asked: Query<Back>) -> web::Result<HttpResponse> {
    demand_proof(&signed_in, &visitor)?;
    let user = signed_in.user.id;
    let held = db.read(move |conn| second_factors::held(conn, user)).await?;
    held.app.ok_or(Fault::Missing)?;
    let mut points = vec!["its codes work no more"];
    points.extend(visitor.site.mail.is_server().then_some("you are told by mail"));
    points.extend(held.is_last().then_some(LAST));
    let back = home(&visitor, &asked.back);
    page(
        StatusCode::OK,
        &Confirm {
            visitor,
            title: "Remove your authenticator app?".into(),
            points,
            button: "Remove the app",
            is_dangerous: true,
            back,
        },
    )
}

async fn delete_app(
    db: Data<Db>,
    outbox: Data<Outbox>,
    visitor: VisitorContext,
    signed_in: SignedIn,
    Posted(form): Posted<Back>,
) -> web::Result<HttpResponse> {
    demand_proof(&signed_in, &visitor)?;
    let request_info = visitor.request_info.clone();
    db.write(move |tx| second_factors::remove_app(tx, &outbox, &signed_in.user, &request_info))
        .await?;
    Ok(done(&visitor, &form.back, "Your authenticator app is removed."))
}

async fn ask_codes(db: Data<Db>, visitor: VisitorContext, signed_in: SignedIn, asked: Query<Back>) -> web::Result<HttpResponse> {
    demand_proof(&signed_in, &visitor)?;
    let user = signed_in.user.id;
    if !db.read(move |conn| second_factors::has_any(conn, user)).await? {
        return Err(Fault::Missing.into());
    }
    let back = home(&visitor, &asked.back);
    page(
        StatusCode::OK,
        &Confirm {
            visitor,
            title: "Make new recovery codes?".into(),
            points: vec![
                "the old ones work no more",
                "the new ones are shown once, to be printed or kept in a safe place",
            ],
            button: "Make new codes",
            is_dangerous: false,
            back,
        },
    )
}

async fn renew_codes(
    db: Data<Db>,
    outbox: Data<Outbox>,
    visitor: VisitorContext,
    signed_in: SignedIn,
    Posted(form): Posted<Back>,
) -> web::Result<HttpResponse> {
    demand_proof(&signed_in, &visitor)?;
    let request_info = visitor.request_info.clone();
    let codes = db
        .write(move |tx| second_factors::renew(tx, &outbox, &signed_in.user, &request_info))
        .await?;
    show_codes(&visitor, codes, false, &form.back)
}
