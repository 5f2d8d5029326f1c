//! The extractor that authenticates the caller of every API route, and their access to the database.

use super::{parameters::WriteParameters, problems};
use crate::{
    api_access::{self, Holder, VerifiedCache},
    db::{Conn, Db, Tx},
    idempotency::{self, Claim},
    kit::{Fault, OperationResult, RequestInfo, Scope, TokenId, fault::Retry, secret::SecretString},
    passwords::Hasher,
    throttle::{self, Bucket},
    tokens::{self, Bearer, TokenRejection, TokenText, Used, Uses},
    web::{Error, is_scim, subscriber_prefix},
};
use actix_web::{FromRequest, HttpMessage, HttpRequest, dev::Payload, http::header, web::Data};
use base64::{Engine, engine::general_purpose::STANDARD};
use std::{
    future::{Future, ready},
    pin::Pin,
};

/// The authenticated caller, and what their credential lets them do.
#[derive(Clone, Debug)]
pub struct Caller {
    pub scope: Scope,
    pub organization_name: String,
    pub credential: Credential,
    /// The claim on the idempotency key of this request, if it has one.
    pub(super) claim: Option<Claim>,
}

impl Caller {
    /// Names the credential, for what is counted and kept for each.
    pub fn credential_key(&self) -> String {
        match &self.credential {
            Credential::Token(bearer) => format!("token {}", bearer.token),
            Credential::ApiPassword => format!("password {}", self.scope.actor.face()),
        }
    }

    /// The token, if the caller sent one.
    pub(super) fn token(&self) -> Option<TokenId> {
        match &self.credential {
            Credential::Token(bearer) => Some(bearer.token),
            Credential::ApiPassword => None,
        }
    }

    /// [`Db::read`] with the caller's scope.
    ///
    /// # Errors
    /// As [`Db::read`].
    pub(super) async fn read<T, E>(&self, db: &Db, work: impl Fn(&mut Conn, &Scope) -> Result<T, E> + Send + 'static) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<Fault> + Retry + Send + 'static,
    {
        let scope = self.scope.clone();
        db.read(move |conn| work(conn, &scope)).await
    }

    /// [`Db::write`] with the caller's scope. A dry run does the same and takes it back. The idempotency key of the
    /// request is marked in the same transaction.
    ///
    /// # Errors
    /// As [`Db::write`].
    pub(super) async fn write<T, E>(
        &self,
        db: &Db,
        how: WriteParameters,
        mut work: impl FnMut(&mut Tx<'_>, &Scope) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<Fault> + From<diesel::result::Error> + Retry + Send + 'static,
    {
        let (scope, claim) = (self.scope.clone(), self.claim.clone());
        db.write(move |tx| {
            if how.dry_run {
                return tx.rehearse(|tx| work(tx, &scope));
            }
            if let Some(claim) = &claim {
                idempotency::mark(tx, claim)?;
            }
            work(tx, &scope)
        })
        .await
    }
}

/// The credential that the caller presented.
#[derive(Clone, Debug)]
pub enum Credential {
    Token(Box<Bearer>),
    ApiPassword,
}

/// The credential as sent, before anything is looked up.
enum RawCredential {
    Bearer(TokenText),
    Basic(String, SecretString),
}

/// Longer than any credential that Roster issues.
const LONGEST: usize = 2_000;

/// Reads the one `Authorization` header (RFC 6750, section 2.1; RFC 7617).
fn sent(req: &HttpRequest) -> Result<RawCredential, Error> {
    if has_token_in_address(req) {
        return Err(problems::in_address());
    }
    let mut headers = req.headers().get_all(header::AUTHORIZATION);
    let first = headers.next().ok_or_else(problems::missing)?;
    if headers.next().is_some() {
        return Err(problems::unreadable("There are two Authorization headers. Send one."));
    }
    let text = first.to_str().ok().filter(|text| text.len() <= LONGEST);
    let text = text.ok_or_else(|| problems::unreadable("The Authorization header holds something it should not."))?;
    let (scheme, rest) = text
        .split_once(' ')
        .ok_or_else(|| problems::unreadable("The Authorization header reads Bearer or Basic, a space, and the credential."))?;
    // One or more spaces separate the scheme from the credential (RFC 9110, section 11.4).
    let rest = rest.trim_matches(' ');
    if scheme.eq_ignore_ascii_case("bearer") {
        return TokenText::parse(rest).map(RawCredential::Bearer).map_err(problems::malformed);
    }
    if scheme.eq_ignore_ascii_case("basic") {
        return basic(rest).ok_or_else(|| problems::unreadable("Basic is followed by base64 of username, colon and API password."));
    }
    Err(problems::unreadable("Only Bearer and Basic are understood."))
}

fn basic(text: &str) -> Option<RawCredential> {
    let whole = String::from_utf8(STANDARD.decode(text).ok()?).ok()?;
    let (username, password) = whole.split_once(':')?;
    let is_typed = !username.is_empty() && !whole.contains(|c: char| c.is_control());
    is_typed.then(|| RawCredential::Basic(username.to_owned(), SecretString::new(password)))
}

/// Roster does not offer tokens in the URL (RFC 6750, section 2.3). A client that puts one there is refused, so that it
/// does not go on.
fn has_token_in_address(req: &HttpRequest) -> bool {
    let pairs: Vec<(String, String)> = serde_html_form::from_str(req.query_string()).unwrap_or_default();
    let is_token = |(name, value): &(String, String)| name == "access_token" || TokenText::parse(value).is_ok();
    pairs.iter().any(is_token) || ["rst_s_", "rst_u_"].iter().any(|sign| req.query_string().contains(sign))
}

/// The services that the app gives to every worker.
struct AuthServices {
    db: Data<Db>,
    uses: Data<Uses>,
    hasher: Data<Hasher>,
    verified_cache: Data<VerifiedCache>,
    request_info: RequestInfo,
    /// Whether the request is one of SCIM.
    is_scim: bool,
}

impl AuthServices {
    fn of(req: &HttpRequest) -> Option<Self> {
        Some(Self {
            db: req.app_data::<Data<Db>>()?.clone(),
            uses: req.app_data::<Data<Uses>>()?.clone(),
            hasher: req.app_data::<Data<Hasher>>()?.clone(),
            verified_cache: req.app_data::<Data<VerifiedCache>>()?.clone(),
            request_info: req.extensions().get::<RequestInfo>()?.clone(),
            is_scim: is_scim(req.path()),
        })
    }

    async fn bearer(self, text: TokenText) -> Result<Caller, Error> {
        let (now, digest) = (self.request_info.now, text.digest());
        let issued = self
            .db
            .check_kept(("token", digest.clone()), now, move |conn| tokens::find_issued(conn, &text, now))
            .await?;
        let Some(issued) = issued else {
            self.count().await?;
            return Err(problems::closed(TokenRejection::Unknown));
        };
        let bearer = issued.verify(&self.request_info).map_err(problems::closed)?;
        if bearer.is_provisioner && !self.is_scim {
            return Err(problems::for_scim_only());
        }
        let used = Used::Token { id: bearer.token, digest };
        let scope = bearer.scope.clone();
        self.note(&scope, used);
        Ok(Caller {
            scope,
            organization_name: bearer.organization_name.clone(),
            credential: Credential::Token(Box::new(bearer)),
            claim: None,
        })
    }

    async fn basic(self, username: String, password: SecretString) -> Result<Caller, Error> {
        let verified = api_access::verify(&self.db, &self.hasher, &self.verified_cache, &username, &password, &self.request_info)
            .await
            .refused()?;
        let Holder { organization_name, scope } = verified.map_err(problems::refused)?;
        self.note(&scope, Used::ApiPassword);
        Ok(Caller { scope, organization_name, credential: Credential::ApiPassword, claim: None })
    }

    fn note(&self, scope: &Scope, used: Used) {
        if let Some(member) = scope.actor.member_id() {
            self.uses.note(scope.organization, member, used, &self.request_info);
        }
    }

    /// Counts an unknown token. A client that tries many from one address is rate-limited.
    async fn count(&self) -> Result<(), Error> {
        let (address, now) = (subscriber_prefix(&self.request_info.address), self.request_info.now);
        throttle::count_or_refuse(&self.db, Bucket::ApiAddress, address, throttle::ADDRESS, now).await
    }
}

impl FromRequest for Caller {
    type Error = Error;
    type Future = Pin<Box<dyn Future<Output = Result<Self, Error>>>>;

    fn from_request(req: &HttpRequest, _: &mut Payload) -> Self::Future {
        // `conventions` authenticated the caller already.
        if let Some(caller) = req.extensions_mut().remove::<Self>() {
            return Box::pin(ready(Ok(caller)));
        }
        let (services, sent) = (AuthServices::of(req), sent(req));
        Box::pin(async move {
            let services = services.ok_or_else(|| Fault::broken("the app lacks what the API needs"))?;
            match sent? {
                RawCredential::Bearer(text) => services.bearer(text).await,
                RawCredential::Basic(username, password) => services.basic(username, password).await,
            }
        })
    }
}
