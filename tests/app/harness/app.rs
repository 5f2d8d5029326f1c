//! The real application for tests: a frozen clock, a database of its own, and letters written to files.

use super::{Database, GOOD, Message, Person};
use actix_http::Request;
use actix_web::{
    body::BoxBody,
    dev::{Service, ServiceResponse},
    test,
};
use chrono::{TimeDelta, TimeZone, Utc};
use clap::Parser;
use futures_util::{FutureExt, future::LocalBoxFuture};
use roster::{
    app::App,
    config::{Config, Flags},
    db::Db,
    kit::{Clock, MailRoute, OrganizationId, RequestInfo, Timestamp, email::Email, secret::SecretString},
    mail::{Sealer, Worker},
    organizations::Plan,
    passwords, roles, setup, users,
};
use std::{cell::Cell, rc::Rc};

type Serve = dyn Fn(Request) -> LocalBoxFuture<'static, ServiceResponse<BoxBody>>;

/// A running Roster.
#[derive(Clone)]
pub struct TestApp {
    pub db: Db,
    pub clock: Clock,
    pub roster: App,
    config: Rc<Config>,
    pub(super) serve: Rc<Serve>,
    pub(super) watch: Rc<Watch>,
    // Dropped last, so that it outlives the connections to it.
    pub database: Rc<Database>,
}

/// What must not happen in any test.
#[derive(Default)]
pub(super) struct Watch {
    pub broken: Cell<Option<String>>,
}

impl Drop for Watch {
    fn drop(&mut self) {
        if let (Some(what), false) = (self.broken.take(), std::thread::panicking()) {
            panic!("{what}");
        }
    }
}

#[derive(Parser)]
struct Arguments {
    #[command(flatten)]
    settings: Flags,
}

/// A pseudo-setting for [`TestApp::start_with`]: pages say that letters become files. All tests write letters to files,
/// but without this setting pages speak as if there was a mail server.
const WITHOUT_MAIL_SERVER: &str = "without a mail server";

impl TestApp {
    /// A fresh installation: no organization, no people.
    pub async fn start() -> Self {
        Self::start_with(&[]).await
    }

    /// A fresh installation with settings as on the command line.
    pub async fn start_with(settings: &[&str]) -> Self {
        Self::beside(
            Rc::new(Database::create()),
            Clock::frozen(Timestamp::from(Utc.with_ymd_and_hms(2026, 3, 11, 9, 0, 0).unwrap())),
            settings,
        )
        .await
    }

    /// A fresh installation without a mail server.
    pub async fn start_without_mail_server() -> Self {
        Self::start_with(&[WITHOUT_MAIL_SERVER]).await
    }

    /// Another process on the same database.
    pub async fn another(&self) -> Self {
        self.another_with(&[]).await
    }
    /// Another process on the same database, with settings of its own.
    pub async fn another_with(&self, settings: &[&str]) -> Self {
        Self::beside(self.database.clone(), self.clock.clone(), settings).await
    }

    async fn beside(database: Rc<Database>, clock: Clock, settings: &[&str]) -> Self {
        let folder = std::env::temp_dir().join(format!("roster-test-{}", super::database::unique()));
        let data_dir = folder.display().to_string();
        let fixed = [
            "roster",
            "--data-dir",
            &data_dir,
            "--argon2-passes",
            "1",
            "--mail-from",
            "roster@roster.example",
        ];
        let key = [
            "--secret-key",
            "a key for tests that is long enough",
            "--public-url",
            "https://roster.example",
        ];
        let cheap = ["--argon2-memory", "8"];
        let is_given = settings.contains(&cheap[0]);
        let has_mail_server = !settings.contains(&WITHOUT_MAIL_SERVER);
        let settings = settings.iter().filter(|setting| **setting != WITHOUT_MAIL_SERVER);
        let arguments = fixed.iter().chain(&key).chain(cheap.iter().filter(|_| !is_given)).chain(settings);
        let mut config = Arguments::parse_from(arguments).settings.check().expect("settings");
        if has_mail_server && !config.mail.is_server() {
            config.mail = MailRoute::Server {
                server: "mail.roster.example:587 (STARTTLS)".into(),
                from: "roster@roster.example".into(),
            };
        }
        let db = database.open();
        let app = App::new(&config, db.clone(), clock.clone()).expect("an app");
        db.write_here(|tx| setup::check_key(tx, &config.key, clock.now())).expect("the key is this app's");
        let service = Rc::new(test::init_service(app.build()).await);
        let serve = move |request: Request| {
            let service = service.clone();
            async move {
                match service.call(request).await {
                    Ok(response) => response.map_into_boxed_body(),
                    // As actix itself does with an error from a middleware.
                    Err(error) => ServiceResponse::new(test::TestRequest::default().to_http_request(), error.error_response()),
                }
            }
            .boxed_local()
        };
        Self {
            db,
            clock,
            roster: app,
            config: Rc::new(config),
            serve: Rc::new(serve),
            watch: Rc::default(),
            database,
        }
    }

    /// A visitor with a new browser.
    pub fn visitor(&self) -> Person {
        Person::new(self)
    }

    /// The founder of the first organization, signed in, on the directory page.
    pub async fn administrator(&self, name: &str) -> Person {
        let now = self.clock.now();
        let path = self.db.write_here(|tx| setup::issue_link(tx, now)).expect("a link").expect("nobody is here yet");
        let person = self.visitor();
        person.get(&path).await.assert_status(200);
        let email = email_of(name);
        let fields = [
            ("organization", "Analytical Engines"),
            ("name", name),
            ("email", email.as_str()),
            ("password", GOOD),
        ];
        person.submit("Create organization", &fields).await.assert_status(200);
        person
    }

    /// Another organization, created by the operator; its administrator signs in.
    pub async fn another_organization(&self, organization: &str, name: &str, seats: Option<i64>) -> Person {
        let founder = setup::Founder {
            organization: organization.into(),
            plan: Plan { name: "Team".into(), seat_limit: seats, system_account_limit: Some(10) },
            name: name.into(),
            email: Email::parse(&email_of(name)).expect("an address"),
            hash: Some(self.roster.hasher.hash(&SecretString::new(GOOD)).await.expect("a hash")),
        };
        let request_info = RequestInfo::system(self.clock.now());
        self.db
            .write_here(|tx| setup::found(tx, &founder, &request_info))
            .unwrap_or_else(|_| panic!("{organization} is founded"));
        let person = self.visitor();
        person.sign_in(&email_of(name), GOOD).await.assert_status(200);
        person
    }

    /// Advances the clock.
    pub fn wait(&self, by: TimeDelta) {
        self.clock.advance(by);
    }

    /// Sends what is in the outbox, and reads the newest letter to this address, but not letters that only report a
    /// sign-in.
    pub fn inbox(&self, address: &str) -> Message {
        let newest = self.letters(address).into_iter().rfind(|letter| !letter.subject.starts_with("New sign-in"));
        newest.unwrap_or_else(|| panic!("no letter to {address}"))
    }

    /// Every letter to this address, oldest first.
    pub fn letters(&self, address: &str) -> Vec<Message> {
        self.deliver();
        Message::all(&self.config.data_dir.join("mail"), address)
    }

    /// The worker that empties the outbox, configured as in this process.
    pub fn worker(&self) -> Worker {
        let key = Sealer::new(&self.config.key);
        Worker::new(self.db.clone(), key, self.config.transport.clone(), self.clock.clone())
    }

    /// Runs the jobs that requests have queued.
    pub fn catch_up(&self) {
        self.roster.job_worker.run_due().expect("jobs can be read");
    }

    /// Tries every letter that is due.
    pub fn deliver(&self) {
        self.catch_up();
        let worker = self.worker();
        while worker.send_due().expect("the outbox can be read") > 0 {}
    }

    /// Works through every batch job.
    pub fn work(&self) {
        self.roster.runner.run_due().expect("batches can be worked through");
    }

    /// Creates a custom role of the organization.
    pub fn role(&self, organization: OrganizationId, name: &str, permissions: &[&str]) {
        let now = self.clock.now();
        self.db
            .write_here(|tx| roles::insert(tx, organization, None, name, "", permissions, now))
            .expect("a role");
    }

    /// Sets a temporary password for this person, which works until then.
    pub async fn give_temporary_password(&self, email: &str, password: &str, until: Timestamp) {
        let (hash, now) = (self.roster.hasher.hash(&SecretString::new(password)).await.expect("a hash"), self.clock.now());
        self.db
            .write_here(|tx| {
                let user = users::find_by_name(tx, email)?.expect("somebody");
                passwords::set(tx, user.id, &hash, Some(until), now)
            })
            .expect("a password");
    }

    /// Changes the number of seats in the plan of an organization.
    pub fn set_seats(&self, organization: OrganizationId, seats: Option<i64>) {
        use diesel::{ExpressionMethods, QueryDsl, RunQueryDsl};
        use roster::db::schema::organizations;
        self.db
            .write_here(|tx| {
                diesel::update(organizations::table.find(organization))
                    .set(organizations::seat_limit.eq(seats))
                    .execute(tx.conn())?;
                Ok::<_, roster::kit::Fault>(())
            })
            .expect("the plan is changed");
    }

    /// The number that a query returns.
    pub fn count(&self, query: &str) -> i64 {
        use diesel::{RunQueryDsl, dsl::sql, select, sql_types::BigInt};
        let number =
            |conn: &mut roster::db::Conn| Ok::<_, roster::kit::Fault>(select(sql::<BigInt>(&format!("({query})"))).get_result(conn)?);
        self.db.read_here(number).expect("a number")
    }

    /// The text that a query returns.
    pub fn text(&self, query: &str) -> String {
        use diesel::{RunQueryDsl, dsl::sql, select, sql_types::Text};
        let text = |conn: &mut roster::db::Conn| Ok::<_, roster::kit::Fault>(select(sql::<Text>(&format!("({query})"))).get_result(conn)?);
        self.db.read_here(text).expect("a text")
    }

    /// The texts that a query returns, row by row.
    pub fn texts(&self, query: &str) -> Vec<String> {
        use diesel::{RunQueryDsl, dsl::sql, select, sql_types::Text};
        let query = query.strip_prefix("SELECT ").expect("a query");
        let texts = |conn: &mut roster::db::Conn| Ok::<_, roster::kit::Fault>(select(sql::<Text>(query)).load(conn)?);
        self.db.read_here(texts).expect("texts")
    }

    /// Everything that an attacker who steals the database can read, as one text.
    pub fn dump(&self) -> String {
        if let roster::db::Target::Sqlite(file) = &self.database.target {
            let read = |end: &str| std::fs::read(format!("{}{end}", file.display())).unwrap_or_default();
            return String::from_utf8_lossy(&[read(""), read("-wal")].concat()).into_owned();
        }
        let tables = self.text("SELECT string_agg(table_name, ' ') FROM information_schema.tables WHERE table_schema = 'public'");
        let rows = |table: &str| self.text(&format!("SELECT coalesce(string_agg(t::text, ' '), '') FROM {table} t"));
        tables.split(' ').map(rows).collect()
    }

    /// Database maintenance that the server does by itself in time; outside of a transaction.
    pub fn tidy(&self) {
        self.db
            .read_here(|conn| Ok::<_, roster::kit::Fault>(conn.run("VACUUM ANALYZE")?))
            .expect("statistics");
    }

    /// Changes the database directly, in a way that no page or command offers.
    pub fn execute(&self, sql: &str) {
        self.db
            .write_here(|tx| Ok::<_, roster::kit::Fault>(tx.conn().run(sql)?))
            .expect("the statement runs");
    }
}

/// `Ada Lovelace` is `ada.lovelace@example.org`.
pub fn email_of(name: &str) -> String {
    format!("{}@example.org", name.to_lowercase().replace(' ', "."))
}
