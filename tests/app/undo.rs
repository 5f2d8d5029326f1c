//! Undo reverses what is still as the action left it, once. What was changed since is named and left alone.

use crate::harness::{Page, Person, TestApp, large_organizations};
use chrono::TimeDelta;
use futures_util::future::join_all;

const DISABLED: &str = "SELECT count(*) FROM members WHERE status = 'disabled'";

/// Runs a bulk action on several members; returns the path of its page.
async fn do_to(person: &Person, act: &str, names: &[&str], typed: &[(&str, &str)]) -> String {
    let mut query = format!("/bulk?kind=user&act={act}");
    for name in names {
        query = query + "&member=" + &person.member(name).await;
    }
    let page = person.get(&query).await.assert_status(200);
    let title = page.all("h1")[0].trim_end_matches('?').to_owned();
    person.submit(&title, typed).await.assert_status(200);
    let page = person.get("/batches").await;
    let path = page.attributes("tbody td a", "href")[0].clone();
    path[path.find("/batches").expect("a batch")..].to_owned()
}

async fn undo(person: &Person, batch: &str) -> Page {
    person.post(&format!("{batch}/reversal"), &[]).await;
    let page = person.get("/batches").await;
    let newest = page.attributes("tbody td a", "href")[0].clone();
    person.get(&newest).await
}

async fn four(app: &TestApp) -> (Person, Person) {
    let ada = app.administrator("Ada").await;
    let helga = ada.welcome_administrator("Helga").await;
    for name in ["Grace", "Kay", "Linus"] {
        ada.welcome(name, "User").await;
    }
    (ada, helga)
}

#[actix_web::test]
async fn somebody_dismissed_since_is_not_let_in_by_an_old_undo() {
    let app = TestApp::start().await;
    let (ada, helga) = four(&app).await;
    let first = do_to(&ada, "disable", &["Grace", "Kay"], &[("reason", "a mistake")]).await;
    // Kay is enabled, and then dismissed by another administrator.
    let kay = ada.member("Kay").await;
    helga.get(&format!("/users/{kay}")).await;
    helga.submit("Enable", &[]).await.assert_sees("Kay is enabled again");
    helga.get(&format!("/users/{kay}/disablement")).await;
    helga.submit("Disable", &[("reason", "fired for cause")]).await;
    let page = undo(&ada, &first).await;
    page.assert_sees("1 person enabled").assert_sees("Changed since by Helga.");
    assert_eq!(app.count("SELECT count(*) FROM members WHERE status_reason = 'fired for cause'"), 1);
    assert_eq!(app.count(DISABLED), 1);
}

#[actix_web::test]
async fn a_batch_is_undone_once_and_says_by_whom() {
    let app = TestApp::start().await;
    let (ada, helga) = four(&app).await;
    let first = do_to(&ada, "disable", &["Grace", "Kay"], &[]).await;
    ada.get(&first).await.assert_sees("Undo");
    // An old tab, a double click, and a colleague at the same moment.
    helga.get(&first).await;
    let path = format!("{first}/reversal");
    let all = join_all([
        ada.post(&path, &[]),
        helga.post(&path, &[]),
        ada.post(&path, &[]),
        helga.post(&path, &[]),
    ])
    .await;
    assert!(all.iter().all(|page| page.status < 500));
    app.work();
    assert_eq!(app.count("SELECT count(*) FROM batches WHERE undoes IS NOT NULL"), 1);
    assert_eq!(app.count(DISABLED), 0);
    ada.get("/audit").await.assert_sees("Undoes Disable 2 people");
    let page = ada.get(&first).await.assert_sees("Undone by").assert_sees("11 Mar 2026");
    assert!(page.all("button").iter().all(|button| button != "Undo"));
    ada.post(&path, &[]).await.assert_sees("It was undone already, by");
    assert_eq!(app.count("SELECT count(*) FROM batches"), 2);
}

#[actix_web::test]
async fn every_act_that_can_be_undone_leaves_alone_what_was_changed_since() {
    let app = TestApp::start().await;
    let (ada, helga) = four(&app).await;
    let organization = ada.organization();
    app.role(organization, "Auditor", &["audit:read:*"]);
    let team = ada.create_team("Platform").await;
    crate::harness::rights::declare(&ada, "contract", "read sign").await;
    crate::harness::rights::create_policy(&ada, "Signers", ("contract", &["sign"], "7")).await;
    let page = ada.get("/bulk?kind=user&act=attach_policy&all=1&query=").await;
    let policy = page.attributes("#policy option", "value")[1].clone();
    let page = ada.get("/bulk?kind=user&act=add_role&all=1&query=").await;
    let at = page.all("#role option").iter().position(|name| name == "Auditor").expect("the role");
    let role = page.attributes("#role option", "value")[at].clone();
    // Between the action and its undo, somebody reverses the action for one member by hand and does it again.
    for (act, field, id, opposite) in [
        ("add_role", "role", role.as_str(), "remove_role"),
        ("remove_role", "role", &role, "add_role"),
        ("join_team", "team", &team, "leave_team"),
        ("leave_team", "team", &team, "join_team"),
        ("attach_policy", "policy", &policy, "detach_policy"),
        ("detach_policy", "policy", &policy, "attach_policy"),
        ("make_administrator", "", "", "remove_administrator"),
        ("remove_administrator", "", "", "make_administrator"),
    ] {
        let typed: Vec<(&str, &str)> = if field.is_empty() { vec![] } else { vec![(field, id)] };
        let batch = do_to(&ada, act, &["Grace", "Kay"], &typed).await;
        do_to(&helga, opposite, &["Kay"], &typed).await;
        do_to(&helga, act, &["Kay"], &typed).await;
        let page = undo(&ada, &batch).await;
        page.clone().assert_sees("Changed since by Helga.");
        assert_eq!(page.all(".badge.good").len(), 1, "{act}: {}", page.text());
        assert_eq!(page.all(".badge.bad").len(), 1, "{act}: {}", page.text());
        // Restores the state for the next round.
        do_to(&ada, opposite, &["Kay"], &typed).await;
        do_to(&ada, act, &["Grace", "Kay"], &typed).await;
    }
}

#[actix_web::test]
async fn what_was_done_more_than_a_day_ago_asks_first() {
    let app = TestApp::start().await;
    let (ada, helga) = four(&app).await;
    let batch = do_to(&ada, "disable", &["Grace", "Kay", "Linus"], &[("reason", "the strike")]).await;
    let linus = ada.member("Linus").await;
    helga.get(&format!("/users/{linus}")).await;
    helga.submit("Enable", &[]).await;
    app.wait(TimeDelta::hours(25));
    ada.sign_in("ada@example.org", crate::harness::GOOD).await;
    let page = ada.get(&batch).await.assert_sees("Undo…").assert_sees("Reason: the strike");
    assert!(page.all("button").iter().all(|button| button != "Undo"));
    // An old page still has the button, but now it asks before it does anything.
    ada.post(&format!("{batch}/reversal"), &[])
        .await
        .assert_status(200)
        .assert_sees("Enable 2 people?")
        .assert_sees("Linus . Changed since by Helga.");
    assert_eq!(app.count(DISABLED), 2);
    ada.submit("Enable 2 people", &[]).await.assert_sees("2 people enabled");
    assert_eq!(app.count(DISABLED), 0);
    ada.get(&batch).await.assert_sees("Undone by Ada");
}

#[actix_web::test]
async fn the_undo_of_one_action_leaves_alone_what_was_changed_since() {
    let app = TestApp::start().await;
    let (ada, helga) = four(&app).await;
    let kay = ada.member("Kay").await;
    ada.disable("Kay").await.assert_sees("cannot get in any more");
    let old = ada.page();
    // It works once: the same button does nothing the second time.
    let (action, fields) = old.form("Undo");
    ada.post_raw(&action, &fields).await.assert_sees("Kay is enabled again");
    ada.post_raw(&action, &fields).await.assert_sees("Kay: Changed since by Ada.");
    helga.get(&format!("/users/{kay}/disablement")).await;
    helga.submit("Disable", &[("reason", "fired for cause")]).await;
    ada.post_raw(&action, &fields).await.assert_sees("Kay: Changed since by Helga.");
    assert_eq!(app.count(DISABLED), 1);
    // The next day the button does not work without a confirmation.
    app.wait(TimeDelta::hours(25));
    ada.sign_in("ada@example.org", crate::harness::GOOD).await;
    ada.get("/users").await;
    let token = ada.page().attribute("input[name=csrf]", "value").expect("a form");
    let again: Vec<(String, String)> = fields
        .iter()
        .map(|(name, value)| (name.clone(), if name == "csrf" { token.clone() } else { value.clone() }))
        .collect();
    ada.post_raw(&action, &again).await.assert_sees("more than a day ago");
    assert_eq!(app.count(DISABLED), 1);
}

#[actix_web::test]
async fn access_and_teams_are_taken_back_only_as_they_were_left() {
    let app = TestApp::start().await;
    let (ada, helga) = four(&app).await;
    app.role(ada.organization(), "Auditor", &["audit:read:*"]);
    let kay = ada.member("Kay").await;
    let team = ada.create_team("Platform").await;
    ada.add_to_team(&team, "Kay").await.assert_sees("Kay is in Platform now");
    let joined = ada.page().form("Undo");
    helga.get(&format!("/teams/{team}")).await;
    helga.submit("Take out of the team", &[]).await.assert_sees("Kay is not in Platform any more");
    helga.submit("Undo", &[]).await.assert_sees("Kay is in Platform now");
    ada.post_raw(&joined.0, &joined.1).await.assert_sees("Changed since by Helga.");
    assert_eq!(app.count("SELECT count(*) FROM team_members"), 1);

    ada.get(&format!("/users/{kay}/roles")).await;
    let at = ada.page().all(".grant .choice > span > span").iter().position(|name| name == "Auditor");
    let role = ada.page().attributes(".grant input[name=role]", "value")[at.expect("the role")].clone();
    let (action, mut form) = ada.page().form("Save access");
    form.push(("role".into(), role.clone()));
    ada.post_raw(&action, &form).await.assert_sees("Access is changed");
    let given = ada.page().form("Undo");
    for act in ["remove_role", "add_role"] {
        do_to(&helga, act, &["Kay"], &[("role", &role)]).await;
    }
    ada.post_raw(&given.0, &given.1).await.assert_sees("Changed since by Helga.");
    let held = "SELECT count(*) FROM member_roles JOIN roles ON roles.id = role_id WHERE roles.name = 'Auditor'";
    assert_eq!(app.count(held), 1);
}

#[actix_web::test]
async fn the_preview_of_an_undo_is_right_for_thousands() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    large_organizations::gather(&app, 3_000);
    ada.get("/bulk?kind=user&act=disable&all=1&query=%3Ftab%3Dactive%26q%3Dperson").await;
    ada.submit("Disable", &[]).await;
    app.work();
    let (total, path) = (app.count("SELECT done FROM batches"), ada.page().path);
    assert!(total > 2_000, "{total}");
    // Directly in the database, as in data from before these changes were recorded.
    app.execute("DELETE FROM latest_changes WHERE member_id IN (SELECT member_id FROM batch_items WHERE position <= 5)");
    let shown = |count: i64| format!("Enable {},{:03} people?", count / 1_000, count % 1_000);
    ada.get(&format!("{path}/reversal"))
        .await
        .assert_sees(&shown(total - 5))
        .assert_sees("Changed since.");
}
