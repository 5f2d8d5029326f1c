//! The directory as a CSV file: exactly the list, safe to open in a spreadsheet, streamed.

use crate::harness::{Database, Page, Person, TestApp, large_organizations::gather, program::Program, user_creation::audited};
use actix_web::http::{Method, header};
use chrono::TimeDelta;
use std::collections::BTreeSet;

/// The cells of a file, line by line, without the header.
fn cells(page: &Page) -> Vec<Vec<String>> {
    let text = page.body.strip_prefix('\u{feff}').expect("the mark that Excel needs");
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let names: Vec<_> = reader.headers().expect("column names").iter().map(str::to_owned).collect();
    assert_eq!(names[..6], ["name", "email", "username", "status", "roles", "teams"]);
    assert_eq!((names.len(), names[18].as_str()), (19, "roles_through_teams"));
    let lines = reader.records().map(|line| line.expect("a whole line"));
    lines.map(|line| line.iter().map(str::to_owned).collect()).collect()
}

fn names(page: &Page) -> Vec<String> {
    cells(page).into_iter().map(|line| line[0].clone()).collect()
}

async fn company(app: &TestApp) -> Person {
    let ada = app.administrator("Ada Lovelace").await;
    let all = "千代田 中村 <nakamura@example.org>, Zoë Ångström <zoe@example.org>, \"Hopper, Grace\" <grace@example.org>";
    ada.invite(all, "Viewer").await.assert_sees("3 invited");
    ada
}

#[actix_web::test]
async fn the_file_holds_exactly_what_the_list_shows_in_its_order() {
    let app = TestApp::start().await;
    let ada = company(&app).await;
    ada.welcome("Linus", "User").await;
    ada.disable("Linus").await;
    for query in [
        "",
        "?tab=invited&sort=name&dir=desc",
        "?tab=disabled",
        "?q=zoe",
        "?q=nobody",
        "?sort=status&per=25",
    ] {
        let listed = ada.get(&format!("/users{query}")).await;
        let path = listed.link("Export CSV");
        assert!(!path.contains("per="), "{path}");
        assert_eq!(names(&ada.get(&path).await.assert_status(200)), listed.names(), "{query}");
    }
    let page = ada.get("/users/export").await;
    let header = |name: header::HeaderName| page.headers.get(name).map(|value| value.to_str().expect("a text").to_owned());
    assert_eq!(header(header::CONTENT_TYPE).as_deref(), Some("text/csv; charset=utf-8"));
    assert_eq!(header(header::CACHE_CONTROL).as_deref(), Some("no-store"));
    assert_eq!(
        header(header::CONTENT_DISPOSITION).as_deref(),
        Some("attachment; filename=\"Analytical Engines users 2026-03-11.csv\"")
    );
    let own = cells(&page).into_iter().find(|line| line[0] == "Ada Lovelace").expect("Ada");
    assert_eq!(
        own[1..6],
        [
            "ada.lovelace@example.org",
            "ada.lovelace@example.org",
            "active",
            "Administrator",
            ""
        ]
    );
    assert!(own[12].starts_with("2026-03-11T09:00:0"), "{own:?}");
    assert_eq!(own[15], ada.member("Ada Lovelace").await);
}

#[actix_web::test]
async fn no_cell_is_a_formula_for_whoever_opens_it() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    for (at, name) in ["=cmd|' /C calc'!A0", "+1", "-2", "@SUM(A1)", "＝1", "a,\"b"].iter().enumerate() {
        app.execute(&format!(
            "UPDATE members SET name = '{}', title = '=1+1', phone = '+49 30' WHERE name = 'Ada'",
            name.replace('\'', "''")
        ));
        let line = cells(&ada.get("/users/export").await).remove(0);
        let safe = if at < 5 { format!("'{name}") } else { (*name).to_owned() };
        assert_eq!((line[0].as_str(), line[8].as_str(), line[9].as_str()), (safe.as_str(), "'=1+1", "'+49 30"));
        app.execute("UPDATE members SET name = 'Ada'");
    }
}

#[actix_web::test]
async fn thousands_come_in_parts_and_nobody_twice() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    gather(&app, 4_500);
    let all = |status: &str| app.count(&format!("SELECT count(*) FROM members WHERE status {status}"));
    let (current, disabled, active) = (all("<> 'disabled'"), all("= 'disabled'"), all("= 'active'"));
    for (query, count) in [
        ("", current),
        ("?sort=last_sign_in", current),
        ("?tab=disabled", disabled),
        // The search does not match Ada.
        ("?q=person&tab=active", active - 1),
    ] {
        let lines = cells(&ada.get(&format!("/users/export{query}")).await);
        let ids: BTreeSet<&str> = lines.iter().map(|line| line[15].as_str()).collect();
        assert_eq!((ids.len(), ids.len()), (lines.len(), usize::try_from(count).expect("a count")), "{query}");
    }
}

#[test]
fn the_operator_takes_the_list_along_without_a_browser() {
    let mut roster = Program::new(Database::blank());
    roster.serve(&[]);
    roster.founded();
    let out = roster.run(&["user", "export", "--organization", "Engines"]).worked().out;
    let lines: Vec<&str> = out.lines().collect();
    assert!(lines[0].starts_with("name,email,username,status"), "{out}");
    assert!(lines[1].starts_with("Ada,ada@example.org,ada@example.org,active,Administrator,"), "{out}");
    assert_eq!(lines.len(), 2);
    let none = roster.run(&["user", "export", "--organization", "Engines", "--status", "disabled"]);
    assert_eq!(none.worked().out.lines().count(), 1);
    roster
        .run(&["user", "export", "--organization", "Machines"])
        .refused("no organization is called \"Machines\"");
}

#[actix_web::test]
async fn taking_the_list_along_asks_for_a_recent_proof_and_leaves_a_trace() {
    let app = TestApp::start().await;
    let ada = company(&app).await;
    ada.get("/users/export?tab=invited").await.assert_status(200);
    assert_eq!(audited(&app, "members.exported"), 1);
    let after = app.text("SELECT CAST(after AS text) FROM audit_events WHERE action = 'members.exported'");
    assert!(after.contains("invited") && after.contains("people") && after.contains('3'), "{after}");
    let path = format!("/o/{}/users/export", ada.organization());
    let head = ada.request(Method::HEAD, &path, None).await;
    assert_eq!((head.status, head.body.len(), audited(&app, "members.exported")), (200, 0, 1));
    app.wait(TimeDelta::minutes(16));
    let late = ada.request(Method::GET, &path, None).await;
    assert_eq!(late.status, 303);
    assert!(late.went[0].starts_with("/sign-in/again?next="), "{:?}", late.went);
    assert_eq!(audited(&app, "members.exported"), 1);
}
