//! The list of system accounts with many rows: read by index for every sort order and filter; and its search.

use crate::{
    harness::{GOOD, Person, TestApp, is_postgres, large_organizations::gather, plans::record, plans::taken},
    plans::{Seen, is_bounded, scans, sorts},
};
use chrono::TimeDelta;

/// Organizations in which nearly every member is a system account.
async fn mechanized(organizations: u32, members: u32) -> (TestApp, Person) {
    record();
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    for number in 2..=organizations {
        app.another_organization(&format!("Number {number}"), &format!("Ada {number}"), None).await;
    }
    gather(&app, members);
    app.execute(
        "UPDATE members SET kind = 'system_account', user_id = NULL, provider = 'local', last_api_use_at = last_sign_in_at, last_sign_in_at = NULL \
         WHERE name LIKE 'Person %' AND status <> 'invited'",
    );
    if is_postgres() {
        app.tidy();
    }
    taken();
    (app, ada)
}

fn addresses() -> Vec<String> {
    let mut all = Vec::new();
    for disabled in ["", "&disabled=1"] {
        for sort in ["name", "status", "roles", "teams", "last_api_use"] {
            for direction in ["asc", "desc"] {
                all.push(format!("/system-accounts?per=25&sort={sort}&dir={direction}{disabled}"));
            }
        }
    }
    all
}

#[actix_web::test]
async fn every_list_of_system_accounts_walks_along_an_index() {
    let (app, ada) = mechanized(8, 2_500).await;
    let mut seen = Seen::default();
    for address in addresses() {
        let page = ada.get(&address).await.assert_status(200);
        let page = ada.get(&page.attribute("a[rel=next]", "href").expect("another page")).await;
        ada.get(&page.attribute("a[rel=prev]", "href").expect("a page before")).await;
        let last = ada.get(&format!("{address}&last=1")).await.assert_status(200);
        ada.get(&last.attribute("a[rel=prev]", "href").expect("a page before")).await.assert_status(200);
        seen.note(&address);
    }
    seen.assert_good(&app, |statement, _, plan| {
        let is_page = statement.contains("LIMIT") && statement.contains("name_key") && statement.contains("ORDER BY");
        scans(plan) || is_page && sorts(plan)
    });
}

#[actix_web::test]
async fn filters_and_one_account_are_found_by_index_among_a_hundred_thousand() {
    let (app, ada) = mechanized(1, 100_000).await;
    let page = ada.get("/system-accounts").await.assert_status(200);
    let choice = |name: &str| page.attribute(&format!("input[name={name}]"), "value").expect("a choice");
    let id = page.members()[2].clone();
    let mut all: Vec<String> = vec![
        format!("/system-accounts/{id}"),
        format!("/system-accounts/{id}/roles"),
        format!("/system-accounts/{id}/tokens"),
        format!("/system-accounts/{id}/history"),
        format!("/system-accounts/{id}/disablement"),
        format!("/bulk?kind=system_account&act=disable&member={id}"),
        "/system-accounts/new".into(),
        "/batches".into(),
    ];
    for filter in [
        format!("team={}", choice("team")),
        "seen=never".into(),
        "seen=90".into(),
        "q=p".into(),
        "q=person+123".into(),
        "q=nothing+at+all".into(),
    ] {
        for disabled in ["", "&disabled=1"] {
            all.push(format!("/system-accounts?{filter}{disabled}"));
            all.push(format!("/system-accounts?{filter}{disabled}&sort=last_api_use&last=1"));
        }
    }
    let mut seen = Seen::default();
    for address in &all {
        ada.get(address).await.assert_status(200);
        seen.note(address);
    }
    ada.create_system_account("deploy", "CI/CD").await;
    seen.note("creating one");
    seen.assert_good(&app, |statement, _, plan| scans(plan) && !is_bounded(statement));
}

#[actix_web::test]
async fn nothing_typed_breaks_the_list_or_shows_as_markup() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    let script = "\"><img src=x onerror=alert(1)>";
    let id = ada.create_system_account(script, "CI/CD").await;
    let long = "x".repeat(3_000);
    for typed in ["\0", "' OR 1=1 --", "%", "\\", script, "-1", "9223372036854775808", &long] {
        for name in [
            "q", "disabled", "sort", "dir", "role", "team", "seen", "per", "after", "before", "row", "tab",
        ] {
            let query = serde_html_form::to_string([(name, typed)]).expect("a query");
            let page = ada.get(&format!("/system-accounts?{query}")).await;
            assert!(matches!(page.status, 200 | 400), "{name}={typed:.40}: {}", page.status);
            assert!(page.all("[onerror]").is_empty());
        }
        ada.get("/system-accounts/new").await;
        let page = ada.submit("Create System Account", &[("name", typed), ("title", typed)]).await;
        assert!(matches!(page.status, 200 | 400 | 413 | 422), "{}", page.status);
        assert!(page.all("[onerror]").is_empty());
    }
    for tail in ["", "/roles", "/history", "/disablement", "/deletion", "/administration"] {
        let page = ada.get(&format!("/system-accounts/{id}{tail}")).await.assert_status(200);
        assert!(page.all("[onerror]").is_empty(), "{tail}");
    }
    let page = ada.get(&format!("/bulk?kind=system_account&act=delete&member={id}")).await;
    assert!(page.all("[onerror]").is_empty());
}

#[actix_web::test]
async fn no_list_count_or_file_shows_a_system_account_of_another_organization() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    let other = app.another_organization("Zanzibar Corp", "Alan", None).await;
    let id = other.create_system_account("zanzibar-deploy", "CI/CD").await;
    other.get(&format!("/system-accounts/{id}/disablement")).await;
    other.submit("Disable", &[]).await;
    ada.create_system_account("mine", "CI/CD").await;
    for query in [
        "",
        "disabled=1",
        "q=zanzibar&disabled=1",
        "q=deploy&disabled=1",
        "seen=never&disabled=1",
    ] {
        ada.get(&format!("/system-accounts?{query}")).await.assert_misses("zanzibar-deploy");
        ada.get(&format!("/system-accounts/export?{query}")).await.assert_misses("zanzibar-deploy");
    }
    for tail in ["", "/roles", "/tokens", "/history", "/disablement", "/deletion"] {
        ada.get(&format!("/system-accounts/{id}{tail}"))
            .await
            .assert_status(404)
            .assert_misses("zanzibar-deploy");
    }
    ada.get(&format!("/bulk?kind=system_account&act=enable&member={id}"))
        .await
        .assert_sees("Nothing was chosen")
        .assert_misses("zanzibar-deploy");
}

#[actix_web::test]
async fn what_nothing_calls_any_more_is_found_whether_it_ever_called_or_not() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    ada.create_system_account("silent", "CI/CD").await;
    let stale = ada.create_system_account("stale", "CI/CD").await;
    let busy = ada.create_system_account("busy", "CI/CD").await;
    let mut tokens = Vec::new();
    for machine in [&stale, &busy] {
        let base = format!("/o/{}/system-accounts/{machine}/tokens", ada.organization());
        tokens.push(ada.make_token(&base, "nightly", &[("expiry", "365")]).await);
    }
    let call = async |token: &str| app.program().bearer(token).me().await.json();
    call(&tokens[0]).await;
    app.roster.uses.flush(&app.db).expect("written down");
    app.wait(TimeDelta::days(91));
    call(&tokens[1]).await;
    app.roster.uses.flush(&app.db).expect("written down");
    ada.sign_in("ada@example.org", GOOD).await;
    ada.create_system_account("new", "CI/CD").await;
    let mut names = ada.get("/system-accounts?seen=90").await.assert_sees("Unused for 90 days").names();
    names.sort();
    assert_eq!(names, ["silent", "stale"]);
    assert_eq!(ada.get("/system-accounts?seen=never").await.names().len(), 2);
    let file = ada.get("/system-accounts/export?seen=90").await.assert_misses("busy").assert_misses("new,");
    assert!(file.body.contains("silent") && file.body.contains("stale"));
}
