//! The end of an organization: who may end it, and that nothing of it is left while others go on.

use crate::harness::{
    Database, GOOD, Person, TestApp, assert_none,
    catalog::Catalog,
    large_organizations::gather,
    program::Program,
    provisioning::{manage, set_up},
    sink::Sink,
    user_creation::audited,
};
use chrono::TimeDelta;
use std::collections::BTreeSet;

const PATH: &str = "/settings/deletion";
const BUTTON: &str = "Delete Analytical Engines";

/// The tables that carry an organization.
fn tables(app: &TestApp) -> Vec<String> {
    let carries = |columns: &[String]| columns.iter().any(|column| column.starts_with("organization_id "));
    let all = Catalog::read(&app.db).tables;
    let tables: Vec<String> = all.into_iter().filter(|(_, columns)| carries(columns)).map(|(table, _)| table).collect();
    assert!(tables.len() > 40, "only {tables:?}");
    tables
}

/// How many rows of each table belong to the organization with this name.
fn rows(app: &TestApp, table: &str, name: &str) -> i64 {
    app.count(&format!(
        "SELECT count(*) FROM {table} t JOIN organizations o ON o.id = t.organization_id WHERE o.name = '{name}'"
    ))
}

/// Fills the tables that people cannot easily fill, so that as many as possible hold something.
fn fill(app: &TestApp) {
    for statement in [
        "INSERT INTO sent_forms (organization_id, form, member_id, sent_at) SELECT organization_id, name, id, created_at FROM members",
        "INSERT INTO webhook_outbox (organization_id, event_id) SELECT organization_id, id FROM audit_events",
        "INSERT INTO idempotency_keys (organization_id, digest, request, is_committed, began_at) \
         SELECT t.organization_id, t.digest, t.digest, m.enters_without_sso, t.created_at FROM tokens t JOIN members m ON m.id = t.member_id",
    ] {
        app.execute(statement);
    }
}

/// An organization with something of nearly everything, and Grace, who also belongs to another one.
async fn with_something_of_each_kind(app: &TestApp, ada: &Person) -> Person {
    let grace = ada.welcome("Grace", "User").await;
    ada.welcome("Linus", "Viewer").await;
    ada.disable("Linus").await;
    ada.invite("alan@example.org", "User").await;
    let team = ada.create_team("Platform").await;
    ada.add_to_team(&team, "Grace").await;
    let account = ada.create_system_account("deploy", "CI/CD").await;
    ada.make_token(&format!("/system-accounts/{account}/tokens"), "ci", &[]).await;
    set_up(ada, "Entra", &[]).await;
    manage(app, "Grace");
    ada.create_webhook(&Sink::start()).await;
    grace
}

#[actix_web::test]
async fn the_last_administrator_deletes_the_organization_and_nothing_of_it_is_left() {
    let app = TestApp::start_with_webhooks().await;
    let ada = app.administrator("Ada").await;
    let grace = with_something_of_each_kind(&app, &ada).await;
    let other = app.another_organization("Elsewhere", "Alonzo", None).await;
    other.invite("grace@example.org", "Viewer").await.assert_sees("1 invited");
    app.send_webhooks();
    fill(&app);
    let tables = tables(&app);
    let before: Vec<(String, i64)> = tables.iter().map(|table| (table.clone(), rows(&app, table, "Elsewhere"))).collect();
    let filled = tables.iter().filter(|table| rows(&app, table, "Analytical Engines") > 0).count();
    assert!(filled > 22, "only {filled} of {} tables hold anything", tables.len());

    ada.get("/settings").await;
    ada.get(&ada.page().link("Delete the organization…"))
        .await
        .assert_status(200)
        .assert_sees("4 people")
        .assert_sees("2 system accounts")
        .assert_sees("1 team")
        .assert_sees("2 tokens");
    for export in [
        "people as CSV",
        "disabled people as CSV",
        "system accounts as CSV",
        "as CSV",
        "as JSON Lines",
    ] {
        let path = ada.get(PATH).await.link(export);
        ada.get(&path).await.assert_status(200);
    }
    ada.get(PATH).await;
    ada.submit(BUTTON, &[("name", "Analytical")])
        .await
        .assert_status(422)
        .assert_sees("Type the name as it stands above");
    ada.submit(BUTTON, &[("name", "Analytical Engines")])
        .await
        .assert_path("/sign-in")
        .assert_sees("Analytical Engines is deleted")
        .assert_sees("your account is deleted too");

    let left =
        |table: &String| app.count(&format!("SELECT count(*) FROM {table} WHERE organization_id NOT IN (SELECT id FROM organizations)"));
    let wrong: Vec<String> = tables.iter().filter(|table| left(table) > 0).cloned().collect();
    assert_none("rows of the deleted organization are left", wrong);
    assert_eq!(app.texts("SELECT name FROM organizations"), ["Elsewhere"]);
    assert_eq!(app.texts("SELECT email FROM users ORDER BY email"), ["alonzo@example.org", "grace@example.org"]);
    assert_eq!(app.count("SELECT count(*) FROM sessions s WHERE s.user_id NOT IN (SELECT id FROM users)"), 0);
    let after: Vec<(String, i64)> = tables.iter().map(|table| (table.clone(), rows(&app, table, "Elsewhere"))).collect();
    assert_eq!(after, before, "nothing changed in the other organization");

    // Who belongs elsewhere goes on there, in the same session.
    grace
        .get(&format!("/o/{}/users", other.organization()))
        .await
        .assert_status(200)
        .assert_sees("Elsewhere");
    ada.sign_in("ada@example.org", GOOD).await.assert_status(422);
    app.deliver();
    app.send_webhooks();
    app.work();
}

#[actix_web::test]
async fn every_table_of_an_organization_goes_with_it() {
    let app = TestApp::start().await;
    // Deleted by statements of their own, because no foreign key with a cascade leads to the organization.
    let deleted_first = ["audit_events", "webhook_outbox"];
    let cascades: BTreeSet<(String, String)> = Catalog::cascades(&app.db);
    let mut gone: BTreeSet<&str> = ["organizations"].into();
    loop {
        let more = cascades
            .iter()
            .filter(|(_, parent)| gone.contains(parent.as_str()))
            .map(|(child, _)| child.as_str());
        let before = gone.len();
        gone.extend(more.collect::<Vec<_>>());
        if gone.len() == before {
            break;
        }
    }
    let tables = tables(&app);
    let kept = tables
        .iter()
        .filter(|table| !gone.contains(table.as_str()) && !deleted_first.contains(&table.as_str()));
    assert_none("no cascade deletes it with its organization", kept.cloned().collect());
}

#[actix_web::test]
async fn while_others_administrate_nobody_deletes_it() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    let grace = ada.welcome_administrator("Grace").await;
    ada.get(PATH)
        .await
        .assert_status(422)
        .assert_sees("cannot be deleted yet")
        .assert_sees("Grace")
        .assert_misses("Type Analytical");
    ada.post(PATH, &[("name", "Analytical Engines")])
        .await
        .assert_status(422)
        .assert_sees("They have to leave first");
    grace.get("/me/departure").await;
    grace.submit("Leave the organization", &[]).await.assert_path("/sign-in");
    // A disabled administrator has no say.
    ada.welcome_administrator("Linus").await;
    ada.disable("Linus").await;
    ada.get(PATH).await.assert_status(200).assert_sees("2 people");
}

#[actix_web::test]
async fn only_administrators_see_and_do_it() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    app.role(ada.organization(), "Manager", &["organization:manage:*", "user:manage:*"]);
    let manager = ada.welcome("Grace", "Manager").await;
    manager.get("/settings").await.assert_status(200).assert_misses("Delete the organization");
    manager.get(PATH).await.assert_status(403);
    manager.get("/settings").await;
    manager.post(PATH, &[("name", "Analytical Engines")]).await.assert_status(403);
    assert_eq!(app.count("SELECT count(*) FROM organizations"), 1);
}

#[actix_web::test]
async fn deleting_it_asks_for_proof_first() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    app.wait(TimeDelta::minutes(16));
    ada.get(PATH).await.assert_status(200);
    let page = ada.submit(BUTTON, &[("name", "Analytical Engines")]).await;
    assert!(page.path.starts_with("/sign-in/again?next="), "{}", page.path);
    let page = ada.submit("Continue", &[("password", GOOD)]).await.assert_sees("At once and for good are gone");
    assert_eq!(page.attribute("input[name=name]", "value").as_deref(), Some("Analytical Engines"));
    assert_eq!(app.count("SELECT count(*) FROM organizations"), 1);
    ada.submit(BUTTON, &[]).await.assert_path("/sign-in");
    // A new one can be founded on the empty database.
    app.administrator("Ada").await.get("/users").await.assert_sees("Ada");
    assert_eq!(audited(&app, "organization.founded"), 1);
}

#[actix_web::test]
async fn a_large_organization_goes_in_parts() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    gather(&app, 2_500);
    ada.get(PATH).await.assert_sees("2,501 people").assert_sees("20 teams");
    ada.submit(BUTTON, &[("name", "Analytical Engines")]).await.assert_path("/sign-in");
    let left = |table: &String| app.count(&format!("SELECT count(*) FROM {table} WHERE organization_id IS NOT NULL"));
    let wrong: Vec<String> = tables(&app).iter().filter(|table| left(table) > 0).cloned().collect();
    assert_none("rows of the deleted organization are left", wrong);
    for table in ["users", "sessions", "user_names", "passwords"] {
        assert_eq!(app.count(&format!("SELECT count(*) FROM {table}")), 0, "{table}");
    }
}

#[test]
fn the_operator_deletes_an_organization_by_its_name() {
    let roster = Program::new(Database::blank());
    for (name, email) in [("Engines", "ada@example.org"), ("Elsewhere", "alan@example.org")] {
        let create = ["organization", "create", name, "--administrator", email];
        roster.run(&create).worked();
    }
    roster
        .run(&["organization", "delete", "Nowhere", "--confirm", "Nowhere"])
        .refused("no organization is called \"Nowhere\"");
    roster
        .run(&["organization", "delete", "Engines", "--confirm", "Engine"])
        .refused("nothing is deleted: the organization is called \"Engines\"");
    let asked = roster.run_typing(&["organization", "delete", "Engines"], "\n");
    assert!(asked.err.contains("would be deleted for good: 1 person, 0 system accounts"), "{}", asked.err);
    asked.refused("nothing is deleted");
    let deleted = roster.run_typing(&["organization", "delete", "Engines"], "Engines\n").worked();
    assert!(deleted.out.contains("is deleted, with everything that was in it"), "{}", deleted.out);
    // All that remains of it.
    assert!(
        deleted.err.contains("an organization was deleted") && deleted.err.contains("Engines"),
        "{}",
        deleted.err
    );
    let listed = roster.run(&["organization", "list"]).worked().out;
    assert!(listed.contains("Elsewhere") && !listed.contains("Engines"), "{listed}");
    let id = listed.split('\t').next().expect("an id").to_owned();
    roster.run(&["organization", "delete", &id, "--confirm", "Elsewhere"]).worked();
    assert_eq!(roster.run(&["user", "list"]).worked().out, "");
    let link = roster.run(&["setup-link"]).worked().out;
    assert!(roster.path_in(&link).starts_with("/setup/"), "{link}");
}
