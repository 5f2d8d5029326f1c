//! Asking for a role or a team: what can be asked for, how often, and who learns of it.

use crate::harness::{
    rights::{create_role, give},
    team_access::{Cast, attach, cast, id_of},
    user_creation::audited,
};
use chrono::TimeDelta;
use serde_json::Value;

#[actix_web::test]
async fn a_person_asks_for_a_role_until_a_day_and_gets_it_by_the_usual_change() {
    let Cast { app, ada, bob, auditor, .. } = &cast().await;
    bob.get("/me/requests").await.assert_status(200).assert_sees("No request yet");
    let fields = [("until", "2026-03-20"), ("ticket", "OPS-12")];
    bob.ask_for(auditor, &fields).await.assert_sees("Your request is sent");
    bob.page()
        .assert_sees("Auditor")
        .assert_sees("Open")
        .assert_sees("20 Mar 2026")
        .assert_sees("OPS-12");
    bob.get("/audit").await.assert_status(403);

    app.deliver();
    let letter = app.inbox("ada@example.org");
    assert_eq!(letter.subject, "Bob asks for the role Auditor");
    assert!(
        letter.text.contains("For the audit of the mill") && letter.text.contains("OPS-12"),
        "{}",
        letter.text
    );
    // A letter leads to the page and decides nothing.
    ada.get(&letter.link())
        .await
        .assert_status(200)
        .assert_sees("Bob asks for the role Auditor")
        .assert_sees("OPS-12");
    assert_eq!(app.text("SELECT state FROM access_requests"), "open");
    let answer = [("decision", "grant"), ("answer", "For the audit only.")];
    ada.submit("Grant", &answer).await.assert_sees("The request of Bob is granted");
    bob.get("/audit").await.assert_status(200);
    assert_eq!(app.count("SELECT count(*) FROM member_roles WHERE until_at IS NOT NULL"), 1);

    app.deliver();
    let letter = app.inbox("bob@example.org");
    assert_eq!(letter.subject, "Your request for the role Auditor is granted");
    assert!(
        letter.text.contains("For the audit only.") && letter.text.contains("20 Mar 2026"),
        "{}",
        letter.text
    );
    bob.get(&letter.link())
        .await
        .assert_status(200)
        .assert_sees("Granted")
        .assert_sees("by Ada")
        .assert_sees("For the audit only.");

    // The trail keeps the reason, the ticket and the usual event.
    let events =
        app.texts("SELECT action FROM audit_events WHERE action LIKE 'access_request%' OR action = 'member.role_added' ORDER BY action");
    assert_eq!(events, ["access_request.created", "access_request.granted", "member.role_added"]);
    let after: Value =
        serde_json::from_str(&app.text("SELECT CAST(after AS TEXT) FROM audit_events WHERE action = 'access_request.granted'"))
            .expect("JSON");
    assert_eq!(after["asked_for"], "the role Auditor");
    assert_eq!(after["request_reason"], "For the audit of the mill");
    assert_eq!(after["ticket"], "OPS-12");
    assert_eq!(after["decision_reason"], "For the audit only.");
    let page = ada.get("/audit").await;
    page.assert_sees("asked for the role Auditor until 20 Mar 2026")
        .assert_sees("granted Bob the role Auditor until 20 Mar 2026");

    // When the day is over, the role has lapsed.
    app.wait(TimeDelta::days(10));
    bob.sign_in("bob@example.org", crate::harness::GOOD).await;
    bob.get("/audit").await.assert_status(403);
}

#[actix_web::test]
async fn a_form_says_what_is_missing_and_keeps_what_was_typed() {
    let Cast { app, bob, auditor, .. } = &cast().await;
    bob.ask_for("", &[]).await.assert_status(422).assert_sees("Choose a role or a team.");
    bob.ask_for(auditor, &[("reason", "  ")]).await.assert_status(422).assert_sees("Say why.");
    for day in ["2026-03-10", "2026-02-30", "soon"] {
        let page = bob.ask_for(auditor, &[("until", day)]).await.assert_status(422);
        page.assert_sees("It ends on a day to come").assert_sees("For the audit of the mill");
    }
    let long = "x".repeat(501);
    bob.ask_for(auditor, &[("reason", &long)])
        .await
        .assert_status(422)
        .assert_sees("At most 500 characters");
    for what in [
        "role:1",
        "policy:019cdc1f-d680-7000-8000-000000000002",
        "role:019cdc1f-d680-7000-8000-000000000002",
    ] {
        bob.ask_for(what, &[]).await.assert_status(422);
    }
    assert_eq!(app.count("SELECT count(*) FROM access_requests"), 0);
}

#[actix_web::test]
async fn only_what_one_may_see_and_does_not_have_can_be_asked_for() {
    let Cast { app, ada, linus, bob, team, auditor } = &cast().await;
    let page = bob.get("/me/requests/new").await.assert_status(200);
    let page = page.assert_sees("Auditor").assert_sees("Platform");
    for hidden in ["Administrator", "Team Administrator"] {
        assert!(!page.all("label.choice span span").contains(&hidden.to_owned()), "{hidden}");
    }
    let administrator = id_of(ada, "/roles", "Administrator").await;
    bob.ask_for(&format!("role:{administrator}"), &[])
        .await
        .assert_status(422)
        .assert_sees("Nobody asks for the role Administrator");
    linus
        .ask_for(&format!("team:{team}"), &[])
        .await
        .assert_status(422)
        .assert_sees("You have it already.");
    bob.ask_for(auditor, &[]).await.assert_sees("Your request is sent");
    bob.ask_for(auditor, &[]).await.assert_status(422).assert_sees("You have asked for it already");

    // Who may read neither roles nor teams is shown no name of any.
    create_role(ada, "Guest", &["token:manage:own"]).await;
    let guest = ada.welcome("Gus", "Viewer").await;
    app.execute(
        "UPDATE member_roles SET role_id = (SELECT id FROM roles WHERE name = 'Guest') WHERE member_id = (SELECT id FROM members WHERE name = 'Gus')",
    );
    let page = guest.get(&format!("/o/{}/me/requests/new", ada.organization())).await.assert_status(200);
    page.assert_sees("Nothing to ask for").assert_misses("Auditor").assert_misses("Platform");
    let path = format!("/o/{}/me/requests", ada.organization());
    for what in [auditor.as_str(), &format!("team:{team}")] {
        let fields = [("what", what), ("reason", "Let me in")];
        guest.post(&path, &fields).await.assert_status(422).assert_sees("does not exist any more");
    }
    assert_eq!(app.count("SELECT count(*) FROM access_requests"), 1);
}

#[actix_web::test]
async fn a_role_that_ends_is_asked_for_longer() {
    let Cast { app, ada, bob, auditor, .. } = &cast().await;
    bob.ask_for(auditor, &[("until", "2026-03-20")]).await.assert_status(200);
    ada.decide("grant", &[]).await.assert_sees("is granted");
    bob.ask_for(auditor, &[("until", "2026-03-19")])
        .await
        .assert_status(422)
        .assert_sees("You have it already.");
    bob.ask_for(auditor, &[("until", "2026-04-20")]).await.assert_sees("Your request is sent");
    // Nobody loses days by a request.
    ada.decide("grant", &[("until", "2026-03-12")])
        .await
        .assert_status(422)
        .assert_sees("They have it longer than that already.");
    ada.decide("grant", &[]).await.assert_sees("is granted");
    assert_eq!(audited(app, "member.role_end_changed"), 1);
    assert_eq!(app.count("SELECT count(*) FROM member_roles WHERE until_at IS NOT NULL"), 1);
}

#[actix_web::test]
async fn ten_requests_are_open_at_most_and_withdrawing_makes_room() {
    let Cast { app, ada, bob, auditor, .. } = &cast().await;
    for number in 0..10 {
        app.role(ada.organization(), &format!("Duty {number}"), &["audit:read:*"]);
        let role = app.role_id(ada, &format!("Duty {number}"));
        bob.ask_for(&format!("role:{role}"), &[]).await.assert_sees("Your request is sent");
    }
    bob.ask_for(auditor, &[]).await.assert_status(422).assert_sees("10 of your requests are open");
    bob.get("/me/requests").await;
    bob.submit("Withdraw", &[]).await.assert_sees("Your request is withdrawn");
    assert_eq!(audited(app, "access_request.withdrawn"), 1);
    bob.ask_for(auditor, &[]).await.assert_sees("Your request is sent");
    // Each sends letters, so that nobody asks without an end.
    for _ in 0..10 {
        bob.get("/me/requests").await;
        bob.submit("Withdraw", &[]).await.assert_sees("is withdrawn");
        bob.ask_for(auditor, &[]).await;
    }
    bob.page().assert_status(422);
    let asked = audited(app, "access_request.created");
    assert!(asked <= 20, "{asked}");
}

#[actix_web::test]
async fn a_person_withdraws_their_own_requests_and_nobody_elses() {
    let Cast { app, ada, linus, bob, auditor, .. } = &cast().await;
    bob.ask_for(auditor, &[]).await;
    let path = bob.page().attribute("form[action$='/withdrawal']", "action").expect("a request");
    for other in [linus, ada] {
        other.get("/me/requests").await.assert_sees("No request yet");
        other.post(&path, &[]).await.assert_status(404);
    }
    let mallory = app.another_organization("Elsewhere", "Mallory", None).await;
    mallory.get("/me/requests").await.assert_sees("No request yet");
    let inside = path.replace(&ada.organization().to_string(), &mallory.organization().to_string());
    mallory.post(&inside, &[]).await.assert_status(404);
    bob.get("/me/requests").await;
    bob.post(&path, &[]).await.assert_sees("is withdrawn");
    bob.post(&path, &[]).await.assert_sees("This request is withdrawn already");
}

#[actix_web::test]
async fn letters_go_to_those_who_can_give_it() {
    let Cast { app, ada, linus, bob, team, auditor } = &cast().await;
    app.execute("UPDATE team_members SET is_administrator = true");
    app.deliver();
    let before = (app.letters("ada@example.org").len(), app.letters("linus@example.org").len());
    // The administrators of a team that gives nothing decide who is in it.
    bob.ask_for(&format!("team:{team}"), &[]).await.assert_sees("is sent");
    app.deliver();
    let count = || (app.letters("ada@example.org").len() - before.0, app.letters("linus@example.org").len() - before.1);
    assert_eq!(count(), (0, 1));
    // Those of a team that gives something do not.
    attach(ada, team, auditor, &[]).await;
    let eve = ada.welcome("Eve", "User").await;
    let before = (app.letters("ada@example.org").len(), app.letters("linus@example.org").len());
    eve.ask_for(&format!("team:{team}"), &[]).await.assert_sees("is sent");
    app.deliver();
    let count = (app.letters("ada@example.org").len() - before.0, app.letters("linus@example.org").len() - before.1);
    assert_eq!(count, (1, 0));
    // Linus sees it and is told why he cannot grant it.
    linus.open_request().await.assert_sees("Eve asks for").assert_sees("You cannot grant it");
    // An administrator who asks gets no letter about their own request.
    let letters = app.letters("ada@example.org").len();
    give(ada, "Linus", "role", auditor.trim_start_matches("role:")).await;
    ada.ask_for(auditor, &[]).await.assert_sees("is sent");
    app.deliver();
    assert_eq!(app.letters("ada@example.org").len(), letters);
}
