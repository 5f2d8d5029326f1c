//! The page of a filter with many choices, which are searched there. What is chosen and the rest of the list's address
//! stay. With a script, the list itself shows this picker.

use super::{filters::Choice, query::DirectoryQuery};
use crate::{
    db::{Conn, Db},
    kit::{Fault, MemberKind, OrganizationId, PolicyId, RoleId, Scope, rights},
    members::{self, Reach, Team, teams},
    policies, roles,
    web::{self, MemberContext, Picker, PickerChoice, PickerSearch, Respond, filters, see_other},
};
use actix_web::{
    HttpRequest, HttpResponse,
    web::{Data, Path},
};
use askama::Template;

/// The filters whose choices the organization makes: name, label, and the choices in words.
pub const MADE: [(&str, &str, &str); 3] = [
    ("role", "Role", "roles"),
    ("team", "Team", "teams"),
    ("policy", "Policy", "policies"),
];

pub(super) fn mount(app: &mut web::Routes) {
    app.service(web::resource("/o/{organization}/users/filters/{filter}").route(web::get().to(people)));
    app.service(web::resource("/o/{organization}/system-accounts/filters/{filter}").route(web::get().to(machines)));
}

/// The choices of one of [`MADE`] that the caller may see.
pub fn choices(conn: &mut Conn, scope: &Scope, list_query: &DirectoryQuery, name: &str) -> Result<Vec<Choice>, Fault> {
    let organization = scope.organization;
    let choice = |value: String, label: String, is_chosen: bool| Choice { value, label, is_chosen };
    let role = |(id, name): (RoleId, String)| choice(id.to_string(), name, list_query.roles.contains(&id));
    let team = |t: Team| choice(t.id.to_string(), t.name, list_query.teams.contains(&t.id));
    let policy = |(id, name): (PolicyId, String)| choice(id.to_string(), name, list_query.policies.contains(&id));
    Ok(match name {
        "role" => roles::names_for(conn, organization, list_query.kind)?.into_iter().map(role).collect(),
        "team" => teams_to_choose(conn, scope, list_query)?.into_iter().map(team).collect(),
        "policy" if scope.may(rights::POLICY_READ) => policies::names(conn, organization)?.into_iter().map(policy).collect(),
        _ => vec![],
    })
}

/// The teams of the filter. A caller who sees the people of their teams only, and no list of teams, chooses among their own.
fn teams_to_choose(conn: &mut Conn, scope: &Scope, list_query: &DirectoryQuery) -> Result<Vec<Team>, Fault> {
    let mut all = teams(conn, scope.organization)?;
    if let Reach::Teams(mine) = &list_query.reach
        && !scope.may(rights::TEAM_READ)
    {
        all.retain(|team| mine.contains(&team.id));
    }
    Ok(all)
}

#[derive(Template)]
#[template(path = "directory/filter.html")]
struct FilterPage {
    context: MemberContext,
    list_query: DirectoryQuery,
    picker: Picker,
}

impl FilterPage {
    fn list(&self) -> String {
        self.context.path(self.list_query.kind.path())
    }
    /// What the address of the list says besides this filter.
    fn others(&self) -> Vec<(&'static str, String)> {
        self.list_query.address_pairs().into_iter().filter(|(name, _)| *name != self.picker.field).collect()
    }
}

type Place = Path<(OrganizationId, String)>;

async fn people(db: Data<Db>, context: MemberContext, place: Place, req: HttpRequest) -> web::Result<HttpResponse> {
    show(&db, context, MemberKind::User, &place.1, &req).await
}

async fn machines(db: Data<Db>, context: MemberContext, place: Place, req: HttpRequest) -> web::Result<HttpResponse> {
    show(&db, context, MemberKind::SystemAccount, &place.1, &req).await
}

async fn show(db: &Db, context: MemberContext, kind: MemberKind, name: &str, req: &HttpRequest) -> web::Result<HttpResponse> {
    members::demand_list(&context.scope, kind)?;
    let (field, _, what) = MADE.into_iter().find(|(known, ..)| *known == name).ok_or(Fault::Missing)?;
    let mut pairs: Vec<(String, String)> = web::query(req)?;
    let search = PickerSearch::take(&mut pairs);
    let is_done = pairs.iter().any(|(name, _)| name == "show");
    let query = serde_html_form::to_string(&pairs).map_err(Fault::broken)?;
    let list_query = DirectoryQuery::read(kind, &query, None).without_page().seen_by(&context.scope);
    if is_done && !search.is_asked() {
        return Ok(see_other(&(context.path(kind.path()) + &list_query.query())));
    }
    let asked = list_query.clone();
    let choices = context
        .read(db, move |conn, scope| {
            let asked = asked.within_reach(conn, scope)?;
            choices(conn, scope, &asked, field)
        })
        .await?;
    let row = |choice: Choice| PickerChoice {
        value: choice.value,
        name: choice.label,
        is_chosen: choice.is_chosen,
        ..PickerChoice::default()
    };
    let picker = Picker::new(field, what, choices.into_iter().map(row).collect(), &search);
    FilterPage { context, list_query, picker }.ok()
}
