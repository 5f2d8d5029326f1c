//! Several operations of SCIM in one request.

use crate::harness::{TestApp, scim::user};
use serde_json::{Value, json};

const BULK: &str = "urn:ietf:params:scim:api:messages:2.0:BulkRequest";

fn bulk(operations: Value) -> Value {
    json!({ "schemas": [BULK], "Operations": operations })
}

#[actix_web::test]
async fn operations_are_carried_out_in_order_and_name_what_earlier_ones_created() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    let client = app.scim_client(&ada, "Entra ID", |_| {});
    let answer = client
        .send(
            "POST",
            "/Bulk",
            &bulk(json!([
                { "method": "POST", "path": "/Users", "bulkId": "grace", "data": user("Grace") },
                { "method": "post", "path": "/Groups", "bulkId": "navy", "data": { "schemas": [crate::harness::scim::GROUP], "displayName": "Navy", "members": [{ "value": "bulkId:grace" }] } },
                { "method": "PATCH", "path": "/Users/bulkId:grace", "data": { "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"], "Operations": [{ "op": "replace", "path": "title", "value": "Admiral" }] } },
                { "method": "POST", "path": "/Users", "bulkId": "again", "data": user("Grace") },
                { "method": "DELETE", "path": "/Users/018f2f6e-0000-7000-8000-000000000000" },
                { "method": "PUT", "path": "/Users/bulkId:nobody", "data": user("Hedy") },
                { "method": "POST", "path": "/Nothing", "bulkId": "x", "data": {} },
            ])),
        )
        .await
        .assert_status(200)
        .body();
    let told = answer["Operations"].as_array().expect("operations");
    let statuses: Vec<&str> = told.iter().map(|one| one["status"].as_str().expect("a status")).collect();
    assert_eq!(statuses, ["201", "201", "200", "409", "404", "400", "400"]);
    assert_eq!((&told[0]["bulkId"], &told[3]["response"]["scimType"]), (&json!("grace"), &json!("uniqueness")));
    assert!(
        told[0]["location"]
            .as_str()
            .is_some_and(|location| location.starts_with("https://roster.example/scim/v2/Users/"))
    );
    let grace = app.text("SELECT title FROM members m JOIN team_members t ON t.member_id = m.id WHERE first_name = 'Grace'");
    assert_eq!(grace, "Admiral");
}

#[actix_web::test]
async fn the_rest_is_left_after_as_many_failures_as_were_allowed_and_too_many_are_refused() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    let client = app.scim_client(&ada, "Entra ID", |_| {});
    let wrong = json!({ "method": "DELETE", "path": "/Users/nobody" });
    let mut body = bulk(json!([wrong, { "method": "POST", "path": "/Users", "bulkId": "a", "data": user("Grace") }, wrong, wrong]));
    body["failOnErrors"] = json!(2);
    let answer = client.send("POST", "/Bulk", &body).await.assert_status(200).body();
    assert_eq!(answer["Operations"].as_array().map(Vec::len), Some(3));
    let many: Vec<&Value> = std::iter::repeat_n(&wrong, 101).collect();
    client.send("POST", "/Bulk", &bulk(json!(many))).await.assert_scim_error(413, None);
    assert!(
        answer["Operations"][0]["location"]
            .as_str()
            .is_some_and(|location| location.ends_with("/Users/nobody"))
    );
    app.flush_calls();
    let why = app.text("SELECT detail FROM provisioning_calls WHERE status = 200 AND detail IS NOT NULL");
    assert!(why.starts_with("2 of 3 operations were refused."), "{why}");
    // As much as is announced is read.
    let mut large = user("Grace");
    large["nickName"] = json!("x".repeat(900_000));
    client.send("POST", "/Users", &large).await.assert_scim_error(400, Some("invalidValue"));
    client
        .send("POST", "/Bulk", &json!({ "Operations": [] }))
        .await
        .assert_scim_error(400, Some("invalidSyntax"));
    client
        .send("POST", "/Users", &json!({ "userName": "x".repeat(1_100_000) }))
        .await
        .assert_scim_error(413, None);
    let text = client.program.clone().with("content-type", "text/plain");
    text.send("POST", "/scim/v2/Users", &user("Hedy")).await.assert_scim_error(415, None);
    let broken = client.program.ask("POST".parse().unwrap(), "/scim/v2/Users", Some("{".into())).await;
    broken.assert_scim_error(400, Some("invalidSyntax"));
    client.send("POST", "/Users", &json!([])).await.assert_scim_error(400, Some("invalidSyntax"));
}
