//! Who may use SCIM: tokens of system accounts, and of those only what the account may do. Only an Administrator gives a
//! credential by which everybody is reached.

use crate::harness::{
    TestApp,
    rights::{create_role, give},
    scim::{group, user},
};
use serde_json::json;

#[actix_web::test]
async fn nothing_is_told_without_a_token_of_a_system_account() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    let client = app.scim_client(&ada, "Entra ID", |_| {});
    client.create("Grace").await;
    for path in [
        "/Users",
        "/Groups",
        "/ServiceProviderConfig",
        "/Schemas",
        "/Users/.search",
        "/Bulk",
        "/Nothing",
    ] {
        let path = format!("/scim/v2{path}");
        let answer = app.program().get(&path).await;
        assert!(answer.header("www-authenticate").starts_with("Bearer"), "{path}");
        answer.assert_scim_error(401, None);
        let wrong = format!("{}x", &client.token[..client.token.len() - 1]);
        app.program().bearer(&wrong).get(&path).await.assert_scim_error(401, None);
        // The session of an administrator opens nothing here.
        let page = ada.request(actix_web::http::Method::GET, &path, None).await;
        assert_eq!(page.status, 401, "{path}");
    }
    // Nor does an API password or a token of a person.
    let id = ada.member("Ada").await;
    ada.let_use_api(&id, "a password for programs").await;
    let person = app.program().basic("ada@example.org", "a password for programs");
    person.get("/scim/v2/Users").await.assert_scim_error(403, None);
    let token = ada.make_token("/me/tokens", "mine", &[]).await;
    app.program().bearer(&token).get("/scim/v2/Users").await.assert_scim_error(403, None);
}

#[actix_web::test]
async fn other_system_accounts_read_what_they_may_and_change_nothing() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    let client = app.scim_client(&ada, "Entra ID", |_| {});
    let grace = client.create("Grace").await;
    app.role(ada.organization(), "People", &["user:read:*"]);
    let reader = app.program_as(&ada, "reader", "People").await;
    let people = reader.get("/scim/v2/Users").await.assert_status(200).body();
    assert_eq!(people["totalResults"], 2);
    assert!(people["Resources"][1].get("groups").is_none(), "teams are not told without their permission");
    reader.get("/scim/v2/Groups").await.assert_scim_error(403, None);
    reader.get("/scim/v2/Users?filter=groups.display+eq+%22x%22").await.assert_status(200);
    // An account that may do everything is still no client.
    let everything = app.administrating_program(&ada).await;
    for (method, path, body) in [
        ("POST", "/scim/v2/Users".to_owned(), user("Hedy")),
        ("PUT", format!("/scim/v2/Users/{grace}"), user("Grace")),
        ("POST", "/scim/v2/Groups".to_owned(), group("Navy", &[])),
    ] {
        reader.send(method, &path, &body).await.assert_scim_error(403, None);
        let why = everything.send(method, &path, &body).await.assert_scim_error(403, None);
        assert!(why.contains("no provisioning client"), "{why}");
    }
    // A read-only token of the client changes nothing either.
    let id = ada.account("Entra ID").await;
    let token = ada.make_token(&format!("/system-accounts/{id}/tokens"), "reading", &[("mode", "read")]).await;
    let reading = app.program().bearer(&token);
    reading.get("/scim/v2/Users").await.assert_status(200);
    reading.send("POST", "/scim/v2/Users", &user("Hedy")).await.assert_scim_error(403, None);
    assert_eq!(app.count("SELECT count(*) FROM members WHERE first_name = 'Hedy'"), 0);
}

#[actix_web::test]
async fn only_an_administrator_makes_a_credential_of_a_client() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    app.scim_client(&ada, "Entra ID", |_| {});
    // As much as the role SCIM has, and the management of system accounts.
    let permissions = [
        "user:invite:*",
        "user:manage:*",
        "team:manage:*",
        "system_account:manage:*",
        "connection:manage:*",
    ];
    create_role(&ada, "Help Desk", &permissions).await.assert_status(200);
    let desk = ada.welcome("Dora", "User").await;
    give(&ada, "Dora", "role", &app.role_id(&ada, "Help Desk")).await;
    let id = desk.account("Entra ID").await;
    desk.get(&format!("/system-accounts/{id}/tokens/new")).await.assert_status(403);
    let fields = [("name", "mine"), ("mode", "read_write"), ("expiry", "90")];
    desk.post(&format!("/system-accounts/{id}/tokens"), &fields).await.assert_status(403);
    assert_eq!(app.count("SELECT count(*) FROM tokens"), 1);
    // Nor do they switch it off or delete it.
    desk.post(&format!("/system-accounts/{id}/disablement"), &[("reason", "")]).await;
    assert_eq!(app.text("SELECT status FROM members WHERE name = 'Entra ID'"), "active");
}

#[actix_web::test]
async fn one_organization_is_nothing_to_the_client_of_another() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    let client = app.scim_client(&ada, "Entra ID", |settings| settings.adopts = true);
    let grace = client.create("Grace").await;
    let team = client.create_group("Navy", &[&grace]).await;
    let eve = app.another_organization("Other", "Eve", None).await;
    let other = app.scim_client(&eve, "Entra ID", |settings| settings.adopts = true);
    assert_eq!(other.get("/Users").await.body()["totalResults"], 1);
    assert_eq!(other.find(r#"userName eq "grace@example.org""#).await.1, 0);
    assert_eq!(other.find(r#"externalId eq "id-grace""#).await.1, 0);
    assert_eq!(other.find(&format!(r#"id eq "{grace}""#)).await.1, 0);
    for path in [format!("/Users/{grace}"), format!("/Groups/{team}")] {
        other.get(&path).await.assert_scim_error(404, None);
        other.delete(&path).await.assert_scim_error(404, None);
        other
            .patch(&path, json!([{ "op": "replace", "path": "displayName", "value": "x" }]))
            .await
            .assert_scim_error(404, None);
    }
    // Nobody of another organization is put into a group.
    let own = other.create_group("Own", &[]).await;
    let add = json!([{ "op": "add", "path": "members", "value": [{ "value": grace }] }]);
    other.patch(&format!("/Groups/{own}"), add).await.assert_scim_error(400, Some("invalidValue"));
    // A user of another organization is not added under their address: they did not agree.
    other.send("POST", "/Users", &user("Grace")).await.assert_scim_error(409, Some("uniqueness"));
}

#[actix_web::test]
async fn the_token_of_a_client_opens_nothing_but_scim() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    ada.welcome("Grace", "Viewer").await;
    let grace = ada.member("Grace").await;
    let client = app.scim_client(&ada, "Entra ID", |_| {});
    // There none of its limits hold: it would change an address of anybody, and have a link to set a password sent there.
    let email = json!({ "email": "eve@evil.example" });
    for (method, path, body) in [
        ("PUT", format!("/api/v1/users/{grace}/email"), &email),
        ("POST", format!("/api/v1/users/{grace}/password_reset"), &json!({})),
        ("POST", "/api/v1/authorize".to_owned(), &json!({ "permission": "user:read:*" })),
    ] {
        client.program.send(method, &path, body).await.assert_problem(403, "provisioning-client");
    }
    for path in ["/api/v1/me", "/api/v1/users", "/api/v1/teams"] {
        client.program.get(path).await.assert_problem(403, "provisioning-client");
    }
    assert_eq!(
        app.text("SELECT email FROM users u JOIN members m ON m.user_id = u.id WHERE m.name = 'Grace'"),
        "grace@example.org"
    );
}

#[actix_web::test]
async fn people_are_not_told_to_a_token_that_may_read_teams_only() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    let client = app.scim_client(&ada, "Entra ID", |_| {});
    let grace = client.create("Grace").await;
    let navy = client.create_group("Navy", &[&grace]).await;
    app.role(ada.organization(), "Teams", &["team:read:*"]);
    let reader = app.program_as(&ada, "reader", "Teams").await;
    let list = reader.get("/scim/v2/Groups").await.assert_status(200).body();
    assert_eq!((&list["totalResults"], list["Resources"][0].get("members")), (&json!(1), None));
    assert!(reader.get(&format!("/scim/v2/Groups/{navy}")).await.body().get("members").is_none());
    reader.get("/scim/v2/Users").await.assert_scim_error(403, None);
    // A product that pulls reads both with a read-only token.
    let everything = app.administrating_program(&ada).await;
    let list = everything.get("/scim/v2/Groups?count=1").await.body();
    assert_eq!(list["Resources"][0]["members"][0]["value"], json!(grace));
}
