//! Access reviews, through their pages.

use super::{Page, Person, TestApp};
use roster::access_reviews::{self, Letters};

/// A review that was opened.
pub struct Review {
    pub id: String,
    pub path: String,
}

/// Opens a review with the name Quarter and the last day 10 April.
pub async fn open(person: &Person, fields: &[(&str, &str)]) -> Review {
    person.get("/access-reviews/new").await.assert_status(200);
    let fixed: &[(&str, &str)] = &[("name", "Quarter"), ("until", "2026-04-10")];
    let page = person.post("/access-reviews", &[fixed, fields].concat()).await;
    let page = page.assert_sees("The review is open");
    let id = page.path.rsplit('/').next().expect("an id").to_owned();
    Review { path: format!("/access-reviews/{id}"), id }
}

/// Closes and reminds, as every process does now and then.
pub fn close_due(app: &TestApp) {
    access_reviews::run_due(&app.db, &Letters::new(app.roster.jobs.clone()), app.clock.now()).expect("reviews are closed");
}

impl Review {
    /// Ticks lines, each `position-version`, and decides.
    pub async fn decide(&self, person: &Person, lines: &[&str], decision: &str, reason: &str) -> Page {
        let mut fields = vec![("decision", decision), ("reason", reason)];
        fields.extend(lines.iter().map(|line| ("line", *line)));
        person.post(&format!("{}/decisions", self.path), &fields).await
    }
    /// Decides on all that nobody has decided.
    pub async fn decide_all(&self, person: &Person, decision: &str) -> Page {
        person.post(&format!("{}/decisions", self.path), &[("decision", decision), ("all", "1")]).await
    }
}
