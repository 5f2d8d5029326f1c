//! Policies and the declarations they use: nobody creates or attaches one that allows more than they hold, and
//! explanations come from the same evaluator that decides.

use crate::harness::{
    Person, TestApp,
    rights::{create_policy as create, declare, give, path_of, send},
    user_creation::audited,
};
use roster::authorization::{self, Question};

fn id(path: &str) -> String {
    path.rsplit('/').next().expect("an id").to_owned()
}

/// Whether this member may do this to a contract, according to the evaluator.
fn may(app: &TestApp, person: &Person, name: &str, action: &str, resource: &str) -> bool {
    let member = app.text(&if crate::harness::is_postgres() {
        format!("SELECT CAST(id AS text) FROM members WHERE name = '{name}'")
    } else {
        format!("SELECT lower(hex(id)) FROM members WHERE name = '{name}'")
    });
    let (organization, now) = (person.organization(), app.clock.now());
    let question = Question::Action {
        action: action.into(),
        resource_type: "contract".into(),
        resource_id: resource.into(),
    };
    let decided = app.db.read_here(|conn| {
        let held = authorization::effective(conn, organization, member.parse().expect("an id"), now)?;
        Ok::<_, roster::kit::Fault>(authorization::decide(&held, &question))
    });
    decided.expect("an answer").allowed
}

#[actix_web::test]
async fn a_policy_is_declared_made_attached_and_answers() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    ada.welcome("Grace", "Viewer").await;
    declare(&ada, "contract", "read, sign").await;
    create(&ada, "Signers", ("contract", &["sign"], "7\n8"))
        .await
        .assert_sees("The policy Signers is there");
    assert!(!may(&app, &ada, "Grace", "sign", "7"));
    let policy = path_of(&ada, "/policies", "Signers").await;
    ada.page().assert_sees("contract: sign on 7, 8").assert_sees("nobody");
    give(&ada, "Grace", "policy", &id(&policy))
        .await
        .assert_sees("Access is changed")
        .assert_sees("Signers");
    assert!(may(&app, &ada, "Grace", "sign", "7"));
    assert!(!may(&app, &ada, "Grace", "sign", "9"));
    assert!(!may(&app, &ada, "Grace", "read", "7"));
    ada.get("/policies").await.assert_sees("1 person");
    let people = ada.page().link("1 person");
    assert_eq!(ada.get(&people).await.names(), ["Grace"]);
    // Detached, in the same way as roles.
    let member = ada.member("Grace").await;
    ada.get(&format!("/users/{member}/roles")).await;
    send(&ada, "Save access", &["policy"], &[]).await.assert_sees("Access is changed");
    assert!(!may(&app, &ada, "Grace", "sign", "7"));
    ada.submit("Undo", &[]).await.assert_sees("Access is changed");
    assert!(may(&app, &ada, "Grace", "sign", "7"));
    assert_eq!((audited(&app, "member.policy_attached"), audited(&app, "member.policy_detached")), (2, 1));
    // A member who becomes an administrator keeps the policy. Meanwhile it adds nothing; afterwards it counts again.
    ada.get(&format!("/users/{member}/administration")).await;
    ada.submit("Make administrator", &[]).await.assert_sees("is an administrator now");
    assert!(may(&app, &ada, "Grace", "read", "9"));
    ada.get(&format!("/users/{member}/roles")).await.assert_sees("Administrators need none");
    ada.get(&format!("/users/{member}/administration/deletion")).await;
    ada.submit("Remove administrator", &[]).await;
    assert!(may(&app, &ada, "Grace", "sign", "8") && !may(&app, &ada, "Grace", "read", "8"));
}

#[actix_web::test]
async fn the_editor_turns_without_a_script_and_loses_nothing() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    declare(&ada, "contract", "read sign").await;
    ada.get("/policies/new").await;
    let typed = [("name", "Signers"), ("rule-0-type", "contract"), ("rule-0-ids", "7")];
    let with = [&typed[..], &[("do", "refresh-0")]].concat();
    let page = send(&ada, "Create Policy", &["name", "rule-0-ids"], &with).await.assert_status(200);
    assert_eq!(page.attributes("input[name=rule-0-action]", "value"), ["*", "read", "sign"]);
    let with = [("rule-0-type", "contract"), ("rule-0-action", "sign"), ("do", "add")];
    let page = send(&ada, "Create Policy", &[], &with).await.assert_status(200);
    assert_eq!(page.attributes("textarea[name$=ids]", "name"), ["rule-0-ids", "rule-1-ids"]);
    let with = [
        ("rule-0-type", "contract"),
        ("rule-1-type", "*"),
        ("rule-1-action", "read"),
        ("do", "advanced"),
    ];
    let page = send(&ada, "Create Policy", &["rule-1-ids"], &[&with[..], &[("rule-1-ids", "*")]].concat()).await;
    let json = page.all("textarea[name=json]").remove(0);
    assert!(json.contains("\"sign\"") && json.contains("\"7\""), "{json}");
    let page = ada.submit("Create Policy", &[("json", "[\n  {\"resource_type\": 7}\n]"), ("do", "save")]).await;
    page.assert_status(422).assert_sees("Line 2, column 21").assert_sees("\"resource_type\": 7");
    for (json, wrong) in [
        ("[]", "at least one rule"),
        (
            r#"[{"resource_type":"*","actions":["*"],"resource_ids":["*"],"effect":"deny"}]"#,
            "unknown field `effect`",
        ),
        (
            r#"[{"resource_type":"invoice","actions":["*"],"resource_ids":["*"]}]"#,
            "Rule 1: \"invoice\" is no resource type",
        ),
        (
            r#"[{"resource_type":"contract","actions":["fly"],"resource_ids":["*"]}]"#,
            "Rule 1: \"fly\" is no action",
        ),
        (r#"[{"resource_type":"contract","actions":[],"resource_ids":["*"]}]"#, "at least one action"),
        (r#"[{"resource_type":"contract","actions":["read"],"resource_ids":[]}]"#, "Say which resources"),
        ("{}", "Line 1, column"),
        ("[[[[", "Line 1, column"),
    ] {
        ada.submit("Create Policy", &[("json", json), ("do", "save")])
            .await
            .assert_status(422)
            .assert_sees(wrong);
    }
    let many: Vec<String> = (0..501).map(|n| format!("\"{n}\"")).collect();
    let long = format!(r#"[{{"resource_type":"contract","actions":["read"],"resource_ids":[{}]}}]"#, many.join(","));
    ada.submit("Create Policy", &[("json", &long), ("do", "save")])
        .await
        .assert_status(422)
        .assert_sees("At most 500");
    let good = r#"[{"resource_type":"contract","actions":["read"],"resource_ids":["*"]}]"#;
    let page = ada.submit("Create Policy", &[("json", good), ("do", "rows")]).await.assert_status(200);
    assert_eq!(page.attributes("input[name=rule-0-action][checked]", "value"), ["read"]);
    assert_eq!(app.count("SELECT count(*) FROM policies"), 0);
    let with = [("rule-0-type", "contract"), ("do", "save")];
    send(&ada, "Create Policy", &[], &with).await.assert_sees("The policy Signers is there");
}

#[actix_web::test]
async fn nobody_attaches_or_widens_a_policy_beyond_what_they_hold() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    declare(&ada, "contract", "read, sign").await;
    create(&ada, "Readers", ("contract", &["read"], "7")).await;
    create(&ada, "Signers", ("contract", &["sign"], "*")).await;
    let role = ["policy:manage:*", "user:manage:*", "user:invite:*", "user:read:*", "team:read:*"];
    app.role(ada.organization(), "Desk", &role);
    let desk = ada.welcome("Desk", "Desk").await;
    ada.welcome("Grace", "Viewer").await;
    let (readers, signers) = (path_of(&ada, "/policies", "Readers").await, path_of(&ada, "/policies", "Signers").await);
    give(&desk, "Grace", "policy", &id(&readers))
        .await
        .assert_status(422)
        .assert_sees("Nobody grants what they do not hold");
    give(&ada, "Desk", "policy", &id(&readers)).await.assert_sees("Access is changed");
    give(&desk, "Grace", "policy", &id(&readers)).await.assert_sees("Access is changed");
    give(&desk, "Grace", "policy", &id(&signers))
        .await
        .assert_status(422)
        .assert_sees("The policy Signers allows more");
    for wide in [("contract", &["read"][..], "8"), ("contract", &["*"], "7"), ("*", &["read"], "7")] {
        create(&desk, "Mine", wide)
            .await
            .assert_status(422)
            .assert_sees("Nobody grants what they do not hold");
    }
    create(&desk, "Mine", ("contract", &["read"], "7")).await.assert_sees("The policy Mine is there");
    // The same with an invitation, and in bulk.
    desk.get("/invitations/new").await.assert_status(200);
    let viewer = desk.role("Viewer");
    let typed = [
        ("addresses", "linus@example.org"),
        ("role", viewer.as_str()),
        ("policy", &id(&signers)),
    ];
    send(&desk, "Send invitations", &["addresses", "role"], &typed).await.assert_status(422);
    let grace = desk.member("Grace").await;
    desk.get(&format!("/bulk?kind=user&act=attach_policy&member={grace}"))
        .await
        .assert_misses("Signers");
    desk.submit("Attach a policy", &[("policy", &id(&signers))]).await;
    desk.page().assert_sees("Nobody grants what they do not hold");
    assert_eq!(app.count("SELECT count(*) FROM member_policies"), 2);
    // Members cannot edit a policy that is attached to themselves, nor take one from a member with more permissions.
    desk.get(&readers).await.assert_sees("attached to you");
    send(
        &desk,
        "Save policy",
        &["rule-0-ids"],
        &[("rule-0-type", "contract"), ("rule-0-ids", "*"), ("do", "save")],
    )
    .await
    .assert_status(422);
    desk.post(&format!("{readers}/deletion"), &[("name", "Readers")]).await.assert_status(422);
    give(&ada, "Grace", "policy", &id(&signers)).await.assert_sees("Access is changed");
    desk.post(&format!("{signers}/deletion"), &[("name", "Signers")])
        .await
        .assert_status(422)
        .assert_sees("may do more than you");
    desk.get(&format!("/users/{grace}/disablement"))
        .await
        .assert_status(422)
        .assert_sees("contract:sign:*");
}

#[actix_web::test]
async fn many_are_put_under_a_policy_and_it_is_taken_back() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    declare(&ada, "contract", "read").await;
    create(&ada, "Readers", ("contract", &["*"], "*")).await;
    let policy = id(&path_of(&ada, "/policies", "Readers").await);
    ada.welcome_administrator("Helga").await;
    let mut query = String::from("/bulk?kind=user&act=attach_policy");
    for name in ["Grace", "Linus"] {
        ada.welcome(name, "Viewer").await;
    }
    for name in ["Grace", "Linus", "Helga"] {
        query = format!("{query}&member={}", ada.member(name).await);
    }
    ada.get(&query).await.assert_status(200);
    ada.submit("Attach a policy", &[("policy", &policy)])
        .await
        .assert_sees("Administrators may do everything");
    app.work();
    assert_eq!(app.count("SELECT count(*) FROM member_policies"), 2);
    let grace = ada.member("Grace").await;
    ada.get(&format!("/users/{grace}/roles")).await.assert_sees("contract: every action on all");
    ada.get(&format!("/bulk?kind=user&act=detach_policy&member={grace}")).await;
    ada.submit("Detach a policy", &[("policy", &policy)])
        .await
        .assert_sees("Policy Readers detached from 1 person");
    assert_eq!(app.count("SELECT count(*) FROM member_policies"), 1);
    ada.submit("Undo", &[]).await;
    assert_eq!(app.count("SELECT count(*) FROM member_policies"), 2);
}

#[actix_web::test]
async fn of_two_who_edit_one_policy_the_second_sees_what_the_first_did() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    let helga = ada.welcome_administrator("Helga").await;
    declare(&ada, "contract", "read, sign").await;
    create(&ada, "Signers", ("contract", &["sign"], "7")).await;
    let policy = path_of(&ada, "/policies", "Signers").await;
    ada.get(&policy).await;
    helga.get(&policy).await;
    let rule = |ids: &'static str| [("rule-0-type", "contract"), ("rule-0-ids", ids), ("do", "save")];
    send(&ada, "Save policy", &["rule-0-ids"], &rule("8")).await.assert_sees("is saved");
    let page = send(&helga, "Save policy", &["rule-0-ids"], &rule("9")).await.assert_status(409);
    page.assert_sees("contract: sign on 8").assert_sees("contract: sign on 9");
    send(&helga, "Save policy", &["rule-0-ids"], &rule("9")).await.assert_sees("is saved");
    helga.get(&format!("{policy}/deletion")).await.assert_sees("attached to nobody");
    helga.submit("Delete", &[("name", " Signers ")]).await.assert_sees("is deleted");
    ada.get(&policy).await.assert_status(404);
    assert_eq!((audited(&app, "policy.edited"), audited(&app, "policy.deleted")), (2, 1));
}

#[actix_web::test]
async fn whoever_may_only_see_policies_sees_them_and_changes_nothing() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    app.role(ada.organization(), "Reader", &["user:read:*", "policy:read:*"]);
    let rita = ada.welcome("Rita", "Reader").await;
    rita.get("/policies")
        .await
        .assert_sees("Nobody here has made one")
        .assert_misses("Create")
        .assert_misses("Declare")
        .assert_misses("Resource types");
    declare(&ada, "contract", "read").await;
    create(&ada, "Readers", ("contract", &["read"], "*")).await;
    let policy = path_of(&rita, "/policies", "Readers").await;
    assert!(rita.page().all(".menu-button").is_empty() && !rita.page().text().contains("Create Policy"));
    let page = rita.get(&policy).await.assert_status(200).assert_sees("contract");
    assert!(page.all("main form").is_empty(), "{}", page.text());
    for path in [&policy, &format!("{policy}/deletion")] {
        rita.post(path, &[("name", "Mine")]).await.assert_status(403);
    }
    ada.welcome("Uma", "Viewer")
        .await
        .get("/policies")
        .await
        .assert_status(403)
        .assert_sees("policy:read:*");
}
