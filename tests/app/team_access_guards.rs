//! Who lets a team give something, who adds members to such a team, and who is asked again.

use crate::harness::{
    GOOD,
    rights::create_role,
    team_access::{Cast, attach, cast, helper, id_of},
};
use chrono::TimeDelta;
use serde_json::json;

#[actix_web::test]
async fn nobody_adds_somebody_to_a_team_that_gives_more_than_they_hold() {
    let cast = cast().await;
    let grace = helper(&cast).await;
    let Cast { app, ada, team, auditor, bob, .. } = &cast;
    attach(ada, team, auditor, &[]).await;
    let why = "The team Platform gives its members the role Auditor. That allows audit:read:*, which you may not do yourself.";
    grace.get(&format!("/teams/{team}/members/new")).await.assert_sees(why);
    grace.add_to_team(team, "Bob").await.assert_sees(why);
    bob.get("/audit").await.assert_status(403);

    // The other ways into the team: the Access tab, an invitation, a new person, a new system account, bulk, a file, the API.
    let member = grace.member("Bob").await;
    grace.get(&format!("/users/{member}/roles")).await;
    grace.submit("Save access", &[("team", team)]).await.assert_status(422).assert_sees(why);
    grace.get("/invitations/new").await;
    let page = grace.page();
    page.assert_sees("Gives Auditor, which is more than you may give");
    let user = grace.role("Help desk");
    grace
        .submit("Send invitations", &[("addresses", "new@example.org"), ("role", &user), ("team", team)])
        .await
        .assert_status(422)
        .assert_sees(why);
    grace.get("/users/new").await;
    let fields = [("name", "New"), ("email", "new@example.org"), ("role", &user), ("team", team)];
    grace.submit("Create User", &fields).await.assert_status(422).assert_sees(why);
    grace.get("/system-accounts/new").await;
    let fields = [("name", "robot"), ("role", &user), ("team", team)];
    grace.submit("Create System Account", &fields).await.assert_status(422).assert_sees(why);
    grace
        .get(&format!("/bulk?act=join_team&kind=user&member={member}"))
        .await
        .assert_sees("Platform (more than you may do)");
    grace.submit("Add", &[("team", team)]).await.assert_sees(why);
    let program = app.program_with(ada, "help", &["user:manage:*", "system_account:manage:*", "team:manage:*"]).await;
    let refused = program.send("PUT", &format!("/api/v1/teams/{team}/members/{member}"), &json!({})).await;
    refused.assert_problem(403, "beyond-your-permissions");
    assert_eq!(app.count("SELECT count(*) FROM team_members"), 1);

    // Somebody who holds it adds people, and takes nobody out who is above them.
    let auditor = auditor.trim_start_matches("role:");
    let grace_id = ada.member("Grace").await;
    ada.get(&format!("/users/{grace_id}/roles")).await;
    ada.submit("Save access", &[("role", auditor), ("role", &user)])
        .await
        .assert_sees("Access is changed");
    grace.add_to_team(team, "Bob").await.assert_sees("Bob is in Platform now");
    bob.get("/audit").await.assert_status(200);
}

#[actix_web::test]
async fn team_administrators_add_people_only_where_that_is_delegated() {
    let cast = cast().await;
    let Cast { app, ada, linus, bob, team, auditor } = &cast;
    let id = ada.member("Linus").await;
    ada.post(&format!("/teams/{team}/members/{id}/administration"), &[])
        .await
        .assert_sees("Linus administers Platform");
    attach(ada, team, auditor, &[]).await;
    // Linus holds it, through the team, but does not manage people.
    linus
        .add_to_team(team, "Bob")
        .await
        .assert_sees("Whoever manages people and holds that adds somebody to it");
    attach(ada, team, auditor, &[("delegated", "on")])
        .await
        .assert_sees("The team gives the role Auditor");
    let page = ada.get(&format!("/teams/{team}/access")).await;
    assert_eq!(page.all("td.c-name .subtitle"), ["Team administrators may add people"]);
    linus.add_to_team(team, "Bob").await.assert_sees("Bob is in Platform now");
    bob.get("/audit").await.assert_status(200);
    let events = app.texts("SELECT action FROM audit_events WHERE action LIKE 'team.role%' ORDER BY id");
    assert_eq!(events, ["team.role_attached", "team.role_attached"]);
    // System accounts they never add.
    ada.create_system_account("robot", "CI/CD").await;
    let account = ada.account("robot").await;
    linus
        .post(&format!("/teams/{team}/members"), &[("member", &account), ("kind", "system_account")])
        .await
        .assert_status(403);
}

#[actix_web::test]
async fn nobody_lets_a_team_give_what_they_do_not_hold_or_decides_about_their_own_team() {
    let cast = cast().await;
    let grace = helper(&cast).await;
    let Cast { ada, linus, team, auditor, .. } = &cast;
    // Administrators are made one by one.
    let administrator = id_of(ada, "/roles", "Administrator").await;
    attach(ada, team, &format!("role:{administrator}"), &[])
        .await
        .assert_status(422)
        .assert_sees("No team gives the role Administrator");
    for what in [
        "role:018c0d16-fd2f-78f3-a730-dd29e8169c8b",
        "policy:018c0d16-fd2f-78f3-a730-dd29e8169c8b",
        "team:1",
        "",
    ] {
        attach(ada, team, what, &[]).await.assert_status(422);
    }
    // Grace does not hold it, and so neither gives it nor takes it.
    attach(&grace, team, auditor, &[])
        .await
        .assert_status(422)
        .assert_sees("which you may not do yourself");
    attach(ada, team, auditor, &[]).await;
    let role = auditor.trim_start_matches("role:");
    grace
        .get(&format!("/teams/{team}/roles/{role}/deletion"))
        .await
        .assert_sees("Nobody gives or takes what they do not hold");
    grace.post(&format!("/teams/{team}/roles/{role}/deletion"), &[]).await.assert_status(422);
    grace
        .get(&format!("/teams/{team}/deletion"))
        .await
        .assert_sees("You cannot delete the team Platform");
    grace.post(&format!("/teams/{team}/deletion"), &[("name", "Platform")]).await.assert_status(422);
    // What she holds, she lets a team give, unless she is in it.
    let own = format!("role:{}", id_of(&grace, "/roles", "Help desk").await);
    let other = ada.create_team("Support").await;
    attach(&grace, &other, &own, &[]).await.assert_sees("The team gives the role Help desk");
    ada.add_to_team(&other, "Grace").await.assert_sees("Grace is in Support now");
    attach(&grace, &other, &own, &[("delegated", "on")])
        .await
        .assert_status(422)
        .assert_sees("You are in this team. Somebody else decides what it gives you.");
    // Nor does she take anything from members above her: Olga administrates, and is in that team.
    let third = ada.create_team("Board").await;
    ada.welcome_administrator("Olga").await;
    ada.add_to_team(&third, "Olga").await.assert_sees("Olga is in Board now");
    attach(&grace, &third, &own, &[])
        .await
        .assert_status(422)
        .assert_sees("Olga is in the team, and may do more than you");
    // People without the permissions see what it gives, and no form.
    let page = linus.get(&format!("/teams/{team}/access")).await.assert_status(200).assert_sees("Auditor");
    assert!(!page.has_button("Attach…"));
    linus.post(&format!("/teams/{team}/access"), &[("what", auditor)]).await.assert_status(403);
}

#[actix_web::test]
async fn deleting_a_team_a_role_or_a_policy_says_who_loses_what() {
    let cast = cast().await;
    let Cast { app, ada, linus, bob, team, auditor } = &cast;
    attach(ada, team, auditor, &[]).await;
    let role = auditor.trim_start_matches("role:");
    let bob_id = ada.member("Bob").await;
    let user = id_of(ada, "/roles", "User").await;
    ada.get(&format!("/users/{bob_id}/roles")).await;
    ada.submit("Save access", &[("role", role), ("role", &user)]).await.assert_sees("Access is changed");
    ada.add_to_team(team, "Bob").await;
    ada.get(&format!("/teams/{team}/roles/{role}/deletion"))
        .await
        .assert_sees("1 person has it no more; 1 keeps it otherwise");
    ada.get(&format!("/teams/{team}/deletion")).await.assert_sees("1 person loses the role Auditor");
    ada.submit("Delete Platform", &[("name", "Platform")]).await.assert_sees("is deleted");
    linus.get("/audit").await.assert_status(403);
    bob.get("/audit").await.assert_status(200);
    assert!(
        app.text("SELECT CAST(before AS text) FROM audit_events WHERE action = 'team.deleted'")
            .contains("the role Auditor")
    );
    // A role that only a team gives is in use too.
    let other = ada.create_team("Support").await;
    ada.add_to_team(&other, "Linus").await;
    attach(ada, &other, auditor, &[]).await;
    let page = ada.get(&format!("/roles/{role}/deletion")).await;
    page.assert_sees("2 holders do without it")
        .assert_sees("1 person and the member of the team Support");
    let program = app.administrating_program(ada).await;
    let problem = program.delete(&format!("/api/v1/roles/{role}")).await.assert_problem(422, "in-use");
    assert_eq!(problem["affected_members"], 2);
    assert_eq!(program.delete(&format!("/api/v1/roles/{role}?detach=true")).await.json()["affected_members"], 2);
    assert_eq!(app.count("SELECT count(*) FROM team_roles"), 0);
}

#[actix_web::test]
async fn giving_rights_to_rule_through_a_team_asks_who_it_is_first() {
    let cast = cast().await;
    let Cast { app, ada, bob, team, .. } = &cast;
    create_role(ada, "People", &["user:manage:*"]).await;
    let people = format!("role:{}", id_of(ada, "/roles", "People").await);
    app.wait(TimeDelta::minutes(16));
    ada.get(&format!("/teams/{team}/access")).await;
    let page = ada.submit("Attach…", &[("what", &people)]).await;
    assert!(page.has_button("Continue"), "{}", page.text());
    app.execute(
        "INSERT INTO team_roles (organization_id, team_id, role_id, attached_at, is_delegated) \
         SELECT t.organization_id, t.id, r.id, t.created_at, FALSE FROM teams t, roles r WHERE r.name = 'People'",
    );
    let page = ada.add_to_team(team, "Bob").await;
    assert!(page.has_button("Continue"), "{}", page.text());
    bob.get("/users/new").await.assert_status(403);
    assert_eq!(app.count("SELECT count(*) FROM team_members"), 1);
}

#[actix_web::test]
async fn an_invitation_gives_what_its_sender_still_may_give_and_what_the_team_was_made_to_give_since() {
    let cast = cast().await;
    let grace = helper(&cast).await;
    let Cast { app, ada, team, auditor, .. } = &cast;
    // Grace invites into a team that gives nothing yet; Ada lets it give something; the invitation stays good.
    grace.get("/invitations/new").await;
    let role = grace.role("Help desk");
    grace
        .submit("Send invitations", &[("addresses", "eve@example.org"), ("role", &role), ("team", team)])
        .await
        .assert_sees("1 invited");
    app.wait(TimeDelta::minutes(1));
    attach(ada, team, auditor, &[]).await;
    let eve = app.visitor();
    eve.get(&app.inbox("eve@example.org").link()).await.assert_status(200);
    eve.submit("Join", &[("name", "Eve"), ("password", GOOD)]).await.assert_status(200);
    eve.get("/audit").await.assert_status(200);
    // Ada invites into the team and can give what it gives no more: the invitation is void.
    let other = ada.welcome_administrator("Olga").await;
    other.get("/invitations/new").await;
    let user = other.role("User");
    other
        .submit("Send invitations", &[("addresses", "zoe@example.org"), ("role", &user), ("team", team)])
        .await
        .assert_sees("1 invited");
    app.execute(
        "UPDATE member_roles SET role_id = (SELECT id FROM roles WHERE name = 'Help desk') \
         WHERE member_id = (SELECT id FROM members WHERE name = 'Olga')",
    );
    let zoe = app.visitor();
    // To change until when the team gives it is not to give it anew.
    attach(ada, team, auditor, &[("until", "2027-03-04")])
        .await
        .assert_sees("The team gives the role Auditor");
    zoe.get(&app.inbox("zoe@example.org").link()).await.assert_sees("so it is void");
}
