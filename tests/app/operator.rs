//! What the operator does at the command line, and its effect in the browser.

use crate::harness::{Database, GOOD, files, program::Program};

fn blank() -> Program {
    Program::new(Database::blank())
}

#[test]
fn migrate_says_what_it_did() {
    let roster = blank();
    let steps = files("migrations/sqlite", "up.sql").len();
    let said = format!("is up to date ({steps} new steps)");
    assert!(roster.run(&["migrate"]).worked().out.contains(&said));
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
    assert!(!roster.stdout().contains("/setup/"), "nothing is left to set up: {}", roster.stdout());
    let mut ada = roster.browser();
    let page = ada.get(&first_password).location;
    assert_eq!(ada.get(&page).status, 410, "the newest link is the only one");
    let page = ada.get(&reset).location;
    let fields = [("username", "ada@example.org"), ("password", GOOD)];
    assert_eq!(ada.post(&page, "/password/reset", &fields).location, "/sign-in");
    let fields = [("name", "ada@example.org"), ("password", GOOD)];
    assert_eq!(ada.post("/sign-in", "/sign-in", &fields).status, 303);
    let home = ada.get("/").location;
    assert!(ada.get(&home).body.contains("User Directory"));
    let listed = roster.run(&["user", "list"]).worked().out;
    assert!(!listed.contains("never"), "{listed}");
}

#[test]
fn the_operator_lists_organizations_and_changes_their_plans() {
    let roster = blank();
    for name in ["Engines", "Twins", "Twins"] {
        let email = format!("ada@{}.example", name.to_lowercase());
        let made = roster.run(&["organization", "create", name, "--administrator", &email, "--seats", "3"]);
        made.worked();
    }
    let listed = roster.run(&["organization", "list"]).worked().out;
    let lines: Vec<Vec<&str>> = listed.lines().map(|line| line.split('\t').collect()).collect();
    assert_eq!(lines.len(), 3);
    assert_eq!(lines[0][1..], ["Engines", "Unlimited", "1 of 3", "0 of unlimited"]);

    let change = ["organization", "plan", "Engines", "--plan", "Team", "--seats", "25"];
    let said = roster.run(&change).worked().out;
    assert_eq!(said, "Engines has the plan Team: 1 of 25 seats, 0 of unlimited system accounts\n");
    let change = [
        "organization",
        "plan",
        lines[0][0],
        "--seats",
        "unlimited",
        "--system-accounts",
        "0",
    ];
    let said = roster.run(&change).worked().out;
    assert_eq!(said, "Engines has the plan Team: 1 of unlimited seats, 0 of 0 system accounts\n");

    roster.run(&["organization", "plan", "Nobody", "--seats", "1"]).refused("no organization is called");
    roster.run(&["organization", "plan", "Twins", "--seats", "1"]).refused("say which by its id");
    roster
        .run(&["organization", "plan", "Engines", "--seats", "0"])
        .refused("a number from 1 on, or unlimited");
    let db = roster.database.open();
    let trail: i64 = db
        .read_here(|conn| {
            use diesel::{ExpressionMethods, QueryDsl, RunQueryDsl, dsl::count_star};
            use roster::db::schema::audit_events;
            let changes = audit_events::table.filter(audit_events::action.eq("organization.plan_changed"));
            Ok::<_, roster::kit::Fault>(changes.select(count_star()).first(conn)?)
        })
        .expect("a number");
    assert_eq!(trail, 2);
}

#[test]
fn the_operator_takes_lost_second_factors_away_and_says_where_there_are_none() {
    let roster = blank();
    roster.run(&["demo", "--members", "60"]).worked();
    let with = "SELECT email FROM users WHERE id IN (SELECT user_id FROM totps) ORDER BY email LIMIT 1";
    let db = roster.database.open();
    let email: String = db
        .read_here(|conn| {
            use diesel::{RunQueryDsl, dsl::sql, select, sql_types::Text};
            Ok::<_, roster::kit::Fault>(select(sql::<Text>(&format!("({with})"))).get_result(conn)?)
        })
        .expect("somebody with an app");
    let left = || -> i64 {
        use diesel::{RunQueryDsl, dsl::sql, select, sql_types::BigInt};
        let of = format!("(SELECT id FROM users WHERE email = '{email}')");
        let kept = ["totps", "recovery_codes", "sessions"].map(|table| format!("(SELECT count(*) FROM {table} WHERE user_id = {of})"));
        db.read_here(|conn| Ok::<_, roster::kit::Fault>(select(sql::<BigInt>(&kept.join(" + "))).get_result(conn)?))
            .expect("a number")
    };
    assert!(left() > 1, "an app and recovery codes");
    let reset = ["user", "reset-two-step"];
    let said = roster.run(&[&reset[..], &[&email.to_uppercase()]].concat()).worked();
    assert!(said.err.contains("The password alone lets them in now"), "{}", said.err);
    assert_eq!(left(), 0);
    roster.run(&[&reset[..], &[&email]].concat()).refused("has no second factor");
    roster
        .run(&[&reset[..], &["nobody@example.org"]].concat())
        .refused("nobody signs in as \"nobody@example.org\"");
}
