//! Sessions: rows in the database, read at every request in every process.

use crate::harness::{BETTER, GOOD, Page, Person, TestApp};
use actix_web::http::Method;
use chrono::TimeDelta;

const SESSION: &str = "__Host-roster-session";

fn cookies(page: &Page) -> Vec<String> {
    page.headers.get_all("set-cookie").map(|value| value.to_str().expect("text").to_owned()).collect()
}

/// Posts the sign-in form of the current page, without following redirects.
async fn sign_in(person: &Person) -> Page {
    person.get("/sign-in").await;
    let token = person.page().attribute("input[name=csrf]", "value").expect("a token");
    let body = serde_html_form::to_string([("csrf", token.as_str()), ("name", "ada@example.org"), ("password", GOOD)]);
    person.request(Method::POST, "/sign-in", Some(body.expect("a form"))).await
}

#[track_caller]
fn assert_in(page: &Page) {
    assert!(page.text().contains("User Directory"), "{}", page.text());
}
#[track_caller]
fn assert_out(page: &Page) {
    assert!(page.path.starts_with("/sign-in"), "{}: {}", page.path, page.text());
}

#[actix_web::test]
async fn cookies_are_for_this_host_over_tls_and_out_of_reach_of_scripts() {
    let app = TestApp::start().await;
    app.administrator("Ada").await;
    let person = app.visitor();
    let first = person.request(Method::GET, "/sign-in", None).await;
    let answer = sign_in(&person).await.assert_status(303);
    let all: Vec<String> = cookies(&first).into_iter().chain(cookies(&answer)).collect();
    assert!(all.iter().any(|cookie| cookie.starts_with(SESSION)), "{all:?}");
    for cookie in &all {
        assert!(cookie.starts_with("__Host-roster-"), "{cookie}");
        for attribute in ["Secure", "HttpOnly", "SameSite=Lax", "Path=/"] {
            assert!(cookie.contains(attribute), "{attribute}: {cookie}");
        }
        assert!(!cookie.contains("Domain") && cookie.len() < 4096, "{cookie}");
    }
    let value = person.cookie(SESSION).expect("a session");
    let page = person.get("/").await;
    assert!(!page.body.contains(&value) && !app.dump().contains(&value));
}

#[actix_web::test]
async fn signing_in_makes_a_session_that_nobody_knew_before() {
    let app = TestApp::start().await;
    app.administrator("Ada").await;
    let planted = app.visitor();
    sign_in(&planted).await.assert_status(303);
    let known = planted.cookie(SESSION).expect("a session");
    // Session fixation: the victim's browser carries a session that the attacker planted.
    let victim = app.visitor();
    victim.get("/sign-in").await;
    victim.set_cookie(SESSION, &known);
    let token = victim.request(Method::GET, "/password/forgotten", None).await;
    let token = token.attribute("input[name=csrf]", "value").expect("a token");
    let body = serde_html_form::to_string([("csrf", token.as_str()), ("name", "ada@example.org"), ("password", GOOD)]).unwrap();
    victim.request(Method::POST, "/sign-in", Some(body)).await.assert_status(303);
    assert_ne!(victim.cookie(SESSION).expect("a session"), known);
    assert_in(&victim.get("/").await);
    assert_out(&planted.get("/").await);
}

#[actix_web::test]
async fn a_session_of_nobody_is_just_signed_out() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    let good = ada.cookie(SESSION).expect("a session");
    let long = "x".repeat(3_000);
    for value in [
        "",
        "x",
        "null",
        "deleted",
        &good[1..],
        &good[..good.len() - 1],
        &format!("{good}x"),
        &long,
    ] {
        let eve = app.visitor();
        eve.set_cookie(SESSION, value);
        eve.set_cookie("home", &ada.organization().to_string());
        assert_out(&eve.get("/users").await.assert_status(200));
    }
    let insecure = app.visitor();
    insecure.set_cookie("roster-session", &good);
    assert_out(&insecure.get("/").await);
}

#[actix_web::test]
async fn a_session_ends_when_it_was_idle_for_eight_hours() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    app.wait(TimeDelta::hours(8) - TimeDelta::seconds(1));
    assert_in(&ada.get("/users").await);
    app.wait(TimeDelta::hours(8) - TimeDelta::seconds(1));
    assert_in(&ada.get("/users").await);
    app.wait(TimeDelta::hours(8));
    assert_out(&ada.get("/users").await);
}

#[actix_web::test]
async fn a_session_ends_after_a_day_however_busy() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    for _ in 0..5 {
        app.wait(TimeDelta::hours(4));
        assert_in(&ada.get("/users").await);
    }
    app.wait(TimeDelta::hours(4) - TimeDelta::seconds(1));
    assert_in(&ada.get("/users").await);
    app.wait(TimeDelta::seconds(1));
    assert_out(&ada.get("/users").await);
}

#[actix_web::test]
async fn the_strictest_of_somebodys_organizations_decides_how_long() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    let alan = app.another_organization("Bletchley Park", "Alan", None).await;
    alan.invite("ada@example.org", "User").await;
    app.execute("UPDATE organizations SET idle_minutes = 10 WHERE name = 'Bletchley Park'");
    app.wait(TimeDelta::minutes(10) - TimeDelta::seconds(1));
    assert_in(&ada.get("/users").await);
    app.wait(TimeDelta::minutes(10));
    assert_out(&ada.get("/users").await);
}

#[actix_web::test]
async fn whoever_signs_out_is_out_of_every_process_and_leaves_nothing_in_the_browser() {
    let app = TestApp::start().await;
    let other = app.another().await;
    let ada = app.administrator("Ada").await;
    let copy = other.visitor();
    copy.set_cookie(SESSION, &ada.cookie(SESSION).expect("a session"));
    assert_in(&copy.get("/").await);
    let (action, fields) = ada.page().form("Sign out");
    let body = serde_html_form::to_string(fields).expect("a form");
    let answer = ada.request(Method::POST, &action, Some(body)).await.assert_status(303);
    assert!(answer.headers.get("clear-site-data").expect("a header").to_str().unwrap().contains("\"cache\""));
    assert!(ada.cookie(SESSION).is_none());
    assert_out(&copy.get("/").await);
    assert_eq!(app.count("SELECT count(*) FROM sessions"), 0);
    assert_eq!(app.count("SELECT count(*) FROM audit_events WHERE action = 'session.ended'"), 1);
}

#[actix_web::test]
async fn a_change_of_password_ends_every_other_session_in_every_process() {
    let app = TestApp::start().await;
    let other = app.another().await;
    let ada = app.administrator("Ada").await;
    let elsewhere = other.visitor();
    elsewhere.sign_in("ada@example.org", GOOD).await;
    app.wait(TimeDelta::minutes(1));
    ada.get("/password/change").await;
    ada.submit("Save the password", &[("present", GOOD), ("password", BETTER)])
        .await
        .assert_sees("Other sessions have ended");
    assert_in(&ada.get("/users").await);
    assert_out(&elsewhere.get("/").await);
    assert!(app.inbox("ada@example.org").text.contains("203.0.113.7"), "they are told from where");
}

#[actix_web::test]
async fn a_disabled_person_is_out_of_every_process_and_stays_so_when_enabled() {
    let app = TestApp::start().await;
    let other = app.another().await;
    let ada = app.administrator("Ada").await;
    let grace = ada.welcome("Grace", "User").await.at(&other);
    assert_in(&grace.get("/users").await);
    app.wait(TimeDelta::seconds(1));
    ada.disable("Grace").await;
    assert_out(&grace.get("/users").await);
    app.wait(TimeDelta::seconds(1));
    ada.submit("Undo", &[]).await.assert_sees("enabled again");
    assert_out(&grace.get("/users").await);
    grace.sign_in("grace@example.org", GOOD).await.assert_sees("User Directory");
}

#[actix_web::test]
async fn whoever_is_disabled_in_one_organization_keeps_the_other() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    let alan = app.another_organization("Bletchley Park", "Alan", None).await;
    ada.invite("alan@example.org", "User").await;
    ada.get("/users").await;
    ada.disable("Alan").await;
    let theirs = format!("/o/{}/users", ada.organization());
    alan.request(Method::GET, &theirs, None).await.assert_status(404);
    alan.get("/users").await.assert_sees("Bletchley Park").assert_misses("Analytical");
}

#[actix_web::test]
async fn a_lost_right_is_lost_at_the_next_request() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    let helga = ada.welcome_administrator("Helga").await;
    helga.get("/invitations/new").await.assert_status(200);
    app.execute("DELETE FROM member_roles WHERE member_id = (SELECT id FROM members WHERE name = 'Helga')");
    helga.submit("Send invitations", &[("addresses", "x@example.org")]).await.assert_status(403);
    helga.get("/users").await.assert_status(403).assert_sees("user:read:*");
}

#[actix_web::test]
async fn a_role_given_until_a_date_lapses_by_itself() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    let grace = ada.welcome("Grace", "Viewer").await;
    let set = if crate::harness::is_postgres() {
        "UPDATE member_roles SET until_at = granted_at + interval '1 hour'"
    } else {
        "UPDATE member_roles SET until_at = granted_at + 3600000000"
    };
    app.execute(&format!("{set} WHERE member_id = (SELECT id FROM members WHERE name = 'Grace')"));
    app.wait(TimeDelta::hours(1) - TimeDelta::seconds(1));
    grace.get("/users").await.assert_status(200);
    app.wait(TimeDelta::seconds(1));
    grace.get("/users").await.assert_status(403);
}

#[actix_web::test]
async fn a_form_whose_session_ended_meanwhile_leads_to_the_sign_in_page() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    ada.get("/invitations/new").await;
    app.wait(TimeDelta::hours(9));
    let page = ada.submit("Send invitations", &[("addresses", "grace@example.org")]).await;
    let page = page.assert_sees("nothing was changed");
    assert!(page.path.starts_with("/sign-in?next="), "{}", page.path);
    assert_eq!(app.count("SELECT count(*) FROM invitations"), 0);
}
