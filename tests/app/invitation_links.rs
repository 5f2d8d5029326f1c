//! The link in an invitation: what it opens, for whom, until when, and what ends it.

use crate::harness::{
    BETTER, GOOD, TestApp,
    user_creation::{audited, invited, join, press},
};
use actix_web::http::Method;
use chrono::TimeDelta;

#[actix_web::test]
async fn opening_a_link_changes_nothing_however_often_and_by_whom() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    let link = invited(&app, &ada, "grace@example.org").await;
    let before = app.count("SELECT count(*) FROM audit_events");
    for _ in 0..10 {
        let scanner = app.visitor();
        scanner.request(Method::HEAD, &link, None).await.assert_status(303);
        let page = scanner.get(&link).await.assert_status(200);
        scanner.request(Method::HEAD, &page.path, None).await.assert_status(200);
        scanner.request(Method::OPTIONS, &link, None).await.assert_status(405);
    }
    assert_eq!(app.count("SELECT count(*) FROM audit_events"), before);
    let grace = app.visitor();
    let page = grace.get(&link).await;
    assert_eq!(page.headers.get("referrer-policy").unwrap(), "no-referrer");
    assert!(!page.body.contains(link.trim_start_matches("/invitation/")), "the secret is not on the page");
    assert!(page.attributes("[src], [href]", "src").iter().all(|src| src.starts_with('/')));
    join(&grace, "Grace").await.assert_sees("Welcome");
}

#[actix_web::test]
async fn a_link_works_until_its_last_second_without_anything_being_swept() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    let (early, late) = (invited(&app, &ada, "early@example.org").await, invited(&app, &ada, "late@example.org").await);
    let (early_person, late_person) = (app.visitor(), app.visitor());
    app.wait(TimeDelta::days(7) - TimeDelta::seconds(1));
    early_person.get(&early).await.assert_status(200);
    late_person.get(&late).await.assert_status(200);
    join(&early_person, "Early").await.assert_sees("Welcome");
    app.wait(TimeDelta::seconds(1));
    join(&late_person, "Late").await.assert_status(410).assert_sees("This invitation has expired");
    assert_eq!(app.count("SELECT count(*) FROM members WHERE status = 'active'"), 2);
    ada.sign_in("ada@example.org", GOOD).await;
    ada.get("/users?tab=invited").await.assert_sees("late@example.org").assert_sees("expired");
}

#[actix_web::test]
async fn a_link_is_used_once_and_a_second_use_is_told_to_the_sender() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    let link = invited(&app, &ada, "grace@example.org").await;
    let (grace, eve) = (app.visitor(), app.visitor());
    grace.get(&link).await;
    eve.get(&link).await;
    join(&grace, "Grace").await.assert_sees("Welcome");
    app.wait(TimeDelta::minutes(1));
    let hash = app.text("SELECT max(hash) FROM passwords");
    eve.submit("Join", &[("name", "Eve"), ("password", BETTER)])
        .await
        .assert_status(410)
        .assert_sees("used already");
    eve.get("/").await.assert_sees("Sign in");
    eve.get(&link).await.assert_status(410).assert_sees("used already");
    assert_eq!(app.text("SELECT max(hash) FROM passwords"), hash);
    assert_eq!(audited(&app, "invitation.used_again"), 1);
    ada.get("/users").await.assert_sees("Grace").assert_misses("Eve");
}

#[actix_web::test]
async fn a_new_link_ends_the_old_one_and_takes_back_its_letter() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    let old = invited(&app, &ada, "grace@example.org").await;
    press(&ada, "grace@example.org", "Resend invitation")
        .await
        .assert_sees("A new invitation is on its way");
    let newer = app.inbox("grace@example.org").link();
    let copied = ada.new_link("grace@example.org").await.assert_sees("Shown only this once");
    let copied = copied.attribute("#link", "value").expect("a link");
    let copied = copied.trim_start_matches("https://roster.example");
    for dead in [&old, &newer] {
        let page = app.visitor().get(dead).await.assert_status(410).assert_sees("replaced by a newer one");
        assert!(!page.has_button("Ask for a new link"));
    }
    ada.get("/users?tab=invited").await.assert_sees("no mail; link copied");
    // A letter that waits in the outbox is withdrawn together with its link.
    press(&ada, "grace@example.org", "Resend invitation").await;
    ada.new_link("grace@example.org").await;
    assert_eq!(app.letters("grace@example.org").len(), 2);
    app.visitor().get(copied).await.assert_status(410);
    assert_eq!(app.count("SELECT count(*) FROM outbox WHERE state = 'withdrawn' AND body IS NULL"), 1);
}

#[actix_web::test]
async fn a_cancelled_invitation_leaves_nothing_behind_and_its_address_free() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    let link = invited(&app, &ada, "grace@example.org").await;
    let grace = app.visitor();
    grace.get(&link).await.assert_status(200);
    let id = ada.member("grace@example.org").await;
    let cancel = ada.get(&format!("/users/{id}")).await.link("Cancel invitation");
    ada.get(&cancel).await.assert_sees("their link dies at once");
    ada.submit("Cancel the invitation", &[]).await.assert_sees("is cancelled");
    join(&grace, "Grace").await.assert_status(410);
    app.visitor().get(&link).await.assert_status(410);
    ada.get(&format!("/users/{id}")).await.assert_status(404);
    assert_eq!(app.count("SELECT count(*) FROM users"), 1);
    let alan = app.another_organization("Bletchley Park", "Alan", None).await;
    alan.invite("grace@example.org", "User").await.assert_sees("1 invited");
    app.visitor().accept("Grace").await.get("/users").await.assert_sees("Bletchley Park");
}

#[actix_web::test]
async fn somebody_signed_in_as_another_is_told_so_and_is_not_joined() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    let grace = ada.welcome("Grace", "User").await;
    let link = invited(&app, &ada, "kay@example.org").await;
    grace
        .get(&link)
        .await
        .assert_sees("Somebody else is signed in")
        .assert_sees("kay@example.org")
        .assert_sees("grace@example.org");
    let fields = [("name", "Kay"), ("password", GOOD)];
    grace
        .post("/invitation", &fields)
        .await
        .assert_status(409)
        .assert_sees("Somebody else is signed in");
    grace.get("/users").await.assert_sees("Grace");
    assert_eq!(app.count("SELECT count(*) FROM members WHERE status = 'invited'"), 1);
    grace.get(&link).await;
    grace
        .submit("Sign out and go on", &[])
        .await
        .assert_link_page("/invitation")
        .assert_sees("Join Analytical Engines");
    join(&grace, "Kay").await.assert_sees("Welcome");
    grace.get("/users").await.assert_sees("Kay");
}

#[actix_web::test]
async fn a_dead_link_offers_to_ask_for_a_new_one_a_few_times() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    let link = invited(&app, &ada, "grace@example.org").await;
    app.wait(TimeDelta::days(8));
    let grace = app.visitor();
    for _ in 0..6 {
        grace.get(&link).await.assert_status(410).assert_sees("expired");
        grace
            .submit("Ask for a new link", &[])
            .await
            .assert_status(200)
            .assert_sees("You asked for a new link");
    }
    let letters = app.letters("ada@example.org");
    assert_eq!(letters.len(), 3, "the sender hears of it, but not without end");
    assert_eq!(letters[0].subject, "grace@example.org asks for a new invitation to Analytical Engines");
    ada.sign_in("ada@example.org", GOOD).await;
    ada.get(&letters[0].link()).await.assert_sees("The link expired");
    ada.submit("Resend invitation", &[]).await.assert_sees("A new invitation is on its way");
    app.visitor().accept("Grace").await;
}

#[actix_web::test]
async fn whoever_makes_up_links_is_told_nothing_and_slowed_down() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    invited(&app, &ada, "grace@example.org").await;
    let eve = app.visitor();
    let made_up = "A".repeat(43);
    for secret in [
        made_up.as_str(),
        "x",
        "00000000-0000-7000-8000-000000000000",
        "%00",
        &"A".repeat(5_000),
    ] {
        eve.get(&format!("/invitation/{secret}"))
            .await
            .assert_status(410)
            .assert_sees("This link is not valid");
    }
    eve.get(&format!("/invitation/{made_up}")).await;
    eve.request(Method::POST, "/invitation/request", None).await.assert_status(400);
    let mut last = eve.get("/invitation").await;
    for _ in 0..40 {
        last = eve.get(&format!("/invitation/{made_up}")).await;
    }
    last.assert_status(429);
    app.visitor().at_address("198.51.100.9").get("/invitation").await.assert_status(410);
}

#[actix_web::test]
async fn nothing_in_the_database_opens_anything() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    ada.invite("grace@example.org", "User").await;
    let waiting = app.dump();
    let link = app.inbox("grace@example.org").link();
    let secret = link.trim_start_matches("/invitation/");
    let copied = ada.new_link("grace@example.org").await.attribute("#link", "value").expect("a link");
    let delivered = app.dump();
    assert!(
        waiting.contains("grace@example.org") && delivered.contains("grace@example.org"),
        "it is the whole database"
    );
    for dump in [&waiting, &delivered] {
        assert!(!dump.contains(secret) && !dump.contains(copied.trim_start_matches("https://roster.example/invitation/")));
        assert!(!dump.contains("choose a password"), "letters are sealed");
        assert!(!dump.contains(GOOD));
    }
    assert_eq!(app.count("SELECT count(*) FROM outbox WHERE body IS NOT NULL"), 0);
}
