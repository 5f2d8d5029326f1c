//! A database that does not answer: a page says so, no data is lost, and Roster continues by itself afterwards.

use crate::harness::{Page, Person, TestApp, is_postgres, outage::Outage};
use actix_web::{http::Method, rt::time::sleep};
use diesel::{Connection, PgConnection, connection::SimpleConnection};
use futures_util::future::join;
use serde_json::json;
use std::time::Duration;

/// Presses a button without following redirects.
async fn press(person: &Person, button: &str, typed: &[(&str, &str)]) -> Page {
    let (action, mut fields) = person.page().form(button);
    for (name, value) in typed {
        fields.retain(|(known, _)| known != name);
        fields.push(((*name).to_owned(), (*value).to_owned()));
    }
    let body = serde_html_form::to_string(&fields).expect("a form");
    person.request(Method::POST, &action, Some(body)).await
}

#[actix_web::test]
async fn while_the_database_is_away_a_page_says_so_and_nothing_is_lost() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    ada.get("/invitations/new").await;
    let outage = Outage::begin(&app);
    let page = press(&ada, "Send invitations", &[("addresses", "grace@example.org")])
        .await
        .assert_status(503)
        .assert_sees("Nothing was changed");
    assert_eq!(page.headers.get("retry-after").and_then(|value| value.to_str().ok()), Some("5"));
    outage.end();
    // The same session and the same form work again.
    press(&ada, "Send invitations", &[("addresses", "grace@example.org")]).await.assert_status(303);
    ada.get("/users?tab=invited").await.assert_sees("grace@example.org");
    assert_eq!(app.letters("grace@example.org").len(), 1);
}

#[actix_web::test]
async fn a_change_whose_commit_was_not_answered_is_not_called_undone() {
    if !is_postgres() {
        return;
    }
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    ada.get("/invitations/new").await;
    // The server ends the connection at the last moment of the transaction.
    app.execute("CREATE FUNCTION leave() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_terminate_backend(pg_backend_pid()); RETURN NULL; END $$");
    app.execute(
        "CREATE CONSTRAINT TRIGGER leaves AFTER INSERT ON invitations DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION leave()",
    );
    press(&ada, "Send invitations", &[("addresses", "grace@example.org")])
        .await
        .assert_status(503)
        .assert_sees("not known whether this was done")
        .assert_misses("Nothing was changed");
}

#[actix_web::test]
async fn after_the_database_was_away_a_retry_with_the_same_key_is_carried_out_soon() {
    if !is_postgres() {
        return;
    }
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    let keyed = app.program_as(&ada, "program", "Administrator").await.with("idempotency-key", "1");
    let body = json!({ "name": "Grace", "email": "grace@example.org" });
    // Another transaction keeps the request waiting, until the database is away for longer than a request waits for it.
    let mut other = PgConnection::establish(&app.database.url()).expect("a connection");
    other.batch_execute("BEGIN; SELECT * FROM organizations FOR UPDATE").expect("a lock");
    let trouble = async {
        sleep(Duration::from_millis(500)).await;
        let outage = Outage::begin(&app);
        sleep(Duration::from_secs(5)).await;
        outage.end();
    };
    let (answer, ()) = join(keyed.send("POST", "/api/v1/users", &body), trouble).await;
    answer.assert_problem(503, "unavailable");
    for _ in 0..20 {
        let again = keyed.send("POST", "/api/v1/users", &body).await;
        if again.0.status == 201 {
            return;
        }
        again.assert_problem(409, "idempotency-key-running");
        sleep(Duration::from_millis(500)).await;
    }
    panic!("the key is still held");
}

#[actix_web::test]
async fn what_was_answered_is_on_the_disk() {
    if is_postgres() {
        return; // That server has a setting of its own.
    }
    let app = TestApp::start().await;
    // FULL: with less, a power failure undoes commits that were answered, such as that of a disabled member.
    assert_eq!(app.count("SELECT synchronous FROM pragma_synchronous"), 2);
}
