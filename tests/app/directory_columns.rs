//! Which columns the lists show: only those whose values differ between rows.

use crate::harness::{Person, TestApp};

fn heads(person: &Person) -> Vec<String> {
    let mut heads = person.page().all("table.people > thead th");
    heads.retain(|head| !head.is_empty() && head != "Actions");
    heads
}

#[actix_web::test]
async fn columns_that_hold_one_value_for_everybody_give_their_room_to_the_name() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    ada.welcome("Grace", "User").await;
    ada.get("/users").await;
    assert_eq!(heads(&ada), ["Name", "Status", "Roles", "Teams", "Last sign-in"]);
    ada.get("/users?tab=active").await;
    assert_eq!(heads(&ada), ["Name", "Roles", "Teams", "Last sign-in"]);
    ada.get("/users?sort=provider").await;
    assert!(heads(&ada).contains(&"Provider".to_owned()), "what the list is sorted by is shown");
    app.execute("UPDATE members SET provider = 'saml' WHERE name = 'Grace'");
    app.execute("UPDATE members SET last_api_use_at = created_at WHERE name = 'Grace'");
    ada.get("/users").await;
    assert_eq!(heads(&ada), ["Name", "Status", "Roles", "Teams", "Provider", "Last sign-in", "Last API use"]);
}

#[actix_web::test]
async fn the_invited_are_listed_with_who_invited_them_their_mail_and_the_end_of_their_link() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    ada.invite("grace@example.org", "User").await;
    ada.get("/users?tab=invited").await.assert_sees("expires in 7 days");
    assert_eq!(heads(&ada), ["Name", "Roles", "Invited by", "Mail", "Link ends"]);
    assert_eq!(ada.page().all("td.c-by"), ["Ada"]);
    assert_eq!(ada.page().all("td.c-mail"), ["mail waiting"]);
    // Not every member sees whose letters arrived.
    let vera = ada.welcome("Vera", "Viewer").await;
    vera.get("/users?tab=invited").await.assert_misses("mail waiting");
    assert_eq!(heads(&vera), ["Name", "Roles", "Invited by", "Link ends"]);
}

#[actix_web::test]
async fn the_disabled_are_listed_with_who_disabled_them_when_and_why() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    ada.welcome("Grace", "User").await;
    let id = ada.member("Grace").await;
    ada.get(&format!("/users/{id}/disablement")).await;
    ada.submit("Disable", &[("reason", "On leave")]).await;
    ada.get("/users?tab=disabled").await;
    assert_eq!(heads(&ada), ["Name", "Roles", "Last sign-in", "Disabled", "By", "Reason"]);
    assert_eq!(ada.page().all("td.c-by"), ["Ada"]);
    assert_eq!(ada.page().all("td.c-why"), ["On leave"]);
}

#[actix_web::test]
async fn the_picture_stands_above_everybody_and_above_nothing_narrower() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    let has_picture = async |path: &str| !ada.get(path).await.all("#picture-title").is_empty();
    assert!(has_picture("/users").await);
    for narrower in ["/users?q=ada", "/users?tab=disabled", "/users?seen=never"] {
        assert!(!has_picture(narrower).await, "{narrower}");
    }
    assert_eq!(ada.get("/users").await.attribute("details.activity", "open"), None);
    ada.set_cookie("picture", "open");
    assert!(ada.get("/users").await.attribute("details.activity", "open").is_some());
    ada.set_cookie("picture", "closed");
    assert_eq!(
        ada.get("/users").await.attribute("details.activity", "class").as_deref(),
        Some("collapsible activity")
    );
}

#[actix_web::test]
async fn what_somebody_holds_stands_first_on_the_access_tab() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    ada.welcome("Grace", "Viewer").await;
    let id = ada.member("Grace").await;
    let page = ada.get(&format!("/users/{id}/roles")).await;
    assert_eq!(page.all(".grant .choice > span > span")[0], "Viewer");
}
