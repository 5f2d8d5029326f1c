//! Handlers of `access::roles`: they read the request, call an operation and answer with a page.

use super::{
    RoleRefusal,
    affected::affected,
    create, delete, edit,
    form::RoleForm,
    guards, list,
    pages::{Deletion, Index, Reset, Show, conflicts},
    refusal, reset,
};
use crate::{
    access::{
        count::Count,
        deletion_page::{DeletionForm, DeletionPage},
        form_state::{FormState, Preview},
    },
    db::{Conn, Db, Tx},
    kit::{Fault, OperationError, OperationResult, OrganizationId, RoleId, Scope, rights},
    roles::{self, Content, Role},
    web::{self, Back, Field, MemberContext, Notice, Posted, ReturnTo, page},
};
use actix_web::{
    HttpResponse,
    http::StatusCode,
    web::{Data, Path, Query, ServiceConfig, resource},
};
use serde::Deserialize;

pub(in crate::access) fn mount(app: &mut ServiceConfig) {
    app.service(resource("/o/{organization}/roles").route(web::get().to(index)).route(web::post().to(insert)));
    app.service(resource("/o/{organization}/roles/new").route(web::get().to(new)));
    app.service(
        resource("/o/{organization}/roles/predefined")
            .route(web::get().to(modified))
            .route(web::post().to(restore)),
    );
    app.service(resource("/o/{organization}/roles/{role}").route(web::get().to(show)).route(web::post().to(update)));
    app.service(
        resource("/o/{organization}/roles/{role}/deletion")
            .route(web::get().to(confirm))
            .route(web::post().to(remove)),
    );
}

type Place = Path<(OrganizationId, RoleId)>;

async fn index(db: Data<Db>, context: MemberContext) -> web::Result<HttpResponse> {
    let (roles, holders) = context
        .read(&db, move |conn, scope| {
            scope.demand(rights::ROLE_READ)?;
            Ok::<_, Fault>((roles::list(conn, scope.organization)?, list::holders(conn, scope)?))
        })
        .await?;
    page(StatusCode::OK, &Index { context, roles, holders })
}

#[derive(Deserialize)]
struct Begun {
    /// The role to copy into a new one.
    from: Option<RoleId>,
}

async fn new(db: Data<Db>, mut context: MemberContext, begun: Query<Begun>) -> web::Result<HttpResponse> {
    let from = begun.from;
    let form = context
        .read(&db, move |conn, scope| {
            scope.demand(rights::ROLE_MANAGE)?;
            let copy = from.map(|id| roles::find(conn, scope.organization, id)).transpose()?;
            let Some(role) = copy else { return Ok(RoleForm::default()) };
            let declared = roles::application_permissions(conn, scope.organization)?;
            Ok::<_, Fault>(RoleForm::copy_of(&role, &declared))
        })
        .await?;
    let form = context.pending_form().unwrap_or(form);
    draw(&db, context, None, form, FormState::Opened).await
}

async fn show(db: Data<Db>, mut context: MemberContext, place: Place) -> web::Result<HttpResponse> {
    let id = place.1;
    let role = context
        .read(&db, move |conn, scope| {
            scope.demand(rights::ROLE_READ)?;
            roles::find(conn, scope.organization, id)
        })
        .await?;
    let form = context.pending_form().unwrap_or_else(|| RoleForm::of(&role));
    draw(&db, context, Some(role), form, FormState::Opened).await
}

/// Loads everything around the form and renders the page.
async fn draw(db: &Db, context: MemberContext, role: Option<Role>, form: RoleForm, form_state: FormState) -> web::Result<HttpResponse> {
    let of = role.clone();
    let (declared, holders, count, refusal) = context
        .read(db, move |conn, scope| {
            let declared = roles::application_permissions(conn, scope.organization)?;
            let Some(role) = &of else {
                return Ok((declared, vec![], Count::default(), None));
            };
            let holders = list::first(conn, scope, role)?;
            Ok::<_, Fault>((declared, holders, list::count(conn, scope, role.id)?, why_not(conn, scope, role)?))
        })
        .await?;
    let view = Show { context, role, form, declared, holders, count, refusal, form_state };
    page(view.form_state.status(), &view)
}

/// Why the caller may not change the permissions of the role, if so.
fn why_not(conn: &mut Conn, scope: &Scope, role: &Role) -> Result<Option<RoleRefusal>, Fault> {
    if !scope.may(rights::ROLE_MANAGE) {
        return Ok(None);
    }
    if !role.is_editable() {
        return Ok(Some(RoleRefusal::Fixed));
    }
    refusal(guards::own_access(conn, scope, role, &Default::default()))
}

async fn insert(db: Data<Db>, context: MemberContext, Posted(mut form): Posted<RoleForm>) -> web::Result<HttpResponse> {
    context.scope.demand(rights::ROLE_MANAGE)?;
    let Some(wanted) = form.check() else {
        return draw(&db, context, None, form, FormState::REFUSED).await;
    };
    context.require_reauthentication(ReturnTo::page(context.path("/roles/new")))?;
    let new = wanted.clone();
    match context.write(&db, move |tx, scope| create(tx, scope, &new)).await.refused()? {
        Ok(id) => {
            let notice = Notice::success(format!("The role {} is there. Nobody holds it yet.", wanted.name));
            Ok(context.redirect_with_notice(&context.path(format!("/roles/{id}")), notice))
        }
        Err(refusal) => {
            complain(&mut form, &refusal);
            draw(&db, context, None, form, FormState::REFUSED).await
        }
    }
}

/// Shows a refusal at the field it concerns.
fn complain(form: &mut RoleForm, refusal: &RoleRefusal) {
    match refusal {
        RoleRefusal::NameTaken | RoleRefusal::NameReserved(_) => form.name.refuse(refusal.to_string()),
        other => form.complaint = Some(other.to_string()),
    }
}

async fn update(db: Data<Db>, context: MemberContext, place: Place, Posted(mut form): Posted<RoleForm>) -> web::Result<HttpResponse> {
    let id = place.1;
    let role = context
        .read(&db, move |conn, scope| {
            scope.demand(rights::ROLE_MANAGE)?;
            roles::find(conn, scope.organization, id)
        })
        .await?;
    let Some(wanted) = form.check() else {
        return draw(&db, context, Some(role), form, FormState::REFUSED).await;
    };
    context.require_reauthentication(ReturnTo::page(context.path(format!("/roles/{id}"))))?;
    let (new, edition) = (wanted.clone(), form.version);
    let seen = form.seen.clone();
    match context.write(&db, move |tx, scope| save(tx, scope, id, edition, &new, &seen)).await.refused()? {
        Err(Unsaved::Unseen(preview)) => draw(&db, context, Some(role), form, FormState::Preview(preview)).await,
        Ok(is_changed) => {
            let notice = if is_changed {
                "The role is saved. It holds from the next request of everybody who has it."
            } else {
                "Nothing was different."
            };
            Ok(context.redirect_with_notice(&context.path(format!("/roles/{id}")), Notice::success(notice)))
        }
        Err(Unsaved::Refused(RoleRefusal::Meanwhile)) => clash(&db, context, id, form, &wanted).await,
        Err(Unsaved::Refused(refusal)) => {
            complain(&mut form, &refusal);
            draw(&db, context, Some(role), form, FormState::REFUSED).await
        }
    }
}

/// Why a role is not saved yet.
enum Unsaved {
    Refused(RoleRefusal),
    /// The preview of the affected members has not been shown.
    Unseen(Preview),
}

/// Saves the role. If the change affects its holders, and the caller has not seen the preview, the transaction is
/// rolled back.
fn save(tx: &mut Tx<'_>, scope: &Scope, id: RoleId, edition: i64, wanted: &Content, seen: &str) -> Result<bool, OperationError<Unsaved>> {
    let before = roles::find(tx, scope.organization, id)?;
    let is_changed = edit(tx, scope, id, edition, wanted).map_err(|error| error.map_refusal(Unsaved::Refused))?;
    let texts = |role: &Content| role.permissions.iter().cloned().collect::<Vec<_>>();
    let count = list::count(tx, scope, id)?.all();
    match Preview::unless_seen(&texts(&Content::of(&before)), &texts(wanted), count, seen) {
        Some(preview) => Err(OperationError::Refused(Unsaved::Unseen(preview))),
        None => Ok(is_changed),
    }
}

/// Shows what somebody else saved beside what was typed. The next submission is based on that version.
async fn clash(db: &Db, context: MemberContext, id: RoleId, mut form: RoleForm, wanted: &Content) -> web::Result<HttpResponse> {
    let organization = context.scope.organization;
    let now = db.read(move |conn| roles::find(conn, organization, id)).await?;
    form.version = now.version;
    let differ = conflicts(&Content::of(&now), wanted);
    draw(db, context, Some(now), form, FormState::Clash(differ)).await
}

async fn confirm(db: Data<Db>, mut context: MemberContext, place: Place) -> web::Result<HttpResponse> {
    let DeletionForm { name } = context.pending_form().unwrap_or_default();
    ask(&db, context, place.1, name, None).await
}

async fn ask(db: &Db, context: MemberContext, id: RoleId, typed: Field, refused: Option<RoleRefusal>) -> web::Result<HttpResponse> {
    let (role, refusal_now, (holders, count, affected)) = context
        .read(db, move |conn, scope| {
            scope.demand(rights::ROLE_MANAGE)?;
            let role = roles::find(conn, scope.organization, id)?;
            let refusal_now = refusal(guards::deletion(conn, scope, &role))?;
            let holders = list::first(conn, scope, &role)?;
            let touched = (holders, list::count(conn, scope, id)?, affected(conn, scope, id)?);
            Ok::<_, Fault>((role, refusal_now, touched))
        })
        .await?;
    let question = DeletionPage {
        what: "role",
        name: role.name,
        list: ("Roles", "/roles"),
        typed,
        refusal: refused.or(refusal_now).map(|why| why.to_string()),
    };
    let view = Deletion { context, question, holders, count, affected };
    page(view.question.status(), &view)
}

async fn remove(db: Data<Db>, context: MemberContext, place: Place, Posted(mut form): Posted<DeletionForm>) -> web::Result<HttpResponse> {
    context.scope.demand(rights::ROLE_MANAGE)?;
    context.require_reauthentication(ReturnTo::form_page())?;
    let id = place.1;
    let role = context.read(&db, move |conn, scope| roles::find(conn, scope.organization, id)).await?;
    if !form.repeats(&role.name) {
        return ask(&db, context, id, form.name, None).await;
    }
    match context.write(&db, move |tx, scope| delete(tx, scope, id)).await.refused()? {
        Ok(role) => {
            let notice = Notice::success(format!("The role {} is deleted, and nobody holds it any more.", role.name));
            Ok(context.redirect_with_notice(&context.path("/roles"), notice))
        }
        Err(refusal) => ask(&db, context, id, form.name, Some(refusal)).await,
    }
}

async fn modified(db: Data<Db>, context: MemberContext) -> web::Result<HttpResponse> {
    let modified = context.read(&db, reset::preview).await?;
    let view = Reset { context, modified, refusal: None };
    page(StatusCode::OK, &view)
}

async fn restore(db: Data<Db>, context: MemberContext, Posted(_): Posted<Back>) -> web::Result<HttpResponse> {
    context.scope.demand(rights::ROLE_MANAGE)?;
    context.require_reauthentication(ReturnTo::form_page())?;
    match context.write(&db, reset::reset).await.refused()? {
        Ok(0) => Ok(context.redirect_with_notice(&context.path("/roles"), Notice::success("They were so already."))),
        Ok(_) => {
            let notice = Notice::success("The predefined roles are as Roster ships them.");
            Ok(context.redirect_with_notice(&context.path("/roles"), notice))
        }
        Err(refusal) => {
            let modified = context.read(&db, reset::preview).await?;
            let view = Reset { context, modified, refusal: Some(refusal) };
            page(StatusCode::UNPROCESSABLE_ENTITY, &view)
        }
    }
}
