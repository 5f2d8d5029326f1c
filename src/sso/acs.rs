//! The addresses of a connection with SAML that providers know: its metadata, and its assertion consumer service, to which
//! the provider has the browser post the response. That post comes from another site and brings no cookie, so nothing but
//! an arrival is written here; the browser is compared when it follows the redirect.

use super::{
    answer::{ProviderAnswer, ProviderRefusal},
    attempts::{Attempt, Place},
    pages,
    providers::Party,
    saml_answer,
    saml_arrival::SamlArrival,
    saml_seen,
    start::{SingleSignOn, with_cookie},
};
use crate::{
    connections::{self, ConnectionKind},
    db::{Conn, Tx},
    kit::{ConnectionId, Fault, RequestInfo, Timestamp, secret::Secret},
    saml::{Assertion, Refusal, metadata},
    throttle::{self, Bucket},
    web::{self, Error, LARGEST_SAML_RESPONSE, Site, see_other, subscriber_prefix},
};
use actix_web::{
    HttpMessage, HttpRequest, HttpResponse,
    http::header,
    web::{Data, Path, Payload, ReqData},
};
use chrono::TimeDelta;
use std::time::Duration;
use url::form_urlencoded;

/// How long an arrival waits for its browser, which follows at once.
const WAITS_FOR: TimeDelta = TimeDelta::minutes(1);
/// How long a response waits for others to be verified.
const PATIENCE: Duration = Duration::from_secs(5);

/// Outside of the sessions: no cookie is read here.
pub fn mount(app: &mut web::Routes) {
    app.service(web::resource("/sso/saml/{connection}").route(web::get().to(show)));
    app.service(web::resource("/sso/saml/{connection}/acs").route(web::post().to(create)));
}

/// Our metadata, for the provider.
async fn show(sso: Data<SingleSignOn>, site: Data<Site>, place: Path<ConnectionId>) -> web::Result<HttpResponse> {
    let id = place.into_inner();
    let load = move |conn: &mut Conn| {
        let connection = connections::find_for_sign_in(conn, id)?;
        let keys = connections::announced_keys(conn, connection.organization_id, id)?;
        Ok::<_, Fault>((connection, keys))
    };
    let (connection, keys) = sso.db.read(load).await?;
    if connection.kind != ConnectionKind::Saml {
        return Err(Fault::Missing.into());
    }
    let (entity_id, acs) = (site.link(&connection.entity_path()), site.link(&connection.callback_path()));
    let xml = metadata::write(&entity_id, &acs, &keys.signing, &keys.encryption);
    Ok(HttpResponse::Ok().insert_header((header::CONTENT_TYPE, "application/samlmetadata+xml")).body(xml))
}

/// The form that the provider's page posts (SAML Bindings, section 3.5).
struct ResponseForm {
    response: String,
    relay_state: String,
}

impl ResponseForm {
    /// # Errors
    /// [`Error::Malformed`].
    async fn read(req: &HttpRequest, payload: Payload) -> Result<Self, Error> {
        let malformed = || Error::Malformed("A response of an identity provider was expected.".into());
        if req.content_type() != "application/x-www-form-urlencoded" {
            return Err(malformed());
        }
        let body = payload.to_bytes_limited(LARGEST_SAML_RESPONSE).await;
        let body = body.map_err(|_| Error::TooLarge)?.map_err(|_| malformed())?;
        let values = |wanted: &str| -> Vec<String> {
            let named = form_urlencoded::parse(&body).filter(|(name, _)| name == wanted);
            named.map(|(_, value)| value.into_owned()).collect()
        };
        let (mut responses, mut states) = (values("SAMLResponse"), values("RelayState"));
        match (responses.pop(), states.pop()) {
            (Some(response), state) if responses.is_empty() && states.is_empty() => {
                Ok(Self { response, relay_state: state.unwrap_or_default() })
            }
            _ => Err(malformed()),
        }
    }
}

async fn create(
    req: HttpRequest,
    info: ReqData<RequestInfo>,
    (sso, site): (Data<SingleSignOn>, Data<Site>),
    place: Path<ConnectionId>,
    payload: Payload,
) -> web::Result<HttpResponse> {
    let (id, now) = (place.into_inner(), info.now);
    throttle::count_or_refuse(&sso.db, Bucket::SamlResponses, subscriber_prefix(&info.address), throttle::ADDRESS, now).await?;
    let (this, of) = (sso.clone(), site.clone());
    let party = sso.db.read(move |conn| this.party(conn, id, &of, now)).await?;
    if party.connection.kind != ConnectionKind::Saml {
        return Err(Fault::Missing.into());
    }
    let form = ResponseForm::read(&req, payload).await?;
    match Secret::parse(&form.relay_state) {
        Some(state) => solicited(&sso, party, state, form.response).await,
        // What else a provider sends here is its own, and leads nowhere.
        None => unsolicited(&sso, &site, party, form.response).await,
    }
}

/// The answer to a sign-in that began here. It has to answer the request of the attempt that RelayState names.
async fn solicited(sso: &SingleSignOn, party: Party, state: Secret, response: String) -> web::Result<HttpResponse> {
    let (place, now) = (place_of(&party), party.now);
    let (attempts, named) = (sso.attempts.clone(), state.expose().to_owned());
    let (browser, attempt) = match sso.db.read(move |conn| attempts.named(conn, place, &named, now)).await {
        Ok(found) => found,
        Err(Fault::Missing) => return pages::lapsed(&party.connection),
        Err(fault) => return Err(fault.into()),
    };
    let verified = verify(sso, party.clone(), Some(attempt), response).await?;
    keep(sso, party, Some(state), browser, verified).await
}

/// A sign-in that the provider began. It counts in the browser that gets the cookie with this answer.
async fn unsolicited(sso: &SingleSignOn, site: &Site, party: Party, response: String) -> web::Result<HttpResponse> {
    let verified = verify(sso, party.clone(), None, response).await?;
    match verified {
        Ok(_) => {
            let browser = Secret::generate();
            let answer = keep(sso, party, None, browser.digest(), verified).await?;
            Ok(with_cookie(site, &browser, answer)?)
        }
        Err(refusal) => {
            // Only what is known to be signed by the provider leaves a trace: anybody can post here.
            if refusal == Refusal::Unsolicited {
                sso.failed(party.connection.id, ProviderRefusal::Saml(refusal.to_string()), party.now).await?;
            }
            pages::lapsed(&party.connection)
        }
    }
}

fn place_of(party: &Party) -> Place {
    Place { organization: party.connection.organization_id, connection: party.connection.id }
}

/// Verifies a response on a thread that may be busy, a few at once.
async fn verify(sso: &SingleSignOn, party: Party, attempt: Option<Attempt>, response: String) -> Result<Result<Assertion, Refusal>, Fault> {
    let turn = tokio::time::timeout(PATIENCE, sso.verifications.clone().acquire_owned()).await;
    let turn = turn.map_err(Fault::unavailable)?.map_err(Fault::broken)?;
    let work = move || {
        let _turn = turn;
        party.saml().verify(attempt.as_ref(), &response)
    };
    tokio::task::spawn_blocking(work).await.map_err(Fault::broken)
}

/// Keeps what came for the browser that follows the redirect, and spends the assertion in the same transaction.
async fn keep(
    sso: &SingleSignOn,
    party: Party,
    state: Option<Secret>,
    browser: Vec<u8>,
    verified: Result<Assertion, Refusal>,
) -> web::Result<HttpResponse> {
    let (attempts, place, now) = (sso.attempts.clone(), place_of(&party), party.now);
    let state = state.map(|state| state.expose().to_owned());
    let kept = sso.db.write(move |tx| {
        let answered = use_once(tx, &party, &verified)?;
        let arrival = SamlArrival {
            state: state.clone(),
            refusal: answered.as_ref().err().map(ToString::to_string),
            answer: answered.ok(),
        };
        attempts.keep_until(tx, place, &browser, &arrival, (now, now + WAITS_FOR))
    });
    let secret = kept.await?;
    Ok(see_other(&format!("/sso/{}/saml/{}", place.connection, secret.expose())))
}

/// What a verified assertion says, if it was not used before.
fn use_once(
    tx: &mut Tx<'_>,
    party: &Party,
    verified: &Result<Assertion, Refusal>,
) -> Result<Result<ProviderAnswer, ProviderRefusal>, Fault> {
    let assertion = match verified {
        Ok(assertion) => assertion,
        Err(refusal) => return Ok(Err(ProviderRefusal::Saml(refusal.to_string()))),
    };
    if !saml_seen::insert(tx, place_of(party), &assertion.id, Timestamp::from(assertion.valid_until))? {
        return Ok(Err(ProviderRefusal::Replayed));
    }
    Ok(saml_answer::read(assertion, &party.connection.settings.0.saml, party.now))
}
