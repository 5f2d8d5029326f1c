//! Editing and deleting roles, policies, and declared permissions and types: the name must be typed, and recent
//! authentication is required.

use crate::harness::{
    GOOD, Person, TestApp,
    rights::{create_policy, create_role, declare, path_of, send},
};
use chrono::TimeDelta;

const ALL: &str = "SELECT (SELECT count(*) FROM roles WHERE predefined IS NULL) + (SELECT count(*) FROM policies) \
                   + (SELECT count(*) FROM application_permissions) + (SELECT count(*) FROM resource_types)";

/// An unused role, policy, permission and resource type: the path of each without the organization, and its name.
async fn four(ada: &Person) -> Vec<(String, &'static str)> {
    create_role(ada, "Auditor", &["audit:read:*"]).await;
    declare(ada, "contract", "read").await;
    create_policy(ada, "Everywhere", ("*", &["read"], "*")).await;
    ada.get("/settings/permissions").await;
    let fields = [("permission", "contract_data:read:*"), ("description", "Reads contracts.")];
    ada.submit("Declare Permission", &fields).await;
    let mut all = vec![
        (path_of(ada, "/roles", "Auditor").await, "Auditor"),
        (path_of(ada, "/policies", "Everywhere").await, "Everywhere"),
    ];
    for (list, name) in [
        ("/settings/permissions", "contract_data:read:*"),
        ("/settings/resource-types", "contract"),
    ] {
        let link = ada.get(list).await.link("Delete…");
        let path = link[link.find(list).expect("inside the list")..].trim_end_matches("/deletion");
        all.push((path.to_owned(), name));
    }
    all
}

#[actix_web::test]
async fn nothing_is_deleted_before_its_name_is_typed() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    let all = four(&ada).await;
    assert_eq!(app.count(ALL), 4);
    for (path, name) in &all {
        let asked = ada.get(&format!("{path}/deletion")).await.assert_status(200);
        asked.assert_sees(&format!("Type {name} to confirm"));
        for wrong in ["", "  ", "contract_dat", "Auditors"] {
            let page = ada.submit("Delete", &[("name", wrong)]).await.assert_status(422);
            let page = page.assert_sees("Type the name as it stands above");
            assert_eq!(page.attribute("#name", "value").as_deref(), Some(wrong), "what was typed stays");
            assert_eq!(page.attribute("#name", "aria-describedby").as_deref(), Some("name-error"));
        }
        assert_eq!(app.count(ALL), 4);
    }
    // For a type, the page also tells which policies cover it without naming it.
    let (of_type, _) = &all[3];
    ada.get(&format!("{of_type}/deletion"))
        .await
        .assert_sees("Everywhere is about every type and reaches this one no more");
    for (left, (path, name)) in (0..4).rev().zip(&all) {
        ada.get(&format!("{path}/deletion")).await;
        // The name is compared exactly, except for spaces around it.
        ada.submit("Delete", &[("name", &name.to_uppercase())]).await.assert_status(422);
        let typed = format!(" {name} ");
        ada.submit("Delete", &[("name", &typed)]).await.assert_sees("is deleted");
        assert_eq!(app.count(ALL), left);
        ada.get(&format!("{path}/deletion")).await.assert_status(404);
    }
}

#[actix_web::test]
async fn an_open_browser_deletes_nothing() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    let all = four(&ada).await;
    for (path, name) in &all {
        ada.get(&format!("{path}/deletion")).await.assert_status(200);
        app.wait(TimeDelta::minutes(16));
        let late = ada.submit("Delete", &[("name", name)]).await;
        assert!(late.went[0].starts_with("/sign-in/again?next="), "{:?}", late.went);
        assert!(late.went[0].ends_with("deletion"), "{:?}", late.went);
        ada.submit("Continue", &[("password", GOOD)]).await.assert_sees(&format!("Type {name} to confirm"));
    }
    assert_eq!(app.count(ALL), 4);
}

#[actix_web::test]
async fn an_open_browser_saves_no_role_and_no_policy_and_loses_nothing_that_was_typed() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    let all = four(&ada).await;
    let events = || app.count("SELECT count(*) FROM audit_events WHERE action LIKE 'role.%' OR action LIKE 'policy.%'");
    let rule = [("rule-0-type", "contract"), ("rule-0-action", "read"), ("rule-0-ids", "7")];
    for (form, button, fields) in [
        ("/roles/new", "Create Role", vec![("permission", "user:read:*")]),
        (&all[0].0, "Save role", vec![("permission", "user:read:*")]),
        ("/policies/new", "Create Policy", rule.to_vec()),
        (&all[1].0, "Save policy", rule.to_vec()),
    ] {
        ada.get(form).await.assert_status(200);
        app.wait(TimeDelta::minutes(16));
        let before = events();
        let typed = [&fields[..], &[("name", "Renamed")]].concat();
        let without: Vec<&str> = typed.iter().map(|(name, _)| *name).collect();
        let page = send(&ada, button, &without, &typed).await;
        assert!(page.path.starts_with("/sign-in/again?next="), "{}", page.text());
        let page = ada.submit("Continue", &[("password", GOOD)]).await.assert_status(200);
        assert_eq!(page.attribute("#name", "value").as_deref(), Some("Renamed"));
        assert_eq!(events(), before);
        // The typed form is shown again, and is sent once more.
        let waiting = page.form(button);
        let (action, mut fields) = waiting;
        fields.extend(typed.iter().filter(|(name, _)| *name == "rule-0-type").map(|(n, v)| ((*n).into(), (*v).into())));
        let saved = ada.post_raw(&action, &fields).await.assert_status(200);
        assert_eq!(saved.all("h1"), ["Renamed"], "{}", saved.text());
        assert_eq!(events(), before + 1);
        app.execute("UPDATE roles SET name = 'Auditor', name_key = 'auditor' WHERE name = 'Renamed' AND version > 1");
        app.execute("DELETE FROM roles WHERE name = 'Renamed'");
        app.execute("DELETE FROM policies WHERE name = 'Renamed'");
    }
}
