//! Letters about tokens that end: thirty, seven and one day before, once each, to whoever can do something about it.

use crate::harness::{House, Person};
use chrono::TimeDelta;

async fn house() -> (House, Person, String) {
    let house = House::open().await;
    let ada = house.administrator("Ada").await;
    let id = house.machine(ada.organization(), "deploy", "CI/CD");
    let base = format!("/o/{}/system-accounts/{id}/tokens", ada.organization());
    (house, ada, base)
}

/// The subjects of the letters about tokens that came to this address since the last look.
fn told(house: &House, email: &str) -> Vec<String> {
    let letters = house.letters(email);
    letters
        .into_iter()
        .map(|letter| letter.subject)
        .filter(|subject| subject.contains("oken"))
        .collect()
}

#[actix_web::test]
async fn whoever_made_a_token_is_warned_thirty_seven_and_one_day_before_it_ends_once_each() {
    let (house, ada, base) = house().await;
    let other = house.another().await;
    ada.make_token(&base, "nightly", &[("expiry", "90")]).await;
    ada.make_token(&base, "endless", &[("expiry", "never")]).await;
    let mut seen = Vec::new();
    for day in 0..=91 {
        for process in [&house, &other, &house] {
            process.warn();
        }
        let now = house.count("SELECT count(*) FROM outbox WHERE kind = 'token.ending'");
        if usize::try_from(now).is_ok_and(|now| now > seen.len()) {
            seen.push(day);
        }
        house.wait(TimeDelta::days(1));
    }
    assert_eq!(seen, [60, 83, 89]);
    assert_eq!(
        told(&house, "ada@example.org"),
        [
            "The token “nightly” of deploy ends within 30 days",
            "The token “nightly” of deploy ends within 7 days",
            "The token “nightly” of deploy ends within a day",
        ]
    );
    let letter = house.inbox("ada@example.org");
    assert!(
        letter.text.contains("never used") && letter.text.contains(&format!("https://roster.example{base}")),
        "{}",
        letter.text
    );
    assert!(letter.html.contains("<strong>nightly</strong>"), "{}", letter.html);
}

#[actix_web::test]
async fn several_processes_that_look_at_once_write_one_letter() {
    let (house, ada, base) = house().await;
    for name in ["one", "two", "three"] {
        ada.make_token(&base, name, &[("expiry", "60")]).await;
    }
    house.wait(TimeDelta::days(31));
    let warn = |house: &House| {
        let (db, post, now) = (house.db.clone(), house.app.post.clone(), house.clock.now());
        std::thread::spawn(move || roster::tokens::warn(&db, &post, now))
    };
    let other = house.another().await;
    let all: Vec<_> = (0..8).map(|at| warn(if at % 2 == 0 { &house } else { &other })).collect();
    for one in all {
        one.join().expect("it ends").expect("it warns");
    }
    assert_eq!(
        told(&house, "ada@example.org"),
        ["3 tokens in Analytical Engines end within 30 days"]
    );
}

#[actix_web::test]
async fn administrators_are_warned_where_whoever_made_it_is_gone_and_nobody_of_what_is_over() {
    let (house, ada, base) = house().await;
    house.role(
        ada.organization(),
        "Keeper",
        &["user:read:*", "team:read:*", "system_account:manage:*"],
    );
    let grace = ada.welcome("Grace", "Keeper").await;
    grace.make_token(&base, "hers", &[("expiry", "60")]).await;
    grace.make_token(&base, "revoked", &[("expiry", "60")]).await;
    let place = grace
        .get(&base)
        .await
        .attribute("a[aria-label='Revoke revoked']", "href")
        .expect("a link");
    grace.get(&place).await;
    grace.submit("Revoke", &[]).await;
    ada.disable("Grace").await.assert_status(200);
    house.wait(TimeDelta::days(31));
    house.warn();
    assert_eq!(told(&house, "ada@example.org"), ["The token “hers” of deploy ends within 30 days"]);
    assert_eq!(told(&house, "grace@example.org"), [""; 0]);
}

#[actix_web::test]
async fn nobody_is_warned_of_an_end_they_just_chose_and_everybody_of_the_end_of_a_new_value() {
    let (house, ada, base) = house().await;
    ada.make_token(&base, "weekly", &[("expiry", "7")]).await;
    house.warn();
    assert_eq!(told(&house, "ada@example.org"), [""; 0]);
    house.wait(TimeDelta::days(6));
    house.warn();
    assert_eq!(told(&house, "ada@example.org").len(), 1);
    ada.sign_in("ada@example.org", crate::harness::GOOD).await;
    let place = ada
        .get(&base)
        .await
        .attribute("a[aria-label='Regenerate weekly']", "href")
        .expect("a link");
    ada.get(&place).await;
    ada.submit("Make a new value", &[("overlap", "0"), ("expiry", "60")])
        .await
        .assert_status(200);
    house.warn();
    house.wait(TimeDelta::days(31));
    house.warn();
    assert_eq!(told(&house, "ada@example.org").len(), 2);
}
