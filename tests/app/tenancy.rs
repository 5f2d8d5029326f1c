//! Two organizations in one installation: nothing of one ever shows in the other.

use crate::harness::{GOOD, Page, Person, TestApp};
use actix_web::http::Method;
use chrono::TimeDelta;

/// A word that is part of every name in the other organization.
const CANARY: &str = "Zanzibar";

async fn two_houses(app: &TestApp) -> (Person, Person) {
    let ada = app.administrator("Ada").await;
    let other = app.another_organization(&format!("{CANARY} Corp"), &format!("Alan {CANARY}"), None).await;
    app.role(other.organization(), &format!("{CANARY} Role"), &["user:read:*"]);
    other.welcome(&format!("Bob {CANARY}"), "User").await;
    other.welcome(&format!("Cleo {CANARY}"), "User").await;
    other.disable(&format!("Cleo {CANARY}")).await;
    other.invite(&format!("Dora {CANARY} <dora.{CANARY}@example.org>"), "User").await;
    app.visitor().sign_in(&format!("bob.{CANARY}@example.org"), "wrong").await;
    (ada, other)
}

#[track_caller]
fn assert_clean(page: &Page) {
    let typed = page.attribute("input[name=q]", "value").unwrap_or_default();
    let body = if typed.is_empty() {
        page.body.clone()
    } else {
        page.body.replace(&typed, "")
    };
    assert!(!body.to_lowercase().contains(&CANARY.to_lowercase()), "{CANARY} at {}: {}", page.path, page.text());
}

#[actix_web::test]
async fn no_list_search_count_or_filter_shows_anything_of_another_organization() {
    let app = TestApp::start().await;
    let (ada, other) = two_houses(&app).await;
    for tab in ["current", "active", "invited", "disabled"] {
        for q in ["", "Zanzibar", "zan", "Bob", "example.org", "cor"] {
            for rest in ["", "&sort=roles", "&sort=last_sign_in", "&seen=never", "&provider=local"] {
                let page = ada.get(&format!("/users?tab={tab}&q={q}{rest}")).await.assert_status(200);
                assert_clean(&page);
                let counts = page.all(".tabs a span");
                assert!(counts.iter().all(|count| count == "0" || count == "1"), "{counts:?}");
            }
        }
    }
    let role = other.get("/users").await.attributes("#filter-role input[name=role]", "value");
    for id in role {
        assert_clean(&ada.get(&format!("/users?role={id}")).await);
    }
    assert_clean(&ada.get("/invitations/new").await);
    assert_clean(&ada.get("/").await);
}

#[actix_web::test]
async fn ids_of_another_organization_lead_nowhere() {
    let app = TestApp::start().await;
    let (ada, other) = two_houses(&app).await;
    let (mine, theirs) = (ada.organization().to_string(), other.organization().to_string());
    let missing = ada.get("/users/019cdc1f-d680-7000-8000-000000000000").await.assert_status(404);
    for name in ["Bob", "Cleo", "Dora"] {
        let id = other.member(&format!("{name} {CANARY}")).await;
        for tail in ["", "/activity", "/disablement"] {
            let page = ada.request(Method::GET, &format!("/o/{mine}/users/{id}{tail}"), None).await.assert_status(404);
            assert_clean(&page);
            assert_eq!(page.all("main h1, main p"), missing.all("main h1, main p"));
            let page = ada.request(Method::GET, &format!("/o/{theirs}/users/{id}{tail}"), None).await.assert_status(404);
            assert_clean(&page);
        }
        for act in ["disablement", "enablement"] {
            for organization in [&mine, &theirs] {
                ada.get("/users").await;
                ada.post(&format!("/o/{organization}/users/{id}/{act}"), &[]).await.assert_status(404);
            }
        }
    }
    for path in ["users", "users?q=a", "invitations/new", "invitations/sent"] {
        assert_clean(&ada.request(Method::GET, &format!("/o/{theirs}/{path}"), None).await.assert_status(404));
    }
    assert_eq!(app.count("SELECT count(*) FROM members WHERE status = 'disabled'"), 1);
}

#[actix_web::test]
async fn whoever_belongs_to_two_switches_between_them_and_shows_in_each_as_that_one_knows_them() {
    let app = TestApp::start().await;
    let (ada, other) = two_houses(&app).await;
    ada.invite(&format!("alan.{CANARY}@example.org"), "Viewer").await.assert_sees("1 invited");
    let page = other.get("/users").await.assert_sees("Analytical Engines");
    let there = page.link("Analytical Engines");
    other.get(&there).await.assert_sees("Ada").assert_misses("Bob").assert_misses("Invite Users");
    other
        .request(Method::GET, &there.replace("/users", "/invitations/new"), None)
        .await
        .assert_status(403);
    // A sign-in belongs to the person, so both organizations see it. Events of the other organization stay there.
    app.wait(TimeDelta::minutes(5));
    app.visitor().sign_in(&format!("alan.{CANARY}@example.org"), GOOD).await;
    let id = ada.member("alan").await;
    assert_eq!(ada.get(&format!("/users/{id}/activity")).await.all("tbody .c-outcome").len(), 1);
    ada.get("/users").await.assert_misses("Corp").assert_misses("Bob");
}

#[actix_web::test]
async fn the_answers_of_a_batch_show_only_where_it_was_sent() {
    let app = TestApp::start().await;
    let (ada, other) = two_houses(&app).await;
    ada.invite_administrator(&format!("alan.{CANARY}@example.org")).await;
    other.invite(&format!("eva.{CANARY}@example.org"), "User").await.assert_sees("1 invited");
    let here = format!("/o/{}/invitations/sent", ada.organization());
    other.get(&here).await.assert_misses("eva.");
}
