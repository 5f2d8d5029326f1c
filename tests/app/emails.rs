//! Email addresses changed by an administrator: at once, where the identity belongs to this organization alone.

use crate::harness::{GOOD, Page, Person, TestApp, user_creation::audited};
use actix_web::http::Method;
use chrono::TimeDelta;

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

fn email_of(app: &TestApp, name: &str) -> String {
    app.text(&format!(
        "SELECT email FROM users WHERE id = (SELECT user_id FROM members WHERE name = '{name}' LIMIT 1)"
    ))
}

#[actix_web::test]
async fn an_administrator_changes_an_email_at_once_and_both_addresses_are_told() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    let grace = ada.welcome("Grace", "User").await;
    let visitor = app.visitor();
    visitor.get("/password/forgotten").await;
    visitor.submit("Send the link", &[("email", GRACE)]).await;
    let reset = app.inbox(GRACE).link();
    set(&ada, "Grace", NEW)
        .await
        .assert_status(200)
        .assert_sees("The email is amazing@navy.example now");
    for address in [GRACE, NEW] {
        let letter = app.inbox(address);
        assert!(
            letter.text.contains("Ada, who administers Analytical Engines, changed your email address"),
            "{}",
            letter.text
        );
        assert!(!letter.raw.contains("https://"), "the notice holds no link");
    }
    // Sessions continue; links sent to the old address are dead; the list and the search know the new one.
    grace.get("/users").await.assert_status(200);
    visitor.get(&reset).await.assert_status(410);
    ada.get("/users?q=amazing").await.assert_sees("Grace").assert_sees(NEW);
    // The old address stays the username, which never changes.
    for name in [NEW, GRACE] {
        app.visitor().sign_in(name, GOOD).await.assert_sees("User Directory");
    }
    set(&ada, "Grace", NEW).await.assert_status(422).assert_sees("This is their email already");
    assert_eq!(audited(&app, "email.changed"), 1);
}

#[actix_web::test]
async fn an_old_address_that_is_no_username_is_free_again() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    ada.get("/users/new").await;
    ada.submit("Create User", &[("first_name", "Kay"), ("email", "kay@example.org"), ("username", "kay")])
        .await
        .assert_status(200);
    set(&ada, "Kay", "kay@navy.example").await.assert_sees("now");
    ada.welcome("Grace", "User").await;
    // A username cannot become another person's address, also not in other letters.
    for taken in ["KAY@navy.example", "ada@example.org", "ＡＤＡ@example.org"] {
        set(&ada, "Grace", taken).await.assert_status(422).assert_sees("belongs to somebody already");
    }
    set(&ada, "Grace", "kay@example.org").await.assert_sees("The email is kay@example.org now");
    set(&ada, "Grace", "Kay@Example.org").await.assert_sees("The email is Kay@example.org now");
    assert_eq!(app.count("SELECT count(*) FROM user_names"), 5);
    for bad in [
        "",
        "x",
        "a@b@c.example",
        "eve@example.org\r\nBcc: x@example.org",
        "ka\u{202e}y@example.org",
        "a@example.org,b@example.org",
    ] {
        set(&ada, "Grace", bad).await.assert_status(422);
    }
    let id = ada.member("Grace").await;
    for (name, value) in [
        ("username", "x"),
        ("user_id", "1"),
        ("email_verified", "true"),
        ("status", "disabled"),
        ("email", "b@example.org"),
    ] {
        ada.get(&format!("/users/{id}/email")).await;
        let fields = [("email", "c@example.org"), (name, value)];
        ada.post(&format!("/users/{id}/email"), &fields).await.assert_status(400);
    }
    assert_eq!(email_of(&app, "Grace"), "Kay@example.org");
}

#[actix_web::test]
async fn an_administrator_changes_only_whom_they_may() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    let other = app.another_organization("Elsewhere", "Mallory", None).await;
    ada.welcome("Grace", "User").await;
    ada.invite("linus@example.org", "User").await;
    other.invite(GRACE, "Viewer").await.assert_sees("Added");
    for (name, why) in [
        ("Grace", "They belong to another organization too"),
        ("linus@example.org", "Cancel it and invite the right one"),
        ("Ada", "on your own profile"),
    ] {
        set(&ada, name, NEW).await.assert_status(422).assert_sees(why);
        let id = ada.member(name).await;
        let page = ada.get(&format!("/users/{id}")).await.assert_sees(why);
        assert!(page.all("a[href$='/email']").is_empty());
        ada.post(&format!("/users/{id}/email"), &[("email", NEW)]).await.assert_status(422);
    }
    set(&other, "Grace", NEW).await.assert_status(422);
    app.role(ada.organization(), "Helper", &["user:manage:*", "user:read:*"]);
    let helper = ada.welcome("Helga", "Helper").await;
    set(&helper, "Ada", NEW).await.assert_status(422).assert_sees("They may do more than you");
    assert_eq!(audited(&app, "email.changed"), 0);
    assert_eq!(app.count("SELECT count(*) FROM outbox WHERE kind = 'email.changed'"), 0);
}

#[actix_web::test]
async fn an_administrator_proves_again_who_they_are() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    ada.welcome("Grace", "User").await;
    let path = format!("/o/{}/users/{}/email", ada.organization(), ada.member("Grace").await);
    ada.get(&path).await.assert_status(200);
    let token = ada.page().attribute("input[name=csrf]", "value").unwrap();
    app.wait(TimeDelta::minutes(16));
    let body = serde_html_form::to_string([("csrf", token.as_str()), ("email", NEW)]).unwrap();
    ada.request(Method::GET, &path, None).await.assert_status(200);
    let page = ada.request(Method::POST, &path, Some(body)).await.assert_status(303);
    assert!(page.went[0].starts_with("/sign-in/again?next="), "{:?}", page.went);
    assert_eq!(email_of(&app, "Grace"), GRACE);
}
