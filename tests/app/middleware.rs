//! HTTP headers of every answer, and requests that are refused early.

use crate::harness::{GOOD, Page, TestApp};
use actix_web::http::Method;

#[track_caller]
fn header(page: &Page, name: &str) -> String {
    let value = page.headers.get(name).unwrap_or_else(|| panic!("no {name} at {}", page.path));
    value.to_str().expect("plain text").to_owned()
}

#[track_caller]
fn assert_dressed(page: &Page) {
    let policy = header(page, "content-security-policy");
    for part in [
        "default-src 'none'",
        "object-src 'none'",
        "base-uri 'none'",
        "form-action 'self'",
        "frame-ancestors 'none'",
    ] {
        assert!(policy.contains(part), "{part} at {}", page.path);
    }
    assert!(!policy.contains("unsafe") && !policy.contains('*') && !policy.contains("http"), "{policy}");
    let age: u64 = header(page, "strict-transport-security")
        .split([';', '='])
        .find_map(|part| part.trim().parse().ok())
        .expect("an age");
    assert!(age >= 31_536_000 && header(page, "strict-transport-security").contains("includeSubDomains"));
    assert_eq!(header(page, "x-content-type-options"), "nosniff");
    assert_eq!(header(page, "referrer-policy"), "no-referrer");
    assert_eq!(header(page, "cross-origin-opener-policy"), "same-origin");
    assert_eq!(header(page, "cross-origin-resource-policy"), "same-origin");
    for silent in ["server", "x-powered-by", "access-control-allow-origin"] {
        assert!(!page.headers.contains_key(silent), "{silent} at {}", page.path);
    }
}

#[actix_web::test]
async fn every_kind_of_answer_carries_the_same_guard() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    let viewer = ada.welcome("Grace", "Viewer").await;
    let eve = app.visitor();
    let users = format!("/o/{}/users", ada.organization());
    let form = "name=a&password=b".to_owned();
    let answers = [
        (200, ada.request(Method::GET, &users, None).await),
        (200, eve.request(Method::GET, "/sign-in", None).await),
        (200, eve.request(Method::GET, "/health", None).await),
        (303, eve.request(Method::GET, &users, None).await),
        (303, eve.request(Method::GET, "/", None).await),
        (404, eve.request(Method::GET, "/nothing/here", None).await),
        (404, ada.request(Method::GET, "/o/nonsense/users", None).await),
        (405, eve.request(Method::DELETE, "/sign-in", None).await),
        (405, eve.request(Method::from_bytes(b"BREW").unwrap(), "/sign-in", None).await),
        (405, eve.request(Method::TRACE, "/sign-in", None).await),
        (403, eve.request(Method::POST, "/sign-in", Some(form.clone())).await),
        (403, viewer.request(Method::GET, &format!("/o/{}/invitations/new", ada.organization()), None).await),
        (410, eve.request(Method::GET, "/invitation", None).await),
        (413, eve.request(Method::POST, "/sign-in", Some("x".repeat(300_000))).await),
        (421, eve.request_with(Method::GET, "/sign-in", &[("host", "evil.example")], None).await),
    ];
    for (status, answer) in answers {
        let answer = answer.assert_status(status);
        assert_dressed(&answer);
        assert_eq!(header(&answer, "cache-control"), "no-store", "at {}", answer.path);
        if status >= 400 {
            assert_eq!(header(&answer, "content-type"), "text/html; charset=utf-8");
            assert!(!answer.all("h1").is_empty(), "a page says what happened at {}", answer.path);
        }
    }
    let style = eve.get("/sign-in").await.attribute("link[rel=stylesheet]", "href").expect("a style");
    let style = eve.request(Method::GET, &style, None).await.assert_status(200);
    assert_dressed(&style);
    assert!(header(&style, "content-type").starts_with("text/css"));
    eve.request(Method::GET, "/static/..%2fCargo.toml", None).await.assert_status(404);
    eve.request(Method::GET, "/static/.%2e/Cargo.toml", None).await.assert_status(404);
}

#[actix_web::test]
async fn failures_inside_an_organization_keep_its_frame() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    let grace = ada.welcome("Grace", "Viewer").await;
    grace.get("/invitations/new").await.assert_status(403).assert_sees("Sign out");
    ada.get("/users/00000000-0000-0000-0000-000000000000")
        .await
        .assert_status(404)
        .assert_sees("Analytical Engines");
}

#[actix_web::test]
async fn what_can_be_read_can_be_asked_for_without_its_body() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    for path in [
        "/sign-in",
        "/password/forgotten",
        "/health",
        "/ready",
        "/favicon.ico",
        "/static/roster.css",
    ] {
        app.visitor().request(Method::HEAD, path, None).await.assert_status(200);
    }
    let users = format!("/o/{}/users", ada.organization());
    ada.request(Method::HEAD, &users, None).await.assert_status(200);
    ada.request(Method::HEAD, "/sign-out", None).await.assert_status(405);
    ada.get("/users").await.assert_sees("User Directory");
}

#[actix_web::test]
async fn only_the_configured_host_is_served() {
    let app = TestApp::start().await;
    let eve = app.visitor();
    for host in [
        "evil.example",
        "roster.example.evil.example",
        "evil.example:443",
        "roster.example:8443",
        "roster.example@evil.example",
        "good:80@evil.example",
        "roster.example@roster.example",
        "roster.example/evil",
        "roster.example?evil",
        "roster.example#evil",
        "",
        "[::1]",
        "127.0.0.1",
    ] {
        let answer = eve.request_with(Method::GET, "/sign-in", &[("host", host)], None).await;
        assert!(matches!(answer.status, 400 | 421), "{host:?}: {}", answer.status);
    }
    let twice = [("host", "roster.example"), ("host", "evil.example")];
    eve.request_with(Method::GET, "/sign-in", &twice, None).await.assert_status(421);
    for host in ["roster.example", "ROSTER.example", "roster.example:443"] {
        eve.request_with(Method::GET, "/sign-in", &[("host", host)], None).await.assert_status(200);
    }
    eve.request(Method::GET, "https://evil.example/sign-in", None).await.assert_status(421);
    eve.request_with(Method::GET, "/health", &[("host", "10.0.0.3")], None).await.assert_status(200);
}

#[actix_web::test]
async fn links_in_letters_and_redirects_never_come_from_a_request() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    for (name, value) in [
        ("x-forwarded-host", "evil.example"),
        ("x-forwarded-proto", "http"),
        ("forwarded", "host=evil.example;proto=http"),
        ("x-original-url", "/evil"),
        ("x-rewrite-url", "/evil"),
        ("x-forwarded-prefix", "/evil"),
        ("x-host", "evil.example"),
        ("remote-user", "ada@example.org"),
        ("x-forwarded-user", "ada@example.org"),
    ] {
        let eve = app.visitor().with_header(name, value);
        eve.get("/password/forgotten").await.assert_status(200).assert_path("/password/forgotten");
        let answer = eve.submit("Send the link", &[("email", "ada@example.org")]).await;
        assert!(!answer.body.contains("evil"), "{name}");
        let answer = eve.request(Method::GET, &format!("/o/{}/users", ada.organization()), None).await.assert_status(303);
        assert!(answer.went[0].starts_with("/sign-in?"), "{name}: {:?}", answer.went);
        assert_dressed(&answer);
        app.wait(chrono::TimeDelta::minutes(30));
    }
    for letter in app.letters("ada@example.org") {
        assert!(letter.link().starts_with("/password/reset/"));
        assert!(!letter.raw.contains("evil"));
    }
}

#[actix_web::test]
async fn after_signing_in_nobody_is_led_off_the_site() {
    let app = TestApp::start().await;
    app.administrator("Ada").await;
    for next in [
        "//evil.example",
        "/\\evil.example",
        "\\/evil.example",
        "https:evil.example",
        "https://evil.example/",
        "/\t/evil.example",
        "/%09/evil.example/../../..//evil.example",
        "javascript:alert(1)",
        "data:text/html,x",
        "http://roster.example@evil.example",
        "/.//evil.example",
        "/x/..//evil.example",
        "/\u{2044}/evil.example",
        "/a\r\nSet-Cookie: x=y",
        "https://roster.example.evil.example/",
        "http://roster.example/",
    ] {
        let person = app.visitor();
        let query = serde_html_form::to_string([("next", next)]).expect("a query");
        person.get(&format!("/sign-in?{query}")).await;
        let fields = person.page().form("Sign in");
        let mut fields: Vec<_> = fields.1.into_iter().filter(|(name, _)| !["name", "password"].contains(&name.as_str())).collect();
        fields.extend([
            ("name".to_owned(), "ada@example.org".to_owned()),
            ("password".to_owned(), GOOD.to_owned()),
        ]);
        let body = serde_html_form::to_string(fields).expect("a form");
        let answer = person.request(Method::POST, "/sign-in", Some(body)).await.assert_status(303);
        let to = &answer.went[0];
        assert!(
            to.starts_with('/') && !to.starts_with("//") && !to.contains(['\\', '\r', '\n', '\t']),
            "{next:?} led to {to:?}"
        );
        let whole = url::Url::parse("https://roster.example").unwrap().join(to).unwrap();
        assert_eq!(whole.host_str(), Some("roster.example"), "{next:?} led to {to:?}");
    }
}

#[actix_web::test]
async fn only_forms_of_ours_are_read() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    ada.get("/users").await;
    let token = ada.page().attribute("input[name=csrf]", "value").expect("a token");
    for kind in ["text/plain", "application/json", "multipart/form-data; boundary=x", ""] {
        let body = Some(format!("csrf={token}"));
        ada.request_with(Method::POST, "/sign-out", &[("content-type", kind)], body)
            .await
            .assert_status(400);
    }
    for body in [
        format!("csrf={token}&extra=1"),
        format!("csrf={token}&_method=GET"),
        format!("csrf={token}&back=a&back=b"),
    ] {
        ada.request(Method::POST, "/sign-out", Some(body)).await.assert_status(400);
    }
    ada.request_with(Method::POST, "/users", &[("x-http-method-override", "DELETE")], Some(format!("csrf={token}")))
        .await
        .assert_status(404);
    ada.get("/users").await.assert_sees("User Directory");
}

#[actix_web::test]
async fn a_dialog_is_told_where_to_go_and_the_notice_waits_there() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    let dialog = [("roster-dialog", "1")];
    ada.get("/teams/new").await;
    let (action, mut fields) = ada.page().form("Create Team");
    let refused = serde_html_form::to_string(&fields).expect("a form");
    ada.request_with(Method::POST, &action, &dialog, Some(refused))
        .await
        .assert_status(422)
        .assert_sees("Type a name");
    fields.retain(|(name, _)| name != "name");
    fields.push(("name".into(), "Platform".into()));
    let body = serde_html_form::to_string(&fields).expect("a form");
    let done = ada.request_with(Method::POST, &action, &dialog, Some(body)).await.assert_status(204);
    assert_eq!(done.body, "");
    ada.get(&header(&done, "location")).await.assert_sees("The team Platform is there");
}
