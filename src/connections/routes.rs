//! Handlers: the list, the choice of a kind, the form, one connection.

use super::{
    certificate_expiry,
    forms::ConnectionForm,
    manage,
    model::{ClaimMapping, Connection, ConnectionKind},
    pages::{Edited, FormPage, Index, Kinds, LIST, MetadataFields, Show, path},
    parts::ConnectionParts,
    refusal::ConnectionRefusal,
    setup::ConnectionSetup,
    status,
};
use crate::{
    db::{Conn, Db},
    identities,
    kit::{ConnectionId, Fault, OperationResult, OrganizationId, Scope, rights},
    members::{self, GrantOptions},
    web::{self, MemberContext, Notice, Respond, ReturnTo, WithPickers},
};
use actix_web::{
    HttpResponse,
    http::StatusCode,
    web::{Data, Path},
};

pub(super) fn mount(app: &mut web::Routes) {
    let list = web::resource("/o/{organization}/settings/connections");
    app.service(list.route(web::get().to(index)).route(web::post().to(create)));
    app.service(web::resource("/o/{organization}/settings/connections/new").route(web::get().to(choose)));
    app.service(web::resource("/o/{organization}/settings/connections/new/{kind}").route(web::get().to(new)));
    let one = web::resource("/o/{organization}/settings/connections/{connection}");
    app.service(one.route(web::get().to(show)).route(web::post().to(update)));
    app.service(web::resource("/o/{organization}/settings/connections/{connection}/edit").route(web::get().to(edit)));
}

pub(super) type Place = Path<(OrganizationId, ConnectionId)>;

async fn index(db: Data<Db>, context: MemberContext) -> web::Result<HttpResponse> {
    let load = |conn: &mut Conn, scope: &Scope| {
        let all = manage::list(conn, scope)?;
        let ids: Vec<ConnectionId> = all.iter().map(|connection| connection.id).collect();
        let people = identities::counts(conn, scope.organization, &ids)?;
        Ok::<_, Fault>((all, people, certificate_expiry::ending(conn, scope.organization, scope.now())?))
    };
    let (all, people, ending) = context.read(&db, load).await?;
    Index { context, all, people, ending }.ok()
}

async fn choose(context: MemberContext) -> web::Result<HttpResponse> {
    context.scope.demand(rights::CONNECTION_MANAGE)?;
    Kinds { context }.ok()
}

/// What can be given to those who join.
pub(super) async fn offer(db: &Db, context: &MemberContext) -> web::Result<GrantOptions> {
    context.scope.demand(rights::CONNECTION_MANAGE)?;
    Ok(context.read(db, members::grant_options).await?)
}

async fn new(db: Data<Db>, mut context: MemberContext, place: Path<(OrganizationId, String)>) -> web::Result<HttpResponse> {
    let offer = offer(&db, &context).await?;
    let kind: ConnectionKind = place.1.parse().map_err(|_| Fault::Missing)?;
    let form = context.pending_form().unwrap_or_else(|| ConnectionForm::blank(kind, &offer));
    FormPage { context, kind, form, offer, edited: None, metadata: MetadataFields::default() }.ok()
}

/// The form with its choices narrowed.
fn searched(page: FormPage) -> web::Result<HttpResponse> {
    page.ok_unless(page.form.grants.complaint.is_some())
}

async fn create(
    db: Data<Db>,
    setup: Data<ConnectionSetup>,
    context: MemberContext,
    WithPickers { mut form, search }: WithPickers<ConnectionForm>,
) -> web::Result<HttpResponse> {
    let offer = offer(&db, &context).await?;
    let kind = form.kind()?;
    if form.grants.narrow(search, &offer, &context.scope) {
        return searched(FormPage { context, kind, form, offer, edited: None, metadata: MetadataFields::default() });
    }
    context.require_reauthentication(ReturnTo::page(context.path(format!("{LIST}/new/{}", kind.as_str()))))?;
    let Some(wanted) = form.judged(&setup, &context.scope, kind, &offer, None).await? else {
        return FormPage { context, kind, form, offer, edited: None, metadata: MetadataFields::default() }.unprocessable();
    };
    match context
        .write(&db, move |tx, scope| manage::create(tx, scope, &setup, kind, &wanted))
        .await
        .refused()?
    {
        Ok(connection) => {
            let notice = Notice::success(format!(
                "The connection {} is created. Nobody signs in through it until you enable it.",
                connection.name
            ));
            Ok(context.redirect_with_notice(&path(&context, &connection), notice))
        }
        Err(refusal) => {
            form.refuse(&refusal);
            FormPage { context, kind, form, offer, edited: None, metadata: MetadataFields::default() }.unprocessable()
        }
    }
}

pub(super) async fn find(db: &Db, context: &MemberContext, id: ConnectionId) -> web::Result<Connection> {
    Ok(context.read(db, move |conn, scope| manage::find(conn, scope, id)).await?)
}

/// Checks that the caller, who pressed a button on the page of a connection, may change it and proved lately who they are.
/// Returns the path of the page, to which the answer leads back.
pub(super) async fn pressed(db: &Db, context: &MemberContext, id: ConnectionId) -> web::Result<String> {
    context.scope.demand(rights::CONNECTION_MANAGE)?;
    let home = path(context, &find(db, context, id).await?);
    context.require_reauthentication(ReturnTo::button(&home))?;
    Ok(home)
}

/// The connection, with what its form says of it.
pub(super) async fn edited(db: &Db, context: &MemberContext, id: ConnectionId) -> web::Result<Edited> {
    let load = move |conn: &mut Conn, scope: &Scope| {
        Ok::<_, Fault>(Edited {
            connection: manage::find(conn, scope, id)?,
            has_secret: manage::has_secret(conn, scope, id)?,
            people: identities::count(conn, scope.organization, id)?,
        })
    };
    Ok(context.read(db, load).await?)
}

async fn edit(db: Data<Db>, mut context: MemberContext, place: Place) -> web::Result<HttpResponse> {
    let offer = offer(&db, &context).await?;
    let edited = edited(&db, &context, place.1).await?;
    let form = context.pending_form().unwrap_or_else(|| ConnectionForm::of(&edited.connection));
    let kind = edited.connection.kind;
    FormPage {
        context,
        kind,
        form,
        offer,
        edited: Some(edited),
        metadata: MetadataFields::default(),
    }
    .ok()
}

async fn update(
    db: Data<Db>,
    setup: Data<ConnectionSetup>,
    context: MemberContext,
    place: Place,
    WithPickers { mut form, search }: WithPickers<ConnectionForm>,
) -> web::Result<HttpResponse> {
    let offer = offer(&db, &context).await?;
    let edited = edited(&db, &context, place.1).await?;
    let (id, kind, home) = (edited.connection.id, edited.connection.kind, path(&context, &edited.connection));
    if form.grants.narrow(search, &offer, &context.scope) {
        return searched(FormPage {
            context,
            kind,
            form,
            offer,
            edited: Some(edited),
            metadata: MetadataFields::default(),
        });
    }
    context.require_reauthentication(ReturnTo::page(format!("{home}/edit")))?;
    let judged = form.judged(&setup, &context.scope, kind, &offer, Some(&edited.connection)).await?;
    let Some(wanted) = judged else {
        return FormPage {
            context,
            kind,
            form,
            offer,
            edited: Some(edited),
            metadata: MetadataFields::default(),
        }
        .unprocessable();
    };
    let version = form.version;
    match context
        .write(&db, move |tx, scope| manage::update(tx, scope, &setup, id, version, &wanted))
        .await
        .refused()?
    {
        Ok(is_changed) => Ok(context.redirect_with_notice(&home, Notice::saved(is_changed, "The connection is saved."))),
        Err(refusal) => {
            let is_conflict = refusal == ConnectionRefusal::Meanwhile;
            form.refuse(&refusal);
            // If the person sends the form again, they have seen that it changed.
            form.version = edited.connection.version;
            let status = if is_conflict {
                StatusCode::CONFLICT
            } else {
                StatusCode::UNPROCESSABLE_ENTITY
            };
            FormPage {
                context,
                kind,
                form,
                offer,
                edited: Some(edited),
                metadata: MetadataFields::default(),
            }
            .with_status(status)
        }
    }
}

async fn show(db: Data<Db>, context: MemberContext, place: Place) -> web::Result<HttpResponse> {
    let (id, shown) = (place.1, context.clone());
    context.read(&db, move |conn, scope| load(conn, scope, &shown, id)).await?.ok()
}

fn load(conn: &mut Conn, scope: &Scope, context: &MemberContext, id: ConnectionId) -> Result<Show, Fault> {
    let connection = manage::find(conn, scope, id)?;
    let creator = connection.created_by.filter(|_| scope.may(rights::USER_READ));
    let created_by = match creator.map(|member| members::find(conn, scope, member)) {
        Some(Ok(member)) => Some(member.name),
        // Deleted since.
        Some(Err(Fault::Missing)) | None => None,
        Some(Err(fault)) => return Err(fault),
    };
    let sees_deleted = scope.may(rights::CONNECTION_MANAGE) && scope.may(rights::USER_READ);
    let known = members::grant_options(conn, scope)?;
    let parts = ConnectionParts::load(conn, scope, &[id])?;
    Ok(Show {
        has_secret: parts.has_secret(id),
        is_complete: parts.is_complete(&connection),
        certificates: parts.certificates(id).to_vec(),
        own_keys: parts.own_keys(id).to_vec(),
        ending: certificate_expiry::ending(conn, scope.organization, scope.now())?.remove(&id),
        people: parts.people(id),
        given: known.names_of(&connection.grants.0),
        mappings: mappings(&known, &connection.mappings.0),
        deleted: if sees_deleted { status::deleted(conn, scope, id)? } else { vec![] },
        context: context.clone(),
        kind: connection.kind,
        connection,
        created_by,
    })
}

/// Each mapping with the name of what it gives.
fn mappings(known: &GrantOptions, mappings: &[ClaimMapping]) -> Vec<(ClaimMapping, Option<String>)> {
    let name = |mapping: &ClaimMapping| known.names_of(&mapping.gives.grants()).only();
    mappings.iter().map(|mapping| (mapping.clone(), name(mapping))).collect()
}
