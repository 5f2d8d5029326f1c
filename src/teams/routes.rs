//! Handlers of `teams`: they read the request, call an operation and answer with a page.

use super::{
    TeamRefusal, access, create, delete,
    forms::{Place, TeamForm, TeamsQuery},
    members_page,
    model::Team,
    pages::{Deletion, Edit, Index, Listed},
    store, update,
};
use crate::{
    db::{
        Conn, Db,
        keyset::{KeyCursor, Page, Window},
        schema::team_members,
    },
    kit::{Fault, OperationResult, Scope, TeamId, rights},
    members,
    web::{self, Field, MemberContext, Notice, Posted, Respond, ReturnTo},
};
use actix_web::{
    HttpResponse,
    http::StatusCode,
    web::{Data, Query},
};
use diesel::prelude::*;
use serde::Deserialize;
use std::collections::HashSet;

/// Teams per page.
const PAGE: i64 = 50;

pub(super) fn mount(app: &mut web::Routes) {
    app.service(web::resource("/o/{organization}/teams").route(web::get().to(index)).route(web::post().to(make)));
    app.service(web::resource("/o/{organization}/teams/new").route(web::get().to(new)));
    app.service(
        web::resource("/o/{organization}/teams/{team}")
            .route(web::get().to(members_page::show))
            .route(web::post().to(save)),
    );
    app.service(web::resource("/o/{organization}/teams/{team}/edit").route(web::get().to(edit)));
    app.service(
        web::resource("/o/{organization}/teams/{team}/deletion")
            .route(web::get().to(confirm))
            .route(web::post().to(remove)),
    );
}

async fn index(db: Data<Db>, context: MemberContext, Query(list_query): Query<TeamsQuery>) -> web::Result<HttpResponse> {
    let asked = list_query.clone();
    let found = context.read(&db, move |conn, scope| list(conn, scope, &asked)).await?;
    let (previous, next) = (found.previous().map(|one| one.team.id), found.next().map(|one| one.team.id));
    Index { context, search: list_query.q, previous, next, listed: found.rows }.ok()
}

fn list(conn: &mut Conn, scope: &Scope, list_query: &TeamsQuery) -> Result<Page<Listed>, Fault> {
    scope.demand(rights::TEAM_READ)?;
    let (after, before) = (place(conn, scope, list_query.after)?, place(conn, scope, list_query.before)?);
    let teams = store::page(conn, scope, &list_query.q, &Window::read(after, before), PAGE)?;
    let ids: Vec<TeamId> = teams.rows.iter().map(|team| team.id).collect();
    let mut counts = store::headcounts(conn, scope, &ids)?;
    let mut administrators = store::administrators(conn, scope, &ids)?;
    let mine = mine(conn, scope)?;
    let listed = |team: Team| {
        let count = counts.remove(&team.id).unwrap_or_default();
        let run_by = administrators.remove(&team.id).unwrap_or_default();
        Listed {
            people: count.people,
            system_accounts: count.system_accounts,
            administrators: run_by.into_iter().map(|(_, name)| name).collect(),
            is_mine: mine.contains(&team.id),
            team,
        }
    };
    Ok(teams.map(listed))
}

/// The place of a team in the list, if it still exists.
fn place(conn: &mut Conn, scope: &Scope, id: Option<TeamId>) -> Result<Option<KeyCursor<TeamId>>, Fault> {
    let Some(id) = id else { return Ok(None) };
    match store::find(conn, scope.organization, id) {
        Ok(team) => Ok(Some(team.cursor())),
        Err(Fault::Missing) => Ok(None),
        Err(fault) => Err(fault),
    }
}

/// The teams of the caller.
fn mine(conn: &mut Conn, scope: &Scope) -> Result<HashSet<TeamId>, Fault> {
    let Some(me) = scope.actor.member_id() else {
        return Ok(HashSet::new());
    };
    let rows = team_members::table
        .filter(team_members::organization_id.eq(scope.organization))
        .filter(team_members::member_id.eq(me));
    let ids: Vec<TeamId> = rows.select(team_members::team_id).load(conn)?;
    Ok(ids.into_iter().collect())
}

async fn new(mut context: MemberContext) -> web::Result<HttpResponse> {
    context.scope.demand(rights::TEAM_MANAGE)?;
    let form = context.pending_form().unwrap_or_default();
    answer(context, form, None, None)
}

/// A team that is edited, and what manages it for an identity provider.
type Edited = (TeamId, Option<String>);

fn answer(context: MemberContext, form: TeamForm, edited: Option<Edited>, saved: Option<Team>) -> web::Result<HttpResponse> {
    let is_wrong = !form.complaints().is_empty();
    let status = match (&saved, is_wrong) {
        (Some(_), _) => StatusCode::CONFLICT,
        (None, true) => StatusCode::UNPROCESSABLE_ENTITY,
        (None, false) => StatusCode::OK,
    };
    let (id, managed_by) = edited.unzip();
    Edit { context, form, id, managed_by: managed_by.flatten(), saved }.with_status(status)
}

async fn make(db: Data<Db>, context: MemberContext, Posted(mut form): Posted<TeamForm>) -> web::Result<HttpResponse> {
    context.scope.demand(rights::TEAM_MANAGE)?;
    let Some(wanted) = form.check() else {
        return answer(context, form, None, None);
    };
    let name = wanted.name.clone();
    match context.write(&db, move |tx, scope| create(tx, scope, &wanted)).await.refused()? {
        Ok(id) => {
            let notice = Notice::success(format!("The team {name} is there. Now add who belongs to it."));
            Ok(context.redirect_with_notice(&context.path(format!("/teams/{id}")), notice))
        }
        Err(refusal) => refuse(context, form, None, refusal),
    }
}

fn refuse(context: MemberContext, mut form: TeamForm, edited: Option<Edited>, refusal: TeamRefusal) -> web::Result<HttpResponse> {
    match refusal {
        TeamRefusal::NameTaken(_) | TeamRefusal::HasMembers(_) | TeamRefusal::Managed(_) | TeamRefusal::Access(_) => {
            form.name.refuse(refusal.to_string());
            answer(context, form, edited, None)
        }
        TeamRefusal::ChangedMeanwhile(saved) => {
            form.version = saved.version;
            answer(context, form, edited, Some(saved))
        }
    }
}

async fn edit(db: Data<Db>, mut context: MemberContext, place: Place) -> web::Result<HttpResponse> {
    let (team, managed_by) = find(&db, &context, place.1).await?;
    let form = context.pending_form().unwrap_or_else(|| TeamForm::of(&team));
    answer(context, form, Some((team.id, managed_by)), None)
}

/// The team, if the caller may change it, and what manages it for an identity provider.
async fn find(db: &Db, context: &MemberContext, id: TeamId) -> Result<(Team, Option<String>), Fault> {
    let find = move |conn: &mut Conn, scope: &Scope| {
        scope.demand(rights::TEAM_MANAGE)?;
        Ok((store::find(conn, scope.organization, id)?, members::team_managed_by(conn, scope.organization, id)?))
    };
    context.read(db, find).await
}

async fn save(db: Data<Db>, context: MemberContext, place: Place, Posted(mut form): Posted<TeamForm>) -> web::Result<HttpResponse> {
    let id = place.1;
    let (_, managed_by) = find(&db, &context, id).await?;
    let Some(wanted) = form.check() else {
        return answer(context, form, Some((id, managed_by)), None);
    };
    let version = form.version;
    match context.write(&db, move |tx, scope| update(tx, scope, id, version, &wanted)).await.refused()? {
        Ok(is_changed) => {
            let notice = Notice::success(if is_changed { "The team is saved." } else { "Nothing was changed." });
            Ok(context.redirect_with_notice(&context.path(format!("/teams/{id}")), notice))
        }
        Err(refusal) => refuse(context, form, Some((id, managed_by)), refusal),
    }
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
struct DeletionForm {
    /// The name, typed again, because the deletion cannot be undone.
    name: Field,
}

async fn confirm(db: Data<Db>, mut context: MemberContext, place: Place) -> web::Result<HttpResponse> {
    let DeletionForm { name } = context.pending_form().unwrap_or_default();
    ask(&db, context, place.1, name).await
}

async fn ask(db: &Db, context: MemberContext, id: TeamId, name: Field) -> web::Result<HttpResponse> {
    let page = db.read(move |conn| before_deletion(conn, &context, id)).await?;
    let is_refused = name.is_refused() || page.managed_by.is_some() || page.refusal.is_some();
    Deletion { name, ..page }.ok_unless(is_refused)
}

/// The team, what manages it, how many are in it, the names of its administrators, and what they lose.
fn before_deletion(conn: &mut Conn, context: &MemberContext, id: TeamId) -> Result<Deletion, Fault> {
    let scope = &context.scope;
    scope.demand(rights::TEAM_MANAGE)?;
    let team = store::find(conn, scope.organization, id)?;
    let count = store::headcounts(conn, scope, &[id])?.remove(&id).unwrap_or_default();
    let administrators = store::administrators(conn, scope, &[id])?.remove(&id).unwrap_or_default();
    let managed_by = members::team_managed_by(conn, scope.organization, id)?;
    let (gives, refusal) = access::before_deletion(conn, scope, id)?;
    Ok(Deletion {
        context: context.clone(),
        team,
        people: count.people,
        system_accounts: count.system_accounts,
        administrators: administrators.into_iter().map(|(_, name)| name).collect(),
        managed_by,
        name: Field::default(),
        gives,
        refusal,
    })
}

async fn remove(db: Data<Db>, context: MemberContext, place: Place, Posted(mut form): Posted<DeletionForm>) -> web::Result<HttpResponse> {
    context.scope.demand(rights::TEAM_MANAGE)?;
    context.require_reauthentication(ReturnTo::form_page())?;
    let id = place.1;
    let (team, managed_by) = find(&db, &context, id).await?;
    if managed_by.is_some() || !form.name.repeats(&team.name) {
        return ask(&db, context, id, form.name).await;
    }
    let deleted = context.write(&db, move |tx, scope| delete(tx, scope, id, true)).await.refused()?;
    match deleted {
        Err(TeamRefusal::Access(_)) => return ask(&db, context, id, form.name).await,
        deleted => deleted.map_err(|refusal| web::Error::Malformed(refusal.to_string()))?,
    };
    let notice = Notice::success(format!("The team {} is deleted. Who was in it is still here.", team.name));
    Ok(context.redirect_with_notice(&context.path("/teams"), notice))
}
