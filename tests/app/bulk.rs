//! Bulk actions: each member is judged alone, the others still go through, and the whole can be undone.

use crate::harness::{Page, Person, TestApp, large_organizations};
use futures_util::future::join_all;

/// Ticks members in the list and chooses an action of the bulk bar.
async fn choose(person: &Person, act: &str, names: &[&str]) -> Page {
    let mut query = vec![("kind".to_owned(), "user".to_owned()), ("act".to_owned(), act.to_owned())];
    for name in names {
        query.push(("member".into(), person.member(name).await));
    }
    person.get(&format!("/bulk?{}", serde_html_form::to_string(query).expect("a query"))).await
}

async fn three(app: &TestApp) -> (Person, [Person; 3]) {
    let ada = app.administrator("Ada").await;
    let people = [
        ada.welcome("Grace", "User").await,
        ada.welcome("Kay", "User").await,
        ada.welcome("Linus", "Viewer").await,
    ];
    (ada, people)
}

#[actix_web::test]
async fn several_are_disabled_at_once_and_one_click_takes_it_back() {
    let app = TestApp::start().await;
    let (ada, [grace, kay, linus]) = three(&app).await;
    choose(&ada, "disable", &["Grace", "Kay"]).await.assert_sees("Disable 2 people?");
    let page = ada.submit("Disable 2 people", &[("reason", "Left the company")]).await;
    page.assert_sees("2 people disabled").assert_sees("Undo").assert_status(200);
    let other = app.another().await;
    for gone in [&grace, &kay] {
        gone.at(&other).get("/users").await.assert_sees("Sign in");
    }
    linus.get("/users").await.assert_status(200);
    assert_eq!(app.count("SELECT count(*) FROM members WHERE status_reason = 'Left the company'"), 2);
    // All events belong to one batch.
    assert_eq!(app.count("SELECT count(DISTINCT batch_id) FROM audit_events WHERE action = 'member.disabled'"), 1);
    assert_eq!(
        app.count("SELECT count(*) FROM audit_events WHERE action = 'member.disabled' AND batch_id IS NOT NULL"),
        2
    );

    ada.submit("Undo", &[]).await.assert_sees("2 people enabled");
    let names = ada.get("/users").await.names();
    assert_eq!(names, ["Ada", "Grace", "Kay", "Linus"]);
}

#[actix_web::test]
async fn whoever_cannot_be_is_left_out_and_the_page_says_why() {
    let app = TestApp::start().await;
    let (ada, _) = three(&app).await;
    ada.invite("ivy@example.org", "Viewer").await;
    ada.disable("Linus").await;
    let page = choose(&ada, "disable", &["Ada", "Grace", "Linus", "ivy@example.org"]).await;
    page.clone()
        .assert_sees("Disable 1 person?")
        .assert_sees("Ada . You cannot change your own status")
        .assert_sees("Linus . It is so already")
        .assert_sees("Cancel the invitation instead");
    let page = ada.submit("Disable 1 person", &[]).await;
    // One was left out, so the page shows every line.
    page.clone()
        .assert_sees("1 person disabled")
        .assert_sees("You cannot change your own status")
        .assert_sees("Was so already");
    assert!(page.path.contains("/batches/"));
    ada.get("/users").await.assert_sees("Ada");
    assert_eq!(app.count("SELECT count(*) FROM members WHERE status = 'disabled'"), 2);
}

#[actix_web::test]
async fn everybody_who_matches_is_meant_not_only_the_page() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    large_organizations::gather(&app, 700);
    ada.get("/users?q=person&per=25").await;
    let total = app.count("SELECT count(*) FROM members WHERE name LIKE 'Person %' AND status = 'active'");
    assert!(total > 300, "{total}");
    let page = ada.get("/bulk?kind=user&act=add_role&all=1&query=%3Ftab%3Dactive%26q%3Dperson").await;
    page.assert_sees("Add a role to");
    app.role(ada.organization(), "Night Shift", &["user:read:*"]);
    let page = ada.get("/bulk?kind=user&act=add_role&all=1&query=%3Ftab%3Dactive%26q%3Dperson").await;
    let options = page.all("#role option");
    let at = options.iter().position(|name| name == "Night Shift").expect("the role");
    let role = page.attributes("#role option", "value")[at].clone();
    let page = ada.submit("Add a role to", &[("role", &role)]).await;
    // The first chunk is done at once. The rest goes on in the background.
    page.assert_sees("Under way: 200 of");
    app.work();
    let path = ada.page().path;
    ada.get(&path).await.assert_sees("Role Night Shift added to").assert_sees("Undo");
    let held = "SELECT count(*) FROM member_roles JOIN roles ON roles.id = role_id WHERE roles.name = 'Night Shift'";
    assert_eq!(app.count(held), total);
    ada.submit("Undo", &[]).await;
    app.work();
    assert_eq!(app.count(held), 0);
}

#[actix_web::test]
async fn a_batch_goes_on_in_another_process_and_can_be_stopped() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    large_organizations::gather(&app, 900);
    ada.get("/bulk?kind=user&act=disable&all=1&query=%3Ftab%3Dactive%26q%3Dperson").await;
    ada.submit("Disable", &[]).await.assert_sees("Under way: 200 of");
    ada.submit("Stop", &[]).await.assert_sees("Stopped after 200");
    app.work();
    assert_eq!(
        app.count("SELECT count(*) FROM members WHERE status = 'disabled' AND status_by IS NOT NULL AND name LIKE 'Person %'"),
        200
    );
    // A second batch, worked on by a process that started meanwhile.
    ada.get("/bulk?kind=user&act=disable&all=1&query=%3Ftab%3Dactive%26q%3Dperson").await;
    ada.submit("Disable", &[]).await.assert_sees("Under way");
    app.another().await.work();
    assert_eq!(app.count("SELECT count(*) FROM members WHERE status = 'active' AND name LIKE 'Person %'"), 0);
}

#[actix_web::test]
async fn rights_that_are_lost_meanwhile_end_it() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    let helga = ada.welcome_administrator("Helga").await;
    large_organizations::gather(&app, 600);
    helga.get("/bulk?kind=user&act=disable&all=1&query=%3Ftab%3Dactive%26q%3Dperson").await;
    helga.submit("Disable", &[]).await.assert_sees("Under way: 200 of");
    let path = helga.page().path;
    ada.disable("Helga").await;
    app.work();
    ada.get(&path).await.assert_sees("Stopped after 200").assert_sees("not active here any more");
}

#[actix_web::test]
async fn of_two_administrators_who_remove_everybody_one_is_left() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    let helga = ada.welcome_administrator("Helga").await;
    ada.welcome_administrator("Kay").await;
    for person in [&ada, &helga] {
        choose(person, "remove_administrator", &["Ada", "Helga", "Kay"]).await;
    }
    let actions = [ada.submit("Remove", &[]), helga.submit("Remove", &[])];
    join_all(actions).await;
    let left = "SELECT count(*) FROM member_roles JOIN roles ON roles.id = role_id WHERE predefined = 'administrator'";
    assert!(app.count(left) >= 1);
}

#[actix_web::test]
async fn deleting_asks_for_the_number_and_frees_the_names() {
    let app = TestApp::start().await;
    let (ada, [grace, ..]) = three(&app).await;
    choose(&ada, "delete", &["Grace", "Kay", "Ada"]).await.assert_sees("Type 2 to confirm");
    ada.submit("Delete 2 people", &[("count", "3")])
        .await
        .assert_status(422)
        .assert_sees("Type the number 2");
    ada.submit("Delete 2 people", &[("count", "2")]).await.assert_sees("2 people deleted");
    grace.get("/users").await.assert_sees("Sign in");
    assert_eq!(
        app.count("SELECT count(*) FROM user_names WHERE name_key IN ('grace@example.org', 'kay@example.org')"),
        0
    );
    ada.invite("grace@example.org", "Viewer").await.assert_sees("1 invited");
}

#[actix_web::test]
async fn enabling_many_stops_at_the_last_seat() {
    let app = TestApp::start().await;
    let (ada, _) = three(&app).await;
    choose(&ada, "disable", &["Grace", "Kay", "Linus"]).await;
    ada.submit("Disable", &[]).await.assert_sees("3 people disabled");
    app.set_seats(ada.organization(), Some(3));
    choose(&ada, "enable", &["Grace", "Kay", "Linus"])
        .await
        .assert_sees("Enable 2 people?")
        .assert_sees("All 3 seats");
    ada.submit("Enable", &[]).await.assert_sees("2 people enabled").assert_sees("All 3 seats");
    assert_eq!(app.count("SELECT count(*) FROM members WHERE status = 'active'"), 3);
}

#[actix_web::test]
async fn invitations_are_sent_again_and_cancelled_together() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    ada.invite("one@example.org, two@example.org", "Viewer").await;
    let old = app.inbox("one@example.org").link();
    app.wait(chrono::TimeDelta::hours(1));
    choose(&ada, "resend", &["one@example.org", "two@example.org"]).await;
    ada.submit("Resend", &[]).await.assert_sees("Invitations of 2 people renewed");
    app.visitor().get(&old).await.assert_status(410);
    app.visitor().get(&app.inbox("two@example.org").link()).await.assert_status(200);
    choose(&ada, "cancel", &["one@example.org", "two@example.org", "Ada"]).await;
    ada.submit("Cancel the invitations", &[]).await.assert_sees("not invited, or have joined already");
    app.visitor().get(&app.inbox("two@example.org").link()).await.assert_status(410);
    assert_eq!(app.count("SELECT count(*) FROM members"), 1);
}

#[actix_web::test]
async fn sessions_end_and_resets_go_out_together() {
    let app = TestApp::start().await;
    let (ada, [grace, kay, _]) = three(&app).await;
    choose(&ada, "end_sessions", &["Grace", "Kay", "Ada"])
        .await
        .assert_sees("End the sessions of 2 people?");
    ada.submit("End the sessions", &[]).await.assert_status(200);
    grace.get("/users").await.assert_sees("Sign in");
    kay.get("/users").await.assert_sees("Sign in");
    ada.get("/users").await.assert_status(200);
    choose(&ada, "send_reset", &["Grace", "Kay"]).await;
    ada.submit("Send a password reset", &[]).await.assert_sees("Password reset links made for 2 people");
    app.visitor().get(&app.inbox("kay@example.org").link()).await.assert_status(200);
}

#[actix_web::test]
async fn a_role_that_had_an_end_has_it_again_after_undo() {
    let app = TestApp::start().await;
    let (ada, _) = three(&app).await;
    app.execute("UPDATE member_roles SET until_at = granted_at WHERE 1 = 0");
    let viewer = app.text("SELECT CAST(count(*) AS text) FROM roles WHERE predefined = 'viewer'");
    assert_eq!(viewer, "1");
    let page = choose(&ada, "remove_role", &["Grace", "Linus"]).await;
    let at = page.all("#role option").iter().position(|name| name == "Viewer").expect("the role");
    let role = page.attributes("#role option", "value")[at].clone();
    let page = choose(&ada, "add_role", &["Grace"]).await;
    assert!(!page.all("#role option").is_empty());
    ada.submit("Add a role", &[("role", &role), ("until", "2026-04-01")])
        .await
        .assert_sees("Role Viewer added to 1 person");
    choose(&ada, "remove_role", &["Grace", "Linus"]).await;
    ada.submit("Remove a role", &[("role", &role)])
        .await
        .assert_sees("Role Viewer removed from 2 people");
    ada.submit("Undo", &[]).await.assert_sees("as it was before");
    let held = "SELECT count(*) FROM member_roles JOIN roles ON roles.id = role_id WHERE predefined = 'viewer' AND until_at IS";
    assert_eq!(app.count(&format!("{held} NULL")), 1);
    assert_eq!(app.count(&format!("{held} NOT NULL")), 1);
}

#[actix_web::test]
async fn nobody_does_to_many_what_they_may_not_do_to_one() {
    let app = TestApp::start().await;
    let (ada, [grace, ..]) = three(&app).await;
    app.role(ada.organization(), "Help Desk", &["user:manage:*", "team:read:*"]);
    let desk = ada.welcome("Desk", "Help Desk").await;
    let other = app.another_organization("Elsewhere", "Mallory", None).await;
    let (kay, linus) = (ada.member("Kay").await, ada.member("Linus").await);
    grace.get("/users").await;
    grace
        .post("/batches", &[("kind", "user"), ("act", "disable"), ("member", &kay)])
        .await
        .assert_status(403);
    // A member of another organization is not found, also by their id.
    other
        .get(&format!("/bulk?kind=user&act=disable&member={kay}&member={linus}"))
        .await
        .assert_sees("Nobody was chosen");
    other.post("/batches", &[("kind", "user"), ("act", "disable"), ("member", &kay)]).await;
    // The help desk cannot act on members with more permissions, not even among many.
    desk.get("/users").await;
    let me = ada.member("Ada").await;
    desk.post("/batches", &[("kind", "user"), ("act", "disable"), ("member", &me), ("member", &linus)])
        .await
        .assert_sees("They may do more than you");
    desk.post("/batches", &[("kind", "user"), ("act", "make_administrator"), ("member", &linus)])
        .await
        .assert_sees("Nobody grants what they do not hold");
    let disabled = "SELECT count(*) FROM members WHERE status = 'disabled'";
    assert_eq!(app.count(disabled), 1);
    for (field, value) in [("status", "active"), ("organization_id", "x"), ("permissions", "*:*:*")] {
        ada.get("/users").await;
        ada.post("/batches", &[("kind", "user"), ("act", "enable"), ("member", &linus), (field, value)])
            .await
            .assert_status(400);
    }
    assert_eq!(app.count(disabled), 1);
}

#[actix_web::test]
async fn what_was_done_is_told_by_name_and_nothing_done_is_no_success() {
    let app = TestApp::start().await;
    let (ada, _) = three(&app).await;
    app.role(ada.organization(), "Night Shift", &["user:read:*"]);
    let give = async |names: &[&str]| {
        let page = choose(&ada, "add_role", names).await;
        let at = page.all("#role option").iter().position(|name| name == "Night Shift").expect("the role");
        let role = page.attributes("#role option", "value")[at].clone();
        ada.submit("Add a role", &[("role", &role)]).await
    };
    give(&["Grace"]).await.assert_sees("Role Night Shift added to 1 person.");
    give(&["Grace", "Linus"]).await.assert_sees("Role Night Shift added to 1 person; 1 already had it.");
    let page = give(&["Grace"]).await.assert_sees("Nothing was different for 1 person.");
    assert!(page.all(".notice.good").is_empty());
}
