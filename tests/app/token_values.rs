//! The life of token values: new values with an overlap, retiring, revoking, and everything that ends them at once.

use crate::harness::{Person, TestApp};
use chrono::TimeDelta;

async fn app() -> (TestApp, Person, String) {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    let id = app.machine(ada.organization(), "deploy", "CI/CD");
    let base = format!("/o/{}/system-accounts/{id}/tokens", ada.organization());
    (app, ada, base)
}

#[actix_web::test]
async fn a_new_value_lets_the_old_one_work_on_for_the_overlap_and_no_longer() {
    let (app, ada, base) = app().await;
    let old = ada.make_token(&base, "deploy", &[]).await;
    let new = ada.renew_token(&base, "deploy", "1").await;
    ada.page().assert_sees("The old value keeps working until 11 Mar 2026, 10:00 UTC");
    assert_ne!(old, new);
    let other = app.another().await;
    assert!(other.program().bearer(&new).me().await.json()["credential"]["replaced_value_works_until"].is_null());
    let me = other.program().at_address("10.0.0.7").bearer(&old).me().await.json();
    assert_eq!(me["credential"]["replaced_value_works_until"], "2026-03-11T10:00:00Z");
    assert_eq!(me["credential"]["prefix"], old[..14].to_owned());
    other.flush();
    app.wait(TimeDelta::minutes(3));
    ada.get(&base)
        .await
        .assert_sees("Old value works")
        .assert_sees("old value last used 3 minutes ago from 10.0.0.7");
    app.wait(TimeDelta::minutes(57));
    let problem = app.program().bearer(&old).me().await.assert_problem(401, "token-replaced");
    assert!(problem["detail"].as_str().is_some_and(|text| text.contains("10:00 UTC")), "{problem}");
    app.program().bearer(&new).me().await.json();
    ada.get(&base).await.assert_misses("Old value works");
}

#[actix_web::test]
async fn without_an_overlap_the_old_value_dies_at_once_and_a_third_one_ends_the_overlap_of_the_first() {
    let (app, ada, base) = app().await;
    let first = ada.make_token(&base, "deploy", &[]).await;
    let second = ada.renew_token(&base, "deploy", "0").await;
    ada.page().assert_sees("The old value does not work any more");
    app.program().bearer(&first).me().await.assert_problem(401, "token-replaced");
    let third = ada.renew_token(&base, "deploy", "168").await;
    app.program().bearer(&second).me().await.json();
    let fourth = ada.renew_token(&base, "deploy", "24").await;
    app.program().bearer(&second).me().await.assert_problem(401, "token-unknown");
    app.program().bearer(&third).me().await.json();
    app.program().bearer(&fourth).me().await.json();
    assert_eq!(app.count("SELECT count(*) FROM audit_events WHERE action = 'token.regenerated'"), 3);
}

#[actix_web::test]
async fn an_overlap_never_outlives_the_end_the_old_value_had() {
    let (app, ada, base) = app().await;
    let old = ada.make_token(&base, "deploy", &[("expiry", "7")]).await;
    app.wait(TimeDelta::days(6));
    ada.sign_in("ada@example.org", crate::harness::GOOD).await;
    let place = ada
        .get(&base)
        .await
        .assert_sees("1 ends soon")
        .attribute("a[aria-label='Regenerate deploy']", "href")
        .expect("a link");
    ada.get(&place).await;
    ada.submit("Make a new value", &[("overlap", "168"), ("expiry", "90")])
        .await
        .assert_sees("The old value keeps working until 18 Mar 2026, 09:00 UTC");
    app.wait(TimeDelta::days(1));
    app.program().bearer(&old).me().await.assert_problem(401, "token-replaced");
}

#[actix_web::test]
async fn an_old_value_can_be_retired_before_its_time() {
    let (app, ada, base) = app().await;
    let old = ada.make_token(&base, "deploy", &[]).await;
    let new = ada.renew_token(&base, "deploy", "168").await;
    ada.end_token(&base, "Retire the old value", "Retire the old value")
        .await
        .assert_sees("The old value of “deploy” does not work any more.");
    app.another().await.program().bearer(&old).me().await.assert_problem(401, "token-replaced");
    app.program().bearer(&new).me().await.json();
    // There is no old value to retire any more.
    let place = ada.get(&base).await.link("Rename");
    ada.get(&format!("{place}/retirement")).await.assert_sees("has stopped working already");
}

#[actix_web::test]
async fn a_revoked_token_is_dead_everywhere_and_for_good() {
    let (app, ada, base) = app().await;
    let old = ada.make_token(&base, "deploy", &[]).await;
    let new = ada.renew_token(&base, "deploy", "24").await;
    let other = app.another().await;
    other.program().at_address("192.0.2.9").bearer(&new).me().await.json();
    other.flush();
    let place = ada.get(&base).await.link("Revoke");
    ada.get(&place)
        .await
        .assert_sees("Revoke “deploy”?")
        .assert_sees("last used just now from 192.0.2.9");
    ada.submit("Revoke", &[])
        .await
        .assert_sees("The token “deploy” is revoked and does not work any more.")
        .assert_sees("Create a token");
    for value in [&old, &new] {
        let problem = other.program().bearer(value).me().await.assert_problem(401, "token-revoked");
        assert_eq!(problem["detail"], "It was revoked on 11 Mar 2026, 09:00 UTC.");
    }
    ada.get(&place).await.assert_sees("This token has ended");
    ada.get(&place.replace("revocation", "regeneration"))
        .await
        .assert_status(422)
        .assert_sees("This token has ended");
    ada.submit("Make a new value", &[("expiry", "90")]).await.assert_status(422);
    app.program().bearer(&new).me().await.assert_problem(401, "token-revoked");
    // Its name is free again.
    ada.make_token(&base, "deploy", &[]).await;
}

#[actix_web::test]
async fn whatever_ends_a_member_ends_its_tokens_on_the_next_request() {
    let (app, ada, base) = app().await;
    ada.make_token(&base, "deploy", &[]).await;
    let text = ada.renew_token(&base, "deploy", "24").await;
    let other = app.another().await;
    let program = other.program().bearer(&text);
    program.me().await.json();
    app.execute("UPDATE members SET status = 'disabled' WHERE name = 'deploy'");
    program.me().await.assert_problem(401, "member-disabled");
    ada.get(&base)
        .await
        .assert_sees("deploy is disabled: its tokens open nothing. Enable it to create or regenerate one.")
        .assert_misses("Old value works")
        .assert_misses("Regenerate…");
    app.execute("UPDATE members SET status = 'active' WHERE name = 'deploy'");
    program.me().await.json();
    app.execute("DELETE FROM members WHERE name = 'deploy'");
    program.me().await.assert_problem(401, "token-unknown");
    assert_eq!(app.count("SELECT count(*) FROM tokens"), 0);
}

#[actix_web::test]
async fn a_token_works_from_its_addresses_only() {
    let (app, ada, base) = app().await;
    let text = ada.make_token(&base, "office", &[("addresses", "10.0.0.9/8, 2001:db8::/32\n192.0.2.4")]).await;
    ada.get(&base).await.assert_sees("only from 10.0.0.0/8, 2001:db8::/32, 192.0.2.4/32");
    for (address, may) in [
        ("10.9.9.9", true),
        ("192.0.2.4", true),
        ("2001:db8::7", true),
        ("192.0.2.5", false),
        ("2001:db9::7", false),
    ] {
        let answer = app.program().at_address(address).bearer(&text).me().await;
        if may {
            answer.json();
        } else {
            let problem = answer.assert_problem(403, "address-not-allowed");
            assert_eq!(problem["detail"], format!("This token may not be used from {address}."));
        }
    }
    // Clients cannot choose their own IP address.
    let forged = app.program().at_address("203.0.113.7").with("x-forwarded-for", "10.0.0.7").bearer(&text);
    forged.me().await.assert_problem(403, "address-not-allowed");
}

#[actix_web::test]
async fn only_the_name_of_a_token_can_be_changed() {
    let (app, ada, base) = app().await;
    let text = ada.make_token(&base, "deploy", &[]).await;
    ada.make_token(&base, "other", &[]).await;
    let page = ada.get(&base).await;
    let place = page.attribute("a[aria-label='Rename deploy']", "href").expect("a link");
    ada.get(&place).await;
    ada.submit("Rename", &[("name", "Other")]).await.assert_status(422).assert_sees("has this name");
    for (field, value) in [
        ("mode", "read_write"),
        ("member_id", "x"),
        ("expires_at", "x"),
        ("permission", "*:*:*"),
        ("digest", "x"),
    ] {
        ada.submit("Rename", &[("name", "stays"), (field, value)]).await.assert_status(400);
        ada.get(&place).await;
    }
    ada.submit("Rename", &[("name", "Nightly")])
        .await
        .assert_sees("The token has its new name.")
        .assert_sees("Nightly");
    assert_eq!(app.program().bearer(&text).me().await.json()["credential"]["name"], "Nightly");
}

#[actix_web::test]
async fn a_page_that_is_sent_twice_says_what_it_did() {
    let (app, ada, base) = app().await;
    ada.make_token(&base, "deploy", &[]).await;
    let says = "You created it at 09:00 UTC, and its value was shown once. Regenerate it if you did not copy it.";
    ada.try_token(&base, "deploy", &[]).await.assert_status(422).assert_sees(says);
    let page = ada.get(&base).await;
    let place = page.attribute("a[aria-label='Regenerate deploy']", "href").expect("a link");
    let (action, mut sent) = ada.get(&place).await.form("Make a new value");
    sent.retain(|(name, _)| name != "expiry" && name != "overlap");
    sent.extend([("expiry", "same"), ("overlap", "24")].map(|(name, value)| (name.to_owned(), value.to_owned())));
    ada.post_raw(&action, &sent).await.assert_status(200).assert_sees("Shown only this once");
    let says = "You gave it a new value at 09:00 UTC, which was shown once.";
    ada.post_raw(&action, &sent).await.assert_status(422).assert_sees(says);
    // After reading this, the member may go on. Later the token is treated like any other.
    ada.submit("Make a new value", &[("expiry", "same")])
        .await
        .assert_status(200)
        .assert_sees("Shown only this once");
    app.wait(TimeDelta::minutes(11));
    let late = ada.post_raw(&action, &sent).await.assert_status(422);
    late.assert_sees("Somebody else gave this token a new value");
    let late = ada.try_token(&base, "deploy", &[]).await.assert_status(422);
    late.assert_sees("Another token already has this name.");
}

#[actix_web::test]
async fn a_new_value_keeps_the_end_unless_another_is_chosen() {
    let (_app, ada, base) = app().await;
    for expiry in ["7", "90", "never"] {
        ada.make_token(&base, expiry, &[("expiry", expiry)]).await;
        let page = ada.get(&base).await;
        let place = page.attribute(&format!("a[aria-label='Regenerate {expiry}']"), "href");
        let page = ada.get(&place.expect("a link")).await;
        assert_eq!(page.attribute("option[selected]", "value").as_deref(), Some("same"), "{expiry}");
    }
}

#[actix_web::test]
async fn what_the_organization_declared_can_be_chosen_though_no_role_has_it() {
    let (app, ada, _) = app().await;
    ada.get("/settings/permissions").await;
    let fields = [("permission", "contract_data:read:*"), ("description", "Reads contracts.")];
    ada.submit("Declare Permission", &fields).await.assert_sees("is declared");
    let id = app.machine(ada.organization(), "everything", "Administrator");
    let base = format!("/o/{}/system-accounts/{id}/tokens", ada.organization());
    let page = ada.get(&format!("{base}/new")).await;
    let offered = page.attributes("input[name=permission]", "value");
    assert!(offered.iter().any(|one| one == "contract_data:read:*"), "{offered:?}");
}
