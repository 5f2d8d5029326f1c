//! Checks of domains: hostile, broken and silent DNS servers, and the weekly look whether a proof is still there.

use crate::harness::{
    GOOD, Person, TestApp,
    dns::{Conduct, DnsServer},
    domains::Listed,
    user_creation::audited,
};
use chrono::TimeDelta;

async fn waiting(dns: &DnsServer) -> (TestApp, Person, Listed) {
    let app = TestApp::start_with_dns(dns).await;
    let ada = app.administrator("Ada").await;
    let domain = ada.add_domain("engines.example").await;
    domain.prove(dns);
    (app, ada, domain)
}

async fn verified(dns: &DnsServer) -> (TestApp, Person, Listed) {
    let (app, ada, domain) = waiting(dns).await;
    ada.check_domain(&domain).await.assert_sees("engines.example is verified");
    (app, ada, domain)
}

#[actix_web::test]
async fn a_long_answer_comes_over_tcp() {
    let dns = DnsServer::start();
    let (_app, ada, domain) = waiting(&dns).await;
    dns.behave(Conduct::Truncated);
    ada.check_domain(&domain).await.assert_sees("engines.example is verified");
    let name = "_roster-challenge.engines.example";
    let asked = dns.asked();
    assert!(asked.starts_with(&[format!("udp {name}"), format!("tcp {name}")]), "{asked:?}");
}

#[actix_web::test]
async fn forged_answers_are_passed_over() {
    let dns = DnsServer::start();
    let (_app, ada, domain) = waiting(&dns).await;
    dns.behave(Conduct::Forged);
    ada.check_domain(&domain).await.assert_sees("engines.example is verified");
    // Nor does an answer under a wrong id prove anything.
    dns.clear();
    dns.set("_roster-challenge.engines.example", &["something else"]);
    ada.check_domain(&domain)
        .await
        .assert_sees("stays verified for now")
        .assert_sees("none with the value below");
}

#[actix_web::test]
async fn records_of_other_names_prove_nothing() {
    let dns = DnsServer::start();
    let (app, ada, domain) = waiting(&dns).await;
    dns.behave(Conduct::Elsewhere);
    ada.check_domain(&domain).await.assert_sees("is not verified").assert_sees("There is no TXT record");
    assert_eq!(app.count("SELECT count(*) FROM domains WHERE verified_at IS NOT NULL"), 0);
}

#[actix_web::test]
async fn an_alias_leads_to_the_record() {
    let dns = DnsServer::start();
    let (_app, ada, domain) = waiting(&dns).await;
    dns.clear();
    dns.alias(&domain.record_name, "proofs.provider.example");
    dns.set("proofs.provider.example", &[&domain.record_value]);
    ada.check_domain(&domain).await.assert_sees("engines.example is verified");
}

#[actix_web::test]
async fn a_failing_server_is_said_to_fail_and_proves_nothing() {
    let dns = DnsServer::start();
    let (app, ada, domain) = waiting(&dns).await;
    dns.behave(Conduct::ServerFailure);
    ada.check_domain(&domain).await.assert_sees("is not verified").assert_sees("report a failure");
    // Each name twice.
    assert_eq!(dns.asked().len(), 4);
    assert_eq!(audited(&app, "domain.verified"), 0);
}

#[actix_web::test]
async fn a_server_that_is_silent_or_sends_garbage_is_left_after_two_tries() {
    for conduct in [Conduct::Silent, Conduct::Garbage] {
        let dns = DnsServer::start();
        let (_app, ada, domain) = waiting(&dns).await;
        dns.behave(conduct);
        ada.check_domain(&domain).await.assert_sees("is not verified").assert_sees("does not answer");
        assert_eq!(dns.asked().len(), 2, "{conduct:?}");
    }
}

#[actix_web::test]
async fn texts_of_strangers_are_not_shown() {
    let dns = DnsServer::start();
    let (app, ada, domain) = waiting(&dns).await;
    dns.clear();
    dns.set("engines.example", &["internal=10.1.2.3", "<script>alert(1)</script>"]);
    let page = ada
        .check_domain(&domain)
        .await
        .assert_sees("TXT records at engines.example, but none with the value below");
    assert!(!page.body.contains("10.1.2.3") && !page.body.contains("alert(1)"));
    dns.set("engines.example", &["roster-domain-verification=<b>\u{202e}x</b>"]);
    let page = ada.check_domain(&domain).await.assert_sees("another value, roster-domain-verification=<b>x</b>");
    assert!(!page.body.contains("<b>x"), "it is escaped");
    assert!(!app.text("SELECT finding FROM domains").contains('\u{202e}'));
}

#[actix_web::test]
async fn many_checks_have_to_wait() {
    let dns = DnsServer::start();
    let (app, ada, domain) = waiting(&dns).await;
    dns.clear();
    for _ in 0..20 {
        ada.check_domain(&domain).await.assert_sees("is not verified");
    }
    let before = dns.asked().len();
    ada.check_domain(&domain).await.assert_sees("That were many checks");
    assert_eq!(dns.asked().len(), before);
    app.wait(TimeDelta::minutes(1));
    domain.prove(&dns);
    ada.check_domain(&domain).await.assert_sees("engines.example is verified");
}

#[actix_web::test]
async fn every_week_the_proof_is_looked_for() {
    let dns = DnsServer::start();
    let (app, _ada, _) = verified(&dns).await;
    let before = dns.asked().len();
    app.wait(TimeDelta::days(6));
    assert_eq!(app.check_domains(), 0);
    app.wait(TimeDelta::days(1));
    assert_eq!((app.check_domains(), app.check_domains()), (1, 0));
    assert!(dns.asked().len() > before);
    assert_eq!(app.count("SELECT count(*) FROM domains WHERE misses = 0 AND verified_at IS NOT NULL"), 1);
}

#[actix_web::test]
async fn a_proof_that_is_missing_on_three_days_is_lost_and_people_stay() {
    let dns = DnsServer::start();
    let (app, ada, domain) = verified(&dns).await;
    let entra = app.connection(&ada, "Entra ID", true);
    ada.bind_domain(&domain, Some(entra)).await;
    let grace = ada.welcome("Grace", "User").await;
    dns.clear();
    app.wait(TimeDelta::days(7));
    for day in 1..3 {
        assert_eq!((app.check_domains(), app.check_domains()), (1, 0));
        assert_eq!(app.count("SELECT misses FROM domains"), day);
        assert_eq!(app.connection_for("engines.example"), Some(entra));
        app.wait(TimeDelta::days(1));
    }
    ada.sign_in("ada@example.org", GOOD).await;
    ada.get("/settings/domains")
        .await
        .assert_sees("Verified")
        .assert_sees("If it is missing at the next check too");
    assert_eq!(app.check_domains(), 1);
    assert_eq!(app.connection_for("engines.example"), None);
    assert_eq!(
        (audited(&app, "domain.lost"), app.count("SELECT count(*) FROM domains WHERE lost_at IS NOT NULL")),
        (1, 1)
    );
    let letter = app.inbox("ada@example.org");
    assert!(letter.subject.contains("engines.example is no longer verified"), "{}", letter.subject);
    assert!(
        letter.text.contains(&domain.record_value) && letter.text.contains("/settings/domains"),
        "{}",
        letter.text
    );
    assert!(app.letters("grace@example.org").iter().all(|letter| !letter.subject.contains("verified")));
    grace.sign_in("grace@example.org", GOOD).await.assert_status(200);
    assert_eq!(app.count("SELECT count(*) FROM members WHERE status = 'active'"), 2);
    ada.get("/settings/domains")
        .await
        .assert_sees("No longer verified")
        .assert_sees("Create this record");
    // It is not looked for any more, until somebody does; then everything is as before.
    app.wait(TimeDelta::days(30));
    assert_eq!(app.check_domains(), 0);
    domain.prove(&dns);
    ada.sign_in("ada@example.org", GOOD).await;
    ada.check_domain(&domain).await.assert_sees("engines.example is verified");
    assert_eq!(app.connection_for("engines.example"), Some(entra));
}

#[actix_web::test]
async fn a_proof_that_is_back_in_time_is_kept() {
    let dns = DnsServer::start();
    let (app, _ada, domain) = verified(&dns).await;
    app.wait(TimeDelta::days(7));
    dns.clear();
    app.check_domains();
    app.wait(TimeDelta::days(1));
    app.check_domains();
    domain.prove(&dns);
    app.wait(TimeDelta::days(1));
    app.check_domains();
    assert_eq!(app.count("SELECT count(*) FROM domains WHERE misses = 0 AND finding IS NULL"), 1);
    // From then on there are three checks again, a week later.
    dns.clear();
    app.wait(TimeDelta::days(6));
    assert_eq!(app.check_domains(), 0);
    app.wait(TimeDelta::days(1));
    app.check_domains();
    assert_eq!((app.count("SELECT misses FROM domains"), audited(&app, "domain.lost")), (1, 0));
}

#[actix_web::test]
async fn answers_that_do_not_come_take_nothing_away() {
    let dns = DnsServer::start();
    let (app, ada, domain) = verified(&dns).await;
    dns.behave(Conduct::ServerFailure);
    app.wait(TimeDelta::days(7));
    for _ in 0..12 {
        assert_eq!(app.check_domains(), 1);
        app.wait(TimeDelta::hours(6));
    }
    assert_eq!(app.count("SELECT count(*) FROM domains WHERE misses = 0 AND verified_at IS NOT NULL"), 1);
    // Nor do the checks of a person.
    dns.behave(Conduct::Honest);
    dns.clear();
    ada.sign_in("ada@example.org", GOOD).await;
    for _ in 0..5 {
        ada.check_domain(&domain).await.assert_sees("stays verified for now");
    }
    assert_eq!(app.count("SELECT count(*) FROM domains WHERE misses = 0 AND verified_at IS NOT NULL"), 1);
}

#[actix_web::test]
async fn two_workers_look_for_one_proof_once() {
    let dns = DnsServer::start();
    let (app, _ada, _) = verified(&dns).await;
    let other = app.another_with(&["--dns-resolver", &dns.address()]).await;
    dns.clear();
    app.wait(TimeDelta::days(7));
    let workers = [
        app.domain_worker(),
        other.domain_worker(),
        app.domain_worker(),
        other.domain_worker(),
    ];
    let checked: usize = std::thread::scope(|scope| {
        let all: Vec<_> = workers.iter().map(|worker| scope.spawn(|| worker.check_due().expect("it checks"))).collect();
        all.into_iter().map(|one| one.join().expect("it ends")).sum()
    });
    assert_eq!((checked, app.count("SELECT misses FROM domains")), (1, 1));
}

#[actix_web::test]
async fn a_domain_that_is_removed_or_verified_anew_meanwhile_is_left_alone() {
    let dns = DnsServer::start();
    let (app, ada, domain) = verified(&dns).await;
    app.wait(TimeDelta::days(7));
    dns.behave(Conduct::Silent);
    let worker = app.domain_worker();
    let checking = std::thread::spawn(move || worker.check_due().expect("it checks"));
    while !dns.asked().iter().skip(1).any(|asked| asked.contains("engines")) {
        std::thread::sleep(std::time::Duration::from_millis(10));
    }
    dns.behave(Conduct::Honest);
    ada.sign_in("ada@example.org", GOOD).await;
    ada.check_domain(&domain).await.assert_sees("The record of engines.example is there");
    let next = app.text("SELECT CAST(next_check_at AS text) FROM domains");
    assert_eq!(checking.join().expect("it ends"), 1);
    assert_eq!(app.text("SELECT CAST(next_check_at AS text) FROM domains"), next);
}
