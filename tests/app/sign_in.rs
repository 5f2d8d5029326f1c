//! Set-up, signing in and out, forgotten passwords.

use crate::harness::{BETTER, GOOD, TestApp};
use chrono::TimeDelta;

#[actix_web::test]
async fn the_founder_names_the_organization_and_is_its_administrator() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada Lovelace").await;
    ada.get("/users")
        .await
        .assert_status(200)
        .assert_sees("Analytical Engines")
        .assert_sees("Ada Lovelace")
        .assert_sees("Administrator");
}

#[actix_web::test]
async fn whoever_signs_out_is_out() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    ada.sign_out().await.assert_path("/sign-in").assert_sees("You are signed out");
    ada.get("/users").await.assert_sees("Sign in");
    ada.submit("Sign in", &[("name", "ADA@example.org"), ("password", GOOD)])
        .await
        .assert_sees("User Directory");
}

#[actix_web::test]
async fn a_forgotten_password_is_replaced_by_letter_and_ends_every_session() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    let elsewhere = app.visitor();
    elsewhere.get("/password/forgotten").await;
    elsewhere
        .submit("Send the link", &[("email", "ada@example.org")])
        .await
        .assert_sees("a link is on its way");
    app.wait(TimeDelta::minutes(5));
    elsewhere.get(&app.inbox("ada@example.org").link()).await.assert_link_page("/password/reset");
    elsewhere.submit("Save the password", &[("password", BETTER)]).await.assert_path("/sign-in");
    ada.get("/users").await.assert_sees("Sign in");
    elsewhere
        .submit("Sign in", &[("name", "ada@example.org"), ("password", GOOD)])
        .await
        .assert_status(422);
    elsewhere
        .submit("Sign in", &[("name", "ada@example.org"), ("password", BETTER)])
        .await
        .assert_sees("User Directory");
}
