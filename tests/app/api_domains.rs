//! `/api/v1/domains`: adding, verifying, binding and removing domains.

use crate::harness::{Person, TestApp, dns::DnsServer, system_accounts::Program, user_creation::audited};
use serde_json::{Value, json};

const DOMAINS: &str = "/api/v1/domains";
const NOBODY: &str = "00000000-0000-0000-0000-000000000001";

async fn app() -> (DnsServer, TestApp, Person, Program) {
    let dns = DnsServer::start();
    let app = TestApp::start_with_dns(&dns).await;
    let ada = app.administrator("Ada").await;
    let root = app.program_with(&ada, "Root", &["*:*:*"]).await;
    (dns, app, ada, root)
}

fn path(domain: &Value) -> String {
    format!("{DOMAINS}/{}", domain["id"].as_str().expect("an id"))
}

fn text<'a>(domain: &'a Value, field: &str) -> &'a str {
    domain["record"][field].as_str().expect("a text")
}

#[actix_web::test]
async fn a_domain_is_added_verified_bound_and_removed() {
    let (dns, app, ada, root) = app().await;
    let made = root.create(DOMAINS, &json!({ "name": "Exämple.org." })).await;
    let one = path(&made);
    assert_eq!((&made["name"], &made["display_name"]), (&json!("xn--exmple-cua.org"), &json!("exämple.org")));
    assert_eq!(
        (&made["state"], &made["method"], &made["connection_id"]),
        (&json!("waiting"), &json!(null), &json!(null))
    );
    assert_eq!((text(&made, "type"), text(&made, "name")), ("TXT", "_roster-challenge.xn--exmple-cua.org"));
    let read = root.get(&one).await;
    assert_eq!((read.json(), read.header("etag")), (made.clone(), "\"1\""));
    assert_eq!(root.get(DOMAINS).await.json()["data"], json!([made]));

    let verification = format!("{one}/verification");
    let missing = root.send("POST", &verification, &json!({})).await.json();
    assert_eq!(missing["state"], "waiting");
    assert!(missing["finding"].as_str().is_some_and(|text| text.contains("no TXT record")), "{missing}");
    dns.set(text(&made, "name"), &[text(&made, "value")]);
    let verified = root.send("POST", &verification, &json!({})).await;
    let version = verified.header("etag").to_owned();
    let verified = verified.json();
    assert_eq!(
        (&verified["state"], &verified["method"], &verified["finding"]),
        (&json!("verified"), &json!("dns"), &json!(null))
    );

    let connection = app.connection(&ada, "Acme", true);
    let wanted = json!({ "connection_id": connection.to_string() });
    root.send("PATCH", &one, &wanted).await.assert_problem(428, "if-match-required");
    let current = root.clone().with("if-match", &version);
    let bound = current.send("PATCH", &one, &wanted).await.json();
    assert_eq!(bound["connection_id"], wanted["connection_id"]);
    assert_eq!(app.connection_for("grace@exämple.org"), Some(connection));
    current
        .send("PATCH", &one, &json!({ "connection_id": null }))
        .await
        .assert_problem(412, "version-changed");
    let any = root.clone().with("if-match", "*");
    let free = any.send("PATCH", &one, &json!({ "connection_id": null })).await.json();
    assert_eq!((&free["connection_id"], app.connection_for("exämple.org")), (&json!(null), None));

    root.delete(&one).await.assert_status(204);
    root.get(&one).await.assert_problem(404, "not-found");
    let actions = ["added", "checked", "verified", "bound", "removed"].map(|what| audited(&app, &format!("domain.{what}")));
    assert_eq!(actions, [1, 1, 1, 2, 1]);
    assert_eq!(
        app.count("SELECT count(*) FROM audit_events WHERE action LIKE 'domain.%' AND credential IS NULL"),
        0
    );
}

#[actix_web::test]
async fn a_dry_run_changes_nothing() {
    let (_dns, app, ada, root) = app().await;
    let wanted = json!({ "name": "engines.example" });
    root.send("POST", &format!("{DOMAINS}?dry_run=true"), &wanted).await.json_of(201);
    assert_eq!(app.count("SELECT count(*) FROM domains"), 0);
    let made = root.create(DOMAINS, &wanted).await;
    let one = path(&made);
    let connection = app.connection(&ada, "Acme", true).to_string();
    let any = root.clone().with("if-match", "*");
    let bound = any
        .send("PATCH", &format!("{one}?dry_run=true"), &json!({ "connection_id": connection }))
        .await
        .json();
    assert_eq!(bound["connection_id"], connection);
    root.delete(&format!("{one}?dry_run=true")).await.assert_status(204);
    root.send("POST", &format!("{one}/verification?dry_run=true"), &json!({}))
        .await
        .assert_fields(&[("?dry_run", "unknown")]);
    assert_eq!(root.get(&one).await.json(), made);
    assert_eq!(app.count("SELECT count(*) FROM audit_events WHERE action LIKE 'domain.%'"), 1);
}

#[actix_web::test]
async fn what_is_wrong_is_named_and_so_is_a_domain_of_others() {
    let (dns, app, ada, root) = app().await;
    for (body, field, code) in [
        (json!({}), "/name", "required"),
        (json!({ "name": "" }), "/name", "invalid"),
        (json!({ "name": "gmail.com" }), "/name", "invalid"),
        (json!({ "name": "ada@engines.example" }), "/name", "invalid"),
        (json!({ "name": "engines.example", "verified": true }), "/verified", "unknown"),
    ] {
        root.assert_field("POST", DOMAINS, &body, field, code).await;
    }
    let made = root.create(DOMAINS, &json!({ "name": "engines.example" })).await;
    root.assert_field("POST", DOMAINS, &json!({ "name": "ENGINES.example" }), "/name", "taken").await;
    let one = path(&made);
    root.assert_field("PATCH", &one, &json!({}), "/connection_id", "required").await;
    root.assert_field("PATCH", &one, &json!({ "connection_id": NOBODY }), "/connection_id", "unknown")
        .await;
    // The connection of another organization is not there.
    let eve = app.another_organization("Elsewhere", "Eve", None).await;
    let theirs = app.connection(&eve, "Theirs", true).to_string();
    root.assert_field("PATCH", &one, &json!({ "connection_id": theirs }), "/connection_id", "unknown")
        .await;

    let foreign = app.program_with(&eve, "Foreign", &["*:*:*"]).await;
    let rival = foreign.create(DOMAINS, &json!({ "name": "engines.example" })).await;
    assert_ne!(text(&rival, "value"), text(&made, "value"));
    dns.set("engines.example", &[text(&rival, "value"), text(&made, "value")]);
    root.send("POST", &format!("{one}/verification"), &json!({})).await.json();
    let taken = foreign.send("POST", &format!("{}/verification", path(&rival)), &json!({})).await;
    taken.assert_problem(422, "domain-taken");
    for _ in 1..20 {
        root.send("POST", &format!("{one}/verification"), &json!({})).await.assert_status(200);
    }
    let refused = root.send("POST", &format!("{one}/verification"), &json!({})).await;
    refused.assert_problem(429, "too-many-checks");
    assert!(refused.header("retry-after").parse::<u64>().is_ok(), "{}", refused.header("retry-after"));
    // The console shows the same.
    ada.get("/settings/domains").await.assert_sees("engines.example");
}

#[actix_web::test]
async fn each_operation_on_domains_needs_its_permission_and_knows_one_organization() {
    let (_dns, app, ada, root) = app().await;
    let one = path(&root.create(DOMAINS, &json!({ "name": "engines.example" })).await);
    let reader = app.program_with(&ada, "Reader", &["connection:read:*"]).await.with("if-match", "*");
    let nobody = app.program_with(&ada, "Nobody", &["user:read:*"]).await;
    let eve = app.another_organization("Elsewhere", "Eve", None).await;
    let foreign = app.program_with(&eve, "Foreign", &["*:*:*"]).await.with("if-match", "*");
    for read in [DOMAINS, &one] {
        let problem = nobody.get(read).await.assert_problem(403, "permission-missing");
        assert_eq!(problem["permission"], "connection:read:*");
        reader.get(read).await.assert_status(200);
    }
    assert_eq!(foreign.get(DOMAINS).await.json()["data"], json!([]));
    foreign.get(&one).await.assert_problem(404, "not-found");
    let body = json!({ "connection_id": null });
    for (method, place) in [
        ("PATCH", one.clone()),
        ("DELETE", one.clone()),
        ("POST", format!("{one}/verification")),
    ] {
        let problem = reader.send(method, &place, &body).await.assert_problem(403, "permission-missing");
        assert_eq!(problem["permission"], "connection:manage:*", "{method} {place}");
        foreign.send(method, &place, &body).await.assert_problem(404, "not-found");
    }
    reader
        .send("POST", DOMAINS, &json!({ "name": "other.example" }))
        .await
        .assert_problem(403, "permission-missing");
    assert_eq!(app.count("SELECT count(*) FROM domains"), 1);
}
