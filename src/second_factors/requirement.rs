//! Whether an organization requires a second factor, and from when on it refuses people who have none.

use super::store;
use crate::{
    db::{
        Among, Conn, Db, Tx,
        schema::{members, passkeys, totps},
    },
    kit::{Fault, MemberKind, MemberStatus, OperationError, OperationResult, OrganizationId, Scope, Timestamp, UserId, rights},
    members::reauthorize,
    organizations::{self, Organization},
    web::{self, Field, MemberContext, Notice, Posted, Respond, ReturnTo, filters},
};
use actix_web::{
    HttpResponse,
    http::StatusCode,
    web::{Data, Path},
};
use askama::Template;
use chrono::TimeDelta;
use diesel::{
    dsl::{count_star, exists, not},
    prelude::*,
};
use serde::Deserialize;

/// Why the requirement cannot be turned on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum RequireRefusal {
    #[error("Set up two-step sign-in for yourself first, or you would lock yourself out.")]
    NotYourself,
}

/// For queries that must be one statement. True if the organization `o` requires a second factor at the instant `$1`
/// and its member `m` is a person without one. System accounts are never asked.
pub const LACKING: &str = "(o.two_step_required AND m.user_id IS NOT NULL AND (o.two_step_from IS NULL OR o.two_step_from <= $1) \
     AND NOT EXISTS (SELECT 1 FROM totps f WHERE f.user_id = m.user_id) AND NOT EXISTS (SELECT 1 FROM passkeys f WHERE f.user_id = m.user_id))";

/// Whether the organization refuses this person now, for lack of a second factor. The same as [`LACKING`].
pub fn is_lacking(conn: &mut Conn, organization: OrganizationId, user: UserId, now: Timestamp) -> Result<bool, Fault> {
    Ok(organizations::find(conn, organization)?.demands_two_step(now) && !store::has_any(conn, user)?)
}

/// The longest grace period, in days.
const LONGEST: i64 = 90;

/// Requires a second factor of everybody in the organization, after this many days. `None` ends the requirement.
///
/// # Errors
/// A [`RequireRefusal`] or [`Fault::Denied`].
pub fn require(tx: &mut Tx<'_>, scope: &Scope, grace_days: Option<i64>) -> Result<(), OperationError<RequireRefusal>> {
    let scope = &reauthorize(tx, scope)?;
    scope.demand(rights::ORGANIZATION_MANAGE)?;
    if let (Some(_), Some(user)) = (grace_days, scope.actor.user_id())
        && !store::has_any(tx, user)?
    {
        return Err(OperationError::Refused(RequireRefusal::NotYourself));
    }
    let from = grace_days.map(|days| scope.now() + TimeDelta::days(days.clamp(0, LONGEST)));
    Ok(organizations::require_two_step(tx, scope, from)?)
}

/// How many people in the organization, active or invited, have no second factor.
pub fn without(conn: &mut Conn, organization: OrganizationId) -> Result<i64, Fault> {
    let app = totps::table.filter(totps::user_id.nullable().eq(members::user_id));
    let key = passkeys::table.filter(passkeys::user_id.nullable().eq(members::user_id));
    Ok(members::table
        .filter(members::organization_id.eq(organization))
        .filter(members::kind.eq(MemberKind::User))
        .filter(members::status.among([MemberStatus::Active, MemberStatus::Invited].map(MemberStatus::as_str)))
        .filter(not(exists(app)))
        .filter(not(exists(key)))
        .select(count_star())
        .first(conn)?)
}

pub fn mount(app: &mut web::Routes) {
    let settings = web::resource("/o/{organization}/settings/two-step");
    app.service(settings.route(web::get().to(edit)).route(web::post().to(update)));
}

#[derive(Template)]
#[template(path = "second_factors/requirement.html")]
struct Edit {
    context: MemberContext,
    organization: Organization,
    without: i64,
    has_own: bool,
    days: Field,
}

impl Edit {
    fn is_in_force(&self) -> bool {
        self.organization.demands_two_step(self.context.scope.now())
    }
    fn now(&self) -> &Timestamp {
        &self.context.scope.request_info.now
    }
}

async fn draw(db: &Db, context: MemberContext, status: StatusCode, days: Field) -> web::Result<HttpResponse> {
    let (organization, without, has_own) = context.read(db, load).await?;
    Edit { context, organization, without, has_own, days }.with_status(status)
}

/// The organization, how many people lack a second factor, and whether the caller has one.
fn load(conn: &mut Conn, scope: &Scope) -> Result<(Organization, i64, bool), Fault> {
    scope.demand(rights::ORGANIZATION_MANAGE)?;
    let has_own = match scope.actor.user_id() {
        Some(user) => store::has_any(conn, user)?,
        None => true,
    };
    let organization = organizations::find(conn, scope.organization)?;
    Ok((organization, without(conn, scope.organization)?, has_own))
}

async fn edit(db: Data<Db>, mut context: MemberContext, _: Path<OrganizationId>) -> web::Result<HttpResponse> {
    context.scope.demand(rights::ORGANIZATION_MANAGE)?;
    let kept: Option<RequireForm> = context.pending_form();
    let days = kept.map(|form| form.days).filter(|days| !days.value.is_empty());
    draw(&db, context, StatusCode::OK, days.unwrap_or_else(|| Field::new("14"))).await
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum Wanted {
    Required,
    Optional,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RequireForm {
    #[serde(default)]
    wanted: Option<Wanted>,
    #[serde(default)]
    days: Field,
}

impl RequireForm {
    /// What is wanted. A complaint stays in the form.
    fn check(&mut self) -> web::Result<Option<Requirement>> {
        let days = self.days.trimmed().parse::<i64>().ok().filter(|days| (0..=LONGEST).contains(days));
        match (&self.wanted, days) {
            (None, _) => Err(web::Error::Malformed("The form does not say what is wanted.".into())),
            (Some(Wanted::Optional), _) => Ok(Some(Requirement::None)),
            (Some(Wanted::Required), Some(days)) => Ok(Some(Requirement::After { days })),
            (Some(Wanted::Required), None) => {
                self.days.refuse(format!("Type a number of days, from 0 to {LONGEST}."));
                Ok(None)
            }
        }
    }
}

/// Whether a second factor is required, and after how many days.
#[derive(Clone, Copy)]
enum Requirement {
    None,
    After { days: i64 },
}

impl Requirement {
    fn grace_days(self) -> Option<i64> {
        match self {
            Self::None => None,
            Self::After { days } => Some(days),
        }
    }
    /// What holds from now on, for the notice.
    fn notice(self, now: Timestamp) -> Notice {
        Notice::success(match self {
            Self::None => "Two-step sign-in is everybody's own choice now.".to_owned(),
            Self::After { days: 0 } => "From now on the organization opens only to people with two-step sign-in.".to_owned(),
            Self::After { days } => format!(
                "From {} on the organization opens only to people with two-step sign-in.",
                (now + TimeDelta::days(days)).date()
            ),
        })
    }
}

async fn update(
    db: Data<Db>,
    context: MemberContext,
    _: Path<OrganizationId>,
    Posted(mut form): Posted<RequireForm>,
) -> web::Result<HttpResponse> {
    context.scope.demand(rights::ORGANIZATION_MANAGE)?;
    context.require_reauthentication(ReturnTo::form_page())?;
    let Some(wanted) = form.check()? else {
        return draw(&db, context, StatusCode::UNPROCESSABLE_ENTITY, form.days).await;
    };
    match context.write(&db, move |tx, scope| require(tx, scope, wanted.grace_days())).await.refused()? {
        Ok(()) => Ok(context.redirect_with_notice(&context.path("/settings/two-step"), wanted.notice(context.scope.now()))),
        Err(refusal) => {
            form.days.refuse(refusal.to_string());
            draw(&db, context, StatusCode::UNPROCESSABLE_ENTITY, form.days).await
        }
    }
}
