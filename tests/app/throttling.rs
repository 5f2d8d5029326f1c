//! Guessing passwords: every answer looks the same, and guesses get slower and slower.

use crate::harness::{BETTER, GOOD, Page, Person, TestApp};
use chrono::TimeDelta;

/// Everything by which a visitor could tell one answer from another.
fn looks(page: &Page, typed: &str) -> (u16, String, Vec<(String, String)>) {
    let in_link = typed.replace('@', "%40");
    let mut body = page.body.replace(typed, "NAME").replace(&format!("email={in_link}"), "email=NAME");
    let mut made_anew = page.attributes("input[name=csrf], input[name=challenge]", "value");
    for options in page.attributes("form[data-passkey]", "data-options") {
        let options: serde_json::Value = serde_json::from_str(&options).expect("options for a passkey");
        made_anew.push(options["challenge"].as_str().expect("a challenge").to_owned());
    }
    for random in made_anew {
        body = body.replace(&random, "RANDOM");
    }
    let mut headers: Vec<_> = page
        .headers
        .iter()
        .map(|(name, value)| (name.to_string(), value.to_str().unwrap_or_default().to_owned()))
        .map(|(name, value)| match name.as_str() {
            "set-cookie" => (name, value.split('=').next().unwrap_or_default().to_owned()),
            _ => (name, value),
        })
        .collect();
    headers.sort();
    (page.status, body, headers)
}

async fn guess(app: &TestApp, name: &str, password: &str) -> Page {
    app.visitor().at_address("198.51.100.77").sign_in(name, password).await
}

async fn throttled_after(person: &Person, names: &[&str]) -> usize {
    for tries in 0..100 {
        let page = person.sign_in(names[tries % names.len()], "a wrong password").await;
        if page.status == 429 {
            return tries;
        }
        page.assert_status(422);
    }
    panic!("never throttled");
}

#[actix_web::test]
async fn whoever_does_not_know_the_password_learns_nothing_else() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    ada.welcome("Grace", "User").await;
    ada.welcome("Kay", "User").await;
    ada.disable("Kay").await;
    ada.invite("invited@example.org", "User").await;
    let until = app.clock.now() - TimeDelta::seconds(1);
    ada.welcome("Expired", "User").await;
    app.give_temporary_password("expired@example.org", GOOD, until).await;
    let unknown = looks(&guess(&app, "nobody@example.org", "a wrong password").await, "nobody@example.org");
    for name in [
        "grace@example.org",
        "kay@example.org",
        "invited@example.org",
        "expired@example.org",
        "admin",
    ] {
        let answer = guess(&app, name, "a wrong password").await;
        assert_eq!(looks(&answer, name), unknown, "{name}");
    }
    guess(&app, "kay@example.org", GOOD).await.assert_status(422).assert_sees("Your access is disabled");
    guess(&app, "expired@example.org", GOOD).await.assert_status(422).assert_sees("has expired");
    guess(&app, "kay@example.org", GOOD).await.assert_misses("User Directory");
}

#[actix_web::test]
async fn unknown_accounts_are_throttled_exactly_as_known_ones() {
    let app = TestApp::start().await;
    app.administrator("Ada").await;
    let (mut first, mut second) = (vec![], vec![]);
    let person = |n: u8| app.visitor().at_address(&format!("198.51.100.{n}"));
    let (known, unknown) = (person(1), person(2));
    for _ in 0..12 {
        first.push(looks(&known.sign_in("ada@example.org", "wrong").await, "ada@example.org"));
        second.push(looks(&unknown.sign_in("bob@example.org", "wrong").await, "bob@example.org"));
    }
    assert_eq!(first, second);
    assert_eq!(first.last().expect("an answer").0, 429);
}

#[actix_web::test]
async fn any_spelling_signs_in_and_all_spellings_are_one_account() {
    let app = TestApp::start().await;
    app.administrator("Ada").await;
    for name in [
        "ada@example.org",
        " ADA@EXAMPLE.ORG ",
        "Ada@Example.Org",
        "\u{200b}ada@ｅｘａｍｐｌｅ.org",
    ] {
        app.visitor().sign_in(name, GOOD).await.assert_sees("User Directory");
    }
    // A look-alike address is another mailbox, so it does not sign in.
    app.visitor().sign_in("ａｄａ@example.org", GOOD).await.assert_status(422);
    let eve = app.visitor();
    let spellings = [
        "ada@example.org",
        " ADA@example.org",
        "Ada@Example.ORG ",
        "\u{200b}ada@ｅｘａｍｐｌｅ.org",
    ];
    assert_eq!(throttled_after(&eve, &spellings).await, 10);
}

#[actix_web::test]
async fn guesses_at_one_account_are_counted_over_all_processes_and_addresses() {
    let app = TestApp::start().await;
    let other = app.another().await;
    app.administrator("Ada").await;
    for n in 0..10 {
        let app = if n % 2 == 0 { &app } else { &other };
        let eve = app.visitor().at_address(&format!("198.51.100.{n}"));
        eve.sign_in("ada@example.org", "wrong").await.assert_status(422);
    }
    for app in [&app, &other] {
        let page = app.visitor().at_address("192.0.2.1").sign_in("ada@example.org", GOOD).await.assert_status(429);
        let wait: i64 = page.headers.get("retry-after").expect("a header").to_str().unwrap().parse().expect("seconds");
        assert!((1..=31).contains(&wait), "{wait}");
    }
    app.wait(TimeDelta::seconds(31));
    app.visitor().sign_in("ada@example.org", GOOD).await.assert_sees("User Directory");
}

#[actix_web::test]
async fn nobody_locks_an_owner_out_of_a_device_they_have_used() {
    let app = TestApp::start().await;
    app.administrator("Ada").await;
    let home = app.visitor();
    home.sign_in("ada@example.org", GOOD).await.assert_sees("User Directory");
    home.sign_out().await;
    let eve = app.visitor().at_address("198.51.100.66");
    throttled_after(&eve, &["ada@example.org"]).await;
    home.sign_in("ada@example.org", GOOD).await.assert_sees("User Directory");
    // A device cookie is valid only for the account that signed in there, and cannot be forged.
    let forged = app.visitor();
    forged.set_cookie("__Host-roster-device", &"A".repeat(43));
    forged.sign_in("ada@example.org", GOOD).await.assert_status(429);
}

#[actix_web::test]
async fn a_known_device_is_throttled_too() {
    let app = TestApp::start().await;
    app.administrator("Ada").await;
    let home = app.visitor();
    home.sign_in("ada@example.org", GOOD).await;
    home.sign_out().await;
    assert_eq!(throttled_after(&home, &["ada@example.org"]).await, 10);
}

#[actix_web::test]
async fn success_forgives_what_was_mistyped_before() {
    let app = TestApp::start().await;
    app.administrator("Ada").await;
    for _ in 0..3 {
        let person = app.visitor();
        for _ in 0..9 {
            person.sign_in("ada@example.org", "wrong").await.assert_status(422);
        }
        person.sign_in("ada@example.org", GOOD).await.assert_sees("User Directory");
    }
}

#[actix_web::test]
async fn whoever_tries_many_accounts_from_one_address_is_slowed_down() {
    let app = TestApp::start().await;
    app.administrator("Ada").await;
    let names: Vec<String> = (0..100).map(|n| format!("person{n}@example.org")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    // An IPv6 subscriber has a whole /64.
    let mut tries = 0;
    for name in &names {
        let eve = app.visitor().at_address(&format!("2001:db8:0:1::{tries}"));
        if eve.sign_in(name, "wrong").await.status == 429 {
            break;
        }
        tries += 1;
    }
    assert_eq!(tries, 60);
    let neighbour = app.visitor().at_address("2001:db8:0:2::1");
    neighbour.sign_in("ada@example.org", GOOD).await.assert_sees("User Directory");
    // A header from an untrusted client changes nothing.
    let eve = app.visitor().at_address("2001:db8:0:1::beef").with_header("x-forwarded-for", "127.0.0.1");
    eve.sign_in("ada@example.org", GOOD).await.assert_status(429);
}

#[actix_web::test]
async fn only_trusted_proxies_say_where_somebody_comes_from() {
    let app = TestApp::start_with(&["--trusted-proxies", "10.0.0.0/8"]).await;
    let ada = app.administrator("Ada").await;
    let many = vec!["198.51.100.23"; 1_000].join(",");
    for (peer, forwarded) in [
        ("10.0.0.1", "1.1.1.1, 198.51.100.20, 10.0.0.9"),
        ("192.0.2.50", "198.51.100.21"),
        ("10.0.0.1", "198.51.100.22, _hidden"),
        ("10.0.0.1", &many),
    ] {
        app.wait(TimeDelta::seconds(1));
        let eve = app.visitor().at_address(peer).with_header("x-forwarded-for", forwarded);
        eve.sign_in("ada@example.org", "wrong").await;
    }
    let activity = ada.get(&format!("/users/{}/activity", ada.member("Ada").await)).await;
    let addresses = activity.all("td.c-address");
    assert_eq!(&addresses[..4], ["198.51.100.23", "10.0.0.1", "192.0.2.50", "198.51.100.20"]);
}

#[actix_web::test]
async fn a_temporary_password_opens_only_the_page_that_replaces_it_and_not_for_long() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    ada.welcome("Grace", "User").await;
    app.wait(TimeDelta::seconds(1));
    let until = app.clock.now() + TimeDelta::days(7);
    app.give_temporary_password("grace@example.org", BETTER, until).await;
    let grace = app.visitor();
    grace
        .sign_in("grace@example.org", BETTER)
        .await
        .assert_path("/password/change")
        .assert_sees("temporary password");
    let organization = ada.organization();
    for path in ["/users", "/invitations/new", "/users?q=Ada"] {
        grace.get(&format!("/o/{organization}{path}")).await.assert_path("/password/change");
    }
    grace
        .post(&format!("/o/{organization}/invitations"), &[("addresses", "x@example.org")])
        .await
        .assert_path("/password/change");
    grace.get("/").await.assert_path("/password/change");
    grace
        .submit("Save the password", &[("present", BETTER), ("password", BETTER)])
        .await
        .assert_status(422)
        .assert_sees("other than the present one");
    grace
        .submit("Save the password", &[("present", BETTER), ("password", GOOD)])
        .await
        .assert_sees("User Directory");

    app.give_temporary_password("grace@example.org", BETTER, until).await;
    app.wait(TimeDelta::days(7) - TimeDelta::seconds(1));
    app.visitor().sign_in("grace@example.org", BETTER).await.assert_path("/password/change");
    app.wait(TimeDelta::seconds(1));
    app.visitor()
        .sign_in("grace@example.org", BETTER)
        .await
        .assert_status(422)
        .assert_sees("has expired");
}

#[actix_web::test]
async fn a_stolen_session_does_not_serve_to_guess_the_password() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    ada.get("/password/change").await;
    let mut last = ada.page();
    for _ in 0..12 {
        last = ada.submit("Save the password", &[("present", "a wrong guess"), ("password", BETTER)]).await;
        if last.status == 429 {
            break;
        }
        last = last.assert_status(422);
    }
    last.assert_status(429);
}
