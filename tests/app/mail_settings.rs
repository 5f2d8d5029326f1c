//! The mail settings page: how mail is sent, what waits, what failed, and a test letter.

use crate::harness::{TestApp, user_creation::audited};
use chrono::TimeDelta;
use std::net::TcpListener;

/// The address of a mail server at which nothing listens.
fn dead_server() -> String {
    let gone = TcpListener::bind("127.0.0.1:0").expect("a port").local_addr().expect("an address");
    format!("smtp://{gone}?tls=none")
}

#[actix_web::test]
async fn the_page_says_how_mail_goes_and_never_the_password() {
    let app = TestApp::start_with(&["--smtp-url", "smtp://user:hunter2@localhost:2525?tls=none"]).await;
    let ada = app.administrator("Ada").await;
    let page = ada.get("/settings/mail").await.assert_sees("localhost:2525 (unprotected)");
    assert!(!page.body.contains("hunter2") && !page.body.contains("user:"));
    page.assert_sees("Nothing waits").assert_sees("Nothing failed");

    let without = TestApp::start_without_mail_server().await;
    let ada = without.administrator("Ada").await;
    ada.get("/settings/mail").await.assert_sees("letters become files").assert_sees("ROSTER_SMTP_URL");
}

#[actix_web::test]
async fn what_waits_is_told_with_its_reason_and_next_try_and_can_be_tried_at_once() {
    let app = TestApp::start_with(&["--smtp-url", &dead_server()]).await;
    let ada = app.administrator("Ada").await;
    ada.invite("grace@example.org", "User").await;
    app.deliver();
    app.wait(TimeDelta::seconds(15));
    app.deliver();
    ada.get("/settings/mail")
        .await
        .assert_sees("Waiting 1")
        .assert_sees("Invitation: 1")
        .assert_sees("grace@example.org")
        .assert_sees("(2 tries)");
    let due = "SELECT count(*) FROM outbox WHERE due_at <= created_at";
    assert_eq!(app.count(due), 0);
    ada.submit("Try all now", &[]).await.assert_sees("One letter is tried again now");
    assert_eq!(audited(&app, "mail.hurried"), 1);
    app.deliver();
    assert_eq!(app.count("SELECT attempts FROM outbox"), 3);
}

#[actix_web::test]
async fn a_letter_that_is_being_sent_is_not_tried_a_second_time() {
    let app = TestApp::start_with(&["--smtp-url", &dead_server()]).await;
    let ada = app.administrator("Ada").await;
    ada.invite("grace@example.org", "User").await;
    app.deliver();
    // A worker is sending it at this moment.
    app.execute("UPDATE outbox SET leased_until = due_at");
    ada.get("/settings/mail").await;
    ada.submit("Try all now", &[]).await.assert_sees("Nothing waits for a later try");
}

#[actix_web::test]
async fn only_letters_of_the_organization_are_told_and_addresses_to_those_who_may_see_them() {
    let app = TestApp::start_with(&["--smtp-url", &dead_server()]).await;
    let ada = app.administrator("Ada").await;
    let mallory = app.another_organization("Mallory Ltd", "Mallory", None).await;
    ada.invite("grace@example.org", "User").await;
    app.deliver();
    mallory.get("/settings/mail").await.assert_sees("Nothing waits").assert_misses("grace@example.org");
    app.role(ada.organization(), "Auditor", &["organization:read:*"]);
    ada.invite("kay@example.org", "Auditor").await;
    let link = {
        let copied = ada.new_link("kay@example.org").await;
        copied.attribute("#link", "value").expect("a link")
    };
    let kay = app.visitor();
    kay.get(link.trim_start_matches("https://roster.example")).await;
    kay.submit("Join", &[("name", "Kay"), ("password", crate::harness::GOOD)]).await;
    let path = format!("/o/{}/settings/mail", ada.organization());
    let page = kay.get(&path).await.assert_status(200).assert_misses("grace@example.org");
    assert!(!page.has_button("Try all now") && !page.has_button("Send a test letter"));
}

#[actix_web::test]
async fn what_failed_for_good_is_told_and_leads_to_the_person() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    ada.invite("grace@example.org", "User").await;
    app.execute("UPDATE outbox SET state = 'failed', body = NULL, last_error = '550 no such mailbox', ended_at = created_at");
    let page = ada.get("/settings/mail").await.assert_sees("Failed 1").assert_sees("550 no such mailbox");
    ada.get(&page.link("grace@example.org")).await.assert_sees("grace@example.org");
    assert_eq!(ada.page().names().len(), 1);
}

#[actix_web::test]
async fn a_test_letter_goes_to_its_sender_and_the_page_tells_what_became_of_it() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    let mallory = app.another_organization("Mallory Ltd", "Mallory", None).await;
    ada.get("/settings/mail").await;
    let page = ada.submit("Send a test letter", &[]).await.assert_sees("Waiting It is tried at any moment");
    assert!(page.attribute("#test", "data-poll").is_some(), "the page waits for it");
    let here = page.went.last().expect("a redirect").clone();
    assert_eq!(app.inbox("ada@example.org").subject, "Test letter from Analytical Engines");
    let page = ada.get(&here).await.assert_sees("Written to a file");
    assert!(page.attribute("#test", "data-poll").is_none());
    assert_eq!(audited(&app, "mail.tested"), 1);
    let id = here.split("test=").nth(1).expect("an id");
    mallory.get(&format!("/settings/mail?test={id}")).await.assert_misses("Written to a file");
}

#[actix_web::test]
async fn a_test_letter_that_cannot_be_sent_says_why() {
    let app = TestApp::start_with(&["--smtp-url", &dead_server()]).await;
    let ada = app.administrator("Ada").await;
    ada.get("/settings/mail").await;
    let here = ada.submit("Send a test letter", &[]).await.went.last().expect("a redirect").clone();
    app.deliver();
    ada.get(&here).await.assert_sees("Not sent yet").assert_sees("onnection");
}
