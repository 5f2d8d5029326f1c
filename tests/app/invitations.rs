//! Inviting: the result for each address.

use crate::harness::{GOOD, Person, TestApp};
use chrono::TimeDelta;

/// The result for each address on the batch page, in order.
fn outcomes(person: &Person) -> Vec<String> {
    person.page().all(".outcomes .badge")
}

#[actix_web::test]
async fn an_invited_person_joins_with_the_role_they_were_promised() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    ada.invite("grace@example.org", "Viewer").await.assert_sees("1 invited");
    let grace = app.visitor();
    grace
        .get(&app.inbox("grace@example.org").link())
        .await
        .assert_link_page("/invitation")
        .assert_sees("Join Analytical Engines");
    grace.submit("Join", &[("name", "Grace Hopper"), ("password", GOOD)]).await.assert_sees("Welcome");
    ada.get("/users").await.assert_sees("Grace Hopper").assert_sees("Viewer");
}

#[actix_web::test]
async fn each_address_gets_its_own_answer() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    let alan = app.another_organization("Bletchley Park", "Alan Turing", None).await;
    ada.welcome("Grace", "User").await;
    ada.welcome("Kay", "User").await;
    ada.disable("Kay").await;
    ada.invite("again@example.org", "User").await;
    let old = app.inbox("again@example.org").link();
    app.wait(TimeDelta::hours(7));
    let all = "new@example.org, again@example.org; grace@example.org\nkay@example.org alan.turing@example.org nonsense a@b@c.org";
    ada.invite(all, "Viewer").await.assert_sees("3 of 7 invited");
    assert_eq!(
        outcomes(&ada),
        [
            "Invited",
            "Sent again",
            "Already a member",
            "Disabled here",
            "Added",
            "Not invited",
            "Not invited"
        ]
    );

    app.visitor().get(&old).await.assert_status(410).assert_sees("replaced by a newer one");
    assert_eq!(app.letters("again@example.org").len(), 2);
    assert_eq!(app.letters("grace@example.org").len(), 1);
    assert_eq!(app.letters("kay@example.org").len(), 1);
    let added = app.letters("alan.turing@example.org");
    assert_eq!(added.len(), 1);
    assert_eq!(added[0].subject, "You are a member of Analytical Engines now");
    assert!(!added[0].raw.contains("/invitation/") && !added[0].raw.contains("choose a password"));
    alan.get(&added[0].link())
        .await
        .assert_status(200)
        .assert_sees("Analytical Engines")
        .assert_sees("Bletchley Park");
    ada.get("/users").await.assert_sees("Alan Turing").assert_misses("Bletchley");

    ada.get("/invitations/sent").await;
    ada.submit("Enable", &[]).await.assert_sees("Kay is enabled again");
}

#[actix_web::test]
async fn names_are_understood_and_the_same_address_twice_is_one() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    let typed = "\"Hopper, Grace\" <grace@example.org>, GRACE@example.org, Kay McNulty <kay@example.org>";
    ada.invite(typed, "User").await.assert_sees("2 invited");
    ada.get("/users?tab=invited").await.assert_sees("Hopper, Grace").assert_sees("Kay McNulty");
    assert_eq!(app.letters("grace@example.org").len(), 1);
    app.visitor().accept("Kay").await;
}

#[actix_web::test]
async fn when_seats_run_out_the_first_in_the_list_get_them() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    app.set_seats(ada.organization(), Some(3));
    ada.invite("one@example.org, nonsense, two@example.org, three@example.org, four@example.org", "User")
        .await;
    assert_eq!(outcomes(&ada), ["Invited", "Not invited", "Invited", "Not invited", "Not invited"]);
    ada.page().assert_sees("All 3 seats of the plan are taken");
    // Sending again takes no second seat.
    ada.invite("one@example.org", "User").await;
    assert_eq!(outcomes(&ada), ["Sent again"]);
    // A cancelled invitation frees its seat and its address. A disabled member frees a seat.
    let id = ada.member("two@example.org").await;
    ada.get(&format!("/users/{id}")).await;
    let cancel = ada.page().link("Cancel invitation");
    ada.get(&cancel).await;
    ada.submit("Cancel the invitation", &[]).await.assert_sees("is cancelled");
    ada.invite("three@example.org, four@example.org", "User").await;
    assert_eq!(outcomes(&ada), ["Invited", "Not invited"]);
    app.visitor().accept("One").await;
    ada.disable("One").await;
    ada.invite("four@example.org", "User").await;
    assert_eq!(outcomes(&ada), ["Invited"]);
    ada.get(&format!("/users/{}", ada.member("One").await)).await;
    ada.submit("Enable", &[]).await.assert_sees("All 3 seats of the plan are taken");
}

#[actix_web::test]
async fn somebody_of_another_organization_takes_a_seat_as_well() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    let alan = app.another_organization("Bletchley Park", "Alan", Some(1)).await;
    alan.invite("ada@example.org", "User").await;
    assert_eq!(outcomes(&alan), ["Not invited"]);
    assert!(app.letters("ada@example.org").is_empty());
    ada.get("/users").await.assert_misses("Bletchley Park");
}

#[actix_web::test]
async fn whoever_is_invited_by_two_organizations_and_joins_one_keeps_their_password_in_the_other() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    let alan = app.another_organization("Bletchley Park", "Alan", None).await;
    ada.invite("grace@example.org", "User").await;
    let first = app.inbox("grace@example.org").link();
    app.wait(TimeDelta::minutes(1));
    alan.invite("grace@example.org", "Viewer").await.assert_sees("1 invited");
    let second = app.inbox("grace@example.org").link();
    let grace = app.visitor();
    grace.get(&first).await.assert_sees("Join Analytical Engines");
    grace.submit("Join", &[("name", "Grace"), ("password", GOOD)]).await.assert_sees("Welcome");
    let other = app.visitor();
    let page = other.get(&second).await.assert_sees("Join Bletchley Park").assert_sees("You keep your sign-in");
    assert!(page.attribute("input[name=password]", "name").is_none());
    let hash =
        app.text("SELECT max(hash) FROM passwords WHERE user_id = (SELECT user_id FROM user_names WHERE name_key = 'grace@example.org')");
    // A password added to the form by hand is ignored.
    other
        .submit("Join", &[("name", "Eve"), ("password", "an entirely different passphrase")])
        .await
        .assert_sees("Sign in");
    assert_eq!(app.count(&format!("SELECT count(*) FROM passwords WHERE hash = '{hash}'")), 1);
    grace.get("/users").await.assert_sees("Bletchley Park");
}

#[actix_web::test]
async fn the_role_that_is_chosen_at_first_stands_first() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    for (form, role) in [
        ("/invitations/new", "User"),
        ("/users/new", "User"),
        ("/system-accounts/new", "CI/CD"),
    ] {
        let page = ada.get(form).await;
        assert_eq!(page.all("#roles label.choice > span > span")[0], role, "{form}");
        assert_eq!(page.attributes("#roles input[checked]", "value"), [ada.role(role)], "{form}");
    }
}
