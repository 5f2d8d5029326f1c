//! Who may invite, and with which roles: every way to try around it meets the same check.

use crate::harness::{GOOD, Person, TestApp};
use actix_web::http::Method;

/// The result for each address on the batch page, in order.
fn outcomes(person: &Person) -> Vec<String> {
    person.page().all(".outcomes .badge")
}

#[actix_web::test]
async fn without_the_permission_nothing_of_it_is_seen_or_done() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    ada.invite("kay@example.org", "User").await;
    let id = ada.member("kay@example.org").await;
    let renewal = ada.get(&format!("/users/{id}")).await.form("Resend invitation").0;
    let before = app.count("SELECT count(*) FROM links WHERE voided_at IS NULL AND used_at IS NULL");
    for role in ["Viewer", "User"] {
        let grace = ada.welcome(&format!("Grace {role}"), role).await;
        let users = grace.get("/users").await.assert_misses("Invite Users");
        assert!(!users.has_button("Resend invitation"));
        let profile = grace.get(&format!("/users/{id}")).await;
        assert!(!profile.has_button("Resend invitation") && !profile.text().contains("New link"));
        let doors = [
            (Method::GET, renewal.replace("renewal", "cancellation")),
            (Method::POST, renewal.replace("renewal", "cancellation")),
            (Method::POST, renewal.clone()),
            (Method::GET, renewal.replace("renewal", "link")),
            (Method::POST, renewal.replace("renewal", "link")),
            (Method::GET, format!("/o/{}/invitations/new", ada.organization())),
            (Method::GET, format!("/o/{}/invitations/sent", ada.organization())),
        ];
        for (method, path) in doors {
            let answer = if method == Method::POST {
                grace.post(&path, &[]).await
            } else {
                grace.get(&path).await
            };
            answer.assert_status(403).assert_sees("user:invite:*");
            grace.get("/users").await;
        }
        let fields = [("addresses", "eve@example.org"), ("access", "general")];
        grace.post("/invitations", &fields).await.assert_status(403).assert_sees("user:invite:*");
    }
    assert_eq!(app.count("SELECT count(*) FROM links WHERE voided_at IS NULL AND used_at IS NULL"), before);
    assert_eq!(app.count("SELECT count(*) FROM user_names WHERE name_key = 'eve@example.org'"), 0);
}

#[actix_web::test]
async fn another_organization_finds_nothing_there() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    let eve = app.another_organization("Evil", "Eve", None).await;
    ada.invite("kay@example.org", "User").await;
    let link = app.inbox("kay@example.org").link();
    let id = ada.member("kay@example.org").await;
    let renewal = ada.get(&format!("/users/{id}")).await.form("Resend invitation").0;
    for act in ["renewal", "link", "cancellation"] {
        let theirs = renewal.replace("renewal", act);
        let mixed = theirs.replace(&ada.organization().to_string(), &eve.organization().to_string());
        for path in [&theirs, &mixed] {
            eve.get("/users").await;
            eve.post(path, &[]).await.assert_status(404);
        }
    }
    for path in ["new", "sent"] {
        let theirs = format!("/o/{}/invitations/{path}", ada.organization());
        eve.request(Method::GET, &theirs, None).await.assert_status(404);
    }
    app.visitor().get(&link).await.assert_status(200);
}

#[actix_web::test]
async fn nobody_grants_what_they_do_not_hold() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    app.role(ada.organization(), "Help desk", &["user:read:*", "user:invite:*", "team:read:*"]);
    let helga = ada.welcome("Helga", "Help desk").await;
    helga.invite("viewer@example.org", "Viewer").await.assert_sees("1 invited");
    helga
        .invite("user@example.org", "User")
        .await
        .assert_status(422)
        .assert_sees("Nobody grants what they do not hold");
    helga
        .invite_administrator("boss@example.org")
        .await
        .assert_status(422)
        .assert_sees("Nobody grants what they do not hold");
    // The same by sending the id of the role itself.
    let administrator = ada.get("/users").await.attribute("#filter-role input[name=role]", "value").expect("a role");
    helga.get("/invitations/new").await;
    helga
        .submit("Send invitations", &[("addresses", "boss@example.org"), ("role", &administrator)])
        .await
        .assert_status(422);
    assert_eq!(
        app.count("SELECT count(*) FROM invitations WHERE email IN ('boss@example.org', 'user@example.org')"),
        0
    );
}

#[actix_web::test]
async fn nobody_takes_over_an_invitation_that_grants_more_than_they_hold() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    app.role(ada.organization(), "Help desk", &["user:read:*", "user:invite:*", "team:read:*"]);
    let helga = ada.welcome("Helga", "Help desk").await;
    ada.invite_administrator("boss@example.org").await;
    let link = app.inbox("boss@example.org").link();
    helga.invite("boss@example.org", "Viewer").await;
    assert_eq!(outcomes(&helga), ["Not invited"]);
    let id = helga.member("boss@example.org").await;
    helga.get(&format!("/users/{id}")).await;
    helga.submit("Resend invitation", &[]).await.assert_sees("Nobody grants what they do not hold");
    helga.new_link("boss@example.org").await.assert_sees("Nobody grants what they do not hold");
    assert_eq!(app.letters("boss@example.org").len(), 1);
    let boss = app.visitor();
    boss.get(&link).await;
    boss.submit("Join", &[("name", "Boss"), ("password", GOOD)]).await.assert_sees("Welcome");
    ada.get("/users?q=Boss").await.assert_sees("Administrator");
}

#[actix_web::test]
async fn what_the_form_does_not_offer_is_refused_and_nothing_is_sent() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    let eve = app.another_organization("Evil", "Eve", None).await;
    eve.get("/invitations/new").await;
    let theirs = eve.role("Viewer");
    ada.get("/invitations/new").await;
    let own = ada.role("Viewer");
    for (name, value, status) in [
        ("organization", "x", 400),
        ("status", "active", 400),
        ("expires_at", "9999", 400),
        ("invited_by", "x", 400),
        ("role", theirs.as_str(), 422),
        ("role", "nonsense", 422),
        ("team", "00000000-0000-0000-0000-000000000000", 422),
        ("policy", "00000000-0000-0000-0000-000000000000", 422),
        ("access", "root", 422),
        ("access", "", 422),
    ] {
        let mut fields = vec![("addresses", "grace@example.org"), ("access", "general"), ("role", own.as_str())];
        fields.retain(|(known, _)| *known != name);
        fields.push((name, value));
        ada.get("/invitations/new").await;
        ada.post("/invitations", &fields).await.assert_status(status);
    }
    ada.get("/invitations/new").await;
    let twice = [
        ("addresses", "grace@example.org"),
        ("addresses", "eve@example.org"),
        ("access", "general"),
        ("role", own.as_str()),
    ];
    ada.post("/invitations", &twice).await.assert_status(400);
    assert_eq!(app.count("SELECT count(*) FROM invitations"), 0);
    assert_eq!(app.count("SELECT count(*) FROM outbox"), 0);
}

#[actix_web::test]
async fn nobody_is_buried_in_letters() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    for _ in 0..30 {
        ada.invite("grace@example.org", "User").await;
    }
    ada.page().assert_sees("Too many invitations");
    let id = ada.member("grace@example.org").await;
    for _ in 0..10 {
        ada.get(&format!("/users/{id}")).await;
        ada.submit("Resend invitation", &[]).await;
    }
    ada.page().assert_sees("Too many invitations");
    assert!(app.count("SELECT count(*) FROM outbox") <= 10);
}
