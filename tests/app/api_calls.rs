//! The call of the API that a list of the console shows: it answers with the rows of the list.

use crate::harness::{Page, Person, TestApp, system_accounts::Program};

/// The path and query of the call that the page shows.
fn call(page: &Page) -> String {
    let shown = page.all("#api-call").pop().expect("a call");
    let (start, end) = ("curl 'https://roster.example", "' -H \"Authorization: Bearer $ROSTER_TOKEN\"");
    let path = shown.strip_prefix(start).and_then(|rest| rest.strip_suffix(end));
    path.unwrap_or_else(|| panic!("{shown}")).to_owned()
}

async fn root(app: &TestApp, ada: &Person) -> Program {
    app.program_with(ada, "Root", &["*:*:*"]).await
}

#[actix_web::test]
async fn the_call_of_the_directory_answers_with_the_same_people() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    let root = root(&app, &ada).await;
    for name in ["Grace", "Alan", "Alonzo"] {
        ada.welcome(name, "Viewer").await;
    }
    let viewer = root.id_of("/api/v1/roles", "Viewer").await;
    assert_eq!(call(&ada.get("/users").await), "/api/v1/users");
    for (query, expected) in [
        ("?sort=name&dir=desc", vec!["Grace", "Alonzo", "Alan", "Ada"]),
        ("?q=al", vec!["Alan", "Alonzo"]),
        (&format!("?role={viewer}&q=gr"), vec!["Grace"]),
        ("?tab=invited", vec![]),
        ("?seen=never&provider=password&two_step=none&tab=active", vec![]),
        ("?q=it%27s+%22%24(x)%22+%60%26&tab=disabled", vec![]),
        ("?tab=nonsense&after=x&per=25", vec!["Ada", "Alan", "Alonzo", "Grace"]),
    ] {
        let page = ada.get(&format!("/users{query}")).await.assert_status(200);
        let names = root.walk(&call(&page), "name").await;
        assert_eq!(names, expected, "{query}");
        assert_eq!(page.all("table.people tbody tr").len(), expected.len(), "{query}");
    }
    let page = ada.get("/users?q=al").await;
    assert_eq!(page.link("More in the reference"), "/api/resources/users");
    ada.get("/api/resources/users").await.assert_status(200).assert_sees("List people");
}

#[actix_web::test]
async fn the_call_of_the_system_accounts_lists_the_disabled_ones_too_if_the_list_does() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    let root = root(&app, &ada).await;
    let old = app.machine(ada.organization(), "old", "CI/CD").to_string();
    let place = format!("/api/v1/system_accounts/{old}/disablement");
    root.send("PUT", &place, &serde_json::json!({})).await.assert_status(204);
    for (query, expected) in [
        ("", vec!["Root"]),
        ("?disabled=1&sort=name&dir=desc", vec!["Root", "old"]),
        ("?disabled=1&q=old", vec!["old"]),
    ] {
        let page = ada.get(&format!("/system-accounts{query}")).await;
        assert_eq!(root.walk(&call(&page), "name").await, expected, "{query}");
        let place = page.link("More in the reference");
        ada.get(&place).await.assert_status(200);
        ada.get("/system-accounts").await;
    }
}

#[actix_web::test]
async fn the_call_of_the_audit_log_answers_with_the_same_events() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    let root = root(&app, &ada).await;
    ada.create_team("Moles").await;
    ada.create_team("Badgers").await;
    let page = ada.get("/audit?what=team.created&actor=Ada&from=2000-01-01&how=one").await;
    let events = root.walk(&call(&page), "action").await;
    assert_eq!(events, ["team.created", "team.created"]);
    assert!(!call(&page).contains("older"));
    let place = page.link("More in the reference");
    ada.get(&place).await.assert_status(200).assert_sees("List");
}
