//! A sign-in from an unknown device: the letter about it, and what its reader can do.

use crate::harness::{BETTER, GOOD, Message, Person, TestApp, user_creation::audited};
use chrono::TimeDelta;

const ADA: &str = "ada@example.org";
const NEW: &str = "New sign-in from";

fn notices(app: &TestApp, address: &str) -> Vec<Message> {
    app.letters(address).into_iter().filter(|letter| letter.subject.starts_with(NEW)).collect()
}

/// An attacker signs in as Ada, who was signed in before.
async fn intruder(app: &TestApp) -> Person {
    let eve = app.visitor().at_address("198.51.100.66");
    eve.sign_in(ADA, GOOD).await.assert_sees("User Directory");
    eve
}

#[actix_web::test]
async fn a_sign_in_from_a_new_device_is_told_once_with_device_time_and_address() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    let grace = ada.welcome("Grace", "User").await;
    for (person, email) in [(&ada, ADA), (&grace, "grace@example.org")] {
        person.sign_out().await;
        person.sign_in(email, GOOD).await.assert_sees("User Directory");
        assert!(notices(&app, email).is_empty(), "the browser in which they joined is known");
    }
    let eve = intruder(&app).await;
    let letter = notices(&app, ADA).pop().expect("a letter");
    assert_eq!(letter.subject, "New sign-in from Firefox on Linux");
    for fact in ["ada@example.org", "11 Mar 2026, 09:00 UTC", "Firefox on Linux", "198.51.100.66"] {
        assert!(letter.text.contains(fact) && letter.html.contains(fact), "{fact}: {}", letter.text);
    }
    let secret = letter.link().trim_start_matches("/alarm/").to_owned();
    assert_eq!(letter.raw.matches("/password/reset/").count(), 0, "it holds no link that sets a password");
    assert!(!app.dump().contains(&secret));
    eve.sign_out().await;
    eve.sign_in(ADA, GOOD).await;
    assert_eq!(notices(&app, ADA).len(), 1, "the same browser again is no news");
    app.visitor().sign_in(ADA, "a wrong password").await;
    assert_eq!(notices(&app, ADA).len(), 1, "who does not get in is no news");
}

#[actix_web::test]
async fn the_first_sign_in_of_all_is_no_news() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    app.another_organization("Bletchley Park", "Alan", None).await;
    assert!(notices(&app, "alan@example.org").is_empty());
    ada.welcome("Grace", "User").await;
    assert!(notices(&app, "grace@example.org").is_empty());
}

#[actix_web::test]
async fn a_browser_that_keeps_no_cookies_fills_no_mailbox() {
    let app = TestApp::start().await;
    app.administrator("Ada").await;
    for _ in 0..8 {
        intruder(&app).await;
        app.wait(TimeDelta::minutes(1));
    }
    assert_eq!(notices(&app, ADA).len(), 3);
    app.wait(TimeDelta::hours(8));
    intruder(&app).await;
    assert_eq!(notices(&app, ADA).len(), 4);
    // Each letter is about its own sign-in, so an older one works as well as the newest.
    let first = notices(&app, ADA).remove(0);
    app.visitor().get(&first.link()).await.assert_status(200);
}

#[actix_web::test]
async fn whoever_says_it_was_not_them_ends_everything_and_gets_a_link_to_the_address_on_record() {
    let app = TestApp::start().await;
    let other = app.another().await;
    let ada = app.administrator("Ada").await;
    let eve = intruder(&other).await;
    let letter = notices(&app, ADA).pop().expect("a letter");
    let visitor = app.visitor();
    let page = visitor.get(&letter.link()).await.assert_status(200);
    let page = page.assert_link_page("/alarm");
    assert!(!page.body.contains(letter.link().trim_start_matches("/alarm/")));
    eve.get("/users").await.assert_status(200).assert_sees("User Directory");
    // A reset link asked for by an attacker who reads the mail is dead afterwards.
    visitor.get("/password/forgotten").await;
    visitor.submit("Send the link", &[("email", ADA)]).await;
    let asked_before = app.inbox(ADA).link();
    visitor.get(&letter.link()).await;
    visitor
        .submit("This was not me", &[])
        .await
        .assert_path("/sign-in")
        .assert_sees("the old password does not work any more");
    for person in [&ada, &eve] {
        let page = person.get("/users").await;
        assert!(page.path.starts_with("/sign-in"), "{}", page.path);
    }
    eve.sign_in(ADA, GOOD).await.assert_status(422);
    ada.sign_in(ADA, GOOD).await.assert_status(422);
    visitor.get(&asked_before).await.assert_status(410);
    assert_eq!(audited(&app, "session.disowned"), 1);
    assert_eq!(app.count("SELECT count(*) FROM passwords"), 1, "an administrator who can get in again");

    let reset = app.inbox(ADA);
    assert!(reset.text.contains("You said that a sign-in was not yours"), "{}", reset.text);
    ada.get(&reset.link()).await.assert_status(200);
    ada.submit("Save the password", &[("password", BETTER)]).await.assert_path("/sign-in");
    ada.sign_in(ADA, BETTER).await.assert_sees("User Directory");
    // The attacker's browser is no known device any more, even if they learn the new password.
    let before = notices(&app, ADA).len();
    eve.sign_in(ADA, BETTER).await.assert_sees("User Directory");
    assert_eq!(notices(&app, ADA).len(), before + 1);
}

#[actix_web::test]
async fn an_alarm_works_once_for_three_days_and_for_nothing_else() {
    let app = TestApp::start().await;
    app.administrator("Ada").await;
    intruder(&app).await;
    intruder(&app).await;
    let letters = notices(&app, ADA);
    let (one, two) = (letters[0].link(), letters[1].link());
    let visitor = app.visitor();
    for path in ["/password/reset", "/invitation", "/setup"] {
        let secret = one.trim_start_matches("/alarm/");
        visitor.get(&format!("{path}/{secret}")).await.assert_status(410);
    }
    let second = app.visitor();
    second.get(&one).await.assert_status(200);
    app.wait(TimeDelta::days(3) - TimeDelta::seconds(1));
    visitor.get(&one).await.assert_status(200);
    visitor.submit("This was not me", &[]).await.assert_path("/sign-in");
    let letters = app.letters(ADA).len();
    second.submit("This was not me", &[]).await.assert_status(410);
    visitor.get(&one).await.assert_status(410);
    visitor.get(&two).await.assert_status(410).assert_sees("Choose a new password");
    assert_eq!(app.letters(ADA).len(), letters);
    assert_eq!(audited(&app, "session.disowned"), 1);

    app.visitor().sign_in(ADA, GOOD).await.assert_status(422);
    let late = app.visitor();
    app.execute("UPDATE links SET used_at = NULL, voided_at = NULL WHERE kind = 'alarm'");
    app.wait(TimeDelta::seconds(1));
    late.get(&two).await.assert_status(410);
}

#[actix_web::test]
async fn of_two_who_press_at_once_one_is_first() {
    let app = TestApp::start().await;
    let other = app.another().await;
    app.administrator("Ada").await;
    intruder(&app).await;
    let link = notices(&app, ADA).pop().expect("a letter").link();
    let (one, two) = (app.visitor(), other.visitor());
    one.get(&link).await;
    two.get(&link).await;
    let (first, second) = futures_util::future::join(one.submit("This was not me", &[]), two.submit("This was not me", &[])).await;
    let mut statuses = [first.status, second.status];
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 410]);
    assert_eq!(audited(&app, "session.disowned"), 1);
}

#[actix_web::test]
async fn guessing_at_alarms_is_slowed_down_and_the_disabled_have_none() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    ada.welcome("Grace", "User").await;
    app.visitor().sign_in("grace@example.org", GOOD).await;
    let link = notices(&app, "grace@example.org").pop().expect("a letter").link();
    ada.disable("Grace").await;
    app.visitor().get(&link).await.assert_status(410);
    let eve = app.visitor().at_address("192.0.2.9");
    let mut statuses = vec![];
    for n in 0..40 {
        statuses.push(eve.get(&format!("/alarm/{n:043}")).await.status);
    }
    assert_eq!(statuses.first(), Some(&410));
    assert_eq!(statuses.last(), Some(&429));
}
