//! Files exported by other products: the result for each line equals `dry_runs.txt` beside them, which was checked by
//! hand. A person who is disabled in the source is never imported as active.

use crate::harness::{
    Person, TestApp,
    import_files::fixture,
    rights::{create_policy, declare},
};
use chrono::TimeDelta;
use std::{collections::BTreeSet, fmt::Write};

/// The preview of these files, in the format of `dry_runs.txt`.
async fn told(app: &TestApp, by: &Person, runs: &[(String, String)]) -> String {
    let mut told = String::new();
    for (file, way) in runs {
        // The number of previews per minute is limited.
        app.wait(TimeDelta::minutes(1));
        let page = by.import(way, fixture(file)).await;
        let title = page.all("h1").concat();
        let _ = writeln!(told, "== {file}, {way}: {title}");
        for said in page.lines().into_iter().chain(page.all("form .error")) {
            let _ = writeln!(told, "{said}");
        }
        let _ = writeln!(told, "{}\n", page.all("#columns summary").concat());
    }
    told
}

#[actix_web::test]
async fn files_of_other_products_come_in_line_by_line_as_they_should() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    let expected = String::from_utf8(fixture("dry_runs.txt")).expect("a text");
    let heads = expected.lines().filter_map(|line| line.strip_prefix("== "));
    let runs: Vec<(String, String)> = heads
        .map(|head| {
            let (file, rest) = head.split_once(", ").expect("a file");
            (file.to_owned(), rest.split_once(':').expect("a way").0.to_owned())
        })
        .collect();
    assert!(runs.len() > 30, "every file is there");
    let told = told(&app, &ada, &runs).await;
    for (one, other) in told.split("== ").zip(expected.split("== ")) {
        assert_eq!(one, other, "all of it:\n{told}");
    }
    assert_eq!(app.count("SELECT count(*) FROM members"), 1, "nothing was done");
}

#[actix_web::test]
async fn nobody_who_is_out_at_the_source_comes_in_active() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    for file in ["okta.csv", "google.csv", "entra_bulk_create.csv"] {
        ada.import("create", fixture(file)).await;
        let button = ada.page().all("button").into_iter().find(|text| text.starts_with("Import ")).expect("a button");
        ada.submit(&button, &[]).await.assert_sees("created");
    }
    let file = "userPrincipalName,displayName,mail,accountEnabled\n\
        in@x.org,In,in@x.org,True\nout@x.org,Out,out@x.org,False\nempty@x.org,Empty,empty@x.org,\nodd@x.org,Odd,odd@x.org,perhaps\n";
    ada.import("create", file)
        .await
        .assert_sees("“perhaps” says neither yes nor no")
        .assert_sees("Create 3 people?");
    ada.submit("Import 3 people", &[]).await.assert_sees("3 people created");
    let names = |status: &str| {
        let mut names = app.texts(&format!("SELECT name FROM members WHERE status = '{status}'"));
        names.sort();
        names
    };
    assert_eq!(names("active"), ["Ada", "Amina Yusuf", "Chris Green", "Empty", "In", "Maja Lindqvist"]);
    assert_eq!(names("disabled"), ["Gone By", "Jürgen Groß", "Old Hand", "Out", "Tomasz Kowalczyk"]);

    // They are not invited either, and the page gives the reason.
    let file = "name,email,suspended\nIn,in2@x.org,no\nOut,out2@x.org,YES\n";
    let page = ada.import("invite", file).await.assert_sees("Invite 1 person?");
    assert!(
        page.lines()[1].contains("They are blocked where the file comes from, so they are not invited"),
        "{:?}",
        page.lines()
    );
    ada.submit("Import 1 person", &[]).await.assert_sees("1 person invited");
    assert_eq!(names("invited"), ["In"]);
}

#[actix_web::test]
async fn half_a_name_is_never_taken_for_the_whole() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    ada.import("create", fixture("ldap.csv")).await;
    ada.submit("Import 2 people", &[]).await.assert_sees("2 people created");
    let names = app.texts("SELECT name || '/' || first_name || '/' || last_name FROM members WHERE name <> 'Ada' ORDER BY name");
    assert_eq!(names, ["Ada Byron/Ada/Byron", "Sukarno//Sukarno"]);
    assert_eq!(
        app.texts("SELECT username FROM users WHERE email LIKE '%fjord%' ORDER BY username"),
        ["abyron", "sukarno"]
    );
    ada.import("create", "E-Mail;Vorname;Name\nj@x.org;Jörg;Müller\n").await;
    ada.submit("Import 1 person", &[]).await;
    assert_eq!(
        app.text("SELECT name || '/' || first_name || '/' || last_name FROM members WHERE last_name = 'Müller'"),
        "Jörg Müller/Jörg/Müller"
    );
}

/// The names in a column of lists.
fn names(file: &[u8], column: &str) -> BTreeSet<String> {
    let mut lines = csv::Reader::from_reader(file);
    let at = lines.headers().expect("heads").iter().position(|head| head == column).expect("the column");
    let cells = lines.records().map(|line| line.expect("a line")[at].to_owned());
    cells
        .flat_map(|cell| cell.split("; ").map(str::to_owned).collect::<Vec<_>>())
        .filter(|name| !name.is_empty())
        .collect()
}

#[actix_web::test]
async fn what_an_older_roster_exported_comes_in_line_by_line() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    let file = fixture("roundtrip.csv");
    for role in names(&file, "roles")
        .iter()
        .filter(|name| !["Administrator", "User", "Viewer"].contains(&name.as_str()))
    {
        app.role(ada.organization(), role, &["user:read:*"]);
    }
    for team in names(&file, "teams") {
        ada.create_team(&team).await;
    }
    declare(&ada, "contract", "read").await;
    for policy in names(&file, "policies") {
        create_policy(&ada, &policy, ("contract", &["read"], "*")).await;
    }
    let page = ada.import("create", &file).await.assert_sees("Create 112 people?");
    assert!(
        page.all("#columns summary")
            .concat()
            .contains("11 read, 5 ignored: provider, last_sign_in, last_api_use, joined, id")
    );
    let mut lines = page.lines();
    lines.extend(ada.get(&page.link("Next")).await.lines());
    assert_eq!(lines.len(), 114);
    // The quote before what looks like a formula is no part of the name.
    assert!(lines[0].starts_with("2 +Plus n10@") && lines[1].starts_with("3 =1+1 n9@"), "{lines:?}");
    // Names with commas and cells of two lines are read as they were written.
    let of = |name: &str| lines.iter().find(|line| line.contains(name)).cloned().unwrap_or_default();
    assert!(of("Wyatt Thomas").ends_with("Create roles: Support, second line; User teams: People"), "{lines:?}");
    assert!(of("Tao Zhang").starts_with("81 Tao Zhang tao_zhang@"), "{lines:?}");
    assert!(lines.last().expect("a line").starts_with("121 🦊 Foxy n6@"), "{lines:?}");
    let refused: Vec<&String> = lines.iter().filter(|line| !line.contains(": Create ")).collect();
    assert_eq!(
        refused,
        [
            "5 a.idn@xn--exmple-cua.org a.idn@exämple.org: Refused Line 4 has the same address or username.",
            "36 idn.form@exämple.org: Refused Line 35 has the same address or username.",
        ]
    );
}
