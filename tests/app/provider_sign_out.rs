//! Signing out: the page offers to sign out at the provider too, and a provider that says that somebody signed out there
//! ends their sessions here.

use crate::harness::{Page, Person, TestApp, identity_provider::IdentityProvider};
use actix_web::http::Method;
use roster::{connections::Provisioning, kit::ConnectionId};
use serde_json::{Map, Value, json};

const EVENT: &str = "http://schemas.openid.net/event/backchannel-logout";

struct Story {
    app: TestApp,
    provider: IdentityProvider,
    connection: ConnectionId,
    grace: Person,
}

async fn story() -> Story {
    let app = TestApp::start_with_providers().await;
    let ada = app.administrator("Ada").await;
    let provider = app.provider();
    let connection = app.connect(ada.organization(), &provider, Provisioning::Anyone);
    provider.person("1", "grace@acme.example");
    provider.claim("sid", json!("session one"));
    let grace = app.visitor();
    grace.sign_in_through(connection, &provider).await.assert_status(200);
    Story { app, provider, connection, grace }
}

impl Story {
    async fn is_in(&self) -> bool {
        self.grace.get("/users").await.text().contains("User Directory")
    }
    /// Sends a logout token with these claims beside the usual ones; null removes one.
    async fn send(&self, head: Value, claims: Value) -> Page {
        let now = self.app.clock.now().utc().timestamp();
        let usual = json!({
            "iss": self.provider.issuer(), "aud": "roster", "iat": now, "exp": now + 120, "jti": "1", "sub": "1", "events": { EVENT: {} },
        });
        let merge = |usual: &Value, change: &Value| {
            let mut map: Map<String, Value> = usual.as_object().expect("an object").clone();
            for (name, value) in change.as_object().expect("an object") {
                if value.is_null() {
                    map.remove(name);
                } else {
                    map.insert(name.clone(), value.clone());
                }
            }
            map
        };
        let head = merge(&json!({ "alg": "ES256", "typ": "logout+jwt", "kid": "one" }), &head);
        let token = self.provider.signed(&head, &merge(&usual, &claims));
        let path = format!("/sso/{}/logout", self.connection);
        let body = serde_html_form::to_string([("logout_token", token)]).expect("a form");
        self.app.visitor().request(Method::POST, &path, Some(body)).await
    }
}

#[actix_web::test]
async fn a_provider_ends_the_sessions_of_a_person_who_signed_out_there() {
    let story = story().await;
    assert!(story.is_in().await);
    assert_eq!(story.send(json!({}), json!({})).await.status, 200);
    assert!(!story.is_in().await);
    assert_eq!(story.app.count("SELECT count(*) FROM audit_events WHERE action = 'session.ended_by_provider'"), 1);
    // The same token counts once.
    story.grace.sign_in_through(story.connection, &story.provider).await.assert_status(200);
    assert_eq!(story.send(json!({}), json!({})).await.status, 400);
    assert!(story.is_in().await);
    // By the session alone, whoever it is of.
    assert_eq!(story.send(json!({}), json!({ "jti": "2", "sub": null, "sid": "another" })).await.status, 200);
    assert!(story.is_in().await);
    assert_eq!(story.send(json!({}), json!({ "jti": "3", "sub": null, "sid": "session one" })).await.status, 200);
    assert!(!story.is_in().await);
}

#[actix_web::test]
async fn a_logout_token_that_is_none_ends_nothing() {
    let story = story().await;
    let now = story.app.clock.now().utc().timestamp();
    let tokens = [
        ("no signature", json!({ "alg": "none" }), json!({})),
        ("HMAC", json!({ "alg": "HS256" }), json!({})),
        ("an unknown key", json!({ "kid": "two" }), json!({})),
        ("an ID token", json!({ "typ": "at+jwt" }), json!({})),
        ("critical extensions", json!({ "crit": ["x"] }), json!({})),
        ("another issuer", json!({}), json!({ "iss": "https://elsewhere.example" })),
        ("another audience", json!({}), json!({ "aud": "somebody else" })),
        ("no audience", json!({}), json!({ "aud": null })),
        ("old", json!({}), json!({ "iat": now - 3600, "exp": null })),
        ("expired", json!({}), json!({ "exp": now - 3600 })),
        ("a nonce", json!({}), json!({ "nonce": "x" })),
        ("no event", json!({}), json!({ "events": {} })),
        ("no id", json!({}), json!({ "jti": null })),
        ("nobody", json!({}), json!({ "sub": null })),
    ];
    for (what, head, claims) in tokens {
        assert_eq!(story.send(head, claims).await.status, 400, "{what}");
    }
    let path = format!("/sso/{}/logout", story.connection);
    for body in ["", "logout_token=", "logout_token=a.b", "x=y"] {
        assert_eq!(story.app.visitor().request(Method::POST, &path, Some(body.into())).await.status, 400, "{body}");
    }
    assert!(story.is_in().await);
}

#[actix_web::test]
async fn who_signs_out_here_is_told_that_the_session_at_the_provider_goes_on() {
    let story = story().await;
    story.grace.get("/users").await;
    let page = story.grace.sign_out().await.assert_sees("still signed in at");
    assert!(
        page.link("Sign out at Acme OpenID Connect")
            .starts_with(&format!("{}/logout?client_id=roster", story.provider.issuer()))
    );
    story.grace.get("/users").await.assert_misses("User Directory");
}
