//! The body of a request: what is read of it, for how long, and what becomes of the rest.
//!
//! Forms and JSON arrive as a whole within [`PATIENCE`], before any handler runs. Forms with a file ([`super::Upload`]) are
//! read by their handler within a time of its own. Nothing else is ever read. Whatever is left unread ends the connection: actix would go
//! on reading the rest of a chunked body for as long as the client likes (Slowloris).

use super::{Error, pending_form::Sent};
use actix_web::{
    HttpMessage, HttpResponse,
    body::{BodySize, BoxBody, MessageBody},
    dev::{Payload, ServiceRequest},
    error::PayloadError,
    http::{StatusCode, header},
    web::Bytes,
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

/// How long a form may take to arrive, and what a program sends.
const PATIENCE: Duration = Duration::from_secs(20);

/// The body of a request as it comes from the network.
#[derive(Clone)]
pub(super) struct Incoming(Rc<RefCell<Payload>>);

impl Incoming {
    /// Takes the body of a request in hand. `None` where there is none.
    pub fn of(req: &mut ServiceRequest) -> Option<Self> {
        let payload = req.take_payload();
        if matches!(payload, Payload::None) {
            return None;
        }
        let incoming = Self(Rc::new(RefCell::new(payload)));
        req.set_payload(incoming.payload());
        Some(incoming)
    }

    /// The body, to be read from where it was left.
    pub fn payload(&self) -> Payload {
        Payload::Stream {
            payload: Box::pin(self.clone()),
        }
    }

    /// Has the answer hold the body until all of it is sent. As long as somebody holds a body that was not read to its end,
    /// actix closes the connection after the answer instead of reading on.
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

/// An answer beside the body of its request.
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

/// Has a form, or what a program sends, arrive as a whole before anybody asks who sends it and when: a caller who holds back
/// the end of one would hold on to rights that were taken from them meanwhile (ASVS 5.0, 8.3.2).
///
/// The fields of a form are handed out, so that what was typed can be kept.
pub(super) async fn gather(req: &mut ServiceRequest, incoming: &mut Option<Incoming>) -> Result<Option<Sent>, Error> {
    // Nobody here reads what is compressed, so nobody unpacks it either.
    let is_packed = req.headers().contains_key(header::CONTENT_ENCODING);
    let is_json = req.content_type() == "application/json";
    let is_form = req.content_type() == "application/x-www-form-urlencoded";
    if !(is_form || is_json) || (is_packed && is_json) {
        return Ok(None);
    }
    let body = tokio::time::timeout(PATIENCE, req.extract::<Bytes>()).await;
    let body = body.map_err(|_| Error::Malformed("The request took too long to arrive. Send it again.".into()))?;
    let bytes = body.map_err(|why| match why.as_response_error().status_code() {
        StatusCode::PAYLOAD_TOO_LARGE => Error::TooLarge,
        _ => Error::Malformed("The request broke off.".into()),
    })?;
    req.set_payload(Payload::Stream {
        payload: Box::pin(stream::once(ready(Ok(bytes.clone())))),
    });
    // Nothing of it is left unread.
    *incoming = None;
    Ok(if is_form { Sent::parse(&bytes) } else { None })
}
