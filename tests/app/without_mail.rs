//! Without a mail server: no page says that a letter is on its way, and links are handed over instead.

use crate::harness::{BETTER, GOOD, Person, TestApp, user_creation::audited};

/// The path of a link on a page.
fn path(link: &str) -> &str {
    link.trim_start_matches("https://roster.example")
}

/// The links to copy on the current page, by address.
fn handed(person: &Person) -> Vec<(String, String)> {
    let lines = person.page().all("textarea#links").pop().unwrap_or_default();
    let words: Vec<&str> = lines.split_whitespace().collect();
    words.chunks(2).map(|pair| (pair[0].to_owned(), path(pair[1]).to_owned())).collect()
}

#[actix_web::test]
async fn the_result_of_a_batch_shows_the_very_links_of_the_letters_once() {
    let app = TestApp::start_without_mail_server().await;
    let ada = app.administrator("Ada").await;
    ada.invite("grace@example.org, kay@example.org", "User")
        .await
        .assert_sees("2 invited")
        .assert_sees("No mail server is set up, so nothing was sent")
        .assert_misses("on its way");
    let links = handed(&ada);
    assert_eq!(links.len(), 2);
    for (address, link) in &links {
        assert_eq!(*link, app.inbox(address).link(), "the letter in the file holds the same link");
        assert!(!app.dump().contains(link.rsplit('/').next().expect("a secret")), "it is kept nowhere");
    }
    ada.get("/invitations/sent").await.assert_sees("2 invited");
    assert_eq!(handed(&ada), [], "the links are shown once");
    let told = app.text("SELECT CAST(after AS text) FROM audit_events WHERE action = 'invitation.sent' LIMIT 1");
    assert!(told.contains("shown to copy"), "{told}");
    let grace = app.visitor();
    grace.get(&links[0].1).await.assert_status(200);
    grace.submit("Join", &[("name", "Grace"), ("password", GOOD)]).await.assert_sees("Welcome");
    ada.get("/users?tab=invited")
        .await
        .assert_misses("on its way")
        .assert_sees("mail written to a file");
}

#[actix_web::test]
async fn a_link_that_the_inviter_saw_proves_nothing_to_other_organizations() {
    let app = TestApp::start_without_mail_server().await;
    let ada = app.administrator("Ada").await;
    let mallory = app.another_organization("Mallory Ltd", "Mallory", None).await;
    mallory.invite("vera@example.org", "User").await;
    let puppet = app.visitor();
    puppet.get(&handed(&mallory)[0].1).await;
    puppet.submit("Join", &[("name", "Vera"), ("password", GOOD)]).await.assert_sees("Welcome");
    // The attacker's session as Vera is not in this organization, although Mallory chose the password.
    ada.invite("vera@example.org", "User").await;
    assert_eq!(ada.page().all(".outcomes .badge"), ["Invited"]);
    let vera = app.visitor();
    vera.get(&handed(&ada)[0].1)
        .await
        .assert_sees("somebody else may know its password")
        .assert_misses("The link goes to");
}

#[actix_web::test]
async fn sending_again_shows_the_new_link_and_the_menu_warns_before_it_voids_one() {
    let app = TestApp::start_without_mail_server().await;
    let ada = app.administrator("Ada").await;
    ada.invite("grace@example.org", "User").await;
    let first = handed(&ada)[0].1.clone();
    let id = ada.member("grace@example.org").await;
    let profile = ada.get(&format!("/users/{id}")).await;
    ada.submit("Resend invitation", &[])
        .await
        .assert_sees("nothing was sent")
        .assert_misses("on its way");
    let second = ada.page().attribute("#link", "value").expect("a link");
    app.visitor().get(&first).await.assert_status(410);
    app.visitor().get(path(&second)).await.assert_status(200);
    ada.get(&profile.link("New link")).await.assert_sees("does not work any more");
    app.visitor().get(path(&second)).await.assert_status(200);
    ada.submit("Make a new link", &[]).await.assert_sees("Shown only this once");
    app.visitor().get(path(&second)).await.assert_status(410);
}

#[actix_web::test]
async fn links_of_a_batch_are_made_from_its_result() {
    let app = TestApp::start_without_mail_server().await;
    let ada = app.administrator("Ada").await;
    ada.invite("one@example.org, two@example.org", "Viewer").await;
    let old = handed(&ada)[0].1.clone();
    let ids = [ada.member("one@example.org").await, ada.member("two@example.org").await];
    ada.get(&format!("/bulk?kind=user&act=resend&member={}&member={}", ids[0], ids[1]))
        .await
        .assert_sees("nothing is sent");
    ada.submit("Resend", &[]).await.assert_sees("nothing was sent").assert_misses("on its way");
    let make = ada.page().link("Make links");
    ada.get(&make).await.assert_sees("do not work any more");
    ada.submit("Make the links", &[]).await.assert_sees("2 links to hand over");
    let links = handed(&ada);
    app.visitor().get(&old).await.assert_status(410);
    for (_, link) in &links {
        app.visitor().get(link).await.assert_status(200);
    }
    assert_eq!(audited(&app, "invitation.link_copied"), 2);
    assert!(!app.dump().contains(links[0].1.rsplit('/').next().expect("a secret")));
}

#[actix_web::test]
async fn links_of_a_file_are_made_from_its_result() {
    let app = TestApp::start_without_mail_server().await;
    let ada = app.administrator("Ada").await;
    ada.import("invite", "email\none@example.org\ntwo@example.org\n").await;
    ada.submit("Import 2 people", &[]).await;
    app.work();
    let result = ada.get(&ada.page().path).await.assert_sees("2 people invited").assert_misses("letter");
    ada.get(&result.link("Make links")).await;
    ada.submit("Make the links", &[]).await.assert_sees("2 links to hand over");
    assert_eq!(handed(&ada).len(), 2);
}

#[actix_web::test]
async fn a_reset_by_an_administrator_shows_a_link_and_the_trail_says_who_saw_it() {
    let app = TestApp::start_without_mail_server().await;
    let ada = app.administrator("Ada").await;
    ada.invite("grace@example.org", "User").await;
    let grace = app.visitor();
    grace.get(&handed(&ada)[0].1).await;
    grace.submit("Join", &[("name", "Grace"), ("password", GOOD)]).await;
    app.execute("UPDATE users SET address_proven_at = created_at");
    let id = ada.member("Grace").await;
    ada.get(&format!("/users/{id}/password"))
        .await
        .assert_sees("You get a link")
        .assert_misses("A link goes to");
    ada.submit("Make a password reset", &[])
        .await
        .assert_status(200)
        .assert_sees("nothing was sent")
        .assert_misses("on its way");
    let link = ada.page().attribute("#link", "value").expect("a link");
    assert_eq!(path(&link), app.inbox("grace@example.org").link());
    assert_eq!(audited(&app, "password.reset_link_shown"), 1);
    assert_eq!(
        app.count("SELECT count(*) FROM users WHERE email = 'grace@example.org' AND address_proven_at IS NULL"),
        1,
        "anyone who saw the link may follow it first"
    );
    let visitor = app.visitor();
    visitor.get(path(&link)).await.assert_status(200);
    visitor.submit("Save the password", &[("password", BETTER)]).await.assert_status(200);
    assert_eq!(
        app.count("SELECT count(*) FROM users WHERE email = 'grace@example.org' AND address_proven_at IS NULL"),
        1
    );
}

#[actix_web::test]
async fn no_link_is_shown_of_somebody_who_belongs_elsewhere_too() {
    let app = TestApp::start_without_mail_server().await;
    let ada = app.administrator("Ada").await;
    let _alan = app.another_organization("Bletchley Park", "Alan Turing", None).await;
    app.execute("UPDATE users SET address_proven_at = created_at");
    ada.invite("alan.turing@example.org", "User").await;
    let id = ada.member("alan.turing@example.org").await;
    ada.get(&format!("/users/{id}/password")).await.assert_sees("Its link is not shown to you");
    ada.submit("Make a password reset", &[])
        .await
        .assert_sees("No mail server is set up")
        .assert_misses("on its way");
    assert_eq!(ada.page().attribute("#link", "value"), None);
    assert_eq!([audited(&app, "password.reset_sent"), audited(&app, "password.reset_link_shown")], [1, 0]);
    assert_eq!(
        app.count("SELECT count(*) FROM users WHERE email = 'alan.turing@example.org' AND address_proven_at IS NOT NULL"),
        1
    );
}

#[actix_web::test]
async fn a_reset_link_is_shown_after_a_proof_only() {
    let app = TestApp::start_without_mail_server().await;
    let ada = app.administrator("Ada").await;
    ada.invite("grace@example.org", "User").await;
    let grace = app.visitor();
    grace.get(&handed(&ada)[0].1).await;
    grace.submit("Join", &[("name", "Grace"), ("password", GOOD)]).await;
    let id = ada.member("Grace").await;
    ada.get(&format!("/users/{id}/password")).await;
    app.wait(chrono::TimeDelta::hours(3));
    let page = ada.submit("Make a password reset", &[]).await;
    assert!(page.path.starts_with("/sign-in/again"), "{}", page.path);
    assert_eq!(app.count("SELECT count(*) FROM links WHERE kind = 'reset'"), 0);
}

#[actix_web::test]
async fn nothing_is_said_to_be_on_its_way_to_whoever_asks_for_themselves() {
    let app = TestApp::start_without_mail_server().await;
    let ada = app.administrator("Ada").await;
    let visitor = app.visitor();
    visitor.get("/password/forgotten").await.assert_misses("We send");
    for name in ["ada@example.org", "nobody@example.org"] {
        visitor.get("/password/forgotten").await;
        visitor
            .submit("Make a link", &[("email", name)])
            .await
            .assert_sees("No mail was sent")
            .assert_misses("on its way");
    }
    ada.get("/me/email").await.assert_misses("gets a letter");
    ada.submit("Make the link", &[("email", "ada@new.example"), ("present", GOOD)])
        .await
        .assert_sees("No mail server is set up")
        .assert_misses("on its way");
    ada.get("/me").await.assert_misses("in the letter that went there");
}
