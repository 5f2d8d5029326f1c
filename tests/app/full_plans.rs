//! A plan without free seats: every form says so, and what would free a seat.

use crate::harness::TestApp;

const FULL: &str = "All 3 seats of the plan are taken. Disable somebody";

#[actix_web::test]
async fn every_door_says_what_frees_a_seat() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    for name in ["Grace", "Linus", "Mary"] {
        ada.welcome(name, "Viewer").await;
    }
    for name in ["Linus", "Mary"] {
        ada.disable(name).await;
    }
    let (linus, mary) = (ada.member("Linus").await, ada.member("Mary").await);
    // Ada and Grace take a seat each.
    let doors = ["/users/new", "/invitations/new", "/imports/new"];
    for (seats, told) in [(Some(4), "2 of 4 seats are free."), (Some(3), "1 of 3 seats is free.")] {
        app.set_seats(ada.organization(), seats);
        for path in doors {
            ada.get(path).await.assert_sees(told);
        }
    }
    ada.get("/users").await.assert_sees("2 of 3 seats").assert_misses(FULL);
    ada.get("/imports/new").await.assert_misses(FULL);
    ada.invite("kay@example.org", "Viewer").await.assert_sees("1 invited");
    for path in ["/users", "/users/new", "/invitations/new", "/imports/new"] {
        ada.get(path).await.assert_sees(FULL).assert_sees("cancel an invitation");
    }
    ada.get("/system-accounts").await.assert_sees("3 of 3 seats").assert_misses(FULL);
    // A member who can do nothing about it does not see the notice.
    let grace = app.visitor();
    grace.sign_in("grace@example.org", crate::harness::GOOD).await;
    grace.get("/users").await.assert_sees("3 of 3 seats").assert_misses(FULL);

    ada.get("/users?tab=disabled").await;
    ada.post(&format!("/users/{linus}/enablement"), &[]).await.assert_sees(FULL);
    let both = format!("/bulk?kind=user&act=enable&member={linus}&member={mary}");
    ada.get(&both).await.assert_sees("There is nobody to do this to").assert_sees(FULL);
    let page = ada.import("create", "name,email\nNan,nan@example.org\n").await;
    page.assert_sees("Nobody in this file can be imported").assert_sees(FULL);
    ada.get("/users/new").await;
    let new = [
        ("first_name", "Nan"),
        ("email", "nan@example.org"),
        ("choice", "generated"),
        ("status", "active"),
    ];
    ada.submit("Create User", &new).await.assert_status(422).assert_sees(FULL);
    ada.submit("Create User", &[("status", "disabled")]).await.assert_status(200).assert_sees("Nan");

    // One seat is free again, enough for one of the two.
    let kay = ada.member("kay@example.org").await;
    ada.get(&format!("/users/{kay}")).await;
    let cancel = ada.page().attribute("a[href*='/cancellation']", "href").expect("a link");
    ada.get(&cancel).await;
    ada.submit("Cancel the invitation", &[]).await.assert_status(200);
    ada.get(&both).await.assert_sees("Enable 1 person?").assert_sees(FULL);
    // The plan shrinks below the seats in use.
    app.set_seats(ada.organization(), Some(1));
    ada.get("/users")
        .await
        .assert_sees("2 seats are taken and the plan holds 1. Disable 2 people or cancel invitations to have room for another");
}
