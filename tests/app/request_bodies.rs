//! Request bodies that nobody reads or that never end: every connection gets an answer and is closed, whatever length
//! it announced.

use crate::harness::{Database, TestApp, program::Program};
use actix_web::http::Method;
use std::{
    io::{Read, Write},
    net::TcpStream,
    thread::spawn,
    time::{Duration, Instant},
};

/// Sends a head and the first bytes of a body, then nothing. Waits for the end and returns the answer.
fn begin(port: u16, method: &str, path: &str, kind: &str, length: &str) -> String {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).expect("it listens");
    stream.set_read_timeout(Some(Duration::from_secs(40))).expect("a timeout");
    let host = format!("127.0.0.1:{port}");
    write!(stream, "{method} {path} HTTP/1.1\r\nHost: {host}\r\n{kind}{length}\r\n5\r\nhello\r\n").expect("sent");
    let mut answer = Vec::new();
    // A reset of the connection is an end as well.
    let ended = stream.read_to_end(&mut answer);
    let is_open = ended.is_err_and(|why| matches!(why.kind(), std::io::ErrorKind::WouldBlock | std::io::ErrorKind::TimedOut));
    assert!(!is_open, "{method} {path} {kind:?} {length:?} is open still");
    String::from_utf8_lossy(&answer).into_owned()
}

#[test]
fn a_body_that_nobody_reads_is_not_waited_for() {
    let mut roster = Program::new(Database::create());
    roster.serve(&[]);
    let port = roster.port;
    let began = Instant::now();
    let mut all = Vec::new();
    for kind in [
        "",
        "Content-Type: text/plain\r\n",
        "Content-Type: multipart/form-data; boundary=x\r\n",
    ] {
        for length in ["Content-Length: 200000\r\n", "Transfer-Encoding: chunked\r\n"] {
            for (method, path, status) in [("POST", "/sign-in", "400"), ("GET", "/sign-in", "200"), ("POST", "/nothing", "404")] {
                all.push(spawn(move || {
                    let answer = begin(port, method, path, kind, length);
                    assert!(answer.starts_with(&format!("HTTP/1.1 {status}")), "{method} {path} {kind}{length}{answer}");
                }));
            }
        }
    }
    for one in all {
        one.join().expect("an answer and an end");
    }
    assert!(began.elapsed() < Duration::from_secs(18), "{:?}", began.elapsed());
}

#[test]
fn a_form_that_does_not_arrive_is_answered_after_a_while() {
    let mut roster = Program::new(Database::create());
    roster.serve(&[]);
    let port = roster.port;
    let all = ["application/x-www-form-urlencoded", "application/json"]
        .map(|kind| spawn(move || begin(port, "POST", "/sign-in", &format!("Content-Type: {kind}\r\n"), "Transfer-Encoding: chunked\r\n")));
    for one in all {
        let answer = one.join().expect("an answer and an end");
        assert!(answer.starts_with("HTTP/1.1 400") && answer.contains("too long to arrive"), "{answer}");
    }
}

#[actix_web::test]
async fn an_address_that_is_too_long_and_a_tunnel_are_refused() {
    let app = TestApp::start().await;
    let eve = app.visitor();
    let long = format!("/sign-in?next=/{}", "a".repeat(40_000));
    eve.request(Method::GET, &long, None).await.assert_status(414).assert_sees("too long");
    let long = format!("/api/v1/me?x={}", "a".repeat(40_000));
    assert!(eve.request(Method::GET, &long, None).await.assert_status(414).body.contains("address-too-long"));
    eve.request(Method::CONNECT, "/sign-in", None).await.assert_status(405);
    eve.get(&format!("/sign-in?next=/{}", "a".repeat(8_000))).await.assert_status(200);
}
