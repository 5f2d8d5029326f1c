//! Letters about tokens that end: thirty, seven and one day before, once each, to every member who can act on it.

use crate::harness::{Person, TestApp};
use chrono::TimeDelta;

async fn app() -> (TestApp, Person, String) {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    let id = app.machine(ada.organization(), "deploy", "CI/CD");
    let base = format!("/o/{}/system-accounts/{id}/tokens", ada.organization());
    (app, ada, base)
}

/// The subjects of the letters about tokens to this address since the last call.
fn told(app: &TestApp, email: &str) -> Vec<String> {
    let letters = app.letters(email);
    letters
        .into_iter()
        .map(|letter| letter.subject)
        .filter(|subject| subject.contains("oken"))
        .collect()
}

#[actix_web::test]
async fn whoever_made_a_token_is_warned_thirty_seven_and_one_day_before_it_ends_once_each() {
    let (app, ada, base) = app().await;
    let other = app.another().await;
    ada.make_token(&base, "nightly", &[("expiry", "90")]).await;
    ada.make_token(&base, "endless", &[("expiry", "never")]).await;
    let mut seen = Vec::new();
    for day in 0..=91 {
        for process in [&app, &other, &app] {
            process.warn();
        }
        let now = app.count("SELECT count(*) FROM outbox WHERE kind = 'token.ending'");
        if usize::try_from(now).is_ok_and(|now| now > seen.len()) {
            seen.push(day);
        }
        app.wait(TimeDelta::days(1));
    }
    assert_eq!(seen, [60, 83, 89]);
    assert_eq!(
        told(&app, "ada@example.org"),
        [
            "The token “nightly” of deploy ends within 30 days",
            "The token “nightly” of deploy ends within 7 days",
            "The token “nightly” of deploy ends within a day",
        ]
    );
    let letter = app.inbox("ada@example.org");
    assert!(
        letter.text.contains("never used") && letter.text.contains(&format!("https://roster.example{base}")),
        "{}",
        letter.text
    );
    assert!(letter.html.contains("<strong>nightly</strong>"), "{}", letter.html);
}

#[actix_web::test]
async fn several_processes_that_look_at_once_write_one_letter() {
    let (app, ada, base) = app().await;
    for name in ["one", "two", "three"] {
        ada.make_token(&base, name, &[("expiry", "60")]).await;
    }
    app.wait(TimeDelta::days(31));
    let warn = |app: &TestApp| {
        let (db, outbox, now) = (app.db.clone(), app.roster.outbox.clone(), app.clock.now());
        std::thread::spawn(move || roster::tokens::warn(&db, &outbox, now))
    };
    let other = app.another().await;
    let all: Vec<_> = (0..8).map(|at| warn(if at % 2 == 0 { &app } else { &other })).collect();
    for one in all {
        one.join().expect("it ends").expect("it warns");
    }
    assert_eq!(told(&app, "ada@example.org"), ["3 tokens in Analytical Engines end within 30 days"]);
}

#[actix_web::test]
async fn administrators_are_warned_where_whoever_made_it_is_gone_and_nobody_of_what_is_over() {
    let (app, ada, base) = app().await;
    app.role(ada.organization(), "Keeper", &["user:read:*", "team:read:*", "system_account:manage:*"]);
    let grace = ada.welcome("Grace", "Keeper").await;
    grace.make_token(&base, "hers", &[("expiry", "60")]).await;
    grace.make_token(&base, "revoked", &[("expiry", "60")]).await;
    let place = grace.get(&base).await.attribute("a[aria-label='Revoke revoked']", "href").expect("a link");
    grace.get(&place).await;
    grace.submit("Revoke", &[]).await;
    ada.disable("Grace").await.assert_status(200);
    app.wait(TimeDelta::days(31));
    app.warn();
    assert_eq!(told(&app, "ada@example.org"), ["The token “hers” of deploy ends within 30 days"]);
    assert_eq!(told(&app, "grace@example.org"), [""; 0]);
}

#[actix_web::test]
async fn nobody_is_warned_of_an_end_they_just_chose_and_everybody_of_the_end_of_a_new_value() {
    let (app, ada, base) = app().await;
    ada.make_token(&base, "weekly", &[("expiry", "7")]).await;
    app.warn();
    assert_eq!(told(&app, "ada@example.org"), [""; 0]);
    app.wait(TimeDelta::days(6));
    app.warn();
    assert_eq!(told(&app, "ada@example.org").len(), 1);
    ada.sign_in("ada@example.org", crate::harness::GOOD).await;
    let place = ada.get(&base).await.attribute("a[aria-label='Regenerate weekly']", "href").expect("a link");
    ada.get(&place).await;
    ada.submit("Make a new value", &[("overlap", "0"), ("expiry", "60")]).await.assert_status(200);
    app.warn();
    app.wait(TimeDelta::days(31));
    app.warn();
    assert_eq!(told(&app, "ada@example.org").len(), 2);
}
