//! Editing a member's details: who may, what is refused, and how two concurrent edits are resolved.

use crate::harness::{Page, Person, TestApp, user_creation::audited};
use actix_web::http::Method;
use futures_util::future::join_all;

const FIELDS: [&str; 5] = ["name", "title", "phone", "location", "contact"];

/// Opens the form at this path and saves it with these fields replaced.
async fn edit(person: &Person, path: &str, typed: &[(&str, &str)]) -> Page {
    person.get(path).await.assert_status(200);
    person.submit("Save changes", typed).await
}

async fn profile_of(ada: &Person, name: &str) -> String {
    format!("/users/{}", ada.member(name).await)
}

/// A JSON column of the last edit event, parsed from either engine's format.
fn last_edit(app: &TestApp, column: &str) -> serde_json::Value {
    let text = format!("SELECT CAST({column} AS text) FROM audit_events WHERE action = 'member.edited' ORDER BY at DESC, id DESC LIMIT 1");
    serde_json::from_str(&app.text(&text)).expect("JSON")
}

#[actix_web::test]
async fn an_administrator_edits_details_and_the_trail_says_what_changed() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    let grace = ada.welcome("Grace Hopper", "User").await;
    let path = profile_of(&ada, "Grace Hopper").await;
    let page = edit(
        &ada,
        &path,
        &[
            ("name", "Grace Brewster"),
            ("title", "Rear Admiral"),
            ("location", "Arlington"),
            ("contact", "Signal: grace.01\r\nDesk 4"),
        ],
    )
    .await
    .assert_status(200)
    .assert_sees("The details are saved");
    assert_eq!(page.attribute("#title", "value").as_deref(), Some("Rear Admiral"));
    assert_eq!(
        last_edit(&app, "before"),
        serde_json::json!({ "name": "Grace Hopper", "title": "", "location": "", "contact": "" })
    );
    assert_eq!(last_edit(&app, "after")["contact"], "Signal: grace.01\nDesk 4");
    for found in ["brewster", "grace.hopper@"] {
        ada.get(&format!("/users?q={found}")).await.assert_sees("Grace Brewster");
    }
    assert!(ada.get("/users?q=Hopper+x").await.names().is_empty());
    // Other members see the details, and no form.
    let facts = grace
        .get(&path)
        .await
        .assert_sees("Rear Admiral")
        .assert_sees("Arlington")
        .assert_sees("Signal: grace.01");
    assert!(!facts.has_button("Save changes") && facts.all("input[name=title]").is_empty());
    // Saving without a change changes nothing.
    ada.get(&path).await;
    let (action, fields) = ada.page().form("Save changes");
    ada.post_raw(&action, &fields).await.assert_status(200).assert_sees("Nothing was changed");
    assert_eq!(audited(&app, "member.edited"), 1);
}

#[actix_web::test]
async fn fields_that_the_form_does_not_offer_are_refused() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    let grace = ada.welcome("Grace Hopper", "User").await;
    let path = profile_of(&ada, "Grace Hopper").await;
    for (name, value) in [
        ("username", "other"),
        ("email", "other@example.org"),
        ("status", "disabled"),
        ("role", "administrator"),
        ("roles", "administrator"),
        ("is_admin", "true"),
        ("permissions", "*:*:*"),
        ("organization_id", "019cdc1f-d680-7000-8000-000000000000"),
        ("user_id", "019cdc1f-d680-7000-8000-000000000000"),
        ("id", "019cdc1f-d680-7000-8000-000000000000"),
        ("kind", "system_account"),
        ("provider", "saml"),
        ("email_verified", "true"),
        ("phone_verified", "true"),
        ("password", "x"),
        ("must_change_password", "false"),
        ("created_by", "x"),
        ("external_id", "x"),
    ] {
        edit(&ada, &path, &[("title", "Admiral"), (name, value)]).await.assert_status(400);
        edit(&grace, "/me", &[("title", "Admiral"), (name, value)]).await.assert_status(400);
    }
    for version in ["", "0", "-1", "99", "9223372036854775808", "x"] {
        let page = edit(&ada, &path, &[("title", "Admiral"), ("version", version)]).await;
        assert!(matches!(page.status, 400 | 409), "{version}: {}", page.status);
    }
    ada.get(&path).await;
    ada.post(&path, &[("version", "2"), ("name", "Grace")]).await.assert_status(400);
    assert_eq!(audited(&app, "member.edited"), 0);
    assert_eq!(app.count("SELECT count(*) FROM members WHERE title <> '' OR status <> 'active'"), 0);
}

#[actix_web::test]
async fn tricks_in_details_are_refused_and_markup_is_text() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    ada.welcome("Grace Hopper", "User").await;
    let path = profile_of(&ada, "Grace Hopper").await;
    let (hundred, more, most) = ("Ä".repeat(100), "Ä".repeat(101), "x".repeat(501));
    for (name, value) in [
        ("name", ""),
        ("name", " \u{a0} "),
        ("name", "\u{3164}"),
        ("name", "\u{200d}\u{200c}"),
        ("name", "Ada\u{202e}ecarG"),
        ("name", "A\u{ad}da"),
        ("name", "Grace\r\nHopper"),
        ("name", &more),
        ("title", &more),
        ("title", "a\u{200b}b"),
        ("phone", "1\n2"),
        ("phone", &hundred),
        ("location", &more),
        ("contact", &most),
        ("contact", "a\u{202e}b"),
        ("contact", "a\u{7}b"),
    ] {
        let page = edit(&ada, &path, &[(name, value)]).await.assert_status(422).assert_sees("Nothing is saved yet");
        assert_eq!(page.all(&format!("#{name}-error")).len(), 1, "{name}={value:?}");
    }
    edit(&ada, &path, &[("contact", "\0")]).await.assert_status(400);
    assert_eq!(audited(&app, "member.edited"), 0);
    for script in [
        "<script>alert(1)</script>",
        "\"><img src=x onerror=alert(1)>",
        "</textarea><svg onload=alert(1)>",
        "{{7*7}}",
    ] {
        let all: Vec<(&str, &str)> = FIELDS.iter().filter(|field| **field != "phone").map(|field| (*field, script)).collect();
        let page = edit(&ada, &path, &all).await.assert_sees("are saved");
        for page in [page, ada.get("/users").await, ada.get(&format!("{path}/email")).await] {
            assert!(page.all("script:not([src]), img[src=x], svg[onload]").is_empty(), "{script} at {}", page.path);
        }
    }
    edit(&ada, &path, &[("name", &hundred)]).await.assert_status(200).assert_sees(&hundred);
}

#[actix_web::test]
async fn the_second_of_two_sees_what_the_first_changed_and_decides() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    let helga = ada.welcome_administrator("Helga").await;
    ada.welcome("Grace Hopper", "User").await;
    let path = profile_of(&ada, "Grace Hopper").await;
    edit(&ada, &path, &[("title", "Captain"), ("phone", "1"), ("location", "Arlington")]).await;
    helga.get(&path).await;
    edit(&ada, &path, &[("title", "Commodore")]).await.assert_status(200);
    edit(&ada, &path, &[("title", "Admiral"), ("location", "Boston")]).await.assert_status(200);
    let page = helga
        .submit("Save changes", &[("title", "Rear Admiral"), ("phone", "2"), ("contact", "One\r\nTwo")])
        .await
        .assert_status(409)
        .assert_sees("Grace Hopper was changed while you were editing");
    // Title: both. Location: only Ada. Phone and contact: only Helga. Name: nobody.
    assert_eq!(page.all("fieldset legend"), ["Title", "Location"]);
    assert_eq!(page.attributes("input[type=radio][name=title]", "value"), ["Admiral", "Rear Admiral"]);
    assert_eq!(page.attributes("input[type=radio][name=title][checked]", "value").len(), 0);
    assert_eq!(page.attributes("input[type=radio][name=location][checked]", "value"), ["Boston"]);
    page.clone()
        .assert_sees("Keep theirs: Ada")
        .assert_sees("Before: Captain")
        .assert_sees("Only you changed it")
        .assert_sees("just now");
    assert_eq!(audited(&app, "member.edited"), 3);

    helga.submit("Save my choices", &[("title", "Rear Admiral")]).await.assert_sees("are saved");
    let now = app.text("SELECT title || '|' || phone || '|' || location || '|' || contact FROM members WHERE name = 'Grace Hopper'");
    assert_eq!(now, "Rear Admiral|2|Boston|One\nTwo");
    assert_eq!(last_edit(&app, "before"), serde_json::json!({ "title": "Admiral", "phone": "1", "contact": "" }));
}

#[actix_web::test]
async fn all_of_mine_is_a_choice_and_a_third_change_is_noticed_again() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    let helga = ada.welcome_administrator("Helga").await;
    let grace = ada.welcome("Grace Hopper", "User").await;
    let path = profile_of(&ada, "Grace Hopper").await;
    helga.get(&path).await;
    // A concurrent edit by the person herself is treated like any other.
    edit(&grace, "/me", &[("name", "Amazing Grace"), ("title", "Admiral")])
        .await
        .assert_sees("are saved");
    helga
        .submit("Save changes", &[("title", "Captain")])
        .await
        .assert_status(409)
        .assert_sees("Keep theirs: ");
    edit(&ada, &path, &[("title", "Sailor")]).await.assert_sees("are saved");
    let mine = |page: &Page| -> Vec<(String, String)> {
        page.attributes("#mine input", "name")
            .into_iter()
            .zip(page.attributes("#mine input", "value"))
            .collect()
    };
    let again = helga.post_raw(&helga.page().path, &mine(&helga.page())).await.assert_status(409);
    again.clone().assert_sees("Keep theirs: Ada");
    helga.post_raw(&again.path, &mine(&again)).await.assert_sees("are saved");
    assert_eq!(app.text("SELECT name || '|' || title FROM members WHERE title <> ''"), "Amazing Grace|Captain");
    // Two equal edits are no conflict.
    helga.get(&path).await;
    edit(&ada, &path, &[("title", "Admiral")]).await;
    helga.submit("Save changes", &[("title", "Admiral")]).await.assert_sees("Nothing was changed");
}

#[actix_web::test]
async fn of_twenty_saved_at_once_one_is_and_the_others_are_told() {
    let app = TestApp::start().await;
    let other = app.another().await;
    let ada = app.administrator("Ada").await;
    ada.welcome("Grace Hopper", "User").await;
    let path = profile_of(&ada, "Grace Hopper").await;
    ada.get(&path).await;
    let (action, fields) = ada.page().form("Save changes");
    let posts = (0..20).map(|n| {
        let mut fields = fields.clone();
        fields.retain(|(name, _)| name != "title");
        fields.push(("title".into(), format!("Title {n}")));
        let body = serde_html_form::to_string(fields).expect("a form");
        let person = if n % 2 == 0 { ada.clone() } else { ada.at(&other) };
        let action = action.clone();
        async move { person.request(Method::POST, &action, Some(body)).await.status }
    });
    let mut statuses = join_all(posts).await;
    statuses.sort_unstable();
    assert_eq!(statuses, [[303].as_slice(), &[409; 19]].concat());
    assert_eq!(audited(&app, "member.edited"), 1);
}

#[actix_web::test]
async fn nobody_edits_others_without_the_permission_and_everybody_themselves() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    let grace = ada.welcome("Grace Hopper", "Viewer").await;
    let other = app.another_organization("Elsewhere", "Mallory", None).await;
    let (mine, hers) = (profile_of(&ada, "Ada").await, profile_of(&ada, "Grace Hopper").await);
    let sent: Vec<(&str, &str)> = vec![
        ("version", "1"),
        ("name", "Eve"),
        ("title", ""),
        ("phone", ""),
        ("location", ""),
        ("contact", ""),
    ];
    for path in [&mine, &hers] {
        grace.get("/me").await;
        grace.post(path, &sent).await.assert_status(403).assert_sees("user:manage:*");
    }
    for organization in [ada.organization(), other.organization()] {
        other.get("/me").await;
        other.post(&format!("/o/{organization}{hers}"), &sent).await.assert_status(404);
    }
    grace.get("/me").await;
    grace.post(&format!("/o/{}/me", other.organization()), &sent).await.assert_status(404);
    assert_eq!(audited(&app, "member.edited"), 0);
    let page = edit(&grace, "/me", &[("name", "Grace B. Hopper"), ("phone", "+1 555 0100")])
        .await
        .assert_sees("are saved");
    page.assert_sees("Grace B. Hopper").assert_sees("Viewer");
    ada.get(&hers).await.assert_sees("Grace B. Hopper");
    edit(&ada, &mine, &[("title", "Countess")]).await.assert_sees("are saved");
}

#[actix_web::test]
async fn what_somebody_invited_says_of_themselves_is_noticed_too() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    ada.invite("grace@example.org", "User").await;
    let path = profile_of(&ada, "grace@example.org").await;
    ada.get(&path).await.assert_sees("The address is that of the invitation");
    let editing = ada.page().form("Save changes");
    app.visitor().accept("Grace").await;
    let mut fields = editing.1;
    fields.retain(|(name, _)| name != "title");
    fields.push(("title".into(), "Admiral".into()));
    let page = ada.post_raw(&editing.0, &fields).await.assert_status(409);
    assert_eq!(page.attributes("input[type=radio][name=name]", "value"), ["Grace", "grace@example.org"]);
}
