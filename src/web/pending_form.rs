//! Kept input of a form that was refused because its sender must first re-authenticate or sign in. The input waits
//! encrypted until the sender is back on the page, which shows it again. Nothing is done with it: the sender checks it
//! and sends it again.
//!
//! It is bound to one browser, one person and one page, whose path names the organization. Passwords, codes and files
//! are never kept.

use super::{
    MemberContext, Notice, PickerSearch, Site,
    csrf::{self, Origin},
    flash,
};
use crate::kit::{Fault, Timestamp, UserId, secret::Secret};
use actix_web::{
    HttpRequest,
    cookie::{Cookie, time::Duration},
    web::Data,
};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use std::{future::Future, pin::Pin, sync::Arc};

/// Name of the cookie with the secret that opens this browser's kept input.
pub const DRAFT: &str = "draft";
/// How long the input is kept, in minutes.
pub const WAITS: i64 = 60;
/// Longer input is not kept. This is also the limit of a form.
const LONGEST: usize = 256 * 1024;
/// Fields that hold secrets, in any form. A test compares this list with the forms.
pub const SECRET_FIELDS: [&str; 7] = ["password", "present", "code", "credential", "challenge", "client_secret", "csrf"];
/// Fields that name where a form leads. No user types them.
const PLACES: [&str; 3] = ["back", "next", "link"];

/// The fields of a form, in order.
pub type Pairs = Vec<(String, String)>;

/// Where reauthentication leads back to, and what of the form is shown there.
#[derive(Debug, Default)]
pub struct ReturnTo {
    /// `None`: the path of the form itself.
    pub(super) page: Option<String>,
    /// `None`: what was typed.
    pub(super) form: Option<Pairs>,
}

impl ReturnTo {
    /// The form's own path shows what was typed.
    pub fn form_page() -> Self {
        Self::default()
    }
    /// This page shows what was typed.
    pub fn page(path: impl Into<String>) -> Self {
        Self { page: Some(path.into()), form: None }
    }
    /// This page, for a button: nothing was typed.
    pub fn button(path: impl Into<String>) -> Self {
        Self { page: Some(path.into()), form: Some(vec![]) }
    }
    /// This page shows another form than the one that was sent.
    pub fn filled(path: impl Into<String>, form: &impl Serialize) -> Self {
        let text = serde_html_form::to_string(form).unwrap_or_default();
        Self { page: Some(path.into()), form: serde_html_form::from_str(&text).ok() }
    }
}

/// Input to be kept.
pub struct Typed {
    pub user: UserId,
    /// The path of the page that will show it.
    pub page: String,
    pub pairs: Pairs,
    pub now: Timestamp,
}

/// Stores kept input. A module above this layer implements it.
pub trait Drafts: Send + Sync {
    /// Stores the input under this secret. The browser gets the secret.
    fn keep(&self, secret: Secret, typed: Typed) -> Pin<Box<dyn Future<Output = Result<(), Fault>>>>;
}

/// What could be kept of the input.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Kept {
    /// There was no input.
    Nothing,
    Whole,
    /// Everything except secrets, which are never kept.
    WithoutSecrets,
    WithoutFile,
    /// The input is longer than the limit.
    TooLong,
}

impl Kept {
    /// A sentence for the re-authentication or sign-in page.
    pub fn words(self) -> &'static str {
        match self {
            Self::Nothing => "",
            Self::Whole => " What you typed is kept for an hour.",
            Self::WithoutSecrets => " What you typed is kept for an hour, except passwords and codes.",
            Self::WithoutFile => " What you typed is kept for an hour. Choose the file again then.",
            Self::TooLong => " What you typed was too long to be kept.",
        }
    }
    pub fn is_any(self) -> bool {
        matches!(self, Self::Whole | Self::WithoutSecrets | Self::WithoutFile)
    }
}

/// The fields of a sent form.
#[derive(Clone)]
pub(super) struct Sent {
    pub pairs: Pairs,
    /// Whether the form also had a file.
    pub has_file: bool,
}

impl Sent {
    /// Parses a form without a file.
    pub fn parse(body: &[u8]) -> Option<Self> {
        let pairs = serde_html_form::from_str(std::str::from_utf8(body).ok()?).ok()?;
        Some(Self { pairs, has_file: false })
    }
    /// The page that contained the form, as its token says.
    pub fn origin(&self, site: &Site) -> Option<Origin> {
        let (_, token) = self.pairs.iter().find(|(name, _)| name == csrf::FIELD)?;
        Origin::read(site, token)
    }
}

/// Keeps the input for the person for whom the page was rendered, and returns what could be kept.
pub(super) async fn keep(
    req: &HttpRequest,
    site: &Site,
    mut sent: Sent,
    origin: &Origin,
    now: Timestamp,
) -> (Kept, Option<Cookie<'static>>) {
    let (Some(user), Some(drafts)) = (origin.user, req.app_data::<Data<Arc<dyn Drafts>>>()) else {
        return (Kept::Nothing, None);
    };
    let secrets = sent.pairs.extract_if(.., |(name, _)| SECRET_FIELDS.contains(&name.as_str()));
    let has_secrets = secrets.filter(|(name, value)| name != csrf::FIELD && !value.is_empty()).count() > 0;
    let Sent { pairs, has_file } = sent;
    if pairs.iter().all(|(name, _)| PLACES.contains(&name.as_str())) {
        return (Kept::Nothing, None);
    }
    if pairs.iter().map(|(name, value)| name.len() + value.len()).sum::<usize>() > LONGEST {
        return (Kept::TooLong, None);
    }
    // A browser keeps its secret, because two tabs may wait for one sign-in.
    let secret = held(req, site).unwrap_or_else(Secret::generate);
    let page = origin.page.split(['?', '#']).next().unwrap_or_default().to_owned();
    let typed = Typed { user, page, pairs, now };
    if drafts.keep(secret.clone(), typed).await.is_err() {
        return (Kept::TooLong, None);
    }
    let cookie = flash::cookie(site, DRAFT, secret.expose().to_owned());
    let kept = match (has_file, has_secrets) {
        (true, _) => Kept::WithoutFile,
        (_, true) => Kept::WithoutSecrets,
        _ => Kept::Whole,
    };
    (kept, Some(cookie.max_age(Duration::minutes(WAITS)).finish()))
}

/// The secret of this browser's kept input, if there is any.
pub fn held(req: &HttpRequest, site: &Site) -> Option<Secret> {
    req.cookie(&site.cookie_name(DRAFT)).and_then(|cookie| Secret::parse(cookie.value()))
}

/// The kept input for the page that is being rendered.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Draft(pub Pairs);

impl MemberContext {
    /// The input that the sender typed on this page before re-authentication. Returned once.
    pub fn pending_form<F: DeserializeOwned>(&mut self) -> Option<F> {
        let Draft(mut pairs) = self.draft.take()?;
        PickerSearch::take(&mut pairs);
        let form = super::form::read_pairs(&pairs).ok()?;
        self.notice = Some(Notice::neutral(
            "What you typed is here again. Nothing was done with it yet: look it over and send it. Type passwords again.",
        ));
        Some(form)
    }
}
