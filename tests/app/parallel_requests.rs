//! Really parallel requests, in two processes: what may happen once happens once.

use crate::harness::{BETTER, GOOD, Page, Person, TestApp};
use actix_web::http::Method;
use chrono::TimeDelta;
use futures_util::{
    FutureExt,
    future::{LocalBoxFuture, join, join_all},
};

/// The request of pressing a button, not sent yet.
fn press<'a>(person: &'a Person, button: &str, typed: &[(&str, &str)]) -> LocalBoxFuture<'a, Page> {
    let (action, mut fields) = person.page().form(button);
    fields.retain(|(known, _)| typed.iter().all(|(name, _)| name != known));
    fields.extend(typed.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
    let body = serde_html_form::to_string(fields).expect("a form");
    async move { person.request(Method::POST, &action, Some(body)).await }.boxed_local()
}

/// Twenty browsers, half of them at another process.
async fn crowd(app: &TestApp) -> Vec<Person> {
    let other = app.another().await;
    (0..20).map(|n| if n % 2 == 0 { app.visitor() } else { other.visitor() }).collect()
}

fn statuses(answers: &[Page]) -> Vec<u16> {
    let mut all: Vec<u16> = answers.iter().map(|answer| answer.status).collect();
    all.sort_unstable();
    all
}

#[actix_web::test]
async fn one_link_lets_one_person_in() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    ada.invite("grace@example.org", "User").await;
    let link = app.inbox("grace@example.org").link();
    let people = crowd(&app).await;
    for person in &people {
        person.get(&link).await.assert_status(200);
    }
    let names: Vec<String> = (0..20).map(|n| format!("Grace {n}")).collect();
    let posts = people
        .iter()
        .zip(&names)
        .map(|(person, name)| press(person, "Join", &[("name", name), ("password", GOOD)]));
    let answers = join_all(posts).await;
    assert_eq!(statuses(&answers), [[303].as_slice(), &[410; 19]].concat());
    assert_eq!(app.count("SELECT count(*) FROM members WHERE status = 'active'"), 2);
    assert_eq!(app.count("SELECT count(*) FROM audit_events WHERE action = 'invitation.accepted'"), 1);
    assert_eq!(app.count("SELECT count(*) FROM audit_events WHERE action = 'invitation.used_again'"), 19);
    let winner = answers.iter().position(|answer| answer.status == 303).expect("a winner");
    ada.get("/users").await.assert_sees(&names[winner]);
}

#[actix_web::test]
async fn one_link_sets_one_password() {
    let app = TestApp::start().await;
    app.administrator("Ada").await;
    let visitor = app.visitor();
    visitor.get("/password/forgotten").await;
    visitor.submit("Send the link", &[("email", "ada@example.org")]).await;
    let link = app.inbox("ada@example.org").link();
    app.wait(TimeDelta::seconds(1));
    let people = crowd(&app).await;
    for person in &people {
        person.get(&link).await.assert_status(200);
    }
    let passwords: Vec<String> = (0..20).map(|n| format!("{BETTER} {n}")).collect();
    let posts = people
        .iter()
        .zip(&passwords)
        .map(|(person, new)| press(person, "Save the password", &[("password", new)]));
    let answers = join_all(posts).await;
    assert_eq!(statuses(&answers), [[303].as_slice(), &[410; 19]].concat());
    let winner = answers.iter().position(|answer| answer.status == 303).expect("a winner");
    visitor.sign_in("ada@example.org", &passwords[winner]).await.assert_sees("User Directory");
    assert_eq!(app.count("SELECT count(*) FROM audit_events WHERE action = 'password.reset'"), 1);
    assert_eq!(app.count("SELECT count(*) FROM outbox WHERE kind = 'password.changed'"), 1);
}

#[actix_web::test]
async fn seats_are_never_overshot() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    let other = app.another().await;
    app.set_seats(ada.organization(), Some(5));
    ada.get("/invitations/new").await;
    let role = ada.role("User");
    let (here, there) = (ada.clone(), ada.at(&other));
    let addresses: Vec<String> = (0..20).map(|n| format!("person{n}@example.org")).collect();
    let posts = addresses.iter().enumerate().map(|(n, address)| {
        let person = if n % 2 == 0 { &here } else { &there };
        press(person, "Send invitations", &[("addresses", address), ("role", &role)])
    });
    let answers = join_all(posts).await;
    assert_eq!(statuses(&answers), [303; 20]);
    assert_eq!(app.count("SELECT count(*) FROM members"), 5);
    assert_eq!(app.count("SELECT count(*) FROM users"), 5);
    assert_eq!(app.count("SELECT count(*) FROM outbox"), 4);
}

#[actix_web::test]
async fn two_administrators_who_disable_each_other_leave_one() {
    let app = TestApp::start().await;
    let other = app.another().await;
    let ada = app.administrator("Ada").await;
    let helga = ada.welcome_administrator("Helga").await.at(&other);
    for _ in 0..3 {
        let (a, h) = (ada.member("Ada").await, ada.member("Helga").await);
        ada.get(&format!("/users/{h}/disablement")).await;
        helga.get(&format!("/users/{a}/disablement")).await;
        let (one, two) = join(press(&ada, "Disable", &[]), press(&helga, "Disable", &[])).await;
        // The second request is refused, lacks the permission by now, or finds its session ended.
        assert!(matches!(statuses(&[one, two])[..], [303, 303 | 404 | 422]));
        assert_eq!(app.count("SELECT count(*) FROM members WHERE status = 'active'"), 1);
        app.execute("UPDATE members SET status = 'active'");
        for (person, email) in [(&ada, "ada@example.org"), (&helga, "helga@example.org")] {
            app.wait(TimeDelta::seconds(1));
            person.forget_cookie("__Host-roster-session");
            person.sign_in(email, GOOD).await.assert_sees("User Directory");
        }
    }
}

#[actix_web::test]
async fn one_address_invited_by_two_organizations_at_once_is_one_person() {
    let app = TestApp::start().await;
    let other = app.another().await;
    let ada = app.administrator("Ada").await;
    let alan = app.another_organization("Bletchley Park", "Alan", None).await.at(&other);
    for n in 0..5 {
        let address = format!("person{n}@example.org");
        ada.get("/invitations/new").await;
        alan.get("/invitations/new").await;
        let (mine, theirs) = (ada.role("User"), alan.role("User"));
        let posts = (0..6).map(|n| {
            let (person, role) = if n % 2 == 0 { (&ada, &mine) } else { (&alan, &theirs) };
            press(person, "Send invitations", &[("addresses", &address), ("role", role)])
        });
        let posts: Vec<_> = posts.collect();
        assert_eq!(statuses(&join_all(posts).await), [303; 6]);
        let open = format!(
            "SELECT count(*) FROM links WHERE voided_at IS NULL AND user_id = (SELECT user_id FROM user_names WHERE name_key = '{address}')"
        );
        assert!(app.count(&open) >= 1);
    }
    assert_eq!(app.count("SELECT count(*) FROM users"), 7);
}

#[actix_web::test]
async fn cancelling_what_another_organization_invites_too_breaks_neither() {
    let app = TestApp::start().await;
    let other = app.another().await;
    let ada = app.administrator("Ada").await;
    let alan = app.another_organization("Bletchley Park", "Alan", None).await.at(&other);
    for n in 0..10 {
        let address = format!("person{n}@example.org");
        ada.invite(&address, "User").await.assert_sees("1 invited");
        let id = ada.member(&address).await;
        let cancel = ada.get(&format!("/users/{id}")).await.link("Cancel invitation");
        ada.get(&cancel).await;
        alan.get("/invitations/new").await;
        let role = alan.role("User");
        let inviting = press(&alan, "Send invitations", &[("addresses", &address), ("role", &role)]);
        let (cancelled, invited) = join(press(&ada, "Cancel the invitation", &[]), inviting).await;
        assert_eq!((cancelled.status, invited.status), (303, 303));
    }
}

#[actix_web::test]
async fn accepting_and_cancelling_at_once_ends_one_way_or_the_other() {
    let app = TestApp::start().await;
    let other = app.another().await;
    let ada = app.administrator("Ada").await;
    for n in 0..6 {
        let address = format!("person{n}@example.org");
        ada.invite(&address, "User").await;
        let person = other.visitor();
        person.get(&app.inbox(&address).link()).await.assert_status(200);
        let id = ada.member(&address).await;
        let cancel = ada.get(&format!("/users/{id}")).await.link("Cancel invitation");
        ada.get(&cancel).await;
        let joining = press(&person, "Join", &[("name", "Somebody"), ("password", GOOD)]);
        let (joined, cancelled) = join(joining, press(&ada, "Cancel the invitation", &[])).await;
        let is_member = app.count(&format!("SELECT count(*) FROM user_names WHERE name_key = '{address}'")) == 1;
        match (joined.status, cancelled.status) {
            (303, 404) => assert!(is_member),
            (404 | 410, 303) => assert!(!is_member),
            other => panic!("{other:?}"),
        }
    }
}

#[actix_web::test]
async fn resending_at_once_leaves_one_link_that_works() {
    let app = TestApp::start().await;
    let other = app.another().await;
    let ada = app.administrator("Ada").await;
    ada.invite("grace@example.org", "User").await;
    let id = ada.member("grace@example.org").await;
    ada.get(&format!("/users/{id}")).await;
    let there = ada.at(&other);
    let posts = (0..6).map(|n| press(if n % 2 == 0 { &ada } else { &there }, "Resend invitation", &[]));
    let posts: Vec<_> = posts.collect();
    assert_eq!(statuses(&join_all(posts).await), [303; 6]);
    assert_eq!(app.count("SELECT count(*) FROM links WHERE kind = 'invitation' AND voided_at IS NULL"), 1);
    assert_eq!(app.count("SELECT count(*) FROM outbox WHERE state = 'waiting'"), 1);
    app.visitor().accept("Grace").await;
}

#[actix_web::test]
async fn a_hundred_guesses_at_once_are_ten_guesses() {
    let app = TestApp::start().await;
    let other = app.another().await;
    app.administrator("Ada").await;
    let mut people = vec![];
    for n in 0..100_u32 {
        let person = if n % 2 == 0 { app.visitor() } else { other.visitor() };
        let person = person.at_address(&format!("198.51.100.{n}"));
        person.get("/sign-in").await;
        people.push(person);
    }
    let posts = people
        .iter()
        .map(|person| press(person, "Sign in", &[("name", "ada@example.org"), ("password", "wrong")]));
    let answers = join_all(posts).await;
    assert_eq!(statuses(&answers), [[422; 10].as_slice(), &[429; 90]].concat());
}

#[actix_web::test]
async fn one_address_is_created_once_whoever_asks() {
    let app = TestApp::start().await;
    let other = app.another().await;
    let ada = app.administrator("Ada").await;
    let mallory = app.another_organization("Elsewhere", "Mallory", None).await;
    ada.get("/users/new").await;
    mallory.get("/users/new").await;
    let people = [ada.clone(), mallory.clone(), ada.at(&other), mallory.at(&other)];
    let names: Vec<String> = (0..20).map(|n| format!("grace{n}")).collect();
    let posts = names.iter().zip(people.iter().cycle()).map(|(name, person)| {
        let typed = [("first_name", "Grace"), ("email", "grace@example.org"), ("username", name)];
        press(person, "Create User", &typed)
    });
    let answers = join_all(posts).await;
    // The same form sent again leads to the user that it created. The other form is refused.
    assert_eq!(statuses(&answers), [[200].as_slice(), &[303; 9], &[422; 10]].concat());
    assert_eq!(app.count("SELECT count(*) FROM users"), 3);
    assert_eq!(app.count("SELECT count(*) FROM user_names"), 4);
    assert_eq!(app.count("SELECT count(*) FROM audit_events WHERE action = 'member.created'"), 1);
}

#[actix_web::test]
async fn seats_are_never_overshot_by_creating() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    let other = app.another().await;
    app.set_seats(ada.organization(), Some(4));
    ada.get("/users/new").await;
    let (here, there) = (ada.clone(), ada.at(&other));
    let addresses: Vec<String> = (0..20).map(|n| format!("person{n}@example.org")).collect();
    let posts = addresses.iter().enumerate().map(|(n, address)| {
        let person = if n % 2 == 0 { &here } else { &there };
        press(person, "Create User", &[("first_name", "Grace"), ("email", address)])
    });
    let answers = join_all(posts).await;
    assert_eq!(statuses(&answers), [[200; 3].as_slice(), &[422; 17]].concat());
    assert_eq!(app.count("SELECT count(*) FROM members"), 4);
}
