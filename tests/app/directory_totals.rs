//! A page looks through some thousand people of each status to count those who match, if no filter is passed by few; their
//! exact number is there for the asking. Where no filter is, it is known without counting.

use crate::harness::{Page, TestApp, is_postgres, large_organizations::gather};

/// The address of the last page. A column is called after the last sign-in.
fn last(page: &Page) -> String {
    page.attribute("nav.buttons a:last-child", "href").expect("a last page")
}

#[actix_web::test]
async fn many_matches_are_counted_only_when_asked() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    gather(&app, 13_000);
    ada.get("/users")
        .await
        .assert_sees("1–50 of 11,236")
        .assert_misses("over")
        .assert_misses("Count all");
    let page = ada
        .get("/users?q=example.org")
        .await
        .assert_sees("1–50 of over 3,000")
        .assert_sees("Active over 3,000")
        .assert_sees("Invited 650")
        .assert_sees("Disabled 1,765")
        .assert_sees("All that match");
    let next = page.link("Next");
    ada.get(&next).await.assert_sees("51–100 of over 3,000");
    let end = ada.get(&last(&page)).await.assert_sees("The last 50 of over 3,000");
    ada.get(&end.link("Previous")).await.assert_status(200).assert_sees("of over 3,000");
    // Everything that follows from the exact number is there again.
    let exact = ada
        .get(&page.link("Count all"))
        .await
        .assert_sees("1–50 of 11,236")
        .assert_sees("Active 10,586")
        .assert_sees("All 11,236 that match")
        .assert_misses("Count all");
    ada.get(&last(&exact)).await.assert_sees("11,187–11,236 of 11,236");
    // A tab that holds few is exact beside one that is not, and another filter begins anew.
    ada.get("/users?q=example.org&tab=invited")
        .await
        .assert_sees("1–50 of 650")
        .assert_misses("Count all");
    // What takes a look into other tables is counted for fewer.
    ada.get("/users?q=example.org&two_step=none").await.assert_sees("Active over 1,000");
    ada.get("/users?seen=never").await.assert_misses("over");
    ada.get("/users?q=person&exact=1&tab=invited").await.assert_sees("1–50 of 650");
    // What is done to all who match is done to all.
    ada.get("/bulk?kind=user&act=disable&all=1&query=%3Fq%3Dexample.org%26tab%3Dactive")
        .await
        .assert_sees("10,58");
}

#[actix_web::test]
async fn roles_teams_and_policies_are_filters_as_precise_as_their_pages() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    gather(&app, 900);
    let of = |table: &str, name: &str| {
        let text = if is_postgres() { "id::text" } else { "lower(hex(id))" };
        app.text(&format!("SELECT {text} FROM {table} WHERE name = '{name}'"))
    };
    for (filter, table, assignments, name) in [
        ("role", "roles", "member_roles", "User"),
        ("role", "roles", "member_roles", "Viewer"),
        ("team", "teams", "team_members", "Team 3"),
        ("policy", "policies", "member_policies", "Policy 2"),
    ] {
        let counted = app.count(&format!(
            "SELECT count(*) FROM members m JOIN {assignments} a ON a.member_id = m.id JOIN {table} t ON t.id = a.{filter}_id \
             WHERE m.status <> 'disabled' AND t.name = '{name}'"
        ));
        assert!(counted > 1, "{name}");
        ada.get(&format!("/users?{filter}={}", of(table, name))).await.assert_sees(&format!("of {counted}"));
    }
}
