//! Forgotten passwords, and the rules for new ones.

use crate::harness::{BETTER, GOOD, Page, Person, TestApp};
use chrono::TimeDelta;

const ADA: &str = "ada@example.org";

async fn ask(person: &Person, email: &str) -> Page {
    person.get("/password/forgotten").await;
    person.submit("Send the link", &[("email", email)]).await
}

async fn reset(person: &Person, link: &str, password: &str) -> Page {
    person.get(link).await;
    if person.page().status != 200 {
        return person.page();
    }
    person.submit("Save the password", &[("password", password)]).await
}

#[actix_web::test]
async fn the_name_that_was_typed_to_sign_in_is_there_when_the_password_is_forgotten() {
    let app = TestApp::start().await;
    app.administrator("Ada").await;
    let visitor = app.visitor();
    let typed = "ada+work&home@example.org";
    let page = visitor.sign_in(typed, "a wrong password").await.assert_status(422);
    let page = visitor.get(&page.link("Forgot your password?")).await.assert_status(200);
    assert_eq!(page.attribute("input[name=email]", "value").as_deref(), Some(typed));
}

/// The status and the page, without the parts that differ between requests.
fn bare(page: &Page, typed: &str) -> (u16, String) {
    let mut body = page.body.replace(typed, "NAME");
    for token in page.attributes("input[name=csrf]", "value") {
        body = body.replace(&token, "TOKEN");
    }
    (page.status, body)
}

/// Ada, a browser in which Grace's password was forgotten, and the link that was mailed to Grace.
async fn forgetful(app: &TestApp) -> (Person, Person, String) {
    let ada = app.administrator("Ada").await;
    ada.welcome("Grace", "User").await;
    let visitor = app.visitor();
    ask(&visitor, "grace@example.org").await;
    let link = app.inbox("grace@example.org").link();
    (ada, visitor, link)
}

#[actix_web::test]
async fn the_answer_is_the_same_for_everybody_and_only_the_active_get_a_letter() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    ada.welcome("Kay", "User").await;
    ada.disable("Kay").await;
    ada.invite("invited@example.org", "User").await;
    app.deliver();
    let before = app.count("SELECT count(*) FROM outbox");
    let visitor = app.visitor();
    let known = bare(&ask(&visitor, ADA).await, ADA);
    assert_eq!(app.count("SELECT count(*) FROM outbox"), before + 1);
    for name in ["kay@example.org", "invited@example.org", "nobody@example.org", "no address at all"] {
        assert_eq!(bare(&ask(&visitor, name).await, name), known, "{name}");
    }
    assert_eq!(app.count("SELECT count(*) FROM outbox"), before + 1);
    ask(&visitor, "ADA@Example.ORG").await;
    assert_eq!(app.letters(ADA).len(), 2);
}

#[actix_web::test]
async fn a_letter_goes_to_the_address_on_record_and_nowhere_else() {
    let app = TestApp::start().await;
    app.administrator("Ada").await;
    let visitor = app.visitor();
    for typed in [
        "ada@example.org,eve@example.org",
        "ada@example.org eve@example.org",
        "ada@example.org\r\nBcc: eve@example.org",
        "ada@example.org\nCc: eve@example.org",
        "<ada@example.org>",
        "eve <ada@example.org>",
        "ada@example.org;",
        "ada+x@example.org",
    ] {
        let page = ask(&visitor, typed).await;
        assert!(matches!(page.status, 200 | 422), "{typed:?}");
    }
    for fields in [
        &[("email", ADA), ("email", "eve@example.org")][..],
        &[("email[]", ADA)],
        &[("email", ADA), ("user_id", "1")],
        &[("email", ADA), ("to", "eve@example.org")],
        &[],
    ] {
        visitor.get("/password/forgotten").await;
        visitor.post("/password/forgotten", fields).await.assert_status(400);
    }
    // Angle brackets around an address are ignored, as mail programs write them. The letter goes to the address on
    // record.
    assert_eq!(app.count("SELECT count(*) FROM outbox"), 1);
    assert_eq!(app.count("SELECT count(*) FROM outbox WHERE recipient = 'ada@example.org'"), 1);
}

#[actix_web::test]
async fn a_link_works_once_for_an_hour_and_signs_nobody_in() {
    let app = TestApp::start().await;
    app.administrator("Ada").await;
    let visitor = app.visitor();
    ask(&visitor, ADA).await;
    let link = app.inbox(ADA).link();
    app.wait(TimeDelta::hours(1) - TimeDelta::seconds(1));
    let (first, second) = (app.visitor(), app.visitor());
    second.get(&link).await.assert_status(200);
    let page = reset(&first, &link, BETTER).await.assert_path("/sign-in");
    assert!(page.text().contains("Sign in with it") && first.cookie("__Host-roster-session").is_none());
    second.submit("Save the password", &[("password", GOOD)]).await.assert_status(410);
    reset(&first, &link, GOOD).await.assert_status(410);
    first.sign_in(ADA, BETTER).await.assert_sees("User Directory");
    assert_eq!(app.inbox(ADA).subject, "Your password was changed");
    assert!(!app.inbox(ADA).raw.contains("/password/reset/"), "the notice holds no link that acts");

    ask(&visitor, ADA).await;
    let late = app.inbox(ADA).link();
    app.wait(TimeDelta::hours(1));
    visitor.get(&late).await.assert_status(410);
}

#[actix_web::test]
async fn the_newest_link_ends_the_older_and_every_change_ends_them_all() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    let visitor = app.visitor();
    let mut links = vec![];
    for _ in 0..2 {
        ask(&visitor, ADA).await;
        links.push(app.inbox(ADA).link());
        app.wait(TimeDelta::minutes(1));
    }
    visitor.get(&links[0]).await.assert_status(410);
    visitor.get(&links[1]).await.assert_status(200);
    ada.get("/password/change").await;
    ada.submit("Save the password", &[("present", GOOD), ("password", BETTER)])
        .await
        .assert_sees("User Directory");
    visitor.submit("Save the password", &[("password", GOOD)]).await.assert_status(410);
    visitor.sign_in(ADA, BETTER).await.assert_sees("User Directory");
}

#[actix_web::test]
async fn the_link_of_somebody_disabled_meanwhile_is_dead() {
    let app = TestApp::start().await;
    let (ada, visitor, link) = forgetful(&app).await;
    visitor.get(&link).await.assert_status(200);
    ada.disable("Grace").await;
    visitor.submit("Save the password", &[("password", BETTER)]).await.assert_status(410);
}

#[actix_web::test]
async fn the_link_alone_says_whose_password_it_is() {
    let app = TestApp::start().await;
    let (_, visitor, link) = forgetful(&app).await;
    for (name, value) in [("user_id", "1"), ("email", ADA), ("id", "1"), ("token", "x")] {
        visitor.get(&link).await;
        visitor.submit("Save the password", &[("password", BETTER), (name, value)]).await.assert_status(400);
    }
    visitor.get(&link).await;
    visitor
        .submit("Save the password", &[("password", BETTER), ("username", ADA)])
        .await
        .assert_path("/sign-in");
    visitor.sign_in(ADA, GOOD).await.assert_sees("User Directory");
    app.visitor().sign_in("grace@example.org", BETTER).await.assert_sees("User Directory");
}

#[actix_web::test]
async fn the_secret_stands_in_no_address_after_the_first() {
    let app = TestApp::start().await;
    app.administrator("Ada").await;
    let visitor = app.visitor();
    ask(&visitor, ADA).await;
    let link = app.inbox(ADA).link();
    let secret = link.trim_start_matches("/password/reset/");
    let first = visitor.request(actix_web::http::Method::GET, &link, None).await.assert_status(303);
    let next = first.went[0].clone();
    assert!(next.starts_with("/password/reset?link=") && !next.contains(secret), "{next}");
    assert_eq!(first.headers.get("cache-control").unwrap(), "no-store");
    assert_eq!(first.headers.get("referrer-policy").unwrap(), "no-referrer");
    assert!(!visitor.get(&next).await.assert_status(200).body.contains(secret));
    assert!(!app.dump().contains(secret));
}

#[actix_web::test]
async fn letters_to_one_address_end_silently_and_from_one_place_loudly() {
    let app = TestApp::start().await;
    app.administrator("Ada").await;
    for n in 0..8 {
        let visitor = app.visitor().at_address(&format!("198.51.100.{n}"));
        ask(&visitor, ADA).await.assert_status(200).assert_sees("Look in your mail");
    }
    assert_eq!(app.letters(ADA).len(), 3);
    let eve = app.visitor().at_address("192.0.2.1");
    let mut statuses = vec![];
    for n in 0..25 {
        statuses.push(ask(&eve, &format!("person{n}@example.org")).await.status);
    }
    assert_eq!(statuses.iter().filter(|status| **status == 200).count(), 20);
    assert_eq!(statuses.last(), Some(&429));
    app.wait(TimeDelta::minutes(11));
    ask(&app.visitor(), ADA).await;
    assert_eq!(app.letters(ADA).len(), 4);
}

#[actix_web::test]
async fn a_password_is_long_enough_hard_to_guess_and_whole() {
    let app = TestApp::start().await;
    app.administrator("Ada Lovelace").await;
    let email = "ada.lovelace@example.org";
    let visitor = app.visitor();
    ask(&visitor, email).await;
    let link = app.inbox(email).link();
    visitor.get(&link).await;
    let too_long = "seven quiet lanterns over Reykjavik ".repeat(8);
    for (bad, says) in [
        ("otter Kilimanj", "at least 15 characters"),
        ("passwordpassword", "nothing to do with each other"),
        ("ada.lovelace@example.org", ""),
        ("analyticalengines", ""),
        ("lovelace lovelace", ""),
        ("aaaaaaaaaaaaaaaaaaaaaaaa", ""),
        (too_long.as_str(), "Use at most 256 characters"),
    ] {
        let page = visitor.submit("Save the password", &[("password", bad)]).await;
        assert_eq!(page.status, 422, "{bad}");
        assert!(page.all(".error").iter().any(|text| text.contains(says)), "{bad}: {:?}", page.all(".error"));
        assert!(page.attribute("input[type=password]", "value").is_none(), "what was typed is not echoed");
    }
    visitor
        .submit("Save the password", &[("password", "a\0 violet otter climbs")])
        .await
        .assert_status(400);
    visitor.get(&link).await;
    let huge = "x".repeat(100_000);
    visitor.submit("Save the password", &[("password", &huge)]).await.assert_status(422);
    let longest: String = "seven quiet lanterns over Reykjavik ".repeat(8).chars().take(255).chain(['🦦']).collect();
    visitor.submit("Save the password", &[("password", &longest)]).await.assert_path("/sign-in");
    let cut: String = longest.chars().take(255).collect();
    for wrong in [&cut, &format!("{longest}x"), &format!(" {longest}"), &longest.to_uppercase()] {
        visitor.sign_in(email, wrong).await.assert_status(422);
    }
    visitor.sign_in(email, &longest).await.assert_sees("User Directory");
}

#[actix_web::test]
async fn when_hashing_becomes_costlier_passwords_follow_at_the_next_sign_in() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    let costly = app.another_with(&["--argon2-memory", "16"]).await;
    let hash = || app.text("SELECT hash FROM passwords");
    let session = ada.cookie("__Host-roster-session");
    assert!(hash().contains("m=8,"));
    app.wait(TimeDelta::minutes(1));
    costly.visitor().sign_in(ADA, "a wrong password").await;
    assert!(hash().contains("m=8,"));
    costly.visitor().sign_in(ADA, GOOD).await.assert_sees("User Directory");
    assert!(hash().contains("m=16,"), "{}", hash());
    // Nothing changes for the person: sessions continue and the password is the same. The hash does not get weaker
    // again.
    ada.get("/users").await.assert_sees("User Directory");
    assert_eq!(ada.cookie("__Host-roster-session"), session);
    app.visitor().sign_in(ADA, GOOD).await.assert_sees("User Directory");
    assert!(hash().contains("m=16,"));
}

#[actix_web::test]
async fn a_link_does_not_outlive_being_disabled_and_enabled_again() {
    let app = TestApp::start().await;
    let (ada, visitor, link) = forgetful(&app).await;
    visitor.get(&link).await.assert_status(200);
    app.wait(TimeDelta::minutes(1));
    ada.disable("Grace").await;
    visitor.get(&link).await.assert_status(410);
    ada.submit("Undo", &[]).await.assert_sees("enabled again");
    visitor.get(&link).await.assert_status(410);
    ask(&visitor, "grace@example.org").await;
    visitor.get(&app.inbox("grace@example.org").link()).await.assert_status(200);
}
