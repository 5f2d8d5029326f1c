//! Settings page: whether the organization requires single sign-on and from when on, and its break-glass administrators.

use super::enforcement::{Requirement, require, requirement};
use crate::{
    db::{Db, Tx},
    kit::{Fault, MemberId, OperationError, OperationResult, OrganizationId, Scope, Timestamp, rights},
    mail::Outbox,
    members::{self, BREAK_GLASS_RECENT_DAYS, BreakGlassAdministrator, BreakGlassRefusal, MOST_BREAK_GLASS},
    organizations,
    sessions::{AdministratorNotice, tell_administrators},
    web::{self, EmptyForm, MemberContext, Notice, Picker, PickerChoice, PickerSearch, Posted, Respond, ReturnTo, WithPickers, filters},
};
use actix_web::{
    HttpResponse,
    web::{Data, Path, Query},
};
use askama::Template;
use chrono::TimeDelta;
use serde::Deserialize;

const PAGE: &str = "/settings/connections/requirement";

pub(super) fn mount(app: &mut web::Routes) {
    let page = web::resource("/o/{organization}/settings/connections/requirement");
    app.service(page.route(web::get().to(show)).route(web::post().to(update)));
    let confirmation = web::resource("/o/{organization}/settings/connections/requirement/confirmation");
    app.service(confirmation.route(web::get().to(confirm)));
    let named = web::resource("/o/{organization}/settings/connections/requirement/break-glass");
    app.service(named.route(web::post().to(add)));
    let removal = web::resource("/o/{organization}/settings/connections/requirement/break-glass/{member}/removal");
    app.service(removal.route(web::post().to(remove)));
}

/// From when on single sign-on is required.
#[derive(Deserialize, Clone, Copy, Debug, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
enum Start {
    Now,
    Tomorrow,
    Week,
    /// Not required any more.
    Never,
}

impl Start {
    const OFFERED: [Self; 3] = [Self::Now, Self::Tomorrow, Self::Week];

    fn as_str(self) -> &'static str {
        match self {
            Self::Now => "now",
            Self::Tomorrow => "tomorrow",
            Self::Week => "week",
            Self::Never => "never",
        }
    }
    fn label(self) -> &'static str {
        match self {
            Self::Now => "Now",
            Self::Tomorrow => "Tomorrow at this time",
            Self::Week => "In a week",
            Self::Never => "No longer",
        }
    }
    fn instant(self, now: Timestamp) -> Option<Timestamp> {
        match self {
            Self::Now => Some(now),
            Self::Tomorrow => Some(now + TimeDelta::days(1)),
            Self::Week => Some(now + TimeDelta::days(7)),
            Self::Never => None,
        }
    }
    fn notice(self, now: Timestamp) -> Notice {
        Notice::success(match self.instant(now) {
            Some(from) if self != Self::Now => format!("From {} on only single sign-on opens the organization.", from.exact()),
            Some(_) => "From now on only single sign-on opens the organization.".into(),
            None => "People enter with their own passwords and passkeys again.".into(),
        })
    }
}

#[derive(Template)]
#[template(path = "sso/requirement.html")]
struct Show {
    context: MemberContext,
    state: Requirement,
    complaint: Option<String>,
    /// What was searched for among the administrators, and who is chosen.
    search: PickerSearch,
    chosen: Option<MemberId>,
}

impl Show {
    /// Those who can be named.
    fn picker(&self) -> Picker {
        let choices = self.state.administrators.iter().filter(|one| !one.is_named).map(|one| PickerChoice {
            value: one.member.to_string(),
            name: one.name.clone(),
            note: one.email.clone(),
            is_chosen: self.chosen == Some(one.member),
            ..PickerChoice::default()
        });
        Picker::new("member", "administrators", choices.collect(), &self.search)
    }
    fn is_in_force(&self) -> bool {
        self.state.organization.sso_from.is_some_and(|from| from <= self.context.scope.now())
    }
    fn named(&self) -> Vec<&BreakGlassAdministrator> {
        self.state.administrators.iter().filter(|one| one.is_named).collect()
    }
    fn now(&self) -> &Timestamp {
        &self.context.scope.request_info.now
    }
}

async fn show(db: Data<Db>, context: MemberContext, _: Path<OrganizationId>) -> web::Result<HttpResponse> {
    draw(&db, context, None).await
}

async fn draw(db: &Db, context: MemberContext, complaint: Option<String>) -> web::Result<HttpResponse> {
    let state = context.read(db, requirement).await?;
    let is_refused = complaint.is_some();
    let search = PickerSearch::default();
    Show { context, state, complaint, search, chosen: None }.ok_unless(is_refused)
}

#[derive(Deserialize)]
struct ConfirmQuery {
    from: Option<Start>,
}

#[derive(Template)]
#[template(path = "sso/requirement_confirm.html")]
struct Confirm {
    context: MemberContext,
    state: Requirement,
    from: Start,
}

impl Confirm {
    /// From when on, in words.
    fn begin(&self) -> String {
        match self.from.instant(self.context.scope.now()) {
            Some(at) if self.from != Start::Now => format!("from {} on", at.exact()),
            _ => "from now on".into(),
        }
    }
    fn is_end(&self) -> bool {
        self.from == Start::Never
    }
}

async fn confirm(db: Data<Db>, context: MemberContext, query: Query<ConfirmQuery>) -> web::Result<HttpResponse> {
    let state = context.read(&db, requirement).await?;
    Confirm { context, state, from: query.from.unwrap_or(Start::Week) }.ok()
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RequireForm {
    #[serde(default)]
    from: Option<Start>,
}

async fn update(
    db: Data<Db>,
    outbox: Data<Outbox>,
    context: MemberContext,
    _: Path<OrganizationId>,
    Posted(form): Posted<RequireForm>,
) -> web::Result<HttpResponse> {
    context.scope.demand(rights::CONNECTION_MANAGE)?;
    context.require_reauthentication(ReturnTo::button(context.path(PAGE)))?;
    let now = context.scope.now();
    let from = form.from.ok_or_else(|| web::Error::Malformed("The form does not say what is wanted.".into()))?;
    let required = context.write(&db, move |tx, scope| require(tx, scope, &outbox, from.instant(now)));
    match required.await.refused()? {
        Ok(()) => Ok(context.redirect_with_notice(&context.path(PAGE), from.notice(now))),
        Err(refusal) => draw(&db, context, Some(refusal.to_string())).await,
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NameForm {
    #[serde(default)]
    member: Option<MemberId>,
}

async fn add(
    db: Data<Db>,
    outbox: Data<Outbox>,
    context: MemberContext,
    _: Path<OrganizationId>,
    WithPickers { form, search }: WithPickers<NameForm>,
) -> web::Result<HttpResponse> {
    context.scope.demand(rights::CONNECTION_MANAGE)?;
    if search.is_asked() {
        let state = context.read(&db, requirement).await?;
        return Show { context, state, complaint: None, search, chosen: form.member }.ok();
    }
    let member = form.member.ok_or_else(|| web::Error::Malformed("The form does not say who.".into()))?;
    let named = change(&db, &context, move |tx, scope| {
        let named = members::add_break_glass(tx, scope, member)?;
        named.iter().try_for_each(|one| tell(tx, scope, &outbox, one, "break_glass.added"))?;
        Ok(())
    });
    match named.await? {
        Ok(()) => Ok(context.redirect_with_notice(&context.path(PAGE), Notice::success("Named. All administrators are told."))),
        Err(refusal) => draw(&db, context, Some(refusal.to_string())).await,
    }
}

async fn remove(
    db: Data<Db>,
    outbox: Data<Outbox>,
    context: MemberContext,
    place: Path<(OrganizationId, MemberId)>,
    _: Posted<EmptyForm>,
) -> web::Result<HttpResponse> {
    let member = place.1;
    let removed = change(&db, &context, move |tx, scope| {
        let removed = members::remove_break_glass(tx, scope, member)?;
        removed.iter().try_for_each(|one| tell(tx, scope, &outbox, one, "break_glass.removed"))?;
        Ok(())
    });
    match removed.await? {
        Ok(()) => Ok(context.redirect_with_notice(&context.path(PAGE), Notice::success("Removed. All administrators are told."))),
        Err(refusal) => draw(&db, context, Some(refusal.to_string())).await,
    }
}

/// Changes who is a break-glass administrator, for callers who reauthenticated.
async fn change(
    db: &Db,
    context: &MemberContext,
    work: impl Fn(&mut Tx<'_>, &Scope) -> Result<(), OperationError<BreakGlassRefusal>> + Send + 'static,
) -> web::Result<Result<(), BreakGlassRefusal>> {
    context.scope.demand(rights::CONNECTION_MANAGE)?;
    context.require_reauthentication(ReturnTo::button(context.path(PAGE)))?;
    Ok(context.write(db, work).await.refused()?)
}

/// Tells all administrators who was named or removed.
fn tell(tx: &mut Tx<'_>, scope: &Scope, outbox: &Outbox, one: &BreakGlassAdministrator, kind: &'static str) -> Result<(), Fault> {
    let organization = organizations::find(tx, scope.organization)?.name;
    let (by, name, email) = (scope.actor.name(), &one.name, &one.email);
    let (title, what) = if kind == "break_glass.added" {
        (
            format!("{name} is a break-glass administrator of {organization}"),
            format!("{by} named {name} ({email}), who enters with their own password or passkey also where single sign-on is required."),
        )
    } else {
        (
            format!("{name} is no break-glass administrator of {organization} any more"),
            format!("{by} removed {name} ({email}). Where single sign-on is required, they enter through the identity provider only."),
        )
    };
    let notice = AdministratorNotice { kind, title: &title, what: &what, page: PAGE };
    tell_administrators(tx, outbox, scope.organization, &notice, &scope.request_info)
}
