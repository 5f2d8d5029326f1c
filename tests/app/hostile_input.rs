//! Hostile input: none of it breaks anything, and all of it is shown as text.

use crate::harness::{GOOD, Page, Person, TestApp};

/// Texts that broke other programs.
fn nasty() -> Vec<String> {
    let random: String = (0..9_000_u32)
        .map(|n| char::from_u32(0x4e00 + n.wrapping_mul(2_654_435_761) % 20_000).unwrap())
        .collect();
    [
        "\0",
        "a\0b@example.org",
        "' OR 1=1 --",
        "ada@example.org'; DROP TABLE users; --",
        "%",
        "_",
        "\\",
        "\"",
        "{{7*7}}",
        "${7*7}",
        "\u{202e}gro.elpmaxe@ada",
        "\u{200b}",
        "\u{fffd}\u{10ffff}",
        "a\r\nBcc: eve@example.org",
        "../../../../etc/passwd",
        "NaN",
        "-1",
        "9223372036854775808",
    ]
    .into_iter()
    .map(str::to_owned)
    .chain([random, "x".repeat(100_000)])
    .collect()
}

/// Markup that would run if it was not escaped.
const SCRIPTS: [&str; 5] = [
    "<script>alert(1)</script>",
    "\"><img src=x onerror=alert(1)>",
    "'><svg onload=alert(1)>",
    "</textarea><script>alert(1)</script>",
    "</title><script>alert(1)</script>",
];

#[track_caller]
fn assert_inert(page: &Page) {
    assert!(page.all("script:not([src])").is_empty(), "a script of theirs at {}", page.path);
    for css in ["img[src=x]", "[onerror]", "[onload]", "svg[onload]", "a[href^=javascript]"] {
        assert_eq!(page.attribute(css, "class").or(page.attribute(css, "src")), None, "{css} at {}", page.path);
        assert!(page.all(css).is_empty(), "{css} at {}", page.path);
    }
}

#[track_caller]
fn assert_refused(page: &Page, typed: &str) {
    let typed: String = typed.chars().take(40).collect();
    assert!(matches!(page.status, 400 | 413 | 422 | 429), "{typed:?} was answered with {}", page.status);
}

#[actix_web::test]
async fn no_name_breaks_the_sign_in() {
    let app = TestApp::start().await;
    app.administrator("Ada").await;
    let eve = app.visitor();
    for name in nasty() {
        eve.get("/sign-in").await;
        let answer = eve.submit("Sign in", &[("name", &name), ("password", GOOD)]).await;
        assert_refused(&answer, &name);
        eve.get("/sign-in").await;
        assert_refused(&eve.submit("Sign in", &[("name", "ada@example.org"), ("password", &name)]).await, &name);
    }
}

#[actix_web::test]
async fn no_address_breaks_the_forgotten_password() {
    let app = TestApp::start().await;
    app.administrator("Ada").await;
    for (at, typed) in nasty().into_iter().enumerate() {
        let eve = app.visitor().at_address(&format!("198.51.100.{at}"));
        eve.get("/password/forgotten").await;
        let answer = eve.submit("Send the link", &[("email", &typed)]).await;
        assert!(matches!(answer.status, 200 | 400 | 413 | 422), "{}", answer.status);
    }
    assert_eq!(app.count("SELECT count(*) FROM outbox"), 0);
}

#[actix_web::test]
async fn no_search_breaks_the_directory() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    for typed in nasty() {
        let typed: String = typed.chars().take(2_000).collect();
        for name in [
            "q", "tab", "sort", "role", "team", "policy", "provider", "seen", "per", "after", "before", "page",
        ] {
            let query = serde_html_form::to_string([(name, &typed)]).expect("a query");
            let page = ada.get(&format!("/users?{query}")).await;
            assert!(matches!(page.status, 200 | 400 | 404), "{name}={typed:?}: {}", page.status);
        }
        let query = serde_html_form::to_string([("before", &typed)]).expect("a query");
        let id = ada.member("Ada").await;
        ada.get(&format!("/users/{id}/activity?{query}")).await.assert_status(200);
    }
}

#[actix_web::test]
async fn no_invitation_breaks_anything() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    let may_be_told = |page: &Page| assert!(matches!(page.status, 200 | 400 | 413 | 422), "{}", page.status);
    for typed in nasty() {
        ada.get("/invitations/new").await;
        may_be_told(&ada.submit("Send invitations", &[("addresses", &typed)]).await);
        ada.get("/invitations/new").await;
        may_be_told(&ada.submit("Send invitations", &[("addresses", "new@example.org"), ("message", &typed)]).await);
        ada.get("/invitations/new").await;
        let with_name = format!("{} <named@example.org>", typed.chars().take(500).collect::<String>());
        may_be_told(&ada.submit("Send invitations", &[("addresses", &with_name)]).await);
        ada.get("/invitations/new").await;
        may_be_told(&ada.submit("Send invitations", &[("addresses", "new@example.org"), ("role", &typed)]).await);
    }
}

#[actix_web::test]
async fn a_name_given_with_an_address_holds_nothing_that_cannot_be_seen() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    ada.invite("Grace\u{202e}reppoH\u{200b} <grace@example.org>", "Viewer").await;
    let page = ada.get("/users").await.assert_sees("grace@example.org");
    assert!(!page.body.contains('\u{202e}') && !page.body.contains('\u{200b}'));
}

#[actix_web::test]
async fn no_reason_and_no_name_breaks_a_form() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    ada.welcome("Grace", "Viewer").await;
    let id = ada.member("Grace").await;
    for typed in nasty() {
        ada.get(&format!("/users/{id}/disablement")).await;
        let answer = ada.submit("Disable", &[("reason", &typed), ("back", &typed)]).await;
        assert!(matches!(answer.status, 200 | 400 | 413 | 422), "{}", answer.status);
        if answer.status == 200 {
            ada.get(&format!("/users/{id}")).await;
            ada.submit("Enable", &[]).await.assert_status(200);
        }
    }
    ada.invite("kay@example.org", "Viewer").await;
    let link = app.inbox("kay@example.org").link();
    for typed in nasty().iter().filter(|typed| typed.contains('\0') || typed.len() > 300) {
        let kay = app.visitor();
        kay.get(&link).await;
        assert_refused(&kay.submit("Join", &[("name", typed), ("password", GOOD)]).await, typed);
    }
}

#[actix_web::test]
async fn the_same_choice_twice_is_one_choice() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    ada.get("/invitations/new").await;
    let role = ada.role("Viewer");
    let (action, mut fields) = ada.page().form("Send invitations");
    fields.retain(|(name, _)| name != "addresses" && name != "role");
    for (name, value) in [("addresses", "grace@example.org"), ("role", &role), ("role", &role)] {
        fields.push((name.to_owned(), value.to_owned()));
    }
    ada.post_raw(&action, &fields).await.assert_sees("1 invited");
}

#[actix_web::test]
async fn markup_in_names_messages_and_reasons_is_text_on_every_page_and_in_every_letter() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    for (at, script) in SCRIPTS.iter().enumerate() {
        let email = format!("grace{at}@example.org");
        ada.get("/invitations/new").await;
        let role = ada.role("Viewer");
        let sent = ada
            .submit(
                "Send invitations",
                &[("addresses", &format!("{script}\n{email}")), ("role", &role), ("message", script)],
            )
            .await
            .assert_sees(&format!("Invited {email} A letter with a link"));
        assert_inert(&sent);
        let letter = app.inbox(&email);
        assert!(!letter.html.contains(script), "{}", letter.html);
        let grace = app.visitor();
        assert_inert(&grace.get(&letter.link()).await);
        let joined = grace.submit("Join", &[("name", script), ("password", GOOD)]).await.assert_status(200);
        assert_inert(&joined);
        let id = &ada.get(&format!("/users?q={email}")).await.members()[0];
        assert_inert(&ada.page());
        assert_inert(&ada.get(&format!("/users/{id}/disablement")).await);
        assert_inert(&ada.submit("Disable", &[("reason", script)]).await.assert_status(200));
        for page in ["", "/activity"] {
            assert_inert(&ada.get(&format!("/users/{id}{page}")).await);
        }
        assert_inert(&ada.get("/users?tab=disabled").await);
    }
}

#[actix_web::test]
async fn no_name_of_a_token_breaks_anything_or_shows_as_anything_but_text() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    let machine = app.machine(ada.organization(), "deploy", "CI/CD");
    let base = format!("/o/{}/system-accounts/{machine}/tokens", ada.organization());
    for typed in nasty() {
        let answer = ada.try_token(&base, &typed, &[]).await;
        assert!(matches!(answer.status, 200 | 400 | 413 | 422), "{typed:?}: {}", answer.status);
    }
    for refused in ["x".repeat(200), "\u{202e}yolped".into(), "nightly\u{200b}".into()] {
        assert_refused(&ada.try_token(&base, &refused, &[]).await, &refused);
    }
    let formula = "=cmd|' /C calc'!A0";
    let odd = [formula, "🚀 👩‍🚀 🔥", "مفتاح", "“{what}” of {}", "@SUM(1+1)*cmd"];
    for name in SCRIPTS.into_iter().chain(odd) {
        let text = ada.make_token(&base, name, &[("expiry", "60")]).await;
        assert_inert(&ada.page());
        let me = app.program().bearer(&text).me().await.json();
        assert_eq!(me["credential"]["name"], name);
        let row = ada.get(&base).await;
        assert_inert(&row);
        let ids = row.attributes("tbody tr", "id");
        let id = ids.first().expect("the newest").trim_start_matches("token-");
        for page in ["", "/regeneration", "/revocation"] {
            assert_inert(&ada.get(&format!("{base}/{id}{page}")).await.assert_status(200));
        }
        assert_inert(&ada.get("/audit").await.assert_sees("created the token"));
    }
    let csv = ada.get("/audit/export?format=csv").await.assert_status(200).body;
    for line in csv.lines() {
        for cell in line.split(',') {
            let cell = cell.trim_start_matches('"');
            assert!(!cell.starts_with(['=', '@', '+']), "{line}");
        }
    }
    app.wait(chrono::TimeDelta::days(31));
    app.warn();
    let letter = app.inbox("ada@example.org");
    assert!(letter.text.contains(formula));
    for script in SCRIPTS {
        assert!(!letter.html.contains(script), "{}", letter.html);
    }
}

#[actix_web::test]
async fn markup_in_addresses_and_searches_is_text() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    let eve = app.visitor();
    for script in SCRIPTS {
        let query = serde_html_form::to_string([("q", script), ("next", script), ("after", script)]).expect("a query");
        let escaped = serde_html_form::to_string([("", script)]).expect("a path");
        assert_inert(&ada.get(&format!("/users?{query}")).await);
        assert_inert(&eve.get(&format!("/sign-in?{query}")).await);
        assert_inert(&eve.submit("Sign in", &[("name", script), ("password", GOOD)]).await);
        assert_inert(&eve.get(&format!("/{}", &escaped[1..])).await.assert_status(404));
        eve.get("/password/forgotten").await;
        assert_inert(&eve.submit("Send the link", &[("email", script)]).await);
    }
}

#[actix_web::test]
async fn agents_are_text_too() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    let odd: Person = app.visitor().with_header("user-agent", SCRIPTS[0]);
    odd.sign_in("ada@example.org", GOOD).await.assert_status(200);
    let id = ada.member("Ada").await;
    assert_inert(&ada.get(&format!("/users/{id}/activity")).await.assert_status(200));
}
