//! What happens to requests and to what they gave without anybody deciding: ends, lapses, and the end of people.

use crate::harness::{
    GOOD,
    rights::give,
    team_access::{Cast, cast},
    user_creation::audited,
};
use chrono::TimeDelta;
use serde_json::Value;

const LIST: &str = "/access/requests";

#[actix_web::test]
async fn a_team_that_was_granted_until_a_day_is_left_when_it_is_over() {
    let Cast { app, ada, bob, team, .. } = &cast().await;
    bob.ask_for(&format!("team:{team}"), &[("until", "2026-03-20")]).await.assert_sees("is sent");
    // The decider shortens it.
    ada.decide("grant", &[("until", "2026-03-15")]).await.assert_sees("is granted");
    bob.get("/me/requests").await.assert_sees("15 Mar 2026");
    assert_eq!(app.count("SELECT count(*) FROM team_members"), 2);
    app.wait(TimeDelta::days(4));
    app.end_requests();
    assert_eq!(app.count("SELECT count(*) FROM team_members"), 2);
    app.wait(TimeDelta::days(1));
    app.end_requests();
    app.end_requests();
    assert_eq!(app.count("SELECT count(*) FROM team_members"), 1);
    assert_eq!((audited(app, "member.left_team"), audited(app, "access_request.ended")), (1, 1));
}

#[actix_web::test]
async fn a_membership_about_which_somebody_decided_since_does_not_end() {
    let Cast { app, ada, bob, team, .. } = &cast().await;
    bob.ask_for(&format!("team:{team}"), &[("until", "2026-03-15")]).await;
    ada.decide("grant", &[]).await.assert_sees("is granted");
    let id = ada.member("Bob").await;
    ada.get(&format!("/teams/{team}")).await;
    ada.post(&format!("/teams/{team}/members/{id}/administration"), &[])
        .await
        .assert_sees("Bob administers Platform");
    app.wait(TimeDelta::days(6));
    app.end_requests();
    assert_eq!(app.count("SELECT count(*) FROM team_members"), 2);
    assert_eq!(audited(app, "access_request.ended"), 0);
}

#[actix_web::test]
async fn a_request_lapses_at_once_and_is_closed_later() {
    let Cast { app, ada, linus, bob, team, auditor } = &cast().await;
    // Held otherwise.
    bob.ask_for(auditor, &[]).await;
    let path = ada.open_request().await.path;
    give(ada, "Bob", "role", auditor.trim_start_matches("role:")).await;
    ada.get(&path).await.assert_sees("Lapsed").assert_sees("The member has it already.");
    bob.get("/me/requests").await.assert_sees("Lapsed");
    ada.post(&format!("{path}/decision"), &[("decision", "grant")])
        .await
        .assert_status(422)
        .assert_sees("This request has lapsed");
    // Disabled.
    linus.ask_for(auditor, &[]).await;
    ada.disable("Linus").await;
    ada.get(LIST).await.assert_sees("The member is not active any more.");
    // Deleted, and over.
    let eve = ada.welcome("Eve", "User").await;
    let other = ada.create_team("Short").await;
    eve.ask_for(&format!("team:{other}"), &[]).await;
    eve.ask_for(&format!("team:{team}"), &[("until", "2026-03-12")]).await;
    ada.get(&format!("/teams/{other}/deletion")).await;
    ada.submit("Delete", &[("name", "Short")]).await.assert_status(200);
    let page = ada.get(LIST).await;
    page.assert_sees("Short").assert_sees("What was asked for does not exist any more.");
    app.wait(TimeDelta::days(2));
    assert_eq!(app.count("SELECT count(*) FROM access_requests WHERE state = 'open'"), 4);
    app.end_requests();
    assert_eq!(app.count("SELECT count(*) FROM access_requests WHERE state = 'lapsed'"), 4);
    assert_eq!(audited(app, "access_request.lapsed"), 4);
    let mut why = app.texts("SELECT answer FROM access_requests");
    why.sort();
    assert_eq!(
        why,
        [
            "The last day that was asked for is over.",
            "The member has it already.",
            "The member is not active any more.",
            "What was asked for does not exist any more."
        ]
    );
}

#[actix_web::test]
async fn nobody_waits_longer_than_90_days() {
    let Cast { app, ada, bob, auditor, .. } = &cast().await;
    bob.ask_for(auditor, &[]).await;
    app.wait(TimeDelta::days(90) - TimeDelta::hours(1));
    app.end_requests();
    assert_eq!(app.text("SELECT state FROM access_requests"), "open");
    app.wait(TimeDelta::hours(2));
    app.end_requests();
    assert_eq!(app.text("SELECT state FROM access_requests"), "lapsed");
    ada.sign_in("ada@example.org", GOOD).await;
    ada.get(&format!("{LIST}?state=lapsed")).await.assert_sees("Nobody decided within 90 days.");
}

#[actix_web::test]
async fn requests_go_with_the_person_and_are_in_what_they_are_handed() {
    let Cast { app, ada, bob, auditor, .. } = &cast().await;
    bob.ask_for(auditor, &[("ticket", "OPS-12")]).await;
    ada.decide("refuse", &[("answer", "Not now")]).await;
    let page = bob.get("/me/personal-data").await.assert_status(200);
    let document: Value = serde_json::from_str(&page.body).expect("JSON");
    let request = &document["access_requests"][0];
    assert_eq!(request["asked_for"]["role"], "Auditor");
    assert_eq!(request["ticket"], "OPS-12");
    assert_eq!(request["state"], "refused");
    assert_eq!(request["closed_by"]["name"], "Ada");
    let id = ada.member("Bob").await;
    ada.get(&format!("/users/{id}/deletion")).await;
    ada.submit("Delete", &[("name", "Bob")]).await.assert_status(200);
    assert_eq!(app.count("SELECT count(*) FROM access_requests"), 0);
    // The trail keeps why, until the names of the person are erased.
    let kept = "SELECT count(*) FROM audit_events WHERE action LIKE 'access_request%' AND CAST(after AS TEXT) LIKE '%OPS-12%'";
    assert_eq!(app.count(kept), 2);
    ada.get(&format!("/audit/people/{id}/erasure")).await.assert_status(200);
    ada.submit("Erase Bob", &[("name", "Bob")]).await.assert_status(200);
    assert_eq!(app.count(kept), 0);
}
