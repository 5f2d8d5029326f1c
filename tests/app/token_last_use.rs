//! The last use of credentials: kept in memory, written in batches, and merged by time.

use crate::harness::{GOOD, Person, TestApp, is_postgres, plans};
use chrono::TimeDelta;

async fn app() -> (TestApp, Person, String) {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    let id = app.machine(ada.organization(), "deploy", "CI/CD");
    let base = format!("/o/{}/system-accounts/{id}/tokens", ada.organization());
    (app, ada, base)
}

#[actix_web::test]
async fn no_request_waits_for_a_write_and_the_last_use_is_told_soon_after() {
    let (app, ada, base) = app().await;
    let text = ada.make_token(&base, "deploy", &[]).await;
    let program = app.program().at_address("10.0.0.7").with("user-agent", "curl/8.5.0").bearer(&text);
    program.me().await.json();
    ada.get(&base).await.assert_sees("Never");
    app.flush();
    app.wait(TimeDelta::minutes(3));
    ada.get(&base).await.assert_sees("3 minutes ago from 10.0.0.7 with curl/8.5.0");
    let last = "SELECT count(*) FROM members WHERE name = 'deploy' AND last_api_use_at IS NOT NULL";
    assert_eq!(app.count(last), 1, "the directory sorts by it");
}

#[actix_web::test]
async fn of_what_several_processes_saw_the_latest_counts_whoever_writes_last() {
    let (app, ada, base) = app().await;
    let text = ada.make_token(&base, "deploy", &[]).await;
    let other = app.another().await;
    app.program().at_address("10.0.0.1").bearer(&text).me().await.json();
    app.wait(TimeDelta::minutes(5));
    other.program().at_address("10.0.0.2").bearer(&text).me().await.json();
    other.flush();
    app.flush();
    ada.get(&base).await.assert_sees("just now from 10.0.0.2");
    // A process does not write the same use twice.
    app.execute("UPDATE tokens SET last_used_address = 'untouched'");
    app.flush();
    other.flush();
    assert_eq!(app.text("SELECT last_used_address FROM tokens"), "untouched");
}

#[actix_web::test]
async fn a_use_that_was_remembered_before_a_new_value_is_told_of_the_old_one() {
    let (app, ada, base) = app().await;
    let text = ada.make_token(&base, "deploy", &[]).await;
    app.program().at_address("10.0.0.7").bearer(&text).me().await.json();
    ada.renew_token(&base, "deploy", "24").await;
    app.flush();
    ada.get(&base)
        .await
        .assert_sees("New value not used yet")
        .assert_sees("old value last used just now from 10.0.0.7");
}

#[actix_web::test]
async fn a_database_that_is_away_loses_no_use() {
    let (app, ada, base) = app().await;
    let text = ada.make_token(&base, "deploy", &[]).await;
    app.program().at_address("10.0.0.7").bearer(&text).me().await.json();
    app.execute("ALTER TABLE tokens RENAME TO away");
    assert!(app.roster.uses.flush(&app.db).is_err());
    app.execute("ALTER TABLE away RENAME TO tokens");
    app.flush();
    ada.get(&base).await.assert_sees("from 10.0.0.7");
}

#[actix_web::test]
async fn who_comes_with_a_token_is_known_by_one_statement() {
    plans::record();
    let (app, ada, base) = app().await;
    let text = ada.make_token(&base, "deploy", &[]).await;
    ada.renew_token(&base, "deploy", "24").await;
    // Among enough other tokens that a scan would be slower.
    let (id, digest, number) = if is_postgres() {
        ("gen_random_uuid()", "sha256(n::text::bytea)", "generate_series(1, 5000) AS g (n)")
    } else {
        (
            "randomblob(16)",
            "randomblob(32)",
            "(WITH RECURSIVE g (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM g WHERE n < 5000) SELECT n FROM g)",
        )
    };
    app.execute(&format!(
        "INSERT INTO tokens (id, organization_id, member_id, name, digest, prefix, mode, created_at) \
         SELECT {id}, m.organization_id, m.id, 'other', {digest}, 'rst_s_', 'read', m.created_at FROM members m, {number} WHERE m.name = 'deploy'"
    ));
    if is_postgres() {
        app.tidy();
    } else {
        app.execute("ANALYZE");
    }
    // Requests are counted in blocks: not among the statements of each.
    app.program().bearer(&text).me().await.json();
    plans::taken();
    app.program().bearer(&text).me().await.json();
    let run = plans::taken();
    let shapes: Vec<&str> = run.iter().map(|statement| statement.shape.as_str()).collect();
    assert_eq!(shapes.len(), 1, "{shapes:#?}");
    let plan = plans::explain(&app.db, &run[0].typed).join("\n");
    assert!(plan.contains("tokens_by_digest") && plan.contains("tokens_by_old_digest"), "{plan}");
    // A mistyped token is refused without any statement.
    app.program().bearer(&text[1..]).me().await.assert_problem(401, "token-malformed");
    assert!(plans::taken().is_empty());
}

#[actix_web::test]
async fn whoever_stops_roster_keeps_the_last_use() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    let id = app.machine(ada.organization(), "deploy", "CI/CD");
    let text = ada
        .make_token(&format!("/o/{}/system-accounts/{id}/tokens", ada.organization()), "deploy", &[])
        .await;
    app.program().bearer(&text).me().await.json();
    // As the server does it: signal the worker to stop, then wait for it.
    let (stop, stopped) = tokio::sync::watch::channel(false);
    let worker = actix_web::rt::spawn(app.roster.uses.clone().run(app.db.clone(), stopped));
    tokio::time::sleep(std::time::Duration::from_millis(300)).await;
    let last = "SELECT count(*) FROM tokens WHERE last_used_at IS NOT NULL";
    assert_eq!(app.count(last), 1, "written at once, and then every few seconds");
    app.wait(TimeDelta::minutes(1));
    app.program().at_address("10.9.9.9").bearer(&text).me().await.json();
    stop.send(true).expect("it runs");
    worker.await.expect("it stops");
    assert_eq!(app.text("SELECT last_used_address FROM tokens"), "10.9.9.9");
}

#[actix_web::test]
async fn uses_are_counted_by_day_and_put_together_from_every_process() {
    let (app, ada, base) = app().await;
    let text = ada.make_token(&base, "deploy", &[]).await;
    let nightly = ada.make_token(&base, "nightly", &[]).await;
    ada.get(&base).await.assert_sees("Uses, last 30 days 0");
    let other = app.another().await;
    for _ in 0..3 {
        app.program().bearer(&text).me().await.json();
        other.program().bearer(&text).me().await.json();
    }
    app.program().bearer(&nightly).me().await.json();
    assert_eq!(app.count("SELECT count(*) FROM token_use_days"), 0, "no request waits for a write");
    app.flush();
    other.flush();
    app.wait(TimeDelta::days(1));
    app.program().bearer(&text).me().await.json();
    app.flush();
    assert_eq!(app.count("SELECT count(*) FROM token_use_days"), 3);
    ada.sign_in("ada@example.org", GOOD).await;
    let page = ada.get(&base).await;
    let page = page
        .assert_sees("Uses, last 30 days 8")
        .assert_sees("7 uses in 30 days")
        .assert_sees("1 use in 30 days");
    assert!(page.attribute("svg.chart", "aria-label").is_some_and(|label| label.contains("8 in all")));
    // Each token has a picture of its own, under the number that is told of it.
    let one = ada.get(&page.link("1 use in 30 days")).await;
    one.assert_sees("Uses of “nightly”").assert_sees("Uses, last 30 days 1").assert_misses("Rename");
    ada.get(&page.link("7 uses in 30 days")).await.assert_sees("Uses of “deploy”");
    assert_eq!(page.attributes("a.item[href$='/uses']", "aria-label"), ["Uses of nightly", "Uses of deploy"]);
    // A deleted account's uses are deleted too, also those that were not written yet.
    app.program().bearer(&text).me().await.json();
    app.execute("DELETE FROM members WHERE name = 'deploy'");
    app.flush();
    assert_eq!(app.count("SELECT count(*) FROM token_use_days"), 0);
}

#[actix_web::test]
async fn days_that_no_page_shows_are_removed() {
    let (app, ada, base) = app().await;
    let text = ada.make_token(&base, "deploy", &[]).await;
    app.program().bearer(&text).me().await.json();
    app.flush();
    for (days, left) in [(29, 1), (1, 0)] {
        app.wait(TimeDelta::days(days));
        let now = app.clock.now();
        app.db.write_here(|tx| roster::tokens::sweep(tx, now)).expect("swept");
        assert_eq!(app.count("SELECT count(*) FROM token_use_days"), left);
    }
}
