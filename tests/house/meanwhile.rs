//! Rights that end between the moment somebody is known and the moment something is done.

use crate::harness::{BETTER, House, Page, Person, assert_none};
use diesel::{RunQueryDsl, sql_query};
use roster::kit::Fault;
use std::{
    sync::mpsc::channel,
    thread::{sleep, spawn},
    time::Duration,
};

/// Presses a button while somebody else has the organization locked, and has taken every role from whoever presses
/// when they let go of it.
async fn press_too_late(house: &House, person: &Person, button: &str, typed: &[(&str, &str)]) -> Page {
    let db = house.db.clone();
    let (locked, is_locked) = channel();
    let other = spawn(move || {
        db.write_here(|tx| {
            sql_query("UPDATE organizations SET name = name").execute(tx.conn())?;
            locked.send(()).map_err(Fault::broken)?;
            // Long enough for the request to be let in and to wait for the lock. If it comes later, it is refused earlier.
            sleep(Duration::from_millis(250));
            sql_query("UPDATE member_roles SET until_at = granted_at WHERE member_id IN (SELECT id FROM members WHERE name = 'Grace')")
                .execute(tx.conn())?;
            Ok::<_, Fault>(())
        })
    });
    is_locked.recv().expect("the lock");
    let page = person.submit(button, typed).await;
    other.join().expect("a thread").expect("the database");
    house.execute("UPDATE member_roles SET until_at = NULL");
    page
}

/// A page, the button that is pressed on it, and what is typed over what its form holds.
type Deed<'a> = (&'a str, &'a str, &'a [(&'a str, &'a str)]);

#[actix_web::test]
async fn who_lost_the_right_while_waiting_does_nothing() {
    let house = House::open().await;
    let ada = house.administrator("Ada").await;
    let grace = ada.welcome_administrator("Grace").await;
    ada.welcome("Linus", "Viewer").await;
    ada.create_team("Search").await;
    let machine = ada.create_system_account("Deploy", "CI/CD").await;
    let linus = ada.member("Linus").await;
    ada.get("/invitations/new").await;
    let role = ada.role("Viewer");
    ada.get("/system-accounts/new").await;
    let machines = ada.role("CI/CD");
    let acts: &[Deed<'_>] = &[
        ("/roles/new", "Create", &[("name", "Auditor"), ("permission", "audit:read:*")]),
        ("/teams/new", "Create", &[("name", "Payments")]),
        (
            "/invitations/new",
            "Send invitations",
            &[("addresses", "new@example.org"), ("role", &role)],
        ),
        ("/system-accounts/new", "Create", &[("name", "Nightly"), ("role", &machines)]),
        (
            &format!("/system-accounts/{machine}/tokens/new"),
            "Create",
            &[("name", "night"), ("expiry", "90")],
        ),
        (&format!("/users/{linus}"), "Save", &[("name", "Linus the Second")]),
        (&format!("/users/{linus}/password"), "Send password reset", &[]),
        (
            &format!("/users/{linus}/password/temporary"),
            "Set",
            &[("choice", "typed"), ("password", BETTER)],
        ),
        ("/settings", "Save", &[("name", "Elsewhere")]),
        (&format!("/users/{linus}/disablement"), "Disable", &[]),
        (&format!("/users/{linus}/administration"), "Make administrator", &[]),
    ];
    let events = || house.count("SELECT count(*) FROM audit_events");
    let mut wrong = Vec::new();
    for (path, button, typed) in acts {
        grace.get(path).await.assert_status(200);
        let before = events();
        let answer = press_too_late(&house, &grace, button, typed).await.status;
        if answer != 403 || events() != before {
            wrong.push(format!("{path}: {button}: {answer}"));
        }
    }
    // The same, with the right.
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
    let house = House::open().await;
    let ada = house.administrator("Ada").await;
    let grace = ada.welcome_administrator("Grace").await;
    let linus = ada.welcome("Linus", "Viewer").await;
    grace.get(&format!("/users/{}/administration", ada.member("Linus").await)).await;
    let db = house.db.clone();
    let (locked, is_locked) = channel();
    let other = spawn(move || {
        db.write_here(|tx| {
            sql_query("UPDATE members SET status = 'disabled' WHERE name = 'Grace'").execute(tx.conn())?;
            sql_query("UPDATE organizations SET name = name").execute(tx.conn())?;
            locked.send(()).map_err(Fault::broken)?;
            sleep(Duration::from_millis(250));
            Ok::<_, Fault>(())
        })
    });
    is_locked.recv().expect("the lock");
    grace.submit("Make administrator", &[]).await.assert_status(404);
    other.join().expect("a thread").expect("the database");
    linus.get("/invitations/new").await.assert_status(403);
}
