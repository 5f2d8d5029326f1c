//! What a check answered is given again only as long as nothing changed, by any process or by time alone.

use crate::harness::{TestApp, instant};
use chrono::TimeDelta;
use serde_json::json;

#[actix_web::test]
async fn a_role_that_ends_by_itself_ends_for_those_who_were_just_let_in() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    app.role(ada.organization(), "Reader", &["user:read:*"]);
    let program = app.program_as(&ada, "reports", "Reader").await;
    let ends = instant(app.clock.now() + TimeDelta::minutes(5));
    app.execute(&format!(
        "UPDATE member_roles SET until_at = {ends} WHERE member_id IN (SELECT id FROM members WHERE kind = 'system_account')"
    ));
    let question = json!({ "permission": "user:read:*" });
    for (minutes, is_allowed) in [(0, true), (0, true), (4, true), (1, false), (0, false)] {
        app.wait(TimeDelta::minutes(minutes));
        program.get("/api/v1/users").await.assert_status(if is_allowed { 200 } else { 403 });
        let answer = program.send("POST", "/api/v1/authorize", &question).await.json();
        assert_eq!(answer["allowed"], is_allowed);
    }
}

#[actix_web::test]
async fn what_is_taken_away_in_another_process_or_by_hand_is_gone_at_once() {
    let app = TestApp::start().await;
    let other = app.another().await;
    let ada = app.administrator("Ada").await;
    app.role(ada.organization(), "Reader", &["user:read:*"]);
    let program = app.program_as(&ada, "reports", "Reader").await;
    let (here, there) = (program.clone(), program.at(&other));
    let both = |status: u16| {
        let (here, there) = (here.clone(), there.clone());
        async move {
            for _ in 0..2 {
                here.get("/api/v1/users").await.assert_status(status);
                there.get("/api/v1/users").await.assert_status(status);
            }
        }
    };
    both(200).await;
    app.execute("UPDATE members SET status = 'disabled' WHERE kind = 'system_account'");
    both(401).await;
    other.execute("UPDATE members SET status = 'active' WHERE kind = 'system_account'");
    both(200).await;
    other.execute("DELETE FROM role_permissions WHERE permission = 'user:read:*'");
    both(403).await;
    app.execute("DELETE FROM tokens WHERE 1 = 1");
    both(401).await;
}
