//! API access of people: off until an administrator turns it on; their tokens, and their API password.

use crate::harness::{BETTER, GOOD, Person, TestApp};

const API: &str = "a kettle of fourteen herons";

/// An organization with Grace and her member id. Nobody has API access yet.
async fn app() -> (TestApp, Person, Person, String) {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    let grace = ada.welcome("Grace Hopper", "User").await;
    let id = ada.member("Grace Hopper").await;
    (app, ada, grace, id)
}

async fn turn_on(ada: &Person, id: &str) {
    ada.get(&format!("/users/{id}/api")).await.assert_sees("Off: neither tokens");
    ada.submit("Turn on", &[]).await.assert_sees("may use the API now");
}

async fn set_password(ada: &Person, id: &str, password: &str) {
    ada.get(&format!("/users/{id}/api/password")).await.assert_status(200);
    let fields = [("choice", "typed"), ("password", password)];
    ada.submit("Set the API password", &fields)
        .await
        .assert_sees("The API password of Grace Hopper is set.");
}

#[actix_web::test]
async fn a_person_is_told_by_their_stored_names_whichever_was_typed() {
    let (app, ada, _, id) = app().await;
    turn_on(&ada, &id).await;
    set_password(&ada, &id, API).await;
    app.execute("UPDATE users SET username = 'hopper' WHERE email = 'grace.hopper@example.org'");
    app.execute("INSERT INTO user_names (name_key, user_id) SELECT 'hopper', id FROM users WHERE username = 'hopper'");
    for name in ["Grace.Hopper@example.org", "HOPPER"] {
        let me = app.program().basic(name, API).me().await.json();
        assert_eq!(me["member"]["username"], "hopper", "{name}");
        assert_eq!(me["member"]["email"], "grace.hopper@example.org", "{name}");
    }
}

#[actix_web::test]
async fn an_api_password_opens_the_api_and_not_the_console_and_the_other_way_round() {
    let (app, ada, _, id) = app().await;
    let email = "grace.hopper@example.org";
    for password in [GOOD, API] {
        app.program().basic(email, password).me().await.assert_problem(401, "wrong-password");
    }
    turn_on(&ada, &id).await;
    app.program().basic(email, GOOD).me().await.assert_problem(401, "wrong-password");
    set_password(&ada, &id, API).await;
    let me = app.program().basic(email, API).me().await.json();
    assert_eq!(me["member"]["name"], "Grace Hopper");
    assert_eq!((&me["credential"]["kind"], &me["credential"]["read_only"]), (&"api_password".into(), &false.into()));
    assert!(me["permissions"].as_array().is_some_and(|all| all.contains(&"system_account:manage:team".into())));
    // With any spelling of the name, again without hashing, and in another process too.
    for process in [&app, &app.another().await] {
        process.program().basic("GRACE.Hopper@example.org", API).me().await.json();
        process.program().basic(email, GOOD).me().await.assert_problem(401, "wrong-password");
        process.program().basic(email, &format!("{API} ")).me().await.assert_problem(401, "wrong-password");
    }
    let visitor = app.visitor();
    visitor.sign_in(email, API).await.assert_status(422);
    visitor.sign_in(email, GOOD).await.assert_status(200);
    assert!(!app.dump().contains(API));
    app.flush();
    ada.get(&format!("/users/{id}/api")).await.assert_sees("last used just now from 203.0.113.7");
}

#[actix_web::test]
async fn an_api_password_is_generated_reset_and_removed() {
    let (app, ada, _, id) = app().await;
    turn_on(&ada, &id).await;
    let path = format!("/users/{id}/api/password");
    let generate = async || {
        ada.get(&path).await;
        let page = ada
            .submit("Set the API password", &[("choice", "generated")])
            .await
            .assert_sees("Shown only this once");
        assert!(page.body.contains("curl -u"), "a ready curl");
        page.attribute("#generated", "value").expect("a password")
    };
    let works = async |password: &str| app.program().basic("grace.hopper@example.org", password).me().await.0.status == 200;
    let first = generate().await;
    assert!(works(&first).await && works(&first).await);
    ada.get(&path).await.assert_sees("the one there is stops working at once");
    let second = generate().await;
    assert!(!works(&first).await && works(&second).await);
    for (typed, says) in [("short", "at least 15 characters"), ("Grace Hopper Grace Hopper", "")] {
        ada.get(&path).await;
        let page = ada.submit("Set the API password", &[("choice", "typed"), ("password", typed)]).await;
        page.clone().assert_status(422).assert_sees(says);
        assert!(!page.body.contains(&format!("\"{typed}\"")), "a password is not shown again");
    }
    assert!(works(&second).await);
    ada.get(&format!("{path}/deletion")).await.assert_sees("Remove the API password of Grace Hopper?");
    ada.submit("Remove it", &[]).await.assert_sees("does not work any more");
    assert!(!works(&second).await);
    ada.get("/audit")
        .await
        .assert_sees("removed the API password of Grace Hopper")
        .assert_sees("set an API password for Grace Hopper");
}

#[actix_web::test]
async fn people_with_api_access_make_their_own_tokens() {
    let (app, ada, grace, id) = app().await;
    grace.get("/me/tokens").await.assert_sees("API access is off for you").assert_misses("turn it on");
    let path = grace.get("/me/tokens/new").await.path;
    assert!(path.ends_with("/me/tokens"), "{path}");
    turn_on(&ada, &id).await;
    grace.get("/me").await.assert_sees("API access");
    let text = grace.make_token("/me/tokens", "laptop", &[("mode", "read_write")]).await;
    assert!(text.starts_with("rst_u_"));
    let me = app.program().bearer(&text).me().await.json();
    assert_eq!((&me["member"]["kind"], &me["member"]["name"]), (&"user".into(), &"Grace Hopper".into()));
    // An administrator sees the token of another member, but cannot regenerate it; and can revoke it.
    ada.get(&format!("/users/{id}/api")).await.assert_sees("laptop").assert_misses("Regenerate");
    let place = ada.page().link("Revoke");
    ada.get(&place).await;
    ada.submit("Revoke", &[])
        .await
        .assert_sees("The token “laptop” is revoked and does not work any more.");
    app.program().bearer(&text).me().await.assert_problem(401, "token-revoked");
    // An administrator cannot create tokens for a member, also not through the path of system accounts.
    let base = format!("/o/{}/system-accounts/{id}/tokens", ada.organization());
    ada.get(&base).await.assert_status(404);
    let viewer = ada.welcome("Vera", "Viewer").await;
    viewer.get("/me/tokens").await.assert_sees("you need the permission token:manage:own");
    viewer.get("/me/tokens/new").await.assert_status(403);
}

#[actix_web::test]
async fn without_api_access_neither_tokens_nor_an_api_password_open_anything_in_any_process() {
    let (app, ada, grace, id) = app().await;
    let other = app.another().await;
    turn_on(&ada, &id).await;
    set_password(&ada, &id, API).await;
    let text = grace.make_token("/me/tokens", "laptop", &[]).await;
    let email = "grace.hopper@example.org";
    other.program().bearer(&text).me().await.json();
    other.program().basic(email, API).me().await.json();
    ada.get(&format!("/users/{id}/api/disablement"))
        .await
        .assert_sees("1 token of theirs opens nothing until it is on again");
    ada.submit("Turn it off", &[]).await.assert_sees("may not use the API any more");
    other.program().bearer(&text).me().await.assert_problem(401, "api-access-off");
    other.program().basic(email, API).me().await.assert_problem(401, "wrong-password");
    // When API access is turned on again, tokens work again, but the password is deleted for good.
    turn_on(&ada, &id).await;
    other.program().bearer(&text).me().await.json();
    other.program().basic(email, API).me().await.assert_problem(401, "wrong-password");
    set_password(&ada, &id, BETTER).await;
    other.program().basic(email, BETTER).me().await.json();
    ada.disable("Grace Hopper").await;
    other.program().bearer(&text).me().await.assert_problem(401, "member-disabled");
    other.program().basic(email, BETTER).me().await.assert_problem(401, "member-disabled");
}

#[actix_web::test]
async fn whoever_guesses_api_passwords_waits_and_its_owner_goes_on_working() {
    let (app, ada, _, id) = app().await;
    turn_on(&ada, &id).await;
    set_password(&ada, &id, API).await;
    let email = "grace.hopper@example.org";
    app.program().at_address("192.0.2.1").basic(email, API).me().await.json();
    let mut answers = Vec::new();
    for at in 0..14 {
        let program = app.program().at_address(&format!("198.51.100.{at}"));
        answers.push(
            program
                .basic(["grace.hopper@example.org", "Grace.Hopper@EXAMPLE.org"][at % 2], "wrong")
                .me()
                .await
                .0
                .status,
        );
    }
    assert_eq!(answers, [[401].repeat(10), [429].repeat(4)].concat());
    app.program().at_address("192.0.2.1").basic(email, API).me().await.json();
    // An unknown user is counted in the same way.
    let nobody: Vec<u16> = {
        let mut all = Vec::new();
        for at in 0..11 {
            all.push(app.program().at_address(&format!("198.51.101.{at}")).basic("nobody", "wrong").me().await.0.status);
        }
        all
    };
    assert_eq!(nobody, [[401].repeat(10), vec![429]].concat());
}

#[actix_web::test]
async fn nobody_decides_about_the_api_access_of_somebody_above_them() {
    let (app, ada, _, id) = app().await;
    app.role(ada.organization(), "Help desk", &["user:read:*", "user:manage:*"]);
    let dee = ada.welcome("Dee", "Help desk").await;
    let administrator = ada.member("Ada").await;
    for who in [&administrator, &id] {
        dee.get(&format!("/users/{who}/api"))
            .await
            .assert_sees("They may do more than you")
            .assert_misses("Turn on");
        dee.post(&format!("/users/{who}/api/enablement"), &[])
            .await
            .assert_sees("They may do more than you");
    }
    assert_eq!(app.count("SELECT count(*) FROM api_access"), 0);
    // Members do not decide about their own API access, unless they are administrators.
    let own = dee.member("Dee").await;
    dee.get(&format!("/users/{own}/api"))
        .await
        .assert_sees("Nobody decides about their own API access but administrators")
        .assert_misses("Turn on");
    dee.post(&format!("/users/{own}/api/enablement"), &[])
        .await
        .assert_sees("Nobody decides about their own");
    assert_eq!(app.count("SELECT count(*) FROM api_access"), 0);
    ada.get(&format!("/users/{administrator}/api")).await;
    ada.submit("Turn on", &[]).await.assert_sees("may use the API now");
}

#[actix_web::test]
async fn whoever_belongs_to_two_organizations_comes_into_the_one_whose_api_password_they_send() {
    let (app, ada, _, id) = app().await;
    let mallory = app.another_organization("Elsewhere", "Mallory", None).await;
    mallory.invite("grace.hopper@example.org", "Viewer").await;
    let there = mallory.member("Grace Hopper").await;
    for (who, id, password) in [(&ada, &id, API), (&mallory, &there, BETTER)] {
        who.get(&format!("/users/{id}/api")).await;
        who.submit("Turn on", &[]).await;
        set_password(who, id, password).await;
    }
    for (password, organization) in [(API, "Analytical Engines"), (BETTER, "Elsewhere"), (API, "Analytical Engines")] {
        let me = app.program().basic("grace.hopper@example.org", password).me().await.json();
        assert_eq!(me["organization"]["name"], organization);
    }
}
