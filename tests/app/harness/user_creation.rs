//! Helpers shared by several tests about invitations.

use super::{GOOD, Page, Person, TestApp};

/// Accepts the invitation on the current page.
pub async fn join(person: &Person, name: &str) -> Page {
    person.submit("Join", &[("name", name), ("password", GOOD)]).await
}

/// Invites an address; returns the path of the link in the letter.
pub async fn invited(app: &TestApp, by: &Person, email: &str) -> String {
    by.invite(email, "User").await.assert_sees("1 invited");
    app.inbox(email).link()
}

/// How many audit events with this action exist.
pub fn audited(app: &TestApp, action: &str) -> i64 {
    app.count(&format!("SELECT count(*) FROM audit_events WHERE action = '{action}'"))
}

/// Opens the profile of an invited person and presses a button there.
pub async fn press(person: &Person, email: &str, button: &str) -> Page {
    let id = person.member(email).await;
    person.get(&format!("/users/{id}")).await;
    person.submit(button, &[]).await
}

impl Person {
    /// Makes a new link for an invited person, from their profile.
    pub async fn new_link(&self, name: &str) -> Page {
        let id = self.member(name).await;
        let path = self.get(&format!("/users/{id}")).await.link("New link");
        self.get(&path).await.assert_status(200);
        self.submit("Make a new link", &[]).await
    }
}
