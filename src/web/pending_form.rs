//! What was typed into a form that could not be done yet: its sender proves again who they are, or signs in again first.
//! It waits, sealed, until they are back on their page, which then holds it. Nothing is done by it: they look it over and
//! send it again.
//!
//! It belongs to one browser, one person and one page, whose address names the organization. Passwords, codes and files
//! are never kept.

use super::{
    Error, MemberContext, Notice, Site,
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

/// The name of the cookie that opens what this browser has waiting.
pub const DRAFT: &str = "draft";
/// How long it waits, in minutes.
pub const WAITS: i64 = 60;
/// More is not kept. It is as much as a form may hold.
const LONGEST: usize = 256 * 1024;
/// Fields that hold secrets, whatever form they stand in. A test compares this list with the forms.
pub const SECRET_FIELDS: [&str; 6] = ["password", "present", "code", "credential", "challenge", "csrf"];
/// Fields that say where a form leads, which nobody typed.
const PLACES: [&str; 3] = ["back", "next", "link"];

/// The fields of a form, in order.
pub type Pairs = Vec<(String, String)>;

/// The page to which a proof leads.
#[derive(Debug)]
pub struct Return {
    pub page: String,
    /// What that page shows, where it is not what was sent.
    pub form: Option<Pairs>,
}

/// What was typed, on its way to where it waits.
pub struct Typed {
    pub user: UserId,
    /// The path of the page that will show it.
    pub page: String,
    pub pairs: Pairs,
    pub now: Timestamp,
}

/// Keeps what was typed. A module above this layer implements it.
pub trait Drafts: Send + Sync {
    /// Keeps it under this secret, which the browser gets.
    fn keep(&self, secret: Secret, typed: Typed) -> Pin<Box<dyn Future<Output = Result<(), Fault>>>>;
}

/// What became of what was typed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Kept {
    /// Nothing was typed.
    Nothing,
    Whole,
    /// All but what is never kept.
    WithoutSecrets,
    WithoutFile,
    /// There is more of it than is kept.
    TooLong,
}

impl Kept {
    /// For the page that asks for the password.
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

/// The fields of a form as it was sent.
#[derive(Clone)]
pub(super) struct Sent {
    pub pairs: Pairs,
    /// Whether a file came with them.
    pub has_file: bool,
}

impl Sent {
    /// Those of a form without a file.
    pub fn parse(body: &[u8]) -> Option<Self> {
        let pairs = serde_html_form::from_str(std::str::from_utf8(body).ok()?).ok()?;
        Some(Self { pairs, has_file: false })
    }
    /// The page that the form stood on, as its token says.
    pub fn origin(&self, site: &Site) -> Option<Origin> {
        let (_, token) = self.pairs.iter().find(|(name, _)| name == csrf::FIELD)?;
        Origin::read(site, token)
    }
}

/// Keeps what was typed for the person whose page it was, and says what could be kept.
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
    // Two tabs may wait for one sign-in, so a browser keeps its secret.
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

/// The secret of what this browser has waiting, if anything.
pub fn held(req: &HttpRequest, site: &Site) -> Option<Secret> {
    req.cookie(&site.cookie_name(DRAFT))
        .and_then(|cookie| Secret::parse(cookie.value()))
}

fn prove_at(page: &str, form: Option<Pairs>) -> Error {
    let page = page.to_owned();
    Error::ProveAt(Box::new(Return { page, form }))
}

/// What waited for the page that is drawn now.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Draft(pub Pairs);

impl MemberContext {
    /// For the page of a form: what was typed on it before its sender had to prove who they are, once.
    pub fn pending_form<F: DeserializeOwned>(&mut self) -> Option<F> {
        let Draft(pairs) = self.draft.take()?;
        let form = serde_html_form::from_str(&serde_html_form::to_string(&pairs).ok()?).ok()?;
        self.notice = Some(Notice::neutral(
            "What you typed is here again. Nothing was done with it yet: look it over and send it. Type passwords again.",
        ));
        Some(form)
    }
    /// For a form in which something was typed: whether its sender proved lately who they are. If not, they are asked to,
    /// and find it again on this page.
    ///
    /// # Errors
    /// [`Error::ProveAt`].
    pub fn demand_proof_for(&self, page: &str) -> Result<(), Error> {
        self.demand_recent_proof().map_err(|_| prove_at(page, None))
    }
    /// The same for a button that stands for a form: that form is found on the page.
    ///
    /// # Errors
    /// [`Error::ProveAt`].
    pub fn demand_proof_with(&self, page: &str, form: &impl Serialize) -> Result<(), Error> {
        self.demand_recent_proof().map_err(|_| {
            let text = serde_html_form::to_string(form).unwrap_or_default();
            prove_at(page, serde_html_form::from_str(&text).ok())
        })
    }
}
