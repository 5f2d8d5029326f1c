//! Who decides a request: the guards of giving by hand, and two who decide at once.

use crate::harness::{
    GOOD, Page, Person,
    team_access::{Cast, attach, cast, helper},
    user_creation::audited,
};
use actix_web::http::Method;
use chrono::TimeDelta;
use futures_util::{
    FutureExt,
    future::{LocalBoxFuture, join},
};

const LIST: &str = "/access/requests";

#[actix_web::test]
async fn a_refusal_says_why_and_gives_nothing() {
    let Cast { app, ada, bob, auditor, .. } = &cast().await;
    bob.ask_for(auditor, &[]).await;
    ada.decide("refuse", &[]).await.assert_status(422).assert_sees("Say why you refuse.");
    ada.decide("refuse", &[("answer", "Ask the works council.")])
        .await
        .assert_sees("The request of Bob is refused");
    assert_eq!(app.text("SELECT state FROM access_requests"), "refused");
    bob.get("/me/requests").await.assert_sees("Refused").assert_sees("Ask the works council.");
    bob.get("/audit").await.assert_status(403);
    app.deliver();
    let letter = app.inbox("bob@example.org");
    assert_eq!(letter.subject, "Your request for the role Auditor is refused");
    assert!(letter.text.contains("Ask the works council."), "{}", letter.text);
    // It can be asked for again.
    bob.ask_for(auditor, &[]).await.assert_sees("Your request is sent");
    ada.get(LIST).await.assert_sees("Bob");
    ada.get(&format!("{LIST}?state=refused")).await.assert_sees("Ask the works council.");
    ada.get(&format!("{LIST}?state=odd")).await.assert_sees("is ignored");
}

#[actix_web::test]
async fn nobody_without_the_right_sees_or_decides_requests() {
    let Cast { app, ada, linus, bob, auditor, .. } = &cast().await;
    bob.ask_for(auditor, &[]).await;
    let path = ada.open_request().await.path;
    for person in [linus, bob] {
        person.get(LIST).await.assert_status(403);
        person.get(&path).await.assert_status(403);
        person.get("/me").await;
        person.post(&format!("{path}/decision"), &[("decision", "grant")]).await.assert_status(403);
        let id = path.rsplit('/').next().expect("an id");
        person
            .post(&format!("{LIST}/decisions"), &[("decision", "grant"), ("request", id)])
            .await
            .assert_status(403);
    }
    let mallory = app.another_organization("Elsewhere", "Mallory", None).await;
    mallory.get(LIST).await.assert_sees("No open request");
    let inside = path.replace(&ada.organization().to_string(), &mallory.organization().to_string());
    mallory.get(&inside).await.assert_status(404);
    mallory.get("/me").await;
    mallory.post(&format!("{inside}/decision"), &[("decision", "grant")]).await.assert_status(404);
    ada.get(&path).await;
    ada.post(&format!("{path}/decision"), &[("decision", "perhaps")]).await.assert_status(400);
    assert_eq!(app.text("SELECT state FROM access_requests"), "open");
}

#[actix_web::test]
async fn nobody_grants_what_they_do_not_hold_or_decides_for_themselves() {
    let cast = cast().await;
    let grace = helper(&cast).await;
    let Cast { app, ada, bob, auditor, team, .. } = &cast;
    bob.ask_for(auditor, &[]).await;
    grace
        .open_request()
        .await
        .assert_sees("You cannot grant it: The role Auditor allows audit:read:*, which you may not do yourself.");
    grace
        .decide("grant", &[])
        .await
        .assert_status(422)
        .assert_sees("Nobody grants what they do not hold.");
    bob.get("/audit").await.assert_status(403);
    // What a team gives is granted with it.
    attach(ada, team, auditor, &[]).await;
    bob.ask_for(&format!("team:{team}"), &[]).await;
    grace.decide("grant", &[]).await.assert_status(422).assert_sees("which you may not do yourself");
    // An own request is shown, and decided by others.
    grace.ask_for(auditor, &[]).await.assert_sees("is sent");
    let page = grace.open_request().await.assert_sees("This is your own request");
    assert!(!page.has_button("Refuse"));
    grace
        .post(&format!("{}/decision", page.path), &[("decision", "refuse"), ("answer", "No")])
        .await
        .assert_status(422)
        .assert_sees("Somebody else decides it.");
    assert_eq!(app.count("SELECT count(*) FROM access_requests WHERE state = 'open'"), 3);
    ada.ask_for(&format!("team:{team}"), &[]).await.assert_sees("is sent");
    let page = ada.open_request().await;
    ada.post(&format!("{}/decision", page.path), &[("decision", "grant")]).await.assert_status(422);
    assert_eq!(audited(app, "access_request.granted"), 0);
}

#[actix_web::test]
async fn a_team_administrator_decides_for_their_team_and_no_other() {
    let Cast { app, ada, linus, bob, team, auditor } = &cast().await;
    let other = ada.create_team("Research").await;
    app.execute("UPDATE team_members SET is_administrator = true");
    bob.ask_for(&format!("team:{other}"), &[]).await;
    let elsewhere = ada.open_request().await.path;
    bob.ask_for(auditor, &[]).await;
    bob.ask_for(&format!("team:{team}"), &[]).await;
    let page = linus.get(LIST).await.assert_status(200);
    assert_eq!(page.all("tr[id^=request-] .tag"), ["Platform"]);
    linus.get(&elsewhere).await.assert_status(404);
    linus.get(LIST).await;
    linus.post(&format!("{elsewhere}/decision"), &[("decision", "grant")]).await.assert_status(404);
    linus.decide("grant", &[]).await.assert_sees("The request of Bob is granted");
    assert_eq!(app.count("SELECT count(*) FROM team_members"), 2);
    linus.get(LIST).await.assert_sees("No open request");
    linus.get(&format!("{LIST}?state=granted")).await.assert_sees("Platform");
}

#[actix_web::test]
async fn granting_rights_to_manage_asks_who_one_is_first() {
    let Cast { app, ada, bob, .. } = &cast().await;
    app.role(ada.organization(), "Keeper", &["team:manage:*", "user:read:*"]);
    let role = app.role_id(ada, "Keeper");
    bob.ask_for(&format!("role:{role}"), &[]).await.assert_sees("is sent");
    app.wait(TimeDelta::minutes(16));
    let page = ada.decide("grant", &[("answer", "Welcome")]).await;
    assert!(page.path.starts_with("/sign-in/again"), "{}", page.path);
    assert_eq!(app.text("SELECT state FROM access_requests"), "open");
    let page = ada.submit("Continue", &[("password", GOOD)]).await.assert_status(200);
    page.assert_sees("Bob asks for the role Keeper").assert_sees("Welcome");
    ada.submit("Grant", &[("decision", "grant")]).await.assert_sees("The request of Bob is granted");
}

#[actix_web::test]
async fn several_are_decided_at_once_each_by_itself() {
    let cast = cast().await;
    let grace = helper(&cast).await;
    let Cast { app, ada, linus, bob, auditor, .. } = &cast;
    app.role(ada.organization(), "Reader", &["user:read:*"]);
    let reader = format!("role:{}", app.role_id(ada, "Reader"));
    for (person, what) in [(bob, auditor), (bob, &reader), (linus, &reader)] {
        person.ask_for(what, &[]).await.assert_sees("is sent");
    }
    let page = grace.get(LIST).await;
    let ids = page.attributes("[name=request]", "value");
    assert_eq!(ids.len(), 3);
    let mut fields: Vec<(&str, &str)> = ids.iter().map(|id| ("request", id.as_str())).collect();
    fields.push(("decision", "grant"));
    let page = grace.submit("Grant selected", &fields).await;
    page.assert_sees("2 requests granted. 1 left open:")
        .assert_sees("Nobody grants what they do not hold");
    grace
        .submit("Refuse selected", &[("request", &ids[2]), ("decision", "refuse")])
        .await
        .assert_sees("Say why you refuse.");
    grace
        .submit("Refuse selected", &[("decision", "refuse"), ("answer", "No")])
        .await
        .assert_sees("Tick at least one");
    let fields = [("request", ids[2].as_str()), ("decision", "refuse"), ("answer", "No")];
    grace.submit("Refuse selected", &fields).await.assert_sees("1 request refused.");
    assert_eq!((audited(app, "access_request.granted"), audited(app, "access_request.refused")), (2, 1));
}

/// The request of pressing a button, not sent yet.
fn press<'a>(person: &'a Person, button: &str, with: &[(&str, &str)]) -> LocalBoxFuture<'a, Page> {
    let (action, mut fields) = person.page().form(button);
    fields.retain(|(name, _)| with.iter().all(|(other, _)| other != name));
    fields.extend(with.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
    let body = serde_html_form::to_string(fields).expect("a form");
    async move { person.request(Method::POST, &action, Some(body)).await }.boxed_local()
}

#[actix_web::test]
async fn two_who_decide_at_the_same_moment_decide_once() {
    let Cast { app, ada, bob, auditor, .. } = &cast().await;
    let other = app.another().await;
    let helga = ada.welcome_administrator("Helga").await.at(&other);
    for round in 0..4 {
        bob.ask_for(auditor, &[]).await.assert_sees("is sent");
        ada.open_request().await;
        helga.open_request().await;
        let refusal = [("decision", "refuse"), ("answer", "No")];
        let (granted, refused) = join(press(ada, "Grant", &[("decision", "grant")]), press(&helga, "Refuse", &refusal)).await;
        let mut statuses = [granted.status, refused.status];
        statuses.sort_unstable();
        assert_eq!(statuses, [303, 422]);
        let state = app.text("SELECT state FROM access_requests ORDER BY id DESC LIMIT 1");
        let holds = app.count("SELECT count(*) FROM audit_events WHERE action = 'member.role_added'") > 0;
        assert_eq!(state == "granted", holds, "round {round}");
        if holds {
            return;
        }
    }
}
