//! First name, last name and display name, wherever they are typed, shown, changed or exported.

use crate::harness::{Page, Person, TestApp, user_creation::audited};

/// First, last and display name as stored.
const NAMES: &str = "SELECT first_name || '|' || last_name || '|' || name FROM members WHERE name <> 'Ada'";

async fn edit(person: &Person, path: &str, typed: &[(&str, &str)]) -> Page {
    person.get(path).await.assert_status(200);
    person.submit("Save changes", typed).await
}

/// A member with first and last name, and the path of their profile.
async fn grace(ada: &Person) -> String {
    ada.get("/users/new").await;
    let typed = [("first_name", "Grace"), ("last_name", "Hopper"), ("email", "grace@example.org")];
    ada.submit("Create User", &typed).await.assert_status(200);
    format!("/users/{}", ada.member("Grace Hopper").await)
}

#[actix_web::test]
async fn somebody_is_created_with_first_and_last_name_and_shown_by_both() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    let path = grace(&ada).await;
    assert_eq!(app.text(NAMES), "Grace|Hopper|Grace Hopper");
    let form = ada.get(&path).await;
    for (field, value) in [("first_name", "Grace"), ("last_name", "Hopper"), ("name", "Grace Hopper")] {
        assert_eq!(form.attribute(&format!("#{field}"), "value").as_deref(), Some(value));
    }
    let after = app.text("SELECT CAST(after AS text) FROM audit_events WHERE action = 'member.created'");
    let after: serde_json::Value = serde_json::from_str(&after).expect("JSON");
    assert_eq!((&after["first_name"], &after["last_name"]), (&"Grace".into(), &"Hopper".into()));
}

#[actix_web::test]
async fn the_writer_decides_the_order_of_a_name() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    ada.get("/users/new").await;
    let typed = [
        ("first_name", "太郎"),
        ("last_name", "山田"),
        ("name", "山田 太郎"),
        ("email", "taro@example.org"),
    ];
    ada.submit("Create User", &typed).await.assert_status(200).assert_sees("山田 太郎");
    assert_eq!(app.text(NAMES), "太郎|山田|山田 太郎");
    // A display name typed by hand stays when the first name changes.
    let path = format!("/users/{}", ada.member("山田 太郎").await);
    edit(&ada, &path, &[("first_name", "次郎")]).await.assert_sees("are saved");
    assert_eq!(app.text(NAMES), "次郎|山田|山田 太郎");
}

#[actix_web::test]
async fn nobody_is_created_without_any_name() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    ada.get("/users/new").await;
    ada.submit("Create User", &[("first_name", " "), ("email", "grace@example.org")])
        .await
        .assert_status(422)
        .assert_sees("Type a first name, a last name or a display name");
    assert_eq!(app.count("SELECT count(*) FROM members"), 1);
}

#[actix_web::test]
async fn the_display_name_follows_until_it_is_written_otherwise() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    let path = grace(&ada).await;
    edit(&ada, &path, &[("last_name", "Murray")]).await.assert_sees("are saved");
    assert_eq!(app.text(NAMES), "Grace|Murray|Grace Murray");
    edit(&ada, &path, &[("name", "Amazing Grace")]).await.assert_sees("are saved");
    edit(&ada, &path, &[("last_name", "Hopper")]).await.assert_sees("are saved");
    assert_eq!(app.text(NAMES), "Grace|Hopper|Amazing Grace");
    // If it is cleared, it is composed of first and last name again.
    edit(&ada, &path, &[("name", "")]).await.assert_sees("are saved");
    assert_eq!(app.text(NAMES), "Grace|Hopper|Grace Hopper");
    let long = "x".repeat(96);
    edit(&ada, &path, &[("last_name", &long)])
        .await
        .assert_status(422)
        .assert_sees("more than 100 characters");
    assert_eq!(app.text(NAMES), "Grace|Hopper|Grace Hopper");
}

#[actix_web::test]
async fn everybody_says_their_own_names_when_they_join_and_later() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    ada.invite("grace@example.org", "User").await;
    let grace = app.visitor();
    grace.get(&app.inbox("grace@example.org").link()).await;
    let typed = [("first_name", "Grace"), ("last_name", "Hopper"), ("password", crate::harness::GOOD)];
    grace.submit("Join", &typed).await.assert_status(200).assert_sees("Grace Hopper");
    assert_eq!(app.text(NAMES), "Grace|Hopper|Grace Hopper");
    edit(&grace, "/me", &[("first_name", "Grace Brewster")]).await.assert_sees("are saved");
    assert_eq!(app.text(NAMES), "Grace Brewster|Hopper|Grace Brewster Hopper");
    assert_eq!(audited(&app, "member.edited"), 1);
}

#[actix_web::test]
async fn an_invitation_keeps_the_names_that_a_file_knew() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    ada.import("invite", "first name,last name,email\nGrace,Hopper,grace@example.org\n").await;
    ada.submit("Import", &[]).await;
    app.work();
    let grace = app.visitor();
    let page = grace.get(&app.inbox("grace@example.org").link()).await;
    assert_eq!(page.attribute("#first_name", "value").as_deref(), Some("Grace"));
    assert_eq!(page.attribute("#last_name", "value").as_deref(), Some("Hopper"));
    assert_eq!(page.attribute("#name", "value").as_deref(), Some(""));
}

#[actix_web::test]
async fn the_founder_says_both_names() {
    let app = TestApp::start().await;
    let now = app.clock.now();
    let path = app
        .db
        .write_here(|tx| roster::setup::issue_link(tx, now))
        .expect("a link")
        .expect("nobody is here yet");
    let ada = app.visitor();
    ada.get(&path).await.assert_status(200);
    let fields = [
        ("organization", "Analytical Engines"),
        ("first_name", "Ada"),
        ("last_name", "Lovelace"),
        ("email", "ada@example.org"),
        ("password", crate::harness::GOOD),
    ];
    ada.submit("Create organization", &fields).await.assert_status(200);
    assert_eq!(app.text(NAMES), "Ada|Lovelace|Ada Lovelace");
}

#[actix_web::test]
async fn both_names_leave_with_the_list_and_come_back_with_the_file() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    grace(&ada).await;
    let file = ada.get("/users/export?q=grace").await.body.clone();
    assert!(file.lines().next().is_some_and(|head| head.contains("first_name,last_name")), "{file}");
    assert!(file.contains(",Grace,Hopper"), "{file}");
    let file = file.replace("grace@example.org", "other@example.org").replace("Hopper", "Murray");
    ada.import("create", &file).await;
    ada.submit("Import", &[]).await;
    app.work();
    assert_eq!(
        app.text("SELECT first_name || '|' || last_name || '|' || name FROM members WHERE last_name = 'Murray'"),
        "Grace|Murray|Grace Murray"
    );
}

#[actix_web::test]
async fn two_who_change_names_at_once_decide_field_by_field() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    let helga = ada.welcome_administrator("Helga").await;
    let path = grace(&ada).await;
    helga.get(&path).await;
    edit(&ada, &path, &[("first_name", "Grace Brewster")]).await.assert_sees("are saved");
    let page = helga.submit("Save changes", &[("last_name", "Murray")]).await.assert_status(409);
    assert_eq!(page.all("fieldset legend"), ["First name", "Display name"]);
    assert_eq!(page.attributes("input[type=radio][name=first_name][checked]", "value"), ["Grace Brewster"]);
    helga
        .submit("Save my choices", &[("first_name", "Grace Brewster"), ("name", "Grace Brewster Hopper")])
        .await
        .assert_sees("are saved");
    let names = "SELECT first_name || '|' || last_name || '|' || name FROM members WHERE last_name = 'Murray'";
    assert_eq!(app.text(names), "Grace Brewster|Murray|Grace Brewster Murray");
}
