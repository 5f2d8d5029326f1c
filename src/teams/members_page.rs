//! The page of one team: its members, its administrators, and removing members.

use super::{
    access,
    forms::{Chosen, MembersQuery, Place},
    membership::{change, chosen, notice, told, undone_here},
    pages::{Appointment, Show},
    selected::ask_to_leave,
    store,
};
use crate::{
    db::{Conn, Db, keyset::Window},
    kit::{Fault, MemberId, MemberKind, OrganizationId, TeamId, rights},
    members::{self, Change, Outcome, Undone, may_manage_team_members},
    web::{self, Back, MemberContext, Notice, Posted, Respond, ReturnTo},
};
use actix_web::{
    HttpRequest, HttpResponse,
    web::{Data, Path, Query},
};

/// Members per page.
const PAGE: i64 = 50;

pub(super) fn mount(app: &mut web::Routes) {
    app.service(
        web::resource("/o/{organization}/teams/{team}/members/deletion")
            .route(web::get().to(ask_to_leave))
            .route(web::post().to(leave)),
    );
    app.service(
        web::resource("/o/{organization}/teams/{team}/members/{member}/administration")
            .route(web::get().to(ask))
            .route(web::post().to(appoint)),
    );
    app.service(web::resource("/o/{organization}/teams/{team}/members/{member}/administration/deletion").route(web::post().to(dismiss)));
}

pub(super) async fn show(db: Data<Db>, context: MemberContext, place: Place, list_query: Query<MembersQuery>) -> web::Result<HttpResponse> {
    let (id, list_query) = (place.1, list_query.into_inner());
    db.read(move |conn| load(conn, &context, id, &list_query)).await?.ok()
}

fn load(conn: &mut Conn, context: &MemberContext, id: TeamId, list_query: &MembersQuery) -> Result<Show, Fault> {
    let scope = &context.scope;
    scope.demand(rights::TEAM_READ)?;
    let team = store::find(conn, scope.organization, id)?;
    let window = Window::read(list_query.after, list_query.before);
    let team_members = store::team_members(conn, scope, id, &list_query.q, window, PAGE)?;
    let people: Vec<MemberId> = team_members
        .rows
        .iter()
        .filter(|team_member| team_member.is_person())
        .map(|team_member| team_member.id)
        .collect();
    let wanted = [
        Change::MakeTeamAdministrator { team: id },
        Change::RemoveTeamAdministrator { team: id },
        Change::LeaveTeam { team: id },
    ];
    let count = store::headcounts(conn, scope, &[id])?.remove(&id).unwrap_or_default();
    Ok(Show {
        team,
        managed_by: members::team_managed_by(conn, scope.organization, id)?,
        people: count.people,
        system_accounts: count.system_accounts,
        disabled: count.disabled_people,
        gives: access::visible_told(conn, scope, id)?,
        administrators: store::administrators(conn, scope, &[id])?.remove(&id).unwrap_or_default(),
        may_manage_team_members: may_manage_team_members(conn, scope, id)?,
        refusals: members::refusals(conn, scope, MemberKind::User, &wanted, &people)?,
        search: list_query.q.clone(),
        previous: team_members.previous().map(|team_member| team_member.id),
        next: team_members.next().map(|team_member| team_member.id),
        team_members: team_members.rows,
        context: context.clone(),
    })
}

async fn leave(
    db: Data<Db>,
    context: MemberContext,
    place: Place,
    undone: Query<Undone>,
    req: HttpRequest,
    Posted(form): Posted<Chosen>,
) -> web::Result<HttpResponse> {
    let (id, form) = (place.1, chosen(&req, form)?);
    let left_by = undone_here(&context, *undone)?;
    let here = context.path(format!("/teams/{id}"));
    let back = Back { back: form.back }.path(&context.site, here.clone());
    let (team, done) = match change(&db, &context, id, form.kind, Change::LeaveTeam { team: id }, form.members, left_by).await? {
        Ok(done) => done,
        Err(refusal) => return Ok(context.redirect_with_notice(&back, Notice::error(refusal.to_string()))),
    };
    let (text, done, kind) = told(&done, "is not in", "are not in", &format!("{} any more", team.name));
    let undo = format!("{here}/members{}&{}", Chosen::query(&done, kind), Undone::pair(context.scope.now()));
    Ok(context.redirect_with_notice(&back, notice(text, &done, undo, &back)))
}

type MemberPlace = Path<(OrganizationId, TeamId, MemberId)>;

/// The page to which the caller returns after reauthentication: the same button, with an explanation.
async fn ask(db: Data<Db>, context: MemberContext, place: MemberPlace) -> web::Result<HttpResponse> {
    let (_, id, member) = *place;
    let (team, name) = context
        .read(&db, move |conn, scope| {
            scope.demand(rights::TEAM_MANAGE)?;
            let team = store::find(conn, scope.organization, id)?;
            let person = members::find_of(conn, scope, MemberKind::User, member)?;
            Ok::<_, Fault>((team, person.name))
        })
        .await?;
    Appointment { context, team, member, name }.ok()
}

async fn appoint(
    db: Data<Db>,
    context: MemberContext,
    place: MemberPlace,
    undone: Query<Undone>,
    form: Posted<Back>,
) -> web::Result<HttpResponse> {
    context.scope.demand(rights::TEAM_MANAGE)?;
    context.require_reauthentication(ReturnTo::form_page())?;
    let wanted = Change::MakeTeamAdministrator { team: place.1 };
    let words = ("administers", "administration/deletion");
    administer(&db, context, &place, form, wanted, words, *undone).await
}

async fn dismiss(
    db: Data<Db>,
    context: MemberContext,
    place: MemberPlace,
    undone: Query<Undone>,
    form: Posted<Back>,
) -> web::Result<HttpResponse> {
    let wanted = Change::RemoveTeamAdministrator { team: place.1 };
    let words = ("is an ordinary member of", "administration");
    administer(&db, context, &place, form, wanted, words, *undone).await
}

async fn administer(
    db: &Db,
    context: MemberContext,
    place: &MemberPlace,
    Posted(form): Posted<Back>,
    wanted: Change,
    (words, undo): (&str, &str),
    undone: Undone,
) -> web::Result<HttpResponse> {
    let (_, id, member) = **place;
    let left_by = undone_here(&context, undone)?;
    let done = change(db, &context, id, Some(MemberKind::User), wanted, vec![member], left_by).await?;
    let (team, done) = done.map_err(|refusal| web::Error::Malformed(refusal.to_string()))?;
    if done
        .iter()
        .flat_map(|(_, answers)| answers)
        .any(|answer| answer.outcome == Outcome::Refused(members::Refusal::Gone))
    {
        return Err(Fault::Missing.into());
    }
    let here = context.path(format!("/teams/{id}"));
    let back = form.path(&context.site, here.clone());
    let (text, done, _) = told(&done, words, words, &team.name);
    let undo = format!("{here}/members/{member}/{undo}?{}", Undone::pair(context.scope.now()));
    Ok(context.redirect_with_notice(&back, notice(text, &done, undo, &back)))
}
