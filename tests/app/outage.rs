//! A database that does not answer: a page says so, no data is lost, and Roster continues by itself afterwards.

use crate::harness::{Page, Person, TestApp, is_postgres, outage::Outage};
use actix_web::http::Method;

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
