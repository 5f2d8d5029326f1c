//! How this deployment delivers email, and what pages may say about a queued email. Only a mail server delivers it to a
//! person.

use std::fmt::{self, Display};

/// Where email goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MailRoute {
    /// To a mail server, shown without credentials: `mail.example:587 (STARTTLS)`.
    Server { server: String, from: String },
    /// Into files in a folder on the machine that runs Roster. No recipient gets them.
    Files { folder: String, from: String },
}

impl MailRoute {
    pub fn is_server(&self) -> bool {
        matches!(self, Self::Server { .. })
    }
    pub fn from(&self) -> &str {
        match self {
            Self::Server { from, .. } | Self::Files { from, .. } => from,
        }
    }
    /// The first text if a mail server is configured, the second if email is written to files.
    pub fn words<'a>(&self, sent: &'a str, filed: &'a str) -> &'a str {
        if self.is_server() { sent } else { filed }
    }
    /// A sentence about an email that was just queued: `A link to choose a new password is on its way to Grace.`
    pub fn written(&self, what: &str, to: &str) -> String {
        match self {
            Self::Server { .. } => format!("{what} is on its way to {to}."),
            Self::Files { .. } => {
                format!("No mail server is set up, so nothing was sent to {to}: the letter is a file on the machine that runs Roster.")
            }
        }
    }
}

impl Display for MailRoute {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Server { server, from } => write!(f, "SMTP to {server}, from {from}"),
            Self::Files { folder, .. } => write!(f, "written to files in {folder} (set ROSTER_SMTP_URL to send it)"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_on_its_way_without_a_mail_server() {
        let from = String::from("Roster <roster@example.org>");
        let server = MailRoute::Server { server: "mail.example:587 (STARTTLS)".into(), from: from.clone() };
        let files = MailRoute::Files { folder: "data/mail".into(), from };
        assert_eq!(server.written("A link", "Grace"), "A link is on its way to Grace.");
        assert!(!files.written("A link", "Grace").contains("on its way"));
        assert_eq!([server.words("sent", "filed"), files.words("sent", "filed")], ["sent", "filed"]);
        assert_eq!(server.to_string(), "SMTP to mail.example:587 (STARTTLS), from Roster <roster@example.org>");
    }
}
