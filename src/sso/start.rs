//! Beginning a sign-in: an attempt is stored, and the browser leaves for the provider.

use super::{
    answer::ProviderRefusal,
    attempts::{Attempt, Attempts, Place, Purpose},
    pages::Leaving,
    providers::{Party, Providers},
    refusal::SsoRefusal,
};
use crate::{
    connections::{self, ClientSecrets, Connection, ConnectionKind, PrivateKeys},
    db::{Conn, Db},
    kit::{
        ConnectionId, Fault, OperationError, OperationResult, Timestamp,
        secret::{MasterKey, Secret, SecretString},
    },
    outbound::Outbound,
    web::{self, Respond, Site, VisitorContext, cookie, see_other},
};
use actix_web::{HttpRequest, HttpResponse, cookie::time::Duration};
use std::sync::Arc;
use tokio::sync::Semaphore;

/// The cookie that ties attempts to the browser.
const COOKIE: &str = "sso";
/// How many responses (SAML) are verified at once.
const MOST_VERIFICATIONS: usize = 4;

/// What the handlers of single sign-on share.
#[derive(Clone)]
pub struct SingleSignOn {
    pub(super) db: Db,
    pub(super) attempts: Attempts,
    pub(super) secrets: ClientSecrets,
    pub(super) providers: Providers,
    /// Limits how many responses (SAML) are verified at once.
    pub(super) verifications: Arc<Semaphore>,
}

/// An attempt that was stored, and where the browser goes.
pub(super) struct Begun {
    /// The address at the provider.
    url: String,
    browser: Secret,
    connection: Connection,
}

impl SingleSignOn {
    pub fn new(db: Db, key: &MasterKey, outbound: Outbound) -> Self {
        Self {
            db,
            attempts: Attempts::new(key),
            secrets: ClientSecrets::new(key),
            providers: Providers::new(outbound),
            verifications: Arc::new(Semaphore::new(MOST_VERIFICATIONS)),
        }
    }

    /// The browser's secret, if it began an attempt before.
    pub(super) fn browser(req: &HttpRequest, site: &Site) -> Option<Secret> {
        Secret::parse(req.cookie(&site.cookie_name(COOKIE))?.value())
    }

    /// A connection with what is needed to speak with its provider.
    pub(super) fn party(&self, conn: &mut Conn, id: ConnectionId, site: &Site, now: Timestamp) -> Result<Party, Fault> {
        let connection = connections::find_for_sign_in(conn, id)?;
        let organization = connection.organization_id;
        let is_saml = connection.kind == ConnectionKind::Saml;
        let (secret, certificates, keys) = if is_saml {
            let keys = connections::private_keys(conn, &self.secrets, organization, id)?;
            (SecretString::default(), connections::certificates(conn, organization, id)?, keys)
        } else {
            let secret = self.secrets.open(conn, organization, id)?.ok_or(Fault::Missing)?;
            (secret, Vec::new(), PrivateKeys::default())
        };
        let (callback, entity_id) = (site.link(&connection.callback_path()), site.link(&connection.entity_path()));
        Ok(Party { connection, secret, certificates, keys, callback, entity_id, now })
    }

    /// Stores an attempt, and finds out where the browser goes. A draft can be tested; everything else needs an enabled
    /// connection.
    ///
    /// # Errors
    /// An [`SsoRefusal`], or [`Fault::Missing`].
    pub(super) async fn begin(
        &self,
        req: &HttpRequest,
        visitor: &VisitorContext,
        id: ConnectionId,
        (purpose, next, login_hint): (Purpose, String, String),
    ) -> Result<Begun, OperationError<SsoRefusal>> {
        let (this, site, now) = (self.clone(), visitor.site.clone(), visitor.request_info.now);
        let party = self.db.read(move |conn| this.party(conn, id, &site, now)).await?;
        if !party.connection.is_enabled() && !matches!(purpose, Purpose::Test(_)) {
            return Err(OperationError::Refused(SsoRefusal::ConnectionOff));
        }
        let connection = party.connection.clone();
        let place = Place { organization: connection.organization_id, connection: id };
        let secret = || Secret::generate();
        let (state, browser) = (secret(), Self::browser(req, &visitor.site).unwrap_or_else(secret));
        let attempt = Attempt {
            purpose,
            next,
            nonce: secret().expose().to_owned(),
            verifier: secret().expose().to_owned(),
        };
        let (providers, asked, sent) = (self.providers.clone(), attempt.clone(), state.clone());
        let ask = move || providers.ask(&party, sent.expose(), &asked, &login_hint);
        let url = match self.off_thread(place, ask).await? {
            Ok(url) => url,
            Err(refusal) => return Err(OperationError::Refused(self.failed(id, refusal, now).await?)),
        };
        let (attempts, whose) = (self.attempts.clone(), browser.clone());
        self.db.write(move |tx| attempts.begin(tx, place, &whose, &state, &attempt, now)).await?;
        Ok(Begun { url, browser, connection })
    }

    /// Runs work that asks a provider, outside the async threads.
    pub(super) async fn off_thread<T: Send + 'static>(
        &self,
        place: Place,
        work: impl FnOnce() -> Result<T, ProviderRefusal> + Send + 'static,
    ) -> Result<Result<T, ProviderRefusal>, Fault> {
        self.providers.outbound.off_thread(place.organization, work).await
    }

    /// Records what was wrong with the provider's answer.
    pub(super) async fn failed(&self, id: ConnectionId, refusal: ProviderRefusal, now: Timestamp) -> Result<SsoRefusal, Fault> {
        let why = refusal.to_string();
        self.db.write(move |tx| connections::failed(tx, id, &why, now)).await?;
        Ok(SsoRefusal::Provider(refusal))
    }
}

/// The answer, with the cookie that ties attempts to this browser.
pub(super) fn with_cookie(site: &Site, browser: &Secret, mut response: HttpResponse) -> Result<HttpResponse, Fault> {
    let kept = cookie(site, COOKIE, browser.expose().to_owned()).max_age(Duration::days(1)).finish();
    response.add_cookie(&kept).map_err(Fault::broken)?;
    Ok(response)
}

impl Begun {
    /// Leads the browser to the provider at once: the answer to a link.
    pub fn lead(&self, visitor: &VisitorContext) -> web::Result<HttpResponse> {
        Ok(with_cookie(&visitor.site, &self.browser, see_other(&self.url))?)
    }
    /// Shows a page that leads on: the answer to a form, whose redirect to another site the browser would not follow
    /// (`form-action`).
    pub fn show(self, visitor: &VisitorContext) -> web::Result<HttpResponse> {
        let page = Leaving { url: self.url.clone(), name: self.connection.name.clone() };
        Ok(with_cookie(&visitor.site, &self.browser, page.ok()?)?)
    }
}

/// Separates what was begun from why not.
pub(super) fn begun(outcome: Result<Begun, OperationError<SsoRefusal>>) -> Result<Result<Begun, SsoRefusal>, Fault> {
    outcome.refused()
}
