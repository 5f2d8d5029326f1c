//! What happens to people's tokens and API passwords when their password is replaced, or when an attacker was signed
//! in.

use crate::harness::{BETTER, GOOD, Person, TestApp};
use actix_web::http::Method;
use futures_util::future::join;

const API: &str = "a kettle of fourteen herons";
const GRACE: &str = "grace@example.org";
const TICK: &str = "Also end your 2 API tokens and the API password";

/// Grace with two tokens and an API password.
async fn app() -> (TestApp, Person, Person, String, Vec<String>) {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    let grace = ada.welcome("Grace", "User").await;
    let id = ada.member("Grace").await;
    ada.let_use_api(&id, API).await;
    let mut tokens = Vec::new();
    for name in ["laptop", "nightly"] {
        tokens.push(grace.make_token("/me/tokens", name, &[]).await);
    }
    (app, ada, grace, id, tokens)
}

/// For each token and for the API password: whether the API accepts it.
async fn opens(app: &TestApp, tokens: &[String]) -> Vec<bool> {
    let mut all = Vec::new();
    for token in tokens {
        all.push(app.program().bearer(token).me().await.0.status == 200);
    }
    all.push(app.program().basic(GRACE, API).me().await.0.status == 200);
    all
}

/// How many events record that several credentials ended, and whether each names the number of tokens.
fn written(app: &TestApp) -> (i64, bool) {
    let ended = "FROM audit_events WHERE action = 'api_access.credentials_ended'";
    let count = app.count(&format!("SELECT count(*) {ended}"));
    let told = app.count(&format!(
        "SELECT count(*) {ended} AND CAST(after AS text) LIKE '%number_of_tokens\":%2%' AND CAST(after AS text) LIKE '%laptop%'"
    ));
    (count, told == count)
}

/// The link in the letter about the latest sign-in from a new device.
fn alarm(app: &TestApp) -> String {
    let letters = app.letters(GRACE);
    let letter = letters.iter().rfind(|letter| letter.subject.starts_with("New sign-in"));
    letter.expect("a letter").link()
}

async fn reset(app: &TestApp, fields: &[(&str, &str)]) -> Person {
    let visitor = app.visitor();
    visitor.get("/password/forgotten").await;
    visitor.submit("Send the link", &[("email", GRACE)]).await;
    visitor.get(&app.inbox(GRACE).link()).await.assert_sees(TICK);
    let typed = [&[("password", BETTER)], fields].concat();
    visitor.submit("Save the password", &typed).await.assert_path("/sign-in");
    visitor
}

#[actix_web::test]
async fn a_reset_ends_what_programs_use_unless_the_tick_is_taken_away() {
    let (app, ada, _, _, tokens) = app().await;
    let other = app.another().await;
    assert_eq!(opens(&other, &tokens).await, [true; 3]);
    reset(&app, &[]).await;
    assert_eq!(opens(&other, &tokens).await, [false; 3]);
    let problem = other.program().bearer(&tokens[0]).me().await.assert_problem(401, "token-revoked");
    assert!(problem["detail"].as_str().is_some_and(|text| text.contains("revoked")));
    assert_eq!(written(&app), (1, true));
    ada.get("/audit").await.assert_sees("Grace ended their tokens and API password");
    let letter = app.inbox(GRACE);
    assert!(letter.text.contains("So have 2 API tokens and the API password."), "{}", letter.text);
}

#[actix_web::test]
async fn whoever_takes_the_tick_away_keeps_what_programs_use_and_is_told_so() {
    let (app, _, _, _, tokens) = app().await;
    reset(&app, &[("keys", "")]).await;
    assert_eq!(opens(&app, &tokens).await, [true; 3]);
    assert_eq!(written(&app), (0, true));
    let letter = app.inbox(GRACE);
    assert!(
        letter.text.contains("What programs use goes on working: 2 API tokens and the API password."),
        "{}",
        letter.text
    );
}

#[actix_web::test]
async fn ones_own_change_asks_the_same_and_forgets_no_answer() {
    let (app, _, grace, _, tokens) = app().await;
    grace.get("/me/password").await.assert_sees(TICK);
    let wrong = [("present", "wrong"), ("password", BETTER), ("keys", "")];
    let page = grace.submit("Save the password", &wrong).await.assert_status(422);
    assert_eq!(page.attribute("input[name=keys]", "checked"), None, "the tick stays away");
    grace
        .submit("Save the password", &[("present", GOOD), ("password", BETTER)])
        .await
        .assert_sees("Other sessions have ended.");
    assert_eq!(opens(&app, &tokens).await, [true; 3]);
    grace.get("/me/password").await;
    grace
        .submit("Save the password", &[("present", BETTER), ("password", GOOD)])
        .await
        .assert_sees("and so have 2 API tokens and the API password");
    assert_eq!(opens(&app, &tokens).await, [false; 3]);
    grace.get("/me/password").await.assert_misses("Also end");
}

#[actix_web::test]
async fn a_temporary_password_ends_them_in_the_name_of_whoever_sets_it_unless_told_otherwise() {
    for (tick, works) in [("end", false), ("", true)] {
        let (app, ada, _, id, tokens) = app().await;
        ada.get(&format!("/users/{id}/password/temporary"))
            .await
            .assert_sees("Also end their 2 API tokens and the API password");
        let fields = [("choice", "generated"), ("keys", tick)];
        ada.submit("Set the password", &fields).await.assert_status(200);
        assert_eq!(opens(&app, &tokens).await, [works; 3]);
        let by_ada = "SELECT count(*) FROM audit_events WHERE action = 'api_access.credentials_ended' AND actor_name = 'Ada'";
        assert_eq!(app.count(by_ada), i64::from(!works));
        let told = app.inbox(GRACE).text.contains("So have 2 API tokens and the API password.");
        assert_eq!(told, !works);
    }
}

#[actix_web::test]
async fn an_alarm_ends_them_in_every_organization_and_those_of_machines_and_of_others_stay() {
    let (app, ada, _, _, mut tokens) = app().await;
    let mallory = app.another_organization("Elsewhere", "Mallory", None).await;
    mallory.invite(GRACE, "User").await;
    let there = mallory.member("Grace").await;
    mallory.get(&format!("/users/{there}/api")).await;
    mallory.submit("Turn on", &[]).await;
    let grace = app.visitor();
    grace.sign_in(GRACE, GOOD).await;
    let base = format!("/o/{}/me/tokens", mallory.organization());
    tokens.push(grace.make_token(&base, "elsewhere", &[]).await);
    let machine = app.machine(ada.organization(), "deploy", "CI/CD");
    let base = format!("/o/{}/system-accounts/{machine}/tokens", ada.organization());
    let machine = ada.make_token(&base, "deploy", &[]).await;
    app.visitor().at_address("198.51.100.66").sign_in(GRACE, GOOD).await;
    let visitor = app.visitor();
    visitor.get(&alarm(&app)).await.assert_sees("API tokens and API passwords of grace@example.org end");
    visitor.submit("This was not me", &[]).await.assert_path("/sign-in");
    assert_eq!(opens(&app, &tokens).await, [false; 4]);
    app.program().bearer(&machine).me().await.json();
    assert_eq!(written(&app).0, 2, "once in each organization, each with its own");
}

#[actix_web::test]
async fn of_a_token_being_made_and_an_alarm_at_once_none_outlives_the_alarm() {
    let (app, _, _, _, tokens) = app().await;
    let other = app.another().await;
    let eve = other.visitor().at_address("198.51.100.66");
    eve.sign_in(GRACE, GOOD).await.assert_status(200);
    let visitor = app.visitor();
    visitor.get(&alarm(&app)).await.assert_status(200);
    eve.get("/me/tokens/new").await.assert_status(200);
    let (action, mut fields) = eve.page().form("Create Token");
    fields.retain(|(name, _)| name != "name" && name != "expiry");
    fields.extend([("name".into(), "eve's".into()), ("expiry".into(), "90".into())]);
    let body = serde_html_form::to_string(&fields).expect("a form");
    // Both run at the same instant of the clock. The database decides which one is first.
    let (made, _) = join(eve.request(Method::POST, &action, Some(body)), visitor.submit("This was not me", &[])).await;
    if let Some(text) = made.value() {
        assert_ne!(other.program().bearer(&text).me().await.0.status, 200);
    }
    assert_eq!(opens(&app, &tokens).await, [false; 3]);
    assert_eq!(app.count("SELECT count(*) FROM tokens WHERE revoked_at IS NULL"), 0);
}
