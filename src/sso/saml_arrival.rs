//! The browser follows from the assertion consumer service, now with its cookies: it is compared with the one that began
//! the sign-in, attempt and arrival are spent, and what follows is as with every other provider.
//!
//! A refused response spends its arrival only. A form that the browser posts twice is refused once, as used before: the
//! response that was accepted is still on its way then, and needs the attempt.

use super::{
    answer::{ProviderAnswer, ProviderRefusal},
    attempts::{Attempt, Kept, Place, Purpose, spend_arrival},
    callback::{conclude, lapsed},
    providers::Party,
    start::SingleSignOn,
    verified::Means,
};
use crate::{
    db::Db,
    kit::{ConnectionId, Fault, secret::Secret},
    mail::Outbox,
    second_factors::SecondFactors,
    sessions::DeviceCookies,
    web::{self, VisitorContext},
};
use actix_session::Session;
use actix_web::{
    HttpRequest, HttpResponse,
    web::{Data, Path},
};
use serde::{Deserialize, Serialize};

pub(super) fn mount(app: &mut web::Routes) {
    app.service(web::resource("/sso/{connection}/saml/{arrival}").route(web::get().to(show)));
}

/// What the assertion consumer service keeps for the browser.
#[derive(Serialize, Deserialize, Clone, Debug)]
pub(super) struct SamlArrival {
    /// Which attempt it answers; `None` where the provider began.
    pub state: Option<String>,
    pub answer: Option<ProviderAnswer>,
    /// Why there is none, in words for administrators.
    pub refusal: Option<String>,
}

impl Kept for SamlArrival {
    const KIND: &'static str = "saml";
}

async fn show(
    (req, session): (HttpRequest, Session),
    db: Data<Db>,
    (sso, outbox, devices, factors): (Data<SingleSignOn>, Data<Outbox>, Data<DeviceCookies>, Data<SecondFactors>),
    visitor: VisitorContext,
    place: Path<(ConnectionId, String)>,
) -> web::Result<HttpResponse> {
    let means = Means { sso, outbox, devices, factors };
    let (id, secret) = place.into_inner();
    let (party, attempt, arrival) = match spend(&means.sso, &req, &visitor, id, &secret).await {
        Ok(spent) => spent,
        Err(Fault::Missing) => return lapsed(&req, &db, id).await,
        Err(fault) => return Err(fault.into()),
    };
    let answered = arrival.answer.ok_or(ProviderRefusal::Saml(arrival.refusal.unwrap_or_default()));
    conclude(&means, (&req, &session), &db, visitor, (party, attempt), answered).await
}

/// Spends the arrival, and the attempt that an accepted response answers.
///
/// # Errors
/// [`Fault::Missing`] if one of them is unknown, used, too old, or of another connection or browser.
async fn spend(
    sso: &SingleSignOn,
    req: &HttpRequest,
    visitor: &VisitorContext,
    id: ConnectionId,
    secret: &str,
) -> Result<(Party, Attempt, SamlArrival), Fault> {
    let secret = Secret::parse(secret).ok_or(Fault::Missing)?;
    let (this, site, now) = (sso.clone(), visitor.site.clone(), visitor.request_info.now);
    let party = sso.db.read(move |conn| this.party(conn, id, &site, now)).await?;
    let place = Place { organization: party.connection.organization_id, connection: id };
    let (attempts, browser) = (sso.attempts.clone(), SingleSignOn::browser(req, &visitor.site));
    let spent = sso.db.write(move |tx| {
        let (arrival, kept): (_, SamlArrival) = attempts.look(tx, place, browser.as_ref(), &secret, now)?;
        spend_arrival(tx, arrival, now)?;
        let attempt = match (&kept.state, &kept.answer) {
            (None, _) => Attempt::of_provider(),
            (Some(state), Some(_)) => attempts.spend(tx, place, browser.as_ref(), state, now)?,
            (Some(state), None) => attempts.named(tx.conn(), place, state, now)?.1,
        };
        Ok::<_, Fault>((attempt, kept))
    });
    let (attempt, kept) = spent.await?;
    Ok((party, attempt, kept))
}

impl Attempt {
    /// A sign-in that the provider began.
    fn of_provider() -> Self {
        Self {
            purpose: Purpose::SignIn,
            next: String::new(),
            nonce: String::new(),
            verifier: String::new(),
        }
    }
}
