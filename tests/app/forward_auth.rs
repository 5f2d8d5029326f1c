//! Forward-auth: a reverse proxy asks who sends a request to an application.

use crate::harness::{
    Page, Person, TestApp,
    rights::{create_policy, declare, give, path_of},
    system_accounts::{Answer, Program},
};
use actix_web::http::Method;
use chrono::TimeDelta;

/// Roster with one application, behind proxies in 10.0.0.0/8.
pub const SETTINGS: &[&str] = &[
    "--trusted-proxies",
    "10.0.0.0/8",
    "--forward-auth-domain",
    "roster.example",
    "--forward-auth-hosts",
    "app.roster.example,wiki.roster.example:8443",
];

pub const COOKIE: &str = "__Secure-roster-apps";

pub async fn app() -> (TestApp, Person, String) {
    let app = TestApp::start_with(SETTINGS).await;
    let ada = app.administrator("Ada").await;
    let id = app.machine(ada.organization(), "déploy, 中", "CI/CD");
    let base = format!("/o/{}/system-accounts/{id}/tokens", ada.organization());
    let text = ada.make_token(&base, "nightly", &[("mode", "read_write")]).await;
    (app, ada, text)
}

pub fn path(ada: &Person, more: &str) -> String {
    format!("/api/v1/forward_auth?organization={}{more}", ada.organization())
}

/// A proxy that asks for a page of the application.
pub fn proxy(app: &TestApp) -> Program {
    app.program()
        .at_address("10.0.0.1")
        .with("x-forwarded-for", "203.0.113.9")
        .with("x-forwarded-proto", "https")
        .with("x-forwarded-host", "app.roster.example")
        .with("x-forwarded-uri", "/a?b=c&d=%20e")
        .with("accept", "text/html,application/xhtml+xml")
}

/// The cookie that the browser gets on its way to the application.
pub async fn cookie(person: &Person) -> String {
    let next = "https%3A%2F%2Fapp.roster.example%2Fa";
    let page = person
        .get(&format!("/sign-in/application?organization={}&next={next}", person.organization()))
        .await
        .assert_status(200)
        .assert_sees("Go to app.roster.example");
    assert_eq!(header(&page, "refresh"), "0; url=https://app.roster.example/a");
    let cookie = person.cookie(COOKIE).expect("a cookie");
    person.forget_cookie(COOKIE);
    cookie
}

pub fn header(page: &Page, name: &str) -> String {
    let value = page.headers.get(name).unwrap_or_else(|| panic!("no {name} in {:?}", page.headers));
    value.to_str().expect("a text").to_owned()
}

/// Checks that the visitor is let in, and as whom.
#[track_caller]
pub fn assert_let_in(answer: &Answer, expected: [&str; 5]) {
    let page = &answer.0;
    assert_eq!((page.status, page.body.as_str()), (200, ""));
    let names = ["roster-member", "roster-name", "roster-kind", "roster-roles", "roster-organization"];
    assert_eq!(names.map(|name| header(page, name)), expected);
    assert_eq!(header(page, "cache-control"), "no-store");
    assert!(!page.headers.contains_key("set-cookie"), "{:?}", page.headers);
}

#[actix_web::test]
async fn a_token_says_who_its_program_is() {
    let (app, ada, text) = app().await;
    let id = app.program().bearer(&text).me().await.json()["member"]["id"].as_str().expect("an id").to_owned();
    let organization = ada.organization().to_string();
    for method in [Method::GET, Method::HEAD] {
        let answer = app.program().bearer(&text).ask(method, &path(&ada, ""), None).await;
        let name = "d%C3%A9ploy%2C%20%E4%B8%AD";
        assert_let_in(&answer, [&id, name, "system_account", "CI%2FCD", &organization]);
    }
    app.execute("DELETE FROM member_roles WHERE member_id = (SELECT id FROM members WHERE kind = 'system_account')");
    let answer = app.program().bearer(&text).get(&path(&ada, "")).await;
    assert_eq!(header(&answer.0, "roster-roles"), "");
    ada.let_use_api(&ada.member("Ada").await, "a kettle of fourteen herons").await;
    let basic = app.program().basic("ada@example.org", "a kettle of fourteen herons");
    let answer = basic.get(&path(&ada, "")).await;
    assert_let_in(&answer, [&ada.member("Ada").await, "Ada", "user", "Administrator", &organization]);
}

#[actix_web::test]
async fn a_visitor_needs_what_the_proxy_demands() {
    let (app, ada, text) = app().await;
    let program = app.program().bearer(&text);
    let ask = async |more: &str| program.get(&path(&ada, more)).await;
    assert_eq!(ask("&permission=user:read:*").await.0.status, 200);
    assert_eq!(ask("&permission=user%3Aread%3Aown").await.0.status, 200);
    let problem = ask("&permission=user:manage:*").await.assert_problem(403, "permission-missing");
    assert_eq!(problem["permission"], "user:manage:*");
    declare(&ada, "contract", "read sign").await;
    let action = "&resource_type=contract&action=sign&resource_id=";
    ask(&format!("{action}7")).await.assert_problem(403, "permission-missing");
    create_policy(&ada, "Signers", ("contract", &["sign"], "7")).await;
    let grace = ada.welcome("Grace", "User").await;
    let policy = path_of(&ada, "/policies", "Signers").await;
    give(&ada, "Grace", "policy", policy.rsplit('/').next().expect("an id")).await;
    ada.let_use_api(&ada.member("Grace").await, "a kettle of fourteen herons").await;
    let hers = grace.make_token("/me/tokens", "hers", &[("mode", "read_write")]).await;
    let hers = app.program().bearer(&hers);
    assert_eq!(hers.get(&path(&ada, &format!("{action}7"))).await.0.status, 200);
    hers.get(&path(&ada, &format!("{action}8"))).await.assert_problem(403, "permission-missing");
    // A token that only reads does not sign, although its member may.
    let reads = grace.make_token("/me/tokens", "reads", &[]).await;
    let problem = app
        .program()
        .bearer(&reads)
        .get(&path(&ada, &format!("{action}7")))
        .await
        .assert_problem(403, "permission-missing");
    assert_eq!(problem["detail"], "The token reads only reads.");
}

#[actix_web::test]
async fn only_members_of_the_organization_are_let_in() {
    let (app, ada, text) = app().await;
    let mallory = app.another_organization("Elsewhere", "Mallory", None).await;
    let problem = app.program().bearer(&text).get(&path(&mallory, "")).await.assert_problem(403, "other-organization");
    assert!(!problem.to_string().contains("Elsewhere"), "{problem}");
    let hers = cookie(&mallory).await;
    let with_cookie = proxy(&app).with("cookie", &format!("{COOKIE}={hers}"));
    assert_eq!(with_cookie.get(&path(&mallory, "")).await.0.status, 200);
    with_cookie.get(&path(&ada, "")).await.assert_problem(403, "other-organization");
    let nowhere = "/api/v1/forward_auth?organization=00000000-0000-0000-0000-000000000000";
    with_cookie.get(nowhere).await.assert_problem(403, "other-organization");
    app.program().bearer(&text).get(nowhere).await.assert_problem(403, "other-organization");
}

#[actix_web::test]
async fn a_token_that_ends_is_refused_on_the_next_request() {
    let (app, ada, text) = app().await;
    let ask = async || app.program().bearer(&text).get(&path(&ada, "")).await;
    assert_eq!(ask().await.0.status, 200);
    app.execute("UPDATE members SET status = 'disabled' WHERE kind = 'system_account'");
    ask().await.assert_problem(401, "member-disabled");
    app.execute("UPDATE members SET status = 'active' WHERE kind = 'system_account'");
    app.wait(TimeDelta::days(200));
    ask().await.assert_problem(401, "token-expired");
}

#[actix_web::test]
async fn programs_and_scripts_are_not_sent_to_sign_in() {
    let (app, ada, _) = app().await;
    for accept in ["*/*", "application/json", ""] {
        let program = app.program().at_address("10.0.0.1").with("accept", accept);
        let program = program.with("x-forwarded-proto", "https").with("x-forwarded-host", "app.roster.example");
        for redirect in ["&redirect=1", "&redirect=303"] {
            let answer = program.get(&path(&ada, redirect)).await;
            answer.assert_problem(401, "credential-missing");
            assert!(!answer.0.headers.contains_key("location"));
        }
    }
    let answer = proxy(&app).get(&path(&ada, "")).await;
    answer.assert_problem(401, "credential-missing");
    assert!(!answer.0.headers.contains_key("location"));
}

#[actix_web::test]
async fn the_question_of_the_proxy_must_be_whole() {
    let (app, ada, text) = app().await;
    let program = app.program().bearer(&text);
    for query in ["", "?organization=x", "?permission=user:read:*"] {
        program.get(&format!("/api/v1/forward_auth{query}")).await.assert_problem(422, "invalid-fields");
        app.program()
            .get(&format!("/api/v1/forward_auth{query}"))
            .await
            .assert_problem(401, "credential-missing");
    }
    for more in [
        "&permission=nonsense",
        "&permission=user:read:*&permission=user:read:*",
        "&permission=user:read:*&action=read",
        "&action=read",
        "&resource_type=team&action=read",
        "&redirect=2",
        "&redirect=https://evil.example",
        "&next=https://evil.example",
        "&organization=00000000-0000-0000-0000-000000000000",
    ] {
        program.get(&path(&ada, more)).await.assert_problem(422, "invalid-fields");
    }
    let answer = program.get(&path(&ada, &format!("&access_token={text}"))).await;
    answer.assert_problem(400, "token-in-address");
    for method in [Method::POST, Method::PUT, Method::DELETE, Method::OPTIONS] {
        let answer = program.ask(method, &path(&ada, ""), None).await;
        answer.assert_problem(405, "method-not-allowed");
        assert_eq!(header(&answer.0, "allow"), "GET, HEAD");
    }
}
