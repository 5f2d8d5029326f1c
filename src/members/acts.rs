//! What is done to one person from the row menu and the profile: the pages around [`change`].

use super::{
    Change, MemberKind, Outcome, Refusal, change, foresee, header,
    model::Member,
    profile::Header,
    store::{self, find},
};
use crate::{
    db::Db,
    kit::{Fault, MemberId, OrganizationId, Stop, fold},
    web::{self, Back, Field, Notice, Posted, Shell, created, filters, page},
};
use actix_web::{
    HttpResponse,
    http::StatusCode,
    web::{Data, Path, Query, ServiceConfig, resource},
};
use askama::Template;
use serde::Deserialize;

/// An act that asks first.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Act {
    Disable,
    MakeAdministrator,
    RemoveAdministrator,
    Delete,
}

impl Act {
    fn change(self, reason: &str) -> Change {
        match self {
            Self::Disable => Change::Disable { reason: reason.into() },
            Self::MakeAdministrator => Change::MakeAdministrator,
            Self::RemoveAdministrator => Change::RemoveAdministrator,
            Self::Delete => Change::Delete,
        }
    }
    /// What an abandoned browser must not do.
    fn is_dangerous(self) -> bool {
        matches!(self, Self::MakeAdministrator | Self::Delete)
    }
    fn path(self) -> &'static str {
        match self {
            Self::Disable => "disablement",
            Self::MakeAdministrator => "administration",
            Self::RemoveAdministrator => "administration/deletion",
            Self::Delete => "deletion",
        }
    }
    /// The path of what takes it back.
    fn undo(self) -> Option<&'static str> {
        match self {
            Self::Disable => Some("enablement"),
            Self::MakeAdministrator => Some("administration/deletion"),
            Self::RemoveAdministrator => Some("administration"),
            Self::Delete => None,
        }
    }
    fn done(self, name: &str) -> String {
        match self {
            Self::Disable => format!("{name} is disabled and cannot get in any more."),
            Self::MakeAdministrator => format!("{name} is an administrator now."),
            Self::RemoveAdministrator => format!("{name} is not an administrator any more."),
            Self::Delete => format!("{name} is deleted. The email and username are free again."),
        }
    }
}

pub(super) fn mount(app: &mut ServiceConfig) {
    app.service(
        resource("/o/{organization}/users/{member}/disablement")
            .route(web::get().to(|db, shell, place, back| new(Act::Disable, db, shell, place, back)))
            .route(web::post().to(|db, shell, place, form| create(Act::Disable, db, shell, place, form))),
    );
    app.service(resource("/o/{organization}/users/{member}/enablement").route(web::post().to(enable)));
    app.service(
        resource("/o/{organization}/users/{member}/administration")
            .route(web::get().to(|db, shell, place, back| new(Act::MakeAdministrator, db, shell, place, back)))
            .route(web::post().to(|db, shell, place, form| create(Act::MakeAdministrator, db, shell, place, form))),
    );
    app.service(
        resource("/o/{organization}/users/{member}/administration/deletion")
            .route(web::get().to(|db, shell, place, back| new(Act::RemoveAdministrator, db, shell, place, back)))
            .route(web::post().to(|db, shell, place, form| create(Act::RemoveAdministrator, db, shell, place, form))),
    );
    app.service(
        resource("/o/{organization}/users/{member}/deletion")
            .route(web::get().to(|db, shell, place, back| new(Act::Delete, db, shell, place, back)))
            .route(web::post().to(|db, shell, place, form| create(Act::Delete, db, shell, place, form))),
    );
}

#[derive(Deserialize, Default, Debug)]
#[serde(deny_unknown_fields, default)]
struct ActForm {
    reason: Field,
    /// Typed again, where there is no way back.
    name: Field,
    back: String,
}

#[derive(Template)]
#[template(path = "members/act.html")]
struct Confirm {
    shell: Shell,
    header: Header,
    act: Act,
    form: ActForm,
    refusal: Option<Refusal>,
}

impl Confirm {
    fn action(&self) -> String {
        self.shell.path(format!("/users/{}/{}", self.header.member.id, self.act.path()))
    }
    fn is_disabling(&self) -> bool {
        self.act == Act::Disable
    }
    fn is_deleting(&self) -> bool {
        self.act == Act::Delete
    }
    fn is_promoting(&self) -> bool {
        self.act == Act::MakeAdministrator
    }
    /// Whether they hold nothing but the role that is taken.
    fn is_left_bare(&self) -> bool {
        self.header.roles.iter().all(|role| role.is_administrator)
    }
}

type Place = Path<(OrganizationId, MemberId)>;

async fn new(act: Act, db: Data<Db>, shell: Shell, place: Place, back: Query<Back>) -> web::Result<HttpResponse> {
    let form = ActForm {
        back: back.path(&shell.front, shell.path(format!("/users/{}", place.1))),
        ..ActForm::default()
    };
    confirm(&db, shell, act, place.1, form).await
}

async fn create(act: Act, db: Data<Db>, shell: Shell, place: Place, Posted(mut form): Posted<ActForm>) -> web::Result<HttpResponse> {
    if act.is_dangerous() {
        shell.demand_recent_proof()?;
    }
    let id = place.1;
    let (scope, typed) = (shell.scope.clone(), form.name.trimmed().to_owned());
    let member = db.read(move |conn| find(conn, &scope, id)).await?;
    if form.reason.trimmed().chars().count() > 300 {
        form.reason.refuse("At most 300 characters fit here.");
    }
    if act == Act::Delete && fold::unique(&typed) != fold::unique(&member.name) {
        form.name.refuse("Type the name as it stands above.");
    }
    if form.reason.is_refused() || form.name.is_refused() {
        return confirm(&db, shell, act, id, form).await;
    }
    match perform(&db, &shell, act.change(form.reason.trimmed()), id).await? {
        Outcome::Refused(_) => confirm(&db, shell, act, id, form).await,
        Outcome::Done { .. } | Outcome::AlreadySo => Ok(answer(&shell, act, &member, form.back)),
    }
}

/// Leads back with a notice; from where somebody is no more, to the directory.
fn answer(shell: &Shell, act: Act, member: &Member, back: String) -> HttpResponse {
    let profile = shell.path(format!("/users/{}", member.id));
    let directory = shell.path("/users");
    let otherwise = if act == Act::Delete { directory.clone() } else { profile.clone() };
    let back = match (Back { back }).path(&shell.front, otherwise) {
        gone if act == Act::Delete && gone.starts_with(&profile) => directory,
        back => back,
    };
    let notice = Notice::success(act.done(&member.name));
    let notice = match act.undo() {
        Some(undo) => notice.with_undo(format!("{profile}/{undo}"), back.clone()),
        None => notice,
    };
    created(&shell.front, &back, notice)
}

/// Makes a change for one member.
async fn perform(db: &Db, shell: &Shell, wanted: Change, id: MemberId) -> web::Result<Outcome> {
    let scope = shell.scope.clone();
    let answers = db.write(move |tx| change(tx, &scope, MemberKind::User, &wanted, &[id])).await;
    match answers {
        Ok(mut answers) => Ok(answers.pop().ok_or(Fault::Missing)?.outcome),
        Err(Stop::Refused(refusal)) => Ok(Outcome::Refused(refusal)),
        Err(Stop::Fault(fault)) => Err(fault.into()),
    }
}

/// Needs no page: it takes nothing from anybody.
async fn enable(db: Data<Db>, shell: Shell, place: Place, Posted(form): Posted<Back>) -> web::Result<HttpResponse> {
    let (scope, id) = (shell.scope.clone(), place.1);
    let back = form.path(&shell.front, shell.path(format!("/users/{id}")));
    shell.scope.demand("user", "manage")?;
    let member = db.read(move |conn| store::find(conn, &scope, id)).await?;
    let notice = match perform(&db, &shell, Change::Enable, id).await? {
        Outcome::Refused(refusal) => Notice::error(refusal.to_string()),
        Outcome::Done { .. } | Outcome::AlreadySo => {
            let notice = Notice::success(format!("{} is enabled again. Sessions that had ended stay ended.", member.name));
            notice.with_undo(shell.path(format!("/users/{id}/disablement")), back.clone())
        }
    };
    Ok(created(&shell.front, &back, notice))
}

async fn confirm(db: &Db, shell: Shell, act: Act, id: MemberId, form: ActForm) -> web::Result<HttpResponse> {
    let scope = shell.scope.clone();
    let found = db
        .read(move |conn| {
            scope.demand("user", "manage")?;
            let header = header(conn, &scope, id)?;
            let answers = match foresee(conn, &scope, MemberKind::User, &act.change(""), &[id]) {
                Ok(answers) => answers,
                Err(Stop::Refused(refusal)) => return Ok((header, Some(refusal))),
                Err(Stop::Fault(fault)) => return Err(fault),
            };
            let refusal = answers.into_iter().find_map(|answer| match answer.outcome {
                Outcome::Refused(refusal) => Some(refusal),
                _ => None,
            });
            Ok((header, refusal))
        })
        .await;
    let (header, refusal) = found?;
    if act.is_dangerous() {
        shell.demand_recent_proof()?;
    }
    let status = if refusal.is_some() || form.reason.is_refused() || form.name.is_refused() {
        StatusCode::UNPROCESSABLE_ENTITY
    } else {
        StatusCode::OK
    };
    page(
        status,
        &Confirm {
            shell,
            header,
            act,
            form,
            refusal,
        },
    )
}
