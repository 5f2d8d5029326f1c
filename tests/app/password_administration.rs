//! What an administrator can and cannot do about a member's password.

use crate::harness::{BETTER, GOOD, Page, Person, TestApp, user_creation::audited};
use actix_web::http::Method;
use chrono::TimeDelta;
use roster::connections::ConnectionKind;

const GRACE: &str = "grace@example.org";

/// Grace, and the path of the page about her password.
async fn grace(app: &TestApp, ada: &Person) -> (Person, String) {
    let grace = ada.welcome("Grace", "User").await;
    let id = ada.member("Grace").await;
    app.wait(TimeDelta::seconds(1));
    (grace, format!("/users/{id}/password"))
}

async fn generated(ada: &Person, path: &str) -> (Page, String) {
    ada.get(&format!("{path}/temporary")).await.assert_status(200);
    let page = ada.submit("Set the password", &[]).await.assert_status(200).assert_sees("Shown only this once");
    let password = page.attribute("#generated", "value").expect("a password");
    (page, password)
}

#[actix_web::test]
async fn a_reset_is_mailed_and_the_present_password_works_until_it_is_used() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    let (grace, path) = grace(&app, &ada).await;
    ada.get(&path).await.assert_status(200).assert_sees(GRACE);
    ada.submit("Send password reset", &[]).await.assert_sees("on its way to Grace");
    let letter = app.inbox(GRACE);
    assert!(letter.text.contains("Ada of Analytical Engines asks you"), "{}", letter.text);
    assert!(!ada.page().body.contains("/password/reset/"), "the link is for the mailbox alone");
    grace.get("/users").await.assert_status(200);
    app.visitor().sign_in(GRACE, GOOD).await.assert_sees("User Directory");
    let fresh = app.visitor();
    fresh.get(&letter_link(&app)).await.assert_status(200);
    fresh.submit("Save the password", &[("password", BETTER)]).await.assert_path("/sign-in");
    assert!(grace.get("/users").await.path.starts_with("/sign-in"));
    assert_eq!((audited(&app, "password.reset_sent"), audited(&app, "password.reset")), (1, 1));
}

fn letter_link(app: &TestApp) -> String {
    let letters = app.letters(GRACE);
    let letter = letters.iter().rfind(|letter| letter.subject == "Choose a new password");
    letter.expect("a letter with a link").link()
}

#[actix_web::test]
async fn letters_by_administrators_are_few() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    let (_, path) = grace(&app, &ada).await;
    for _ in 0..3 {
        ada.get(&path).await;
        ada.submit("Send password reset", &[]).await.assert_sees("on its way");
    }
    ada.get(&path).await;
    ada.submit("Send password reset", &[]).await.assert_sees("Three letters were sent");
    app.wait(TimeDelta::minutes(10));
    ada.get(&path).await;
    ada.submit("Send password reset", &[]).await.assert_sees("on its way");
}

#[actix_web::test]
async fn a_generated_password_is_shown_once_and_must_be_replaced_at_the_first_sign_in() {
    let app = TestApp::start().await;
    let other = app.another().await;
    let ada = app.administrator("Ada").await;
    let (grace, path) = grace(&app, &ada).await;
    let grace = grace.at(&other);
    let (page, password) = generated(&ada, &path).await;
    assert_eq!(password.split('-').count(), 4);
    assert_eq!(page.headers.get("cache-control").expect("a header"), "no-store");
    assert!(!app.dump().contains(&password));
    assert!(!ada.get(&format!("{path}/temporary")).await.body.contains(&password));
    let letter = app.inbox(GRACE);
    assert_eq!(letter.subject, "You have a temporary password");
    assert!(!letter.raw.contains(&password) && !letter.raw.contains("/password/reset/"));

    assert!(grace.get("/users").await.path.starts_with("/sign-in"), "their sessions ended");
    grace.sign_in(GRACE, GOOD).await.assert_status(422);
    grace.sign_in(GRACE, &password).await.assert_sees("Replace your temporary password");
    grace.get("/users").await.assert_path("/password/change");
    grace
        .submit("Save the password", &[("present", &password), ("password", &password)])
        .await
        .assert_status(422);
    grace
        .submit("Save the password", &[("present", &password), ("password", BETTER)])
        .await
        .assert_sees("User Directory");
    assert_eq!(audited(&app, "password.temporary_set"), 1);
}

#[actix_web::test]
async fn a_temporary_password_dies_after_seven_days() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    let (grace, path) = grace(&app, &ada).await;
    let (_, password) = generated(&ada, &path).await;
    app.wait(TimeDelta::days(7));
    grace.get("/sign-in").await;
    grace.sign_in(GRACE, &password).await.assert_status(422).assert_sees("has expired");
}

#[actix_web::test]
async fn a_typed_one_is_judged_like_any_other_and_never_echoed() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    let (_, path) = grace(&app, &ada).await;
    for bad in ["short", "grace grace grace", "analyticalengines", "passwordpassword"] {
        ada.get(&format!("{path}/temporary")).await;
        let page = ada.submit("Set the password", &[("choice", "typed"), ("password", bad)]).await.assert_status(422);
        assert_eq!(page.all(".error").len(), 1, "{bad}");
        assert!(page.attribute("input[type=password]", "value").is_none());
    }
    ada.submit("Set the password", &[("choice", "typed"), ("password", BETTER)])
        .await
        .assert_sees("The temporary password of Grace is set");
    app.visitor().sign_in(GRACE, BETTER).await.assert_sees("Replace your temporary password");
}

#[actix_web::test]
async fn who_belongs_to_other_organizations_too_gets_a_link_and_no_password() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    let (_, path) = grace(&app, &ada).await;
    let alan = app.another_organization("Bletchley Park", "Alan", None).await;
    ada.get(&format!("{path}/temporary")).await.assert_status(200);
    alan.invite(GRACE, "User").await.assert_sees("1 invited");
    ada.submit("Set the password", &[]).await.assert_status(422).assert_sees("theirs alone");
    ada.get(&path).await.assert_sees("They belong to other organizations too");
    ada.submit("Send password reset", &[]).await.assert_sees("on its way");
    alan.get(&path).await.assert_status(404);
    app.visitor().sign_in(GRACE, GOOD).await.assert_sees("User Directory");
    assert_eq!(audited(&app, "password.temporary_set"), 0);
}

#[actix_web::test]
async fn nobody_touches_the_password_of_somebody_above_of_themselves_or_of_whoever_has_none() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    let (_, grace) = grace(&app, &ada).await;
    app.role(ada.organization(), "Help Desk", &["user:read:*", "user:manage:*"]);
    let desk = ada.welcome("Desk", "Help Desk").await;
    let of = |id: String| format!("/users/{id}/password");
    let (admin, own) = (of(ada.member("Ada").await), of(ada.member("Desk").await));
    ada.invite("linus@example.org", "User").await;
    let invited = of(ada.member("linus").await);
    ada.welcome("Kay", "Viewer").await;
    let disabled = of(ada.member("Kay").await);
    ada.disable("Kay").await;
    ada.welcome("Sam", "Viewer").await;
    let federated = of(ada.member("Sam").await);
    app.execute("UPDATE members SET provider = 'google' WHERE name = 'Sam'");
    let google = app.make_connection(ada.organization(), ConnectionKind::Google, |_| {}).to_string();
    app.link_identity(&google, "Sam");
    let before = app.count("SELECT count(*) FROM outbox");
    for (person, path, why) in [
        (&desk, &admin, "may do more than you"),
        (&desk, &own, "your own password"),
        (&ada, &invited, "Resend the invitation"),
        (&ada, &disabled, "Enable them first"),
        (&ada, &federated, "through Google"),
        (&desk, &grace, "may do more than you"),
    ] {
        let page = person.get(path).await.assert_status(200).assert_sees(why);
        assert!(page.attribute("form[action$='/password']", "action").is_none(), "{why}");
        person.post(path, &[]).await.assert_sees(why);
        person.get(&format!("{path}/temporary")).await.assert_status(422).assert_sees(why);
        person.post(&format!("{path}/temporary"), &[]).await.assert_status(422).assert_sees(why);
    }
    assert_eq!(app.count("SELECT count(*) FROM outbox"), before);
    let changed = app.count("SELECT count(*) FROM passwords WHERE temporary_until IS NOT NULL");
    assert_eq!((changed, audited(&app, "password.reset_sent")), (0, 0));
    // Without the connection a password is the only way in.
    app.execute("UPDATE connections SET status = 'disabled' WHERE id IS NOT NULL");
    ada.get(&federated).await.assert_misses("through Google");
}

#[actix_web::test]
async fn a_temporary_password_asks_for_a_recent_sign_in() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    let (_, path) = grace(&app, &ada).await;
    app.wait(TimeDelta::minutes(20));
    let token = ada.get(&path).await.assert_status(200).attribute("input[name=csrf]", "value").expect("a token");
    let whole = format!("/o/{}{path}/temporary", ada.organization());
    ada.request(Method::GET, &whole, None).await.assert_status(200);
    let page = ada.request(Method::POST, &whole, Some(format!("csrf={token}"))).await.assert_status(303);
    assert!(page.went[0].starts_with("/sign-in/again?next="), "{:?}", page.went);
    assert_eq!(app.count("SELECT count(*) FROM passwords WHERE temporary_until IS NOT NULL"), 0);
    ada.submit("Send password reset", &[]).await.assert_sees("on its way");
}
