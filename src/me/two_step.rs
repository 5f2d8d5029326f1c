//! Pages for a person's own second factors. They lie outside of any organization: a person who must set up a factor may
//! not be in one yet.

use super::factor_pages::{Confirm, First, begin_anew, demand_proof, done, held, home, keeps_factor, removed, show_codes};
use crate::{
    db::Db,
    kit::{Fault, OperationResult, OrganizationId, Timestamp, secret::SecretString},
    mail::Outbox,
    second_factors::{self, AppRefusal, Held, Offer, SecondFactors},
    sessions::SignedIn,
    web::{self, Back, Error, MemberContext, Posted, Respond, VisitorContext, filters, see_other},
};
use actix_session::Session;
use actix_web::{
    HttpResponse,
    web::{Data, Path, Query},
};
use askama::Template;
use serde::Deserialize;

pub(super) fn mount(app: &mut web::Routes) {
    app.service(web::resource("/o/{organization}/me/two-step").route(web::get().to(show)));
    app.service(web::resource("/two-step").route(web::get().to(index)));
    let authenticator = web::resource("/two-step/authenticator");
    app.service(authenticator.route(web::get().to(new_app)).route(web::post().to(create_app)));
    let removal = web::resource("/two-step/authenticator/removal");
    app.service(removal.route(web::get().to(leave_app)).route(web::post().to(delete_app)));
    let codes = web::resource("/two-step/recovery-codes");
    app.service(codes.route(web::get().to(ask_codes)).route(web::post().to(renew_codes)));
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
struct VisitorTwoStep {
    visitor: VisitorContext,
    state: State,
    /// Organizations that do not open without a second factor.
    closed: Vec<String>,
}

async fn state(db: &Db, factors: &SecondFactors, signed_in: &SignedIn, back: String, now: Timestamp) -> Result<State, Error> {
    let held = held(db, signed_in).await?;
    Ok(State { held, offers_passkeys: factors.offers_passkeys(), back, now })
}

async fn show(
    db: Data<Db>,
    factors: Data<SecondFactors>,
    context: MemberContext,
    signed_in: SignedIn,
    _: Path<OrganizationId>,
) -> web::Result<HttpResponse> {
    let state = state(&db, &factors, &signed_in, context.path("/me/two-step"), context.scope.now()).await?;
    Inside { context, state }.ok()
}

async fn index(db: Data<Db>, factors: Data<SecondFactors>, visitor: VisitorContext, signed_in: SignedIn) -> web::Result<HttpResponse> {
    if signed_in.must_change_password {
        return Err(Error::ChangePassword);
    }
    let now = visitor.request_info.now;
    let state = state(&db, &factors, &signed_in, "/two-step".into(), now).await?;
    VisitorTwoStep { visitor, state, closed: closed(&signed_in, now) }.ok()
}

/// The names of the organizations that do not open to the person without a second factor.
fn closed(signed_in: &SignedIn, now: Timestamp) -> Vec<String> {
    let demanding = signed_in
        .open()
        .filter(|membership| signed_in.lacks_second_factor && membership.demands_two_step(now));
    demanding.map(|membership| membership.organization_name.clone()).collect()
}

#[derive(Template)]
#[template(path = "me/authenticator.html")]
struct NewApp {
    visitor: VisitorContext,
    offer: Offer,
    back: String,
    complaint: Option<String>,
}

impl NewApp {
    fn new(visitor: VisitorContext, offer: Offer, back: &str, complaint: Option<String>) -> Self {
        Self { back: home(&visitor, back), visitor, offer, complaint }
    }
}

async fn new_app(
    db: Data<Db>,
    factors: Data<SecondFactors>,
    visitor: VisitorContext,
    signed_in: SignedIn,
    asked: Query<Back>,
) -> web::Result<HttpResponse> {
    demand_proof(&signed_in, &visitor)?;
    if held(&db, &signed_in).await?.app.is_some() {
        return Ok(see_other(&home(&visitor, &asked.back)));
    }
    let offer = second_factors::offer(&factors, &signed_in.user, visitor.request_info.now)?;
    NewApp::new(visitor, offer, &asked.back, None).ok()
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
    match enrolled.refused()? {
        Ok(Some(first)) => begin_anew(&session, &signed_in, &visitor, first, &form.back),
        Ok(None) => Ok(done(&visitor, &form.back, "Your authenticator app is added.")),
        Err(AppRefusal::AlreadyThere) => Ok(done(&visitor, &form.back, "You have an authenticator app already.")),
        Err(refusal) => {
            let offer = offer_again(&factors, &signed_in, &form.offer, visitor.request_info.now)?;
            NewApp::new(visitor, offer, &form.back, Some(refusal.to_string())).unprocessable()
        }
    }
}

/// The offer that the page showed, or a new one if that has expired.
fn offer_again(factors: &SecondFactors, signed_in: &SignedIn, sealed: &str, now: Timestamp) -> Result<Offer, Fault> {
    match second_factors::offered(factors, &signed_in.user, sealed, now)? {
        Some(offer) => Ok(offer),
        None => second_factors::offer(factors, &signed_in.user, now),
    }
}

async fn leave_app(db: Data<Db>, visitor: VisitorContext, signed_in: SignedIn, asked: Query<Back>) -> web::Result<HttpResponse> {
    demand_proof(&signed_in, &visitor)?;
    let held = held(&db, &signed_in).await?;
    held.app.ok_or(Fault::Missing)?;
    let title = ("Remove your authenticator app?".into(), "Remove the app");
    Confirm::removal(visitor, title, "its codes work no more", held.is_last(), &asked.back).ok()
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
    let removal = db.write(move |tx| {
        second_factors::remove_app(tx, &outbox, &signed_in.user, &request_info)?;
        keeps_factor(tx, signed_in.user.id)
    });
    Ok(removed(&visitor, &form.back, removal.await.refused()?, "Your authenticator app is removed."))
}

async fn ask_codes(db: Data<Db>, visitor: VisitorContext, signed_in: SignedIn, asked: Query<Back>) -> web::Result<HttpResponse> {
    demand_proof(&signed_in, &visitor)?;
    let user = signed_in.user.id;
    if !db.read(move |conn| second_factors::has_any(conn, user)).await? {
        return Err(Fault::Missing.into());
    }
    Confirm::new_codes(visitor, &asked.back).ok()
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
    let codes = db.write(move |tx| second_factors::renew(tx, &outbox, &signed_in.user, &request_info)).await?;
    show_codes(&visitor, codes, false, &form.back)
}
