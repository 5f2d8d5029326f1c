//! Founding the first organization.

use crate::harness::{GOOD, Person, TestApp};
use actix_web::http::Method;
use chrono::TimeDelta;
use futures_util::future::join_all;

const FIELDS: [(&str, &str); 4] = [
    ("organization", "Analytical Engines"),
    ("name", "Ada"),
    ("email", "ada@example.org"),
    ("password", GOOD),
];

fn link(app: &TestApp) -> String {
    let now = app.clock.now();
    app.db
        .write_here(|tx| roster::setup::issue_link(tx, now))
        .expect("a link")
        .expect("nobody is here yet")
}

/// The body of the set-up form on the current page, filled in.
fn filled_in(person: &Person) -> String {
    let mut fields = person.page().form("Create organization").1;
    fields.retain(|(name, _)| name == "csrf" || name == "link");
    fields.extend(FIELDS.map(|(name, value)| (name.to_owned(), value.to_owned())));
    serde_html_form::to_string(fields).expect("a form")
}

#[actix_web::test]
async fn without_the_link_nobody_founds_anything() {
    let app = TestApp::start().await;
    let eve = app.visitor();
    for path in ["/setup", "/setup/x", &format!("/setup/{}", "A".repeat(43))] {
        eve.get(path).await.assert_status(410).assert_sees("This link does not work");
    }
    eve.get("/sign-in").await;
    eve.post("/setup", &FIELDS).await.assert_status(410);
    for (name, password) in [("admin", "admin"), ("root", "root"), ("admin@example.org", "password")] {
        eve.sign_in(name, password).await.assert_status(422);
    }
    assert_eq!(app.count("SELECT count(*) FROM organizations"), 0);
    assert_eq!(app.count("SELECT count(*) FROM users"), 0);
}

#[actix_web::test]
async fn the_link_works_for_a_day_and_every_one_dies_with_the_first_use() {
    let app = TestApp::start().await;
    let (early, late) = (link(&app), link(&app));
    app.wait(TimeDelta::hours(24) - TimeDelta::seconds(1));
    let ada = app.visitor();
    ada.get(&early).await.assert_status(200);
    app.wait(TimeDelta::seconds(1));
    ada.submit("Create organization", &FIELDS).await.assert_status(410);
    ada.get(&late).await.assert_status(410);

    let (first, second) = (link(&app), link(&app));
    let eve = app.visitor();
    eve.get(&second).await.assert_status(200);
    ada.get(&first).await;
    ada.submit("Create organization", &FIELDS).await.assert_sees("Your organization is ready");
    eve.submit("Create organization", &FIELDS).await.assert_status(410).assert_sees("set up already");
    for path in [&first, &second] {
        app.visitor().get(path).await.assert_status(410).assert_sees("set up already");
    }
    let now = app.clock.now();
    assert!(app.db.write_here(|tx| roster::setup::issue_link(tx, now)).expect("an answer").is_none());
}

#[actix_web::test]
async fn what_is_wrong_is_said_at_its_field_and_the_link_stays_good() {
    let app = TestApp::start().await;
    let ada = app.visitor();
    ada.get(&link(&app)).await;
    for (name, value) in [
        ("organization", " "),
        ("name", "\u{202e}"),
        ("email", "a@b@c.org"),
        ("password", "short"),
        ("password", "analytical engines"),
    ] {
        let mut fields = FIELDS.to_vec();
        fields.retain(|(known, _)| *known != name);
        fields.push((name, value));
        let page = ada.submit("Create organization", &fields).await.assert_status(422);
        assert!(page.attribute(&format!("#{name}[aria-invalid]"), "id").is_some(), "{name}");
    }
    ada.submit("Create organization", &[("plan", "x")]).await.assert_status(400);
    ada.get(&link(&app)).await;
    ada.submit("Create organization", &FIELDS).await.assert_sees("Your organization is ready");
}

#[actix_web::test]
async fn of_twenty_at_once_in_two_processes_one_founds() {
    let app = TestApp::start().await;
    let other = app.another().await;
    let mut people = vec![];
    for n in 0..20 {
        let person = if n % 2 == 0 { app.visitor() } else { other.visitor() };
        person.get(&link(&app)).await.assert_status(200);
        people.push(person);
    }
    let posts = people.iter().map(|person| person.request(Method::POST, "/setup", Some(filled_in(person))));
    let answers = join_all(posts).await;
    let mut statuses: Vec<u16> = answers.iter().map(|answer| answer.status).collect();
    statuses.sort_unstable();
    assert_eq!(statuses, [[303].as_slice(), &[410; 19]].concat());
    assert_eq!(app.count("SELECT count(*) FROM organizations"), 1);
    assert_eq!(app.count("SELECT count(*) FROM users"), 1);
    assert_eq!(app.count("SELECT count(*) FROM roles"), 6);
}
