//! Disabling and enabling people. A disabled member's sessions do not open the organization from the next request on,
//! and pending links to it are void, because both are asked for the member's status when they are used.

use super::{
    Member, MemberStatus,
    access::{permissions, usable_administrators},
    header,
    profile::Header,
    seats,
    store::{self, find},
};
use crate::{
    audit::{self, Event},
    db::{Conn, Db, Tx},
    kit::{Fault, MemberId, OrganizationId, Permission, Scope, Stop},
    organizations,
    web::{self, Back, Field, Notice, Posted, Shell, created, filters, page},
};
use actix_web::{
    HttpResponse,
    http::StatusCode,
    web::{Data, Path, Query, ServiceConfig},
};
use askama::Template;
use serde::Deserialize;
use serde_json::json;

/// Why a status is not changed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DisableRefusal {
    #[error("You cannot change your own status.")]
    Yourself,
    #[error("This is the last administrator who can sign in. Make somebody else an administrator first.")]
    LastAdministrator,
    #[error("They may do more than you: {0} is missing among your permissions.")]
    AboveYou(Permission),
    #[error("An invitation is cancelled, not disabled.")]
    Invited,
    #[error("All {limit} seats of the plan are taken. Disable somebody or cancel an invitation first, or ask for a larger plan.")]
    NoSeatLeft { limit: i64 },
}

/// What came of it.
#[derive(Debug, PartialEq, Eq, Clone, Copy)]
pub enum Disablement {
    Changed,
    /// It was so already; nothing was written.
    AlreadySo,
}

/// Ends a member's access to the organization now; everything about them is kept.
///
/// # Errors
/// A [`DisableRefusal`], [`Fault::Denied`], [`Fault::Missing`], or what the database says.
pub fn disable(tx: &mut Tx<'_>, scope: &Scope, id: MemberId, reason: &str) -> Result<Disablement, Stop<DisableRefusal>> {
    scope.demand("user", "manage")?;
    // Two administrators who disable each other at the same instant wait for one another here.
    organizations::lock(tx, scope.organization)?;
    let member = find(tx, scope, id)?;
    may_disable(tx, scope, &member)?.map_or(Ok(()), |refusal| Err(Stop::Refused(refusal)))?;
    change(
        tx,
        scope,
        &member,
        MemberStatus::Active,
        MemberStatus::Disabled,
        "member.disabled",
        reason,
    )
}

/// Lets a disabled member in again. Old sessions stay dead.
///
/// # Errors
/// As [`disable`].
pub fn enable(tx: &mut Tx<'_>, scope: &Scope, id: MemberId) -> Result<Disablement, Stop<DisableRefusal>> {
    scope.demand("user", "manage")?;
    organizations::lock(tx, scope.organization)?;
    let member = find(tx, scope, id)?;
    if scope.is_me(id) {
        return Err(Stop::Refused(DisableRefusal::Yourself));
    }
    if let Some(refusal) = above(tx, scope, id)? {
        return Err(Stop::Refused(refusal));
    }
    let seats = seats(tx, scope.organization)?;
    if member.status == MemberStatus::Disabled && !seats.has_room() {
        return Err(Stop::Refused(DisableRefusal::NoSeatLeft {
            limit: seats.seat_limit.unwrap_or(0),
        }));
    }
    change(
        tx,
        scope,
        &member,
        MemberStatus::Disabled,
        MemberStatus::Active,
        "member.enabled",
        "",
    )
}

/// Why this member cannot be disabled by this actor, for a control that says so before anybody tries.
///
/// # Errors
/// What the database says.
pub fn may_disable(conn: &mut Conn, scope: &Scope, member: &Member) -> Result<Option<DisableRefusal>, Fault> {
    if scope.is_me(member.id) {
        return Ok(Some(DisableRefusal::Yourself));
    }
    if member.status == MemberStatus::Invited {
        return Ok(Some(DisableRefusal::Invited));
    }
    if let Some(refusal) = above(conn, scope, member.id)? {
        return Ok(Some(refusal));
    }
    let others = usable_administrators(conn, scope, Some(member.id), 1)?;
    Ok((others == 0).then_some(DisableRefusal::LastAdministrator))
}

/// Nobody locks out, or lets in again, somebody who may do more than they may themselves.
fn above(conn: &mut Conn, scope: &Scope, id: MemberId) -> Result<Option<DisableRefusal>, Fault> {
    Ok(beyond(conn, scope, id)?.map(DisableRefusal::AboveYou))
}

/// What a member may do and whoever acts may not, if there is anything.
///
/// # Errors
/// What the database says.
pub fn beyond(conn: &mut Conn, scope: &Scope, id: MemberId) -> Result<Option<Permission>, Fault> {
    let held = permissions(conn, scope.organization, id, scope.now())?;
    Ok(scope.permissions.lacking(&held).cloned())
}

fn change(
    tx: &mut Tx<'_>,
    scope: &Scope,
    member: &Member,
    from: MemberStatus,
    to: MemberStatus,
    action: &'static str,
    reason: &str,
) -> Result<Disablement, Stop<DisableRefusal>> {
    if member.status == to {
        return Ok(Disablement::AlreadySo);
    }
    if member.status != from {
        return Err(Stop::Refused(DisableRefusal::Invited));
    }
    if !store::set_status(tx, scope, member.id, from, to, reason)? {
        return Err(Fault::Missing.into());
    }
    let event = Event::new(action, "member", member.id.0, &member.name)
        .before(json!({ "status": from.as_str() }))
        .after(json!({ "status": to.as_str(), "reason": reason }));
    Ok(audit::record(tx, scope, event).map(|()| Disablement::Changed)?)
}

pub(super) fn mount(app: &mut ServiceConfig) {
    let disablement = actix_web::web::resource("/o/{organization}/users/{member}/disablement");
    app.service(disablement.route(web::get().to(new)).route(web::post().to(create)));
    app.service(actix_web::web::resource("/o/{organization}/users/{member}/enablement").route(web::post().to(delete)));
}

#[derive(Deserialize, Default, Debug)]
#[serde(deny_unknown_fields, default)]
struct DisableForm {
    reason: Field,
    back: String,
}

#[derive(Template)]
#[template(path = "members/disable.html")]
struct Confirm {
    shell: Shell,
    header: Header,
    form: DisableForm,
    refusal: Option<DisableRefusal>,
}

type Place = Path<(OrganizationId, MemberId)>;

async fn new(db: Data<Db>, shell: Shell, place: Place, back: Query<Back>) -> web::Result<HttpResponse> {
    let form = DisableForm {
        back: back.path(&shell.front, shell.path(format!("/users/{}", place.1))),
        ..DisableForm::default()
    };
    confirm(&db, shell, place.1, form).await
}

async fn create(db: Data<Db>, shell: Shell, place: Place, Posted(mut form): Posted<DisableForm>) -> web::Result<HttpResponse> {
    if form.reason.trimmed().chars().count() > 300 {
        form.reason.refuse("At most 300 characters fit here.");
        return confirm(&db, shell, place.1, form).await;
    }
    let (scope, reason, id) = (shell.scope.clone(), form.reason.trimmed().to_owned(), place.1);
    match db.write(move |tx| disable(tx, &scope, id, &reason)).await {
        Ok(_) => {
            let back = Back { back: form.back }.path(&shell.front, shell.path(format!("/users/{id}")));
            let notice = Notice::success(format!(
                "{} is disabled and cannot get in any more.",
                name_of(&db, &shell, id).await?
            ));
            let undo = shell.path(format!("/users/{id}/enablement"));
            Ok(created(&shell.front, &back, notice.with_undo(undo, back.clone())))
        }
        Err(Stop::Refused(_)) => confirm(&db, shell, id, form).await,
        Err(Stop::Fault(fault)) => Err(fault.into()),
    }
}

async fn delete(db: Data<Db>, shell: Shell, place: Place, Posted(form): Posted<Back>) -> web::Result<HttpResponse> {
    let (scope, id) = (shell.scope.clone(), place.1);
    let back = form.path(&shell.front, shell.path(format!("/users/{id}")));
    let notice = match db.write(move |tx| enable(tx, &scope, id)).await {
        Ok(_) => {
            let notice = Notice::success(format!(
                "{} is enabled again. Sessions that had ended stay ended.",
                name_of(&db, &shell, id).await?
            ));
            notice.with_undo(shell.path(format!("/users/{id}/disablement")), back.clone())
        }
        Err(Stop::Refused(refusal)) => Notice::error(refusal.to_string()),
        Err(Stop::Fault(fault)) => return Err(fault.into()),
    };
    Ok(created(&shell.front, &back, notice))
}

/// A name short enough for a notice.
async fn name_of(db: &Db, shell: &Shell, id: MemberId) -> web::Result<String> {
    let scope = shell.scope.clone();
    let member = db.read(move |conn| find(conn, &scope, id)).await?;
    Ok(member.name)
}

async fn confirm(db: &Db, shell: Shell, id: MemberId, form: DisableForm) -> web::Result<HttpResponse> {
    let scope = shell.scope.clone();
    let (header, refusal) = db
        .read(move |conn| {
            scope.demand("user", "manage")?;
            let header = header(conn, &scope, id)?;
            let refusal = may_disable(conn, &scope, &header.member)?;
            Ok::<_, Fault>((header, refusal))
        })
        .await?;
    let status = if refusal.is_some() || form.reason.is_refused() {
        StatusCode::UNPROCESSABLE_ENTITY
    } else {
        StatusCode::OK
    };
    page(
        status,
        &Confirm {
            shell,
            header,
            form,
            refusal,
        },
    )
}
