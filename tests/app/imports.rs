//! Importing people from a file: a preview of each line, then the import, with a result for every line.

use crate::harness::{Database, GOOD, Page, Person, TestApp, program::Program, user_creation::audited};
use chrono::TimeDelta;
use std::fs;

/// Each line of the page: its number, its address, and its result.
fn said(page: &Page) -> Vec<String> {
    let cells = |css: &str| page.all(&format!("table.lines tbody {css}"));
    let (numbers, emails, words) = (cells("td.c-line"), cells("td.c-name"), cells("td:last-child"));
    let last = |name: &str| name.split(' ').next_back().unwrap_or_default().to_owned();
    let line = |((number, name), words): ((String, String), String)| format!("{number} {}: {words}", last(&name));
    numbers.into_iter().zip(emails).zip(words).map(line).collect()
}

/// Everybody on a page with their roles and teams, from the export.
async fn exported(person: &Person, email: &str) -> Vec<String> {
    let page = person.get("/users/export").await;
    let mut reader = csv::Reader::from_reader(page.body.trim_start_matches('\u{feff}').as_bytes());
    let line = reader.records().map(|line| line.expect("a line")).find(|line| &line[1] == email);
    let line = line.unwrap_or_else(|| panic!("{email} is not in {}", page.body));
    line.iter().map(str::to_owned).collect()
}

#[actix_web::test]
async fn a_file_is_looked_at_line_by_line_and_then_everybody_good_is_created() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    ada.welcome("Kay", "User").await;
    let file = "First Name;Last Name;E-Mail;user_name;Status;Roles;Job Title;Phone;Shoe size\n\
        Grace;Hopper;grace@example.org;amazing;active;viewer;Rear admiral;'+1 202;39\n\
        Kay;;kay@example.org;;;;;;\n\
        ;;nobody@example.org;;;;;;\n\
        Bad;Address;not an address;;;;;;\n\
        Off;Duty;off@example.org;;Disabled;;;;\n\
        Un;Known;unknown@example.org;;;Wizard;;;\n\
        Twice;;GRACE@example.org;;;;;;\n\
        Same;Name;same@example.org;AMAZING;;;;;\n\
        Odd;;odd@example.org;;sleeping;;;;\n\
        Short;line\n";
    let page = ada.import("create", file).await.assert_status(200);
    page.clone()
        .assert_sees("Create 2 people?")
        .assert_sees("Nothing has happened yet")
        .assert_sees("no password")
        .assert_sees("1 ignored: Shoe size");
    let expected = [
        "2 grace@example.org: Create",
        "3 kay@example.org: Already a member",
        "4 nobody@example.org: Refused It has no name.",
        "5 address: Refused This is not an email address.",
        "6 off@example.org: Create",
        "7 unknown@example.org: Refused There is no role called “Wizard”.",
        "8 GRACE@example.org: Refused Line 2 has the same address",
        "9 same@example.org: Refused Line 2 has the same address or username.",
        "10 odd@example.org: Refused The status is active or disabled.",
        "11 line: Refused It has no email address.",
    ];
    let lines = said(&page);
    for (line, expected) in lines.iter().zip(expected) {
        assert!(line.starts_with(expected), "{line:?} is not {expected:?}");
    }
    assert_eq!(lines.len(), expected.len());
    assert_eq!(page.all(".tabs a"), ["All 10", "Create 2", "Already a member 1", "Refused 7"]);
    assert_eq!(said(&ada.get(&page.link("Refused")).await).len(), 7);
    assert_eq!(audited(&app, "member.created"), 0);

    ada.get(&page.path).await;
    let done = ada.submit("Import 2 people", &[]).await.assert_status(200).assert_sees("2 people created");
    assert_eq!(said(&done)[0], "2 grace@example.org: Created");
    let grace = exported(&ada, "grace@example.org").await;
    assert_eq!(grace[0..5], ["Grace Hopper", "grace@example.org", "amazing", "active", "Viewer"]);
    assert_eq!(grace[8..10], ["Rear admiral", "'+1 202"]);
    assert_eq!(ada.get("/users?tab=disabled").await.names(), ["Off Duty"]);
    let batches = "SELECT count(DISTINCT batch_id) FROM audit_events WHERE action = 'member.created' AND batch_id IS NOT NULL";
    assert_eq!((app.count(batches), audited(&app, "member.created")), (1, 2));
    assert_eq!((audited(&app, "import.started"), audited(&app, "import.prepared")), (1, 1));

    let result = ada.get(&done.link("Download result")).await.assert_status(200).body;
    let result: Vec<&str> = result.trim_start_matches('\u{feff}').lines().collect();
    assert_eq!(result[0], "line,email,name,outcome,why");
    assert_eq!(result[1], "2,grace@example.org,Grace Hopper,Created,");
    assert_eq!(result[3], "4,nobody@example.org,nobody@example.org,Refused,It has no name.");
    assert_eq!(result.len(), 11);
}

#[actix_web::test]
async fn whoever_is_created_sets_a_password_by_the_forgotten_one() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    ada.import("create", "name,email\nGrace,grace@example.org\n").await;
    ada.submit("Import 1 person", &[]).await.assert_sees("1 person created");
    let grace = app.visitor();
    grace.sign_in("grace@example.org", GOOD).await.assert_status(422);
    grace.get("/password/forgotten").await;
    grace.submit("Send the link", &[("email", "grace@example.org")]).await;
    grace.get(&app.inbox("grace@example.org").link()).await;
    grace.submit("Save the password", &[("password", GOOD)]).await;
    grace.sign_in("grace@example.org", GOOD).await.assert_sees("User Directory");
}

#[actix_web::test]
async fn pasted_lines_are_invited_with_what_each_line_or_the_form_says() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    ada.invite("linus@example.org", "User").await;
    ada.welcome("Kay", "User").await;
    ada.disable("Kay").await;
    ada.get("/imports/new").await;
    let viewer = ada.role("Viewer");
    let token = ada.page().attribute("input[name=csrf]", "value").expect("a token");
    let text = "email\trole\tname\ngrace@example.org\t\t\nboss@example.org\tAdministrator\tThe Boss\n\
        linus@example.org\t\t\nkay@example.org\t\tKay\nada@example.org\t\tAda\n";
    let fields = [("csrf", &*token), ("way", "invite"), ("role", &viewer), ("text", text)];
    let fields = fields.map(|(name, value)| (name.to_owned(), value.to_owned()));
    let path = format!("/o/{}/imports", ada.organization());
    let page = ada.post_file(&path, &fields, "").await.assert_sees("Invite 3 people?");
    let lines = said(&page);
    assert!(lines[2].contains("Invite Invited already"), "{lines:?}");
    assert!(lines[3].contains("Refused They are a member who is disabled"), "{lines:?}");
    assert!(lines[4].ends_with("Already a member"), "{lines:?}");
    ada.submit("Import 3 people", &[]).await.assert_sees("3 people invited");
    assert_eq!(exported(&ada, "grace@example.org").await[4], "Viewer");
    assert_eq!(exported(&ada, "boss@example.org").await[3..5], ["invited", "Administrator"]);
    let grace = app.visitor();
    grace.get(&app.inbox("grace@example.org").link()).await.assert_status(200);
    grace.submit("Join", &[("name", "Grace Hopper"), ("password", GOOD)]).await.assert_status(200);
    assert_eq!(app.count("SELECT count(*) FROM invitations"), 4);
}

#[actix_web::test]
async fn an_export_is_imported_elsewhere_as_it_was() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    ada.import(
        "create",
        "name,email,title,phone,contact,roles\n\"Hopper, Grace\",g@x.org,=cmd,+1,\"a\nb\",\"User; Viewer\"\n",
    )
    .await;
    ada.submit("Import 1 person", &[]).await;
    let file = ada.get("/users/export").await.body;
    app.execute("UPDATE users SET email = 'old@x.org', username = 'old' WHERE email = 'g@x.org'");
    app.execute("DELETE FROM user_names WHERE name_key = 'g@x.org'");
    let eve = app.another_organization("Elsewhere", "Eve", None).await;
    let page = eve.import("create", &file).await.assert_sees("Create 1 person?");
    assert!(
        said(&page).iter().any(|line| line.contains("Refused This name or address belongs to somebody")),
        "{:?}",
        said(&page)
    );
    eve.submit("Import 1 person", &[]).await.assert_sees("1 person created");
    let (there, here) = (exported(&eve, "g@x.org").await, exported(&ada, "old@x.org").await);
    assert_eq!(there[0], "Hopper, Grace");
    assert_eq!((&there[4], &there[8..12]), (&here[4], &here[8..12]));
}

#[actix_web::test]
async fn seats_go_to_the_first_lines_and_are_counted_again_when_it_is_done() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    app.set_seats(ada.organization(), Some(3));
    let file = "name,email,status\nA,a@x.org,\nB,b@x.org,disabled\nC,c@x.org,active\nD,d@x.org,\n";
    let page = ada.import("create", file).await.assert_sees("Create 3 people?");
    assert!(said(&page)[3].contains("Refused All 3 seats of the plan are taken"), "{:?}", said(&page));
    let draft = page.path.clone();
    ada.invite("late@example.org", "User").await.assert_sees("1 invited");
    ada.get(&draft).await;
    let done = ada.submit("Import 3 people", &[]).await.assert_sees("2 people created");
    assert!(said(&done)[2].contains("Refused All 3 seats"), "{:?}", said(&done));
    assert_eq!(app.count("SELECT count(*) FROM members WHERE status <> 'disabled'"), 3);
}

#[actix_web::test]
async fn many_are_worked_through_in_the_background_and_can_be_stopped() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    let file = |letter: char| {
        let lines: Vec<String> = (0..450).map(|i| format!("Person {i},{letter}{i}@x.org\n")).collect();
        format!("name,email\n{}", lines.concat())
    };
    let page = ada.import("create", &file('p')).await.assert_sees("Create 450 people?");
    assert_eq!(said(&page).len(), 100);
    assert!(said(&ada.get(&page.link("Next")).await)[0].starts_with("102 p100@x.org"));
    ada.get(&page.path).await;
    let running = ada.submit("Import 450 people", &[]).await.assert_sees("200 of 450");
    assert!(running.has_button("Stop"));
    app.work();
    ada.get(&page.path).await.assert_sees("450 people created").assert_misses("Stop");
    assert_eq!(app.count("SELECT count(*) FROM members"), 451);

    ada.import("create", &file('q')).await;
    ada.submit("Import 450 people", &[]).await;
    ada.submit("Stop", &[]).await.assert_sees("Stopped after 200 of 450").assert_sees("Stopped by Ada");
    app.work();
    assert_eq!(app.count("SELECT count(*) FROM members"), 651);
}

#[actix_web::test]
async fn a_draft_is_discarded_or_forgotten_after_a_day() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    let page = ada.import("invite", "email\ngrace@x.org\n").await;
    ada.submit("Discard", &[]).await.assert_sees("Nothing was done");
    ada.get(&page.path)
        .await
        .assert_status(200)
        .assert_sees("Discarded by Ada")
        .assert_misses("grace@x.org");
    let page = ada.import("invite", "email\ngrace@x.org\n").await;
    let sweep = || {
        let now = app.clock.now();
        app.db.write_here(|tx| roster::bulk::sweep(tx, now)).expect("swept")
    };
    assert_eq!(sweep(), 0);
    app.wait(TimeDelta::hours(25));
    assert_eq!(sweep(), 1);
    ada.sign_in("ada@example.org", GOOD).await;
    ada.get(&page.path).await.assert_status(404);
    assert_eq!(app.count("SELECT count(*) FROM batch_items"), 0);
}

#[test]
fn the_operator_imports_without_a_browser() {
    let mut roster = Program::new(Database::blank());
    roster.serve(&[]);
    roster.founded();
    let file = "name,email,role,shoe\nGrace,grace@example.org,,39\nAda,ada@example.org,,\nX,x,,\n";
    fs::write(roster.path("people.csv"), file).expect("a file");
    let command = ["user", "import", "people.csv", "--organization", "Engines"];
    let with = |more: &[&str]| roster.run(&[&command[..], more].concat());
    let dry = with(&["--create", "--dry-run"]).worked();
    let lines: Vec<&str> = dry.out.lines().collect();
    assert_eq!(
        lines[..2],
        [
            "2\tgrace@example.org\tcreate\troles: User",
            "3\tada@example.org\tskip\talready a member"
        ]
    );
    assert!(lines[2].starts_with("4\tx\trefused\tThis is not"), "{}", dry.out);
    assert!(dry.err.contains("Nothing was done. 3 lines: 1 create, 1 refused, 1 skip"), "{}", dry.err);
    assert!(dry.err.contains("\"shoe\" says nothing here"), "{}", dry.err);
    assert!(!roster.run(&["user", "list"]).worked().out.contains("grace@"));

    let done = with(&["--create", "--role", "viewer"]).worked();
    assert_eq!(done.out.lines().next(), Some("2\tgrace@example.org\tcreated\t"));
    assert!(done.err.contains("3 lines: 1 created, 1 members already, 1 refused"), "{}", done.err);
    let export = roster.run(&["user", "export", "--organization", "Engines"]).worked().out;
    assert!(export.contains("Grace,grace@example.org,grace@example.org,active,Viewer"), "{export}");
    let again = with(&["--invite"]).worked();
    assert!(again.out.contains("grace@example.org\tskip\talready a member"), "{}", again.out);

    with(&[]).refused("--invite");
    with(&["--create", "--policy", "Readers"]).refused("no policy is called \"Readers\"");
    with(&["--create", "--role", "Wizard"]).refused("no role for people is called \"Wizard\"");
    fs::write(roster.path("people.csv"), "name\nGrace\n").expect("a file");
    with(&["--create"]).refused("No column is the email");
    roster
        .run(&["user", "import", "nothing.csv", "--organization", "Engines", "--create"])
        .refused("cannot be read");
}
