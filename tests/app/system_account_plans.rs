//! The plan's limit of system accounts, in every form.

use crate::harness::{Person, TestApp};
use futures_util::future::join_all;
use roster::{
    kit::Scope,
    organizations::{self, Plan},
};

fn limit(app: &TestApp, person: &Person, most: Option<i64>) {
    let scope = Scope::system(person.organization(), app.clock.now());
    let plan = Plan { name: "Team".into(), seat_limit: None, system_account_limit: most };
    app.db
        .write_here(|tx| organizations::change_plan(tx, &scope, &plan))
        .expect("the operator's change");
}

const USED: &str = "SELECT count(*) FROM members WHERE kind = 'system_account' AND status = 'active'";

#[actix_web::test]
async fn the_plan_says_how_many_and_what_frees_one() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    limit(&app, &ada, Some(1));
    ada.get("/system-accounts/new").await.assert_sees("takes no seat. 1 system account is left.");
    ada.get("/system-accounts").await.assert_sees("0 of 1 system account ");
    limit(&app, &ada, Some(2));
    ada.get("/system-accounts/new").await.assert_sees("2 of 2 system accounts are left");
    let one = ada.create_system_account("one", "CI/CD").await;
    ada.get("/system-accounts/new").await.assert_sees("1 of 2 system accounts is left");
    ada.create_system_account("two", "CI/CD").await;
    ada.get("/system-accounts")
        .await
        .assert_sees("2 of 2 system accounts")
        .assert_sees("All 2 system accounts of the plan are in use");
    let held_back = ada.page().all("button[aria-disabled=true][aria-describedby=why-full]");
    assert_eq!(held_back, ["Create System Account"]);
    ada.get("/system-accounts/new")
        .await
        .assert_sees("All 2 system accounts of the plan are in use. Disable or delete one");
    ada.submit("Create System Account", &[("name", "three")])
        .await
        .assert_status(422)
        .assert_sees("All 2 system accounts of the plan are in use")
        .assert_sees("Disable or delete one");
    assert!(ada.page().all("#name-error").is_empty(), "it is not the name that is wrong");
    // A disabled account does not count, and can be enabled only while there is room.
    ada.get(&format!("/system-accounts/{one}/disablement")).await;
    ada.submit("Disable", &[]).await.assert_sees("one is disabled");
    ada.create_system_account("three", "CI/CD").await;
    ada.get("/system-accounts").await;
    ada.post(&format!("/system-accounts/{one}/enablement"), &[])
        .await
        .assert_sees("All 2 system accounts of the plan are in use");
    assert_eq!(app.count(USED), 2);
    // The limit does not affect people, and the operator's change of the plan works at once.
    ada.welcome("Grace", "User").await;
    limit(&app, &ada, Some(3));
    ada.get("/system-accounts").await.assert_misses("are in use");
    ada.post(&format!("/system-accounts/{one}/enablement"), &[])
        .await
        .assert_sees("one is enabled again");
    limit(&app, &ada, Some(1));
    let page = ada.get("/system-accounts").await;
    page.assert_sees("3 of 1 system account ").assert_sees(
        "3 system accounts are in use and the plan holds 1. Disable or delete 3 to have room for another, or ask for a larger plan",
    );
    limit(&app, &ada, Some(0));
    ada.get("/system-accounts/new").await.assert_sees("The plan holds no system accounts");
    limit(&app, &ada, None);
    ada.create_system_account("four", "CI/CD").await;
}

#[actix_web::test]
async fn enabling_many_stops_at_the_last_one_of_the_plan() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    let mut query = String::from("/bulk?kind=system_account&act=disable");
    for name in ["one", "two", "three"] {
        query = query + "&member=" + &ada.create_system_account(name, "CI/CD").await;
    }
    ada.get(&query).await.assert_sees("Disable 3 system accounts?");
    ada.submit("Disable", &[]).await.assert_sees("3 system accounts disabled");
    limit(&app, &ada, Some(2));
    ada.get(&query.replace("act=disable", "act=enable"))
        .await
        .assert_sees("Enable 2 system accounts?")
        .assert_sees("All 2 system accounts of the plan are in use");
    ada.submit("Enable", &[]).await.assert_sees("2 system accounts enabled");
    assert_eq!(app.count(USED), 2);
}

#[actix_web::test]
async fn as_many_at_once_as_come_the_plan_is_never_exceeded() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    limit(&app, &ada, Some(3));
    let other = app.another().await;
    let there = ada.at(&other);
    ada.get("/system-accounts/new").await;
    let (action, fields) = ada.page().form("Create System Account");
    let sent = |number: usize| {
        let mut fields = fields.clone();
        fields.retain(|(name, _)| name != "name");
        fields.push(("name".into(), format!("machine-{number}")));
        let person = if number.is_multiple_of(2) { ada.clone() } else { there.clone() };
        let body = serde_html_form::to_string(fields).expect("a form");
        let action = action.clone();
        async move { person.request(actix_web::http::Method::POST, &action, Some(body)).await.status }
    };
    let answers = join_all((0..16).map(sent)).await;
    assert_eq!(answers.iter().filter(|status| **status == 303).count(), 3, "{answers:?}");
    assert!(answers.iter().all(|status| matches!(status, 303 | 422)), "{answers:?}");
    assert_eq!(app.count(USED), 3);
    // A name is unique, too.
    limit(&app, &ada, None);
    let same = |_| {
        let mut fields = fields.clone();
        fields.retain(|(name, _)| name != "name");
        fields.push(("name".into(), "same".into()));
        let (person, action) = (ada.clone(), action.clone());
        let body = serde_html_form::to_string(fields).expect("a form");
        async move { person.request(actix_web::http::Method::POST, &action, Some(body)).await.status }
    };
    let answers = join_all((0..8).map(same)).await;
    assert_eq!(answers.iter().filter(|status| **status == 303).count(), 1, "{answers:?}");
    assert_eq!(app.count(USED), 4);
}
