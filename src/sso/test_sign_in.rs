//! The test of a connection: an administrator signs in at the provider and sees what came, how it was checked, and what
//! Roster would do. Nobody is signed in by it.

use super::{
    answer::{ProviderAnswer, ProviderRefusal, Tested},
    attempts::{Place, Purpose},
    decide::{Decision, decide},
    mappings,
    pages::TestResult,
    providers::Party,
    start::{SingleSignOn, begun},
};
use crate::{
    audit::{self, Event},
    connections,
    db::{Db, Tx},
    identities,
    kit::{ConnectionId, Fault, MemberId, OrganizationId, Timestamp, rights, secret::Secret},
    members,
    web::{self, EmptyForm, MemberContext, Notice, Posted, Respond, VisitorContext, see_other},
};
use actix_web::{
    HttpRequest, HttpResponse,
    web::{Data, Path},
};

pub(super) fn mount(app: &mut web::Routes) {
    app.service(web::resource("/o/{organization}/settings/connections/{connection}/tests").route(web::post().to(create)));
    app.service(web::resource("/o/{organization}/settings/connections/{connection}/tests/{test}").route(web::get().to(show)));
}

async fn create(
    req: HttpRequest,
    db: Data<Db>,
    sso: Data<SingleSignOn>,
    context: MemberContext,
    visitor: VisitorContext,
    place: Path<(OrganizationId, ConnectionId)>,
    _: Posted<EmptyForm>,
) -> web::Result<HttpResponse> {
    context.scope.demand(rights::CONNECTION_MANAGE)?;
    let id = place.1;
    let member = context.scope.actor.member_id().ok_or(Fault::Missing)?;
    context
        .write(&db, move |tx, scope| {
            let connection = connections::find(tx, scope, id)?;
            audit::record(tx, scope, Event::new("connection.tested", "connection", id.0, &connection.name))
        })
        .await?;
    let home = context.path(format!("/settings/connections/{id}"));
    match begun(sso.begin(&req, &visitor, id, (Purpose::Test(member), home.clone(), String::new())).await)? {
        Ok(begun) => begun.show(&visitor),
        Err(refusal) => Ok(context.redirect_with_notice(&home, Notice::error(refusal.reason()))),
    }
}

/// Keeps what came for the page that shows it.
pub(super) async fn keep(
    sso: &SingleSignOn,
    req: &HttpRequest,
    visitor: &VisitorContext,
    (party, tester): (Party, MemberId),
    answered: Result<ProviderAnswer, ProviderRefusal>,
) -> web::Result<HttpResponse> {
    let (organization, id, now) = (party.connection.organization_id, party.connection.id, visitor.request_info.now);
    let place = Place { organization, connection: id };
    let browser = SingleSignOn::browser(req, &visitor.site).ok_or(Fault::Missing)?;
    let refusal = answered.as_ref().err().map(ToString::to_string);
    let tested = Tested { answer: answered.ok(), refusal };
    let attempts = sso.attempts.clone();
    let kept = sso.db.write(move |tx| {
        match (&tested.refusal, &tested.answer) {
            (Some(why), _) => connections::failed(tx, id, why, now)?,
            (None, answer) => {
                connections::succeeded(tx, id, now)?;
                answer.iter().try_for_each(|answer| touch_own(tx, place, tester, &answer.subject, now))?;
            }
        }
        attempts.keep(tx, place, &browser, &tested, now)
    });
    let test = kept.await?;
    Ok(see_other(&format!("/o/{organization}/settings/connections/{id}/tests/{}", test.expose())))
}

/// A tester whose own identity it is has shown that they can sign in through the connection.
fn touch_own(tx: &mut Tx<'_>, place: Place, tester: MemberId, subject: &str, now: Timestamp) -> Result<(), Fault> {
    let Some(identity) = identities::find_by_subject(tx, place.organization, place.connection, subject)? else {
        return Ok(());
    };
    let member = members::find_by_user(tx, place.organization, identity.user_id)?;
    if member.is_some_and(|member| member.id == tester) {
        identities::touch(tx, identity.id, &identity.email, &identity.name, now)?;
    }
    Ok(())
}

async fn show(
    req: HttpRequest,
    db: Data<Db>,
    sso: Data<SingleSignOn>,
    context: MemberContext,
    place: Path<(OrganizationId, ConnectionId, String)>,
) -> web::Result<HttpResponse> {
    context.scope.demand(rights::CONNECTION_MANAGE)?;
    let (_, id, secret) = place.into_inner();
    let secret = Secret::parse(&secret).ok_or(Fault::Missing)?;
    let (attempts, browser) = (sso.attempts.clone(), SingleSignOn::browser(&req, &context.site));
    let (connection, tested, outcome) = context
        .read(&db, move |conn, scope| {
            let connection = connections::find(conn, scope, id)?;
            let place = Place { organization: scope.organization, connection: id };
            let (_, tested): (_, Tested) = attempts.look(conn, place, browser.as_ref(), &secret, scope.now())?;
            let outcome = match &tested.answer {
                Some(answer) => {
                    let decision = decide(conn, &connection, answer, scope.now())?;
                    let mut told = vec![decision.tell()];
                    if !matches!(decision, Decision::Refuse(_)) {
                        told.append(&mut mappings::tell(conn, &connection, answer, scope.now())?);
                    }
                    told
                }
                None => vec![],
            };
            Ok::<_, Fault>((connection, tested, outcome))
        })
        .await?;
    TestResult { context, connection, tested, outcome }.ok()
}
