//! Statements are prepared once on each connection: a request that came before prepares nothing.

use crate::harness::{
    Person, TestApp, is_postgres,
    plans::{self, unprepared},
    system_accounts::Program,
};

/// More requests than connections take turns.
const WARM: usize = 12;

/// Asserts that the work prepares nothing, once it was done before.
macro_rules! assert_prepared {
    ($what:expr, $work:expr) => {{
        for _ in 0..WARM {
            $work;
        }
        unprepared();
        $work;
        let unprepared = unprepared();
        assert!(unprepared.is_empty(), "{} prepares {}:\n{}", $what, unprepared.len(), unprepared.join("\n"));
    }};
}

async fn app() -> (TestApp, Person, Program) {
    plans::record();
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    for name in ["Grace", "Linus", "Mary"] {
        ada.welcome(name, "User").await;
    }
    ada.create_team("Night shift").await;
    let program = app.program_as(&ada, "bench", "Administrator").await;
    (app, ada, program)
}

#[actix_web::test]
async fn a_program_that_comes_again_prepares_nothing() {
    let (_app, ada, program) = app().await;
    assert_prepared!("/api/v1/me", program.me().await.assert_status(200));
    let grace = ada.member("Grace").await;
    let body = serde_json::json!({ "permission": "user:read:*", "member": grace });
    assert_prepared!("/api/v1/authorize", program.send("POST", "/api/v1/authorize", &body).await.assert_status(200));
    for path in ["/api/v1/users", "/api/v1/teams", "/api/v1/audit_events"] {
        assert_prepared!(path, program.get(path).await.assert_status(200));
    }
}

#[actix_web::test]
async fn a_page_that_is_opened_again_prepares_nothing() {
    let (_app, ada, _program) = app().await;
    let grace = ada.member("Grace").await;
    let pages = [
        "/users".to_owned(),
        "/users?tab=active&sort=last_sign_in".to_owned(),
        format!("/users/{grace}"),
        format!("/users/{grace}/roles"),
        "/system-accounts".to_owned(),
        "/teams".to_owned(),
        "/roles".to_owned(),
        "/policies".to_owned(),
        "/audit".to_owned(),
    ];
    for page in pages {
        assert_prepared!(page, ada.get(&page).await.assert_status(200));
    }
    // PostgreSQL plans each search by its words.
    if !is_postgres() {
        assert_prepared!("a search", ada.get("/users?q=grace").await.assert_status(200));
    }
}
