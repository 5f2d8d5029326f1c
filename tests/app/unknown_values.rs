//! Forms and queries with unknown values do nothing: they are never taken for something else.

use crate::harness::{Person, TestApp};

const IGNORED: &str = "A filter in the address of this list is not known";

/// Sends the form of a button with some fields removed and others added.
async fn sent_with(person: &Person, button: &str, without: &[&str], with: &[(&str, &str)]) -> u16 {
    let (action, mut fields) = person.page().form(button);
    fields.retain(|(name, _)| !without.contains(&name.as_str()));
    fields.extend(with.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
    person.post_raw(&action, &fields).await.status
}

#[actix_web::test]
async fn a_bulk_action_that_is_not_known_does_nothing() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    ada.welcome("Grace", "User").await;
    let grace = ada.member("Grace").await;
    let events = app.count("SELECT count(*) FROM audit_events");
    let wrong: [&[(&str, &str)]; 8] = [
        &[("kind", "user"), ("act", "obliterate"), ("member", &grace)],
        &[("kind", "user"), ("act", ""), ("member", &grace)],
        &[("kind", "user"), ("member", &grace)],
        &[("kind", "nonsense"), ("act", "disable"), ("member", &grace)],
        &[("act", "disable"), ("member", &grace)],
        &[("kind", "user"), ("act", "disable"), ("member", "grace")],
        &[("kind", "user"), ("act", "disable"), ("all", "perhaps"), ("query", "")],
        &[
            ("kind", "user"),
            ("act", "disable"),
            ("all", "1"),
            ("query", "?rolle=x"),
            ("expected", "2"),
        ],
    ];
    for fields in wrong {
        ada.get("/users").await;
        ada.post("/batches", fields).await.assert_status(400);
        let query: Vec<(&str, &str)> = fields.iter().copied().filter(|(name, _)| *name != "expected").collect();
        let query = serde_html_form::to_string(query).expect("a query");
        ada.get(&format!("/bulk?{query}")).await.assert_status(400);
    }
    assert_eq!(app.count("SELECT count(*) FROM members WHERE status = 'disabled'"), 0);
    assert_eq!(app.count("SELECT count(*) FROM audit_events"), events);
    assert_eq!(app.count("SELECT count(*) FROM batches"), 0);
}

#[actix_web::test]
async fn a_filter_that_is_not_understood_takes_nobody_along() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    ada.welcome("Grace", "User").await;
    for query in ["tab=disbled", "role=Viewer", "rolle=x", "tab=active&tab=invited"] {
        ada.get(&format!("/users/export?{query}")).await.assert_status(400);
        // The list ignores the unknown filter, says so, and leads to the address without it.
        let page = ada.get(&format!("/users?{query}")).await.assert_status(200).assert_sees(IGNORED);
        let page = ada.get(&page.link("Remove the filter")).await.assert_misses(IGNORED);
        assert!(page.names().contains(&"Grace".to_owned()) || query.contains("invited"), "{query}: {}", page.path);
    }
    ada.get("/system-accounts?tab=disabled").await.assert_sees(IGNORED);
    for known in [
        "/users?q=ada&tab=active&exact=1&order=name.asc&role=",
        "/system-accounts?disabled=1",
        "/audit?how=one&what=",
    ] {
        ada.get(known).await.assert_status(200).assert_misses(IGNORED);
    }
    for query in ["from=2026-13-01", "what=a&what=b", "how=often", "format=pdf", "who=ada"] {
        ada.get(&format!("/audit/export?{query}")).await.assert_status(400);
    }
    let page = ada.get("/audit?from=2026-13-01&how=one").await.assert_status(200).assert_sees(IGNORED);
    ada.get(&page.link("Remove the filter")).await.assert_misses(IGNORED);
    ada.get("/users/export?tab=active&q=grace&sort=name&exact=1").await.assert_status(200);
    ada.get("/audit/export?format=jsonl&how=one").await.assert_status(200);
}

#[actix_web::test]
async fn a_choice_that_is_not_known_is_not_the_wider_one() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    ada.welcome("Grace", "User").await;
    let deploy = ada.create_system_account("deploy", "CI/CD").await;
    ada.get(&format!("/system-accounts/{deploy}/tokens/new")).await;
    let status = sent_with(&ada, "Create Token", &["width", "name"], &[("name", "x"), ("width", "wide")]).await;
    assert_eq!((status, app.count("SELECT count(*) FROM tokens")), (422, 0));
    let grace = ada.member("Grace").await;
    let hash = || app.text("SELECT hash FROM passwords ORDER BY user_id DESC LIMIT 1");
    let before = hash();
    ada.get(&format!("/users/{grace}/password/temporary")).await;
    let status = sent_with(&ada, "Set the password", &["choice"], &[("choice", "whatever")]).await;
    assert_eq!((status, hash()), (400, before));
}

#[actix_web::test]
async fn what_a_form_leaves_out_is_not_taken_away() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    ada.welcome("Grace", "User").await;
    app.execute("UPDATE organizations SET password_minimum = 20");
    ada.get("/settings").await;
    for left_out in ["password_minimum", "token_days_max", "idle_hours"] {
        ada.get("/settings").await;
        assert_eq!(sent_with(&ada, "Save the settings", &[left_out], &[]).await, 400, "{left_out}");
    }
    assert_eq!(app.count("SELECT password_minimum FROM organizations"), 20);
    let team = ada.create_team("Platform").await;
    ada.add_to_team(&team, "Grace").await;
    let grace = ada.member("Grace").await;
    let here = format!("/users/{grace}/roles");
    for (without, with) in [
        (vec!["base"], vec![("base", "x")]),
        (vec!["team"], vec![("team", "Platform")]),
        (vec!["listed"], vec![]),
        (vec![], vec![("do", "pretend")]),
    ] {
        ada.get(&here).await;
        assert_eq!(sent_with(&ada, "Save access", &without, &with).await, 400, "{without:?} {with:?}");
    }
    assert_eq!(app.count("SELECT count(*) FROM team_members"), 1);
    assert_eq!(app.count("SELECT count(*) FROM member_roles"), 2);
}
