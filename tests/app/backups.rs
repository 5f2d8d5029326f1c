//! Copies of an SQLite database, made and restored by the operator. PostgreSQL has `pg_dump` and `pg_restore`.

use crate::harness::{
    Database, GOOD, is_postgres,
    program::{Browser, Program},
};
use std::{fs, os::unix::fs::PermissionsExt};

/// A running server with one organization, its administrator signed in, and an open reset link.
fn served() -> (Program, Browser, String) {
    let mut roster = Program::new(Database::blank());
    roster.serve(&[]);
    let (ada, _) = roster.founded();
    let reset = roster.path_in(&roster.run(&["user", "reset-link", "ada@example.org"]).worked().out);
    (roster, ada, reset)
}

fn is_in(browser: &mut Browser) -> bool {
    browser.get("/").location.ends_with("/users")
}

fn copy(roster: &Program, name: &str) -> String {
    roster.path(name).display().to_string()
}

#[test]
fn the_other_engine_says_what_to_use_instead() {
    if !is_postgres() {
        return;
    }
    let roster = Program::new(Database::create());
    let file = copy(&roster, "copy.db");
    roster.run(&["backup", &file]).refused("PostgreSQL has pg_dump");
    fs::write(&file, "").expect("a file");
    roster.run(&["restore", &file]).refused("PostgreSQL has pg_restore");
}

#[test]
fn a_copy_is_made_while_serving_and_put_back_without_what_was_open_then() {
    if is_postgres() {
        return;
    }
    let (mut roster, mut ada, reset) = served();
    let file = copy(&roster, "copy.db");
    roster.run(&["backup", &file]).worked();
    assert_eq!(fs::metadata(&file).expect("a copy").permissions().mode() & 0o777, 0o600);
    assert!(is_in(&mut ada), "serving goes on");

    let after = ["organization", "create", "Later", "--administrator", "grace@example.org"];
    roster.run(&after).worked();
    assert!(roster.run(&["user", "list"]).worked().out.contains("grace@example.org"));
    roster.run(&["restore", &file]).refused("is in use; stop the server first");
    assert!(is_in(&mut ada), "a refused restore changes nothing");
    assert!(roster.run(&["user", "list"]).worked().out.contains("grace@example.org"));

    roster.stop();
    let said = roster.run(&["restore", &file]).worked().out;
    assert!(said.contains(".before-restore"), "{said}");
    let listed = roster.run(&["user", "list"]).worked().out;
    assert!(listed.contains("ada@example.org") && !listed.contains("grace@example.org"), "{listed}");

    let told = roster.database.open().read_here(|conn| {
        let query = "(SELECT count(*) FROM audit_events WHERE action = 'organization.restored')";
        let count = diesel::dsl::sql::<diesel::sql_types::BigInt>(query);
        Ok::<i64, roster::kit::Fault>(diesel::RunQueryDsl::get_result(diesel::select(count), conn)?)
    });
    assert_eq!(told.expect("a log"), 1, "the log says that it was put back");

    roster.serve(&[]);
    assert!(!is_in(&mut ada), "a session of that time is over");
    let mut visitor = roster.browser();
    let page = visitor.get(&reset).location;
    assert_eq!(visitor.get(&page).status, 410, "a link of that time is dead");
    let fields = [("name", "ada@example.org"), ("password", GOOD)];
    assert_eq!(visitor.post("/sign-in", "/sign-in", &fields).status, 303);
    assert!(is_in(&mut visitor), "the people and their passwords are there");
}

#[test]
fn a_copy_is_put_in_an_empty_place_too() {
    if is_postgres() {
        return;
    }
    let (roster, ..) = served();
    let file = copy(&roster, "copy.db");
    roster.run(&["backup", &file]).worked();
    let fresh = format!("sqlite://{}", copy(&roster, "elsewhere/roster.db"));
    let elsewhere = |arguments: &[&str]| roster.command(arguments).env("DATABASE_URL", &fresh).output().expect("it runs");
    assert!(elsewhere(&["restore", &file]).status.success());
    assert!(String::from_utf8_lossy(&elsewhere(&["user", "list"]).stdout).contains("ada@example.org"));
    assert_eq!(
        fs::metadata(roster.path("elsewhere/roster.db")).expect("a file").permissions().mode() & 0o777,
        0o600
    );
}

#[test]
fn nothing_is_written_over_and_nothing_else_is_put_back() {
    if is_postgres() {
        return;
    }
    let (mut roster, ..) = served();
    roster.stop();
    let precious = copy(&roster, "precious");
    fs::write(&precious, "a photograph").expect("a file");
    roster.run(&["backup", &precious]).refused("is never written over anything");
    roster.run(&["backup", &copy(&roster, "no/such/folder/copy.db")]).refused("no/such/folder");
    roster.run(&["restore", &precious]).refused("not a backup of Roster");
    roster.run(&["restore", &copy(&roster, "nothing")]).refused("nothing: ");
    // The SQLite database of another program is refused.
    let other = copy(&roster, "other.db");
    let mut conn = <diesel::SqliteConnection as diesel::Connection>::establish(&other).expect("a database");
    diesel::connection::SimpleConnection::batch_execute(&mut conn, "CREATE TABLE members (id INTEGER)").expect("a table");
    roster.run(&["restore", &other]).refused("not a backup of Roster");
    assert_eq!(fs::read_to_string(&precious).expect("a file"), "a photograph");
    let leftovers = fs::read_dir(roster.database.url().trim_start_matches("sqlite://").rsplit_once('/').expect("a folder").0);
    for entry in leftovers.expect("a folder") {
        let name = entry.expect("an entry").file_name();
        assert!(!name.to_string_lossy().contains("restor"), "{} is left over", name.to_string_lossy());
    }
    assert!(roster.run(&["user", "list"]).worked().out.contains("ada@example.org"));
}
