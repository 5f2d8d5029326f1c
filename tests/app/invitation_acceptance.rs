//! What is checked again when an invitation is accepted.

use crate::harness::{
    BETTER, GOOD, TestApp,
    user_creation::{audited, invited, join, press},
};

#[actix_web::test]
async fn an_invitation_is_void_once_its_sender_is_disabled_until_somebody_else_stands_for_it() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    let helga = ada.welcome_administrator("Helga").await;
    let link = invited(&app, &helga, "grace@example.org").await;
    let grace = app.visitor();
    grace.get(&link).await.assert_status(200);
    ada.disable("Helga").await;
    // The list says so before the link is tried, and a form that is open already does not work.
    ada.get("/users?tab=invited").await.assert_sees("void: The person who sent it is disabled");
    join(&grace, "Grace").await.assert_status(410).assert_sees("void");
    grace.get(&link).await.assert_status(410).assert_sees("void");
    ada.get("/users?tab=invited").await.assert_sees("void:");
    assert_eq!(audited(&app, "invitation.voided"), 1);
    // Enabling the sender again does not revive the invitation.
    let id = ada.member("Helga").await;
    ada.get(&format!("/users/{id}")).await;
    ada.submit("Enable", &[]).await;
    grace.get(&link).await.assert_status(410);
    press(&ada, "grace@example.org", "Resend invitation").await;
    let page = ada.get("/users?tab=invited").await.assert_misses("void:");
    assert_eq!(page.all("td.c-by"), ["Ada"]);
    app.visitor().get(&link).await.assert_status(410).assert_sees("replaced");
    app.visitor().accept("Grace").await;
}

#[actix_web::test]
async fn an_invitation_is_void_once_its_sender_holds_less_than_it_grants() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    let helga = ada.welcome_administrator("Helga").await;
    let link = invited(&app, &helga, "grace@example.org").await;
    app.execute("DELETE FROM member_roles WHERE member_id = (SELECT id FROM members WHERE name = 'Helga')");
    let grace = app.visitor();
    let named = grace.get(&link).await.link_id().expect("an id");
    for _ in 0..3 {
        let form = [("name", "Grace"), ("password", GOOD)];
        grace.get("/sign-in").await;
        let form = [form[0], form[1], ("link", named.as_str())];
        grace.post("/invitation", &form).await.assert_status(410).assert_sees("void");
    }
    assert_eq!(audited(&app, "invitation.voided"), 1, "it becomes void once");
    assert_eq!(app.count("SELECT count(*) FROM passwords"), 2);
    grace.get(&link).await.assert_sees("void");
    grace.submit("Ask for a new link", &[]).await;
    assert_eq!(app.letters("helga@example.org").len(), 2);
}

#[actix_web::test]
async fn when_seats_were_taken_away_the_link_waits_until_one_is_free() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    ada.welcome("Kay", "User").await;
    let link = invited(&app, &ada, "grace@example.org").await;
    app.set_seats(ada.organization(), Some(2));
    let grace = app.visitor();
    grace.get(&link).await;
    join(&grace, "Grace").await.assert_status(409).assert_sees("this link stays good");
    assert_eq!(app.count("SELECT count(*) FROM passwords"), 2);
    ada.disable("Kay").await;
    grace.get(&link).await.assert_status(200);
    join(&grace, "Grace").await.assert_sees("Welcome");
}

#[actix_web::test]
async fn who_joins_is_who_was_invited_whatever_the_form_says() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    let link = invited(&app, &ada, "grace@example.org").await;
    let grace = app.visitor();
    for (name, value) in [
        ("email", "eve@example.org"),
        ("role", "Administrator"),
        ("organization", "x"),
        ("expires_at", "9999"),
    ] {
        grace.get(&link).await;
        grace
            .submit("Join", &[("name", "Grace"), ("password", GOOD), (name, value)])
            .await
            .assert_status(400);
    }
    grace.get(&link).await;
    grace
        .submit("Join", &[("name", "Grace"), ("password", GOOD), ("username", "ada@example.org")])
        .await
        .assert_sees("Welcome");
    ada.get("/users?q=Grace").await.assert_sees("grace@example.org").assert_sees("User");
}

#[actix_web::test]
async fn the_link_of_one_kind_opens_nothing_of_another() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    let link = invited(&app, &ada, "grace@example.org").await;
    let secret = link.trim_start_matches("/invitation/");
    let eve = app.visitor();
    let page = eve.get(&format!("/password/reset/{secret}")).await.assert_status(410);
    let named = page.link_id().expect("an id");
    eve.get("/sign-in").await;
    let named = ("link", named.as_str());
    let fields = [("username", "grace@example.org"), ("password", BETTER), named];
    eve.post("/password/reset", &fields).await.assert_status(410);
    eve.get("/sign-in").await;
    let fields = [
        ("organization", "Evil"),
        ("name", "Eve"),
        ("email", "eve@example.org"),
        ("password", BETTER),
        named,
    ];
    eve.post("/setup", &fields).await.assert_status(410);
    eve.get("/password/forgotten").await;
    eve.submit("Send the link", &[("email", "ada@example.org")]).await;
    let reset = app.inbox("ada@example.org").link();
    let reset = reset.trim_start_matches("/password/reset/");
    eve.get(&format!("/invitation/{reset}")).await.assert_status(410);
    assert_eq!(app.count("SELECT count(*) FROM organizations"), 1);
    app.visitor().get(&link).await.assert_status(200);
}
