//! An attacker has changed the email to their own mailbox: the alarm that went to the old address restores it.

use crate::harness::{BETTER, GOOD, Person, TestApp, user_creation::audited};
use chrono::TimeDelta;

const GRACE: &str = "grace@example.org";
const EVE: &str = "eve@example.org";

/// Grace, the administrator Ada, and Eve, who knows Grace's password and has changed her email; and the earlier alarm
/// link.
async fn moved(app: &TestApp) -> (Person, Person, String) {
    let ada = app.administrator("Ada").await;
    ada.welcome("Grace", "User").await;
    app.wait(TimeDelta::hours(1));
    let eve = app.visitor().at_address("198.51.100.66");
    eve.sign_in(GRACE, GOOD).await.assert_sees("User Directory");
    let alarm = alarm(app, GRACE);
    app.wait(TimeDelta::minutes(1));
    eve.get("/me/email").await;
    eve.submit("Send the link", &[("email", EVE), ("present", GOOD)]).await;
    eve.get(&app.inbox(EVE).link()).await;
    eve.submit("Confirm the address", &[]).await;
    assert_eq!(address(app), EVE);
    app.wait(TimeDelta::minutes(1));
    (ada, eve, alarm)
}

fn alarm(app: &TestApp, address: &str) -> String {
    let letters = app.letters(address);
    let letter = letters.iter().rfind(|letter| letter.subject.starts_with("New sign-in"));
    letter.expect("an alarm").link()
}

fn address(app: &TestApp) -> String {
    app.text("SELECT email FROM users WHERE id = (SELECT user_id FROM members WHERE name = 'Grace' ORDER BY id LIMIT 1)")
}

#[actix_web::test]
async fn the_alarm_puts_the_address_back_and_the_link_goes_there() {
    let app = TestApp::start().await;
    let (_, eve, alarm) = moved(&app).await;
    let notice = app.inbox(GRACE);
    assert!(notice.text.contains("This was not me"), "{}", notice.text);
    assert!(!notice.raw.contains("https://"), "the notice holds no link");
    let grace = app.visitor();
    grace
        .get(&alarm)
        .await
        .assert_sees("the email, which was changed since, is grace@example.org again");
    assert_eq!(address(&app), EVE, "looking changes nothing");
    grace.submit("This was not me", &[]).await.assert_path("/sign-in");
    assert_eq!(address(&app), GRACE);
    assert!(eve.get("/users").await.path.starts_with("/sign-in"));
    // Eve's mailbox gets a notice, but no more reset links, although she asks.
    let told = app.letters(EVE).len();
    eve.get("/password/forgotten").await;
    eve.submit("Send the link", &[("email", EVE)]).await.assert_status(200);
    assert_eq!(app.letters(EVE).len(), told);
    grace.get(&app.inbox(GRACE).link()).await.assert_status(200);
    grace.submit("Save the password", &[("password", BETTER)]).await.assert_path("/sign-in");
    grace.sign_in(GRACE, BETTER).await.assert_sees("User Directory");
    eve.sign_in(EVE, BETTER).await.assert_status(422);
    assert_eq!((audited(&app, "email.taken_back"), audited(&app, "session.disowned")), (1, 1));
}

#[actix_web::test]
async fn an_alarm_of_the_new_mailbox_does_not_end_that_of_the_old_one() {
    let app = TestApp::start().await;
    let (_, _, alarm_of_grace) = moved(&app).await;
    let eve = app.visitor();
    eve.sign_in(EVE, GOOD).await.assert_sees("User Directory");
    eve.get(&alarm(&app, EVE)).await;
    eve.submit("This was not me", &[]).await.assert_path("/sign-in");
    app.wait(TimeDelta::minutes(1));
    eve.get(&app.inbox(EVE).link()).await;
    eve.submit("Save the password", &[("password", BETTER)]).await.assert_path("/sign-in");
    app.wait(TimeDelta::minutes(1));
    eve.sign_in(EVE, BETTER).await.assert_sees("User Directory");
    let grace = app.visitor();
    grace.get(&alarm_of_grace).await.assert_status(200);
    grace.submit("This was not me", &[]).await.assert_path("/sign-in");
    assert_eq!(address(&app), GRACE);
    eve.sign_in(EVE, BETTER).await.assert_status(422);
    // The alarm links in the later mailbox do nothing.
    app.wait(TimeDelta::minutes(1));
    app.visitor().get(&alarm(&app, EVE)).await.assert_status(410);
}

#[actix_web::test]
async fn what_an_administrator_set_is_not_undone() {
    let app = TestApp::start().await;
    let (ada, _, alarm) = moved(&app).await;
    let id = ada.member("Grace").await;
    ada.get("/sign-in/again").await;
    ada.submit("Continue", &[("password", GOOD)]).await;
    ada.get(&format!("/users/{id}/email")).await.assert_status(200);
    ada.submit("Change the email", &[("email", "hopper@example.org")]).await;
    app.wait(TimeDelta::minutes(1));
    let visitor = app.visitor();
    visitor.get(&alarm).await.assert_misses("again</li>");
    visitor.submit("This was not me", &[]).await.assert_path("/sign-in");
    assert_eq!(address(&app), "hopper@example.org");
    assert!(app.inbox("hopper@example.org").link().starts_with("/password/reset/"));
    assert_eq!(audited(&app, "email.taken_back"), 0);
}

#[actix_web::test]
async fn what_the_new_mailbox_brought_does_not_come_along() {
    let app = TestApp::start().await;
    let (ada, _, alarm) = moved(&app).await;
    let mallory = app.another_organization("Elsewhere", "Mallory", None).await;
    mallory.invite(EVE, "User").await.assert_sees("Works with Roster already");
    let grace = app.visitor();
    grace.get(&alarm).await;
    grace.submit("This was not me", &[]).await;
    mallory.get("/users?tab=disabled").await.assert_sees("Grace");
    ada.get("/users").await.assert_sees("Grace");
    let organization = mallory.organization();
    grace.get(&app.inbox(GRACE).link()).await;
    grace.submit("Save the password", &[("password", BETTER)]).await;
    grace.sign_in(GRACE, BETTER).await.assert_sees("User Directory");
    grace.get(&format!("/o/{organization}/users")).await.assert_status(404);
}

#[actix_web::test]
async fn an_address_that_somebody_else_has_by_now_stays_theirs() {
    let app = TestApp::start().await;
    let (_, eve, alarm) = moved(&app).await;
    // Grace's username was different, so her address is free.
    app.execute("UPDATE users SET username = 'ghopper' WHERE username = 'grace@example.org'");
    app.execute("UPDATE user_names SET name_key = 'ghopper' WHERE name_key = 'grace@example.org'");
    let mallory = app.another_organization("Elsewhere", "Mallory", None).await;
    mallory.invite(GRACE, "User").await.assert_sees("1 invited");
    let told = app.letters(EVE).len();
    let grace = app.visitor();
    grace.get(&alarm).await;
    grace
        .submit("This was not me", &[])
        .await
        .assert_path("/sign-in")
        .assert_sees("your address belongs to somebody else by now");
    assert!(eve.get("/users").await.path.starts_with("/sign-in"));
    eve.sign_in(EVE, GOOD).await.assert_status(422);
    assert_eq!(app.letters(EVE).len(), told, "no link to the mailbox of the attacker");
}
