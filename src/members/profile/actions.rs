//! Pages around [`change`] for one member, reached from the row menu and the profile.

use super::header::{Header, header_of};
use crate::{
    db::{Conn, Db},
    kit::{Fault, OperationResult, Scope, rights},
    members::{
        Action, AsksFor, Authority, Change, ChangePreview, LeftBy, Outcome, Parameters, Refusal, Undone, any_privileged, change,
        changes::{Confirmation, demand_authority},
        fill_in,
        model::Member,
        place::Place,
        reach::towards,
        store::find_of,
        undo,
    },
    web::{self, Back, Field, MemberContext, Notice, Posted, Respond, ReturnTo, filters},
};
use actix_web::{
    HttpResponse,
    http::StatusCode,
    web::{Data, Query},
};
use askama::Template;
use serde::Deserialize;

pub(super) fn mount(app: &mut web::Routes) {
    app.service(
        web::resource([
            "/o/{organization}/users/{member}/disablement",
            "/o/{organization}/system-accounts/{member}/disablement",
        ])
        .route(web::get().to(|db, context, place, back| new(Action::Disable, db, context, place, back)))
        .route(web::post().to(|db, context, place, undone, form| create(Action::Disable, db, context, place, undone, form))),
    );
    app.service(
        web::resource([
            "/o/{organization}/users/{member}/enablement",
            "/o/{organization}/system-accounts/{member}/enablement",
        ])
        .route(web::post().to(enable)),
    );
    app.service(
        web::resource([
            "/o/{organization}/users/{member}/administration",
            "/o/{organization}/system-accounts/{member}/administration",
        ])
        .route(web::get().to(|db, context, place, back| new(Action::MakeAdministrator, db, context, place, back)))
        .route(web::post().to(|db, context, place, undone, form| create(Action::MakeAdministrator, db, context, place, undone, form))),
    );
    app.service(
        web::resource([
            "/o/{organization}/users/{member}/administration/deletion",
            "/o/{organization}/system-accounts/{member}/administration/deletion",
        ])
        .route(web::get().to(|db, context, place, back| new(Action::RemoveAdministrator, db, context, place, back)))
        .route(web::post().to(|db, context, place, undone, form| create(Action::RemoveAdministrator, db, context, place, undone, form))),
    );
    app.service(
        web::resource([
            "/o/{organization}/users/{member}/deletion",
            "/o/{organization}/system-accounts/{member}/deletion",
        ])
        .route(web::get().to(|db, context, place, back| new(Action::Delete, db, context, place, back)))
        .route(web::post().to(|db, context, place, undone, form| create(Action::Delete, db, context, place, undone, form))),
    );
}

/// The change, without what the caller typed.
fn bare(action: Action) -> Result<Change, Fault> {
    Change::of(action, Parameters::default()).ok_or(Fault::Missing)
}

#[derive(Deserialize, Default, Debug)]
#[serde(deny_unknown_fields, default)]
struct ActForm {
    reason: Field,
    /// Typed to confirm an action that cannot be undone.
    name: Field,
    back: String,
}

impl ActForm {
    /// The change, unless something is wrong with what was typed.
    ///
    /// # Errors
    /// [`Fault::Missing`] if the action is no change to members.
    fn check(&mut self, act: Action, member: &Member) -> Result<Option<Change>, Fault> {
        if self.reason.trimmed().chars().count() > 300 {
            self.reason.refuse("At most 300 characters fit here.");
        }
        if act.asks_for() == AsksFor::Repetition {
            self.name.repeats(&member.name);
        }
        let reason = self.reason.trimmed().to_owned();
        let change = Change::of(act, Parameters { reason, ..Parameters::default() }).ok_or(Fault::Missing)?;
        Ok(Some(change).filter(|_| !self.is_refused()))
    }
    fn is_refused(&self) -> bool {
        self.reason.is_refused() || self.name.is_refused()
    }
}

#[derive(Template)]
#[template(path = "members/act.html")]
struct Confirm {
    context: MemberContext,
    header: Header,
    act: Action,
    words: Confirmation,
    form: ActForm,
    refusal: Option<Refusal>,
}

impl Confirm {
    fn action(&self) -> String {
        format!("{}/{}", self.header.path(&self.context), self.act.path().unwrap_or_default())
    }
    fn asks_for(&self, what: AsksFor) -> bool {
        self.act.asks_for() == what
    }
    /// Whether the button repeats the name, as in `Disable Ada`: not where the label says what they become.
    fn is_named(&self) -> bool {
        self.words.question.starts_with(&format!("{} {{name}}", self.act.words().label))
    }
    /// The question before and after the name.
    fn question(&self) -> (&str, &str) {
        self.words.question.split_once("{name}").unwrap_or((self.words.question, ""))
    }
    fn filled(&self, words: &str) -> String {
        words
            .replace("{organization}", &self.context.organization_name)
            .replace("{email}", &self.header.email)
    }
}

async fn new(act: Action, db: Data<Db>, mut context: MemberContext, place: Place, back: Query<Back>) -> web::Result<HttpResponse> {
    let form = context
        .pending_form()
        .unwrap_or_else(|| ActForm { back: back.path(&context.site, place.path(&context)), ..ActForm::default() });
    confirm(&db, context, act, place, form).await
}

/// Checks permission first, so that a caller without it gets 403, not the member-specific refusal.
fn demand(conn: &mut Conn, scope: &Scope, place: Place, action: Action) -> Result<Member, Fault> {
    let authority = demand_authority(conn, scope, place.kind, &bare(action)?)?;
    towards(conn, scope, place.id)?;
    let member = find_of(conn, scope, place.kind, place.id)?;
    if authority == Authority::All || authority.covers_one(conn, scope, place.id)? {
        Ok(member)
    } else {
        Err(Fault::Denied(rights::manage(place.kind).over_all()))
    }
}

async fn create(
    act: Action,
    db: Data<Db>,
    context: MemberContext,
    place: Place,
    undone: Query<Undone>,
    Posted(mut form): Posted<ActForm>,
) -> web::Result<HttpResponse> {
    if act.needs_reauthentication() {
        context.require_reauthentication(ReturnTo::form_page())?;
    }
    let left_by = undone.left_by()?;
    let member = context.read(&db, move |conn, scope| demand(conn, scope, place, act)).await?;
    let wanted = form.check(act, &member)?;
    // An old action is not undone by one click: its page asks for confirmation first.
    let is_old = left_by.is_some_and(|left_by| left_by.is_long_ago(context.scope.now()));
    let Some(wanted) = wanted.filter(|_| !is_old) else {
        return confirm(&db, context, act, place, form).await;
    };
    match perform(&db, &context, wanted, place, left_by).await? {
        Outcome::Refused(refusal) if left_by.is_some() => Ok(not_undone(&context, place, &member, &Back { back: form.back }, &refusal)),
        Outcome::Refused(_) => confirm(&db, context, act, place, form).await,
        Outcome::Done { .. } | Outcome::Unchanged => Ok(answer(&context, act, place, &member, form.back)),
    }
}

/// Redirects back with a notice. If the member is no longer listed there, redirects to the list.
fn answer(context: &MemberContext, act: Action, place: Place, member: &Member, back: String) -> HttpResponse {
    let profile = place.path(context);
    let directory = context.path(place.kind.path());
    let otherwise = if act == Action::Delete {
        directory.clone()
    } else {
        profile.clone()
    };
    let back = match (Back { back }).path(&context.site, otherwise) {
        gone if act == Action::Delete && gone.starts_with(&profile) => directory,
        back => back,
    };
    context.redirect_with_notice(&back, done(context, act, place, member, &back))
}

/// The notice after an action, with its Undo button if it has one.
fn done(context: &MemberContext, act: Action, place: Place, member: &Member, back: &str) -> Notice {
    let notice = Notice::success(fill_in(act.done_to_one(place.kind).unwrap_or_default(), &[("name", &member.name)]));
    match act.inverse().and_then(Action::path) {
        Some(undo) => {
            let undo = format!("{}/{undo}?{}", place.path(context), Undone::pair(context.scope.now()));
            notice.with_undo(undo, back.to_owned())
        }
        None => notice,
    }
}

/// Redirects back with the reason why the action cannot be undone.
fn not_undone(context: &MemberContext, place: Place, member: &Member, back: &Back, refusal: &Refusal) -> HttpResponse {
    let back = back.path(&context.site, place.path(context));
    context.redirect_with_notice(&back, Notice::error(format!("{}: {refusal}", member.name)))
}

/// Makes a change for one member, or undoes an action.
async fn perform(db: &Db, context: &MemberContext, wanted: Change, place: Place, left_by: Option<LeftBy>) -> web::Result<Outcome> {
    let answers = context.write(db, move |tx, scope| match left_by {
        Some(left_by) => undo(tx, scope, place.kind, &wanted, &[place.id], left_by),
        None => change(tx, scope, place.kind, &wanted, &[place.id]),
    });
    match answers.await.refused()? {
        Ok(mut answers) => Ok(answers.pop().ok_or(Fault::Missing)?.outcome),
        Err(refusal) => Ok(Outcome::Refused(refusal)),
    }
}

/// Needs no confirmation page: it takes nothing away.
async fn enable(
    db: Data<Db>,
    context: MemberContext,
    place: Place,
    undone: Query<Undone>,
    Posted(form): Posted<Back>,
) -> web::Result<HttpResponse> {
    let left_by = undone.left_by()?;
    let recent = context.require_reauthentication(ReturnTo::button(form.path(&context.site, place.path(&context))));
    let is_due = recent.is_err();
    let member = context.read(&db, move |conn, scope| demand(conn, scope, place, Action::Enable)).await?;
    if is_due && context.read(&db, move |conn, scope| any_privileged(conn, scope, &[place.id])).await? {
        recent?;
    }
    if left_by.is_some_and(|left_by| left_by.is_long_ago(context.scope.now())) {
        let notice = Notice::error(format!("{} was disabled more than a day ago. Enable them here.", member.name));
        return Ok(context.redirect_with_notice(&place.path(&context), notice));
    }
    match perform(&db, &context, Change::Enable, place, left_by).await? {
        Outcome::Refused(refusal) => Ok(not_undone(&context, place, &member, &form, &refusal)),
        Outcome::Done { .. } | Outcome::Unchanged => Ok(answer(&context, Action::Enable, place, &member, form.back)),
    }
}

/// What the confirmation page shows: the member, and why the action is refused, if so.
fn preview(conn: &mut Conn, scope: &Scope, place: Place, act: Action) -> Result<(Header, Option<Refusal>), Fault> {
    demand(conn, scope, place, act)?;
    let header = header_of(conn, scope, place.kind, place.id)?;
    let wanted = bare(act)?;
    let answers = match ChangePreview::begin(conn, scope, place.kind, &wanted, None).refused()? {
        Ok(mut change_preview) => change_preview.of(conn, &[place.id])?,
        Err(refusal) => return Ok((header, Some(refusal))),
    };
    let refusal = answers.into_iter().find_map(|answer| match answer.outcome {
        Outcome::Refused(refusal) => Some(refusal),
        _ => None,
    });
    Ok((header, refusal))
}

async fn confirm(db: &Db, context: MemberContext, act: Action, place: Place, form: ActForm) -> web::Result<HttpResponse> {
    let (header, refusal) = context.read(db, move |conn, scope| preview(conn, scope, place, act)).await?;
    let status = if refusal.is_some() || form.is_refused() {
        StatusCode::UNPROCESSABLE_ENTITY
    } else {
        StatusCode::OK
    };
    let is_only_role = header.roles.iter().all(|role| role.is_administrator);
    let words = act.confirmation(place.kind, is_only_role).ok_or(Fault::Missing)?;
    Confirm { context, header, act, words, form, refusal }.with_status(status)
}
