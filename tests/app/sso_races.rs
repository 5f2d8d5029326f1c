//! Two processes on one database: a code with its state, an assertion and an arrival count once, and a person who comes
//! twice at the same instant becomes one member.

use crate::harness::{Person, TestApp};
use actix_web::http::Method;
use futures_util::future::join_all;
use roster::connections::Provisioning;

/// Opens this path several times at the same instant, by one browser at both processes.
async fn open_at_once(browser: &Person, other: &TestApp, path: &str) {
    let there = browser.at(other);
    let requests = [browser, &there, browser, &there].map(|person| person.request(Method::GET, path, None));
    join_all(requests).await;
}

fn signed_in(app: &TestApp) -> i64 {
    app.count("SELECT count(*) FROM sign_ins WHERE outcome = 'signed_in' AND method IN ('oidc', 'saml')")
}

#[actix_web::test]
async fn a_code_with_its_state_counts_once() {
    let app = TestApp::start_with_providers().await;
    let other = app.another_with(&["--outbound-allow", "127.0.0.0/8"]).await;
    let ada = app.administrator("Ada").await;
    let provider = app.provider();
    let connection = app.connect(ada.organization(), &provider, Provisioning::Anyone);
    provider.person("1", "grace@acme.example");
    let grace = app.visitor();
    let back = provider.sign_in(&grace.start_sign_in(connection).await);
    open_at_once(&grace, &other, &back).await;
    assert_eq!(signed_in(&app), 1);
    assert_eq!(provider.requests().iter().filter(|path| *path == "/token").count(), 1);
    assert_eq!(app.count("SELECT count(*) FROM users"), 2);
}

#[actix_web::test]
async fn an_assertion_and_its_arrival_count_once() {
    let app = TestApp::start().await;
    let other = app.another().await;
    let ada = app.administrator("Ada").await;
    let provider = app.saml_provider();
    let connection = app.connect_saml(ada.organization(), &provider, Provisioning::Anyone);
    let grace = app.visitor();
    let address = grace.start_sign_in(connection).await;
    let response = provider.respond(&address, "g-1", "grace@acme.example");
    let document = provider.sign(&response);
    let visitors = [app.visitor(), other.visitor(), app.visitor(), other.visitor()];
    let posts = visitors
        .iter()
        .map(|visitor| visitor.post_document(&response.connection, &document, &response.relay_state));
    let pages = join_all(posts).await;
    let arrivals: Vec<&String> = pages.iter().filter_map(|page| page.went.last()).collect();
    assert!(!arrivals.is_empty());
    for arrival in &arrivals {
        open_at_once(&grace, &other, arrival).await;
    }
    assert_eq!((signed_in(&app), app.count("SELECT count(*) FROM saml_seen")), (1, 1));
    assert_eq!(app.count("SELECT count(*) FROM identities"), 1);
}

#[actix_web::test]
async fn a_form_that_the_browser_posts_twice_takes_nobodys_sign_in_away() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    let provider = app.saml_provider();
    let connection = app.connect_saml(ada.organization(), &provider, Provisioning::Anyone);
    let grace = app.visitor();
    let response = provider.respond(&grace.start_sign_in(connection).await, "g-1", "grace@acme.example");
    let document = provider.sign(&response);
    let mut arrivals = Vec::new();
    for _ in 0..2 {
        let page = app.visitor().post_document(&response.connection, &document, &response.relay_state).await;
        arrivals.push(page.went.last().expect("a redirect").clone());
    }
    grace.get(&arrivals[1]).await.assert_status(403);
    assert!(app.text("SELECT last_failure FROM connections").contains("used already"));
    grace.get(&arrivals[0]).await.assert_sees("User Directory");
    let another = app.visitor();
    another.get(&arrivals[0]).await.assert_misses("User Directory");
}

#[actix_web::test]
async fn a_person_who_comes_twice_at_once_becomes_one_member() {
    let app = TestApp::start().await;
    let other = app.another().await;
    let ada = app.administrator("Ada").await;
    let provider = app.saml_provider();
    let connection = app.connect_saml(ada.organization(), &provider, Provisioning::Anyone);
    let browsers = [app.visitor(), other.visitor(), app.visitor(), other.visitor()];
    let sign_ins = browsers
        .iter()
        .map(|browser| browser.sign_in_with_saml(connection, &provider, "g-1", "grace@acme.example"));
    for page in join_all(sign_ins).await {
        page.assert_status(200).assert_sees("User Directory");
    }
    assert_eq!(signed_in(&app), 4);
    assert_eq!(app.count("SELECT count(*) FROM members WHERE kind = 'user'"), 2);
    assert_eq!(app.count("SELECT count(*) FROM identities"), 1);
    drop(ada);
}
