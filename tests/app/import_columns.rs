//! Columns of an import file: the page shows each with its first lines. The member can assign another field, and then
//! every line is judged again.

use crate::harness::{TestApp, user_creation::audited};

const UNKNOWN: &str =
    "Kürzel;Wer;Wohin;Nummer;Chef\nada.k;Ada King;ada.k@x.org;+49 1;boss@x.org\ngh;Grace Hopper;grace@x.org;;boss@x.org\n";

#[actix_web::test]
async fn columns_that_nobody_knows_are_said_by_hand_and_the_lines_judged_anew() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    let page = ada
        .import("create", UNKNOWN)
        .await
        .assert_sees("Which column is which?")
        .assert_sees("No column is plainly the email")
        .assert_sees("grace@x.org");
    assert_eq!(page.columns(), ["Kürzel=", "Wer=", "Wohin=", "Nummer=", "Chef="]);
    assert!(page.lines().is_empty());
    let draft = page.path;
    ada.map(&[("Kürzel", "username"), ("Wer", "name"), ("Wohin", "name")], &[])
        .await
        .assert_status(422)
        .assert_sees("Two columns are “Display name”");
    let page = ada.map(&[("Wohin", "email"), ("Nummer", "phone")], &[]).await;
    let page = page.assert_status(200).assert_sees("Create 2 people?").assert_path(&draft);
    assert_eq!(page.columns(), ["Kürzel=username", "Wer=name", "Wohin=email", "Nummer=phone", "Chef="]);
    assert!(page.lines()[0].starts_with("2 Ada King ada.k@x.org: Create"), "{:?}", page.lines());
    let page = ada.map(&[("Nummer", "")], &[]).await.assert_sees("2 ignored: Nummer, Chef");
    assert_eq!(page.lines().len(), 2);
    assert_eq!(audited(&app, "import.prepared"), 3);
    ada.submit("Import 2 people", &[]).await.assert_sees("2 people created");
    let found = "SELECT users.username || ' ' || name || ' ' || phone FROM members JOIN users ON users.id = user_id WHERE users.email LIKE '%@x.org' ORDER BY 1";
    assert_eq!(app.texts(found), ["ada.k Ada King ", "gh Grace Hopper "]);
    assert_eq!(app.count("SELECT count(*) FROM import_files"), 0, "the file is gone");
    assert!(ada.get(&draft).await.all("#columns").is_empty());
}

#[actix_web::test]
async fn a_first_line_may_be_somebody_and_may_be_said_to_be() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    ada.import("create", "a1@x.org,Ann\nb1@x.org,Bo\n")
        .await
        .assert_sees("The first line names no columns")
        .assert_sees("It has no name.");
    let page = ada.map(&[("Column 2", "name")], &[]).await.assert_sees("Create 2 people?");
    assert!(page.lines()[0].starts_with("1 Ann a1@x.org: Create"), "{:?}", page.lines());
    let page = ada.map(&[], &[("heads", "1")]).await;
    assert_eq!(page.lines().len(), 1, "the first line names columns");
    let page = ada.map(&[], &[("heads", "")]).await;
    assert_eq!(page.lines().len(), 2);
}

#[actix_web::test]
async fn what_a_form_for_columns_says_and_no_form_of_ours_would_is_refused() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    for (way, more, status) in [
        ("", &[][..], 422),
        ("steal", &[], 400),
        ("create", &[("empties", "yes")], 400),
        ("create", &[("shoes", "1")], 400),
    ] {
        assert_eq!(ada.import_with(way, more, UNKNOWN).await.status, status, "{way} {more:?}");
    }
    let draft = ada.import("update", UNKNOWN).await.path;
    let action = app.text("SELECT CAST(action AS text) FROM batches");
    for (columns, others) in [
        (&[("Wohin", "shoes")][..], &[][..]),
        // An update cannot assign roles.
        (&[("Wohin", "roles")], &[]),
        (&[], &[("encoding", "UTF-7")]),
        (&[], &[("encoding", "")]),
        (&[], &[("heads", "perhaps")]),
        (&[], &[("delimiter", ";")]),
    ] {
        ada.get(&draft).await;
        ada.map(columns, others).await.assert_status(400);
    }
    assert_eq!(app.text("SELECT CAST(action AS text) FROM batches"), action);
    // Another tab may have changed the columns meanwhile.
    ada.get(&draft).await;
    ada.map(&[], &[("column", "email")])
        .await
        .assert_status(422)
        .assert_sees("read in another way meanwhile");
}

#[actix_web::test]
async fn passwords_in_a_file_are_wiped_before_it_is_kept() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    let page = ada
        .import("create", "email,name,Password [Required]\na@x.org,Ann,hunter2-hunter2\n")
        .await
        .assert_sees("Passwords are not imported")
        .assert_misses("hunter2");
    assert_eq!(page.columns(), ["email=email", "name=name"]);
    let kept = app.dump();
    assert!(!kept.contains("hunter2-hunter2") && kept.contains("Ann"), "the rest is kept");
    // Nor can that column be assigned to another field.
    let (action, mut fields) = page.mapping();
    let last = fields.iter_mut().rfind(|(name, _)| name == "column").expect("a column");
    "title".clone_into(&mut last.1);
    let page = ada.post_raw(&action, &fields).await.assert_status(200);
    assert_eq!(page.columns(), ["email=email", "name=name"]);
}

#[actix_web::test]
async fn a_file_and_pasted_lines_are_not_both_taken() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    let lines = "email,name\nb@x.org,Bo\n";
    ada.import_with("create", &[("text", lines)], "email,name\na@x.org,Ann\n")
        .await
        .assert_status(422)
        .assert_sees("There is a file, and there are lines.")
        .assert_sees("b@x.org");
    assert_eq!(app.count("SELECT count(*) FROM batches"), 0);
    ada.import_with("create", &[("text", lines)], "").await.assert_sees("pasted lines");
}

#[actix_web::test]
async fn started_and_discarded_in_two_tabs_it_leads_to_what_became_of_it() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    let file = "email,name\na@x.org,Ann\n";
    let page = ada.import("create", file).await;
    let (start, form) = page.form("Import 1 person");
    let (discard, discarding) = page.form("Discard");
    let (columns, mapping) = page.mapping();
    ada.post_raw(&start, &form).await.assert_sees("1 person created");
    for (action, form) in [(&start, &form), (&discard, &discarding), (&columns, &mapping)] {
        ada.post_raw(action, form)
            .await
            .assert_status(200)
            .assert_path(&page.path)
            .assert_sees("1 person created")
            .assert_sees("Nothing was done now: this file was started or discarded before.");
    }
    assert_eq!(audited(&app, "member.created"), 1);

    let page = ada.import("create", "email,name\nb@x.org,Bo\n").await;
    let (start, form) = page.form("Import 1 person");
    let (discard, discarding) = page.form("Discard");
    let (columns, mapping) = page.mapping();
    ada.post_raw(&discard, &discarding).await.assert_sees("The file is forgotten");
    for (action, form) in [(&start, &form), (&discard, &discarding), (&columns, &mapping)] {
        ada.post_raw(action, form)
            .await
            .assert_status(200)
            .assert_path(&page.path)
            .assert_sees("The file was discarded")
            .assert_sees("Nothing was done now")
            .assert_misses("b@x.org");
    }
    assert_eq!(audited(&app, "member.created"), 1);
    assert_eq!(app.count("SELECT count(*) FROM import_files"), 0);
}

#[actix_web::test]
async fn only_the_member_who_brought_a_file_sees_it_and_reads_it_in_another_way() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    let kay = ada.welcome_administrator("Kay").await;
    let page = ada.import("create", "email,name\na@x.org,Ann\n").await;
    let (action, mut fields) = page.mapping();
    assert!(kay.get(&page.path).await.assert_status(200).all("#columns").is_empty());
    let token = kay.page().attribute("input[name=csrf]", "value").expect("a token");
    fields.iter_mut().filter(|(name, _)| name == "csrf").for_each(|(_, value)| value.clone_from(&token));
    kay.post_raw(&action, &fields).await.assert_sees("Only the member who brought the file");
    assert_eq!(audited(&app, "import.prepared"), 1);
}

#[actix_web::test]
async fn files_are_kept_for_a_day_and_the_last_five_only() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    let first = ada.import("create", "email,name\na@x.org,Ann\n").await;
    for at in 0..5 {
        app.wait(chrono::TimeDelta::seconds(1));
        ada.import("create", &format!("email,name\na{at}@x.org,Ann\n")).await;
    }
    assert_eq!(app.count("SELECT count(*) FROM import_files"), 5);
    let page = ada.get(&first.path).await.assert_sees("Create 1 person?");
    assert!(page.all("#columns").is_empty());
    let (action, fields) = first.mapping();
    ada.post_raw(&action, &fields).await.assert_sees("The file is not kept any more");
    app.wait(chrono::TimeDelta::hours(25));
    let now = app.clock.now();
    app.db.write_here(|tx| roster::bulk::sweep(tx, now)).expect("swept");
    assert_eq!(app.count("SELECT count(*) FROM import_files"), 0);
}
