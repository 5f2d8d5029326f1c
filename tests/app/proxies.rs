//! Real reverse proxies in front of a real page: nginx and Caddy, with the configuration that the documentation shows.

use crate::harness::{Person, TestApp};
use actix_web::{HttpServer, rt};
use std::{
    fs,
    io::{Read, Write},
    net::{SocketAddr, TcpListener, TcpStream},
    path::Path,
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

const SETTINGS: &[&str] = &[
    "--trusted-proxies",
    "127.0.0.1",
    "--forward-auth-domain",
    "roster.example",
    "--forward-auth-hosts",
    "app.roster.example",
];

/// How long anything may take here.
const PATIENCE: Duration = Duration::from_secs(20);

/// A reverse proxy as a process of its own.
struct Proxy {
    process: Child,
    port: u16,
    folder: tempfile::TempDir,
}

impl Drop for Proxy {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Where the documented configuration stands.
fn documented(name: &str) -> String {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/api/forward-auth").join(name);
    fs::read_to_string(file).expect("the documented configuration")
}

/// Replaces what the documentation only takes as an example. Everything else stays as documented.
fn adapted(text: &str, examples: &[(&str, &str)]) -> String {
    examples.iter().fold(text.to_owned(), |text, (example, real)| {
        assert!(text.contains(example), "{example} is not in the documented configuration");
        text.replace(example, real)
    })
}

impl Proxy {
    /// Starts a program on a free port of this machine.
    fn start(program: &str, arguments: &[&str], folder: tempfile::TempDir, port: u16) -> Self {
        let log = fs::File::create(folder.path().join("output")).expect("a file");
        let process = Command::new(program)
            .args(arguments)
            .current_dir(folder.path())
            .env("HOME", folder.path())
            .env("XDG_CONFIG_HOME", folder.path())
            .env("XDG_DATA_HOME", folder.path())
            .stdin(Stdio::null())
            .stdout(log.try_clone().expect("a file"))
            .stderr(log)
            .spawn()
            .unwrap_or_else(|why| panic!("{program} is needed for this test: {why}"));
        let mut proxy = Self { process, port, folder };
        let began = Instant::now();
        while TcpStream::connect(("127.0.0.1", port)).is_err() {
            let output = fs::read_to_string(proxy.folder.path().join("output")).unwrap_or_default();
            let ended = proxy.process.try_wait().expect("a state");
            assert!(ended.is_none() && began.elapsed() < PATIENCE, "{program} does not listen: {output}");
            thread::sleep(Duration::from_millis(20));
        }
        proxy
    }

    fn nginx(world: &World, demand: &str) -> Self {
        let (folder, port) = (tempfile::tempdir().expect("a folder"), free_port());
        let (listen, roster, page) = world.places(port);
        let asked = format!("ORGANIZATION&redirect=1{demand}");
        let site = adapted(
            &documented("nginx.conf"),
            &[
                ("listen 443 ssl;", &format!("listen {listen};")),
                ("    ssl_certificate /etc/ssl/app.example.org.pem;\n", ""),
                ("    ssl_certificate_key /etc/ssl/app.example.org.key;\n", ""),
                ("127.0.0.1:8080", &roster),
                ("127.0.0.1:9000", &page),
                ("app.example.org", "app.roster.example"),
                ("roster.example.org", "roster.example"),
                ("ORGANIZATION&redirect=1", &asked),
                ("ORGANIZATION", &world.ada.organization().to_string()),
            ],
        );
        let path = folder.path().display().to_string();
        let temporary: String = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
            .iter()
            .map(|kind| format!("{kind}_temp_path {path}/{kind};"))
            .collect::<Vec<_>>()
            .join("\n");
        let whole = format!(
            "daemon off;\nmaster_process off;\npid {path}/pid;\nerror_log {path}/errors;\nevents {{}}\nhttp {{\naccess_log off;\n{temporary}{site}\n}}\n"
        );
        fs::write(folder.path().join("nginx.conf"), whole).expect("a file");
        let (file, errors) = (format!("{path}/nginx.conf"), format!("{path}/errors"));
        Self::start("/usr/sbin/nginx", &["-p", &path, "-c", &file, "-e", &errors], folder, port)
    }

    fn caddy(world: &World, demand: &str) -> Self {
        let (folder, port) = (tempfile::tempdir().expect("a folder"), free_port());
        let (_, roster, page) = world.places(port);
        let asked = format!("ORGANIZATION&redirect=303{demand}");
        let site = adapted(
            &documented("Caddyfile"),
            &[
                ("app.example.org {", &format!("http://app.roster.example:{port} {{\n\tbind 127.0.0.1")),
                (
                    "127.0.0.1:8080 {",
                    &format!("{roster} {{\n\t\t\theader_up X-Forwarded-Proto https\n\t\t\theader_up X-Forwarded-Host app.roster.example"),
                ),
                ("127.0.0.1:9000\n\t}", &format!("{page}\n\t}}")),
                ("header_up Host roster.example.org", "header_up Host roster.example"),
                ("ORGANIZATION&redirect=303", &asked),
                ("organization=ORGANIZATION", &format!("organization={}", world.ada.organization())),
            ],
        );
        let file = folder.path().join("Caddyfile");
        fs::write(&file, format!("{{\n\tadmin off\n\tauto_https off\n}}\n{site}")).expect("a file");
        let file = file.display().to_string();
        Self::start("caddy", &["run", "--adapter", "caddyfile", "--config", &file], folder, port)
    }

    /// Sends one request of a client.
    fn ask(&self, headers: &[(&str, &str)]) -> Reply {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).expect("it listens");
        stream.set_read_timeout(Some(PATIENCE)).expect("a timeout");
        let all = headers.iter().fold(String::new(), |all, (name, value)| all + name + ": " + value + "\r\n");
        let host = "app.roster.example";
        // Caddy knows its site by the port as well.
        write!(stream, "GET /page?a=b HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n{all}\r\n").expect("sent");
        let mut whole = String::new();
        stream.read_to_string(&mut whole).expect("an answer");
        let (head, body) = whole.split_once("\r\n\r\n").expect("an answer");
        Reply {
            status: head[9..12].parse().expect("a status"),
            head: head.to_lowercase(),
            body: body.to_lowercase(),
        }
    }
}

/// What the client gets. The page answers with the request as it arrived there.
#[derive(Debug)]
struct Reply {
    status: u16,
    head: String,
    body: String,
}

impl Reply {
    /// The values of a header as the page saw it.
    fn seen(&self, name: &str) -> Vec<&str> {
        let lines = self.body.lines().filter_map(|line| line.split_once(": "));
        lines.filter(|(known, _)| *known == name).map(|(_, value)| value.trim()).collect()
    }
}

fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").and_then(|it| it.local_addr()).expect("a free port").port()
}

/// A page that shows the request it gets.
fn start_page() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = listener.local_addr().expect("an address");
    thread::spawn(move || {
        for stream in listener.incoming() {
            let Ok(mut stream) = stream else { return };
            let (mut head, mut byte) = (Vec::new(), [0]);
            while !head.ends_with(b"\r\n\r\n") && stream.read(&mut byte).is_ok_and(|read| read == 1) {
                head.push(byte[0]);
            }
            let _ = write!(stream, "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: {}\r\n\r\n", head.len());
            let _ = stream.write_all(&head);
        }
    });
    address
}

struct World {
    app: TestApp,
    ada: Person,
    /// The tokens page of a system account.
    base: String,
    roster: SocketAddr,
    page: SocketAddr,
}

impl World {
    async fn start() -> Self {
        let app = TestApp::start_with(SETTINGS).await;
        let ada = app.administrator("Ada").await;
        let id = app.machine(ada.organization(), "déploy", "CI/CD");
        let base = format!("/o/{}/system-accounts/{id}/tokens", ada.organization());
        let roster = app.roster.clone();
        let server = HttpServer::new(move || roster.build()).workers(1).disable_signals();
        let server = server.bind(("127.0.0.1", 0)).expect("a free port");
        let address = server.addrs()[0];
        rt::spawn(server.run());
        Self { app, ada, base, roster: address, page: start_page() }
    }

    fn places(&self, port: u16) -> (String, String, String) {
        (format!("127.0.0.1:{port}"), self.roster.to_string(), self.page.to_string())
    }

    async fn token(&self, name: &str) -> String {
        self.ada.make_token(&self.base, name, &[("mode", "read_write")]).await
    }

    /// The cookie that Ada's browser has for the application.
    async fn cookie(&self) -> String {
        let place = format!(
            "/sign-in/application?organization={}&next=https%3A%2F%2Fapp.roster.example%2F",
            self.ada.organization()
        );
        self.ada.get(&place).await.assert_status(200);
        self.ada.cookie("__Secure-roster-apps").expect("a cookie")
    }
}

/// Headers that a client forges.
const FORGED: [(&str, &str); 5] = [
    ("Roster-Member", "forged"),
    ("Roster-Name", "forged"),
    ("ROSTER-ROLES", "forged"),
    ("roster-kind", "forged"),
    ("Roster-Organization", "forged"),
];

/// These headers, and the forged ones.
fn and_forged<'a>(headers: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    headers.iter().chain(&FORGED).copied().collect()
}

/// What every proxy must do, told from outside.
async fn check(start: fn(&World, &str) -> Proxy, sign_in_status: u16) {
    let world = World::start().await;
    let (open, demanding) = (start(&world, ""), start(&world, "&permission=user:manage:*"));
    let token = world.token("nightly").await;
    let bearer = format!("Bearer {token}");

    // Signed out: a program is refused, a browser is sent to sign in. The page sees neither.
    let reply = open.ask(&FORGED);
    assert_eq!(reply.status, 401, "{reply:?}");
    assert!(reply.head.contains("www-authenticate: bearer"), "{reply:?}");
    assert!(!reply.body.contains("forged"), "{reply:?}");
    let reply = open.ask(&[("Accept", "text/html")]);
    assert_eq!(reply.status, sign_in_status, "{reply:?}");
    let organization = world.ada.organization();
    let place = format!(
        "location: https://roster.example/sign-in/application?organization={organization}&next=https%3a%2f%2fapp.roster.example%2fpage%3fa%3db"
    );
    assert!(reply.head.contains(&place), "{reply:?}");

    // With a token the page sees who it is, and nothing of what the client says about itself.
    let reply = open.ask(&and_forged(&[("Authorization", &bearer)]));
    assert_eq!(reply.status, 200, "{reply:?}");
    assert_eq!(reply.seen("roster-name"), ["d%c3%a9ploy"], "{reply:?}");
    assert_eq!(reply.seen("roster-kind"), ["system_account"]);
    assert_eq!(reply.seen("roster-roles"), ["ci%2fcd"]);
    assert_eq!(reply.seen("roster-organization"), [organization.to_string()]);
    assert_eq!(reply.seen("roster-member").len(), 1);
    assert!(!reply.body.contains("forged") && !reply.body.contains("authorization"), "{reply:?}");

    // Without a role the header is empty or absent, and still not the client's.
    world
        .app
        .execute("DELETE FROM member_roles WHERE member_id = (SELECT id FROM members WHERE kind = 'system_account')");
    let reply = open.ask(&and_forged(&[("Authorization", &bearer)]));
    assert_eq!(reply.status, 200, "{reply:?}");
    assert!(!reply.body.contains("forged"), "{reply:?}");

    // A permission that is missing.
    let reply = demanding.ask(&[("Authorization", &bearer)]);
    assert_eq!(reply.status, 403, "{reply:?}");

    // A browser with the cookie. The page gets its own cookies and not the value of Roster's.
    let cookie = world.cookie().await;
    let sent = format!("a=1; __Secure-roster-apps={cookie}; b=2");
    for proxy in [&open, &demanding] {
        let reply = proxy.ask(&and_forged(&[("Cookie", &sent), ("Accept", "text/html")]));
        assert_eq!((reply.status, reply.seen("roster-name")), (200, vec!["ada"]), "{reply:?}");
        let cookies = reply.seen("cookie");
        assert!(cookies.len() == 1 && cookies[0].contains("a=1") && cookies[0].contains("b=2"), "{reply:?}");
        assert!(!reply.body.contains(&cookie.to_lowercase()) && !reply.body.contains("forged"), "{reply:?}");
    }

    // Revoked: the next request is refused.
    world.ada.end_token(&world.base, "Revoke", "Revoke").await.assert_status(200);
    let reply = open.ask(&[("Authorization", &bearer)]);
    assert_eq!(reply.status, 401, "{reply:?}");
}

#[actix_web::test]
async fn nginx_lets_in_whom_roster_knows() {
    check(Proxy::nginx, 302).await;
}

#[actix_web::test]
async fn caddy_lets_in_whom_roster_knows() {
    check(Proxy::caddy, 303).await;
}
