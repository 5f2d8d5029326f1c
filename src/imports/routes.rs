//! Handlers that upload a file and show what would become of its lines.

use super::{
    Import, Layout, Sheet,
    draft_page::{Place, count, demand_any, draw},
    forms::ImportForm,
    pages, prepare, result, sheet, steps,
};
use crate::{
    bulk::Part,
    db::Db,
    kit::{BatchId, Fault, OperationError, OperationResult},
    members::{self, GrantOptions, GrantRefusal, Grants, Seats},
    web::{self, MemberContext, Upload, Uploaded, page, see_other},
};
use actix_web::{
    FromRequest, HttpRequest, HttpResponse,
    http::StatusCode,
    web::{Data, Query, ServiceConfig, resource},
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

async fn new(db: Data<Db>, mut context: MemberContext) -> web::Result<HttpResponse> {
    demand_any(&context.scope)?;
    let (offer, seats) = load(&db, &context).await?;
    let form = context.pending_form().unwrap_or_else(|| ImportForm::blank(&offer, &context.scope));
    page(StatusCode::OK, &pages::New { context, form, offer, seats })
}

async fn load(db: &Db, context: &MemberContext) -> Result<(GrantOptions, Seats), Fault> {
    context
        .read(db, move |conn, scope| {
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
    let again = |context, form| page(StatusCode::UNPROCESSABLE_ENTITY, &pages::New { context, form, offer, seats });
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

/// Reads and judges a file, off the async threads.
async fn look(db: &Db, context: &MemberContext, mut import: Import, bytes: Vec<u8>) -> Result<BatchId, OperationError<Complaint>> {
    let read = tokio::task::spawn_blocking(move || Sheet::read(bytes, None)).await;
    let mut sheet = read.map_err(Fault::broken)?.map_err(|why| OperationError::Refused(Complaint::File(why)))?;
    context
        .write(db, move |tx, scope| {
            members::may_grant(tx, scope, &import.grants).map_err(|error| error.map_refusal(Complaint::Grant))?;
            import.adopt(tx, scope, &mut sheet)?;
            Ok(prepare(tx, scope, &import, &sheet)?)
        })
        .await
}

async fn show(db: Data<Db>, context: MemberContext, place: Place, Query(part): Query<Part>) -> web::Result<HttpResponse> {
    draw(&db, context, place.1, part, None).await
}
