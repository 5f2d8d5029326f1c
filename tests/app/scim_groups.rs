//! Teams whose members an identity provider decides by SCIM.

use crate::harness::{
    Person, TestApp,
    scim::{ScimClient, group},
    user_creation::audited,
};
use serde_json::{Value, json};

async fn app() -> (TestApp, Person, ScimClient, [String; 2]) {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    let client = app.scim_client(&ada, "Entra ID", |_| {});
    let people = [client.create("Grace").await, client.create("Hedy").await];
    (app, ada, client, people)
}

/// The first names of the people in a team.
fn within(app: &TestApp, team: &str) -> Vec<String> {
    app.texts(&format!(
        "SELECT m.first_name FROM team_members t JOIN members m ON m.id = t.member_id JOIN teams x ON x.id = t.team_id WHERE x.name = '{team}' ORDER BY m.first_name"
    ))
}

fn members(ids: &[&String]) -> Value {
    ids.iter().map(|id| json!({ "value": id })).collect()
}

#[actix_web::test]
async fn a_group_is_a_team_whose_members_come_and_go_as_the_provider_says() {
    let (app, ada, client, [grace, hedy]) = app().await;
    let id = client.create_group("Navy", &[&grace]).await;
    let path = format!("/Groups/{id}");
    let told = client.get(&path).await.assert_status(200).body();
    assert_eq!(
        told["members"],
        json!([{ "value": grace, "$ref": format!("https://roster.example/scim/v2/Users/{grace}"), "type": "User" }])
    );
    let of_grace = client.get(&format!("/Users/{grace}")).await.body();
    assert_eq!((&of_grace["groups"][0]["value"], &of_grace["groups"][0]["display"]), (&json!(id), &json!("Navy")));
    // Entra adds and removes by value and by filter, in any case of the operation.
    let changes = [
        (json!([{ "op": "Add", "path": "members", "value": members(&[&hedy]) }]), vec!["Grace", "Hedy"]),
        (json!([{ "op": "Add", "path": "members", "value": members(&[&hedy]) }]), vec!["Grace", "Hedy"]),
        (json!([{ "op": "Remove", "path": format!("members[value eq \"{grace}\"]") }]), vec!["Hedy"]),
        (json!([{ "op": "Remove", "path": "members", "value": members(&[&hedy]) }]), vec![]),
        (
            json!([{ "op": "add", "path": "members", "value": members(&[&grace, &hedy]) }]),
            vec!["Grace", "Hedy"],
        ),
        (
            json!([{ "op": "remove", "path": "members", "value": members(&[&grace]) }, { "op": "add", "path": "members", "value": members(&[&grace]) }]),
            vec!["Grace", "Hedy"],
        ),
        (json!([{ "op": "replace", "path": "members", "value": members(&[&grace]) }]), vec!["Grace"]),
        (json!([{ "op": "replace", "path": "members", "value": [] }]), vec![]),
    ];
    for (operations, expected) in changes {
        client.patch(&path, operations.clone()).await.assert_status(204);
        assert_eq!(within(&app, "Navy"), expected, "{operations}");
    }
    // Okta names the group again by its id.
    let rename = json!([{ "op": "replace", "value": { "id": id, "displayName": "Fleet" } }]);
    client.patch(&path, rename).await.assert_status(204);
    let whole = client.send("PUT", &path, &group("Fleet", &[&hedy])).await.assert_status(200).body();
    assert_eq!((&whole["displayName"], whole["members"].as_array().map(Vec::len)), (&json!("Fleet"), Some(1)));
    assert_eq!(within(&app, "Fleet"), ["Hedy"]);
    assert!(audited(&app, "team.created") == 1 && audited(&app, "team.edited") == 1);
    client.delete(&path).await.assert_status(204);
    client.get(&path).await.assert_scim_error(404, None);
    ada.get(&format!("/users/{hedy}")).await.assert_status(200);
}

#[actix_web::test]
async fn what_is_wrong_with_a_group_is_told_and_changes_nothing() {
    let (app, ada, client, [grace, _]) = app().await;
    let id = client.create_group("Navy", &[&grace]).await;
    client.send("POST", "/Groups", &group("NAVY", &[])).await.assert_scim_error(409, Some("uniqueness"));
    let account = ada.account("Entra ID").await;
    for unknown in ["018f2f6e-0000-7000-8000-000000000000", "no id", &id, &account] {
        let add = json!([{ "op": "add", "path": "members", "value": [{ "value": unknown }] }]);
        client.patch(&format!("/Groups/{id}"), add).await.assert_scim_error(400, Some("invalidValue"));
        client
            .send("POST", "/Groups", &group("Other", &[unknown]))
            .await
            .assert_scim_error(400, Some("invalidValue"));
    }
    let mut nested = group("Other", &[]);
    nested["members"] = json!([{ "value": id, "type": "Group" }]);
    client.send("POST", "/Groups", &nested).await.assert_scim_error(400, Some("invalidValue"));
    client.send("POST", "/Groups", &group("", &[])).await.assert_scim_error(400, Some("invalidValue"));
    client
        .send("POST", "/Groups", &group(&"x".repeat(101), &[]))
        .await
        .assert_scim_error(400, Some("invalidValue"));
    let other_id = json!([{ "op": "replace", "value": { "id": grace, "displayName": "Fleet" } }]);
    client.patch(&format!("/Groups/{id}"), other_id).await.assert_scim_error(400, Some("mutability"));
    assert_eq!(app.texts("SELECT name FROM teams"), ["Navy"]);
    assert_eq!(within(&app, "Navy"), ["Grace"]);
}

#[actix_web::test]
async fn nobody_decides_here_who_is_in_a_team_of_the_provider() {
    let (app, ada, client, [grace, hedy]) = app().await;
    let id = client.create_group("Navy", &[&grace]).await;
    ada.post(&format!("/teams/{id}/members"), &[("member", &hedy)])
        .await
        .assert_sees("Entra ID decides who is in this team");
    ada.post(&format!("/teams/{id}/members/deletion"), &[("member", &grace)])
        .await
        .assert_sees("Entra ID decides who is in this team");
    assert_eq!(within(&app, "Navy"), ["Grace"]);
    let api = app.administrating_program(&ada).await;
    let put = "PUT".parse().expect("a method");
    api.ask(put, &format!("/api/v1/teams/{id}/members/{hedy}"), Some("{}".into()))
        .await
        .assert_problem(422, "managed");
    api.delete(&format!("/api/v1/teams/{id}/members/{grace}")).await.assert_problem(422, "managed");
    assert_eq!(within(&app, "Navy"), ["Grace"]);
    api.delete(&format!("/api/v1/teams/{id}?detach=true")).await.assert_problem(422, "managed");
    assert_eq!(app.texts("SELECT name FROM teams"), ["Navy"]);
    // Its administrators are still named here, and leave with the provider's word.
    ada.post(&format!("/teams/{id}/members/{grace}/administration"), &[]).await;
    client
        .patch(&format!("/Groups/{id}"), json!([{ "op": "replace", "path": "members", "value": [] }]))
        .await
        .assert_status(204);
    assert_eq!(within(&app, "Navy"), Vec::<String>::new());
}

#[actix_web::test]
async fn a_team_that_is_here_already_is_taken_over_only_where_that_is_allowed() {
    let (app, ada, client, [grace, _]) = app().await;
    let team = ada.create_team("Navy").await;
    let add = json!([{ "op": "add", "path": "members", "value": members(&[&grace]) }]);
    client.patch(&format!("/Groups/{team}"), add.clone()).await.assert_scim_error(403, None);
    client.delete(&format!("/Groups/{team}")).await.assert_scim_error(403, None);
    let found = client.get("/Groups?excludedAttributes=members&filter=displayName+eq+%22navy%22").await.body();
    assert_eq!((&found["totalResults"], found["Resources"][0].get("members")), (&json!(1), None));
    let taking = app.scim_client(&ada, "Okta", |settings| settings.adopts = true);
    taking.patch(&format!("/Groups/{team}"), add.clone()).await.assert_status(204);
    assert_eq!((within(&app, "Navy"), audited(&app, "team.adopted")), (vec!["Grace".to_owned()], 1));
    let rival = app.scim_client(&ada, "JumpCloud", |settings| settings.adopts = true);
    rival.patch(&format!("/Groups/{team}"), add).await.assert_scim_error(403, None);
}

#[actix_web::test]
async fn what_is_not_the_clients_own_is_left_to_the_administrators() {
    let (app, ada, client, [grace, _]) = app().await;
    let taking = app.scim_client(&ada, "Okta", |settings| settings.adopts = true);
    let (team, ada_id) = (ada.create_team("Navy").await, ada.member("Ada").await);
    ada.add_to_team(&team, "Ada").await;
    let path = format!("/Groups/{team}");
    let none = json!([{ "op": "replace", "path": "members", "value": [] }]);
    taking
        .patch(&path, json!([{ "op": "add", "path": "members", "value": members(&[&grace]) }]))
        .await
        .assert_status(204);
    // An administrator is in the team as before.
    taking.patch(&path, none.clone()).await.assert_status(204);
    assert_eq!(app.count("SELECT count(*) FROM team_members"), 1);
    assert_eq!(taking.get(&path).await.body()["members"][0]["value"], json!(ada_id));
    // A team that it took over, and one with a system account in it, stay when it leaves them.
    taking.delete(&path).await.assert_status(204);
    assert_eq!((app.texts("SELECT name FROM teams"), audited(&app, "team.released")), (vec!["Navy".to_owned()], 1));
    let own = client.create_group("Fleet", &[&grace]).await;
    let machine = ada.create_system_account("deploy", "CI/CD").await;
    ada.post(&format!("/teams/{own}/members"), &[("member", &machine), ("kind", "system_account")])
        .await
        .assert_status(200);
    client.delete(&format!("/Groups/{own}")).await.assert_status(204);
    assert_eq!(app.count("SELECT count(*) FROM teams"), 2);
}

#[actix_web::test]
async fn a_group_has_a_version_that_each_change_counts_up() {
    let (_, _, client, [grace, hedy]) = app().await;
    let id = client.create_group("Navy", &[]).await;
    let path = format!("/Groups/{id}");
    let version = async || client.get(&path).await.header("etag").to_owned();
    let first = version().await;
    let add = |id: &String| json!([{ "op": "add", "path": "members", "value": [{ "value": id }] }]);
    client.patch(&path, add(&grace)).await.assert_status(204);
    let second = version().await;
    // What is so already changes nothing.
    client.patch(&path, add(&grace)).await.assert_status(204);
    assert!(first != second && version().await == second);
    let careful = client.program.clone().with("if-match", &first);
    careful
        .send("PUT", &format!("/scim/v2{path}"), &group("Navy", &[&hedy]))
        .await
        .assert_scim_error(412, None);
    let unreadable = client.program.clone().with("if-match", "W/\"é\"");
    unreadable
        .send("PUT", &format!("/scim/v2{path}"), &group("Navy", &[&hedy]))
        .await
        .assert_scim_error(412, None);
}
