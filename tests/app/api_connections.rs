//! `/api/v1/connections`: connections to identity providers, their certificates, and who may do what.

use crate::harness::{
    Person, TestApp,
    connections::{CLIENT_SECRET, provider},
    saml_provider::{ENTITY_ID, SSO_URL, SamlProvider},
    sink::Sink,
    system_accounts::Program,
    user_creation::audited,
};
use roster::kit::{ConnectionId, secret::SecretString};
use serde_json::{Value, json};

pub const CONNECTIONS: &str = "/api/v1/connections";
const METADATA: &str = "/api/v1/connections/metadata";
const NOBODY: &str = "00000000-0000-0000-0000-000000000001";

pub async fn app() -> (TestApp, Person, Program) {
    let app = TestApp::start_with_providers().await;
    let ada = app.administrator("Ada").await;
    let root = app.program_with(&ada, "Root", &["*:*:*"]).await;
    (app, ada, root)
}

pub fn path(connection: &Value) -> String {
    format!("{CONNECTIONS}/{}", connection["id"].as_str().expect("an id"))
}

/// The page of a connection in the console.
pub fn page(connection: &Value) -> String {
    format!("/settings/connections/{}", connection["id"].as_str().expect("an id"))
}

/// A connection with everything that it needs.
pub fn complete(name: &str, provider: &Sink) -> Value {
    let oidc = json!({ "issuer": provider.origin(), "client_id": "roster", "client_secret": CLIENT_SECRET });
    json!({ "kind": "oidc", "name": name, "oidc": oidc })
}

/// An enabled connection.
pub async fn enabled(root: &Program, name: &str) -> Value {
    let made = root.create(CONNECTIONS, &complete(name, &provider())).await;
    root.delete(&format!("{}/disablement", path(&made))).await.assert_status(204);
    made
}

#[actix_web::test]
async fn a_connection_is_created_changed_enabled_and_deleted_and_its_secret_is_never_told() {
    let (app, ada, root) = app().await;
    let provider = provider();
    let draft = json!({ "kind": "oidc", "name": "Acme", "oidc": { "issuer": provider.origin() } });
    let made = root.create(CONNECTIONS, &draft).await;
    let one = path(&made);
    let expected = json!({ "issuer": provider.origin(), "client_id": "", "has_client_secret": false, "scopes": ["email", "profile"], "two_step_acrs": [] });
    assert_eq!((&made["oidc"], &made["saml"], &made["google"]), (&expected, &json!(null), &json!(null)));
    assert_eq!(
        (&made["status"], &made["is_complete"], &made["provisioning"]),
        (&json!("draft"), &json!(false), &json!("invited"))
    );
    let id = made["id"].as_str().expect("an id");
    assert_eq!(made["callback_url"], format!("https://roster.example/sso/{id}/callback"));
    assert_eq!(made["role_ids"], json!([root.id_of("/api/v1/roles", "User").await]));
    let read = root.get(&one).await;
    assert_eq!((read.json(), read.header("etag")), (made.clone(), "\"1\""));
    assert_eq!(root.get(CONNECTIONS).await.json()["data"], json!([made]));
    root.delete(&format!("{one}/disablement")).await.assert_problem(422, "connection-incomplete");

    let change = json!({ "name": "Acme Corp", "max_age_minutes": 480, "oidc": { "client_id": "roster", "client_secret": CLIENT_SECRET } });
    root.send("PATCH", &one, &change).await.assert_problem(428, "if-match-required");
    let first = root.clone().with("if-match", "\"1\"");
    let changed = first.send("PATCH", &one, &change).await;
    assert!(!changed.0.body.contains(CLIENT_SECRET) && changed.header("etag") == "\"2\"", "{}", changed.0.body);
    let changed = changed.json();
    assert_eq!((&changed["oidc"]["has_client_secret"], &changed["is_complete"]), (&json!(true), &json!(true)));
    assert_eq!((&changed["oidc"]["issuer"], &changed["max_age_minutes"]), (&json!(provider.origin()), &json!(480)));
    first.send("PATCH", &one, &change).await.assert_problem(412, "version-changed");
    let any = root.clone().with("if-match", "*");
    let again = any.send("PATCH", &one, &json!({ "max_age_minutes": null, "counts_two_steps": false })).await.json();
    assert_eq!(
        (&again["max_age_minutes"], &again["counts_two_steps"], &again["name"]),
        (&json!(null), &json!(false), &json!("Acme Corp"))
    );
    // The secret was kept.
    let (organization, connection) = (ada.organization(), id.parse::<ConnectionId>().expect("an id"));
    let secrets = &app.roster.connection_setup.secrets;
    let secret = app.db.read_here(|conn| secrets.open(conn, organization, connection)).expect("an answer");
    assert_eq!(secret.as_ref().map(SecretString::expose), Some(CLIENT_SECRET));

    for _ in 0..2 {
        root.delete(&format!("{one}/disablement")).await.assert_status(204);
    }
    ada.get(&page(&made)).await.assert_sees("Acme Corp").assert_sees("Enabled");
    let gone = root.delete(&one).await.json();
    assert_eq!((&gone["connected_people"], &gone["left_without"]["total"]), (&json!(0), &json!(0)));
    root.get(&one).await.assert_problem(404, "not-found");
    let actions = ["created", "edited", "enabled", "deleted"].map(|what| audited(&app, &format!("connection.{what}")));
    assert_eq!(actions, [1, 2, 1, 1]);
    assert!(!app.dump().contains(CLIENT_SECRET));
    assert!(app.letters("ada@example.org").iter().any(|letter| letter.subject.contains("Acme Corp")));
}

#[actix_web::test]
async fn every_kind_has_settings_of_its_own() {
    let (app, ada, root) = app().await;
    let google = json!({ "client_id": "g", "client_secret": CLIENT_SECRET, "hosted_domains": ["Example.com"] });
    let made = root.create(CONNECTIONS, &json!({ "kind": "google", "name": "Google", "google": google })).await;
    let expected = json!({ "client_id": "g", "has_client_secret": true, "hosted_domains": ["example.com"] });
    assert_eq!((&made["google"], &made["oidc"]), (&expected, &json!(null)));
    let github = json!({ "client_id": "h", "organizations": ["acme"] });
    let made = root.create(CONNECTIONS, &json!({ "kind": "github", "name": "GitHub", "github": github })).await;
    let expected = json!({ "client_id": "h", "has_client_secret": false, "server": "https://github.com", "organizations": ["acme"] });
    assert_eq!(made["github"], expected);

    let (old, new) = (app.saml_provider(), app.saml_provider());
    let metadata = SamlProvider::metadata(&[old.pem(), "AAAA".into()]);
    let found = root.send("POST", METADATA, &json!({ "text": metadata })).await.json();
    assert_eq!((&found["entity_id"], &found["sso_url"]), (&json!(ENTITY_ID), &json!(SSO_URL)));
    assert_eq!(found["left_out"].as_array().map(Vec::len), Some(1), "{found}");
    assert_eq!(found["certificates"][0]["fingerprint"], old.certificate().fingerprint());
    let sink = Sink::start();
    sink.answer_with("200 OK", &metadata);
    let fetched = root.send("POST", METADATA, &json!({ "url": format!("{}/metadata", sink.origin()) })).await;
    assert_eq!(fetched.json(), found);
    assert_eq!(app.count("SELECT count(*) FROM connections"), 2);

    let saml = json!({ "entity_id": found["entity_id"], "sso_url": found["sso_url"], "response_must_be_signed": true });
    let certificates = json!([found["certificates"][0]["certificate"]]);
    let body = json!({ "kind": "saml", "name": "Acme", "saml": saml, "certificates": certificates, "provisioning": "anyone" });
    let made = root.create(CONNECTIONS, &body).await;
    let (one, id) = (path(&made), made["id"].as_str().expect("an id"));
    let entity = format!("https://roster.example/sso/saml/{id}");
    assert_eq!(
        (&made["saml"]["own_entity_id"], &made["callback_url"]),
        (&json!(entity), &json!(format!("{entity}/acs")))
    );
    assert_eq!((&made["is_complete"], &made["saml"]["response_must_be_signed"]), (&json!(true), &json!(true)));
    let first = made["certificates"][0].clone();
    assert_eq!(
        (&first["fingerprint"], &first["subject"]),
        (&json!(old.certificate().fingerprint()), &json!("CN=idp.example"))
    );
    let remove = |certificate: &Value| format!("{one}/certificates/{}", certificate["id"].as_str().expect("an id"));
    root.delete(&remove(&first)).await.assert_problem(422, "last-certificate");
    let place = format!("{one}/certificates");
    let body = json!({ "certificate": new.pem() });
    root.send("POST", &format!("{place}?dry_run=true"), &body).await.json();
    assert_eq!(app.count("SELECT count(*) FROM connection_keys"), 1);
    let added = root.send("POST", &place, &body).await.json();
    assert_eq!(root.send("POST", &place, &body).await.json(), added);
    root.delete(&remove(&first)).await.assert_status(204);
    root.delete(&remove(&first)).await.assert_problem(404, "not-found");
    assert_eq!(root.get(&one).await.json()["certificates"], json!([added]));
    root.assert_field("POST", &place, &json!({ "certificate": "nonsense" }), "/certificate", "invalid")
        .await;
    let actions = ["added", "removed"].map(|what| audited(&app, &format!("connection.certificate_{what}")));
    assert_eq!(actions, [1, 1]);
    ada.get(&page(&made)).await.assert_sees(new.certificate().fingerprint());
}

#[actix_web::test]
async fn what_is_wrong_with_a_connection_is_named_by_its_field() {
    let (app, ada, root) = app().await;
    let oidc = |issuer: &str| json!({ "kind": "oidc", "name": "Acme", "oidc": { "issuer": issuer, "client_secret": CLIENT_SECRET } });
    let with = |more: Value| {
        let mut body = json!({ "kind": "github", "name": "Acme" });
        body.as_object_mut().expect("an object").extend(more.as_object().expect("an object").clone());
        body
    };
    let administrator = root.id_of("/api/v1/roles", "Administrator").await;
    for (body, field, code) in [
        (json!({ "name": "Acme" }), "/kind", "required"),
        (json!({ "kind": "ldap", "name": "Acme" }), "/kind", "invalid"),
        (json!({ "kind": "github", "name": " " }), "/name", "invalid"),
        (json!({ "kind": "oidc", "name": "Acme" }), "/oidc/issuer", "invalid"),
        (oidc("https://10.0.0.1/"), "/oidc/issuer", "invalid"),
        (oidc("https://169.254.169.254/"), "/oidc/issuer", "invalid"),
        (oidc("http://1.1.1.1/"), "/oidc/issuer", "invalid"),
        (oidc("https://login.microsoftonline.com/common/v2.0"), "/oidc/issuer", "invalid"),
        (with(json!({ "github": { "server": "https://10.0.0.1" } })), "/github/server", "invalid"),
        (with(json!({ "github": { "organizations": ["a/b"] } })), "/github/organizations", "invalid"),
        (with(json!({ "github": { "client_secret": "" } })), "/github/client_secret", "required"),
        (with(json!({ "github": { "secret": "x" } })), "/github/secret", "unknown"),
        (with(json!({ "google": {} })), "/google", "conflict"),
        (with(json!({ "certificates": [] })), "/certificates", "conflict"),
        (with(json!({ "status": "enabled" })), "/status", "unknown"),
        (with(json!({ "provisioning": "all" })), "/provisioning", "invalid"),
        (with(json!({ "provisioning": "anyone" })), "/provisioning", "open-to-the-world"),
        (with(json!({ "provisioning": "anyone", "role_ids": [] })), "/role_ids", "invalid"),
        (with(json!({ "role_ids": [NOBODY] })), "/role_ids/0", "unknown"),
        (with(json!({ "role_ids": [administrator] })), "/role_ids/0", "invalid"),
        (with(json!({ "team_ids": [NOBODY] })), "/team_ids/0", "unknown"),
        (with(json!({ "max_age_minutes": 4 })), "/max_age_minutes", "invalid"),
        (with(json!({ "max_age_minutes": 43_201 })), "/max_age_minutes", "invalid"),
        (json!({ "kind": "saml", "name": "Acme", "certificates": ["x"] }), "/certificates/0", "invalid"),
        (
            json!({ "kind": "saml", "name": "Acme", "saml": { "sso_url": "http://idp.example" } }),
            "/saml/sso_url",
            "invalid",
        ),
    ] {
        let answer = root.send("POST", CONNECTIONS, &body).await;
        assert!(!answer.0.body.contains(CLIENT_SECRET), "{}", answer.0.body);
        root.assert_field("POST", CONNECTIONS, &body, field, code).await;
    }
    for (body, field, code) in [
        (json!({}), "/text", "required"),
        (json!({ "text": "<html/>" }), "/text", "invalid"),
        (json!({ "url": "https://10.0.0.1/metadata" }), "/url", "invalid"),
        (json!({ "url": "https://1.1.1.1/", "text": "x" }), "/url", "conflict"),
    ] {
        root.assert_field("POST", METADATA, &body, field, code).await;
    }
    assert_eq!(app.count("SELECT count(*) FROM connections"), 0);
    root.create(CONNECTIONS, &with(json!({}))).await;
    root.assert_field("POST", CONNECTIONS, &with(json!({})), "/name", "taken").await;
    for number in 1..20 {
        root.create(CONNECTIONS, &json!({ "kind": "github", "name": format!("GitHub {number}") })).await;
    }
    let more = json!({ "kind": "github", "name": "One more" });
    root.send("POST", CONNECTIONS, &more).await.assert_problem(422, "limit-reached");
    ada.get("/settings/connections").await.assert_sees("GitHub 19");
}

#[actix_web::test]
async fn nobody_gives_more_through_a_connection_than_they_hold() {
    let (app, ada, root) = app().await;
    app.role(ada.organization(), "Mighty", &["user:manage:*"]);
    let mighty = root.id_of("/api/v1/roles", "Mighty").await;
    let user = root.id_of("/api/v1/roles", "User").await;
    let gate = app.program_with(&ada, "Gate", &["connection:manage:*", "role:read:*"]).await.with("if-match", "*");
    let wanted = json!({ "kind": "github", "name": "Acme", "role_ids": [mighty] });
    let problem = gate.send("POST", CONNECTIONS, &wanted).await.assert_problem(403, "beyond-your-permissions");
    assert_eq!(problem["permission"], "user:manage:*");
    let made = root
        .create(CONNECTIONS, &json!({ "kind": "github", "name": "Acme", "role_ids": [mighty, user] }))
        .await;
    let renamed = gate.send("PATCH", &path(&made), &json!({ "name": "Acme Corp" })).await.json();
    assert_eq!((&renamed["role_ids"], &renamed["name"]), (&made["role_ids"], &json!("Acme Corp")));
    // The same roles for other people are another grant.
    let opened = json!({ "provisioning": "domain" });
    gate.send("PATCH", &path(&made), &opened).await.assert_problem(403, "beyond-your-permissions");
    let narrowed = root.clone().with("if-match", "*").send("PATCH", &path(&made), &json!({ "role_ids": [user] })).await;
    assert_eq!(narrowed.json()["role_ids"], json!([user]));
}

#[actix_web::test]
async fn each_operation_on_connections_needs_its_permission_and_knows_one_organization() {
    let (app, ada, root) = app().await;
    let made = enabled(&root, "Acme").await;
    let one = path(&made);
    ada.welcome("Grace", "User").await;
    let grace = ada.member("Grace").await;
    let reader = app.program_with(&ada, "Reader", &["connection:read:*"]).await.with("if-match", "*");
    let nobody = app.program_with(&ada, "Nobody", &["user:read:*"]).await;
    let eve = app.another_organization("Elsewhere", "Eve", None).await;
    let foreign = app.program_with(&eve, "Foreign", &["*:*:*"]).await.with("if-match", "*");
    for read in [CONNECTIONS, &one] {
        let problem = nobody.get(read).await.assert_problem(403, "permission-missing");
        assert_eq!(problem["permission"], "connection:read:*");
        reader.get(read).await.assert_status(200);
    }
    assert_eq!(foreign.get(CONNECTIONS).await.json()["data"], json!([]));
    foreign.get(&one).await.assert_problem(404, "not-found");
    let below = |rest: &str| format!("{one}{rest}");
    let certificate = json!({ "certificate": app.saml_provider().pem() });
    let empty = json!({});
    for (method, place, body) in [
        ("PATCH", one.clone(), &empty),
        ("DELETE", one.clone(), &empty),
        ("PUT", below("/disablement"), &empty),
        ("DELETE", below("/disablement"), &empty),
        ("POST", below("/certificates"), &certificate),
        ("DELETE", below(&format!("/certificates/{NOBODY}")), &empty),
        ("GET", below("/deleted_identities"), &empty),
        ("POST", below("/readmissions"), &json!({ "subject": "x" })),
    ] {
        let problem = reader.send(method, &place, body).await.assert_problem(403, "permission-missing");
        assert_eq!(problem["permission"], "connection:manage:*", "{method} {place}");
        foreign.send(method, &place, body).await.assert_problem(404, "not-found");
    }
    for (method, place) in [("POST", CONNECTIONS), ("POST", METADATA), ("GET", "/api/v1/single_sign_on")] {
        reader.send(method, place, &empty).await.assert_problem(403, "permission-missing");
    }
    let identities = format!("/api/v1/users/{grace}/identities");
    let problem = nobody.get(&identities).await.assert_problem(403, "permission-missing");
    assert_eq!(problem["permission"], "user:manage:*");
    foreign.get(&identities).await.assert_problem(404, "not-found");
    foreign.delete(&format!("{identities}/{NOBODY}")).await.assert_problem(404, "not-found");
    // Certificates belong to SAML.
    root.send("POST", &below("/certificates"), &certificate).await.assert_problem(404, "not-found");
    assert_eq!(root.get(&one).await.json()["status"], "enabled");
}
