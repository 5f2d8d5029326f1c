//! The one reader of forms. It checks where the form came from first, so no handler can forget to.

use super::{Error, Site, csrf};
use actix_web::{
    FromRequest, HttpMessage, HttpRequest,
    dev::Payload,
    web::{Bytes, Data},
};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use std::{future::Future, pin::Pin};

/// A form that somebody posted from a page of ours. Unknown fields are refused by the form's own type
/// (`deny_unknown_fields`), so that nothing beyond what a page offers is ever read.
pub struct Posted<F>(pub F);

impl<F: DeserializeOwned + 'static> FromRequest for Posted<F> {
    type Error = Error;
    type Future = Pin<Box<dyn Future<Output = Result<Self, Error>>>>;

    fn from_request(req: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let pairs = pairs(req, payload);
        let req = req.clone();
        Box::pin(async move { typed(&req, pairs.await?).map(Posted) })
    }
}

/// A form that needs no session: what it works with, a password or a link, comes along. So it counts as well if its page
/// was opened before somebody signed in in another tab.
pub struct OpenForm<F>(pub F);

impl<F: DeserializeOwned + 'static> FromRequest for OpenForm<F> {
    type Error = Error;
    type Future = Pin<Box<dyn Future<Output = Result<Self, Error>>>>;

    fn from_request(req: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let pairs = pairs(req, payload);
        let req = req.clone();
        Box::pin(async move { read(&req, pairs.await?, judge_open).map(OpenForm) })
    }
}

type Pairs = Vec<(String, String)>;

/// The fields of a form that is sent as forms usually are. Nothing else is read, so that nobody waits for it.
fn pairs(req: &HttpRequest, payload: &mut Payload) -> impl Future<Output = Result<Pairs, Error>> + use<> {
    let is_form = req.content_type() == "application/x-www-form-urlencoded";
    let body = is_form.then(|| Bytes::from_request(req, payload));
    async move {
        let body = body.ok_or_else(|| Error::Malformed("A form of this site was expected.".into()))?;
        let body = body.await.map_err(|why| match why.as_response_error().status_code().as_u16() {
            413 => Error::TooLarge,
            _ => Error::Malformed("The request broke off.".into()),
        })?;
        parse(&body)
    }
}

fn parse(body: &[u8]) -> Result<Pairs, Error> {
    let malformed = || Error::Malformed("The form could not be read.".into());
    let text = std::str::from_utf8(body).map_err(|_| malformed())?;
    let pairs: Pairs = serde_html_form::from_str(text).map_err(|_| malformed())?;
    // Nobody types a NUL, and PostgreSQL takes none in a text.
    if pairs.iter().any(|(_, value)| value.contains('\0')) {
        return Err(malformed());
    }
    Ok(pairs)
}

/// Whether a form's token counts in the session that the browser is in.
fn judge(req: &HttpRequest, site: &Site, token: &str) -> Result<(), Error> {
    if csrf::is_ours(req, site, token) {
        return Ok(());
    }
    // Anyone who was signed in when they opened the form, and is not any more, is told that.
    if csrf::session_has_ended(req, site) {
        return Err(Error::SignIn);
    }
    Err(match (csrf::owner(req), csrf::Origin::read(site, token)) {
        (Some(now), Some(csrf::Origin { user: Some(then), .. })) if now == then => Error::Stale,
        (Some(_), Some(csrf::Origin { user: Some(_), .. })) => Error::SomebodyElses,
        _ => Error::Forged,
    })
}

/// The same for a form that needs no session. Where somebody signed in or out meanwhile, its page is shown again.
fn judge_open(req: &HttpRequest, site: &Site, token: &str) -> Result<(), Error> {
    if csrf::is_ours(req, site, token) || csrf::is_of_visitor(req, site, token) {
        return Ok(());
    }
    match csrf::Origin::read(site, token) {
        Some(origin) if origin.user.is_some() => Err(Error::Stale),
        _ => Err(Error::Forged),
    }
}

/// What was typed into a form, if a page of ours gave that form to this browser.
pub(super) fn typed<F: DeserializeOwned>(req: &HttpRequest, pairs: Pairs) -> Result<F, Error> {
    read(req, pairs, judge)
}

fn read<F: DeserializeOwned>(
    req: &HttpRequest,
    mut pairs: Pairs,
    judge: impl Fn(&HttpRequest, &Site, &str) -> Result<(), Error>,
) -> Result<F, Error> {
    let malformed = || Error::Malformed("The form could not be read.".into());
    let site = req.app_data::<Data<Site>>().ok_or_else(malformed)?;
    let tokens: Vec<String> = pairs
        .extract_if(.., |(name, _)| name == csrf::FIELD)
        .map(|(_, value)| value)
        .collect();
    match &tokens[..] {
        [token] => judge(req, site, token)?,
        _ if csrf::session_has_ended(req, site) => return Err(Error::SignIn),
        _ => return Err(Error::Forged),
    }
    let rest = serde_html_form::to_string(&pairs).map_err(|_| malformed())?;
    serde_html_form::from_str(&rest).map_err(|why| Error::Malformed(format!("The form holds something it should not ({why}).")))
}

/// A posted form that is read after the permission was asked: a caller without it gets 403, whatever they sent.
#[derive(Deserialize)]
#[serde(transparent)]
pub struct Unread(Vec<(String, String)>);

impl Unread {
    /// Reads it. What is missing is refused like what is unknown, unless the form's own type says otherwise.
    ///
    /// # Errors
    /// [`Error::Malformed`].
    pub fn read<F: DeserializeOwned>(&self) -> Result<F, Error> {
        let text = serde_html_form::to_string(&self.0).unwrap_or_default();
        serde_html_form::from_str(&text).map_err(|why| Error::Malformed(format!("The form holds something it should not ({why}).")))
    }
}

/// Reads the query of an address in which a name may stand several times.
///
/// # Errors
/// [`Error::Malformed`].
pub fn query<Q: DeserializeOwned>(req: &HttpRequest) -> Result<Q, Error> {
    serde_html_form::from_str(req.query_string()).map_err(|_| Error::unreadable_query())
}

/// The complaints among these, each with the name of its field, for the summary above a form.
pub fn told<'f, const N: usize>(fields: [(&'static str, &'f Option<String>); N]) -> Vec<(&'static str, &'f str)> {
    let told = |(name, complaint): (_, &'f Option<String>)| complaint.as_deref().map(|text| (name, text));
    fields.into_iter().filter_map(told).collect()
}

/// A form that is only a button: where it leads back to, and nothing else.
#[derive(Deserialize, Default, Debug)]
#[serde(deny_unknown_fields, default)]
pub struct Back {
    pub back: String,
}

impl Back {
    /// Where the browser came from, if that is a page of ours; otherwise the given one.
    pub fn path(&self, site: &Site, otherwise: String) -> String {
        match super::safe_path(site, &self.back) {
            home if home == "/" => otherwise,
            path => path,
        }
    }
}

/// A box that is ticked or not. Browsers send nothing for one that is not.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(try_from = "String", into = "String")]
pub struct Ticked(pub bool);

impl TryFrom<String> for Ticked {
    type Error = String;
    fn try_from(text: String) -> Result<Self, String> {
        match text.as_str() {
            "" => Ok(Self(false)),
            "1" | "on" => Ok(Self(true)),
            other => Err(format!("{other:?} is not what a ticked box sends")),
        }
    }
}

impl From<Ticked> for String {
    fn from(ticked: Ticked) -> Self {
        if ticked.0 { "1".into() } else { Self::new() }
    }
}

/// One field of a form: what was typed, and what is wrong with it.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(from = "String", into = "String")]
pub struct Field {
    pub value: String,
    pub complaint: Option<String>,
}

impl From<String> for Field {
    fn from(value: String) -> Self {
        Self { value, complaint: None }
    }
}

impl From<Field> for String {
    fn from(field: Field) -> Self {
        field.value
    }
}

impl Field {
    pub fn new(value: impl Into<String>) -> Self {
        value.into().into()
    }
    pub fn refuse(&mut self, complaint: impl Into<String>) {
        self.complaint = Some(complaint.into());
    }
    pub fn is_refused(&self) -> bool {
        self.complaint.is_some()
    }
    /// One of two, which a page never leaves open.
    pub fn one_of(&mut self, known: [&str; 2]) {
        if !known.contains(&self.value.as_str()) {
            self.refuse("Choose one of the two.");
        }
    }
    /// Whether a name is typed again as it stands on the page, before what it names is deleted; a complaint otherwise.
    pub fn repeats(&mut self, name: &str) -> bool {
        if !crate::kit::fold::is_repeated(&self.value, name) {
            self.refuse("Type the name as it stands above.");
        }
        !self.is_refused()
    }
    pub fn trimmed(&self) -> &str {
        self.value.trim()
    }
    /// Reads a line of text such as a name: trimmed, not empty, of bounded length, nothing invisible in it.
    pub fn line(&mut self, what: &str, longest: usize) -> Option<String> {
        let text = self.value.trim().to_owned();
        if text.is_empty() {
            self.refuse(format!("Type {what}."));
        } else if text.chars().count() > longest {
            self.refuse(format!("At most {longest} characters fit here."));
        } else if crate::kit::fold::has_hidden_characters(&text) {
            self.refuse("This holds characters that cannot be seen. Type it again.");
        } else {
            return Some(text);
        }
        None
    }
    /// [`Field::line`] that may stay empty.
    pub fn optional_line(&mut self, longest: usize) -> Option<String> {
        if self.trimmed().is_empty() {
            return Some(String::new());
        }
        self.line("something", longest)
    }
    /// Reads several lines of text, which may stay empty.
    pub fn lines(&mut self, longest: usize) -> Option<String> {
        // Browsers send two characters for the end of a line.
        let text = self.value.trim().replace("\r\n", "\n");
        if text.chars().count() > longest {
            self.refuse(format!("At most {longest} characters fit here."));
        } else if text.split('\n').any(crate::kit::fold::has_hidden_characters) {
            self.refuse("This holds characters that cannot be seen. Type it again.");
        } else {
            return Some(text);
        }
        None
    }
}
