//! Creating users directly: what they are given, the temporary password that is shown once, and what is refused.

use crate::harness::{BETTER, GOOD, Page, Person, TestApp, is_postgres, user_creation::audited};
use chrono::TimeDelta;
use roster::{
    kit::{OperationError, Scope, email::Email},
    user_creation::{self, CreateRefusal, Wanted},
};

const GRACE: &str = "grace@example.org";
const PEOPLE: &str = "SELECT count(*) FROM members";
const TEMPORARY: &str = "Replace your temporary password";

/// Fills the form for Grace with these fields replaced, and sends it.
async fn create(by: &Person, typed: &[(&str, &str)]) -> Page {
    by.get("/users/new").await.assert_status(200);
    let mut all = vec![("first_name", "Grace"), ("last_name", "Hopper"), ("email", GRACE)];
    all.retain(|(name, _)| typed.iter().all(|(other, _)| other != name));
    all.extend(typed);
    by.submit("Create User", &all).await
}

#[track_caller]
fn password(page: &Page) -> String {
    page.attribute("#password[readonly]", "value")
        .unwrap_or_else(|| panic!("no password: {}", page.text()))
}

#[actix_web::test]
async fn a_generated_password_is_shown_once_works_once_and_is_kept_nowhere() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    let page = create(&ada, &[]).await.assert_status(200).assert_sees("Grace Hopper is in the directory");
    let secret = password(&page);
    assert_eq!(page.headers.get("cache-control").unwrap(), "no-store");
    assert!(page.went.is_empty() && !page.headers.get_all("set-cookie").any(|c| c.to_str().unwrap().contains(&secret)));
    assert!(!app.dump().contains(&secret) && app.count("SELECT count(*) FROM outbox") == 0);
    ada.get("/users").await.assert_sees("Grace Hopper").assert_misses(&secret);

    app.wait(TimeDelta::days(7) - TimeDelta::seconds(1));
    let grace = app.visitor();
    grace.sign_in("GRACE@example.org", &secret).await.assert_sees(TEMPORARY);
    grace
        .submit("Save the password", &[("present", &secret), ("password", BETTER)])
        .await
        .assert_sees("User Directory")
        .assert_misses("Create User");
    app.visitor().sign_in(GRACE, &secret).await.assert_status(422);
    app.visitor().sign_in(GRACE, BETTER).await.assert_sees("User Directory");
    assert_eq!(audited(&app, "member.created"), 1);
}

#[actix_web::test]
async fn a_generated_password_is_taken_with_what_was_copied_along() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    let secret = password(&create(&ada, &[]).await);
    for pasted in [format!("{secret} "), format!(" {secret}\r\n"), format!("\u{200b}{secret}")] {
        app.visitor().sign_in(GRACE, &pasted).await.assert_sees(TEMPORARY);
    }
    // In a password chosen by its owner, a blank counts.
    app.visitor().sign_in("ada@example.org", &format!("{GOOD} ")).await.assert_status(422);
}

#[actix_web::test]
async fn a_temporary_password_is_dead_after_seven_days() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    let secret = password(&create(&ada, &[]).await);
    app.wait(TimeDelta::days(7));
    app.visitor()
        .sign_in(GRACE, &secret)
        .await
        .assert_status(422)
        .assert_sees("temporary password has expired");
}

#[actix_web::test]
async fn a_typed_password_is_judged_and_temporary_too() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    for bad in ["short", "Grace-Hopper 1906!", "passwordpassword", "analyticalengines"] {
        let page = create(&ada, &[("choice", "typed"), ("password", bad)]).await.assert_status(422);
        assert_eq!(page.all("#password-error").len(), 1, "{bad}");
        assert!(!page.body.contains(bad), "{bad} is echoed");
        assert_eq!(page.attribute("#first_name", "value").as_deref(), Some("Grace"));
    }
    assert_eq!(app.count(PEOPLE), 1);
    create(&ada, &[("choice", "typed"), ("password", GOOD)])
        .await
        .assert_status(200)
        .assert_sees("Grace Hopper is in the directory");
    app.visitor().sign_in(GRACE, GOOD).await.assert_sees(TEMPORARY);
    // A typed password counts only if typing was chosen.
    let page = create(&ada, &[("email", "kay@example.org"), ("password", GOOD)]).await.assert_status(200);
    assert_ne!(password(&page), GOOD);
}

#[actix_web::test]
async fn the_disabled_take_no_seat_and_wait_until_they_are_enabled() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    app.set_seats(ada.organization(), Some(1));
    create(&ada, &[]).await.assert_status(422).assert_sees("The only seat of the plan is taken");
    let page = create(&ada, &[("status", "disabled")]).await.assert_status(200);
    let secret = password(&page);
    app.visitor()
        .sign_in(GRACE, &secret)
        .await
        .assert_status(422)
        .assert_sees("Your access is disabled");
    let id = ada.member("Grace Hopper").await;
    ada.get(&format!("/users/{id}")).await.assert_sees("Disabled by Ada");
    ada.submit("Enable", &[]).await.assert_sees("The only seat");
    app.set_seats(ada.organization(), Some(2));
    ada.submit("Enable", &[]).await.assert_sees("is enabled again");
    app.visitor().sign_in(GRACE, &secret).await.assert_sees(TEMPORARY);
}

#[actix_web::test]
async fn a_username_of_ones_own_signs_in_beside_the_email() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    let secret = password(&create(&ada, &[("username", "Amazing.Grace")]).await.assert_sees("Grace Hopper"));
    for name in ["amazing.grace", "AMAZING.GRACE ", "grace@EXAMPLE.org"] {
        app.visitor().sign_in(name, &secret).await.assert_sees(TEMPORARY);
    }
    let id = ada.member("amazing").await;
    ada.get(&format!("/users/{id}")).await.assert_sees("Grace Hopper");
    for (username, says) in [
        ("AMAZING.grace", "belongs to somebody already"),
        ("ａｍａｚｉｎｇ．ｇｒａｃｅ", "belongs to somebody already"),
        ("ada@example.org", "must be the email itself"),
        ("victim@elsewhere.example", "must be the email itself"),
        ("victim\u{ff20}elsewhere.example", "must be the email itself"),
        ("two words", "has no spaces"),
        ("in\u{200b}visible", "cannot be seen"),
        ("\u{3164}", "cannot be seen"),
    ] {
        let page = create(&ada, &[("email", "kay@example.org"), ("username", username)]).await.assert_status(422);
        assert!(page.all("#username-error").join("").contains(says), "{username}: {}", page.text());
    }
    create(&ada, &[("email", "kay@example.org"), ("username", "Kay@Example.org")])
        .await
        .assert_status(200);
    assert_eq!(app.count("SELECT count(*) FROM users WHERE username = 'kay@example.org'"), 1);
}

#[actix_web::test]
async fn an_address_belongs_to_one_person_however_it_is_written() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    let other = app.another_organization("Elsewhere", "Mallory", None).await;
    create(&ada, &[("username", "amazing")]).await.assert_status(200);
    ada.invite("linus@example.org", "User").await;
    for (email, says) in [
        (GRACE, "belongs to somebody already. They are in this directory already."),
        ("GRACE@Example.ORG", "belongs to somebody already"),
        ("linus@example.org", "They are in this directory already."),
        ("mallory@example.org", "Invite Users adds people who work for another organization."),
        ("grace@example.org,eve@example.org", "not an email address"),
        ("grace@example.org\r\nBcc: eve@example.org", "not an email address"),
        ("\"x\"@example.org", "not an email address"),
        ("a@b@c.example", "not an email address"),
        ("gr\u{202e}ace@example.org", "characters that cannot be seen"),
        ("", "Type an email address"),
    ] {
        let page = create(&ada, &[("email", email)]).await.assert_status(422);
        assert!(page.all("#email-error").join("").contains(says), "{email}: {}", page.text());
    }
    // The other way round: an address cannot become another person's username.
    create(&other, &[("email", "new@example.org"), ("username", "Amazing")]).await.assert_status(422);
    assert_eq!(app.count("SELECT count(*) FROM users"), 4);
}

#[actix_web::test]
async fn nobody_gives_a_new_person_more_than_they_hold() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    let organization = ada.organization();
    app.role(organization, "Helper", &["user:manage:*", "user:read:*", "team:read:*"]);
    let helper = ada.welcome("Helga", "Helper").await;
    helper.get("/users").await.assert_sees("Create User").assert_misses("Invite Users");
    let id = |name: &str| {
        let text = if is_postgres() { "CAST(id AS text)" } else { "lower(hex(id))" };
        app.text(&format!("SELECT {text} FROM roles WHERE name = '{name}'"))
    };
    let viewer = id("Viewer");
    ada.get("/users/new").await.assert_status(200);
    let wide = ada.role("User");
    for typed in [
        vec![("access", "administrator")],
        vec![("role", wide.as_str())],
        vec![("role", &id("CI/CD"))],
        vec![("role", &id("SCIM"))],
        vec![("role", "019cdc1f-d680-7000-8000-000000000000")],
        vec![("role", "x")],
        vec![("team", "019cdc1f-d680-7000-8000-000000000000"), ("role", &viewer)],
        vec![("policy", "019cdc1f-d680-7000-8000-000000000000"), ("role", &viewer)],
    ] {
        let page = create(&helper, &typed).await.assert_status(422);
        assert!(page.text().contains("Nothing is saved yet"), "{typed:?}");
    }
    let other = app.another_organization("Elsewhere", "Mallory", None).await;
    other.get("/users/new").await.assert_status(200);
    let theirs = other.role("Viewer");
    create(&helper, &[("role", &theirs)]).await.assert_status(422);
    assert_eq!(app.count("SELECT count(*) FROM users"), 3);
    create(&helper, &[("role", &viewer)]).await.assert_status(200);
    let page = create(&ada, &[("email", "kay@example.org"), ("access", "administrator")]).await;
    let kay = app.visitor();
    kay.sign_in("kay@example.org", &password(&page)).await;
    kay.submit("Save the password", &[("present", &password(&page)), ("password", BETTER)])
        .await
        .assert_sees("Create User");
}

#[actix_web::test]
async fn fields_that_the_form_does_not_offer_are_refused() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    for (name, value) in [
        ("roles", "administrator"),
        ("is_admin", "true"),
        ("permissions", "*:*:*"),
        ("organization_id", "019cdc1f-d680-7000-8000-000000000000"),
        ("user_id", "019cdc1f-d680-7000-8000-000000000000"),
        ("id", "019cdc1f-d680-7000-8000-000000000000"),
        ("email_verified", "true"),
        ("password_hash", "x"),
        ("must_change_password", "false"),
        ("temporary_until", ""),
        ("created_by", "x"),
        ("version", "1"),
        ("mfa_enabled", "true"),
        ("provider", "saml"),
    ] {
        create(&ada, &[(name, value)]).await.assert_status(400);
    }
    for (name, value) in [("status", "invited"), ("status", ""), ("access", "root"), ("choice", "none")] {
        create(&ada, &[(name, value)]).await.assert_status(422);
    }
    create(&ada, &[("email", "a@example.org"), ("email", "b@example.org")]).await.assert_status(400);
    assert_eq!(app.count(PEOPLE), 1);
}

#[actix_web::test]
async fn names_of_any_script_are_kept_and_tricks_in_them_are_not() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    let (long, longer) = ("ß".repeat(50), "x".repeat(101));
    for (first, last) in [
        ("Gr\u{202e}ace", "Hopper"),
        ("\u{200d}", "x"),
        ("\u{3164}", ""),
        ("Grace\r\nBcc: x", "Hopper"),
        ("Grace", "\u{ad}"),
        (&longer, ""),
        (&long, &long),
    ] {
        create(&ada, &[("first_name", first), ("last_name", last)]).await.assert_status(422);
    }
    let names = [
        ("Zoë", "Ångström", "Zoë Ångström"),
        ("김", "민준", "김 민준"),
        ("محمد", "علی\u{200c}زاده", "محمد علی\u{200c}زاده"),
        ("Madonna", "", "Madonna"),
        ("", "Sukarno", "Sukarno"),
        (
            "<script>alert(1)</script>",
            "\"><img src=x onerror=alert(1)>",
            "<script>alert(1)</script> \"><img src=x onerror=alert(1)>",
        ),
        ("{{7*7}}", "'; DROP TABLE users; --", "{{7*7}} '; DROP TABLE users; --"),
    ];
    for (at, (first, last, whole)) in names.into_iter().enumerate() {
        let email = format!("person{at}@example.org");
        let page = create(&ada, &[("first_name", first), ("last_name", last), ("email", &email)]).await;
        page.clone().assert_status(200).assert_sees(whole);
        assert!(page.all("script:not([src]), img[src=x]").is_empty());
        let id = ada.member(&email).await;
        let profile = ada.get(&format!("/users/{id}")).await.assert_sees(whole);
        assert!(profile.all("script:not([src]), img[src=x]").is_empty());
    }
}

#[actix_web::test]
async fn whoever_is_created_without_a_password_asks_for_their_own() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    let scope = Scope::system(ada.organization(), app.clock.now());
    let wanted = Wanted {
        name: "Grace Hopper".into(),
        email: Email::parse(GRACE).expect("an address"),
        username: GRACE.into(),
        is_active: true,
        grants: Default::default(),
        hash: None,
        details: None,
    };
    app.db.write_here(|tx| user_creation::create(tx, &scope, &wanted)).expect("somebody new");
    let again = app.db.write_here(|tx| user_creation::create(tx, &scope, &wanted));
    assert!(matches!(again, Err(OperationError::Refused(CreateRefusal::Here))));
    let grace = app.visitor();
    grace.sign_in(GRACE, GOOD).await.assert_status(422);
    grace.get("/password/forgotten").await;
    grace.submit("Send the link", &[("email", GRACE)]).await;
    grace.get(&app.inbox(GRACE).link()).await;
    grace.submit("Save the password", &[("password", GOOD)]).await.assert_path("/sign-in");
    grace.sign_in(GRACE, GOOD).await.assert_status(403);
}
