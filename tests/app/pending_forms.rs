//! Forms that must wait, because the session ended or reauthentication is required. Afterwards the typed form is shown
//! again, only to the same person on the same page in the same browser. Nothing is done meanwhile.

use crate::harness::{BETTER, GOOD, Page, Person, TestApp, files};
use chrono::TimeDelta;
use std::collections::BTreeSet;

const ADA: &str = "ada@example.org";
const HERE_AGAIN: &str = "What you typed is here again";

/// A form as it is open in a browser tab.
type Tab = (String, Vec<(String, String)>);

/// A page, the button of its form, and the typed fields.
type Filled<'a> = (&'a str, &'a str, &'a [(&'a str, &'a str)]);

fn fill(page: &Page, button: &str, with: &[(&str, &str)]) -> Tab {
    let (action, mut fields) = page.form(button);
    fields.retain(|(name, _)| with.iter().all(|(other, _)| other != name));
    fields.extend(with.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
    (action, fields)
}

/// Sends a form after its session ended, then signs in.
async fn send_late(person: &Person, (action, fields): &Tab) -> Page {
    person
        .post_raw(action, fields)
        .await
        .assert_sees("Your session has ended, so nothing was changed")
        .assert_sees("What you typed is kept");
    person.submit("Sign in", &[("name", ADA), ("password", GOOD)]).await
}

#[actix_web::test]
async fn what_was_typed_is_there_after_signing_in_again() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    ada.welcome("Grace", "User").await;
    let grace = ada.member("Grace").await;
    let account = ada.create_system_account("deploy", "CI/CD").await;
    let team = ada.create_team("Platform").await;
    let pages: [Filled; 14] = [
        (
            "/users/new",
            "Create User",
            &[("first_name", "Vera"), ("last_name", "Rubin"), ("email", "vera@example.org")],
        ),
        (
            "/invitations/new",
            "Send invitations",
            &[("addresses", "vera@example.org"), ("message", "Mind the fish.")],
        ),
        ("/system-accounts/new", "Create", &[("name", "nightly")]),
        (&format!("/system-accounts/{account}/tokens/new"), "Create", &[("name", "night")]),
        ("/roles/new", "Create", &[("name", "Auditor"), ("description", "Reads all.")]),
        ("/policies/new", "Create", &[("name", "Signers")]),
        ("/teams/new", "Create", &[("name", "Payments")]),
        (&format!("/teams/{team}/edit"), "Save", &[("name", "Platforms")]),
        ("/settings", "Save", &[("name", "Difference Engines")]),
        ("/settings/permissions", "Declare", &[("permission", "contract_data:read:*")]),
        ("/me", "Save", &[("title", "Countess")]),
        ("/me/email", "Send the link", &[("email", "countess@example.org"), ("present", GOOD)]),
        (&format!("/users/{grace}"), "Save", &[("title", "Admiral")]),
        (&format!("/users/{grace}/disablement"), "Disable", &[("reason", "On leave until May.")]),
    ];
    let before = app.count("SELECT count(*) FROM members");
    for (path, button, with) in pages {
        let tab = fill(&ada.get(path).await.assert_status(200), button, with);
        let other_tab = ada.clone();
        other_tab.sign_out().await;
        let page = send_late(&ada, &tab).await.assert_status(200).assert_sees(HERE_AGAIN);
        assert!(page.path.ends_with(path), "{path}: {}", page.path);
        let form = serde_json::to_string(&page.form(button).1).expect("a form");
        for (name, value) in with.iter().filter(|(name, _)| *name != "present") {
            assert!(form.contains(value), "{path} lost {name}: {form}");
        }
        assert!(!form.contains(GOOD) && !app.dump().contains(GOOD), "{path}: no password waits");
        // Only once.
        ada.get(path).await.assert_misses(HERE_AGAIN);
    }
    assert_eq!(app.count("SELECT count(*) FROM members"), before);
    assert_eq!(app.count("SELECT count(*) FROM drafts"), 0);
}

#[actix_web::test]
async fn three_hundred_pasted_lines_are_there_after_signing_in_again() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    let lines: Vec<String> = (0..300).map(|n| format!("Person Number {n},person{n}@example.org")).collect();
    let text = format!("name,email\n{}\n", lines.join("\n"));
    let (action, mut fields) = ada.get("/imports/new").await.form("Look at the lines");
    fields.retain(|(name, _)| !matches!(name.as_str(), "way" | "text" | "file"));
    fields.extend([("way".into(), "create".into()), ("text".into(), text)]);
    ada.sign_out().await;
    ada.post_file(&action, &fields, "").await.assert_sees("What you typed is kept");
    let page = ada.submit("Sign in", &[("name", ADA), ("password", GOOD)]).await.assert_sees(HERE_AGAIN);
    assert!(page.body.contains("person0@example.org") && page.body.contains("person299@example.org"));
    assert_eq!(page.attribute("[name=way][checked]", "value").as_deref(), Some("create"));
    assert!(!app.dump().contains("person299@example.org"), "what waits is sealed");
}

#[actix_web::test]
async fn somebody_else_another_browser_another_page_and_a_late_return_find_nothing() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    ada.welcome_administrator("Grace").await;
    let typed = [("addresses", "vera@example.org")];
    let path = "/invitations/new";
    let open = |page: &Page| fill(page, "Send invitations", &typed);
    for who in ["somebody else", "another browser", "another page", "later"] {
        let tab = open(&ada.get(path).await);
        ada.sign_out().await;
        ada.post_raw(&tab.0, &tab.1).await.assert_sees("What you typed is kept");
        let other = app.visitor();
        let (person, name) = match who {
            "somebody else" => (&ada, "grace@example.org"),
            "another browser" => (&other, ADA),
            _ => (&ada, ADA),
        };
        if who == "later" {
            app.wait(TimeDelta::minutes(61));
        }
        person.get("/sign-in").await;
        person.submit("Sign in", &[("name", name), ("password", GOOD)]).await.assert_status(200);
        if who == "another page" {
            person.get("/users/new").await.assert_misses("vera@example.org");
            person.get(path).await.assert_sees("vera@example.org");
        } else {
            let organization = ada.organization();
            person
                .get(&format!("/o/{organization}{path}"))
                .await
                .assert_status(200)
                .assert_misses("vera@example.org");
        }
        if name != ADA {
            ada.sign_out().await;
        }
        if ada.cookie("__Host-roster-session").is_none() {
            ada.sign_in(ADA, GOOD).await;
        }
        ada.get(path).await;
    }
}

#[actix_web::test]
async fn a_form_from_before_a_new_sign_in_comes_back_to_its_own_person_only() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    ada.welcome_administrator("Grace").await;
    let typed = [("addresses", "vera@example.org")];
    let tab = fill(&ada.get("/invitations/new").await, "Send invitations", &typed);
    ada.sign_out().await;
    ada.sign_in(ADA, GOOD).await;
    ada.post_raw(&tab.0, &tab.1)
        .await
        .assert_status(200)
        .assert_sees(HERE_AGAIN)
        .assert_sees("vera@example.org");
    let tab = fill(&ada.page(), "Send invitations", &[]);
    ada.sign_out().await;
    ada.sign_in("grace@example.org", GOOD).await;
    ada.post_raw(&tab.0, &tab.1)
        .await
        .assert_status(403)
        .assert_sees("Somebody else is signed in by now")
        .assert_misses("vera@example.org");
    assert_eq!(app.count("SELECT count(*) FROM invitations"), 1);
    // A token that no page gave to Grace is refused as a forgery, as before.
    let mut forged = tab.1.clone();
    forged.retain(|(name, _)| name != "csrf");
    forged.push(("csrf".into(), "A".repeat(300)));
    ada.post_raw(&tab.0, &forged).await.assert_status(403).assert_sees("no longer valid");
    assert_eq!(app.count("SELECT count(*) FROM drafts"), 0);
}

#[actix_web::test]
async fn whoever_fills_the_table_with_what_they_type_fills_ten_rows() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    let mut tabs = Vec::new();
    for n in 0..14 {
        let id = ada.create_team(&format!("Team {n}")).await;
        tabs.push(fill(&ada.get(&format!("/teams/{id}/edit")).await, "Save", &[("name", "Other")]));
    }
    ada.sign_out().await;
    for tab in &tabs {
        ada.post_raw(&tab.0, &tab.1).await;
    }
    assert_eq!(app.count("SELECT count(*) FROM drafts"), 10);
    // A visitor without a page of Roster cannot store drafts.
    let eve = app.visitor();
    eve.get("/sign-in").await;
    eve.post(&tabs[0].0, &[("name", "Eve")]).await.assert_path("/sign-in");
    assert_eq!(app.count("SELECT count(*) FROM drafts"), 10);
}

#[actix_web::test]
async fn a_proof_is_asked_for_at_the_post_and_slides_while_somebody_works() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    let asks = |page: &Page| page.path.starts_with("/sign-in/again?next=");
    // Creates a system account every quarter of an hour, for two hours.
    for n in 0..8 {
        app.wait(TimeDelta::minutes(14));
        ada.get("/system-accounts/new").await.assert_status(200);
        let role = ada.role("CI/CD");
        let name = format!("machine-{n}");
        let page = ada.submit("Create", &[("name", &name), ("role", &role)]).await;
        assert!(!asks(&page), "{n}: {}", page.text());
    }
    // Opening a page does not renew the proof. After two hours reauthentication is required, even with constant work.
    app.wait(TimeDelta::minutes(14));
    let page = ada.get("/system-accounts/new").await.assert_status(200);
    let role = ada.role("CI/CD");
    let tab = fill(&page, "Create", &[("name", "last"), ("role", &role)]);
    let page = ada.post_raw(&tab.0, &tab.1).await;
    assert!(asks(&page), "{}", page.text());
    assert!(page.attribute("#password[autofocus]", "id").is_some());
    assert_eq!(app.count("SELECT count(*) FROM members WHERE name = 'last'"), 0);
    ada.submit("Continue", &[("password", GOOD)]).await.assert_sees(HERE_AGAIN);
    ada.submit("Create", &[]).await.assert_sees("last is there");
    // After a longer pause it is required again.
    app.wait(TimeDelta::minutes(16));
    let page = ada.get("/system-accounts/new").await.assert_status(200);
    let tab = fill(&page, "Create", &[("name", "idle"), ("role", &role)]);
    assert!(asks(&ada.post_raw(&tab.0, &tab.1).await));
}

#[actix_web::test]
async fn the_sign_in_form_of_a_second_tab_counts_and_begins_a_session_of_its_own() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    ada.sign_out().await;
    let second = fill(&ada.get("/sign-in").await, "Sign in", &[("name", ADA), ("password", GOOD)]);
    let third = fill(&ada.page(), "Sign in", &[("name", "grace@example.org"), ("password", BETTER)]);
    ada.sign_in(ADA, GOOD).await.assert_sees("User Directory");
    let session = || ada.cookie("__Host-roster-session").expect("a session");
    let first = session();
    ada.post_raw(&second.0, &second.1).await.assert_sees("User Directory");
    let renewed = session();
    assert_ne!(first, renewed);
    let left_behind = app.visitor();
    left_behind.set_cookie("__Host-roster-session", &first);
    left_behind.get("/").await.assert_path("/sign-in");
    // The password is checked as always, and a wrong one does not end the session.
    let page = ada.post_raw(&third.0, &third.1).await;
    page.assert_status(422).assert_sees("do not belong together");
    assert_eq!(session(), renewed);
    ada.get("/sign-in?next=/password/change").await.assert_path("/password/change");
}

/// Checks the names of fields that hold secrets, read from the forms themselves.
#[test]
fn every_field_that_holds_a_secret_is_one_that_is_never_kept() {
    let mut secret = BTreeSet::new();
    for file in files("src", ".rs") {
        for line in file.code().lines() {
            if let Some((name, _)) = line.split_once(": Hidden,") {
                secret.insert(name.trim().trim_start_matches("pub ").trim_start_matches("pub(super) ").to_owned());
            }
        }
    }
    for file in files("templates", ".html") {
        for input in file.text.split("<input").skip(1) {
            let tag = input.split('>').next().unwrap_or_default();
            if tag.contains("type=\"password\"") {
                let name = tag.split("name=\"").nth(1).and_then(|rest| rest.split('"').next());
                secret.insert(name.unwrap_or_default().to_owned());
            }
        }
        for call in file.text.split("m::password(").skip(1) {
            let id = call.split('"').nth(3).unwrap_or_default();
            secret.insert(id.to_owned());
        }
    }
    // `m::password` takes the field name from its caller. Links shown to copy, and their paths, are in no form.
    for other in ["{{ id }}", "link", "path"] {
        secret.remove(other);
    }
    let kept: Vec<&String> = secret.iter().filter(|name| !roster::web::SECRET_FIELDS.contains(&name.as_str())).collect();
    assert!(kept.is_empty() && secret.contains("present"), "{kept:?} of {secret:?}");
}
