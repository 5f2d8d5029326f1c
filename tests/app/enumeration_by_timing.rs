//! User enumeration by timing: an answer takes the same work for every name. The tests count the work instead of time:
//! compared hashes, and every SQL statement by its text.

use crate::harness::{GOOD, Page, Person, TestApp, plans};
use chrono::TimeDelta;

/// A request and the work it caused.
struct Work {
    page: Page,
    hashes: u64,
    statements: Vec<String>,
}

/// Posts the form of the current page directly, without the harness's own statements.
async fn post(app: &TestApp, visitor: &Person, button: &str, typed: &[(&str, &str)]) -> Work {
    let (action, mut fields) = visitor.page().form(button);
    fields.retain(|(name, _)| typed.iter().all(|(known, _)| known != name));
    fields.extend(typed.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
    let body = serde_html_form::to_string(&fields).expect("a form");
    app.catch_up();
    plans::shapes();
    let before = app.roster.hasher.done();
    let page = visitor.request("POST".parse().expect("a method"), &action, Some(body)).await;
    // Statements that set up a new connection do not count.
    let is_set_up = |statement: &String| statement.starts_with("PRAGMA ") || statement.starts_with("SET ");
    let mut statements = plans::shapes();
    statements.retain(|statement| !is_set_up(statement));
    Work { page, hashes: app.roster.hasher.done() - before, statements }
}

async fn sign_in(app: &TestApp, name: &str) -> Work {
    let visitor = app.visitor().at_address("198.51.100.9");
    visitor.get("/sign-in").await;
    post(app, &visitor, "Sign in", &[("name", name), ("password", "a wrong password")]).await
}

async fn forget(app: &TestApp, name: &str) -> Work {
    let visitor = app.visitor().at_address("198.51.100.9");
    visitor.get("/password/forgotten").await;
    post(app, &visitor, "Send the link", &[("email", name)]).await
}

/// Names of every kind, and one that nobody has.
async fn everybody(app: &TestApp) -> [&'static str; 9] {
    let ada = app.administrator("Ada").await;
    for name in ["Grace", "Disabled", "Temporary", "Both"] {
        ada.welcome(name, "User").await;
    }
    ada.disable("Disabled").await;
    ada.invite("invited@example.org", "User").await;
    let until = app.clock.now() + TimeDelta::days(1);
    app.give_temporary_password("temporary@example.org", GOOD, until).await;
    // A person whose username is not an address, and a person in two organizations.
    app.execute("INSERT INTO user_names (name_key, user_id) SELECT 'gracie', id FROM users WHERE email = 'grace@example.org'");
    let kim = app.another_organization("Navy", "Kim", None).await;
    kim.invite("both@example.org", "User").await;
    app.wait(TimeDelta::days(2));
    ada.sign_in("ada@example.org", GOOD).await;
    ada.import("create", "name,email\nImported,imported@example.org\n").await;
    ada.submit("Import 1 person", &[]).await;
    app.work();
    app.deliver();
    [
        "grace@example.org",
        "gracie",
        "both@example.org",
        "disabled@example.org",
        "temporary@example.org",
        "invited@example.org",
        "imported@example.org",
        "nobody@example.org",
        "nobody",
    ]
}

/// Checks that all of these caused the same work and the same answer except for the name. Returns the work.
#[track_caller]
fn assert_alike(all: Vec<(&str, Work)>) -> Work {
    let mut all = all.into_iter();
    let (first, work) = all.next().expect("somebody");
    let shown = |page: &Page, name: &str| page.text().replace(name, "X");
    for (name, other) in all {
        assert_eq!((other.page.status, other.hashes), (work.page.status, work.hashes), "{name}");
        assert_eq!(other.statements, work.statements, "{name} beside {first}");
        assert_eq!(shown(&other.page, name), shown(&work.page, first));
    }
    assert!(!work.statements.is_empty(), "nothing was seen");
    work
}

#[actix_web::test]
async fn a_wrong_password_is_the_same_work_for_every_name_known_or_not() {
    plans::record();
    let app = TestApp::start().await;
    let mut all = vec![];
    for name in everybody(&app).await {
        all.push((name, sign_in(&app, name).await));
    }
    let work = assert_alike(all);
    assert_eq!((work.page.status, work.hashes), (422, 1));
    // The stand-in hash has the present cost, so it is not cheaper.
    let costly = app.another_with(&["--argon2-memory", "16"]).await;
    let all = vec![
        ("nobody@example.org", sign_in(&costly, "nobody@example.org").await),
        ("grace@example.org", sign_in(&costly, "grace@example.org").await),
    ];
    assert_eq!(assert_alike(all).hashes, 1);
}

#[actix_web::test]
async fn too_many_attempts_are_the_same_work_for_every_name() {
    plans::record();
    let app = TestApp::start().await;
    app.administrator("Ada").await;
    let mut all = vec![];
    for name in ["ada@example.org", "nobody@example.org"] {
        for _ in 0..10 {
            assert_eq!(sign_in(&app, name).await.page.status, 422);
        }
        all.push((name, sign_in(&app, name).await));
    }
    let work = assert_alike(all);
    assert_eq!((work.page.status, work.hashes), (429, 0));
}

#[actix_web::test]
async fn a_failed_attempt_is_told_in_every_organization_behind_the_answer() {
    let app = TestApp::start().await;
    everybody(&app).await;
    let failures = || app.count("SELECT count(*) FROM sign_ins WHERE outcome = 'wrong_password'");
    for (name, organizations) in [("both@example.org", 2), ("disabled@example.org", 1), ("nobody", 0)] {
        let before = failures();
        sign_in(&app, name).await;
        assert_eq!(failures(), before, "{name}: nothing is written before the answer");
        app.catch_up();
        assert_eq!(failures() - before, organizations, "{name}");
        app.catch_up();
        assert_eq!(failures() - before, organizations, "{name}: once");
    }
    assert_eq!(app.count("SELECT count(*) FROM jobs"), 0);
}

#[actix_web::test]
async fn a_forgotten_password_is_asked_for_by_the_same_work_for_every_name() {
    plans::record();
    let app = TestApp::start().await;
    let mut all = vec![];
    for name in everybody(&app).await {
        app.catch_up();
        let letters = app.count("SELECT count(*) FROM outbox");
        all.push((name, forget(&app, name).await));
        assert_eq!(app.count("SELECT count(*) FROM outbox"), letters, "{name}: the letter is written behind the answer");
    }
    let work = assert_alike(all);
    assert_eq!((work.page.status, work.hashes), (200, 0));
}

#[actix_web::test]
async fn a_request_for_a_new_password_outlives_a_restart_and_is_answered_once() {
    let app = TestApp::start().await;
    app.administrator("Ada").await;
    let links = || app.count("SELECT count(*) FROM links WHERE kind = 'reset'");
    forget(&app, "ada@example.org").await;
    assert_eq!((links(), app.count("SELECT count(*) FROM jobs")), (0, 1));
    assert!(!app.dump().contains("\"typed\""), "what visitors type is sealed");
    let (one, other) = (app.another().await, app.another().await);
    one.catch_up();
    other.catch_up();
    assert_eq!((links(), app.count("SELECT count(*) FROM jobs")), (1, 0));
    let visitor = app.visitor();
    visitor.get(&one.inbox("ada@example.org").link()).await.assert_status(200);
}

#[actix_web::test]
async fn a_wrong_api_password_is_the_same_work_for_every_name() {
    plans::record();
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    ada.welcome("Grace", "User").await;
    ada.welcome("Linus", "User").await;
    let id = ada.member("Grace").await;
    ada.get(&format!("/users/{id}/api")).await;
    ada.submit("Turn on", &[]).await;
    ada.get(&format!("/users/{id}/api/password")).await;
    let fields = [("choice", "typed"), ("password", "a kettle of fourteen herons")];
    ada.submit("Set the API password", &fields).await.assert_status(200);
    app.catch_up();
    let mut all = vec![];
    for name in ["grace@example.org", "linus@example.org", "nobody"] {
        let before = app.roster.hasher.done();
        plans::shapes();
        app.program().basic(name, "wrong").me().await.assert_problem(401, "wrong-password");
        all.push((plans::shapes(), app.roster.hasher.done() - before));
    }
    assert_eq!(all[0], all[1]);
    assert_eq!(all[0], all[2]);
    assert!(all[0].0.len() > 3 && all[0].1 == 1, "{all:?}");
}

#[actix_web::test]
async fn a_job_that_cannot_be_done_stands_in_nobodys_way() {
    let app = TestApp::start().await;
    app.administrator("Ada").await;
    forget(&app, "ada@example.org").await;
    app.execute("UPDATE jobs SET kind = 'of another version'");
    forget(&app, "ada@example.org").await;
    app.catch_up();
    assert_eq!(app.count("SELECT count(*) FROM jobs"), 0);
    assert_eq!(app.count("SELECT count(*) FROM links WHERE kind = 'reset'"), 1);
}
