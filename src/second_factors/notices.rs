//! Who is told of a change to second factors: the owner by mail, and each of their organizations in its audit log.

use crate::{
    db::Tx,
    kit::{Fault, RequestInfo, email::Email},
    mail::{Letter, Outbox, queue},
    members::{self, ChangedBy},
    users::User,
};
use askama::Template;
use serde_json::{Value, json};

/// What happened to a person's second factors.
#[derive(Clone, Debug)]
pub enum Notice {
    AppAdded,
    AppRemoved,
    PasskeyAdded(String),
    PasskeyRenamed {
        from: String,
        to: String,
    },
    PasskeyRemoved(String),
    CodesMade,
    CodeUsed {
        left: i64,
    },
    /// All factors were removed by an administrator of that organization, or by the operator.
    Reset {
        by: String,
    },
}

impl Notice {
    fn action(&self) -> &'static str {
        match self {
            Self::AppAdded | Self::PasskeyAdded(_) => "second_factor.added",
            Self::AppRemoved | Self::PasskeyRemoved(_) => "second_factor.removed",
            Self::PasskeyRenamed { .. } => "second_factor.renamed",
            Self::CodesMade => "second_factor.recovery_codes_made",
            Self::CodeUsed { .. } => "second_factor.recovery_code_used",
            Self::Reset { .. } => "second_factor.reset",
        }
    }
    fn details(&self) -> Value {
        match self {
            Self::AppAdded | Self::AppRemoved => json!({ "factor": "authenticator app" }),
            Self::PasskeyAdded(name) | Self::PasskeyRemoved(name) => json!({ "factor": "passkey", "name": name }),
            Self::PasskeyRenamed { from, to } => json!({ "factor": "passkey", "name": to, "before": from }),
            Self::CodesMade => json!({}),
            Self::CodeUsed { left } => json!({ "left": left }),
            Self::Reset { by } => json!({ "by": by }),
        }
    }
    fn title(&self) -> &'static str {
        match self {
            Self::AppAdded => "An authenticator app was added to your sign-in",
            Self::AppRemoved => "Your authenticator app was removed",
            Self::PasskeyAdded(_) => "A passkey was added to your sign-in",
            Self::PasskeyRenamed { .. } => "A passkey of yours was renamed",
            Self::PasskeyRemoved(_) => "A passkey of yours was removed",
            Self::CodesMade => "You have new recovery codes",
            Self::CodeUsed { .. } => "A recovery code of yours was used",
            Self::Reset { .. } => "Your two-step sign-in was reset",
        }
    }
    fn text(&self) -> String {
        match self {
            Self::AppAdded => "An authenticator app was added to your sign-in.".into(),
            Self::AppRemoved => "Your authenticator app was removed: its codes work no more.".into(),
            Self::PasskeyAdded(name) => format!("The passkey “{name}” was added to your sign-in."),
            Self::PasskeyRenamed { from, to } => format!("Your passkey “{from}” is called “{to}” now."),
            Self::PasskeyRemoved(name) => format!("Your passkey “{name}” was removed: it works no more."),
            Self::CodesMade => "New recovery codes were made; the old ones work no more.".into(),
            Self::CodeUsed { left: 0 } => "A recovery code of yours was used. It was the last one: make new ones.".into(),
            Self::CodeUsed { left } => format!("A recovery code of yours was used. You have {left} left."),
            Self::Reset { by } => format!(
                "{by} removed your authenticator app, passkeys and recovery codes, and ended your sessions. Sign in with your password, then set up two-step sign-in again."
            ),
        }
    }
}

#[derive(Template)]
#[template(path = "second_factors/notice_letter.txt")]
struct LetterText<'a> {
    title: &'a str,
    what: &'a str,
    when: &'a str,
    address: &'a str,
    link: &'a str,
}

#[derive(Template)]
#[template(path = "second_factors/notice_letter.html")]
struct LetterHtml<'a> {
    what: &'a str,
    when: &'a str,
    address: &'a str,
    link: &'a str,
}

/// Queues the letter to the person.
pub(super) fn write(tx: &mut Tx<'_>, outbox: &Outbox, user: &User, notice: &Notice, request_info: &RequestInfo) -> Result<(), Fault> {
    let (text, when, link) = (notice.text(), request_info.now.exact(), outbox.link("/password/forgotten"));
    // The person does not learn the administrator's IP address.
    let address = if matches!(notice, Notice::Reset { .. }) {
        ""
    } else {
        request_info.address.as_str()
    };
    let letter = Letter::render(
        &LetterText { title: notice.title(), what: &text, when: &when, address, link: &link },
        &LetterHtml { what: &text, when: &when, address, link: &link },
    )?;
    // The stored address, never a typed one.
    let to = Email::parse(&user.email).map_err(Fault::broken)?;
    queue(tx, outbox, None, notice.action(), &to, &letter, request_info.now)?;
    Ok(())
}

/// Mails and records what a person did to their own factors.
pub(super) fn tell(tx: &mut Tx<'_>, outbox: &Outbox, user: &User, notice: &Notice, request_info: &RequestInfo) -> Result<(), Fault> {
    let by = ChangedBy::Themselves(request_info);
    members::record_everywhere(tx, user.id, by, notice.action(), |event| event.after(notice.details()))?;
    write(tx, outbox, user, notice, request_info)
}

impl Notice {
    /// Mails a person that somebody else removed their factors. The caller records the audit event.
    pub fn send(&self, tx: &mut Tx<'_>, outbox: &Outbox, user: &User, request_info: &RequestInfo) -> Result<(), Fault> {
        write(tx, outbox, user, self, request_info)
    }
}
