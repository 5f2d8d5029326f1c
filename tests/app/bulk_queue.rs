//! Batches that run at the same time, and one that is undone.

use crate::harness::{TestApp, large_organizations};

#[actix_web::test]
async fn batches_take_turns_so_that_a_large_one_keeps_nobody_waiting() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    large_organizations::gather(&app, 1200);
    ada.get("/bulk?kind=user&act=end_sessions&all=1&query=%3Ftab%3Dactive%26q%3Dperson").await;
    ada.submit("End the sessions", &[]).await.assert_sees("Under way: 200 of");
    for _ in 0..2 {
        ada.get("/bulk?kind=user&act=send_reset&all=1&query=%3Ftab%3Dactive%26q%3Dperson").await;
        ada.submit("Send a password reset", &[]).await.assert_sees("Under way: 200 of");
    }
    // The batch that waited longest comes next.
    let passed = "(SELECT done + unchanged + refused FROM batches ORDER BY created_at, id LIMIT 1 OFFSET";
    let all = || [0, 1, 2].map(|nth| app.count(&format!("SELECT {passed} {nth})")));
    let runner = &app.roster.runner;
    assert_eq!(all(), [200, 200, 200]);
    for expected in [[400, 200, 200], [400, 400, 200], [400, 400, 400], [600, 400, 400]] {
        assert!(runner.run_next().expect("a chunk"));
        assert_eq!(all(), expected);
    }
    app.work();
    assert_eq!(app.count("SELECT count(*) FROM batches WHERE state = 'done'"), 3);
}

#[actix_web::test]
async fn what_is_taken_back_is_copied_by_the_database_and_worked_through_like_any_other() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    large_organizations::gather(&app, 600);
    ada.get("/bulk?kind=user&act=disable&all=1&query=%3Ftab%3Dactive%26q%3Dperson").await;
    ada.submit("Disable", &[("reason", "A mistake")]).await.assert_sees("Under way: 200 of");
    app.work();
    let path = ada.page().path;
    ada.get(&path).await;
    let done = app.count("SELECT done FROM batches");
    ada.submit("Undo", &[]).await.assert_sees("Under way: 200 of");
    assert_eq!(app.count("SELECT total FROM batches WHERE undoes IS NOT NULL"), done);
    app.work();
    assert_eq!(app.count("SELECT done FROM batches WHERE undoes IS NOT NULL"), done);
    assert_eq!(
        app.count("SELECT count(*) FROM members WHERE status_reason = 'A mistake' AND status = 'disabled'"),
        0
    );
    // Undoing it again changes nothing.
    let undone = "SELECT count(*) FROM audit_events WHERE action = 'member.enabled' AND batch_id IS NOT NULL";
    assert_eq!(app.count(undone), done);
}
