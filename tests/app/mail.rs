//! Letters: none is lost, none is sent twice, and the page shows the state of each.

use crate::harness::{GOOD, TestApp, outage::Outage};
use chrono::TimeDelta;
use std::{
    io::{BufRead, BufReader, Write},
    net::{TcpListener, TcpStream},
    sync::{Arc, Mutex},
    thread,
    time::Duration,
};

/// The mail server's answer to each letter, given how many it has seen.
type Answer = dyn Fn(usize) -> &'static str + Send + Sync;

/// What another worker does, once.
type Work = Box<dyn FnOnce() + Send>;

/// A mail server on this machine.
struct Postman {
    url: String,
    letters: Arc<Mutex<Vec<String>>>,
}

impl Postman {
    fn answering(answer: impl Fn(usize) -> &'static str + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let url = format!("smtp://{}?tls=none", listener.local_addr().expect("an address"));
        let letters = Arc::new(Mutex::new(vec![]));
        let (kept, answer): (_, Arc<Answer>) = (letters.clone(), Arc::new(answer));
        thread::spawn(move || {
            for client in listener.incoming().flatten() {
                let (kept, answer) = (kept.clone(), answer.clone());
                thread::spawn(move || talk(client, &kept, &*answer));
            }
        });
        Self { url, letters }
    }
    /// The ids of all received letters, accepted or not.
    fn ids(&self) -> Vec<String> {
        self.letters.lock().expect("the letters").clone()
    }
}

/// One SMTP conversation. It ends where the client closes the connection.
fn talk(client: TcpStream, letters: &Mutex<Vec<String>>, answer: &Answer) -> Option<()> {
    let mut out = client.try_clone().ok()?;
    let mut lines = BufReader::new(client).lines();
    out.write_all(b"220 postman\r\n").ok()?;
    loop {
        let line = lines.next()?.ok()?.to_uppercase();
        let reply = if line == "DATA" {
            out.write_all(b"354 go on\r\n").ok()?;
            let mut id = String::new();
            loop {
                let line = lines.next()?.ok()?;
                if line == "." {
                    break;
                }
                if line.starts_with("Message-ID:") {
                    id = line;
                }
            }
            let count = {
                let mut letters = letters.lock().ok()?;
                letters.push(id);
                letters.len()
            };
            answer(count)
        } else if line == "QUIT" {
            "221 bye"
        } else {
            "250 well"
        };
        out.write_all(format!("{reply}\r\n").as_bytes()).ok()?;
    }
}

#[actix_web::test]
async fn a_letter_that_did_not_go_out_is_tried_again_later_and_the_directory_says_so() {
    let postman = Postman::answering(|count| if count <= 2 { "451 come back later" } else { "250 taken" });
    let app = TestApp::start_with(&["--smtp-url", &postman.url]).await;
    let ada = app.administrator("Ada").await;
    ada.invite("grace@example.org", "User").await;
    ada.get("/users?tab=invited").await.assert_sees("mail waiting");
    app.deliver();
    ada.get("/users?tab=invited")
        .await
        .assert_sees("mail waiting, will be tried again")
        .assert_sees("come back later");
    app.wait(TimeDelta::seconds(14));
    app.deliver();
    assert_eq!(postman.ids().len(), 1, "not before its time");
    app.wait(TimeDelta::seconds(1));
    app.deliver();
    app.wait(TimeDelta::seconds(29));
    app.deliver();
    assert_eq!(postman.ids().len(), 2, "longer each time");
    app.wait(TimeDelta::seconds(1));
    app.deliver();
    ada.get("/users?tab=invited").await.assert_sees("mail sent").assert_misses("come back later");
    let ids = postman.ids();
    assert_eq!(ids.len(), 3);
    assert!(ids.iter().all(|id| *id == ids[0]), "the same letter has the same id");
    assert_eq!(app.count("SELECT count(*) FROM outbox WHERE body IS NOT NULL"), 0);
}

#[actix_web::test]
async fn a_letter_that_is_refused_for_good_is_not_tried_again() {
    let postman = Postman::answering(|_| "550 nobody of that name");
    let app = TestApp::start_with(&["--smtp-url", &postman.url]).await;
    let ada = app.administrator("Ada").await;
    ada.invite("grace@example.org", "User").await;
    app.deliver();
    app.wait(TimeDelta::hours(1));
    app.deliver();
    assert_eq!(postman.ids().len(), 1);
    ada.get("/users?tab=invited").await.assert_sees("mail failed").assert_sees("nobody of that name");
    assert_eq!(app.count("SELECT count(*) FROM outbox WHERE body IS NOT NULL"), 0);
}

#[actix_web::test]
async fn a_dead_mail_server_blocks_nobody_and_loses_nothing() {
    let gone = TcpListener::bind("127.0.0.1:0").expect("a port").local_addr().expect("an address");
    let app = TestApp::start_with(&["--smtp-url", &format!("smtp://{gone}?tls=none")]).await;
    let ada = app.administrator("Ada").await;
    ada.invite("grace@example.org", "User").await.assert_sees("1 invited");
    app.deliver();
    ada.get("/users?tab=invited").await.assert_sees("mail waiting");
    // The next process has a mail server that works.
    let next = app.another().await;
    next.wait(TimeDelta::minutes(1));
    let grace = next.visitor().accept("Grace").await;
    grace.get("/users").await.assert_sees("Grace");
}

#[actix_web::test]
async fn a_letter_is_given_up_after_days_and_not_before() {
    let postman = Postman::answering(|_| "451 come back later");
    let app = TestApp::start_with(&["--smtp-url", &postman.url]).await;
    let ada = app.administrator("Ada").await;
    ada.invite("grace@example.org", "User").await;
    let mut hours = 0;
    while app.count("SELECT count(*) FROM outbox WHERE state = 'waiting'") == 1 {
        app.deliver();
        app.wait(TimeDelta::hours(6));
        hours += 6;
        assert!(hours < 24 * 7, "some day it ends");
    }
    assert!(hours > 24);
    assert_eq!(app.count("SELECT count(*) FROM outbox WHERE state = 'failed' AND body IS NULL"), 1);
    ada.sign_in("ada@example.org", GOOD).await;
    ada.get("/users?tab=invited").await.assert_sees("mail failed");
}

#[actix_web::test]
async fn two_workers_send_every_letter_once_however_slow_the_server() {
    let second: Arc<Mutex<Option<Work>>> = Arc::default();
    let (later, clock): (_, Arc<Mutex<Option<roster::kit::Clock>>>) = (second.clone(), Arc::default());
    let hands = clock.clone();
    let postman = Postman::answering(move |count| {
        // Each letter takes the server twenty seconds. In the middle, another worker starts.
        if let Some(clock) = &*hands.lock().expect("a clock") {
            clock.advance(TimeDelta::seconds(20));
        }
        if count == 17
            && let Some(work) = later.lock().expect("work").take()
        {
            work();
        }
        "250 taken"
    });
    let app = TestApp::start_with(&["--smtp-url", &postman.url]).await;
    let ada = app.administrator("Ada").await;
    let all: Vec<String> = (0..20).map(|n| format!("person{n}@example.org")).collect();
    ada.invite(&all.join(" "), "User").await.assert_sees("20 invited");
    *clock.lock().expect("a clock") = Some(app.clock.clone());
    let worker = app.worker();
    *second.lock().expect("work") = Some(Box::new(move || while worker.send_due().expect("the outbox can be read") > 0 {}));
    app.deliver();
    let ids = postman.ids();
    let different: std::collections::BTreeSet<_> = ids.iter().collect();
    assert_eq!((ids.len(), different.len()), (20, 20));
    assert_eq!(app.count("SELECT count(*) FROM outbox WHERE state = 'sent'"), 20);
}

#[actix_web::test]
async fn two_workers_at_the_same_moment_share_the_letters() {
    let postman = Postman::answering(|_| "250 taken");
    let app = TestApp::start_with(&["--smtp-url", &postman.url]).await;
    let ada = app.administrator("Ada").await;
    let all: Vec<String> = (0..30).map(|n| format!("person{n}@example.org")).collect();
    ada.invite(&all.join(" "), "User").await.assert_sees("30 invited");
    thread::scope(|scope| {
        for _ in 0..4 {
            let worker = app.worker();
            scope.spawn(move || while worker.send_due().expect("the outbox can be read") > 0 {});
        }
    });
    let ids = postman.ids();
    let different: std::collections::BTreeSet<_> = ids.iter().collect();
    assert_eq!((ids.len(), different.len()), (30, 30));
}

#[actix_web::test]
async fn a_letter_that_was_taken_while_the_database_was_away_is_not_sent_again() {
    let database: Arc<Mutex<Option<String>>> = Arc::default();
    let to_leave = database.clone();
    let postman = Postman::answering(move |_| {
        if let Some(url) = to_leave.lock().expect("an address").take() {
            let outage = Outage::of(&url);
            thread::spawn(move || {
                thread::sleep(Duration::from_secs(4));
                outage.end();
            });
        }
        "250 taken"
    });
    let app = TestApp::start_with(&["--smtp-url", &postman.url]).await;
    let ada = app.administrator("Ada").await;
    ada.invite("grace@example.org", "User").await;
    *database.lock().expect("an address") = Some(app.database.url());
    app.deliver();
    app.wait(TimeDelta::minutes(6));
    app.deliver();
    assert_eq!(postman.ids().len(), 1);
    ada.get("/users?tab=invited").await.assert_sees("mail sent");
}

#[actix_web::test]
async fn a_letter_taken_back_is_not_sent() {
    let postman = Postman::answering(|_| "250 taken");
    let app = TestApp::start_with(&["--smtp-url", &postman.url]).await;
    let ada = app.administrator("Ada").await;
    ada.invite("grace@example.org", "User").await;
    ada.new_link("grace@example.org").await.assert_status(200);
    app.deliver();
    assert!(postman.ids().is_empty());
}
