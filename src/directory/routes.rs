//! Handlers of `directory`: they read the request, call an operation and answer with a page.

use super::{
    chooser,
    column::Column,
    filter_page::{MADE, choices},
    filters::{Choice, Filter, provider_choices, seen_choices, two_step_choices},
    own_filter::OwnFilter,
    own_filters::{self, Chip},
    own_matches::{OwnMatch, own_matches},
    pages::{Index, Machines},
    query::{DirectoryQuery, PAGE_SIZES, Tab, ViewChoice, Window},
    selectivity::Selectivity,
    store,
    totals::{Counts, counts_for_page},
    understood::is_understood,
    views::{self, ViewBar},
};
use crate::{
    db::{Conn, Db},
    kit::{Fault, MemberKind, Scope, rights},
    members::{self, Authority, Reach, Seats, seats},
    own_fields::OwnField,
    web::{self, MemberContext, Respond, chart::Chart, cookie, see_other},
};
use actix_web::{HttpRequest, HttpResponse, cookie::time::Duration, web::Data};

pub fn mount(app: &mut web::Routes) {
    app.service(web::resource("/o/{organization}").route(web::get().to(home)));
    app.service(web::resource("/o/{organization}/users").route(web::get().to(people)));
    app.service(web::resource("/o/{organization}/system-accounts").route(web::get().to(machines)));
    let export = web::resource(["/o/{organization}/users/export", "/o/{organization}/system-accounts/export"]);
    app.service(export.route(web::get().to(super::export::index)));
    let menu = web::resource([
        "/o/{organization}/users/{member}/menu",
        "/o/{organization}/system-accounts/{member}/menu",
    ]);
    app.service(menu.route(web::get().to(super::menu::show)));
}

async fn home(context: MemberContext) -> web::Result<HttpResponse> {
    members::demand_list(&context.scope, MemberKind::User)?;
    Ok(see_other(&context.path("/users")))
}

async fn people(db: Data<Db>, context: MemberContext, req: HttpRequest) -> web::Result<HttpResponse> {
    if let Some(address) = default_view(&db, &context, MemberKind::User, &req).await? {
        return Ok(see_other(&address));
    }
    let index = load(&db, context, MemberKind::User, &req).await?;
    answer(&req, &index.context, &index.list_query, index.ok()?)
}

async fn machines(db: Data<Db>, context: MemberContext, req: HttpRequest) -> web::Result<HttpResponse> {
    if let Some(address) = default_view(&db, &context, MemberKind::SystemAccount, &req).await? {
        return Ok(see_other(&address));
    }
    let machines = Machines(load(&db, context, MemberKind::SystemAccount, &req).await?);
    answer(&req, &machines.context, &machines.list_query, machines.ok()?)
}

/// The address of the view that the list shows without parameters, if the request has none.
async fn default_view(db: &Db, context: &MemberContext, kind: MemberKind, req: &HttpRequest) -> web::Result<Option<String>> {
    if !req.query_string().is_empty() {
        return Ok(None);
    }
    let views = context.read(db, move |conn, scope| views::list(conn, scope, kind)).await?;
    Ok(views.default().map(|view| views::list_address(context, view)))
}

/// The page size that the caller used last.
fn remembered(context: &MemberContext, req: &HttpRequest) -> Option<i64> {
    let jar = context.site.cookie_name("rows");
    req.cookie(&jar).and_then(|cookie| cookie.value().parse().ok())
}

async fn load(db: &Db, context: MemberContext, kind: MemberKind, req: &HttpRequest) -> web::Result<Index> {
    let sent = DirectoryQuery::read(kind, req.query_string(), remembered(&context, req));
    let list_query = sent.clone().seen_by(&context.scope);
    let asked = list_query.clone();
    let found = context.read(db, move |conn, scope| find(conn, scope, &asked)).await?;
    let is_partly_ignored = sent != list_query || found.is_partly_gone || !is_understood(kind, req.query_string());
    let list_query = found.list_query;
    let filters = filters(&context, &list_query, found.choices);
    let chart = (found.is_everybody && has_picture(&list_query)).then(|| Chart::draw(context.scope.now(), &found.activity));
    let is_picture_open = req.cookie("picture").map(|cookie| cookie.value() == "open");
    let context_path = context.path(list_query.kind.path());
    Ok(Index {
        context,
        counts: found.counts,
        list: found.list,
        seats: found.seats,
        is_everybody: found.is_everybody,
        chart,
        is_picture_open,
        columns: found.columns,
        is_chosen: found.is_chosen,
        views: found.views,
        filters,
        own_filters: chips(&context_path, &list_query, found.own_told),
        own_fields: found.own_fields,
        own_matches: found.own_matches,
        authority: found.authority,
        is_partly_ignored,
        list_query,
    })
}

/// Remembers the page size that the caller asked for.
fn answer(
    req: &HttpRequest,
    context: &MemberContext,
    list_query: &DirectoryQuery,
    mut response: HttpResponse,
) -> web::Result<HttpResponse> {
    let is_asked = PAGE_SIZES.iter().any(|size| req.query_string().contains(&format!("per={size}")));
    if is_asked && remembered(context, req) != Some(list_query.page_size) {
        let kept = cookie(&context.site, "rows", list_query.page_size.to_string())
            .max_age(Duration::days(365))
            .finish();
        response.add_cookie(&kept).map_err(Fault::broken)?;
    }
    Ok(response)
}

/// The sign-in chart covers all members, so only the first page without filters shows it.
fn has_picture(list_query: &DirectoryQuery) -> bool {
    !list_query.kind.is_machine()
        && !list_query.is_filtered()
        && matches!(list_query.tab, Tab::Current | Tab::Active)
        && list_query.window == Window::First
}

struct Found {
    /// Without the roles, teams and policies that are gone.
    list_query: DirectoryQuery,
    is_partly_gone: bool,
    counts: Counts,
    list: store::Page,
    seats: Seats,
    is_everybody: bool,
    activity: Vec<(i64, crate::web::chart::DayCount)>,
    /// Those of each filter of [`MADE`].
    choices: [Vec<Choice>; 3],
    /// The filters by the organization's own fields in words.
    own_told: Vec<(String, String)>,
    own_fields: Vec<OwnField>,
    own_matches: Vec<OwnMatch>,
    authority: Authority,
    columns: Vec<Column>,
    is_chosen: bool,
    views: ViewBar,
}

fn find(conn: &mut Conn, scope: &Scope, asked: &DirectoryQuery) -> Result<Found, Fault> {
    let asked = &asked.within_reach(conn, scope)?;
    let is_everybody = asked.reach == Reach::Everybody;
    let choices = [
        choices(conn, scope, asked, "role")?,
        choices(conn, scope, asked, "team")?,
        choices(conn, scope, asked, "policy")?,
    ];
    let mut list_query = without_gone(asked, &choices);
    let mut is_partly_gone = list_query != *asked;
    let views = views::list(conn, scope, asked.kind)?;
    // Where another view is shown without parameters, the plain list says that it is meant.
    if views.default().is_some() && list_query.view == ViewChoice::Unsaid {
        list_query.view = ViewChoice::Plain;
    }
    let selectivity = Selectivity::for_page(conn, scope, &list_query)?;
    let counts = counts_for_page(conn, scope, &list_query, selectivity)?;
    let plan = selectivity.plan(&list_query, counts.of(list_query.tab));
    let own_fields = own_filters::offered(conn, scope, list_query.kind)?;
    let (columns, is_chosen) = chooser::shown(conn, scope, &list_query, &own_fields)?;
    is_partly_gone |= list_query.columns.as_ref().is_some_and(|asked| *asked != columns);
    Ok(Found {
        list: store::page(conn, scope, &list_query, plan, &columns)?,
        counts,
        seats: seats(conn, scope.organization)?,
        // The chart is about the whole organization.
        activity: if is_everybody && has_picture(&list_query) {
            store::activity(conn, scope)?
        } else {
            vec![]
        },
        own_told: own_filters::told(conn, scope, &list_query.fields)?,
        own_matches: own_matches(conn, scope, &list_query, &own_fields)?,
        own_fields,
        views: ViewBar::of(scope, views, &list_query, is_chosen.then_some(&columns)),
        columns,
        is_chosen,
        choices,
        authority: Authority::of(conn, scope, list_query.kind)?,
        is_everybody,
        is_partly_gone,
        list_query,
    })
}

/// The filters by the organization's own fields, each with the address of the list without it.
fn chips(list: &str, list_query: &DirectoryQuery, told: Vec<(String, String)>) -> Vec<Chip> {
    let chip = |(filter, (label, told)): (&OwnFilter, (String, String))| Chip {
        label,
        told,
        clear: list.to_owned() + &list_query.without_field(filter).query(),
    };
    list_query.fields.iter().zip(told).map(chip).collect()
}

/// The query without roles, teams and policies that do not exist any more, such as in an old view.
fn without_gone(asked: &DirectoryQuery, [roles, teams, policies]: &[Vec<Choice>; 3]) -> DirectoryQuery {
    let mut list_query = asked.clone();
    let is_known = |choices: &[Choice]| choices.iter().filter(|choice| choice.is_chosen).map(|choice| choice.value.clone()).collect();
    let (known_roles, known_teams, known_policies): (Vec<String>, Vec<String>, Vec<String>) =
        (is_known(roles), is_known(teams), is_known(policies));
    list_query.roles.retain(|id| known_roles.contains(&id.to_string()));
    list_query.teams.retain(|id| known_teams.contains(&id.to_string()));
    list_query.policies.retain(|id| known_policies.contains(&id.to_string()));
    list_query
}

/// The filters that have at least one choice.
fn filters(context: &MemberContext, list_query: &DirectoryQuery, choices: [Vec<Choice>; 3]) -> Vec<Filter> {
    let made = MADE.into_iter().zip(choices).map(|((name, label, _), choices)| (name, label, choices));
    let fixed = [
        ("provider", "Provider", provider_choices(&list_query.providers)),
        (
            "seen",
            if list_query.kind.is_machine() { "Last use" } else { "Last sign-in" },
            seen_choices(list_query.kind, list_query.seen),
        ),
        ("two_step", "Two-step", two_step_choices(list_query.two_step)),
    ];
    let is_offered = |filter: &Filter| match list_query.kind {
        MemberKind::User => !filter.choices.is_empty() && (filter.name != "two_step" || context.scope.may_over_teams(rights::USER_MANAGE)),
        MemberKind::SystemAccount => !filter.choices.is_empty() && matches!(filter.name, "role" | "team" | "policy" | "seen"),
    };
    let filter = |(name, label, choices)| Filter {
        name,
        label,
        choices,
        many: None,
        is_single: matches!(name, "seen" | "two_step"),
        clear: context.path(list_query.kind.path()) + &list_query.without(name).query(),
    };
    made.chain(fixed).map(filter).filter(is_offered).map(Filter::shortened).collect()
}
