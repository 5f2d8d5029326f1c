//! Inviting: what becomes of each address, and who may.

use crate::harness::{GOOD, House, Person};
use actix_web::http::Method;
use chrono::TimeDelta;

/// What the page about a batch says of each address, in order.
fn outcomes(person: &Person) -> Vec<String> {
    person.page().all(".outcomes .badge")
}

#[actix_web::test]
async fn an_invited_person_joins_with_the_role_they_were_promised() {
    let house = House::open().await;
    let ada = house.administrator("Ada").await;
    ada.invite("grace@example.org", "Viewer").await.assert_sees("1 invited");
    let grace = house.visitor();
    grace
        .get(&house.inbox("grace@example.org").link())
        .await
        .assert_path("/invitation")
        .assert_sees("Join Analytical Engines");
    grace
        .submit("Join", &[("name", "Grace Hopper"), ("password", GOOD)])
        .await
        .assert_sees("Welcome");
    ada.get("/users").await.assert_sees("Grace Hopper").assert_sees("Viewer");
}

#[actix_web::test]
async fn each_address_gets_its_own_answer() {
    let house = House::open().await;
    let ada = house.administrator("Ada").await;
    let alan = house.another_organization("Bletchley Park", "Alan Turing", None).await;
    ada.welcome("Grace", "User").await;
    ada.welcome("Kay", "User").await;
    ada.disable("Kay").await;
    ada.invite("again@example.org", "User").await;
    let old = house.inbox("again@example.org").link();
    house.wait(TimeDelta::hours(7));
    let all = "new@example.org, again@example.org; grace@example.org\nkay@example.org alan.turing@example.org nonsense a@b@c.org";
    ada.invite(all, "Viewer").await.assert_sees("3 of 7 invited");
    assert_eq!(
        outcomes(&ada),
        [
            "Invited",
            "Sent again",
            "Already a member",
            "Disabled here",
            "Added",
            "Not invited",
            "Not invited"
        ]
    );

    house
        .visitor()
        .get(&old)
        .await
        .assert_status(410)
        .assert_sees("replaced by a newer one");
    assert_eq!(house.letters("again@example.org").len(), 2);
    assert_eq!(house.letters("grace@example.org").len(), 1);
    assert_eq!(house.letters("kay@example.org").len(), 1);
    let added = house.letters("alan.turing@example.org");
    assert_eq!(added.len(), 1);
    assert_eq!(added[0].subject, "You are a member of Analytical Engines now");
    assert!(!added[0].raw.contains("/invitation/") && !added[0].raw.contains("choose a password"));
    alan.get(&added[0].link())
        .await
        .assert_status(200)
        .assert_sees("Analytical Engines")
        .assert_sees("Bletchley Park");
    ada.get("/users").await.assert_sees("Alan Turing").assert_misses("Bletchley");

    ada.get("/invitations/sent").await;
    ada.submit("Enable", &[]).await.assert_sees("Kay is enabled again");
}

#[actix_web::test]
async fn names_are_understood_and_the_same_address_twice_is_one() {
    let house = House::open().await;
    let ada = house.administrator("Ada").await;
    let typed = "\"Hopper, Grace\" <grace@example.org>, GRACE@example.org, Kay McNulty <kay@example.org>";
    ada.invite(typed, "User").await.assert_sees("2 invited");
    ada.get("/users?tab=invited")
        .await
        .assert_sees("Hopper, Grace")
        .assert_sees("Kay McNulty");
    assert_eq!(house.letters("grace@example.org").len(), 1);
    house.visitor().accept("Kay").await;
}

#[actix_web::test]
async fn when_seats_run_out_the_first_in_the_list_get_them() {
    let house = House::open().await;
    let ada = house.administrator("Ada").await;
    house.set_seats(ada.organization(), Some(3));
    ada.invite(
        "one@example.org, nonsense, two@example.org, three@example.org, four@example.org",
        "User",
    )
    .await;
    assert_eq!(outcomes(&ada), ["Invited", "Not invited", "Invited", "Not invited", "Not invited"]);
    ada.page().assert_sees("No seat is left: all 3 of the plan are taken");
    // Sending again takes no further seat.
    ada.invite("one@example.org", "User").await;
    assert_eq!(outcomes(&ada), ["Sent again"]);
    // A cancelled invitation frees its seat and its address, a disabled member theirs.
    let id = ada.member("two@example.org").await;
    ada.get(&format!("/users/{id}")).await;
    let cancel = ada.page().link("Cancel invitation");
    ada.get(&cancel).await;
    ada.submit("Cancel the invitation", &[]).await.assert_sees("is cancelled");
    ada.invite("three@example.org, four@example.org", "User").await;
    assert_eq!(outcomes(&ada), ["Invited", "Not invited"]);
    house.visitor().accept("One").await;
    ada.disable("One").await;
    ada.invite("four@example.org", "User").await;
    assert_eq!(outcomes(&ada), ["Invited"]);
    ada.get(&format!("/users/{}", ada.member("One").await)).await;
    ada.submit("Enable", &[]).await.assert_sees("All 3 seats of the plan are taken");
}

#[actix_web::test]
async fn somebody_of_another_organization_takes_a_seat_as_well() {
    let house = House::open().await;
    let ada = house.administrator("Ada").await;
    let alan = house.another_organization("Bletchley Park", "Alan", Some(1)).await;
    alan.invite("ada@example.org", "User").await;
    assert_eq!(outcomes(&alan), ["Not invited"]);
    assert!(house.letters("ada@example.org").is_empty());
    ada.get("/users").await.assert_misses("Bletchley Park");
}

#[actix_web::test]
async fn whoever_is_invited_by_two_organizations_and_joins_one_keeps_their_password_in_the_other() {
    let house = House::open().await;
    let ada = house.administrator("Ada").await;
    let alan = house.another_organization("Bletchley Park", "Alan", None).await;
    ada.invite("grace@example.org", "User").await;
    let first = house.inbox("grace@example.org").link();
    house.wait(TimeDelta::minutes(1));
    alan.invite("grace@example.org", "Viewer").await.assert_sees("1 invited");
    let second = house.inbox("grace@example.org").link();
    let grace = house.visitor();
    grace.get(&first).await.assert_sees("Join Analytical Engines");
    grace
        .submit("Join", &[("name", "Grace"), ("password", GOOD)])
        .await
        .assert_sees("Welcome");
    let other = house.visitor();
    let page = other
        .get(&second)
        .await
        .assert_sees("Join Bletchley Park")
        .assert_sees("You keep your sign-in");
    assert!(page.attribute("input[name=password]", "name").is_none());
    let hash =
        house.text("SELECT max(hash) FROM passwords WHERE user_id = (SELECT user_id FROM user_names WHERE name_key = 'grace@example.org')");
    // A password smuggled into the form is not taken.
    other
        .submit("Join", &[("name", "Eve"), ("password", "an entirely different passphrase")])
        .await
        .assert_sees("Sign in");
    assert_eq!(house.count(&format!("SELECT count(*) FROM passwords WHERE hash = '{hash}'")), 1);
    grace.get("/users").await.assert_sees("Bletchley Park");
}

#[actix_web::test]
async fn without_the_permission_nothing_of_it_is_seen_or_done() {
    let house = House::open().await;
    let ada = house.administrator("Ada").await;
    ada.invite("kay@example.org", "User").await;
    let id = ada.member("kay@example.org").await;
    let renewal = ada.get(&format!("/users/{id}")).await.form("Resend invitation").0;
    let before = house.count("SELECT count(*) FROM links WHERE voided_at IS NULL AND used_at IS NULL");
    for role in ["Viewer", "User"] {
        let grace = ada.welcome(&format!("Grace {role}"), role).await;
        let users = grace.get("/users").await.assert_misses("Invite Users");
        assert!(!users.has_button("Resend invitation"));
        let profile = grace.get(&format!("/users/{id}")).await;
        assert!(!profile.has_button("Resend invitation") && !profile.has_button("Copy link"));
        let doors = [
            (Method::GET, renewal.replace("renewal", "cancellation")),
            (Method::POST, renewal.replace("renewal", "cancellation")),
            (Method::POST, renewal.clone()),
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
        grace
            .post("/invitations", &fields)
            .await
            .assert_status(403)
            .assert_sees("user:invite:*");
    }
    assert_eq!(
        house.count("SELECT count(*) FROM links WHERE voided_at IS NULL AND used_at IS NULL"),
        before
    );
    assert_eq!(house.count("SELECT count(*) FROM user_names WHERE name_key = 'eve@example.org'"), 0);
}

#[actix_web::test]
async fn another_organization_finds_nothing_there() {
    let house = House::open().await;
    let ada = house.administrator("Ada").await;
    let eve = house.another_organization("Evil", "Eve", None).await;
    ada.invite("kay@example.org", "User").await;
    let link = house.inbox("kay@example.org").link();
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
    house.visitor().get(&link).await.assert_status(200);
}

#[actix_web::test]
async fn nobody_grants_what_they_do_not_hold() {
    let house = House::open().await;
    let ada = house.administrator("Ada").await;
    house.role(ada.organization(), "Help desk", &["user:read:*", "user:invite:*", "team:read:*"]);
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
    // The same by naming the role itself.
    let administrator = ada
        .get("/users")
        .await
        .attribute("#filter-role input[name=role]", "value")
        .expect("a role");
    helga.get("/invitations/new").await;
    helga
        .submit("Send invitations", &[("addresses", "boss@example.org"), ("role", &administrator)])
        .await
        .assert_status(422);
    assert_eq!(
        house.count("SELECT count(*) FROM invitations WHERE email IN ('boss@example.org', 'user@example.org')"),
        0
    );
}

#[actix_web::test]
async fn nobody_takes_over_an_invitation_that_grants_more_than_they_hold() {
    let house = House::open().await;
    let ada = house.administrator("Ada").await;
    house.role(ada.organization(), "Help desk", &["user:read:*", "user:invite:*", "team:read:*"]);
    let helga = ada.welcome("Helga", "Help desk").await;
    ada.invite_administrator("boss@example.org").await;
    let link = house.inbox("boss@example.org").link();
    helga.invite("boss@example.org", "Viewer").await;
    assert_eq!(outcomes(&helga), ["Not invited"]);
    let id = helga.member("boss@example.org").await;
    for button in ["Resend invitation", "Copy link"] {
        helga.get(&format!("/users/{id}")).await;
        helga.submit(button, &[]).await.assert_sees("Nobody grants what they do not hold");
    }
    assert_eq!(house.letters("boss@example.org").len(), 1);
    let boss = house.visitor();
    boss.get(&link).await;
    boss.submit("Join", &[("name", "Boss"), ("password", GOOD)])
        .await
        .assert_sees("Welcome");
    ada.get("/users?q=Boss").await.assert_sees("Administrator");
}

#[actix_web::test]
async fn what_the_form_does_not_offer_is_refused_and_nothing_is_sent() {
    let house = House::open().await;
    let ada = house.administrator("Ada").await;
    let eve = house.another_organization("Evil", "Eve", None).await;
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
    assert_eq!(house.count("SELECT count(*) FROM invitations"), 0);
    assert_eq!(house.count("SELECT count(*) FROM outbox"), 0);
}

#[actix_web::test]
async fn nobody_is_buried_in_letters() {
    let house = House::open().await;
    let ada = house.administrator("Ada").await;
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
    assert!(house.count("SELECT count(*) FROM outbox") <= 10);
}
