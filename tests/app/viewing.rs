//! Looking at the console as somebody else sees it: what is seen, that nothing is changed, and who may.

use crate::{
    harness::{Person, TestApp, assert_none, rights::create_role, user_creation::audited},
    routes::{inside, knock, prepared, state},
};
use chrono::TimeDelta;

/// The token of the forms of the current page.
fn token(person: &Person) -> Vec<(String, String)> {
    vec![("csrf".to_owned(), person.page().attribute("input[name=csrf]", "value").expect("a form"))]
}

/// Looks as this person.
async fn view(viewer: &Person, member: &str) {
    viewer.get(&format!("/users/{member}/viewing")).await.assert_status(200);
    viewer.submit("View as them", &[]).await.assert_sees("Nothing can be changed");
}

#[actix_web::test]
async fn somebody_sees_what_a_person_sees_and_changes_nothing() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    let grace = ada.welcome("Grace Hopper", "Viewer").await;
    let (me, them) = (ada.member("Ada").await, ada.member("Grace Hopper").await);
    ada.get("/users").await.assert_sees("Invite Users");
    let old = token(&ada);
    view(&ada, &them).await;
    let seen = ada.get("/users").await.assert_status(200).assert_sees("You see Roster as Grace Hopper sees it");
    assert_eq!(seen.all(".nav ul a"), grace.get("/users").await.all(".nav ul a"));
    seen.assert_misses("Invite Users").assert_misses("Settings");
    ada.get("/settings").await.assert_status(403);
    // Forms are refused, whether the page offers them or an older one did.
    ada.get("/users").await;
    ada.post(&format!("/users/{them}/sessions/deletion"), &[])
        .await
        .assert_sees("so nothing was changed");
    ada.post("/users/columns", &[]).await.assert_sees("so nothing was changed");
    ada.post_raw(&ada.whole(&format!("/users/{them}/disablement")), &old).await;
    assert_eq!(app.text("SELECT status FROM members WHERE name = 'Grace Hopper'"), "active");
    // Pages that record something, and those of the person's own account.
    ada.get("/users/export").await.assert_status(403).assert_sees("Not while you look as somebody else");
    for page in ["/me", "/me/sessions", "/me/personal-data", "/me/password"] {
        ada.get(page).await.assert_status(403);
    }
    assert_eq!(audited(&app, "members.exported"), 0);
    ada.get("/users").await;
    ada.submit("Stop viewing", &[]).await.assert_sees("You see Roster as yourself again");
    ada.get("/users").await.assert_sees("Invite Users").assert_misses("You see Roster as");
    ada.get(&format!("/users/{them}/history")).await.assert_sees("viewed Roster as Grace Hopper");
    let by = app.text("SELECT actor_name FROM audit_events WHERE action = 'member.viewed_as'");
    assert_eq!((by.as_str(), audited(&app, "member.viewed_as")), ("Ada", 1));
    ada.get(&format!("/users/{me}/viewing")).await.assert_status(422).assert_sees("This is you");
}

#[actix_web::test]
async fn nobody_looks_as_somebody_who_may_do_more() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    create_role(&ada, "Manager", &["user:read:*", "user:manage:*", "token:manage:own"])
        .await
        .assert_sees("is there");
    create_role(&ada, "Guest", &["user:read:*", "token:manage:own"]).await.assert_sees("is there");
    let mona = ada.welcome("Mona", "Manager").await;
    let grace = ada.welcome("Grace Hopper", "Viewer").await;
    ada.welcome("Gus", "Guest").await;
    let [ada_id, grace_id, gus] = [ada.member("Ada").await, ada.member("Grace Hopper").await, ada.member("Gus").await];
    for above in [&ada_id, &grace_id] {
        mona.get(&format!("/users/{above}/viewing"))
            .await
            .assert_status(422)
            .assert_sees("They may do more than you");
        mona.post(&format!("/users/{above}/viewing"), &[]).await.assert_status(422);
        mona.get("/users").await.assert_misses("You see Roster as");
    }
    grace.get(&format!("/users/{gus}/viewing")).await.assert_status(403);
    let eve = app.another_organization("Elsewhere", "Eve", None).await;
    eve.get(&format!("/users/{gus}/viewing")).await.assert_status(404);
    let machine = app.machine(ada.organization(), "holder", "CI/CD");
    ada.get(&format!("/users/{machine}/viewing")).await.assert_status(404);
    ada.get(&format!("/users/{grace_id}/disablement")).await;
    ada.submit("Disable", &[]).await.assert_status(200);
    ada.get(&format!("/users/{grace_id}/viewing"))
        .await
        .assert_sees("They see nothing while they are not active");
    assert_eq!(audited(&app, "member.viewed_as"), 0);
}

#[actix_web::test]
async fn a_view_ends_by_itself_and_with_the_right_to_it() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    create_role(&ada, "Guest", &["user:read:*", "token:manage:own", "team:read:*"])
        .await
        .assert_sees("is there");
    create_role(&ada, "Manager", &["user:read:*", "user:manage:*", "token:manage:own", "team:read:*"])
        .await
        .assert_sees("is there");
    let mona = ada.welcome("Mona", "Manager").await;
    ada.welcome("Gus", "Guest").await;
    let gus = ada.member("Gus").await;
    // After half an hour. A form that was opened meanwhile does not act as the person who looked.
    view(&mona, &gus).await;
    mona.get("/teams").await.assert_sees("You see Roster as Gus");
    let old = token(&mona);
    app.wait(TimeDelta::minutes(31));
    mona.post_raw(&mona.whole(&format!("/users/{gus}/disablement")), &old).await;
    assert_eq!(app.text("SELECT status FROM members WHERE name = 'Gus'"), "active");
    mona.get("/users").await.assert_misses("You see Roster as").assert_sees("Gus");
    mona.post_raw(&mona.whole(&format!("/users/{gus}/disablement")), &old).await;
    assert_eq!(app.text("SELECT status FROM members WHERE name = 'Gus'"), "active");
    // Once they may do more.
    view(&mona, &gus).await;
    app.execute(
        "INSERT INTO member_roles (organization_id, member_id, role_id, granted_at) \
         SELECT m.organization_id, m.id, r.id, r.created_at FROM members m, roles r WHERE m.name = 'Gus' AND r.name = 'Administrator'",
    );
    mona.get("/teams").await.assert_misses("You see Roster as");
}

#[actix_web::test]
async fn no_route_changes_or_exports_anything_for_those_who_look() {
    let (app, ada, place) = prepared().await;
    // Somebody who may do everything, so that only the view keeps the caller from it.
    ada.welcome_administrator("Bo").await;
    let bo = ada.member("Bo").await;
    view(&ada, &bo).await;
    let events = || app.count("SELECT count(*) FROM audit_events");
    let before = (state(&app), events());
    let mut wrong = Vec::new();
    for (method, path, _) in inside().filter(|(_, path, _)| !path.ends_with("/viewing/end")) {
        ada.get("/users").await.assert_sees("You see Roster as Bo");
        let page = knock(&ada, &method, &place.fill(path)).await;
        let is_told = method != "POST" || ada.get("/users").await.body.contains("so nothing was changed");
        if !is_told {
            wrong.push(format!("{method} {path} answered {}: {}", page.status, page.text()));
        }
        if path.starts_with("/o/{organization}/me") && page.status != 403 && method == "GET" {
            wrong.push(format!("{method} {path} is shown"));
        }
        if (state(&app), events()) != before {
            wrong.push(format!("{method} {path} wrote something"));
            break;
        }
    }
    assert_none("a view", wrong);
}
