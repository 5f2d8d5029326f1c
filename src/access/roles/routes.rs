//! Handlers of `access::roles`: they read the request, call an operation and answer with a page.

use super::{
    RoleRefusal,
    affected::{Affected, affected},
    create, delete, edit,
    form::RoleForm,
    guards,
    list::{self, Holder},
    pages::{Reset, RoleDeletion, RoleIndex, RoleShow, conflicts},
    refusal, reset,
};
use crate::{
    access::{
        count::Count,
        deletion_page::{DeletionForm, DeletionPage},
        form_state::{FormState, Preview},
    },
    db::{Conn, Db, Tx},
    kit::{
        Fault, OperationError, OperationResult, OrganizationId, RoleId, Scope,
        rights::{self, Right},
    },
    roles::{self, ApplicationPermission, Content, Role},
    web::{self, Back, Field, MemberContext, Notice, Posted, Respond, ReturnTo},
};
use actix_web::{
    HttpResponse,
    web::{Data, Path, Query},
};
use serde::Deserialize;

pub(in crate::access) fn mount(app: &mut web::Routes) {
    app.service(web::resource("/o/{organization}/roles").route(web::get().to(index)).route(web::post().to(insert)));
    app.service(web::resource("/o/{organization}/roles/new").route(web::get().to(new)));
    app.service(
        web::resource("/o/{organization}/roles/predefined")
            .route(web::get().to(modified))
            .route(web::post().to(restore)),
    );
    app.service(
        web::resource("/o/{organization}/roles/{role}")
            .route(web::get().to(show))
            .route(web::post().to(update)),
    );
    app.service(
        web::resource("/o/{organization}/roles/{role}/deletion")
            .route(web::get().to(confirm))
            .route(web::post().to(remove)),
    );
}

type Place = Path<(OrganizationId, RoleId)>;

async fn index(db: Data<Db>, context: MemberContext) -> web::Result<HttpResponse> {
    let every_role = |conn: &mut Conn, scope: &Scope| {
        scope.demand(rights::ROLE_READ)?;
        Ok::<_, Fault>((roles::list(conn, scope.organization)?, list::holders(conn, scope)?))
    };
    let (roles, holders) = context.read(&db, every_role).await?;
    RoleIndex { context, roles, holders }.ok()
}

/// The role, if the caller has this right.
async fn find(db: &Db, context: &MemberContext, id: RoleId, right: Right) -> Result<Role, Fault> {
    let find = move |conn: &mut Conn, scope: &Scope| {
        scope.demand(right)?;
        roles::find(conn, scope.organization, id)
    };
    context.read(db, find).await
}

#[derive(Deserialize)]
struct RoleToCopy {
    /// The role to copy into a new one.
    from: Option<RoleId>,
}

async fn new(db: Data<Db>, mut context: MemberContext, begun: Query<RoleToCopy>) -> web::Result<HttpResponse> {
    let from = begun.from;
    let form = context.read(&db, move |conn, scope| begin(conn, scope, from)).await?;
    let form = context.pending_form().unwrap_or(form);
    draw(&db, context, None, form, FormState::Opened).await
}

/// The form of a new role: empty, or a copy of another one.
fn begin(conn: &mut Conn, scope: &Scope, from: Option<RoleId>) -> Result<RoleForm, Fault> {
    scope.demand(rights::ROLE_MANAGE)?;
    let Some(id) = from else { return Ok(RoleForm::default()) };
    let role = roles::find(conn, scope.organization, id)?;
    let declared = roles::application_permissions(conn, scope.organization)?;
    Ok(RoleForm::copy_of(&role, &declared))
}

async fn show(db: Data<Db>, mut context: MemberContext, place: Place) -> web::Result<HttpResponse> {
    let role = find(&db, &context, place.1, rights::ROLE_READ).await?;
    let form = context.pending_form().unwrap_or_else(|| RoleForm::of(&role));
    draw(&db, context, Some(role), form, FormState::Opened).await
}

/// Loads everything around the form and renders the page.
async fn draw(db: &Db, context: MemberContext, role: Option<Role>, form: RoleForm, form_state: FormState) -> web::Result<HttpResponse> {
    let of = role.clone();
    let (declared, holders, count, refusal) = context.read(db, move |conn, scope| around(conn, scope, of.as_ref())).await?;
    let status = form_state.status();
    RoleShow { context, role, form, declared, holders, count, refusal, form_state }.with_status(status)
}

type Around = (Vec<ApplicationPermission>, Vec<Holder>, Count, Option<RoleRefusal>);

/// What the form shows beside the role: the declared permissions, who holds the role, and why the caller cannot change
/// it.
fn around(conn: &mut Conn, scope: &Scope, role: Option<&Role>) -> Result<Around, Fault> {
    let declared = roles::application_permissions(conn, scope.organization)?;
    let Some(role) = role else {
        return Ok((declared, vec![], Count::default(), None));
    };
    let holders = list::first(conn, scope, role)?;
    Ok((declared, holders, list::count(conn, scope, role.id)?, why_not(conn, scope, role)?))
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
            form.complain(&refusal);
            draw(&db, context, None, form, FormState::REFUSED).await
        }
    }
}

async fn update(db: Data<Db>, context: MemberContext, place: Place, Posted(mut form): Posted<RoleForm>) -> web::Result<HttpResponse> {
    let id = place.1;
    let role = find(&db, &context, id, rights::ROLE_MANAGE).await?;
    let Some(wanted) = form.check() else {
        return draw(&db, context, Some(role), form, FormState::REFUSED).await;
    };
    context.require_reauthentication(ReturnTo::page(context.path(format!("/roles/{id}"))))?;
    let (new, version, seen) = (wanted.clone(), form.version, form.seen.clone());
    match context.write(&db, move |tx, scope| save(tx, scope, id, version, &new, &seen)).await.refused()? {
        Ok(is_changed) => {
            let notice = Notice::saved(is_changed, "The role is saved. It holds from the next request of everybody who has it.");
            Ok(context.redirect_with_notice(&context.path(format!("/roles/{id}")), notice))
        }
        Err(unsaved) => not_saved(&db, context, role, form, &wanted, unsaved).await,
    }
}

/// Renders the page of a role that is not saved yet: with a preview, a conflict or a complaint.
async fn not_saved(
    db: &Db,
    context: MemberContext,
    role: Role,
    mut form: RoleForm,
    wanted: &Content,
    unsaved: UnsavedRole,
) -> web::Result<HttpResponse> {
    match unsaved {
        UnsavedRole::Unseen(preview) => draw(db, context, Some(role), form, FormState::Preview(preview)).await,
        UnsavedRole::Refused(RoleRefusal::Meanwhile) => clash(db, context, role.id, form, wanted).await,
        UnsavedRole::Refused(refusal) => {
            form.complain(&refusal);
            draw(db, context, Some(role), form, FormState::REFUSED).await
        }
    }
}

/// Why a role is not saved yet.
enum UnsavedRole {
    Refused(RoleRefusal),
    /// The preview of the affected members has not been shown.
    Unseen(Preview),
}

/// Saves the role. If the change affects its holders, and the caller has not seen the preview, the transaction is
/// rolled back.
fn save(
    tx: &mut Tx<'_>,
    scope: &Scope,
    id: RoleId,
    version: i64,
    wanted: &Content,
    seen: &str,
) -> Result<bool, OperationError<UnsavedRole>> {
    let before = roles::find(tx, scope.organization, id)?;
    let is_changed = edit(tx, scope, id, version, wanted).map_err(|error| error.map_refusal(UnsavedRole::Refused))?;
    let texts = |role: &Content| role.permissions.iter().cloned().collect::<Vec<_>>();
    let count = list::count(tx, scope, id)?.most();
    match Preview::unless_seen(&texts(&Content::of(&before)), &texts(wanted), count, seen) {
        Some(preview) => Err(OperationError::Refused(UnsavedRole::Unseen(preview))),
        None => Ok(is_changed),
    }
}

/// Shows what somebody else saved beside what was typed. The next submission is based on that version.
async fn clash(db: &Db, context: MemberContext, id: RoleId, mut form: RoleForm, wanted: &Content) -> web::Result<HttpResponse> {
    let now = find(db, &context, id, rights::ROLE_MANAGE).await?;
    form.version = now.version;
    let differ = conflicts(&Content::of(&now), wanted);
    draw(db, context, Some(now), form, FormState::Clash(differ)).await
}

async fn confirm(db: Data<Db>, mut context: MemberContext, place: Place) -> web::Result<HttpResponse> {
    let DeletionForm { name } = context.pending_form().unwrap_or_default();
    ask(&db, context, place.1, name, None).await
}

async fn ask(db: &Db, context: MemberContext, id: RoleId, typed: Field, refused: Option<RoleRefusal>) -> web::Result<HttpResponse> {
    let (role, refusal_now, (holders, count, affected)) = context.read(db, move |conn, scope| before_deletion(conn, scope, id)).await?;
    let question = DeletionPage {
        what: "role",
        name: role.name,
        list: ("Roles", "/roles"),
        typed,
        refusal: refused.or(refusal_now).map(|why| why.to_string()),
    };
    let status = question.status();
    RoleDeletion { context, question, holders, count, affected }.with_status(status)
}

type BeforeDeletion = (Role, Option<RoleRefusal>, (Vec<Holder>, Count, Affected));

/// The role, why it cannot be deleted, and whom the deletion would affect.
fn before_deletion(conn: &mut Conn, scope: &Scope, id: RoleId) -> Result<BeforeDeletion, Fault> {
    scope.demand(rights::ROLE_MANAGE)?;
    let role = roles::find(conn, scope.organization, id)?;
    let refusal = refusal(guards::deletion(conn, scope, &role))?;
    let holders = list::first(conn, scope, &role)?;
    let touched = (holders, list::count(conn, scope, id)?, affected(conn, scope, id)?);
    Ok((role, refusal, touched))
}

async fn remove(db: Data<Db>, context: MemberContext, place: Place, Posted(mut form): Posted<DeletionForm>) -> web::Result<HttpResponse> {
    context.scope.demand(rights::ROLE_MANAGE)?;
    context.require_reauthentication(ReturnTo::form_page())?;
    let id = place.1;
    let role = find(&db, &context, id, rights::ROLE_MANAGE).await?;
    if !form.repeats(&role.name) {
        return ask(&db, context, id, form.name, None).await;
    }
    match context.write(&db, move |tx, scope| delete(tx, scope, id, true)).await.refused()? {
        Ok((role, _)) => {
            let notice = Notice::success(format!("The role {} is deleted, and nobody holds it any more.", role.name));
            Ok(context.redirect_with_notice(&context.path("/roles"), notice))
        }
        Err(refusal) => ask(&db, context, id, form.name, Some(refusal)).await,
    }
}

async fn modified(db: Data<Db>, context: MemberContext) -> web::Result<HttpResponse> {
    let modified = context.read(&db, reset::preview).await?;
    Reset { context, modified, refusal: None }.ok()
}

async fn restore(db: Data<Db>, context: MemberContext, Posted(_): Posted<Back>) -> web::Result<HttpResponse> {
    context.scope.demand(rights::ROLE_MANAGE)?;
    context.require_reauthentication(ReturnTo::form_page())?;
    let notice = match context.write(&db, reset::reset).await.refused()? {
        Ok(0) => Notice::success("They were so already."),
        Ok(_) => Notice::success("The predefined roles are as Roster ships them."),
        Err(refusal) => {
            let modified = context.read(&db, reset::preview).await?;
            return Reset { context, modified, refusal: Some(refusal) }.unprocessable();
        }
    };
    Ok(context.redirect_with_notice(&context.path("/roles"), notice))
}
