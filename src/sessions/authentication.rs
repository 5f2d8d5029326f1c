//! Checks who may enter an organization, in the database at every request.

use super::{
    state::{Owner, current, owner_of},
    store::{Which, live},
    viewing,
};
use crate::{
    authorization,
    db::{Conn, Db},
    drafts::Drafts,
    identities::{self, Identity},
    kit::{Actor, ConnectionId, Fault, MemberStatus, OrganizationId, RequestInfo, Scope, Timestamp},
    members::{self, Membership},
    second_factors,
    users::{self, User},
    web::{Again, Authentication, Authenticator, Error, MemberContext, RECENT, VisitorContext, held},
};
use actix_session::SessionExt;
use actix_web::{FromRequest, HttpRequest, dev::Payload, http::Method, web::Data};
use std::{future::Future, pin::Pin, rc::Rc};

/// Authenticates requests by session; the app injects it into `web`.
pub struct SessionAuthenticator {
    db: Db,
    drafts: Drafts,
}

impl SessionAuthenticator {
    pub fn new(db: Db, drafts: Drafts) -> Self {
        Self { db, drafts }
    }
}

/// What is known about the signed-in person.
#[derive(Clone, Debug)]
pub struct SignedIn {
    pub user: User,
    pub memberships: Vec<Membership>,
    /// Another person chose their password; they must replace it first.
    pub must_change_password: bool,
    /// One of their organizations requires a second factor, now or soon, and they have none.
    pub lacks_second_factor: bool,
    /// When they last authenticated or reauthenticated.
    pub reauthenticated_at: Timestamp,
    reauthentication_used_at: Option<Timestamp>,
    began: Timestamp,
    /// The identity with which a provider let them in. The session opens no organization but that of the provider:
    /// otherwise one organization could enter another one as its member.
    pub identity: Option<Identity>,
    /// Whether they proved who they are at that provider, and not with their own password or passkey.
    is_proved_by_provider: bool,
}

impl SignedIn {
    /// Organizations that are open to this session: it began after the last change of the person's status there.
    pub fn open(&self) -> impl Iterator<Item = &Membership> {
        self.memberships
            .iter()
            .filter(|membership| membership.status == MemberStatus::Active && self.began >= membership.sessions_from)
            .filter(|membership| self.identity.as_ref().is_none_or(|identity| identity.organization_id == membership.organization))
    }
    /// Whether their last proof is only the word of their identity provider.
    pub fn is_proved_by_provider(&self) -> bool {
        self.is_proved_by_provider
    }
    /// Whether they belong to an organization that their identity provider does not vouch for.
    fn belongs_elsewhere(&self) -> bool {
        let vouched = self.identity.as_ref().map(|identity| identity.organization_id);
        vouched.is_some_and(|vouched| self.memberships.iter().any(|membership| membership.organization != vouched))
    }
    /// Whether this open organization demands that its identity provider begins the session.
    pub fn is_kept_out(&self, membership: &Membership, now: Timestamp) -> bool {
        self.identity.is_none() && membership.demands_sso(now)
    }
    /// The open organizations that they may enter without doing anything else first.
    pub fn enterable(&self, now: Timestamp) -> impl Iterator<Item = &Membership> {
        self.open()
            .filter(move |membership| !self.is_kept_out(membership, now))
            .filter(move |membership| !(self.lacks_second_factor && membership.demands_two_step(now)))
    }
    /// The connection whose provider can vouch for their identity again: not where the identity opens other organizations.
    pub(super) fn vouching_connection(&self) -> Option<ConnectionId> {
        let identity = self.identity.as_ref()?;
        (!self.belongs_elsewhere()).then_some(identity.connection_id)
    }
    /// Their membership of this organization, if they may enter it now.
    ///
    /// # Errors
    /// [`Error::SingleSignOn`], [`Error::ChangePassword`], [`Error::SetUpSecondStep`], or [`Fault::Missing`]: an organization of other people looks
    /// like one that does not exist.
    pub(super) fn admit(&self, organization: OrganizationId, now: Timestamp) -> Result<Membership, Error> {
        let entered = self.open().find(|membership| membership.organization == organization);
        if entered.is_some_and(|membership| self.is_kept_out(membership, now)) {
            return Err(Error::SingleSignOn(organization));
        }
        if self.must_change_password {
            return Err(Error::ChangePassword);
        }
        let entered = entered.ok_or(Fault::Missing)?;
        if self.lacks_second_factor && entered.demands_two_step(now) {
            return Err(Error::SetUpSecondStep);
        }
        Ok(entered.clone())
    }
    /// Their scope in an organization that admits them.
    pub(super) fn scope(&self, conn: &mut Conn, entered: &Membership, request_info: &RequestInfo) -> Result<Scope, Fault> {
        let organization = entered.organization;
        Ok(Scope {
            organization,
            actor: Actor::Member { id: entered.id, user: Some(self.user.id), name: entered.name.clone() },
            over_person: Default::default(),
            permissions: authorization::permissions(conn, organization, entered.id, request_info.now)?,
            request_info: request_info.clone(),
        })
    }
    /// For dangerous acts on one's own identity, outside any organization. The word of one organization's identity provider
    /// is not enough where the identity opens other organizations too.
    ///
    /// # Errors
    /// [`Error::Reauthenticate`] when the last authentication is older than [`RECENT`].
    pub fn require_reauthentication(&self, now: Timestamp) -> Result<(), Error> {
        let is_own = !(self.is_proved_by_provider && self.belongs_elsewhere());
        if is_own && now - self.reauthenticated_at <= RECENT {
            Ok(())
        } else {
            Err(Error::Reauthenticate(Box::default()))
        }
    }
}

/// Loads the signed-in person from the database.
pub(super) fn load(conn: &mut Conn, owner: &Owner) -> Result<SignedIn, Fault> {
    let Owner { user, began, proof, federated } = owner;
    let user = *user;
    let identity = federated.as_ref().map(|federated| identities::find(conn, federated.identity)).transpose()?;
    let has_two_steps = federated.as_ref().is_some_and(|federated| federated.has_two_steps);
    let (person, temporary_until) = users::find_with_temporary_password(conn, user)?;
    let memberships = members::memberships(conn, user)?;
    let is_asked = memberships.iter().any(|membership| membership.two_step_from.is_some());
    Ok(SignedIn {
        user: person,
        lacks_second_factor: is_asked && !has_two_steps && !second_factors::has_any(conn, user)?,
        memberships,
        // A temporary password is replaced by those who signed in with it.
        must_change_password: identity.is_none() && temporary_until.is_some(),
        reauthenticated_at: proof.at,
        reauthentication_used_at: proof.used_at,
        began: *began,
        identity,
        is_proved_by_provider: proof.is_from_provider,
    })
}

impl SignedIn {
    /// The signed-in person of this request, if they still belong to an organization.
    pub async fn of(req: &HttpRequest, db: &Db) -> Result<Option<Self>, Fault> {
        let session = req.get_session();
        let Some(owner) = owner_of(&session) else {
            return Ok(None);
        };
        match db.check(move |conn| load(conn, &owner)).await {
            Ok(signed_in) if signed_in.open().next().is_some() => Ok(Some(signed_in)),
            Ok(_) | Err(Fault::Missing) => {
                session.purge();
                Ok(None)
            }
            Err(fault) => Err(fault),
        }
    }
}

impl FromRequest for SignedIn {
    type Error = Error;
    type Future = Pin<Box<dyn Future<Output = Result<Self, Error>>>>;

    fn from_request(req: &HttpRequest, _: &mut Payload) -> Self::Future {
        let req = req.clone();
        Box::pin(async move {
            let db = req.app_data::<Data<Db>>().ok_or_else(|| Fault::broken("the app has no database"))?.clone();
            Self::of(&req, &db).await?.ok_or(Error::SignIn)
        })
    }
}

impl Authenticator for SessionAuthenticator {
    fn authenticate_again(&self, req: &HttpRequest, organization: OrganizationId) -> Again {
        let session = req.get_session();
        // Read now, because the session is no longer available while the response is being sent.
        let who = owner_of(&session).zip(current(&session));
        let db = self.db.clone();
        Rc::new(move |visitor| {
            let (db, who) = (db.clone(), who.clone());
            Box::pin(async move {
                let (owner, session) = who.ok_or(Error::SignIn)?;
                let now = visitor.request_info.now;
                if db.check(move |conn| live(conn, Which::Id(session), now)).await?.is_empty() {
                    return Err(Error::SignIn);
                }
                let signed_in = db.check(move |conn| load(conn, &owner)).await?;
                enter(&db, signed_in, visitor, organization).await
            })
        })
    }

    fn authenticate(&self, req: HttpRequest, visitor: VisitorContext, organization: OrganizationId) -> Authentication {
        let (db, drafts) = (self.db.clone(), self.drafts.clone());
        Box::pin(async move {
            let signed_in = SignedIn::of(&req, &db).await?.ok_or(Error::SignIn)?;
            let user = signed_in.user.id;
            let view = viewing::current(&req.get_session(), organization).map(|view| (view, visitor.clone()));
            let mut context = enter(&db, signed_in, visitor, organization).await?;
            if let Some((view, visitor)) = view {
                return viewing::enter(&db, &req, view, context, visitor).await;
            }
            if let Some(secret) = held(&req, &context.site).filter(|_| req.method() == Method::GET) {
                context.draft = drafts.take(&secret, user, req.path(), context.scope.now()).await?;
            }
            Ok(context)
        })
    }
}

/// The frame of the signed-in person inside an organization that is open to them.
async fn enter(db: &Db, signed_in: SignedIn, visitor: VisitorContext, organization: OrganizationId) -> Result<MemberContext, Error> {
    let entered = signed_in.admit(organization, visitor.request_info.now)?;
    let (person, membership, request_info) = (signed_in.clone(), entered.clone(), visitor.request_info.clone());
    let scope = db.check(move |conn| person.scope(conn, &membership, &request_info)).await?;
    let others = signed_in
        .open()
        .filter(|m| m.organization != organization)
        .map(|m| (m.organization, m.organization_name.clone()))
        .collect();
    let mut context = MemberContext::new(
        visitor,
        scope,
        entered.organization_name,
        signed_in.user.email.clone(),
        others,
        signed_in.reauthenticated_at,
    );
    context.reauthentication_used_at = signed_in.reauthentication_used_at;
    context.two_step_due = entered.two_step_from.filter(|_| signed_in.lacks_second_factor);
    Ok(context)
}
