//! Cross-site request forgery: requests that other sites make browsers send.

use crate::harness::{GOOD, Person, TestApp};
use actix_web::http::Method;

/// Posts the directory's sign-out form with these tokens and headers. Returns the status.
async fn sign_out(person: &Person, tokens: &[&str], headers: &[(&str, &str)]) -> u16 {
    let pairs: Vec<_> = tokens.iter().map(|token| ("csrf", *token)).collect();
    let body = serde_html_form::to_string(pairs).expect("a form");
    person.request_with(Method::POST, "/sign-out", headers, Some(body)).await.status
}

fn token_of(person: &Person) -> String {
    person.page().attribute("input[name=csrf]", "value").expect("a token")
}

#[actix_web::test]
async fn a_form_without_the_token_of_this_session_changes_nothing() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    let grace = ada.welcome("Grace", "User").await;
    let visitor = app.visitor();
    visitor.get("/sign-in").await;
    ada.get("/users").await;
    grace.get("/users").await;
    let mine = token_of(&ada);
    let cut = &mine[..mine.len() - 1];
    let (theirs, signed_out) = (token_of(&grace), token_of(&visitor));
    for tokens in [
        &[][..],
        &[""],
        &["x"],
        &[cut],
        &[&format!("{mine}x")],
        &[&theirs],
        &[&signed_out],
        &[&mine, &mine],
        &["", &mine],
        &["ünïcödé-tökén-öf-nö-örïgïn"],
    ] {
        assert_eq!(sign_out(&ada, tokens, &[]).await, 403, "{tokens:?}");
    }
    let query = format!("/sign-out?csrf={mine}");
    ada.request(Method::POST, &query, Some(String::new())).await.assert_status(403);
    ada.get("/users").await.assert_sees("User Directory");
    assert_eq!(sign_out(&ada, &[&mine], &[]).await, 303);
}

#[actix_web::test]
async fn what_comes_from_another_site_is_refused_even_with_a_good_token() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    ada.get("/users").await;
    let token = token_of(&ada);
    for headers in [
        &[("sec-fetch-site", "cross-site")][..],
        &[("sec-fetch-site", "same-site")],
        &[("sec-fetch-site", "nonsense")],
        &[("sec-fetch-site", "cross-site"), ("origin", "https://roster.example")],
        &[("origin", "https://evil.example")],
        &[("origin", "null")],
        &[("origin", "http://roster.example")],
        &[("origin", "https://roster.example.evil.example")],
        &[("origin", "https://roster.example:8443")],
        &[("origin", "")],
    ] {
        assert_eq!(sign_out(&ada, &[&token], headers).await, 403, "{headers:?}");
    }
    ada.get("/users").await.assert_sees("User Directory");
    for headers in [
        &[("sec-fetch-site", "same-origin"), ("origin", "https://roster.example")][..],
        &[("origin", "https://roster.example")],
    ] {
        let person = app.visitor();
        person.sign_in("ada@example.org", GOOD).await;
        let token = token_of(&person);
        assert_eq!(sign_out(&person, &[&token], headers).await, 303, "{headers:?}");
    }
}

#[actix_web::test]
async fn nobody_is_signed_in_or_joined_by_a_form_of_another_browser() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    ada.invite("grace@example.org", "User").await;
    let link = app.inbox("grace@example.org").link();
    let eve = app.visitor();
    eve.get("/sign-in").await;
    let signing_in = serde_html_form::to_string([("csrf", token_of(&eve).as_str()), ("name", "ada@example.org"), ("password", GOOD)]);
    eve.get(&link).await;
    let joining = serde_html_form::to_string([("csrf", token_of(&eve).as_str()), ("name", "Grace"), ("password", GOOD)]);
    let (signing_in, joining) = (signing_in.expect("a form"), joining.expect("a form"));

    let victim = app.visitor();
    victim.request(Method::POST, "/sign-in", Some(signing_in.clone())).await.assert_status(403);
    victim.get("/sign-in").await;
    victim.request(Method::POST, "/sign-in", Some(signing_in)).await.assert_status(403);
    victim.get(&link).await;
    victim.request(Method::POST, "/invitation", Some(joining)).await.assert_status(403);
    assert!(victim.cookie("__Host-roster-session").is_none());
    ada.get("/users?tab=invited").await.assert_sees("grace@example.org");
}
