//! Forms that are sent slowly: who sends the form, and when, is decided when all of it has arrived.

use crate::harness::TestApp;

#[actix_web::test]
async fn whoever_holds_back_the_end_of_a_form_holds_back_no_rights() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    let grace = ada.welcome_administrator("Grace").await;
    let linus = ada.welcome("Linus", "Viewer").await;
    let id = grace.member("Linus").await;
    grace.get(&format!("/users/{id}/administration")).await;
    let there = app.clone();
    grace.hold(move || there.execute("UPDATE members SET status = 'disabled' WHERE name = 'Grace'"));
    grace
        .submit("Make administrator", &[])
        .await
        .assert_sees("Your session has ended, so nothing was changed");
    linus.get("/invitations/new").await.assert_status(403);
    assert_eq!(app.count("SELECT count(*) FROM audit_events WHERE action = 'member.made_administrator'"), 0);
}

#[actix_web::test]
async fn a_form_that_is_sent_slowly_is_read_whole() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    ada.welcome("Linus", "Viewer").await;
    let id = ada.member("Linus").await;
    ada.get(&format!("/users/{id}/administration")).await;
    ada.hold(|| {});
    ada.submit("Make administrator", &[]).await.assert_sees("Linus is an administrator now");
}

#[actix_web::test]
async fn whoever_holds_back_the_end_of_what_a_program_sends_holds_back_no_rights() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    let machine = app.machine(ada.organization(), "deploy", "CI/CD");
    let base = format!("/o/{}/system-accounts/{machine}/tokens", ada.organization());
    let token = ada.make_token(&base, "deploy", &[]).await;
    let program = app.program().bearer(&token);
    let asked = serde_json::json!({ "permission": "user:read:*" });
    program.hold(|| {});
    assert_eq!(program.authorize(&asked).await.json()["allowed"], true);
    let there = app.clone();
    program.hold(move || there.execute("UPDATE members SET status = 'disabled' WHERE name = 'deploy'"));
    program.authorize(&asked).await.assert_problem(401, "member-disabled");
}

#[actix_web::test]
async fn whoever_holds_back_the_end_of_a_file_holds_back_no_rights() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    let grace = ada.welcome_administrator("Grace").await;
    grace.get("/imports/new").await.assert_status(200);
    let there = app.clone();
    let (action, mut fields) = grace.page().form("Look at the lines");
    fields.retain(|(known, _)| known != "way" && known != "file");
    fields.push(("way".into(), "invite".into()));
    grace.hold(move || there.execute("UPDATE members SET status = 'disabled' WHERE name = 'Grace'"));
    let page = grace.post_file(&action, &fields, "email\nlinus@example.org\n").await;
    assert!(page.path.starts_with("/sign-in") || page.status != 200, "{}", page.text());
    assert_eq!(app.count("SELECT count(*) FROM batches"), 0);
}
