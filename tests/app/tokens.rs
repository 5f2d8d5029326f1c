//! Tokens of system accounts: created, shown once, narrowed, regenerated, revoked; and what they permit.

use crate::harness::{GOOD, Person, TestApp};
use chrono::TimeDelta;
use roster::{
    kit::MemberId,
    tokens::{PATTERN, TokenText},
};

/// An organization with a system account of the role CI/CD, and the path of its tokens.
async fn app() -> (TestApp, Person, MemberId, String) {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    let id = app.machine(ada.organization(), "deploy", "CI/CD");
    let base = format!("/o/{}/system-accounts/{id}/tokens", ada.organization());
    (app, ada, id, base)
}

/// Replaces the role of the system account.
fn give(app: &TestApp, role: &str) {
    app.execute(&format!(
        "INSERT INTO member_roles (organization_id, member_id, role_id, granted_at) \
         SELECT m.organization_id, m.id, r.id, m.created_at FROM members m JOIN roles r ON r.organization_id = m.organization_id \
         WHERE m.name = 'deploy' AND r.name = '{role}'"
    ));
}

#[actix_web::test]
async fn a_token_is_shown_once_and_says_who_comes_with_it() {
    let (app, ada, id, base) = app().await;
    ada.get(&base).await.assert_sees("No tokens yet");
    let text = ada.make_token(&base, "GitHub Actions", &[]).await;
    let shown = ada.page().assert_sees("Shown only this once").assert_sees("Read-only");
    assert!(shown.body.contains(&format!("Authorization: Bearer {text}")), "a ready curl");
    let me = app.program().bearer(&text).me().await.json();
    assert_eq!(me["organization"]["name"], "Analytical Engines");
    assert_eq!(me["member"]["id"], id.to_string());
    assert_eq!((&me["member"]["kind"], &me["member"]["name"]), (&"system_account".into(), &"deploy".into()));
    assert_eq!((&me["credential"]["kind"], &me["credential"]["name"]), (&"token".into(), &"GitHub Actions".into()));
    assert_eq!(me["credential"]["read_only"], true);
    assert_eq!(me["credential"]["expires_at"], "2026-06-09T09:00:00Z");
    assert_eq!(me["permissions"], serde_json::json!(["team:read:*", "user:read:*"]));
    // The secret is shown nowhere again: not on a page, not in the Audit Log, not in the database.
    let page = ada.get(&base).await.assert_sees("GitHub Actions").assert_sees(&text[..14]).assert_sees("by Ada");
    let trail = ada.get("/audit").await.assert_sees("created the token GitHub Actions of deploy");
    app.flush();
    for place in [page.body, trail.body, app.dump(), app.program().bearer(&text).me().await.0.body] {
        assert!(!place.contains(&text[14..57]), "the secret part");
    }
}

#[test]
fn scanners_find_every_token_by_one_pattern() {
    // The pattern written out, so that the documentation and the code agree.
    assert_eq!(PATTERN, r"\brst_[su]_[0-9A-Za-z]{57}\b");
    let text = TokenText::generate(roster::kit::MemberKind::User);
    let (head, rest) = text.expose().split_at(6);
    assert!(head == "rst_u_" && rest.len() == 57 && rest.chars().all(|c| c.is_ascii_alphanumeric()));
    let page = std::fs::read_to_string("src/api/README.md").expect("the page about the API");
    assert!(page.contains(PATTERN), "the page about the API tells the pattern");
}

#[actix_web::test]
async fn only_the_whole_token_opens_anything() {
    let (app, ada, _, base) = app().await;
    let text = ada.make_token(&base, "one", &[]).await;
    let other = ada.make_token(&base, "two", &[]).await;
    for (wrong, code) in [
        (text[..62].to_owned(), "token-malformed"),
        (format!("{text}A"), "token-malformed"),
        (format!("{}{}", &text[..20], &other[20..]), "token-malformed"),
        (text.to_uppercase(), "token-malformed"),
        (format!("Bearer {text}"), "token-malformed"),
        (String::new(), "token-malformed"),
        (TokenText::generate(roster::kit::MemberKind::SystemAccount).expose().to_owned(), "token-unknown"),
    ] {
        let problem = app.program().bearer(&wrong).me().await.assert_problem(401, code);
        assert!(!problem.to_string().contains(&text[14..57]));
    }
    // Several blanks may precede it (RFC 9110, section 11.4).
    app.program().bearer(&format!(" {text}")).me().await.json();
    app.program().bearer(&text).me().await.json();
    assert_eq!(
        app.program().bearer(&text).bearer(&other).me().await.assert_problem(401, "credential-malformed")["title"],
        "The credential could not be read"
    );
    let address = format!("/api/v1/me?access_token={text}");
    app.program().get(&address).await.assert_problem(400, "token-in-address");
    app.program().bearer(&text).get(&address).await.assert_problem(400, "token-in-address");
    app.program()
        .with("cookie", &format!("token={text}"))
        .me()
        .await
        .assert_problem(401, "credential-missing");
}

#[actix_web::test]
async fn a_token_opens_no_page_and_no_session() {
    let (app, ada, _, base) = app().await;
    let text = ada.make_token(&base, "one", &[("mode", "read_write")]).await;
    let program = app.visitor().with_header("authorization", &format!("Bearer {text}"));
    for path in [
        &base,
        &format!("{base}/new"),
        &format!("/o/{}/users", ada.organization()),
        "/two-step",
    ] {
        let page = program.request(actix_web::http::Method::GET, path, None).await;
        assert!(page.status == 303 && page.went[0].starts_with("/sign-in"), "{path}: {}", page.status);
    }
    let eve = app.visitor();
    eve.sign_in("deploy", &text).await.assert_status(422);
    eve.sign_in("ada@example.org", &text).await.assert_status(422);
}

#[actix_web::test]
async fn a_token_may_what_it_is_narrowed_to_of_what_its_member_may_now() {
    let (app, ada, id, base) = app().await;
    app.role(ada.organization(), "Deployer", &["contract_data:read:*", "contract_data:manage:*", "user:manage:*"]);
    let give = |role: &str| give(&app, role);
    give("Deployer");
    let all = ada.make_token(&base, "all", &[("mode", "read_write")]).await;
    let reads = ada.make_token(&base, "reads", &[("mode", "read")]).await;
    let narrow = [
        ("mode", "read_write"),
        ("width", "narrow"),
        ("permission", "contract_data:manage:*"),
        ("permission", "team:read:*"),
    ];
    let narrow = ada.make_token(&base, "narrow", &narrow).await;
    let narrow_reads = [("mode", "read"), ("width", "narrow"), ("permission", "contract_data:manage:*")];
    let narrow_reads = ada.make_token(&base, "narrow reads", &narrow_reads).await;
    let may = async |token: &str| app.program().bearer(token).me().await.permissions();
    assert_eq!(
        may(&all).await,
        [
            "contract_data:manage:*",
            "contract_data:read:*",
            "team:read:*",
            "user:manage:*",
            "user:read:*"
        ]
    );
    assert_eq!(may(&reads).await, ["contract_data:read:*", "team:read:*", "user:read:*"]);
    assert_eq!(may(&narrow).await, ["contract_data:manage:*", "team:read:*"]);
    assert_eq!(may(&narrow_reads).await, ["contract_data:read:*"]);
    // A permission that its member loses is lost at the next request, in every process. A permission that its member
    // gains is not gained by a narrow token.
    let other = app.another().await;
    app.execute("DELETE FROM member_roles WHERE role_id = (SELECT id FROM roles WHERE name = 'Deployer')");
    assert_eq!(other.program().bearer(&all).me().await.permissions(), ["team:read:*", "user:read:*"]);
    assert_eq!(may(&narrow).await, ["team:read:*"]);
    assert_eq!(may(&narrow_reads).await, [""; 0]);
    give("Administrator");
    assert_eq!(may(&all).await, ["*:*:*", "team:read:*", "user:read:*"]);
    assert_eq!(may(&reads).await, ["*:read:*"]);
    assert_eq!(may(&narrow).await, ["contract_data:manage:*", "team:read:*"]);
    // The statement that authenticates finds the same permissions as everything else.
    let held = app
        .db
        .read_here(|conn| roster::authorization::permissions(conn, ada.organization(), id, app.clock.now()))
        .expect("permissions");
    assert_eq!(may(&all).await, held.iter().map(ToString::to_string).collect::<Vec<_>>());
}

#[actix_web::test]
async fn nobody_makes_a_token_wider_than_what_they_may_do() {
    let (app, ada, _, base) = app().await;
    app.role(ada.organization(), "Keeper", &["user:read:*", "team:read:*", "system_account:manage:*"]);
    app.role(ada.organization(), "Deployer", &["contract_data:read:*"]);
    give(&app, "Deployer");
    let grace = ada.welcome("Grace", "Keeper").await;
    let page = grace
        .get(&format!("{base}/new"))
        .await
        .assert_sees("contract_data:read:* is missing among your permissions");
    assert_eq!(
        page.attributes("input[name=permission]", "value"),
        ["team:read:*", "user:read:*", "user:read:team"],
        "what both may"
    );
    let refused = grace.try_token(&base, "wide", &[("width", "all")]).await.assert_status(422);
    refused
        .assert_sees("This token would allow contract_data:read:*, which you may not do yourself")
        .assert_misses("Shown only this once");
    let forged = [("width", "narrow"), ("permission", "contract_data:read:*")];
    grace
        .try_token(&base, "forged", &forged)
        .await
        .assert_status(422)
        .assert_sees("contract_data:read:*");
    let wild = [("width", "narrow"), ("permission", "*:*:*")];
    grace.try_token(&base, "wild", &wild).await.assert_status(422);
    let text = grace.make_token(&base, "narrow", &[("width", "narrow"), ("permission", "user:read:*")]).await;
    assert_eq!(app.program().bearer(&text).me().await.permissions(), ["user:read:*"]);
    // Nor can she regenerate a wide token.
    ada.make_token(&base, "wide", &[]).await;
    let page = grace.get(&base).await;
    let place = page.attribute("a[aria-label='Regenerate wide']", "href").expect("a link");
    grace.get(&place).await.assert_status(200);
    grace
        .submit("Make a new value", &[("expiry", "same")])
        .await
        .assert_status(422)
        .assert_sees("This token may do whatever its account may do later");
    // And nobody can create a token that permits more than its member holds.
    let beyond = [("width", "narrow"), ("permission", "audit:read:*")];
    ada.try_token(&base, "beyond", &beyond)
        .await
        .assert_status(422)
        .assert_sees("audit:read:* is not among the permissions");
    assert_eq!(app.count("SELECT count(*) FROM tokens"), 2);
}

#[actix_web::test]
async fn what_is_wrong_with_a_token_to_be_made_is_said_and_nothing_typed_is_lost() {
    let (app, ada, _, base) = app().await;
    ada.make_token(&base, "Nightly build", &[]).await;
    let long = "x".repeat(61);
    for (fields, says) in [
        (&[("name", "")][..], "Type what it is for"),
        (&[("name", &long)], "At most 60 characters"),
        (&[("name", "NIGHTLY BUILD")], "Another token already has this name."),
        (&[("expiry", "0")], "Choose how long"),
        (&[("expiry", "-1")], "Choose how long"),
        (&[("expiry", "99999999999999999999")], "Choose how long"),
        (&[("expiry", "date"), ("date", "2026-03-10")], "Choose a day from today on"),
        (&[("expiry", "date"), ("date", "9999-12-31")], "Choose a day from today on"),
        (&[("expiry", "date"), ("date", "soon")], "Choose a day from today on"),
        (&[("width", "narrow")], "Choose at least one permission."),
        (&[("width", "narrow"), ("permission", "nonsense")], "Choose at least one permission."),
        (&[("addresses", "10.0.0.0/8\nten")], "“ten” is neither an address nor a network"),
    ] {
        let (names, others): (Vec<_>, Vec<_>) = fields.iter().copied().partition(|(name, _)| *name == "name");
        let name = names.first().map_or("Kept", |(_, name)| *name);
        let page = ada.try_token(&base, name, &others).await.assert_status(422).assert_sees(says);
        assert_eq!(page.attribute("#name", "value").as_deref(), Some(name));
    }
    // The last day counts in full.
    ada.make_token(&base, "today", &[("expiry", "date"), ("date", "2026-03-11")]).await;
    assert_eq!(app.count("SELECT count(*) FROM tokens"), 2);
}

#[actix_web::test]
async fn an_organization_limits_the_life_of_its_tokens() {
    let (app, ada, _, base) = app().await;
    ada.make_token(&base, "endless", &[("expiry", "never")]).await;
    ada.get("/settings").await;
    ada.submit("Save the settings", &[("token_days_max", "4000")])
        .await
        .assert_status(422)
        .assert_sees("from 1 to 3650");
    let saved = ada.submit("Save the settings", &[("token_days_max", "30")]).await;
    saved.assert_sees("One token that was made before lives longer");
    let page = ada.get(&format!("{base}/new")).await.assert_sees("30 days at most");
    assert_eq!(page.attributes("option", "value"), ["7", "30", "date"]);
    for refused in [
        &[("expiry", "never")][..],
        &[("expiry", "90")],
        &[("expiry", "date"), ("date", "2026-04-11")],
    ] {
        ada.try_token(&base, "long", refused).await.assert_status(422);
    }
    let text = ada.make_token(&base, "short", &[("expiry", "30")]).await;
    // A new value begins a new life, so the endless token cannot stay endless.
    let place = ada.get(&base).await.attribute("a[aria-label='Regenerate endless']", "href").expect("a link");
    ada.get(&place).await;
    ada.submit("Make a new value", &[("expiry", "same")])
        .await
        .assert_status(422)
        .assert_sees("30 days at most");
    ada.submit("Make a new value", &[("expiry", "7")]).await.assert_status(200);
    app.wait(TimeDelta::days(30));
    let problem = app.program().bearer(&text).me().await.assert_problem(401, "token-expired");
    assert_eq!(problem["detail"], "It ended on 10 Apr 2026, 09:00 UTC.");
    ada.sign_in("ada@example.org", GOOD).await;
    ada.get(&base).await.assert_sees("Create a token").assert_sees("Ended tokens");
}
