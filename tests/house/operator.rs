//! What the operator does from the command line, and what comes of it in the browser.

use crate::harness::{Database, GOOD, program::Program};

fn blank() -> Program {
    Program::new(Database::blank())
}

#[test]
fn migrate_says_what_it_did() {
    let roster = blank();
    assert!(roster.run(&["migrate"]).worked().out.contains(" new steps)"));
    assert!(roster.run(&["migrate"]).worked().out.contains("is up to date (0 new steps)"));
}

#[test]
fn the_operator_founds_organizations_and_helps_those_who_are_locked_out() {
    let mut roster = blank();
    let link = roster.run(&["setup-link"]).worked().out;
    assert!(roster.path_in(&link).starts_with("/setup/"), "{link}");

    let founded = roster.run(&[
        "organization",
        "create",
        "Engines",
        "--administrator",
        "ada@example.org",
        "--administrator-name",
        "Ada",
    ]);
    let founded = founded.worked().out;
    assert!(founded.contains("Engines is founded"), "{founded}");
    let first_password = roster.path_in(&founded);
    roster.run(&["setup-link"]).refused("an organization was founded here already");
    roster
        .run(&["organization", "create", "Other", "--administrator", "nobody"])
        .refused("--administrator:");

    let listed = roster.run(&["user", "list"]).worked().out;
    assert_eq!(listed, "ada@example.org\tactive\tEngines\tnever\tAda\n");
    roster
        .run(&["user", "reset-link", "grace@example.org"])
        .refused("nobody signs in as \"grace@example.org\"");
    let reset = roster.path_in(&roster.run(&["user", "reset-link", "ADA@example.org"]).worked().out);

    roster.serve(&[]);
    assert!(
        !roster.stdout().contains("/setup/"),
        "nothing is left to set up: {}",
        roster.stdout()
    );
    let mut ada = roster.browser();
    ada.get(&first_password);
    assert_eq!(ada.get("/password/reset").status, 410, "the newest link is the only one");
    ada.get(&reset);
    let fields = [("username", "ada@example.org"), ("password", GOOD)];
    assert_eq!(ada.post("/password/reset", "/password/reset", &fields).location, "/sign-in");
    let fields = [("name", "ada@example.org"), ("password", GOOD)];
    assert_eq!(ada.post("/sign-in", "/sign-in", &fields).status, 303);
    let home = ada.get("/").location;
    assert!(ada.get(&home).body.contains("User Directory"));
    let listed = roster.run(&["user", "list"]).worked().out;
    assert!(!listed.contains("never"), "{listed}");
}
