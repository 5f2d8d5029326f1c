//! The request body, as JSON or as a form. It is fully received before the caller is authenticated (see
//! `web::middleware`), but parsed only afterwards.

use super::{LARGEST_BODY, field_errors, object::Object};
use crate::web::{Error, Problem};
use actix_web::{
    FromRequest, HttpMessage, HttpRequest,
    dev::Payload,
    http::{StatusCode, header},
    web::BytesMut,
};
use futures_util::StreamExt;
use serde::de::DeserializeOwned;
use std::{
    future::{Future, Ready, ready},
    pin::Pin,
};

/// An unparsed request body.
struct UnparsedBody {
    request: HttpRequest,
    payload: Payload,
}

impl UnparsedBody {
    fn of(req: &HttpRequest, payload: &mut Payload) -> Self {
        Self { request: req.clone(), payload: payload.take() }
    }

    /// The whole body, if it is of this content type.
    async fn receive(mut self, content_type: &'static str) -> Result<BytesMut, Error> {
        let is_plain = !self.request.headers().contains_key(header::CONTENT_ENCODING);
        if self.request.content_type() != content_type || !is_plain {
            let detail = format!("Send {content_type}, not compressed.");
            return Err(Problem::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "unsupported-media-type", "Not in this format", detail).into());
        }
        let mut bytes = BytesMut::new();
        while let Some(chunk) = self.payload.next().await {
            let chunk = chunk.map_err(|_| malformed("The request broke off."))?;
            if bytes.len() + chunk.len() > LARGEST_BODY {
                return Err(Error::TooLarge);
            }
            bytes.extend_from_slice(&chunk);
        }
        Ok(bytes)
    }
}

/// A body of JSON.
pub struct Json(UnparsedBody);

impl FromRequest for Json {
    type Error = Error;
    type Future = Ready<Result<Self, Error>>;

    fn from_request(req: &HttpRequest, payload: &mut Payload) -> Self::Future {
        ready(Ok(Self(UnparsedBody::of(req, payload))))
    }
}

impl Json {
    /// Parses the body. The target type refuses unknown fields (`deny_unknown_fields`).
    ///
    /// # Errors
    /// [`Error::Problem`] or [`Error::TooLarge`].
    pub async fn read<T: DeserializeOwned>(self) -> Result<T, Error> {
        let bytes = self.0.receive("application/json").await?;
        parse(&bytes)
    }

    /// [`Json::read`] for a body that holds a secret: the problem, which is also logged, repeats nothing of it.
    ///
    /// # Errors
    /// As [`Json::read`].
    pub async fn read_secret<T: DeserializeOwned>(self, expected: &str) -> Result<T, Error> {
        let bytes = self.0.receive("application/json").await?;
        parse(&bytes).map_err(|_| malformed(expected))
    }
}

/// Parses the body. Text in it never holds NUL, which PostgreSQL refuses.
fn parse<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Error> {
    let mut json = serde_json::Deserializer::from_slice(bytes);
    let read = serde_path_to_error::deserialize::<_, Object<T>>(&mut json);
    let Object(value) = read.map_err(|why| {
        if why.inner().is_data() {
            Problem::fields(vec![field_errors::of_body(&why)]).into()
        } else {
            malformed(&format!("The body is not JSON: {}.", why.inner()))
        }
    })?;
    json.end().map_err(|why| malformed(&format!("The body is not JSON: {why}.")))?;
    if field_errors::has_nul(bytes) {
        return Err(malformed("A text in the body holds NUL (\\u0000)."));
    }
    Ok(value)
}

/// A JSON body that was read. Only for addresses whose caller is authenticated before (see `conventions`).
pub(super) struct Body<T>(pub T);

impl<T: DeserializeOwned + 'static> FromRequest for Body<T> {
    type Error = Error;
    type Future = Pin<Box<dyn Future<Output = Result<Self, Error>>>>;

    fn from_request(req: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let json = Json(UnparsedBody::of(req, payload));
        Box::pin(async move { json.read().await.map(Body) })
    }
}

/// A body of form fields (`application/x-www-form-urlencoded`), as OAuth sends them.
pub struct Form(UnparsedBody);

impl FromRequest for Form {
    type Error = Error;
    type Future = Ready<Result<Self, Error>>;

    fn from_request(req: &HttpRequest, payload: &mut Payload) -> Self::Future {
        ready(Ok(Self(UnparsedBody::of(req, payload))))
    }
}

impl Form {
    /// Parses the fields; a field that is sent twice is refused (RFC 6749, section 3.2). Forms hold secrets, so the
    /// problem repeats nothing of them.
    ///
    /// # Errors
    /// As [`Json::read`].
    pub async fn read<T: DeserializeOwned>(self, expected: &str) -> Result<T, Error> {
        let bytes = self.0.receive("application/x-www-form-urlencoded").await?;
        serde_html_form::from_bytes(&bytes).map_err(|_| malformed(expected))
    }
}

/// The request cannot be read.
pub(super) fn malformed(detail: &str) -> Error {
    Problem::new(StatusCode::BAD_REQUEST, "malformed", "The request could not be read", detail).into()
}
