//! One HTTP request of a browser.

use super::{Page, Person};
use actix_http::BoxedPayloadStream;
use actix_web::{
    body::to_bytes,
    cookie::Cookie,
    dev::Payload,
    http::{Method, header},
    test::TestRequest,
    web::Bytes,
};
use futures_util::{StreamExt, stream};

impl Person {
    /// Sends one request and follows no redirects.
    pub async fn request(&self, method: Method, path: &str, body: Option<String>) -> Page {
        self.request_with(method, path, &[], body).await
    }

    /// Sends one request with further headers, which replace the browser's header of the same name.
    pub async fn request_with(&self, method: Method, path: &str, headers: &[(&str, &str)], body: Option<String>) -> Page {
        self.send(method, path, headers, body.map(Bytes::from)).await
    }

    pub(super) async fn send(&self, method: Method, path: &str, headers: &[(&str, &str)], body: Option<Bytes>) -> Page {
        let mut request = TestRequest::with_uri(path).method(method);
        request = request.peer_addr(
            format!("{}:5000", self.address.borrow())
                .parse()
                .unwrap_or_else(|_| format!("[{}]:5000", self.address.borrow()).parse().expect("an address")),
        );
        let own = self.headers.borrow().clone();
        let mut sent: Vec<(&str, &str)> = own.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        sent.extend(headers);
        let usual = [
            ("host", "roster.example"),
            ("user-agent", "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"),
            ("content-type", "application/x-www-form-urlencoded"),
        ];
        for (name, value) in usual {
            let is_wanted = name != "content-type" || body.is_some();
            if is_wanted && !sent.iter().any(|(given, _)| given.eq_ignore_ascii_case(name)) {
                request = request.insert_header((name, value));
            }
        }
        for header in sent {
            request = request.append_header(header);
        }
        for (name, value) in self.cookies.borrow().iter() {
            request = request.cookie(Cookie::new(name.clone(), value.clone()));
        }
        let held = self.meanwhile.borrow_mut().take().zip(body.clone());
        if let Some(body) = body {
            request = request.set_payload(body);
        }
        let mut request = request.to_request();
        if let Some((meanwhile, body)) = held {
            let mut begin = body;
            let end = begin.split_off(begin.len() / 2);
            let late = stream::once(async move {
                meanwhile();
                Ok(end)
            });
            let payload: BoxedPayloadStream = Box::pin(stream::once(async { Ok(begin) }).chain(late));
            request = request.replace_payload(Payload::Stream { payload }).0;
        }
        let response = (self.app.serve)(request).await;
        for cookie in response.response().cookies() {
            let mut jar = self.cookies.borrow_mut();
            match cookie.max_age() {
                Some(age) if age.is_zero() => jar.remove(cookie.name()),
                _ => jar.insert(cookie.name().to_owned(), cookie.value().to_owned()),
            };
        }
        let status = response.status().as_u16();
        let headers = response.headers().clone();
        let went = headers.get(header::LOCATION).map(|to| to.to_str().expect("a location").to_owned());
        let body = to_bytes(response.into_body()).await.unwrap_or_default();
        if status >= 500 && ![501, 503].contains(&status) {
            self.app.watch.broken.set(Some(format!("{path} answered {status}")));
        }
        Page {
            status,
            path: path.to_owned(),
            headers,
            body: String::from_utf8_lossy(&body).into(),
            went: went.into_iter().collect(),
        }
    }
}
