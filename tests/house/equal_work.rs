//! Whoever tries names learns nothing from how long an answer takes: the work is counted, which no clock disturbs.

use crate::harness::{GOOD, House, Page};
use chrono::TimeDelta;

/// A wrong name and password each, and what the machine had to do for them.
async fn attempt(house: &House, name: &str, password: &str) -> (Page, u64) {
    let visitor = house.visitor().at_address("198.51.100.9");
    let before = house.app.hasher.done();
    let page = visitor.sign_in(name, password).await;
    (page, house.app.hasher.done() - before)
}

/// People of every kind, and nobody.
async fn everybody(house: &House) -> [&'static str; 6] {
    let ada = house.administrator("Ada").await;
    for name in ["Grace", "Disabled", "Temporary"] {
        ada.welcome(name, "User").await;
    }
    ada.disable("Disabled").await;
    ada.invite("invited@example.org", "User").await;
    let until = house.clock.now() + TimeDelta::days(1);
    house.give_temporary_password("temporary@example.org", GOOD, until).await;
    house.wait(TimeDelta::days(2));
    ada.sign_in("ada@example.org", GOOD).await;
    ada.import("create", "name,email\nImported,imported@example.org\n").await;
    ada.submit("Import 1 person", &[]).await;
    house.work();
    [
        "grace@example.org",
        "disabled@example.org",
        "temporary@example.org",
        "invited@example.org",
        "imported@example.org",
        "nobody@example.org",
    ]
}

#[actix_web::test]
async fn one_hash_is_compared_for_every_name_known_or_not() {
    let house = House::open().await;
    let mut pages = vec![];
    for name in everybody(&house).await {
        let (page, work) = attempt(&house, name, "a wrong password").await;
        assert_eq!((page.status, work), (422, 1), "{name}");
        pages.push(page.text().replace(name, "X"));
    }
    pages.dedup();
    assert_eq!(pages.len(), 1, "{pages:?}");
    // And it is no cheaper one: the stand-in has the present cost.
    let costly = house.another_with(&["--argon2-memory", "16"]).await;
    let (_, work) = attempt(&costly, "nobody@example.org", "a wrong password").await;
    assert_eq!(work, 1);
    let (page, work) = attempt(&costly, "grace@example.org", "a wrong password").await;
    assert_eq!((page.status, work), (422, 1));
}

#[actix_web::test]
async fn a_forgotten_password_is_asked_for_without_any_hashing_or_sending() {
    let house = House::open().await;
    let mut pages = vec![];
    for name in everybody(&house).await {
        let visitor = house.visitor();
        visitor.get("/password/forgotten").await;
        let (before, sent) = (
            house.app.hasher.done(),
            house.count("SELECT count(*) FROM outbox WHERE state = 'sent'"),
        );
        let page = visitor.submit("Send the link", &[("email", name)]).await.assert_status(200);
        assert_eq!(house.app.hasher.done(), before, "{name}");
        assert_eq!(
            house.count("SELECT count(*) FROM outbox WHERE state = 'sent'"),
            sent,
            "letters wait, whoever they are for"
        );
        pages.push(page.text().replace(name, "X"));
    }
    pages.dedup();
    assert_eq!(pages.len(), 1, "{pages:?}");
}
