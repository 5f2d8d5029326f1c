//! What was typed into a form that could not be done yet: its sender proves again who they are, or signs in again first.
//! It waits, sealed, until they are back on their page, which then holds it. Nothing is done by it: they look it over and
//! send it again.
//!
//! It belongs to one browser, one person and one page, whose address names the organization. Passwords, codes and files
//! are never kept.

use super::{
    Error, Front, Notice, Shell,
    csrf::{self, Origin},
    flash, upload,
};
use crate::kit::{Fault, Timestamp, UserId, secret::Secret};
use actix_web::{
    HttpRequest,
    cookie::{Cookie, time::Duration},
    http::header::HeaderMap,
    web::{Bytes, Data},
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

/// What was typed, on its way to where it waits.
pub struct Typed {
    pub user: UserId,
    /// The path of the page that will show it.
    pub page: String,
    pub pairs: Pairs,
    pub now: Timestamp,
}

/// Where it waits. A room above this floor implements it.
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

/// A form as it was sent.
pub(super) struct Body {
    pub bytes: Bytes,
    pub is_multipart: bool,
}

/// The page that a form stood on, as its token says.
pub(super) fn origin(front: &Front, body: &Body) -> Option<Origin> {
    let text = String::from_utf8_lossy(&body.bytes);
    if body.is_multipart {
        let (_, rest) = text.split_once("name=\"csrf\"\r\n\r\n")?;
        return Origin::read(front, rest.split("\r\n").next()?);
    }
    let pairs: Pairs = serde_html_form::from_str(&text).ok()?;
    let (_, token) = pairs.iter().find(|(name, _)| name == csrf::FIELD)?;
    Origin::read(front, token)
}

/// The fields of a form, and whether a file came with them.
async fn fields(headers: &HeaderMap, body: &Body) -> Option<(Pairs, bool)> {
    if body.is_multipart {
        return upload::fields(headers, body.bytes.clone()).await;
    }
    let text = std::str::from_utf8(&body.bytes).ok()?;
    Some((serde_html_form::from_str(text).ok()?, false))
}

/// Keeps what was typed for the person whose page it was, and says what could be kept.
pub(super) async fn keep(
    req: &HttpRequest,
    front: &Front,
    body: &Body,
    origin: &Origin,
    now: Timestamp,
) -> (Kept, Option<Cookie<'static>>) {
    let (Some(user), Some(drafts)) = (origin.user, req.app_data::<Data<Arc<dyn Drafts>>>()) else {
        return (Kept::Nothing, None);
    };
    let Some((mut pairs, has_file)) = fields(req.headers(), body).await else {
        return (Kept::Nothing, None);
    };
    let secrets = pairs.extract_if(.., |(name, _)| SECRET_FIELDS.contains(&name.as_str()));
    let has_secrets = secrets.filter(|(name, value)| name != csrf::FIELD && !value.is_empty()).count() > 0;
    if pairs.iter().all(|(name, _)| PLACES.contains(&name.as_str())) {
        return (Kept::Nothing, None);
    }
    if pairs.iter().map(|(name, value)| name.len() + value.len()).sum::<usize>() > LONGEST {
        return (Kept::TooLong, None);
    }
    // Two tabs may wait for one sign-in, so a browser keeps its secret.
    let secret = held(req, front).unwrap_or_else(Secret::generate);
    let page = origin.page.split(['?', '#']).next().unwrap_or_default().to_owned();
    let typed = Typed { user, page, pairs, now };
    if drafts.keep(secret.clone(), typed).await.is_err() {
        return (Kept::TooLong, None);
    }
    let cookie = flash::cookie(front, DRAFT, secret.expose().to_owned());
    let kept = match (has_file, has_secrets) {
        (true, _) => Kept::WithoutFile,
        (_, true) => Kept::WithoutSecrets,
        _ => Kept::Whole,
    };
    (kept, Some(cookie.max_age(Duration::minutes(WAITS)).finish()))
}

/// The secret of what this browser has waiting, if anything.
pub fn held(req: &HttpRequest, front: &Front) -> Option<Secret> {
    req.cookie(&front.cookie_name(DRAFT))
        .and_then(|cookie| Secret::parse(cookie.value()))
}

/// What waited for the page that is drawn now.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Draft(pub Pairs);

impl Shell {
    /// For the page of a form: what was typed on it before its sender had to prove who they are, once.
    pub fn kept<F: DeserializeOwned>(&mut self) -> Option<F> {
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
        self.demand_recent_proof().map_err(|_| Error::ProveAt(page.to_owned()))
    }
}
