//! Invitations.

use crate::harness::{GOOD, House};

#[actix_web::test]
async fn an_invited_person_joins_with_the_role_they_were_promised() {
    let house = House::open().await;
    let ada = house.administrator("Ada").await;
    ada.invite("grace@example.org", "Viewer").await.assert_sees("1 invited or added");
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
