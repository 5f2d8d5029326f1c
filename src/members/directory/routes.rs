use super::{
    pages::{Choice, Filter, Index, provider_choices, seen_choices, two_step_choices},
    store,
    wish::{PAGE_SIZES, Wish},
};
use crate::{
    db::{Conn, Db},
    kit::{Fault, Scope},
    members::{Seats, Team, access::usable_administrators, seats, teams},
    policies, roles,
    web::{self, Shell, cookie, page, picture::Picture, see_other},
};
use actix_web::{
    HttpRequest, HttpResponse,
    cookie::time::Duration,
    http::StatusCode,
    web::{Data, ServiceConfig},
};

pub fn mount(app: &mut ServiceConfig) {
    app.service(actix_web::web::resource("/o/{organization}").route(web::get().to(home)));
    app.service(actix_web::web::resource("/o/{organization}/users").route(web::get().to(index)));
    app.service(actix_web::web::resource("/o/{organization}/users/export").route(web::get().to(super::export::index)));
}

async fn home(shell: Shell) -> web::Result<HttpResponse> {
    shell.scope.demand("user", "read")?;
    Ok(see_other(&shell.path("/users")))
}

async fn index(db: Data<Db>, shell: Shell, req: HttpRequest) -> web::Result<HttpResponse> {
    let jar = shell.front.cookie_name("rows");
    let remembered = req.cookie(&jar).and_then(|cookie| cookie.value().parse().ok());
    let wish = Wish::read(req.query_string(), remembered);
    let (scope, asked) = (shell.scope.clone(), wish.clone());
    let found = db.read(move |conn| find(conn, &scope, &asked)).await?;
    let filters = filters(&shell, &wish, found.choices);
    let picture = Picture::draw(shell.scope.now(), &found.activity);
    let front = shell.front.clone();
    let index = Index {
        shell,
        counts: found.counts,
        list: found.list,
        seats: found.seats,
        picture,
        filters,
        is_lone: found.is_lone,
        wish,
    };
    let mut response = page(StatusCode::OK, &index)?;
    if remembered != Some(index.wish.page_size) && PAGE_SIZES.iter().any(|size| req.query_string().contains(&format!("per={size}"))) {
        let kept = cookie(&front, "rows", index.wish.page_size.to_string())
            .max_age(Duration::days(365))
            .finish();
        response.add_cookie(&kept).map_err(Fault::broken)?;
    }
    Ok(response)
}

struct Found {
    counts: store::Counts,
    list: store::Page,
    seats: Seats,
    activity: Vec<(i64, crate::web::picture::Tally)>,
    choices: [(&'static str, &'static str, Vec<Choice>); 3],
    is_lone: bool,
}

fn find(conn: &mut Conn, scope: &Scope, wish: &Wish) -> Result<Found, Fault> {
    scope.demand("user", "read")?;
    let organization = scope.organization;
    let choice = |value: String, label: String, is_chosen: bool| Choice { value, label, is_chosen };
    let role = |r: roles::Role| choice(r.id.to_string(), r.name, wish.roles.contains(&r.id));
    let team = |t: Team| choice(t.id.to_string(), t.name, wish.teams.contains(&t.id));
    let policy = |p: policies::Policy| choice(p.id.to_string(), p.name, wish.policies.contains(&p.id));
    let counts = store::counts(conn, scope, wish)?;
    Ok(Found {
        list: store::page(conn, scope, wish, counts.of(wish.tab))?,
        counts,
        seats: seats(conn, organization)?,
        activity: store::activity(conn, scope)?,
        choices: [
            (
                "role",
                "Role",
                roles::list(conn, organization)?
                    .into_iter()
                    .filter(roles::Role::is_for_people)
                    .map(role)
                    .collect(),
            ),
            ("team", "Team", teams(conn, organization)?.into_iter().map(team).collect()),
            (
                "policy",
                "Policy",
                policies::list(conn, organization)?.into_iter().map(policy).collect(),
            ),
        ],
        is_lone: usable_administrators(conn, scope, 2)? < 2,
    })
}

/// The filters that have anything to offer.
fn filters(shell: &Shell, wish: &Wish, choices: [(&'static str, &'static str, Vec<Choice>); 3]) -> Vec<Filter> {
    let fixed = [
        ("provider", "Provider", provider_choices(&wish.providers)),
        ("seen", "Last sign-in", seen_choices(wish.seen)),
        ("two_step", "Two-step", two_step_choices(wish.two_step)),
    ];
    let filter = |(name, label, choices)| Filter {
        name,
        label,
        choices,
        is_single: matches!(name, "seen" | "two_step"),
        clear: shell.path("/users") + &wish.without(name).query(),
    };
    choices
        .into_iter()
        .chain(fixed)
        .map(filter)
        .filter(|filter| !filter.choices.is_empty())
        .collect()
}
