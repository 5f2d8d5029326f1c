//! What every page is drawn with: for visitors the [`VisitorContext`], for members inside an organization the [`MemberContext`].

use super::{
    Draft, Error, Notice, Site, csrf, flash,
    page::{proof, prove_again},
};
use crate::kit::{Fault, OrganizationId, RequestInfo, Scope, Timestamp};
use actix_web::{FromRequest, HttpMessage, HttpRequest, HttpResponse, dev::Payload, web::Data};
use chrono::TimeDelta;
use std::{
    future::{Future, Ready, ready},
    pin::Pin,
    rc::Rc,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

/// How long a proof is good enough for dangerous acts after it was used last.
///
/// OWASP ASVS 5.0, 7.5.1, asks for full re-authentication before what decides how somebody signs in (email, second
/// factors) is changed, and 7.5.3 for a further proof before highly sensitive acts. NIST SP 800-63B-4 lets a session of
/// its highest level (AAL3) be idle for 15 minutes. So a proof lasts as long as its owner goes on working, with gaps of at
/// most 15 minutes, and for [`LONGEST`] at most. For one's own factors the 15 minutes do not slide.
pub const RECENT: TimeDelta = TimeDelta::minutes(15);
/// How long a proof lasts at most, however often it is used.
const LONGEST: TimeDelta = TimeDelta::hours(2);

/// Whether a proof of that time, used last then, is good enough now.
pub fn is_recent(now: Timestamp, proved_at: Timestamp, used_at: Option<Timestamp>) -> bool {
    let latest = used_at.map_or(proved_at, |used_at| used_at.max(proved_at));
    now - latest <= RECENT && now - proved_at <= LONGEST
}

/// The signed-out frame: when and from where somebody comes, and what their forms need.
#[derive(Clone)]
pub struct VisitorContext {
    pub request_info: RequestInfo,
    /// The path that is asked for.
    pub here: String,
    pub csrf: String,
    pub notice: Option<Notice>,
    pub site: Data<Site>,
}

impl VisitorContext {
    pub(super) fn of(req: &HttpRequest) -> Result<Self, Error> {
        let site = req
            .app_data::<Data<Site>>()
            .ok_or_else(|| Fault::broken("the app has no front"))?
            .clone();
        let request_info = req
            .extensions()
            .get::<RequestInfo>()
            .cloned()
            .ok_or_else(|| Fault::broken("no middleware made an occasion"))?;
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

/// The frame inside an organization, and the scope in which its handlers work.
#[derive(Clone)]
pub struct MemberContext {
    pub scope: Scope,
    pub organization_name: String,
    pub email: String,
    /// Other organizations of the same person, to switch to.
    pub others: Vec<(OrganizationId, String)>,
    /// When this session last proved who it belongs to, and when that was used last.
    pub proved_at: Timestamp,
    pub proof_used_at: Option<Timestamp>,
    /// Whether this request uses it.
    uses_proof: Arc<AtomicBool>,
    /// What was typed on this page before, and waits to be shown.
    pub draft: Option<Draft>,
    /// From when on the organization will not open to this person, who has no second factor.
    pub two_step_due: Option<Timestamp>,
    /// The path that is asked for.
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
        proved_at: Timestamp,
    ) -> Self {
        Self {
            scope,
            organization_name,
            email,
            others,
            proved_at,
            proof_used_at: None,
            uses_proof: Arc::default(),
            draft: None,
            two_step_due: None,
            here: visitor.here,
            csrf: visitor.csrf,
            notice: visitor.notice,
            site: visitor.site,
        }
    }
    /// The path of something of this organization.
    pub fn path(&self, rest: impl AsRef<str>) -> String {
        format!("/o/{}{}", self.scope.organization, rest.as_ref())
    }
    /// The same frame with this notice, for a page that answers a form itself.
    pub fn saying(self, notice: Notice) -> Self {
        Self {
            notice: Some(notice),
            ..self
        }
    }
    /// For dangerous acts: what an open session in an abandoned browser must not do (OWASP ASVS 5.0, 7.5.1).
    ///
    /// # Errors
    /// [`Error::ProveAgain`] when the last proof is too old, as [`is_recent`] says.
    pub fn demand_recent_proof(&self) -> Result<(), Error> {
        if self.is_recently_proved() {
            self.uses_proof.store(true, Ordering::Relaxed);
            Ok(())
        } else {
            Err(Error::ProveAgain)
        }
    }
    /// For pages whose forms ask for that: whether they would be refused now.
    pub fn is_recently_proved(&self) -> bool {
        is_recent(self.scope.now(), self.proved_at, self.proof_used_at)
    }
    /// When this request used the proof, if it did.
    pub(super) fn used_at(&self) -> Option<Timestamp> {
        self.uses_proof.load(Ordering::Relaxed).then(|| self.scope.now())
    }
    /// Where to prove again who one is; leads back to this page.
    pub fn proof(&self) -> String {
        proof(&self.here)
    }
    /// The same where a form was sent to an address that is no page: leads to this one afterwards.
    pub fn lacks_recent_proof(&self, next: &str) -> Option<HttpResponse> {
        self.demand_recent_proof().is_err().then(|| prove_again(next))
    }
    /// Whether the page is this one or stands beneath it.
    pub fn is_at(&self, rest: &str) -> bool {
        let path = self.path(rest);
        self.here
            .strip_prefix(&path)
            .is_some_and(|more| more.is_empty() || more.starts_with('/'))
    }
}

/// The answer to whether somebody may enter.
pub type Authentication = Pin<Box<dyn Future<Output = Result<MemberContext, Error>>>>;

/// Asks once more, at the time that the door says.
pub type Again = Rc<dyn Fn(VisitorContext) -> Authentication>;

/// Decides whether the signed-in person may enter an organization. A module above this layer implements it.
pub trait Authenticator: Send + Sync {
    fn authenticate(&self, req: HttpRequest, visitor: VisitorContext, organization: OrganizationId) -> Authentication;
    /// [`Authenticator::authenticate`] while the answer is under way: the session itself is read again as well.
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
            // Anyone who is not signed in learns nothing about which organizations exist.
            let organization = req
                .match_info()
                .get("organization")
                .and_then(|text| text.parse().ok())
                .unwrap_or(OrganizationId(uuid::Uuid::nil()));
            let context = authenticator
                .authenticate(req.clone(), VisitorContext::of(&req)?, organization)
                .await?;
            req.extensions_mut().insert(context.clone());
            Ok(context)
        })
    }
}
