//! People and teams that an identity provider manages: what it sends is not edited here, in the console or by programs.

use crate::harness::{
    TestApp,
    provisioning::{PROVISIONING, manage, manage_team, set_up},
};
use serde_json::json;

#[actix_web::test]
async fn what_a_provider_manages_is_not_edited_in_the_console_or_by_a_program() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    let root = app.program_with(&ada, "Root", &["*:*:*"]).await;
    set_up(&ada, "Entra", &[]).await;
    // What the provider sends becomes the address, so nobody else changes it.
    app.own_domain(ada.organization(), "example.org");
    let grace = ada.welcome("Grace", "User").await;
    manage(&app, "Grace");
    let id = ada.member("Grace").await;
    let page = ada.get(&format!("/users/{id}")).await.assert_sees("Managed by Entra");
    let fixed = page.attributes("form.form input[readonly]", "name");
    assert_eq!(fixed, ["first_name", "last_name", "name", "title"]);
    // A browser sends them as they are, so the others can be saved.
    ada.submit("Save changes", &[("phone", "123")]).await.assert_sees("The details are saved");
    ada.submit("Save changes", &[("title", "Prof")])
        .await
        .assert_status(422)
        .assert_sees("An identity provider manages these details");
    ada.get(&format!("/users/{id}/email")).await.assert_sees("cannot be changed here");
    let any = root.with("if-match", "*");
    let path = format!("/api/v1/users/{id}");
    any.send("PATCH", &path, &json!({ "details": { "title": "Prof" } }))
        .await
        .assert_problem(422, "managed");
    any.send("PATCH", &path, &json!({ "details": { "location": "Zürich" } })).await.assert_status(200);
    let page = grace
        .get("/me")
        .await
        .assert_sees("Entra manages what cannot be edited here")
        .assert_sees("Managed by");
    assert_eq!(page.attributes("form.form input[readonly]", "name"), fixed);
    assert!(page.all("a").iter().all(|link| link != "Change…"), "{:?}", page.all("a"));
    grace.submit("Save changes", &[("name", "Amazing Grace")]).await.assert_status(422);
    assert_eq!(app.count("SELECT count(*) FROM members WHERE name = 'Grace'"), 1);
}

#[actix_web::test]
async fn who_is_in_a_managed_team_is_decided_at_the_provider() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    let team = ada.create_team("Platform").await;
    ada.welcome("Grace", "User").await;
    ada.add_to_team(&team, "Grace").await;
    let linus = ada.welcome("Linus", "User").await;
    set_up(&ada, "Entra", &[]).await;
    manage_team(&app, "Platform");
    let path = format!("/teams/{team}");
    let page = ada.get(&path).await.assert_sees("Entra decides who is in this team");
    assert!(page.all(".head .actions button[aria-disabled]").contains(&"Add people".to_owned()));
    assert!(page.all(".menu .item[aria-disabled]").iter().any(|item| item.contains("Entra")), "{}", page.text());
    let (grace, other) = (ada.member("Grace").await, ada.member("Linus").await);
    ada.get(&format!("{path}/members/new"))
        .await
        .assert_status(200)
        .assert_sees("Entra decides who is in this team");
    ada.post(&format!("{path}/members"), &[("member", &other)])
        .await
        .assert_status(422)
        .assert_sees("Entra");
    ada.get(&path).await;
    ada.post(&format!("{path}/members/deletion"), &[("member", &grace)])
        .await
        .assert_sees("Entra decides");
    let page = ada.get(&format!("{path}/edit")).await.assert_sees("Entra manages this team");
    assert_eq!(page.attributes("form.form input[readonly]", "name"), ["name"]);
    ada.submit("Save the team", &[("description", "Ours")]).await.assert_sees("The team is saved");
    ada.get(&format!("{path}/edit")).await;
    ada.submit("Save the team", &[("name", "Another")])
        .await
        .assert_status(422)
        .assert_sees("Entra manages");
    ada.get(&format!("{path}/deletion")).await.assert_status(422).assert_sees("cannot be deleted here");
    ada.get(&path).await;
    ada.post(&format!("{path}/deletion"), &[("name", "Platform")]).await.assert_status(422);
    linus.get(&path).await.assert_status(200).assert_sees("Entra decides who is in this team");
    assert_eq!(app.count("SELECT count(*) FROM team_members"), 1);
    // Nobody is given such a team beforehand, even if it was the team of new people.
    app.execute("UPDATE teams SET is_default = (1 = 1)");
    ada.get("/invitations/new").await.assert_status(200).assert_misses("Platform");
    ada.get(&format!("{PROVISIONING}/new")).await.assert_misses("Platform");
}
