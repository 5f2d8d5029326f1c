//! The Access tab: a member's roles with their ends and who granted them, teams, policies, and the resulting
//! permissions. Callers with the permission get a form with a preview. A change that needs reauthentication is always
//! previewed before it is saved.

use super::{
    Assignments, PreviewOutcome, changes,
    explain::{Difference, Words},
    form::AssignmentsForm,
    look, pack,
    pages::{Access, PageState},
    set_assignments,
    shown::Shown,
    unpack,
};
use crate::{
    db::{Conn, Db},
    kit::{Fault, MemberKind, OperationResult, Scope, rights},
    members::{LeftBy, Place, Privileged, Undone, find_of, towards},
    web::{self, MemberContext, Notice, Respond, ReturnTo, WithPickers},
};
use actix_web::{
    HttpResponse,
    web::{Data, Query},
};
use serde::Deserialize;

pub(in crate::members) fn mount(app: &mut web::Routes) {
    app.service(
        web::resource([
            "/o/{organization}/users/{member}/roles",
            "/o/{organization}/system-accounts/{member}/roles",
        ])
        .route(web::get().to(edit))
        .route(web::post().to(update)),
    );
    app.service(web::resource("/o/{organization}/me/access").route(web::get().to(own)));
}

/// The caller's own access, in the layout of My profile. Read-only: a caller cannot change their own access.
async fn own(db: Data<Db>, context: MemberContext) -> web::Result<HttpResponse> {
    let id = context.scope.actor.member_id().ok_or(Fault::Missing)?;
    let (kind, is_own) = (MemberKind::User, true);
    show(&db, context, Place { kind, id }, None, PageState { is_own, ..PageState::default() }).await
}

/// The longest undo value that still fits into a cookie after it is encoded twice more.
const LONGEST_UNDO: usize = 1_800;

async fn show(
    db: &Db,
    context: MemberContext,
    place: Place,
    form: Option<AssignmentsForm>,
    page_state: PageState,
) -> web::Result<HttpResponse> {
    let is_refused = form.is_some() && page_state.preview.is_none() && !page_state.search.is_asked();
    let shown = context.read(db, move |conn, scope| Shown::load(conn, scope, place)).await?;
    Access::new(context, shown, form, page_state).ok_unless(is_refused)
}

/// The tab. If the caller was sent to reauthenticate while filling in the form, shows that form and its preview again.
async fn edit(db: Data<Db>, mut context: MemberContext, place: Place) -> web::Result<HttpResponse> {
    let Some(mut form) = context.pending_form::<AssignmentsForm>() else {
        return show(&db, context, place, None, PageState::default()).await;
    };
    match form.read(context.scope.now()) {
        Some((base, wanted)) => preview(&db, context, place, form, base, wanted, true).await,
        None => show(&db, context, place, Some(form), PageState::default()).await,
    }
}

fn here(context: &MemberContext, place: Place) -> String {
    place.path(context) + "/roles"
}

/// The undo of a change, in the address of its form.
#[derive(Deserialize)]
struct TakenBack {
    from: Option<String>,
    to: Option<String>,
}

impl TakenBack {
    fn read(&self) -> Option<(Assignments, Assignments)> {
        let read = |text: &Option<String>| text.as_deref().and_then(unpack);
        read(&self.from).zip(read(&self.to))
    }
}

async fn update(
    db: Data<Db>,
    context: MemberContext,
    place: Place,
    (taken_back, undone): (Query<TakenBack>, Query<Undone>),
    WithPickers { mut form, search }: WithPickers<AssignmentsForm>,
) -> web::Result<HttpResponse> {
    let known = context.read(&db, move |conn, scope| privileged_for(conn, scope, place)).await?;
    let (undo, left_by) = taken_back.read().zip(undone.left_by()?).unzip();
    if let Some((from, to)) = &undo {
        form = AssignmentsForm::between(from, to);
    }
    let mut form = form.understood()?;
    if search.is_asked() {
        return show(&db, context, place, Some(form), PageState::searched(search)).await;
    }
    let Some((base, wanted)) = undo.or_else(|| form.read(context.scope.now())) else {
        return show(&db, context, place, Some(form), PageState::default()).await;
    };
    if form.is_preview() {
        return preview(&db, context, place, form, base, wanted, false).await;
    }
    let doing = changes(&base, &wanted);
    if doing.iter().any(|change| change.needs_reauthentication(&known)) {
        context.require_reauthentication(ReturnTo::filled(here(&context, place), &form))?;
    }
    let asks_first = match left_by {
        // Undo of an old action is treated like any other change: the page asks first.
        Some(left_by) => left_by.is_long_ago(context.scope.now()),
        None => !form.has_seen(&wanted) && doing.iter().any(|change| change.asks_first(&known)),
    };
    if asks_first {
        return preview(&db, context, place, form, base, wanted, true).await;
    }
    save(&db, context, place, form, (base, wanted), left_by).await
}

/// What needs reauthentication, for a change of this member.
fn privileged_for(conn: &mut Conn, scope: &Scope, place: Place) -> Result<Privileged, Fault> {
    towards(conn, scope, place.id)?.demand(rights::manage(place.kind))?;
    find_of(conn, scope, place.kind, place.id)?;
    Privileged::load(conn, scope)
}

async fn save(
    db: &Db,
    context: MemberContext,
    place: Place,
    form: AssignmentsForm,
    (base, wanted): (Assignments, Assignments),
    left_by: Option<LeftBy>,
) -> web::Result<HttpResponse> {
    let (from, to) = (base.clone(), wanted.clone());
    match context
        .write(db, move |tx, scope| set_assignments(tx, scope, place.kind, place.id, (&from, &to), left_by))
        .await
        .refused()?
    {
        Ok(is_changed) => Ok(answer(&context, place, is_changed.then_some((&base, &wanted)))),
        Err(refusal) if left_by.is_some() => Ok(context.redirect_with_notice(&here(&context, place), Notice::error(refusal.to_string()))),
        Err(refusal) => show(db, context, place, Some(form), PageState::refused(refusal)).await,
    }
}

/// The same form with a preview. Sent again unchanged, it counts as previewed.
async fn preview(
    db: &Db,
    context: MemberContext,
    place: Place,
    mut form: AssignmentsForm,
    base: Assignments,
    wanted: Assignments,
    is_asking: bool,
) -> web::Result<HttpResponse> {
    form.see(&wanted);
    let looked = context.write(db, move |tx, scope| look(tx, scope, place.kind, place.id, &base, &wanted)).await;
    let page_state = match looked.refused()? {
        Ok(()) => return Err(Fault::broken("a look changes nothing").into()),
        Err(PreviewOutcome::Refused(refusal)) => PageState::refused(refusal),
        Err(PreviewOutcome::Seen(seen)) => {
            let words = context.read(db, Words::load).await?;
            PageState::preview(Difference::between(&seen.0, &seen.1, &words), is_asking)
        }
    };
    show(db, context, place, Some(form), page_state).await
}

fn answer(context: &MemberContext, place: Place, changed: Option<(&Assignments, &Assignments)>) -> HttpResponse {
    let here = here(context, place);
    let notice = match changed {
        Some((base, wanted)) => {
            let undo = format!("{here}?from={}&to={}&{}", pack(wanted), pack(base), Undone::pair(context.scope.now()));
            let notice = Notice::success("Access is changed, from the next request on.");
            // The undo address is kept in a cookie, which holds about four thousand characters.
            if undo.len() < LONGEST_UNDO {
                notice.with_undo(undo, here.clone())
            } else {
                notice
            }
        }
        None => Notice::success("It was so already, so nothing was changed."),
    };
    context.redirect_with_notice(&here, notice)
}
