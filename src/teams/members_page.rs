//! The page of one team: its members, its administrators, and removing members.

use super::{
    forms::{Chosen, CrewWish},
    model::{Team, Window},
    pages::{Appointment, Show},
    routes::Place,
    store,
};
use crate::{
    db::Db,
    kit::{Fault, MemberId, MemberKind, OperationResult, OrganizationId, TeamId, rights},
    members::{self, Answer, Change, LeftBy, Outcome, Undone, may_manage_team_members},
    web::{self, Back, MemberContext, Notice, Posted, ReturnTo, created, page},
};
use actix_web::{
    HttpRequest, HttpResponse,
    http::StatusCode,
    web::{Data, Path, Query, ServiceConfig, resource},
};

/// Members per page.
const PAGE: i64 = 50;

pub(super) fn mount(app: &mut ServiceConfig) {
    app.service(resource("/o/{organization}/teams/{team}/members/deletion").route(web::post().to(leave)));
    app.service(
        resource("/o/{organization}/teams/{team}/members/{member}/administration")
            .route(web::get().to(ask))
            .route(web::post().to(appoint)),
    );
    app.service(resource("/o/{organization}/teams/{team}/members/{member}/administration/deletion").route(web::post().to(dismiss)));
}

pub(super) async fn show(db: Data<Db>, context: MemberContext, place: Place, wish: Query<CrewWish>) -> web::Result<HttpResponse> {
    let (id, wish) = (place.1, wish.into_inner());
    let drawn_for = context.clone();
    let show = context
        .read(&db, move |conn, scope| {
            scope.demand(rights::TEAM_READ)?;
            let team = store::find(conn, scope.organization, id)?;
            let window = Window::read(wish.after, wish.before);
            let found = store::mates(conn, scope, id, &wish.q, window, PAGE)?;
            let (mates, has_previous, has_next) = window.cut(found, PAGE);
            let people: Vec<MemberId> = mates.iter().filter(|mate| mate.is_person()).map(|mate| mate.id).collect();
            let wanted = [
                Change::MakeTeamAdministrator { team: id },
                Change::RemoveTeamAdministrator { team: id },
                Change::LeaveTeam { team: id },
            ];
            let (all, system_accounts) = store::sizes(conn, scope, &[id])?.remove(&id).unwrap_or_default();
            Ok::<_, Fault>(Show {
                team,
                people: all - system_accounts,
                system_accounts,
                disabled: store::disabled(conn, scope, id)?,
                administrators: store::administrators(conn, scope, &[id])?.remove(&id).unwrap_or_default(),
                may_manage_team_members: may_manage_team_members(conn, scope, id)?,
                refusals: members::refusals(conn, scope, MemberKind::User, &wanted, &people)?,
                search: wish.q.clone(),
                mates,
                has_previous,
                has_next,
                context: drawn_for.clone(),
            })
        })
        .await?;
    page(StatusCode::OK, &show)
}

/// The members chosen on the form, or named in the URL.
pub(super) fn chosen(req: &HttpRequest, mut form: Chosen) -> web::Result<Chosen> {
    let named: Chosen = web::query(req)?;
    form.members.extend(named.members);
    form.kind = form.kind.or(named.kind);
    form.members.sort_unstable();
    form.members.dedup();
    if form.members.len() > Chosen::MOST {
        return Err(web::Error::TooLarge);
    }
    Ok(form)
}

/// Adds members to a team, removes them, or undoes such a change. Returns the team and the outcome for each.
pub(super) async fn change(
    db: &Db,
    context: &MemberContext,
    id: TeamId,
    kind: MemberKind,
    wanted: Change,
    ids: Vec<MemberId>,
    left_by: Option<LeftBy>,
) -> web::Result<(Team, Vec<Answer>)> {
    let done = context
        .write(&db, move |tx, scope| {
            let team = store::find(tx, scope.organization, id)?;
            let answers = match left_by {
                Some(left_by) => members::undo(tx, scope, kind, &wanted, &ids, left_by)?,
                None => members::change(tx, scope, kind, &wanted, &ids)?,
            };
            Ok((team, answers))
        })
        .await;
    match done.refused()? {
        Ok(done) => Ok(done),
        // The only refusal here is an unknown team, and the team existed when it was read.
        Err(_) => Err(Fault::Missing.into()),
    }
}

/// A sentence about the result: who was changed, and the first refusal. Also returns the ids of the changed members.
pub(super) fn told(answers: &[Answer], kind: MemberKind, one: &str, many: &str, team: &str) -> (String, Vec<MemberId>) {
    let done: Vec<&Answer> = answers.iter().filter(|answer| answer.outcome.is_done()).collect();
    let text = match &done[..] {
        [] => String::new(),
        [only] => format!("{} {one} {team}.", only.name),
        all => format!("{} {} {many} {team}.", all.len(), kind.plural()),
    };
    let refused = answers.iter().find_map(|answer| match &answer.outcome {
        Outcome::Refused(why) => Some(format!("{}: {why}", answer.name)),
        _ => None,
    });
    let text = match (text.is_empty(), refused) {
        (true, Some(why)) => why,
        (false, Some(why)) => format!("{text} {why}"),
        (true, None) => "Nothing was changed.".into(),
        (false, None) => text,
    };
    (text, done.iter().map(|answer| answer.id).collect())
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
    let kind = form.kind();
    let left_by = undone_here(&context, *undone)?;
    let (team, answers) = change(&db, &context, id, kind, Change::LeaveTeam { team: id }, form.members, left_by).await?;
    let here = context.path(format!("/teams/{id}"));
    let back = Back { back: form.back }.path(&context.site, here.clone());
    let (text, done) = told(&answers, kind, "is not in", "are not in", &format!("{} any more", team.name));
    Ok(created(
        &context.site,
        &back,
        notice(
            text,
            &done,
            format!("{here}/members{}&{}", Chosen::query(&done, kind), Undone::pair(context.scope.now())),
            &back,
        ),
    ))
}

/// The action that the request undoes. An action of more than a day ago is not undone without asking.
pub(super) fn undone_here(context: &MemberContext, undone: Undone) -> web::Result<Option<LeftBy>> {
    let left_by = undone.left_by()?;
    if left_by.is_some_and(|left_by| left_by.is_long_ago(context.scope.now())) {
        return Err(web::Error::Malformed(
            "That was more than a day ago, so one press does not undo it.".into(),
        ));
    }
    Ok(left_by)
}

/// A success notice with its undo button, or a notice of what was refused.
pub(super) fn notice(text: String, done: &[MemberId], undo: String, back: &str) -> Notice {
    if done.is_empty() {
        Notice::error(text)
    } else {
        Notice::success(text).with_undo(undo, back.to_owned())
    }
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
    page(
        StatusCode::OK,
        &Appointment {
            context,
            team,
            member,
            name,
        },
    )
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
    let (team, answers) = change(db, &context, id, MemberKind::User, wanted, vec![member], left_by).await?;
    if answers
        .iter()
        .any(|answer| answer.outcome == Outcome::Refused(members::Refusal::Gone))
    {
        return Err(Fault::Missing.into());
    }
    let here = context.path(format!("/teams/{id}"));
    let back = form.path(&context.site, here.clone());
    let (text, done) = told(&answers, MemberKind::User, words, words, &team.name);
    Ok(created(
        &context.site,
        &back,
        notice(
            text,
            &done,
            format!("{here}/members/{member}/{undo}?{}", Undone::pair(context.scope.now())),
            &back,
        ),
    ))
}
