//! Request bodies: which are read, for how long, and what happens to the rest.
//!
//! Forms and JSON (that of SCIM included) are read completely, within [`PATIENCE`], before any handler runs. A form with a file
//! ([`super::Upload`]) is read by its handler, with its own time limit. Nothing else is read. If part of the body stays
//! unread, the connection is closed: actix would otherwise go on reading a chunked body for as long as the client likes
//! (Slowloris).

use super::{
    Error, host,
    pending_form::Sent,
    problem::{SCIM_JSON, is_scim},
};
use actix_web::{
    HttpMessage, HttpResponse,
    body::{BodySize, BoxBody, MessageBody},
    dev::{Payload, ServiceRequest},
    error::PayloadError,
    http::{StatusCode, header},
    web::{self, Bytes},
};
use futures_util::{Stream, stream};
use std::{
    cell::RefCell,
    future::ready,
    pin::Pin,
    rc::Rc,
    task::{Context, Poll},
    time::Duration,
};

/// How long a form or a JSON body may take to arrive.
const PATIENCE: Duration = Duration::from_secs(20);
/// The largest form with a response of an identity provider (SAML).
pub const LARGEST_SAML_RESPONSE: usize = 1024 * 1024;
/// The largest body of SCIM: a hundred operations.
const LARGEST_SCIM: usize = 1024 * 1024;

/// The request body as it comes from the network.
#[derive(Clone)]
pub(super) struct Incoming(Rc<RefCell<Payload>>);

impl Incoming {
    /// Takes over the body of a request. `None` if it has none.
    pub fn of(req: &mut ServiceRequest) -> Option<Self> {
        let payload = req.take_payload();
        if matches!(payload, Payload::None) {
            return None;
        }
        let incoming = Self(Rc::new(RefCell::new(payload)));
        req.set_payload(incoming.payload());
        Some(incoming)
    }

    /// The body, from where reading stopped.
    pub fn payload(&self) -> Payload {
        Payload::Stream { payload: Box::pin(self.clone()) }
    }

    /// Makes the response hold the body until the response is sent. While an incompletely read body is held, actix
    /// closes the connection after the response instead of reading on.
    pub fn end_with(self, answer: HttpResponse) -> HttpResponse {
        answer.map_body(|_, answer| BoxBody::new(Ending { answer, _body: self }))
    }
}

impl Stream for Incoming {
    type Item = Result<Bytes, PayloadError>;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        Pin::new(&mut *self.0.borrow_mut()).poll_next(cx)
    }
}

/// A response together with the body of its request.
struct Ending {
    answer: BoxBody,
    _body: Incoming,
}

impl MessageBody for Ending {
    type Error = Box<dyn std::error::Error>;

    fn size(&self) -> BodySize {
        self.answer.size()
    }
    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Bytes, Self::Error>>> {
        self.answer.as_pin_mut().poll_next(cx)
    }
}

/// Reads a form or a JSON body completely before authentication. Otherwise a caller could hold back the end of the body
/// and keep using permissions that were revoked meanwhile (ASVS 5.0, 8.3.2).
///
/// Returns the fields of a form, so that the input can be kept.
pub(super) async fn buffer_body(req: &mut ServiceRequest, incoming: &mut Option<Incoming>) -> Result<Option<Sent>, Error> {
    // No handler reads a compressed body, so compressed JSON is not read here either.
    let is_packed = req.headers().contains_key(header::CONTENT_ENCODING);
    let is_json = ["application/json", SCIM_JSON].contains(&req.content_type());
    let is_form = req.content_type() == "application/x-www-form-urlencoded";
    if !(is_form || is_json) || (is_packed && is_json) {
        return Ok(None);
    }
    let larger = if host::is_saml_response(req) {
        Some(LARGEST_SAML_RESPONSE)
    } else if is_scim(req.path()) {
        Some(LARGEST_SCIM)
    } else {
        None
    };
    if let Some(most) = larger {
        let bytes = larger_body(req, most).await?;
        return Ok(keep_whole(req, incoming, bytes, is_form));
    }
    let body = tokio::time::timeout(PATIENCE, req.extract::<Bytes>()).await;
    let body = body.map_err(|_| Error::Malformed("The request took too long to arrive. Send it again.".into()))?;
    let bytes = body.map_err(|why| match why.as_response_error().status_code() {
        StatusCode::PAYLOAD_TOO_LARGE => Error::TooLarge,
        _ => Error::Malformed("The request broke off.".into()),
    })?;
    Ok(keep_whole(req, incoming, bytes, is_form))
}

/// Gives the body, which has been read completely, to the handler.
fn keep_whole(req: &mut ServiceRequest, incoming: &mut Option<Incoming>, bytes: Bytes, is_form: bool) -> Option<Sent> {
    req.set_payload(Payload::Stream { payload: Box::pin(stream::once(ready(Ok(bytes.clone())))) });
    *incoming = None;
    if is_form { Sent::parse(&bytes) } else { None }
}

/// Reads what identity providers send, which is longer than any form of ours.
async fn larger_body(req: &mut ServiceRequest, most: usize) -> Result<Bytes, Error> {
    let broken = |()| Error::Malformed("The request broke off.".into());
    let payload = req.extract::<web::Payload>().await.map_err(|_| broken(()))?;
    let body = tokio::time::timeout(PATIENCE, payload.to_bytes_limited(most)).await;
    let body = body.map_err(|_| Error::Malformed("The request took too long to arrive. Send it again.".into()))?;
    body.map_err(|_| Error::TooLarge)?.map_err(|_| broken(()))
}
