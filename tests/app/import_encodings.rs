//! The encoding of an import file: detected, shown, and chosen by hand if the detection was wrong.

use crate::harness::{TestApp, import_files::fixture};

/// A text in this encoding.
fn written(text: &str, encoding: &str) -> Vec<u8> {
    let encoding = encoding_rs::Encoding::for_label(encoding.as_bytes()).expect("an encoding");
    encoding.encode(text).0.into_owned()
}

#[actix_web::test]
async fn letters_are_read_as_they_were_written_and_said() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    for (file, says) in [
        ("excel_de_1252.csv", "Western European (Windows-1252)"),
        ("excel_de_utf8.csv", "Unicode (UTF-8)"),
    ] {
        ada.import("invite", fixture(file))
            .await
            .assert_sees(says)
            .assert_sees("Jörg Müller")
            .assert_sees("Zoë Weiß");
    }
    let page = ada
        .import("invite", fixture("excel_utf16.txt"))
        .await
        .assert_sees("read as UTF-16")
        .assert_sees("Jörg");
    assert!(!page.mapping().1.iter().any(|(name, _)| name == "encoding"), "nothing else is to be chosen");
    let lines = page.lines();
    let page = ada.map(&[], &[]).await.assert_sees("read as UTF-16");
    assert_eq!(page.lines(), lines);
}

#[actix_web::test]
async fn other_letters_are_chosen_where_they_look_wrong() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    let file = written("Kto;E-mail;Prénom;Shoes\nMałgosia Łoś;m@x.org;Małgosia;39\n", "windows-1250");
    ada.import("create", &file).await;
    ada.map(&[], &[("encoding", "windows-1252")]).await.assert_sees("Ma³gosia £oœ");
    let page = ada.map(&[("Kto", "name"), ("Shoes", "title")], &[("encoding", "windows-1250")]).await;
    let page = page.assert_sees("Central European (Windows-1250)").assert_sees("Create 1 person?");
    assert!(page.lines()[0].starts_with("2 Małgosia Łoś m@x.org: Create"), "{:?}", page.lines());
    // Columns assigned by hand stay when the encoding changes.
    let columns = page.columns();
    assert_eq!(columns[..2], ["Kto=name", "E-mail=email"]);
    assert_eq!(columns[3], "Shoes=title");
    let page = ada.map(&[], &[("encoding", "ISO-8859-2")]).await;
    assert_eq!(page.columns()[3], "Shoes=title");
    ada.map(&[], &[("encoding", "windows-1250")]).await;
    ada.submit("Import 1 person", &[]).await.assert_sees("1 person created");
    assert_eq!(app.text("SELECT name FROM members WHERE name <> 'Ada'"), "Małgosia Łoś");
}

#[actix_web::test]
async fn heads_that_were_garbled_are_found_in_the_right_letters() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    let file = written("E-Mail;Vorname;Nachname;Büro\nz@x.org;Zoë;Weiß;Köln\n", "windows-1252");
    ada.import("create", &file).await;
    let page = ada.map(&[], &[("encoding", "IBM866")]).await.assert_sees("Cyrillic (DOS 866)");
    assert!(page.columns()[3].ends_with("ro="), "{:?}", page.columns());
    let page = ada.map(&[], &[("encoding", "windows-1252")]).await;
    assert_eq!(page.columns(), ["E-Mail=email", "Vorname=first_name", "Nachname=last_name", "Büro=location"]);
}

#[actix_web::test]
async fn a_file_that_is_no_text_is_named() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    for (bytes, says) in [
        (
            &b"PK\x03\x04....xl/workbook.xml"[..],
            "This is an Excel workbook (.xlsx). Save it as CSV and choose that file.",
        ),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1rest", "This is a workbook of an old Excel (.xls)"),
        (b"%PDF-1.7\n", "This is a PDF"),
    ] {
        ada.import("create", bytes).await.assert_status(422).assert_sees(says);
    }
}
