//! Many questions about permissions at once, and everything a member may do.

use crate::harness::{
    Person, TestApp, instant, plans,
    rights::{create_policy, declare, give, path_of},
    system_accounts::{Answer, Program},
};
use actix_web::http::Method;
use roster::{authorization, kit::MemberId};
use serde_json::{Value, json};

async fn app() -> (TestApp, Person, Program) {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    let id = app.machine(ada.organization(), "deploy", "CI/CD");
    let base = format!("/o/{}/system-accounts/{id}/tokens", ada.organization());
    let text = ada.make_token(&base, "deploy", &[("mode", "read_write")]).await;
    let program = app.program().bearer(&text);
    (app, ada, program)
}

async fn ask(program: &Program, body: &Value) -> Answer {
    program.ask(Method::POST, "/api/v1/authorize/batch", Some(body.to_string())).await
}

#[actix_web::test]
async fn every_question_is_answered_in_its_order_as_if_asked_alone() {
    let (app, ada, program) = app().await;
    let grace = ada.welcome("Grace", "Viewer").await;
    drop(grace);
    let member = ada.member("Grace").await;
    let mallory = app.another_organization("Elsewhere", "Mallory", None).await;
    let questions = [
        json!({ "permission": "user:read:*" }),
        json!({ "permission": "user:manage:*" }),
        json!({ "action": "read", "resource_type": "team", "resource_id": "42" }),
        json!({ "permission": "team:read:*", "member": member }),
        json!({ "permission": "team:manage:*", "member": member }),
        json!({ "action": "NO", "resource_type": "team", "resource_id": "42" }),
    ];
    let answers = ask(&program, &json!({ "questions": questions })).await.json();
    let answers = answers["answers"].as_array().expect("answers");
    assert_eq!(answers.len(), questions.len());
    for (question, answer) in questions.iter().zip(answers) {
        assert_eq!(*answer, program.authorize(question).await.json(), "{question}");
    }
    // Members who are not there, or in another organization, leave the other answers as they are.
    let theirs = mallory.member("Mallory").await;
    let nobody = uuid::Uuid::nil();
    let questions = [
        json!({ "permission": "user:read:*", "member": theirs }),
        json!({ "permission": "user:read:*" }),
        json!({ "permission": "user:read:*", "member": nobody }),
    ];
    let answers = ask(&program, &json!({ "questions": questions })).await.json();
    for at in [0, 2] {
        let answer = &answers["answers"][at];
        assert_eq!((&answer["allowed"], &answer["because"]), (&json!(false), &json!([])), "{answer}");
        let problem = &answer["problem"];
        assert_eq!((&problem["code"], &problem["status"]), (&json!("not-found"), &json!(404)), "{problem}");
    }
    assert_eq!(answers["answers"][1]["allowed"], true);
}

#[actix_web::test]
async fn a_caller_who_may_not_see_a_member_is_told_which_permission_is_missing() {
    let (app, ada, _) = app().await;
    let id = app.machine(ada.organization(), "keeper", "Administrator");
    let base = format!("/o/{}/system-accounts/{id}/tokens", ada.organization());
    let fields = [("mode", "read_write"), ("width", "narrow"), ("permission", "team:manage:*")];
    let narrow = app.program().bearer(&ada.make_token(&base, "narrow", &fields).await);
    let member = ada.member("Ada").await;
    let questions = [
        json!({ "permission": "team:read:*", "member": member }),
        json!({ "permission": "team:read:*" }),
        json!({ "permission": "user:read:*" }),
    ];
    let answers = ask(&narrow, &json!({ "questions": questions })).await.json();
    assert_eq!(answers["answers"][0]["problem"]["permission"], "user:read:*", "{answers}");
    assert_eq!(answers["answers"][1]["allowed"], true);
    assert_eq!(answers["answers"][2]["because"][0]["text"], "The token narrow is narrowed to other permissions.");
    let problem = narrow
        .get(&format!("/api/v1/members/{member}/permissions"))
        .await
        .assert_problem(403, "permission-missing");
    assert_eq!(problem["permission"], "user:read:*");
}

#[actix_web::test]
async fn a_batch_has_one_to_a_hundred_questions_that_can_be_read() {
    let (app, _, program) = app().await;
    let many = |count: usize| json!({ "questions": vec![json!({ "permission": "user:read:*" }); count] });
    let answers = ask(&program, &many(100)).await.json();
    assert_eq!(answers["answers"].as_array().expect("answers").len(), 100);
    for body in [
        many(0),
        many(101),
        json!({}),
        json!([]),
        json!({ "questions": null }),
        json!({ "questions": [], "more": 1 }),
        json!({ "questions": [{ "permission": "user:read:*", "admin": true }] }),
        json!({ "questions": [{}] }),
        json!({ "questions": ["user:read:*"] }),
    ] {
        ask(&program, &body).await.assert_problem(422, "invalid-fields");
    }
    let second = json!({ "questions": [{ "permission": "user:read:*" }, { "permission": "nonsense" }] });
    let problem = ask(&program, &second).await.assert_problem(422, "invalid-fields");
    assert_eq!(problem["errors"][0]["field"], "/questions/1", "{problem}");
    ask(&app.program(), &many(1)).await.assert_problem(401, "credential-missing");
    let answer = program.get("/api/v1/authorize/batch").await;
    answer.assert_problem(405, "method-not-allowed");
    assert_eq!(answer.0.headers.get("allow").expect("a header"), "POST");
}

#[actix_web::test]
async fn everything_a_member_may_do_is_listed_with_what_allows_it() {
    let (app, ada, program) = app().await;
    let _grace = ada.welcome("Grace", "Viewer").await;
    declare(&ada, "contract", "read sign").await;
    create_policy(&ada, "Signers", ("contract", &["sign"], "*")).await;
    let policy = path_of(&ada, "/policies", "Signers").await;
    give(&ada, "Grace", "policy", policy.rsplit('/').next().expect("an id")).await;
    let member = ada.member("Grace").await;
    let path = format!("/api/v1/members/{member}/permissions");
    // The machine may see people and teams, but neither roles nor policies: it sees what, and not by which name.
    let json = program.get(&path).await.json();
    assert_eq!((&json["member"], &json["active"]), (&json!(member), &json!(true)));
    assert_eq!(
        json["permissions"],
        json!([
            { "permission": "team:read:*", "because": [{ "kind": "role", "permission": "team:read:*", "text": "A role allows team:read:*." }] },
            { "permission": "user:read:*", "because": [{ "kind": "role", "permission": "user:read:*", "text": "A role allows user:read:*." }] },
        ])
    );
    let rules = json!([{ "resource_type": "contract", "actions": ["sign"], "resource_ids": ["*"] }]);
    assert_eq!(json["policies"], json!([{ "rules": rules }]));
    // An administrator's machine sees the names.
    let id = app.machine(ada.organization(), "keeper", "Administrator");
    let base = format!("/o/{}/system-accounts/{id}/tokens", ada.organization());
    let keeper = app.program().bearer(&ada.make_token(&base, "keeper", &[]).await);
    let json = keeper.get(&path).await.json();
    assert_eq!(json["permissions"][0]["because"][0]["name"], "Viewer");
    assert_eq!(json["policies"][0]["name"], "Signers");
    let own = keeper.get(&format!("/api/v1/members/{id}/permissions")).await.json();
    assert_eq!(own["permissions"][0]["permission"], "*:*:*");
    assert_eq!(own["policies"], json!([]));
    ada.disable("Grace").await.assert_status(200);
    let json = keeper.get(&path).await.json();
    assert_eq!(json, json!({ "member": member, "active": false, "permissions": [], "policies": [] }));
}

#[actix_web::test]
async fn only_members_of_the_own_organization_are_found() {
    let (app, _, program) = app().await;
    let mallory = app.another_organization("Elsewhere", "Mallory", None).await;
    let theirs = mallory.member("Mallory").await;
    for id in [theirs.as_str(), "00000000-0000-0000-0000-000000000000", "x", "%00", "1"] {
        let path = format!("/api/v1/members/{id}/permissions");
        program.get(&path).await.assert_problem(404, "not-found");
        app.program().get(&path).await.assert_problem(401, "credential-missing");
    }
    let answer = program.ask(Method::POST, &format!("/api/v1/members/{theirs}/permissions"), None).await;
    answer.assert_problem(405, "method-not-allowed");
    assert_eq!(answer.0.headers.get("allow").expect("a header"), "GET, HEAD");
}

#[actix_web::test]
async fn a_member_is_read_once_however_many_questions_there_are() {
    plans::record();
    let (_app, ada, program) = app().await;
    let member = ada.member("Ada").await;
    let mut counts = Vec::new();
    // Requests are counted in blocks, which are written now and then, and connections ask some things once: the first ones
    // tell nothing.
    for count in [1, 1, 1, 2, 50] {
        let one = [
            json!({ "permission": "user:read:*" }),
            json!({ "permission": "user:read:*", "member": member }),
        ];
        let questions: Vec<Value> = std::iter::repeat_n(one, count).flatten().collect();
        plans::shapes();
        ask(&program, &json!({ "questions": questions })).await.json();
        counts.push(plans::shapes().len());
    }
    assert!(counts[2..].iter().all(|count| *count == counts[2]), "{counts:?}");
}

/// `effective` reads everything in one statement, `roles_of` and `rules_of` read many members at once.
#[actix_web::test]
async fn what_one_member_holds_is_read_alike_alone_and_among_many() {
    let (app, ada, _) = app().await;
    for name in ["Zebras", "Antelopes"] {
        ada.create_team(name).await;
    }
    declare(&ada, "document", "read, print").await;
    create_policy(&ada, "Prints", ("document", &["print"], "a, b")).await;
    create_policy(&ada, "Éclairs", ("document", &["read"], "c")).await;
    let grace = ada.welcome("Grace", "Viewer").await;
    let organization = ada.organization();
    let member: MemberId = ada.member("Grace").await.parse().expect("an id");
    let now = app.clock.now();
    drop(grace);
    app.execute(
        "INSERT INTO team_members (organization_id, team_id, member_id, is_administrator) \
         SELECT m.organization_id, t.id, m.id, TRUE FROM members m, teams t WHERE m.name = 'Grace'",
    );
    app.execute(
        "INSERT INTO member_policies (organization_id, member_id, policy_id) \
         SELECT m.organization_id, m.id, p.id FROM members m, policies p WHERE m.name = 'Grace'",
    );
    // The teams give a role and a policy each: one of them has ended.
    let later = app.clock.now() + chrono::TimeDelta::days(3);
    for (table, given) in [("team_roles", "role"), ("team_policies", "policy")] {
        let name = if given == "role" {
            "g.predefined = 'user'"
        } else {
            "g.name = 'Prints'"
        };
        let (rows, at) = (format!("{given}s").replace("policys", "policies"), instant(later));
        app.execute(&format!(
            "INSERT INTO {table} (organization_id, team_id, {given}_id, attached_at, until_at, is_delegated) \
             SELECT t.organization_id, t.id, g.id, t.created_at, CASE t.name WHEN 'Zebras' THEN {at} ELSE t.created_at END, FALSE \
             FROM teams t, {rows} g WHERE {name}"
        ));
    }
    let read = |conn: &mut roster::db::Conn| {
        let held = authorization::effective(conn, organization, member, now)?;
        let roles = authorization::roles_of(conn, organization, &[member], now)?.remove(&member);
        let rules = authorization::rules_of(conn, organization, &[member], now)?.remove(&member);
        Ok::<_, roster::kit::Fault>((held, roles, rules))
    };
    let (held, roles, rules) = app.db.read_here(read).expect("what Grace holds");
    let names: Vec<_> = held.roles.iter().map(|role| (role.name.as_str(), format!("{:?}", role.via))).collect();
    assert_eq!(
        names.iter().map(|(name, _)| *name).collect::<Vec<_>>(),
        ["User", "Viewer", "Team Administrator", "Team Administrator"]
    );
    assert!(names[0].1.starts_with("Team {") && names[0].1.contains("Zebras"), "{names:?}");
    assert!(names[2].1.contains("Antelopes") && names[3].1.contains("Zebras"), "{names:?}");
    let permissions = app
        .db
        .read_here(|conn| authorization::permissions(conn, organization, member, now))
        .expect("in SQL");
    let all: std::collections::BTreeSet<String> = held.permissions().iter().map(ToString::to_string).collect();
    assert_eq!(permissions.iter().map(ToString::to_string).collect::<std::collections::BTreeSet<_>>(), all);
    assert!(all.contains("token:manage:own") && held.until() == Some(later), "{all:?}");
    assert_eq!(Some(held.roles.clone()), roles);
    let own = held.policies.iter().filter(|policy| !matches!(policy.via, authorization::Via::Team { .. }));
    let mut by_name: Vec<String> = own.flat_map(|policy| &policy.rules).map(|rule| format!("{rule:?}")).collect();
    let mut together: Vec<String> = rules.into_iter().flatten().map(|rule| format!("{rule:?}")).collect();
    by_name.sort();
    together.sort();
    assert_eq!(by_name, together);
    assert_eq!(
        held.policies.iter().map(|policy| policy.name.as_str()).collect::<Vec<_>>(),
        ["Éclairs", "Prints", "Prints"]
    );
    assert!(held.is_active && held.declared.knows("document", "print"));
}
