//! Lists of sessions by device, and ending sessions: one's own, and those of another member.

use crate::harness::{BETTER, GOOD, Page, Person, TestApp, user_creation::audited};
use chrono::TimeDelta;

const SESSION: &str = "__Host-roster-session";
const PHONE: &str = "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 Mobile/15E148 Safari/604.1";

/// A person on another device, at another process.
async fn elsewhere(app: &TestApp, email: &str) -> Person {
    let person = app.visitor().at_address("198.51.100.9").with_header("user-agent", PHONE);
    person.sign_in(email, GOOD).await.assert_sees("User Directory");
    person
}

/// The path that ends the session on this device.
#[track_caller]
fn ends(page: &Page, device: &str) -> String {
    let at = page.all(".sessions .c-device").iter().position(|text| text.starts_with(device));
    let at = at.unwrap_or_else(|| panic!("no {device}: {:?}", page.all(".sessions .c-device")));
    // The first match is the head of the column.
    page.attributes(".sessions .c-end form", "action")[at - 1].clone()
}

#[track_caller]
fn assert_out(page: &Page) {
    assert!(page.path.starts_with("/sign-in"), "{}: {}", page.path, page.text());
}

#[actix_web::test]
async fn everybody_sees_where_they_are_signed_in_and_ends_it_there() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    app.wait(TimeDelta::hours(2));
    let other = app.another().await;
    let phone = elsewhere(&other, "ada@example.org").await;
    let page = ada.get("/me/sessions").await.assert_status(200);
    assert_eq!(page.all("tbody .c-device"), ["Firefox on Linux this one", "Safari on iPhone"]);
    assert_eq!(page.all("tbody .c-address"), ["203.0.113.7", "198.51.100.9"]);
    assert_eq!(page.all("tbody .c-began"), ["signed in 2 hours ago", "signed in just now"]);
    assert_eq!(page.all("tbody .c-last"), ["seen now", "seen just now"]);
    assert_eq!(phone.get("/me/sessions").await.all("tbody .c-device")[0], "Safari on iPhone this one");

    ada.post(&ends(&page, "Safari"), &[]).await.assert_sees("The session on Safari on iPhone has ended");
    assert_out(&phone.get("/users").await);
    assert_eq!(ada.get("/me/sessions").await.all("tbody .c-device").len(), 1);
    assert!(!ada.page().has_button("End all others"));
    assert_eq!(audited(&app, "session.ended"), 1);
}

#[actix_web::test]
async fn all_others_end_at_once_and_this_one_goes_on() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    let other = app.another().await;
    let (one, two) = (elsewhere(&other, "ada@example.org").await, elsewhere(&app, "ada@example.org").await);
    let grace = ada.welcome("Grace", "User").await;
    ada.get("/me/sessions").await;
    ada.submit("End all others", &[]).await.assert_sees("2 other sessions have ended");
    assert_out(&one.get("/users").await);
    assert_out(&two.get("/users").await);
    ada.get("/users").await.assert_status(200);
    grace.get("/users").await.assert_status(200);
    assert_eq!(audited(&app, "session.others_ended"), 1);
}

#[actix_web::test]
async fn ending_the_session_one_sits_in_is_signing_out() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    let page = ada.get("/me/sessions").await;
    ada.post(&ends(&page, "Firefox"), &[]).await.assert_path("/sign-in");
    assert!(ada.cookie(SESSION).is_none());
    assert_eq!(app.count("SELECT count(*) FROM sessions"), 0);
}

#[actix_web::test]
async fn what_is_over_by_itself_is_in_no_list() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    elsewhere(&app, "ada@example.org").await;
    app.wait(TimeDelta::hours(7));
    assert_eq!(ada.get("/me/sessions").await.all("tbody tr").len(), 2);
    app.wait(TimeDelta::hours(1));
    assert_eq!(ada.get("/me/sessions").await.all("tbody tr").len(), 1, "the phone was idle for too long");
    elsewhere(&app, "ada@example.org").await;
    ada.get("/me/password").await;
    ada.submit("Save the password", &[("present", GOOD), ("password", BETTER)])
        .await
        .assert_sees("Other sessions have ended");
    assert_eq!(ada.get("/me/sessions").await.all("tbody .c-device"), ["Firefox on Linux this one"]);
}

#[actix_web::test]
async fn nobody_ends_or_sees_the_session_of_somebody_else_by_its_id() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    let grace = ada.welcome("Grace", "User").await;
    let linus = ada.welcome("Linus", "User").await;
    let page = ada.get("/me/sessions").await;
    let of_ada = ends(&page, "Firefox");
    let page = linus.get("/me/sessions").await.assert_misses("Grace");
    let of_linus = ends(&page, "Firefox");
    let (id, path) = (of_linus.split('/').nth(5).expect("an id"), &of_ada[..of_ada.len() - 46]);
    for foreign in [of_ada.clone(), of_linus.clone(), format!("{path}/{id}/deletion")] {
        grace.get("/me/sessions").await;
        grace.post(&foreign, &[]).await.assert_status(404);
    }
    let (me, them) = (ada.member("Grace").await, ada.member("Linus").await);
    // The session of one person, under the path of another.
    ada.get("/users").await;
    ada.post(&format!("/users/{me}/sessions/{id}/deletion"), &[]).await.assert_status(404);
    grace.get("/users").await;
    grace.post(&format!("/users/{them}/sessions/{id}/deletion"), &[]).await.assert_status(403);
    grace.get(&format!("/users/{them}/sessions")).await.assert_status(403).assert_sees("user:manage:*");
    let mallory = app.another_organization("Elsewhere", "Mallory", None).await;
    mallory.get(&format!("/users/{them}/sessions")).await.assert_status(404);
    mallory.get("/users").await;
    mallory.post(&format!("/users/{them}/sessions/deletion"), &[]).await.assert_status(404);
    for person in [&ada, &grace, &linus] {
        person.get("/users").await.assert_status(200);
    }
    assert_eq!(audited(&app, "session.ended"), 0);
}

#[actix_web::test]
async fn an_administrator_ends_one_session_or_all_with_effect_on_the_next_request_of_every_process() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    let other = app.another().await;
    let grace = ada.welcome("Grace", "User").await;
    let phone = elsewhere(&other, "grace@example.org").await;
    let id = ada.member("Grace").await;
    let tab = format!("/users/{id}/sessions");
    let page = ada.get(&format!("/users/{id}")).await;
    assert!(page.attributes(".tabs a", "href").iter().any(|href| href.ends_with(&tab)));
    let page = ada.get(&tab).await.assert_status(200);
    assert_eq!(page.all("tbody .c-device"), ["Safari on iPhone", "Firefox on Linux"]);
    ada.post(&ends(&page, "Safari"), &[]).await.assert_sees("has ended");
    assert_out(&phone.get("/users").await);
    grace.get("/users").await.assert_status(200);

    phone.sign_in("grace@example.org", GOOD).await;
    ada.get(&tab).await;
    let page = ada.get(&ada.page().link("End all")).await.assert_sees("End all sessions of Grace");
    assert!(page.text().contains("the 2 sessions that are open"), "{}", page.text());
    ada.submit("End all sessions", &[])
        .await
        .assert_sees("2 sessions have ended. Grace has to sign in again");
    assert_out(&phone.get("/users").await);
    assert_out(&grace.get("/users").await);
    ada.get(&tab).await.assert_sees("Not signed in");
    assert_eq!(app.count("SELECT count(*) FROM sessions"), 1, "only the administrator's is left");
    assert_eq!((audited(&app, "session.ended"), audited(&app, "session.all_ended")), (1, 1));
    grace.sign_in("grace@example.org", GOOD).await.assert_sees("User Directory");
}

#[actix_web::test]
async fn nobody_ends_the_sessions_of_somebody_who_may_do_more_nor_their_own_there() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    app.role(ada.organization(), "Help Desk", &["user:read:*", "user:manage:*"]);
    let desk = ada.welcome("Desk", "Help Desk").await;
    let id = ada.member("Ada").await;
    let (tab, all) = (format!("/users/{id}/sessions"), format!("/users/{id}/sessions/deletion"));
    let page = desk.get(&tab).await.assert_status(200).assert_sees("may do more than you");
    assert!(page.attributes(".sessions .c-end form", "action").is_empty());
    desk.get(&all).await.assert_status(422).assert_sees("cannot be ended");
    desk.get("/users").await;
    desk.post(&all, &[]).await.assert_status(422).assert_sees("may do more than you");
    let row = ada.get("/me/sessions").await;
    let one = ends(&row, "Firefox").split('/').nth(5).expect("an id").to_owned();
    desk.get("/users").await;
    desk.post(&format!("/users/{id}/sessions/{one}/deletion"), &[])
        .await
        .assert_sees("may do more than you");
    ada.get(&tab).await.assert_path(&format!("/o/{}/me/sessions", ada.organization()));
    ada.post(&all, &[]).await.assert_status(422).assert_sees("your own sessions");
    ada.get("/users").await.assert_status(200);
    assert_eq!(audited(&app, "session.all_ended") + audited(&app, "session.ended"), 0);
}

#[actix_web::test]
async fn of_somebody_with_several_organizations_each_sees_and_ends_only_what_is_its_own() {
    let app = TestApp::start().await;
    let other = app.another().await;
    let ada = app.administrator("Ada").await;
    let alan = app.another_organization("Bletchley Park", "Alan", None).await.at_address("192.0.2.44");
    alan.sign_out().await;
    alan.sign_in("alan@example.org", GOOD).await;
    app.visitor().sign_in("alan@example.org", GOOD).await;
    let phone = elsewhere(&other, "alan@example.org").await;
    ada.invite("alan@example.org", "User").await.assert_sees("1 invited");
    app.wait(TimeDelta::hours(2));
    alan.get("/users").await.assert_status(200);
    let id = ada.member("alan").await;
    let tab = format!("/users/{id}/sessions");
    let page = ada.get(&tab).await.assert_status(200).assert_misses("198.51.100.9").assert_misses("192.0.2.44");
    assert_eq!(page.all("tbody .c-device").len(), 3);
    assert_eq!(
        page.all("tbody .c-last").len() + page.all("tbody .c-end").len(),
        0,
        "when it was last used is not told"
    );
    let row = alan.get("/me/sessions").await;
    let one = ends(&row, "Safari").split('/').nth(5).expect("an id").to_owned();
    ada.get("/users").await;
    ada.post(&format!("/users/{id}/sessions/{one}/deletion"), &[])
        .await
        .assert_sees("one session cannot be ended from here");

    ada.get(&format!("{tab}/deletion")).await.assert_sees("which stay open to them");
    ada.submit("End all sessions", &[]).await.assert_sees("3 sessions have ended");
    ada.get(&tab).await.assert_sees("Not signed in");
    let theirs = format!("/o/{}/users", ada.organization());
    for person in [&alan, &phone] {
        person.get(&theirs).await.assert_status(404);
        person
            .get("/users")
            .await
            .assert_status(200)
            .assert_sees("Bletchley Park")
            .assert_misses("Analytical");
    }
    assert_eq!(alan.get("/me/sessions").await.all("tbody tr").len(), 3, "in their own list they still stand");
    alan.sign_out().await;
    alan.sign_in("alan@example.org", GOOD).await;
    alan.get(&theirs).await.assert_status(200);
    assert_eq!(ada.get(&tab).await.all("tbody tr").len(), 1);
}

#[actix_web::test]
async fn everybody_sees_their_own_login_activity_with_its_picture() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    let grace = ada.welcome("Grace", "Viewer").await;
    let id = ada.member("Grace").await;
    app.execute("DELETE FROM member_roles WHERE member_id = (SELECT id FROM members WHERE name = 'Grace')");
    app.visitor().sign_in("grace@example.org", "a wrong password").await;
    grace.get("/users").await.assert_status(403);
    let page = grace.get("/me/activity").await.assert_status(200).assert_sees("Sign-ins, last 30 days");
    assert_eq!(page.all("tbody .c-outcome"), ["Wrong password", "Signed in"]);
    grace.get(&format!("/users/{id}/activity")).await.assert_status(200);
    for n in 0..60 {
        app.visitor().at_address(&format!("198.51.100.{n}")).sign_in("grace@example.org", "wrong").await;
        app.wait(TimeDelta::minutes(1));
    }
    let page = grace.get("/me/activity").await;
    let older = format!("/me/activity{}", page.link("Older"));
    let page = grace.get(&older).await.assert_status(200);
    assert_eq!(page.all("tbody .c-outcome").len(), 12);
    grace
        .get(&page.link("Newest"))
        .await
        .assert_path(&format!("/o/{}/me/activity", grace.organization()));
}

#[actix_web::test]
async fn what_a_device_calls_itself_is_text_wherever_it_stands() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    let grace = ada.welcome("Grace", "User").await;
    let id = ada.member("Grace").await;
    let odd = app.visitor().with_header("user-agent", "<img src=x onerror=alert(1)>");
    odd.sign_in("grace@example.org", GOOD).await.assert_sees("User Directory");
    for page in [
        grace.get("/me/sessions").await,
        grace.get("/me/activity").await,
        ada.get(&format!("/users/{id}/sessions")).await,
    ] {
        assert!(page.text().contains("<img"), "{}", page.text());
        assert!(page.all("img[src=x]").is_empty() && page.all("[onerror]").is_empty());
    }
    let letter = app.letters("grace@example.org").pop().expect("a letter");
    assert!(
        letter.subject.starts_with("New sign-in from <img") && !letter.html.contains("<img"),
        "{}",
        letter.html
    );
}
