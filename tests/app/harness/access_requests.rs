//! People who ask for access, and those who decide.

use super::{Page, Person, TestApp};
use roster::access_requests::{AccessRequestWorker, sweep};

impl Person {
    /// Sends a request through the form: what is asked for as `role:` or `team:` with the id.
    pub async fn ask_for(&self, what: &str, fields: &[(&str, &str)]) -> Page {
        self.get("/me/requests/new").await.assert_status(200);
        let mut typed = vec![("what", what), ("reason", "For the audit of the mill")];
        typed.retain(|(name, _)| fields.iter().all(|(other, _)| other != name));
        typed.extend(fields);
        self.submit("Send request", &typed).await
    }

    /// Opens the newest open request that this person may decide.
    pub async fn open_request(&self) -> Page {
        let page = self.get("/access/requests").await.assert_status(200);
        let path = page.attribute("tr[id^=request-] td .line a", "href").expect("an open request");
        self.get(&path).await.assert_status(200)
    }

    /// Decides the newest open request: `grant` or `refuse`.
    pub async fn decide(&self, decision: &str, fields: &[(&str, &str)]) -> Page {
        self.open_request().await;
        let typed = [&[("decision", decision)], fields].concat();
        self.submit("Refuse", &typed).await
    }
}

impl TestApp {
    /// Ends the memberships that are due, and closes what has lapsed, as every process does now and then.
    pub fn end_requests(&self) {
        AccessRequestWorker::new(self.db.clone(), self.clock.clone())
            .run_due()
            .expect("ends are carried out");
        let now = self.clock.now();
        self.db.write_here(|tx| sweep(tx, now)).expect("requests lapse");
    }
}
