//! Tokens and really parallel requests, in two processes.

use crate::harness::{Page, Person, TestApp};
use actix_web::http::Method;
use futures_util::{
    FutureExt,
    future::{LocalBoxFuture, join, join_all},
};

/// The request of pressing a button, not sent yet.
fn press<'a>(person: &'a Person, button: &str, typed: &[(&str, &str)]) -> LocalBoxFuture<'a, Page> {
    let (action, mut fields) = person.page().form(button);
    fields.retain(|(known, _)| typed.iter().all(|(name, _)| name != known));
    fields.extend(typed.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
    let body = serde_html_form::to_string(fields).expect("a form");
    async move { person.request(Method::POST, &action, Some(body)).await }.boxed_local()
}

async fn app() -> (TestApp, Person, String) {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    let id = app.machine(ada.organization(), "deploy", "CI/CD");
    let base = format!("/o/{}/system-accounts/{id}/tokens", ada.organization());
    (app, ada, base)
}

#[actix_web::test]
async fn of_several_new_values_at_once_one_is_given() {
    let (app, ada, base) = app().await;
    let old = ada.make_token(&base, "deploy", &[]).await;
    let other = app.another().await;
    let place = ada.get(&base).await.attribute("a[aria-label='Regenerate deploy']", "href").expect("a link");
    let mut people = Vec::new();
    for at in 0..10 {
        let person = if at % 2 == 0 { app.visitor() } else { other.visitor() };
        person.sign_in("ada@example.org", crate::harness::GOOD).await;
        person.get(&place).await.assert_status(200);
        people.push(person);
    }
    let fields = [("overlap", "24"), ("expiry", "same")];
    let answers = join_all(people.iter().map(|person| press(person, "Make a new value", &fields))).await;
    let given: Vec<String> = answers.iter().filter_map(Page::value).collect();
    assert_eq!(given.len(), 1, "{:?}", answers.iter().map(|page| page.status).collect::<Vec<_>>());
    assert!(answers.iter().all(|page| matches!(page.status, 200 | 422)));
    app.program().bearer(&old).me().await.json();
    other.program().bearer(&given[0]).me().await.json();
    assert_eq!(app.count("SELECT count(*) FROM audit_events WHERE action = 'token.regenerated'"), 1);
}

#[actix_web::test]
async fn of_several_tokens_with_one_name_one_is_made() {
    let (app, ada, base) = app().await;
    let other = app.another().await;
    ada.get(&format!("{base}/new")).await;
    let there = ada.at(&other);
    let fields = [("name", "deploy"), ("expiry", "90")];
    let posts = (0..10).map(|at| press(if at % 2 == 0 { &ada } else { &there }, "Create Token", &fields));
    let answers = join_all(posts).await;
    let made = answers.iter().filter(|page| page.value().is_some()).count();
    assert_eq!(made, 1);
    assert_eq!(app.count("SELECT count(*) FROM tokens"), 1);
}

#[actix_web::test]
async fn a_token_made_while_its_owner_is_disabled_opens_nothing() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    let other = app.another().await;
    for at in 0..5 {
        let name = format!("Grace {at}");
        let grace = ada.welcome(&name, "User").await;
        let id = ada.member(&name).await;
        ada.get(&format!("/users/{id}/api")).await;
        ada.submit("Turn on", &[]).await.assert_status(200);
        let grace = grace.at(&other);
        grace.get("/me/tokens/new").await.assert_status(200);
        ada.get(&format!("/users/{id}/disablement")).await;
        let make = press(&grace, "Create Token", &[("name", "late"), ("expiry", "90")]);
        let (disabled, made) = join(press(&ada, "Disable", &[]), make).await;
        assert_eq!(disabled.status, 303);
        if let Some(text) = made.value() {
            for process in [&app, &other] {
                process.program().bearer(&text).me().await.assert_problem(401, "member-disabled");
            }
        }
    }
}
