//! Finding users and groups by SCIM: filters, pages, sorting, and what an answer holds.

use crate::harness::{Person, TestApp, scim::ScimClient};
use chrono::TimeDelta;
use serde_json::{Value, json};

async fn app() -> (TestApp, Person, ScimClient, Vec<String>) {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    let client = app.scim_client(&ada, "Entra ID", |_| {});
    let mut ids = vec![];
    for name in ["Cleo", "Bess", "Élise", "Dora"] {
        ids.push(client.create(name).await);
        // Those of one instant have no order.
        app.wait(TimeDelta::seconds(1));
    }
    (app, ada, client, ids)
}

#[actix_web::test]
async fn a_filter_finds_the_same_by_an_index_and_by_looking_at_everybody() {
    let (_, _, client, ids) = app().await;
    client.set_active(&ids[3], false).await.assert_status(200);
    let of = |places: &[usize]| places.iter().map(|at| ids[*at].clone()).collect::<Vec<_>>();
    for (filter, places) in [
        (r#"userName eq "CLEO@example.org""#.to_owned(), vec![0]),
        (r#"not (userName ne "cleo@example.org")"#.to_owned(), vec![0]),
        (r#"externalId eq "id-bess""#.to_owned(), vec![1]),
        (r#"externalId eq "ID-BESS""#.to_owned(), vec![]),
        (r#"emails[type eq "work"].value eq "bess@example.org""#.to_owned(), vec![1]),
        (r#"emails[type eq "home"].value eq "bess@example.org""#.to_owned(), vec![]),
        (r#"emails[type eq "work" and value co "@example"] and name.givenName sw "b""#.to_owned(), vec![1]),
        (format!(r#"id eq "{}""#, ids[2]), vec![2]),
        (r#"id eq "nonsense""#.to_owned(), vec![]),
        ("active eq false".to_owned(), vec![3]),
        ("externalId pr and active eq true".to_owned(), vec![0, 1, 2]),
        (r#"userName eq "cleo@example.org" or name.givenName eq "Dora""#.to_owned(), vec![0, 3]),
        (r#"userName eq "cleo@example.org" and externalId eq "id-bess""#.to_owned(), vec![]),
        (r#"urn:ietf:params:scim:schemas:core:2.0:User:userName eq "cleo@example.org""#.to_owned(), vec![0]),
        (r#"userName eq "%@example.org""#.to_owned(), vec![]),
        ("userName eq \"a\\u0000b\"".to_owned(), vec![]),
    ] {
        let expected = of(&places);
        assert_eq!(client.find(&filter).await, (expected.clone(), i64::try_from(expected.len()).unwrap()), "{filter}");
    }
    // Any of their addresses finds them, also one that is none here.
    let emails = json!([{ "value": "cleo@example.org", "type": "work", "primary": true }, { "value": "Cleo@Home.example", "type": "home" }, { "value": "no address" }]);
    client
        .patch(&format!("/Users/{}", ids[0]), json!([{ "op": "replace", "path": "emails", "value": emails }]))
        .await
        .assert_status(200);
    for filter in [
        r#"emails.value eq "cleo@home.example""#,
        r#"emails[type eq "home"].value eq "cleo@home.example""#,
        r#"emails eq "no address""#,
    ] {
        assert_eq!(client.find(filter).await.0, of(&[0]), "{filter}");
    }
    // Somebody whom no client sent is found as well.
    assert_eq!(client.find(r#"displayName eq "ada""#).await.1, 1);
}

#[actix_web::test]
async fn a_filter_asks_only_for_what_an_answer_tells() {
    let (_, _, client, _) = app().await;
    for filter in [
        "password pr",
        "password sw \"a\"",
        "nothing eq 1",
        "name.password pr",
        "userName eq \"x\" or \"1\"=\"1\"",
        "userName",
        "",
    ] {
        let path = format!("/Users?{}", serde_html_form::to_string([("filter", filter)]).expect("a query"));
        client.get(&path).await.assert_scim_error(400, Some("invalidFilter"));
    }
    let deep = format!("{}userName pr{}", "(".repeat(1_000), ")".repeat(1_000));
    client
        .get(&format!("/Users?filter={deep}").replace(' ', "%20"))
        .await
        .assert_scim_error(400, Some("invalidFilter"));
}

#[actix_web::test]
async fn pages_tell_the_true_total_in_the_order_of_creation() {
    let (_, _, client, ids) = app().await;
    let page = async |query: &str| {
        let body = client.get(&format!("/Users?{query}")).await.assert_status(200).body();
        let ids: Vec<String> = body["Resources"]
            .as_array()
            .expect("a list")
            .iter()
            .map(|one| one["id"].as_str().unwrap().to_owned())
            .collect();
        (body["totalResults"].as_i64().unwrap(), body["startIndex"].as_i64().unwrap(), ids)
    };
    // Ada comes first.
    assert_eq!(page("startIndex=2&count=2").await, (5, 2, ids[..2].to_vec()));
    assert_eq!(page("startIndex=4&count=1000000000").await, (5, 4, ids[2..].to_vec()));
    assert_eq!(page("count=0").await, (5, 1, vec![]));
    assert_eq!(page("startIndex=-1&count=-1").await, (5, 1, vec![]));
    assert_eq!(page("startIndex=99").await, (5, 99, vec![]));
    assert_eq!(page("filter=externalId+pr&startIndex=2&count=2").await, (4, 2, ids[1..3].to_vec()));
    let sorted = ["Bess", "Cleo", "Dora", "Élise"];
    let by_name = client.get("/Users?filter=externalId+pr&sortBy=name.givenName").await.body();
    let names = |body: &Value| {
        body["Resources"]
            .as_array()
            .unwrap()
            .iter()
            .map(|one| one["name"]["givenName"].as_str().unwrap().to_owned())
            .collect::<Vec<_>>()
    };
    assert_eq!(names(&by_name), sorted);
    let back = client
        .get("/Users?filter=externalId+pr&sortBy=name.givenName&sortOrder=descending&count=2")
        .await
        .body();
    assert_eq!(names(&back), ["Élise", "Dora"]);
    client.get("/Users?count=many").await.assert_scim_error(400, Some("invalidValue"));
}

#[actix_web::test]
async fn an_answer_holds_what_was_asked_for_and_a_search_may_be_posted() {
    let (_, _, client, ids) = app().await;
    let path = format!("/Users/{}?attributes=userName,name.familyName", ids[0]);
    let told = client.get(&path).await.assert_status(200).body();
    assert_eq!(
        (&told["id"], &told["userName"], &told["name"]),
        (&json!(ids[0]), &json!("cleo@example.org"), &json!({ "familyName": "Example" }))
    );
    assert!(told.get("emails").is_none() && told.get("active").is_none());
    let without = client.get(&format!("/Users/{}?excludedAttributes=emails,password", ids[0])).await.body();
    assert!(without.get("emails").is_none() && without.get("password").is_none() && without["active"] == json!(true));
    let search = json!({ "schemas": ["urn:ietf:params:scim:api:messages:2.0:SearchRequest"], "filter": "userName sw \"cleo\"", "attributes": ["userName"] });
    for path in ["/Users/.search", "/.search"] {
        let found = client.send("POST", path, &search).await.assert_status(200).body();
        assert_eq!((&found["totalResults"], &found["Resources"][0]["id"]), (&json!(1), &json!(ids[0])), "{path}");
    }
    let team = client.create_group("Navy", &[&ids[0]]).await;
    let groups =
        json!({ "schemas": ["urn:ietf:params:scim:api:messages:2.0:SearchRequest"], "filter": format!("members.value eq \"{}\"", ids[0]) });
    let found = client.send("POST", "/Groups/.search", &groups).await.assert_status(200).body();
    assert_eq!((&found["totalResults"], &found["Resources"][0]["id"]), (&json!(1), &json!(team)));
    client
        .send("POST", "/Users/.search", &json!({ "filter": "userName pr" }))
        .await
        .assert_scim_error(400, Some("invalidSyntax"));
}

#[actix_web::test]
async fn what_the_service_offers_is_the_same_for_everybody_and_is_not_filtered() {
    let (app, _, client, _) = app().await;
    let configuration = client.get("/ServiceProviderConfig").await.assert_status(200).body();
    assert_eq!(
        (&configuration["filter"]["maxResults"], &configuration["bulk"]["maxOperations"]),
        (&json!(200), &json!(100))
    );
    assert_eq!(client.get("/ResourceTypes").await.body()["totalResults"], 2);
    client.get("/ResourceTypes/User").await.assert_status(200);
    client.get("/ResourceTypes/Nothing").await.assert_scim_error(404, None);
    for schema in client.get("/Schemas").await.body()["Resources"].as_array().expect("schemas") {
        let id = schema["id"].as_str().expect("an id");
        assert_eq!(client.get(&format!("/Schemas/{id}")).await.assert_status(200).body(), *schema);
    }
    for path in ["/ServiceProviderConfig", "/ResourceTypes", "/Schemas"] {
        client.get(&format!("{path}?filter=id+pr")).await.assert_scim_error(403, None);
    }
    client.get("/Me").await.assert_scim_error(501, None);
    let eve = app.another_organization("Other", "Eve", None).await;
    let other = app.scim_client(&eve, "Okta", |_| {});
    for path in ["/ServiceProviderConfig", "/ResourceTypes", "/Schemas"] {
        assert_eq!(other.get(path).await.body(), client.get(path).await.body());
    }
}
