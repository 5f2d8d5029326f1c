//! Links in one browser: a form uses the link of its own page, whatever other links were opened since.

use crate::harness::{BETTER, GOOD, Page, Person, TestApp, user_creation::invited};
use actix_web::http::Method;
use std::fmt::Write;

/// The kinds of links that people of an organization get.
const KINDS: [&str; 4] = ["invitation", "reset", "email", "alarm"];

/// A person with a link of one kind: the link, the name on its page, and the button there.
struct Linked {
    kind: &'static str,
    name: String,
    link: String,
    button: &'static str,
}

/// A page opened in a browser tab, with its form as it was then.
struct Tab {
    action: String,
    fields: Vec<(String, String)>,
}

impl Linked {
    async fn new(app: &TestApp, ada: &Person, kind: &'static str, name: &str) -> Self {
        let email = format!("{}@example.org", name.to_lowercase());
        let (link, button) = match kind {
            "invitation" => (invited(app, ada, &email).await, "Join"),
            "reset" => {
                ada.welcome(name, "User").await;
                // Letters are also limited per IP address.
                let number = u8::try_from(app.count("SELECT count(*) FROM users")).expect("few people");
                let visitor = app.visitor().at_address(&format!("192.0.2.{number}"));
                visitor.get("/password/forgotten").await;
                visitor.submit("Send the link", &[("email", &email)]).await;
                (app.inbox(&email).link(), "Save the password")
            }
            "email" => {
                let person = ada.welcome(name, "User").await;
                let new = format!("{}@elsewhere.example", name.to_lowercase());
                person.get("/me/email").await;
                person.submit("Send the link", &[("email", &new), ("present", GOOD)]).await;
                (app.inbox(&new).link(), "Confirm the address")
            }
            _ => {
                ada.welcome(name, "User").await;
                app.visitor().sign_in(&email, GOOD).await;
                (app.letters(&email).pop().expect("a letter").link(), "This was not me")
            }
        };
        let name = name.to_owned();
        Self { kind, name, link, button }
    }

    async fn open(&self, browser: &Person) -> Tab {
        let page = browser.get(&self.link).await.assert_status(200);
        let (action, mut fields) = page.form(self.button);
        fields.retain(|(name, _)| name != "name" && name != "password");
        fields.push(("name".into(), self.name.clone()));
        fields.push(("password".into(), BETTER.into()));
        let known: &[&str] = match self.kind {
            "invitation" => &["csrf", "link", "username", "name", "password"],
            "reset" => &["csrf", "link", "username", "password", "keys_asked", "keys"],
            _ => &["csrf", "link"],
        };
        fields.retain(|(name, _)| known.contains(&name.as_str()));
        Tab { action, fields }
    }

    /// Whether the form's action was done to this person.
    fn is_done(&self, app: &TestApp) -> bool {
        let (name, email) = (&self.name, format!("{}@example.org", self.name.to_lowercase()));
        let count = match self.kind {
            "invitation" => format!("SELECT count(*) FROM members WHERE status = 'active' AND name = '{name}'"),
            "reset" => format!("SELECT count(*) FROM audit_events WHERE action = 'password.reset' AND target_name = '{name}'"),
            "email" => format!("SELECT 1 - count(*) FROM users WHERE email = '{email}'"),
            _ => format!("SELECT count(*) FROM audit_events WHERE action = 'session.disowned' AND target_name = '{name}'"),
        };
        app.count(&count) == 1
    }
}

impl Tab {
    async fn send(&self, browser: &Person) -> Page {
        browser.post_raw(&self.action, &self.fields).await
    }
}

#[actix_web::test]
async fn each_of_two_links_in_one_browser_acts_on_its_own_person_whatever_their_kinds_and_order() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    let mut number = 0;
    for first in KINDS {
        for second in KINDS {
            // Letters are limited per address and per hour.
            app.wait(chrono::TimeDelta::hours(8));
            ada.sign_in("ada@example.org", GOOD).await;
            number += 1;
            let mut about = String::new();
            let _ = write!(about, "{first} then {second}");
            let one = Linked::new(&app, &ada, first, &format!("One{number}")).await;
            let two = Linked::new(&app, &ada, second, &format!("Two{number}")).await;
            let browser = app.visitor().at_address(&format!("198.51.100.{number}"));
            let tabs = (one.open(&browser).await, two.open(&browser).await);
            tabs.0.send(&browser).await.assert_status(200);
            assert!(one.is_done(&app), "{about}: the first tab did nothing");
            assert!(!two.is_done(&app), "{about}: the first tab acted on the second person");
            let page = tabs.1.send(&browser).await;
            // Accepting an invitation signs in. So the other invitation belongs to somebody else, and says so.
            if (first, second) == ("invitation", "invitation") {
                page.assert_status(409).assert_sees("Somebody else is signed in");
                assert!(!two.is_done(&app), "{about}");
            } else {
                page.assert_status(200);
                assert!(two.is_done(&app), "{about}: the second tab did nothing");
            }
        }
    }
}

#[actix_web::test]
async fn the_set_up_link_and_another_stand_beside_each_other() {
    let app = TestApp::start().await;
    let now = app.clock.now();
    let link = app.db.write_here(|tx| roster::setup::issue_link(tx, now)).expect("a link").expect("nobody is here");
    for other in ["invitation", "password/reset", "email", "alarm"] {
        let browser = app.visitor();
        browser.get(&link).await.assert_status(200);
        let (action, mut fields) = browser.page().form("Create organization");
        browser.get(&format!("/{other}/{}", "A".repeat(43))).await.assert_status(410);
        fields.retain(|(name, _)| name == "csrf" || name == "link");
        fields.push(("organization".into(), String::new()));
        // The form was validated, so the link of its page was found.
        browser.post_raw(&action, &fields).await.assert_status(422);
    }
}

#[actix_web::test]
async fn a_tab_whose_link_was_used_says_which_it_was_and_what_to_do() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    let grace = Linked::new(&app, &ada, "reset", "Grace").await;
    let browser = app.visitor();
    let (tab, again) = (grace.open(&browser).await, grace.open(&browser).await);
    tab.send(&browser).await.assert_path("/sign-in");
    again
        .send(&browser)
        .await
        .assert_status(410)
        .assert_sees("Open the link again")
        .assert_sees("to choose a new password for grace@example.org");
    // A form without a link, and one with the link id of another browser, do nothing.
    let stranger = app.visitor();
    let id = again.fields.iter().find(|(name, _)| name == "link").expect("an id").1.clone();
    for (link, says) in [
        ("", "does not work"),
        (id.as_str(), "Open the link again"),
        ("../x", "Open the link again"),
    ] {
        let fields = [("username", "x"), ("password", BETTER), ("link", link)];
        stranger.get("/sign-in").await;
        stranger.post("/password/reset", &fields).await.assert_status(410).assert_sees(says);
    }
}

#[actix_web::test]
async fn a_browser_keeps_a_few_links_and_the_oldest_gives_way() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    let browser = app.visitor();
    let first = Linked::new(&app, &ada, "invitation", "First").await;
    let tab = first.open(&browser).await;
    for n in 0..8 {
        app.wait(chrono::TimeDelta::seconds(1));
        browser
            .request(Method::GET, &format!("/invitation/{n}{}", "A".repeat(42)), None)
            .await
            .assert_status(303);
    }
    tab.send(&browser)
        .await
        .assert_status(410)
        .assert_sees("to accept an invitation for first@example.org");
    browser.get(&first.link).await.assert_sees("Join Analytical Engines");
    let page = browser.page();
    let id = page.link_id().expect("an id");
    assert!(!page.body.contains(first.link.trim_start_matches("/invitation/")));
    assert!(!first.link.contains(&id));
}

#[actix_web::test]
async fn a_form_behind_a_link_counts_although_somebody_signed_in_in_another_tab_and_forgeries_do_not() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    let grace = Linked::new(&app, &ada, "reset", "Grace").await;
    let browser = app.visitor();
    let tab = grace.open(&browser).await;
    browser.sign_in("ada@example.org", GOOD).await.assert_status(200);
    tab.send(&browser).await.assert_sees("Your new password is set");
    assert!(grace.is_done(&app));
    browser.get("/users").await.assert_sees("Ada you");
    // The CSRF token of another browser is still refused.
    let hedy = Linked::new(&app, &ada, "reset", "Hedy").await;
    let eve = app.visitor();
    let tab = hedy.open(&eve).await;
    let victim = app.visitor();
    hedy.open(&victim).await;
    tab.send(&victim).await.assert_status(403);
    assert!(!hedy.is_done(&app));
}

#[actix_web::test]
async fn an_invitation_sent_twice_leads_in() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    let grace = Linked::new(&app, &ada, "invitation", "Grace").await;
    let browser = app.visitor();
    let tab = grace.open(&browser).await;
    let id = tab.fields.iter().find(|(name, _)| name == "link").expect("an id").1.clone();
    let cookie = format!("__Host-roster-link-{id}");
    let secret = browser.cookie(&cookie).expect("the link");
    tab.send(&browser).await.assert_sees("Welcome");
    // Both requests were under way at once, so the second one still carries the link.
    browser.set_cookie(&cookie, &secret);
    tab.send(&browser).await.assert_status(200).assert_sees("User Directory");
    assert_eq!(app.count("SELECT count(*) FROM audit_events WHERE action = 'invitation.used_again'"), 0);
}

#[actix_web::test]
async fn a_full_plan_at_acceptance_keeps_the_page_the_name_and_the_link() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    let link = invited(&app, &ada, "grace@example.org").await;
    app.execute("UPDATE organizations SET seat_limit = 1");
    let grace = app.visitor();
    grace.get(&link).await;
    let fields = [("name", "Grace Hopper"), ("password", GOOD)];
    let page = grace.submit("Join", &fields).await.assert_status(409);
    let page = page
        .assert_sees("every seat of the plan is taken")
        .assert_sees("this link stays good")
        .assert_misses("This link does not work")
        .assert_misses("send the invitation again");
    assert_eq!(page.attribute("#name", "value").as_deref(), Some("Grace Hopper"));
    app.execute("UPDATE organizations SET seat_limit = 5");
    grace.submit("Join", &[("password", GOOD)]).await.assert_sees("Welcome");
    ada.get("/users").await.assert_sees("Grace Hopper");
}
