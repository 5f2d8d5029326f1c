//! What administrators do to one member: make and remove administrators, assign roles with an end date, disable,
//! delete; and who may not.

use crate::harness::{GOOD, Person, TestApp};
use chrono::TimeDelta;

/// Does what the page behind a menu entry asks to confirm.
async fn act(person: &Person, name: &str, noun: &str, typed: &[(&str, &str)]) -> crate::harness::Page {
    let id = person.member(name).await;
    person.get(&format!("/users/{id}/{noun}")).await;
    let button = match noun {
        "disablement" => "Disable",
        "administration" => "Make administrator",
        "administration/deletion" => "Remove administrator",
        _ => "Delete",
    };
    person.submit(button, typed).await
}

/// The form of the current Access tab, with a role ticked until the end of a day, or without an end.
fn granting(person: &Person, role: &str, until: &str) -> (String, Vec<(String, String)>) {
    let page = person.page();
    let offered = page.all(".grant .choice > span > span");
    let at = offered.iter().position(|name| name == role).expect("the role is offered");
    let id = page.attributes(".grant input[name=listed]", "value")[at].clone();
    let (action, mut fields) = page.form("Save access");
    let day = fields.iter_mut().filter(|(name, _)| name == "until").nth(at);
    day.expect("a day beside each").1 = until.into();
    fields.retain(|(name, value)| name != "role" || *value != id);
    fields.push(("role".into(), id));
    (action, fields)
}

#[actix_web::test]
async fn somebody_is_made_administrator_and_general_user_again() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    let grace = ada.welcome("Grace", "Viewer").await;
    grace.get("/invitations/new").await.assert_status(403);

    act(&ada, "Grace", "administration", &[]).await.assert_sees("Grace is an administrator now");
    grace.get("/invitations/new").await.assert_status(200);

    act(&ada, "Grace", "administration/deletion", &[])
        .await
        .assert_sees("not an administrator any more");
    grace.get("/invitations/new").await.assert_status(403);
    grace.get("/users").await.assert_status(200);
    assert_eq!(
        app.count("SELECT count(*) FROM audit_events WHERE action IN ('member.made_administrator', 'member.unmade_administrator')"),
        2
    );
}

#[actix_web::test]
async fn the_notice_takes_it_back() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    let grace = ada.welcome("Grace", "Viewer").await;
    act(&ada, "Grace", "administration", &[]).await.assert_sees("Undo");
    ada.submit("Undo", &[]).await.assert_sees("not an administrator any more");
    grace.get("/invitations/new").await.assert_status(403);
}

#[actix_web::test]
async fn an_administrator_with_no_other_role_becomes_an_ordinary_user() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    let grace = ada.welcome_administrator("Grace").await;
    act(&ada, "Grace", "administration/deletion", &[]).await.assert_status(200);
    grace.get("/users").await.assert_status(200).assert_sees("Ada");
    let page = ada.get("/users?q=Grace").await;
    assert_eq!(page.all("td.c-roles .tag"), ["User"]);
}

#[actix_web::test]
async fn a_role_lapses_by_itself_when_its_last_day_is_over() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    let grace = ada.welcome("Grace", "Viewer").await;
    let id = ada.member("Grace").await;
    app.role(ada.organization(), "Inviter", &["user:invite:*"]);
    ada.get(&format!("/users/{id}/roles")).await;
    let (action, fields) = granting(&ada, "Inviter", "2026-03-12");
    ada.post_raw(&action, &fields).await.assert_sees("Access is changed");

    grace.get("/invitations/new").await.assert_status(200);
    // Every page tells the last day, and no page the day after it, when the role has ended.
    let (profile, access) = (format!("/users/{id}"), format!("/users/{id}/roles"));
    for (person, path) in [
        (&ada, &*profile),
        (&ada, &access),
        (&grace, &profile),
        (&grace, "/me"),
        (&grace, "/me/access"),
    ] {
        let body = person.get(path).await.body;
        assert!(body.contains("12 Mar 2026") && !body.contains("13 Mar 2026"), "{path}: {body}");
    }
    // The evening of its last day in UTC. Nobody signed in and no sweep ran in the meantime.
    app.wait(TimeDelta::hours(38));
    let again = app.visitor();
    again.sign_in("grace@example.org", GOOD).await;
    again.get("/invitations/new").await.assert_status(200);
    app.wait(TimeDelta::hours(2));
    again.get("/invitations/new").await.assert_status(403);
    again.get("/users").await.assert_status(200);
}

#[actix_web::test]
async fn an_end_that_is_no_day_to_come_is_told_and_nothing_is_lost() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    ada.welcome("Grace", "Viewer").await;
    let id = ada.member("Grace").await;
    ada.get(&format!("/users/{id}/roles")).await;
    for day in ["2026-03-10", "2026-02-31", "tomorrow", "9999-12-31"] {
        let (action, mut fields) = ada.page().form("Save access");
        fields.iter_mut().filter(|(name, _)| name == "until").for_each(|(_, value)| *value = day.into());
        let page = ada.post_raw(&action, &fields).await.assert_status(422).assert_sees("a day to come");
        assert!(page.attributes("input[name=until]", "value").contains(&day.to_owned()), "{day}");
    }
    ada.get(&format!("/users/{id}/roles")).await;
    let (action, mut fields) = ada.page().form("Save access");
    fields.retain(|(name, _)| name != "role");
    ada.post_raw(&action, &fields).await.assert_status(422).assert_sees("at least one role");
}

#[actix_web::test]
async fn two_who_change_the_roles_of_one_person_lose_nothing_of_each_other() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    let helga = ada.welcome_administrator("Helga").await;
    ada.welcome("Grace", "Viewer").await;
    app.role(ada.organization(), "First", &["role:read:*"]);
    app.role(ada.organization(), "Second", &["policy:read:*"]);
    let id = ada.member("Grace").await;
    for person in [&ada, &helga] {
        person.get(&format!("/users/{id}/roles")).await.assert_status(200);
    }
    for (person, role) in [(&ada, "First"), (&helga, "Second")] {
        let (action, fields) = granting(person, role, "");
        person.post_raw(&action, &fields).await.assert_sees("Access is changed");
    }
    let page = ada.get(&format!("/users/{id}")).await;
    assert_eq!(page.all(".profile .tag"), ["First", "Second", "Viewer"]);
}

#[actix_web::test]
async fn whoever_is_deleted_is_gone_at_once_and_can_be_invited_anew() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    let grace = ada.welcome("Grace", "User").await;
    let id = ada.member("Grace").await;
    ada.get(&format!("/users/{id}/deletion")).await.assert_sees("cannot be undone");
    ada.submit("Delete", &[("name", "Grave")]).await.assert_status(422).assert_sees("Type the name");
    ada.submit("Delete", &[("name", " Grace ")])
        .await
        .assert_sees("Grace is deleted")
        .assert_status(200);

    // It holds in another process, at the very next request.
    grace.at(&app.another().await).get("/users").await.assert_sees("Sign in").assert_misses("Ada");
    app.visitor().sign_in("grace@example.org", GOOD).await.assert_status(422);
    ada.get(&format!("/users/{id}")).await.assert_status(404);
    assert_eq!(app.count("SELECT count(*) FROM users WHERE email = 'grace@example.org'"), 0);
    assert_eq!(app.text("SELECT target_name FROM audit_events WHERE action = 'member.deleted'"), "Grace");

    let anew = ada.welcome("Grace", "Viewer").await;
    anew.get("/users").await.assert_status(200);
    let now = ada.member("Grace").await;
    assert_ne!(now, id);
    let page = ada.get(&format!("/users/{now}")).await;
    assert_eq!(page.all(".profile .tag"), ["Viewer"]);
}

#[actix_web::test]
async fn whoever_belongs_elsewhere_too_is_deleted_here_only() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    let other = app.another_organization("Elsewhere", "Mallory", None).await;
    let grace = ada.welcome("Grace", "User").await;
    other.invite("grace@example.org", "User").await.assert_sees("1 invited");
    act(&ada, "Grace", "deletion", &[("name", "Grace")]).await.assert_sees("Grace is deleted");
    grace.get("/users").await.assert_status(404);
    grace.get("/").await.assert_sees("Elsewhere");
}

#[actix_web::test]
async fn nobody_does_it_to_themselves_and_the_last_administrator_stays() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    let me = ada.member("Ada").await;
    app.role(ada.organization(), "Everything", &["*:*:*"]);
    let root = ada.welcome("Root", "Everything").await;
    let actions = "SELECT count(*) FROM audit_events WHERE action LIKE 'member.%'";
    let before = app.count(actions);
    for noun in ["disablement", "administration/deletion", "deletion"] {
        ada.get(&format!("/users/{me}/{noun}")).await.assert_status(422).assert_sees("your own");
        ada.post(&format!("/users/{me}/{noun}"), &[("name", "Ada")])
            .await
            .assert_status(422)
            .assert_sees("your own");
        // A member with all permissions who is not an administrator cannot remove the last one either.
        root.get("/users").await;
        root.post(&format!("/users/{me}/{noun}"), &[("name", "Ada")])
            .await
            .assert_status(422)
            .assert_sees("last administrator");
    }
    ada.get(&format!("/users/{me}/roles")).await.assert_misses("Save roles");
    ada.post(&format!("/users/{me}/roles"), &[("role", "00000000-0000-0000-0000-000000000000")])
        .await
        .assert_status(400);
    assert_eq!(app.count(actions), before);
    ada.get("/users").await.assert_status(200);
}

#[actix_web::test]
async fn an_administrator_until_a_date_does_not_hold_the_house() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    let helga = ada.welcome_administrator("Helga").await;
    let id = helga.member("Ada").await;
    // Helga makes Ada an administrator until a date, which is allowed while Helga is one without an end…
    helga.get(&format!("/users/{id}/roles")).await;
    let (action, fields) = granting(&helga, "Administrator", "2026-03-20");
    helga.post_raw(&action, &fields).await.assert_sees("Nothing is saved yet");
    helga.submit("Confirm and save", &[]).await.assert_sees("Access is changed");
    // … and after that Helga is the last administrator without an end.
    let id = ada.member("Helga").await;
    for noun in ["disablement", "administration/deletion", "deletion"] {
        ada.get(&format!("/users/{id}/{noun}")).await.assert_status(422).assert_sees("last administrator");
    }
}

#[actix_web::test]
async fn nobody_touches_whoever_may_do_more_or_grants_what_they_do_not_hold() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    ada.welcome_administrator("Helga").await;
    app.role(ada.organization(), "Help Desk", &["user:manage:*", "team:read:*"]);
    app.role(ada.organization(), "Roles", &["role:manage:*"]);
    let desk = ada.welcome("Desk", "Help Desk").await;
    ada.welcome("Vera", "Viewer").await;
    let above = desk.member("Helga").await;
    for noun in ["disablement", "deletion", "administration", "administration/deletion"] {
        desk.post(&format!("/users/{above}/{noun}"), &[("name", "Helga")]).await.assert_status(422);
    }
    let vera = desk.member("Vera").await;
    desk.post(&format!("/users/{vera}/administration"), &[])
        .await
        .assert_status(422)
        .assert_sees("Nobody grants what they do not hold");
    let wide = app.text("SELECT CAST(count(*) AS text) FROM member_roles");
    ada.get(&format!("/users/{vera}/roles")).await;
    let (_, fields) = granting(&ada, "Roles", "");
    let id = fields.last().expect("the role").1.clone();
    desk.get(&format!("/users/{vera}/roles")).await;
    let (action, mut fields) = desk.page().form("Save access");
    fields.push(("role".into(), id));
    desk.post_raw(&action, &fields)
        .await
        .assert_status(422)
        .assert_sees("Nobody grants what they do not hold");
    assert_eq!(app.text("SELECT CAST(count(*) AS text) FROM member_roles"), wide);
    desk.get(&format!("/users/{vera}/disablement")).await;
    desk.submit("Disable", &[]).await.assert_sees("Vera is disabled");
}

#[actix_web::test]
async fn an_abandoned_browser_makes_nobody_an_administrator_by_any_door() {
    const HELD: &str = "SELECT count(*) FROM member_roles JOIN roles ON roles.id = role_id WHERE predefined = 'administrator'";
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    ada.welcome("Grace", "User").await;
    ada.welcome_administrator("Helga").await;
    let (grace, helga) = (ada.member("Grace").await, ada.member("Helga").await);
    let role = app.text("SELECT name FROM roles WHERE predefined = 'administrator'");
    ada.get(&format!("/bulk?kind=user&act=remove_administrator&member={helga}")).await;
    ada.submit("Remove 1 person", &[]).await.assert_sees("Undo");
    let undo = ada.page().form("Undo");
    assert_eq!(app.count(HELD), 1);
    // Forms opened in time, but sent much later.
    let mut forms = vec![undo];
    ada.get(&format!("/users/{grace}/roles")).await;
    forms.push(granting(&ada, &role, ""));
    ada.get(&format!("/bulk?kind=user&act=add_role&member={grace}")).await;
    let options = ada.page().all("#role option");
    let at = options.iter().position(|name| *name == role).expect("the role");
    let id = ada.page().attributes("#role option", "value")[at].clone();
    let (action, mut fields) = ada.page().form("Add a role");
    fields.retain(|(name, _)| name != "role");
    fields.push(("role".into(), id));
    forms.push((action, fields));
    for (path, button, typed) in [
        ("/users/new", "Create User", vec![("first_name", "Eve"), ("email", "eve@example.org")]),
        ("/invitations/new", "Send invitations", vec![("addresses", "eve@example.org")]),
    ] {
        ada.get(path).await;
        let (action, mut fields) = ada.page().form(button);
        fields.retain(|(name, _)| name != "access" && typed.iter().all(|(other, _)| other != name));
        fields.push(("access".into(), "administrator".into()));
        fields.extend(typed.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
        forms.push((action, fields));
    }
    app.wait(TimeDelta::minutes(16));
    for (action, fields) in forms {
        let page = ada.post_raw(&action, &fields).await;
        assert!(page.path.starts_with("/sign-in/again?"), "{action}: {}", page.text());
        // After reauthentication the page exists: no 404.
        let page = ada.submit("Continue", &[("password", GOOD)]).await.assert_status(200);
        assert!(page.path.starts_with("/o/"), "{action} leads to {}", page.path);
        app.wait(TimeDelta::minutes(16));
    }
    assert_eq!(app.count(HELD), 1);
    assert_eq!(app.count("SELECT count(*) FROM user_names WHERE name_key = 'eve@example.org'"), 0);
}
