//! Handlers of `directory`: they read the request, call an operation and answer with a page.

use super::{
    filter_page::{MADE, choices},
    filters::{Choice, Filter, provider_choices, seen_choices, two_step_choices},
    pages::{Index, Machines},
    query::{DirectoryQuery, PAGE_SIZES, Tab, Window, demand_list},
    selectivity::Selectivity,
    store,
    totals::{Counts, counts_for_page},
    understood::is_understood,
};
use crate::{
    db::{Conn, Db},
    kit::{Fault, MemberKind, Scope, rights},
    members::{Authority, Reach, Seats, seats},
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
    demand_list(&context.scope, MemberKind::User)?;
    Ok(see_other(&context.path("/users")))
}

async fn people(db: Data<Db>, context: MemberContext, req: HttpRequest) -> web::Result<HttpResponse> {
    let index = load(&db, context, MemberKind::User, &req).await?;
    answer(&req, &index.context, &index.list_query, index.ok()?)
}

async fn machines(db: Data<Db>, context: MemberContext, req: HttpRequest) -> web::Result<HttpResponse> {
    let machines = Machines(load(&db, context, MemberKind::SystemAccount, &req).await?);
    answer(&req, &machines.context, &machines.list_query, machines.ok()?)
}

/// The page size that the caller used last.
fn remembered(context: &MemberContext, req: &HttpRequest) -> Option<i64> {
    let jar = context.site.cookie_name("rows");
    req.cookie(&jar).and_then(|cookie| cookie.value().parse().ok())
}

async fn load(db: &Db, context: MemberContext, kind: MemberKind, req: &HttpRequest) -> web::Result<Index> {
    let sent = DirectoryQuery::read(kind, req.query_string(), remembered(&context, req));
    let list_query = sent.clone().seen_by(&context.scope);
    let is_partly_ignored = sent != list_query || !is_understood(kind, req.query_string());
    let asked = list_query.clone();
    let found = context.read(db, move |conn, scope| find(conn, scope, &asked)).await?;
    let filters = filters(&context, &list_query, found.choices);
    let chart = (found.is_everybody && has_picture(&list_query)).then(|| Chart::draw(context.scope.now(), &found.activity));
    let is_picture_open = req.cookie("picture").map(|cookie| cookie.value() == "open");
    Ok(Index {
        context,
        counts: found.counts,
        list: found.list,
        seats: found.seats,
        is_everybody: found.is_everybody,
        chart,
        is_picture_open,
        spread: found.spread,
        filters,
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
    counts: Counts,
    list: store::Page,
    seats: Seats,
    is_everybody: bool,
    activity: Vec<(i64, crate::web::chart::DayCount)>,
    /// Those of each filter of [`MADE`].
    choices: [Vec<Choice>; 3],
    authority: Authority,
    spread: store::Spread,
}

fn find(conn: &mut Conn, scope: &Scope, list_query: &DirectoryQuery) -> Result<Found, Fault> {
    let list_query = &list_query.within_reach(conn, scope)?;
    let is_everybody = list_query.reach == Reach::Everybody;
    let selectivity = Selectivity::for_page(conn, scope, list_query)?;
    let counts = counts_for_page(conn, scope, list_query, selectivity)?;
    let plan = selectivity.plan(list_query, counts.of(list_query.tab));
    Ok(Found {
        list: store::page(conn, scope, list_query, plan)?,
        counts,
        seats: seats(conn, scope.organization)?,
        // The chart is about the whole organization.
        activity: if is_everybody && has_picture(list_query) {
            store::activity(conn, scope)?
        } else {
            vec![]
        },
        spread: if list_query.kind.is_machine() {
            store::Spread::NONE
        } else {
            store::spread(conn, scope, list_query)?
        },
        choices: [
            choices(conn, scope, list_query, "role")?,
            choices(conn, scope, list_query, "team")?,
            choices(conn, scope, list_query, "policy")?,
        ],
        authority: Authority::of(conn, scope, list_query.kind)?,
        is_everybody,
    })
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
