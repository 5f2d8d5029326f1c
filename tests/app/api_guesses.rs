//! Guesses at API passwords: the guesser has to wait, while the process with the right password goes on working.

use crate::harness::{BETTER, TestApp};
use chrono::TimeDelta;
use futures_util::future::{join, join_all};
use roster::{
    kit::secret::SecretString,
    passwords::{Cost, Hasher},
};

const API: &str = "a kettle of fourteen herons";
const GRACE: &str = "grace@example.org";
/// The address of Grace's program.
const SERVER: &str = "192.0.2.1";

/// Grace with an API password.
async fn app() -> (TestApp, crate::harness::Person, String) {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    ada.welcome("Grace", "User").await;
    let id = ada.member("Grace").await;
    ada.let_use_api(&id, API).await;
    (app, ada, id)
}

async fn ask(app: &TestApp, address: &str, password: &str) -> u16 {
    app.program().at_address(address).basic(GRACE, password).me().await.0.status
}

/// Guesses from many addresses until every unknown source has to wait.
async fn besiege(app: &TestApp) {
    for at in 0..12 {
        ask(app, &format!("198.51.100.{at}"), "wrong").await;
    }
    assert_eq!(ask(app, "198.51.100.99", "wrong").await, 429);
}

#[actix_web::test]
async fn whoever_guesses_from_elsewhere_stops_no_process_that_had_it_right_from_where_it_is() {
    let (app, ada, id) = app().await;
    assert_eq!(ask(&app, SERVER, API).await, 200);
    besiege(&app).await;
    // Another process of Roster has no memory of this source and hashes again. So does this process after the password
    // changed.
    let other = app.another().await;
    assert_eq!(ask(&other, SERVER, API).await, 200);
    assert_eq!(ask(&other, "198.51.100.99", "wrong").await, 429, "nobody else is forgiven for that");
    ada.let_use_api(&id, BETTER).await;
    assert_eq!(ask(&other, SERVER, BETTER).await, 200);
    // A known source has a rate limit too.
    let mut answers = Vec::new();
    for _ in 0..12 {
        answers.push(ask(&app, SERVER, "wrong").await);
    }
    assert_eq!(answers, [[401].repeat(10), [429].repeat(2)].concat());
}

#[actix_web::test]
async fn a_source_is_known_for_a_month_after_the_right_one_came_from_it_last() {
    let (app, ..) = app().await;
    assert_eq!(ask(&app, SERVER, API).await, 200);
    app.wait(TimeDelta::days(29));
    // The password is not hashed here any more, but its use is recorded.
    assert_eq!(ask(&app, SERVER, API).await, 200);
    app.flush();
    app.wait(TimeDelta::days(29));
    besiege(&app).await;
    let other = app.another().await;
    assert_eq!(ask(&other, SERVER, API).await, 200);
    app.wait(TimeDelta::days(31));
    besiege(&app).await;
    assert_eq!(ask(&app.another().await, SERVER, API).await, 429);
}

#[actix_web::test]
async fn of_many_guesses_at_once_in_two_processes_ten_are_compared() {
    let (app, ..) = app().await;
    let other = app.another().await;
    assert_eq!(ask(&app, SERVER, API).await, 200);
    let guesses = (0..40).map(|at| {
        let process = if at % 2 == 0 { &app } else { &other };
        let address = format!("198.51.{}.{at}", 100 + at % 2);
        async move { ask(process, &address, "wrong").await }
    });
    let (answers, hers) = join(join_all(guesses), ask(&other, SERVER, API)).await;
    let compared = answers.iter().filter(|status| **status == 401).count();
    assert_eq!(compared, 10, "{answers:?}");
    assert!(answers.iter().all(|status| matches!(status, 401 | 429)));
    assert_eq!(hers, 200);
}

#[actix_web::test]
async fn what_is_taken_away_while_a_password_is_compared_counts() {
    for taken in [
        "UPDATE members SET status = 'disabled' WHERE name = 'Grace'",
        "UPDATE api_access SET hash = NULL, changed_at = NULL",
        "DELETE FROM api_access",
    ] {
        let (app, ..) = app().await;
        // A hash that takes longer to compare than the statement takes to run.
        let slow = Hasher::new(Cost::default()).expect("a cost");
        let hash = slow.hash(&SecretString::new(API)).await.expect("a hash");
        app.execute(&format!("UPDATE api_access SET hash = '{hash}'"));
        let before = app.roster.hasher.done();
        let meanwhile = async {
            while app.roster.hasher.done() == before {
                tokio::task::yield_now().await;
            }
            app.execute(taken);
        };
        let (status, ()) = join(ask(&app, SERVER, API), meanwhile).await;
        assert_eq!(status, 401, "{taken}");
        assert_eq!(ask(&app, SERVER, API).await, 401, "{taken}");
    }
}
