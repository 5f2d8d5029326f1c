//! Saved views: own and shared ones, what is shown first, and what becomes of them.

use crate::harness::{Page, Person, TestApp, is_postgres};
use serde_json::json;

/// Saves what a list shows as a view. Returns its id.
async fn save(person: &Person, list: &str, query: &str, name: &str, is_shared: bool) -> String {
    let page = person.get(&format!("{list}{query}")).await.assert_status(200);
    let form = page.link("Save as a view…");
    person.get(&form).await.assert_status(200);
    let shared: &[(&str, &str)] = if is_shared { &[("is_shared", "1")] } else { &[] };
    let page = person.submit("Save the view", &[&[("name", name)][..], shared].concat()).await;
    page.assert_sees("The view is saved.")
        .attribute("#views a[aria-current]", "href")
        .map_or_else(String::new, id_in)
}

fn id_in(href: String) -> String {
    href.rsplit('/').next().expect("an id").to_owned()
}

/// An id as SQL.
fn uuid(number: u32) -> String {
    let id = format!("019cdc1fd680700080000000{number:08}");
    if is_postgres() {
        format!("'{id}'::uuid")
    } else {
        format!("X'{id}'")
    }
}

fn shown_view(page: &Page) -> String {
    page.all(".view-bar > button b")[0].clone()
}

#[actix_web::test]
async fn a_view_is_a_named_address_with_filters_order_and_columns() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    let grace = ada.welcome("Grace", "User").await;
    ada.invite("linus@example.org", "Viewer").await;
    let view = save(
        &ada,
        "/users",
        "?tab=active&q=gra&sort=last_sign_in&columns=email.roles",
        "Everybody called Gra",
        false,
    )
    .await;
    let page = ada.get(&format!("/users/views/{view}")).await.assert_status(200);
    assert_eq!((page.names(), shown_view(&page)), (vec!["Grace".to_owned()], "Everybody called Gra".to_owned()));
    assert_eq!(page.all("table.people thead th:not(.pick, .more)"), ["Name", "Email", "Roles"]);
    let page = page.assert_misses("changed");
    assert!(page.path.contains("q=gra") && page.path.contains("columns=email.roles"), "{}", page.path);
    // What is changed afterwards is not the view any more, until it is updated.
    let page = ada.get(&format!("/users?tab=active&q=lin&view={view}")).await.assert_sees("changed");
    let (action, fields) = page.form("Update the view");
    ada.post_raw(&action, &fields).await.assert_sees("The view is saved.").assert_misses("changed");
    let page = ada.get(&format!("/users/views/{view}")).await;
    assert!(page.path.contains("q=lin") && !page.path.contains("columns="), "{}", page.path);
    // Nobody else sees it; nothing of it is in the trail.
    grace.get(&format!("/users/views/{view}")).await.assert_status(404);
    assert!(!grace.get("/users").await.text().contains("Everybody called Gra"));
    assert_eq!(app.count("SELECT count(*) FROM audit_events WHERE action LIKE 'view.%'"), 0);
    ada.get(&format!("/users/views/{view}/edit")).await;
    ada.submit("Save the name", &[("name", "Lin")]).await.assert_sees("The view is saved.");
    assert_eq!(shown_view(&ada.page()), "Lin");
    ada.get(&format!("/users/views/{view}/deletion")).await.assert_sees("Only you have it");
    ada.submit("Delete the view", &[]).await.assert_sees("The view Lin is deleted");
    ada.get(&format!("/users/views/{view}")).await.assert_status(404);
}

#[actix_web::test]
async fn shared_views_are_for_everybody_and_changed_by_those_who_manage() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    let grace = ada.welcome("Grace", "User").await;
    let view = save(&ada, "/users", "?seen=never", "Never here", true).await;
    let page = grace.get(&format!("/users/views/{view}")).await.assert_status(200);
    assert_eq!(shown_view(&page), "Never here");
    assert!(page.all("#views button, #views a").iter().all(|item| item != "Rename…" && item != "Delete…"));
    for path in ["edit", "deletion"] {
        grace.get(&format!("/users/views/{view}/{path}")).await.assert_status(403);
    }
    grace.get("/users").await;
    grace.post(&format!("/users/views/{view}"), &[("name", "Mine")]).await.assert_status(403);
    grace.get("/users").await;
    grace.post(&format!("/users/views/{view}/deletion"), &[]).await.assert_status(403);
    grace.get("/users").await;
    grace.post("/users/views", &[("name", "Theirs"), ("is_shared", "1")]).await.assert_status(403);
    ada.get(&format!("/users/views/{view}/edit")).await;
    ada.submit("Save the name", &[("name", "Never signed in")]).await.assert_sees("The view is saved.");
    ada.get(&format!("/users/views/{view}/deletion")).await.assert_sees("Nobody will have it any more");
    ada.submit("Delete the view", &[]).await.assert_sees("is deleted");
    let actions = app.texts("SELECT action FROM audit_events WHERE action LIKE 'view.%' ORDER BY at, id");
    assert_eq!(actions, ["view.created", "view.edited", "view.deleted"]);
    ada.get("/audit")
        .await
        .assert_sees("shared the view Never here")
        .assert_sees("deleted the shared view Never signed in");
}

#[actix_web::test]
async fn names_are_unique_and_views_are_limited() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    save(&ada, "/users", "?seen=never", "Straße", false).await;
    save(&ada, "/users", "?seen=never", "Straße", true).await;
    for (name, shared) in [("STRASSE", ""), ("  straße ", "1")] {
        ada.get("/users/views/new?query=seen%3D30").await;
        let page = ada.submit("Save the view", &[("name", name), ("is_shared", shared)]).await;
        page.assert_status(422).assert_sees("Another view has this name.");
    }
    save(&ada, "/system-accounts", "?seen=never&q=x", "Straße", false).await;
    ada.get("/users/views/new").await;
    ada.submit("Save the view", &[("name", " ")]).await.assert_status(422).assert_sees("Type a name.");
    let row = |id: &str, owner: &str, name: &str| {
        format!(
            "INSERT INTO views (id, organization_id, kind, member_id, name, name_key, query, created_at, updated_at) \
             SELECT {id}, organization_id, 'user', {owner}, '{name}', '{name}', '', created_at, updated_at FROM views WHERE name = 'Straße' AND kind = 'user' AND member_id IS NULL"
        )
    };
    let ada_id = "(SELECT id FROM members WHERE name = 'Ada')";
    for number in 2..50 {
        app.execute(&row(&uuid(1000 + number), ada_id, &format!("own {number}")));
    }
    ada.get("/users/views/new").await;
    ada.submit("Save the view", &[("name", "One more")])
        .await
        .assert_status(422)
        .assert_sees("You have 50 views");
    for number in 1..100 {
        app.execute(&row(&uuid(2000 + number), "NULL", &format!("shared {number}")));
    }
    ada.get("/users/views/new").await;
    let page = ada.submit("Save the view", &[("name", "One more"), ("is_shared", "1")]).await;
    page.assert_status(422).assert_sees("100 views are shared, which is the most.");
}

#[actix_web::test]
async fn a_list_shows_the_chosen_view_first_and_the_plain_list_stays_near() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    let grace = ada.welcome("Grace", "User").await;
    let shared = save(&ada, "/users", "?q=grace", "Graces", true).await;
    assert_eq!(ada.get("/users").await.names().len(), 2);
    ada.get("/users/views").await;
    ada.submit("Show it to everybody first", &[]).await.assert_sees("shown to everybody first");
    for person in [&ada, &grace] {
        let page = person.get("/users").await;
        assert_eq!((page.names(), shown_view(&page)), (vec!["Grace".to_owned()], "Graces".to_owned()));
    }
    // The plain list names itself, and stays plain when its last filter is taken out.
    let plain = grace.page().link("Plain list");
    let page = grace.get(&plain).await;
    assert_eq!((page.names().len(), shown_view(&page)), (2, "Plain list".to_owned()));
    let page = grace.get("/users?q=ada").await;
    assert_eq!(grace.get(&page.link("Clear all")).await.names().len(), 2);
    // One's own choice comes first, the plain list too.
    let own = save(&grace, "/users", "?q=ada", "Adas", false).await;
    grace.submit("Show it to me first", &[]).await.assert_sees("from now on");
    assert_eq!(grace.get("/users").await.names(), ["Ada"]);
    grace.get("/users?view=none").await;
    grace.submit("Show the plain list to me first", &[]).await;
    assert_eq!(grace.get("/users").await.names().len(), 2);
    grace.get("/users/views").await;
    grace.submit("Show me what everybody is shown first", &[]).await;
    assert_eq!(grace.get("/users").await.names(), ["Grace"]);
    // A view that is deleted is shown to nobody any more.
    grace.get(&format!("/users/views/{own}")).await;
    grace.submit("Show it to me first", &[]).await;
    grace.get(&format!("/users/views/{own}/deletion")).await;
    grace.submit("Delete the view", &[]).await;
    assert_eq!(grace.get("/users").await.names(), ["Grace"]);
    ada.get(&format!("/users/views/{shared}/deletion"))
        .await
        .assert_sees("plain list to those who have not chosen");
    ada.submit("Delete the view", &[]).await;
    assert_eq!(grace.get("/users").await.names().len(), 2);
    // An own view is not for everybody.
    let own = save(&ada, "/users", "?q=ada", "Mine", false).await;
    ada.get("/users").await;
    ada.post("/users/views/default", &[("view", &own), ("everybody", "1")])
        .await
        .assert_sees("Only a shared view");
    grace.get("/users").await;
    grace.post("/users/views/default", &[("everybody", "1")]).await.assert_status(403);
}

#[actix_web::test]
async fn a_view_says_what_it_ignores_and_bulk_actions_and_files_follow_it() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    ada.welcome("Grace", "User").await;
    let vera = ada.welcome("Vera", "Viewer").await;
    let team = ada.create_team("Platform").await;
    app.execute("INSERT INTO team_members (organization_id, member_id, team_id) SELECT m.organization_id, m.id, t.id FROM members m, teams t WHERE m.name = 'Grace'");
    let view = save(&ada, "/users", &format!("?team={team}"), "Platform people", true).await;
    let page = ada.get(&format!("/users/views/{view}")).await;
    assert_eq!(page.names(), ["Grace"]);
    assert!(page.link("Export CSV").contains(&format!("team={team}")));
    assert_eq!(
        page.attribute("form.bulk input[name=query]", "value").map(|query| query.contains(&team)),
        Some(true)
    );
    ada.get(&format!("/teams/{team}/deletion")).await;
    ada.submit("Delete", &[("name", "Platform")]).await.assert_status(200);
    let page = ada.get(&format!("/users/views/{view}")).await.assert_sees("is ignored").assert_sees("changed");
    assert_eq!(page.names().len(), 3);
    assert_eq!(
        page.attribute("form.bulk input[name=query]", "value").map(|query| query.contains(&team)),
        Some(false)
    );
    // A filter that is not for the person who looks is ignored too.
    let secret = save(&ada, "/users", "?two_step=none&columns=two_step.roles", "Without", true).await;
    let page = vera.get(&format!("/users/views/{secret}")).await.assert_sees("is ignored");
    assert_eq!(page.all("table.people thead th:not(.pick, .more)"), ["Name", "Roles"]);
}

#[actix_web::test]
async fn choosing_columns_in_a_view_changes_the_address_and_nothing_kept() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    let view = save(&ada, "/users", "?q=ada", "Adas", false).await;
    let page = ada.get(&format!("/users/views/{view}")).await;
    ada.get(&page.link("Columns…")).await.assert_sees("Update the view to keep them there");
    let page = ada.submit("Show these columns", &[("column", "email")]).await.assert_sees("changed");
    assert!(page.path.contains("columns=email") && page.path.contains(&view), "{}", page.path);
    assert_eq!(app.count("SELECT count(*) FROM column_choices"), 0);
    let (action, fields) = page.form("Update the view");
    ada.post_raw(&action, &fields).await;
    let page = ada.get(&format!("/users/views/{view}")).await;
    assert_eq!(page.all("table.people thead th:not(.pick, .more)"), ["Name", "Email"]);
}

#[actix_web::test]
async fn what_a_person_set_up_goes_with_them_and_shared_views_stay() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    let grace = ada.welcome_administrator("Grace").await;
    save(&grace, "/users", "?q=ada", "Adas", false).await;
    grace.submit("Show it to me first", &[]).await;
    save(&grace, "/users", "?seen=never", "Never here", true).await;
    grace.get("/users/columns").await;
    grace.submit("Show these columns", &[("column", "email")]).await;
    let document = grace.get("/me/personal-data").await.body;
    for text in ["\"Adas\"", "q=ada", "\"email\""] {
        assert!(document.contains(text), "{text}: {document}");
    }
    let id = ada.member("Grace").await;
    ada.get(&format!("/users/{id}/deletion")).await;
    ada.submit("Delete", &[("name", "Grace")]).await.assert_status(200);
    assert_eq!(app.count("SELECT count(*) FROM members WHERE name = 'Grace'"), 0);
    assert_eq!(app.texts("SELECT name FROM views"), ["Never here"]);
    assert_eq!(
        app.count("SELECT count(*) FROM default_views") + app.count("SELECT count(*) FROM column_choices"),
        0
    );
}

#[actix_web::test]
async fn programs_read_and_write_views() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    let view = save(&ada, "/users", "?q=ada", "Adas", false).await;
    let program = app.program_with(&ada, "Views", &["user:manage:*", "system_account:read:*"]).await;
    let new = json!({ "list": "users", "name": "Never here", "filter": "seen=never&columns=roles.email", "shared": true });
    let made = program.create("/api/v1/views", &new).await;
    let path = format!("/api/v1/views/{}", made["id"].as_str().expect("an id"));
    assert_eq!(
        (&made["filter"], &made["shared"], &made["shown_to_everybody"]),
        (&json!("seen=never&columns=roles.email"), &json!(true), &json!(false))
    );
    assert!(made["address"].as_str().is_some_and(|address| address.contains("/users/views/")));
    // Its own views are those of its account; Ada's are not among them.
    let own = json!({ "list": "system_accounts", "name": "All" });
    program.create("/api/v1/views", &own).await;
    let names = |page: serde_json::Value| page["data"].as_array().expect("rows").iter().map(|row| row["name"].clone()).collect::<Vec<_>>();
    assert_eq!(names(program.get("/api/v1/views").await.json()), [json!("Never here"), json!("All")]);
    assert_eq!(names(program.get("/api/v1/views?list=system_accounts").await.json()), [json!("All")]);
    program.get(&format!("/api/v1/views/{view}")).await.assert_problem(404, "not-found");
    program
        .send("PATCH", &format!("/api/v1/views/{view}"), &json!({ "name": "x" }))
        .await
        .assert_problem(404, "not-found");
    let changed = program.send("PATCH", &path, &json!({ "name": "Never", "shown_to_everybody": true })).await.json();
    assert_eq!(
        (&changed["name"], &changed["shown_to_everybody"], &changed["shown_to_you"]),
        (&json!("Never"), &json!(true), &json!(true))
    );
    assert_eq!(shown_view(&ada.get("/users").await), "Never");
    for (body, field, code) in [
        (json!({ "list": "users", "name": "NEVER", "shared": true }), "/name", "taken"),
        (json!({ "list": "users", "name": "x", "filter": "seen=31" }), "/filter", "invalid"),
        (
            json!({ "list": "users", "name": "x", "shown_to_everybody": true }),
            "/shown_to_everybody",
            "invalid",
        ),
        (json!({ "list": "users", "name": " " }), "/name", "invalid"),
    ] {
        program.assert_field("POST", "/api/v1/views", &body, field, code).await;
    }
    let shared = json!({ "list": "system_accounts", "name": "Shared", "shared": true });
    program.send("POST", "/api/v1/views", &shared).await.assert_problem(403, "permission-missing");
    let reader = app.program_with(&ada, "Reader", &["user:read:*"]).await;
    reader.send("PATCH", &path, &json!({ "name": "x" })).await.assert_problem(403, "permission-missing");
    reader.delete(&path).await.assert_problem(403, "permission-missing");
    let hidden = json!({ "list": "users", "name": "x", "filter": "two_step=none" });
    reader.send("POST", "/api/v1/views", &hidden).await.assert_problem(403, "permission-missing");
    // The filter of a view is that of an export.
    let file = program
        .get("/api/v1/users/export?filter=seen%3Dnever%26columns%3Droles.email")
        .await
        .assert_status(200);
    assert!(file.0.body.starts_with("name,roles,email"), "{}", file.0.body);
    program.delete(&path).await.assert_status(204);
    program.get(&path).await.assert_problem(404, "not-found");
}

#[actix_web::test]
async fn views_of_another_organization_do_not_exist() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    let view = save(&ada, "/users", "?q=ada", "Adas", true).await;
    let mallory = app.another_organization("Elsewhere", "Mallory", None).await;
    for path in ["", "/edit", "/deletion"] {
        mallory.get(&format!("/users/views/{view}{path}")).await.assert_status(404);
    }
    mallory.get("/users").await;
    mallory.post("/users/views/default", &[("view", &view)]).await.assert_status(404);
    ada.get(&format!("/system-accounts/views/{view}")).await.assert_status(404);
    assert_eq!(shown_view(&ada.get(&format!("/users/views/{view}")).await), "Adas");
}
