//! Connecting an identity with an account whose owner is known: the person is signed in and began it on their profile, or
//! came through a provider with the address of an account and then proved with their own password that it is theirs.

use super::{
    answer::ProviderAnswer,
    arrive::Arrival,
    attempts::{Place, Purpose, spend_arrival},
    pages::{self, Connect},
    refusal::SsoRefusal,
    start::{SingleSignOn, begun},
    verified::{Means, Verified, back_with_refusal},
};
use crate::{
    connections::{self, Connection},
    db::Db,
    kit::{ArrivalId, ConnectionId, Fault, OperationResult, OrganizationId, RequestInfo, UserId, secret::Secret},
    mail::Outbox,
    organizations,
    sessions::{self, DeviceCookies, SignedIn},
    users,
    web::{self, EmptyForm, Error, MemberContext, Notice, Posted, Respond, ReturnTo, VisitorContext, see_other},
};
use actix_web::{
    HttpRequest, HttpResponse,
    web::{Data, Path},
};

pub(super) fn mount(app: &mut web::Routes) {
    app.service(web::resource("/o/{organization}/me/connections/{connection}").route(web::post().to(create)));
    app.service(
        web::resource("/sso/{connection}/arrivals/{arrival}")
            .route(web::get().to(show))
            .route(web::post().to(accept)),
    );
}

/// A signed-in person begins to connect an identity.
async fn create(
    req: HttpRequest,
    sso: Data<SingleSignOn>,
    context: MemberContext,
    visitor: VisitorContext,
    place: Path<(OrganizationId, ConnectionId)>,
    _: Posted<EmptyForm>,
) -> web::Result<HttpResponse> {
    context.require_reauthentication(ReturnTo::page(context.path("/me")))?;
    let user = context.scope.actor.user_id().ok_or(Fault::Missing)?;
    let connection = find(&sso.db, place.1).await?;
    if connection.organization_id != context.scope.organization {
        return Err(Fault::Missing.into());
    }
    let asked = (Purpose::Link(user), context.path("/me"), context.email.clone());
    match begun(sso.begin(&req, &visitor, connection.id, asked).await)? {
        Ok(begun) => begun.show(&visitor),
        Err(refusal) => {
            let notice = Notice::error(refusal.text(&context.organization_name));
            Ok(context.redirect_with_notice(&context.path("/me"), notice))
        }
    }
}

async fn find(db: &Db, id: ConnectionId) -> Result<Connection, Fault> {
    db.read(move |conn| connections::find_for_sign_in(conn, id)).await
}

/// The answer for a person who began this on their profile.
pub(super) async fn link(
    means: &Means,
    req: &HttpRequest,
    db: &Db,
    visitor: VisitorContext,
    verified: Verified,
    user: UserId,
) -> web::Result<HttpResponse> {
    let connection = verified.party.connection;
    let is_still_here = SignedIn::of(req, db).await?.is_some_and(|signed_in| signed_in.user.id == user);
    if !is_still_here {
        return pages::refused(visitor, &connection, SsoRefusal::OtherPerson);
    }
    let linking = Linking { connection: connection.clone(), answer: verified.answer, user, arrival: None };
    match linking.carry_out(means, req, &visitor).await? {
        Ok(()) => Ok(visitor.redirect_with_notice(&verified.attempt.next, connected(&connection))),
        Err(refusal) => {
            let organization = connection.organization_id;
            let name = db.read(move |conn| organizations::find(conn, organization)).await?.name;
            Ok(back_with_refusal(&visitor, &verified.attempt.next, &refusal, &name))
        }
    }
}

fn connected(connection: &Connection) -> Notice {
    Notice::success(format!("From now on you can sign in with {}.", connection.name))
}

/// An identity on its way to an account.
struct Linking {
    connection: Connection,
    answer: ProviderAnswer,
    user: UserId,
    /// The kept answer, to be spent with it.
    arrival: Option<ArrivalId>,
}

impl Linking {
    async fn carry_out(self, means: &Means, req: &HttpRequest, visitor: &VisitorContext) -> Result<Result<(), SsoRefusal>, Fault> {
        let browser = sessions::browser(&means.devices, req, visitor);
        let (outbox, request_info): (Data<Outbox>, RequestInfo) = (means.outbox.clone(), visitor.request_info.clone());
        let linked = means.sso.db.write(move |tx| {
            if let Some(arrival) = self.arrival {
                spend_arrival(tx, arrival, request_info.now)?;
            }
            let arrival = Arrival {
                outbox: &outbox,
                connection: &self.connection,
                answer: &self.answer,
                browser: &browser,
                request_info: &request_info,
            };
            arrival.link_own(tx, self.user).map(|_| ())
        });
        linked.await.refused()
    }
}

/// Keeps the answer, and leads to the page that asks for the proof. The password of the account is taken for it even where
/// it opens nothing any more.
pub(super) async fn ask(means: &Means, req: &HttpRequest, visitor: &VisitorContext, verified: &Verified) -> web::Result<HttpResponse> {
    let sso = &means.sso;
    let browser = SingleSignOn::browser(req, &visitor.site).ok_or(Fault::Missing)?;
    let (attempts, place, answer, now) = (sso.attempts.clone(), verified.place(), verified.answer.clone(), visitor.request_info.now);
    let (kept, owner) = sso
        .db
        .write(move |tx| {
            let owner = match answer.address() {
                Some(address) => users::find_by_name(tx, address.as_str())?.filter(|user| user.has_mailbox(&address)),
                None => None,
            };
            Ok::<_, Fault>((attempts.keep(tx, place, &browser, &answer, now)?, owner))
        })
        .await?;
    let mut response = see_other(&format!("/sso/{}/arrivals/{}", place.connection, kept.expose()));
    if let Some(owner) = owner {
        sessions::expect_owner(&means.factors, visitor, owner.id, &mut response)?;
    }
    Ok(response)
}

type Kept = (Connection, ArrivalId, ProviderAnswer);

/// The kept answer of this browser behind the address of the page.
async fn kept(sso: &SingleSignOn, req: &HttpRequest, visitor: &VisitorContext, id: ConnectionId, secret: &str) -> Result<Kept, Fault> {
    let secret = Secret::parse(secret).ok_or(Fault::Missing)?;
    let (attempts, browser, now) = (sso.attempts.clone(), SingleSignOn::browser(req, &visitor.site), visitor.request_info.now);
    sso.db
        .read(move |conn| {
            let connection = connections::find_for_sign_in(conn, id)?;
            let place = Place { organization: connection.organization_id, connection: id };
            let (arrival, answer) = attempts.look(conn, place, browser.as_ref(), &secret, now)?;
            Ok((connection, arrival, answer))
        })
        .await
}

async fn organization_name(db: &Db, id: OrganizationId) -> Result<String, Fault> {
    Ok(db.read(move |conn| organizations::find(conn, id)).await?.name)
}

/// Asks for the proof, or, from the owner of the account, whether the two are to be connected.
async fn show(
    req: HttpRequest,
    db: Data<Db>,
    sso: Data<SingleSignOn>,
    visitor: VisitorContext,
    place: Path<(ConnectionId, String)>,
) -> web::Result<HttpResponse> {
    let (connection, _, answer) = match kept(&sso, &req, &visitor, place.0, &place.1).await {
        Ok(kept) => kept,
        Err(Fault::Missing) => return pages::lapsed(&find(&db, place.0).await?),
        Err(fault) => return Err(fault.into()),
    };
    let signed_in = SignedIn::of(&req, &db).await?;
    let is_owner = signed_in.as_ref().map(|signed_in| is_theirs(signed_in, &answer));
    if is_owner == Some(false) {
        return pages::refused(visitor, &connection, SsoRefusal::OtherPerson);
    }
    Connect {
        organization: organization_name(&db, connection.organization_id).await?,
        email: answer.email.unwrap_or_default(),
        name: connection.name,
        is_owner: is_owner.is_some(),
        visitor,
    }
    .ok()
}

/// Whether the signed-in person has the address that the provider named.
fn is_theirs(signed_in: &SignedIn, answer: &ProviderAnswer) -> bool {
    answer.address().is_some_and(|address| signed_in.user.has_mailbox(&address))
}

/// The owner of the account says yes.
async fn accept(
    req: HttpRequest,
    (sso, outbox, devices, factors): (Data<SingleSignOn>, Data<Outbox>, Data<DeviceCookies>, Data<crate::second_factors::SecondFactors>),
    visitor: VisitorContext,
    signed_in: SignedIn,
    place: Path<(ConnectionId, String)>,
    _: Posted<EmptyForm>,
) -> web::Result<HttpResponse> {
    signed_in
        .require_reauthentication(visitor.request_info.now)
        .map_err(|_| Error::Reauthenticate(Box::new(ReturnTo::page(visitor.here.clone()))))?;
    let (connection, arrival, answer) = kept(&sso, &req, &visitor, place.0, &place.1).await?;
    if !is_theirs(&signed_in, &answer) {
        return pages::refused(visitor, &connection, SsoRefusal::OtherPerson);
    }
    let means = Means { sso, outbox, devices, factors };
    let linking = Linking {
        connection: connection.clone(),
        answer,
        user: signed_in.user.id,
        arrival: Some(arrival),
    };
    match linking.carry_out(&means, &req, &visitor).await? {
        Ok(()) => Ok(visitor.redirect_with_notice(&format!("/o/{}/users", connection.organization_id), connected(&connection))),
        Err(refusal) => pages::refused(visitor, &connection, refusal),
    }
}
