//! Non-ASCII addresses: the domain is sent in ASCII, and an address that a mail server can never accept is not tried
//! again.

use crate::harness::TestApp;
use chrono::TimeDelta;
use std::{
    io::{BufRead, BufReader, Write},
    net::{TcpListener, TcpStream},
    sync::{Arc, Mutex},
    thread,
};

/// A mail server with these extensions, which gives this answer to every recipient. It keeps every line it received.
struct Postman {
    url: String,
    lines: Arc<Mutex<Vec<String>>>,
}

impl Postman {
    fn offering(extensions: &'static [&'static str], answer: &'static str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let url = format!("smtp://{}?tls=none", listener.local_addr().expect("an address"));
        let lines = Arc::new(Mutex::new(vec![]));
        let kept = lines.clone();
        thread::spawn(move || {
            for client in listener.incoming().flatten() {
                let kept = kept.clone();
                thread::spawn(move || talk(client, &kept, extensions, answer));
            }
        });
        Self { url, lines }
    }

    fn has(&self, line: &str) -> bool {
        self.lines.lock().expect("the lines").iter().any(|known| known.contains(line))
    }
}

fn talk(client: TcpStream, kept: &Mutex<Vec<String>>, extensions: &[&str], answer: &str) -> Option<()> {
    let mut out = client.try_clone().ok()?;
    let mut lines = BufReader::new(client).lines();
    out.write_all(b"220 postman\r\n").ok()?;
    let mut is_letter = false;
    loop {
        let line = lines.next()?.ok()?;
        kept.lock().ok()?.push(line.clone());
        let reply = match line.split([' ', ':']).next().unwrap_or_default() {
            "." if is_letter => {
                is_letter = false;
                "250 taken".to_owned()
            }
            _ if is_letter => continue,
            "DATA" => {
                is_letter = true;
                "354 go on".to_owned()
            }
            "EHLO" => {
                let offered = extensions.iter().fold(String::from("250-postman\r\n"), |all, one| all + "250-" + one + "\r\n");
                offered + "250 HELP"
            }
            "RCPT" => answer.to_owned(),
            "QUIT" => "221 bye".to_owned(),
            _ => "250 well".to_owned(),
        };
        out.write_all(format!("{reply}\r\n").as_bytes()).ok()?;
    }
}

#[actix_web::test]
async fn the_domain_goes_out_in_ascii_and_needs_no_smtputf8() {
    let postman = Postman::offering(&["8BITMIME"], "250 well");
    let app = TestApp::start_with(&["--smtp-url", &postman.url]).await;
    let ada = app.administrator("Ada").await;
    ada.invite("Grace <grace@exämple.org>", "User").await.assert_sees("1 invited");
    app.deliver();
    ada.get("/users?tab=invited").await.assert_sees("mail sent").assert_sees("grace@exämple.org");
    for line in [
        "RCPT TO:<grace@xn--exmple-cua.org>",
        "To: grace@xn--exmple-cua.org",
        "Auto-Submitted: auto-generated",
    ] {
        assert!(postman.has(line), "{line} is not in {:?}", postman.lines.lock());
    }
}

#[actix_web::test]
async fn letters_before_the_at_sign_beyond_ascii_go_where_the_server_takes_them() {
    let postman = Postman::offering(&["8BITMIME", "SMTPUTF8"], "250 well");
    let app = TestApp::start_with(&["--smtp-url", &postman.url]).await;
    let ada = app.administrator("Ada").await;
    ada.invite("用户@例子.广告", "User").await.assert_sees("1 invited");
    app.deliver();
    ada.get("/users?tab=invited").await.assert_sees("mail sent");
    assert!(postman.has("RCPT TO:<用户@xn--fsqu00a.xn--4rr70v"), "{:?}", postman.lines.lock());
}

#[actix_web::test]
async fn letters_that_a_server_can_never_take_are_given_up_with_a_reason() {
    let postman = Postman::offering(&["8BITMIME"], "250 well");
    let app = TestApp::start_with(&["--smtp-url", &postman.url]).await;
    let ada = app.administrator("Ada").await;
    ada.invite("用户@例子.广告", "User").await.assert_sees("1 invited");
    app.deliver();
    app.wait(TimeDelta::hours(1));
    app.deliver();
    ada.get("/users?tab=invited")
        .await
        .assert_sees("mail failed")
        .assert_sees("letters beyond ASCII before the @")
        .assert_misses("internal client error");
    assert_eq!(app.count("SELECT count(*) FROM outbox WHERE state = 'failed' AND attempts = 1"), 1);
}

#[actix_web::test]
async fn the_answer_of_a_server_is_told_once() {
    let postman = Postman::offering(&[], "550 5.1.1 no such user");
    let app = TestApp::start_with(&["--smtp-url", &postman.url]).await;
    let ada = app.administrator("Ada").await;
    ada.invite("grace@example.org", "User").await;
    app.deliver();
    let told = app.text("SELECT last_error FROM outbox");
    assert_eq!(told.matches("no such user").count(), 1, "{told}");
}
