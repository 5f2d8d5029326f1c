//! People who are here before a SCIM client knows of them: taken over only where an administrator allows it, and how far.

use crate::harness::{BETTER, TestApp, scim::user, user_creation::audited};
use serde_json::{Value, json};

#[actix_web::test]
async fn nobody_is_taken_over_unless_an_administrator_allows_it() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    ada.welcome("Grace", "User").await;
    let grace = ada.member("Grace").await;
    let client = app.scim_client(&ada, "Entra ID", |_| {});
    // She is seen, so that a client can tell, and is not created a second time in whatever case.
    assert_eq!(client.find(r#"userName eq "GRACE@example.org""#).await, (vec![grace.clone()], 1));
    let mut sent = user("Grace");
    for spelled in ["grace@example.org", "Grace@Example.ORG"] {
        sent["userName"] = json!(spelled);
        client.send("POST", "/Users", &sent).await.assert_scim_error(409, Some("uniqueness"));
    }
    let path = format!("/Users/{grace}");
    let why = client.set_active(&grace, false).await.assert_scim_error(403, None);
    assert!(why.contains("Take over people who are here already"), "{why}");
    client.send("PUT", &path, &user("Grace")).await.assert_scim_error(403, None);
    client.delete(&path).await.assert_scim_error(403, None);
    assert_eq!(app.text("SELECT status FROM members WHERE name = 'Grace'"), "active");
    // A client that may, takes her over by changing her; another one may not any more.
    let taking = app.scim_client(&ada, "Okta", |settings| settings.adopts = true);
    taking.send("PUT", &path, &user("Grace")).await.assert_status(200);
    assert_eq!(audited(&app, "member.adopted"), 1);
    let rival = app.scim_client(&ada, "JumpCloud", |settings| settings.adopts = true);
    let why = rival.set_active(&grace, false).await.assert_scim_error(403, None);
    assert!(why.contains("Okta"), "{why}");
}

#[actix_web::test]
async fn an_invited_person_who_is_taken_over_is_in_without_the_letter() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    ada.invite("grace@example.org", "User").await;
    let client = app.scim_client(&ada, "Entra ID", |settings| settings.adopts = true);
    let (found, _) = client.find(r#"userName eq "grace@example.org""#).await;
    client.send("PUT", &format!("/Users/{}", found[0]), &user("Grace")).await.assert_status(200);
    assert_eq!(app.text("SELECT status FROM members WHERE name = 'Grace Example'"), "active");
    // The letter's link opens nothing any more.
    let page = app.visitor().get(&app.inbox("grace@example.org").link()).await;
    assert!(!page.has_button("Join Analytical Engines"), "{}", page.text());
    assert!(page.all("input[type=password]").is_empty(), "{}", page.text());
}

#[actix_web::test]
async fn administrators_are_changed_by_people_and_the_last_one_by_nobody() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    ada.welcome_administrator("Bess").await;
    let (ada_id, bess) = (ada.member("Ada").await, ada.member("Bess").await);
    let client = app.scim_client(&ada, "Entra ID", |settings| settings.adopts = true);
    for id in [&ada_id, &bess] {
        let why = client.set_active(id, false).await.assert_scim_error(403, None);
        assert!(why.contains("Administrators are changed by people only"), "{why}");
        client.delete(&format!("/Users/{id}")).await.assert_scim_error(403, None);
    }
    let allowed = app.scim_client(&ada, "Okta", |settings| {
        (settings.adopts, settings.reaches_administrators) = (true, true);
    });
    allowed.set_active(&bess, false).await.assert_status(200);
    let why = allowed.set_active(&ada_id, false).await.assert_scim_error(403, None);
    assert!(why.contains("last administrator"), "{why}");
    assert_eq!(app.text("SELECT status FROM members WHERE name = 'Ada'"), "active");
    // What was refused changed nothing of her: she is not managed either.
    assert_eq!(app.count("SELECT count(*) FROM provisioned_users"), 1);
}

#[actix_web::test]
async fn an_account_whose_password_another_organization_knows_is_not_let_in_by_a_client() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    let eve = app.another_organization("Other", "Eve", None).await;
    // Eve creates the account of a person who works for Ada, with a password that she knows.
    eve.get("/users/new").await.assert_status(200);
    let role = eve.role("User");
    let fields = [
        ("first_name", "Grace"),
        ("email", "grace@example.org"),
        ("role", &role),
        ("choice", "typed"),
        ("password", BETTER),
    ];
    eve.submit("Create User", &fields).await.assert_status(200);
    ada.invite("grace@example.org", "User").await;
    let client = app.scim_client(&ada, "Entra ID", |settings| settings.adopts = true);
    let (found, total) = client.find(r#"userName eq "grace@example.org""#).await;
    assert_eq!(total, 1);
    let why = client.set_active(&found[0], true).await.assert_scim_error(403, None);
    assert!(why.contains("accepts by the link in the letter"), "{why}");
    let here = ada.organization();
    let status = app.texts("SELECT status FROM members WHERE name LIKE 'grace%' OR name LIKE 'Grace%' ORDER BY status");
    assert!(status.contains(&"invited".to_owned()), "{status:?} in {here}");
}

#[actix_web::test]
async fn the_administrator_who_set_a_client_up_is_not_locked_out_by_it() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    ada.welcome_administrator("Bess").await;
    let bess = ada.member("Bess").await;
    let client = app.scim_client(&ada, "Entra ID", |settings| {
        (settings.adopts, settings.reaches_administrators) = (true, true);
    });
    app.execute("UPDATE provisioners SET created_by = (SELECT id FROM members WHERE name = 'Bess')");
    client.set_active(&bess, true).await.assert_status(200);
    let why = client.set_active(&bess, false).await.assert_scim_error(403, None);
    assert!(why.contains("set this provisioning client up"), "{why}");
    client.delete(&format!("/Users/{bess}")).await.assert_scim_error(403, None);
}

#[actix_web::test]
async fn a_person_is_taken_over_with_what_was_sent_and_the_rest_stays_editable() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    ada.welcome("Grace", "User").await;
    let grace = ada.member("Grace").await;
    let client = app.scim_client(&ada, "Entra ID", |settings| settings.adopts = true);
    client.set_active(&grace, true).await.assert_status(200);
    let api = app.administrating_program(&ada).await;
    let path = format!("/api/v1/users/{grace}");
    let edit = async |body: Value| {
        let version = api.get(&path).await.header("etag").to_owned();
        api.clone().with("if-match", &version).send("PATCH", &path, &body).await
    };
    edit(json!({ "details": { "title": "Admiral" } })).await.assert_status(200);
    client
        .patch(&format!("/Users/{grace}"), json!([{ "op": "replace", "path": "title", "value": "Captain" }]))
        .await
        .assert_status(200);
    edit(json!({ "details": { "title": "Admiral" } })).await.assert_problem(422, "managed");
    edit(json!({ "name": "Somebody" })).await.assert_problem(422, "managed");
}

/// A team that gives something is not taken over by a client that may not give that: it would decide who gets it.
#[actix_web::test]
async fn a_team_that_gives_access_is_not_taken_over() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    ada.welcome("Grace", "User").await;
    let grace = ada.member("Grace").await;
    let team = ada.create_team("Platform").await;
    let client = app.scim_client(&ada, "Entra ID", |settings| settings.adopts = true);
    app.execute(
        "INSERT INTO team_roles (organization_id, team_id, role_id, attached_at, is_delegated) \
         SELECT t.organization_id, t.id, r.id, t.created_at, FALSE FROM teams t, roles r WHERE r.name = 'User'",
    );
    let add = json!({
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
        "Operations": [{ "op": "add", "path": "members", "value": [{ "value": grace }] }],
    });
    client.send("PATCH", &format!("/Groups/{team}"), &add).await.assert_scim_error(403, None);
    assert_eq!(app.count("SELECT count(*) FROM team_members"), 0);
    app.execute("DELETE FROM team_roles");
    client.send("PATCH", &format!("/Groups/{team}"), &add).await;
    assert_eq!(app.count("SELECT count(*) FROM team_members"), 1);
}
