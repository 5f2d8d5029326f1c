//! Form extractors. They check the CSRF token first, so no handler can forget to. They rely on `csrf`.

use super::{Error, PickerSearch, Site, csrf};
use actix_web::{
    FromRequest, HttpMessage, HttpRequest,
    dev::Payload,
    web::{Bytes, Data},
};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use std::{future::Future, pin::Pin};

/// A form posted from one of our pages. The form's own type refuses unknown fields (`deny_unknown_fields`), so that
/// nothing beyond what the page offers is read (mass assignment).
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

/// A form that needs no session, because its password or link comes with it. It is also accepted if its page was opened
/// before somebody signed in in another tab.
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

pub(super) type Pairs = Vec<(String, String)>;

/// The fields of an `application/x-www-form-urlencoded` body. No other content type is read, so that no handler waits
/// for it.
pub(super) fn pairs(req: &HttpRequest, payload: &mut Payload) -> impl Future<Output = Result<Pairs, Error>> + use<> {
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
    // Nobody types a NUL, and PostgreSQL refuses it in text.
    if pairs.iter().any(|(_, value)| value.contains('\0')) {
        return Err(malformed());
    }
    Ok(pairs)
}

/// Before the id of a field that an organization declared, in the names of inputs.
pub const OWN_FIELD: &str = "own:";
/// The field of a form that holds them all: ids, each followed by its value.
const OWN: &str = "own";

/// The fields with those of the organization in one list, since no form's own type knows their names.
fn gathered(pairs: &[(String, String)]) -> Vec<(&str, &str)> {
    let mut all = Vec::new();
    for (name, value) in pairs {
        match name.strip_prefix(OWN_FIELD) {
            Some(id) => all.extend([(OWN, id), (OWN, value.as_str())]),
            None => all.push((name.as_str(), value.as_str())),
        }
    }
    all
}

/// Reads a form from its fields.
pub(super) fn read_pairs<F: DeserializeOwned>(pairs: &[(String, String)]) -> Result<F, String> {
    let text = serde_html_form::to_string(gathered(pairs)).map_err(|why| why.to_string())?;
    serde_html_form::from_str(&text).map_err(|why| why.to_string())
}

/// Checks a form's token against the current session of the browser.
fn check_token(req: &HttpRequest, site: &Site, token: &str) -> Result<(), Error> {
    if csrf::is_ours(req, site, token) {
        return Ok(());
    }
    // A sender whose session ended after they opened the form is told to sign in.
    if csrf::session_has_ended(req, site) {
        return Err(Error::SignIn);
    }
    Err(match (csrf::owner(req), csrf::Origin::read(site, token)) {
        (Some(now), Some(csrf::Origin { user: Some(then), .. })) if now == then => Error::Stale,
        (Some(_), Some(csrf::Origin { user: Some(_), .. })) => Error::SomebodyElses,
        _ => Error::Forged,
    })
}

/// The same for a form that needs no session. If somebody signed in or out meanwhile, its page is shown again.
fn judge_open(req: &HttpRequest, site: &Site, token: &str) -> Result<(), Error> {
    if csrf::is_ours(req, site, token) || csrf::is_of_visitor(req, site, token) {
        return Ok(());
    }
    match csrf::Origin::read(site, token) {
        Some(origin) if origin.user.is_some() => Err(Error::Stale),
        _ => Err(Error::Forged),
    }
}

/// Reads the form, if one of our pages gave it to this browser.
pub(super) fn typed<F: DeserializeOwned>(req: &HttpRequest, pairs: Pairs) -> Result<F, Error> {
    read(req, pairs, check_token)
}

fn read<F: DeserializeOwned>(
    req: &HttpRequest,
    mut pairs: Pairs,
    check_token: impl Fn(&HttpRequest, &Site, &str) -> Result<(), Error>,
) -> Result<F, Error> {
    let malformed = || Error::Malformed("The form could not be read.".into());
    let site = req.app_data::<Data<Site>>().ok_or_else(malformed)?;
    let tokens: Vec<String> = pairs.extract_if(.., |(name, _)| name == csrf::FIELD).map(|(_, value)| value).collect();
    match &tokens[..] {
        [token] => check_token(req, site, token)?,
        _ if csrf::session_has_ended(req, site) => return Err(Error::SignIn),
        _ => return Err(Error::Forged),
    }
    read_pairs(&pairs).map_err(|why| Error::Malformed(format!("The form holds something it should not ({why}).")))
}

/// A posted form that is parsed after the permission check: a caller without the permission gets 403, whatever they
/// sent.
#[derive(Deserialize)]
#[serde(transparent)]
pub struct Unread(Vec<(String, String)>);

impl Unread {
    /// Takes what was typed into the search fields of pickers out of it.
    pub fn search(&mut self) -> PickerSearch {
        PickerSearch::take(&mut self.0)
    }
    /// Parses the form. A missing field is refused like an unknown one, unless the form's own type says otherwise.
    ///
    /// # Errors
    /// [`Error::Malformed`].
    pub fn read<F: DeserializeOwned>(&self) -> Result<F, Error> {
        read_pairs(&self.0).map_err(|why| Error::Malformed(format!("The form holds something it should not ({why}).")))
    }
}

/// Reads a query string in which a name may occur several times.
///
/// # Errors
/// [`Error::Malformed`].
pub fn query<Q: DeserializeOwned>(req: &HttpRequest) -> Result<Q, Error> {
    serde_html_form::from_str(req.query_string()).map_err(|_| Error::unreadable_query())
}

/// The complaints among these fields, each with its field name, for the summary above a form.
pub fn complaints<'f, const N: usize>(fields: [(&'static str, &'f Option<String>); N]) -> Vec<(&'static str, &'f str)> {
    let of_field = |(name, complaint): (_, &'f Option<String>)| complaint.as_deref().map(|text| (name, text));
    fields.into_iter().filter_map(of_field).collect()
}

/// A form that is only a button, without any field.
#[derive(Deserialize, Debug)]
#[serde(deny_unknown_fields)]
pub struct EmptyForm {}

/// A form that is only a button. It holds only the path to return to.
#[derive(Deserialize, Default, Debug)]
#[serde(deny_unknown_fields, default)]
pub struct Back {
    pub back: String,
}

impl Back {
    /// The path to return to if it is a page of ours; otherwise the given one.
    pub fn path(&self, site: &Site, otherwise: String) -> String {
        match super::safe_path(site, &self.back) {
            home if home == "/" => otherwise,
            path => path,
        }
    }
}

/// A checkbox. Browsers send nothing for one that is not ticked.
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

/// One field of a form: its input and the complaint about it.
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
    /// Complains unless the value is one of two. A page always preselects one of them.
    pub fn one_of(&mut self, known: [&str; 2]) {
        if !known.contains(&self.value.as_str()) {
            self.refuse("Choose one of the two.");
        }
    }
    /// Whether the user repeated this name, as a page asks before it deletes the named thing. Complains if not.
    pub fn repeats(&mut self, name: &str) -> bool {
        if !crate::kit::fold::is_repeated(&self.value, name) {
            self.refuse("Type the name as it stands above.");
        }
        !self.is_refused()
    }
    pub fn trimmed(&self) -> &str {
        self.value.trim()
    }
    /// Reads a line of text such as a name: trimmed, not empty, of limited length, without invisible characters.
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
    /// [`Field::line`], but it may be empty.
    pub fn optional_line(&mut self, longest: usize) -> Option<String> {
        if self.trimmed().is_empty() {
            return Some(String::new());
        }
        self.line("something", longest)
    }
    /// Reads several lines of text. May be empty.
    pub fn lines(&mut self, longest: usize) -> Option<String> {
        // Browsers send CR LF at the end of a line.
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
