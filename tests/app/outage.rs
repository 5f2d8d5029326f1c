//! A database that does not answer: a page says so, no data is lost, and Roster continues by itself afterwards.

use crate::harness::{Page, Person, TestApp, outage::Outage};
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
