//! Who sees whose API credentials, and who is told what administrators do to them.

use crate::harness::{Person, TestApp};

const API: &str = "a kettle of fourteen herons";
const GRACE: &str = "grace@example.org";

async fn app() -> (TestApp, Person, Person, String) {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    let grace = ada.welcome("Grace", "User").await;
    let id = ada.member("Grace").await;
    (app, ada, grace, id)
}

#[actix_web::test]
async fn people_are_told_by_mail_of_what_administrators_do_to_their_credentials() {
    let (app, ada, grace, id) = app().await;
    ada.get(&format!("/users/{id}/api")).await;
    ada.submit("Turn on", &[]).await;
    let letter = app.inbox(GRACE);
    assert_eq!(letter.subject, "You may use the API of Analytical Engines");
    assert!(letter.text.contains("Ada turned on API access for you"), "{}", letter.text);
    for subject in [
        "An API password was set for you in",
        "Your API password in Analytical Engines was replaced",
    ] {
        ada.let_use_api(&id, API).await;
        let letter = app.inbox(GRACE);
        assert!(letter.subject.starts_with(subject), "{}", letter.subject);
        assert!(!letter.raw.contains(API), "no secret");
    }
    let token = grace.make_token("/me/tokens", "laptop", &[]).await;
    grace.make_token("/me/tokens", "other", &[]).await;
    let before = app.letters(GRACE).len();
    grace.end_token("/me/tokens", "Revoke", "Revoke").await.assert_sees("is revoked");
    assert_eq!(app.letters(GRACE).len(), before, "what one does oneself is no news");
    ada.end_token(&format!("/users/{id}/api"), "Revoke", "Revoke").await.assert_sees("is revoked");
    let letter = app.inbox(GRACE);
    assert!(
        letter.subject.starts_with("Your token “") && letter.subject.ends_with("” was revoked"),
        "{}",
        letter.subject
    );
    assert!(!letter.raw.contains(&token[14..57]), "no secret");
    assert!(letter.text.contains(&format!("/o/{}/me/tokens", ada.organization())), "{}", letter.text);
}

#[actix_web::test]
async fn whoever_helps_sees_of_those_above_them_how_many_tokens_there_are_and_no_more() {
    let (app, ada, _, id) = app().await;
    app.role(ada.organization(), "Help desk", &["user:read:*", "user:manage:*"]);
    let administrator = ada.member("Ada").await;
    ada.let_use_api(&administrator, API).await;
    ada.make_token("/me/tokens", "secret project", &[]).await;
    let program = app.program().at_address("198.51.100.7");
    program.basic("ada@example.org", API).me().await.json();
    app.flush();
    let dee = ada.welcome("Dee", "Help desk").await;
    let page = dee.get(&format!("/users/{administrator}/api")).await.assert_sees("One token in use");
    for hidden in ["secret project", "198.51.100.7", "Revoke", "last used"] {
        page.clone().assert_misses(hidden);
    }
    // A member sees all API credentials of the others if they may decide about them.
    let viewer = ada.welcome("Vera", "Viewer").await;
    drop(viewer);
    dee.get(&format!("/users/{id}/api")).await.assert_sees("They may do more than you");
    ada.get(&format!("/users/{administrator}/api")).await.assert_sees("Your tokens");
}

#[actix_web::test]
async fn whoever_may_make_no_tokens_any_more_sees_and_revokes_their_own() {
    let (app, ada, grace, id) = app().await;
    ada.let_use_api(&id, API).await;
    let token = grace.make_token("/me/tokens", "laptop", &[]).await;
    app.execute("DELETE FROM role_permissions WHERE permission = 'token:manage:own'");
    grace
        .get("/me/tokens")
        .await
        .assert_sees("laptop")
        .assert_sees("you need the permission token:manage:own, which the role User has")
        .assert_misses("Regenerate")
        .assert_misses("Create Token");
    ada.get(&format!("/users/{id}/api")).await.assert_sees("but cannot create tokens");
    grace.end_token("/me/tokens", "Revoke", "Revoke").await.assert_sees("is revoked");
    app.program().bearer(&token).me().await.assert_problem(401, "token-revoked");
}

#[actix_web::test]
async fn an_administrator_is_led_to_where_they_turn_it_on_for_themselves() {
    let (_, ada, grace, _) = app().await;
    let place = ada.get("/me/tokens").await.assert_sees("You may turn it on yourself").link("turn it on");
    ada.get(&place).await;
    ada.submit("Turn on", &[]).await.assert_sees("may use the API now");
    ada.get("/me/tokens").await.assert_sees("Create the first one");
    grace.get("/me/tokens").await.assert_misses("turn it on yourself");
}
