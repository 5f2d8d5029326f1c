//! An identity provider that lies, breaks off or answers something else: nobody is signed in, and nothing breaks.

use crate::harness::{
    TestApp,
    identity_provider::{CLIENT, IdentityProvider, encode},
};
use roster::connections::Provisioning;
use serde_json::{Map, Value, json};

type Lie = fn(&mut Map<String, Value>, &mut Map<String, Value>);

fn put(map: &mut Map<String, Value>, name: &str, value: Value) {
    map.insert(name.into(), value);
}

/// Changes of the ID token, each of which has to be noticed.
const LIES: &[(&str, Lie)] = &[
    ("no signature", |head, _| put(head, "alg", "none".into())),
    ("no signature, spelt otherwise", |head, _| put(head, "alg", "None".into())),
    ("HMAC with the client secret", |head, _| put(head, "alg", "HS256".into())),
    ("an unknown algorithm", |head, _| put(head, "alg", "ES256K".into())),
    ("another algorithm than the signature's", |head, _| put(head, "alg", "RS256".into())),
    ("an unknown key", |head, _| put(head, "kid", "nobody's".into())),
    ("another issuer", |_, claims| put(claims, "iss", "https://elsewhere.example".into())),
    ("an issuer with a slash", |_, claims| {
        let issuer = format!("{}/", claims["iss"].as_str().unwrap_or_default());
        put(claims, "iss", issuer.into());
    }),
    ("no issuer", |_, claims| drop(claims.remove("iss"))),
    ("another audience", |_, claims| put(claims, "aud", "somebody else".into())),
    ("an audience with others", |_, claims| put(claims, "aud", json!([CLIENT, "somebody else"]))),
    ("an audience without us", |_, claims| put(claims, "aud", json!(["somebody else"]))),
    ("no audience", |_, claims| drop(claims.remove("aud"))),
    ("another authorized party", |_, claims| put(claims, "azp", "somebody else".into())),
    ("an authorized party that is no text", |_, claims| put(claims, "azp", json!([CLIENT]))),
    ("expired", |_, claims| {
        let at = claims["iat"].as_i64().unwrap_or_default() - 3600;
        put(claims, "iat", at.into());
        put(claims, "exp", (at + 60).into());
    }),
    ("no expiry", |_, claims| drop(claims.remove("exp"))),
    ("no issue time", |_, claims| drop(claims.remove("iat"))),
    ("issued in an hour", |_, claims| {
        let at = claims["iat"].as_i64().unwrap_or_default() + 3600;
        put(claims, "iat", at.into());
        put(claims, "exp", (at + 60).into());
    }),
    ("valid in an hour", |_, claims| {
        let at = claims["iat"].as_i64().unwrap_or_default() + 3600;
        put(claims, "nbf", at.into());
    }),
    ("validity that is no number", |_, claims| put(claims, "nbf", "never".into())),
    ("another nonce", |_, claims| put(claims, "nonce", "x".into())),
    ("no nonce", |_, claims| drop(claims.remove("nonce"))),
    ("no subject", |_, claims| drop(claims.remove("sub"))),
    ("an empty subject", |_, claims| put(claims, "sub", "".into())),
    ("a long subject", |_, claims| put(claims, "sub", "x".repeat(256).into())),
    ("a subject beyond ASCII", |_, claims| put(claims, "sub", "gräce".into())),
];

async fn nobody(app: &TestApp, provider: &IdentityProvider, connection: roster::kit::ConnectionId, what: &str) {
    let page = app.visitor().sign_in_through(connection, provider).await;
    assert_eq!(page.status, 403, "{what}: {}", page.text());
    assert_eq!(app.count("SELECT count(*) FROM identities"), 0, "{what}");
    assert_eq!(app.count("SELECT count(*) FROM users"), 1, "{what}");
    app.execute("DELETE FROM throttles");
}

#[actix_web::test]
async fn every_lie_of_an_id_token_is_noticed() {
    let app = TestApp::start_with_providers().await;
    let ada = app.administrator("Ada").await;
    let provider = app.provider();
    let connection = app.connect(ada.organization(), &provider, Provisioning::Anyone);
    provider.person("1", "grace@acme.example");
    for (what, lie) in LIES {
        provider.lie(*lie);
        nobody(&app, &provider, connection, what).await;
    }
    provider.repent();
    app.visitor().sign_in_through(connection, &provider).await.assert_sees("User Directory");
}

#[actix_web::test]
async fn an_answer_that_is_broken_too_long_or_leads_elsewhere_signs_nobody_in() {
    let app = TestApp::start_with_providers().await;
    let ada = app.administrator("Ada").await;
    let provider = app.provider();
    let connection = app.connect(ada.organization(), &provider, Provisioning::Anyone);
    provider.person("1", "grace@acme.example");
    let token = |text: String| json!({ "access_token": "a", "token_type": "Bearer", "id_token": text }).to_string();
    let answers = [
        ("four parts", (200, token("a.b.c.d".into()))),
        ("garbage", (200, token("x".into()))),
        ("no ID token", (200, json!({ "access_token": "a", "token_type": "Bearer" }).to_string())),
        ("HTML", (200, "<script>alert(1)</script>".into())),
        ("a refusal", (400, json!({ "error": "<b>no</b>" }).to_string())),
        ("an error", (500, "{}".into())),
        ("2 MB", (200, token("x".repeat(2_000_000)))),
        ("a header that is no JSON", (200, token(format!("{}.{}.", encode("x"), encode("{}"))))),
    ];
    for (what, answer) in answers {
        provider.plan(|plan| drop(plan.answers.insert("/token".into(), answer)));
        nobody(&app, &provider, connection, what).await;
    }
    let shown = app.text("SELECT last_failure FROM connections");
    assert!(!shown.contains('<'), "{shown}");
}

#[actix_web::test]
async fn the_answer_names_the_issuer_where_that_was_promised_and_never_another_one() {
    let app = TestApp::start_with_providers().await;
    let ada = app.administrator("Ada").await;
    let provider = app.provider();
    let connection = app.connect(ada.organization(), &provider, Provisioning::Anyone);
    provider.person("1", "grace@acme.example");
    let visitor = app.visitor();
    let back = provider.sign_in(&visitor.start_sign_in(connection).await);
    let (before, _) = back.split_once("&iss=").expect("an issuer");
    visitor.get(before).await.assert_status(403);
    let back = provider.sign_in(&visitor.start_sign_in(connection).await);
    let (before, _) = back.split_once("&iss=").expect("an issuer");
    visitor.get(&format!("{before}&iss=https%3A%2F%2Felsewhere.example")).await.assert_status(403);
    // What the provider says of an error is shown without its markup.
    let state = |address: &str| {
        url::Url::parse(address)
            .expect("an address")
            .query_pairs()
            .find(|(name, _)| name == "state")
            .expect("a state")
            .1
            .into_owned()
    };
    let asked = visitor.start_sign_in(connection).await;
    let issuer: String = url::form_urlencoded::byte_serialize(provider.issuer().as_bytes()).collect();
    let path = format!("/sso/{connection}/callback?state={}&error=%3Cscript%3Eaccess_denied&iss={issuer}", state(&asked));
    visitor.get(&path).await.assert_status(403).assert_misses("script");
    assert_eq!(
        app.text("SELECT last_failure FROM connections"),
        "The provider answered with the error “scriptaccess_denied”."
    );
    assert_eq!(app.count("SELECT count(*) FROM identities"), 0);
}

#[actix_web::test]
async fn a_new_key_of_the_provider_is_fetched_and_documents_are_kept_for_a_while() {
    let app = TestApp::start_with_providers().await;
    let ada = app.administrator("Ada").await;
    let provider = app.provider();
    let connection = app.connect(ada.organization(), &provider, Provisioning::Anyone);
    provider.person("1", "grace@acme.example");
    for _ in 0..3 {
        app.visitor().sign_in_through(connection, &provider).await.assert_sees("User Directory");
    }
    let fetched = |path: &str| provider.requests().iter().filter(|known| *known == path).count();
    assert_eq!((fetched("/jwks"), fetched("/.well-known/openid-configuration")), (1, 1));
    app.wait(chrono::TimeDelta::seconds(61));
    provider.roll_key();
    app.visitor().sign_in_through(connection, &provider).await.assert_sees("User Directory");
    assert_eq!(fetched("/jwks"), 2);
}

#[actix_web::test]
async fn what_is_said_about_somebody_else_is_not_added() {
    let app = TestApp::start_with_providers().await;
    let ada = app.administrator("Ada").await;
    let provider = app.provider();
    let connection = app.connect(ada.organization(), &provider, Provisioning::Anyone);
    provider.person("1", "grace@acme.example");
    provider.claim("email", json!(null));
    let info = |subject: &str| json!({ "sub": subject, "email": "grace@acme.example", "email_verified": true, "name": "Grace" });
    provider.plan(|plan| plan.user_info = info("2").as_object().expect("an object").clone());
    nobody(&app, &provider, connection, "another subject").await;
    provider.plan(|plan| plan.user_info = info("1").as_object().expect("an object").clone());
    app.visitor().sign_in_through(connection, &provider).await.assert_sees("User Directory");
    ada.get("/users").await.assert_sees("Grace");
}

#[actix_web::test]
async fn only_the_truth_proves_an_address_and_only_the_address_as_it_was_sent() {
    let app = TestApp::start_with_providers().await;
    let ada = app.administrator("Ada").await;
    let provider = app.provider();
    let connection = app.connect(ada.organization(), &provider, Provisioning::Invited);
    ada.invite("grace@acme.example", "Viewer").await;
    provider.person("1", "grace@acme.example");
    let come = || async { app.visitor().sign_in_through(connection, &provider).await };
    for claimed in [json!("true"), json!(1), json!(false), json!(["true"])] {
        provider.claim("email_verified", claimed.clone());
        assert_eq!(come().await.status, 403, "{claimed}");
    }
    provider.claim("email_verified", json!(true));
    // What people paste is mended. What a provider sends is another address.
    for address in [
        "grace@acme.example\u{200b}",
        "grace@acme.example\u{a0}",
        "gr\u{ad}ace@acme.example",
        " grace@acme.example",
        "<grace@acme.example>",
        "mailto:grace@acme.example",
        "grace@acme.example.",
    ] {
        provider.claim("email", json!(address));
        assert_eq!(come().await.status, 403, "{address:?}");
    }
    // The same of what is read about the person.
    provider.claim("email", json!(null));
    let info = |verified: Value| json!({ "sub": "1", "email": "grace@acme.example", "email_verified": verified });
    for verified in [json!("true"), json!(false)] {
        provider.plan(|plan| plan.user_info = info(verified.clone()).as_object().expect("an object").clone());
        assert_eq!(come().await.status, 403, "{verified}");
    }
    assert_eq!(app.count("SELECT count(*) FROM identities"), 0);
    provider.plan(|plan| plan.user_info = info(json!(true)).as_object().expect("an object").clone());
    come().await.assert_sees("User Directory");
}

#[actix_web::test]
async fn a_browser_is_led_to_the_web_only() {
    let app = TestApp::start_with_providers().await;
    let ada = app.administrator("Ada").await;
    let provider = app.provider();
    let connection = app.connect(ada.organization(), &provider, Provisioning::Anyone);
    let issuer = provider.issuer();
    for address in ["javascript:alert(1)", "data:text/html,x", "ms-settings:"] {
        let document = json!({
            "issuer": issuer,
            "authorization_endpoint": address,
            "token_endpoint": format!("{issuer}/token"),
            "jwks_uri": format!("{issuer}/jwks"),
            "response_types_supported": ["code"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["ES256"],
        });
        let answer = (200, document.to_string());
        provider.plan(|plan| drop(plan.answers.insert("/.well-known/openid-configuration".into(), answer)));
        app.wait(chrono::TimeDelta::minutes(11));
        let page = app.visitor().get(&format!("/sso/{connection}/start")).await.assert_status(403);
        assert!(page.went.is_empty(), "{address}: {:?}", page.went);
        assert!(app.text("SELECT last_failure FROM connections").contains("description"));
    }
}
