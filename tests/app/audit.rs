//! The Audit Log and a member's history: what they show, to whom, and what the export contains.

use crate::harness::{GOOD, Page, TestApp, assert_none, files, is_postgres};
use chrono::TimeDelta;
use roster::audit::words;

/// The texts of the rows, newest first.
pub fn told(page: &Page) -> Vec<String> {
    page.all(".events .what")
}

#[actix_web::test]
async fn the_log_tells_who_did_what_to_whom_from_where() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    ada.welcome("Grace Hopper", "User").await;
    app.wait(TimeDelta::hours(3));
    let ada = ada.at_address("198.51.100.9");
    let id = ada.member("Grace Hopper").await;
    ada.get(&format!("/users/{id}/disablement")).await;
    ada.submit("Disable", &[("reason", "left in March")]).await;
    let page = ada.get("/audit").await.assert_status(200).assert_sees("Audit Log");
    assert_eq!(
        told(&page),
        [
            "Ada disabled Grace Hopper",
            "Grace Hopper accepted the invitation",
            "Ada invited grace.hopper@example.org",
            "Ada founded Analytical Engines",
        ]
    );
    page.clone().assert_sees("198.51.100.9").assert_sees("just now").assert_sees("3 hours ago");
    let changes = page.all(".events li:first-child .changes tr");
    assert_eq!(changes, ["Field Before After", "Status active disabled", "Reason – left in March"]);
    let path = format!("/o/{}/users/{id}", ada.organization());
    assert!(page.attributes(".events li:first-child .what a", "href").contains(&path), "the profile is linked");
    // A granted role is shown by its name.
    let sent = page.all(".events li:nth-child(3) .changes tr");
    assert!(sent.contains(&"Roles User".to_owned()), "{sent:?}");
}

#[actix_web::test]
async fn filters_add_up_and_stand_in_the_address() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    ada.welcome("Grace Hopper", "User").await;
    let kay = ada.welcome_administrator("Kay").await.at_address("198.51.100.9");
    insert(&app, 1, "Somebody", "member.disabled", None);
    app.wait(TimeDelta::days(2));
    ada.sign_in("ada@example.org", GOOD).await;
    kay.sign_in("kay@example.org", GOOD).await;
    kay.disable("Grace Hopper").await;
    let grace = ada.member("Grace Hopper").await;
    let by_kay = ["Kay disabled Grace Hopper", "Kay accepted the invitation"];
    let disabled = ["Kay disabled Grace Hopper", "Roster disabled Somebody 1"];
    let about_grace = [
        "Kay disabled Grace Hopper",
        "Grace Hopper accepted the invitation",
        "Ada invited grace.hopper@example.org",
    ];
    for (query, found) in [
        ("actor=kay".to_owned(), by_kay.to_vec()),
        ("actor=KAY@example".into(), by_kay.to_vec()),
        ("actor=roster".into(), vec!["Roster disabled Somebody 1"]),
        ("actor=nobody".into(), vec![]),
        ("target=hopper".into(), about_grace.to_vec()),
        (format!("target={grace}"), about_grace.to_vec()),
        ("target=Analytical+Engines".into(), vec!["Ada founded Analytical Engines"]),
        ("target=hopper&actor=kay".into(), about_grace[..1].to_vec()),
        (format!("actor={grace}"), about_grace[1..2].to_vec()),
        ("what=member.disabled".into(), disabled.to_vec()),
        ("what=member.disabled&actor=ada".into(), vec![]),
        ("address=198.51.100.9".into(), by_kay[..1].to_vec()),
        ("address=198.51.100".into(), vec![]),
        ("from=2026-03-12".into(), about_grace[..1].to_vec()),
        (
            "from=2026-03-11&to=2026-03-11&what=invitation.accepted".into(),
            vec!["Kay accepted the invitation", "Grace Hopper accepted the invitation"],
        ),
        ("to=2026-03-10".into(), disabled[1..].to_vec()),
        ("to=2026-02-01".into(), vec![]),
        ("from=x&to=2026-99-99&older=y&batch=z&what=member.disabled".into(), disabled.to_vec()),
    ] {
        let page = ada.get(&format!("/audit?{query}")).await.assert_status(200);
        assert_eq!(told(&page), found, "{query}");
    }
    let chosen = ada.get(&format!("/audit?target={grace}&what=member.disabled")).await;
    assert_eq!(chosen.attributes("option[selected]", "value"), ["member.disabled"]);
    let without = ada.get(&chosen.attribute("a.chip-remove", "href").expect("a way out")).await;
    assert_eq!(told(&without), disabled);
    assert_eq!(told(&ada.get(&chosen.link("Clear all")).await).len(), 7);
}

#[actix_web::test]
async fn what_was_done_in_one_go_is_found_together() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    let batch = "0190a000-0000-7000-8000-000000000001";
    for number in 1..=3 {
        insert(&app, number, "Person", "member.disabled", Some(batch));
    }
    let page = ada.get("/audit?what=member.disabled").await;
    assert_eq!(page.all(".events a.tag"), ["in bulk"; 3]);
    assert_eq!(told(&ada.get(&page.link("everything done in the same go")).await).len(), 3);
}

/// Inserts events directly, a second apart.
pub fn insert(app: &TestApp, number: i64, name: &str, action: &str, batch: Option<&str>) {
    let name = name.replace('\'', "''");
    let (id, at, batch) = if is_postgres() {
        (
            "gen_random_uuid()".to_owned(),
            format!("to_timestamp({})", 1_770_000_000 + number),
            batch.map_or("NULL".to_owned(), |id| format!("'{id}'::uuid")),
        )
    } else {
        (
            "randomblob(16)".to_owned(),
            format!("{}000000", 1_770_000_000 + number),
            batch.map_or("NULL".to_owned(), |id| format!("x'{}'", id.replace('-', ""))),
        )
    };
    let document = format!("'{{\"note\": \"{name}\"}}'");
    app.execute(&format!(
        "INSERT INTO audit_events (id, organization_id, at, actor_kind, actor_name, action, target_kind, target_name, address, request_id, batch_id, before, after) \
         SELECT {id}, o.id, {at}, 'system', 'Roster', '{action}', 'member', '{name} {number}', '203.0.113.1', 'r', {batch}, NULL, {document} \
         FROM organizations o WHERE o.name = 'Analytical Engines'"
    ));
}

#[actix_web::test]
async fn pages_follow_each_other_without_loss_or_repetition() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    for number in 1..=120 {
        insert(&app, number, "Person", "member.disabled", None);
    }
    let mut all = Vec::new();
    let mut page = ada.get("/audit").await;
    loop {
        all.extend(told(&page));
        let Some(next) = page.attribute("a[rel=next]", "href") else { break };
        page = ada.get(&next).await.assert_status(200);
    }
    assert_eq!((all.len(), all[0].as_str()), (121, "Ada founded Analytical Engines"));
    assert_eq!(all[1], "Roster disabled Person 120");
    assert_eq!(all[120], "Roster disabled Person 1");
    assert_eq!(told(&page).len(), 21);
    let newer = ada.get(&page.attribute("a[rel=prev]", "href").expect("newer ones")).await;
    assert_eq!(told(&newer), all[50..100]);
    let newest = ada.get(&newer.attribute("a[rel=prev]", "href").expect("newer ones")).await;
    assert_eq!(told(&newest), all[..50]);
    assert!(newest.attribute("a[rel=prev]", "href").is_none());
    assert_eq!(told(&ada.get(&page.link("Newest")).await), all[..50]);
}

#[actix_web::test]
async fn a_history_holds_what_somebody_did_and_what_was_done_to_them() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    let kay = ada.welcome_administrator("Kay").await;
    ada.welcome("Grace Hopper", "User").await;
    kay.disable("Grace Hopper").await;
    let id = ada.member("Kay").await;
    let profile = ada.get(&format!("/users/{id}")).await;
    let history = ada.get(&profile.link("History")).await.assert_status(200);
    assert_eq!(
        told(&history),
        [
            "Kay disabled Grace Hopper",
            "Kay accepted the invitation",
            "Ada invited kay@example.org"
        ]
    );
    history.assert_sees("In the Audit Log");
}

#[actix_web::test]
async fn only_who_may_read_the_log_sees_that_there_is_one() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    let vera = ada.welcome("Vera", "User").await;
    let id = vera.member("Vera").await;
    vera.get(&format!("/users/{id}")).await.assert_misses("History").assert_misses("Audit Log");
    for path in ["/audit", "/audit/export", &format!("/users/{id}/history")] {
        vera.get(path).await.assert_status(403).assert_sees("audit:read:*");
    }
    app.role(ada.organization(), "Auditor", &["user:read:*", "audit:read:*"]);
    let otto = ada.welcome("Otto", "Auditor").await;
    otto.get("/users").await.assert_sees("Audit Log");
    otto.get("/audit").await.assert_status(200).assert_sees("Ada invited vera@example.org");
}

#[actix_web::test]
async fn whoever_is_gone_stays_readable_without_a_link() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    ada.invite("linus@example.org", "Viewer").await;
    ada.get("/users?tab=invited").await;
    let page = ada.open_first_menu().await;
    ada.get(&page.attribute("a[href*='/cancellation']", "href").expect("an invitation")).await;
    ada.submit("Cancel", &[]).await.assert_sees("cancelled");
    let log = ada.get("/audit?target=linus%40example.org").await;
    assert_eq!(told(&log), ["Ada cancelled the invitation of linus@example.org", "Ada invited linus@example.org"]);
    assert_eq!(log.all(".events li:first-child .what a"), ["Ada"], "only who is here is linked");
    let about = ada.get(&log.link("everything about linus@example.org")).await;
    assert_eq!(told(&about).len(), 2);
    assert!(about.all(".filter.on .chip")[0].contains("linus@example.org"));
}

const HOSTILE: &str = "<img src=x onerror=alert(1)>=cmd|x";

#[actix_web::test]
async fn hostile_text_in_names_and_details_is_only_text() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    insert(&app, 1, HOSTILE, "member.disabled", None);
    insert(&app, 2, "=1+1", "member.<b>unknown</b>", None);
    let page = ada.get("/audit").await;
    assert!(page.all("img").is_empty() && page.all(".what b b").is_empty());
    page.assert_sees(&format!("Roster disabled {HOSTILE} 1"))
        .assert_sees("Roster member <b>unknown</b>: =1+1 2");
    for query in [
        format!("actor={HOSTILE}"),
        format!("target={HOSTILE}&what={HOSTILE}&address={HOSTILE}"),
        "actor=%25%27%22%28%29*&target=NEAR(".into(),
    ] {
        let query = query.replace(' ', "+").replace('<', "%3C").replace('>', "%3E").replace('|', "%7C");
        let page = ada.get(&format!("/audit?{query}")).await.assert_status(200);
        assert!(page.all("img").is_empty(), "{query}");
    }
}

#[actix_web::test]
async fn one_organization_never_reads_of_another() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    ada.welcome("Grace Hopper", "User").await;
    let (grace, own) = (ada.member("Grace Hopper").await, ada.member("Ada").await);
    let bob = app.another_organization("Corp", "Bob", None).await;
    let batch = "0190a000-0000-7000-8000-000000000002";
    insert(&app, 1, "Secretive", "member.disabled", Some(batch));
    for query in [
        String::new(),
        "?actor=ada".into(),
        "?target=grace".into(),
        format!("?target={grace}"),
        format!("?actor={own}"),
        "?target=Secretive+1".into(),
        "?address=203.0.113.1".into(),
        "?what=invitation.sent".into(),
        format!("?batch={batch}"),
    ] {
        let log = bob.get(&format!("/audit{query}")).await.assert_status(200);
        assert!(told(&log).iter().all(|line| line == "Bob founded Corp"), "{query}: {:?}", told(&log));
        log.assert_misses("Hopper");
        let csv = bob.get(&format!("/audit/export{query}")).await.assert_status(200).body;
        assert!(!csv.contains("Hopper") && !csv.contains("Secretive 1,"), "{query}: {csv}");
    }
    bob.get(&format!("/users/{grace}/history")).await.assert_status(404);
    bob.get(&format!("/o/{}/audit", ada.organization())).await.assert_status(404);
}

/// Texts in the code that look like actions but are not.
const OTHER_WORDS: [&str; 10] = [
    "email.confirm",
    "invitation.added",
    "invitations.asked",
    "invitations.imported",
    "invitations.recipient",
    "invitations.sent",
    "letters.administrator",
    "letters.email",
    "password.present",
    "password.temporary",
];

#[test]
fn every_action_that_is_recorded_has_words() {
    let mut wrong = Vec::new();
    let mut seen = 0;
    for file in files("src", ".rs") {
        let code = file.code();
        // Types of events have names like actions.
        let has_other_names = file.path == "src/webhooks/events.rs";
        if file.module() == "audit" && file.name() == "words.rs" || has_other_names || !code.contains("audit") {
            continue;
        }
        // Every second piece between quotation marks is a string literal.
        for text in code.split('"').skip(1).step_by(2) {
            let word = |part: &str| !part.is_empty() && part.chars().all(|c| c.is_ascii_lowercase() || c == '_');
            let is_action = text.split_once('.').is_some_and(|(module, what)| word(module) && word(what));
            if !is_action || OTHER_WORDS.contains(&text) {
                continue;
            }
            seen += 1;
            if words::ALL.iter().all(|words| words.action != text) {
                wrong.push(format!("{}: {text}", file.path));
            }
        }
    }
    assert!(seen > 15, "only {seen} actions were seen");
    assert_none("actions without words in src/audit/words.rs", wrong);
}
