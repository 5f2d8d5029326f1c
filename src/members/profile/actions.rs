//! Pages around [`change`] for one member, reached from the row menu and the profile.

use super::header::{Header, header_of};
use crate::{
    db::{Conn, Db},
    kit::{Fault, MemberKind, OperationResult, Scope, rights},
    members::{
        Authority, Change, ChangePreview, LeftBy, Outcome, Refusal, Undone, any_privileged, change, changes::demand_authority,
        model::Member, place::Place, store::find_of, undo,
    },
    web::{self, Back, Field, MemberContext, Notice, Posted, ReturnTo, created, filters, page},
};
use actix_web::{
    HttpResponse,
    http::StatusCode,
    web::{Data, Query, ServiceConfig, resource},
};
use askama::Template;
use serde::Deserialize;

/// An action with a confirmation page.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum MemberAction {
    Disable,
    MakeAdministrator,
    RemoveAdministrator,
    Delete,
}

impl MemberAction {
    fn change(self, reason: &str) -> Change {
        match self {
            Self::Disable => Change::Disable { reason: reason.into() },
            Self::MakeAdministrator => Change::MakeAdministrator,
            Self::RemoveAdministrator => Change::RemoveAdministrator,
            Self::Delete => Change::Delete,
        }
    }
    fn needs_reauthentication(self) -> bool {
        self.change("").needs_reauthentication(&[])
    }
    fn path(self) -> &'static str {
        match self {
            Self::Disable => "disablement",
            Self::MakeAdministrator => "administration",
            Self::RemoveAdministrator => "administration/deletion",
            Self::Delete => "deletion",
        }
    }
    /// The path of the opposite action, which undoes this one.
    fn undo(self) -> Option<&'static str> {
        match self {
            Self::Disable => Some("enablement"),
            Self::MakeAdministrator => Some("administration/deletion"),
            Self::RemoveAdministrator => Some("administration"),
            Self::Delete => None,
        }
    }
    fn done(self, kind: MemberKind, name: &str) -> String {
        match (self, kind) {
            (Self::Disable, MemberKind::User) => format!("{name} is disabled and cannot get in any more."),
            (Self::Disable, MemberKind::SystemAccount) => format!("{name} is disabled. Its tokens open nothing any more."),
            (Self::MakeAdministrator, _) => format!("{name} is an administrator now."),
            (Self::RemoveAdministrator, _) => format!("{name} is not an administrator any more."),
            (Self::Delete, MemberKind::User) => format!("{name} is deleted. The email and username are free again."),
            (Self::Delete, MemberKind::SystemAccount) => format!("{name} is deleted, and its tokens with it."),
        }
    }
}

pub(super) fn mount(app: &mut ServiceConfig) {
    app.service(
        resource([
            "/o/{organization}/users/{member}/disablement",
            "/o/{organization}/system-accounts/{member}/disablement",
        ])
        .route(web::get().to(|db, context, place, back| new(MemberAction::Disable, db, context, place, back)))
        .route(web::post().to(|db, context, place, undone, form| create(MemberAction::Disable, db, context, place, undone, form))),
    );
    app.service(
        resource([
            "/o/{organization}/users/{member}/enablement",
            "/o/{organization}/system-accounts/{member}/enablement",
        ])
        .route(web::post().to(enable)),
    );
    app.service(
        resource([
            "/o/{organization}/users/{member}/administration",
            "/o/{organization}/system-accounts/{member}/administration",
        ])
        .route(web::get().to(|db, context, place, back| new(MemberAction::MakeAdministrator, db, context, place, back)))
        .route(
            web::post().to(|db, context, place, undone, form| create(MemberAction::MakeAdministrator, db, context, place, undone, form)),
        ),
    );
    app.service(
        resource([
            "/o/{organization}/users/{member}/administration/deletion",
            "/o/{organization}/system-accounts/{member}/administration/deletion",
        ])
        .route(web::get().to(|db, context, place, back| new(MemberAction::RemoveAdministrator, db, context, place, back)))
        .route(
            web::post().to(|db, context, place, undone, form| create(MemberAction::RemoveAdministrator, db, context, place, undone, form)),
        ),
    );
    app.service(
        resource([
            "/o/{organization}/users/{member}/deletion",
            "/o/{organization}/system-accounts/{member}/deletion",
        ])
        .route(web::get().to(|db, context, place, back| new(MemberAction::Delete, db, context, place, back)))
        .route(web::post().to(|db, context, place, undone, form| create(MemberAction::Delete, db, context, place, undone, form))),
    );
}

#[derive(Deserialize, Default, Debug)]
#[serde(deny_unknown_fields, default)]
struct ActForm {
    reason: Field,
    /// Typed to confirm an action that cannot be undone.
    name: Field,
    back: String,
}

#[derive(Template)]
#[template(path = "members/act.html")]
struct Confirm {
    context: MemberContext,
    header: Header,
    act: MemberAction,
    form: ActForm,
    refusal: Option<Refusal>,
}

impl Confirm {
    fn action(&self) -> String {
        format!("{}/{}", self.header.path(&self.context), self.act.path())
    }
    fn is_disabling(&self) -> bool {
        self.act == MemberAction::Disable
    }
    fn is_deleting(&self) -> bool {
        self.act == MemberAction::Delete
    }
    fn is_promoting(&self) -> bool {
        self.act == MemberAction::MakeAdministrator
    }
    /// Whether the removed role is the only one they hold.
    fn is_left_bare(&self) -> bool {
        self.header.roles.iter().all(|role| role.is_administrator)
    }
}

async fn new(act: MemberAction, db: Data<Db>, mut context: MemberContext, place: Place, back: Query<Back>) -> web::Result<HttpResponse> {
    let form = context
        .pending_form()
        .unwrap_or_else(|| ActForm { back: back.path(&context.site, place.path(&context)), ..ActForm::default() });
    confirm(&db, context, act, place, form).await
}

/// Checks permission first, so that a caller without it gets 403, not the member-specific refusal.
fn demand(conn: &mut Conn, scope: &Scope, place: Place, wanted: &Change) -> Result<(), Fault> {
    let authority = demand_authority(conn, scope, place.kind, wanted)?;
    find_of(conn, scope, place.kind, place.id)?;
    if authority == Authority::All || authority.covers_one(conn, scope, place.id)? {
        Ok(())
    } else {
        Err(Fault::Denied(rights::manage(place.kind).over_all()))
    }
}

async fn create(
    act: MemberAction,
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
    let member = context
        .read(&db, move |conn, scope| {
            demand(conn, scope, place, &act.change(""))?;
            find_of(conn, scope, place.kind, place.id)
        })
        .await?;
    if form.reason.trimmed().chars().count() > 300 {
        form.reason.refuse("At most 300 characters fit here.");
    }
    if act == MemberAction::Delete {
        form.name.repeats(&member.name);
    }
    if form.reason.is_refused() || form.name.is_refused() {
        return confirm(&db, context, act, place, form).await;
    }
    // An old action is not undone by one click: its page asks for confirmation first.
    if left_by.is_some_and(|left_by| left_by.is_long_ago(context.scope.now())) {
        return confirm(&db, context, act, place, form).await;
    }
    match perform(&db, &context, act.change(form.reason.trimmed()), place, left_by).await? {
        Outcome::Refused(refusal) if left_by.is_some() => Ok(not_undone(&context, place, &member, &Back { back: form.back }, &refusal)),
        Outcome::Refused(_) => confirm(&db, context, act, place, form).await,
        Outcome::Done { .. } | Outcome::Unchanged => Ok(answer(&context, act, place, &member, form.back)),
    }
}

/// Redirects back with a notice. If the member is no longer listed there, redirects to the list.
fn answer(context: &MemberContext, act: MemberAction, place: Place, member: &Member, back: String) -> HttpResponse {
    let profile = place.path(context);
    let directory = context.path(place.kind.path());
    let otherwise = if act == MemberAction::Delete {
        directory.clone()
    } else {
        profile.clone()
    };
    let back = match (Back { back }).path(&context.site, otherwise) {
        gone if act == MemberAction::Delete && gone.starts_with(&profile) => directory,
        back => back,
    };
    let notice = Notice::success(act.done(place.kind, &member.name));
    let notice = match act.undo() {
        Some(undo) => notice.with_undo(undo_address(context, place, undo), back.clone()),
        None => notice,
    };
    created(&context.site, &back, notice)
}

/// The address of the Undo button for the action just done.
fn undo_address(context: &MemberContext, place: Place, opposite: &str) -> String {
    format!("{}/{opposite}?{}", place.path(context), Undone::pair(context.scope.now()))
}

/// Redirects back with the reason why the action cannot be undone.
fn not_undone(context: &MemberContext, place: Place, member: &Member, back: &Back, refusal: &Refusal) -> HttpResponse {
    let back = back.path(&context.site, place.path(context));
    created(&context.site, &back, Notice::error(format!("{}: {refusal}", member.name)))
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
    let back = form.path(&context.site, place.path(&context));
    let recent = context.require_reauthentication(ReturnTo::button(&back));
    let is_due = recent.is_err();
    let (member, is_grave) = context
        .read(&db, move |conn, scope| {
            demand(conn, scope, place, &Change::Enable)?;
            let member = find_of(conn, scope, place.kind, place.id)?;
            Ok::<_, Fault>((member, is_due && any_privileged(conn, scope, &[place.id])?))
        })
        .await?;
    if is_grave {
        recent?;
    }
    if left_by.is_some_and(|left_by| left_by.is_long_ago(context.scope.now())) {
        let notice = Notice::error(format!("{} was disabled more than a day ago. Enable them here.", member.name));
        return Ok(created(&context.site, &place.path(&context), notice));
    }
    let notice = match perform(&db, &context, Change::Enable, place, left_by).await? {
        Outcome::Refused(refusal) => return Ok(not_undone(&context, place, &member, &form, &refusal)),
        Outcome::Done { .. } | Outcome::Unchanged => {
            let notice = Notice::success(match place.kind {
                MemberKind::User => format!("{} is enabled again. Sessions that had ended stay ended.", member.name),
                MemberKind::SystemAccount => format!("{} is enabled again, and its tokens that have not expired work.", member.name),
            });
            notice.with_undo(undo_address(&context, place, "disablement"), back.clone())
        }
    };
    Ok(created(&context.site, &back, notice))
}

async fn confirm(db: &Db, context: MemberContext, act: MemberAction, place: Place, form: ActForm) -> web::Result<HttpResponse> {
    let found = context
        .read(db, move |conn, scope| {
            demand(conn, scope, place, &act.change(""))?;
            let header = header_of(conn, scope, place.kind, place.id)?;
            let wanted = act.change("");
            let answers = match ChangePreview::begin(conn, scope, place.kind, &wanted, None).refused()? {
                Ok(mut change_preview) => change_preview.of(conn, &[place.id])?,
                Err(refusal) => return Ok::<_, Fault>((header, Some(refusal))),
            };
            let refusal = answers.into_iter().find_map(|answer| match answer.outcome {
                Outcome::Refused(refusal) => Some(refusal),
                _ => None,
            });
            Ok((header, refusal))
        })
        .await;
    let (header, refusal) = found?;
    let status = if refusal.is_some() || form.reason.is_refused() || form.name.is_refused() {
        StatusCode::UNPROCESSABLE_ENTITY
    } else {
        StatusCode::OK
    };
    page(status, &Confirm { context, header, act, form, refusal })
}
