//! Running the system accounts of one's teams: see, disable and enable them, and nothing more.

use crate::harness::{Person, TestApp};
use roster::{
    kit::{Actor, Fault, MemberId, RequestInfo, Scope},
    members,
};

struct Cast {
    app: TestApp,
    ada: Person,
    grace: Person,
    team: String,
    ours: String,
    theirs: String,
}

async fn cast() -> Cast {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    let grace = ada.welcome("Grace", "User").await;
    let team = ada.create_team("Payments").await;
    ada.add_to_team(&team, "Grace").await;
    ada.get("/system-accounts/new").await;
    let role = ada.role("CI/CD");
    let page = ada.submit("Create System Account", &[("name", "ours"), ("role", &role), ("team", &team)]).await;
    let ours = page.machine();
    let theirs = ada.create_system_account("theirs", "CI/CD").await;
    Cast { app, ada, grace, team, ours, theirs }
}

#[actix_web::test]
async fn members_of_a_team_disable_and_enable_its_system_accounts_and_no_others() {
    let Cast { app, ada, grace, ours, theirs, .. } = cast().await;
    let page = grace.get("/system-accounts").await.assert_sees("ours").assert_sees("theirs");
    assert_eq!(page.attributes("tbody input[name=member]", "value"), std::slice::from_ref(&ours));
    assert_eq!(page.all("tbody .menu-button").len(), 1);
    grace
        .open_first_menu()
        .await
        .assert_sees("Disable…")
        .assert_misses("Delete…")
        .assert_misses("Make administrator")
        .assert_misses("Add role")
        .assert_misses("Edit roles");
    grace
        .get(&format!("/system-accounts/{ours}"))
        .await
        .assert_sees("Disable…")
        .assert_misses("Save changes")
        .assert_misses("Delete…");
    grace.get(&format!("/system-accounts/{theirs}")).await.assert_misses("Disable…");
    grace.get(&format!("/system-accounts/{ours}/disablement")).await;
    grace.submit("Disable", &[]).await.assert_sees("ours is disabled");
    grace.submit("Undo", &[]).await.assert_sees("ours is enabled again");
    for (act, path) in [
        ("disablement", &theirs),
        ("enablement", &theirs),
        ("deletion", &ours),
        ("administration", &ours),
        ("administration/deletion", &ours),
        ("roles", &ours),
    ] {
        grace.get("/system-accounts").await;
        grace
            .post(&format!("/system-accounts/{path}/{act}"), &[])
            .await
            .assert_status(403)
            .assert_sees("system_account:manage");
    }
    // A member who leaves the team does not run its accounts any more.
    ada.get("/users").await;
    app.execute("DELETE FROM team_members WHERE member_id = (SELECT id FROM members WHERE name = 'Grace')");
    grace.get("/system-accounts").await.assert_misses("Disable…");
    grace.get(&format!("/system-accounts/{ours}/disablement")).await.assert_status(403);
}

#[actix_web::test]
async fn of_many_at_once_those_of_other_teams_are_left_out() {
    let Cast { app, ada, grace, ours, theirs, .. } = cast().await;
    grace
        .get(&format!("/bulk?kind=system_account&act=disable&member={ours}&member={theirs}"))
        .await
        .assert_sees("Disable 1 system account?")
        .assert_sees("It is in none of your teams");
    grace
        .submit("Disable", &[])
        .await
        .assert_sees("1 system account disabled")
        .assert_sees("It is in none of your teams");
    assert_eq!(app.count("SELECT count(*) FROM members WHERE status = 'disabled'"), 1);
    grace.submit("Undo", &[]).await.assert_sees("1 system account enabled");
    grace.get("/batches").await.assert_sees("1 system account");
    for act in ["delete", "add_role", "make_administrator", "join_team"] {
        grace.get(&format!("/bulk?kind=system_account&act={act}&member={ours}")).await.assert_status(403);
    }
    // Members do not see batches that others started.
    ada.get(&format!("/bulk?kind=system_account&act=disable&member={theirs}&member={ours}")).await;
    ada.submit("Disable", &[]).await.assert_sees("2 system accounts disabled");
    let theirs = app.text("SELECT CAST(count(*) AS text) FROM batches");
    assert_eq!(theirs, "3");
    let listed = grace.get("/batches").await.all("tbody tr").len();
    assert_eq!(listed, 2);
    assert_eq!(ada.get("/batches").await.all("tbody tr").len(), 3);
}

fn scope(person: &Person, app: &TestApp, id: &str, permissions: &[&str]) -> Scope {
    let user = app
        .db
        .read_here(|conn| {
            let system = Scope::system(person.organization(), app.clock.now());
            Ok::<_, Fault>(members::find(conn, &system, id.parse().expect("an id"))?.user_id.expect("a person"))
        })
        .expect("a member");
    Scope {
        organization: person.organization(),
        actor: Actor::Member { id: id.parse().expect("an id"), user: Some(user), name: "Grace".into() },
        over_person: Default::default(),
        permissions: permissions.iter().map(|text| text.parse().expect("a permission")).collect(),
        request_info: RequestInfo::system(app.clock.now()),
    }
}

#[actix_web::test]
async fn whoever_runs_a_system_account_may_in_roster_do_what_it_may() {
    let Cast { app, ada, team, ours, theirs, .. } = cast().await;
    app.role(ada.organization(), "Contracts", &["contract_data:read:*"]);
    let grace = ada.member("Grace").await;
    let run = |id: &str, permissions: &[&str]| {
        let (scope, id): (Scope, MemberId) = (scope(&ada, &app, &grace, permissions), id.parse().expect("an id"));
        match app.db.read_here(|conn| members::may_run(conn, &scope, id)) {
            Ok(()) => "may".to_owned(),
            Err(Fault::Denied(permission)) => permission.to_string(),
            Err(fault) => fault.to_string(),
        }
    };
    let user = ["user:read:*", "team:read:*", "system_account:read:*", "system_account:manage:team"];
    assert_eq!(run(&ours, &user), "may");
    assert_eq!(run(&theirs, &user), "system_account:manage:*");
    assert_eq!(run(&theirs, &["system_account:manage:*", "user:read:*", "team:read:*"]), "may");
    assert_eq!(run(&ours, &["user:read:*", "team:read:*"]), "system_account:manage:*");
    assert_eq!(run(&ours, &["system_account:manage:team", "team:read:*"]), "user:read:*");
    assert_eq!(run(&grace, &user), "there is no such thing here", "a person is none");
    // The account's permissions in a product do not matter: running it is the purpose. Its permissions in Roster must
    // not exceed those of the member who runs it.
    ada.get("/system-accounts/new").await;
    let (contracts, scim) = (ada.role("Contracts"), ada.role("SCIM"));
    for (name, role, answer) in [("reader", &contracts, "may"), ("idp", &scim, "team:manage:*")] {
        ada.get("/system-accounts/new").await;
        let page = ada.submit("Create System Account", &[("name", name), ("role", role), ("team", &team)]).await;
        let id = page.machine();
        assert_eq!(run(&id, &user), answer, "{name}");
    }
    let other = app.another_organization("Elsewhere", "Mallory", None).await;
    let elsewhere = other.create_system_account("elsewhere", "CI/CD").await;
    assert_eq!(run(&elsewhere, &["*:*:*"]), "there is no such thing here");
}

#[actix_web::test]
async fn what_an_administrator_switched_off_the_team_does_not_switch_on_again() {
    let Cast { ada, grace, ours, .. } = cast().await;
    ada.get(&format!("/system-accounts/{ours}/disablement")).await;
    ada.submit("Disable", &[("reason", "Compromised")]).await;
    grace.get("/system-accounts?disabled=1").await;
    grace
        .post(&format!("/system-accounts/{ours}/enablement"), &[])
        .await
        .assert_sees("Somebody else disabled it");
    ada.get(&format!("/system-accounts/{ours}")).await;
    ada.post(&format!("/system-accounts/{ours}/enablement"), &[]).await.assert_sees("enabled again");
}

#[actix_web::test]
async fn a_token_of_the_team_does_not_grow_with_its_account() {
    let Cast { app, ada, grace, ours, .. } = cast().await;
    let base = format!("/o/{}/system-accounts/{ours}/tokens", ada.organization());
    let team = grace.make_token(&base, "of the team", &[]).await;
    let house_wide = ada.make_token(&base, "of the administrator", &[]).await;
    let today = ["team:read:*", "user:read:*"];
    assert_eq!(app.program().bearer(&team).me().await.permissions(), today);
    ada.get(&format!("/system-accounts/{ours}/administration")).await;
    ada.submit("Make administrator", &[]).await;
    assert_eq!(app.program().bearer(&team).me().await.permissions(), today);
    assert_eq!(app.program().bearer(&house_wide).me().await.permissions(), ["*:read:*"]);
}
