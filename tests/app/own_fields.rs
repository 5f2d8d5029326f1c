//! Fields that an organization declares for its members: declaring, editing, who sees what, and every way in.

use crate::harness::{Page, Person, TestApp, user_creation::audited};
use serde_json::json;

/// Declares a field and returns its path.
async fn declare(ada: &Person, name: &str, typed: &[(&str, &str)]) -> String {
    ada.get("/settings/fields").await.assert_status(200);
    let chosen = |select: &'static str, value: &'static str| (!typed.iter().any(|(name, _)| *name == select)).then_some((select, value));
    let blank = [chosen("kind", "text"), chosen("bearers", "people")].into_iter().flatten();
    let typed: Vec<(&str, &str)> = [("name", name)].into_iter().chain(blank).chain(typed.iter().copied()).collect();
    let page = ada.submit("Declare Field", &typed).await.assert_sees(&format!("The field {name} is declared"));
    let at = page.all("td.c-name .line span").iter().position(|known| known == name).expect("the field");
    page.attributes("td.more a.item:not(.danger)", "href").swap_remove(at)
}

/// The name of a field's input.
fn input(path: &str) -> String {
    format!("own:{}", path.rsplit('/').next().expect("an id"))
}

async fn edit(person: &Person, path: &str, typed: &[(&str, &str)]) -> Page {
    person.get(path).await.assert_status(200);
    person.submit("Save changes", typed).await
}

#[actix_web::test]
async fn a_declared_field_is_edited_shown_and_told_in_the_trail() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    let grace = ada.welcome("Grace Hopper", "User").await;
    let cost = input(&declare(&ada, "Cost center", &[("seen_by", "managers")]).await);
    let office = input(&declare(&ada, "Office", &[("kind", "choice"), ("choices", "Zürich\nŁódź")]).await);
    let link = input(&declare(&ada, "Handbook", &[("kind", "link")]).await);
    let manager = input(&declare(&ada, "Manager", &[("kind", "person")]).await);
    let path = format!("/users/{}", ada.member("Grace Hopper").await);
    edit(&ada, &path, &[(&link, "javascript:alert(1)"), (&manager, "nobody@example.org")])
        .await
        .assert_status(422)
        .assert_sees("Type the address of a page")
        .assert_sees("Nobody here has this address");
    let typed: &[(&str, &str)] = &[
        (&cost, "4711"),
        (&office, "lodz"),
        (&link, "https://example.org/book"),
        (&manager, "Ada"),
    ];
    edit(&ada, &path, typed).await.assert_sees("The details are saved");
    let after = app.text("SELECT CAST(after AS text) FROM audit_events WHERE action = 'member.edited'");
    let after: serde_json::Value = serde_json::from_str(&after).expect("JSON");
    assert_eq!(
        after,
        json!({ "fields.cost_center": "4711", "fields.office": "Łódź", "fields.handbook": "https://example.org/book", "fields.manager": "Ada" })
    );
    // Grace sees what everybody sees, and changes none of it.
    let page = grace.get("/me").await.assert_sees("Łódź").assert_sees("Ada").assert_misses("4711");
    assert!(page.all(&format!("[name='{office}']")).is_empty());
    assert_eq!(page.attribute("a[rel~=noopener]", "href").as_deref(), Some("https://example.org/book"));
    ada.get("/audit").await.assert_sees("Cost center");
    assert_eq!(app.count("SELECT count(*) FROM own_field_values"), 4);
}

#[actix_web::test]
async fn keys_and_names_are_unique_and_removing_says_what_is_lost() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    let path = declare(&ada, "Cost center", &[]).await;
    ada.get("/settings/fields").await;
    ada.submit("Declare Field", &[("name", "COST center"), ("kind", "text"), ("bearers", "people")])
        .await
        .assert_status(422)
        .assert_sees("Another field has this key already");
    ada.get("/settings/fields").await;
    ada.submit(
        "Declare Field",
        &[("name", "cost CENTER"), ("key", "other"), ("kind", "text"), ("bearers", "people")],
    )
    .await
    .assert_status(422)
    .assert_sees("Another field has this name already");
    let profile = format!("/users/{}", ada.member("Ada").await);
    edit(&ada, &profile, &[(&input(&path), "4711")]).await.assert_sees("The details are saved");
    let fields = path.find("/settings").map(|at| &path[at..]).expect("a path").to_owned();
    ada.get(&format!("{fields}/deletion")).await.assert_sees("One member has a value");
    ada.submit("Remove Cost center", &[("name", "Cost center")])
        .await
        .assert_sees("1 member lost its value");
    assert_eq!(app.count("SELECT count(*) FROM own_field_values"), 0);
    assert_eq!(audited(&app, "own_field.removed"), 1);
}

#[actix_web::test]
async fn members_change_what_they_may_and_programs_read_write_and_filter() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    let grace = ada.welcome("Grace Hopper", "User").await;
    let desk = input(&declare(&ada, "Desk", &[("self_edited", "1"), ("seen_by", "managers")]).await);
    declare(&ada, "Level", &[("kind", "number")]).await;
    edit(&grace, "/me", &[(&desk, "4 B")]).await.assert_sees("Your details are saved");
    let id = ada.member("Grace Hopper").await;
    let path = format!("/api/v1/users/{id}");
    let root = app.administrating_program(&ada).await;
    let user = root.get(&path).await.json();
    assert_eq!(user["fields"], json!({ "desk": "4 B", "level": null }), "{user}");
    let changed = root
        .clone()
        .with("if-match", "*")
        .send("PATCH", &path, &json!({ "fields": { "level": 7.50, "desk": null } }))
        .await
        .json();
    assert_eq!(changed["fields"], json!({ "desk": null, "level": "7.5" }), "{changed}");
    root.assert_field("PATCH", &path, &json!({ "fields": { "level": "high" } }), "/fields/level", "invalid")
        .await;
    root.assert_field("PATCH", &path, &json!({ "fields": { "rank": "1" } }), "/fields/rank", "unknown")
        .await;
    let keys = root.walk("/api/v1/fields?limit=1", "key").await;
    assert_eq!(keys, ["desk", "level"]);
    for (filter, found) in [
        ("level:from:7", 1),
        ("level:from:8", 0),
        ("level:to:10", 1),
        ("level:is:7.50", 1),
        ("desk:has:4", 0),
        ("rank:is:1", 0),
        ("rank:none", 0),
    ] {
        let page = root.get(&format!("/api/v1/users?field={filter}")).await.json();
        assert_eq!(page["data"].as_array().map(Vec::len), Some(found), "{filter} {page}");
    }
    assert_eq!(ada.get("/users?field=level:none").await.names(), ["Ada"]);
    assert_eq!(ada.get("/users?field=level:from:7").await.names(), ["Grace Hopper"]);
    // What only managers see selects nobody for others.
    edit(&grace, "/me", &[(&desk, "4 B")]).await;
    assert_eq!(ada.get("/users?field=desk:has:4+b").await.names(), ["Grace Hopper"]);
    assert!(grace.get("/users?field=desk:has:4+b").await.names().is_empty());
    let (file, _) = ada.download("/users/export", || {}).await;
    let head = file.lines().next().expect("a head");
    assert!(head.ends_with(",desk,level"), "{head}");
}

#[actix_web::test]
async fn a_field_is_a_column_of_lists_and_of_their_files_for_those_who_see_it() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    let grace = ada.welcome("Grace Hopper", "User").await;
    let paths = [
        declare(&ada, "Cost center", &[("seen_by", "managers")]).await,
        declare(&ada, "Office", &[("kind", "choice"), ("choices", "Zürich\nŁódź")]).await,
        declare(&ada, "Handbook", &[("kind", "link")]).await,
        declare(&ada, "Manager", &[("kind", "person")]).await,
        declare(&ada, "Rack", &[("bearers", "system_accounts")]).await,
    ];
    let inputs = paths.each_ref().map(|path| input(path));
    let typed = ["4711", "lodz", "https://example.org/book", "Ada"];
    let typed: Vec<(&str, &str)> = inputs.iter().map(String::as_str).zip(typed).collect();
    edit(&ada, &format!("/users/{}", ada.member("Grace Hopper").await), &typed)
        .await
        .assert_sees("The details are saved");
    let columns = inputs.each_ref().map(|input| input.replace("own:", "field-"));
    let query = format!("/users?columns={}", columns.join("."));
    // The list of people has no column of system accounts, and says that something was ignored.
    let page = ada.get(&query).await.assert_sees("4711").assert_sees("Łódź").assert_misses("Rack");
    let heads = ["Name", "Cost center", "Office", "Handbook", "Manager"];
    assert_eq!(page.all("table.list thead th:not(.pick):not(.more)"), heads);
    assert_eq!(page.attribute("td a[rel~=noopener]", "href").as_deref(), Some("https://example.org/book"));
    ada.get("/users/columns").await.assert_sees("Cost center").assert_misses("Rack");
    ada.get("/system-accounts/columns").await.assert_sees("Rack").assert_misses("Cost center");
    // Chosen for oneself, and those who do not see a field are not shown it.
    for person in [&ada, &grace] {
        person.get("/users/columns").await;
        person
            .post("/users/columns", &[("order", &columns[0]), ("column", &columns[0])])
            .await
            .assert_status(200);
    }
    ada.get("/users").await.assert_sees("4711");
    grace.get("/users").await.assert_misses("4711").assert_misses("Cost center");
    grace.get(&query).await.assert_misses("4711").assert_sees("Łódź");
    let (file, _) = ada.download(&query.replace("/users?", "/users/export?"), || {}).await;
    assert!(
        file.trim_start_matches('\u{feff}').starts_with("name,cost_center,office,handbook,manager"),
        "{file}"
    );
    assert!(file.contains("Grace Hopper,4711,Łódź,https://example.org/book,ada@example.org"), "{file}");
    let (file, _) = grace.download(&query.replace("/users?", "/users/export?"), || {}).await;
    assert!(file.trim_start_matches('\u{feff}').starts_with("name,office,handbook,manager"), "{file}");
    // A removed field leaves the columns that were chosen.
    ada.get(&format!("{}/deletion", &paths[0][paths[0].find("/settings").expect("a path")..])).await;
    ada.submit("Remove Cost center", &[("name", "Cost center")]).await.assert_status(200);
    ada.get("/users").await.assert_status(200).assert_misses("Cost center");
}

#[actix_web::test]
async fn a_search_for_a_value_of_a_field_offers_the_filter() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    let grace = ada.welcome("Grace Hopper", "User").await;
    let number = input(&declare(&ada, "Personnel number", &[("kind", "number"), ("seen_by", "managers")]).await);
    let office = input(&declare(&ada, "Office", &[("kind", "choice"), ("choices", "Zürich\nŁódź")]).await);
    edit(
        &ada,
        &format!("/users/{}", ada.member("Grace Hopper").await),
        &[(&number, "4711"), (&office, "lodz")],
    )
    .await
    .assert_sees("The details are saved");
    let offered = |page: &Page| page.attributes(".own-matches a", "href");
    let [found] = &offered(&ada.get("/users?q=04711").await)[..] else {
        panic!("one field")
    };
    assert!(found.ends_with("/users?field=personnel_number%3Ais%3A4711"), "{found}");
    assert_eq!(ada.get("/users?field=personnel_number:is:4711").await.names(), ["Grace Hopper"]);
    assert_eq!(offered(&ada.get("/users?q=%C5%82%C3%B3d%C5%BA").await).len(), 1);
    assert_eq!(offered(&grace.get("/users?q=%C5%82%C3%B3d%C5%BA").await).len(), 1);
    // Not what nobody has, what is not seen, or what the other kind has.
    assert!(offered(&ada.get("/users?q=z%C3%BCrich").await).is_empty());
    assert!(offered(&grace.get("/users?q=4711").await).is_empty());
    assert!(offered(&ada.get("/system-accounts?q=4711").await).is_empty());
}
