//! Handlers that upload a file and show what would become of its lines.

use super::{
    Import, ImportFile,
    draft_page::{Place, count, demand_any, draw},
    forms::{FileRefusal, ImportForm},
    import_file, pages, prepare, result, steps,
};
use crate::{
    bulk::Part,
    db::Db,
    kit::{BatchId, Fault, MemberKind, OperationError, OperationResult},
    members::{self, GrantOptions, Seats},
    web::{self, MemberContext, Respond, Upload, Uploaded, see_other},
};
use actix_web::{
    FromRequest, HttpRequest, HttpResponse,
    web::{Data, Query},
};

pub fn mount(app: &mut web::Routes) {
    app.service(web::resource("/o/{organization}/imports").route(web::post().to(create)));
    app.service(web::resource("/o/{organization}/imports/new").route(web::get().to(new)));
    app.service(
        web::resource("/o/{organization}/imports/{batch}")
            .route(web::get().to(show))
            .route(web::post().to(steps::update)),
    );
    app.service(web::resource("/o/{organization}/imports/{batch}/columns").route(web::post().to(steps::columns)));
    app.service(web::resource("/o/{organization}/imports/{batch}/deletion").route(web::post().to(steps::delete)));
    app.service(web::resource("/o/{organization}/imports/{batch}/end").route(web::post().to(steps::end)));
    app.service(web::resource("/o/{organization}/imports/{batch}/result.csv").route(web::get().to(result::result)));
}

async fn new(db: Data<Db>, mut context: MemberContext) -> web::Result<HttpResponse> {
    demand_any(&context.scope)?;
    let (offer, seats) = load(&db, &context).await?;
    let form = context.pending_form().unwrap_or_else(|| ImportForm::blank(&offer, &context.scope));
    pages::New { context, form, offer, seats, is_file_lost: false }.ok()
}

async fn load(db: &Db, context: &MemberContext) -> Result<(GrantOptions, Seats), Fault> {
    context.read(db, |conn, scope| members::offer(conn, scope, MemberKind::User)).await
}

/// Reads the upload. That can take long, so session and permissions are checked again when it is complete.
async fn receive(context: &MemberContext, req: &HttpRequest, upload: Upload) -> web::Result<(MemberContext, Uploaded<ImportForm>)> {
    demand_any(&context.scope)?;
    let uploaded = upload.read::<ImportForm>(import_file::MOST_BYTES).await?;
    let context = MemberContext::extract(req).await?;
    demand_any(&context.scope)?;
    uploaded.form.is_understood()?;
    Ok((context, uploaded))
}

async fn create(db: Data<Db>, context: MemberContext, req: HttpRequest, upload: Upload) -> web::Result<HttpResponse> {
    let (context, Uploaded { mut form, search, file_name, file }) = receive(&context, &req, upload).await?;
    let (offer, seats) = load(&db, &context).await?;
    if form.grants.narrow(search, &offer, &context.scope) {
        let is_refused = form.grants.complaint.is_some();
        return pages::New { context, form, offer, seats, is_file_lost: !file.is_empty() }.ok_unless(is_refused);
    }
    let (checked, source) = (form.check(&offer), form.source(file_name, file));
    let (Some((way, grants)), Some((file_name, bytes))) = (checked, source) else {
        return pages::New { context, form, offer, seats, is_file_lost: false }.unprocessable();
    };
    way.demand(&context.scope)?;
    count(&db, &context).await?;
    let import = Import::new(way, grants, &file_name, form.empties());
    match look(&db, &context, import, bytes).await.refused()? {
        Ok(id) => Ok(see_other(&context.path(format!("/imports/{id}")))),
        Err(refusal) => {
            form.refuse(refusal);
            pages::New { context, form, offer, seats, is_file_lost: false }.unprocessable()
        }
    }
}

/// Reads and judges a file, off the async threads.
async fn look(db: &Db, context: &MemberContext, mut import: Import, bytes: Vec<u8>) -> Result<BatchId, OperationError<FileRefusal>> {
    let read = tokio::task::spawn_blocking(move || ImportFile::read(bytes, None)).await;
    let mut import_file = read.map_err(Fault::broken)?.map_err(|why| OperationError::Refused(FileRefusal::File(why)))?;
    context
        .write(db, move |tx, scope| {
            members::may_grant(tx, scope, &import.grants).map_err(|error| error.map_refusal(FileRefusal::Grant))?;
            import.adopt(tx, scope, &mut import_file)?;
            Ok(prepare(tx, scope, &import, &import_file)?)
        })
        .await
}

async fn show(db: Data<Db>, context: MemberContext, place: Place, Query(part): Query<Part>) -> web::Result<HttpResponse> {
    draw(&db, context, place.1, part, None).await
}
