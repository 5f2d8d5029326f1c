use super::{Import, Imports, Judged, Labels, Planned, Way, file, forms::ImportForm, judge, pages, prepare, start};
use crate::{
    bulk::{self, Batch, Item, Part, Runner, State},
    db::{Conn, Db},
    kit::{BatchId, Fault, OrganizationId, Scope, Stop},
    members::{self, GrantRefusal, Grants, Offer, Seats},
    throttle,
    web::{self, Back, Error, Notice, Posted, Reader, Shell, Upload, Uploaded, created, csv, page, see_other},
};
use actix_web::{
    FromRequest, HttpRequest, HttpResponse,
    http::{
        StatusCode,
        header::{self, ContentDisposition},
    },
    web::{Bytes, Data, Path, Query, ServiceConfig, resource},
};
use futures_util::{Stream, stream};
use std::sync::Arc;

const PART: i64 = 1_000;

pub fn mount(app: &mut ServiceConfig) {
    app.service(resource("/o/{organization}/imports").route(web::post().to(create)));
    app.service(resource("/o/{organization}/imports/new").route(web::get().to(new)));
    app.service(
        resource("/o/{organization}/imports/{batch}")
            .route(web::get().to(show))
            .route(web::post().to(update)),
    );
    app.service(resource("/o/{organization}/imports/{batch}/deletion").route(web::post().to(delete)));
    app.service(resource("/o/{organization}/imports/{batch}/end").route(web::post().to(end)));
    app.service(resource("/o/{organization}/imports/{batch}/result.csv").route(web::get().to(result)));
}

/// Whoever may bring people in one way or another.
fn demand_any(scope: &Scope) -> Result<(), Fault> {
    if scope.may("user", "invite") {
        return Ok(());
    }
    scope.demand("user", "manage")
}

async fn new(db: Data<Db>, mut shell: Shell) -> web::Result<HttpResponse> {
    demand_any(&shell.scope)?;
    let (offer, seats) = load(&db, &shell).await?;
    let form = shell.kept().unwrap_or_else(|| ImportForm::blank(&offer, &shell.scope));
    page(StatusCode::OK, &pages::New { shell, form, offer, seats })
}

async fn load(db: &Db, shell: &Shell) -> Result<(Offer, Seats), Fault> {
    let scope = shell.scope.clone();
    db.read(move |conn| Ok((members::offer(conn, &scope)?, members::seats(conn, scope.organization)?)))
        .await
}

/// Why a file is not even looked at.
enum Complaint {
    File(String),
    Grant(GrantRefusal),
}

async fn create(db: Data<Db>, shell: Shell, req: HttpRequest, upload: Upload) -> web::Result<HttpResponse> {
    demand_any(&shell.scope)?;
    let Uploaded { mut form, file_name, file } = upload.read::<ImportForm>(file::MOST_BYTES).await?;
    // A file may take its time: who sends it, and what they may do, is asked again when all of it is there.
    let shell = Shell::extract(&req).await?;
    demand_any(&shell.scope)?;
    let (offer, seats) = load(&db, &shell).await?;
    let checked = form.check(&offer);
    let again = |shell, form| page(StatusCode::UNPROCESSABLE_ENTITY, &pages::New { shell, form, offer, seats });
    let Some((way, grants)) = checked else {
        return again(shell, form);
    };
    way.demand(&shell.scope)?;
    count(&db, &shell).await?;
    let bytes = if file.is_empty() {
        form.text.value.clone().into_bytes()
    } else {
        file
    };
    let file_name = if file_name.is_empty() { "pasted lines".into() } else { file_name };
    match look(&db, &shell, way, grants, file_name, bytes).await {
        Ok((import, judged)) => {
            let scope = shell.scope.clone();
            let id = db.write(move |tx| prepare(tx, &scope, &import, &judged)).await?;
            Ok(see_other(&shell.path(format!("/imports/{id}"))))
        }
        Err(Stop::Refused(Complaint::File(why))) => {
            form.text.refuse(why);
            again(shell, form)
        }
        Err(Stop::Refused(Complaint::Grant(refusal))) => {
            form.choice_complaint = Some(refusal.to_string());
            again(shell, form)
        }
        Err(Stop::Fault(fault)) => Err(fault.into()),
    }
}

/// Looking at fifty thousand lines costs something, and tells who signs in with which address.
async fn count(db: &Db, shell: &Shell) -> web::Result<()> {
    let (actor, now) = (shell.scope.actor.member_id(), shell.scope.now());
    let who = actor.map(|id| id.to_string()).unwrap_or_default();
    let counted = db
        .write(move |tx| throttle::take(tx, "imports", &who, throttle::IMPORTS, now))
        .await;
    counted?.map_err(Error::TooMany)
}

/// Reads a file and judges it, off the async threads.
async fn look(
    db: &Db,
    shell: &Shell,
    way: Way,
    grants: Grants,
    file_name: String,
    bytes: Vec<u8>,
) -> Result<(Arc<Import>, Arc<Vec<Judged>>), Stop<Complaint>> {
    let scope = shell.scope.clone();
    let file_name: String = crate::kit::fold::visible(&file_name).chars().take(200).collect();
    db.read(move |conn| {
        let sheet = file::read(&bytes).map_err(|why| Stop::Refused(Complaint::File(why)))?;
        members::may_grant(conn, &scope, &grants).map_err(|stop| match stop {
            Stop::Refused(refusal) => Stop::Refused(Complaint::Grant(refusal)),
            Stop::Fault(fault) => Stop::Fault(fault),
        })?;
        let import = Import {
            way,
            grants: grants.clone(),
            file_name: file_name.clone(),
            ignored: sheet.ignored.clone(),
            given: Grants::default(),
        };
        let judged = judge(conn, &scope, &import, &sheet)?;
        Ok((Arc::new(import), Arc::new(judged)))
    })
    .await
}

type Place = Path<(OrganizationId, BatchId)>;

/// An import of this organization, for those who might have begun it.
fn visible(conn: &mut Conn, scope: &Scope, id: BatchId) -> Result<(Batch, Import), Fault> {
    demand_any(scope)?;
    let batch = bulk::find(conn, scope, id)?;
    if batch.kind != Imports::KIND {
        return Err(Fault::Missing);
    }
    let import: Import = serde_json::from_value(batch.deed.0.clone()).map_err(Fault::broken)?;
    import.way.demand(scope)?;
    Ok((batch, import))
}

async fn show(db: Data<Db>, shell: Shell, place: Place, Query(part): Query<Part>) -> web::Result<HttpResponse> {
    let (scope, id) = (shell.scope.clone(), place.1);
    let state = part.state();
    let (batch, import, (items, next), labels) = db
        .read(move |conn| {
            let (batch, import) = visible(conn, &scope, id)?;
            let items = bulk::page(conn, &batch, &part)?;
            Ok::<_, Fault>((batch, import, items, Labels::of(&members::offer(conn, &scope)?)))
        })
        .await?;
    let view = pages::Show {
        shell,
        batch,
        import,
        state,
        items,
        next,
        labels,
    };
    page(StatusCode::OK, &view)
}

/// Starts it.
async fn update(db: Data<Db>, runner: Data<Runner>, shell: Shell, place: Place, Posted(_): Posted<Back>) -> web::Result<HttpResponse> {
    let (scope, id) = (shell.scope.clone(), place.1);
    let here = shell.path(format!("/imports/{id}"));
    let is_grave = db.read(move |conn| {
        let (_, import) = visible(conn, &scope, id)?;
        Ok::<_, Fault>(members::offer(conn, &scope)?.needs_proof(&import.given))
    });
    if is_grave.await?
        && let Some(asked) = shell.lacks_recent_proof(&here)
    {
        return Ok(asked);
    }
    let scope = shell.scope.clone();
    let started = db
        .write(move |tx| {
            let (batch, import) = visible(tx, &scope, id)?;
            // It is done in the name of whoever brought it, with what they may do.
            if batch.started_by != scope.actor.member_id() {
                return Ok(false);
            }
            start(tx, &scope, id, &import)?;
            Ok::<_, Fault>(true)
        })
        .await?;
    if !started {
        let notice = Notice::error("Only whoever brought the file starts it. Import it yourself.");
        return Ok(created(&shell.front, &here, notice));
    }
    runner.begin(id).await?;
    Ok(see_other(&here))
}

async fn delete(db: Data<Db>, shell: Shell, place: Place, Posted(_): Posted<Back>) -> web::Result<HttpResponse> {
    let (scope, id) = (shell.scope.clone(), place.1);
    db.write(move |tx| {
        visible(tx, &scope, id)?;
        bulk::discard(tx, &scope, id)
    })
    .await?;
    let notice = Notice::success("The file is forgotten. Nobody was imported.");
    Ok(created(&shell.front, &shell.path("/users"), notice))
}

async fn end(db: Data<Db>, shell: Shell, place: Place, Posted(_): Posted<Back>) -> web::Result<HttpResponse> {
    let (scope, id) = (shell.scope.clone(), place.1);
    db.write(move |tx| {
        visible(tx, &scope, id)?;
        let because = format!("Stopped by {}.", scope.actor.name());
        bulk::stop(tx, &scope, id, &because)
    })
    .await?;
    Ok(see_other(&shell.path(format!("/imports/{id}"))))
}

/// What became of every line, as a file.
async fn result(db: Data<Db>, shell: Shell, req: HttpRequest, place: Place) -> web::Result<HttpResponse> {
    let reader = Reader::of(&req, &shell)?;
    let (scope, id) = (shell.scope, place.1);
    let (batch, import) = db.read(move |conn| visible(conn, &scope, id)).await?;
    let day = batch.created_at.utc().format("%Y-%m-%d");
    let name = ContentDisposition::attachment(format!("import {day} result.csv"));
    Ok(HttpResponse::Ok()
        .insert_header((header::CONTENT_TYPE, "text/csv; charset=utf-8"))
        .insert_header(name)
        .streaming(lines((db.get_ref().clone(), reader), batch, import.way)))
}

fn lines((db, reader): (Db, Reader), batch: Batch, way: Way) -> impl Stream<Item = Result<Bytes, actix_web::Error>> {
    stream::try_unfold(Some(0), move |after| {
        let (db, reader, batch) = (db.clone(), reader.clone(), batch.clone());
        async move {
            let Some(after) = after else { return Ok(None) };
            reader.ask_again().await?;
            let state = batch.state;
            let read = db.read(move |conn| bulk::items(conn, &batch, None, after, PART)).await;
            let items = read.map_err(web::Error::from)?;
            let mut text = Vec::new();
            if after == 0 {
                text.extend_from_slice(csv::MARK.as_bytes());
                csv::line(&mut text, ["line", "email", "name", "outcome", "why"]).map_err(web::Error::from)?;
            }
            for item in &items {
                write(&mut text, item, way, state).map_err(web::Error::from)?;
            }
            let next = items.last().map(|last| last.position);
            Ok::<_, actix_web::Error>(Some((Bytes::from(text), next)))
        }
    })
}

fn write(text: &mut Vec<u8>, item: &Item, way: Way, state: State) -> Result<(), Fault> {
    let line = Planned::of(item).map_or(0, |planned| planned.line).to_string();
    let outcome = pages::label(way, state, item.state);
    csv::line(text, [line.as_str(), &item.email, &item.name, outcome, &item.note])
}
