//! A database that does not answer: a page says so, no data is lost, and Roster continues by itself afterwards.

use crate::harness::{Page, Person, TestApp, is_postgres};
use actix_web::http::Method;
use diesel::{Connection, PgConnection, RunQueryDsl, SqliteConnection, connection::SimpleConnection, sql_query};

/// While this value lives, the database accepts nothing. PostgreSQL has closed all connections and refuses new ones;
/// the SQLite file is locked by another writer.
enum Outage {
    Postgres(PgConnection, String),
    Sqlite(SqliteConnection),
}

impl Outage {
    fn begin(app: &TestApp) -> Self {
        let url = app.database.url();
        if !is_postgres() {
            let mut other = SqliteConnection::establish(url.trim_start_matches("sqlite://")).expect("the file");
            other.batch_execute("PRAGMA busy_timeout = 5000; BEGIN IMMEDIATE").expect("the lock");
            return Self::Sqlite(other);
        }
        let admin = std::env::var("ROSTER_TEST_POSTGRES_URL").expect("a server");
        let mut admin = PgConnection::establish(&admin).expect("the server answers");
        let name = url.rsplit('/').next().expect("a name").to_owned();
        sql_query(format!("ALTER DATABASE {name} ALLOW_CONNECTIONS false"))
            .execute(&mut admin)
            .expect("the door is shut");
        let out = format!("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'");
        sql_query(out).execute(&mut admin).expect("everybody is out");
        Self::Postgres(admin, name)
    }

    fn end(self) {
        match self {
            Self::Postgres(mut admin, name) => {
                let open = format!("ALTER DATABASE {name} ALLOW_CONNECTIONS true");
                sql_query(open).execute(&mut admin).expect("the door is open");
            }
            Self::Sqlite(mut other) => other.batch_execute("ROLLBACK").expect("the lock is given back"),
        }
    }
}

/// Presses a button without following redirects.
async fn press(person: &Person, button: &str, typed: &[(&str, &str)]) -> Page {
    let (action, mut fields) = person.page().form(button);
    for (name, value) in typed {
        fields.retain(|(known, _)| known != name);
        fields.push(((*name).to_owned(), (*value).to_owned()));
    }
    let body = serde_html_form::to_string(&fields).expect("a form");
    person.request(Method::POST, &action, Some(body)).await
}

#[actix_web::test]
async fn while_the_database_is_away_a_page_says_so_and_nothing_is_lost() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    ada.get("/invitations/new").await;
    let outage = Outage::begin(&app);
    let page = press(&ada, "Send invitations", &[("addresses", "grace@example.org")])
        .await
        .assert_status(503)
        .assert_sees("Nothing was changed");
    assert_eq!(page.headers.get("retry-after").and_then(|value| value.to_str().ok()), Some("5"));
    outage.end();
    // The same session and the same form work again.
    press(&ada, "Send invitations", &[("addresses", "grace@example.org")]).await.assert_status(303);
    ada.get("/users?tab=invited").await.assert_sees("grace@example.org");
    assert_eq!(app.letters("grace@example.org").len(), 1);
}

#[actix_web::test]
async fn what_was_answered_is_on_the_disk() {
    if is_postgres() {
        return; // That server has a setting of its own.
    }
    let app = TestApp::start().await;
    // FULL: with less, a power failure undoes commits that were answered, such as that of a disabled member.
    assert_eq!(app.count("SELECT synchronous FROM pragma_synchronous"), 2);
}
