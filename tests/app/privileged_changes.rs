//! Changes that require reauthentication: administrative permissions are granted only after recent authentication and a
//! preview, in every form. Nothing that was typed is lost on the way.

use crate::harness::{
    GOOD, Page, Person, TestApp,
    rights::{create_policy, declare, path_of, send},
    user_creation::audited,
};
use chrono::TimeDelta;

const CONFIRM: &str = "Confirm and save";
/// Counts the assigned roles and policies.
const GIVEN: &str = "SELECT (SELECT count(*) FROM member_roles) + (SELECT count(*) FROM member_policies)";

/// A filled-in form, as the browser sends it.
type Typed = (String, Vec<(String, String)>);

/// The id of a role, from the current Access tab.
fn role_on(page: &Page, name: &str) -> String {
    let at = page.all(".grant .choice > span > span").iter().position(|known| known == name);
    page.attributes(".grant input[name=listed]", "value")[at.expect("the role is offered")].clone()
}

/// Opens a member's Access tab; returns the id of a role there.
async fn access(person: &Person, id: &str, role: &str) -> String {
    let page = person.get(&format!("/users/{id}/roles")).await.assert_status(200);
    role_on(&page, role)
}

fn typed(page: &Page, button: &str, with: &[(&str, &str)]) -> Typed {
    let (action, mut fields) = page.form(button);
    fields.retain(|(name, _)| name == "role" || with.iter().all(|(other, _)| other != name));
    fields.extend(with.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
    (action, fields)
}

/// Sends a form long after it was opened. Nothing is saved, and after reauthentication the form is shown again.
async fn late(app: &TestApp, person: &Person, (action, fields): &Typed) -> Page {
    app.wait(TimeDelta::minutes(16));
    let before = app.count(GIVEN);
    let page = person.post_raw(action, fields).await;
    assert!(page.path.starts_with("/sign-in/again?next="), "{action}: {}", page.text());
    let page = person.submit("Continue", &[("password", GOOD)]).await.assert_status(200);
    assert_eq!(app.count(GIVEN), before, "{action}");
    page
}

#[actix_web::test]
async fn the_access_tab_asks_before_it_makes_or_unmakes_an_administrator() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    let grace = ada.welcome("Grace", "Viewer").await;
    app.role(ada.organization(), "Auditor", &["audit:read:*"]);
    let id = ada.member("Grace").await;
    let administrator = access(&ada, &id, "Administrator").await;
    let auditor = role_on(&ada.page(), "Auditor");
    let before = app.count(GIVEN);
    let page = send(&ada, "Save access", &[], &[("role", &administrator)]).await;
    page.assert_status(200)
        .assert_sees("Nothing is saved yet. Look it over, then confirm.")
        .assert_sees("They could also")
        .assert_sees("Everything: all there is here, and all there will be.");
    // A confirmation with other values than the preview shows a new preview.
    send(&ada, CONFIRM, &[], &[("role", &auditor)]).await.assert_sees("Nothing is saved yet");
    assert_eq!(app.count(GIVEN), before);
    grace.get("/invitations/new").await.assert_status(403);
    ada.submit(CONFIRM, &[]).await.assert_sees("Access is changed");
    assert_eq!(app.count(GIVEN), before + 2);
    grace.get("/invitations/new").await.assert_status(200);

    ada.get(&format!("/users/{id}/roles")).await;
    send(&ada, "Save access", &["role"], &[("role", &auditor)])
        .await
        .assert_sees("They could no longer")
        .assert_sees("Nothing is saved yet");
    grace.get("/invitations/new").await.assert_status(200);
    ada.submit(CONFIRM, &[]).await.assert_sees("Access is changed");
    grace.get("/invitations/new").await.assert_status(403);
}

#[actix_web::test]
async fn rights_that_rule_nothing_are_given_at_once_and_however_long_ago_the_sign_in_was() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    ada.welcome("Grace", "Viewer").await;
    app.role(ada.organization(), "Auditor", &["audit:read:*", "token:manage:own", "system_account:manage:team"]);
    let id = ada.member("Grace").await;
    app.wait(TimeDelta::minutes(16));
    let auditor = access(&ada, &id, "Auditor").await;
    send(&ada, "Save access", &[], &[("role", &auditor)]).await.assert_sees("Access is changed");
    // A preview that the caller asked for needs no second confirmation.
    ada.get(&format!("/users/{id}/roles")).await;
    let desk = role_on(&ada.page(), "User");
    send(&ada, "Preview", &[], &[("role", &desk), ("do", "preview")])
        .await
        .assert_sees("Nothing is saved yet")
        .assert_misses(CONFIRM);
    ada.submit("Save access", &[]).await.assert_sees("Access is changed");
    ada.invite("eve@example.org", "User").await.assert_sees("1 invited");
}

#[actix_web::test]
async fn the_access_tab_keeps_what_was_ticked_while_its_sender_proves_who_they_are() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    ada.welcome("Grace", "Viewer").await;
    app.role(ada.organization(), "Desk", &["user:manage:*"]);
    declare(&ada, "contract", "read sign").await;
    create_policy(&ada, "Signers", ("contract", &["sign"], "7")).await;
    let policy = path_of(&ada, "/policies", "Signers").await;
    let policy = policy.rsplit('/').next().expect("an id");
    let id = ada.member("Grace").await;
    let before = app.count(GIVEN);
    for (round, name) in [(1, "Administrator"), (2, "Desk")] {
        let role = access(&ada, &id, name).await;
        let form = typed(&ada.page(), "Save access", &[("role", &role)]);
        late(&app, &ada, &form).await.assert_sees("Nothing is saved yet");
        // A kept form is shown once.
        let page = ada.page();
        assert!(page.attributes("[name=role][checked]", "value").contains(&role));
        ada.get(&format!("/users/{id}/roles")).await.assert_misses("Nothing is saved yet");
        let form = typed(&page, CONFIRM, &[]);
        ada.post_raw(&form.0, &form.1).await.assert_sees("Access is changed");
        assert_eq!(app.count(GIVEN), before + 1);
        // Undoing it needs no reauthentication; redoing it does.
        app.wait(TimeDelta::minutes(16));
        ada.submit("Undo", &[]).await.assert_sees("Access is changed");
        let undo = ada.page().form("Undo");
        late(&app, &ada, &undo).await.assert_sees("They could also");
        ada.submit(CONFIRM, &[]).await.assert_sees("Access is changed");
        assert_eq!(app.count(GIVEN), before + 1);
        ada.submit("Undo", &[]).await.assert_sees("Access is changed");
        assert_eq!(audited(&app, "member.role_added"), 2 * round);
    }
    ada.get(&format!("/users/{id}/roles")).await;
    let form = typed(&ada.page(), "Save access", &[("policy", policy)]);
    late(&app, &ada, &form).await.assert_sees("By the policy Signers");
    ada.submit(CONFIRM, &[]).await.assert_sees("Access is changed");
    assert_eq!(audited(&app, "member.policy_attached"), 1);
}

#[actix_web::test]
async fn bulk_actions_keep_who_was_chosen_and_what() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    ada.welcome("Grace", "Viewer").await;
    ada.welcome("Hedy", "Viewer").await;
    app.role(ada.organization(), "Desk", &["user:manage:*"]);
    app.role(ada.organization(), "Auditor", &["audit:read:*"]);
    declare(&ada, "contract", "read sign").await;
    create_policy(&ada, "Signers", ("contract", &["sign"], "7")).await;
    let both = format!("member={}&member={}", ada.member("Grace").await, ada.member("Hedy").await);
    for (act, choice, name, button) in [
        ("add_role", "role", "Desk", "Add a role"),
        ("attach_policy", "policy", "Signers", "Attach a policy"),
        ("make_administrator", "", "", "Make 2 people"),
    ] {
        app.wait(TimeDelta::minutes(16));
        ada.get("/sign-in/again").await;
        ada.submit("Continue", &[("password", GOOD)]).await;
        let page = ada.get(&format!("/bulk?kind=user&act={act}&{both}")).await.assert_status(200);
        let at = page.all("option").iter().position(|known| known.starts_with(name)).unwrap_or_default();
        let value = page.attributes("option", "value").get(at).cloned().unwrap_or_default();
        let with = [(choice, value.as_str())];
        let mut form = typed(&page, button, &with[..usize::from(!choice.is_empty())]);
        form.1.retain(|(name, known)| name != "role" || *known == value);
        let again = late(&app, &ada, &form).await;
        assert_eq!(again.attributes("form.confirm [name=member]", "value").len(), 2, "{}", again.text());
        if !choice.is_empty() {
            assert_eq!(again.attribute("option[selected]", "value"), Some(value.clone()));
        }
        let before = app.count(GIVEN);
        let with = [(choice, value.as_str())];
        ada.submit(button, &with[..usize::from(!choice.is_empty())]).await.assert_sees("Undo");
        assert_eq!(app.count(GIVEN), before + 2, "{act}");
    }
    // A role without administrative permissions needs no reauthentication.
    app.wait(TimeDelta::minutes(16));
    let page = ada.get(&format!("/bulk?kind=user&act=add_role&{both}")).await.assert_status(200);
    let at = page.all("#role option").iter().position(|known| known == "Auditor").expect("the role");
    let auditor = page.attributes("#role option", "value")[at].clone();
    ada.submit("Add a role", &[("role", &auditor)]).await.assert_sees("Role Auditor added to 2 people");
}

#[actix_web::test]
async fn whoever_invites_or_creates_somebody_who_will_rule_finds_what_they_typed() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    app.role(ada.organization(), "Desk", &["user:manage:*"]);
    ada.get("/invitations/new").await;
    let desk = ada.role("Desk");
    let with = [
        ("addresses", "eve@example.org"),
        ("message", "Mind the fish."),
        ("role", desk.as_str()),
    ];
    let form = typed(&ada.page(), "Send invitations", &with);
    let page = late(&app, &ada, &form).await.assert_sees("Mind the fish.").assert_sees("eve@example.org");
    assert!(page.attributes("[name=role][checked]", "value").contains(&desk));
    assert_eq!(audited(&app, "invitation.sent"), 0);
    ada.submit("Send invitations", &[]).await.assert_sees("1 invited");

    let secret = "Pelicans dive from great heights";
    ada.get("/users/new").await;
    let with = [
        ("first_name", "Grace"),
        ("last_name", "Hopper"),
        ("email", "grace@example.org"),
        ("access", "administrator"),
        ("choice", "typed"),
        ("password", secret),
    ];
    let form = typed(&ada.page(), "Create User", &with);
    let page = late(&app, &ada, &form).await;
    assert_eq!(page.attribute("[name=last_name]", "value").as_deref(), Some("Hopper"));
    assert_eq!(page.attribute("[name=access][checked]", "value").as_deref(), Some("administrator"));
    // A password is not kept in a draft.
    assert!(!page.body.contains(secret) && !app.dump().contains(secret));
    ada.submit("Create User", &[("choice", "typed"), ("password", secret)])
        .await
        .assert_sees("Grace Hopper is in the directory");
}

#[actix_web::test]
async fn the_link_of_somebody_who_will_rule_is_copied_by_whoever_just_proved_who_they_are() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    ada.invite_administrator("grace@example.org").await.assert_sees("1 invited");
    ada.invite("hedy@example.org", "User").await.assert_sees("1 invited");
    app.wait(TimeDelta::minutes(16));
    ada.new_link("hedy@example.org").await.assert_status(200).assert_sees("hedy@example.org");
    let page = ada.new_link("grace@example.org").await;
    assert!(page.path.starts_with("/sign-in/again?next="), "{}", page.text());
    assert_eq!(audited(&app, "invitation.link_copied"), 1);
    ada.submit("Continue", &[("password", GOOD)]).await.assert_sees("grace@example.org");
    ada.new_link("grace@example.org").await.assert_status(200);
    assert_eq!(audited(&app, "invitation.link_copied"), 2);
}

#[actix_web::test]
async fn a_file_that_brings_somebody_who_will_rule_is_started_after_a_proof() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    app.role(ada.organization(), "Desk", &["user:manage:*"]);
    ada.import("create", "name,email,roles\nEve Fisher,eve@example.org,Desk\n").await;
    let start = ada.page().form("Import 1 person");
    late(&app, &ada, &start).await.assert_sees("Eve Fisher");
    assert_eq!(audited(&app, "member.created"), 0);
    ada.submit("Import 1 person", &[]).await;
    app.work();
    assert_eq!(audited(&app, "member.created"), 1);
}

#[actix_web::test]
async fn a_form_waits_for_an_hour_and_for_its_own_page_only() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    ada.get("/invitations/new").await;
    let with = [("addresses", "eve@example.org"), ("access", "administrator")];
    let form = typed(&ada.page(), "Send invitations", &with);
    late(&app, &ada, &form).await.assert_sees("eve@example.org");
    app.wait(TimeDelta::minutes(16));
    ada.post_raw(&form.0, &form.1).await;
    ada.get("/users/new").await.assert_misses("eve@example.org");
    app.wait(TimeDelta::minutes(61));
    ada.get("/invitations/new").await.assert_misses("eve@example.org");
}

#[actix_web::test]
async fn whoever_rules_is_let_in_again_by_whoever_just_proved_who_they_are() {
    const IN: &str = "SELECT count(*) FROM members WHERE status = 'active'";
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    ada.welcome_administrator("Grace").await;
    ada.welcome("Linus", "Viewer").await;
    let (grace, linus) = (ada.member("Grace").await, ada.member("Linus").await);
    ada.disable("Grace").await;
    ada.disable("Linus").await;
    app.wait(TimeDelta::minutes(16));
    let proves = |page: &Page| assert!(page.path.starts_with("/sign-in/again?"), "{}", page.text());
    ada.get("/users?tab=disabled").await;
    proves(&ada.post(&format!("/users/{grace}/enablement"), &[]).await);
    ada.get(&format!("/bulk?kind=user&act=enable&member={grace}&member={linus}"))
        .await
        .assert_status(200);
    proves(&ada.submit("Enable 2 people", &[]).await);
    assert_eq!(app.count(IN), 1);
    // Enabling a member who can only read needs no reauthentication.
    ada.get("/users?tab=disabled").await;
    ada.post(&format!("/users/{linus}/enablement"), &[]).await.assert_sees("enabled again");
    assert_eq!(app.count(IN), 2);
}

#[actix_web::test]
async fn an_invitation_to_rule_is_sent_again_by_whoever_just_proved_who_they_are() {
    const SENT: &str = "SELECT count(*) FROM outbox";
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    ada.invite_administrator("grace@example.org").await;
    let sent = app.count(SENT);
    app.wait(TimeDelta::minutes(16));
    ada.get("/users?tab=invited").await;
    let (action, fields) = ada.open_first_menu().await.form("Resend");
    let page = ada.post_raw(&action, &fields).await;
    assert!(page.path.starts_with("/sign-in/again?"), "{}", page.text());
    let page = ada.invite("grace@example.org", "Viewer").await;
    assert!(page.path.starts_with("/sign-in/again?"), "{}", page.text());
    assert_eq!(app.count(SENT), sent);
    ada.submit("Continue", &[("password", GOOD)]).await.assert_status(200);
    ada.submit("Send invitations", &[]).await.assert_sees("Sent again");
    assert_eq!(app.count(SENT), sent + 1);
}
