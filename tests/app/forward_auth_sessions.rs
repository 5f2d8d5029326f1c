//! Forward-auth for people in browsers: the cookie of applications, and how a browser gets it.

use crate::{
    forward_auth::{COOKIE, app, assert_let_in, cookie, header, path, proxy},
    harness::{GOOD, TestApp},
};
use chrono::TimeDelta;

#[actix_web::test]
async fn a_browser_is_sent_to_sign_in_and_back() {
    let (app, ada, _) = app().await;
    let grace = ada.welcome("Grace", "User").await;
    let organization = ada.organization();
    let target = format!(
        "https://roster.example/sign-in/application?organization={organization}&next=https%3A%2F%2Fapp.roster.example%2Fa%3Fb%3Dc%26d%3D%2520e"
    );
    let answer = proxy(&app).get(&path(&ada, "&redirect=1")).await;
    answer.assert_problem(401, "credential-missing");
    assert_eq!(header(&answer.0, "location"), target);
    let answer = proxy(&app).get(&path(&ada, "&redirect=303")).await;
    assert_eq!((answer.0.status, answer.0.went.last()), (303, Some(&target)));
    // Signed out, they sign in first; the page leads on and brings the cookie.
    grace.sign_out().await;
    let place = target.strip_prefix("https://roster.example").expect("a path");
    grace.get(place).await.assert_sees("Sign in");
    let page = grace.submit("Sign in", &[("name", "grace@example.org"), ("password", GOOD)]).await;
    let page = page.assert_status(200).assert_sees("Go to app.roster.example");
    assert_eq!(header(&page, "refresh"), "0; url=https://app.roster.example/a?b=c&d=%20e");
    let set: Vec<String> = page
        .headers
        .get_all("set-cookie")
        .filter_map(|value| value.to_str().ok().map(str::to_owned))
        .collect();
    let set = set.iter().find(|text| text.starts_with(COOKIE)).expect("the cookie");
    for part in ["; HttpOnly", "; Secure", "; SameSite=Lax", "; Path=/", "; Domain=roster.example"] {
        assert!(set.contains(part), "{part}: {set}");
    }
    assert!(!set.contains("Max-Age") && !set.contains("Expires"), "{set}");
    let value = grace.cookie(COOKIE).expect("a cookie");
    let with_cookie = proxy(&app).with("cookie", &format!("a=1; {COOKIE}={value}; b=2"));
    let answer = with_cookie.get(&path(&ada, "&permission=user:read:*&redirect=1")).await;
    assert_let_in(&answer, [&ada.member("Grace").await, "Grace", "user", "User", &organization.to_string()]);
    with_cookie
        .get(&path(&ada, "&permission=user:manage:*&redirect=1"))
        .await
        .assert_problem(403, "permission-missing");
    // The request's own credential counts alone.
    let both = with_cookie.clone().bearer("rst_s_nothing");
    both.get(&path(&ada, "")).await.assert_problem(401, "token-malformed");
    // The end of the session is the end of the cookie.
    grace.get("/users").await;
    grace.sign_out().await;
    with_cookie.get(&path(&ada, "")).await.assert_problem(401, "credential-missing");
}

#[actix_web::test]
async fn what_ends_a_session_ends_it_for_applications() {
    let (app, ada, _) = app().await;
    let grace = ada.welcome("Grace", "User").await;
    let value = cookie(&grace).await;
    let with_cookie = proxy(&app).with("cookie", &format!("{COOKIE}={value}"));
    let status = async || with_cookie.get(&path(&ada, "")).await.0.status;
    assert_eq!(status().await, 200);
    // Applications do not keep the session alive.
    for _ in 0..8 {
        app.wait(TimeDelta::minutes(59));
        assert_eq!(status().await, 200);
    }
    app.wait(TimeDelta::minutes(59));
    assert_eq!(status().await, 401);
    let grace = app.visitor();
    grace.sign_in("grace@example.org", GOOD).await;
    let value = cookie(&grace).await;
    let with_cookie = proxy(&app).with("cookie", &format!("{COOKIE}={value}"));
    assert_eq!(with_cookie.get(&path(&ada, "")).await.0.status, 200);
    let ada = app.visitor();
    ada.sign_in("ada@example.org", GOOD).await;
    ada.disable("Grace").await.assert_status(200);
    assert_ne!(with_cookie.get(&path(&ada, "")).await.0.status, 200);
}

#[actix_web::test]
async fn the_cookie_counts_only_where_a_trusted_proxy_names_the_application() {
    let (app, ada, _) = app().await;
    let value = cookie(&ada).await;
    let sent = format!("{COOKIE}={value}");
    let good = proxy(&app).with("cookie", &sent);
    assert_eq!(good.get(&path(&ada, "")).await.0.status, 200);
    // Another peer says the same.
    let forged = good.clone().at_address("203.0.113.7");
    let answer = forged.get(&path(&ada, "&redirect=1")).await;
    answer.assert_problem(401, "credential-missing");
    assert!(!answer.0.headers.contains_key("location"));
    let named = |name: &str, value: &str| {
        let all = [
            ("x-forwarded-proto", "https"),
            ("x-forwarded-host", "app.roster.example"),
            ("x-forwarded-uri", "/a"),
        ];
        let program = app.program().at_address("10.0.0.1").with("cookie", &sent).with("accept", "text/html");
        all.iter()
            .map(|(known, usual)| (*known, if *known == name { value } else { usual }))
            .filter(|(_, value)| !value.is_empty())
            .fold(program, |program, (name, value)| program.with(name, value))
    };
    for (name, value) in [
        ("x-forwarded-host", ""),
        ("x-forwarded-host", "evil.example"),
        ("x-forwarded-host", "other.roster.example"),
        ("x-forwarded-host", "app.roster.example.evil.example"),
        ("x-forwarded-host", "app.roster.example@evil.example"),
        ("x-forwarded-host", "app.roster.example, evil.example"),
        ("x-forwarded-host", "app.roster.example/evil"),
        ("x-forwarded-host", "app.roster.example:8443"),
        ("x-forwarded-host", "wiki.roster.example"),
        ("x-forwarded-proto", ""),
        ("x-forwarded-proto", "http"),
        ("x-forwarded-proto", "javascript"),
    ] {
        let answer = named(name, value).get(&path(&ada, "&redirect=1")).await;
        answer.assert_problem(401, "credential-missing");
        assert!(!answer.0.headers.contains_key("location"), "{name}: {value}");
    }
    let twice = good.clone().with("x-forwarded-host", "evil.example");
    twice.get(&path(&ada, "")).await.assert_problem(401, "credential-missing");
    // A path that cannot be read does not lead elsewhere.
    for uri in ["//evil.example", "https://evil.example/", "\\evil", "@evil.example", "/x\u{e9}", ""] {
        let program = named("x-forwarded-uri", uri);
        assert_eq!(program.get(&path(&ada, "")).await.0.status, 200, "{uri}");
    }
    assert_eq!(named("x-forwarded-host", "wiki.roster.example:8443").get(&path(&ada, "")).await.0.status, 200);
}

#[actix_web::test]
async fn a_forged_or_doubled_cookie_is_none() {
    let (app, ada, _) = app().await;
    let grace = ada.welcome("Grace", "User").await;
    let (value, hers) = (cookie(&ada).await, cookie(&grace).await);
    let (id, tag) = value.split_once('.').expect("a tag");
    let (other, _) = hers.split_once('.').expect("a tag");
    let session = ada.cookie("__Host-roster-session").expect("a session");
    for sent in [
        format!("{COOKIE}="),
        format!("{COOKIE}={id}"),
        format!("{COOKIE}={id}."),
        format!("{COOKIE}={other}.{tag}"),
        format!("{COOKIE}={id}.{}", tag.to_lowercase()),
        format!("{COOKIE}={session}"),
        format!("__Host-roster-session={session}"),
        format!("roster-apps={value}"),
        format!("{COOKIE}={value}; {COOKIE}={hers}"),
        format!("{COOKIE}={value}; {COOKIE}={value}"),
    ] {
        let answer = proxy(&app).with("cookie", &sent).get(&path(&ada, "")).await;
        answer.assert_problem(401, "credential-missing");
    }
    // It opens nothing else.
    let with_cookie = proxy(&app).with("cookie", &format!("{COOKIE}={value}"));
    with_cookie.me().await.assert_problem(401, "credential-missing");
    let thief = app.visitor();
    thief.set_cookie(COOKIE, &value);
    thief.set_cookie("__Host-roster-session", &value);
    assert!(thief.get(&format!("/o/{}/users", ada.organization())).await.path.starts_with("/sign-in"));
}

#[actix_web::test]
async fn nobody_is_led_to_an_address_that_is_not_configured() {
    let (_app, ada, _) = app().await;
    for next in [
        "https://evil.example/",
        "https://other.roster.example/",
        "http://app.roster.example/",
        "//app.roster.example/",
        "/users",
        "javascript:alert(1)",
        "https://app.roster.example@evil.example/",
        "https://app.roster.example/\r\nX: y",
        "",
    ] {
        let query = serde_html_form::to_string([("organization", &*ada.organization().to_string()), ("next", next)]).expect("a query");
        let page = ada.get(&format!("/sign-in/application?{query}")).await.assert_status(400);
        assert!(
            !page.headers.contains_key("refresh")
                && page.headers.get_all("set-cookie").all(|c| !c.as_bytes().starts_with(COOKIE.as_bytes()))
        );
    }
    ada.get("/sign-in/application").await.assert_status(400);
    let nowhere = "00000000-0000-0000-0000-000000000000";
    let place = format!("/sign-in/application?organization={nowhere}&next=https%3A%2F%2Fapp.roster.example%2F");
    ada.get(&place).await.assert_status(404);
}

#[actix_web::test]
async fn without_the_setting_there_are_only_credentials() {
    let app = TestApp::start_with(&["--trusted-proxies", "10.0.0.0/8"]).await;
    let ada = app.administrator("Ada").await;
    let answer = proxy(&app).get(&path(&ada, "&redirect=1")).await;
    answer.assert_problem(401, "credential-missing");
    assert!(!answer.0.headers.contains_key("location"));
    let place = format!("/sign-in/application?organization={}&next=https%3A%2F%2Fapp.roster.example%2F", ada.organization());
    ada.get(&place).await.assert_status(400);
    assert!(ada.cookie(COOKIE).is_none());
}
