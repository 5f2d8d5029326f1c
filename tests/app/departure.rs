//! Leaving an organization: who may, what ends, and where they are afterwards.

use crate::{
    harness::{
        GOOD, Page, Person, TestApp,
        provisioning::{manage, set_up},
        sink::Sink,
        user_creation::audited,
    },
    sso_requirement::{enforce, place},
};
use chrono::TimeDelta;
use futures_util::future::join;

async fn leave(person: &Person) -> Page {
    person.get("/me").await.assert_status(200);
    person.get(&person.page().link("Leave…")).await.assert_status(200);
    person.submit("Leave the organization", &[]).await
}

#[actix_web::test]
async fn a_person_leaves_and_all_that_they_had_here_ends() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    let grace = ada.welcome("Grace", "User").await;
    let id = ada.member("Grace").await;
    let team = ada.create_team("Platform").await;
    ada.add_to_team(&team, "Grace").await;
    ada.let_use_api(&id, "a-long-api-password-of-grace").await;
    let token = grace.make_token("/me/tokens", "laptop", &[]).await;
    app.program().bearer(&token).me().await.assert_status(200);
    let elsewhere = app.visitor();
    elsewhere.sign_in("grace@example.org", GOOD).await.assert_status(200);

    grace
        .get("/me/departure")
        .await
        .assert_sees("To come back, you have to be invited again")
        .assert_sees("User")
        .assert_sees("Platform")
        .assert_sees("your token is gone")
        .assert_sees("API password does not work")
        .assert_sees("your account is deleted");
    leave(&grace)
        .await
        .assert_path("/sign-in")
        .assert_sees("You have left Analytical Engines. You belong to no organization here any more");

    // Nothing of the person is left but the audit log.
    assert_eq!(app.count("SELECT count(*) FROM users WHERE email = 'grace@example.org'"), 0);
    assert_eq!(app.count("SELECT count(*) FROM members WHERE name = 'Grace'"), 0);
    for table in ["tokens", "api_access", "team_members"] {
        assert_eq!(app.count(&format!("SELECT count(*) FROM {table}")), 0, "{table}");
    }
    app.program().bearer(&token).me().await.assert_status(401);
    let page = elsewhere.get("/users").await;
    assert!(page.path.starts_with("/sign-in?next="), "{}", page.path);
    grace.sign_in("grace@example.org", GOOD).await.assert_status(422);
    assert_eq!((audited(&app, "member.left"), audited(&app, "member.deleted")), (1, 0));
    assert_eq!(app.text("SELECT actor_name FROM audit_events WHERE action = 'member.left'"), "Grace");
    assert_eq!(app.count("SELECT members FROM member_tallies WHERE kind = 'user' AND status = 'active'"), 1);
    ada.get("/audit").await.assert_sees("Grace left the organization");
    // The seat and the address are free again.
    ada.invite("grace@example.org", "Viewer").await.assert_sees("1 invited");
}

#[actix_web::test]
async fn who_belongs_elsewhere_goes_on_there_with_the_same_account() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    let grace = ada.welcome("Grace", "User").await;
    let other = app.another_organization("Elsewhere", "Alan", None).await;
    other.invite("grace@example.org", "Viewer").await.assert_sees("1 invited");
    grace.get("/me/departure").await.assert_sees("nothing changes in Elsewhere");
    let page = leave(&grace).await.assert_status(200).assert_sees("You have left Analytical Engines.");
    assert!(page.path.starts_with(&format!("/o/{}", other.organization())), "{}", page.path);
    grace.get(&format!("/o/{}/users", ada.organization())).await.assert_status(404);
    app.visitor().sign_in("grace@example.org", GOOD).await.assert_status(200).assert_sees("Elsewhere");
    ada.get("/users").await.assert_misses("Grace");
}

#[actix_web::test]
async fn who_is_disabled_elsewhere_keeps_the_account_and_is_signed_out() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    let grace = ada.welcome("Grace", "User").await;
    let other = app.another_organization("Elsewhere", "Alan", None).await;
    other.invite("grace@example.org", "Viewer").await;
    app.execute("UPDATE members SET status = 'disabled' WHERE organization_id = (SELECT id FROM organizations WHERE name = 'Elsewhere') AND name <> 'Alan'");
    leave(&grace).await.assert_path("/sign-in").assert_sees("No other organization is open to you");
    assert_eq!(app.count("SELECT count(*) FROM users WHERE email = 'grace@example.org'"), 1);
}

#[actix_web::test]
async fn the_last_administrator_stays_until_there_is_another() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    ada.get("/me/departure")
        .await
        .assert_status(422)
        .assert_sees("You cannot leave Analytical Engines")
        .assert_sees("Make somebody else an administrator first");
    ada.post("/me/departure", &[])
        .await
        .assert_status(422)
        .assert_sees("You are the last administrator");
    let grace = ada.welcome_administrator("Grace").await;
    leave(&ada).await.assert_path("/sign-in");
    grace.get("/me/departure").await.assert_status(422);
    assert_eq!(audited(&app, "member.left"), 1);
}

#[actix_web::test]
async fn the_last_break_glass_administrator_stays_while_it_is_needed() {
    let place = place().await;
    place.grace().await;
    place.connect_ada().await;
    place.name_ada().await;
    let (app, ada) = (&place.app, &place.ada);
    enforce(app, ada.organization());
    // Another administrator could sign in, but not without the identity provider.
    let role = "SELECT r.id FROM roles r WHERE r.predefined = 'administrator'";
    app.execute(&format!(
        "INSERT INTO member_roles (organization_id, member_id, role_id, granted_at) SELECT m.organization_id, m.id, ({role}), m.created_at \
         FROM members m WHERE m.name = 'Grace'"
    ));
    ada.get("/me/departure")
        .await
        .assert_status(422)
        .assert_sees("last break-glass administrator")
        .assert_sees("Name another one first");
}

#[actix_web::test]
async fn whom_an_identity_provider_manages_leaves_there() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    let grace = ada.welcome("Grace", "User").await;
    set_up(&ada, "Entra", &[]).await;
    manage(&app, "Grace");
    grace.get("/me/departure").await.assert_status(422).assert_sees("Entra manages you");
    grace.post("/me/departure", &[]).await.assert_status(422).assert_sees("Entra manages you");
    assert_eq!(app.count("SELECT count(*) FROM members WHERE name = 'Grace'"), 1);
}

#[actix_web::test]
async fn leaving_asks_for_proof_and_products_are_told() {
    let app = TestApp::start_with_webhooks().await;
    let ada = app.administrator("Ada").await;
    let grace = ada.welcome("Grace", "User").await;
    let sink = Sink::start();
    ada.create_webhook_for(&sink, &["member.deleted"]).await;
    app.wait(TimeDelta::minutes(16));
    grace.get("/me/departure").await.assert_status(200);
    let page = grace.submit("Leave the organization", &[]).await;
    assert!(page.path.starts_with("/sign-in/again?next="), "{}", page.path);
    assert_eq!(audited(&app, "member.left"), 0);
    grace
        .submit("Continue", &[("password", GOOD)])
        .await
        .assert_sees("To come back, you have to be invited again");
    grace.submit("Leave the organization", &[]).await.assert_path("/sign-in");
    app.send_webhooks();
    assert_eq!(sink.events(), ["member.deleted"]);
}

#[actix_web::test]
async fn the_two_last_administrators_do_not_both_leave() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    let grace = ada.welcome_administrator("Grace").await;
    ada.get("/me/departure").await.assert_status(200);
    grace.get("/me/departure").await.assert_status(200);
    let (one, other) = join(ada.submit("Leave the organization", &[]), grace.submit("Leave the organization", &[])).await;
    let mut statuses = [one.status, other.status];
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 422]);
    assert_eq!(app.count("SELECT count(*) FROM members"), 1);
}
