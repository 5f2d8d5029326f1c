//! That an address is taken is told only to its reader, and to administrators who invite and create (no account
//! enumeration).

use crate::harness::{GOOD, Page, Person, TestApp};
use chrono::TimeDelta;
use roster::kit::email::Email;

/// A person asks to change their own address.
async fn ask(person: &Person, email: &str) -> Page {
    person.get("/me/email").await.assert_status(200);
    person.submit("Send the link", &[("email", email), ("present", GOOD)]).await
}

/// The path of the page, and its text before the waiting address. The time limit stands behind the address.
fn said(page: &Page, address: &Email) -> (String, String) {
    let text = page.text().replace(address.as_str(), "ADDRESS");
    let (above, _) = text.split_once("Waiting for ADDRESS").expect("a change waits");
    (page.path.clone(), above.to_owned())
}

#[actix_web::test]
async fn who_asks_for_an_address_does_not_learn_whether_it_is_somebody_elses() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    let alan = app.another_organization("Bletchley Park", "Alan", None).await;
    let grace = ada.welcome("Grace", "User").await;
    let mut seen = vec![];
    for typed in [
        "nobody@example.org",
        "alan@example.org",
        "ALAN@EXAMPLE.ORG",
        "ａlan@example.org",
        "kurt@example.org",
    ] {
        app.wait(TimeDelta::minutes(31));
        let address = Email::parse(typed).expect("an address");
        let asked = said(&ask(&grace, typed).await.assert_status(200), &address);
        let again = said(&grace.submit("Send again", &[]).await.assert_status(200), &address);
        seen.push((asked, again));
        let links = "SELECT count(*) FROM links WHERE kind = 'email' AND used_at IS NULL AND voided_at IS NULL";
        assert_eq!(app.count(links), 1, "{typed}");
    }
    for other in &seen[1..] {
        assert_eq!(*other, seen[0]);
    }
    // The owner of the address gets a notice without a link.
    let told = app.inbox("alan@example.org");
    assert_eq!(told.subject, "Your email address stays yours");
    assert!(told.text.contains("alan@example.org") && !told.raw.contains("https://"), "{}", told.raw);
    assert!(!told.raw.contains("Grace") && !told.raw.contains("Analytical"), "{}", told.raw);
    assert!(app.inbox("nobody@example.org").text.contains("/email/"));
    assert_eq!(
        app.count("SELECT count(*) FROM audit_events WHERE action = 'email.change_requested'"),
        10,
        "each is written down alike"
    );
    alan.get("/me").await.assert_sees("alan@example.org");
    ada.get("/users").await.assert_sees("grace@example.org");
}

#[actix_web::test]
async fn a_taken_address_is_asked_for_as_often_as_a_free_one() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    app.another_organization("Bletchley Park", "Alan", None).await;
    let grace = ada.welcome("Grace", "User").await;
    for address in ["alan@example.org", "kurt@example.org"] {
        app.wait(TimeDelta::hours(2));
        let mut statuses = vec![];
        for _ in 0..5 {
            statuses.push(ask(&grace, address).await.status);
        }
        assert_eq!(statuses, [200, 200, 200, 422, 422], "{address}");
    }
}
