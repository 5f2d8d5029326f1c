//! People whom identity providers keep up to date by SCIM: created, changed, disabled and removed by the console's operations.

use crate::harness::{
    TestApp,
    scim::{USER, user},
    user_creation::audited,
};
use chrono::TimeDelta;
use serde_json::{Value, json};

#[actix_web::test]
async fn a_provisioned_person_is_a_member_at_once_and_is_answered_whole() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    let client = app.scim_client(&ada, "Entra ID", |_| {});
    let mut sent = user("Grace");
    sent["password"] = json!("a secret that nobody keeps");
    sent["groups"] = json!([{ "value": "nothing" }]);
    sent["title"] = json!("Rear admiral");
    sent["urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"] = json!({ "department": "Navy" });
    let answer = client.send("POST", "/Users", &sent).await.assert_status(201);
    let body = answer.body();
    let id = body["id"].as_str().expect("an id").to_owned();
    assert_eq!(answer.header("content-type"), "application/scim+json");
    assert_eq!(answer.header("location"), format!("https://roster.example/scim/v2/Users/{id}"));
    assert_eq!(answer.header("etag"), body["meta"]["version"].as_str().expect("a version"));
    assert_eq!(
        (&body["userName"], &body["externalId"], &body["active"]),
        (&json!("grace@example.org"), &json!("id-grace"), &json!(true))
    );
    assert_eq!(body["name"], sent["name"]);
    assert_eq!(body["urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"]["department"], "Navy");
    assert_eq!((body.get("password"), body["groups"].as_array().map(Vec::len)), (None, Some(0)));
    assert_eq!(client.get(&format!("/Users/{id}")).await.assert_status(200).body(), body);
    // She is in the directory, with the role that new people get, and may not sign in by a password that somebody sent.
    let page = ada.get(&format!("/users/{id}")).await.assert_status(200);
    page.assert_sees("Grace Example").assert_sees("grace@example.org");
    assert_eq!(app.text("SELECT title FROM members WHERE first_name = 'Grace'"), "Rear admiral");
    assert_eq!(app.count("SELECT count(*) FROM passwords"), 1, "Ada's alone");
    assert_eq!(audited(&app, "member.created"), 1);
    let actor = app.text("SELECT actor_name FROM audit_events WHERE action = 'member.created'");
    assert_eq!(actor, "Entra ID");
    assert!(!app.dump().contains("a secret that nobody keeps"));
}

#[actix_web::test]
async fn a_person_who_is_disabled_there_is_out_on_the_next_request_of_every_process() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    let grace = ada.welcome("Grace", "User").await;
    let client = app.scim_client(&ada, "Entra ID", |settings| settings.adopts = true);
    let id = ada.member("Grace").await;
    let other = app.another().await;
    grace.get("/users").await.assert_status(200);
    grace.at(&other).get("/users").await.assert_status(200);
    app.wait(TimeDelta::seconds(1));
    let answer = client.set_active(&id, false).await.assert_status(200);
    assert_eq!(answer.body()["active"], false);
    for at in [grace.at(&other), grace.at(&app)] {
        assert!(at.get("/users").await.path.starts_with("/sign-in"));
    }
    // Still there to be read, with who did it.
    assert_eq!(client.get(&format!("/Users/{id}")).await.assert_status(200).body()["active"], false);
    ada.get(&format!("/users/{id}")).await.assert_sees("Deactivated by Entra ID.");
    // Enabling brings no session back.
    app.wait(TimeDelta::seconds(1));
    client.set_active(&id, true).await.assert_status(200);
    assert!(grace.get("/users").await.path.starts_with("/sign-in"));
    assert_eq!((audited(&app, "member.disabled"), audited(&app, "member.enabled")), (1, 1));
    // Saying again what is so changes nothing.
    client.set_active(&id, true).await.assert_status(200);
    assert_eq!(audited(&app, "member.enabled"), 1);
}

#[actix_web::test]
async fn an_address_that_was_sent_becomes_the_address_here_only_in_a_domain_of_the_organization() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    let client = app.scim_client(&ada, "Entra ID", |_| {});
    let grace = client.create("Grace").await;
    let address = |app: &TestApp| app.text("SELECT email FROM users u JOIN members m ON m.user_id = u.id WHERE m.first_name = 'Grace'");
    let send = |value: &str| json!([{ "op": "replace", "path": "emails[type eq \"work\"].value", "value": value }]);
    let path = format!("/Users/{grace}");
    // An attacker who runs the provider could have a link to set a password sent there.
    let answer = client.patch(&path, send("eve@evil.example")).await.assert_status(200);
    assert_eq!(answer.body()["emails"][0]["value"], "eve@evil.example", "it is kept as it came");
    assert_eq!(address(&app), "grace@example.org");
    ada.get(&path.replace("/Users", "/users")).await.assert_sees("eve@evil.example");
    // As long as the provider does not decide the address, administrators do.
    ada.get(&format!("{}/email", path.replace("/Users", "/users")))
        .await
        .assert_misses("cannot be changed here");
    // Filters find what the provider says.
    let (found, _) = client.find(r#"emails.value eq "EVE@evil.example""#).await;
    assert_eq!(found, std::slice::from_ref(&grace));
    app.own_domain(ada.organization(), "acme.example");
    client.patch(&path, send("grace@acme.example")).await.assert_status(200);
    assert_eq!(address(&app), "grace@acme.example");
    assert!(app.inbox("grace@example.org").text.contains("grace@acme.example"), "the old address is told");
    ada.get(&format!("{}/email", path.replace("/Users", "/users")))
        .await
        .assert_sees("cannot be changed here");
    // Somebody else's address is taken, whatever the domain is.
    client.create("Hedy").await;
    let why = client.patch(&path, send("hedy@example.org")).await.assert_status(200);
    assert_eq!(why.body()["emails"][0]["value"], "hedy@example.org");
    assert_eq!(address(&app), "grace@acme.example");
}

#[actix_web::test]
async fn seats_count_exactly_also_for_clients_that_send_at_once() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    let client = app.scim_client(&ada, "Entra ID", |_| {});
    app.set_seats(ada.organization(), Some(4));
    let all = ["Bess", "Cleo", "Dora", "Edna", "Fay", "Gwen"].map(|name| {
        let client = client.clone();
        async move { client.send("POST", "/Users", &user(name)).await }
    });
    let answers = futures_util::future::join_all(all).await;
    let refused: Vec<_> = answers.into_iter().filter(|answer| answer.0.status != 201).collect();
    assert_eq!(refused.len(), 3);
    for answer in refused {
        assert_eq!(
            answer.assert_scim_error(403, None),
            "All 4 seats are taken. Free one or change the plan, then retry."
        );
    }
    // Somebody who is disabled takes no seat, and cannot come back into a full organization.
    let mut sent = user("Hedy");
    sent["active"] = json!(false);
    let hedy = client.send("POST", "/Users", &sent).await.assert_status(201).body();
    client.set_active(hedy["id"].as_str().expect("an id"), true).await.assert_scim_error(403, None);
}

#[actix_web::test]
async fn a_removed_person_is_disabled_and_left_to_administrators_or_deleted_where_that_is_wanted() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    let client = app.scim_client(&ada, "Entra ID", |_| {});
    let grace = client.create("Grace").await;
    client.delete(&format!("/Users/{grace}")).await.assert_status(204);
    assert_eq!(app.text("SELECT status FROM members WHERE first_name = 'Grace'"), "disabled");
    assert_eq!(client.find(r#"externalId eq "id-grace""#).await.1, 0);
    client.send("POST", "/Users", &user("Grace")).await.assert_scim_error(409, Some("uniqueness"));
    assert_eq!(audited(&app, "member.released"), 1);
    let deleting = app.scim_client(&ada, "Okta", |settings| settings.deletes = true);
    let hedy = deleting.create("Hedy").await;
    deleting.delete(&format!("/Users/{hedy}")).await.assert_status(204);
    deleting.get(&format!("/Users/{hedy}")).await.assert_scim_error(404, None);
    deleting.delete(&format!("/Users/{hedy}")).await.assert_scim_error(404, None);
    // The names are free again.
    assert_ne!(deleting.create("Hedy").await, hedy);
}

#[actix_web::test]
async fn roles_come_from_the_provider_only_where_they_are_allowed_and_never_the_administrators() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    app.role(ada.organization(), "Contracts", &["user:read:*"]);
    app.role(ada.organization(), "Payroll", &["user:read:*"]);
    let contracts = app.role_id(&ada, "Contracts").parse().expect("an id");
    let held = |app: &TestApp| {
        app.texts("SELECT r.name FROM member_roles g JOIN roles r ON r.id = g.role_id JOIN members m ON m.id = g.member_id WHERE m.first_name = 'Grace' ORDER BY r.name")
    };
    let client = app.scim_client(&ada, "Entra ID", |settings| settings.allowed_roles = vec![contracts]);
    let grace = client.create("Grace").await;
    assert_eq!(held(&app), ["User"]);
    let roles = |names: &[&str]| json!([{ "op": "replace", "path": "roles", "value": names.iter().map(|name| json!({ "value": name })).collect::<Vec<Value>>() }]);
    let path = format!("/Users/{grace}");
    client.patch(&path, roles(&["contracts", "Payroll", "Administrator"])).await.assert_status(200);
    assert_eq!(held(&app), ["Contracts", "User"]);
    client.patch(&path, roles(&[])).await.assert_status(200);
    assert_eq!(held(&app), ["User"], "what administrators gave stays");
}

#[actix_web::test]
async fn an_external_id_is_a_text_of_its_client_and_opens_nothing() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    let client = app.scim_client(&ada, "Entra ID", |_| {});
    let grace = client.create("Grace").await;
    let mut hedy = user("Hedy");
    for (external_id, status, scim_type) in [
        (json!("id-grace"), 409, Some("uniqueness")),
        (json!(1), 400, Some("invalidValue")),
        (json!("x".repeat(513)), 400, Some("invalidValue")),
        (json!("a\u{0}b"), 400, Some("invalidValue")),
    ] {
        hedy["externalId"] = external_id;
        client.send("POST", "/Users", &hedy).await.assert_scim_error(status, scim_type);
    }
    // An id or an address of somebody else is a text as any other.
    hedy["externalId"] = json!(grace);
    let created = client.send("POST", "/Users", &hedy).await.assert_status(201).body();
    assert_ne!(created["id"], json!(grace));
    client.get("/Users/id-grace").await.assert_scim_error(404, None);
    // Another client has names of its own.
    let other = app.scim_client(&ada, "Okta", |_| {});
    let mut cleo = user("Cleo");
    cleo["externalId"] = json!("id-grace");
    other.send("POST", "/Users", &cleo).await.assert_status(201);
}

#[actix_web::test]
async fn what_was_changed_since_it_was_read_is_not_overwritten() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    let client = app.scim_client(&ada, "Entra ID", |_| {});
    let grace = client.create("Grace").await;
    let path = format!("/Users/{grace}");
    let read = client.get(&path).await.header("etag").to_owned();
    let unchanged = client.program.clone().with("if-none-match", &read).get(&format!("/scim/v2{path}")).await;
    unchanged.assert_status(304);
    let careful = client.program.clone().with("if-match", &read);
    let mut sent = user("Grace");
    sent["title"] = json!("Rear admiral");
    careful.send("PUT", &format!("/scim/v2{path}"), &sent).await.assert_status(200);
    careful.send("PUT", &format!("/scim/v2{path}"), &sent).await.assert_scim_error(412, None);
    careful.delete(&format!("/scim/v2{path}")).await.assert_scim_error(412, None);
    assert_ne!(client.get(&path).await.header("etag"), read);
}

#[actix_web::test]
async fn a_person_is_replaced_whole_but_an_absent_status_stays() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    let client = app.scim_client(&ada, "Okta", |_| {});
    let mut sent = user("Grace");
    (sent["title"], sent["phoneNumbers"]) = (json!("Admiral"), json!([{ "value": "+1 202", "type": "work" }]));
    let grace = client.send("POST", "/Users", &sent).await.assert_status(201).body();
    let path = format!("/Users/{}", grace["id"].as_str().expect("an id"));
    client.set_active(grace["id"].as_str().expect("an id"), false).await.assert_status(200);
    let mut whole = grace.clone();
    let fields = whole.as_object_mut().expect("an object");
    fields.remove("active");
    fields.remove("title");
    whole["name"]["givenName"] = json!("Grace M.");
    let replaced = client.send("PUT", &path, &whole).await.assert_status(200).body();
    assert_eq!((&replaced["active"], replaced.get("title")), (&json!(false), None), "a disabling is not lost");
    let details = app.text("SELECT first_name || '|' || title || '|' || phone FROM members WHERE last_name = 'Example'");
    assert_eq!(details, "Grace M.||+1 202");
    whole["id"] = json!("018f2f6e-0000-7000-8000-000000000000");
    // What only the server writes is ignored in a whole person (RFC 7644, section 3.5.1).
    let kept = client.send("PUT", &path, &whole).await.assert_status(200).body();
    assert_eq!(kept["id"], grace["id"]);
    let other_id = json!([{ "op": "replace", "path": "id", "value": whole["id"] }]);
    client.patch(&path, other_id).await.assert_scim_error(400, Some("mutability"));
    client
        .send("PUT", &path, &json!({ "schemas": [USER] }))
        .await
        .assert_scim_error(400, Some("invalidValue"));
}

#[actix_web::test]
async fn what_a_client_sent_stands_in_its_log_without_passwords() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    let client = app.scim_client(&ada, "Entra ID", |_| {});
    let mut sent = user("Grace");
    sent["password"] = json!("a secret that nobody keeps");
    client.send("POST", "/Users", &sent).await.assert_status(201);
    client.send("POST", "/Users", &sent).await.assert_status(409);
    client.get("/Users?filter=userName+eq+%22x%22").await.assert_status(200);
    client.get("/Nothing").await.assert_status(404);
    app.flush_calls();
    let calls = app.texts("SELECT method || ' ' || path || ' ' || status FROM provisioning_calls ORDER BY id");
    assert_eq!(calls.len(), 4);
    for call in [
        "POST /Users 201",
        "POST /Users 409",
        "GET /Users?filter=userName eq \"x\" 200",
        "GET /Nothing 404",
    ] {
        assert!(calls.iter().any(|known| known == call), "{call} in {calls:?}");
    }
    let details = app.texts("SELECT detail FROM provisioning_calls WHERE status = 409");
    assert!(details[0].contains("userName"), "{details:?}");
    assert!(!app.dump().contains("a secret that nobody keeps"));
    assert_eq!(
        app.count("SELECT count(*) FROM provisioners WHERE last_call_at IS NOT NULL AND last_failure IS NOT NULL"),
        1
    );
    // They go after thirty days.
    app.wait(TimeDelta::days(31));
    app.db.write_here(|tx| roster::provisioning::sweep(tx, app.clock.now())).expect("it is swept");
    assert_eq!(app.count("SELECT count(*) FROM provisioning_calls"), 0);
}
