//! A credential that is limited to networks makes no other one that works from elsewhere.

use crate::harness::{Person, TestApp, system_accounts::Program};
use roster::kit::MemberId;
use serde_json::{Value, json};

/// An organization with the system account `deploy` of the role CI/CD.
async fn app() -> (TestApp, Person, MemberId) {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    let deploy = app.machine(ada.organization(), "deploy", "CI/CD");
    (app, ada, deploy)
}

/// A program that may do everything, but only from these networks. Requests of tests come from 203.0.113.7.
async fn limited(app: &TestApp, ada: &Person, networks: &str) -> Program {
    let program = app.program_as_with(ada, "limited", "Administrator", &[("addresses", networks)]).await;
    program.with("if-match", "*")
}

/// A request for a token from these networks, or from none in particular.
fn request(name: &str, networks: &[&str]) -> Value {
    let mut request = json!({ "name": name, "mode": "read_write", "expires_at": null });
    if !networks.is_empty() {
        request["networks"] = json!(networks);
    }
    request
}

fn of(account: MemberId) -> String {
    format!("/api/v1/system_accounts/{account}/tokens")
}

#[actix_web::test]
async fn a_new_token_works_from_the_same_networks_or_from_fewer() {
    let (app, ada, deploy) = app().await;
    let program = limited(&app, &ada, "203.0.113.0/24\n2001:db8::/33 2001:db8:8000::/33").await;
    let made = program.send("POST", &of(deploy), &request("same", &[])).await.json_of(201);
    assert_eq!(made["networks"], json!(["203.0.113.0/24", "2001:db8::/33", "2001:db8:8000::/33"]));
    let text = made["text"].as_str().expect("the text");
    app.program().bearer(text).me().await.json();
    let elsewhere = app.program().bearer(text).at_address("198.51.100.7");
    elsewhere.me().await.assert_problem(403, "address-not-allowed");
    for (name, networks) in [
        ("one address", &["203.0.113.9"][..]),
        ("part", &["203.0.113.128/25", "2001:db8:1::/48"]),
        ("joined", &["2001:db8::/32"]),
    ] {
        program.send("POST", &of(deploy), &request(name, networks)).await.json_of(201);
    }
    for networks in [
        &["198.51.100.7"][..],
        &["203.0.112.0/23"],
        &["203.0.113.9", "198.51.100.7"],
        &["0.0.0.0/0"],
        &["::/0"],
    ] {
        for how in ["", "?dry_run=true"] {
            let asked = program.send("POST", &format!("{}{how}", of(deploy)), &request("wider", networks)).await;
            asked.assert_problem(403, "beyond-your-networks");
        }
    }
    assert_eq!(app.count("SELECT count(*) FROM tokens WHERE name = 'wider'"), 0);
    // People decide for themselves, and so does a credential that works from anywhere.
    let free = app.administrating_program(&ada).await;
    assert_eq!(free.send("POST", &of(deploy), &request("free", &[])).await.json_of(201)["networks"], json!([]));
}

#[actix_web::test]
async fn no_new_text_is_told_of_a_token_that_works_from_elsewhere() {
    let (app, ada, deploy) = app().await;
    let free = app.administrating_program(&ada).await;
    let place = async |name: &str, networks: &[&str]| {
        let made = free.send("POST", &of(deploy), &request(name, networks)).await.json_of(201);
        format!("/api/v1/tokens/{}/regeneration", made["id"].as_str().expect("an id"))
    };
    let (anywhere, elsewhere, inside) = (
        place("anywhere", &[]).await,
        place("elsewhere", &["198.51.100.0/24"]).await,
        place("inside", &["203.0.113.7"]).await,
    );
    let program = limited(&app, &ada, "203.0.113.0/24").await;
    for place in [&anywhere, &elsewhere] {
        program.send("POST", place, &json!({})).await.assert_problem(403, "beyond-your-networks");
    }
    program.send("POST", &inside, &json!({})).await.json();
}

#[actix_web::test]
async fn no_api_password_is_set_from_within_networks() {
    let (app, ada, _) = app().await;
    ada.welcome("Grace", "User").await;
    let grace = format!("/api/v1/users/{}", ada.member("Grace").await);
    let program = limited(&app, &ada, "203.0.113.0/24").await;
    program.send("PUT", &format!("{grace}/api_access"), &json!({})).await.assert_status(204);
    let password = json!({ "generate_password": true });
    let asked = program.send("PUT", &format!("{grace}/api_password"), &password).await;
    asked.assert_problem(403, "beyond-your-networks");
    assert_eq!(app.count("SELECT count(*) FROM api_access WHERE hash IS NOT NULL"), 0);
    let free = app.administrating_program(&ada).await;
    free.send("PUT", &format!("{grace}/api_password"), &password).await.json();
}
