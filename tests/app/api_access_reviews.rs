//! Access reviews for programs.

use crate::harness::{TestApp, access_reviews::close_due, team_access::id_of};
use serde_json::json;

#[actix_web::test]
async fn a_program_opens_reads_decides_and_closes() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    ada.welcome_administrator("Eve").await;
    ada.welcome("Grace", "User").await;
    let grace = ada.member("Grace").await;
    let program = app.administrating_program(&ada).await;
    let list = "/api/v1/access_reviews";
    let body = json!({ "name": "Administrators", "kind": "administrators", "reviewed_by": "chosen", "reviewers": [grace], "last_day": "2026-04-10",
        "unanswered": "remove" });
    program.send("POST", &format!("{list}?dry_run=true"), &body).await.assert_status(201);
    assert_eq!(app.count("SELECT count(*) FROM access_reviews"), 0);
    let review = program.create(list, &body).await;
    let path = format!("{list}/{}", review["id"].as_str().expect("an id"));
    assert_eq!(
        (&review["lines"], &review["reviewers"], &review["state"]),
        (&json!(3), &json!([grace]), &json!("open")),
        "{review}"
    );
    assert_eq!(program.walk(list, "name").await, ["Administrators"]);
    let names = program.walk(&format!("{path}/lines?limit=2"), "name").await;
    assert_eq!(names.len(), 3, "{names:?}");
    let line = |name: &str| names.iter().position(|known| known == name).expect("a line") + 1;
    let (eve, own) = (line("Eve"), 6 - line("Eve") - line("Ada"));
    let decided = program
        .send(
            "POST",
            &format!("{path}/decisions"),
            &json!({ "decision": "keep", "reason": "On call", "lines": [{ "position": eve, "version": 0 },
            { "position": own }, { "position": 99 }] }),
        )
        .await
        .json();
    assert_eq!(decided["decided"], 1, "{decided}");
    assert_eq!(decided["left_out"][0]["reason"], "Nobody decides on their own access.");
    let kept = program.get(&format!("{path}/lines?state=keep")).await.json();
    assert_eq!((&kept["data"][0]["name"], &kept["data"][0]["version"]), (&json!("Eve"), &json!(1)));
    let closed = program.send("POST", &format!("{path}/close"), &json!({})).await.json();
    assert_eq!((&closed["state"], &closed["to_remove"]), (&json!("closed"), &json!(2)), "{closed}");
    app.work();
    let review = program.get(&path).await.json();
    assert_eq!(
        (&review["done"], &review["failed"], &review["removing"]),
        (&json!(1), &json!(1), &json!(false)),
        "{review}"
    );
    let problem = program.send("POST", &format!("{path}/close"), &json!({})).await;
    problem.assert_problem(422, "access-review-closed");
    program
        .send("POST", &format!("{path}/decisions"), &json!({ "decision": "keep", "all_undecided": true }))
        .await
        .assert_problem(422, "access-review-closed");
    program
        .send("POST", &format!("{path}/removal"), &json!({}))
        .await
        .assert_problem(422, "nothing-to-remove");
    let file = program.get(&format!("{path}/evidence")).await.assert_status(200);
    assert!(file.0.body.contains("Eve,eve@example.org") && file.0.body.contains("On call"), "{}", file.0.body);
    close_due(&app);
}

#[actix_web::test]
async fn requests_are_checked_and_the_last_administrator_stays() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    ada.welcome("Grace", "User").await;
    let grace = ada.member("Grace").await;
    let role = id_of(&ada, "/roles", "User").await;
    let program = app.administrating_program(&ada).await;
    let list = "/api/v1/access_reviews";
    let body = json!({ "name": "R", "kind": "role", "subject_id": role, "reviewed_by": "chosen", "reviewers": [grace], "last_day": "2026-04-10", "unanswered": "keep" });
    for (field, value, pointer, code) in [
        ("name", json!(" "), "/name", "invalid"),
        ("subject_id", json!(null), "/subject_id", "required"),
        ("reviewers", json!([]), "/reviewers", "out-of-range"),
        ("reviewers", json!([role]), "/reviewers", "invalid"),
        ("reviewed_by", json!("team_administrators"), "/reviewers", "unused"),
        ("last_day", json!("2026-03-01"), "/last_day", "out-of-range"),
    ] {
        let mut wrong = body.clone();
        wrong[field] = value;
        program.assert_field("POST", list, &wrong, pointer, code).await;
    }
    let mut of_nothing = body.clone();
    of_nothing["subject_id"] = json!(grace);
    program.send("POST", list, &of_nothing).await.assert_problem(404, "not-found");
    let narrow = app.program_with(&ada, "accounts", &["system_account:manage:*"]).await;
    narrow.send("POST", list, &body).await.assert_problem(403, "permission-missing");
    assert_eq!(narrow.get(list).await.json()["data"], json!([]));

    // Everybody is decided to be removed; one who can sign in stays.
    let body = json!({ "name": "A", "kind": "administrators", "reviewed_by": "chosen", "reviewers": [grace], "last_day": "2026-04-10", "unanswered": "remove" });
    let review = program.create(list, &body).await;
    let path = format!("{list}/{}", review["id"].as_str().expect("an id"));
    narrow.get(&path).await.assert_problem(404, "not-found");
    narrow.get(&format!("{path}/evidence")).await.assert_problem(404, "not-found");
    let mallory = app.another_organization("Elsewhere", "Mallory", None).await;
    let theirs = app.administrating_program(&mallory).await;
    theirs.get(&path).await.assert_problem(404, "not-found");
    theirs.send("POST", &format!("{path}/close"), &json!({})).await.assert_problem(404, "not-found");
    program.send("POST", &format!("{path}/close"), &json!({})).await.assert_status(200);
    app.work();
    let failed = program.get(&format!("{path}/lines?state=failed")).await.json();
    let notes: Vec<&str> = failed["data"].as_array().expect("lines").iter().filter_map(|line| line["note"].as_str()).collect();
    assert!(notes.iter().any(|note| note.contains("last administrator who can sign in")), "{failed}");
    assert!(notes.iter().any(|note| note.contains("your own status or access")), "{failed}");
}
