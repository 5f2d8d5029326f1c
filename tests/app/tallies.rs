//! The number of members per status, and of each role, team and policy, which the database keeps up to date by triggers.

use crate::harness::{GOOD, Person, TestApp, is_postgres, rights::create_policy};
use actix_web::http::Method;
use futures_util::future::join_all;

/// Tallies that differ from a real count, in either direction.
const UNTRUE: &str = "SELECT count(*) FROM (
    SELECT organization_id, kind, status, sum(n) AS n FROM (
        SELECT organization_id, kind, status, members AS n FROM member_tallies
        UNION ALL SELECT organization_id, kind, status, -1 FROM members
    ) AS both_ways GROUP BY organization_id, kind, status
) AS sums WHERE n <> 0";

/// The same of roles without an end, teams and policies.
const UNTRUE_ASSIGNMENTS: &str = "SELECT count(*) FROM (
    SELECT organization_id, assigned, assigned_id, kind, status, sum(n) AS n FROM (
        SELECT organization_id, assigned, assigned_id, kind, status, members AS n FROM assignment_tallies
        UNION ALL SELECT m.organization_id, 'role', a.role_id, m.kind, m.status, -1
            FROM member_roles a JOIN members m ON m.organization_id = a.organization_id AND m.id = a.member_id WHERE a.until_at IS NULL
        UNION ALL SELECT m.organization_id, 'team', a.team_id, m.kind, m.status, -1
            FROM team_members a JOIN members m ON m.organization_id = a.organization_id AND m.id = a.member_id
        UNION ALL SELECT m.organization_id, 'policy', a.policy_id, m.kind, m.status, -1
            FROM member_policies a JOIN members m ON m.organization_id = a.organization_id AND m.id = a.member_id
    ) AS both_ways GROUP BY organization_id, assigned, assigned_id, kind, status
) AS sums WHERE n <> 0";

#[track_caller]
fn assert_true(app: &TestApp, after: &str) {
    assert_eq!((app.count(UNTRUE), app.count(UNTRUE_ASSIGNMENTS)), (0, 0), "after {after}");
}

fn of(app: &TestApp, ada: &Person, status: &str) -> i64 {
    let id = ada.organization().to_string();
    let organization = if is_postgres() {
        format!("'{id}'")
    } else {
        format!("x'{}'", id.replace('-', ""))
    };
    app.count(&format!(
        "SELECT coalesce(sum(members), 0){} FROM member_tallies WHERE organization_id = {organization} AND status = '{status}'",
        if is_postgres() { "::bigint" } else { "" }
    ))
}

#[actix_web::test]
async fn tallies_are_true_after_everything_that_people_do() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    assert_true(&app, "founding");
    ada.invite("grace@example.org, linus@example.org, margaret@example.org", "Viewer").await;
    assert_eq!((of(&app, &ada, "active"), of(&app, &ada, "invited")), (1, 3));
    assert_true(&app, "inviting");
    app.visitor().accept("Grace").await;
    assert_true(&app, "accepting");
    ada.disable("Grace").await;
    assert_eq!((of(&app, &ada, "active"), of(&app, &ada, "disabled")), (1, 1));
    assert_true(&app, "disabling");
    ada.submit("Undo", &[]).await.assert_sees("enabled again");
    assert_true(&app, "enabling");
    ada.get("/users?tab=invited").await;
    let page = ada.open_first_menu().await;
    let path = page.attribute("a[href*='/cancellation']", "href").expect("an invitation");
    ada.get(&path).await;
    ada.submit("Cancel", &[]).await.assert_sees("cancelled");
    assert_eq!((of(&app, &ada, "active"), of(&app, &ada, "invited")), (2, 1));
    assert_true(&app, "cancelling");
    app.visitor().sign_in("ada@example.org", GOOD).await.assert_status(200);
    assert_true(&app, "what has nothing to do with it");
}

/// Adds fifty people to every organization, in one statement.
fn fill(app: &TestApp) {
    let (id, numbers) = if is_postgres() {
        ("gen_random_uuid()", "generate_series(1, 50) AS n (i)")
    } else {
        (
            "randomblob(16)",
            "(WITH RECURSIVE n(i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM n WHERE i < 50) SELECT i FROM n) AS n",
        )
    };
    let kinds = "CASE WHEN i % 3 = 0 THEN 'invited' WHEN i % 7 = 0 THEN 'disabled' ELSE 'active' END";
    app.execute(&format!(
        "INSERT INTO members (id, organization_id, kind, name, status, status_at, sessions_from, created_at, name_key, search_key) \
         SELECT {id}, o.id, 'system_account', 'm', {kinds}, o.created_at, o.created_at, o.created_at, 'm', '  m' FROM organizations o, {numbers}"
    ));
}

#[actix_web::test]
async fn tallies_are_true_after_statements_over_many_rows_of_many_organizations() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    for number in 2..=4 {
        app.another_organization(&format!("Number {number}"), &format!("Ada {number}"), None).await;
    }
    for statement in [
        "UPDATE members SET status = 'disabled' WHERE status = 'active'",
        "UPDATE members SET status = CASE status WHEN 'disabled' THEN 'active' ELSE 'disabled' END",
        "UPDATE members SET status = status, name = 'x'",
        "UPDATE members SET status = 'active' WHERE 1 = 0",
        "DELETE FROM members WHERE kind = 'system_account' AND status = 'active'",
        "DELETE FROM members WHERE 1 = 0",
        "UPDATE members SET status = 'active'",
    ] {
        fill(&app);
        assert_true(&app, "filling");
        app.execute(statement);
        assert_true(&app, statement);
    }
    assert!(of(&app, &ada, "active") > 50);
    assert_eq!(of(&app, &ada, "disabled"), 0);
}

/// Gives everybody every role, team and policy of their organization that they do not have, in one statement each.
fn assign(app: &TestApp) {
    for (table, of, columns, values) in [
        ("member_roles", "roles", "role_id, granted_at", "s.id, m.created_at"),
        ("team_members", "teams", "team_id", "s.id"),
        ("member_policies", "policies", "policy_id", "s.id"),
    ] {
        app.execute(&format!(
            "INSERT INTO {table} (organization_id, member_id, {columns}) SELECT m.organization_id, m.id, {values} \
             FROM members m JOIN {of} s ON s.organization_id = m.organization_id WHERE 1 = 1 ON CONFLICT DO NOTHING"
        ));
    }
}

#[actix_web::test]
async fn tallies_of_roles_teams_and_policies_are_true_after_statements_over_many_rows() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    for name in ["Day shift", "Night shift"] {
        ada.create_team(name).await;
    }
    create_policy(&ada, "Everywhere", ("*", &["read"], "*")).await;
    app.another_organization("Number 2", "Ada 2", None).await;
    let some = "member_id IN (SELECT id FROM members WHERE name_key < 'm' OR status = 'invited')";
    let later = if is_postgres() { "now()" } else { "1" };
    for statement in [
        format!("UPDATE member_roles SET until_at = {later} WHERE {some}"),
        format!("UPDATE member_roles SET until_at = CASE WHEN until_at IS NULL THEN {later} END"),
        "UPDATE member_roles SET until_at = NULL WHERE until_at IS NOT NULL".into(),
        "UPDATE team_members SET is_administrator = NOT is_administrator".into(),
        format!("DELETE FROM member_roles WHERE {some}"),
        format!("DELETE FROM team_members WHERE {some}"),
        format!("DELETE FROM member_policies WHERE {some}"),
        "UPDATE members SET status = CASE status WHEN 'disabled' THEN 'active' ELSE 'disabled' END".into(),
        "UPDATE members SET name = 'x'".into(),
        "DELETE FROM members WHERE status = 'invited'".into(),
        "DELETE FROM teams WHERE name = 'Day shift'".into(),
        "DELETE FROM policies WHERE 1 = 1".into(),
        "DELETE FROM roles WHERE predefined IS NULL OR predefined = 'viewer'".into(),
    ] {
        fill(&app);
        assign(&app);
        assert_true(&app, "assigning");
        app.execute(&statement);
        assert_true(&app, &statement);
    }
    let gone = "SELECT count(*) FROM assignment_tallies WHERE assigned = 'policy' OR assigned_id NOT IN \
                (SELECT id FROM roles UNION ALL SELECT id FROM teams)";
    assert_eq!(app.count(gone), 0);
    assert!(app.count("SELECT count(*) FROM assignment_tallies WHERE members > 50") > 4);
}

#[actix_web::test]
async fn the_tallies_of_an_organization_go_with_it() {
    let app = TestApp::start().await;
    app.administrator("Ada").await;
    let (id, at) = if is_postgres() {
        ("gen_random_uuid()", "now()")
    } else {
        ("randomblob(16)", "1")
    };
    app.execute(&format!(
        "INSERT INTO organizations (id, name, plan, idle_minutes, absolute_minutes, created_at) VALUES ({id}, 'Short-lived', 'Team', 1, 1, {at})"
    ));
    app.execute(&format!(
        "INSERT INTO teams (id, organization_id, name, name_key, created_at) SELECT {id}, id, 'All', 'all', created_at FROM organizations"
    ));
    fill(&app);
    assign(&app);
    let organizations = || {
        let of = |table: &str| app.count(&format!("SELECT count(*) FROM (SELECT DISTINCT organization_id FROM {table}) AS these"));
        (of("member_tallies"), of("assignment_tallies"))
    };
    assert_eq!(organizations(), (2, 2));
    app.execute("DELETE FROM organizations WHERE name = 'Short-lived'");
    assert_eq!(organizations(), (1, 1));
    assert_true(&app, "deleting an organization");
}

#[actix_web::test]
async fn tallies_are_true_after_changes_at_the_same_time() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    let other = app.another().await;
    let names: Vec<String> = (0..12).map(|n| format!("Person {n}")).collect();
    for name in &names {
        ada.welcome(name, "Viewer").await;
    }
    let mut ids = Vec::new();
    for name in &names {
        ids.push(ada.member(name).await);
    }
    let token = ada.get("/users").await.attribute("input[name=csrf]", "value").expect("a token");
    let organization = ada.organization();
    let team = ada.create_team("Night shift").await;
    // Each member is disabled and enabled several times, and put into a team, in both processes at once.
    let requests = (0..6 * ids.len()).map(|n| {
        let person = if n % 2 == 0 { ada.clone() } else { ada.at(&other) };
        let id = &ids[n % ids.len()];
        let (path, typed) = match n % 4 {
            0 => (format!("/o/{organization}/users/{id}/enablement"), String::new()),
            3 => (format!("/o/{organization}/teams/{team}/members"), format!("&member={id}")),
            _ => (format!("/o/{organization}/users/{id}/disablement"), String::new()),
        };
        let body = Some(format!("csrf={token}{typed}"));
        async move { person.request(Method::POST, &path, body).await.status }
    });
    let answers = join_all(requests).await;
    assert!(answers.iter().all(|status| matches!(status, 303 | 503)), "{answers:?}");
    assert_true(&app, "changes at the same time");
    assert!(of(&app, &ada, "disabled") > 0);
}
