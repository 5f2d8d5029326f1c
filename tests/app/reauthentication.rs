//! An open session in an abandoned browser: what it refuses to do until the person authenticates again.

use crate::harness::{GOOD, TestApp};
use chrono::TimeDelta;

#[actix_web::test]
async fn a_system_account_is_created_by_whoever_proved_it_lately_and_nothing_typed_is_lost() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    let team = ada.create_team("Payments").await;
    ada.get("/system-accounts/new").await;
    let role = ada.role("SCIM");
    app.wait(TimeDelta::minutes(16));
    let typed = [
        ("name", "deploy & roll back"),
        ("title", "Deploys “the shop”"),
        ("role", role.as_str()),
        ("team", team.as_str()),
    ];
    let page = ada.submit("Create System Account", &typed).await;
    assert!(page.path.starts_with("/sign-in/again?"), "{}", page.text());
    assert_eq!(app.count("SELECT count(*) FROM members WHERE kind = 'system_account'"), 0);
    let page = ada.submit("Continue", &[("password", GOOD)]).await.assert_status(200);
    assert_eq!(page.attribute("#name", "value").as_deref(), Some("deploy & roll back"));
    assert_eq!(page.attribute("#title", "value").as_deref(), Some("Deploys “the shop”"));
    assert_eq!(page.attributes("#roles input[checked]", "value"), std::slice::from_ref(&role));
    assert_eq!(page.attributes("input[name=team][checked]", "value"), std::slice::from_ref(&team));
    ada.submit("Create System Account", &[]).await.assert_sees("deploy & roll back is there");

    // Opening the form needs no reauthentication.
    app.wait(TimeDelta::minutes(16));
    ada.get("/system-accounts/new").await.assert_status(200).assert_sees("Say what calls");
}

#[actix_web::test]
async fn a_team_administrator_is_appointed_by_whoever_proved_it_lately() {
    const RUN: &str = "SELECT count(*) FROM team_members WHERE is_administrator = true";
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    ada.welcome("Grace", "User").await;
    let team = ada.create_team("Platform").await;
    ada.add_to_team(&team, "Grace").await;
    let page = ada.get(&format!("/teams/{team}")).await;
    let (action, fields) = page.form("Make Grace team administrator");
    app.wait(TimeDelta::minutes(16));
    let page = ada.post_raw(&action, &fields).await;
    assert!(page.path.starts_with("/sign-in/again?"), "{}", page.text());
    assert_eq!(app.count(RUN), 0);
    // Afterwards the action is shown again, but the person still has to press the button.
    ada.submit("Continue", &[("password", GOOD)])
        .await
        .assert_status(200)
        .assert_sees("will say who of the people is in this team");
    assert_eq!(app.count(RUN), 0);
    ada.submit("Make team administrator", &[]).await.assert_sees("Grace administers Platform");
    assert_eq!(app.count(RUN), 1);

    // Removing a team administrator needs no reauthentication. Undoing that does, because it appoints one.
    app.wait(TimeDelta::minutes(16));
    let (action, fields) = ada.get(&format!("/teams/{team}")).await.form("Make Grace an ordinary member");
    ada.post_raw(&action, &fields).await.assert_sees("is an ordinary member of");
    let page = ada.submit("Undo", &[]).await;
    assert!(page.path.starts_with("/sign-in/again?"), "{}", page.text());
    assert_eq!(app.count(RUN), 0);
}

#[actix_web::test]
async fn a_token_is_made_by_whoever_proved_it_lately_and_nothing_typed_is_lost() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    let machine = ada.create_system_account("deploy", "CI/CD").await;
    ada.get(&format!("/system-accounts/{machine}/tokens/new")).await.assert_status(200);
    app.wait(TimeDelta::minutes(16));
    let typed = [
        ("name", "night & day"),
        ("expiry", "30"),
        ("width", "narrow"),
        ("permission", "team:read:*"),
        ("addresses", "10.0.0.0/8"),
    ];
    let page = ada.submit("Create Token", &typed).await;
    assert!(page.path.starts_with("/sign-in/again?"), "{}", page.text());
    assert_eq!(app.count("SELECT count(*) FROM tokens"), 0);
    let page = ada.submit("Continue", &[("password", GOOD)]).await.assert_status(200);
    assert_eq!(page.attribute("#name", "value").as_deref(), Some("night & day"));
    assert_eq!(page.attributes("#expiry option[selected]", "value"), ["30"]);
    assert_eq!(page.attributes("input[name=permission][checked]", "value"), ["team:read:*"]);
    assert_eq!(page.all("#addresses"), ["10.0.0.0/8"]);
    ada.submit("Create Token", &[("expiry", "30")]).await.assert_sees("Shown only this once");
    assert_eq!(app.count("SELECT count(*) FROM tokens WHERE permissions IS NOT NULL"), 1);
}
