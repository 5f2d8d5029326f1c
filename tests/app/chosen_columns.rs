//! Columns that a person chooses for a list: which, in which order, kept for them; and the file with the same ones.

use crate::harness::{Person, TestApp};

fn heads(person: &Person) -> Vec<String> {
    let mut heads = person.page().all("table.people > thead th");
    heads.retain(|head| !head.is_empty() && head != "Actions");
    heads
}

/// Ticks these columns, in this order, on the page that was opened.
async fn choose(person: &Person, list: &str, columns: &[&str]) {
    let page = person.get(&format!("{list}/columns")).await.assert_status(200);
    let (action, fields) = page.form("Show these columns");
    let mut fields: Vec<(String, String)> = fields.into_iter().filter(|(name, _)| !["order", "column"].contains(&name.as_str())).collect();
    fields.extend(columns.iter().map(|column| ("order".to_owned(), (*column).to_owned())));
    fields.extend(columns.iter().map(|column| ("column".to_owned(), (*column).to_owned())));
    person.post_raw(&action, &fields).await.assert_status(200);
}

#[actix_web::test]
async fn a_person_chooses_which_columns_stand_in_which_order() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    let grace = ada.welcome("Grace", "User").await;
    let page = ada.get("/users/columns").await.assert_status(200);
    // What is shown stands first, and is ticked.
    assert_eq!(
        page.attributes("input[name=column][checked]", "value"),
        ["status", "roles", "teams", "last_sign_in"]
    );
    choose(&ada, "/users", &["username", "two_step", "status", "policies"]).await;
    assert_eq!(heads(&ada), ["Name", "Username", "Two-step", "Status", "Policies"]);
    assert!(ada.page().all("td[data-label=Username]").contains(&"grace@example.org".to_owned()));
    assert_eq!(ada.page().all("td[data-label='Two-step']"), ["None", "None"]);
    // Kept for the next time, for them and this list only.
    ada.get("/users?q=grace").await;
    assert_eq!(heads(&ada), ["Name", "Username", "Two-step", "Status", "Policies"]);
    ada.get("/users?tab=disabled").await;
    assert!(!heads(&ada).contains(&"Username".to_owned()));
    grace.get("/users").await;
    assert_eq!(heads(&grace), ["Name", "Status", "Roles", "Teams", "Last sign-in"]);
    // A head that the list can be sorted by leads there.
    assert_eq!(ada.get("/users").await.all("table.people thead th a"), ["Name", "Status"]);
    ada.get("/users/columns").await;
    ada.submit("Standard columns", &[("standard", "1")]).await;
    assert_eq!(heads(&ada), ["Name", "Status", "Roles", "Teams", "Last sign-in"]);
    assert_eq!(app.count("SELECT count(*) FROM column_choices"), 0);
}

#[actix_web::test]
async fn columns_are_moved_without_a_script_and_nothing_is_kept_before() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    let page = ada.get("/users/columns?tab=active").await;
    let (action, fields) = page.form("Show these columns");
    let first = |page: &crate::harness::Page| page.attributes("input[name=order]", "value")[..3].to_vec();
    assert_eq!(first(&page), ["roles", "teams", "last_sign_in"]);
    let moving = |name: &str, value: &str| [fields.clone(), vec![(name.to_owned(), value.to_owned())]].concat();
    let page = ada.post_raw(&action, &moving("up", "teams")).await.assert_status(200);
    assert_eq!(first(&page), ["teams", "roles", "last_sign_in"]);
    assert!(page.attributes("input[name=column][checked]", "value").contains(&"teams".to_owned()));
    let page = ada.post_raw(&action, &moving("up", "roles")).await;
    assert_eq!(first(&page), ["roles", "teams", "last_sign_in"]);
    let page = ada.post_raw(&action, &moving("down", "roles")).await;
    assert_eq!(first(&page), ["teams", "roles", "last_sign_in"]);
    assert_eq!(app.count("SELECT count(*) FROM column_choices"), 0);
}

#[actix_web::test]
async fn nobody_sees_a_column_that_tells_what_they_may_not_know() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    let vera = ada.welcome("Vera", "Viewer").await;
    let offered = vera.get("/users/columns").await.attributes("input[name=column]", "value");
    for hidden in ["two_step", "policies", "mail"] {
        assert!(!offered.contains(&hidden.to_owned()), "{hidden}");
    }
    let page = vera.get("/users?columns=two_step.username").await.assert_sees("is ignored");
    assert_eq!(page.all("table.people thead th:not(.pick, .more)"), ["Name", "Username"]);
    choose(&vera, "/users", &["two_step", "policies", "email"]).await;
    assert_eq!(heads(&vera), ["Name", "Email"]);
    // What was kept while they might see it is not shown when they may not any more.
    app.execute("UPDATE column_choices SET shown = 'two_step.email'");
    vera.get("/users").await;
    assert_eq!(heads(&vera), ["Name", "Email"]);
    let file = vera.get("/users/export?columns=email").await.assert_status(200);
    assert!(file.body.trim_start_matches('\u{feff}').starts_with("name,email"), "{}", file.body);
}

#[actix_web::test]
async fn system_accounts_have_columns_of_their_own() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    ada.create_system_account("deploy", "CI/CD").await;
    let offered = ada.get("/system-accounts/columns").await.attributes("input[name=column]", "value");
    assert!(offered.contains(&"tokens".to_owned()) && !offered.contains(&"username".to_owned()), "{offered:?}");
    choose(&ada, "/system-accounts", &["created_by", "id", "policies"]).await;
    assert_eq!(heads(&ada), ["Name", "Created by", "ID", "Policies"]);
    assert_eq!(ada.page().all("td[data-label='Created by']"), ["Ada"]);
    ada.get("/system-accounts?columns=name").await;
    assert_eq!(heads(&ada), ["Name"]);
}

#[actix_web::test]
async fn the_file_has_the_columns_as_shown_or_all() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada Lovelace").await;
    ada.welcome("Grace", "User").await;
    let page = ada.get("/users?columns=roles.last_sign_in.email&q=grace&sort=roles").await;
    let shown = page.link("Export CSV, columns as shown");
    let all = page.link("Export CSV");
    assert!(shown.contains("columns=roles.last_sign_in.email") && !all.contains("columns="), "{shown} {all}");
    let file = ada.get(&shown).await.assert_status(200);
    let lines: Vec<&str> = file.body.trim_start_matches('\u{feff}').lines().collect();
    assert_eq!(lines[0], "name,roles,last_sign_in,email");
    assert!(lines[1].starts_with("Grace,User,") && lines[1].ends_with(",grace@example.org"), "{}", lines[1]);
    assert_eq!(lines.len(), 2);
    assert!(ada.get(&all).await.body.contains("roles_through_teams"));
    // A file never has other columns than were asked for.
    ada.get("/users/export?columns=roles.nothing").await.assert_status(400);
    let facts = app.texts("SELECT CAST(after AS TEXT) FROM audit_events WHERE action = 'members.exported'");
    assert!(facts.iter().any(|facts| facts.contains("roles.last_sign_in.email")), "{facts:?}");
}

#[actix_web::test]
async fn who_invited_somebody_and_the_end_of_the_link_stand_in_any_tab() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    ada.welcome("Grace", "User").await;
    ada.invite("linus@example.org", "User").await;
    ada.get("/users?columns=invited_by.link_ends.joined.created").await;
    assert_eq!(ada.page().all("td[data-label='Invited by']"), ["–", "Ada", "Ada"]);
    assert_eq!(ada.page().all("td[data-label='Link ends']")[..2], ["–", "–"]);
    assert!(ada.page().all("td[data-label='Link ends']")[2].contains("expires"));
}
