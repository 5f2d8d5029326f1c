//! Access reviews: who reviews what, decisions and races between them, and what closing removes.

use crate::harness::{
    Page, Person, TestApp,
    access_reviews::{Review, close_due, open},
    rights::{create_role, give},
    team_access::id_of,
};
use chrono::TimeDelta;

/// Ada's organization, in which Linus and Bob have the role Auditor, and Grace does not.
async fn cast(app: &TestApp) -> (Person, Person, String) {
    let ada = app.administrator("Ada").await;
    create_role(&ada, "Auditor", &["audit:read:*"]).await.assert_sees("The role Auditor is there");
    let role = id_of(&ada, "/roles", "Auditor").await;
    for name in ["Linus", "Bob"] {
        ada.welcome(name, "User").await;
        give(&ada, name, "role", &role).await.assert_status(200);
    }
    let grace = ada.welcome("Grace", "User").await;
    (ada, grace, role)
}

async fn by_grace(ada: &Person, role: &str, unanswered: &str) -> Review {
    open(
        ada,
        &[
            ("what", &format!("role:{role}")),
            ("reviewed_by", "chosen"),
            ("reviewers", "grace@example.org"),
            ("unanswered", unanswered),
        ],
    )
    .await
}

fn names(page: &Page) -> Vec<String> {
    page.all("td.c-name .line")
}

#[actix_web::test]
async fn a_chosen_person_decides_and_closing_removes() {
    let app = TestApp::start().await;
    let (ada, grace, role) = cast(&app).await;
    let review = by_grace(&ada, &role, "keep").await;
    let letter = app.inbox("grace@example.org");
    assert!(letter.subject.contains("Quarter") && letter.text.contains("the role Auditor"), "{}", letter.text);
    // Opening a link decides nothing, and Grace needs no right to change members.
    grace.get(&review.path).await.assert_status(200).assert_sees("Undecided");
    grace.get("/access-reviews").await.assert_sees("Quarter");
    assert_eq!(names(&grace.get(&review.path).await), ["Bob", "Linus"]);
    review.decide(&grace, &["1-0"], "keep", "Audits the books").await.assert_sees("Keep: 1 line.");
    review.decide(&grace, &["2-0"], "remove", "Moved on").await.assert_sees("Remove: 1 line.");
    let page = grace.get(&review.path).await.assert_sees("2 of 2 lines are decided: 1 kept, 1 to be removed");
    page.assert_sees("Audits the books").assert_sees("by Grace");
    assert_eq!(names(&grace.get(&format!("{}?state=remove", review.path)).await), ["Linus"]);
    // Nothing is removed before it is closed, and Grace cannot close it.
    assert_eq!(ada.get(&format!("/users?role={role}")).await.names(), ["Bob", "Linus"]);
    grace.get(&format!("{}/closing", review.path)).await.assert_status(403);
    grace.post(&format!("{}/closing", review.path), &[]).await.assert_status(403);
    grace.get(&format!("{}/evidence", review.path)).await.assert_status(403);

    ada.get(&format!("{}/closing", review.path))
        .await
        .assert_sees("1 line is kept, and 1 line is removed as decided");
    ada.submit("Close the review", &[]).await.assert_sees("The review is closed");
    app.work();
    assert_eq!(ada.get(&format!("/users?role={role}")).await.names(), ["Bob"]);
    ada.get(&format!("{}?state=done", review.path)).await.assert_sees("Linus").assert_misses("Bob");
    review.decide(&grace, &["1-1"], "remove", "").await.assert_sees("The review is closed");
    ada.get("/audit").await.assert_sees("began the removals of an access review: Quarter");
    let linus = ada.member("Linus").await;
    ada.get(&format!("/users/{linus}/history")).await.assert_sees("took the role Auditor from Linus");
    let (file, is_whole) = ada.download(&format!("{}/evidence", review.path), || {}).await;
    assert!(is_whole);
    let line = file.lines().find(|line| line.starts_with("Linus")).expect("a line");
    assert!(line.contains(",remove,Moved on,Grace,") && line.contains(",done,"), "{line}");
    ada.get("/audit").await.assert_sees("exported the evidence of the access review");
}

#[actix_web::test]
async fn of_two_who_decide_at_once_the_second_is_told() {
    let app = TestApp::start().await;
    let (ada, grace, role) = cast(&app).await;
    let review = by_grace(&ada, &role, "keep").await;
    review.decide(&grace, &["1-0"], "keep", "").await.assert_sees("Keep: 1 line.");
    let page = review.decide(&ada, &["1-0", "2-0"], "remove", "").await;
    page.assert_sees("Remove: 1 line. 1 line is left out, among them Bob: Somebody decided on it meanwhile");
    ada.get(&review.path).await.assert_sees("1 kept, 1 to be removed");
    // Who has seen the decision may change it.
    review.decide(&ada, &["1-1"], "remove", "").await.assert_sees("Remove: 1 line.");
    ada.get(&review.path).await.assert_sees("0 kept, 2 to be removed");
    assert_eq!(app.count("SELECT kept * 100 + removed FROM access_reviews"), 2);
    grace.get(&review.path).await;
    for odd in ["1", "x-0", "1-x"] {
        review.decide(&grace, &[odd], "keep", "").await.assert_status(400);
    }
    review.decide(&grace, &["1-2"], "delete", "").await.assert_status(400);
    review.decide(&grace, &["99-0"], "keep", "").await.assert_sees("It is not yours to decide");
    review
        .decide(&grace, &["1-2"], "keep", &"x".repeat(301))
        .await
        .assert_status(422)
        .assert_sees("At most 300 characters");
}

#[actix_web::test]
async fn team_administrators_decide_on_the_people_of_their_teams_and_not_on_themselves() {
    let app = TestApp::start().await;
    let (ada, grace, role) = cast(&app).await;
    let team = ada.create_team("Platform").await;
    for name in ["Grace", "Linus"] {
        ada.add_to_team(&team, name).await.assert_sees("is in Platform now");
    }
    let id = ada.member("Grace").await;
    ada.post(&format!("/teams/{team}/members/{id}/administration"), &[]).await.assert_status(200);
    give(&ada, "Grace", "role", &role).await.assert_status(200);
    let review = open(
        &ada,
        &[
            ("what", &format!("role:{role}")),
            ("reviewed_by", "team_administrators"),
            ("unanswered", "remove"),
        ],
    )
    .await;
    app.deliver();
    assert!(app.inbox("grace@example.org").subject.contains("Quarter"));
    assert_eq!(names(&ada.get(&review.path).await), ["Bob", "Grace", "Linus"]);
    let page = grace.get(&review.path).await.assert_status(200);
    assert_eq!(names(&page), ["Grace you", "Linus"]);
    assert_eq!(page.attributes("td.pick input[disabled]", "title"), ["Nobody decides on their own access."]);
    review.decide(&grace, &["2-0"], "keep", "").await.assert_sees("Nobody decides on their own access");
    review.decide(&grace, &["1-0"], "keep", "").await.assert_sees("It is not yours to decide");
    review.decide_all(&grace, "keep").await.assert_sees("Keep: 1 line.");
    assert_eq!(app.texts("SELECT name FROM access_review_lines WHERE decision = 'keep'"), ["Linus"]);
    // Nobody else sees it.
    let linus = app.visitor();
    linus.sign_in("linus@example.org", crate::harness::GOOD).await;
    linus.get(&review.path).await.assert_status(404);
    linus.get("/access-reviews").await.assert_misses("Quarter");
    review.decide(&linus, &["3-1"], "remove", "").await.assert_status(404);
    let mallory = app.another_organization("Elsewhere", "Mallory", None).await;
    mallory.get(&review.path).await.assert_status(404);
    let own = format!("/o/{}/access-reviews/{}", mallory.organization(), review.id);
    mallory.get(&own).await.assert_status(404);
    mallory.post(&format!("{own}/closing"), &[]).await.assert_status(404);
}

#[actix_web::test]
async fn what_comes_with_a_team_can_only_be_kept() {
    let app = TestApp::start().await;
    let (ada, grace, role) = cast(&app).await;
    let team = ada.create_team("Platform").await;
    ada.add_to_team(&team, "Grace").await;
    crate::harness::team_access::attach(&ada, &team, &format!("role:{role}"), &[])
        .await
        .assert_sees("The team gives the role Auditor");
    ada.welcome("Eve", "User").await;
    let review = open(
        &ada,
        &[
            ("what", &format!("role:{role}")),
            ("reviewed_by", "chosen"),
            ("reviewers", "eve@example.org"),
            ("unanswered", "remove"),
        ],
    )
    .await;
    ada.get(&review.path).await.assert_sees("through the team Platform");
    review
        .decide(&ada, &["3-0"], "remove", "")
        .await
        .assert_sees("They have it through the team Platform. Take them out of the team");
    // By the rule for what nobody decided, all lose it who have it by themselves.
    app.wait(TimeDelta::days(40));
    ada.sign_in("ada@example.org", crate::harness::GOOD).await;
    review.decide(&ada, &["1-0"], "keep", "").await.assert_sees("The review is closed");
    close_due(&app);
    app.work();
    assert_eq!(ada.get(&format!("/users?role={role}")).await.names(), ["Grace"]);
    ada.get(&format!("{}?state=failed", review.path))
        .await
        .assert_sees("Grace")
        .assert_sees("Take them out of the team, or let the team give it no more")
        .assert_misses("Linus");
    drop(grace);
}

#[actix_web::test]
async fn a_review_closes_by_itself_and_others_remove_what_its_opener_may_not() {
    let app = TestApp::start().await;
    let (ada, grace, role) = cast(&app).await;
    let eve = ada.welcome_administrator("Eve").await;
    let review = by_grace(&eve, &role, "keep").await;
    review.decide(&grace, &["1-0", "2-0"], "remove", "").await.assert_sees("Remove: 2 lines.");
    // Three days before the end reviewers are reminded, once.
    close_due(&app);
    assert!(!app.inbox("grace@example.org").subject.starts_with("Reminder"));
    app.wait(TimeDelta::days(28));
    close_due(&app);
    close_due(&app);
    app.deliver();
    let reminders = app.letters("grace@example.org").into_iter().filter(|letter| letter.subject.starts_with("Reminder"));
    assert_eq!(reminders.count(), 1);
    ada.sign_in("ada@example.org", crate::harness::GOOD).await;
    ada.disable("Eve").await.assert_status(200);
    app.wait(TimeDelta::days(4));
    close_due(&app);
    app.work();
    ada.sign_in("ada@example.org", crate::harness::GOOD).await;
    assert_eq!(ada.get(&format!("/users?role={role}")).await.names(), ["Bob", "Linus"]);
    ada.get(&review.path)
        .await
        .assert_sees("2 of 2 lines were not removed")
        .assert_sees("The person who began it is not active here any more");
    ada.submit("Remove them in my name", &[]).await.assert_sees("What is left is being removed");
    app.work();
    assert!(ada.get(&format!("/users?role={role}")).await.names().is_empty());
    ada.post(&format!("{}/removal", review.path), &[]).await.assert_sees("Nothing waits to be removed");
    ada.post(&format!("{}/closing", review.path), &[])
        .await
        .assert_status(422)
        .assert_sees("The review is closed");
    assert_eq!(app.count("SELECT done FROM access_reviews"), 2);
}

#[actix_web::test]
async fn removals_keep_the_guards_of_the_operation() {
    let app = TestApp::start().await;
    let (ada, grace, _) = cast(&app).await;
    ada.welcome_administrator("Eve").await;
    let review = open(
        &ada,
        &[
            ("what", "administrators"),
            ("reviewed_by", "chosen"),
            ("reviewers", "grace@example.org"),
            ("unanswered", "keep"),
        ],
    )
    .await;
    assert_eq!(names(&grace.get(&review.path).await), ["Ada", "Eve"]);
    review.decide_all(&grace, "remove").await.assert_sees("Remove: 2 lines.");
    ada.post(&format!("{}/closing", review.path), &[]).await.assert_status(200);
    app.work();
    ada.get(&format!("{}?state=failed", review.path))
        .await
        .assert_sees("Ada")
        .assert_sees("You cannot change your own status or access");
    ada.get(&format!("{}?state=done", review.path)).await.assert_sees("Eve").assert_misses("Ada you");
    ada.create_system_account("deploy", "CI/CD").await;
    let review = open(
        &ada,
        &[
            ("what", "system_accounts"),
            ("reviewed_by", "chosen"),
            ("reviewers", "grace@example.org"),
            ("unanswered", "remove"),
        ],
    )
    .await;
    ada.post(&format!("{}/closing", review.path), &[]).await.assert_status(200);
    app.work();
    let status = app.text("SELECT status FROM members WHERE name = 'deploy'");
    assert_eq!(status, "disabled");
}

#[actix_web::test]
async fn the_form_says_what_is_wrong() {
    let app = TestApp::start().await;
    let (ada, grace, role) = cast(&app).await;
    ada.get(&format!("/access-reviews/new?what=role:{role}")).await.assert_status(200);
    let what = format!("role:{role}");
    let good = [
        ("name", "Quarter"),
        ("what", what.as_str()),
        ("reviewed_by", "chosen"),
        ("reviewers", "grace@example.org"),
        ("until", "2026-04-10"),
        ("unanswered", "keep"),
    ];
    for (field, value, complaint) in [
        ("name", "", "Type a name"),
        ("what", "", "Choose what is reviewed"),
        ("what", "role:", "Choose what is reviewed"),
        ("what", "administrators:019cdc1f-d680-7000-8000-000000000000", "Choose what is reviewed"),
        ("reviewed_by", "me", "Choose one of the two"),
        ("reviewers", "", "Name 1 to 50 people"),
        ("reviewers", "nobody@example.org", "Nobody here has the address or username nobody@example.org"),
        ("until", "2026-03-01", "The last day is a day to come"),
        ("until", "2028-03-01", "The last day is a day to come"),
        ("until", "tomorrow", "Choose the last day"),
        ("unanswered", "ask", "Choose one of the two"),
    ] {
        let fields: Vec<_> = good.iter().map(|(name, known)| (*name, if *name == field { value } else { *known })).collect();
        let page = ada.post("/access-reviews", &fields).await.assert_status(422);
        page.assert_sees(complaint);
    }
    let missing = [("what", "role:019cdc1f-d680-7000-8000-000000000000")];
    let fields: Vec<_> = good
        .iter()
        .map(|(name, known)| (*name, if *name == "what" { missing[0].1 } else { *known }))
        .collect();
    ada.post("/access-reviews", &fields).await.assert_status(404);
    grace.post("/access-reviews", &good).await.assert_status(403);
    assert_eq!(app.count("SELECT count(*) FROM access_reviews"), 0);
}

#[actix_web::test]
async fn a_person_gets_what_was_decided_and_an_erasure_leaves_no_name() {
    let app = TestApp::start().await;
    let (ada, grace, role) = cast(&app).await;
    let review = by_grace(&ada, &role, "keep").await;
    review.decide(&grace, &["2-0"], "keep", "On call").await.assert_sees("Keep: 1 line.");
    let linus = ada.member("Linus").await;
    let program = app.administrating_program(&ada).await;
    let data = program.get(&format!("/api/v1/users/{linus}/personal_data")).await.json();
    let line = &data["access_reviews"]["about_them"][0];
    assert_eq!(
        (line["reason"].as_str(), line["decided_by"]["name"].as_str()),
        (Some("On call"), Some("Grace")),
        "{data}"
    );
    for name in ["Linus", "Grace"] {
        let id = ada.member(name).await;
        ada.get(&format!("/users/{id}/deletion")).await;
        ada.submit(&format!("Delete {name}"), &[("name", name)]).await.assert_sees("is deleted");
        ada.get(&format!("/audit/people/{id}/erasure")).await.assert_status(200);
        ada.submit(&format!("Erase {name}"), &[("name", name)]).await.assert_status(200);
        let left = format!("SELECT count(*) FROM access_review_lines WHERE name = '{name}' OR decided_by_name = '{name}'");
        assert_eq!(app.count(&left), 0);
    }
    assert_eq!(
        app.count("SELECT count(*) FROM access_review_lines WHERE decision = 'keep' AND reason = 'On call'"),
        1
    );
}
