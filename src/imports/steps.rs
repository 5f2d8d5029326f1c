//! Operations on a prepared import: change how its columns are read, start, stop, discard.

use super::{
    Import, discard,
    draft_page::{Place, count, draw, visible},
    mapping::MappingForm,
    prepare_again, start, store,
};
use crate::{
    bulk::{self, Batch, Part, Runner, State},
    db::{Conn, Db, Tx},
    kit::{BatchId, Fault, Scope},
    members,
    web::{self, Back, MemberContext, Notice, Posted, ReturnTo, see_other},
};
use actix_web::{HttpResponse, web::Data};

/// The result of a form about a draft.
enum Draft {
    Done,
    /// Another member uploaded it.
    NotYours,
    /// It was started or discarded, perhaps in another tab. Its page shows the present state.
    Over,
}

/// Changes one of the caller's own drafts. Two concurrent changes run one after the other.
fn with_draft(
    tx: &mut Tx<'_>,
    scope: &Scope,
    id: BatchId,
    work: impl FnOnce(&mut Tx<'_>, &Import) -> Result<(), Fault>,
) -> Result<Draft, Fault> {
    let (batch, import) = visible(tx, scope, id)?;
    if batch.state != State::Draft {
        return Ok(Draft::Over);
    }
    // The import runs with the identity and permissions of the member who uploaded it.
    if batch.started_by != scope.actor.member_id() {
        return Ok(Draft::NotYours);
    }
    match tx.part(|tx| work(tx, &import)) {
        Ok(()) => Ok(Draft::Done),
        Err(Fault::Missing) => Ok(Draft::Over),
        Err(fault) => Err(fault),
    }
}

/// Reads the file with other columns or another encoding.
pub(super) async fn columns(
    db: Data<Db>,
    context: MemberContext,
    place: Place,
    Posted(mut form): Posted<MappingForm>,
) -> web::Result<HttpResponse> {
    let id = place.1;
    let here = context.path(format!("/imports/{id}"));
    let (batch, mut import, file) = context.read(&db, move |conn, scope| with_file(conn, scope, id)).await?;
    if batch.state != State::Draft {
        return Ok(over(&context, &here));
    }
    let Some(bytes) = file else {
        let notice = Notice::error("The file is not kept any more. Bring it again to read it in another way.");
        return Ok(context.redirect_with_notice(&here, notice));
    };
    form.is_understood(&import)?;
    count(&db, &context).await?;
    let Some(import_file) = form.import_file(&import, bytes) else {
        return draw(&db, context, id, Part::default(), Some(form)).await;
    };
    import.layout = import_file.layout.clone();
    let prepare =
        move |tx: &mut Tx<'_>, scope: &Scope| with_draft(tx, scope, id, |tx, _| prepare_again(tx, scope, id, &import, &import_file));
    Ok(answer(&context, &here, context.write(&db, prepare).await?))
}

/// The import with its file, which is kept until the import starts.
fn with_file(conn: &mut Conn, scope: &Scope, id: BatchId) -> Result<(Batch, Import, Option<Vec<u8>>), Fault> {
    let (batch, import) = visible(conn, scope, id)?;
    Ok((batch, import, store::file(conn, scope, id)?))
}

fn answer(context: &MemberContext, here: &str, done: Draft) -> HttpResponse {
    match done {
        Draft::Done => see_other(here),
        Draft::Over => over(context, here),
        Draft::NotYours => {
            let notice = Notice::error("Only the member who brought the file starts it. Import it yourself.");
            context.redirect_with_notice(here, notice)
        }
    }
}

/// Redirects to the page of an import that is no longer a draft, perhaps because of another tab.
fn over(context: &MemberContext, here: &str) -> HttpResponse {
    let notice = Notice::error("Nothing was done now: this file was started or discarded before.");
    context.redirect_with_notice(here, notice)
}

/// Starts the import.
pub(super) async fn update(
    db: Data<Db>,
    runner: Data<Runner>,
    context: MemberContext,
    place: Place,
    Posted(_): Posted<Back>,
) -> web::Result<HttpResponse> {
    let id = place.1;
    let here = context.path(format!("/imports/{id}"));
    let is_grave = context.read(&db, move |conn, scope| {
        let (batch, import) = visible(conn, scope, id)?;
        Ok::<_, Fault>(batch.state == State::Draft && members::grant_options(conn, scope)?.needs_reauthentication(&import.given))
    });
    if is_grave.await? {
        context.require_reauthentication(ReturnTo::button(&here))?;
    }
    let started = context
        .write(&db, move |tx, scope| with_draft(tx, scope, id, |tx, import| start(tx, scope, id, import)))
        .await?;
    if matches!(started, Draft::Done) {
        runner.begin(id).await?;
    }
    Ok(answer(&context, &here, started))
}

pub(super) async fn delete(db: Data<Db>, context: MemberContext, place: Place, Posted(_): Posted<Back>) -> web::Result<HttpResponse> {
    let id = place.1;
    let discarded = context.write(&db, move |tx, scope| {
        let (batch, _) = visible(tx, scope, id)?;
        match batch.state {
            State::Draft => discard(tx, scope, id).map(|()| true),
            _ => Ok::<_, Fault>(false),
        }
    });
    if !discarded.await? {
        return Ok(over(&context, &context.path(format!("/imports/{id}"))));
    }
    let notice = Notice::success("The file is forgotten. Nothing was done.");
    Ok(context.redirect_with_notice(&context.path("/users"), notice))
}

pub(super) async fn end(db: Data<Db>, context: MemberContext, place: Place, Posted(_): Posted<Back>) -> web::Result<HttpResponse> {
    let id = place.1;
    context
        .write(&db, move |tx, scope| {
            let (batch, _) = visible(tx, scope, id)?;
            if batch.state != State::Running {
                return Ok(());
            }
            let because = format!("Stopped by {}.", scope.actor.name());
            bulk::stop(tx, scope, id, &because)
        })
        .await?;
    Ok(see_other(&context.path(format!("/imports/{id}"))))
}
