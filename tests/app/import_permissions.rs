//! Who may import a file. An import cannot do what the forms cannot.

use crate::harness::{Person, TestApp};
use actix_web::http::Method;

const FILE: &str = "name,email\nGrace,grace@x.org\n";

fn token_of(person: &Person) -> String {
    person.page().attribute("input[name=csrf]", "value").expect("a token")
}

fn fields(token: &str, more: &[(&str, &str)]) -> Vec<(String, String)> {
    let all = [&[("csrf", token)][..], more].concat();
    all.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
}

#[actix_web::test]
async fn a_file_is_read_from_a_form_of_this_browser_only() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    let path = format!("/o/{}/imports", ada.organization());
    let role = {
        ada.get("/imports/new").await;
        ada.role("User")
    };
    let token = token_of(&ada);
    let with = [("way", "create"), ("role", role.as_str())];
    for wrong in ["", "x", &token[1..]] {
        ada.post_file(&path, &fields(wrong, &with), FILE).await.assert_status(403);
    }
    let twice = [&fields(&token, &[])[..], &fields(&token, &with)].concat();
    ada.post_file(&path, &twice, FILE).await.assert_status(403);
    ada.post_file(&path, &fields(&token, &[("way", "create"), ("admin", "1")]), FILE)
        .await
        .assert_status(400);
    ada.post_raw(&path, &fields(&token, &with)).await.assert_status(403);
    ada.clone()
        .with_header("origin", "https://evil.example")
        .post_file(&path, &fields(&token, &with), FILE)
        .await
        .assert_status(403);
    ada.headers.borrow_mut().clear();
    assert_eq!(app.count("SELECT count(*) FROM batches"), 0);
    let large = "x".repeat(9 * 1024 * 1024);
    ada.post_file(&path, &fields(&token, &with), &large).await.assert_status(413);
    ada.post_file(&path, &fields(&token, &[("way", &large[..300 * 1024])]), FILE)
        .await
        .assert_status(413);
    ada.post_file(&path, &fields(&token, &with), FILE).await.assert_sees("Create 1 person?");
    app.visitor().post_file(&path, &fields(&token, &with), FILE).await.assert_sees("Sign in");
}

#[actix_web::test]
async fn a_file_with_nothing_in_it_to_import_is_a_complaint_at_the_form() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    for (file, says) in [
        ("", "There is nothing in it"),
        ("email\n", "there is no line"),
        ("email,name\na@x.org,\"Ann\n", "opens on line 2"),
    ] {
        ada.import("create", file).await.assert_status(422).assert_sees(says);
    }
    ada.import("", FILE).await.assert_status(422).assert_sees("Choose one of them");
    ada.import("steal", FILE).await.assert_status(400);
}

#[actix_web::test]
async fn nobody_gives_by_a_file_what_they_do_not_hold() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    app.role(ada.organization(), "Clerk", &["user:read:*", "user:invite:*", "user:manage:*", "team:read:*"]);
    app.role(ada.organization(), "Inviter", &["user:read:*", "user:invite:*", "team:read:*"]);
    let clerk = ada.welcome("Clerk", "Clerk").await;
    let file = "name,email,role\nA,a@x.org,Administrator\nB,b@x.org,Viewer\nC,c@x.org,CI/CD\nD,d@x.org,\"Viewer, Team Administrator\"\n";
    clerk.get("/imports/new").await;
    let viewer = clerk.role("Viewer");
    let path = format!("/o/{}/imports", ada.organization());
    let with = [("way", "create"), ("role", viewer.as_str())];
    let page = clerk
        .post_file(&path, &fields(&token_of(&clerk), &with), file)
        .await
        .assert_sees("Create 1 person?");
    page.assert_sees("The role Administrator allows *:*:*")
        .assert_sees("The role CI/CD is not for people");
    let draft = clerk.page().path;

    // A member with more permissions cannot start it. And it runs with the present permissions of the member who
    // uploaded the file.
    ada.get(&draft).await.assert_sees("who brought the file, starts it");
    ada.post(&draft, &[]).await.assert_sees("Only the member who brought the file starts it");
    clerk.get(&draft).await;
    let (action, form) = clerk.page().form("Import 1 person");
    app.execute(
        "DELETE FROM role_permissions WHERE permission = 'user:manage:*' AND role_id IN (SELECT id FROM roles WHERE name = 'Clerk')",
    );
    clerk.post_raw(&action, &form).await.assert_status(403).assert_sees("user:manage:*");
    assert_eq!(app.count("SELECT count(*) FROM users WHERE email LIKE '%@x.org'"), 0);

    // The roles chosen on the form are checked in the same way.
    clerk.get("/imports/new").await.assert_status(200);
    let user = ada.get("/imports/new").await.attributes("#roles input", "value");
    for role in user {
        let with = [("way", "invite"), ("role", role.as_str())];
        let answer = clerk.post_file(&path, &fields(&token_of(&clerk), &with), FILE).await;
        assert!(answer.status == 200 || answer.text().contains("which you may not do yourself"), "{}", answer.text());
        clerk.get("/imports/new").await;
    }
    let inviter = ada.welcome("Inviter", "Inviter").await;
    inviter.import("create", FILE).await.assert_status(422);
    inviter.get("/imports/new").await;
    let with = [("way", "create"), ("role", viewer.as_str())];
    inviter.post_file(&path, &fields(&token_of(&inviter), &with), FILE).await.assert_status(403);
}

#[actix_web::test]
async fn rights_lost_while_it_runs_end_it() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    app.role(ada.organization(), "Clerk", &["user:read:*", "user:manage:*", "team:read:*"]);
    let clerk = ada.welcome("Clerk", "Clerk").await;
    clerk.get("/imports/new").await;
    let viewer = clerk.role("Viewer");
    let lines: Vec<String> = (0..300).map(|i| format!("P,p{i}@x.org\n")).collect();
    let path = format!("/o/{}/imports", ada.organization());
    let with = [("way", "create"), ("role", viewer.as_str())];
    clerk
        .post_file(&path, &fields(&token_of(&clerk), &with), &format!("name,email\n{}", lines.concat()))
        .await;
    let draft = clerk.page().path;
    clerk.submit("Import 300 people", &[]).await.assert_sees("200 of 300");
    ada.disable("Clerk").await;
    app.work();
    ada.get(&draft).await.assert_sees("Stopped after 200 of 300");
    assert_eq!(app.count("SELECT count(*) FROM users WHERE email LIKE '%@x.org'"), 200);
}

#[actix_web::test]
async fn an_import_belongs_to_one_organization_and_to_those_who_bring_people_in() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    let draft = ada.import("create", FILE).await.path;
    let user = ada.welcome("Kay", "User").await;
    let eve = app.another_organization("Evil", "Eve", None).await;
    let theirs = draft.replace(&ada.organization().to_string(), &eve.organization().to_string());
    for rest in ["", "/result.csv"] {
        user.get(&format!("{draft}{rest}")).await.assert_status(403);
        eve.get(&format!("{theirs}{rest}")).await.assert_status(404);
        eve.get(&format!("{draft}{rest}")).await.assert_status(404);
    }
    for rest in ["", "/deletion", "/end"] {
        user.get("/users").await;
        user.post(&format!("{draft}{rest}"), &[]).await.assert_status(403);
        eve.get("/users").await;
        eve.post(&format!("{theirs}{rest}"), &[]).await.assert_status(404);
    }
    user.get("/users").await.assert_misses("Import CSV");
    ada.get("/users").await.assert_sees("Import CSV");
    // It is not reachable as a batch of another kind either.
    ada.get(&draft.replace("/imports/", "/batches/")).await.assert_status(404);
    assert_eq!(app.count("SELECT count(*) FROM batches WHERE state = 'draft'"), 1);
}

#[actix_web::test]
async fn files_are_looked_at_so_often_and_no_oftener() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    for _ in 0..20 {
        ada.import("create", FILE).await.assert_status(200);
    }
    ada.import("create", FILE).await.assert_status(429);
    app.wait(chrono::TimeDelta::minutes(1));
    ada.import("create", FILE).await.assert_status(200);
}

#[actix_web::test]
async fn a_double_click_imports_once_and_hostile_cells_stay_text() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    let file = "name,email,title\n<img src=x onerror=alert(1)>,a@x.org,\"<script>\"\n\u{202e}Evil,b@x.org,\nG,c@x.org,'=1+1\n";
    let page = ada.import("create", file).await.assert_sees("Create 2 people?").assert_sees("cannot be seen");
    assert!(page.all("img[src=x], main script").is_empty());
    let (action, form) = page.form("Import 2 people");
    ada.post_raw(&action, &form).await.assert_sees("2 people created");
    ada.post_raw(&action, &form)
        .await
        .assert_sees("2 people created")
        .assert_sees("started or discarded before");
    assert_eq!(app.count("SELECT count(*) FROM users WHERE email LIKE '%@x.org'"), 2);
    assert_eq!(app.count("SELECT count(*) FROM members WHERE title = '=1+1'"), 1);
    let body = serde_html_form::to_string(&form).expect("a form");
    let result = ada.request(Method::POST, &format!("{action}/end"), Some(body)).await;
    assert_eq!(result.status, 303);
}
