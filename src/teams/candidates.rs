//! The page of members who could join a team.

use super::{
    access,
    forms::{CandidateQuery, Chosen, Place},
    membership::{change, chosen, notice, told, undone_here},
    pages::AddMembers,
    store,
};
use crate::{
    db::{Conn, Db},
    kit::{Fault, MemberKind, Scope, TeamId, rights},
    members::{self, Change, Privileged, Undone, may_manage_team_members},
    web::{self, Back, MemberContext, Posted, Respond, ReturnTo},
};
use actix_web::{
    HttpRequest, HttpResponse,
    web::{Data, Query},
};

/// The most people offered at once; the search finds the others.
const OFFERED: i64 = 50;

pub(super) fn mount(app: &mut web::Routes) {
    app.service(web::resource("/o/{organization}/teams/{team}/members/new").route(web::get().to(new)));
    app.service(web::resource("/o/{organization}/teams/{team}/members").route(web::post().to(join)));
}

async fn new(db: Data<Db>, context: MemberContext, place: Place, req: HttpRequest) -> web::Result<HttpResponse> {
    let list_query: CandidateQuery = web::query(&req)?;
    if list_query.members.len() > Chosen::MOST {
        return Err(web::Error::TooLarge);
    }
    offer(&db, context, place.1, list_query, None).await
}

async fn offer(
    db: &Db,
    context: MemberContext,
    id: TeamId,
    list_query: CandidateQuery,
    complaint: Option<String>,
) -> web::Result<HttpResponse> {
    let is_refused = complaint.is_some();
    let mut candidates = db.read(move |conn| load(conn, &context, id, &list_query)).await?;
    candidates.complaint = complaint.or(candidates.complaint);
    candidates.ok_unless(is_refused)
}

fn load(conn: &mut Conn, context: &MemberContext, id: TeamId, list_query: &CandidateQuery) -> Result<AddMembers, Fault> {
    let (scope, kind) = (&context.scope, list_query.kind());
    let team = store::find(conn, scope.organization, id)?;
    demand(scope, kind, may_manage_team_members(conn, scope, id)?)?;
    let found = store::candidates(conn, scope, id, kind, &list_query.q, OFFERED)?;
    let (has_more, candidates) = (found.next().is_some(), found.rows);
    let elsewhere: Vec<_> = list_query.members.iter().copied().filter(|id| candidates.iter().all(|one| one.id != *id)).collect();
    // Said beforehand: an identity provider decides, or the team gives more than the caller may give.
    let refusal = members::why_not_join(conn, scope, kind, id)?;
    Ok(AddMembers {
        gives: access::told(conn, scope, id)?,
        context: context.clone(),
        team,
        kind,
        chosen: store::chosen(conn, scope, id, kind, &elsewhere)?,
        ticked: list_query.members.clone(),
        search: list_query.q.clone(),
        candidates,
        has_more,
        complaint: refusal.map(|refusal| refusal.to_string()),
    })
}

fn demand(scope: &Scope, kind: MemberKind, may_manage_team_members: bool) -> Result<(), Fault> {
    match kind {
        MemberKind::User if may_manage_team_members => scope.demand(rights::USER_READ),
        MemberKind::User => Err(Fault::Denied(rights::TEAM_MANAGE.over_all())),
        MemberKind::SystemAccount => scope.demand(rights::SYSTEM_ACCOUNT_MANAGE),
    }
}

async fn join(
    db: Data<Db>,
    context: MemberContext,
    place: Place,
    undone: Query<Undone>,
    req: HttpRequest,
    Posted(form): Posted<Chosen>,
) -> web::Result<HttpResponse> {
    let (id, form) = (place.1, chosen(&req, form)?);
    if form.members.is_empty() {
        let list_query = CandidateQuery { kind: form.kind, q: form.q, members: vec![] };
        return offer(&db, context, id, list_query, Some("Tick at least one.".into())).await;
    }
    let left_by = undone_here(&context, *undone)?;
    let wanted = Change::JoinTeam { team: id };
    let asked = wanted.clone();
    if context
        .read(&db, move |conn, scope| {
            Ok::<_, Fault>(asked.needs_reauthentication(&Privileged::load(conn, scope)?))
        })
        .await?
    {
        let chosen = Chosen::query(&form.members, form.kind);
        context.require_reauthentication(ReturnTo::page(context.path(format!("/teams/{id}/members/new{chosen}"))))?;
    }
    let (team, done) = match change(&db, &context, id, form.kind, wanted, form.members.clone(), left_by).await? {
        Ok(done) => done,
        Err(refusal) => {
            let list_query = CandidateQuery { kind: form.kind, q: form.q, members: form.members };
            return offer(&db, context, id, list_query, Some(refusal.to_string())).await;
        }
    };
    let here = context.path(format!("/teams/{id}"));
    let back = Back { back: form.back }.path(&context.site, here.clone());
    let (text, done, kind) = told(&done, "is in", "are in", &format!("{} now", team.name));
    let undo = format!("{here}/members/deletion{}&{}", Chosen::query(&done, kind), Undone::pair(context.scope.now()));
    Ok(context.redirect_with_notice(&back, notice(text, &done, undo, &back)))
}
