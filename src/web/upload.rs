//! Extractor for forms with a file. The body is read only when the handler asks, after authentication and
//! authorization. It may arrive slowly (within a time limit), so the handler must check both again afterwards. Then the
//! form is checked like any other.

use super::{Error, PickerSearch, Site, form::typed, pending_form::Sent};
use actix_multipart::{Field, Multipart, MultipartError};
use actix_web::{
    FromRequest, HttpMessage, HttpRequest,
    dev::Payload,
    http::header::{CONTENT_LENGTH, HeaderMap, HeaderValue},
    web::Data,
};
use futures_util::TryStreamExt;
use serde::de::DeserializeOwned;
use std::{
    future::{Ready, ready},
    time::Duration,
};

/// Maximum number of fields in one form.
const MOST_FIELDS: usize = 2_000;
/// Bytes allowed for the fields and the multipart framing, beside the file.
const OVERHEAD: usize = 256 * 1024;

/// Time limit for a file: the largest one at half a megabit per second.
const PATIENCE: Duration = Duration::from_mins(2);

/// Time limit for a form that is read only to keep its input.
const SMALL_PATIENCE: Duration = Duration::from_secs(20);

/// A form with a file, not read yet.
pub struct Upload {
    request: HttpRequest,
    payload: Payload,
}

/// A form with the content of its file, which is empty if none was chosen.
pub struct Uploaded<F> {
    pub form: F,
    /// What was typed into the search fields of its pickers.
    pub search: PickerSearch,
    /// The file name that the browser sent.
    pub file_name: String,
    pub file: Vec<u8>,
}

impl FromRequest for Upload {
    type Error = Error;
    type Future = Ready<Result<Self, Error>>;

    fn from_request(req: &HttpRequest, payload: &mut Payload) -> Self::Future {
        ready(Ok(Self { request: req.clone(), payload: payload.take() }))
    }
}

impl Upload {
    /// Reads the form, with a file of at most `largest` bytes.
    ///
    /// # Errors
    /// [`Error::TooLarge`], or those of [`super::Posted`].
    pub async fn read<F: DeserializeOwned>(self, largest: usize) -> Result<Uploaded<F>, Error> {
        let headers = self.request.headers();
        // Our pages always send this content type.
        if self.request.content_type() != "multipart/form-data" {
            return Err(Error::Forged);
        }
        let announced = headers.get(CONTENT_LENGTH).and_then(length);
        if announced.is_some_and(|bytes| bytes > largest + OVERHEAD) {
            return Err(Error::TooLarge);
        }
        let arrived = tokio::time::timeout(PATIENCE, parts(headers, self.payload, largest)).await;
        let (mut pairs, file_name, file) =
            arrived.map_err(|_| Error::Malformed("The file took too long to arrive. Send it again.".into()))??;
        let sent = Sent { pairs: pairs.clone(), has_file: !file.is_empty() };
        keep_at_hand(&self.request, sent);
        let search = PickerSearch::take(&mut pairs);
        Ok(Uploaded { form: typed(&self.request, pairs)?, search, file_name, file })
    }
}

/// The fields of a small form that its handler did not read because its sender is not allowed to send it now. If the
/// handler did read it, its fields are taken from the request extensions.
pub(super) async fn unread(req: &HttpRequest, payload: Payload) -> Option<Sent> {
    if let Some(sent) = req.extensions_mut().remove::<Sent>() {
        return Some(sent);
    }
    let headers = req.headers();
    let length = headers.get(CONTENT_LENGTH).and_then(length)?;
    if req.content_type() != "multipart/form-data" || length > OVERHEAD {
        return None;
    }
    let arrived = tokio::time::timeout(SMALL_PATIENCE, parts(headers, payload, length)).await;
    let (pairs, _, file) = arrived.ok()?.ok()?;
    Some(Sent { pairs, has_file: !file.is_empty() })
}

/// Stores the fields in the request extensions, so that they can be kept and the form's page is known.
fn keep_at_hand(req: &HttpRequest, sent: Sent) {
    let site = req.app_data::<Data<Site>>();
    if let Some(origin) = site.and_then(|site| sent.origin(site)) {
        req.extensions_mut().insert(origin);
    }
    req.extensions_mut().insert(sent);
}

fn length(value: &HeaderValue) -> Option<usize> {
    value.to_str().ok()?.parse().ok()
}

type Parts = (Vec<(String, String)>, String, Vec<u8>);

async fn parts(headers: &HeaderMap, payload: Payload, largest: usize) -> Result<Parts, Error> {
    let malformed = || Error::Malformed("The form could not be read.".into());
    let mut multipart = Multipart::new(headers, payload);
    let (mut pairs, mut file_name, mut file) = (Vec::new(), String::new(), Vec::new());
    let (mut left, mut left_to_paste, mut count) = (OVERHEAD, largest, 0);
    while let Some(mut part) = multipart.try_next().await.map_err(broken)? {
        count += 1;
        if count > MOST_FIELDS {
            return Err(Error::TooLarge);
        }
        let name = part.name().unwrap_or_default().to_owned();
        let chosen = part.content_disposition().and_then(|about| about.get_filename()).map(str::to_owned);
        if let Some(chosen) = chosen {
            let bytes = collect(&mut part, largest).await?;
            // A form has one file; a browser sends an empty one if none was chosen.
            if !file.is_empty() && !bytes.is_empty() {
                return Err(malformed());
            }
            if !bytes.is_empty() {
                (file_name, file) = (chosen, bytes);
            }
            continue;
        }
        // Pasted text may be as long as the file that it replaces.
        let most = if name == PASTE { &mut left_to_paste } else { &mut left };
        let bytes = collect(&mut part, *most).await?;
        *most -= bytes.len();
        let text = String::from_utf8(bytes).map_err(|_| malformed())?;
        // Nobody types a NUL, and PostgreSQL refuses it in text.
        if text.contains('\0') {
            return Err(malformed());
        }
        pairs.push((name, text));
    }
    Ok((pairs, file_name, file))
}

/// The field with text pasted instead of a file.
const PASTE: &str = "text";

async fn collect(part: &mut Field, most: usize) -> Result<Vec<u8>, Error> {
    let mut bytes = Vec::new();
    while let Some(chunk) = part.try_next().await.map_err(broken)? {
        if bytes.len() + chunk.len() > most {
            return Err(Error::TooLarge);
        }
        bytes.extend_from_slice(&chunk);
    }
    Ok(bytes)
}

fn broken(_: MultipartError) -> Error {
    Error::Malformed("The request broke off, or is no form of this site.".into())
}
