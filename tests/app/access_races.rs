//! Really parallel requests about roles and policies, in two processes: nothing is granted that nobody decided, and no
//! change is lost.

use crate::harness::{
    Page, Person, TestApp,
    rights::{create_role, path_of},
};
use actix_web::http::Method;
use futures_util::{
    FutureExt,
    future::{LocalBoxFuture, join, join_all},
};

/// The request of pressing a button, with some fields replaced, not sent yet.
fn press<'a>(person: &'a Person, button: &str, without: &[&str], with: &[(&str, &str)]) -> LocalBoxFuture<'a, Page> {
    let (action, mut fields) = person.page().form(button);
    fields.retain(|(name, _)| !without.contains(&name.as_str()));
    fields.extend(with.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
    let body = serde_html_form::to_string(fields).expect("a form");
    async move { person.request(Method::POST, &action, Some(body)).await }.boxed_local()
}

fn id(path: &str) -> String {
    path.rsplit('/').next().expect("an id").to_owned()
}

#[actix_web::test]
async fn a_role_that_is_deleted_while_it_is_given_is_held_by_nobody() {
    let app = TestApp::start().await;
    let other = app.another().await;
    let ada = app.administrator("Ada").await;
    let helga = ada.welcome_administrator("Helga").await.at(&other);
    ada.welcome("Grace", "User").await;
    let member = ada.member("Grace").await;
    for round in 0..5 {
        create_role(&ada, &format!("Auditor {round}"), &["audit:read:*"]).await;
        let role = path_of(&ada, "/roles", &format!("Auditor {round}")).await;
        ada.get(&format!("{role}/deletion")).await.assert_status(200);
        helga.get(&format!("/users/{member}/roles")).await.assert_status(200);
        let (gone, given) = join(
            press(&ada, "Delete", &["name"], &[("name", &format!("Auditor {round}"))]),
            press(&helga, "Save access", &[], &[("role", &id(&role))]),
        )
        .await;
        assert_eq!(gone.status, 303);
        assert!([303, 422].contains(&given.status), "{}", given.status);
    }
    assert_eq!(app.count("SELECT count(*) FROM member_roles WHERE role_id NOT IN (SELECT id FROM roles)"), 0);
    assert_eq!(app.count("SELECT count(*) FROM members WHERE role_key LIKE '%auditor%'"), 0);
}

#[actix_web::test]
async fn a_role_that_is_widened_while_it_is_given_is_given_by_nobody_who_holds_less() {
    let app = TestApp::start().await;
    let other = app.another().await;
    let ada = app.administrator("Ada").await;
    let desk_role = ["user:manage:*", "user:read:*", "team:read:*"];
    app.role(ada.organization(), "Desk", &desk_role);
    let desk = ada.welcome("Desk", "Desk").await.at(&other);
    for round in 0..5 {
        // A member with a wide role is above the desk, so each round uses another member.
        let name = format!("Grace {round}");
        ada.welcome(&name, "Viewer").await;
        let member = ada.member(&name).await;
        create_role(&ada, &format!("Reader {round}"), &["user:read:*"]).await;
        let role = path_of(&ada, "/roles", &format!("Reader {round}")).await;
        ada.get(&role).await;
        desk.get(&format!("/users/{member}/roles")).await;
        let (wide, given) = join(
            press(&ada, "Save role", &[], &[("permission", "audit:read:*")]),
            press(&desk, "Save access", &[], &[("role", &id(&role))]),
        )
        .await;
        // If the role was assigned first, saving it shows its holders and asks to confirm.
        if wide.status == 200 {
            let (action, fields) = wide.form("Confirm and save");
            ada.post_raw(&action, &fields).await.assert_sees("The role is saved");
        } else {
            assert_eq!(wide.status, 303);
        }
        // Either the role was assigned before it became wide, or the assignment was refused. Neither request missed the
        // other.

        let order = app.count(&format!(
            "SELECT count(*) FROM audit_events given JOIN audit_events wide ON wide.target_name = 'Reader {round}' \
             WHERE given.action = 'member.role_added' AND wide.action = 'role.edited' AND given.target_name = '{name}' AND CAST(given.after AS text) LIKE '%Reader {round}%'"
        ));
        assert_eq!(order == 1, given.status == 303, "{}", given.status);
    }
}

#[actix_web::test]
async fn of_many_who_save_one_policy_at_once_one_saves_and_the_others_are_told() {
    let app = TestApp::start().await;
    let other = app.another().await;
    let ada = app.administrator("Ada").await;
    ada.get("/settings/resource-types").await;
    let fields = [("name", "contract"), ("description", "A contract."), ("actions", "read")];
    ada.submit("Declare Resource Type", &fields).await;
    ada.get("/policies/new").await;
    let rule = [
        ("name", "Readers"),
        ("rule-0-type", "contract"),
        ("rule-0-action", "read"),
        ("rule-0-ids", "0"),
        ("do", "save"),
    ];
    press(&ada, "Create Policy", &["name", "rule-0-ids"], &rule).await;
    let policy = path_of(&ada, "/policies", "Readers").await;
    let mut people = vec![ada.clone()];
    for (number, name) in ["Helga", "Irma", "Jana", "Kaja"].into_iter().enumerate() {
        let person = ada.welcome_administrator(name).await;
        people.push(if number % 2 == 0 { person.at(&other) } else { person });
    }
    for person in &people {
        person.get(&policy).await.assert_status(200);
    }
    let ids: Vec<String> = (1..=people.len()).map(|n| n.to_string()).collect();
    let answers = join_all(people.iter().zip(&ids).map(|(person, ids)| {
        let with = [("rule-0-type", "contract"), ("rule-0-ids", ids.as_str()), ("do", "save")];
        press(person, "Save policy", &["rule-0-ids"], &with)
    }))
    .await;
    let mut statuses: Vec<u16> = answers.iter().map(|answer| answer.status).collect();
    statuses.sort_unstable();
    assert_eq!(statuses, [303, 409, 409, 409, 409]);
    let winner = answers.iter().position(|answer| answer.status == 303).expect("a winner");
    let rules = app.text("SELECT CAST(rules AS text) FROM policies");
    assert!(rules.contains(&format!("\"{}\"", ids[winner])), "{rules}");
    assert_eq!(app.count("SELECT version FROM policies"), 2);
}
