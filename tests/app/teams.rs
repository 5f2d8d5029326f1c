//! Teams: who creates them, who is in them, and what their administrators may do.

use crate::harness::{Page, Person, TestApp};
use futures_util::future::join_all;

/// Ada's organization with a team: Grace administers it, Linus is in it, and Bob is not.
async fn team_of_four() -> (TestApp, Person, Person, Person, String) {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    let grace = ada.welcome("Grace", "User").await;
    let linus = ada.welcome("Linus", "User").await;
    ada.welcome("Bob", "Viewer").await;
    let team = ada.create_team("Platform").await;
    ada.add_to_team(&team, "Grace").await.assert_sees("Grace is in Platform now");
    ada.add_to_team(&team, "Linus").await;
    act(&ada, &team, "Make Grace team administrator").await.assert_sees("Grace administers Platform");
    (app, ada, grace, linus, team)
}

/// Presses the button with this label on the page of a team.
async fn act(person: &Person, team: &str, label: &str) -> Page {
    let page = person.get(&format!("/teams/{team}")).await.assert_status(200);
    let (action, fields) = page.form(label);
    person.post_raw(&action, &fields).await
}

#[actix_web::test]
async fn a_team_is_made_filled_and_found_by() {
    let (_app, ada, _, linus, team) = team_of_four().await;
    let page = ada.get("/teams").await;
    assert_eq!(page.all("td.c-name a"), ["Platform"]);
    assert_eq!(page.all("td.c-number"), ["2", "0"]);
    assert_eq!(page.all("td.c-run bdi"), ["Grace"]);
    let page = ada.get(&format!("/users?team={team}")).await;
    assert_eq!(page.names(), ["Grace", "Linus"]);
    // Members see all teams, with their own marked.
    linus.get("/teams").await.assert_sees("yours").assert_misses("Create Team");
    let page = linus.get(&format!("/teams/{team}")).await.assert_sees("Team administrator");
    assert!(!page.body.contains("Take out"));
}

#[actix_web::test]
async fn a_name_is_given_once_however_it_is_spelled() {
    let (_app, ada, _, _, team) = team_of_four().await;
    for name in ["Platform", "PLATFORM", " platform ", "Ｐlatform"] {
        ada.get("/teams/new").await;
        let page = ada.submit("Create Team", &[("name", name), ("description", "kept as typed")]).await;
        page.assert_status(422).assert_sees("There is a team Platform already").assert_sees("");
        assert_eq!(ada.page().attribute("#description", "value").as_deref(), Some("kept as typed"));
    }
    let other = ada.create_team("Sales").await;
    ada.get(&format!("/teams/{other}/edit")).await;
    ada.submit("Save the team", &[("name", "platform")]).await.assert_status(422);
    // Its own name in other letters does not count as taken.
    ada.get(&format!("/teams/{team}/edit")).await;
    ada.submit("Save the team", &[("name", "PlatForm")]).await.assert_sees("The team is saved");
}

#[actix_web::test]
async fn renaming_and_deleting_renew_what_the_directory_sorts_by() {
    let (app, ada, _, _, team) = team_of_four().await;
    let keys = |key: &str| app.count(&format!("SELECT count(*) FROM members WHERE team_key = '{key}'"));
    assert_eq!(keys("platform"), 2);
    ada.get(&format!("/teams/{team}/edit")).await;
    ada.submit("Save the team", &[("name", "Kernel")]).await;
    assert_eq!((keys("platform"), keys("kernel")), (0, 2));

    ada.get(&format!("/teams/{team}/deletion"))
        .await
        .assert_sees("2 people are in it now")
        .assert_sees("Grace is no team administrator");
    ada.submit("Delete Kernel", &[("name", "something")]).await.assert_status(422);
    ada.submit("Delete Kernel", &[("name", "Kernel")]).await.assert_sees("is deleted");
    assert_eq!((keys("kernel"), app.count("SELECT count(*) FROM team_members")), (0, 0));
    assert_eq!(ada.get("/users").await.names().len(), 4);
    ada.get(&format!("/teams/{team}")).await.assert_status(404);
}

#[actix_web::test]
async fn two_who_edit_a_team_at_once_lose_nothing_silently() {
    let (_app, ada, _, _, team) = team_of_four().await;
    let alan = ada.welcome_administrator("Alan").await;
    ada.get(&format!("/teams/{team}/edit")).await;
    alan.get(&format!("/teams/{team}/edit")).await;
    ada.submit("Save the team", &[("description", "Runs the machines")]).await;
    alan.submit("Save the team", &[("name", "Base")])
        .await
        .assert_status(409)
        .assert_sees("Somebody else saved this team meanwhile")
        .assert_sees("Runs the machines");
    alan.submit("Save the team", &[("description", "Runs the machines")])
        .await
        .assert_sees("The team is saved");
    ada.get(&format!("/teams/{team}")).await.assert_sees("Base").assert_sees("Runs the machines");
}

#[actix_web::test]
async fn a_team_administrator_adds_and_removes_people_and_nothing_more() {
    let (_app, ada, grace, _, team) = team_of_four().await;
    let other = ada.create_team("Sales").await;
    grace.add_to_team(&team, "Bob").await.assert_sees("Bob is in Platform now");
    act(&grace, &team, "Take Linus out of the team")
        .await
        .assert_sees("Linus is not in Platform any more")
        .assert_sees("Undo");
    grace.submit("Undo", &[]).await.assert_sees("Linus is in Platform now");

    for path in ["edit", "deletion", "members/new?kind=system_account"] {
        grace.get(&format!("/teams/{team}/{path}")).await.assert_status(403);
    }
    grace.get("/teams/new").await.assert_status(403);
    grace.get(&format!("/teams/{other}/members/new")).await.assert_status(403);
    let page = grace.get(&format!("/teams/{team}")).await;
    assert!(!page.body.contains("Make team administrator"), "{}", page.text());
    let bob = grace.member("Bob").await;
    for (path, fields) in [
        (format!("/teams/{team}/members/{bob}/administration"), vec![]),
        (format!("/teams/{other}/members"), vec![("member", bob.as_str())]),
        (format!("/teams/{other}/members/deletion"), vec![("member", bob.as_str())]),
        (format!("/teams/{team}"), vec![("name", "Mine"), ("version", "1")]),
        (format!("/users/{bob}/roles"), vec![]),
    ] {
        grace.get(&format!("/teams/{team}")).await;
        let status = grace.post(&path, &fields).await.status;
        assert!(matches!(status, 400 | 403), "{path}: {status}");
    }
}

#[actix_web::test]
async fn a_fellow_administrator_of_the_team_is_not_put_out() {
    let (_app, ada, grace, _, team) = team_of_four().await;
    act(&ada, &team, "Make Linus team administrator").await;
    let linus = ada.member("Linus").await;
    grace.get(&format!("/teams/{team}")).await;
    grace
        .post(&format!("/teams/{team}/members/deletion"), &[("member", &linus)])
        .await
        .assert_sees("administrator of this team");
    act(&ada, &team, "Make Linus an ordinary member").await.assert_sees("Undo");
    act(&grace, &team, "Take Linus out of the team").await.assert_sees("is not in Platform any more");
}

#[actix_web::test]
async fn whoever_is_no_administrator_any_more_loses_the_door_at_once() {
    let (_app, ada, grace, _, team) = team_of_four().await;
    grace.get(&format!("/teams/{team}/members/new")).await.assert_status(200);
    act(&ada, &team, "Make Grace an ordinary member").await;
    let bob = grace.member("Bob").await;
    grace.get(&format!("/teams/{team}/members/new")).await.assert_status(403);
    grace.post(&format!("/teams/{team}/members"), &[("member", &bob)]).await.assert_status(403);
}

#[actix_web::test]
async fn nobody_gets_into_a_team_or_its_administration_by_their_own_hand() {
    let (app, ada, grace, _, team) = team_of_four().await;
    let other = ada.create_team("Sales").await;
    app.role(ada.organization(), "Team keeper", &["user:read:*", "team:manage:*"]);
    let kay = ada.welcome("Kay", "Team keeper").await;
    let id = ada.member("Kay").await;
    kay.get("/teams").await;
    kay.post(&format!("/teams/{other}/members"), &[("member", &id)])
        .await
        .assert_sees("You cannot change your own");
    kay.post(&format!("/teams/{other}/members/{id}/administration"), &[])
        .await
        .assert_sees("You cannot change your own");
    assert_eq!(app.count("SELECT count(*) FROM team_members"), 2);
    // They may add other members, also those with more permissions: a team gives nothing but membership.
    kay.add_to_team(&other, "Ada").await.assert_sees("Ada is in Sales now");
    // An administrator holds everything anyway.
    ada.add_to_team(&team, "Ada").await.assert_sees("Ada is in Platform now");
    grace.get(&format!("/teams/{team}")).await.assert_sees("Ada");
}

#[actix_web::test]
async fn new_people_begin_in_the_default_team() {
    let (_app, ada, _, _, team) = team_of_four().await;
    ada.get(&format!("/teams/{team}/edit")).await;
    ada.submit("Save the team", &[("is_default", "on")]).await;
    ada.welcome("Dora", "Viewer").await;
    let page = ada.get(&format!("/users?team={team}")).await;
    assert_eq!(page.names(), ["Dora", "Grace", "Linus"]);
    // Another default team replaces it.
    let other = ada.create_team("Sales").await;
    ada.get(&format!("/teams/{other}/edit")).await;
    ada.submit("Save the team", &[("is_default", "on")]).await;
    ada.get(&format!("/teams/{team}")).await.assert_misses("The team of new people");
    ada.welcome("Emmy", "Viewer").await;
    assert_eq!(ada.get(&format!("/users?team={other}")).await.names(), ["Emmy"]);
}

#[actix_web::test]
async fn the_audit_log_says_what_became_of_a_team() {
    let (_app, ada, _, _, team) = team_of_four().await;
    ada.get(&format!("/teams/{team}/deletion")).await;
    ada.submit("Delete Platform", &[("name", "Platform")]).await;
    let page = ada.get("/audit").await;
    for words in [
        "created the team Platform",
        "deleted the team Platform",
        "made Grace an administrator of the team Platform",
    ] {
        assert!(page.text().contains(words), "{words}: {}", page.text());
    }
}

#[actix_web::test]
async fn twenty_who_add_the_same_one_at_once_add_them_once() {
    let (app, ada, grace, _, team) = team_of_four().await;
    let bob = ada.member("Bob").await;
    ada.get("/teams").await;
    grace.get("/teams").await;
    let path = format!("/teams/{team}/members");
    let fields = [("member", bob.as_str())];
    let all = (0..20).map(|i| {
        let person = if i % 2 == 0 { &ada } else { &grace };
        person.post(&path, &fields)
    });
    for page in join_all(all).await {
        assert_eq!(page.status, 200, "{}", page.text());
    }
    assert_eq!(app.count("SELECT count(*) FROM team_members"), 3);
}

#[actix_web::test]
async fn what_is_ticked_stays_ticked_while_the_next_one_is_searched_for() {
    let (_app, ada, _, _, team) = team_of_four().await;
    let bob = ada.member("Bob").await;
    let page = ada.get(&format!("/teams/{team}/members/new?q=Ada&member={bob}")).await;
    assert_eq!(page.all(".picks.chosen-before .clip[title]"), ["Bob"]);
    assert_eq!(page.attributes(".picks input[checked]", "value"), std::slice::from_ref(&bob));
    assert_eq!(page.all(".picks:not(.chosen-before) .clip[title]"), ["Ada"]);
    // A member of the team is not among the candidates, ticked or not.
    let grace = ada.member("Grace").await;
    let page = ada.get(&format!("/teams/{team}/members/new?member={grace}")).await;
    assert!(page.all(".picks.chosen-before").is_empty());
    ada.post(&format!("/teams/{team}/members"), &[("q", "nobody")])
        .await
        .assert_status(422)
        .assert_sees("Tick at least one");
}

#[actix_web::test]
async fn a_team_of_thousands_is_read_page_by_page() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    crate::harness::large_organizations::gather(&app, 400);
    let team = ada.get("/teams").await.attribute("td.c-name a", "href").expect("a team");
    let team = team.rsplit('/').next().expect("an id");
    let whole = ada.get(&format!("/users?team={team}&per=100")).await.names();
    let mut names = Vec::new();
    let mut page = ada.get(&format!("/teams/{team}")).await;
    loop {
        names.extend(page.all("td.c-name a"));
        match page.attribute("a[rel=next]", "href") {
            Some(next) => page = ada.get(&next).await,
            None => break,
        }
    }
    assert_eq!(names.len(), whole.len());
}

#[actix_web::test]
async fn whoever_only_invites_puts_nobody_into_a_team_that_is_not_theirs() {
    let (app, ada, grace, _, team) = team_of_four().await;
    app.role(ada.organization(), "Recruiter", &["user:read:*", "user:invite:*", "team:read:*"]);
    let rex = ada.welcome("Rex", "Recruiter").await;
    rex.get("/invitations/new").await;
    let role = rex.role("Viewer");
    let fields = [("addresses", "puppet@example.org"), ("role", &role), ("team", &team)];
    rex.submit("Send invitations", &fields)
        .await
        .assert_status(422)
        .assert_sees("Who is in the team Platform is not yours to decide");
    assert_eq!(app.count("SELECT count(*) FROM team_members"), 2);
    grace.get(&format!("/teams/{team}")).await.assert_misses("puppet");
    rex.get("/invitations/new").await;
    rex.submit("Send invitations", &[("addresses", "puppet@example.org"), ("role", &role)])
        .await
        .assert_sees("1 invited");
}
