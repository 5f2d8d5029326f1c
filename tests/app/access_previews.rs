//! Saving a role or policy in use: first a preview of whom it changes and how.

use crate::harness::{
    TestApp,
    rights::{create_policy, create_role, declare, give, path_of, send},
};

#[actix_web::test]
async fn saving_a_role_in_use_shows_whom_it_changes_and_how() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    create_role(&ada, "Desk", &["user:read:*", "team:read:*"]).await;
    let path = path_of(&ada, "/roles", "Desk").await;
    // Nobody holds the role, so there is no preview.
    ada.get(&path).await;
    send(&ada, "Save role", &["permission"], &[("permission", "user:read:*"), ("permission", "role:read:*")])
        .await
        .assert_sees("The role is saved");
    ada.welcome("Grace", "Desk").await;
    ada.get(&path).await;
    let page = send(
        &ada,
        "Save role",
        &["permission"],
        &[("permission", "user:read:*"), ("permission", "user:manage:*")],
    )
    .await;
    page.clone()
        .assert_status(200)
        .assert_sees("What this would change")
        .assert_sees("1 person")
        .assert_sees("Grace")
        .assert_sees("Gained: user:manage:*")
        .assert_sees("role:read:*");
    let held =
        "SELECT count(*) FROM role_permissions JOIN roles ON roles.id = role_id WHERE roles.name = 'Desk' AND permission = 'user:manage:*'";
    assert_eq!(app.count(held), 0);
    // Another member got the role meanwhile, who was not in the preview.
    let confirm = page.form("Confirm and save");
    ada.welcome("Kay", "Desk").await;
    ada.post_raw(&confirm.0, &confirm.1).await.assert_sees("2 people");
    assert_eq!(app.count(held), 0);
    ada.submit("Confirm and save", &[]).await.assert_sees("The role is saved");
    assert_eq!(app.count(held), 1);
    // A new name changes nobody's permissions.
    ada.get(&path).await;
    ada.submit("Save role", &[("name", "Help Desk")]).await.assert_sees("The role is saved");
}

#[actix_web::test]
async fn saving_a_policy_in_use_shows_whom_it_changes_and_how() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    ada.welcome("Grace", "User").await;
    declare(&ada, "contract", "read sign").await;
    create_policy(&ada, "Signers", ("contract", &["sign"], "7")).await;
    let path = path_of(&ada, "/policies", "Signers").await;
    give(&ada, "Grace", "policy", path.rsplit('/').next().expect("an id")).await;
    ada.get(&path).await;
    let rule = [
        ("rule-0-type", "contract"),
        ("rule-0-action", "sign"),
        ("rule-0-ids", "7 8"),
        ("do", "save"),
    ];
    let page = send(&ada, "Save policy", &["rule-0-ids", "rule-0-action"], &rule).await;
    page.assert_sees("What this would change").assert_sees("Grace").assert_sees("Lost");
    let rules = "SELECT count(*) FROM policies WHERE CAST(rules AS text) LIKE '%8%'";
    assert_eq!(app.count(rules), 0);
    send(&ada, "Confirm and save", &["rule-0-ids", "rule-0-action"], &rule)
        .await
        .assert_sees("The policy is saved");
    assert_eq!(app.count(rules), 1);
}
