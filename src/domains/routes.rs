//! Handlers: the list, adding, checking, binding and removing.

use super::{
    forms::{BindingForm, DomainForm, RemovalForm},
    manage::{self, DomainRefusal},
    model::Domain,
    pages::{Index, LIST, Removal},
    proof::Checker,
};
use crate::{
    connections::{self, Connection},
    db::{Conn, Db},
    kit::{DomainId, Fault, OperationResult, OrganizationId, Scope, rights},
    web::{self, EmptyForm, MemberContext, Notice, Posted, Respond, ReturnTo, Unread},
};
use actix_web::{
    HttpResponse,
    web::{Data, Path},
};

pub fn mount(app: &mut web::Routes) {
    let list = web::resource("/o/{organization}/settings/domains");
    app.service(list.route(web::get().to(index)).route(web::post().to(create)));
    app.service(web::resource("/o/{organization}/settings/domains/{domain}").route(web::post().to(update)));
    app.service(web::resource("/o/{organization}/settings/domains/{domain}/checks").route(web::post().to(check)));
    let removal = web::resource("/o/{organization}/settings/domains/{domain}/removal");
    app.service(removal.route(web::get().to(confirm)).route(web::post().to(remove)));
}

type Place = Path<(OrganizationId, DomainId)>;

fn load(conn: &mut Conn, scope: &Scope) -> Result<(Vec<Domain>, Vec<Connection>), Fault> {
    Ok((manage::list(conn, scope)?, connections::list(conn, scope)?))
}

async fn page(db: &Db, context: MemberContext, form: DomainForm) -> web::Result<Index> {
    let (all, connections) = context.read(db, load).await?;
    Ok(Index { context, all, connections, form })
}

async fn index(db: Data<Db>, mut context: MemberContext) -> web::Result<HttpResponse> {
    let form = context.pending_form().unwrap_or_default();
    page(&db, context, form).await?.ok()
}

async fn create(db: Data<Db>, context: MemberContext, Posted(mut form): Posted<DomainForm>) -> web::Result<HttpResponse> {
    context.scope.demand(rights::CONNECTION_MANAGE)?;
    context.require_reauthentication(ReturnTo::form_page())?;
    let typed = form.name.value.clone();
    match context.write(&db, move |tx, scope| manage::add(tx, scope, &typed)).await.refused()? {
        Ok(domain) => {
            let notice = Notice::success(format!("{} is added. Now create its DNS record.", domain.readable()));
            Ok(context.redirect_with_notice(&context.path(LIST), notice))
        }
        Err(refusal) => {
            form.name.refuse(refusal.to_string());
            page(&db, context, form).await?.unprocessable()
        }
    }
}

/// Looks for the proof now.
async fn check(
    db: Data<Db>,
    checker: Data<Checker>,
    context: MemberContext,
    place: Place,
    _: Posted<EmptyForm>,
) -> web::Result<HttpResponse> {
    let id = place.1;
    let notice = match context.write(&db, move |tx, scope| manage::begin_check(tx, scope, id)).await.refused()? {
        Err(refusal) => Notice::error(refusal.to_string()),
        Ok(domain) => match checker.check(context.scope.organization, &domain).await {
            Err(Fault::Unavailable(_)) => Notice::error("Too many checks are under way at this moment. Try again."),
            found => {
                let finding = found?;
                let words = finding.words();
                let ended = context.write(&db, move |tx, scope| manage::end_check(tx, scope, id, &finding)).await.refused()?;
                told(&domain, words, ended.err())
            }
        },
    };
    Ok(context.redirect_with_notice(&context.path(LIST), notice))
}

/// The result of a check of a domain, as it was before.
fn told(domain: &Domain, words: Option<String>, refusal: Option<DomainRefusal>) -> Notice {
    let name = domain.readable();
    match (words, refusal) {
        (_, Some(refusal)) => Notice::error(format!("{name}: {refusal}")),
        (Some(words), None) if domain.is_verified() => Notice::error(format!("{name} stays verified for now. {words}")),
        (Some(words), None) => Notice::error(format!("{name} is not verified. {words}")),
        (None, None) if domain.is_verified() => Notice::success(format!("The record of {name} is there.")),
        (None, None) => Notice::success(format!("{name} is verified.")),
    }
}

async fn update(db: Data<Db>, context: MemberContext, place: Place, Posted(form): Posted<Unread>) -> web::Result<HttpResponse> {
    context.scope.demand(rights::CONNECTION_MANAGE)?;
    let id = place.1;
    context.read(&db, move |conn, scope| manage::find(conn, scope, id)).await?;
    context.require_reauthentication(ReturnTo::button(context.path(LIST)))?;
    let form: BindingForm = form.read()?;
    let connection = form.chosen()?;
    let version = form.version;
    let bound = context
        .write(&db, move |tx, scope| manage::bind(tx, scope, id, version, connection))
        .await
        .refused()?;
    let notice = match bound {
        Ok(is_changed) => Notice::saved(is_changed, "The domain is saved."),
        Err(refusal) => Notice::error(refusal.to_string()),
    };
    Ok(context.redirect_with_notice(&context.path(LIST), notice))
}

async fn removal(db: &Db, context: MemberContext, id: DomainId) -> web::Result<Removal> {
    let (domain, connections) = context
        .read(db, move |conn, scope| {
            Ok::<_, Fault>((manage::find(conn, scope, id)?, connections::list(conn, scope)?))
        })
        .await?;
    let is_bound = |connection: &Connection| Some(connection.id) == domain.connection_id && connection.is_enabled();
    let connection = connections.into_iter().find(is_bound).map(|connection| connection.name);
    Ok(Removal { context, domain, connection, typed: web::Field::default() })
}

async fn confirm(db: Data<Db>, mut context: MemberContext, place: Place) -> web::Result<HttpResponse> {
    context.scope.demand(rights::CONNECTION_MANAGE)?;
    let RemovalForm { name } = context.pending_form().unwrap_or_default();
    let page = removal(&db, context, place.1).await?;
    Removal { typed: name, ..page }.ok()
}

async fn remove(db: Data<Db>, context: MemberContext, place: Place, Posted(mut form): Posted<RemovalForm>) -> web::Result<HttpResponse> {
    context.scope.demand(rights::CONNECTION_MANAGE)?;
    let id = place.1;
    let domain = context.read(&db, move |conn, scope| manage::find(conn, scope, id)).await?;
    context.require_reauthentication(ReturnTo::form_page())?;
    if !form.name.repeats(&domain.readable()) {
        let page = removal(&db, context, id).await?;
        return Removal { typed: form.name, ..page }.unprocessable();
    }
    let gone = context.write(&db, move |tx, scope| manage::remove(tx, scope, id)).await?;
    let notice = Notice::success(format!("The domain {} is removed.", gone.readable()));
    Ok(context.redirect_with_notice(&context.path(LIST), notice))
}
