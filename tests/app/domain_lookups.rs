//! What sign-in asks about domains: where people of a typed address sign in, and whether an address is proven.

use crate::harness::{Person, TestApp, dns::DnsServer, domains::read};
use roster::{
    domains::{connection_for, is_proven_for},
    kit::{ConnectionId, email::Email},
};

async fn bound(dns: &DnsServer) -> (TestApp, Person, ConnectionId) {
    let app = TestApp::start_with_dns(dns).await;
    let ada = app.administrator("Ada").await;
    let domain = ada.add_domain("exämple.org").await;
    let entra = app.connection(&ada, "Entra ID", true);
    ada.bind_domain(&domain, Some(entra)).await;
    assert_eq!(app.connection_for("ada@exämple.org"), None, "it is not verified");
    domain.prove(dns);
    ada.check_domain(&domain).await.assert_sees("is verified");
    (app, ada, entra)
}

#[actix_web::test]
async fn an_address_leads_to_the_connection_of_its_domain_in_every_spelling() {
    let (app, ada, entra) = bound(&DnsServer::start()).await;
    for typed in [
        "grace@exämple.org",
        "Grace@EXÄMPLE.org",
        "grace@xn--exmple-cua.org",
        "grace@exämple.org.",
        "exämple.org",
        " exa\u{308}mple.org ",
    ] {
        let found = read(&app, |conn| connection_for(conn, typed));
        assert_eq!(found, Some((ada.organization(), entra)), "{typed:?}");
    }
    for typed in [
        "",
        "grace",
        "@exämple.org",
        "grace@exämple.org@evil.example",
        "grace@evil.example@exämple.org",
        "grace@exämple.org..",
        "grace@sub.exämple.org",
        "grace@example.org",
        "grace@exämple.org.evil.example",
        "grace@exämple.org\0",
        "xn--exmple-cua.org' OR '1'='1",
    ] {
        assert_eq!(app.connection_for(typed), None, "{typed:?}");
    }
}

#[actix_web::test]
async fn only_an_enabled_connection_is_led_to() {
    let (app, ada, entra) = bound(&DnsServer::start()).await;
    let scope = crate::harness::domains::system(&ada, &app.clock);
    app.db
        .write_here(|tx| roster::connections::disable(tx, &scope, &app.roster.connection_setup, entra))
        .expect("it is disabled");
    assert_eq!(app.connection_for("grace@exämple.org"), None);
    app.db
        .write_here(|tx| roster::connections::enable(tx, &scope, &app.roster.connection_setup, entra))
        .expect("it is enabled");
    assert_eq!(app.connection_for("grace@exämple.org"), Some(entra));
}

#[actix_web::test]
async fn an_address_is_proven_for_the_connection_that_its_domain_is_bound_to() {
    let (app, ada, entra) = bound(&DnsServer::start()).await;
    let other = app.connection(&ada, "Another", true);
    let mallory = app.another_organization("Mallory Ltd", "Mallory", None).await;
    let theirs = app.connection(&mallory, "Theirs", true);
    let is_proven = |connection: ConnectionId, address: &str| {
        let email = Email::parse(address).expect("an address");
        read(&app, move |conn| is_proven_for(conn, connection, &email))
    };
    assert!(is_proven(entra, "grace@EXÄMPLE.org"));
    assert!(!is_proven(entra, "grace@example.org") && !is_proven(entra, "grace@sub.exämple.org"));
    assert!(!is_proven(other, "grace@exämple.org") && !is_proven(theirs, "grace@exämple.org"));
    // Not even when the row of a domain names a connection of another organization.
    let sql = "UPDATE domains SET connection_id = (SELECT id FROM connections WHERE name = 'Theirs')";
    app.execute(sql);
    assert!(!is_proven(theirs, "grace@exämple.org"));
    assert_eq!(app.connection_for("grace@exämple.org"), None);
}
