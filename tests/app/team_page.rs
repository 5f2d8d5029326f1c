//! The page of a team: its members, and what it lets the caller do, or why not.

use crate::harness::{GOOD, Page, Person, TestApp};

/// The menu of a member: each label, with the reason where it is disabled.
fn menu(page: &Page, name: &str) -> Vec<String> {
    let row = page.all("td.c-name a").iter().position(|known| known == name);
    let row = row.unwrap_or_else(|| panic!("no {name} among {}", page.text()));
    page.all(&format!("tbody tr:nth-child({}) .menu .item", row + 1))
}

/// A team of Grace, Linus and Mary.
async fn platform(ada: &Person) -> String {
    let team = ada.create_team("Platform").await;
    for name in ["Grace", "Linus", "Mary"] {
        ada.welcome(name, "User").await;
        ada.add_to_team(&team, name).await;
    }
    team
}

#[actix_web::test]
async fn a_team_administrator_is_told_why_somebody_is_not_theirs_to_take_out() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    let team = platform(&ada).await;
    let robot = ada.create_system_account("deploy", "CI/CD").await;
    ada.get(&format!("/teams/{team}/members/new?kind=system_account")).await;
    let path = format!("/teams/{team}/members?kind=system_account");
    ada.post(&path, &[("member", &robot)]).await;
    for name in ["Grace", "Mary"] {
        let (action, fields) = ada.get(&format!("/teams/{team}")).await.form(&format!("Make {name} team administrator"));
        ada.post_raw(&action, &fields).await;
    }
    let grace = app.visitor();
    grace.sign_in("grace@example.org", crate::harness::GOOD).await;
    let page = grace.get(&format!("/teams/{team}")).await.assert_status(200);
    assert_eq!(menu(&page, "Linus"), ["Take out of the team"]);
    for (name, why) in [
        ("Grace", "You cannot change your own status or access."),
        ("Mary", "They are an administrator of this team."),
        ("deploy", "Anyone who manages all system accounts takes it out."),
    ] {
        let menu = menu(&page, name);
        assert!(menu.len() == 1 && menu[0].starts_with("Take out of the team") && menu[0].contains(why), "{menu:?}");
    }
    // An administrator may do it to everybody, also to the member who runs the team.
    let page = ada.get(&format!("/teams/{team}")).await;
    assert_eq!(menu(&page, "Linus"), ["Make team administrator", "Take out of the team"]);
    assert_eq!(menu(&page, "deploy"), ["Take out of the team"]);
    assert_eq!(menu(&page, "Grace")[0], "Make ordinary member");
    // A member without permissions sees no menus.
    let linus = app.visitor();
    linus.sign_in("linus@example.org", crate::harness::GOOD).await;
    assert!(linus.get(&format!("/teams/{team}")).await.assert_sees("deploy").all(".menu-button").is_empty());
}

#[actix_web::test]
async fn the_numbers_of_a_team_lead_to_as_many() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    let team = platform(&ada).await;
    ada.disable("Mary").await;
    let (on, off) = (
        ada.create_system_account("deploy", "CI/CD").await,
        ada.create_system_account("backup", "CI/CD").await,
    );
    ada.get(&format!("/teams/{team}/members/new?kind=system_account")).await;
    for id in [&on, &off] {
        ada.post(&format!("/teams/{team}/members?kind=system_account"), &[("member", id)]).await;
    }
    ada.get(&format!("/system-accounts/{off}/disablement")).await;
    ada.submit("Disable", &[]).await;
    let page = ada.get(&format!("/teams/{team}")).await;
    let links = page.attributes(".byline a", "href");
    assert_eq!(page.all(".byline a"), ["2 people", "1 disabled", "2 system accounts"]);
    assert_eq!(ada.get(&links[0]).await.names(), ["Grace", "Linus"]);
    assert_eq!(ada.get(&links[1]).await.names(), ["Mary"]);
    assert_eq!(ada.get(&links[2]).await.names().len(), 2);
}

#[actix_web::test]
async fn whoever_may_not_read_people_sees_their_names_and_neither_finds_nor_reads_their_emails() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    let team = platform(&ada).await;
    app.role(ada.organization(), "Planner", &["team:read:*"]);
    ada.invite("paula@example.org", "Planner").await.assert_sees("1 invited");
    let planner = app.visitor();
    planner.get(&app.inbox("paula@example.org").link()).await.assert_status(200);
    // The directory, which a person opens who joins, is not for them.
    planner.submit("Join", &[("name", "Paula"), ("password", GOOD)]).await.assert_status(403);
    let path = format!("/teams/{team}");
    ada.get(&path).await.assert_sees("grace@example.org");
    let page = planner.get(&path).await.assert_sees("Grace").assert_misses("@example.org");
    assert_eq!(page.attribute("#team .search", "placeholder").as_deref(), Some("Search names"));
    assert_eq!(ada.get(&format!("{path}?q=grace@example")).await.names(), ["Grace"]);
    for (typed, found) in [("grace@example", &[][..]), ("example.org", &[]), ("gra", &["Grace"])] {
        assert_eq!(planner.get(&format!("{path}?q={typed}")).await.names(), found, "{typed}");
    }
}

#[actix_web::test]
async fn what_is_wrong_with_a_team_stands_above_its_form() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    ada.get("/teams/new").await;
    let page = ada.submit("Create Team", &[("name", " ")]).await.assert_status(422);
    assert_eq!(page.attributes(".notice.bad a", "href"), ["#name"]);
    let team = ada.create_team("Platform").await;
    ada.get(&format!("/teams/{team}/edit")).await;
    let long = "x".repeat(400);
    let page = ada.submit("Save the team", &[("description", long.as_str())]).await.assert_status(422);
    assert_eq!(page.attributes(".notice.bad a", "href"), ["#description"]);
}

#[actix_web::test]
async fn one_that_is_deleted_from_a_list_is_named() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    let id = ada.create_system_account("deploy, nightly", "CI/CD").await;
    let ask = format!("/bulk?kind=system_account&act=delete&member={id}");
    let page = ada.get(&ask).await.assert_sees("Type deploy, nightly to confirm").assert_misses("their");
    assert_eq!(page.all(".nav [aria-current=page]"), ["System Accounts"]);
    for wrong in ["1", "deploy", ""] {
        ada.get(&ask).await;
        ada.submit("Delete 1 system account", &[("count", wrong)])
            .await
            .assert_status(422)
            .assert_sees("Type the name as it stands above");
    }
    let page = ada.submit("Delete 1 system account", &[("count", "deploy, nightly")]).await.assert_status(200);
    assert_eq!(app.count("SELECT count(*) FROM members WHERE kind = 'system_account'"), 0, "{}", page.text());
    // Batches of one kind of member are listed with that kind.
    let one = ada.create_system_account("backup", "CI/CD").await;
    ada.get(&format!("/bulk?kind=system_account&act=disable&member={one}")).await;
    ada.submit("Disable 1 system account", &[]).await;
    let batches = ada.get("/batches").await;
    let page = ada.get(&batches.attributes("td a", "href")[0]).await;
    assert_eq!(page.all(".nav [aria-current=page]"), ["System Accounts"]);
}

#[actix_web::test]
async fn nobody_is_offered_to_change_their_own_place_in_a_team() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    let grace = ada.welcome_administrator("Grace").await;
    let team = ada.create_team("Platform").await;
    ada.add_to_team(&team, "Grace").await.assert_sees("Grace is in Platform now");
    let own = grace.get(&format!("/teams/{team}")).await.assert_status(200);
    assert_eq!(menu(&own, "Grace")[0], "Make team administrator You cannot change your own status or access.");
    assert!(!own.has_button("Make Grace team administrator"));
    let other = ada.get(&format!("/teams/{team}")).await;
    assert_eq!(menu(&other, "Grace"), ["Make team administrator", "Take out of the team"]);
}
