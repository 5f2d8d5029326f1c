//! Domains in Settings: adding, verifying, binding and removing, who may do what, and two organizations that want the
//! same one.

use crate::harness::{GOOD, TestApp, dns::DnsServer, rights::create_role, user_creation::audited};
use actix_web::http::Method;
use chrono::TimeDelta;
use futures_util::future::join_all;
use roster::connections::{ConnectionKind, Provisioning};

#[actix_web::test]
async fn a_domain_is_added_proven_by_a_record_and_bound_to_a_connection() {
    let dns = DnsServer::start();
    let app = TestApp::start_with_dns(&dns).await;
    let ada = app.administrator("Ada").await;
    ada.get("/settings/domains")
        .await
        .assert_sees("No domains yet")
        .assert_sees("no other organization");
    let domain = ada.add_domain("engines.example").await;
    assert_eq!(domain.record_name, "_roster-challenge.engines.example");
    assert!(domain.record_value.starts_with("roster-domain-verification="), "{}", domain.record_value);
    ada.page().assert_sees("Waiting for the DNS record").assert_misses("No domains yet");
    assert_eq!(app.count("SELECT count(*) FROM domains WHERE verified_at IS NOT NULL"), 0);

    ada.check_domain(&domain)
        .await
        .assert_sees("engines.example is not verified")
        .assert_sees("There is no TXT record for engines.example");
    assert_eq!(audited(&app, "domain.checked"), 1);
    domain.prove(&dns);
    ada.check_domain(&domain)
        .await
        .assert_sees("engines.example is verified")
        .assert_sees("Verified since");
    assert_eq!(audited(&app, "domain.verified"), 1);
    assert_eq!(app.text("SELECT method FROM domains"), "dns");
    ada.check_domain(&domain).await.assert_sees("The record of engines.example is there");
    assert_eq!((audited(&app, "domain.verified"), audited(&app, "domain.checked")), (1, 2));

    let entra = app.connection(&ada, "Entra ID", true);
    app.connection(&ada, "Test", false);
    ada.get("/settings/domains").await.assert_sees("Entra ID").assert_sees("Test (not enabled)");
    ada.bind_domain(&domain, Some(entra)).await.assert_sees("The domain is saved");
    assert_eq!(app.connection_for("grace@engines.example"), Some(entra));
    ada.bind_domain(&domain, None).await.assert_sees("The domain is saved");
    assert_eq!((app.connection_for("grace@engines.example"), audited(&app, "domain.bound")), (None, 2));
    ada.get("/audit")
        .await
        .assert_sees("verified the domain")
        .assert_sees("changed where people of the domain");
}

#[actix_web::test]
async fn a_record_at_the_domain_itself_and_with_quotation_marks_counts_too() {
    let dns = DnsServer::start();
    let app = TestApp::start_with_dns(&dns).await;
    let ada = app.administrator("Ada").await;
    let domain = ada.add_domain("engines.example").await;
    let quoted = format!(" \"{}\" ", domain.record_value);
    dns.set("engines.example", &["v=spf1 -all", &quoted]);
    ada.check_domain(&domain).await.assert_sees("is verified");
    let asked = ["udp _roster-challenge.engines.example", "udp engines.example"];
    let mut seen = dns.asked();
    seen.dedup();
    assert_eq!(seen, asked);
}

#[actix_web::test]
async fn what_is_no_domain_of_one_organization_is_refused_and_stays_typed() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    for (typed, why) in [
        ("", "Type a domain"),
        ("engines", "Type a domain"),
        ("engines.example..", "Type a domain"),
        ("192.0.2.7", "Type a domain"),
        ("https://engines.example/", "Type a domain"),
        ("ada@engines.example", "Type only the domain"),
        ("GMAIL.com", "open to everybody"),
        ("outlook.com.", "open to everybody"),
        ("gmx.de", "open to everybody"),
        ("qq.com", "open to everybody"),
        ("co.uk", "Everybody can register names"),
        ("corp.internal", "no name of the public internet"),
    ] {
        ada.get("/settings/domains").await;
        let page = ada.submit("Add Domain", &[("name", typed)]).await.assert_status(422).assert_sees(why);
        assert_eq!(page.attribute("#name", "value").as_deref(), Some(typed));
    }
    assert_eq!((app.count("SELECT count(*) FROM domains"), audited(&app, "domain.added")), (0, 0));
}

#[actix_web::test]
async fn spellings_of_one_domain_are_one_domain() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    ada.get("/settings/domains").await;
    ada.submit("Add Domain", &[("name", " EXÄMPLE.Org. ")]).await.assert_sees("exämple.org is added");
    assert_eq!(app.text("SELECT name FROM domains"), "xn--exmple-cua.org");
    ada.get("/settings/domains")
        .await
        .assert_sees("exämple.org")
        .assert_sees("_roster-challenge.xn--exmple-cua.org");
    for typed in [
        "exämple.org",
        "xn--exmple-cua.org",
        "XN--EXMPLE-CUA.ORG",
        "exa\u{308}mple.org.",
        "exämple。org",
    ] {
        ada.get("/settings/domains").await;
        ada.submit("Add Domain", &[("name", typed)])
            .await
            .assert_status(422)
            .assert_sees("in the list already");
    }
    assert_eq!(app.count("SELECT count(*) FROM domains"), 1);
}

#[actix_web::test]
async fn an_organization_has_fifty_domains_at_most() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    for number in 0..50 {
        ada.get("/settings/domains").await;
        ada.submit("Add Domain", &[("name", &format!("engines{number}.example"))]).await;
    }
    let page = ada.get("/settings/domains").await.assert_sees("At most 50 domains");
    assert!(!page.has_button("Add Domain"));
    ada.post("/settings/domains", &[("name", "more.example")]).await.assert_status(422);
    assert_eq!(app.count("SELECT count(*) FROM domains"), 50);
}

#[actix_web::test]
async fn of_two_organizations_with_one_domain_the_first_to_prove_it_has_it() {
    let dns = DnsServer::start();
    let app = TestApp::start_with_dns(&dns).await;
    let ada = app.administrator("Ada").await;
    let mallory = app.another_organization("Mallory Ltd", "Mallory", None).await;
    let (hers, theirs) = (ada.add_domain("engines.example").await, mallory.add_domain("engines.example").await);
    assert_ne!(hers.record_value, theirs.record_value);
    // The record of one proves nothing for the other, and the page says that it is another one.
    hers.prove(&dns);
    mallory
        .check_domain(&theirs)
        .await
        .assert_sees("holds another value")
        .assert_sees(&hers.record_value);
    ada.check_domain(&hers).await.assert_sees("engines.example is verified");
    dns.set("engines.example", &[&theirs.record_value]);
    mallory
        .check_domain(&theirs)
        .await
        .assert_sees("Another organization has verified this domain")
        .assert_misses("Analytical");
    assert_eq!(audited(&app, "domain.verified"), 1);
    // Once it is given up, the other may have it.
    ada.get(&hers.path("/removal")).await.assert_sees("another organization can verify it");
    ada.submit("Remove", &[("name", "engines.example")]).await.assert_sees("is removed");
    mallory.check_domain(&theirs).await.assert_sees("engines.example is verified");
}

#[actix_web::test]
async fn two_processes_verify_one_domain_for_one_organization() {
    let dns = DnsServer::start();
    let app = TestApp::start_with_dns(&dns).await;
    let other = app.another_with(&["--dns-resolver", &dns.address()]).await;
    let ada = app.administrator("Ada").await;
    let mut people = vec![ada];
    for number in 1..6 {
        let founder = app.another_organization(&format!("Rival {number}"), &format!("Rival{number}"), None).await;
        people.push(if number % 2 == 0 { founder } else { founder.at(&other) });
    }
    let mut domains = Vec::new();
    for person in &people {
        domains.push(person.add_domain("engines.example").await);
    }
    let values: Vec<&str> = domains.iter().map(|domain| domain.record_value.as_str()).collect();
    dns.set("engines.example", &values);
    let posts = people.iter().zip(&domains).map(|(person, domain)| {
        let token = person.page().attribute("input[name=csrf]", "value").expect("a token");
        let path = format!("/o/{}{}", person.organization(), domain.path("/checks"));
        async move { person.request(Method::POST, &path, Some(format!("csrf={token}"))).await.status }
    });
    assert_eq!(join_all(posts).await, [303; 6]);
    assert_eq!(app.count("SELECT count(*) FROM domains WHERE verified_at IS NOT NULL"), 1);
    assert_eq!(audited(&app, "domain.verified"), 1);
}

#[actix_web::test]
async fn a_removal_says_what_stops_and_asks_for_the_name() {
    let dns = DnsServer::start();
    let app = TestApp::start_with_dns(&dns).await;
    let ada = app.administrator("Ada").await;
    let domain = ada.add_domain("engines.example").await;
    ada.get(&domain.path("/removal")).await.assert_sees("nothing depends on it");
    domain.prove(&dns);
    ada.check_domain(&domain).await;
    let entra = app.connection(&ada, "Entra ID", true);
    ada.bind_domain(&domain, Some(entra)).await;
    ada.get(&domain.path("/removal"))
        .await
        .assert_sees("no longer led to Entra ID")
        .assert_sees("nobody joins by an address of this domain")
        .assert_sees("members stay members");
    let page = ada.submit("Remove", &[("name", "engines")]).await.assert_status(422);
    assert_eq!(page.attribute("#name", "value").as_deref(), Some("engines"));
    ada.submit("Remove", &[("name", "engines.example")])
        .await
        .assert_sees("The domain engines.example is removed");
    assert_eq!((app.count("SELECT count(*) FROM domains"), app.connection_for("engines.example")), (0, None));
    assert_eq!(audited(&app, "domain.removed"), 1);
    // Added again, it needs another proof.
    let again = ada.add_domain("engines.example").await;
    ada.check_domain(&again).await.assert_sees("holds another value");
}

#[actix_web::test]
async fn a_domain_stays_when_its_connection_is_deleted() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    let domain = ada.add_domain("engines.example").await;
    let entra = app.connection(&ada, "Entra ID", false);
    ada.bind_domain(&domain, Some(entra)).await.assert_sees("The domain is saved");
    let scope = crate::harness::domains::system(&ada, &app.clock);
    app.db
        .write_here(|tx| roster::connections::delete(tx, &scope, &app.roster.connection_setup, entra))
        .expect("it is deleted");
    assert_eq!(app.count("SELECT count(*) FROM domains WHERE connection_id IS NULL"), 1);
    ada.get("/settings/domains").await.assert_status(200).assert_sees("no connection");
}

#[actix_web::test]
async fn what_another_organization_has_is_not_there() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    let domain = ada.add_domain("engines.example").await;
    let entra = app.connection(&ada, "Entra ID", true);
    let mallory = app.another_organization("Mallory Ltd", "Mallory", None).await;
    let own = mallory.add_domain("mallory.example").await;
    mallory.get("/settings/domains").await.assert_misses("engines.example").assert_misses("Entra ID");
    mallory.get(&domain.path("/removal")).await.assert_status(404);
    let fields = [("version", "1"), ("connection", "")];
    for (rest, fields) in [
        ("", &fields[..]),
        ("/checks", &[][..]),
        ("/removal", &[("name", "engines.example")][..]),
    ] {
        mallory.get("/settings/domains").await;
        mallory.post(&domain.path(rest), fields).await.assert_status(404);
    }
    // Nor can the connection of another organization be chosen.
    for connection in [entra.to_string().as_str(), "nonsense"] {
        mallory.get("/settings/domains").await;
        mallory
            .post(&own.path(""), &[("version", "1"), ("connection", connection)])
            .await
            .assert_status(404);
    }
    assert_eq!(app.count("SELECT count(*) FROM domains WHERE connection_id IS NOT NULL"), 0);
}

#[actix_web::test]
async fn seeing_and_managing_are_two_rights() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    let domain = ada.add_domain("engines.example").await;
    create_role(&ada, "Watcher", &["connection:read:*", "user:read:*"]).await;
    let kay = ada.welcome("Kay", "Watcher").await;
    let page = kay
        .get("/settings/domains")
        .await
        .assert_status(200)
        .assert_sees("engines.example")
        .assert_sees(&domain.record_value);
    assert!(!page.has_button("Add Domain") && !page.text().contains("Check now") && !page.text().contains("Remove…"));
    kay.get(&domain.path("/removal")).await.assert_status(403).assert_sees("connection:manage");
    for (path, fields) in [
        ("/settings/domains".to_owned(), &[("name", "kay.example")][..]),
        (domain.path(""), &[][..]),
        (domain.path("/checks"), &[][..]),
        (domain.path("/removal"), &[][..]),
    ] {
        kay.get("/settings/domains").await;
        kay.post(&path, fields).await.assert_status(403);
    }
    let grace = ada.welcome("Grace", "User").await;
    grace.get("/settings/domains").await.assert_status(403).assert_sees("connection:read");
    assert_eq!(app.count("SELECT count(*) FROM domains"), 1);
}

#[actix_web::test]
async fn an_old_proof_of_identity_is_asked_for_again_and_what_was_typed_is_kept() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    ada.get("/settings/domains").await;
    app.wait(TimeDelta::minutes(16));
    let page = ada.submit("Add Domain", &[("name", "engines.example")]).await;
    assert!(page.path.starts_with("/sign-in/again?"), "{}", page.text());
    let page = ada.submit("Continue", &[("password", GOOD)]).await.assert_status(200);
    assert_eq!(page.attribute("#name", "value").as_deref(), Some("engines.example"));
    assert_eq!(app.count("SELECT count(*) FROM domains"), 0);
    let domain = ada.add_domain("engines.example").await;
    for (path, fields) in [
        (domain.path(""), &[("version", "1"), ("connection", "")][..]),
        (domain.path("/removal"), &[("name", "engines.example")][..]),
    ] {
        ada.get("/settings/domains").await;
        app.wait(TimeDelta::minutes(16));
        let page = ada.post(&path, fields).await;
        assert!(page.path.starts_with("/sign-in/again?"), "{path}: {}", page.text());
        ada.submit("Continue", &[("password", GOOD)]).await.assert_status(200);
    }
    assert_eq!(app.count("SELECT count(*) FROM domains"), 1);
}

#[actix_web::test]
async fn a_choice_over_the_choice_of_somebody_else_is_refused() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    let domain = ada.add_domain("engines.example").await;
    let (one, two) = (app.connection(&ada, "One", true), app.connection(&ada, "Two", true));
    ada.bind_domain(&domain, Some(one)).await.assert_sees("The domain is saved");
    let fields = [("version", "1".to_owned()), ("connection", two.to_string())];
    let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
    ada.post(&domain.path(""), &fields).await.assert_sees("changed this domain meanwhile");
    ada.post(&domain.path(""), &[]).await.assert_status(400);
    assert_eq!(audited(&app, "domain.bound"), 1);
}

#[actix_web::test]
async fn nobody_binds_a_domain_whose_people_would_get_more_than_they_hold() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    let connection = app.make_connection(ada.organization(), ConnectionKind::Oidc, |new| new.provisioning = Provisioning::Domain);
    ada.add_domain("engines.example").await;
    create_role(&ada, "Gatekeeper", &["connection:manage:*", "user:read:*"]).await;
    let lin = ada.welcome("Lin", "Gatekeeper").await;
    let domain = lin.listed_domain("engines.example").await;
    lin.bind_domain(&domain, Some(connection)).await.assert_sees("Nobody grants what they do not hold");
    assert_eq!(audited(&app, "domain.bound"), 0);
    ada.bind_domain(&domain, Some(connection)).await.assert_sees("The domain is saved");
}
