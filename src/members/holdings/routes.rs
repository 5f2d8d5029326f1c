//! The Access tab: which roles somebody holds, until when and by whose hand, which teams they are in, which policies they
//! are under, and what all of it allows; for those who may, a form that changes it at once and says before what would
//! come of it.

use super::{
    Holdings, Looked,
    form::HoldingsForm,
    holdings, look, pack, set_holdings, unpack,
    why::{Difference, Why, Words},
};
use crate::{
    db::{
        Conn, Db,
        schema::{member_roles, members},
    },
    kit::{Fault, MemberId, RoleId, Scope, Stop, Timestamp},
    members::{Ceiling, Header, Place, Refusal, Team, effective, header_of, teams},
    policies::{self, Policy},
    roles::{self, Predefined, Role},
    web::{self, Notice, Posted, Shell, created, filters, page},
};
use actix_web::{
    HttpResponse,
    http::StatusCode,
    web::{Data, Query, ServiceConfig, resource},
};
use askama::Template;
use chrono::TimeDelta;
use diesel::prelude::*;
use serde::Deserialize;

pub(in crate::members) fn mount(app: &mut ServiceConfig) {
    app.service(
        resource([
            "/o/{organization}/users/{member}/roles",
            "/o/{organization}/system-accounts/{member}/roles",
        ])
        .route(web::get().to(edit))
        .route(web::post().to(update)),
    );
}

/// A role as the tab shows it.
struct Line {
    role: Role,
    is_held: bool,
    until: String,
    is_wrong: bool,
    is_too_wide: bool,
}

#[derive(Template)]
#[template(path = "members/access.html")]
struct Access {
    shell: Shell,
    header: Header,
    form: HoldingsForm,
    roles: Vec<Role>,
    teams: Vec<Team>,
    /// Each with whether whoever looks may give it.
    policies: Vec<(Policy, bool)>,
    held: Vec<Held>,
    why: Why,
    drawn: Drawn,
}

/// What came of a form that is shown again.
#[derive(Default)]
struct Drawn {
    refusal: Option<Refusal>,
    /// What the change would add and take away.
    preview: Option<Difference>,
}

impl Access {
    fn lines(&self) -> Vec<Line> {
        let line = |role: &Role| {
            let id = role.id.to_string();
            let at = self.form.listed.iter().position(|listed| *listed == id);
            Line {
                is_held: self.form.roles.contains(&id),
                until: at.and_then(|at| self.form.until.get(at)).cloned().unwrap_or_default(),
                is_wrong: self.form.wrong.contains(&id),
                is_too_wide: self.shell.scope.permissions.lacking(&role.permissions).is_some(),
                role: role.clone(),
            }
        };
        self.roles.iter().map(line).collect()
    }
    fn is_in(&self, team: &Team) -> bool {
        self.form.teams.contains(&team.id.to_string())
    }
    fn is_under(&self, policy: &Policy) -> bool {
        self.form.policies.contains(&policy.id.to_string())
    }
    /// Whether there is anything to say about policies: administrators need none.
    fn has_policies(&self) -> bool {
        !self.policies.is_empty() && (!self.why.is_administrator || !self.form.policies.is_empty())
    }
    fn refusal(&self) -> Option<&Refusal> {
        self.drawn.refusal.as_ref().or(self.header.why_not.roles.as_ref())
    }
    fn may_edit(&self) -> bool {
        self.header.may_manage && self.header.why_not.roles.is_none()
    }
    fn tomorrow(&self) -> String {
        (self.shell.scope.now().utc() + TimeDelta::days(1)).format("%Y-%m-%d").to_string()
    }
}

/// A role that is held, and whose doing that is.
struct Held {
    name: String,
    is_administrator: bool,
    description: String,
    granted_at: Timestamp,
    granted_by: Option<String>,
    until: Option<Timestamp>,
}

fn held(conn: &mut Conn, scope: &Scope, id: MemberId, known: &[Role]) -> Result<Vec<Held>, Fault> {
    let giver = diesel::alias!(members as giver);
    let in_force = member_roles::until_at.is_null().or(member_roles::until_at.gt(Some(scope.now())));
    let rows: Vec<(RoleId, Timestamp, Option<Timestamp>, Option<String>)> = member_roles::table
        .left_join(giver.on(giver.field(members::id).nullable().eq(member_roles::granted_by)))
        .filter(member_roles::organization_id.eq(scope.organization))
        .filter(member_roles::member_id.eq(id))
        .filter(in_force.assume_not_null())
        .select((
            member_roles::role_id,
            member_roles::granted_at,
            member_roles::until_at,
            giver.field(members::name).nullable(),
        ))
        .load(conn)?;
    let mut all: Vec<Held> = Vec::new();
    for role in known {
        if let Some((_, granted_at, until, granted_by)) = rows.iter().find(|row| row.0 == role.id) {
            all.push(Held {
                name: role.name.clone(),
                is_administrator: role.is_administrator(),
                description: role.description.clone(),
                granted_at: *granted_at,
                granted_by: granted_by.clone(),
                until: *until,
            });
        }
    }
    Ok(all)
}

/// What is encoded twice more still fits into a cookie.
const LONGEST_UNDO: usize = 1_800;

async fn show(db: &Db, shell: Shell, place: Place, form: Option<HoldingsForm>, drawn: Drawn) -> web::Result<HttpResponse> {
    let scope = shell.scope.clone();
    let status = if form.is_some() && drawn.preview.is_none() {
        StatusCode::UNPROCESSABLE_ENTITY
    } else {
        StatusCode::OK
    };
    let view = db
        .read(move |conn| {
            let id = place.id;
            let header = header_of(conn, &scope, place.kind, id)?;
            let all: Vec<Role> = roles::list(conn, scope.organization)?;
            let held_now = holdings(conn, &scope, id)?;
            let held = held(conn, &scope, id, &all)?;
            let is_offered = |role: &Role| role.is_for(place.kind) || held_now.roles.contains_key(&role.id);
            let roles: Vec<Role> = all.into_iter().filter(is_offered).collect();
            let ceiling = Ceiling::of(conn, &scope)?;
            let with_ceiling = |policy: Policy| (ceiling.lacking_rule(&policy.rules).is_none(), policy);
            let policies = policies::list(conn, scope.organization)?.into_iter().map(with_ceiling);
            let policies = policies.map(|(may_give, policy)| (policy, may_give)).collect();
            let now = effective(conn, scope.organization, id, scope.now())?;
            let why = Why::of(&now, &Words::load(conn, &scope)?);
            Ok::<_, Fault>((header, held_now, roles, teams(conn, scope.organization)?, policies, held, why))
        })
        .await?;
    let (header, held_now, roles, teams, policies, held, why) = view;
    let view = Access {
        form: form.unwrap_or_else(|| HoldingsForm::of(&held_now, &roles)),
        shell,
        header,
        roles,
        teams,
        policies,
        held,
        why,
        drawn,
    };
    page(status, &view)
}

async fn edit(db: Data<Db>, shell: Shell, place: Place) -> web::Result<HttpResponse> {
    show(&db, shell, place, None, Drawn::default()).await
}

/// A change that is taken back, in the address of the form that does it.
#[derive(Deserialize)]
struct Undone {
    from: Option<String>,
    to: Option<String>,
}

async fn update(
    db: Data<Db>,
    shell: Shell,
    place: Place,
    undone: Query<Undone>,
    Posted(mut form): Posted<HoldingsForm>,
) -> web::Result<HttpResponse> {
    shell.scope.demand(place.kind.noun(), "manage")?;
    let undone = undone.into_inner();
    let wanted = if let (Some(from), Some(to)) = (undone.from.as_deref().and_then(unpack), undone.to.as_deref().and_then(unpack)) {
        Some((from, to))
    } else {
        let base = unpack(&form.base).unwrap_or_default();
        form.check(shell.scope.now(), &base).map(|wanted| (base, wanted))
    };
    let Some((base, wanted)) = wanted else {
        return show(&db, shell, place, Some(form), Drawn::default()).await;
    };
    if form.is_preview() {
        return preview(&db, shell, place, form, base, wanted).await;
    }
    let scope = shell.scope.clone();
    let administrator = db.read(move |conn| roles::predefined(conn, scope.organization, Predefined::Administrator));
    let administrator = administrator.await?;
    if wanted.roles.contains_key(&administrator) && wanted.roles.get(&administrator) != base.roles.get(&administrator) {
        shell.demand_recent_proof()?;
    }
    let (scope, from, to) = (shell.scope.clone(), base.clone(), wanted.clone());
    match db.write(move |tx| set_holdings(tx, &scope, place.kind, place.id, &from, &to)).await {
        Ok(is_changed) => Ok(answer(&shell, place, is_changed.then_some((&base, &wanted)))),
        Err(Stop::Refused(refusal)) => show(&db, shell, place, Some(form), refused(refusal)).await,
        Err(Stop::Fault(fault)) => Err(fault.into()),
    }
}

fn refused(refusal: Refusal) -> Drawn {
    Drawn {
        refusal: Some(refusal),
        preview: None,
    }
}

/// The same form, with what would come of it.
async fn preview(db: &Db, shell: Shell, place: Place, form: HoldingsForm, base: Holdings, wanted: Holdings) -> web::Result<HttpResponse> {
    let scope = shell.scope.clone();
    let looked = db.write(move |tx| look(tx, &scope, place.kind, place.id, &base, &wanted)).await;
    let seen = match looked {
        Ok(()) => return Err(Fault::broken("a look changes nothing").into()),
        Err(Stop::Refused(Looked::Refused(refusal))) => return show(db, shell, place, Some(form), refused(refusal)).await,
        Err(Stop::Refused(Looked::Seen(seen))) => seen,
        Err(Stop::Fault(fault)) => return Err(fault.into()),
    };
    let scope = shell.scope.clone();
    let words = db.read(move |conn| Words::load(conn, &scope)).await?;
    let drawn = Drawn {
        refusal: None,
        preview: Some(Difference::between(&seen.0, &seen.1, &words)),
    };
    show(db, shell, place, Some(form), drawn).await
}

fn answer(shell: &Shell, place: Place, changed: Option<(&Holdings, &Holdings)>) -> HttpResponse {
    let here = place.path(shell) + "/roles";
    let notice = match changed {
        Some((base, wanted)) => {
            let undo = format!("{here}?from={}&to={}", pack(wanted), pack(base));
            let notice = Notice::success("Roles and teams are changed, from the next request on.");
            // A cookie carries it, and holds four thousand characters.
            if undo.len() < LONGEST_UNDO {
                notice.with_undo(undo, here.clone())
            } else {
                notice
            }
        }
        None => Notice::success("It was so already, so nothing was changed."),
    };
    created(&shell.front, &here, notice)
}
