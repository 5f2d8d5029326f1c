//! The API: error documents, and what is refused before the caller is known.

use crate::harness::{Person, TestApp, system_accounts::Answer};
use actix_web::http::Method;
use serde_json::json;

async fn app() -> (TestApp, Person, String) {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    let id = app.machine(ada.organization(), "deploy", "CI/CD");
    let base = format!("/o/{}/system-accounts/{id}/tokens", ada.organization());
    let text = ada.make_token(&base, "deploy", &[("mode", "read_write")]).await;
    (app, ada, text)
}

/// The texts of the reasons in this answer.
fn because(answer: &Answer) -> Vec<String> {
    let json = answer.json();
    let all = json["because"].as_array().expect("reasons");
    all.iter().filter_map(|why| why["text"].as_str().map(str::to_owned)).collect()
}

#[actix_web::test]
async fn without_a_credential_programs_are_told_how_to_bring_one() {
    let (app, ..) = app().await;
    let answer = app.program().me().await;
    answer.assert_problem(401, "credential-missing");
    let challenges: Vec<&str> = answer.0.headers.get_all("www-authenticate").filter_map(|value| value.to_str().ok()).collect();
    assert_eq!(challenges, ["Bearer realm=\"Roster\"", "Basic realm=\"Roster\", charset=\"UTF-8\""]);
    for (value, code) in [
        ("Bearer", "credential-malformed"),
        ("Digest username=ada", "credential-malformed"),
        ("Basic", "credential-malformed"),
        ("Basic !!!", "credential-malformed"),
        ("Basic bm9jb2xvbg==", "credential-malformed"),
        ("Basic OnNlY3JldA==", "credential-malformed"),
        ("Bearer \u{e9}", "credential-malformed"),
        ("Bearer ghp_0123456789", "token-malformed"),
    ] {
        let answer = app.program().with("authorization", value).me().await;
        answer.assert_problem(401, code);
    }
    let long = format!("Bearer {}", "a".repeat(5_000));
    app.program().with("authorization", &long).me().await.assert_problem(401, "credential-malformed");
}

#[actix_web::test]
async fn the_scheme_may_be_written_in_any_case_and_head_has_no_body() {
    let (app, _, text) = app().await;
    app.program().with("authorization", &format!("bEaReR {text}")).me().await.json();
    app.program().with("authorization", &format!("Bearer   {text}")).me().await.json();
    let head = app.program().bearer(&text).ask(Method::HEAD, "/api/v1/me", None).await;
    assert_eq!(head.0.status, 200);
    let unknown = app.program().ask(Method::HEAD, "/api/v1/me", None).await;
    assert_eq!(unknown.0.status, 401);
}

#[actix_web::test]
async fn a_session_opens_nothing_and_no_cookie_is_set() {
    let (app, ada, text) = app().await;
    for path in ["/api/v1/me", "/api/v1/nothing", "/api/v1", "/api/v1/"] {
        let page = ada.request(Method::GET, path, None).await;
        assert!(matches!(page.status, 401 | 404), "{path}: {}", page.status);
        assert!(!page.headers.contains_key("set-cookie"), "{path}");
    }
    ada.get("/users").await.assert_status(200);
    let answer = app.program().bearer(&text).me().await;
    assert!(!answer.0.headers.contains_key("set-cookie"));
    for (name, value) in [
        ("cache-control", "no-store"),
        ("x-content-type-options", "nosniff"),
        ("content-type", "application/json"),
    ] {
        assert_eq!(answer.0.headers.get(name).and_then(|value| value.to_str().ok()), Some(value));
    }
    assert!(answer.0.headers.contains_key("strict-transport-security"));
}

#[actix_web::test]
async fn whatever_fails_beneath_the_api_is_told_as_a_problem() {
    let (app, _, text) = app().await;
    let program = app.program().bearer(&text);
    for path in [
        "/api/v1",
        "/api/v1/nothing",
        "/api/v1/me/",
        "/api/v1//me",
        "/api/v1/me.css",
        "/api/v1/%2e%2e/me",
    ] {
        program.get(path).await.assert_problem(404, "not-found");
    }
    for method in ["POST", "PUT", "PATCH", "DELETE", "OPTIONS"] {
        let answer = program.ask(method.parse().expect("a method"), "/api/v1/me", None).await;
        answer.assert_problem(405, "method-not-allowed");
        assert_eq!(answer.0.headers.get("allow").and_then(|value| value.to_str().ok()), Some("GET, HEAD"));
    }
    program.get("/api/v1/authorize").await.assert_problem(405, "method-not-allowed");
    let post = async |program: &crate::harness::system_accounts::Program, body: &str| {
        program.ask(Method::POST, "/api/v1/authorize", Some(body.into())).await
    };
    for body in ["", "{", "{}{}"] {
        post(&program, body).await.assert_problem(400, "malformed");
    }
    for body in [
        "[]",
        "[\"user:read:*\"]",
        "null",
        "\"x\"",
        "{}",
        "{\"permission\":1}",
        "{\"permission\":\"user:read:*\",\"permission\":\"user:read:*\"}",
        "{\"permission\":\"user:read:*\",\"admin\":true}",
        "{\"permission\":\"nonsense\"}",
        "{\"action\":\"read\"}",
        "{\"permission\":\"user:read:*\",\"action\":\"read\"}",
        "{\"permission\":\"user:read:*\",\"member\":\"x\"}",
    ] {
        post(&program, body).await.assert_problem(422, "invalid-fields");
    }
    post(&program, &format!("{{\"permission\":{}", "[".repeat(60_000)))
        .await
        .assert_problem(422, "invalid-fields");
    post(&program, &format!("\"{}\"", "x".repeat(70_000))).await.assert_problem(413, "too-large");
    for kind in ["text/plain", "application/x-www-form-urlencoded", "application/xml"] {
        let program = program.clone().with("content-type", kind);
        post(&program, "{\"permission\":\"user:read:*\"}")
            .await
            .assert_problem(415, "unsupported-media-type");
    }
    // Authentication is checked before the request.
    post(&app.program(), "{").await.assert_problem(401, "credential-missing");
    let elsewhere = program.clone().with("host", "evil.example");
    elsewhere.me().await.assert_problem(421, "wrong-host");
    let cross = program.clone().with("sec-fetch-site", "cross-site");
    post(&cross, "{\"permission\":\"user:read:*\"}").await.assert_problem(403, "cross-site");
}

#[actix_web::test]
async fn an_answer_names_the_role_that_allows_it() {
    let (app, _, text) = app().await;
    let program = app.program().bearer(&text);
    let yes = program.authorize(&json!({ "permission": "user:read:*" })).await;
    assert_eq!(yes.json()["allowed"], true);
    assert_eq!(yes.json()["because"][0]["kind"], "role");
    assert_eq!(yes.json()["because"][0]["name"], "CI/CD");
    assert_eq!(because(&yes), ["The role CI/CD allows user:read:*."]);
    let no = program.authorize(&json!({ "permission": "user:manage:*" })).await;
    assert_eq!(no.json()["allowed"], false);
    assert_eq!(because(&no), ["No role and no policy allows it."]);
    let action = json!({ "action": "read", "resource_type": "team", "resource_id": "42" });
    assert_eq!(program.authorize(&action).await.json()["allowed"], true);
    let action = json!({ "action": "delete", "resource_type": "team", "resource_id": "42" });
    assert_eq!(program.authorize(&action).await.json()["allowed"], false);
}

#[actix_web::test]
async fn a_token_that_is_narrower_than_its_member_says_so() {
    let (app, ada, _) = app().await;
    let id = app.machine(ada.organization(), "keeper", "Administrator");
    let base = format!("/o/{}/system-accounts/{id}/tokens", ada.organization());
    let reads = ada.make_token(&base, "reads", &[]).await;
    let narrow = [("mode", "read_write"), ("width", "narrow"), ("permission", "team:manage:*")];
    let narrow = ada.make_token(&base, "narrow", &narrow).await;
    let ask = async |token: &str, permission: &str| app.program().bearer(token).authorize(&json!({ "permission": permission })).await;
    assert_eq!(ask(&reads, "user:read:*").await.json()["allowed"], true);
    let answer = ask(&reads, "user:manage:*").await;
    assert_eq!(
        (&answer.json()["allowed"], because(&answer)),
        (&false.into(), vec!["The token reads only reads.".to_owned()])
    );
    assert_eq!(ask(&narrow, "team:manage:*").await.json()["allowed"], true);
    assert_eq!(ask(&narrow, "team:read:own").await.json()["allowed"], true);
    let answer = ask(&narrow, "user:read:*").await;
    assert_eq!(because(&answer), ["The token narrow is narrowed to other permissions."]);
    // Only a caller with the permission asks about other members, and only within the organization.
    let grace = ada.welcome("Grace", "Viewer").await;
    drop(grace);
    let about = json!({ "permission": "team:read:*", "member": ada.member("Grace").await });
    assert_eq!(
        because(&app.program().bearer(&reads).authorize(&about).await),
        ["The role Viewer allows team:read:*."]
    );
    let problem = app.program().bearer(&narrow).authorize(&about).await.assert_problem(403, "permission-missing");
    assert_eq!(problem["permission"], "user:read:*");
    let nobody = json!({ "permission": "team:read:*", "member": uuid::Uuid::nil() });
    app.program().bearer(&reads).authorize(&nobody).await.assert_problem(404, "not-found");
    let mallory = app.another_organization("Elsewhere", "Mallory", None).await;
    let theirs = json!({ "permission": "team:read:*", "member": mallory.member("Mallory").await });
    app.program().bearer(&reads).authorize(&theirs).await.assert_problem(404, "not-found");
}

#[actix_web::test]
async fn whoever_tries_many_tokens_waits_and_a_good_one_goes_on_working() {
    let (app, _, text) = app().await;
    let other = app.another().await;
    let guess = || roster::tokens::TokenText::generate(roster::kit::MemberKind::User).expose().to_owned();
    let mut answers = Vec::new();
    for at in 0..70 {
        let process = if at % 2 == 0 { &app } else { &other };
        answers.push(process.program().bearer(&guess()).me().await.0.status);
    }
    assert_eq!(answers.iter().filter(|status| **status == 401).count(), 60, "{answers:?}");
    let answer = app.program().bearer(&guess()).me().await;
    answer.assert_problem(429, "too-many-attempts");
    assert!(answer.0.headers.contains_key("retry-after"));
    app.program().bearer(&text).me().await.json();
    app.program()
        .at_address("198.51.100.1")
        .bearer(&guess())
        .me()
        .await
        .assert_problem(401, "token-unknown");
}
