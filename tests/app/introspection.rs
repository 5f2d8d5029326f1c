//! Introspection (RFC 7662): a service asks about the tokens that programs send to it.

use crate::harness::{
    Person, TestApp, is_postgres, plans,
    system_accounts::{Answer, Program},
};
use actix_web::http::Method;
use chrono::TimeDelta;
use roster::kit::MemberKind;
use serde_json::{Value, json};

const FORM: &str = "application/x-www-form-urlencoded";

/// A service that may introspect, and the tokens page of another system account.
struct World {
    app: TestApp,
    ada: Person,
    gateway: Program,
    id: String,
    base: String,
}

impl World {
    async fn start() -> Self {
        let app = TestApp::start().await;
        let ada = app.administrator("Ada").await;
        app.role(ada.organization(), "Gateway", &["token:introspect:*"]);
        let gateway = app.machine(ada.organization(), "gateway", "Gateway");
        let path = format!("/o/{}/system-accounts/{gateway}/tokens", ada.organization());
        let text = ada.make_token(&path, "asks", &[("mode", "read_write")]).await;
        let id = app.machine(ada.organization(), "deploy", "CI/CD");
        let base = format!("/o/{}/system-accounts/{id}/tokens", ada.organization());
        let gateway = app.program().bearer(&text).with("content-type", FORM);
        Self { app, ada, gateway, id: id.to_string(), base }
    }

    async fn token(&self, name: &str, fields: &[(&str, &str)]) -> String {
        self.ada.make_token(&self.base, name, fields).await
    }

    async fn ask(&self, token: &str) -> Value {
        introspect(&self.gateway, &[("token", token)]).await.json()
    }
}

async fn send(program: &Program, body: &str) -> Answer {
    program.ask(Method::POST, "/api/v1/introspect", Some(body.into())).await
}

async fn introspect(program: &Program, fields: &[(&str, &str)]) -> Answer {
    send(program, &serde_html_form::to_string(fields).expect("a form")).await
}

fn inactive() -> Value {
    json!({ "active": false })
}

#[actix_web::test]
async fn a_service_learns_whose_token_it_was_sent_and_what_it_allows() {
    let world = World::start().await;
    let now = world.app.clock.now().micros() / 1_000_000;
    let text = world.token("nightly", &[("mode", "read_write")]).await;
    let answer = introspect(&world.gateway, &[("token", &text), ("token_type_hint", "access_token"), ("more", "x")]).await;
    assert_eq!(answer.0.headers.get("cache-control").expect("a header"), "no-store");
    let json = answer.json();
    let me = world.app.program().bearer(&text).me().await.json();
    let ends = json["exp"].as_i64().expect("an end");
    assert!((now + 89 * 86_400..now + 92 * 86_400).contains(&ends), "{json}");
    assert!((now - 60..=now + 60).contains(&json["iat"].as_i64().expect("a beginning")), "{json}");
    for (field, expected) in [
        ("active", json!(true)),
        ("sub", json!(world.id)),
        ("client_id", me["credential"]["id"].clone()),
        ("username", json!("deploy")),
        ("scope", json!("team:read:* user:read:*")),
        ("token_type", json!("Bearer")),
        ("iss", json!("https://roster.example")),
        ("aud", json!(world.ada.organization())),
        ("roster_kind", json!("system_account")),
    ] {
        assert_eq!(json[field], expected, "{field}");
    }
    assert_eq!(json.as_object().expect("an object").len(), 11, "{json}");
    let endless = world.token("endless", &[("expiry", "never")]).await;
    assert!(world.ask(&endless).await.get("exp").is_none());
}

#[actix_web::test]
async fn a_narrowed_or_read_only_token_shows_only_what_it_allows() {
    let world = World::start().await;
    let id = world.app.machine(world.ada.organization(), "keeper", "Administrator");
    let base = format!("/o/{}/system-accounts/{id}/tokens", world.ada.organization());
    let reads = world.ada.make_token(&base, "reads", &[]).await;
    assert_eq!(world.ask(&reads).await["scope"], "*:read:*");
    let fields = [("mode", "read_write"), ("width", "narrow"), ("permission", "team:manage:*")];
    let narrow = world.ada.make_token(&base, "narrow", &fields).await;
    assert_eq!(world.ask(&narrow).await["scope"], "team:manage:*");
    // The role is taken away, and the next answer says so.
    world
        .app
        .execute("DELETE FROM member_roles WHERE member_id = (SELECT id FROM members WHERE name = 'keeper')");
    assert_eq!(world.ask(&narrow).await["scope"], "");
}

#[actix_web::test]
async fn a_person_is_named_by_username() {
    let world = World::start().await;
    let grace = world.ada.welcome("Grace", "User").await;
    let id = world.ada.member("Grace").await;
    world.ada.let_use_api(&id, "a kettle of fourteen herons").await;
    let text = grace.make_token("/me/tokens", "laptop", &[]).await;
    let json = world.ask(&text).await;
    assert_eq!((&json["username"], &json["roster_kind"]), (&json!("grace@example.org"), &json!("user")));
    assert_eq!(json["sub"], id);
    world.ada.disable("Grace").await.assert_status(200);
    assert_eq!(world.ask(&text).await, inactive());
}

#[actix_web::test]
async fn every_token_that_does_not_work_gets_the_same_answer() {
    let world = World::start().await;
    let mallory = world.app.another_organization("Elsewhere", "Mallory", None).await;
    let foreign = world.app.machine(mallory.organization(), "theirs", "CI/CD");
    let path = format!("/o/{}/system-accounts/{foreign}/tokens", mallory.organization());
    let foreign = mallory.make_token(&path, "theirs", &[]).await;
    world.app.program().bearer(&foreign).me().await.json();
    let revoked = world.token("revoked", &[]).await;
    world.ada.end_token(&world.base, "Revoke", "Revoke").await.assert_status(200);
    let ends = world.token("ends", &[("expiry", "7")]).await;
    let replaced = world.token("replaced", &[("expiry", "365")]).await;
    assert_eq!(world.ask(&replaced).await["active"], true);
    let renewed = world.ada.renew_token(&world.base, "replaced", "0").await;
    assert_eq!(world.ask(&renewed).await["active"], true);
    world.app.wait(TimeDelta::days(8));
    let unknown = roster::tokens::TokenText::generate(MemberKind::User).expose().to_owned();
    let long = "a".repeat(60_000);
    let mut cut = renewed.clone();
    cut.pop();
    for text in [
        foreign.as_str(),
        &revoked,
        &ends,
        &replaced,
        &unknown,
        &cut,
        &renewed.to_uppercase(),
        &format!("{renewed} "),
        &format!("Bearer {renewed}"),
        &long,
        "",
        "ghp_0123456789",
        "\0",
        "' OR 1=1 --",
    ] {
        let answer = introspect(&world.gateway, &[("token", text)]).await;
        assert_eq!((answer.0.status, answer.0.body.as_str()), (200, "{\"active\":false}"), "{text:.40}");
    }
    assert_eq!(world.ask(&renewed).await["active"], true);
}

#[actix_web::test]
async fn a_previous_value_is_active_until_its_overlap_ends() {
    let world = World::start().await;
    let old = world.token("nightly", &[("expiry", "365")]).await;
    let new = world.ada.renew_token(&world.base, "nightly", "24").await;
    let (of_old, of_new) = (world.ask(&old).await, world.ask(&new).await);
    assert_eq!(of_old["client_id"], of_new["client_id"]);
    assert!(of_old["exp"].as_i64() < of_new["exp"].as_i64(), "{of_old} {of_new}");
    world.app.wait(TimeDelta::hours(25));
    assert_eq!(world.ask(&old).await, inactive());
    assert_eq!(world.ask(&new).await["active"], true);
}

#[actix_web::test]
async fn a_token_limited_to_networks_is_active_only_with_an_address_inside_them() {
    let world = World::start().await;
    let text = world.token("office", &[("addresses", "10.0.0.0/8")]).await;
    assert_eq!(world.ask(&text).await, inactive());
    let from = async |address: &str| introspect(&world.gateway, &[("token", &text), ("client_address", address)]).await;
    assert_eq!(from("10.1.2.3").await.json()["active"], true);
    assert_eq!(from("::ffff:10.1.2.3").await.json()["active"], true);
    assert_eq!(from("11.1.2.3").await.json(), inactive());
    for wrong in ["", "office", "10.0.0.0/8", "10.1.2.3, 10.1.2.4", "10.1.2.3\n"] {
        from(wrong).await.assert_problem(400, "malformed");
    }
    // The caller's own address does not count, wherever the caller is.
    let inside = world.gateway.clone().at_address("10.9.9.9");
    assert_eq!(introspect(&inside, &[("token", &text)]).await.json(), inactive());
}

#[actix_web::test]
async fn only_system_accounts_with_the_permission_ask() {
    let world = World::start().await;
    let text = world.token("nightly", &[]).await;
    let ask = async |program: Program| introspect(&program.with("content-type", FORM), &[("token", &text)]).await;
    ask(world.app.program()).await.assert_problem(401, "credential-missing");
    let problem = ask(world.app.program().bearer(&text)).await.assert_problem(403, "permission-missing");
    assert_eq!(problem["permission"], "token:introspect:*");
    // An Administrator holds every permission, but is a person.
    let grace = world.ada.welcome_administrator("Grace").await;
    world.ada.let_use_api(&world.ada.member("Grace").await, "a kettle of fourteen herons").await;
    let hers = grace.make_token("/me/tokens", "hers", &[("mode", "read_write")]).await;
    ask(world.app.program().bearer(&hers)).await.assert_problem(403, "system-account-required");
    let basic = world.app.program().basic("grace@example.org", "a kettle of fourteen herons");
    ask(basic).await.assert_problem(403, "system-account-required");
    // A session is no credential of the API.
    let page = world.ada.request(Method::POST, "/api/v1/introspect", Some(format!("token={text}"))).await;
    assert_eq!(page.status, 401);
    // Another organization's service learns nothing of the token.
    let mallory = world.app.another_organization("Elsewhere", "Mallory", None).await;
    world.app.role(mallory.organization(), "Gateway", &["token:introspect:*"]);
    let theirs = world.app.machine(mallory.organization(), "gateway", "Gateway");
    let path = format!("/o/{}/system-accounts/{theirs}/tokens", mallory.organization());
    let theirs = mallory.make_token(&path, "asks", &[("mode", "read_write")]).await;
    assert_eq!(ask(world.app.program().bearer(&theirs)).await.json(), inactive());
}

#[actix_web::test]
async fn the_question_is_a_form_with_one_token() {
    let world = World::start().await;
    let text = world.token("nightly", &[]).await;
    for body in [
        "",
        "x=1",
        &format!("token={text}&token={text}"),
        "token_type_hint=access_token",
        "client_address=10.0.0.1",
    ] {
        let problem = send(&world.gateway, body).await.assert_problem(400, "malformed");
        assert!(!problem.to_string().contains("rst_"), "{problem}");
    }
    let json = world.app.program().with("authorization", &bearer(&world).await);
    let answer = json.ask(Method::POST, "/api/v1/introspect", Some(json!({ "token": text }).to_string())).await;
    answer.assert_problem(415, "unsupported-media-type");
    send(&world.gateway, &format!("token={}", "a".repeat(70_000)))
        .await
        .assert_problem(413, "too-large");
    let in_query = format!("/api/v1/introspect?token={text}");
    world
        .gateway
        .ask(Method::POST, &in_query, Some("x=1".into()))
        .await
        .assert_problem(400, "token-in-address");
    for method in [Method::GET, Method::PUT, Method::DELETE, Method::OPTIONS] {
        let answer = world.gateway.ask(method, "/api/v1/introspect", None).await;
        answer.assert_problem(405, "method-not-allowed");
        assert_eq!(answer.0.headers.get("allow").expect("a header"), "POST");
    }
}

/// The Authorization header of another token of the service.
async fn bearer(world: &World) -> String {
    let id = world.app.machine(world.ada.organization(), "second gateway", "Gateway");
    let path = format!("/o/{}/system-accounts/{id}/tokens", world.ada.organization());
    format!("Bearer {}", world.ada.make_token(&path, "asks", &[("mode", "read_write")]).await)
}

#[actix_web::test]
async fn a_service_that_is_sent_many_bad_tokens_goes_on_asking() {
    let world = World::start().await;
    for _ in 0..80 {
        let unknown = roster::tokens::TokenText::generate(MemberKind::User).expose().to_owned();
        assert_eq!(world.ask(&unknown).await, inactive());
    }
    let text = world.token("nightly", &[]).await;
    assert_eq!(world.ask(&text).await["active"], true);
    // Asking is a use of the token, told as what it is.
    world.app.flush();
    let agent = "SELECT last_used_agent FROM tokens WHERE name = 'nightly'";
    assert_eq!(world.app.text(agent), "checked by gateway");
}

#[actix_web::test]
async fn every_token_is_looked_up_by_the_same_one_statement() {
    plans::record();
    let world = World::start().await;
    let text = world.token("nightly", &[]).await;
    let unknown = roster::tokens::TokenText::generate(MemberKind::User).expose().to_owned();
    let mut all = Vec::new();
    // Requests are counted in blocks, which are written now and then: not among the statements of each.
    for _ in 0..2 {
        world.ask("x").await;
    }
    for token in [text.as_str(), &unknown, &text[..40], "", "x"] {
        plans::shapes();
        world.ask(token).await;
        all.push(plans::shapes());
    }
    let lookups = |statements: &Vec<String>| statements.iter().filter(|statement| statement.contains("old_digest")).count();
    // The one that is asked about; and the caller's own token, of which SQLite says that nothing changed.
    assert_eq!(lookups(&all[0]), if is_postgres() { 2 } else { 1 }, "{:?}", all[0]);
    assert!(all.iter().all(|statements| *statements == all[0]), "{all:#?}");
    plans::taken();
    world.ask(&text).await;
    let asked = plans::taken().into_iter().find(|statement| statement.shape.contains("LEFT JOIN users"));
    let plan = plans::explain(&world.app.db, &asked.expect("the statement").typed).join("\n");
    // PostgreSQL reads a table of a few rows as a whole.
    assert!(is_postgres() || (plan.contains("tokens_by_old_digest") && !plan.contains("SCAN t")), "{plan}");
}
