//! What the export of the Audit Log contains.

use crate::{
    audit::{insert, told},
    harness::{Person, TestApp},
};
use chrono::TimeDelta;
use std::collections::BTreeSet;

async fn lines(ada: &Person, query: &str) -> Vec<serde_json::Value> {
    let page = ada.get(&format!("/audit/export?format=jsonl&{query}")).await.assert_status(200);
    assert_eq!(page.headers.get("content-type").expect("a header"), "application/jsonl; charset=utf-8");
    let read = |line: &str| serde_json::from_str(line).unwrap_or_else(|why| panic!("{line}: {why}"));
    page.body.lines().map(read).collect()
}

#[actix_web::test]
async fn an_export_holds_exactly_what_is_filtered_and_is_written_down_itself() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    for number in 1..=2_345 {
        insert(&app, number, "Person", if number % 2 == 0 { "member.disabled" } else { "member.enabled" }, None);
    }
    let all = lines(&ada, "").await;
    let ids: BTreeSet<&str> = all.iter().filter_map(|line| line["id"].as_str()).collect();
    assert_eq!((all.len(), ids.len()), (2_347, 2_347), "each once, in three parts");
    assert_eq!(all[0]["action"], "audit.exported");
    assert_eq!(all[2]["target"]["name"], "Person 2345");
    assert_eq!(all[2]["after"]["note"], "Person");
    let some = lines(&ada, "what=member.disabled&to=2026-02-02").await;
    assert_eq!(some.len(), 1_172);
    let page = ada.get("/audit/export?what=member.disabled").await;
    assert_eq!(
        page.headers.get("content-disposition").expect("a header"),
        "attachment; filename=\"audit-log-2026-03-11.csv\""
    );
    assert_eq!(page.body.lines().count(), 1_173);
    assert!(page.body.starts_with("at,actor,actor_id,action,what,"), "{}", &page.body[..200]);
    let log = ada.get("/audit?what=audit.exported").await;
    assert_eq!(told(&log), ["Ada exported the audit log"; 3]);
    log.assert_sees("member.disabled").assert_sees("2026-02-02").assert_sees("jsonl");
}

#[actix_web::test]
async fn an_export_wants_a_recent_proof_and_asking_for_its_head_is_none() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    let path = format!("/o/{}/audit/export", ada.organization());
    let before = app.count("SELECT count(*) FROM audit_events");
    let head = ada.request(actix_web::http::Method::HEAD, &path, None).await.assert_status(200);
    assert!(head.body.is_empty());
    app.wait(TimeDelta::minutes(20));
    let page = ada.request(actix_web::http::Method::GET, &path, None).await;
    assert_eq!(page.status, 303);
    assert!(page.went[0].starts_with("/sign-in/again?next="), "{:?}", page.went);
    ada.get("/audit").await.assert_status(200);
    assert_eq!(app.count("SELECT count(*) FROM audit_events"), before);
}

#[actix_web::test]
async fn no_cell_of_a_sheet_is_a_formula() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    for (number, name) in (1..).zip(["=1+1", "@SUM(A1)", "+1", "-1", "plain, with a comma"]) {
        insert(&app, number, name, "member.disabled", None);
    }
    let csv = ada.get("/audit/export?format=csv").await.assert_status(200).body;
    for cell in [",'=1+1 1,", ",'@SUM(A1) 2,", ",'+1 3,", ",'-1 4,", ",\"plain, with a comma 5\","] {
        assert!(csv.contains(cell), "{cell} is not in {csv}");
    }
}
