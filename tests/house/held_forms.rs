//! Forms that are sent slowly: who sends one, and when, is asked when all of it is there.

use crate::harness::House;

#[actix_web::test]
async fn whoever_holds_back_the_end_of_a_form_holds_back_no_rights() {
    let house = House::open().await;
    let ada = house.administrator("Ada").await;
    let grace = ada.welcome_administrator("Grace").await;
    let linus = ada.welcome("Linus", "Viewer").await;
    let id = grace.member("Linus").await;
    grace.get(&format!("/users/{id}/administration")).await;
    let there = house.clone();
    grace.hold(move || there.execute("UPDATE members SET status = 'disabled' WHERE name = 'Grace'"));
    grace
        .submit("Make administrator", &[])
        .await
        .assert_sees("Your session has ended, so nothing was changed");
    linus.get("/invitations/new").await.assert_status(403);
    assert_eq!(
        house.count("SELECT count(*) FROM audit_events WHERE action = 'member.made_administrator'"),
        0
    );
}

#[actix_web::test]
async fn a_form_that_is_sent_slowly_is_read_whole() {
    let house = House::open().await;
    let ada = house.administrator("Ada").await;
    ada.welcome("Linus", "Viewer").await;
    let id = ada.member("Linus").await;
    ada.get(&format!("/users/{id}/administration")).await;
    ada.hold(|| {});
    ada.submit("Make administrator", &[])
        .await
        .assert_sees("Linus is an administrator now");
}
