//! Permissions that end between authentication and the action (time of check to time of use).

use crate::harness::{BETTER, GOOD, Page, Person, TestApp, assert_none, authenticator::Phone, is_postgres};
use diesel::{RunQueryDsl, sql_query};
use roster::kit::Fault;
use std::{
    sync::mpsc::channel,
    thread::{sleep, spawn},
    time::Duration,
};

/// Presses a button while another transaction holds the locks of the organization and the person. That transaction runs
/// these statements before it commits.
async fn press_too_late(app: &TestApp, person: &Person, meanwhile: &'static str, (button, typed): (&str, &[(&str, &str)])) -> Page {
    let db = app.db.clone();
    let (locked, is_locked) = channel();
    let other = spawn(move || {
        db.write_here(|tx| {
            sql_query("UPDATE organizations SET name = name").execute(tx.conn())?;
            if is_postgres() {
                sql_query("SELECT id FROM users FOR UPDATE").execute(tx.conn())?;
            }
            locked.send(()).map_err(Fault::broken)?;
            // Long enough for the request to pass authentication and wait for the lock. If it arrives later, it is
            // refused earlier.
            sleep(Duration::from_millis(250));
            for statement in meanwhile.split(';') {
                sql_query(statement).execute(tx.conn())?;
            }
            Ok::<_, Fault>(())
        })
    });
    is_locked.recv().expect("the lock");
    let page = person.submit(button, typed).await;
    other.join().expect("a thread").expect("the database");
    page
}

const NO_ROLES: &str = "UPDATE member_roles SET until_at = granted_at WHERE member_id IN (SELECT id FROM members WHERE name = 'Grace')";
const DISABLED: &str = "UPDATE members SET status = 'disabled' WHERE name = 'Grace'";
/// Some of the changes that an alarm makes.
const ALARM: &str = "UPDATE users SET devices_from = (SELECT max(expires_at) FROM links) WHERE email = 'grace@example.org'; \
    DELETE FROM sessions WHERE user_id = (SELECT id FROM users WHERE email = 'grace@example.org')";

/// A page, the button pressed on it, and the fields typed into its form.
type BulkAction<'a> = (&'a str, &'a str, &'a [(&'a str, &'a str)]);

#[actix_web::test]
async fn who_lost_the_right_while_waiting_does_nothing() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    let grace = ada.welcome_administrator("Grace").await;
    ada.welcome("Linus", "Viewer").await;
    ada.create_team("Search").await;
    let machine = ada.create_system_account("Deploy", "CI/CD").await;
    let linus = ada.member("Linus").await;
    ada.get("/invitations/new").await;
    let role = ada.role("Viewer");
    ada.get("/system-accounts/new").await;
    let machines = ada.role("CI/CD");
    let acts: &[BulkAction<'_>] = &[
        ("/roles/new", "Create", &[("name", "Auditor"), ("permission", "audit:read:*")]),
        ("/teams/new", "Create", &[("name", "Payments")]),
        ("/invitations/new", "Send invitations", &[("addresses", "new@example.org"), ("role", &role)]),
        ("/system-accounts/new", "Create", &[("name", "Nightly"), ("role", &machines)]),
        (&format!("/system-accounts/{machine}/tokens/new"), "Create", &[("name", "night"), ("expiry", "90")]),
        (&format!("/users/{linus}"), "Save", &[("name", "Linus the Second")]),
        (&format!("/users/{linus}/password"), "Send password reset", &[]),
        (&format!("/users/{linus}/password/temporary"), "Set", &[("choice", "typed"), ("password", BETTER)]),
        ("/settings", "Save", &[("name", "Elsewhere")]),
        (&format!("/users/{linus}/disablement"), "Disable", &[]),
        (&format!("/users/{linus}/administration"), "Make administrator", &[]),
    ];
    let events = || app.count("SELECT count(*) FROM audit_events");
    let mut wrong = Vec::new();
    for (path, button, typed) in acts {
        grace.get(path).await.assert_status(200);
        let before = events();
        let answer = press_too_late(&app, &grace, NO_ROLES, (button, typed)).await.status;
        app.execute("UPDATE member_roles SET until_at = NULL");
        if answer != 403 || events() != before {
            wrong.push(format!("{path}: {button}: {answer}"));
        }
    }
    // The same with the permission.
    for (path, button, typed) in acts {
        grace.get(path).await;
        let before = events();
        let answer = grace.submit(button, typed).await.status;
        if events() == before {
            wrong.push(format!("{path}: {button}: {answer} with the right"));
        }
    }
    assert_none("rights are asked when something is done", wrong);
}

#[actix_web::test]
async fn who_was_disabled_while_waiting_does_nothing() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    let grace = ada.welcome_administrator("Grace").await;
    let linus = ada.welcome("Linus", "Viewer").await;
    let id = ada.member("Linus").await;
    grace.get(&format!("/users/{id}/administration")).await;
    press_too_late(&app, &grace, DISABLED, ("Make administrator", &[]))
        .await
        .assert_sees("Your session has ended, so nothing was changed");
    linus.get("/invitations/new").await.assert_status(403);
}

#[actix_web::test]
async fn whoever_is_signed_in_while_an_alarm_rings_makes_nothing_that_stays_behind() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    let grace = ada.welcome_administrator("Grace").await;
    let id = ada.member("Grace").await;
    grace.get(&format!("/users/{id}/api")).await.assert_status(200);
    grace.submit("Turn on", &[]).await;
    let late = |page: Page| page.assert_sees("Your session has ended, so nothing was changed");

    grace.get(&format!("/users/{id}/api/password")).await.assert_status(200);
    let typed: &[(&str, &str)] = &[("choice", "typed"), ("password", BETTER)];
    late(press_too_late(&app, &grace, ALARM, ("Set", typed)).await);
    assert_eq!(app.count("SELECT count(*) FROM api_access WHERE hash IS NOT NULL"), 0);

    app.execute("UPDATE users SET devices_from = NULL");
    grace.forget_cookie("__Host-roster-session");
    grace.sign_in("grace@example.org", GOOD).await;
    let page = grace.get("/two-step/authenticator").await.assert_status(200);
    let code = Phone::scan(&page).code(&app);
    late(press_too_late(&app, &grace, ALARM, ("Turn it on", &[("code", &code)])).await);
    assert_eq!(app.count("SELECT count(*) FROM totps"), 0);
}
