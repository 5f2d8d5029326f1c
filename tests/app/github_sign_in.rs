//! Signing in with GitHub: the numeric id is the person, only a verified primary address counts, and membership of the
//! organizations that the connection names.

use crate::harness::{TestApp, identity_provider::IdentityProvider};
use roster::{
    connections::{ConnectionKind, Provisioning},
    kit::ConnectionId,
};
use serde_json::{Value, json};
use std::collections::HashMap;
use url::Url;

struct GitHub(IdentityProvider);

impl GitHub {
    fn start(app: &TestApp) -> Self {
        let server = Self(app.provider());
        server.answer("/login/oauth/access_token", 200, json!({ "access_token": "gho_1", "token_type": "bearer" }));
        server.person(1, "grace");
        server.answer(
            "/api/v3/user/emails",
            200,
            json!([
                { "email": "old@acme.example", "primary": false, "verified": true },
                { "email": "grace@acme.example", "primary": true, "verified": true },
            ]),
        );
        server
    }
    fn answer(&self, path: &str, status: u16, body: Value) {
        self.0.plan(|plan| drop(plan.answers.insert(path.into(), (status, body.to_string()))));
    }
    fn person(&self, id: u64, login: &str) {
        self.answer("/api/v3/user", 200, json!({ "id": id, "login": login, "name": null, "type": "User" }));
    }
    /// A person signs in there; the path to which they are sent back.
    fn sign_in(&self, address: &str) -> String {
        let url = Url::parse(address).expect("an address");
        assert!(address.starts_with(&format!("{}/login/oauth/authorize?", self.0.issuer())), "{address}");
        let asked: HashMap<String, String> = url.query_pairs().into_owned().collect();
        assert_eq!((asked["code_challenge_method"].as_str(), asked["code_challenge"].len()), ("S256", 43));
        let back = Url::parse(&asked["redirect_uri"]).expect("an address");
        format!("{}?code=1&state={}", back.path(), asked["state"])
    }
    fn connect(&self, app: &TestApp, organization: roster::kit::OrganizationId, organizations: &[&str]) -> ConnectionId {
        app.make_connection(organization, ConnectionKind::GitHub, |new| {
            new.settings.server = self.0.issuer();
            new.settings.organizations = organizations.iter().map(|name| (*name).to_owned()).collect();
            new.provisioning = Provisioning::Anyone;
        })
    }
}

async fn come(app: &TestApp, github: &GitHub, connection: ConnectionId) -> crate::harness::Page {
    let visitor = app.visitor();
    let address = visitor.start_sign_in(connection).await;
    visitor.get(&github.sign_in(&address)).await
}

#[actix_web::test]
async fn the_id_is_the_person_and_a_login_that_somebody_else_got_is_not() {
    let app = TestApp::start_with_providers().await;
    let ada = app.administrator("Ada").await;
    let github = GitHub::start(&app);
    let connection = github.connect(&app, ada.organization(), &[]);
    come(&app, &github, connection).await.assert_status(200).assert_sees("User Directory");
    ada.get("/users").await.assert_sees("grace@acme.example").assert_sees("GitHub");
    // The login now belongs to somebody else, who has another address.
    github.person(2, "grace");
    github.answer(
        "/api/v3/user/emails",
        200,
        json!([{ "email": "mallory@acme.example", "primary": true, "verified": true }]),
    );
    come(&app, &github, connection).await.assert_status(200);
    assert_eq!(app.count("SELECT count(*) FROM users"), 3);
    // The first person has a new login.
    github.person(1, "grace-hopper");
    come(&app, &github, connection).await.assert_status(200);
    assert_eq!(app.count("SELECT count(*) FROM users"), 3);
}

#[actix_web::test]
async fn only_a_verified_primary_address_counts() {
    let app = TestApp::start_with_providers().await;
    let ada = app.administrator("Ada").await;
    let github = GitHub::start(&app);
    let connection = github.connect(&app, ada.organization(), &[]);
    for addresses in [
        json!([]),
        json!([{ "email": "grace@acme.example", "primary": true, "verified": false }]),
        json!([{ "email": "grace@acme.example", "primary": false, "verified": true }]),
    ] {
        github.answer("/api/v3/user/emails", 200, addresses.clone());
        let page = come(&app, &github, connection).await;
        assert_eq!(page.status, 403, "{addresses}: {}", page.text());
    }
    assert_eq!(app.count("SELECT count(*) FROM users"), 1);
}

#[actix_web::test]
async fn people_have_to_be_active_members_of_every_organization_that_is_named() {
    let app = TestApp::start_with_providers().await;
    let ada = app.administrator("Ada").await;
    let github = GitHub::start(&app);
    let connection = github.connect(&app, ada.organization(), &["acme"]);
    let membership = "/api/v3/user/memberships/orgs/acme";
    for (status, body, reason) in [
        (404, json!({}), "no active member of acme"),
        (200, json!({ "state": "pending" }), "no active member of acme"),
        (403, json!({}), "must approve this application"),
        (500, json!("x"), "no active member of acme"),
    ] {
        github.answer(membership, status, body);
        come(&app, &github, connection).await.assert_status(403);
        let shown = app.text("SELECT last_failure FROM connections");
        assert!(shown.contains(reason), "{status}: {shown}");
    }
    github.answer(membership, 200, json!({ "state": "active" }));
    come(&app, &github, connection).await.assert_status(200).assert_sees("User Directory");
}

#[actix_web::test]
async fn an_answer_that_is_none_signs_nobody_in() {
    let app = TestApp::start_with_providers().await;
    let ada = app.administrator("Ada").await;
    let github = GitHub::start(&app);
    let connection = github.connect(&app, ada.organization(), &[]);
    let broken = [
        ("/login/oauth/access_token", 200, json!({ "error": "bad_verification_code" })),
        ("/login/oauth/access_token", 200, json!("x")),
        ("/login/oauth/access_token", 302, json!({ "access_token": "gho_1" })),
        ("/api/v3/user", 401, json!({})),
        ("/api/v3/user", 200, json!({ "login": "grace" })),
        ("/api/v3/user", 200, json!({ "id": "1", "login": "grace" })),
        ("/api/v3/user/emails", 200, json!({})),
    ];
    for (path, status, body) in broken {
        let github = GitHub::start(&app);
        app.execute(&format!(
            "UPDATE connections SET settings = '{{\"client_id\":\"roster\",\"server\":\"{}\"}}' WHERE id IS NOT NULL",
            github.0.issuer()
        ));
        github.answer(path, status, body.clone());
        let page = come(&app, &github, connection).await;
        assert_eq!(page.status, 403, "{path} {status} {body}: {}", page.text());
    }
    assert_eq!(app.count("SELECT count(*) FROM users"), 1);
    drop(github);
}
