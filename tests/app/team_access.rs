//! Teams that give roles and policies to their members.

use crate::harness::{
    instant,
    rights::{create_policy, declare},
    team_access::{Cast, attach, cast, id_of},
};
use chrono::TimeDelta;
use serde_json::json;

#[actix_web::test]
async fn members_of_a_team_have_what_it_gives_while_they_are_in_it() {
    let cast = cast().await;
    let Cast { ada, linus, bob, team, auditor, .. } = &cast;
    linus.get("/audit").await.assert_status(403);
    ada.get(&format!("/teams/{team}/access"))
        .await
        .assert_sees("Nothing: being in this team allows nothing more");
    let page = ada.submit("Attach…", &[("what", auditor)]).await.assert_status(200);
    let page = page
        .assert_sees("1 person would get the role Auditor")
        .assert_sees("audit:read:*")
        .assert_sees("Nothing is saved yet");
    assert!(page.has_button("Confirm and attach"));
    assert_eq!(page.attribute("option[selected]", "value").as_ref(), Some(auditor));
    linus.get("/audit").await.assert_status(403);
    ada.submit("Confirm and attach", &[("what", auditor)])
        .await
        .assert_sees("The team gives the role Auditor to its members");
    linus.get("/audit").await.assert_status(200).assert_sees("let the team Platform give a role");
    bob.get("/audit").await.assert_status(403);

    // Joining gives it, leaving takes it away, from the next request on.
    ada.get(&format!("/teams/{team}/members/new"))
        .await
        .assert_sees("Whoever is added also gets Auditor");
    ada.add_to_team(team, "Bob").await.assert_sees("Bob is in Platform now");
    bob.get("/audit").await.assert_status(200);
    let page = ada.get(&format!("/teams/{team}")).await.assert_sees("Whoever is in it has Auditor too.");
    let (action, fields) = page.form("Take Bob out of the team");
    ada.post_raw(&action, &fields).await.assert_sees("Bob is not in Platform any more");
    bob.get("/audit").await.assert_status(403);

    // Detaching says first how many lose it.
    let role = auditor.trim_start_matches("role:");
    let page = ada.get(&format!("/teams/{team}/roles/{role}/deletion")).await.assert_status(200);
    page.assert_sees("From the next request on, 1 person has it no more");
    ada.submit("Detach", &[]).await.assert_sees("It is detached: 1 person lost it");
    linus.get("/audit").await.assert_status(403);
    ada.get(&format!("/teams/{team}/roles/{role}/deletion")).await.assert_status(404);
    assert_eq!(cast.app.count("SELECT count(*) FROM team_roles"), 0);
}

#[actix_web::test]
async fn pages_say_through_which_team_somebody_has_something() {
    let cast = cast().await;
    let Cast { app, ada, team, auditor, .. } = &cast;
    attach(ada, team, auditor, &[("until", "2027-03-04")])
        .await
        .assert_sees("The team gives the role Auditor");
    let linus = ada.member("Linus").await;
    let page = ada.get(&format!("/users/{linus}/roles")).await.assert_sees("Gives Auditor until 4 Mar 2027");
    let because = page.all(".effective td[data-label='Because of'] div");
    assert!(because.iter().any(|text| text.contains("Auditor through Platform until 4 Mar 2027")), "{because:?}");
    // The role is not among those that can be taken from Linus alone.
    assert_eq!(page.all(".grants input[name=role][checked]").len(), 1);
    ada.get(&format!("/users/{linus}")).await.assert_sees("Auditor through Platform until 4 Mar 2027");
    let role = auditor.trim_start_matches("role:");
    assert_eq!(ada.get(&format!("/users?role={role}")).await.names(), ["Linus"]);
    let page = ada.get("/users").await;
    let titles = page.attributes("td.c-roles .tag", "title");
    assert!(titles.iter().any(|title| title == "Auditor through Platform until 4 Mar 2027"), "{titles:?}");
    // Roles are told apart: those who have it by themselves, and the team.
    let page = ada.get("/roles").await;
    let held = &page.all("td.c-held")[page.all("td.c-name .line a").iter().position(|name| name == "Auditor").expect("the role")];
    assert_eq!(held, "team Platform (1)");
    ada.get(&format!("/roles/{role}"))
        .await
        .assert_sees("team Platform")
        .assert_sees("All people who have it");
    let (file, _) = ada.download("/users/export", || {}).await;
    let linus = file.lines().find(|line| line.starts_with("Linus")).expect("a line");
    assert!(linus.ends_with(",Auditor") && linus.contains(",User,"), "{linus}");
    // Linus gets a copy of what is known about him, which says it too.
    let id = ada.member("Linus").await;
    let data = app.administrating_program(ada).await.get(&format!("/api/v1/users/{id}/personal_data")).await.json();
    assert_eq!(data["teams"][0]["gives"], json!([{ "role": "Auditor", "until": "2027-03-05T00:00:00Z" }]), "{data}");
    // Invitations that name the team show what comes with it.
    ada.get("/invitations/new").await.assert_sees("Gives Auditor until 4 Mar 2027");
}

#[actix_web::test]
async fn system_accounts_and_policies_and_the_reasons_that_programs_get() {
    let cast = cast().await;
    let Cast { app, ada, team, auditor, .. } = &cast;
    declare(ada, "contract", "read, sign").await;
    create_policy(ada, "Contracts", ("contract", &["sign"], "7")).await.assert_status(200);
    let policy = id_of(ada, "/policies", "Contracts").await;
    attach(ada, team, auditor, &[]).await;
    attach(ada, team, &format!("policy:{policy}"), &[])
        .await
        .assert_sees("The team gives the policy Contracts");
    let program = app.program_as(ada, "deploy", "CI/CD").await;
    let audit = json!({ "permission": "audit:read:*" });
    let sign = json!({ "action": "sign", "resource_type": "contract", "resource_id": "7" });
    assert_eq!(program.authorize(&audit).await.json()["allowed"], false);
    let account = ada.account("deploy").await;
    ada.get(&format!("/teams/{team}/members/new?kind=system_account")).await.assert_sees("deploy");
    ada.post(&format!("/teams/{team}/members"), &[("member", &account), ("kind", "system_account")])
        .await
        .assert_sees("deploy is in Platform now");
    let answer = program.authorize(&audit).await.json();
    assert_eq!(
        (&answer["allowed"], &answer["because"][0]["kind"], &answer["because"][0]["as"]),
        (&json!(true), &json!("team"), &json!("member"))
    );
    assert_eq!(
        answer["because"][0]["text"],
        "The role Auditor, which comes with being in the team Platform, allows audit:read:*."
    );
    let answer = program.authorize(&sign).await.json();
    assert_eq!((&answer["allowed"], &answer["because"][0]["team"]["name"]), (&json!(true), &json!("Platform")));
    program.get("/api/v1/audit_events").await.assert_status(200);
    assert_eq!(ada.get(&format!("/users?policy={policy}")).await.names(), ["Linus"]);
    ada.get("/policies").await.assert_sees("team Platform (2)");
    let permissions = program.get(&format!("/api/v1/members/{account}/permissions")).await.json();
    assert_eq!(permissions["policies"][0]["name"], "Contracts", "{permissions}");
}

#[actix_web::test]
async fn what_a_team_gives_until_a_date_ends_by_itself() {
    let cast = cast().await;
    let Cast { app, ada, team, auditor, .. } = &cast;
    let page = attach(ada, team, auditor, &[("until", "2020-01-01")]).await.assert_status(422);
    page.assert_sees("It ends on a day to come");
    attach(ada, team, auditor, &[]).await;
    let program = app.program_as(ada, "deploy", "CI/CD").await;
    let account = ada.account("deploy").await;
    ada.post(&format!("/teams/{team}/members"), &[("member", &account), ("kind", "system_account")])
        .await;
    let ends = instant(app.clock.now() + TimeDelta::minutes(5));
    app.execute(&format!("UPDATE team_roles SET until_at = {ends}"));
    let question = json!({ "permission": "audit:read:*" });
    for (minutes, is_allowed) in [(0, true), (0, true), (4, true), (1, false), (0, false)] {
        app.wait(TimeDelta::minutes(minutes));
        program.get("/api/v1/audit_events").await.assert_status(if is_allowed { 200 } else { 403 });
        assert_eq!(program.authorize(&question).await.json()["allowed"], is_allowed);
    }
    ada.get(&format!("/teams/{team}/access"))
        .await
        .assert_sees("Nothing: being in this team allows nothing more");
}

#[actix_web::test]
async fn programs_read_and_decide_what_a_team_gives() {
    let cast = cast().await;
    let Cast { app, ada, linus, team, auditor, .. } = &cast;
    let role = auditor.trim_start_matches("role:");
    let program = app.administrating_program(ada).await;
    let path = format!("/api/v1/teams/{team}/roles/{role}");
    let body = json!({ "until": "2027-03-04T00:00:00Z", "team_administrators_may_add": true });
    program.send("PUT", &format!("{path}?dry_run=true"), &body).await.assert_status(204);
    linus.get("/audit").await.assert_status(403);
    program.send("PUT", &path, &body).await.assert_status(204);
    linus.get("/audit").await.assert_status(200);
    let access = program.get(&format!("/api/v1/teams/{team}/access")).await.json();
    let given = &access["roles"][0];
    assert_eq!((&given["name"], &given["until"]), (&json!("Auditor"), &json!("2027-03-04T00:00:00Z")), "{access}");
    assert_eq!(given["team_administrators_may_add"], true);
    assert_eq!(program.get(&format!("/api/v1/roles/{role}")).await.json()["members_count"]["teams"], json!([team]));
    program
        .send("PUT", &path, &json!({ "until": "2020-01-01T00:00:00Z" }))
        .await
        .assert_problem(422, "invalid-fields");
    let administrator = id_of(ada, "/roles", "Administrator").await;
    let refused = program.send("PUT", &format!("/api/v1/teams/{team}/roles/{administrator}"), &json!({})).await;
    refused.assert_problem(422, "not-for-teams");
    let narrow = app.program_with(ada, "teams", &["team:manage:*", "user:manage:*"]).await;
    let problem = narrow.send("PUT", &path, &json!({})).await.assert_problem(403, "permission-missing");
    assert_eq!(problem["permission"], "system_account:manage:*");
    program.delete(&path).await.assert_status(204);
    program.delete(&path).await.assert_problem(404, "not-found");
    linus.get("/audit").await.assert_status(403);
    let mallory = app.another_organization("Elsewhere", "Mallory", None).await;
    let theirs = app.administrating_program(&mallory).await;
    theirs.send("PUT", &path, &json!({})).await.assert_problem(404, "not-found");
    theirs.get(&format!("/api/v1/teams/{team}/access")).await.assert_problem(404, "not-found");
    let elsewhere = mallory.create_team("Elsewhere").await;
    theirs
        .send("PUT", &format!("/api/v1/teams/{elsewhere}/roles/{role}"), &json!({}))
        .await
        .assert_problem(404, "not-found");
}
