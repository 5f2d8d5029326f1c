//! Administration by team: a help desk that sees, invites and manages the people of the teams that it administers, and
//! nobody else by any door.

use crate::{
    harness::{GOOD, Person, TestApp, assert_none, rights::create_role},
    routes::{Place, inside, knock, state},
};
use serde_json::json;

struct Cast {
    app: TestApp,
    ada: Person,
    /// Administers Platform.
    heidi: Person,
    platform: String,
    /// Is in Platform.
    linus: String,
    /// Is in another team.
    grace: String,
}

const HELP_DESK: &[&str] = &[
    "user:read:team",
    "user:invite:team",
    "user:manage:team",
    "audit:read:team",
    "token:manage:own",
];

fn administer(app: &TestApp, name: &str) {
    app.execute(&format!(
        "UPDATE team_members SET is_administrator = true WHERE member_id = (SELECT id FROM members WHERE name = '{name}')"
    ));
}

async fn give(app: &TestApp, ada: &Person, member: &str, roles: &[&str]) {
    let ids: Vec<String> = roles.iter().map(|name| app.role_id(ada, name)).collect();
    let fields: Vec<(&str, &str)> = ids.iter().map(|id| ("role", id.as_str())).collect();
    ada.get(&format!("/users/{member}/roles")).await.assert_status(200);
    ada.submit("Save access", &fields).await;
    if ada.page().has_button("Confirm and save") {
        ada.submit("Confirm and save", &fields).await.assert_status(200);
    }
}

/// Heidi, who administers the team Platform with Linus; and Grace Hopper in the team Research.
async fn cast() -> Cast {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    create_role(&ada, "Help desk", HELP_DESK).await.assert_sees("The role Help desk is there");
    create_role(&ada, "Guest", &["token:manage:own"]).await.assert_sees("The role Guest is there");
    let heidi = ada.welcome("Heidi", "Help desk").await;
    ada.welcome("Linus", "Viewer").await;
    ada.welcome("Grace Hopper", "Viewer").await;
    let platform = ada.create_team("Platform").await;
    let research = ada.create_team("Research").await;
    for (team, name) in [(&platform, "Heidi"), (&platform, "Linus"), (&research, "Grace Hopper")] {
        ada.add_to_team(team, name).await.assert_status(200);
    }
    administer(&app, "Heidi");
    let (linus, grace) = (ada.member("Linus").await, ada.member("Grace Hopper").await);
    // Viewers see everybody, so they would be above Heidi.
    for member in [&linus, &grace] {
        give(&app, &ada, member, &["Guest"]).await;
    }
    Cast { app, ada, heidi, platform, linus, grace }
}

#[actix_web::test]
async fn lists_counts_searches_and_files_hold_the_people_of_their_teams_only() {
    let Cast { app, ada, heidi, linus, .. } = cast().await;
    let page = heidi.get("/users").await.assert_status(200).assert_sees("Linus").assert_sees("Heidi");
    let page = page.assert_misses("Grace").assert_misses("Ada").assert_misses("seats");
    assert_eq!(page.all(".tabs [aria-current]"), ["Current 2"]);
    for query in [
        "?q=grace",
        "?q=hopper%40",
        "?tab=disabled",
        "?sort=last_sign_in",
        "?exact=1&q=a",
        "?two_step=none&q=grace",
        "?seen=never&q=grace",
    ] {
        heidi.get(&format!("/users{query}")).await.assert_status(200).assert_misses("Grace Hopper");
    }
    heidi.get("/users?q=linus").await.assert_sees("Linus");
    heidi.get("/users/filters/team").await.assert_sees("Platform").assert_misses("Research");
    let file = heidi.get("/users/export").await.assert_status(200);
    assert!(file.body.contains("Linus") && !file.body.contains("Grace"), "{}", file.body);
    heidi.get("/audit").await.assert_status(200).assert_sees("Linus").assert_misses("Grace");
    let file = heidi.get("/audit/export?format=csv").await.assert_status(200);
    assert!(file.body.contains("Linus") && !file.body.contains("Grace"), "{}", file.body);
    heidi.get(&format!("/users/{linus}/history")).await.assert_status(200);
    heidi.get(&format!("/users/{linus}/activity")).await.assert_status(200);

    // The same for programs.
    let id = ada.member("Heidi").await;
    ada.let_use_api(&id, "the-api-password-of-heidi-77").await;
    let program = app.program().basic("heidi@example.org", "the-api-password-of-heidi-77");
    let names =
        |list: serde_json::Value| list["data"].as_array().expect("rows").iter().map(|row| row["name"].to_string()).collect::<Vec<_>>();
    assert_eq!(names(program.get("/api/v1/users?total=true").await.json()), ["\"Heidi\"", "\"Linus\""]);
    assert_eq!(program.get("/api/v1/users?total=true").await.json()["total"], 2);
    assert!(names(program.get("/api/v1/users?q=grace").await.json()).is_empty());
    assert!(!program.get("/api/v1/audit_events").await.0.body.contains("Grace"));
    assert!(!program.get("/api/v1/invitations").await.0.body.contains("Grace"));
    // Without a team of their own they see nobody.
    app.execute("UPDATE team_members SET is_administrator = false");
    heidi.get("/users").await.assert_status(200).assert_misses("Linus");
    assert_eq!(program.get("/api/v1/users?total=true").await.json()["total"], 0);
}

#[actix_web::test]
async fn no_route_of_the_console_leads_to_somebody_of_another_team() {
    let Cast { app, ada, heidi, platform, linus, grace } = cast().await;
    ada.invite("outside@example.org", "Guest").await;
    ada.get("/users?tab=invited").await;
    let page = ada.open_first_menu().await;
    let form = page.attribute("form[action$='/renewal']", "action").expect("an invitation");
    let account = ada.create_system_account("deploy-secret", "CI/CD").await;
    let outside = Place {
        organization: ada.organization().to_string(),
        member: grace,
        team: platform,
        account,
        invitation: form.split('/').nth(4).expect("an id").to_owned(),
    };
    let before = state(&app);
    let mut wrong = Vec::new();
    for (method, path, permission) in inside() {
        heidi.get("/users").await;
        let page = knock(&heidi, &method, &outside.fill(path)).await;
        if page.body.contains("Grace Hopper") || page.body.contains("outside@example.org") || page.body.contains("deploy-secret") {
            wrong.push(format!("{method} {path} shows somebody: {}", page.status));
        }
        let is_about_outside = path.contains("/users/{member}") || path.contains("{invitation}");
        if is_about_outside && !matches!(page.status, 403 | 404) {
            wrong.push(format!("{method} {path} ({permission}) answered {}: {}", page.status, page.text()));
        }
    }
    assert_none("a help desk outside its teams", wrong);
    assert_eq!(state(&app), before);

    // The same routes for a person of the team: none is forbidden that the role allows.
    let within = Place { member: linus, ..outside };
    let mut wrong = Vec::new();
    let is_theirs = |path: &str, permission: &str| {
        path.contains("/users/{member}") && matches!(permission, "user:read:*" | "user:manage:*") && !path.ends_with("/personal-data")
    };
    for (method, path, _) in inside().filter(|(_, path, permission)| is_theirs(path, permission)) {
        // These work, and would change what the next ones find.
        if ["/sessions/deletion", "/enablement", "/password", "/deletion", "/viewing"]
            .iter()
            .any(|end| path.ends_with(end))
            && method == "POST"
        {
            continue;
        }
        // Only Administrators make others.
        if path.contains("/administration") {
            continue;
        }
        heidi.get("/users").await;
        let page = knock(&heidi, &method, &within.fill(path)).await;
        if page.status == 403 {
            wrong.push(format!("{method} {path} answered {}: {}", page.status, page.text()));
        }
    }
    assert_none("a help desk within its teams", wrong);
}

#[actix_web::test]
async fn no_operation_of_the_api_leads_to_somebody_of_another_team() {
    let Cast { app, ada, grace, linus, platform, .. } = cast().await;
    let id = ada.member("Heidi").await;
    ada.let_use_api(&id, "the-api-password-of-heidi-77").await;
    let program = app.program().basic("heidi@example.org", "the-api-password-of-heidi-77");
    let before = state(&app);
    let document = program.get("/api/v1/openapi.json").await.json();
    let mut wrong = Vec::new();
    let mut tried = 0;
    for (path, operations) in document["paths"].as_object().expect("paths") {
        if !path.starts_with("/api/v1/users/{id}") {
            continue;
        }
        for method in operations.as_object().expect("operations").keys().filter(|method| *method != "parameters") {
            let filled = path
                .replace("{id}", &grace)
                .replace("{team_id}", &platform)
                .replace("{role_id}", "019cdc1f-d680-7000-8000-000000000002")
                .replace("{policy_id}", "019cdc1f-d680-7000-8000-000000000002")
                .replace("{session_id}", "019cdc1f-d680-7000-8000-000000000002")
                .replace("{identity_id}", "019cdc1f-d680-7000-8000-000000000002");
            let body = json!({ "name": "X", "email": "x@example.org", "reason": "", "generate_password": true });
            let answer = program.send(&method.to_uppercase(), &filled, &body).await.0;
            tried += 1;
            // 400 and 422 come before anybody is looked for: the body is not the operation's.
            if !matches!(answer.status, 400 | 403 | 404 | 422) || answer.body.contains("Grace") {
                wrong.push(format!("{method} {path} answered {}: {}", answer.status, answer.body));
            }
        }
    }
    assert!(tried > 20, "{tried} operations");
    assert_none("the API outside their teams", wrong);
    assert_eq!(state(&app), before);
    program.get(&format!("/api/v1/users/{grace}")).await.assert_problem(404, "not-found");
    program.get(&format!("/api/v1/users/{linus}")).await.assert_status(200);
    let disable = format!("/api/v1/users/{linus}/disablement");
    program.send("PUT", &disable, &json!({})).await.assert_status(204);
    assert_eq!(app.count("SELECT count(*) FROM members WHERE status = 'disabled' AND name = 'Linus'"), 1);
}

#[actix_web::test]
async fn bulk_actions_reach_the_people_of_their_teams_only() {
    let Cast { app, heidi, linus, grace, .. } = cast().await;
    let page = heidi.get(&format!("/bulk?act=disable&kind=user&member={linus}&member={grace}")).await;
    page.assert_status(200).assert_sees("Linus").assert_misses("Grace");
    // Everybody who matches, as a list that is not theirs says it.
    let page = heidi.get("/bulk?act=disable&kind=user&query=%3Fq%3Dgrace&all=1").await;
    assert!(!page.body.contains("Grace Hopper"), "{}", page.text());
    heidi.get(&format!("/bulk?act=disable&kind=user&member={linus}&member={grace}")).await;
    heidi.submit("Disable", &[("member", &linus), ("member", &grace)]).await;
    app.work();
    assert_eq!(app.count("SELECT count(*) FROM members WHERE status = 'disabled'"), 1);
    assert_eq!(app.count("SELECT count(*) FROM members WHERE status = 'disabled' AND name = 'Linus'"), 1);
}

#[actix_web::test]
async fn they_invite_and_create_into_their_teams_and_tell_nothing_of_others() {
    let Cast { app, ada, heidi, platform, .. } = cast().await;
    let research = ada.create_team("Secrets").await;
    let page = heidi.get("/invitations/new").await.assert_status(200).assert_sees("Platform");
    page.assert_misses("Research").assert_misses("Secrets");
    let guest = app.role_id(&ada, "Guest");
    heidi.get("/invitations/new").await;
    heidi
        .submit("Send invitations", &[("addresses", "new@example.org"), ("role", &guest), ("team", &platform)])
        .await
        .assert_sees("1 invited");
    heidi.get("/users?tab=invited").await.assert_sees("new@example.org");
    // Neither into another team, nor into none.
    heidi.get("/invitations/new").await;
    let (action, mut sent) = heidi.page().form("Send invitations");
    sent.retain(|(name, _)| !matches!(name.as_str(), "team" | "addresses" | "role"));
    sent.push(("addresses".into(), "other@example.org".into()));
    sent.push(("role".into(), guest.clone()));
    heidi.post_raw(&action, &sent).await.assert_status(422).assert_sees("Choose at least one of them");
    sent.push(("team".into(), research));
    let page = heidi.post_raw(&action, &sent).await;
    assert!(page.status == 422 && !page.body.contains("1 invited"), "{}", page.text());
    assert_eq!(app.count("SELECT count(*) FROM invitations WHERE email = 'other@example.org'"), 0);
    // Of somebody who is here already, it says no more than that they cannot do it.
    heidi.get("/invitations/new").await;
    let page = heidi
        .submit(
            "Send invitations",
            &[("addresses", "grace.hopper@example.org"), ("role", &guest), ("team", &platform)],
        )
        .await;
    page.assert_sees("You cannot invite this address").assert_misses("already");
    heidi.get("/users/new").await.assert_status(200);
    let fields = [
        ("name", "Made Here"),
        ("email", "made@example.org"),
        ("role", guest.as_str()),
        ("team", platform.as_str()),
    ];
    heidi.submit("Create User", &fields).await.assert_status(200);
    heidi.get("/users?q=made").await.assert_sees("Made Here");
    // An invitation holds only as long as its sender reaches the person.
    let joining = app.visitor();
    joining.get(&app.inbox("new@example.org").link()).await;
    app.execute("UPDATE team_members SET is_administrator = false");
    joining.submit("Join", &[("name", "New"), ("password", GOOD)]).await;
    assert_eq!(app.count("SELECT count(*) FROM members WHERE name = 'New' AND status = 'active'"), 0);
}

#[actix_web::test]
async fn nobody_brings_others_under_their_own_administration_or_makes_another_help_desk() {
    let Cast { app, ada, heidi, platform, linus, grace } = cast().await;
    // With the right to see everybody, Heidi finds Grace; adding her would be taking her over.
    create_role(&ada, "Seer", &["user:read:*", "team:read:*", "role:read:*"]).await;
    let id = ada.member("Heidi").await;
    give(&app, &ada, &id, &["Help desk", "Seer"]).await;
    heidi.get(&format!("/users/{grace}")).await.assert_status(200).assert_sees("Grace Hopper");
    heidi.get("/users").await;
    heidi
        .post(&format!("/teams/{platform}/members"), &[("member", &grace)])
        .await
        .assert_sees("You would manage them from then on");
    assert_eq!(app.count("SELECT count(*) FROM team_members"), 3);
    heidi.get("/users").await;
    heidi.post(&format!("/users/{grace}/disablement"), &[("reason", "")]).await.assert_status(403);
    // A role with rights over teams is granted by those who hold them over everybody: the other may administer other teams.
    heidi.get(&format!("/users/{linus}/roles")).await.assert_status(200);
    let why = "user:invite:*, which you may not do yourself";
    heidi
        .submit("Save access", &[("role", &app.role_id(&ada, "Help desk"))])
        .await
        .assert_status(422)
        .assert_sees(why);
    // Who administers other teams as well is above them.
    give(&app, &ada, &linus, &["Help desk"]).await;
    let research = ada.create_team("Archive").await;
    ada.add_to_team(&research, "Linus").await;
    heidi.get("/users").await;
    let fields = [("reason", "")];
    assert_eq!(heidi.post(&format!("/users/{linus}/disablement"), &fields).await.status, 200);
    app.execute("UPDATE members SET status = 'active' WHERE name = 'Linus'");
    administer(&app, "Linus");
    heidi.get("/users").await;
    heidi
        .post(&format!("/users/{linus}/disablement"), &fields)
        .await
        .assert_status(422)
        .assert_sees("may do more than you");
}
