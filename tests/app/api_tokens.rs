//! Tokens by the API: told once, never wider than the credential that makes them, and none for the credential's owner.

use crate::harness::{
    Person, TestApp,
    rights::{create_policy, declare, path_of},
    system_accounts::Program,
    user_creation::audited,
};
use chrono::TimeDelta;
use roster::kit::MemberId;
use serde_json::{Value, json};

const API: &str = "a kettle of fourteen herons";

/// An organization with the system account `deploy` of the role CI/CD, and a program that may do everything.
async fn app() -> (TestApp, Person, Program, MemberId) {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    let deploy = app.machine(ada.organization(), "deploy", "CI/CD");
    let program = app.administrating_program(&ada).await;
    (app, ada, program, deploy)
}

fn of(account: MemberId) -> String {
    format!("/api/v1/system_accounts/{account}/tokens")
}

/// A request for a token that may do all that its account may do.
fn request(name: &str) -> Value {
    json!({ "name": name, "mode": "read_write", "expires_at": "2026-06-01T00:00:00Z" })
}

/// A request for a token that is narrowed.
fn narrowed(name: &str, permissions: &[&str]) -> Value {
    let mut request = request(name);
    request["permissions"] = json!(permissions);
    request
}

fn text(answer: &Value) -> String {
    answer["text"].as_str().expect("the text of a token").to_owned()
}

fn path(answer: &Value) -> String {
    format!("/api/v1/tokens/{}", answer["id"].as_str().expect("an id"))
}

#[actix_web::test]
async fn a_token_is_created_and_its_text_is_told_once() {
    let (app, ada, program, deploy) = app().await;
    let dry = program.send("POST", &format!("{}?dry_run=true", of(deploy)), &request("ci")).await.json_of(201);
    assert_eq!((&dry["name"], &dry["text"]), (&json!("ci"), &Value::Null));
    assert_eq!(program.get(&of(deploy)).await.json()["data"], json!([]));
    let mut asked = narrowed("ci", &["user:read:*"]);
    asked["networks"] = json!(["203.0.113.0/24"]);
    let answer = program.send("POST", &of(deploy), &asked).await;
    let token = answer.json_of(201);
    let secret = text(&token);
    assert_eq!((&token["permissions"], &token["networks"]), (&json!(["user:read:*"]), &json!(["203.0.113.0/24"])));
    assert_eq!((&token["mode"], &token["state"]), (&json!("read_write"), &json!("live")));
    assert_eq!(token["expires_at"], "2026-06-01T00:00:00Z");
    assert_eq!(answer.header("location"), path(&token));
    let me = app.program().bearer(&secret).me().await.json();
    assert_eq!(me["permissions"], json!(["user:read:*"]));
    app.flush();
    let shown = program.get(&path(&token)).await;
    assert_eq!(
        (&shown.json()["prefix"], &shown.json()["last_use"]["address"]),
        (&json!(secret[..14]), &json!("203.0.113.7"))
    );
    let list = program.get(&of(deploy)).await;
    assert_eq!(list.json()["data"][0]["id"], token["id"]);
    for place in [shown.0.body, list.0.body, app.dump(), ada.get("/audit").await.body] {
        assert!(!place.contains(&secret[14..57]), "the secret part");
    }
}

#[actix_web::test]
async fn wrong_fields_are_named() {
    let (app, _, program, deploy) = app().await;
    program.send("POST", &of(deploy), &request("ci")).await.json_of(201);
    let post = async |fields: Value| {
        let mut asked = request("other");
        for (name, value) in fields.as_object().expect("fields") {
            asked[name] = value.clone();
        }
        program.send("POST", &of(deploy), &asked).await
    };
    post(json!({ "name": " ", "expires_at": "2026-01-01T00:00:00Z", "networks": ["ten"], "permissions": ["nonsense"] }))
        .await
        .assert_fields(&[
            ("/name", "invalid"),
            ("/expires_at", "invalid"),
            ("/permissions", "invalid"),
            ("/networks", "invalid"),
        ]);
    post(json!({ "name": "CI" })).await.assert_fields(&[("/name", "taken")]);
    post(json!({ "permissions": ["role:manage:*"] }))
        .await
        .assert_fields(&[("/permissions", "not-held")]);
    post(json!({ "mode": "write" })).await.assert_fields(&[("/mode", "invalid")]);
    program
        .send("POST", &of(deploy), &json!({ "name": "x", "mode": "read" }))
        .await
        .assert_fields(&[("/expires_at", "required")]);
    post(json!({ "name": "endless", "expires_at": null })).await.json_of(201);
    app.execute("UPDATE organizations SET token_days_max = 30");
    post(json!({ "name": "too long", "expires_at": null }))
        .await
        .assert_fields(&[("/expires_at", "out-of-range")]);
    post(json!({})).await.assert_fields(&[("/expires_at", "invalid")]);
    app.execute("UPDATE members SET status = 'disabled' WHERE name = 'deploy'");
    post(json!({ "expires_at": "2026-03-20T00:00:00Z" })).await.assert_problem(422, "not-active");
}

#[actix_web::test]
async fn a_credential_makes_no_token_that_may_do_more_than_itself() {
    let (app, ada, program, deploy) = app().await;
    let wide = program.send("POST", &of(deploy), &request("wide")).await.json_of(201);
    let narrow = program.send("POST", &of(deploy), &narrowed("narrow", &["user:read:*"])).await.json_of(201);
    let root = app.machine(ada.organization(), "root", "Administrator");
    let fields = [
        ("width", "narrow"),
        ("permission", "system_account:manage:*"),
        ("permission", "user:read:*"),
    ];
    let by_token = app.program_of(&ada, root, &fields).await;
    let by_role = app.program_with(&ada, "Runner", &["system_account:manage:*", "user:read:*", "team:read:*"]).await;
    // The account may read teams, which the narrowed token may not.
    let problem = by_token.send("POST", &of(deploy), &request("mine")).await.assert_problem(403, "permission-missing");
    assert_eq!(problem["permission"], "team:read:*");
    by_token
        .send("POST", &format!("{}/regeneration", path(&wide)), &json!({}))
        .await
        .assert_problem(403, "permission-missing");
    // Held back, because the account can be given more later.
    let mine = by_role.send("POST", &of(deploy), &request("mine")).await.json_of(201);
    assert_eq!(mine["permissions"], json!(["team:read:*", "user:read:*"]));
    let any = by_role.clone().with("if-match", "*");
    any.send("POST", &format!("{}/regeneration", path(&wide)), &json!({}))
        .await
        .assert_problem(422, "unbounded-token");
    any.send("POST", &format!("{}/regeneration", path(&narrow)), &json!({})).await.json();
    let read_only = app.program_of(&ada, root, &[("mode", "read")]).await;
    let problem = read_only
        .send("POST", &of(deploy), &request("read"))
        .await
        .assert_problem(403, "permission-missing");
    assert_eq!(problem["permission"], "system_account:manage:*");
}

#[actix_web::test]
async fn what_policies_allow_is_not_passed_on_by_a_narrowed_token() {
    let (app, ada, program, deploy) = app().await;
    declare(&ada, "contract", "read").await;
    create_policy(&ada, "Contracts", ("contract", &["read"], "*")).await;
    let policy = path_of(&ada, "/policies", "Contracts").await;
    let attach = async |program: &Program, account: MemberId| {
        program.send("PUT", &format!("/api/v1/system_accounts/{account}{policy}"), &json!({})).await
    };
    let held = ["system_account:manage:*", "user:read:*", "team:read:*", "role:read:*"];
    app.role(ada.organization(), "Runner", &held);
    let runner = app.machine(ada.organization(), "runner", "Runner");
    attach(&program, runner).await.assert_status(204);
    let fields = [
        ("width", "narrow"),
        ("permission", held[0]),
        ("permission", held[1]),
        ("permission", held[2]),
    ];
    let narrowed = app.program_of(&ada, runner, &fields).await;
    let problem = attach(&narrowed, deploy).await.assert_problem(403, "beyond-your-permissions");
    assert_eq!(problem["permission"], "contract:read:*");
    let whole = app.program_of(&ada, runner, &[]).await;
    attach(&whole, deploy).await.assert_status(204);
}

#[actix_web::test]
async fn no_credential_makes_a_token_for_its_own_owner_or_for_a_person() {
    let (app, ada, _, _) = app().await;
    let root = app.machine(ada.organization(), "root", "Administrator");
    let program = app.program_of(&ada, root, &[]).await.with("if-match", "*");
    program.send("POST", &of(root), &request("another")).await.assert_problem(403, "console-only");
    let own = program.get(&of(root)).await.json()["data"][0].clone();
    program
        .send("POST", &format!("{}/regeneration", path(&own)), &json!({}))
        .await
        .assert_problem(403, "console-only");

    let grace = ada.welcome("Grace", "User").await;
    let id = ada.member("Grace").await;
    ada.let_use_api(&id, API).await;
    let whole = grace.make_token("/me/tokens", "laptop", &[("mode", "read_write")]).await;
    let read_only = grace.make_token("/me/tokens", "reader", &[]).await;
    let list = format!("/api/v1/users/{id}/tokens");
    let of_grace = app.program().bearer(&whole).with("if-match", "*");
    let found = of_grace.get(&list).await.json()["data"].clone();
    let reader = found
        .as_array()
        .expect("tokens")
        .iter()
        .find(|token| token["name"] == "reader")
        .expect("the other")
        .clone();
    for program in [&of_grace, &program] {
        program.send("POST", &list, &request("another")).await.assert_problem(405, "method-not-allowed");
    }
    of_grace
        .send("POST", &format!("{}/regeneration", path(&reader)), &json!({}))
        .await
        .assert_problem(403, "console-only");
    // A token that may not manage its owner's tokens neither sees nor ends the others.
    let reading = app.program().bearer(&read_only);
    assert_eq!(reading.get(&list).await.assert_problem(403, "permission-missing")["permission"], "user:manage:*");
    reading.delete(&path(&reader)).await.assert_problem(403, "permission-missing");
    assert_eq!(of_grace.send("PATCH", &path(&reader), &json!({ "name": "screen" })).await.json()["name"], "screen");
    // What the owner does is no news to them.
    let letters = app.letters("grace@example.org").len();
    of_grace.delete(&path(&reader)).await.assert_status(204);
    reading.me().await.assert_problem(401, "token-revoked");
    assert_eq!(app.letters("grace@example.org").len(), letters);
    let laptop = program.get(&list).await.json()["data"][0].clone();
    program.delete(&path(&laptop)).await.assert_status(204);
    of_grace.me().await.assert_problem(401, "token-revoked");
    assert!(app.inbox("grace@example.org").subject.ends_with("was revoked"));
}

#[actix_web::test]
async fn a_token_is_renamed_by_those_who_have_read_it() {
    let (app, _, program, deploy) = app().await;
    let token = program.send("POST", &of(deploy), &request("ci")).await.json_of(201);
    program.send("POST", &of(deploy), &request("cd")).await.json_of(201);
    let rename = async |version: Option<&str>, name: &str| {
        let program = version.map_or_else(|| program.clone(), |version| program.clone().with("if-match", version));
        program.send("PATCH", &path(&token), &json!({ "name": name })).await
    };
    rename(None, "x").await.assert_problem(428, "if-match-required");
    rename(Some("\"77\""), "x").await.assert_problem(412, "version-changed");
    let read = program.get(&path(&token)).await;
    let version = read.header("etag").to_owned();
    rename(Some(&version), "CD").await.assert_fields(&[("/name", "taken")]);
    rename(Some(&version), "").await.assert_fields(&[("/name", "invalid")]);
    let answer = rename(Some(&version), "deploy").await;
    assert_eq!(answer.json()["name"], "deploy");
    assert_ne!(answer.header("etag"), version);
    rename(Some(&version), "again").await.assert_problem(412, "version-changed");
    assert_eq!(audited(&app, "token.renamed"), 1);
}

#[actix_web::test]
async fn a_regenerated_token_works_with_both_texts_until_the_old_one_ends() {
    let (app, _, program, deploy) = app().await;
    let token = program.send("POST", &of(deploy), &request("ci")).await.json_of(201);
    let first = text(&token);
    let anyhow = program.clone().with("if-match", "*");
    let regenerate = async |query: &str, body: Value| anyhow.send("POST", &format!("{}/regeneration{query}", path(&token)), &body).await;
    let dry = regenerate("?dry_run=true", json!({})).await.json();
    assert_eq!(dry["text"], Value::Null);
    app.program().bearer(&first).me().await.json();
    regenerate("", json!({ "overlap_hours": 2 })).await.assert_fields(&[("/overlap_hours", "invalid")]);
    program
        .send("POST", &format!("{}/regeneration", path(&token)), &json!({}))
        .await
        .assert_problem(428, "if-match-required");
    let again = regenerate("", json!({ "overlap_hours": 1 })).await.json();
    assert_eq!((&again["old_value"]["prefix"], &again["expires_at"]), (&json!(first[..14]), &token["expires_at"]));
    let second = text(&again);
    for text in [&first, &second] {
        app.program().bearer(text).me().await.json();
    }
    app.wait(TimeDelta::minutes(61));
    app.program().bearer(&first).me().await.assert_problem(401, "token-replaced");
    let third = text(&regenerate("", json!({ "overlap_hours": 168, "expires_at": null })).await.json());
    for _ in 0..2 {
        program.delete(&format!("{}/old_value", path(&token))).await.assert_status(204);
    }
    app.program().bearer(&second).me().await.assert_problem(401, "token-replaced");
    app.program().bearer(&third).me().await.json();
    for _ in 0..2 {
        program.delete(&path(&token)).await.assert_status(204);
    }
    app.program().bearer(&third).me().await.assert_problem(401, "token-revoked");
    regenerate("", json!({})).await.assert_problem(422, "token-ended");
    let events = ["token.regenerated", "token.old_value_retired", "token.revoked"];
    assert_eq!(events.map(|event| audited(&app, event)), [2, 1, 1]);
}

#[actix_web::test]
async fn tokens_of_another_organization_are_missing() {
    let (app, _, program, deploy) = app().await;
    let token = program.send("POST", &of(deploy), &request("ci")).await.json_of(201);
    let mallory = app.another_organization("Elsewhere", "Mallory", None).await;
    let other = app.administrating_program(&mallory).await.with("if-match", "*");
    let path = path(&token);
    for answer in [
        other.get(&of(deploy)).await,
        other.send("POST", &of(deploy), &request("mine")).await,
        other.get(&path).await,
        other.send("PATCH", &path, &json!({ "name": "mine" })).await,
        other.send("POST", &format!("{path}/regeneration"), &json!({})).await,
        other.delete(&format!("{path}/old_value")).await,
        other.delete(&path).await,
        program.get(&format!("/api/v1/users/{deploy}/tokens")).await,
        program.get("/api/v1/tokens/019cdc1f-d680-7000-8000-000000000003").await,
    ] {
        answer.assert_problem(404, "not-found");
    }
    app.program().bearer(&text(&token)).me().await.json();
}
