//! How the engines read a large Audit Log: along an index, in the order of time, for every filter.

use crate::{
    harness::{Page, is_postgres, plans::taken},
    plans::{Seen, crowded, scans, sorts},
};

#[actix_web::test]
async fn every_filter_of_the_log_walks_along_an_index() {
    let (app, ada) = crowded().await;
    let page = ada.get("/users").await;
    // The first person did half of all actions, the others one each.
    let busy = app.text(if is_postgres() {
        "SELECT actor_id::text FROM audit_events GROUP BY actor_id ORDER BY count(*) DESC LIMIT 1"
    } else {
        "SELECT lower(hex(actor_id)) FROM audit_events GROUP BY actor_id ORDER BY count(*) DESC LIMIT 1"
    });
    let rare = page.members()[3].clone();
    taken();
    let mut seen = Seen::default();
    let single = [
        String::new(),
        format!("actor={busy}"),
        format!("actor={rare}"),
        format!("target={rare}"),
        "what=member.disabled".into(),
        "what=invitation.sent".into(),
        "what=never.happened".into(),
        "address=203.0.113.7".into(),
        "address=nowhere".into(),
        "from=2026-03-02&to=2026-03-03".into(),
        format!("batch={busy}"),
        "actor=person+17".into(),
        "target=person+17".into(),
        "target=Person+17".into(),
        "actor=roster".into(),
        "actor=nobody+at+all".into(),
    ];
    let several = [
        format!("actor={busy}&target={rare}"),
        format!("actor={busy}&what=member.disabled"),
        format!("actor={rare}&what=invitation.sent&address=203.0.113.7"),
        "what=invitation.sent&address=203.0.113.7&from=2026-03-01".into(),
        "actor=person+1&target=person+2&what=member.disabled&to=2026-03-05".into(),
    ];
    for query in single.iter().chain(&several) {
        let first = ada.get(&format!("/audit?{query}")).await.assert_status(200);
        let next = |page: &Page, rel: &str| page.attribute(&format!("a[rel={rel}]"), "href");
        if let Some(older) = next(&first, "next") {
            let page = ada.get(&older).await.assert_status(200);
            ada.get(&next(&page, "prev").expect("newer ones")).await.assert_status(200);
        }
        seen.note(query);
    }
    for address in [
        format!("/users/{rare}/history"),
        "/audit/export?what=member.disabled".into(),
        "/audit/export".into(),
    ] {
        ada.get(&address).await.assert_status(200);
        seen.note(&address);
    }
    seen.assert_good(&app, |statement, what, plan| {
        // Queries with several filters, or with the ids that a name once stood for, match few rows. They may gather and
        // sort.
        let is_walk = statement.contains("audit_events") && statement.contains("ORDER BY") && !several.iter().any(|query| query == what);
        scans(plan) || is_walk && sorts(plan)
    });
}
