//! An import that updates members: the preview shows old and new values, and nothing is done that the form for one
//! member would refuse.

use crate::harness::{Database, Page, Person, TestApp, program::Program, user_creation::audited};
use std::fs;

/// The change of each line that has one: `Title: nothing → Boss`.
fn edits(page: &Page) -> Vec<String> {
    let edits = page.all("table.lines .edits > div");
    edits.into_iter().map(|edit| edit.replacen(' ', ": ", 1).replace("becomes → ", "→ ")).collect()
}

/// Ada the administrator, who created Grace Hopper and Kay.
async fn company(app: &TestApp) -> Person {
    let ada = app.administrator("Ada").await;
    let file = "email,username,first name,last name,display name,title,phone,contact\n\
        grace@x.org,amazing,Grace,Hopper,,Rear admiral,+1 202,Pager 7\n\
        kay@x.org,,,,Kay,,,\n";
    ada.import("create", file).await;
    ada.submit("Import 2 people", &[]).await.assert_sees("2 people created");
    ada
}

#[actix_web::test]
async fn what_a_file_says_replaces_what_is_known_and_the_page_shows_both() {
    let app = TestApp::start().await;
    let ada = company(&app).await;
    let file = "E-mail;Last name;Title;Phone;Location;Role;Status\n\
        GRACE@x.org;Murray;;+1 202;Arlington;Administrator;disabled\n\
        kay@x.org;;;;;;\n\
        nobody@x.org;Nobody;;;;;\n\
        grace@X.org;Again;;;;;\n";
    let page = ada.import("update", file).await.assert_sees("Change 1 person?");
    assert_eq!(page.all(".tabs a"), ["All 4", "Change 1", "No change 1", "Refused 2"]);
    assert_eq!(
        edits(&page),
        [
            "Last: name Hopper → Murray",
            "Display: name Grace Hopper → Grace Murray",
            "Location: nothing → Arlington"
        ]
    );
    let lines = page.lines();
    assert!(lines[0].starts_with("2 Grace Hopper grace@x.org: Change"), "{lines:?}");
    assert!(lines[2].contains("Refused Nobody here has this address or username."), "{lines:?}");
    assert!(lines[3].contains("Refused Line 2 has the same address"), "{lines:?}");
    page.assert_sees("2 ignored: Role, Status");
    assert_eq!(audited(&app, "member.edited"), 0);
    let done = ada.submit("Change 1 person", &[]).await.assert_sees("1 person changed");
    assert!(done.lines()[0].starts_with("2 Grace Hopper grace@x.org: Changed"), "{:?}", done.lines());
    let grace = "SELECT name || '|' || first_name || '|' || last_name || '|' || title || '|' || phone || '|' || location || '|' || status FROM members WHERE user_id = (SELECT id FROM users WHERE email = 'grace@x.org')";
    assert_eq!(app.text(grace), "Grace Murray|Grace|Murray|Rear admiral|+1 202|Arlington|active");
    let facts = app.text(
        "SELECT CAST(before AS text) || CAST(after AS text) FROM audit_events WHERE action = 'member.edited' AND batch_id IS NOT NULL",
    );
    for fact in ["Hopper", "Murray", "Arlington"] {
        assert!(facts.contains(fact), "{facts}");
    }
    assert_eq!(audited(&app, "member.edited"), 1);
    let result = ada.get(&done.link("Download result")).await.body;
    assert!(result.contains("2,grace@x.org,Grace Hopper,Changed,Last name: Hopper → Murray."), "{result}");
    // Importing the same file again changes nothing.
    ada.import("update", "email,last name,location\ngrace@x.org,Murray,Arlington\n")
        .await
        .assert_sees("Nothing would change by its line");
}

#[actix_web::test]
async fn an_empty_cell_leaves_what_is_known_unless_it_is_to_empty_it() {
    let app = TestApp::start().await;
    let ada = company(&app).await;
    let file = "email,first name,last name,display name,title,phone\ngrace@x.org,,,,,\n";
    ada.import("update", file).await.assert_sees("Nothing would change");
    let page = ada.import_with("update", &[("empties", "1")], file).await.assert_sees("Change 1 person?");
    assert_eq!(
        edits(&page),
        [
            "First: name Grace → nothing",
            "Last: name Hopper → nothing",
            "Title: Rear admiral → nothing",
            "Phone: +1 202 → nothing"
        ]
    );
    ada.submit("Change 1 person", &[]).await.assert_sees("1 person changed");
    // Fields without a column stay, and nobody is left without a name.
    let grace = "SELECT name || '|' || first_name || '|' || title || '|' || contact FROM members WHERE user_id = (SELECT id FROM users WHERE email = 'grace@x.org')";
    assert_eq!(app.text(grace), "Grace Hopper|||Pager 7");
}

#[actix_web::test]
async fn a_field_that_was_changed_meanwhile_is_not_written_over() {
    let app = TestApp::start().await;
    let ada = company(&app).await;
    let page = ada
        .import("update", "email,title,location\ngrace@x.org,Boss,Arlington\nkay@x.org,Clerk,\n")
        .await
        .assert_sees("Change 2 people?");
    app.execute("UPDATE members SET title = 'Commodore' WHERE first_name = 'Grace'");
    app.execute("UPDATE members SET phone = '+9' WHERE name = 'Kay'");
    ada.get(&page.path).await;
    let done = ada.submit("Change 2 people", &[]).await.assert_sees("1 person changed");
    assert!(
        done.lines()[0].contains("Refused Title was changed meanwhile: it is “Commodore” now. Nothing of this line was changed."),
        "{:?}",
        done.lines()
    );
    assert_eq!(
        app.texts("SELECT title || location || phone FROM members WHERE name <> 'Ada' ORDER BY name"),
        ["Commodore+1 202", "Clerk+9"]
    );
}

#[actix_web::test]
async fn people_are_found_by_their_mailbox_or_else_their_username_and_never_by_a_likeness() {
    let app = TestApp::start().await;
    let ada = company(&app).await;
    ada.import("create", "email,name\nboss@straße.example,Straße\n").await;
    ada.submit("Import 1 person", &[]).await.assert_sees("1 person created");
    let file = "email,username,title\n\
        boss@strasse.example,,A\n\
        boss@xn--strae-oqa.example,,B\n\
        kay@x.org,amazing,C\n\
        new@x.org,Amazing,D\n\
        ,kay@x.org,E\n\
        ,nobody,F\n";
    let page = ada.import("update", file).await;
    let lines = page.lines();
    for (line, says) in lines.iter().zip([
        "Refused Nobody here has this address or username.",
        "boss@straße.example: Change",
        "Refused The address is one person's and the username another's.",
        "grace@x.org: Change Their email stays",
        "kay@x.org: Change",
        "Refused Nobody here",
    ]) {
        assert!(line.contains(says), "{line}: {says}");
    }
    // Nor does a look-alike address count as known when people are created or invited.
    for (way, says) in [
        ("create", "looks like one that belongs to somebody already"),
        ("invite", "looks like one that belongs"),
    ] {
        let page = ada.import(way, "email,name\nboss@strasse.example,Boss\n").await;
        assert!(page.lines()[0].contains(says), "{way}: {:?}", page.lines());
    }
}

#[actix_web::test]
async fn the_rules_of_the_form_hold_and_so_does_the_permission() {
    let app = TestApp::start().await;
    let ada = company(&app).await;
    let long = "x".repeat(96);
    let file = format!("email,last name,title,phone\ngrace@x.org,{long},,\nkay@x.org,,{long}{long},\nada@example.org,,,4.91512E+11\n");
    let lines = ada.import("update", file).await.lines();
    assert!(lines[0].contains("Refused First and last name together have more than 100 characters"), "{lines:?}");
    assert!(lines[1].contains("Refused The title:"), "{lines:?}");
    assert!(lines[2].ends_with("No change"), "{lines:?}");

    app.role(ada.organization(), "Inviter", &["user:read:*", "user:invite:*", "team:read:*"]);
    app.role(ada.organization(), "Clerk", &["user:read:*", "user:manage:*", "team:read:*"]);
    let inviter = ada.welcome("Inviter", "Inviter").await;
    let (action, mut fields) = inviter.get("/imports/new").await.form("Look at the lines");
    fields.retain(|(name, _)| name != "way" && name != "file");
    fields.push(("way".into(), "update".into()));
    let file = "email,title\ngrace@x.org,Boss\n";
    inviter.post_file(&action, &fields, file).await.assert_status(403);

    // The permission was lost between preview and start, so nothing is done.
    let clerk = ada.welcome("Clerk", "Clerk").await;
    let page = clerk.import("update", file).await.assert_sees("Change 1 person?");
    let (start, form) = page.form("Change 1 person");
    app.execute(
        "DELETE FROM role_permissions WHERE permission = 'user:manage:*' AND role_id IN (SELECT id FROM roles WHERE name = 'Clerk')",
    );
    clerk.post_raw(&start, &form).await.assert_status(403);
    assert_eq!(
        app.text("SELECT title FROM members WHERE user_id = (SELECT id FROM users WHERE email = 'grace@x.org')"),
        "Rear admiral"
    );
    // Members of another organization are not found.
    let eve = app.another_organization("Elsewhere", "Eve", None).await;
    let page = eve.import("update", file).await;
    assert!(page.lines()[0].contains("Nobody here has this address"), "{:?}", page.lines());
    ada.get("/users").await;
}

#[actix_web::test]
async fn a_second_number_stands_under_contact_details_unless_something_else_does() {
    let app = TestApp::start().await;
    let ada = company(&app).await;
    let file = "email,phone,mobile phone\ngrace@x.org,+1 202,+1 99\nkay@x.org,+1,+2\n";
    let page = ada.import("update", file).await.assert_sees("Change 1 person?");
    assert_eq!(edits(&page), ["Phone: nothing → +1", "Other: contact details nothing → Mobile: +2"]);
    ada.submit("Change 1 person", &[]).await;
    let page = ada.import("update", "email,phone,mobile phone\nkay@x.org,+1,+3\n").await;
    assert_eq!(edits(&page), ["Other: contact details Mobile: +2 → Mobile: +3"]);
}

#[actix_web::test]
async fn an_export_comes_back_whole_in_each_of_the_three_ways() {
    let app = TestApp::start().await;
    let ada = company(&app).await;
    ada.invite("linus@x.org", "User").await;
    app.execute("UPDATE members SET title = '=1+1', contact = 'one' WHERE name = 'Kay'");
    ada.disable("Kay").await;
    let file = [
        ada.get("/users/export").await.body,
        ada.get("/users/export?tab=disabled").await.body,
    ];
    let file = format!("{}{}", file[0], file[1].split_once('\n').expect("lines").1);
    assert_eq!(file.trim_end().lines().count(), 5);
    for (way, linus) in [
        ("create", "Invited already"),
        ("invite", "Invite Invited already"),
        ("update", "No change"),
    ] {
        let page = ada.import(way, &file).await;
        let lines = page.lines();
        assert_eq!(lines.len(), 4, "{way}");
        for line in lines {
            assert!(!line.contains("Refused"), "{way}: {line}");
            let expected = match way {
                "update" => "No change",
                _ if line.contains("linus") => linus,
                _ => "Already a member",
            };
            assert!(line.contains(expected), "{way}: {line}");
        }
    }
}

#[test]
fn the_operator_changes_people_without_a_browser() {
    let mut roster = Program::new(Database::blank());
    roster.serve(&[]);
    roster.founded();
    let bring = |file: &[u8], more: &[&str]| {
        fs::write(roster.path("people.csv"), file).expect("a file");
        roster.run(&[&["user", "import", "people.csv", "--organization", "Engines"], more].concat())
    };
    bring(b"email,name,title\ngrace@x.org,Grace,Boss\n", &["--create"]).worked();
    let file = b"Kto;Titel;Fax;Chef\ngrace@x.org;\xb3aciata;1;b@x.org\nnobody@x.org;x;;b@x.org\n";
    bring(file, &["--update", "--dry-run"]).refused("No column is the email or the username");
    let with = [
        "--update",
        "--column",
        "Kto=email",
        "--column",
        "Titel=title",
        "--encoding",
        "windows-1250",
    ];
    let dry = bring(file, &[&with[..], &["--dry-run"]].concat()).worked();
    let lines: Vec<&str> = dry.out.lines().collect();
    assert_eq!(lines[0], "2\tgrace@x.org\tchange\tTitle: \"Boss\" becomes \"łaciata\"");
    assert_eq!(lines[1], "3\tnobody@x.org\trefused\tNobody here has this address or username.");
    assert!(dry.err.contains("the column \"Fax\" says nothing here"), "{}", dry.err);
    assert!(dry.err.contains("Nothing was done. 2 lines: 1 change, 1 refused"), "{}", dry.err);
    let done = bring(file, &with).worked();
    assert_eq!(done.out.lines().next(), Some("2\tgrace@x.org\tchanged\tTitle: \"Boss\" becomes \"łaciata\""));
    assert!(done.err.contains("2 lines: 1 changed, 0 without a change, 1 refused"), "{}", done.err);
    let empty = b"email,title\ngrace@x.org,\n";
    let same = bring(empty, &["--update"]).worked();
    assert!(same.out.starts_with("2\tgrace@x.org\tskip\tno change"), "{}", same.out);
    let emptied = bring(empty, &["--update", "--empty"]).worked();
    assert!(emptied.out.starts_with("2\tgrace@x.org\tchanged"), "{}", emptied.out);
    bring(empty, &["--create", "--empty"]).refused("--update");
    bring(empty, &["--update", "--column", "title=shoes"]).refused("no field is called \"shoes\"");
    bring(empty, &["--update", "--column", "shoes=title"]).refused("no column is called \"shoes\"");
    bring(empty, &["--update", "--encoding", "UTF-7"]).refused("no encoding is called \"UTF-7\"");
    bring(empty, &["--update", "--column", "title=roles"]).refused("an update does not change roles");
    let secret = b"email,password\ngrace@x.org,hunter2\n";
    bring(secret, &["--update", "--column", "password=title"]).refused("is not read: it holds secrets");
}
