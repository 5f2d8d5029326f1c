//! Looking at the console as a person of the organization sees it. It is a state of the session, in one organization, for
//! half an hour at most. Nothing can be changed meanwhile: forms are refused, and a change that a page makes fails where it is recorded.
//!
//! Who looks must manage the person and may do everything that the person may do; both are asked at every request. What belongs to the
//! person's identity is not shown, because it may belong to other organizations too.

use super::state::put;
use crate::{
    audit::{self, Event},
    authorization,
    db::{Conn, Db, Tx},
    kit::{
        Actor, Fault, MemberId, MemberStatus, OperationError, OperationResult, OrganizationId, Permission, RequestInfo, Scope, rights,
        secret::Secret,
    },
    members::{self, Header},
    web::{self, CSRF_SEED, Error, MemberContext, Notice, Posted, Respond, VisitorContext, filters, matched_pattern},
};
use actix_session::{Session, SessionExt};
use actix_web::{
    HttpMessage, HttpRequest, HttpResponse,
    web::{Data, Path},
};
use askama::Template;
use chrono::TimeDelta;
use serde::{Deserialize, Serialize};

/// How long somebody looks before they have to begin again.
const LONGEST: TimeDelta = TimeDelta::minutes(30);
/// Key of the session's state.
const VIEW: &str = "view";
const END: &str = "/o/{organization}/viewing/end";

pub(super) fn mount(app: &mut web::Routes) {
    let viewing = web::resource("/o/{organization}/users/{member}/viewing");
    app.service(viewing.route(web::get().to(confirm)).route(web::post().to(begin)));
    app.service(web::resource("/o/{organization}/viewing/end").route(web::post().to(end)));
}

/// As whom a session looks at an organization.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct View {
    organization: OrganizationId,
    member: MemberId,
    /// Their name at the beginning.
    name: String,
    /// In microseconds.
    ends_at: i64,
}

/// Why somebody cannot look as this person.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ViewRefusal {
    #[error("This is you.")]
    Yourself,
    #[error("They see nothing while they are not active.")]
    NotActive,
    #[error("They may do more than you: {0} is missing among your permissions.")]
    AboveYou(Permission),
}

fn refuse(conn: &mut Conn, scope: &Scope, member: MemberId) -> Result<Option<ViewRefusal>, Fault> {
    let scope = &*members::towards(conn, scope, member)?;
    scope.demand(rights::USER_MANAGE)?;
    let found = members::find(conn, scope, member)?;
    if found.kind.is_machine() {
        return Err(Fault::Missing);
    }
    if scope.is_me(member) {
        return Ok(Some(ViewRefusal::Yourself));
    }
    if found.status != MemberStatus::Active {
        return Ok(Some(ViewRefusal::NotActive));
    }
    Ok(authorization::above(conn, scope, member)?.map(ViewRefusal::AboveYou))
}

/// The view of this session in this organization.
pub(super) fn current(session: &Session, organization: OrganizationId) -> Option<View> {
    let view = session.get::<View>(VIEW).ok().flatten()?;
    (view.organization == organization).then_some(view)
}

/// The frame of the person as whom the caller looks. The caller's own if the view is over, or if they may not look any more.
///
/// # Errors
/// [`Fault::ViewOnly`] for forms, and for pages about the identity of the person.
pub(super) async fn enter(
    db: &Db,
    req: &HttpRequest,
    view: View,
    own: MemberContext,
    visitor: VisitorContext,
) -> Result<MemberContext, Error> {
    if matched_pattern(req).as_deref() == Some(END) {
        return Ok(own);
    }
    let scope = own.scope.clone();
    let seen = if view.ends_at > scope.now().micros() {
        db.check(move |conn| look(conn, &scope, view.member)).await?
    } else {
        None
    };
    if seen.is_none() {
        leave(&req.get_session())?;
    }
    if !req.method().is_safe() {
        return Err(Fault::ViewOnly.into());
    }
    let Some((scope, email)) = seen else { return Ok(own) };
    let proved = own.reauthenticated_at;
    let context = MemberContext::new(visitor, scope, own.organization_name, email, vec![], proved);
    if context.is_at("/me") {
        req.extensions_mut().insert(context);
        return Err(Fault::ViewOnly.into());
    }
    Ok(context)
}

/// The scope of the person, if the caller may look as them, and their address.
fn look(conn: &mut Conn, scope: &Scope, member: MemberId) -> Result<Option<(Scope, String)>, Fault> {
    match refuse(conn, scope, member) {
        Ok(None) => {}
        Ok(Some(_)) | Err(Fault::Missing | Fault::Denied(_)) => return Ok(None),
        Err(fault) => return Err(fault),
    }
    let header = members::header(conn, scope, member)?;
    let seen = Scope {
        organization: scope.organization,
        actor: Actor::Member { id: member, user: None, name: header.member.name },
        permissions: authorization::permissions(conn, scope.organization, member, scope.now())?,
        over_person: Default::default(),
        request_info: RequestInfo { viewed_by: scope.actor.member_id(), ..scope.request_info.clone() },
    };
    Ok(Some((seen, header.email)))
}

/// Ends the view. Forms that were opened during it are not taken any more: they would act as the caller.
fn leave(session: &Session) -> Result<(), Fault> {
    session.remove(VIEW);
    put(session, CSRF_SEED, Secret::generate().expose())
}

#[derive(Template)]
#[template(path = "sessions/viewing.html")]
struct ConfirmView {
    context: MemberContext,
    header: Header,
    refusal: Option<ViewRefusal>,
}

type Place = Path<(OrganizationId, MemberId)>;

async fn confirm(db: Data<Db>, context: MemberContext, place: Place) -> web::Result<HttpResponse> {
    ask(&db, context, place.1).await
}

async fn ask(db: &Db, context: MemberContext, member: MemberId) -> web::Result<HttpResponse> {
    let load = move |conn: &mut Conn, scope: &Scope| {
        let refusal = refuse(conn, scope, member)?;
        Ok::<_, Fault>((members::header(conn, scope, member)?, refusal))
    };
    let (header, refusal) = context.read(db, load).await?;
    let is_refused = refusal.is_some();
    ConfirmView { context, header, refusal }.ok_unless(is_refused)
}

#[derive(Deserialize, Debug)]
#[serde(deny_unknown_fields)]
struct Nothing {}

async fn begin(
    db: Data<Db>,
    context: MemberContext,
    place: Place,
    req: HttpRequest,
    Posted(Nothing {}): Posted<Nothing>,
) -> web::Result<HttpResponse> {
    let member = place.1;
    let Ok(name) = context.write(&db, move |tx, scope| record(tx, scope, member)).await.refused()? else {
        return ask(&db, context, member).await;
    };
    let organization = context.scope.organization;
    let ends_at = (context.scope.now() + LONGEST).micros();
    let session = req.get_session();
    leave(&session)?;
    put(&session, VIEW, View { organization, member, name, ends_at })?;
    Ok(web::see_other(&context.path("")))
}

/// Records that the caller looks as this person. Returns their name.
fn record(tx: &mut Tx<'_>, scope: &Scope, member: MemberId) -> Result<String, OperationError<ViewRefusal>> {
    if let Some(refusal) = refuse(tx, scope, member)? {
        return Err(OperationError::Refused(refusal));
    }
    let name = members::find(tx, scope, member)?.name;
    audit::record(tx, scope, Event::new("member.viewed_as", "member", member.0, name.clone()))?;
    Ok(name)
}

async fn end(db: Data<Db>, context: MemberContext, req: HttpRequest, Posted(Nothing {}): Posted<Nothing>) -> web::Result<HttpResponse> {
    let session = req.get_session();
    let Some(view) = current(&session, context.scope.organization) else {
        return Ok(web::see_other(&context.path("")));
    };
    leave(&session)?;
    let (member, name) = (view.member, view.name);
    let ended =
        move |tx: &mut Tx<'_>, scope: &Scope| audit::record(tx, scope, Event::new("member.view_ended", "member", member.0, name.clone()));
    context.write(&db, ended).await?;
    let notice = Notice::neutral("You see Roster as yourself again.");
    Ok(context.redirect_with_notice(&context.path(format!("/users/{member}")), notice))
}
