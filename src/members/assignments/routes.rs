//! The Access tab: a member's roles with their ends and who granted them, teams, policies, and the resulting
//! permissions. Callers with the permission get a form with a preview. A change that needs reauthentication is always
//! previewed before it is saved.

use super::{
    Assignments, PreviewOutcome, assignments, changes,
    explain::{Difference, Why, Words},
    form::AssignmentsForm,
    look, pack,
    pages::{Access, Drawn, Held, Preview},
    set_assignments, unpack,
};
use crate::{
    authorization::{Ceiling, Names, effective},
    db::{
        Conn, Db,
        schema::{member_roles, members},
    },
    kit::{Fault, MemberId, MemberKind, OperationResult, RoleId, Scope, Timestamp, rights},
    members::{LeftBy, Place, Refusal, Undone, find_of, header_of, refuse_policy, teams},
    policies::{self, Policy},
    roles::{self, Role},
    web::{self, MemberContext, Notice, Posted, ReturnTo, page},
};
use actix_web::{
    HttpResponse,
    http::StatusCode,
    web::{Data, Query, ServiceConfig, resource},
};
use diesel::prelude::*;
use serde::Deserialize;

pub(in crate::members) fn mount(app: &mut ServiceConfig) {
    app.service(
        resource([
            "/o/{organization}/users/{member}/roles",
            "/o/{organization}/system-accounts/{member}/roles",
        ])
        .route(web::get().to(edit))
        .route(web::post().to(update)),
    );
    app.service(resource("/o/{organization}/me/access").route(web::get().to(own)));
}

/// The caller's own access, in the layout of My profile. Read-only: a caller cannot change their own access.
async fn own(db: Data<Db>, context: MemberContext) -> web::Result<HttpResponse> {
    let id = context.scope.actor.member_id().ok_or(Fault::Missing)?;
    let (kind, is_own) = (MemberKind::User, true);
    show(&db, context, Place { kind, id }, None, Drawn { is_own, ..Drawn::default() }).await
}

fn held(conn: &mut Conn, scope: &Scope, id: MemberId, known: &[Role]) -> Result<Vec<Held>, Fault> {
    let giver = diesel::alias!(members as giver);
    let rows: Vec<(RoleId, Timestamp, Option<Timestamp>, Option<String>)> = member_roles::table
        .left_join(giver.on(giver.field(members::id).nullable().eq(member_roles::granted_by)))
        .filter(member_roles::organization_id.eq(scope.organization))
        .filter(member_roles::member_id.eq(id))
        .filter(crate::roles::in_force!(member_roles::until_at, scope.now()))
        .select((
            member_roles::role_id,
            member_roles::granted_at,
            member_roles::until_at,
            giver.field(members::name).nullable(),
        ))
        .load(conn)?;
    let mut all: Vec<Held> = Vec::new();
    for role in known {
        if let Some((_, granted_at, until, granted_by)) = rows.iter().find(|row| row.0 == role.id) {
            all.push(Held {
                name: role.name.clone(),
                is_administrator: role.is_administrator(),
                description: role.description.clone(),
                granted_at: *granted_at,
                granted_by: granted_by.clone(),
                until: *until,
            });
        }
    }
    Ok(all)
}

/// The longest undo value that still fits into a cookie after it is encoded twice more.
const LONGEST_UNDO: usize = 1_800;

async fn show(db: &Db, context: MemberContext, place: Place, form: Option<AssignmentsForm>, drawn: Drawn) -> web::Result<HttpResponse> {
    let status = if form.is_some() && drawn.preview.is_none() {
        StatusCode::UNPROCESSABLE_ENTITY
    } else {
        StatusCode::OK
    };
    let view = context
        .read(db, move |conn, scope| {
            let id = place.id;
            let header = header_of(conn, scope, place.kind, id)?;
            let all: Vec<Role> = roles::list(conn, scope.organization)?;
            let held_now = assignments(conn, scope, id)?;
            let held = held(conn, scope, id, &all)?;
            let is_offered = |role: &Role| role.is_for(place.kind) || held_now.roles.contains_key(&role.id);
            let roles: Vec<Role> = all.into_iter().filter(is_offered).collect();
            let ceiling = Ceiling::of(conn, scope)?;
            let with_ceiling = |policy: Policy| (refuse_policy(&ceiling, &policy).is_none(), policy);
            let policies = policies::list(conn, scope.organization)?.into_iter().map(with_ceiling);
            let policies = policies.map(|(may_give, policy)| (policy, may_give)).collect();
            let now = effective(conn, scope.organization, id, scope.now())?;
            let names = Names::about(scope, place.kind, id);
            let why = Why::of(&now, &Words::load(conn, scope)?, names);
            Ok::<_, Fault>((header, held_now, roles, teams(conn, scope.organization)?, policies, held, (why, names)))
        })
        .await?;
    let (header, held_now, roles, teams, policies, held, (why, names)) = view;
    let view = Access {
        form: form.unwrap_or_else(|| AssignmentsForm::of(&held_now, &roles)),
        context,
        header,
        roles,
        teams,
        policies,
        held,
        why,
        names,
        drawn,
    };
    page(status, &view)
}

/// The tab. If the caller was sent to reauthenticate while filling in the form, shows that form and its preview again.
async fn edit(db: Data<Db>, mut context: MemberContext, place: Place) -> web::Result<HttpResponse> {
    let Some(mut form) = context.pending_form::<AssignmentsForm>() else {
        return show(&db, context, place, None, Drawn::default()).await;
    };
    match form.read(context.scope.now()) {
        Some((base, wanted)) => preview(&db, context, place, form, base, wanted, true).await,
        None => show(&db, context, place, Some(form), Drawn::default()).await,
    }
}

fn here(context: &MemberContext, place: Place) -> String {
    place.path(context) + "/roles"
}

/// The undo of a change, in the address of its form.
#[derive(Deserialize)]
struct TakenBack {
    from: Option<String>,
    to: Option<String>,
}

impl TakenBack {
    fn read(&self) -> Option<(Assignments, Assignments)> {
        let read = |text: &Option<String>| text.as_deref().and_then(unpack);
        read(&self.from).zip(read(&self.to))
    }
}

async fn update(
    db: Data<Db>,
    context: MemberContext,
    place: Place,
    (taken_back, undone): (Query<TakenBack>, Query<Undone>),
    Posted(mut form): Posted<AssignmentsForm>,
) -> web::Result<HttpResponse> {
    context.scope.demand(rights::manage(place.kind))?;
    let scope = context.scope.clone();
    let read = move |conn: &mut Conn| {
        find_of(conn, &scope, place.kind, place.id)?;
        roles::list(conn, scope.organization)
    };
    let known = db.read(read).await?;
    let left_by = undone.left_by()?;
    let taken_back = taken_back.read().filter(|_| left_by.is_some());
    if let Some((from, to)) = &taken_back {
        form = AssignmentsForm::between(from, to);
    }
    let mut form = form.understood()?;
    let Some((base, wanted)) = taken_back.clone().or_else(|| form.read(context.scope.now())) else {
        return show(&db, context, place, Some(form), Drawn::default()).await;
    };
    if form.is_preview() {
        return preview(&db, context, place, form, base, wanted, false).await;
    }
    let doing = changes(&base, &wanted);
    if doing.iter().any(|change| change.needs_reauthentication(&known)) {
        context.require_reauthentication(ReturnTo::filled(here(&context, place), &form))?;
    }
    // Undo of an old action is treated like any other change: the page asks first.
    let is_long_ago = left_by.is_some_and(|left_by| left_by.is_long_ago(context.scope.now()));
    if taken_back.is_some() && is_long_ago {
        return preview(&db, context, place, form, base, wanted, true).await;
    }
    let is_seen = taken_back.is_some() || form.has_seen(&wanted);
    if !is_seen && doing.iter().any(|change| change.asks_first(&known)) {
        return preview(&db, context, place, form, base, wanted, true).await;
    }
    let left_by = left_by.filter(|_| taken_back.is_some());
    save(&db, context, place, form, (base, wanted), left_by).await
}

async fn save(
    db: &Db,
    context: MemberContext,
    place: Place,
    form: AssignmentsForm,
    (base, wanted): (Assignments, Assignments),
    left_by: Option<LeftBy>,
) -> web::Result<HttpResponse> {
    let (from, to) = (base.clone(), wanted.clone());
    match context
        .write(db, move |tx, scope| set_assignments(tx, scope, place.kind, place.id, (&from, &to), left_by))
        .await
        .refused()?
    {
        Ok(is_changed) => Ok(answer(&context, place, is_changed.then_some((&base, &wanted)))),
        Err(refusal) if left_by.is_some() => Ok(context.redirect_with_notice(&here(&context, place), Notice::error(refusal.to_string()))),
        Err(refusal) => show(db, context, place, Some(form), refused(refusal)).await,
    }
}

fn refused(refusal: Refusal) -> Drawn {
    Drawn { is_own: false, refusal: Some(refusal), preview: None }
}

/// The same form with a preview. Sent again unchanged, it counts as previewed.
async fn preview(
    db: &Db,
    context: MemberContext,
    place: Place,
    mut form: AssignmentsForm,
    base: Assignments,
    wanted: Assignments,
    is_asking: bool,
) -> web::Result<HttpResponse> {
    form.see(&wanted);
    let looked = context.write(db, move |tx, scope| look(tx, scope, place.kind, place.id, &base, &wanted)).await;
    let seen = match looked.refused()? {
        Ok(()) => return Err(Fault::broken("a look changes nothing").into()),
        Err(PreviewOutcome::Refused(refusal)) => {
            return show(db, context, place, Some(form), refused(refusal)).await;
        }
        Err(PreviewOutcome::Seen(seen)) => seen,
    };
    let words = context.read(db, Words::load).await?;
    let drawn = Drawn {
        is_own: false,
        refusal: None,
        preview: Some(Preview { difference: Difference::between(&seen.0, &seen.1, &words), is_asking }),
    };
    show(db, context, place, Some(form), drawn).await
}

fn answer(context: &MemberContext, place: Place, changed: Option<(&Assignments, &Assignments)>) -> HttpResponse {
    let here = here(context, place);
    let notice = match changed {
        Some((base, wanted)) => {
            let undo = format!("{here}?from={}&to={}&{}", pack(wanted), pack(base), Undone::pair(context.scope.now()));
            let notice = Notice::success("Access is changed, from the next request on.");
            // The undo address is kept in a cookie, which holds about four thousand characters.
            if undo.len() < LONGEST_UNDO {
                notice.with_undo(undo, here.clone())
            } else {
                notice
            }
        }
        None => Notice::success("It was so already, so nothing was changed."),
    };
    context.redirect_with_notice(&here, notice)
}
