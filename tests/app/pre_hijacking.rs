//! Pre-hijacking: an administrator of one organization creates an identity for an address whose mailbox is not proven,
//! and knows its password. This must not open another organization. The person who reads the mailbox wins.

use crate::harness::{
    BETTER, GOOD, Page, Person, TestApp,
    user_creation::{audited, press},
};

const VERA: &str = "vera@example.org";
const FIRST: &str = "Grey herons fish at dusk";
/// The result for an address on the batch page.
const ADDED: &str = "Works with Roster already";
const ASKED: &str = "A letter with a link is on its way";
const NOBODY: &str = "SELECT count(*) FROM members WHERE status = 'active' AND name LIKE 'Vera%' AND organization_id = ";

/// Mallory, who administers another organization, and Ada, who will invite Vera.
async fn two(app: &TestApp) -> (Person, Person) {
    let ada = app.administrator("Ada").await;
    let mallory = app.another_organization("Elsewhere", "Mallory", None).await;
    (ada, mallory)
}

/// Mallory creates Vera with a password, and signs in with it before anybody else can.
async fn occupy(app: &TestApp, mallory: &Person) -> Person {
    mallory.get("/users/new").await.assert_status(200);
    let fields = [
        ("first_name", "Vera"),
        ("last_name", "Rubin"),
        ("email", VERA),
        ("choice", "typed"),
        ("password", FIRST),
    ];
    mallory.submit("Create User", &fields).await.assert_sees("Vera Rubin is in the directory");
    let puppet = app.visitor().at_address("198.51.100.66");
    puppet.sign_in(VERA, FIRST).await.assert_sees("Replace your temporary password");
    puppet
        .submit("Save the password", &[("present", FIRST), ("password", GOOD)])
        .await
        .assert_sees("User Directory");
    puppet
}

/// Vera sets a password through a link that she gets by mail.
async fn reset(app: &TestApp, vera: &Person, button: &str, email: &str) {
    vera.submit(button, &[("email", email)]).await.assert_status(200);
    vera.get(&app.inbox(email).link()).await.assert_status(200);
    vera.submit("Save the password", &[("password", BETTER)]).await.assert_path("/sign-in");
}

/// Checks that the puppet is not in Ada's organization as Vera, although Mallory knows the password.
async fn assert_outside(app: &TestApp, ada: &Person, puppet: &Person) {
    let organization = ada.organization();
    puppet.get(&format!("/o/{organization}/users")).await.assert_status(404);
    let literal = if crate::harness::is_postgres() {
        format!("'{organization}'")
    } else {
        format!("x'{}'", organization.to_string().replace('-', ""))
    };
    assert_eq!(app.count(&format!("{NOBODY}{literal}")), 0);
}

#[actix_web::test]
async fn who_was_created_elsewhere_is_invited_and_the_owner_of_the_mailbox_wins() {
    let app = TestApp::start().await;
    let (ada, mallory) = two(&app).await;
    let puppet = occupy(&app, &mallory).await;
    ada.invite(VERA, "User").await.assert_sees(ASKED);
    assert_outside(&app, &ada, &puppet).await;
    let invitation = app.inbox(VERA).link();
    // The link alone is not enough, and being signed in is not either: Mallory may have told Vera the password.
    let vera = app.visitor();
    vera.get(&invitation).await.assert_status(200).assert_sees("somebody else may know its password");
    for person in [&vera, &puppet] {
        person.get(&invitation).await.assert_misses("Join</button>");
        person.post("/invitation", &[("name", "Vera"), ("password", BETTER)]).await.assert_status(409);
    }
    assert_outside(&app, &ada, &puppet).await;
    app.wait(chrono::TimeDelta::seconds(1));
    vera.get(&invitation).await;
    reset(&app, &vera, "Send me the link", VERA).await;
    vera.get(&invitation).await.assert_sees("You keep your sign-in");
    vera.submit("Join", &[]).await;
    vera.sign_in(VERA, BETTER).await.assert_sees("User Directory");
    vera.get(&format!("/o/{}/users", ada.organization())).await.assert_status(200);
    // The attacker's session has ended, and the attacker has lost the identity too.
    assert!(puppet.get("/users").await.path.starts_with("/sign-in"));
    puppet.sign_in(VERA, GOOD).await.assert_status(422);
    let id = mallory.member("Vera").await;
    mallory
        .get(&format!("/users/{id}/password"))
        .await
        .assert_sees("They belong to other organizations too");
    assert_eq!(audited(&app, "invitation.accepted"), 1);
}

#[actix_web::test]
async fn a_copied_link_a_changed_email_and_a_temporary_password_prove_nothing() {
    let app = TestApp::start().await;
    let (ada, mallory) = two(&app).await;
    // The link was copied, and used by the attacker.
    mallory.invite(VERA, "User").await.assert_sees("1 invited");
    let copied = mallory.new_link(VERA).await;
    let link = copied.attribute("#link", "value").expect("a link");
    let puppet = app.visitor();
    puppet.get(link.trim_start_matches("https://roster.example")).await.assert_status(200);
    puppet.submit("Join", &[("name", "Vera"), ("password", GOOD)]).await.assert_sees("Welcome");
    // Real people, whose address or password Mallory replaces.
    for name in ["Grace", "Hedy"] {
        mallory.welcome(name, "User").await;
    }
    let grace = mallory.member("Grace").await;
    mallory.get(&format!("/users/{grace}/email")).await;
    mallory
        .submit("Change the email", &[("email", "cecilia@example.org")])
        .await
        .assert_sees("is cecilia@example.org now");
    let hedy = mallory.member("Hedy").await;
    mallory.get(&format!("/users/{hedy}/password/temporary")).await;
    mallory.submit("Set the password", &[]).await.assert_status(200);
    mallory.welcome("Katherine", "User").await;
    let everybody = format!("{VERA} cecilia@example.org hedy@example.org katherine@example.org");
    ada.invite(&everybody, "User").await.assert_sees("4 invited");
    assert_eq!((audited(&app, "member.added"), audited(&app, "invitation.sent")), (1, 7));
    assert_outside(&app, &ada, &puppet).await;
}

#[actix_web::test]
async fn whoever_was_imported_elsewhere_is_invited_and_a_handed_over_link_does_not_open_that_place() {
    let app = TestApp::start().await;
    let (ada, mallory) = two(&app).await;
    // Ada's organization imported Vera, who has not set a password yet. Mallory invites her and uses the link.
    ada.import("create", &format!("name,email\nVera Rubin,{VERA}\n")).await;
    ada.submit("Import 1 person", &[]).await;
    app.work();
    ada.get("/users").await.assert_sees("Vera Rubin");
    mallory.invite(VERA, "User").await.assert_sees("1 invited");
    let copied = mallory.new_link(VERA).await;
    let link = copied.attribute("#link", "value").expect("a link");
    let puppet = app.visitor();
    puppet
        .get(link.trim_start_matches("https://roster.example"))
        .await
        .assert_status(200)
        .assert_misses("Join</button>");
    puppet.post("/invitation", &[("name", "Vera"), ("password", GOOD)]).await.assert_status(409);
    assert_eq!(app.count("SELECT count(*) FROM passwords"), 2, "nobody chose a password for her");
    // The letter of the same invitation works, because it went to the mailbox.
    press(&mallory, VERA, "Resend invitation").await;
    let vera = app.visitor();
    vera.get(&app.inbox(VERA).link()).await.assert_status(200);
    vera.submit("Join", &[("name", "Vera"), ("password", GOOD)]).await.assert_sees("Welcome");
    vera.get(&format!("/o/{}/users", ada.organization())).await.assert_status(200);
}

#[actix_web::test]
async fn whoever_is_disabled_elsewhere_gets_in_by_the_mailbox_too() {
    let app = TestApp::start().await;
    let (ada, mallory) = two(&app).await;
    occupy(&app, &mallory).await;
    mallory.disable("Vera").await;
    ada.invite(VERA, "User").await.assert_sees(ASKED);
    let invitation = app.inbox(VERA).link();
    app.wait(chrono::TimeDelta::seconds(1));
    let vera = app.visitor();
    vera.get(&invitation).await;
    reset(&app, &vera, "Send me the link", VERA).await;
    vera.get(&invitation).await;
    vera.submit("Join", &[]).await;
    vera.sign_in(VERA, BETTER).await.assert_sees("User Directory");
    vera.get(&format!("/o/{}/users", mallory.organization())).await.assert_status(404);
}

#[actix_web::test]
async fn bulk_resend_invites_by_mail_and_proves_as_the_first_letter_does() {
    let app = TestApp::start().await;
    let (ada, mallory) = two(&app).await;
    mallory.invite(VERA, "User").await.assert_sees("1 invited");
    mallory.new_link(VERA).await;
    let id = mallory.member(VERA).await;
    mallory.get(&format!("/bulk?kind=user&act=resend&member={id}")).await;
    mallory.submit("Resend", &[]).await.assert_status(200);
    app.work();
    let vera = app.visitor();
    vera.get(&app.inbox(VERA).link()).await.assert_status(200);
    vera.submit("Join", &[("name", "Vera"), ("password", GOOD)]).await.assert_sees("Welcome");
    ada.invite(VERA, "User").await.assert_sees(ADDED);
    vera.get(&format!("/o/{}/users", ada.organization())).await.assert_status(200);
}

#[actix_web::test]
async fn an_own_confirmation_keeps_what_is_known_where_it_is_followed_signed_in() {
    let app = TestApp::start().await;
    let (ada, mallory) = two(&app).await;
    let grace = mallory.welcome("Grace", "User").await;
    for (new, is_here, answer) in [("cecilia@example.org", true, ADDED), (VERA, false, ASKED)] {
        grace.get("/me/email").await;
        grace.submit("Send the link", &[("email", new), ("present", GOOD)]).await;
        let link = app.inbox(new).link();
        let elsewhere = app.visitor();
        let browser = if is_here { &grace } else { &elsewhere };
        browser.get(&link).await;
        browser.submit("Confirm the address", &[]).await.assert_status(200);
        ada.invite(new, "User").await.assert_sees(answer);
        let id = ada.member(new).await;
        ada.get(&format!("/users/{id}/deletion")).await;
        if is_here {
            ada.submit("Delete", &[("name", "Grace")]).await;
        }
    }
}

#[actix_web::test]
async fn an_invitation_follows_nobody_to_another_address() {
    let app = TestApp::start().await;
    let (ada, mallory) = two(&app).await;
    let puppet = occupy(&app, &mallory).await;
    ada.invite(VERA, "User").await.assert_sees(ASKED);
    let invitation = app.inbox(VERA).link();
    app.wait(chrono::TimeDelta::seconds(1));
    // The attacker, who has the identity, changes its address to their own mailbox and proves that.
    puppet.get("/me/email").await;
    puppet.submit("Send the link", &[("email", "eve@example.org"), ("present", GOOD)]).await;
    puppet.get(&app.inbox("eve@example.org").link()).await;
    puppet.submit("Confirm the address", &[]).await;
    puppet.get("/password/forgotten").await;
    app.wait(chrono::TimeDelta::seconds(1));
    reset(&app, &puppet, "Send the link", "eve@example.org").await;
    puppet.sign_in("eve@example.org", BETTER).await.assert_sees("User Directory");
    for person in [&puppet, &app.visitor()] {
        person.get(&invitation).await.assert_status(410).assert_sees("not the one");
    }
    assert_outside(&app, &ada, &puppet).await;
}

#[actix_web::test]
async fn an_invitation_and_a_temporary_password_at_once_let_nobody_in_who_chose_it() {
    let app = TestApp::start().await;
    let other = app.another().await;
    let (ada, mallory) = two(&app).await;
    mallory.welcome("Vera", "User").await;
    for _ in 0..6 {
        let id = mallory.member("Vera").await;
        mallory.get(&format!("/users/{id}/password/temporary")).await.assert_status(200);
        let inviting = ada.at(&other);
        inviting.get("/invitations/new").await;
        let role = inviting.role("User");
        let fields = [("addresses", VERA), ("role", role.as_str())];
        let (set, sent): (Page, Page) =
            futures_util::future::join(mallory.submit("Set the password", &[]), inviting.submit("Send invitations", &fields)).await;
        let is_in = sent.text().contains(ADDED);
        assert!(is_in || set.status == 200, "one of the two comes first: {} {}", set.text(), sent.text());
        assert!(!(is_in && set.status == 200), "a password that Mallory knows, and in at once");
        if is_in {
            return;
        }
        let id = ada.member("Vera").await;
        ada.get(&format!("/users/{id}")).await;
        let cancel = ada.page().attribute("a[href*='/cancellation']", "href").expect("a link");
        ada.get(&cancel).await;
        ada.submit("Cancel the invitation", &[]).await.assert_status(200);
        app.execute("UPDATE users SET address_proven_at = created_at");
        app.execute("UPDATE passwords SET temporary_until = NULL");
    }
}
