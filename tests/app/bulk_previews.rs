//! What a bulk action says before it is done, while it runs and afterwards, for any number of members.

use crate::harness::{TestApp, large_organizations};

const MATCHING: &str = "kind=user&all=1&query=%3Fq%3Dexample";

#[actix_web::test]
async fn the_preview_is_right_for_thousands_and_names_nobody_it_leaves_out() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    large_organizations::gather(&app, 3_500);
    ada.invite("ivy@example.org", "Viewer").await;
    let invited = app.count("SELECT count(*) FROM members WHERE status = 'invited'");
    let active = app.count("SELECT count(*) FROM members WHERE status = 'active'") - 1;
    assert!(active > 2_000, "{active}");
    let grouped = |count: i64| roster::kit::grouped(count);
    let page = ada.get(&format!("/bulk?act=disable&{MATCHING}")).await.assert_status(200);
    page.clone()
        .assert_sees(&format!("Disable {} people?", grouped(active)))
        .assert_sees(&format!("{} : ", grouped(invited)))
        .assert_sees("1 : Ada . You cannot change your own status or access.");
    assert!(page.all(".names .tag").iter().all(|name| name != "Ada" && name != "ivy@example.org"));
    // A deletion asks to type the same number.
    ada.get(&format!("/bulk?act=delete&{MATCHING}"))
        .await
        .assert_sees(&format!("Type {} to confirm", grouped(active)));

    ada.get(&format!("/bulk?act=disable&{MATCHING}")).await;
    let page = ada.submit("Disable", &[("reason", "The plant is closed")]).await;
    let total = grouped(active + invited + 1);
    page.assert_sees(&format!("Disabling {total} people")).assert_sees("Under way");
    app.work();
    let path = ada.page().path;
    let page = ada.get(&path).await;
    page.clone()
        .assert_sees(&format!("{} people disabled", grouped(active)))
        .assert_sees("Reason: The plant is closed")
        .assert_sees("Chosen from User Directory : search “example”");
    // The link back leads to the list as it was.
    ada.get(&page.link("Back to the directory"))
        .await
        .assert_path(&format!("/o/{}/users?q=example", ada.organization()));
}

#[actix_web::test]
async fn what_it_was_about_is_told_by_its_name_of_that_day() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    ada.welcome("Grace", "User").await;
    app.role(ada.organization(), "Auditor", &["audit:read:*"]);
    let grace = ada.member("Grace").await;
    let page = ada.get(&format!("/bulk?kind=user&act=add_role&member={grace}")).await;
    let at = page.all("#role option").iter().position(|name| name == "Auditor").expect("the role");
    let role = page.attributes("#role option", "value")[at].clone();
    ada.submit("Add a role", &[("role", &role)]).await;
    app.execute("UPDATE roles SET name = 'Inspector' WHERE name = 'Auditor'");
    let page = ada.get("/batches").await.assert_sees("Role Auditor added to 1 person");
    ada.get(&page.link("Role Auditor added to 1 person"))
        .await
        .assert_sees("Role Auditor added to 1 person");
    ada.submit("Undo", &[]).await.assert_sees("Role Inspector is as it was before for 1 person");
}

#[actix_web::test]
async fn of_those_who_only_are_invited_it_says_what_to_do_instead() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    ada.invite("ivy@example.org", "Viewer").await;
    let ivy = ada.member("ivy@example.org").await;
    let page = ada.get(&format!("/bulk?kind=user&act=disable&member={ivy}")).await;
    page.clone()
        .assert_sees("There is nobody to do this to")
        .assert_sees("Cancel the invitation instead");
    let page = ada.get(&page.link("Cancel their invitations")).await;
    page.assert_sees("Cancel the invitations of 1 person?");
    // An action for invited members only says so about the others, before it is confirmed.
    ada.get("/bulk?kind=user&act=resend&all=1&query=")
        .await
        .assert_sees("Resend the invitations of 1 person?")
        .assert_sees("1 : Ada . They are not invited, or have joined already.");
    ada.get("/bulk?kind=user&act=send_reset&all=1&query=")
        .await
        .assert_sees("There is nobody to do this to")
        .assert_sees("They were invited and have no password yet")
        .assert_sees("This is your own password");
}
