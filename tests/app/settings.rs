//! Settings of an organization: its name, how long sessions live, the minimum length of passwords.

use crate::harness::{BETTER, GOOD, Page, Person, TestApp, user_creation::audited};
use actix_web::http::Method;
use chrono::TimeDelta;

async fn save(person: &Person, typed: &[(&str, &str)]) -> Page {
    person.get("/settings").await.assert_status(200);
    person.submit("Save the settings", typed).await
}

#[actix_web::test]
async fn an_administrator_renames_the_organization_and_the_trail_tells_before_and_after() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    save(&ada, &[("name", "  Difference Engines  ")]).await.assert_sees("The settings are saved");
    ada.get("/users").await.assert_sees("Difference Engines").assert_misses("Analytical");
    let told = app.text("SELECT CAST(before AS text) || CAST(after AS text) FROM audit_events WHERE action = 'organization.changed'");
    assert!(told.contains("Analytical Engines") && told.contains("Difference Engines"), "{told}");
    assert!(!told.contains("idle_minutes"), "only what differs is told: {told}");
}

#[actix_web::test]
async fn what_does_not_fit_is_complained_of_where_it_stands() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    for (typed, says) in [
        (&[("name", " ")][..], "Type the name"),
        (&[("name", "a\u{200b}b")], "cannot be seen"),
        (&[("idle_hours", "0"), ("idle_minutes", "4")], "from 5 minutes to 720 hours"),
        (&[("idle_hours", "many")], "Type whole numbers"),
        (&[("absolute_hours", "721")], "from 5 minutes to 720 hours"),
        (&[("idle_hours", "25")], "cannot be shorter than the time without use"),
        (&[("password_minimum", "14")], "from 15 to 64"),
        (&[("password_minimum", "65")], "from 15 to 64"),
        (&[("password_minimum", "long")], "from 15 to 64"),
    ] {
        let page = save(&ada, typed).await.assert_status(422);
        assert!(page.all(".error").iter().any(|error| error.contains(says)), "{says}: {:?}", page.all(".error"));
        assert_eq!(
            page.attribute(&format!("[name={}]", typed[0].0), "value").as_deref(),
            Some(typed[0].1),
            "typed stays"
        );
    }
    ada.get("/settings").await;
    ada.submit("Save the settings", &[("plan", "Unlimited"), ("seat_limit", "9")])
        .await
        .assert_status(400);
    assert_eq!(audited(&app, "organization.changed"), 0);
}

#[actix_web::test]
async fn shorter_sessions_are_in_force_at_once_in_every_process() {
    let app = TestApp::start().await;
    let other = app.another().await;
    let ada = app.administrator("Ada").await;
    let grace = ada.welcome("Grace", "User").await.at(&other);
    app.wait(TimeDelta::minutes(10));
    let rules = [("idle_hours", "0"), ("idle_minutes", "10"), ("absolute_hours", "2")];
    save(&ada, &rules).await.assert_sees("The settings are saved");
    assert!(grace.get("/users").await.path.starts_with("/sign-in"));
    for _ in 0..12 {
        app.wait(TimeDelta::minutes(9));
        assert_eq!(ada.get("/users").await.path, format!("/o/{}/users", ada.organization()));
    }
    app.wait(TimeDelta::minutes(9));
    assert!(ada.get("/users").await.path.starts_with("/sign-in"), "two hours are over");
}

#[actix_web::test]
async fn the_strictest_of_somebodys_organizations_says_how_long_a_password_must_be() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    let alan = app.another_organization("Bletchley Park", "Alan", None).await;
    save(&alan, &[("password_minimum", "40")]).await.assert_sees("saved");
    save(&ada, &[("password_minimum", "20")]).await.assert_sees("saved");
    let change = async |person: &Person| {
        person.get("/me/password").await;
        let new = "nineteen otters off";
        person.submit("Save the password", &[("present", GOOD), ("password", new)]).await
    };
    change(&ada).await.assert_status(422).assert_sees("Use at least 20 characters");
    alan.invite("ada@example.org", "User").await.assert_sees("1 invited");
    change(&ada).await.assert_status(422).assert_sees("Use at least 40 characters");
    // The same when the password is reset by a link.
    let visitor = app.visitor();
    visitor.get("/password/forgotten").await;
    visitor.submit("Send the link", &[("email", "ada@example.org")]).await;
    visitor.get(&app.inbox("ada@example.org").link()).await.assert_sees("At least 40 characters");
    visitor.submit("Save the password", &[("password", BETTER)]).await.assert_status(422);
    // And for a person who accepts an invitation.
    ada.invite("grace@example.org", "User").await;
    let grace = app.visitor();
    grace.get(&app.inbox("grace@example.org").link()).await.assert_sees("At least 20 characters");
    grace
        .submit("Join", &[("name", "Grace"), ("password", "nineteen otters off")])
        .await
        .assert_status(422);
    save(&ada, &[("password_minimum", "")]).await.assert_sees("saved");
    grace
        .submit("Join", &[("name", "Grace"), ("password", "nineteen otters off")])
        .await
        .assert_status(200);
}

#[actix_web::test]
async fn of_two_administrators_the_second_sees_what_changed_and_decides() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    let helga = ada.welcome_administrator("Helga").await;
    for person in [&ada, &helga] {
        person.get("/settings").await;
    }
    ada.submit("Save the settings", &[("name", "Ada Engines"), ("idle_hours", "4")])
        .await
        .assert_sees("saved");
    let page = helga
        .submit("Save the settings", &[("name", "Helga Engines")])
        .await
        .assert_status(409)
        .assert_sees("Somebody else saved these settings meanwhile");
    assert_eq!(page.all(".differences tbody tr"), ["Name Ada Engines Helga Engines", "Without use 4 hours 8 hours"]);
    assert_eq!(app.count("SELECT count(*) FROM organizations WHERE name = 'Ada Engines'"), 1);
    helga.submit("Save the settings", &[("idle_hours", "4")]).await.assert_sees("saved");
    assert_eq!(
        app.count("SELECT count(*) FROM organizations WHERE name = 'Helga Engines' AND idle_minutes = 240"),
        1
    );
    assert_eq!(audited(&app, "organization.changed"), 2);
}

#[actix_web::test]
async fn of_two_who_save_at_the_same_instant_one_is_asked_again() {
    let app = TestApp::start().await;
    let other = app.another().await;
    let ada = app.administrator("Ada").await;
    let helga = ada.welcome_administrator("Helga").await.at(&other);
    for person in [&ada, &helga] {
        person.get("/settings").await;
    }
    let (one, two) = futures_util::future::join(
        ada.submit("Save the settings", &[("name", "Ada Engines")]),
        helga.submit("Save the settings", &[("name", "Helga Engines")]),
    )
    .await;
    let mut statuses = [one.status, two.status];
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 409]);
    assert_eq!(audited(&app, "organization.changed"), 1);
}

#[actix_web::test]
async fn settings_are_for_those_who_may_and_who_proved_it_lately() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    app.role(ada.organization(), "Auditor", &["user:read:*", "organization:read:*"]);
    let auditor = ada.welcome("Audrey", "Auditor").await;
    let page = auditor.get("/settings").await.assert_status(200).assert_sees("Plan and use");
    assert!(!page.has_button("Save the settings") && page.attribute(".settings fieldset", "disabled").is_some());
    auditor
        .post("/settings", &[("name", "Mine")])
        .await
        .assert_status(403)
        .assert_sees("organization:manage:*");
    let grace = ada.welcome("Grace", "User").await;
    let page = grace.get("/settings").await.assert_status(403);
    assert!(!page.all(".nav li").contains(&"Settings".to_owned()));

    app.wait(TimeDelta::minutes(20));
    let page = ada.get("/settings").await.assert_status(200);
    let token = page.attribute("input[name=csrf]", "value").expect("a token");
    let path = format!("/o/{}/settings", ada.organization());
    let page = ada.request(Method::POST, &path, Some(format!("csrf={token}&name=Late&version=1"))).await;
    assert!(page.status == 303 && page.went[0].starts_with("/sign-in/again?next="), "{:?}", page.went);
    assert_eq!(audited(&app, "organization.changed"), 0);
}
