//! Somebody found a token where it should not be, and reports it.

use crate::harness::{
    Person, TestApp,
    system_accounts::{Answer, Program},
};
use actix_web::http::Method;
use chrono::TimeDelta;
use serde_json::{Value, json};

async fn app() -> (TestApp, Person, String, String) {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    let id = app.machine(ada.organization(), "deploy", "CI/CD");
    let base = format!("/o/{}/system-accounts/{id}/tokens", ada.organization());
    let text = ada.make_token(&base, "nightly", &[("mode", "read_write")]).await;
    (app, ada, base, text)
}

async fn report(program: &Program, body: &Value) -> Answer {
    program.ask(Method::POST, "/api/v1/tokens/leaked", Some(body.to_string())).await
}

#[track_caller]
fn assert_received(answer: &Answer) {
    assert_eq!((answer.0.status, answer.0.body.as_str()), (202, "{\"received\":true}"));
}

#[actix_web::test]
async fn a_token_that_somebody_found_ends_at_once_and_the_administrators_are_told() {
    let (app, ada, _, text) = app().await;
    let grace = ada.welcome_administrator("Grace").await;
    let place = format!("https://git.example/x/y#L3 <b>\u{202e}\n\nfound {text}");
    assert_received(&report(&app.program(), &json!({ "token": text, "where": place })).await);
    app.program().bearer(&text).me().await.assert_problem(401, "token-revoked");
    for address in ["ada@example.org", "grace@example.org"] {
        let letter = app.inbox(address);
        assert_eq!(letter.subject, "The token “nightly” of deploy was found by somebody, and is revoked");
        assert!(letter.text.contains("https://git.example/x/y#L3 <b> found"), "{}", letter.text);
        assert!(!letter.text.contains(&text[14..]), "{}", letter.text);
    }
    ada.get("/audit")
        .await
        .assert_sees("Roster revoked the token nightly of deploy")
        .assert_sees(", which was reported as leaked");
    let event = app.text("SELECT CAST(after AS text) FROM audit_events WHERE action = 'token.reported_leaked'");
    assert!(event.contains("https://git.example/x/y#L3 <b> found") && !event.contains(&text[14..]), "{event}");
    assert!(!app.dump().contains(&text), "the database holds the token");
    drop(grace);
    // A second report, and one by the API itself, change nothing.
    assert_received(&report(&app.program().bearer(&text), &json!({ "token": text })).await);
    assert_eq!(app.count("SELECT count(*) FROM audit_events WHERE action = 'token.reported_leaked'"), 1);
    assert_eq!(app.letters("ada@example.org").len(), 1);
}

#[actix_web::test]
async fn a_person_is_told_of_their_own_token() {
    let (app, ada, ..) = app().await;
    let grace = ada.welcome("Grace", "User").await;
    ada.let_use_api(&ada.member("Grace").await, "a kettle of fourteen herons").await;
    let text = grace.make_token("/me/tokens", "laptop", &[]).await;
    assert_received(&report(&app.program(), &json!({ "token": text })).await);
    app.program().bearer(&text).me().await.assert_problem(401, "token-revoked");
    let letter = app.inbox("grace@example.org");
    assert!(letter.subject.starts_with("The token “laptop” of Grace was found"), "{}", letter.subject);
    assert!(letter.text.contains("They did not say where they found it."), "{}", letter.text);
    assert!(app.letters("ada@example.org").iter().all(|letter| !letter.subject.contains("laptop")));
}

#[actix_web::test]
async fn a_previous_value_ends_alone() {
    let (app, ada, base, old) = app().await;
    let new = ada.renew_token(&base, "nightly", "24").await;
    app.program().bearer(&old).me().await.json();
    assert_received(&report(&app.program(), &json!({ "token": old, "where": "a log" })).await);
    app.program().bearer(&old).me().await.assert_problem(401, "token-replaced");
    app.program().bearer(&new).me().await.json();
    let letter = app.inbox("ada@example.org");
    assert!(letter.subject.starts_with("The old value of the token “nightly”"), "{}", letter.subject);
    ada.get("/audit").await.assert_sees("Roster ended the old value of the token nightly of deploy");
    // It is dead, so a further report changes nothing.
    assert_received(&report(&app.program(), &json!({ "token": old })).await);
    app.program().bearer(&new).me().await.json();
}

#[actix_web::test]
async fn a_text_that_opens_nothing_gets_the_same_answer() {
    let (app, ada, base, text) = app().await;
    let ends = ada.make_token(&base, "ends", &[("expiry", "7")]).await;
    app.wait(TimeDelta::days(8));
    let before = app.count("SELECT count(*) FROM audit_events");
    let unknown = roster::tokens::TokenText::generate(roster::kit::MemberKind::SystemAccount);
    for text in [
        unknown.expose(),
        &ends,
        &text[..40],
        &format!("{text} "),
        &text.to_lowercase(),
        "",
        "ghp_0123456789",
        &"x".repeat(50_000),
    ] {
        assert_received(&report(&app.program(), &json!({ "token": text, "where": "x" })).await);
    }
    assert_eq!(app.count("SELECT count(*) FROM audit_events"), before);
    app.program().bearer(&text).me().await.json();
}

#[actix_web::test]
async fn a_report_that_cannot_be_read_repeats_nothing_of_the_token() {
    let (app, _, _, text) = app().await;
    for body in [
        json!(text),
        json!({}),
        json!([text]),
        json!({ "token": [text] }),
        json!({ "token": { "x": text } }),
        json!({ text.as_str(): 1 }),
        json!({ "token": text, "where": 1 }),
        json!({ "token": text, "where": "x".repeat(501) }),
        json!({ "token": text, "tokens": 1 }),
    ] {
        let problem = report(&app.program(), &body).await.assert_problem(400, "malformed");
        assert!(!problem.to_string().contains(&text[..20]), "{problem}");
    }
    let form = app.program().with("content-type", "application/x-www-form-urlencoded");
    let answer = form.ask(Method::POST, "/api/v1/tokens/leaked", Some(format!("token={text}"))).await;
    answer.assert_problem(415, "unsupported-media-type");
    report(&app.program(), &json!({ "token": "x".repeat(70_000) }))
        .await
        .assert_problem(413, "too-large");
    let answer = app.program().get("/api/v1/tokens/leaked").await;
    answer.assert_problem(405, "method-not-allowed");
    assert_eq!(answer.0.headers.get("allow").expect("a header"), "POST");
    app.program().bearer(&text).me().await.json();
}

#[actix_web::test]
async fn many_reports_from_one_address_have_to_wait() {
    let (app, _, _, text) = app().await;
    let unknown = json!({ "token": "rst_s_nothing" });
    for _ in 0..60 {
        assert_received(&report(&app.program(), &unknown).await);
    }
    let answer = report(&app.program(), &unknown).await;
    answer.assert_problem(429, "too-many-attempts");
    assert!(answer.0.headers.contains_key("retry-after"));
    // Somebody else is not held up.
    let elsewhere = app.program().at_address("198.51.100.1");
    assert_received(&report(&elsewhere, &json!({ "token": text })).await);
    app.program().bearer(&text).me().await.assert_problem(401, "token-revoked");
}
