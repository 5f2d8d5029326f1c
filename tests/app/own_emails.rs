//! Changing one's own email: the present password, a letter to the new address, and what can go wrong.

use crate::harness::{BETTER, GOOD, Page, Person, TestApp, user_creation::audited};
use actix_web::http::Method;
use chrono::TimeDelta;
use futures_util::future::join_all;

const ADA: &str = "ada@example.org";
const GRACE: &str = "grace@example.org";
const NEW: &str = "amazing@navy.example";

/// An administrator changes Grace's address.
async fn set(by: &Person, name: &str, email: &str) -> Page {
    let id = by.member(name).await;
    let page = by.get(&format!("/users/{id}/email")).await;
    if page.status != 200 {
        return page;
    }
    by.submit("Change the email", &[("email", email)]).await
}

/// A person asks to change their own address.
async fn ask(person: &Person, email: &str, present: &str) -> Page {
    person.get("/me/email").await.assert_status(200);
    person.submit("Send the link", &[("email", email), ("present", present)]).await
}

fn email_of(app: &TestApp, name: &str) -> String {
    app.text(&format!(
        "SELECT email FROM users WHERE id = (SELECT user_id FROM members WHERE name = '{name}' LIMIT 1)"
    ))
}

async fn confirm(person: &Person, link: &str) -> Page {
    let page = person.get(link).await;
    if page.status != 200 {
        return page;
    }
    person.submit("Confirm the address", &[]).await
}

#[actix_web::test]
async fn an_own_email_changes_when_the_new_address_confirms() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    let other = app.another_organization("Elsewhere", "Mallory", None).await;
    other.invite(ADA, "Viewer").await.assert_sees("Added");
    ask(&ada, NEW, GOOD)
        .await
        .assert_path(&format!("/o/{}/me", ada.organization()))
        .assert_sees("Waiting for amazing@navy.example");
    let notice = app.inbox(ADA);
    assert!(
        notice.subject.contains("Somebody wants to change") && !notice.raw.contains("https://"),
        "{}",
        notice.raw
    );
    assert_eq!(email_of(&app, "Ada"), ADA);
    app.visitor().sign_in(NEW, GOOD).await.assert_status(422);
    let link = app.inbox(NEW).link();
    assert!(!app.dump().contains(link.trim_start_matches("/email/")));

    // A mail scanner may open the link as often as it likes.
    let scanner = app.visitor();
    for _ in 0..3 {
        scanner.get(&link).await.assert_link_page("/email").assert_sees("Is this your email address?");
    }
    scanner.request(Method::HEAD, &link, None).await;
    assert_eq!(email_of(&app, "Ada"), ADA);
    app.wait(TimeDelta::hours(1) - TimeDelta::seconds(1));
    let reader = app.visitor();
    confirm(&reader, &link)
        .await
        .assert_path("/sign-in")
        .assert_sees("Your email is amazing@navy.example now");
    assert!(reader.cookie("__Host-roster-session").is_none());
    confirm(&reader, &link).await.assert_status(410);
    ada.get("/me").await.assert_sees(NEW).assert_misses("Waiting for");
    assert!(app.inbox(ADA).text.contains("from ada@example.org to amazing@navy.example"));
    assert!(!app.inbox(ADA).raw.contains("https://"));
    for list in [&ada, &other] {
        list.get("/users?q=amazing").await.assert_sees(NEW);
    }
    app.visitor().sign_in(NEW, GOOD).await.assert_sees("User Directory");
    assert_eq!(audited(&app, "email.changed"), 2);
    assert_eq!(audited(&app, "email.change_requested"), 2);
}

#[actix_web::test]
async fn the_present_password_is_asked_for_and_not_to_be_guessed() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    let page = ask(&ada, NEW, BETTER).await.assert_status(422).assert_sees("not your current password");
    assert!(!page.body.contains(BETTER));
    ada.get("/me/email").await;
    ada.post("/me/email", &[("email", NEW)]).await.assert_status(400);
    for (name, value) in [
        ("user_id", "1"),
        ("username", "x"),
        ("address", "x@example.org"),
        ("confirmed", "true"),
        ("email", "b@example.org"),
    ] {
        ada.get("/me/email").await;
        let fields = [("email", NEW), ("present", GOOD), (name, value)];
        ada.post("/me/email", &fields).await.assert_status(400);
    }
    for _ in 0..9 {
        ask(&ada, NEW, "a wrong password").await.assert_status(422);
    }
    ask(&ada, NEW, GOOD).await.assert_status(429);
    assert_eq!(app.count("SELECT count(*) FROM outbox"), 0);
    app.wait(TimeDelta::minutes(10));
    for (bad, says) in [
        (ADA, "This is your email already"),
        ("x", "not an email address"),
        ("a@example.org\r\nBcc: b@example.org", "not an email address"),
    ] {
        ask(&ada, bad, GOOD).await.assert_status(422).assert_sees(says);
    }
    assert_eq!(app.count("SELECT count(*) FROM links WHERE kind = 'email'"), 0);
}

#[actix_web::test]
async fn the_newest_link_alone_works_for_its_address_alone() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    ask(&ada, "one@navy.example", GOOD).await.assert_status(200);
    let one = app.inbox("one@navy.example").link();
    ask(&ada, "two@navy.example", GOOD).await.assert_sees("Waiting for two@navy.example");
    let two = app.inbox("two@navy.example").link();
    let visitor = app.visitor();
    confirm(&visitor, &one).await.assert_status(410);
    ada.get("/me").await;
    ada.submit("Send again", &[]).await.assert_sees("A new link is on its way to two@navy.example");
    confirm(&visitor, &two).await.assert_status(410);
    let three = app.inbox("two@navy.example").link();
    for (name, value) in [("email", "one@navy.example"), ("address", "one@navy.example"), ("user_id", "1")] {
        visitor.get(&three).await;
        visitor.submit("Confirm the address", &[(name, value)]).await.assert_status(400);
    }
    confirm(&visitor, &three).await.assert_path("/sign-in");
    assert_eq!(email_of(&app, "Ada"), "two@navy.example");
    // A link of one kind does not work as a link of another kind.
    visitor.get("/password/forgotten").await;
    visitor.submit("Send the link", &[("email", "two@navy.example")]).await;
    let reset = app.inbox("two@navy.example").link();
    visitor.get(&reset.replace("/password/reset/", "/email/")).await.assert_status(410);
    app.wait(TimeDelta::minutes(30));
    ask(&ada, NEW, GOOD).await;
    let link = app.inbox(NEW).link();
    visitor.get(&link.replace("/email/", "/password/reset/")).await.assert_status(410);
    visitor.get(&link.replace("/email/", "/invitation/")).await.assert_status(410);
}

#[actix_web::test]
async fn what_waits_ends_with_time_with_a_word_with_another_password_and_with_the_access() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    let grace = ada.welcome("Grace", "User").await;
    let visitor = app.visitor();
    ask(&grace, NEW, GOOD).await;
    let taken_back = app.inbox(NEW).link();
    grace.get("/me").await;
    grace.submit("Take it back", &[]).await.assert_sees("the link is dead").assert_misses("Waiting for");
    confirm(&visitor, &taken_back).await.assert_status(410);
    grace.post("/me/email/cancellation", &[]).await.assert_sees("No change of your email is waiting");
    grace.post("/me/email/renewal", &[]).await.assert_sees("No change of your email is waiting");

    app.wait(TimeDelta::minutes(31));
    ask(&grace, NEW, GOOD).await;
    let late = app.inbox(NEW).link();
    app.wait(TimeDelta::hours(1));
    confirm(&visitor, &late).await.assert_status(410);
    grace.get("/me").await.assert_misses("Waiting for");

    // An attacker who knew the password asked for the change; then the owner sets another password.
    ask(&grace, NEW, GOOD).await;
    let stolen = app.inbox(NEW).link();
    app.wait(TimeDelta::minutes(1));
    grace.get("/password/change").await;
    grace.submit("Save the password", &[("present", GOOD), ("password", BETTER)]).await;
    confirm(&visitor, &stolen).await.assert_status(410);

    app.wait(TimeDelta::minutes(31));
    ask(&grace, NEW, BETTER).await;
    let disabled = app.inbox(NEW).link();
    visitor.get(&disabled).await.assert_status(200);
    ada.disable("Grace").await;
    visitor.submit("Confirm the address", &[]).await.assert_status(410);
    ada.submit("Undo", &[]).await.assert_sees("enabled again");
    confirm(&visitor, &disabled).await.assert_status(410);
    assert_eq!(email_of(&app, "Grace"), GRACE);
    assert_eq!(audited(&app, "email.changed"), 0);
}

#[actix_web::test]
async fn a_change_that_waits_keeps_nobody_from_the_address() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    ask(&ada, NEW, GOOD).await.assert_status(200);
    let link = app.inbox(NEW).link();
    ada.invite(NEW, "User").await.assert_sees("1 invited");
    app.visitor().get(&app.inbox(NEW).link()).await.assert_status(200);
    confirm(&app.visitor(), &link).await.assert_status(409).assert_sees("belongs to somebody else");
    assert_eq!(email_of(&app, "Ada"), ADA);
    // A change by an administrator ends the change that the person had asked for.
    let grace = ada.welcome("Grace", "User").await;
    ask(&grace, "grace@navy.example", GOOD).await;
    let link = app.inbox("grace@navy.example").link();
    set(&ada, "Grace", "hopper@navy.example").await.assert_sees("now");
    confirm(&app.visitor(), &link).await.assert_status(410);
    assert_eq!(email_of(&app, "Grace"), "hopper@navy.example");
}

#[actix_web::test]
async fn one_link_followed_twenty_times_at_once_changes_once_and_one_address_goes_to_one() {
    let app = TestApp::start().await;
    let other = app.another().await;
    let ada = app.administrator("Ada").await;
    let grace = ada.welcome("Grace", "User").await;
    let outbox = |person: Person| async move {
        let (action, fields) = person.page().form("Confirm the address");
        let body = serde_html_form::to_string(fields).expect("a form");
        person.request(Method::POST, &action, Some(body)).await.status
    };
    ask(&ada, NEW, GOOD).await;
    let first = app.inbox(NEW).link();
    app.wait(TimeDelta::minutes(1));
    ask(&grace, NEW, GOOD).await.assert_status(200);
    let second = app.inbox(NEW).link();
    let mut people = vec![];
    for n in 0..20 {
        let person = if n % 4 < 2 { app.visitor() } else { other.visitor() };
        person.get(if n % 2 == 0 { &first } else { &second }).await.assert_status(200);
        people.push(person);
    }
    let mut statuses = join_all(people.into_iter().map(outbox)).await;
    statuses.sort_unstable();
    assert_eq!(statuses[0], 303);
    assert!(statuses[1..].iter().all(|status| matches!(status, 409 | 410)), "{statuses:?}");
    assert_eq!(app.count(&format!("SELECT count(*) FROM users WHERE email = '{NEW}'")), 1);
    assert_eq!(audited(&app, "email.changed"), 1);
}

#[actix_web::test]
async fn own_pages_are_for_whoever_may_be_here() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    let other = app.another_organization("Elsewhere", "Mallory", None).await;
    let here = format!("/o/{}", ada.organization());
    let disabled = ada.welcome("Dis Abled", "User").await;
    ada.disable("Dis Abled").await;
    let ways = [
        ("GET", "/me"),
        ("GET", "/me/email"),
        ("POST", "/me"),
        ("POST", "/me/email/renewal"),
        ("POST", "/me/email/cancellation"),
    ];
    for (person, status) in [(&other, 404), (&disabled, 303)] {
        for (method, path) in ways {
            let token = person.page().attribute("input[name=csrf]", "value").unwrap_or_default();
            let body = (method == "POST").then(|| format!("csrf={token}"));
            let page = person.request(method.parse().expect("a method"), &format!("{here}{path}"), body).await;
            assert_eq!(page.status, status, "{method} {path}: {}", page.text());
            assert!(page.went.iter().all(|to| to.starts_with("/sign-in")), "{method} {path}: {:?}", page.went);
            assert!(!page.body.contains("Analytical"), "{method} {path}");
        }
    }
}
