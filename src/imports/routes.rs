//! Handlers that upload a file and show what would become of its lines.

use super::{
    Import, Imports, Labels, Layout, Sheet,
    forms::ImportForm,
    mapping::{Mapping, MappingForm},
    pages, prepare, result, sheet, steps, store,
};
use crate::{
    bulk::{self, Batch, Part, State},
    db::{Conn, Db},
    kit::{BatchId, Fault, OperationError, OperationResult, OrganizationId, Scope, rights},
    members::{self, GrantOptions, GrantRefusal, Grants, Seats},
    throttle,
    web::{self, MemberContext, Upload, Uploaded, page, see_other},
};
use actix_web::{
    FromRequest, HttpRequest, HttpResponse,
    http::StatusCode,
    web::{Data, Path, Query, ServiceConfig, resource},
};

pub fn mount(app: &mut ServiceConfig) {
    app.service(resource("/o/{organization}/imports").route(web::post().to(create)));
    app.service(resource("/o/{organization}/imports/new").route(web::get().to(new)));
    app.service(
        resource("/o/{organization}/imports/{batch}")
            .route(web::get().to(show))
            .route(web::post().to(steps::update)),
    );
    app.service(resource("/o/{organization}/imports/{batch}/columns").route(web::post().to(steps::columns)));
    app.service(resource("/o/{organization}/imports/{batch}/deletion").route(web::post().to(steps::delete)));
    app.service(resource("/o/{organization}/imports/{batch}/end").route(web::post().to(steps::end)));
    app.service(resource("/o/{organization}/imports/{batch}/result.csv").route(web::get().to(result::result)));
}

/// Checks that the caller may import people in at least one way.
fn demand_any(scope: &Scope) -> Result<(), Fault> {
    if scope.may(rights::USER_INVITE) {
        return Ok(());
    }
    scope.demand(rights::USER_MANAGE)
}

async fn new(db: Data<Db>, mut context: MemberContext) -> web::Result<HttpResponse> {
    demand_any(&context.scope)?;
    let (offer, seats) = load(&db, &context).await?;
    let form = context.pending_form().unwrap_or_else(|| ImportForm::blank(&offer, &context.scope));
    page(
        StatusCode::OK,
        &pages::New {
            context,
            form,
            offer,
            seats,
        },
    )
}

async fn load(db: &Db, context: &MemberContext) -> Result<(GrantOptions, Seats), Fault> {
    context
        .read(&db, move |conn, scope| {
            Ok((members::grant_options(conn, scope)?, members::seats(conn, scope.organization)?))
        })
        .await
}

/// Why a file is refused before it is read.
enum Complaint {
    File(String),
    Grant(GrantRefusal),
}

async fn create(db: Data<Db>, context: MemberContext, req: HttpRequest, upload: Upload) -> web::Result<HttpResponse> {
    demand_any(&context.scope)?;
    let Uploaded { mut form, file_name, file } = upload.read::<ImportForm>(sheet::MOST_BYTES).await?;
    // An upload can take long, so session and permissions are checked again when it is complete.
    let context = MemberContext::extract(&req).await?;
    demand_any(&context.scope)?;
    form.is_understood()?;
    let (offer, seats) = load(&db, &context).await?;
    let checked = form.check(&offer);
    let source = form.source(file_name, file);
    let again = |context, form| {
        page(
            StatusCode::UNPROCESSABLE_ENTITY,
            &pages::New {
                context,
                form,
                offer,
                seats,
            },
        )
    };
    let (Some((way, grants)), Some((file_name, bytes))) = (checked, source) else {
        return again(context, form);
    };
    way.demand(&context.scope)?;
    count(&db, &context).await?;
    let file_name: String = crate::kit::fold::visible(&file_name).chars().take(200).collect();
    let import = Import {
        way,
        grants,
        file_name,
        given: Grants::default(),
        layout: Layout::default(),
        empties: form.empties(),
    };
    match look(&db, &context, import, bytes).await.refused()? {
        Ok(id) => Ok(see_other(&context.path(format!("/imports/{id}")))),
        Err(Complaint::File(why)) => {
            form.text.refuse(why);
            again(context, form)
        }
        Err(Complaint::Grant(refusal)) => {
            form.grants.complaint = Some(refusal.to_string());
            again(context, form)
        }
    }
}

/// Rate limit: judging fifty thousand lines is expensive, and reveals which addresses have an account.
pub(super) async fn count(db: &Db, context: &MemberContext) -> web::Result<()> {
    let (actor, now) = (context.scope.actor.member_id(), context.scope.now());
    let who = actor.map(|id| id.to_string()).unwrap_or_default();
    let counted = db
        .write(move |tx| throttle::count(tx, "imports", &who, throttle::IMPORTS, now))
        .await;
    counted?.map_or(Ok(()), |wait| Err(wait.into()))
}

/// Reads and judges a file, off the async threads.
async fn look(db: &Db, context: &MemberContext, mut import: Import, bytes: Vec<u8>) -> Result<BatchId, OperationError<Complaint>> {
    let read = tokio::task::spawn_blocking(move || Sheet::read(bytes, None)).await;
    let mut sheet = read
        .map_err(Fault::broken)?
        .map_err(|why| OperationError::Refused(Complaint::File(why)))?;
    context
        .write(&db, move |tx, scope| {
            members::may_grant(tx, scope, &import.grants).map_err(|error| error.map_refusal(Complaint::Grant))?;
            import.adopt(tx, scope, &mut sheet)?;
            Ok(prepare(tx, scope, &import, &sheet)?)
        })
        .await
}

pub(super) type Place = Path<(OrganizationId, BatchId)>;

/// An import of this organization, if the caller may do that kind of import.
pub(super) fn visible(conn: &mut Conn, scope: &Scope, id: BatchId) -> Result<(Batch, Import), Fault> {
    demand_any(scope)?;
    let batch = bulk::find(conn, scope, id)?;
    if batch.kind != Imports::KIND {
        return Err(Fault::Missing);
    }
    let import: Import = serde_json::from_value(batch.action.0.clone()).map_err(Fault::broken)?;
    import.way.demand(scope)?;
    Ok((batch, import))
}

async fn show(db: Data<Db>, context: MemberContext, place: Place, Query(part): Query<Part>) -> web::Result<HttpResponse> {
    draw(&db, context, place.1, part, None).await
}

/// The page of an import. If the requested columns could not be read, shows them with the reason.
pub(super) async fn draw(
    db: &Db,
    context: MemberContext,
    id: BatchId,
    part: Part,
    refused: Option<MappingForm>,
) -> web::Result<HttpResponse> {
    let state = part.state();
    let (batch, import, (items, next), labels, beginning) = context
        .read(&db, move |conn, scope| {
            let (batch, import) = visible(conn, scope, id)?;
            let items = bulk::page(conn, &batch, &part)?;
            let is_mine = batch.state == State::Draft && batch.started_by == scope.actor.member_id();
            let beginning = if is_mine { store::beginning(conn, scope, id)? } else { None };
            Ok::<_, Fault>((batch, import, items, Labels::of(&members::grant_options(conn, scope)?), beginning))
        })
        .await?;
    let status = if refused.is_some() {
        StatusCode::UNPROCESSABLE_ENTITY
    } else {
        StatusCode::OK
    };
    let form = refused.unwrap_or_else(|| MappingForm::of(&import.layout));
    let view = pages::Show {
        context,
        batch,
        mapping: beginning.map(|bytes| Mapping::of(&import, form, &bytes)),
        import,
        state,
        items,
        next,
        labels,
    };
    page(status, &view)
}
