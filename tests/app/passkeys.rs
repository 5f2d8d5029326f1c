//! Passkeys: as a second step, and as both steps at once. Each challenge is answered once, at this origin, by the
//! passkey of its owner.

use crate::harness::{BETTER, GOOD, Page, Person, TestApp, passkey::Key, user_creation::audited};
use actix_web::http::Method;
use chrono::TimeDelta;
use futures_util::future::join_all;

const HERE: &str = "https://roster.example";

async fn add(person: &Person) -> Key {
    person.get("/two-step/passkeys/new").await.assert_status(200);
    let (key, answer) = Key::create(person, HERE);
    person
        .submit("Create the passkey", &[("name", "Laptop"), ("credential", &answer)])
        .await
        .assert_status(200)
        .assert_sees("Shown only this once");
    key
}

async fn at_second_step(app: &TestApp) -> Person {
    let person = app.visitor();
    person.sign_in("ada@example.org", GOOD).await.assert_path("/sign-in/second-step");
    person
}

async fn answer(person: &Person, answer: &str) -> Page {
    person.submit("Use a passkey", &[("credential", answer)]).await
}

#[actix_web::test]
async fn a_passkey_is_a_second_step_and_both_steps_at_once() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    let mut key = add(&ada).await;
    assert!(app.inbox("ada@example.org").text.contains("“Laptop” was added"));
    let person = at_second_step(&app).await;
    let signed = key.answer(&person, HERE);
    answer(&person, &signed).await.assert_sees("User Directory");
    let other = app.visitor();
    other.get("/sign-in/passkey").await;
    let signed = key.answer(&other, HERE);
    answer(&other, &signed).await.assert_sees("User Directory");
    let id = ada.member("Ada").await;
    ada.get(&format!("/users/{id}/activity"))
        .await
        .assert_sees("Password and passkey")
        .assert_sees("Signed in Passkey");
    app.wait(TimeDelta::minutes(16));
    other.get("/two-step/recovery-codes").await.assert_sees("sure that it is you");
    let signed = key.answer(&other, HERE);
    answer(&other, &signed).await.assert_sees("Make new recovery codes?");
}

#[actix_web::test]
async fn a_challenge_is_answered_once_however_many_send_the_answer_at_once() {
    let app = TestApp::start().await;
    let there = app.another().await;
    let ada = app.administrator("Ada").await;
    let mut key = add(&ada).await;
    for place in ["/sign-in/second-step", "/sign-in/passkey"] {
        let person = at_second_step(&app).await;
        person.get(place).await.assert_status(200);
        let signed = key.answer(&person, HERE);
        let (action, mut fields) = person.page().form("Use a passkey");
        fields.retain(|(name, _)| name != "credential");
        fields.push(("credential".into(), signed));
        let body = serde_html_form::to_string(fields).expect("a form");
        let people: Vec<Person> = (0..6).map(|n| if n % 2 == 0 { person.clone() } else { person.at(&there) }).collect();
        let posts = people.iter().map(|person| person.request(Method::POST, &action, Some(body.clone())));
        let mut statuses: Vec<u16> = join_all(posts).await.iter().map(|page| page.status).collect();
        statuses.sort_unstable();
        assert_eq!(statuses.iter().filter(|status| **status == 303).count(), 1, "{place}: {statuses:?}");
        assert!(statuses.iter().all(|status| matches!(status, 303 | 403 | 422)), "{place}: {statuses:?}");
    }
    assert_eq!(app.count("SELECT count(*) FROM sign_ins WHERE outcome = 'signed_in' AND method LIKE '%passkey'"), 2);
}

#[actix_web::test]
async fn answers_to_another_address_to_an_old_challenge_or_by_another_key_are_refused() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    let mut key = add(&ada).await;
    let alan = app.another_organization("Bletchley Park", "Alan", None).await;
    let mut others = add(&alan).await;
    let person = at_second_step(&app).await;
    // The key of another person signs the same challenge.
    let signed = key.answer(&person, "https://roster.evil");
    answer(&person, &signed).await.assert_status(422);
    let page = person.get("/sign-in/passkey").await;
    let mine = page.attribute("input[name=challenge]", "value").expect("a challenge");
    let signed = others.answer(&person, HERE);
    person.get("/sign-in/second-step").await;
    person
        .submit("Use a passkey", &[("credential", &signed), ("challenge", &mine)])
        .await
        .assert_status(422);
    // A challenge of one page does not work on the other.
    person.get("/sign-in/passkey").await;
    let signed = key.answer(&person, HERE);
    let challenge = person.page().attribute("input[name=challenge]", "value").expect("a challenge");
    person.get("/sign-in/second-step").await;
    person
        .submit("Use a passkey", &[("credential", &signed), ("challenge", &challenge)])
        .await
        .assert_status(422);
    person.get("/sign-in/passkey").await;
    let signed = key.answer(&person, HERE);
    app.wait(TimeDelta::minutes(10));
    answer(&person, &signed).await.assert_status(422).assert_sees("not known here");
    person.get("/").await.assert_sees("Sign in");
}

#[actix_web::test]
async fn a_removed_passkey_and_a_disabled_owner_open_nothing() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    let grace = ada.welcome("Grace", "User").await;
    let mut key = add(&grace).await;
    let visitor = app.visitor();
    visitor.get("/sign-in/passkey").await;
    let before = key.answer(&visitor, HERE);
    ada.disable("Grace").await;
    answer(&visitor, &before).await.assert_status(422).assert_sees("Your access is disabled");
    ada.submit("Undo", &[]).await.assert_sees("enabled again");
    visitor.get("/sign-in/passkey").await;
    let signed = key.answer(&visitor, HERE);
    answer(&visitor, &signed).await.assert_sees("User Directory");
    visitor.get("/two-step").await;
    let removal = visitor.page().link("Remove…");
    visitor.get(&removal).await.assert_sees("Remove the passkey “Laptop”?");
    visitor.submit("Remove the passkey", &[]).await.assert_path("/two-step");
    assert_eq!(audited(&app, "second_factor.removed"), 1);
    let stranger = app.visitor();
    stranger.get("/sign-in/passkey").await;
    let signed = key.answer(&stranger, HERE);
    answer(&stranger, &signed).await.assert_status(422).assert_sees("not known here");
}

#[actix_web::test]
async fn nobody_touches_the_passkeys_of_somebody_else() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    add(&ada).await;
    let grace = ada.welcome("Grace", "User").await;
    ada.get("/two-step").await;
    let rename = ada.page().link("Rename");
    let path = rename.split('?').next().expect("a path").to_owned();
    grace.get("/two-step").await;
    for path in [path.clone(), format!("{path}/removal")] {
        grace.get(&path).await.assert_status(404);
        grace.get("/two-step").await;
        grace.post(&path, &[]).await.assert_status(404);
    }
    ada.get(&rename).await;
    ada.submit("Save the name", &[("name", " ")]).await.assert_status(422);
    ada.submit("Save the name", &[("name", "<b>The laptop</b>")]).await.assert_sees("<b>The laptop</b>");
    assert_eq!(audited(&app, "second_factor.renamed"), 1);
}

#[actix_web::test]
async fn what_is_no_passkey_is_not_added() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    ada.get("/two-step/passkeys/new").await;
    for credential in ["", "{}", "null", "[]", "\"x\""] {
        ada.submit("Create the passkey", &[("name", "Laptop"), ("credential", credential)])
            .await
            .assert_status(422);
    }
    let (_, elsewhere) = Key::create(&ada, "https://roster.evil");
    ada.submit("Create the passkey", &[("name", "Laptop"), ("credential", &elsewhere)])
        .await
        .assert_status(422)
        .assert_sees("could not be verified");
    assert_eq!(app.count("SELECT count(*) FROM passkeys"), 0);
}

#[actix_web::test]
async fn a_passkey_that_an_intruder_left_behind_opens_nothing_by_itself() {
    let app = TestApp::start().await;
    app.administrator("Ada").await;
    let eve = app.visitor().at_address("198.51.100.66");
    eve.sign_in("ada@example.org", GOOD).await.assert_sees("User Directory");
    let mut key = add(&eve).await;
    let alarm = app
        .letters("ada@example.org")
        .into_iter()
        .find(|letter| letter.subject.starts_with("New sign-in"))
        .expect("a notice");
    let owner = app.visitor();
    owner.get(&alarm.link()).await;
    owner.submit("This was not me", &[]).await.assert_path("/sign-in");
    let back = app.visitor();
    back.get("/sign-in/passkey").await;
    let signed = key.answer(&back, HERE);
    answer(&back, &signed).await.assert_status(422).assert_sees("not known here");
    // Nor does it work after the password has changed.
    owner.get(&app.inbox("ada@example.org").link()).await;
    owner.submit("Save the password", &[("password", BETTER)]).await.assert_path("/sign-in");
    back.get("/sign-in/passkey").await;
    let signed = key.answer(&back, HERE);
    answer(&back, &signed).await.assert_status(422);
    back.get("/").await.assert_sees("Sign in");
}
