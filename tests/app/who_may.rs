//! Who may do what: everybody who has a permission or may act on a resource, each with what allows it, and the same as the decision
//! about each of them.

use crate::harness::{
    Person, TestApp,
    rights::{create_policy, declare},
    team_access::{Cast, attach, cast, id_of},
};
use roster::{
    access::who,
    authorization::{Question, decide, effective},
    kit::{Fault, MemberId, Scope},
};
use std::collections::BTreeMap;

fn rows(person: &Person) -> Vec<(String, String)> {
    let page = person.page();
    page.all("table.who td.c-name a").into_iter().zip(page.all("table.who td:last-child")).collect()
}

#[actix_web::test]
async fn everybody_with_a_permission_is_listed_with_every_way_to_it() {
    let cast = cast().await;
    let Cast { app, ada, linus, team, auditor, .. } = &cast;
    ada.get("/access/who").await.assert_sees("Who may do what");
    ada.get("/access/who?permission=audit%3Aread%3A*").await.assert_status(200);
    assert_eq!(rows(ada), [("Ada".to_owned(), "The role Administrator allows *:*:*.".to_owned())]);
    attach(ada, team, auditor, &[]).await;
    ada.get("/access/who?permission=audit%3Aread%3A*").await;
    let found = rows(ada);
    let of = found.iter().find(|(name, _)| name == "Linus").expect("Linus");
    assert!(of.1.contains("comes with being in the team Platform") && of.1.contains("audit:read:*"), "{}", of.1);
    // The file has a line for each way, and the trail says who took it.
    let file = ada.get("/access/who/export?permission=audit%3Aread%3A*").await.assert_status(200);
    let lines: Vec<&str> = file.body.trim_start_matches('\u{feff}').lines().collect();
    assert_eq!(lines[0], "name,email,kind,id,role,team,policy,until,because");
    assert!(
        lines.iter().any(|line| line.starts_with("Linus,") && line.contains(",Auditor,Platform,")),
        "{lines:?}"
    );
    assert_eq!(app.count("SELECT count(*) FROM audit_events WHERE action = 'permission.exported'"), 1);
    // Those who are not active may do nothing.
    ada.disable("Linus").await;
    ada.get("/access/who?permission=audit%3Aread%3A*").await;
    assert!(rows(ada).iter().all(|(name, _)| name != "Linus"));
    linus.get("/users").await.assert_sees("Sign in");
    ada.get("/access/who?permission=nonsense").await.assert_sees("That cannot be asked");
    ada.get("/access/who/export?permission=nonsense").await.assert_status(400);
}

#[actix_web::test]
async fn only_those_who_see_all_of_it_see_the_list() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    let vera = ada.welcome("Vera", "Viewer").await;
    for path in ["/access/who", "/access/who/export?permission=user%3Aread%3A*"] {
        vera.get(path).await.assert_status(403);
    }
    let grace = ada.welcome("Grace", "User").await;
    grace.get("/access/who?permission=user%3Aread%3A*").await.assert_sees("Vera");
    let reader = app.program_with(&ada, "Reader", &["role:read:*"]).await;
    reader
        .get("/api/v1/access/who?permission=user:read:*")
        .await
        .assert_problem(403, "permission-missing");
}

/// Every page of the list, as the console and the API read it.
fn listed(app: &TestApp, scope: &Scope, question: &Question) -> BTreeMap<MemberId, Vec<String>> {
    let mut all = BTreeMap::new();
    let mut after = None;
    loop {
        let page = app.db.read_here(|conn| who::page(conn, scope, question, after, 2)).expect("a page");
        for member in page.members {
            let mut because: Vec<String> = member.because.iter().map(ToString::to_string).collect();
            because.sort();
            assert!(all.insert(member.id, because).is_none(), "{} is listed twice", member.name);
        }
        after = page.next;
        if after.is_none() {
            return all;
        }
    }
}

#[actix_web::test]
async fn the_list_is_what_is_decided_about_each_member() {
    let cast = cast().await;
    let Cast { app, ada, team, auditor, .. } = &cast;
    declare(ada, "contract", "read, sign").await;
    create_policy(ada, "Contracts", ("contract", &["read"], "7")).await;
    create_policy(ada, "Signers", ("contract", &["sign"], "*")).await;
    let policy = id_of(ada, "/policies", "Contracts").await;
    ada.add_to_team(team, "Bob").await;
    attach(ada, team, auditor, &[]).await;
    attach(ada, team, &format!("policy:{policy}"), &[]).await;
    for (name, role) in [("Grace", "User"), ("Vera", "Viewer"), ("Max", "Works council")] {
        if name == "Max" {
            app.role(ada.organization(), role, &["user:read:*", "team:manage:own", "contract:manage:*"]);
        }
        ada.welcome(name, role).await;
    }
    app.execute(
        "INSERT INTO member_policies (organization_id, member_id, policy_id) SELECT m.organization_id, m.id, p.id FROM members m, policies p \
         WHERE m.name IN ('Grace', 'Ada') AND p.name = 'Signers'",
    );
    app.execute("UPDATE team_members SET is_administrator = (1 = 1) WHERE member_id = (SELECT id FROM members WHERE name = 'Bob')");
    ada.create_system_account("deploy", "CI/CD").await;
    let organization = ada.organization();
    let now = app.clock.now();
    let mut scope = Scope::system(organization, now);
    scope.permissions = roster::kit::Permissions::everything();
    let everybody: Vec<MemberId> = app
        .texts("SELECT name FROM members ORDER BY id")
        .iter()
        .map(|name| id_of_member(app, name))
        .collect();
    let permission = |text: &str| Question::Permission(text.parse().expect("a permission"));
    let action =
        |action: &str, id: &str| Question::Action { action: action.into(), resource_type: "contract".into(), resource_id: id.into() };
    let any = |action: &str| Question::AnyResource { action: action.into(), resource_type: "contract".into() };
    for question in [
        permission("*:*:*"),
        permission("user:read:*"),
        permission("audit:read:*"),
        permission("team:manage:own"),
        permission("contract:read:*"),
        action("read", "7"),
        action("read", "8"),
        action("sign", "8"),
        action("burn", "8"),
        any("read"),
        any("sign"),
        any("burn"),
        action("no word", "8"),
    ] {
        let mut expected = BTreeMap::new();
        for id in &everybody {
            let held = app.db.read_here(|conn| effective(conn, organization, *id, now)).expect("they exist");
            let decision = decide(&held, &question);
            if decision.allowed {
                let mut because: Vec<String> = decision.because.iter().map(ToString::to_string).collect();
                because.sort();
                expected.insert(*id, because);
            }
        }
        assert_eq!(listed(app, &scope, &question), expected, "{question:?}");
    }
}

fn id_of_member(app: &TestApp, name: &str) -> MemberId {
    app.db
        .read_here(|conn| {
            use diesel::prelude::*;
            use roster::db::schema::members;
            Ok::<_, Fault>(members::table.filter(members::name.eq(name)).select(members::id).first(conn)?)
        })
        .expect("the member")
}

#[actix_web::test]
async fn programs_ask_page_by_page() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    for name in ["Grace", "Linus", "Kay"] {
        ada.welcome(name, "User").await;
    }
    let root = app.program_with(&ada, "Root", &["*:*:*"]).await;
    let names = root.walk("/api/v1/access/who?permission=user:read:*&limit=2", "name").await;
    assert_eq!(names, ["Ada", "Grace", "Linus", "Kay", "Root"]);
    let page = root.get("/api/v1/access/who?permission=*:*:*").await.json();
    assert_eq!((&page["data"][0]["kind"], &page["data"][0]["because"][0]["kind"]), (&"user".into(), &"role".into()));
    assert_eq!(page["data"][1]["email"], serde_json::Value::Null);
    for wrong in [
        "",
        "?permission=x",
        "?action=read",
        "?permission=user:read:*&action=read",
        "?limit=0&permission=user:read:*",
    ] {
        root.get(&format!("/api/v1/access/who{wrong}")).await.assert_problem(422, "invalid-fields");
    }
}
