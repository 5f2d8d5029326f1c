//! Where two-step sign-in is required, the tokens and API passwords of people without it are refused as well.

use crate::harness::{GOOD, Person, TestApp, authenticator::Phone};
use chrono::TimeDelta;

const API: &str = "a kettle of fourteen herons";
const GRACE: &str = "grace@example.org";

/// An administrator who has a second factor, and Grace, who has none, with a token and an API password.
async fn app() -> (TestApp, Person, Person, String) {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    Phone::enrol(&app, &ada).await;
    let grace = ada.welcome("Grace", "User").await;
    let id = ada.member("Grace").await;
    ada.let_use_api(&id, API).await;
    let token = grace.make_token("/me/tokens", "laptop", &[]).await;
    (app, ada, grace, token)
}

async fn require(ada: &Person, days: &str) {
    ada.get("/settings/two-step").await;
    ada.submit("Require two-step sign-in", &[("days", days)]).await.assert_status(200);
}

#[actix_web::test]
async fn from_the_end_of_the_grace_period_on_people_without_a_second_factor_are_refused_and_machines_are_not() {
    let (app, ada, grace, token) = app().await;
    let machine = app.machine(ada.organization(), "deploy", "CI/CD");
    let base = format!("/o/{}/system-accounts/{machine}/tokens", ada.organization());
    let machine = ada.make_token(&base, "deploy", &[]).await;
    let other = app.another().await;
    require(&ada, "14").await;
    app.program().bearer(&token).me().await.json();
    app.program().basic(GRACE, API).me().await.json();
    app.wait(TimeDelta::days(14));
    for process in [&app, &other] {
        let problem = process.program().bearer(&token).me().await.assert_problem(403, "second-step-missing");
        assert!(problem["detail"].as_str().is_some_and(|text| text.contains("has not set it up")), "{problem}");
        process.program().basic(GRACE, API).me().await.assert_problem(403, "second-step-missing");
        process.program().bearer(&machine).me().await.json();
        // A caller without the whole credential learns nothing about it.
        process.program().basic(GRACE, "wrong").me().await.assert_problem(401, "wrong-password");
    }
    // Like the console, the credentials work again once the factor is set up.
    grace.sign_in(GRACE, GOOD).await.assert_path("/two-step");
    Phone::enrol(&app, &grace).await;
    for process in [&app, &other] {
        process.program().bearer(&token).me().await.json();
        process.program().basic(GRACE, API).me().await.json();
    }
}

#[actix_web::test]
async fn a_second_factor_that_is_reset_closes_the_api_until_there_is_another() {
    let (app, ada, grace, token) = app().await;
    Phone::enrol(&app, &grace).await;
    require(&ada, "0").await;
    app.program().bearer(&token).me().await.json();
    let id = ada.member("Grace").await;
    ada.get(&format!("/users/{id}/two-step")).await;
    ada.submit("Reset", &[("reason", "lost her phone")]).await.assert_status(200);
    app.program().bearer(&token).me().await.assert_problem(403, "second-step-missing");
    ada.get("/settings/two-step").await;
    ada.submit("Require it no longer", &[]).await.assert_status(200);
    app.program().bearer(&token).me().await.json();
}
