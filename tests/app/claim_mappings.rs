//! Roles and teams that follow from what a provider says: given and taken at each sign-in, never what was given by hand,
//! never more than the member who saved the mapping may give, and never so that nobody is left who runs the organization.

use crate::harness::{
    Page, Person, TestApp,
    connections::provider,
    rights::{create_role, give, path_of, send},
    user_creation::audited,
};
use roster::{connections::Provisioning, kit::ConnectionId};
use serde_json::json;

/// The number of roles that this member holds, by hand and by a mapping.
fn roles_of(app: &TestApp, name: &str) -> (i64, i64) {
    let count = |how: &str| {
        app.count(&format!(
            "SELECT count(*) FROM member_roles r JOIN members m ON m.id = r.member_id WHERE m.name = '{name}' AND r.connection_id {how}"
        ))
    };
    (count("IS NULL"), count("IS NOT NULL"))
}

/// The id of a role.
async fn role(person: &Person, name: &str) -> String {
    let path = path_of(person, "/roles", name).await;
    path.rsplit('/').next().expect("an id").to_owned()
}

impl Person {
    /// Saves mappings of the claim `groups`: each a value, and the label of what it gives.
    async fn map_claims(&self, connection: ConnectionId, mappings: &[(&str, &str)], more: &[(&str, &str)]) -> Page {
        let path = format!("/settings/connections/{connection}/mappings");
        let page = self.get(&path).await.assert_status(200);
        let version = page.attribute("input[name=version]", "value").expect("a version");
        // Every line offers the same.
        let (names, values) = (page.all("optgroup option"), page.attributes("optgroup option", "value"));
        let option = |label: &str| {
            let at = names.iter().position(|name| name == label);
            values[at.unwrap_or_else(|| panic!("{label} is not offered: {names:?}"))].clone()
        };
        let mut form = vec![("version".to_owned(), version)];
        for (value, gives) in mappings {
            form.extend(
                [
                    ("claim", "groups".to_owned()),
                    ("value", (*value).to_owned()),
                    ("gives", option(gives)),
                ]
                .map(|(name, value)| (name.to_owned(), value)),
            );
        }
        form.extend(more.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
        let form: Vec<(&str, &str)> = form.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        self.post(&path, &form).await
    }
}

#[actix_web::test]
async fn groups_give_roles_and_teams_and_take_them_back_but_never_what_was_given_by_hand() {
    let app = TestApp::start_with_providers().await;
    let ada = app.administrator("Ada").await;
    ada.create_team("Platform").await;
    let provider = app.provider();
    let connection = app.connect(ada.organization(), &provider, Provisioning::Anyone);
    ada.map_claims(connection, &[("auditors", "Viewer"), ("platform", "Platform")], &[])
        .await
        .assert_sees("The mappings are saved")
        .assert_sees("auditors");
    provider.person("1", "grace@acme.example");
    provider.claim("name", json!("Grace"));
    provider.claim("groups", json!(["auditors", "platform", "others"]));
    let grace = app.visitor();
    grace.sign_in_through(connection, &provider).await.assert_status(200);
    // The role of everybody who joins, and the mapped one.
    assert_eq!(roles_of(&app, "Grace"), (1, 1));
    assert_eq!(app.count("SELECT count(*) FROM team_members WHERE connection_id IS NOT NULL"), 1);
    assert_eq!(audited(&app, "member.access_mapped"), 1);
    // Nothing changes, so nothing is written.
    app.visitor().sign_in_through(connection, &provider).await.assert_status(200);
    assert_eq!(audited(&app, "member.access_mapped"), 1);

    // A claim that is missing decides nothing, and the connection says so.
    provider.claim("groups", json!(null));
    provider.plan(|plan| plan.user_info = json!({ "sub": "1" }).as_object().cloned().expect("an object"));
    app.visitor().sign_in_through(connection, &provider).await.assert_status(200);
    assert_eq!(roles_of(&app, "Grace"), (1, 1));
    let page = format!("/settings/connections/{connection}");
    ada.get(&page).await.assert_sees("“groups” did not come");
    // So does one that is no list of texts.
    provider.claim("groups", json!(["auditors", 7]));
    app.visitor().sign_in_through(connection, &provider).await.assert_status(200);
    assert_eq!(roles_of(&app, "Grace"), (1, 1));
    // The provider may tell it only when it is asked.
    provider.claim("groups", json!(null));
    provider.plan(|plan| plan.user_info = json!({ "sub": "1", "groups": "platform" }).as_object().cloned().expect("an object"));
    app.visitor().sign_in_through(connection, &provider).await.assert_status(200);
    assert_eq!(roles_of(&app, "Grace"), (1, 0));
    assert_eq!(app.count("SELECT count(*) FROM team_members WHERE connection_id IS NOT NULL"), 1);
    ada.get(&page).await.assert_misses("did not come");

    // An empty claim takes all of it, and nothing that an administrator gave.
    provider.claim("groups", json!([]));
    app.visitor().sign_in_through(connection, &provider).await.assert_status(200);
    assert_eq!(app.count("SELECT count(*) FROM team_members WHERE connection_id IS NOT NULL"), 0);
    let viewer = role(&ada, "Viewer").await;
    give(&ada, "Grace", "role", &viewer).await;
    assert_eq!(roles_of(&app, "Grace"), (2, 0));
    app.visitor().sign_in_through(connection, &provider).await.assert_status(200);
    assert_eq!(roles_of(&app, "Grace"), (2, 0));
}

#[actix_web::test]
async fn what_a_mapping_gave_is_told_on_the_access_tab_and_stays_when_the_connection_goes() {
    let app = TestApp::start_with_providers().await;
    let ada = app.administrator("Ada").await;
    let provider = app.provider();
    let connection = app.connect(ada.organization(), &provider, Provisioning::Anyone);
    ada.map_claims(connection, &[("auditors", "Viewer")], &[]).await.assert_sees("are saved");
    provider.person("1", "grace@acme.example");
    provider.claim("name", json!("Grace"));
    provider.claim("groups", json!("auditors"));
    app.visitor().sign_in_through(connection, &provider).await.assert_status(200);
    let grace = ada.member("Grace").await;
    ada.get(&format!("/users/{grace}/roles"))
        .await
        .assert_sees("Given by what Acme OpenID Connect says at each sign-in");
    // Whatever else is saved there leaves it as it is.
    create_role(&ada, "Extra", &["team:read:*"]).await;
    let extra = role(&ada, "Extra").await;
    give(&ada, "Grace", "role", &extra).await.assert_sees("Access is changed");
    assert_eq!(roles_of(&app, "Grace"), (2, 1));
    app.execute("UPDATE connections SET status = 'disabled' WHERE id IS NOT NULL");
    ada.get(&format!("/settings/connections/{connection}/deletion")).await;
    ada.submit("Delete", &[("name", "Acme OpenID Connect")]).await.assert_sees("deleted");
    assert_eq!(roles_of(&app, "Grace"), (3, 0));
}

#[actix_web::test]
async fn nobody_maps_more_than_they_may_give_and_a_mapping_gives_no_more_than_that_later() {
    let app = TestApp::start_with_providers().await;
    let ada = app.administrator("Ada").await;
    create_role(&ada, "Connector", &["connection:read:*", "connection:manage:*", "user:read:*", "role:read:*"]).await;
    let boris = ada.welcome("Boris", "Connector").await;
    let provider = app.provider();
    let connection = app.connect(ada.organization(), &provider, Provisioning::Anyone);
    // What they may not give is not offered to them, and refused when it is sent all the same.
    let path = format!("/settings/connections/{connection}/mappings");
    let page = boris.get(&path).await.assert_status(200);
    assert!(!page.body.contains("Administrator</option>"), "{}", page.body);
    boris.map_claims(connection, &[("connectors", "Connector")], &[]).await.assert_sees("are saved");
    provider.person("1", "grace@acme.example");
    provider.claim("name", json!("Grace"));
    provider.claim("groups", json!(["connectors"]));
    // Once Boris may not give it any more, neither may the mapping.
    let (viewer, member) = (role(&ada, "Viewer").await, ada.member("Boris").await);
    ada.get(&format!("/users/{member}/roles")).await;
    send(&ada, "Save access", &["role"], &[("role", &viewer)]).await.assert_sees("Access is changed");
    app.visitor().sign_in_through(connection, &provider).await.assert_status(200);
    assert_eq!(roles_of(&app, "Grace"), (1, 0));
    ada.get(&format!("/settings/connections/{connection}"))
        .await
        .assert_sees("Not every role and team could be taken over")
        .assert_sees("as far as Boris may give it");
    ada.map_claims(connection, &[("connectors", "Connector")], &[]).await.assert_sees("are saved");
    app.visitor().sign_in_through(connection, &provider).await.assert_status(200);
    assert_eq!(roles_of(&app, "Grace"), (1, 1));
}

#[actix_web::test]
async fn a_provider_makes_administrators_only_where_that_is_ticked_and_never_takes_the_last_one() {
    let app = TestApp::start_with_providers().await;
    let ada = app.administrator("Ada").await;
    let provider = app.provider();
    let connection = app.connect(ada.organization(), &provider, Provisioning::Anyone);
    ada.map_claims(connection, &[("root", "Administrator")], &[])
        .await
        .assert_status(422)
        .assert_sees("Tick that this is meant");
    ada.map_claims(connection, &[("root", "Administrator")], &[("administrators", "1")])
        .await
        .assert_sees("are saved");
    provider.person("1", "grace@acme.example");
    provider.claim("name", json!("Grace"));
    provider.claim("groups", json!(["root"]));
    app.visitor().sign_in_through(connection, &provider).await.assert_status(200);
    assert_eq!(roles_of(&app, "Grace"), (1, 1));
    // Ada leaves: Grace is the last who can sign in.
    app.execute("UPDATE members SET status = 'disabled' WHERE name = 'Ada'");
    provider.claim("groups", json!([]));
    app.visitor().sign_in_through(connection, &provider).await.assert_status(200);
    assert_eq!(roles_of(&app, "Grace"), (1, 1));
    let trouble = app.text("SELECT mapping_trouble FROM connections");
    assert!(trouble.contains("last administrator"), "{trouble}");
    app.execute("UPDATE members SET status = 'active' WHERE name = 'Ada'");
    app.visitor().sign_in_through(connection, &provider).await.assert_status(200);
    assert_eq!(roles_of(&app, "Grace"), (1, 0));
}

#[actix_web::test]
async fn a_form_of_mappings_loses_nothing_that_was_typed_and_sees_what_another_saved() {
    let app = TestApp::start_with_providers().await;
    let ada = app.administrator("Ada").await;
    let path = ada.create_connection("Acme", &provider()).await;
    let mappings = format!("{path}/mappings");
    ada.get(&mappings).await.assert_sees("Roles and teams from Acme");
    let typed = [("version", "1"), ("claim", "groups"), ("value", "staff"), ("gives", "")];
    let page = ada.post(&mappings, &typed).await.assert_status(422).assert_sees("A line needs a claim and a value");
    assert_eq!(page.attribute("input[name=value]", "value").as_deref(), Some("staff"));
    ada.post(&mappings, &[("version", "0"), ("claim", ""), ("value", ""), ("gives", "")])
        .await
        .assert_status(409)
        .assert_sees("changed this connection meanwhile");
    let unknown = format!("role:{}", uuid::Uuid::from_u128(7));
    let typed = [
        ("version", "1"),
        ("claim", "groups"),
        ("value", "staff"),
        ("gives", unknown.as_str()),
    ];
    ada.post(&mappings, &typed).await.assert_status(422).assert_sees("does not exist any more");
}
