//! The JSON request body. It is fully received before the caller is authenticated (see `web::middleware`), but parsed
//! only when the handler calls [`Json::read`], after authentication.

use super::LARGEST_BODY;
use crate::web::{Error, Problem};
use actix_web::{
    FromRequest, HttpMessage, HttpRequest,
    dev::Payload,
    http::{StatusCode, header},
    web::BytesMut,
};
use futures_util::StreamExt;
use serde::de::DeserializeOwned;
use std::future::{Ready, ready};

/// An unparsed request body.
pub struct Json {
    request: HttpRequest,
    payload: Payload,
}

impl FromRequest for Json {
    type Error = Error;
    type Future = Ready<Result<Self, Error>>;

    fn from_request(req: &HttpRequest, payload: &mut Payload) -> Self::Future {
        ready(Ok(Self { request: req.clone(), payload: payload.take() }))
    }
}

impl Json {
    /// Parses the body. The target type refuses unknown fields (`deny_unknown_fields`).
    ///
    /// # Errors
    /// [`Error::Problem`] or [`Error::TooLarge`].
    pub async fn read<T: DeserializeOwned>(mut self) -> Result<T, Error> {
        let is_plain = !self.request.headers().contains_key(header::CONTENT_ENCODING);
        if self.request.content_type() != "application/json" || !is_plain {
            let detail = "Send application/json, not compressed.";
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
        serde_json::from_slice(&bytes).map_err(|why| malformed(&format!("The body is not what was expected: {why}.")))
    }
}

fn malformed(detail: &str) -> Error {
    Problem::new(StatusCode::BAD_REQUEST, "malformed", "The request could not be read", detail).into()
}
