//! The real binary as a process, and a small HTTP client.

use super::{Database, GOOD};
use std::{
    collections::BTreeMap,
    fs::{self, File},
    io::{Read, Write},
    net::{TcpListener, TcpStream},
    path::{Path, PathBuf},
    process::{Child, Command, ExitStatus, Output, Stdio},
    time::{Duration, Instant},
};

/// How long anything may take here.
const PATIENCE: Duration = Duration::from_secs(20);

/// The real program in a folder of its own, as an operator runs it.
pub struct Program {
    pub database: Database,
    pub folder: tempfile::TempDir,
    pub port: u16,
    serving: Option<Child>,
}

impl Program {
    pub fn new(database: Database) -> Self {
        let port = TcpListener::bind("127.0.0.1:0")
            .and_then(|listener| listener.local_addr())
            .expect("a free port")
            .port();
        Self { database, folder: tempfile::tempdir().expect("a folder"), port, serving: None }
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// A command with the settings of this test and no other environment.
    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_roster"));
        command
            .args(arguments)
            .env_clear()
            .current_dir(self.folder.path())
            .env("DATABASE_URL", self.database.url())
            .env("ROSTER_DATA_DIR", self.path("data"))
            .env("ROSTER_LISTEN", format!("127.0.0.1:{}", self.port))
            .env("ROSTER_PUBLIC_URL", format!("http://127.0.0.1:{}", self.port))
            .env("ROSTER_ARGON2_MEMORY", "8")
            .env("ROSTER_ARGON2_PASSES", "1");
        command
    }

    pub fn run(&self, arguments: &[&str]) -> Said {
        Said::of(self.command(arguments).output().expect("the program runs"))
    }

    /// [`Program::run`] with somebody who types this.
    pub fn run_typing(&self, arguments: &[&str], typed: &str) -> Said {
        let mut command = self.command(arguments);
        let streams = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = streams.spawn().expect("the program starts");
        let mut input = child.stdin.take().expect("its input");
        input.write_all(typed.as_bytes()).expect("it reads");
        drop(input);
        Said::of(child.wait_with_output().expect("it ends"))
    }

    /// Serves until it is stopped or the test ends. Returns once it answers.
    pub fn serve(&mut self, settings: &[(&str, &str)]) {
        let mut command = self.command(&[]);
        self.spawn(command.envs(settings.iter().copied()));
    }

    pub fn spawn(&mut self, command: &mut Command) {
        let file = |name: &str| File::create(self.path(name)).expect("a file");
        let child = command.stdout(file("stdout")).stderr(file("stderr")).spawn().expect("it starts");
        let began = Instant::now();
        self.serving = Some(child);
        // The port opens before everything is printed.
        while !(self.stdout().contains("  configuration  ") && TcpStream::connect(("127.0.0.1", self.port)).is_ok()) {
            let ended = self.serving.as_mut().expect("it serves").try_wait().expect("a state");
            assert!(ended.is_none() && began.elapsed() < PATIENCE, "{}{}", self.stdout(), self.stderr());
            std::thread::sleep(Duration::from_millis(20));
        }
        std::thread::sleep(Duration::from_millis(100));
    }

    /// The process id.
    pub fn id(&self) -> u32 {
        self.serving.as_ref().expect("it serves").id()
    }

    pub fn stdout(&self) -> String {
        read(&self.path("stdout"))
    }
    pub fn stderr(&self) -> String {
        read(&self.path("stderr"))
    }

    /// Asks it to stop.
    pub fn terminate(&self) {
        let id = self.serving.as_ref().expect("it serves").id().to_string();
        let asked = Command::new("kill").args(["-TERM", &id]).status().expect("kill runs");
        assert!(asked.success());
    }

    /// Waits until the process ends.
    pub fn ended(&mut self) -> ExitStatus {
        let mut child = self.serving.take().expect("it serves");
        let began = Instant::now();
        loop {
            if let Some(status) = child.try_wait().expect("a state") {
                return status;
            }
            assert!(began.elapsed() < PATIENCE, "it does not end: {}", self.stderr());
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    pub fn stop(&mut self) {
        self.terminate();
        assert!(self.ended().success(), "{}", self.stderr());
    }

    pub fn browser(&self) -> Browser {
        Browser { port: self.port, cookies: BTreeMap::new() }
    }

    /// Ada, who opened the set-up link and founded the organization Engines; and that link.
    pub fn founded(&self) -> (Browser, String) {
        let link = self.path_in(&self.stdout());
        let mut ada = self.browser();
        let page = ada.get(&link).location;
        let fields = [
            ("organization", "Engines"),
            ("name", "Ada"),
            ("email", "ada@example.org"),
            ("password", GOOD),
        ];
        assert_eq!(ada.post(&page, "/setup", &fields).status, 303);
        (ada, link)
    }

    /// The path of the link in the program's output.
    pub fn path_in(&self, text: &str) -> String {
        let host = format!("http://127.0.0.1:{}", self.port);
        let found = text.split_whitespace().filter_map(|word| word.strip_prefix(&host));
        let mut links = found.filter(|path| path.len() > 30);
        links.next().unwrap_or_else(|| panic!("no link in {text}")).to_owned()
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        if let Some(mut child) = self.serving.take() {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_default()
}

/// The output of a command, and whether it succeeded.
pub struct Said {
    pub is_ok: bool,
    pub out: String,
    pub err: String,
}

impl Said {
    fn of(output: Output) -> Self {
        Self {
            is_ok: output.status.success(),
            out: String::from_utf8_lossy(&output.stdout).into(),
            err: String::from_utf8_lossy(&output.stderr).into(),
        }
    }
    #[track_caller]
    pub fn worked(self) -> Self {
        assert!(self.is_ok, "{}{}", self.out, self.err);
        self
    }
    /// Checks that the command failed, gave the reason in one sentence on standard error, and printed nothing else.
    #[track_caller]
    pub fn refused(self, why: &str) -> Self {
        assert!(!self.is_ok, "it worked: {}{}", self.out, self.err);
        assert!(self.err.contains(why), "{why:?} is not in: {}", self.err);
        assert_eq!(self.out, "");
        assert!(!self.err.contains("panicked"), "{}", self.err);
        self
    }
}

/// An HTTP client that does just enough.
pub struct Browser {
    port: u16,
    pub cookies: BTreeMap<String, String>,
}

pub struct Answer {
    pub status: u16,
    pub location: String,
    pub body: String,
}

impl Browser {
    /// The head of a request, without the length.
    pub fn head(&self, method: &str, path: &str) -> String {
        let cookies: Vec<String> = self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        format!(
            "{method} {path} HTTP/1.0\r\nHost: 127.0.0.1:{}\r\nCookie: {}\r\nContent-Type: application/x-www-form-urlencoded\r\n",
            self.port,
            cookies.join("; ")
        )
    }

    pub fn connect(&self) -> TcpStream {
        let stream = TcpStream::connect(("127.0.0.1", self.port)).expect("it listens");
        stream.set_read_timeout(Some(PATIENCE)).expect("a timeout");
        stream
    }

    pub fn read(&mut self, stream: &mut TcpStream) -> Answer {
        let mut whole = Vec::new();
        stream.read_to_end(&mut whole).expect("an answer");
        let whole = String::from_utf8_lossy(&whole).into_owned();
        let (head, body) = whole.split_once("\r\n\r\n").unwrap_or_else(|| panic!("no answer but {whole:?}"));
        let mut location = String::new();
        for (name, value) in head.lines().filter_map(|line| line.split_once(": ")) {
            match name.to_lowercase().as_str() {
                "location" => value.clone_into(&mut location),
                "set-cookie" => {
                    let (name, value) = value.split(';').next().and_then(|c| c.split_once('=')).expect("a cookie");
                    self.cookies.insert(name.into(), value.into());
                }
                _ => {}
            }
        }
        Answer { status: head[9..12].parse().expect("a status"), location, body: body.into() }
    }

    pub fn get(&mut self, path: &str) -> Answer {
        let mut stream = self.connect();
        write!(stream, "{}\r\n", self.head("GET", path)).expect("sent");
        self.read(&mut stream)
    }

    /// Posts fields with the CSRF token of the page at `form`.
    pub fn post(&mut self, form: &str, path: &str, fields: &[(&str, &str)]) -> Answer {
        let page = self.get(form);
        let (_, token) = page.body.split_once("name=\"csrf\" value=\"").expect("a form");
        let token = token.split('"').next().expect("a token");
        let mut all = vec![("csrf", token)];
        if let Some((_, named)) = page.body.split_once("name=\"link\" value=\"") {
            all.push(("link", named.split('"').next().expect("an id")));
        }
        all.extend(fields);
        let body = serde_html_form::to_string(&all).expect("a form");
        let mut stream = self.connect();
        write!(stream, "{}Content-Length: {}\r\n\r\n{body}", self.head("POST", path), body.len()).expect("sent");
        self.read(&mut stream)
    }
}
