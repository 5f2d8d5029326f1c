//! The User Directory.

use crate::harness::House;

#[actix_web::test]
async fn people_are_disabled_from_the_directory_and_enabled_again() {
    let house = House::open().await;
    let ada = house.administrator("Ada").await;
    let grace = ada.welcome("Grace Hopper", "User").await;
    ada.disable("Grace Hopper").await.assert_sees("is disabled");
    grace.get("/users").await.assert_sees("Sign in");
    ada.submit("Undo", &[]).await.assert_sees("enabled again");
    grace.get("/users").await.assert_sees("Sign in");
}
