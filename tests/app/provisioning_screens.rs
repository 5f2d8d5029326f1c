//! The screens of provisioning: setting it up, its settings, its calls and its deletion.

use crate::harness::{
    GOOD, Page, Person, TestApp,
    provisioning::{CREATE, PROVISIONING, manage, manage_team, set_up},
    rights::create_role,
    user_creation::audited,
};
use chrono::TimeDelta;
use roster::provisioning::{Call, CallLog};
use serde_json::json;

/// Writes calls of this client, the oldest first: method, path, status, and why it was refused.
fn log(app: &TestApp, by: &Person, path: &str, calls: &[(&str, &str, u16, Option<&str>)]) {
    let log = CallLog::default();
    for (method, of, status, detail) in calls {
        app.wait(TimeDelta::seconds(1));
        log.note(Call {
            organization: by.organization(),
            provisioner: path.rsplit('/').next().expect("an id").parse().expect("an id"),
            at: app.clock.now(),
            method: (*method).into(),
            path: (*of).into(),
            status: *status,
            detail: detail.map(str::to_owned),
            sent: (*method == "POST").then(|| json!({ "userName": "grace@example.org" }).to_string()),
            ms: 12,
        });
    }
    log.flush(&app.db).expect("the calls are written");
}

fn paths(page: &Page) -> Vec<String> {
    page.all("table.calls td a")
}

#[actix_web::test]
async fn setting_it_up_shows_the_base_url_and_the_token_once() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    ada.get(PROVISIONING)
        .await
        .assert_sees("Nobody is provisioned yet")
        .assert_sees("Set up provisioning");
    ada.get(&format!("{PROVISIONING}/new")).await;
    ada.submit(CREATE, &[]).await.assert_status(422).assert_sees("Choose the product");
    let page = ada.submit(CREATE, &[("product", "entra")]).await.assert_status(200);
    assert_eq!(page.all("#base-url"), ["https://roster.example/scim/v2?aadOptscim062020"]);
    let token = page.all("#token").pop().expect("a token");
    assert!(token.starts_with("rst_s_"), "{token}");
    page.assert_sees("shown only this once").assert_sees("Provision on demand");
    assert!(!app.dump().contains(&token));
    let page = ada.get(PROVISIONING).await.assert_sees("Microsoft Entra ID").assert_sees("Never called");
    let page = ada
        .get(&page.link("Microsoft Entra ID"))
        .await
        .assert_sees("No call yet")
        .assert_sees("Works without an end");
    page.assert_sees("aadOptscim062020").assert_sees("Test Connection");
    assert!(!ada.page().body.contains(&token));
    app.program().bearer(&token).get("/scim/v2/Users").await.assert_status(200);
    assert_eq!(audited(&app, "provisioner.created"), 1);
    ada.get("/audit").await.assert_sees("set up provisioning by Microsoft Entra ID");
    // Its name is unique among system accounts.
    ada.get(&format!("{PROVISIONING}/new")).await;
    let page = ada.submit(CREATE, &[("product", "entra"), ("adopts", "1")]).await.assert_status(422);
    page.assert_sees("There is a system account of this name already");
    let (_, kept) = ada.page().form(CREATE);
    assert!(kept.contains(&("adopts".into(), "1".into())), "{kept:?}");
    assert_eq!(app.count("SELECT count(*) FROM provisioners"), 1);
}

#[actix_web::test]
async fn setting_it_up_needs_recent_proof_and_what_was_typed_is_kept() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    let (path, _) = set_up(&ada, "Entra", &[]).await;
    ada.get(&format!("{PROVISIONING}/new")).await;
    let viewer = ada.role("Viewer");
    app.wait(TimeDelta::minutes(16));
    let typed = [
        ("product", "okta"),
        ("name", "Okta"),
        ("removal", "delete"),
        ("allowed_role", viewer.as_str()),
    ];
    let page = ada.submit(CREATE, &typed).await;
    assert!(page.path.starts_with("/sign-in/again?"), "{}", page.text());
    let page = ada.submit("Continue", &[("password", GOOD)]).await.assert_status(200);
    let kept = page.form(CREATE).1;
    for (name, value) in typed {
        assert!(kept.contains(&(name.to_owned(), value.to_owned())), "{name}: {kept:?}");
    }
    for (page, button) in [("edit", "Save settings"), ("deletion", "Delete")] {
        app.wait(TimeDelta::minutes(16));
        ada.get(&format!("{path}/{page}")).await.assert_status(200);
        let answer = ada.submit(button, &[]).await;
        assert!(answer.path.starts_with("/sign-in/again?"), "{page}: {}", answer.text());
        ada.submit("Continue", &[("password", GOOD)]).await.assert_status(200);
    }
    assert_eq!(app.count("SELECT count(*) FROM provisioners"), 1);
}

#[actix_web::test]
async fn only_an_administrator_sets_it_up_and_others_look() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    let (path, _) = set_up(&ada, "Entra", &[]).await;
    log(&app, &ada, &path, &[("GET", "/Users", 200, None)]);
    create_role(&ada, "Watcher", &["connection:read:*", "user:read:*"]).await;
    create_role(&ada, "Gatekeeper", &["connection:manage:*", "user:manage:*", "system_account:manage:*"]).await;
    let whole = |path: &str| format!("/o/{}{path}", ada.organization());
    let kay = ada.welcome("Kay", "Watcher").await;
    kay.get(&whole(PROVISIONING))
        .await
        .assert_status(200)
        .assert_sees("Administrators set up provisioning")
        .assert_misses("General");
    let page = kay
        .get(&whole(&path))
        .await
        .assert_status(200)
        .assert_sees("/scim/v2")
        .assert_misses("What to do at");
    assert!(page.all("a.danger").is_empty());
    kay.get(&page.link("GET /Users")).await.assert_status(200).assert_sees("200 after 12 ms");
    for end in ["/edit", "/deletion"] {
        kay.get(&whole(&format!("{path}{end}"))).await.assert_status(403).assert_sees("connection:manage");
    }
    let lin = ada.welcome("Lin", "Gatekeeper").await;
    for end in [
        "/new".to_owned(),
        format!("{path}/edit").replace(PROVISIONING, ""),
        format!("{path}/deletion").replace(PROVISIONING, ""),
    ] {
        lin.get(&whole(&format!("{PROVISIONING}{end}")))
            .await
            .assert_status(403)
            .assert_sees("only somebody who holds the role Administrator");
    }
    lin.get(&whole("/users")).await;
    for to in [PROVISIONING.to_owned(), path.clone(), format!("{path}/deletion")] {
        lin.post(&whole(&to), &[("name", "Entra")]).await.assert_status(403);
    }
    let grace = ada.welcome("Grace", "User").await;
    grace.get(&whole(PROVISIONING)).await.assert_status(403).assert_sees("connection:read");
    assert_eq!(app.count("SELECT count(*) FROM provisioners"), 1);
}

#[actix_web::test]
async fn an_edit_over_the_edit_of_somebody_else_is_refused_and_nothing_typed_is_lost() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    let (path, _) = set_up(&ada, "Entra", &[]).await;
    let grace = ada.welcome_administrator("Grace").await;
    let edit = format!("{path}/edit");
    ada.get(&edit).await;
    grace.get(&edit).await;
    ada.submit("Save settings", &[("removal", "delete"), ("adopts", "1")])
        .await
        .assert_sees("The settings are saved")
        .assert_sees("Is deleted here")
        .assert_sees("May be taken over");
    let page = grace.submit("Save settings", &[("reaches_administrators", "1")]).await.assert_status(409);
    page.assert_sees("Somebody else changed these settings meanwhile");
    let kept = grace.page().form("Save settings").1;
    assert!(kept.contains(&("reaches_administrators".into(), "1".into())) && kept.contains(&("removal".into(), "disable".into())));
    // Sent again, it is meant.
    grace
        .submit("Save settings", &[])
        .await
        .assert_sees("May be changed by it")
        .assert_sees("Is disabled here");
    assert_eq!(audited(&app, "provisioner.edited"), 2);
}

#[actix_web::test]
async fn deleting_it_ends_its_token_and_leaves_its_people_to_the_administrators() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    let (path, token) = set_up(&ada, "Entra", &[]).await;
    ada.welcome("Grace", "User").await;
    ada.create_team("Platform").await;
    manage(&app, "Grace");
    manage_team(&app, "Platform");
    app.program().bearer(&token).get("/scim/v2/Users").await.assert_status(200);
    ada.get(&path).await.assert_sees("1 person and 1 team");
    let page = ada.get(&format!("{path}/deletion")).await.assert_sees("1 person and 1 team stay as they are");
    page.assert_sees("this cannot be undone");
    ada.submit("Delete", &[("name", "something else")])
        .await
        .assert_status(422)
        .assert_sees("Type the name");
    ada.submit("Delete", &[("name", "Entra")])
        .await
        .assert_sees("Entra is deleted")
        .assert_sees("Nobody is provisioned yet");
    app.program().bearer(&token).get("/scim/v2/Users").await.assert_status(401);
    let profile = format!("/users/{}", ada.member("Grace").await);
    ada.get(&profile).await.assert_misses("Managed by");
    ada.submit("Save changes", &[("first_name", "Grace"), ("last_name", "Hopper")])
        .await
        .assert_sees("The details are saved");
    ada.get(&path).await.assert_status(404);
    assert_eq!(audited(&app, "provisioner.deleted"), 1);
}

#[actix_web::test]
async fn the_calls_tell_what_was_sent_and_why_it_was_refused() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    let (path, _) = set_up(&ada, "Entra", &[]).await;
    let many: Vec<(&str, &str, u16, Option<&str>)> = (0..120).map(|_| ("GET", "/Users?filter=userName eq \"x\"", 200, None)).collect();
    log(&app, &ada, &path, &many);
    log(&app, &ada, &path, &[("POST", "/Users", 403, Some("All 20 seats are taken."))]);
    ada.get(PROVISIONING).await.assert_sees("Refused").assert_sees("All 20 seats are taken.");
    let page = ada.get(&path).await.assert_sees("The latest call was refused");
    assert_eq!((paths(&page).len(), paths(&page)[0].as_str()), (100, "POST /Users"));
    assert_eq!(paths(&page)[1], "GET /Users?filter=userName eq \"x\"");
    let older = ada.get(&page.link("Older")).await;
    assert_eq!(paths(&older).len(), 21);
    assert!(older.all("a").contains(&"Newest".to_owned()) && !older.all("a").contains(&"Older".to_owned()));
    let refused = ada.get(&page.link("Refused")).await;
    assert_eq!(paths(&refused), ["POST /Users"]);
    let call = ada.get(&refused.link("POST /Users")).await.assert_sees("Why not All 20 seats are taken.");
    assert_eq!(call.all("pre"), ["{ \"userName\": \"grace@example.org\" }"]);
    // What worked since is told first, but the refused call for a day.
    log(&app, &ada, &path, &[("GET", "/Users", 200, None)]);
    ada.get(PROVISIONING).await.assert_sees("Refused lately");
    app.wait(TimeDelta::days(2));
    let later = app.visitor();
    later.sign_in("ada@example.org", GOOD).await;
    later.get(&format!("/o/{}{PROVISIONING}", ada.organization())).await.assert_sees("Works");
}

#[actix_web::test]
async fn a_client_that_can_no_longer_call_says_so() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    let (path, _) = set_up(&ada, "Entra", &[]).await;
    let account = ada.account("Entra").await;
    ada.get(&format!("/system-accounts/{account}")).await.assert_sees("Provisioning client");
    app.execute("UPDATE tokens SET revoked_at = created_at");
    ada.get(&path).await.assert_sees("No token of it works");
    ada.get(&format!("/system-accounts/{account}/disablement")).await;
    ada.submit("Disable", &[]).await.assert_status(200);
    ada.get(PROVISIONING).await.assert_sees("Account disabled");
    ada.get(&path).await.assert_sees("Its system account is disabled");
}

#[actix_web::test]
async fn a_client_of_another_organization_is_not_there() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    let (path, _) = set_up(&ada, "Entra", &[]).await;
    log(&app, &ada, &path, &[("GET", "/Users", 200, None)]);
    let call = ada.get(&path).await.link("GET /Users");
    let call = call.rsplit('/').next().expect("an id").to_owned();
    let mallory = app.another_organization("Mallory Ltd", "Mallory", None).await;
    mallory.get(PROVISIONING).await.assert_sees("Nobody is provisioned yet");
    let one = format!("/calls/{call}");
    for end in ["", "/edit", "/deletion", one.as_str()] {
        mallory.get(&format!("{path}{end}")).await.assert_status(404);
    }
    for end in ["", "/deletion"] {
        mallory.get(&format!("{PROVISIONING}/new")).await;
        mallory.post(&format!("{path}{end}"), &[("name", "Entra")]).await.assert_status(404);
    }
    // Nor is it under another client of the same organization.
    let (other, _) = set_up(&ada, "Okta", &[]).await;
    ada.get(&format!("{other}/calls/{call}")).await.assert_status(404);
    assert_eq!(app.count("SELECT count(*) FROM provisioners"), 2);
}
