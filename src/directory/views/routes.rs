//! Handlers of saved views.

use super::{
    SavedView, ViewRefusal, changeable_here, create, delete, edit, find,
    forms::{DefaultForm, ViewChangeForm, ViewForm},
    list, of_list,
    pages::{ViewDeletion, ViewFormPage, ViewsPage},
    set_default, set_default_for_all,
};
use crate::{
    db::{Conn, Db},
    directory::{ViewChoice, described},
    kit::{Fault, MemberKind, OperationResult, OrganizationId, Scope, ViewId, rights},
    members,
    web::{self, EmptyForm, Field, MemberContext, Notice, Posted, Respond, see_other},
};
use actix_web::{
    HttpResponse,
    web::{Data, Path, Query},
};

pub(in crate::directory) fn mount(app: &mut web::Routes) {
    let all = web::resource(["/o/{organization}/users/views", "/o/{organization}/system-accounts/views"]);
    app.service(all.route(web::get().to(index)).route(web::post().to(make)));
    let fresh = web::resource(["/o/{organization}/users/views/new", "/o/{organization}/system-accounts/views/new"]);
    app.service(fresh.route(web::get().to(new)));
    let default = web::resource([
        "/o/{organization}/users/views/default",
        "/o/{organization}/system-accounts/views/default",
    ]);
    app.service(default.route(web::post().to(choose)));
    let one = web::resource([
        "/o/{organization}/users/views/{view}",
        "/o/{organization}/system-accounts/views/{view}",
    ]);
    app.service(one.route(web::get().to(show)).route(web::post().to(save)));
    let edited = web::resource([
        "/o/{organization}/users/views/{view}/edit",
        "/o/{organization}/system-accounts/views/{view}/edit",
    ]);
    app.service(edited.route(web::get().to(rename)));
    let deleted = web::resource([
        "/o/{organization}/users/views/{view}/deletion",
        "/o/{organization}/system-accounts/views/{view}/deletion",
    ]);
    app.service(deleted.route(web::get().to(confirm)).route(web::post().to(remove)));
}

type Place = Path<(OrganizationId, ViewId)>;

async fn index(db: Data<Db>, context: MemberContext, kind: MemberKind) -> web::Result<HttpResponse> {
    let views = context.read(&db, move |conn, scope| list(conn, scope, kind)).await?;
    ViewsPage { context, kind, views }.ok()
}

async fn new(db: Data<Db>, context: MemberContext, kind: MemberKind, Query(form): Query<ViewForm>) -> web::Result<HttpResponse> {
    members::demand_list(&context.scope, kind)?;
    form_page(&db, context, kind, form, None, None).await
}

async fn form_page(
    db: &Db,
    context: MemberContext,
    kind: MemberKind,
    form: ViewForm,
    view: Option<ViewId>,
    refusal: Option<ViewRefusal>,
) -> web::Result<HttpResponse> {
    let is_refused = refusal.is_some() || form.name.is_refused();
    let query = form.query.clone();
    let described = context.read(db, move |conn, scope| described(conn, scope, kind, &query)).await?;
    let refusal = refusal.map(|refusal| refusal.to_string());
    ViewFormPage { context, kind, form, view, described, refusal }.ok_unless(is_refused)
}

async fn make(db: Data<Db>, context: MemberContext, kind: MemberKind, Posted(mut form): Posted<ViewForm>) -> web::Result<HttpResponse> {
    members::demand_list(&context.scope, kind)?;
    let Some(wanted) = form.check(kind) else {
        return form_page(&db, context, kind, form, None, None).await;
    };
    match context.write(&db, move |tx, scope| create(tx, scope, &wanted)).await.refused()? {
        Ok(id) => Ok(context.redirect_with_notice(&address(&context, kind, id), Notice::success("The view is saved."))),
        Err(ViewRefusal::NameTaken) => {
            form.name.refuse(ViewRefusal::NameTaken.to_string());
            form_page(&db, context, kind, form, None, None).await
        }
        Err(refusal) => form_page(&db, context, kind, form, None, Some(refusal)).await,
    }
}

/// The view's own address, which leads to the list.
fn address(context: &MemberContext, kind: MemberKind, id: ViewId) -> String {
    context.path(format!("{}/views/{id}", kind.path()))
}

/// The list as this view shows it.
pub(in crate::directory) fn list_address(context: &MemberContext, view: &SavedView) -> String {
    // What is kept is sent as it is, so that the list says what of it is not known any more.
    let glue = if view.query.is_empty() { "" } else { "&" };
    context.path(format!("{}?{}{glue}view={}", view.kind.path(), view.query, view.id))
}

fn found(conn: &mut Conn, scope: &Scope, kind: MemberKind, id: ViewId) -> Result<SavedView, Fault> {
    members::demand_list(scope, kind)?;
    of_list(find(conn, scope, id)?, kind)
}

async fn show(db: Data<Db>, context: MemberContext, kind: MemberKind, place: Place) -> web::Result<HttpResponse> {
    let id = place.1;
    let view = context.read(&db, move |conn, scope| found(conn, scope, kind, id)).await?;
    Ok(see_other(&list_address(&context, &view)))
}

async fn rename(db: Data<Db>, context: MemberContext, kind: MemberKind, place: Place) -> web::Result<HttpResponse> {
    let id = place.1;
    let view = context.read(&db, move |conn, scope| changeable_here(conn, scope, kind, id)).await?;
    let form = ViewForm { name: Field::new(view.name), query: view.query, ..ViewForm::default() };
    form_page(&db, context, kind, form, Some(id), None).await
}

async fn save(
    db: Data<Db>,
    context: MemberContext,
    kind: MemberKind,
    place: Place,
    Posted(mut form): Posted<ViewChangeForm>,
) -> web::Result<HttpResponse> {
    let id = place.1;
    let view = context.read(&db, move |conn, scope| changeable_here(conn, scope, kind, id)).await?;
    let checked = form.check();
    let mut again = ViewForm { name: form.name.unwrap_or_default(), query: view.query, ..ViewForm::default() };
    let Some(change) = checked else {
        return form_page(&db, context, kind, again, Some(id), None).await;
    };
    match context.write(&db, move |tx, scope| edit(tx, scope, id, &change)).await.refused()? {
        Ok(is_changed) => {
            let notice = Notice::saved(is_changed, "The view is saved.");
            Ok(context.redirect_with_notice(&address(&context, kind, id), notice))
        }
        Err(refusal) => {
            again.name.refuse(refusal.to_string());
            form_page(&db, context, kind, again, Some(id), None).await
        }
    }
}

async fn confirm(db: Data<Db>, context: MemberContext, kind: MemberKind, place: Place) -> web::Result<HttpResponse> {
    let id = place.1;
    let view = context.read(&db, move |conn, scope| changeable_here(conn, scope, kind, id)).await?;
    ViewDeletion { context, view }.ok()
}

async fn remove(db: Data<Db>, context: MemberContext, kind: MemberKind, place: Place, _: Posted<EmptyForm>) -> web::Result<HttpResponse> {
    let id = place.1;
    context.read(&db, move |conn, scope| changeable_here(conn, scope, kind, id)).await?;
    let view = context.write(&db, move |tx, scope| delete(tx, scope, id)).await?;
    let notice = Notice::success(format!("The view {} is deleted.", view.name));
    Ok(context.redirect_with_notice(&context.path(format!("{}?view={}", kind.path(), ViewChoice::PLAIN)), notice))
}

async fn choose(db: Data<Db>, context: MemberContext, kind: MemberKind, Posted(form): Posted<DefaultForm>) -> web::Result<HttpResponse> {
    members::demand_list(&context.scope, kind)?;
    let chosen = form.chosen().ok_or_else(|| web::Error::Malformed("There is no such view.".into()))?;
    let list = context.path(kind.path());
    if form.everybody.0 {
        context.scope.demand(rights::manage(kind))?;
        let done = context.write(&db, move |tx, scope| set_default_for_all(tx, scope, kind, chosen.id()));
        let notice = match done.await.refused()? {
            Ok(is_changed) => Notice::saved(is_changed, "That is what everybody is shown who has not chosen another view."),
            Err(refusal) => Notice::error(refusal.to_string()),
        };
        return Ok(context.redirect_with_notice(&(list + "/views"), notice));
    }
    context.write(&db, move |tx, scope| set_default(tx, scope, kind, chosen)).await?;
    let notice = Notice::success(format!("That is what {} shows you from now on.", kind.list_name()));
    Ok(context.redirect_with_notice(&list, notice))
}
