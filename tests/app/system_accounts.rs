//! System accounts: members for programs. Who creates them, their names, what they hold, and what they cannot do.

use crate::harness::{Page, Person, TestApp};
use actix_web::http::Method;
use chrono::TimeDelta;

/// The labels of the roles on a form.
fn offered(page: &Page) -> Vec<String> {
    page.all("#roles label.choice > span > span")
}

/// Sends the form of the current page with these fields replaced.
async fn create(person: &Person, fields: &[(&str, &str)]) -> Page {
    person.get("/system-accounts/new").await.assert_status(200);
    person.submit("Create System Account", fields).await
}

#[actix_web::test]
async fn an_administrator_creates_a_system_account_and_everybody_sees_it() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    let grace = ada.welcome("Grace", "User").await;
    let team = ada.create_team("Payments").await;
    ada.get("/system-accounts")
        .await
        .assert_sees("No system account yet")
        .assert_sees("Create System Account");
    let page = ada.get("/system-accounts/new").await;
    let chosen = page.attributes("#roles input[checked]", "value");
    let role = ada.role("CI/CD");
    assert_eq!(chosen, [role], "the default role is chosen");
    create(&ada, &[("name", "deploy-production"), ("title", "Deploys the shop"), ("team", &team)])
        .await
        .assert_sees("deploy-production is there")
        .assert_sees("Create the first one");
    for person in [&ada, &grace] {
        person
            .get("/system-accounts")
            .await
            .assert_sees("deploy-production")
            .assert_sees("Deploys the shop")
            .assert_sees("CI/CD")
            .assert_sees("Payments")
            .assert_sees("Ada");
    }
    grace.get("/system-accounts").await.assert_misses("Create System Account");
    grace.get("/system-accounts/new").await.assert_status(403);
    ada.get("/audit").await.assert_sees("created the system account deploy-production");
    // It takes no seat, is in no directory, and can neither be invited nor sign in.
    ada.get("/users").await.assert_sees("2 seats").assert_sees("1 system account");
    ada.get("/users?q=deploy").await.assert_sees("Nobody matches");
    app.visitor().sign_in("deploy-production", crate::harness::GOOD).await.assert_status(422);
    assert_eq!(app.count("SELECT count(*) FROM users"), 2);
}

#[actix_web::test]
async fn a_name_belongs_to_one_system_account_however_it_is_written() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    create(&ada, &[("name", "Deploy")]).await.assert_sees("Deploy is there");
    for taken in ["Deploy", "  DEPLOY ", "ｄｅｐｌｏｙ"] {
        let page = create(&ada, &[("name", taken), ("title", "typed")]).await.assert_status(422);
        page.assert_sees("There is a system account of this name already");
        assert_eq!(ada.page().attribute("#title", "value").as_deref(), Some("typed"));
    }
    for hidden in ["de\u{200b}ploy", "\u{202e}yolped", "", "   "] {
        create(&ada, &[("name", hidden)]).await.assert_status(422);
    }
    // Names of people need not be unique, and another organization has its own names.
    ada.welcome("deploy", "User").await;
    let other = app.another_organization("Elsewhere", "Mallory", None).await;
    create(&other, &[("name", "deploy")]).await.assert_sees("deploy is there");
    // Nor can an account be renamed to a name that is taken.
    let id = ada.create_system_account("backup", "CI/CD").await;
    ada.get(&format!("/system-accounts/{id}")).await;
    ada.submit("Save changes", &[("name", "DEPLOY")])
        .await
        .assert_status(422)
        .assert_sees("There is a system account of this name already");
    ada.get(&format!("/system-accounts/{id}")).await;
    ada.submit("Save changes", &[("name", "Backup"), ("contact", "the night shift")])
        .await
        .assert_sees("are saved")
        .assert_sees("the night shift");
    assert_eq!(app.count("SELECT count(*) FROM members WHERE kind = 'system_account'"), 3);
}

#[actix_web::test]
async fn two_who_edit_one_at_once_notice_each_other() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    let helga = ada.welcome_administrator("Helga").await;
    let id = ada.create_system_account("deploy", "CI/CD").await;
    let path = format!("/system-accounts/{id}");
    helga.get(&path).await;
    ada.get(&path).await;
    ada.submit("Save changes", &[("title", "Deploys")]).await.assert_sees("are saved");
    helga
        .submit("Save changes", &[("title", "Releases")])
        .await
        .assert_status(409)
        .assert_sees("What it is for")
        .assert_sees("Deploys");
    helga.submit("Save my choices", &[("title", "Releases")]).await.assert_sees("are saved");
    let page = ada.get(&path).await;
    assert_eq!(page.attribute("#title", "value").as_deref(), Some("Releases"));
}

#[actix_web::test]
async fn machines_are_given_the_roles_for_machines_and_nothing_above_the_giver() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    app.role(ada.organization(), "Contracts", &["contract_data:read:*"]);
    app.role(ada.organization(), "Machine Desk", &["system_account:manage:*", "user:read:*", "team:read:*"]);
    let page = ada.get("/system-accounts/new").await;
    assert_eq!(offered(&page), ["CI/CD", "Contracts", "Machine Desk", "SCIM"]);
    ada.get("/invitations/new").await;
    let (user, own) = (ada.role("User"), ada.role("Contracts"));
    create(&ada, &[("name", "x"), ("role", &user)])
        .await
        .assert_status(422)
        .assert_sees("does not exist any more");
    create(&ada, &[("name", "reader"), ("role", &own)]).await.assert_sees("reader is there");
    let desk = ada.welcome("Desk", "Machine Desk").await;
    let page = desk.get("/system-accounts/new").await;
    let scim = desk.role("SCIM");
    assert!(page.all("#roles input[disabled]").len() >= 2, "what they do not hold cannot be ticked");
    create(&desk, &[("name", "idp"), ("role", &scim)])
        .await
        .assert_status(422)
        .assert_sees("Nobody grants what they do not hold");
    create(&desk, &[("name", "root"), ("access", "administrator")])
        .await
        .assert_status(422)
        .assert_sees("Nobody grants what they do not hold");
    create(&desk, &[("name", "build")]).await.assert_sees("build is there");
    // Members cannot change an account that holds more permissions than they do.
    let reader = ada.account("reader").await;
    desk.get(&format!("/system-accounts/{reader}/roles")).await.assert_sees("It may do more than you");
    desk.post(&format!("/system-accounts/{reader}/deletion"), &[("name", "reader")])
        .await
        .assert_status(422)
        .assert_sees("It may do more than you");
    for (field, value) in [
        ("status", "disabled"),
        ("organization_id", "x"),
        ("created_by", "x"),
        ("kind", "user"),
    ] {
        create(&ada, &[("name", "odd"), (field, value)]).await.assert_status(400);
    }
}

#[actix_web::test]
async fn nothing_of_a_system_account_stands_among_people_nor_the_reverse() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    ada.welcome("Grace", "User").await;
    let (grace, deploy) = (ada.member("Grace").await, ada.create_system_account("deploy", "CI/CD").await);
    let organization = ada.organization();
    let mut wrong = Vec::new();
    for (method, path, _) in crate::routes::inside() {
        for (list, id) in [("users", &deploy), ("system-accounts", &grace)] {
            if !path.contains(&format!("/{list}/{{member}}")) {
                continue;
            }
            let path = path.replace("{organization}", &organization.to_string()).replace("{member}", id);
            let path = path.replace("{session}", "019cdc1f-d680-7000-8000-000000000000");
            ada.get("/users").await;
            let page = crate::routes::knock(&ada, &method, &path).await;
            if page.status != 404 {
                wrong.push(format!("{method} {path} answered {}", page.status));
            }
        }
    }
    crate::harness::assert_none("the other list", wrong);
    for odd in ["system%2Daccounts", "System-Accounts", "system-accounts%2F"] {
        let page = ada.request(Method::GET, &format!("/o/{organization}/{odd}/{grace}"), None).await;
        assert_eq!(page.status, 404, "{odd}");
    }
    ada.get(&format!("/bulk?act=disable&kind=system_account&member={grace}"))
        .await
        .assert_sees("Nothing was chosen");
    ada.get(&format!("/bulk?kind=user&act=disable&member={deploy}"))
        .await
        .assert_sees("Nobody was chosen");
    for act in ["end_sessions", "send_reset", "resend", "cancel"] {
        ada.get(&format!("/bulk?act={act}&kind=system_account&member={deploy}")).await.assert_status(404);
    }
}

#[actix_web::test]
async fn one_is_disabled_enabled_and_deleted_with_its_name_typed() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    let id = ada.create_system_account("deploy", "CI/CD").await;
    let path = format!("/system-accounts/{id}");
    ada.get(&format!("{path}/disablement"))
        .await
        .assert_sees("its tokens open nothing any more")
        .assert_misses("sessions");
    ada.submit("Disable", &[("reason", "leaked")])
        .await
        .assert_sees("deploy is disabled. Its tokens open nothing any more.");
    ada.get(&path).await.assert_sees("leaked").assert_misses("seat");
    ada.submit("Enable", &[]).await.assert_sees("deploy is enabled again");
    ada.submit("Undo", &[]).await.assert_sees("deploy is disabled");
    ada.get(&format!("{path}/deletion")).await.assert_sees("stays readable in the audit log");
    ada.submit("Delete", &[("name", "Deploi")]).await.assert_status(422);
    ada.submit("Delete", &[("name", "deploy")])
        .await
        .assert_sees("deploy is deleted, and its tokens with it.")
        .assert_sees("No system account yet");
    ada.get(&path).await.assert_status(404);
    ada.get("/audit").await.assert_sees("deleted deploy");
    // The name is free again for a new account.
    let again = ada.create_system_account("deploy", "CI/CD").await;
    assert_ne!(again, id);
    ada.get(&format!("/system-accounts/{again}/history")).await.assert_misses("leaked");
}

#[actix_web::test]
async fn a_machine_is_never_the_last_administrator_and_keeps_a_role_of_its_own() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    let id = ada.create_system_account("robot", "CI/CD").await;
    let path = format!("/system-accounts/{id}");
    ada.get(&format!("{path}/administration"))
        .await
        .assert_sees("Anyone who has a token of it can do everything");
    ada.submit("Make administrator", &[]).await.assert_sees("robot is an administrator now");
    app.role(ada.organization(), "Everything", &["*:*:*"]);
    let eve = ada.welcome("Eve", "Everything").await;
    let me = ada.member("Ada").await;
    eve.get("/users").await;
    eve.post(&format!("/users/{me}/disablement"), &[])
        .await
        .assert_status(422)
        .assert_sees("last administrator who can sign in");
    // A system account may lose the Administrator role, because an organization does not need it there.
    ada.get(&format!("{path}/roles")).await;
    let (action, mut fields) = ada.page().form("Save access");
    let page = ada.page();
    let at = page.all(".grant label span span").iter().position(|name| name == "CI/CD").expect("the role");
    let cicd = page.attributes(".grant input[name=role]", "value")[at].clone();
    fields.retain(|(name, value)| name != "role" || *value != cicd);
    ada.post_raw(&action, &fields).await.assert_sees("Access is changed");
    ada.get(&format!("{path}/administration/deletion")).await.assert_sees("nothing but the role CI/CD");
    ada.submit("Remove administrator", &[])
        .await
        .assert_sees("robot is not an administrator any more")
        .assert_sees("CI/CD");
}

#[actix_web::test]
async fn the_disabled_are_shown_among_the_others_when_asked_for_and_pages_go_on_in_order() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    for number in 0..30 {
        let name = format!("machine-{number:02}");
        let id = ada.create_system_account(&name, "CI/CD").await;
        if number % 3 == 0 {
            ada.get(&format!("/system-accounts/{id}/disablement")).await;
            ada.submit("Disable", &[]).await;
        }
        app.wait(TimeDelta::seconds(1));
    }
    let names = |page: &Page| page.all("tbody .c-name a");
    let page = ada.get("/system-accounts?per=25").await;
    assert_eq!(names(&page).len(), 20);
    page.assert_misses("machine-03").assert_sees("1–20 of 20");
    for (sort, reversed) in [
        ("name", false),
        ("name", true),
        ("status", false),
        ("roles", true),
        ("last_api_use", false),
    ] {
        let direction = if reversed { "desc" } else { "asc" };
        let address = format!("/system-accounts?disabled=1&per=25&sort={sort}&dir={direction}");
        let first = ada.get(&address).await.assert_sees("1–25 of 30");
        let second = ada.get(&first.attribute("a[rel=next]", "href").expect("another page")).await;
        let back = ada.get(&second.attribute("a[rel=prev]", "href").expect("the page before")).await;
        assert_eq!(names(&back), names(&first), "{sort} {direction}");
        let mut all = [names(&first), names(&second)].concat();
        if sort == "name" {
            let mut sorted = all.clone();
            sorted.sort();
            if reversed {
                sorted.reverse();
            }
            assert_eq!(all, sorted);
        }
        all.sort();
        all.dedup();
        assert_eq!(all.len(), 30, "{sort} {direction}");
    }
    ada.get("/system-accounts?q=machine-03")
        .await
        .assert_sees("None matches")
        .assert_sees("Among the disabled, 1 does");
    ada.get("/system-accounts?q=machine-03&disabled=1").await.assert_sees("1–1 of 1");
    ada.get("/system-accounts?seen=never&disabled=1").await.assert_sees("of 30");
    let file = ada.get("/system-accounts/export?disabled=1&q=machine-0").await.assert_status(200);
    assert_eq!(file.body.lines().count(), 11);
    assert!(file.body.lines().any(|line| line.starts_with("machine-03,disabled,CI/CD")), "{}", file.body);
}
