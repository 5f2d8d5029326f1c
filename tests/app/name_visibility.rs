//! Explanations of a permission for readers who may not see the names of its sources: they get the effect without the
//! names.

use crate::harness::{
    TestApp,
    rights::{create_policy, declare, give, path_of},
    system_accounts::Answer,
};
use serde_json::{Value, json};

/// The reasons in an answer, one by one.
fn because(answer: &Answer) -> Vec<Value> {
    answer.json()["because"].as_array().expect("reasons").clone()
}

/// Grace, who is administrator of the team Moles, holds the role Digger, and has the policy Signers.
async fn app() -> (TestApp, crate::harness::Person, crate::harness::Person, String) {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    app.role(ada.organization(), "Digger", &["audit:read:*", "user:read:*"]);
    app.role(ada.organization(), "Looker", &["user:read:*", "system_account:read:*"]);
    declare(&ada, "contract", "read sign").await;
    create_policy(&ada, "Signers", ("contract", &["sign"], "7")).await;
    let grace = ada.welcome("Grace", "Digger").await;
    let policy = path_of(&ada, "/policies", "Signers").await;
    let policy = policy.rsplit('/').next().expect("an id");
    give(&ada, "Grace", "policy", policy).await.assert_sees("Access is changed");
    let id = ada.member("Grace").await;
    ada.get("/teams/new").await;
    ada.submit("Create Team", &[("name", "Moles")]).await;
    let organization = ada.organization();
    app.execute("INSERT INTO team_members (organization_id, team_id, member_id, is_administrator) SELECT m.organization_id, t.id, m.id, true FROM members m JOIN teams t ON t.organization_id = m.organization_id WHERE m.name = 'Grace'");
    assert_eq!(ada.organization(), organization);
    (app, ada, grace, id)
}

#[actix_web::test]
async fn whoever_may_not_see_roles_teams_or_policies_sees_what_they_allow_and_not_which_they_are() {
    let (app, ada, grace, id) = app().await;
    let looker = ada.welcome("Luke", "Looker").await;
    let tab = format!("/users/{id}/roles");
    let page = looker.get(&tab).await.assert_status(200);
    let effect = page.all(".effective").join(" ");
    for told in [
        "audit:read:*",
        "contract: sign on 7",
        "a role",
        "administrator of a team",
        "a policy",
        "role:read:*",
        "team:read:*",
        "policy:read:*",
    ] {
        assert!(effect.contains(told), "{told}: {effect}");
    }
    for secret in ["Digger", "Signers", "Moles", "Team Administrator"] {
        assert!(!effect.contains(secret), "{secret}: {effect}");
    }
    assert!(page.all("[aria-label=Roles], [aria-label=Teams]").is_empty());
    page.assert_misses("Signers").assert_misses("Moles");
    // Members see everything about themselves, and so does a caller who can assign it.
    let helga = ada.welcome_administrator("Helga").await;
    app.role(ada.organization(), "Desk", &["user:manage:*", "user:read:*", "audit:read:*"]);
    let desk = ada.welcome("Desk", "Desk").await;
    for person in [&grace, &helga, &desk] {
        let effect = person.get(&tab).await.all(".effective").join(" ");
        for told in ["Digger", "Signers", "Moles"] {
            assert!(effect.contains(told), "{told}: {effect}");
        }
        assert!(!effect.contains("Some names are left out"), "{effect}");
    }
}

#[actix_web::test]
async fn a_program_is_told_no_names_that_it_may_not_read() {
    let (app, ada, _, id) = app().await;
    let machine = app.machine(ada.organization(), "gate", "Looker");
    let base = format!("/o/{}/system-accounts/{machine}/tokens", ada.organization());
    let gate = app.program().bearer(&ada.make_token(&base, "gate", &[]).await);
    let answer = gate.authorize(&json!({ "permission": "audit:read:*", "member": id })).await;
    assert_eq!(answer.json()["allowed"], true);
    assert_eq!(
        because(&answer),
        [json!({ "kind": "role", "permission": "audit:read:*", "text": "A role allows audit:read:*." })]
    );
    let question = json!({ "action": "sign", "resource_type": "contract", "resource_id": "7", "member": id });
    assert_eq!(
        because(&gate.authorize(&question).await),
        [json!({ "kind": "policy", "text": "A policy allows it." })]
    );
    let answer = gate.authorize(&json!({ "permission": "team:manage:own", "member": id })).await;
    assert_eq!(
        because(&answer),
        [json!({ "kind": "team", "permission": "team:manage:own", "as": "administrator",
            "text": "A role that comes with being administrator of a team allows team:manage:own." })]
    );
    // A caller is told everything about itself. CI/CD may see teams but not roles.
    let answer = gate.authorize(&json!({ "permission": "user:read:*" })).await;
    assert_eq!(because(&answer)[0]["text"], "The role Looker allows user:read:*.");
    let other = app.machine(ada.organization(), "deploy", "CI/CD");
    let base = format!("/o/{}/system-accounts/{other}/tokens", ada.organization());
    let deploy = app.program().bearer(&ada.make_token(&base, "deploy", &[]).await);
    let answer = deploy.authorize(&json!({ "permission": "team:manage:own", "member": id })).await;
    assert_eq!(
        because(&answer)[0]["text"],
        "A role that comes with being administrator of the team Moles allows team:manage:own."
    );
}

#[actix_web::test]
async fn an_administrators_access_is_told_in_one_line() {
    let (app, ada, ..) = app().await;
    let me = ada.member("Ada").await;
    let page = ada.get(&format!("/users/{me}/roles")).await;
    assert_eq!(page.all(".effective h2"), ["What you may do, and why"]);
    assert_eq!(page.all(".effective tbody .line"), ["Everything"]);
    page.assert_misses("*:*:*");
    let machine = app.machine(ada.organization(), "keeper", "Administrator");
    let page = ada.get(&format!("/system-accounts/{machine}/roles")).await;
    assert_eq!(page.all(".effective h2"), ["What it may do, and why"]);
}
