//! What every page is rendered with: [`VisitorContext`] for visitors, [`MemberContext`] for members inside an
//! organization. It relies on the injected [`Authenticator`].

use super::{Draft, Error, Notice, Site, csrf, flash, page::reauthentication, pending_form::ReturnTo};
use crate::{
    db::{Conn, Db, Tx},
    kit::{Fault, OrganizationId, RequestInfo, Scope, Timestamp, fault::Retry},
};
use actix_web::{FromRequest, HttpMessage, HttpRequest, dev::Payload, web::Data};
use chrono::TimeDelta;
use diesel::result::Error as DieselError;
use std::{
    future::{Future, Ready, ready},
    pin::Pin,
    rc::Rc,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

/// How long a proof of identity is good enough for sensitive operations after its last use.
///
/// OWASP ASVS 5.0, 7.5.1, requires full re-authentication before sign-in data (email, second factors) is changed. 7.5.3
/// requires a further proof before highly sensitive operations. NIST SP 800-63B-4 lets a session of its highest level
/// (AAL3) be idle for 15 minutes. So a proof lasts while its owner goes on working, with gaps of at most 15 minutes,
/// and never longer than `LONGEST`. When members change their own factors, the 15 minutes do not slide.
pub const RECENT: TimeDelta = TimeDelta::minutes(15);
/// Maximum lifetime of a proof, however often it is used.
const LONGEST: TimeDelta = TimeDelta::hours(2);

/// Whether a proof of this time and this last use is good enough now.
pub fn is_recent(now: Timestamp, reauthenticated_at: Timestamp, used_at: Option<Timestamp>) -> bool {
    let latest = used_at.map_or(reauthenticated_at, |used_at| used_at.max(reauthenticated_at));
    now - latest <= RECENT && now - reauthenticated_at <= LONGEST
}

/// The context of a page without sign-in: request details and what its forms need.
#[derive(Clone)]
pub struct VisitorContext {
    pub request_info: RequestInfo,
    /// The requested path.
    pub here: String,
    pub csrf: String,
    pub notice: Option<Notice>,
    pub site: Data<Site>,
}

impl VisitorContext {
    pub(super) fn of(req: &HttpRequest) -> Result<Self, Error> {
        let site = req.app_data::<Data<Site>>().ok_or_else(|| Fault::broken("the app has no site"))?.clone();
        let request_info = req
            .extensions()
            .get::<RequestInfo>()
            .cloned()
            .ok_or_else(|| Fault::broken("no middleware read the request info"))?;
        Ok(Self {
            csrf: csrf::token(req, &site),
            notice: flash::read(req, &site),
            here: req.path().to_owned(),
            request_info,
            site,
        })
    }
}

impl FromRequest for VisitorContext {
    type Error = Error;
    type Future = Ready<Result<Self, Error>>;
    fn from_request(req: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(Self::of(req))
    }
}

/// The context of a page inside an organization, and the scope in which its handlers work.
#[derive(Clone)]
pub struct MemberContext {
    pub scope: Scope,
    pub organization_name: String,
    pub email: String,
    /// Other organizations of the same person, to switch to.
    pub others: Vec<(OrganizationId, String)>,
    /// When the person of this session last proved their identity, and when that proof was last used.
    pub reauthenticated_at: Timestamp,
    pub reauthentication_used_at: Option<Timestamp>,
    /// Whether this request uses the proof.
    uses_reauthentication: Arc<AtomicBool>,
    /// Input that was kept for this page and is still to be shown.
    pub draft: Option<Draft>,
    /// The time from which this person, who has no second factor, loses access to the organization.
    pub two_step_due: Option<Timestamp>,
    /// The requested path.
    pub here: String,
    pub csrf: String,
    pub notice: Option<Notice>,
    pub site: Data<Site>,
}

impl MemberContext {
    pub fn new(
        visitor: VisitorContext,
        scope: Scope,
        organization_name: String,
        email: String,
        others: Vec<(OrganizationId, String)>,
        reauthenticated_at: Timestamp,
    ) -> Self {
        Self {
            scope,
            organization_name,
            email,
            others,
            reauthenticated_at,
            reauthentication_used_at: None,
            uses_reauthentication: Arc::default(),
            draft: None,
            two_step_due: None,
            here: visitor.here,
            csrf: visitor.csrf,
            notice: visitor.notice,
            site: visitor.site,
        }
    }
    /// [`Db::read`] with the caller's scope.
    ///
    /// # Errors
    /// As [`Db::read`].
    pub async fn read<T, E>(&self, db: &Db, work: impl Fn(&mut Conn, &Scope) -> Result<T, E> + Send + 'static) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<Fault> + Retry + Send + 'static,
    {
        let scope = self.scope.clone();
        db.read(move |conn| work(conn, &scope)).await
    }
    /// [`Db::write`] with the caller's scope.
    ///
    /// # Errors
    /// As [`Db::write`].
    pub async fn write<T, E>(&self, db: &Db, mut work: impl FnMut(&mut Tx<'_>, &Scope) -> Result<T, E> + Send + 'static) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<Fault> + From<DieselError> + Retry + Send + 'static,
    {
        if self.scope.is_view() {
            return Err(Fault::ViewOnly.into());
        }
        let scope = self.scope.clone();
        db.write(move |tx| work(tx, &scope)).await
    }
    /// A path within this organization.
    pub fn path(&self, rest: impl AsRef<str>) -> String {
        format!("/o/{}{}", self.scope.organization, rest.as_ref())
    }
    /// The same context with this notice, for a handler that answers a form with a page instead of a redirect.
    pub fn saying(self, notice: Notice) -> Self {
        Self { notice: Some(notice), ..self }
    }
    /// Requires recent reauthentication for sensitive operations, so that an open session in an abandoned browser
    /// cannot perform them (OWASP ASVS 5.0, 7.5.1).
    ///
    /// # Errors
    /// [`Error::Reauthenticate`] when the last one is too old; see [`is_recent`]. The sender is asked for it, and what was
    /// typed is shown again afterwards.
    pub fn require_reauthentication(&self, back: ReturnTo) -> Result<(), Error> {
        if self.is_reauthenticated() {
            self.uses_reauthentication.store(true, Ordering::Relaxed);
            Ok(())
        } else {
            Err(Error::Reauthenticate(Box::new(back)))
        }
    }
    /// Whether [`MemberContext::require_reauthentication`] would succeed now. For pages with forms that need it.
    pub fn is_reauthenticated(&self) -> bool {
        is_recent(self.scope.now(), self.reauthenticated_at, self.reauthentication_used_at)
    }
    /// When this request used the proof, if it did.
    pub(super) fn used_at(&self) -> Option<Timestamp> {
        self.uses_reauthentication.load(Ordering::Relaxed).then(|| self.scope.now())
    }
    /// The path of the re-authentication page, which leads back to this page.
    pub fn reauthentication(&self) -> String {
        reauthentication(&self.here)
    }
    /// Whether the current page is this one or below it.
    pub fn is_at(&self, rest: &str) -> bool {
        let path = self.path(rest);
        self.here.strip_prefix(&path).is_some_and(|more| more.is_empty() || more.starts_with('/'))
    }
}

/// The result of authentication for an organization.
pub type Authentication = Pin<Box<dyn Future<Output = Result<MemberContext, Error>>>>;

/// Authenticates again, at the time in the given context.
pub type Again = Rc<dyn Fn(VisitorContext) -> Authentication>;

/// Decides whether the signed-in person may enter an organization. A module above this layer implements it.
pub trait Authenticator: Send + Sync {
    fn authenticate(&self, req: HttpRequest, visitor: VisitorContext, organization: OrganizationId) -> Authentication;
    /// [`Authenticator::authenticate`] while a response is still being sent: it also reads the session again.
    fn authenticate_again(&self, req: &HttpRequest, organization: OrganizationId) -> Again;
}

impl FromRequest for MemberContext {
    type Error = Error;
    type Future = Pin<Box<dyn Future<Output = Result<Self, Error>>>>;

    fn from_request(req: &HttpRequest, _: &mut Payload) -> Self::Future {
        let req = req.clone();
        Box::pin(async move {
            let authenticator = req
                .app_data::<Data<Arc<dyn Authenticator>>>()
                .ok_or_else(|| Fault::broken("the app has no authenticator"))?
                .clone();
            // A visitor who is not signed in learns nothing about which organizations exist.
            let organization = req
                .match_info()
                .get("organization")
                .and_then(|text| text.parse().ok())
                .unwrap_or(OrganizationId(uuid::Uuid::nil()));
            let context = authenticator.authenticate(req.clone(), VisitorContext::of(&req)?, organization).await?;
            req.extensions_mut().insert(context.clone());
            Ok(context)
        })
    }
}
