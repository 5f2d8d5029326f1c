//! Domains in tests: adding, proving, binding, and connections that are there without their screens.

use super::{Person, TestApp, dns::DnsServer};
use roster::{
    connections::{self, ConnectionKind},
    db::Conn,
    kit::{Clock, ConnectionId, Fault, Scope},
};

/// A domain as its page shows it.
#[derive(Clone, Debug)]
pub struct Listed {
    pub id: String,
    pub record_name: String,
    pub record_value: String,
}

impl Listed {
    pub fn path(&self, rest: &str) -> String {
        format!("/settings/domains/{}{rest}", self.id)
    }
    /// Creates the record in the DNS.
    pub fn prove(&self, dns: &DnsServer) {
        dns.set(&self.record_name, &[&self.record_value]);
    }
}

impl Person {
    /// Adds a domain through the form.
    pub async fn add_domain(&self, name: &str) -> Listed {
        self.get("/settings/domains").await.assert_status(200);
        self.submit("Add Domain", &[("name", name)]).await.assert_sees("is added");
        self.listed_domain(name).await
    }

    /// The domain in the list under this readable name.
    pub async fn listed_domain(&self, name: &str) -> Listed {
        let page = self.get("/settings/domains").await.assert_status(200);
        let at = page.all(".domain h2").iter().position(|known| known.trim() == name);
        let at = at.unwrap_or_else(|| panic!("no {name}: {}", page.text()));
        let id = page.attributes(".domain", "id")[at].trim_start_matches("domain-").to_owned();
        let text = |of: &str| page.all(&format!("#{of}-{id}")).pop().unwrap_or_default().trim().to_owned();
        Listed { record_name: text("name"), record_value: text("value"), id }
    }

    /// Presses Check now of a domain.
    pub async fn check_domain(&self, domain: &Listed) -> super::Page {
        self.get("/settings/domains").await.assert_status(200);
        self.post(&domain.path("/checks"), &[]).await
    }

    /// Chooses the connection of a domain.
    pub async fn bind_domain(&self, domain: &Listed, connection: Option<ConnectionId>) -> super::Page {
        let page = self.get("/settings/domains").await.assert_status(200);
        let version = page.attribute(&format!("#domain-{} input[name=version]", domain.id), "value").expect("a version");
        let connection = connection.map(|id| id.to_string()).unwrap_or_default();
        self.post(&domain.path(""), &[("version", &version), ("connection", &connection)]).await
    }
}

impl TestApp {
    /// A connection of the organization of this person, made without its screens.
    pub fn connection(&self, person: &Person, name: &str, is_enabled: bool) -> ConnectionId {
        let id = self.make_connection(person.organization(), ConnectionKind::Oidc, |new| new.name = name.into());
        if !is_enabled {
            let scope = system(person, &self.clock);
            self.db
                .write_here(|tx| connections::disable(tx, &scope, &self.roster.connection_setup, id))
                .expect("it is disabled");
        }
        id
    }

    /// Where people who type this are led to sign in.
    pub fn connection_for(&self, typed: &str) -> Option<ConnectionId> {
        let found = |conn: &mut Conn| roster::domains::connection_for(conn, typed);
        self.db.read_here(found).expect("an answer").map(|(_, connection)| connection)
    }
}

/// The scope of the operator in the organization of this person.
pub fn system(person: &Person, clock: &Clock) -> Scope {
    Scope::system(person.organization(), clock.now())
}

/// Runs an operation of `domains` that only reads.
pub fn read<T>(app: &TestApp, work: impl Fn(&mut Conn) -> Result<T, Fault>) -> T {
    app.db.read_here(work).expect("an answer")
}
