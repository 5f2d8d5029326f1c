//! Exports that take long: the permissions of the reader are checked again before each part.

use crate::{
    audit::insert,
    harness::{GOOD, Person, TestApp, large_organizations::gather},
};
use chrono::TimeDelta;

/// What ends the reader's permission during the export.
const ENDS: [(&str, &str); 4] = [
    ("/users/export", "UPDATE members SET status = 'disabled' WHERE name = 'Grace'"),
    (
        "/audit/export",
        "DELETE FROM sessions WHERE user_id IN (SELECT user_id FROM members WHERE name = 'Grace')",
    ),
    (
        "/audit/export?format=jsonl",
        "UPDATE member_roles SET until_at = granted_at WHERE member_id IN (SELECT id FROM members WHERE name = 'Grace')",
    ),
    ("/users/export?sort=name", "UPDATE passwords SET changed_at = (SELECT max(expires_at) FROM links)"),
];

async fn grace(app: &TestApp) -> Person {
    let ada = app.administrator("Ada").await;
    gather(app, 1_500);
    for number in 1..=1_500 {
        insert(app, number, "Person", "member.disabled", None);
    }
    ada.welcome_administrator("Grace").await
}

#[actix_web::test]
async fn an_export_breaks_off_when_its_reader_may_not_read_on() {
    for (path, end) in ENDS {
        let app = TestApp::start().await;
        let grace = grace(&app).await;
        let (text, is_whole) = grace.download(path, || app.execute(end)).await;
        assert!(!is_whole, "{path} came whole after {end}");
        let lines = text.lines().count();
        assert!((900..1_100).contains(&lines), "{path}: {lines} lines");
    }
}

#[actix_web::test]
async fn an_export_goes_on_while_others_lose_their_rights_but_not_for_ever() {
    let app = TestApp::start().await;
    let grace = grace(&app).await;
    // An export needs recent authentication.
    let prove = async || {
        grace.get("/sign-in/again?next=%2F").await;
        grace.submit("Continue", &[("password", GOOD)]).await;
    };
    for path in ["/users/export", "/audit/export"] {
        prove().await;
        let other = "UPDATE members SET status = 'disabled' WHERE name = 'Person 7'";
        let (text, is_whole) = grace.download(path, || app.execute(other)).await;
        assert!(is_whole && text.lines().count() > 1_200, "{path}");
        let (_, is_whole) = grace.download(path, || app.wait(TimeDelta::minutes(29))).await;
        assert!(is_whole, "{path}: slowly");
        prove().await;
        let (_, is_whole) = grace.download(path, || app.wait(TimeDelta::minutes(31))).await;
        assert!(!is_whole, "{path}: too slowly");
    }
}

#[actix_web::test]
async fn an_export_of_the_api_breaks_off_when_its_token_ends() {
    for (path, end) in [
        ("/api/v1/users/export", "UPDATE tokens SET revoked_at = created_at"),
        ("/api/v1/audit_events/export", "UPDATE members SET status = 'disabled' WHERE name = 'backup'"),
        (
            "/api/v1/audit_events/export?format=csv",
            "UPDATE member_roles SET until_at = granted_at WHERE member_id IN (SELECT id FROM members WHERE name = 'backup')",
        ),
    ] {
        let app = TestApp::start().await;
        let ada = grace(&app).await;
        let account = app.machine(ada.organization(), "backup", "Administrator");
        let base = format!("/o/{}/system-accounts/{account}/tokens", ada.organization());
        let token = ada.make_token(&base, "nightly", &[("mode", "read_write")]).await;
        let program = app.visitor().with_header("authorization", &format!("Bearer {token}"));
        let (text, is_whole) = program.download(path, || ()).await;
        assert!(is_whole && text.lines().count() > 1_200, "{path} comes whole");
        let (text, is_whole) = program.download(path, || app.execute(end)).await;
        assert!(!is_whole, "{path} came whole after {end}");
        let lines = text.lines().count();
        assert!((900..1_100).contains(&lines), "{path}: {lines} lines");
    }
}

#[actix_web::test]
async fn the_result_of_an_import_breaks_off_too() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    let lines: Vec<String> = (0..1_200).map(|number| format!("Person {number},p{number}@x.org\n")).collect();
    let draft = ada.import("create", format!("name,email\n{}", lines.concat())).await.assert_status(200).path;
    let result = format!("{draft}/result.csv");
    let (text, is_whole) = ada.download(&result, || ()).await;
    assert!(is_whole && text.lines().count() == 1_201, "{} lines", text.lines().count());
    let end = "UPDATE members SET status = 'disabled' WHERE name = 'Ada'";
    let (text, is_whole) = ada.download(&result, || app.execute(end)).await;
    assert!(!is_whole && text.lines().count() == 1_001, "{} lines", text.lines().count());
}
