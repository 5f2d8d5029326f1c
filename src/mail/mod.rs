//! Email. A letter is encrypted and written to the outbox in the transaction that caused it. A worker sends it with
//! retries, so a dead mail server loses nothing and blocks nobody. After delivery the body is deleted.

mod overview;
mod seal;
mod store;
mod transport;
mod worker;

pub use overview::{Told, count_by_kind, find_test, label, letters, send_test, try_now};
pub use seal::Sealer;
pub use store::{LetterState, erase_recipient};
pub use transport::{SmtpSettings, Transport};
pub use worker::Worker;

use crate::{
    db::Tx,
    kit::{Fault, LetterId, MailRoute, OrganizationId, Timestamp, email::Email},
};
use askama::Template;
use serde::{Deserialize, Serialize};

/// A letter to one person, as text and as HTML.
#[derive(Clone, Debug, Serialize, Deserialize, PartialEq, Eq)]
pub struct Letter {
    pub subject: String,
    pub text: String,
    pub html: String,
}

impl Letter {
    /// Renders the text and the HTML version. The first line of the text is the subject.
    ///
    /// # Errors
    /// When a template cannot be rendered.
    pub fn render(text: &impl Template, html: &impl Template) -> Result<Self, Fault> {
        let whole = text.render().map_err(Fault::broken)?;
        let (subject, text) = whole.split_once("\n\n").unwrap_or((&whole, ""));
        // A subject is one line, even if names contain line breaks (header injection).
        let subject = subject.split_whitespace().collect::<Vec<_>>().join(" ");
        Ok(Self {
            subject,
            text: text.trim().to_owned() + "\n",
            html: html.render().map_err(Fault::broken)?,
        })
    }
}

/// What modules need to write letters: the encryption key, and the base URL of links.
#[derive(Clone, Debug)]
pub struct Outbox {
    sealer: Sealer,
    public_url: String,
    route: MailRoute,
}

impl Outbox {
    pub fn new(sealer: Sealer, public_url: &url::Url, route: MailRoute) -> Self {
        Self { sealer, public_url: public_url.as_str().trim_end_matches('/').to_owned(), route }
    }
    /// How letters are delivered.
    pub fn route(&self) -> &MailRoute {
        &self.route
    }
    /// The full URL of a path, from the configuration and never from a request.
    pub fn link(&self, path: &str) -> String {
        format!("{}{path}", self.public_url)
    }
}

/// Writes a letter to the outbox. It is sent only if the transaction commits.
pub fn queue(
    tx: &mut Tx<'_>,
    outbox: &Outbox,
    organization: Option<OrganizationId>,
    kind: &'static str,
    to: &Email,
    letter: &Letter,
    now: Timestamp,
) -> Result<LetterId, Fault> {
    let id = LetterId::new(now);
    let body = outbox.sealer.seal(&id.to_string(), &serde_json::to_vec(letter).map_err(Fault::broken)?);
    store::insert(tx, id, organization, kind, to.as_str(), body, now)?;
    Ok(id)
}

/// Withdraws a letter that has not been sent yet, because its link is void.
pub fn withdraw(tx: &mut Tx<'_>, letter: LetterId, now: Timestamp) -> Result<(), Fault> {
    store::withdraw(tx, letter, now)
}
