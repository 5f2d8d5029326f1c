//! Addresses as people type and paste them, in every form that takes one.

use crate::harness::{GOOD, Person, TestApp};

/// The result for each address on the batch page, in order.
fn outcomes(person: &Person) -> Vec<String> {
    person.page().all(".outcomes .badge")
}

#[actix_web::test]
async fn lists_of_mail_programs_and_spreadsheets_are_understood() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    let pasted = "Doe, Jane <jane@example.org>; Smith, John (IT) <john@example.org>\r\n\
                  Ann Example\tann@example.org\r\n\
                  bob@example.org (Bob Builder)\r\n\
                  mailto:kay@example.org\r\n<lin@example.org>";
    ada.invite(pasted, "User").await.assert_sees("6 invited");
    let list = ada.get("/users?tab=invited").await;
    for name in [
        "Doe, Jane",
        "Smith, John (IT)",
        "Ann Example",
        "Bob Builder",
        "kay@example.org",
        "lin@example.org",
    ] {
        assert!(list.body.contains(name), "{name}");
    }
}

#[actix_web::test]
async fn an_address_that_stands_twice_on_the_list_is_said_to() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    ada.invite("ann@example.org, ANN@example.org, bob@exämple.org, bob@xn--exmple-cua.org, x", "User")
        .await
        .assert_sees("2 of 3 invited")
        .assert_sees("Stands on the list more than once");
    assert_eq!(outcomes(&ada), ["Invited", "Twice", "Invited", "Twice", "Not invited"]);
    assert_eq!(app.letters("ann@example.org").len(), 1);
}

#[actix_web::test]
async fn what_cannot_be_seen_is_left_out_at_every_door() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    ada.invite("\u{feff}gra\u{200b}ce@example.org\u{200e}", "User").await.assert_sees("1 invited");
    app.visitor().accept("Grace").await;
    ada.get("/users/new").await;
    ada.submit("Create User", &[("first_name", "Kay"), ("email", "\u{202a}kay@exam\u{ad}ple.org\u{202c}")])
        .await
        .assert_status(200);
    let id = ada.member("kay@example.org").await;
    ada.get(&format!("/users/{id}/email")).await;
    ada.submit("Change the email", &[("email", "e\u{301}lodie@example.org\u{200b}")])
        .await
        .assert_sees("The email is élodie@example.org now");
    let grace = app.visitor();
    grace.sign_in("\u{200b}grace@example.org", GOOD).await.assert_sees("User Directory");
    grace.get("/me/email").await;
    grace
        .submit("Send the link", &[("email", "mailto:hopper@example.org\u{feff}"), ("present", GOOD)])
        .await
        .assert_sees("Waiting for hopper@example.org");
    let visitor = app.visitor();
    visitor.get("/password/forgotten").await;
    visitor
        .submit("Send the link", &[("email", "\u{feff}grace@exam\u{200b}ple.org")])
        .await
        .assert_status(200);
    assert!(app.inbox("grace@example.org").text.contains("/password/reset/"));
    // Characters that change the reading direction are not dropped but reported.
    ada.invite("\u{202e}gro.elpmaxe@ecarg", "User")
        .await
        .assert_sees("0 of 1 invited")
        .assert_sees("characters that cannot be seen");
    ada.invite("gr\u{202e}ace@example.org", "User")
        .await
        .assert_sees("0 of 1 invited")
        .assert_sees("characters that cannot be seen");
}

#[actix_web::test]
async fn a_file_says_whom_it_means_however_it_spells_them() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    ada.invite("grace@exämple.org", "User").await;
    let page = ada
        .import(
            "invite",
            "email,name\nGRACE@xn--exmple-cua.org,Grace\n<kay@example.org>,Kay\nmailto:lin@straße.example,Lin\nlin@strasse.example,Lin\n",
        )
        .await;
    let lines = page.all("table.lines tbody tr").join("\n");
    for part in [
        "grace@exämple.org",
        "kay@example.org",
        "lin@straße.example",
        "Line 4 has the same address",
    ] {
        assert!(lines.contains(part), "{part} is not in {lines}");
    }
    assert!(!lines.contains("xn--"), "{lines}");
}
