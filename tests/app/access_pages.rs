//! The pages about roles and policies: numbers agree everywhere, all mistakes are shown at once, and buttons lead to
//! the right form.

use crate::harness::{
    Page, Person, TestApp,
    rights::{create_policy, create_role, declare, give, path_of, send},
};

fn id(path: &str) -> String {
    path.rsplit('/').next().expect("an id").to_owned()
}

/// Compares the numbers at the beginning of these texts with the expected ones, and with the rows of the lists they
/// link to.
async fn assert_counts(person: &Person, page: &Page, css: &str, expected: &[&str]) {
    assert_eq!(page.all(css), expected, "{}", page.text());
    for (words, list) in expected.iter().zip(page.attributes(css, "href")) {
        let told: usize = words.split(' ').next().and_then(|number| number.parse().ok()).expect("a number");
        assert_eq!(person.get(&list).await.names().len(), told, "{words} leads to {list}");
    }
}

#[actix_web::test]
async fn how_many_hold_something_is_the_same_number_everywhere_and_leads_to_as_many() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    declare(&ada, "contract", "read").await;
    create_policy(&ada, "Readers", ("contract", &["read"], "*")).await;
    create_role(&ada, "Auditor", &["audit:read:*"]).await;
    let (role, policy) = (path_of(&ada, "/roles", "Auditor").await, path_of(&ada, "/policies", "Readers").await);
    for name in ["Grace", "Linus", "Margaret"] {
        ada.welcome(name, "Viewer").await;
        give(&ada, name, "role", &id(&role)).await.assert_sees("Access is changed");
        give(&ada, name, "policy", &id(&policy)).await.assert_sees("Access is changed");
    }
    ada.invite("kim@example.org", "Auditor").await.assert_sees("1 invited");
    ada.disable("Linus").await;
    for name in ["deploy", "report"] {
        let account = ada.create_system_account(name, "CI/CD").await;
        ada.get(&format!("/system-accounts/{account}/roles")).await;
        send(&ada, "Save access", &[], &[("role", &id(&role)), ("policy", &id(&policy))]).await;
        ada.submit("Confirm and save", &[]).await.assert_sees("Access is changed");
    }
    let report = path_of(&ada, "/system-accounts", "report").await;
    ada.get(&format!("{report}/disablement")).await;
    ada.submit("Disable", &[]).await;
    let of_role = ["3 people", "1 disabled person", "2 system accounts (1 disabled)"];
    let of_policy = ["2 people", "1 disabled person", "2 system accounts (1 disabled)"];
    for (path, expected) in [(&role, &of_role), (&policy, &of_policy)] {
        let list = path.rsplit_once('/').expect("a list").0;
        let page = ada.get(list).await;
        let row = format!("[id$='{}'] .c-held a", id(path));
        assert_counts(&ada, &page, &row, expected).await;
        let page = ada.get(path).await;
        assert_counts(&ada, &page, ".holders a.link", expected).await;
        let told = format!("{} and {}", expected[..2].join(", "), expected[2]);
        ada.get(&format!("{path}/deletion")).await.assert_sees(&told);
    }
    ada.get(&role).await.assert_sees("Held by 6");
    // The warning stands above the form, so that nobody saves without reading it.
    for path in [&role, &policy] {
        let page = ada.get(path).await;
        let (told, body) = (page.all(".notice.affected"), page.body.clone());
        assert!(told[0].ends_with("Saving changes what they may do from their next request on."), "{told:?}");
        assert!(body.find("notice touched") < body.find("name=\"version\""), "it stands above the form");
    }
    ada.get(&policy).await.assert_sees("Attached to 5");
}

#[actix_web::test]
async fn everything_that_is_wrong_with_a_policy_is_said_at_once_and_where() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    declare(&ada, "contract", "read, sign").await;
    create_policy(&ada, "Readers", ("contract", &["read"], "*")).await;
    ada.get("/policies/new").await;
    let wrong = [
        ("name", "readers"),
        ("rule-0-type", "contract"),
        ("rule-0-ids", "*"),
        ("rule-1-type", ""),
        ("rule-1-ids", ""),
        ("rule-2-type", "contract"),
        ("rule-2-action", "fly"),
        ("rule-2-ids", "7"),
        ("do", "save"),
    ];
    let page = send(&ada, "Create Policy", &["name", "rule-0-ids"], &wrong).await.assert_status(422);
    let places = ["#name", "#rule-0-actions", "#rule-1-type", "#rule-1-ids", "#rule-2-actions"];
    assert_eq!(page.attributes("[data-errors] a", "href"), places);
    for place in places {
        assert!(page.attribute(place, "aria-describedby").is_some_and(|text| text.contains("error")), "{place}");
    }
    assert_eq!(page.all("#rule-2-actions-error"), ["\"fly\" is no action of contract."]);
    let json =
        r#"[{"resource_type":"","actions":[],"resource_ids":["7"]},{"resource_type":"invoice","actions":["read"],"resource_ids":[]}]"#;
    send(&ada, "Create Policy", &[], &[("do", "advanced")]).await;
    let page = ada.submit("Create Policy", &[("json", json), ("do", "save")]).await.assert_status(422);
    assert_eq!(page.all("#json-error p").len(), 3, "{}", page.text());
    assert_eq!(page.all("textarea[name=json]"), [json]);
    assert_eq!(app.count("SELECT count(*) FROM policies"), 1);
}

#[actix_web::test]
async fn a_button_of_the_editor_leads_on_to_what_it_made() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    declare(&ada, "contract", "read, sign").await;
    declare(&ada, "invoice", "read, pay").await;
    ada.get("/policies/new").await;
    let focus = |page: &Page| page.attributes("[autofocus]", "id");
    let rule = [("rule-0-type", "contract"), ("rule-0-action", "read"), ("rule-0-action", "sign")];
    let page = send(&ada, "Create Policy", &[], &[&rule[..], &[("do", "add")]].concat()).await;
    assert_eq!(focus(&page), ["rule-1-type"]);
    // A newly chosen type brings its own actions. Actions that both types have stay ticked.
    let with = [("rule-0-type", "invoice"), ("rule-1-type", "*"), ("do", "refresh-0")];
    let page = send(&ada, "Create Policy", &[], &with).await;
    assert_eq!(focus(&page), ["rule-0-actions"]);
    assert_eq!(page.attributes("input[name=rule-0-action]", "value"), ["*", "read", "pay"]);
    assert_eq!(page.attributes("input[name=rule-0-action][checked]", "value"), ["read"]);
    let with = [("rule-0-type", "invoice"), ("rule-1-type", "*"), ("do", "remove-0")];
    let page = send(&ada, "Create Policy", &[], &with).await;
    assert_eq!(focus(&page), ["rule-0-type"]);
    assert_eq!(page.attributes("select option[selected]", "value"), ["*"]);
    let page = send(&ada, "Create Policy", &[], &[("rule-0-type", "*"), ("do", "advanced")]).await;
    assert_eq!(focus(&page), ["json"]);
}

#[actix_web::test]
async fn an_id_with_a_comma_is_one_id_in_every_editor() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    declare(&ada, "folder", "read").await;
    ada.get("/policies/new").await;
    send(&ada, "Create Policy", &["name"], &[("name", "Folders"), ("do", "advanced")]).await;
    let json = r#"[{"resource_type":"folder","actions":["read"],"resource_ids":["ou=legal,dc=example"]}]"#;
    let page = ada.submit("Create Policy", &[("json", json), ("do", "rows")]).await;
    page.assert_sees("reads a comma as the end of an id");
    ada.submit("Create Policy", &[("do", "save")]).await.assert_sees("is there");
    // The policy's page opens the JSON editor, because only that can show these ids.
    let page = ada.get(&path_of(&ada, "/policies", "Folders").await).await;
    assert!(page.all("textarea[name=json]")[0].contains("ou=legal,dc=example"));
    ada.submit("Save policy", &[("description", "Of lawyers."), ("do", "save")])
        .await
        .assert_sees("is saved");
    let rules = app.text("SELECT CAST(rules AS text) FROM policies");
    assert!(rules.contains("\"ou=legal,dc=example\""), "{rules}");
}

#[actix_web::test]
async fn what_a_role_allows_is_told_in_short_and_the_administrator_in_words() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    create_role(&ada, "Desk", &["user:read:*", "user:invite:*", "audit:read:*"]).await;
    ada.get("/roles").await.assert_sees("People: see, invite Audit log: see");
    let administrator = path_of(&ada, "/roles", "Administrator").await;
    ada.get(&administrator)
        .await
        .assert_sees("Everything May do everything *:*:*")
        .assert_misses("Besides");
    // A copy of Administrator begins with every permission ticked, and can be saved.
    let page = ada.get(&format!("/roles/new?from={}", id(&administrator))).await;
    let all = page.attributes("input[name=permission]", "value");
    assert_eq!(page.attributes("input[name=permission][checked]", "value"), all);
    assert!(!all.contains(&"*:*:*".to_owned()));
    ada.submit("Create Role", &[("name", "Deputy")]).await.assert_sees("is there");
}

#[actix_web::test]
async fn what_is_refused_is_summed_up_above_every_form() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    for (list, button, places) in [
        ("/settings/permissions", "Declare Permission", &["#permission", "#description"][..]),
        ("/settings/resource-types", "Declare Resource Type", &["#name", "#description", "#actions"]),
        ("/roles/new", "Create Role", &["#name", "#permissions"]),
    ] {
        ada.get(list).await;
        let page = ada.submit(button, &[]).await.assert_status(422);
        assert_eq!(page.attributes("[data-errors] a", "href"), places, "{list}");
        assert_eq!(page.all("[data-errors] h2"), ["Nothing is saved yet"]);
    }
}

#[actix_web::test]
async fn a_preview_names_what_is_given_and_taken_first() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    ada.welcome("Grace", "Viewer").await;
    let team = ada.create_team("Engineering").await;
    let path = format!("/users/{}/roles", ada.member("Grace").await);
    ada.get(&path).await;
    let page = send(&ada, "Preview", &[], &[("team", &id(&team)), ("do", "preview")]).await;
    assert_eq!(page.all(".preview h2"), ["What this would change"]);
    assert_eq!(page.all(".preview li"), ["team Engineering"]);
    assert_eq!(page.attributes(".preview li", "data-sign"), ["+"]);
    let page = page.assert_sees("What they may do stays the same.");
    assert!(page.body.find("preview-title") < page.body.find("id=\"roles\""), "it stands first");
    ada.get(&path).await;
    let page = send(&ada, "Preview", &[], &[("do", "preview")]).await;
    assert_eq!(page.all(".preview h2"), ["Nothing would change"]);
}
