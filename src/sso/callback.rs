//! The answer of a provider: its attempt is spent, the code exchanged, the answer verified, and then used for what the
//! attempt was begun for.

use super::{
    answer::{ProviderAnswer, ProviderRefusal},
    arrive::{Arrival, Arrived},
    attempts::{Attempt, Place, Purpose},
    linking, pages, proof,
    providers::{Brought, Party},
    start::SingleSignOn,
    test_sign_in,
    verified::{Means, Verified},
};
use crate::{
    connections::ConnectionKind,
    db::Db,
    kit::{ConnectionId, Fault},
    mail::Outbox,
    second_factors::SecondFactors,
    sessions::{self, DeviceCookies, SignedIn},
    web::{self, VisitorContext, see_other},
};
use actix_session::Session;
use actix_web::{
    HttpRequest, HttpResponse,
    web::{Data, Path, Query},
};
use serde::Deserialize;

/// The query of the callback (RFC 6749, section 4.1.2; RFC 9207). Providers add fields of their own.
#[derive(Deserialize)]
pub(super) struct CallbackQuery {
    #[serde(default)]
    state: String,
    code: Option<String>,
    iss: Option<String>,
    error: Option<String>,
}

pub(super) async fn callback(
    (req, session): (HttpRequest, Session),
    db: Data<Db>,
    (sso, outbox, devices, factors): (Data<SingleSignOn>, Data<Outbox>, Data<DeviceCookies>, Data<SecondFactors>),
    visitor: VisitorContext,
    place: Path<ConnectionId>,
    query: Query<CallbackQuery>,
) -> web::Result<HttpResponse> {
    let means = Means { sso, outbox, devices, factors };
    let (id, query) = (place.into_inner(), query.into_inner());
    let Some((party, attempt)) = spend(&means.sso, &req, &visitor, id, &query.state).await? else {
        return lapsed(&req, &db, id).await;
    };
    let brought = Brought { code: query.code, issuer: query.iss, error: query.error };
    let answered = verify(&means.sso, &party, &attempt, brought).await?;
    conclude(&means, (&req, &session), &db, visitor, (party, attempt), answered).await
}

/// Uses an answer for what its attempt was begun for.
pub(super) async fn conclude(
    means: &Means,
    (req, session): (&HttpRequest, &Session),
    db: &Db,
    visitor: VisitorContext,
    (party, attempt): (Party, Attempt),
    answered: Result<ProviderAnswer, ProviderRefusal>,
) -> web::Result<HttpResponse> {
    let id = party.connection.id;
    if let Purpose::Test(tester) = attempt.purpose {
        return test_sign_in::keep(&means.sso, req, &visitor, (party, tester), answered).await;
    }
    let answer = match answered {
        Ok(answer) => answer,
        Err(refusal) => {
            let refusal = means.sso.failed(id, refusal, visitor.request_info.now).await?;
            return pages::refused(visitor, &party.connection, refusal);
        }
    };
    let verified = Verified { party, attempt, answer };
    match verified.attempt.purpose {
        Purpose::Link(user) => linking::link(means, req, db, visitor, verified, user).await,
        Purpose::Prove(user) => proof::prove(means, (req, session), db, visitor, verified, user).await,
        Purpose::SignIn | Purpose::Test(_) => sign_in(means, (req, session), visitor, verified).await,
    }
}

/// Spends the attempt, and reads the connection with its secret. `None` for an answer that belongs to no open attempt of
/// this browser.
async fn spend(
    sso: &SingleSignOn,
    req: &HttpRequest,
    visitor: &VisitorContext,
    id: ConnectionId,
    state: &str,
) -> Result<Option<(Party, Attempt)>, Fault> {
    let (this, site, now) = (sso.clone(), visitor.site.clone(), visitor.request_info.now);
    let party = sso.db.read(move |conn| this.party(conn, id, &site, now)).await?;
    // Its answers come to another address.
    if party.connection.kind == ConnectionKind::Saml {
        return Err(Fault::Missing);
    }
    let place = Place { organization: party.connection.organization_id, connection: id };
    let (attempts, browser, state) = (sso.attempts.clone(), SingleSignOn::browser(req, &visitor.site), state.to_owned());
    let spent = sso.db.write(move |tx| attempts.spend(tx, place, browser.as_ref(), &state, now)).await;
    match spent {
        Ok(attempt) => Ok(Some((party, attempt))),
        Err(Fault::Missing) => Ok(None),
        Err(fault) => Err(fault),
    }
}

async fn verify(
    sso: &SingleSignOn,
    party: &Party,
    attempt: &Attempt,
    brought: Brought,
) -> Result<Result<ProviderAnswer, ProviderRefusal>, Fault> {
    let place = Place { organization: party.connection.organization_id, connection: party.connection.id };
    let (providers, party, attempt) = (sso.providers.clone(), party.clone(), attempt.clone());
    sso.off_thread(place, move || providers.accept(&party, &attempt, &brought)).await
}

/// A callback that was loaded again, restored with its tab, or took too long.
pub(super) async fn lapsed(req: &HttpRequest, db: &Db, id: ConnectionId) -> web::Result<HttpResponse> {
    if SignedIn::of(req, db).await?.is_some() {
        return Ok(see_other("/"));
    }
    let connection = db.read(move |conn| crate::connections::find_for_sign_in(conn, id)).await?;
    pages::lapsed(&connection)
}

async fn sign_in(
    means: &Means,
    (req, session): (&HttpRequest, &Session),
    visitor: VisitorContext,
    verified: Verified,
) -> web::Result<HttpResponse> {
    let browser = sessions::browser(&means.devices, req, &visitor);
    let (outbox, request_info) = (means.outbox.clone(), visitor.request_info.clone());
    let place = verified.place();
    let next = verified.attempt.next.clone();
    let (connection, answer) = (verified.party.connection.clone(), verified.answer.clone());
    let arrived = means
        .sso
        .db
        .write(move |tx| {
            let arrival = Arrival {
                outbox: &outbox,
                connection: &connection,
                answer: &answer,
                browser: &browser,
                request_info: &request_info,
            };
            arrival.arrive(tx)
        })
        .await?;
    match arrived {
        Arrived::Entered(conclusion) => {
            let next = if next.is_empty() {
                format!("/o/{}/users", place.organization)
            } else {
                next
            };
            sessions::enter_federated(session, &means.devices, &means.factors, &visitor, *conclusion, &next)
        }
        Arrived::Asked => linking::ask(means, req, &visitor, &verified).await,
        Arrived::Refused(refusal) => pages::refused(visitor, &verified.party.connection, refusal),
    }
}
