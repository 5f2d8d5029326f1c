//! Policies in an import file: named like roles, with the same checks as everywhere, and the same in the export.

use crate::harness::{
    Page, Person, TestApp,
    rights::{create_policy, declare, give, path_of},
};

/// The result of each line without its number and name.
fn said(page: &Page) -> Vec<String> {
    page.all("table.lines tbody td:last-child")
}

/// The policies of a person, from the export.
async fn policies(person: &Person, email: &str) -> String {
    let page = person.get("/users/export").await.assert_status(200);
    let mut reader = csv::Reader::from_reader(page.body.trim_start_matches('\u{feff}').as_bytes());
    let at = reader.headers().expect("columns").iter().position(|column| column == "policies");
    let line = reader.records().map(|line| line.expect("a line")).find(|line| &line[1] == email);
    line.unwrap_or_else(|| panic!("{email} is not in {}", page.body))[at.expect("the column")].to_owned()
}

/// Two policies about contracts.
async fn legislate(person: &Person) {
    declare(person, "contract", "read, sign").await;
    create_policy(person, "Sign; never read", ("contract", &["sign"], "7")).await;
    create_policy(person, "Readers", ("contract", &["read"], "*")).await;
}

#[actix_web::test]
async fn a_line_names_policies_and_the_look_at_it_shows_them() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    legislate(&ada).await;
    let file = "name,email,roles,policies\n\
        Grace,grace@x.org,Viewer,readers; Sign; never read\n\
        Kay,kay@x.org,,\n\
        Un,un@x.org,,Writers\n\
        Boss,boss@x.org,Administrator,Readers\n\
        Chief,chief@x.org,Administrator,\n";
    let page = ada.import("create", file).await.assert_sees("Create 3 people?");
    let lines = said(&page);
    assert_eq!(lines[0], "Create roles: Viewer policies: Readers; Sign; never read");
    assert_eq!(lines[1], "Create roles: User");
    assert_eq!(lines[2], "Refused There is no policy called “Writers”.");
    assert_eq!(lines[3], "Refused Administrators may do everything and need no policy.");
    assert_eq!(lines[4], "Create roles: Administrator");
    ada.submit("Import 3 people", &[]).await.assert_sees("3 people created");
    assert_eq!(policies(&ada, "grace@x.org").await, "Readers; Sign; never read");
    assert_eq!(policies(&ada, "kay@x.org").await, "");

    // The policies chosen on the form apply to lines that name none, except administrators.
    let (action, mut fields) = ada.get("/imports/new").await.form("Look at the lines");
    let readers = path_of(&ada, "/policies", "Readers").await;
    let readers = readers.rsplit('/').next().expect("an id");
    fields.retain(|(name, _)| name != "way" && name != "file");
    fields.extend([("way".into(), "invite".into()), ("policy".into(), readers.into())]);
    let file = "name,email,roles,policies\nLin,lin@x.org,,\nMay,may@x.org,,Sign; never read\nNan,nan@x.org,Administrator,\n";
    let lines = said(&ada.post_file(&action, &fields, file).await.assert_sees("Invite 3 people?"));
    assert_eq!(lines[0], "Invite roles: User policies: Readers");
    assert_eq!(lines[1], "Invite roles: User policies: Sign; never read");
    assert_eq!(lines[2], "Invite roles: Administrator");
}

#[actix_web::test]
async fn nobody_attaches_by_a_file_what_they_do_not_hold() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    legislate(&ada).await;
    app.role(ada.organization(), "Personnel", &["user:manage:*", "user:invite:*", "user:read:*"]);
    let grace = ada.welcome("Grace", "Personnel").await;
    let readers = path_of(&ada, "/policies", "Readers").await;
    give(&ada, "Grace", "policy", readers.rsplit('/').next().expect("an id")).await;
    app.role(ada.organization(), "Nothing", &["user:read:*"]);
    let file = "name,email,roles,policies\nLin,lin@x.org,Nothing,Sign; never read\nMay,may@x.org,Nothing,Readers\n";
    let (action, mut fields) = grace.get("/imports/new").await.form("Look at the lines");
    fields.retain(|(name, _)| name != "way" && name != "file");
    fields.extend([("way".into(), "create".into()), ("role".into(), grace.role("Nothing"))]);
    let page = grace.post_file(&action, &fields, file).await.assert_sees("Create 1 person?");
    let lines = said(&page);
    assert!(lines[0].starts_with("Refused The policy Sign; never read allows more than you may do"), "{lines:?}");
    assert_eq!(lines[1], "Create roles: Nothing policies: Readers");
    // Granted at the preview, but lost before the import runs.
    app.execute("DELETE FROM member_policies");
    grace.get(&page.path).await;
    let done = grace.submit("Import 1 person", &[]).await;
    assert!(said(&done)[1].starts_with("Refused The policy Readers allows more"), "{:?}", said(&done));
    assert_eq!(app.count("SELECT count(*) FROM member_policies"), 0);
    // The export of a member who may not see policies contains none.
    let page = grace.get("/users/export").await.assert_status(200);
    assert!(page.body.contains("roles,teams,provider"), "{}", page.body.lines().next().unwrap_or_default());
}

#[actix_web::test]
async fn exported_policies_are_imported_as_they_were() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    legislate(&ada).await;
    let file = "name,email,policies\nGrace,grace@x.org,Sign; never read; Readers\nKay,kay@x.org,\n";
    ada.import("create", file).await;
    ada.submit("Import 2 people", &[]).await.assert_sees("2 people created");
    let exported = ada.get("/users/export").await.body.replace("@x.org", "@y.org");
    let eve = app.another_organization("Elsewhere", "Eve", None).await;
    legislate(&eve).await;
    eve.import("create", &exported).await.assert_sees("Create 2 people?");
    eve.submit("Import 2 people", &[]).await.assert_sees("2 people created");
    for name in ["grace", "kay"] {
        let (here, there) = (format!("{name}@x.org"), format!("{name}@y.org"));
        assert_eq!(policies(&ada, &here).await, policies(&eve, &there).await);
    }
    assert_eq!(policies(&eve, "grace@y.org").await, "Readers; Sign; never read");
    // System accounts have policies too.
    ada.get("/system-accounts/export").await.assert_sees("roles,teams,policies,what_it_is_for");
}
