//! Pages for a person's own second factors. They lie outside of any organization: a person who must set up a factor may
//! not be in one yet.

use super::factor_pages::{Confirm, First, begin_anew, demand_proof, done, home, show_codes};
use crate::{
    db::Db,
    kit::{Fault, OperationResult, OrganizationId, Timestamp, secret::SecretString},
    mail::Outbox,
    second_factors::{self, AppRefusal, Held, Offer, SecondFactors},
    sessions::SignedIn,
    web::{self, Back, Error, MemberContext, Posted, VisitorContext, filters, page, see_other},
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
    page(StatusCode::OK, &NewApp { visitor, offer, back, complaint })
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
    page(StatusCode::UNPROCESSABLE_ENTITY, &NewApp { visitor, offer, back, complaint })
}

async fn leave_app(db: Data<Db>, visitor: VisitorContext, signed_in: SignedIn, asked: Query<Back>) -> web::Result<HttpResponse> {
    demand_proof(&signed_in, &visitor)?;
    let user = signed_in.user.id;
    let held = db.read(move |conn| second_factors::held(conn, user)).await?;
    held.app.ok_or(Fault::Missing)?;
    let title = ("Remove your authenticator app?".into(), "Remove the app");
    page(
        StatusCode::OK,
        &Confirm::removal(visitor, title, "its codes work no more", held.is_last(), &asked.back),
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
    db.write(move |tx| second_factors::remove_app(tx, &outbox, &signed_in.user, &request_info)).await?;
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
    let codes = db.write(move |tx| second_factors::renew(tx, &outbox, &signed_in.user, &request_info)).await?;
    show_codes(&visitor, codes, false, &form.back)
}
