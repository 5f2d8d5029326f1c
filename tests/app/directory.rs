//! The User Directory: what it lists, in which order, and what can be done from it.

use crate::harness::{GOOD, Page, Person, TestApp};
use chrono::TimeDelta;

/// People with names in several scripts, who all have accepted their invitation.
async fn company(app: &TestApp) -> Person {
    let ada = app.administrator("Ada Lovelace").await;
    let all = "Ólafur Þór <olafur@example.org>, 千代田 中村 <nakamura@example.org>, Zoë Ångström <zoe@example.org>, zed <zed@example.org>";
    ada.invite(all, "Viewer").await.assert_sees("4 invited");
    ada
}

#[actix_web::test]
async fn people_are_disabled_from_the_directory_and_enabled_again() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    let grace = ada.welcome("Grace Hopper", "User").await;
    ada.disable("Grace Hopper").await.assert_sees("is disabled");
    grace.get("/users").await.assert_sees("Sign in");
    ada.submit("Undo", &[]).await.assert_sees("enabled again");
    grace.get("/users").await.assert_sees("Sign in");
    grace.sign_in("grace.hopper@example.org", GOOD).await.assert_sees("User Directory");
}

#[actix_web::test]
async fn a_reason_for_disabling_stands_in_the_list_and_on_the_profile() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    ada.welcome("Grace Hopper", "User").await;
    let id = ada.member("Grace Hopper").await;
    ada.get(&format!("/users/{id}/disablement"))
        .await
        .assert_sees("can do nothing in Analytical Engines");
    let long = "x".repeat(301);
    ada.submit("Disable", &[("reason", &long)])
        .await
        .assert_status(422)
        .assert_sees("At most 300 characters");
    ada.submit("Disable", &[("reason", "left in March")]).await.assert_sees("is disabled");
    ada.get(&format!("/users/{id}")).await.assert_sees("left in March").assert_sees("Disabled by Ada");
    assert_eq!(ada.get("/users?tab=disabled").await.names(), ["Grace Hopper"]);
}

#[actix_web::test]
async fn controls_that_would_be_refused_say_why() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    let page = ada.get("/users").await.assert_misses("You cannot change your own status");
    let id = page.members()[0].clone();
    ada.open_first_menu().await.assert_sees("You cannot change your own status");
    ada.get(&format!("/users/{id}/disablement"))
        .await
        .assert_status(422)
        .assert_sees("cannot be disabled");
    ada.post(&format!("/users/{id}/disablement"), &[]).await.assert_status(422);
    ada.get("/users").await.assert_sees("Active");
}

#[actix_web::test]
async fn tabs_count_what_they_hold() {
    let app = TestApp::start().await;
    let ada = company(&app).await;
    ada.welcome("Grace Hopper", "User").await;
    ada.disable("Grace Hopper").await;
    let tabs = |page: &Page| page.all(".tabs a");
    assert_eq!(tabs(&ada.get("/users").await), ["Current 5", "Active 1", "Invited 4", "Disabled 1"]);
    let searched = ada
        .get("/users?q=grace")
        .await
        .assert_sees("Nobody matches")
        .assert_sees("Among the disabled, 1 do");
    assert_eq!(tabs(&searched), ["Current 0", "Active 0", "Invited 0", "Disabled 1"]);
    assert_eq!(ada.get("/users?tab=active").await.names(), ["Ada Lovelace"]);
}

#[actix_web::test]
async fn people_are_found_by_any_part_of_name_and_address_in_any_script() {
    let app = TestApp::start().await;
    let ada = company(&app).await;
    for (typed, found) in [
        ("olafur", vec!["Ólafur Þór"]),
        ("ÓLAFUR þ", vec!["Ólafur Þór"]),
        ("angstrom", vec!["Zoë Ångström"]),
        ("z", vec!["zed", "Zoë Ångström"]),
        ("中村", vec!["千代田 中村"]),
        ("村", vec!["千代田 中村"]),
        ("代田", vec!["千代田 中村"]),
        ("千", vec!["千代田 中村"]),
        ("akamu", vec!["千代田 中村"]),
        ("lace@exa", vec!["Ada Lovelace"]),
        ("100%", vec![]),
        ("\" OR \"", vec![]),
    ] {
        let query = serde_html_form::to_string([("q", typed)]).expect("a query");
        assert_eq!(ada.get(&format!("/users?{query}")).await.names(), found, "{typed}");
    }
}

#[actix_web::test]
async fn every_column_sorts_both_ways() {
    let app = TestApp::start().await;
    let ada = company(&app).await;
    ada.welcome("Grace Hopper", "User").await;
    let by_name = ["Ada Lovelace", "Grace Hopper", "Ólafur Þór", "zed", "Zoë Ångström", "千代田 中村"];
    assert_eq!(ada.get("/users").await.names(), by_name);
    let turned: Vec<&str> = by_name.iter().rev().copied().collect();
    assert_eq!(ada.get("/users?dir=desc").await.names(), turned);
    for sort in ["status", "roles", "teams", "provider", "last_sign_in", "last_api_use"] {
        let forth = ada.get(&format!("/users?sort={sort}&dir=asc")).await;
        assert_eq!(forth.attributes("th[aria-sort]", "aria-sort"), ["ascending"], "{sort}");
        let mut back = ada.get(&format!("/users?sort={sort}&dir=desc")).await.names();
        back.reverse();
        assert_eq!(forth.names(), back, "{sort}");
    }
    let seen = ada.get("/users?sort=last_sign_in").await.names();
    assert_eq!(seen[..2], ["Grace Hopper", "Ada Lovelace"], "the latest first, those who never came last");
    assert_eq!(
        ada.get("/users?sort=roles").await.names()[..2],
        ["Ada Lovelace", "Grace Hopper"],
        "administrator, user, viewer"
    );
}

#[actix_web::test]
async fn pages_follow_each_other_without_loss_or_repetition() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    let many: Vec<String> = (0..60).map(|n| format!("Person {n:02} <p{n}@example.org>")).collect();
    ada.invite(&many.join(","), "Viewer").await;
    let mut names = Vec::new();
    let mut page = ada.get("/users?per=25").await.assert_sees("1–25 of 61");
    for range in ["1–25 of 61", "26–50 of 61", "51–61 of 61"] {
        page = page.assert_sees(range);
        names.extend(page.names());
        if range.starts_with("51") {
            break;
        }
        let next = page.attribute("a[rel=next]", "href").expect("a next page");
        page = ada.get(&next).await;
    }
    let mut sorted = names.clone();
    sorted.dedup();
    assert_eq!((names.len(), sorted.len(), names[0].as_str()), (61, 61, "Ada"));
    let back = ada.get(&page.attribute("a[rel=prev]", "href").expect("a previous page")).await;
    assert_eq!(back.assert_sees("26–50 of 61").names(), names[25..50]);
    assert_eq!(ada.get(&page.link("First")).await.names(), names[..25]);
    let last = ada.get("/users").await.attribute("nav.buttons a:last-child", "href").expect("a last page");
    assert_eq!(ada.get(&last).await.assert_sees("of 61").names(), names[36..], "the last page is a full one");
}

#[actix_web::test]
async fn filters_add_up_and_each_can_be_taken_away() {
    let app = TestApp::start().await;
    let ada = company(&app).await;
    ada.welcome("Grace Hopper", "User").await;
    let page = ada.get("/users").await;
    let labels = page.all("#filter-role label");
    let ids = page.attributes("#filter-role input", "value");
    let role = |name: &str| ids[labels.iter().position(|label| label == name).expect("a role")].clone();
    let viewers = ada.get(&format!("/users?role={}", role("Viewer"))).await;
    assert_eq!(viewers.names().len(), 4);
    let both = ada.get(&format!("/users?role={}&role={}&q=zed", role("Viewer"), role("User"))).await;
    assert_eq!(both.names(), ["zed"]);
    assert_eq!(ada.get(&both.attribute("a.chip-remove", "href").expect("a way out")).await.names(), ["zed"]);
    assert_eq!(ada.get(&both.link("Clear all")).await.names().len(), 6);
    assert_eq!(ada.get("/users?seen=never").await.names().len(), 4);
    assert_eq!(ada.get("/users?provider=saml").await.assert_sees("Nobody matches").names().len(), 0);
    app.wait(TimeDelta::days(31));
    ada.sign_in("ada.lovelace@example.org", GOOD).await;
    assert_eq!(ada.get("/users?seen=30").await.names(), ["Grace Hopper"]);
    assert_eq!(ada.get("/users?seen=90").await.names().len(), 0);
}

#[actix_web::test]
async fn the_picture_counts_good_and_bad_attempts_of_the_last_thirty_days() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    app.visitor().sign_in("ada@example.org", "not this one, surely").await.assert_status(422);
    ada.get("/users")
        .await
        .assert_sees("1 signed in")
        .assert_sees("1 failed")
        .assert_sees("Wed 11 Mar: 1 signed in, 1 failed");
    app.wait(TimeDelta::days(30));
    ada.sign_in("ada@example.org", GOOD).await;
    ada.get("/users").await.assert_sees("1 signed in").assert_sees("0 failed");
}

#[actix_web::test]
async fn every_member_sees_people_and_their_activity_but_no_actions() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    let vera = ada.welcome("Vera", "Viewer").await;
    let page = vera.get("/users").await.assert_sees("Ada").assert_misses("Invite Users").assert_misses("Disable…");
    assert!(page.all(".menu-button").is_empty());
    let id = vera.member("Ada").await;
    vera.get(&format!("/users/{id}")).await.assert_sees("ada@example.org").assert_misses("Disable…");
    vera.get(&format!("/users/{id}/activity"))
        .await
        .assert_sees("Signed in")
        .assert_sees("Firefox on Linux")
        .assert_sees("203.0.113.7");
}

#[actix_web::test]
async fn the_number_of_rows_is_remembered() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    let many: Vec<String> = (0..30).map(|n| format!("p{n}@example.org")).collect();
    ada.invite(&many.join(" "), "Viewer").await;
    assert_eq!(ada.get("/users?per=25").await.names().len(), 25);
    assert_eq!(ada.get("/users").await.names().len(), 25);
    assert_eq!(ada.get("/users?per=50").await.names().len(), 31);
}

#[actix_web::test]
async fn nobody_locks_out_somebody_who_may_do_more() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    app.role(ada.organization(), "Help desk", &["user:read:*", "user:manage:*", "team:read:*"]);
    let helga = ada.welcome("Helga", "Help desk").await;
    let kay = ada.welcome_administrator("Kay").await;
    ada.welcome("Vera", "Viewer").await;
    let id = helga.member("Kay").await;
    helga.open_first_menu().await.assert_sees("They may do more than you");
    helga
        .get(&format!("/users/{id}/disablement"))
        .await
        .assert_status(422)
        .assert_sees("cannot be disabled");
    helga
        .post(&format!("/users/{id}/disablement"), &[])
        .await
        .assert_status(422)
        .assert_sees("They may do more than you");
    kay.get("/users").await.assert_status(200).assert_sees("Invite Users");
    // Nor can she enable a member whom an administrator disabled.
    ada.disable("Kay").await;
    helga.post(&format!("/users/{id}/enablement"), &[]).await.assert_sees("They may do more than you");
    assert_eq!(ada.get("/users?tab=disabled").await.names(), ["Kay"]);
    helga.disable("Vera").await.assert_sees("is disabled");
}

#[actix_web::test]
async fn the_menu_of_a_row_says_what_may_be_done_now() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    ada.welcome("Grace", "User").await;
    ada.invite("linus@example.org", "Viewer").await;
    app.role(ada.organization(), "Reader", &["user:read:*"]);
    let vera = ada.welcome("Vera", "Reader").await;
    let labels = |page: Page| page.all("#menu-items .item");
    let users = format!("/o/{}/users", ada.organization());
    // The list brings no menus along, only where they are, with the way back to just this list.
    let list = ada.get("/users?q=grace&sort=roles").await;
    assert_eq!(list.all("tbody .item").len(), 0);
    let menu = ada.open_first_menu().await;
    assert_eq!(menu.attribute(".breadcrumb", "href"), Some(format!("{users}?q=grace&sort=roles")));
    let disable = menu.attribute("a[href*='/disablement']", "href").expect("an action");
    let back = format!("back=%2Fo%2F{}%2Fusers%3Fq%3Dgrace%26sort%3Droles", ada.organization());
    assert!(disable.ends_with(&back), "{disable}");
    let all = [
        "Edit",
        "Activity",
        "Edit roles",
        "Make administrator…",
        "Send password reset…",
        "End sessions…",
        "Disable…",
        "Delete…",
    ];
    assert_eq!(labels(menu), all);
    // It follows what happens: the same address, another menu.
    let grace = ada.member("Grace").await;
    let address = format!("/users/{grace}/menu");
    ada.disable("Grace").await;
    let menu = ada.get(&address).await;
    assert_eq!(labels(menu.clone()).last().map(String::as_str), Some("Delete…"));
    assert!(labels(menu).contains(&"Enable".to_owned()));
    ada.get("/users?tab=invited").await;
    let menu = ada.open_first_menu().await;
    assert_eq!(labels(menu), ["Edit", "Activity", "Resend invitation", "New link…", "Cancel invitation…"]);
    // Where nothing may be done, the rows have no menu, and its address only leads to what may be seen.
    vera.get("/users").await;
    assert_eq!(vera.page().all("a[data-menu]").len(), 0);
    assert_eq!(labels(vera.get(&address).await), ["Profile", "Activity"]);
    // What is no page of ours is no way back.
    let menu = ada.get(&format!("{address}?back=https%3A%2F%2Fevil.example%2F")).await;
    assert_eq!(menu.attribute(".breadcrumb", "href"), Some(users));
}
