//! Two-step sign-in where an organization requires it, and for people who have lost their second factor.

use crate::harness::{BETTER, GOOD, Page, Person, TestApp, authenticator::Phone, user_creation::audited};
use actix_web::http::Method;
use chrono::TimeDelta;

/// An administrator with an app who required two-step sign-in of everybody.
async fn strict(app: &TestApp, days: &str) -> (Person, Phone) {
    let ada = app.administrator("Ada").await;
    let phone = Phone::enrol(app, &ada).await;
    ada.get("/settings/two-step").await.assert_status(200);
    ada.submit("Require two-step sign-in", &[("days", days)])
        .await
        .assert_status(200)
        .assert_sees("opens only to people with two-step sign-in");
    (ada, phone)
}

#[actix_web::test]
async fn nobody_requires_what_they_do_not_have_themselves() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    ada.get("/settings/two-step").await.assert_sees("Everybody's own choice").assert_sees("1 person");
    ada.submit("Require two-step sign-in", &[("days", "0")])
        .await
        .assert_status(422)
        .assert_sees("lock yourself out");
    for days in ["", "-1", "91", "x", "1.5"] {
        ada.get("/settings/two-step").await;
        ada.submit("Require two-step sign-in", &[("days", days)]).await.assert_status(422);
    }
    ada.post("/settings/two-step", &[("wanted", "nonsense")]).await.assert_status(400);
    assert_eq!(audited(&app, "organization.two_step_required"), 0);
    ada.get("/users").await.assert_status(200);
}

#[actix_web::test]
async fn until_the_grace_period_ends_people_are_reminded_and_then_led_to_set_it_up() {
    let app = TestApp::start().await;
    let (ada, _) = strict(&app, "14").await;
    assert_eq!(audited(&app, "organization.two_step_required"), 1);
    ada.get("/users").await.assert_misses("opens only to people");
    let grace = ada.welcome("Grace", "User").await;
    grace
        .get("/users")
        .await
        .assert_sees("From 25 Mar 2026 on, Analytical Engines opens only to people with two-step sign-in");
    let here = format!("/o/{}/users", grace.organization());
    app.wait(TimeDelta::days(14));
    grace.sign_in("grace@example.org", GOOD).await.assert_path("/two-step");
    for path in [here.as_str(), "/"] {
        let page = grace.request(Method::GET, path, None).await.assert_status(303);
        assert_eq!(page.went, ["/two-step"], "{path}");
    }
    grace.get("/two-step").await.assert_sees("Analytical Engines").assert_sees("Set one up to go on");
    Phone::enrol(&app, &grace).await;
    grace.get(&here).await.assert_status(200).assert_sees("User Directory");
}

#[actix_web::test]
async fn other_organizations_that_do_not_require_it_stay_open() {
    let app = TestApp::start().await;
    let (ada, _) = strict(&app, "0").await;
    let alan = app.another_organization("Bletchley Park", "Alan", None).await;
    ada.invite("alan@example.org", "User").await;
    alan.get("/users").await.assert_sees("Bletchley Park");
    alan.get("/").await.assert_sees("Bletchley Park");
    let theirs = format!("/o/{}/users", ada.organization());
    let page = alan.request(Method::GET, &theirs, None).await.assert_status(303);
    assert_eq!(page.went, ["/two-step"]);
}

#[actix_web::test]
async fn it_can_be_required_no_longer() {
    let app = TestApp::start().await;
    let (ada, _) = strict(&app, "0").await;
    let grace = ada.welcome("Grace", "User").await;
    grace.get("/").await.assert_path("/two-step");
    ada.get("/settings/two-step").await.assert_sees("Required of everybody");
    ada.submit("Require it no longer", &[]).await.assert_sees("own choice");
    assert_eq!(audited(&app, "organization.two_step_released"), 1);
    grace.get("/").await.assert_sees("User Directory");
}

#[actix_web::test]
async fn an_old_proof_is_not_enough_to_change_the_rule() {
    let app = TestApp::start().await;
    let (ada, _) = strict(&app, "0").await;
    app.wait(TimeDelta::minutes(16));
    ada.get("/settings/two-step").await;
    ada.submit("Require it no longer", &[]).await.assert_sees("For this we must be sure that it is you");
    assert_eq!(app.count("SELECT count(*) FROM organizations WHERE two_step_from IS NULL"), 0);
}

#[actix_web::test]
async fn eight_characters_are_enough_only_where_every_organization_demands_the_second_step() {
    let app = TestApp::start().await;
    let (ada, phone) = strict(&app, "0").await;
    let short = "qV7#zk2!Rw";
    ada.get("/password/change").await.assert_sees("At least 8 characters");
    ada.submit("Save the password", &[("present", GOOD), ("password", short)])
        .await
        .assert_sees("Your new password is set");
    let alan = app.another_organization("Bletchley Park", "Alan", None).await;
    alan.invite("ada@example.org", "User").await;
    ada.get("/password/change").await.assert_sees("At least 15 characters");
    ada.submit("Save the password", &[("present", short), ("password", "tX9$mb4?Lp")])
        .await
        .assert_status(422)
        .assert_sees("Use at least 15 characters");
    drop(phone);
    // A new person must meet the demand of the organization that invited them.
    ada.invite("grace@example.org", "User").await;
    let visitor = app.visitor();
    visitor.get(&app.inbox("grace@example.org").link()).await.assert_sees("At least 8 characters");
    visitor.submit("Join", &[("name", "Grace"), ("password", short)]).await.assert_path("/two-step");
}

#[actix_web::test]
async fn administrators_find_who_has_none_and_who_has() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    ada.welcome("Grace", "User").await;
    Phone::enrol(&app, &ada).await;
    assert_eq!(ada.get("/users?two_step=none").await.names(), ["Grace"]);
    assert_eq!(ada.get("/users?two_step=on").await.names(), ["Ada"]);
    assert_eq!(ada.get("/users?two_step=nonsense").await.names().len(), 2);
    ada.get("/settings/two-step").await.assert_sees("1 person");
    let id = ada.member("Grace").await;
    ada.get(&format!("/users/{id}")).await.assert_sees("Two-step None");
}

#[actix_web::test]
async fn a_lost_phone_is_reset_with_a_reason_and_its_owner_is_told() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    let grace = ada.welcome("Grace", "User").await;
    Phone::enrol(&app, &grace).await;
    let id = ada.member("Grace").await;
    let page = ada.get(&format!("/users/{id}")).await.assert_sees("Two-step On");
    ada.get(&page.link("Reset")).await.assert_sees("Reset two-step sign-in of Grace");
    ada.submit("Reset it for", &[]).await.assert_status(422).assert_sees("Type the reason");
    ada.submit("Reset it for", &[("reason", "Phone fell into the harbour")])
        .await
        .assert_sees("They were told by mail");
    let letter = app.inbox("grace@example.org");
    assert!(letter.subject.contains("was reset") && letter.text.contains("Ada removed"), "{}", letter.text);
    assert!(!letter.text.contains("203.0.113.7"), "{}", letter.text);
    assert_eq!(audited(&app, "second_factor.reset"), 1);
    for table in ["totps", "recovery_codes", "passkeys"] {
        assert_eq!(app.count(&format!("SELECT count(*) FROM {table}")), 0);
    }
    assert!(grace.get("/").await.path.starts_with("/sign-in"));
    grace.sign_in("grace@example.org", GOOD).await.assert_sees("User Directory");
    ada.get(&format!("/users/{id}/two-step")).await.assert_status(422).assert_sees("no second factor");
}

#[actix_web::test]
async fn whose_factors_an_administrator_may_not_reset() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    Phone::enrol(&app, &ada).await;
    app.role(ada.organization(), "Helper", &["user:manage:*", "user:read:*"]);
    let helper = ada.welcome("Hedy", "Helper").await;
    let (me, her) = (helper.member("Hedy").await, helper.member("Ada").await);
    let grace = ada.welcome("Grace", "User").await;
    Phone::enrol(&app, &grace).await;
    let alan = app.another_organization("Bletchley Park", "Alan", None).await;
    alan.invite("grace@example.org", "User").await;
    let shared = ada.member("Grace").await;
    ada.invite("linus@example.org", "User").await;
    let invited = ada.member("linus@example.org").await;
    for (who, id, why) in [
        (&helper, me, "your own page"),
        (&helper, her, "may do more than you"),
        (&ada, shared.clone(), "other organizations as well"),
        (&ada, invited, "not accepted"),
    ] {
        let path = format!("/users/{id}/two-step");
        who.get(&path).await.assert_status(422).assert_sees(why);
        who.post(&path, &[("reason", "because")]).await.assert_status(422).assert_sees(why);
    }
    assert_eq!(app.count("SELECT count(*) FROM totps"), 2);
    assert_eq!(audited(&app, "second_factor.reset"), 0);
    app.wait(TimeDelta::minutes(16));
    ada.get(&format!("/users/{shared}")).await;
    ada.post(&format!("/users/{shared}/two-step"), &[("reason", "because")])
        .await
        .assert_sees("For this we must be sure that it is you");
}

#[actix_web::test]
async fn the_operator_resets_whoever_is_locked_out() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    Phone::enrol(&app, &ada).await;
    let (now, outbox) = (app.clock.now(), app.roster.outbox.clone());
    let reset = |typed: &str| app.db.write_here(|tx| roster::sessions::reset_by_operator(tx, &outbox, typed, now));
    assert!(reset("nobody@example.org").is_err());
    assert!(reset("ADA@example.org").expect("it works"));
    assert!(!reset("ada@example.org").expect("it works"));
    assert!(app.inbox("ada@example.org").text.contains("The operator of Roster removed"));
    assert!(ada.get("/").await.path.starts_with("/sign-in"));
    app.visitor().sign_in("ada@example.org", GOOD).await.assert_sees("User Directory");
    app.visitor().sign_in("ada@example.org", BETTER).await.assert_status(422);
}

#[actix_web::test]
async fn who_has_no_second_step_is_shown_to_nobody_who_does_not_manage_people() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    Phone::enrol(&app, &ada).await;
    let grace = ada.welcome("Grace", "User").await;
    ada.welcome("Linus", "User").await;
    let profile = format!("/users/{}", ada.member("Linus").await);
    let shows = |page: &Page| {
        let filter = !page.all("#filter-two_step").is_empty();
        let fact = page.all("dl.facts dt").contains(&"Two-step".to_owned());
        (filter, fact)
    };
    let list = ada.get("/users?two_step=none").await;
    assert_eq!((list.names(), shows(&list)), (vec!["Grace".to_owned(), "Linus".to_owned()], (true, false)));
    assert_eq!(shows(&ada.get(&profile).await), (false, true));
    let list = grace.get("/users?two_step=none").await.assert_sees("not for you");
    assert_eq!((list.names().len(), shows(&list)), (3, (false, false)));
    assert_eq!(shows(&grace.get(&profile).await), (false, false));
    // Of themselves they are told.
    let own = format!("/users/{}", grace.member("Grace").await);
    assert_eq!(shows(&grace.get(&own).await), (false, true));
}
