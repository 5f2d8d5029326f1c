//! A receiver of webhooks, or another server that Roster calls: it notes every request, and answers as it is told.

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::{TcpListener, TcpStream},
    sync::{Arc, Mutex},
    thread,
    time::Duration,
};

/// One request.
#[derive(Clone, Debug)]
pub struct Received {
    pub path: String,
    pub headers: Vec<(String, String)>,
    pub body: String,
}

impl Received {
    #[track_caller]
    pub fn header(&self, name: &str) -> &str {
        let found = self.headers.iter().find(|(known, _)| known == name);
        &found.unwrap_or_else(|| panic!("no header {name} in {:?}", self.headers)).1
    }
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.body).expect("a JSON body")
    }
    /// `type` of the body.
    pub fn event(&self) -> String {
        self.json()["type"].as_str().expect("a type").to_owned()
    }
}

/// How the next requests are answered.
#[derive(Clone, Debug)]
struct Reply {
    head: String,
    body: String,
    after: Duration,
}

#[derive(Clone)]
pub struct Sink {
    pub port: u16,
    received: Arc<Mutex<Vec<Received>>>,
    reply: Arc<Mutex<Reply>>,
}

impl Sink {
    /// Listens on this machine, and answers 204.
    pub fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let sink = Self {
            port: listener.local_addr().expect("an address").port(),
            received: Arc::default(),
            reply: Arc::new(Mutex::new(Reply { head: "204 No Content".into(), body: String::new(), after: Duration::ZERO })),
        };
        let shared = sink.clone();
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let sink = shared.clone();
                thread::spawn(move || sink.serve(stream));
            }
        });
        sink
    }

    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}/hook", self.port)
    }

    /// The address without a path.
    pub fn origin(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// Answers like this from now on: a status, and headers after it, each on a line of its own.
    pub fn answer(&self, head: &str) {
        self.answer_with(head, "");
    }

    /// [`Sink::answer`] with a body.
    pub fn answer_with(&self, head: &str, body: &str) {
        let mut reply = self.reply.lock().expect("a lock");
        (reply.head, reply.body) = (head.into(), body.into());
    }

    /// Waits this long before each answer.
    pub fn wait(&self, after: Duration) {
        self.reply.lock().expect("a lock").after = after;
    }

    /// Everything that came, oldest first.
    pub fn received(&self) -> Vec<Received> {
        self.received.lock().expect("a lock").clone()
    }

    /// The types of what came.
    pub fn events(&self) -> Vec<String> {
        self.received().iter().map(Received::event).collect()
    }

    fn serve(&self, mut stream: TcpStream) -> Option<()> {
        let mut reader = BufReader::new(stream.try_clone().ok()?);
        let mut line = String::new();
        reader.read_line(&mut line).ok()?;
        let path = line.split(' ').nth(1)?.to_owned();
        let mut headers = Vec::new();
        loop {
            let mut line = String::new();
            reader.read_line(&mut line).ok()?;
            let Some((name, value)) = line.trim_end().split_once(": ") else {
                break;
            };
            headers.push((name.to_lowercase(), value.to_owned()));
        }
        let length = headers.iter().find(|(name, _)| name == "content-length");
        let length = length.and_then(|(_, length)| length.parse().ok()).unwrap_or_default();
        let mut body = vec![0; length];
        reader.read_exact(&mut body).ok()?;
        let reply = self.reply.lock().expect("a lock").clone();
        self.received
            .lock()
            .expect("a lock")
            .push(Received { path, headers, body: String::from_utf8(body).ok()? });
        thread::sleep(reply.after);
        stream
            .write_all(
                format!(
                    "HTTP/1.1 {}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{}",
                    reply.head,
                    reply.body.len(),
                    reply.body
                )
                .as_bytes(),
            )
            .ok()
    }
}
