//! Exports and other files that a person downloads.

use super::Person;
use actix_web::{body::MessageBody, cookie::Cookie, test::TestRequest};

impl Person {
    /// Reads an answer up to its first part, runs `meanwhile`, and reads on. Returns the body, and whether it came
    /// complete.
    pub async fn download(&self, path: &str, meanwhile: impl FnOnce()) -> (String, bool) {
        let mut request = TestRequest::with_uri(&self.whole(path)).insert_header(("host", "roster.example"));
        for (name, value) in self.headers.borrow().iter() {
            request = request.insert_header((name.as_str(), value.as_str()));
        }
        for (name, value) in self.cookies.borrow().iter() {
            request = request.cookie(Cookie::new(name.clone(), value.clone()));
        }
        let response = (self.app.serve)(request.to_request()).await;
        let to = response.headers().get("location").cloned();
        assert_eq!(response.status().as_u16(), 200, "{path} leads to {to:?}");
        let mut body = response.into_body();
        let mut text = String::new();
        let mut once = Some(meanwhile);
        loop {
            match std::future::poll_fn(|cx| body.as_pin_mut().poll_next(cx)).await {
                Some(Ok(part)) => text.push_str(&String::from_utf8_lossy(&part)),
                Some(Err(_)) => return (text, false),
                None => return (text, true),
            }
            if let Some(meanwhile) = once.take() {
                meanwhile();
            }
        }
    }
}
