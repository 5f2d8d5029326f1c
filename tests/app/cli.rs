//! The program as an operator sees it: a real process on a real port.

use crate::harness::{Database, GOOD, is_postgres, program::Program};
use std::{fs, io::Write, os::unix::fs::PermissionsExt, time::Duration};

fn blank() -> Program {
    Program::new(Database::blank())
}

fn mode(path: &std::path::Path) -> u32 {
    fs::metadata(path).unwrap_or_else(|why| panic!("{}: {why}", path.display())).permissions().mode() & 0o777
}

#[test]
fn an_empty_folder_becomes_a_running_roster_that_says_where_everything_is() {
    let mut roster = blank();
    roster.serve(&[]);
    let said = roster.stdout();
    for line in [
        "Roster serves http://127.0.0.1:",
        "  data           ",
        "  mail           ",
        "  configuration  ",
    ] {
        assert_eq!(said.lines().filter(|said| said.starts_with(line)).count(), 1, "{line:?} once in {said}");
    }
    assert!(said.contains(if is_postgres() { "PostgreSQL at 127.0.0.1/" } else { "SQLite in " }), "{said}");
    let link = roster.path_in(&said);
    let mut browser = roster.browser();
    assert!(link.starts_with("/setup/"));
    let page = browser.get(&link).location;
    assert!(page.starts_with("/setup?link="), "{page}");
    assert_eq!(browser.get(&page).status, 200);
    for (path, says) in [("/health", "{\"status\":\"ok\"}"), ("/ready", "{\"status\":\"ready\"}")] {
        let answer = browser.get(path);
        assert_eq!((answer.status, answer.body.as_str()), (200, says));
    }
    assert_eq!(mode(&roster.path("data")), 0o700);
    assert_eq!(mode(&roster.path("data/secret.key")), 0o600);
    roster.stop();
    assert!(roster.stderr().contains("stopped"), "{}", roster.stderr());
}

/// Serves with this address to listen on, and without one for links.
fn without_public_url(listen: &str) -> Program {
    let mut roster = blank();
    let mut command = roster.command(&[]);
    command.env_remove("ROSTER_PUBLIC_URL").env("ROSTER_LISTEN", format!("{listen}:{}", roster.port));
    roster.spawn(&mut command);
    roster
}

#[test]
fn without_a_public_url_links_lead_where_it_listens() {
    let roster = without_public_url("127.0.0.1");
    let link = roster.path_in(&roster.stdout());
    assert!(link.starts_with("/setup/"), "{link}");
    let (_, again) = roster.founded();
    assert_eq!(link, again);
    // No browser makes a passkey for a number, so none is asked for.
    let page = roster.browser().get("/sign-in");
    assert!(page.status == 200 && !page.body.contains("passkey"), "{}", page.body);
    let log = roster.stderr();
    assert!(log.contains("is a number. Passkeys are bound to a name, so none are offered"), "{log}");
    assert!(!log.contains("ERROR") && !log.contains("other machines"), "{log}");
}

#[test]
fn whoever_listens_to_other_machines_is_told_what_these_need() {
    let roster = without_public_url("0.0.0.0");
    let address = format!("http://localhost:{}/", roster.port);
    assert!(roster.stdout().contains(&format!("  {address}setup/")), "{}", roster.stdout());
    let log = roster.stderr();
    let warning = format!("other machines can connect, but {address} opens on this one only");
    assert!(log.contains(&warning) && log.contains("Set ROSTER_PUBLIC_URL"), "{log}");
    assert!(!log.contains("ERROR") && !log.contains("is a number"), "{log}");
}

#[test]
fn without_any_setting_everything_is_in_one_folder_that_only_its_owner_reads() {
    // The default is SQLite, also when the tests run on PostgreSQL.
    let roster = blank();
    let mut command = roster.command(&["user", "list"]);
    let output = command.env_remove("DATABASE_URL").env_remove("ROSTER_DATA_DIR").output().expect("it runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert_eq!(mode(&roster.path("data")), 0o700);
    for file in ["roster.db", "secret.key"] {
        assert_eq!(mode(&roster.path("data").join(file)), 0o600, "{file}");
    }
    for entry in fs::read_dir(roster.path("data")).expect("a folder") {
        let path = entry.expect("an entry").path();
        assert_eq!(mode(&path) & 0o077, 0, "{}", path.display());
    }
}

#[test]
fn a_signal_lets_the_request_under_way_finish() {
    let mut roster = blank();
    roster.serve(&[]);
    let mut browser = roster.browser();
    let mut slow = browser.connect();
    write!(slow, "{}Content-Length: 10\r\n\r\nname=", browser.head("POST", "/sign-in")).expect("half of it");
    std::thread::sleep(Duration::from_secs(1));
    roster.terminate();
    std::thread::sleep(Duration::from_millis(500));
    write!(slow, "hello").expect("the other half");
    assert_eq!(browser.read(&mut slow).status, 403, "a form without token, read to its end");
    assert_eq!(roster.ended().code(), Some(0), "{}", roster.stderr());
}

#[test]
fn a_wrong_setting_stops_the_start_with_a_sentence_that_names_it() {
    let roster = blank();
    fs::write(roster.path("a file"), "").expect("a file");
    let wrong = [
        ("DATABASE_URL", "postgres", "DATABASE_URL has no scheme"),
        ("DATABASE_URL", "mysql://me:hunter2@localhost/x", "DATABASE_URL begins with mysql://"),
        (
            "DATABASE_URL",
            "postgres://me:hunter2@127.0.0.1:1/x",
            "DATABASE_URL: PostgreSQL at 127.0.0.1/x does not answer",
        ),
        ("DATABASE_URL", "sqlite://", "DATABASE_URL sqlite:// needs the path of a file"),
        (
            "DATABASE_URL",
            "sqlite:///dev/null/x/roster.db",
            "DATABASE_URL: /dev/null/x/roster.db cannot be opened",
        ),
        ("ROSTER_SECRET_KEY", "hunter2", "ROSTER_SECRET_KEY needs at least 32 characters"),
        ("ROSTER_PUBLIC_URL", "http://roster.example", "ROSTER_PUBLIC_URL: http://roster.example/ is http"),
        ("ROSTER_PUBLIC_URL", "nonsense", "--public-url"),
        ("ROSTER_LISTEN", "nowhere", "ROSTER_LISTEN: \"nowhere\" is not an address with a port"),
        ("ROSTER_LISTEN", "192.0.2.1:80", "ROSTER_LISTEN: 192.0.2.1:80 cannot be listened on"),
        ("ROSTER_SMTP_URL", "http://me:hunter2@x", "ROSTER_SMTP_URL begins with http://"),
        ("ROSTER_SMTP_URL", "me:hunter2@x", "ROSTER_SMTP_URL"),
        (
            "ROSTER_SMTP_URL",
            "smtp://me:hunter2@mail.example?tls=none",
            "ROSTER_SMTP_URL would send a password unprotected",
        ),
        ("ROSTER_MAIL_FROM", "nobody", "ROSTER_MAIL_FROM: \"nobody\" is not an address"),
        ("ROSTER_DATA_DIR", "/dev/null/x", "ROSTER_DATA_DIR: /dev/null/x cannot be used"),
        ("ROSTER_DATA_DIR", "a file", "ROSTER_DATA_DIR: a file cannot be used"),
        ("ROSTER_TRUSTED_PROXIES", "everybody", "--trusted-proxies"),
        ("ROSTER_ARGON2_MEMORY", "1", "ROSTER_ARGON2_MEMORY"),
        ("ROSTER_DATABASE_CONNECTIONS", "0", "--database-connections"),
        ("ROSTER_LOG_FORMAT", "poem", "--log-format"),
    ];
    for (name, value, says) in wrong {
        let output = roster.command(&[]).env(name, value).output().expect("it runs");
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(!output.status.success(), "{name}={value} started");
        assert!(said.contains(says), "{name}={value}: {said}");
        assert!(!said.contains("hunter2"), "{name}={value} is repeated: {said}");
        assert!(!said.contains("panicked"), "{name}={value}: {said}");
        assert!(output.stdout.is_empty(), "{name}={value}: {}", String::from_utf8_lossy(&output.stdout));
    }
}

#[test]
fn data_is_opened_with_its_own_key_only() {
    let roster = blank();
    let with = |key: &str| roster.command(&["user", "list"]).env("ROSTER_SECRET_KEY", key).output().expect("it runs");
    assert!(with("the first key, which is long enough").status.success());
    let other = with("another key, which is as long as it");
    let said = String::from_utf8_lossy(&other.stderr);
    assert!(!other.status.success());
    assert!(said.contains("the secret key is not the one this data was sealed with"), "{said}");
    assert!(said.contains("ROSTER_SECRET_KEY") && !said.contains("as long as it"), "{said}");
    assert!(with("the first key, which is long enough").status.success());
}

#[test]
fn the_help_names_every_setting_and_every_command() {
    let roster = blank();
    let help = roster.run(&["--help"]).worked().out;
    let source = fs::read_to_string("src/config.rs").expect("the settings");
    let names: Vec<&str> = source.split("env = \"").skip(1).filter_map(|rest| rest.split('"').next()).collect();
    assert!(names.len() >= 14, "{names:?}");
    for name in names.into_iter().chain([
        "serve",
        "migrate",
        "setup-link",
        "organization",
        "user",
        "provisioning",
        "demo",
        "backup",
        "restore",
    ]) {
        assert!(help.contains(name), "{name} is not in the help");
    }
    // Environment variables may hold secrets.
    let shown = roster
        .command(&["--help"])
        .env("ROSTER_SECRET_KEY", "hunter2")
        .env("ROSTER_SMTP_URL", "hunter2")
        .output();
    assert!(!String::from_utf8_lossy(&shown.expect("it runs").stdout).contains("hunter2"));
}

#[test]
fn provisioning_is_set_up_with_the_token_alone_on_standard_output() {
    let roster = blank();
    roster.run(&["organization", "create", "Engines", "--administrator", "ada@example.org"]).worked();
    let create = ["provisioning", "create", "--organization", "Engines", "--name"];
    let said = roster
        .run(&[&create[..], &["Entra ID", "--product", "entra", "--deletes", "--adopts"]].concat())
        .worked();
    assert!(said.out.starts_with("rst_s_") && said.out.lines().count() == 1, "{}", said.out);
    assert!(said.err.contains("/scim/v2?aadOptscim062020"), "{}", said.err);
    assert!(!said.err.contains("rst_s_"), "{}", said.err);
    roster
        .run(&[&create[..], &["entra id"]].concat())
        .refused("There is a system account of this name already");
    roster.run(&[&create[..], &[""]].concat()).refused("Type a name");
    roster
        .run(&[&create[..], &["x", "--product", "nonsense"]].concat())
        .refused("entra, okta, google, jumpcloud");
    let listed = roster.run(&["provisioning", "list", "--organization", "Engines"]).worked().out;
    let fields: Vec<&str> = listed.trim_end().split('\t').collect();
    assert_eq!(fields[1..], ["entra", "0", "0", "never", "Entra ID"], "{listed}");
}

#[test]
fn logs_hold_no_secret_even_when_they_tell_everything() {
    let mut roster = blank();
    roster.serve(&[
        ("ROSTER_LOG", "trace"),
        ("ROSTER_LOG_FORMAT", "json"),
        ("ROSTER_SECRET_KEY", "a secret key that nobody may read in a log"),
    ]);
    let (ada, link) = roster.founded();
    let mut other = roster.browser();
    let wrong = [("name", "ada@example.org"), ("password", "wrong-secret-passphrase")];
    assert_eq!(other.post("/sign-in", "/sign-in", &wrong).status, 422);
    let fields = [("name", "ada@example.org"), ("password", GOOD)];
    assert_eq!(other.post("/sign-in", "/sign-in", &fields).status, 303);
    other.post("/password/forgotten", "/password/forgotten", &[("email", "ada@example.org")]);
    roster.stop();
    let log = roster.stderr();
    assert!(log.contains("/sign-in"), "requests are logged: {log}");
    let mut secrets = vec![
        link.rsplit('/').next().expect("a secret").to_owned(),
        "wrong-secret".into(),
        GOOD.into(),
        "nobody may read".into(),
    ];
    secrets.push(GOOD.replace(' ', "+"));
    secrets.extend(ada.cookies.values().chain(other.cookies.values()).filter(|value| value.len() > 20).cloned());
    for secret in secrets {
        assert!(
            !log.contains(&secret),
            "{secret} is in the log: {}",
            log.lines().find(|line| line.contains(&secret)).unwrap_or_default()
        );
    }
}
