//! What organizations declare for their own products, and how the Access tab explains the result.

use crate::harness::{
    TestApp,
    rights::{create_policy as create, create_role, declare, path_of, send},
};

fn id(path: &str) -> String {
    path.rsplit('/').next().expect("an id").to_owned()
}

#[actix_web::test]
async fn what_is_declared_and_used_is_not_taken_back() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    ada.get("/settings/permissions").await;
    for wrong in [
        "contract_data",
        "contract_data:read:all",
        "user:fly:*",
        "*:read:*",
        "Contract:read:*",
        "",
    ] {
        let fields = [("permission", wrong), ("description", "Reads.")];
        ada.submit("Declare Permission", &fields).await.assert_status(422);
    }
    let fields = [("permission", "contract_data:read:*"), ("description", "Reads contracts.")];
    ada.submit("Declare Permission", &fields).await.assert_sees("is declared");
    ada.submit("Declare Permission", &fields).await.assert_status(422).assert_sees("declared already");
    create_role(&ada, "Reader", &["contract_data:read:*"]).await.assert_sees("The role Reader is there");
    ada.get("/settings/permissions").await.assert_sees("Reader");
    let page = ada.get(&ada.page().link("Delete…")).await.assert_status(422);
    page.assert_sees("It is still used").assert_sees("Reader , held by nobody");
    declare(&ada, "contract", "read, sign").await;
    create(&ada, "Signers", ("contract", &["sign"], "*")).await;
    ada.get("/settings/resource-types").await;
    let page = ada.get(&ada.page().link("Delete…")).await.assert_status(422);
    let page = page.assert_sees("Signers , attached to nobody");
    assert!(!page.has_button("Delete"));
    ada.post(&page.path, &[("name", "contract")]).await.assert_status(422);
    ada.get("/settings/resource-types").await;
    let edit = ada.get("/settings/resource-types").await.link("Edit");
    ada.get(&edit).await;
    ada.submit("Save resource type", &[("actions", "read")])
        .await
        .assert_status(422)
        .assert_sees("the policy Signers");
    ada.submit("Save resource type", &[("actions", "sign, read, archive")])
        .await
        .assert_sees("is saved");
    let role = path_of(&ada, "/roles", "Reader").await;
    ada.get(&format!("{role}/deletion")).await;
    ada.submit("Delete", &[("name", "Reader")]).await;
    ada.get("/settings/permissions").await;
    ada.get(&ada.page().link("Delete…")).await.assert_sees("nobody loses it");
    ada.submit("Delete", &[("name", "contract_data")])
        .await
        .assert_status(422)
        .assert_sees("Type the name as it stands above");
    ada.submit("Delete", &[("name", "contract_data:read:*")]).await.assert_sees("declared no more");
    assert_eq!(app.count("SELECT count(*) FROM application_permissions"), 0);
}

#[actix_web::test]
async fn the_access_tab_says_why_and_what_a_change_would_do() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    ada.welcome("Grace", "Viewer").await;
    create_role(&ada, "Auditor", &["audit:read:*", "user:read:*"]).await;
    let auditor = id(&path_of(&ada, "/roles", "Auditor").await);
    let member = ada.member("Grace").await;
    ada.get(&format!("/users/{member}/roles"))
        .await
        .assert_sees("What they may do, and why")
        .assert_sees("user:read:*");
    let events = app.count("SELECT count(*) FROM audit_events");
    let page = send(&ada, "Save access", &["role"], &[("role", &auditor), ("do", "preview")]).await;
    let page = page.assert_status(200).assert_sees("Nothing is saved yet");
    assert_eq!(page.all(".preview .plus code"), ["audit:read:*"]);
    assert_eq!(page.all(".preview .minus code"), ["team:read:*"]);
    assert_eq!(app.count("SELECT count(*) FROM audit_events"), events);
    let page = ada.submit("Save access", &[]).await.assert_sees("Access is changed");
    assert_eq!(page.all(".reasons td code"), ["user:read:*", "audit:read:*"]);
    assert!(page.all(".reasons tbody tr td:last-child .tag").iter().all(|role| role == "Auditor"));
}
