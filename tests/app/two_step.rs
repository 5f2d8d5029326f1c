//! The second step: asked for after the password, answered once, and impossible to skip.

use crate::harness::{BETTER, GOOD, Page, Person, TestApp, authenticator::Phone, user_creation::audited};
use actix_web::http::Method;
use chrono::TimeDelta;
use futures_util::future::join_all;

const SESSION: &str = "__Host-roster-session";
const HALF: &str = "__Host-roster-step";

/// A person with an app, and another browser in which their password was entered correctly.
async fn half_in(app: &TestApp) -> (Phone, Person) {
    let ada = app.administrator("Ada").await;
    let phone = Phone::enrol(app, &ada).await;
    app.wait(TimeDelta::minutes(2));
    let person = app.visitor();
    person.sign_in("ada@example.org", GOOD).await.assert_status(200).assert_path("/sign-in/second-step");
    (phone, person)
}

async fn answer(person: &Person, code: &str) -> Page {
    person.submit("Continue", &[("code", code)]).await
}

#[actix_web::test]
async fn an_app_is_added_shown_once_told_and_then_asked_for() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    ada.get("/me/two-step").await.assert_sees("Two-step sign-in is off");
    let page = ada.get("/two-step/authenticator").await.assert_status(200);
    assert!(page.attribute("svg.qr path", "d").is_some_and(|path| path.len() > 1000));
    let link = page.link("Open the app on this device");
    assert!(link.starts_with("otpauth://totp/") && link.contains("issuer="), "{link}");
    ada.submit("Turn it on", &[("code", "000000")])
        .await
        .assert_status(422)
        .assert_sees("not the code that the app shows");
    let phone = Phone::scan(&ada.page());
    assert_eq!(page.attribute("#key", "value"), ada.page().attribute("#key", "value"));
    let shown = ada
        .submit("Turn it on", &[("code", &phone.code(&app))])
        .await
        .assert_status(200)
        .assert_sees("Shown only this once");
    let codes = shown.all("#codes").concat();
    let codes: Vec<&str> = codes.split_whitespace().collect();
    assert_eq!(codes.len(), 10);
    assert!(codes.iter().all(|code| code.len() == 19), "{codes:?}");
    ada.get("/me/two-step").await.assert_sees("Two-step sign-in is on").assert_sees("10 left");
    assert!(app.inbox("ada@example.org").subject.contains("authenticator app was added"));
    assert_eq!(audited(&app, "second_factor.added"), 1);
    // The secret is not readable in the database.
    let (dump, key) = (app.dump(), page.attribute("#key", "value").expect("a key"));
    assert!(!dump.contains(&key.replace(' ', "")) && codes.iter().all(|code| !dump.contains(&code.replace('-', ""))));
    let person = app.visitor();
    person.sign_in("ada@example.org", GOOD).await.assert_path("/sign-in/second-step");
    app.wait(TimeDelta::minutes(1));
    answer(&person, &phone.code(&app)).await.assert_sees("User Directory");
    let id = ada.member("Ada").await;
    ada.get(&format!("/users/{id}/activity")).await.assert_sees("Password and app");
}

#[actix_web::test]
async fn half_signed_in_opens_nothing() {
    let app = TestApp::start().await;
    let (_, person) = half_in(&app).await;
    assert!(person.cookie(SESSION).is_none() && person.cookie(HALF).is_some());
    let id = app.text(if crate::harness::is_postgres() {
        "SELECT id::text FROM organizations"
    } else {
        "SELECT lower(hex(id)) FROM organizations"
    });
    let places = [
        "/".to_owned(),
        format!("/o/{id}/users"),
        "/two-step".into(),
        "/two-step/authenticator".into(),
        "/two-step/authenticator/removal".into(),
        "/two-step/recovery-codes".into(),
        "/password/change".into(),
        "/sign-in/again".into(),
    ];
    for place in &places {
        let page = person.request(Method::GET, place, None).await.assert_status(303);
        assert!(page.went[0].starts_with("/sign-in"), "{place} leads to {}", page.went[0]);
    }
    // An empty form, and every field but the right one.
    person.get("/sign-in/second-step").await;
    person.submit("Continue", &[]).await.assert_status(422);
    person.submit("Continue", &[("code", " ")]).await.assert_status(422);
    person.post("/sign-in/second-step", &[]).await.assert_status(422);
    person
        .post("/sign-in/second-step", &[("credential", "{}"), ("challenge", "x")])
        .await
        .assert_status(422);
    person.post("/sign-in/second-step", &[("user", "x")]).await.assert_status(400);
    assert!(person.cookie(SESSION).is_none());
    assert_eq!(app.count("SELECT count(*) FROM sessions"), 1);
    // The half-way cookie cannot be forged.
    let half = person.cookie(HALF).expect("a cookie");
    person.set_cookie(HALF, &half[1..]);
    person.get("/sign-in/second-step").await.assert_path("/sign-in");
    person.set_cookie(HALF, &half);
    app.wait(TimeDelta::minutes(10));
    person.get("/sign-in/second-step").await.assert_path("/sign-in");
}

#[actix_web::test]
async fn a_code_counts_one_step_before_and_after_and_only_its_owner_s() {
    let app = TestApp::start().await;
    let (phone, person) = half_in(&app).await;
    for steps in [-3, -2, 2, 3] {
        answer(&person, &phone.code_at(&app, steps)).await.assert_status(422);
    }
    let grace = app.another_organization("Bletchley Park", "Grace", None).await;
    let other = Phone::enrol(&app, &grace).await;
    answer(&person, &other.code(&app)).await.assert_status(422);
    answer(&person, &phone.code_at(&app, 1)).await.assert_sees("User Directory");
    assert_eq!(app.count("SELECT count(*) FROM sign_ins WHERE outcome = 'wrong_code'"), 5);
    // A used code spends the codes of earlier time steps too.
    let second = app.visitor();
    second.sign_in("ada@example.org", GOOD).await;
    for steps in [-1, 0, 1] {
        answer(&second, &phone.code_at(&app, steps)).await.assert_status(422);
    }
    app.wait(TimeDelta::minutes(1));
    answer(&second, &phone.code(&app)).await.assert_sees("User Directory");
}

#[actix_web::test]
async fn one_code_opens_one_session_however_many_send_it_at_once() {
    let app = TestApp::start().await;
    let other = app.another().await;
    let ada = app.administrator("Ada").await;
    let phone = Phone::enrol(&app, &ada).await;
    app.wait(TimeDelta::minutes(2));
    for code in [phone.code(&app), phone.codes[0].clone()] {
        let mut people = vec![];
        for n in 0..6_u32 {
            let person = if n % 2 == 0 { app.visitor() } else { other.visitor() };
            let person = person.at_address(&format!("198.51.100.{n}"));
            person.sign_in("ada@example.org", GOOD).await.assert_path("/sign-in/second-step");
            people.push(person);
        }
        let posts = people.iter().map(|person| {
            let (action, mut fields) = person.page().form("Continue");
            fields.retain(|(name, _)| name != "code");
            fields.push(("code".into(), code.clone()));
            let body = serde_html_form::to_string(fields).expect("a form");
            async move { person.request(Method::POST, &action, Some(body)).await.status }
        });
        let mut answers = join_all(posts).await;
        answers.sort_unstable();
        assert_eq!(answers, [303, 422, 422, 422, 422, 422], "{code}");
        app.wait(TimeDelta::minutes(10));
    }
    assert_eq!(app.count("SELECT count(*) FROM recovery_codes WHERE used_at IS NOT NULL"), 1);
    assert_eq!(audited(&app, "second_factor.recovery_code_used"), 1);
    assert!(app.inbox("ada@example.org").text.contains("9 left"));
}

#[actix_web::test]
async fn guesses_are_few_whoever_sends_them_from_wherever() {
    let app = TestApp::start().await;
    let other = app.another().await;
    let (phone, first) = half_in(&app).await;
    let mut refused = 0;
    for n in 0..12_u32 {
        let person = if n % 2 == 0 { app.visitor() } else { other.visitor() };
        let person = person.at_address(&format!("198.51.100.{n}"));
        person.sign_in("ada@example.org", GOOD).await;
        match answer(&person, &format!("{n:06}")).await.status {
            422 => {}
            429 => refused += 1,
            status => panic!("{status}"),
        }
    }
    assert_eq!(refused, 4);
    answer(&first, &phone.code(&app)).await.assert_status(429);
    assert!(app.count("SELECT count(*) FROM sign_ins WHERE outcome = 'throttled'") > 4);
    app.wait(TimeDelta::minutes(2));
    answer(&first, &phone.code(&app)).await.assert_sees("User Directory");
}

#[actix_web::test]
async fn the_key_of_the_session_is_new_and_the_half_way_cookie_is_gone() {
    let app = TestApp::start().await;
    let (phone, person) = half_in(&app).await;
    person.set_cookie(SESSION, "planted-by-somebody-else");
    person.get("/sign-in/second-step").await;
    answer(&person, &phone.code(&app)).await.assert_sees("User Directory");
    assert_ne!(person.cookie(SESSION).as_deref(), Some("planted-by-somebody-else"));
    assert!(person.cookie(HALF).is_none());
}

#[actix_web::test]
async fn a_new_password_by_mail_does_not_spare_the_second_step() {
    let app = TestApp::start().await;
    let (phone, half) = half_in(&app).await;
    let person = app.visitor();
    person.get("/password/forgotten").await;
    person.submit("Send the link", &[("email", "ada@example.org")]).await;
    person.get(&app.inbox("ada@example.org").link()).await;
    person.submit("Save the password", &[("password", BETTER)]).await.assert_path("/sign-in");
    // A person who was half way in with the old password must begin again.
    answer(&half, &phone.code(&app)).await.assert_path("/sign-in");
    person.sign_in("ada@example.org", BETTER).await.assert_path("/sign-in/second-step");
    answer(&person, &phone.code(&app)).await.assert_sees("User Directory");
}

#[actix_web::test]
async fn joining_another_organization_does_not_spare_it_either() {
    let app = TestApp::start().await;
    let (_, _) = half_in(&app).await;
    let alan = app.another_organization("Bletchley Park", "Alan", None).await;
    alan.invite("ada@example.org", "User").await;
    let person = app.visitor();
    let page = person.get("/").await;
    assert!(page.path.starts_with("/sign-in"));
    person.sign_in("ada@example.org", GOOD).await.assert_path("/sign-in/second-step");
}

#[actix_web::test]
async fn the_first_factor_ends_sessions_that_began_without_it() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    let elsewhere = app.visitor();
    elsewhere.sign_in("ada@example.org", GOOD).await.assert_sees("User Directory");
    Phone::enrol(&app, &ada).await;
    ada.get("/users").await.assert_sees("User Directory");
    assert!(elsewhere.get("/").await.path.starts_with("/sign-in"));
}

#[actix_web::test]
async fn codes_are_made_anew_and_all_goes_with_the_last_factor() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    let phone = Phone::enrol(&app, &ada).await;
    ada.get("/two-step/recovery-codes").await;
    let page = ada.submit("Make new codes", &[]).await.assert_sees("the old ones work no more");
    let codes = page.all("#codes").concat();
    let fresh = codes.split_whitespace().next().expect("a code").to_uppercase();
    let person = app.visitor();
    person.sign_in("ada@example.org", GOOD).await;
    answer(&person, &phone.codes[0]).await.assert_status(422);
    answer(&person, &fresh).await.assert_sees("User Directory");
    ada.get("/two-step/authenticator/removal").await.assert_sees("your last one");
    ada.submit("Remove the app", &[]).await.assert_path("/two-step");
    assert!(app.inbox("ada@example.org").subject.contains("was removed"));
    assert_eq!(app.count("SELECT count(*) FROM totps"), 0);
    assert_eq!(app.count("SELECT count(*) FROM recovery_codes"), 0);
    app.visitor().sign_in("ada@example.org", GOOD).await.assert_sees("User Directory");
    ada.get("/two-step/recovery-codes").await.assert_status(404);
    ada.get("/two-step/authenticator/removal").await.assert_status(404);
}

#[actix_web::test]
async fn a_browser_left_open_changes_no_factors_until_its_owner_proves_who_they_are() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    let phone = Phone::enrol(&app, &ada).await;
    let before = ada.cookie(SESSION).expect("a session");
    app.wait(TimeDelta::minutes(16));
    let here = format!("/o/{}/me/two-step", ada.organization());
    let remove = ada.get(&here).await.link("Remove…");
    ada.get(&remove).await.assert_sees("For this we must be sure that it is you");
    ada.post("/two-step/authenticator/removal", &[])
        .await
        .assert_sees("For this we must be sure that it is you");
    assert_eq!(app.count("SELECT count(*) FROM totps"), 1);
    ada.get(&remove).await;
    ada.submit("Continue", &[("password", "a wrong password"), ("code", &phone.code(&app))])
        .await
        .assert_status(422)
        .assert_sees("not your password");
    ada.submit("Continue", &[("password", GOOD), ("code", "000000")])
        .await
        .assert_status(422)
        .assert_sees("That did not work");
    ada.submit("Continue", &[("password", GOOD)]).await.assert_status(422);
    ada.submit("Continue", &[("password", GOOD), ("code", &phone.code(&app))])
        .await
        .assert_sees("Remove your authenticator app?");
    assert_ne!(ada.cookie(SESSION).expect("a session"), before);
    assert_eq!(app.count("SELECT count(*) FROM sessions"), 1);
    assert_eq!(audited(&app, "session.proved"), 1);
    ada.submit("Remove the app", &[]).await.assert_path(&here);
    assert_eq!(app.count("SELECT count(*) FROM totps"), 0);
}

#[actix_web::test]
async fn proving_again_leads_nowhere_else_and_prolongs_nothing() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    for next in ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)"] {
        let query = serde_html_form::to_string([("next", next)]).expect("a query");
        ada.get(&format!("/sign-in/again?{query}")).await.assert_status(200);
        let page = ada.submit("Continue", &[("password", GOOD)]).await;
        assert!(page.path.ends_with("/users"), "{next} leads to {}", page.path);
    }
    for _ in 0..3 {
        app.wait(TimeDelta::hours(7));
        ada.get("/sign-in/again").await;
        ada.submit("Continue", &[("password", GOOD)]).await.assert_sees("User Directory");
    }
    app.wait(TimeDelta::hours(3));
    assert!(ada.get("/").await.path.starts_with("/sign-in"));
}

#[actix_web::test]
async fn proving_again_is_no_place_to_guess() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    ada.get("/sign-in/again").await;
    for _ in 0..10 {
        ada.submit("Continue", &[("password", "wrong")]).await.assert_status(422);
    }
    ada.submit("Continue", &[("password", GOOD)]).await.assert_status(429);
}
