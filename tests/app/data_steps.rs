//! Data written by older versions: steps bring it up to date, and never merge two identities into one.

use crate::harness::{GOOD, TestApp};
use roster::db;
use std::{
    io::Write,
    sync::{Arc, Mutex},
};

/// What the work logged.
fn logged(work: impl FnOnce()) -> String {
    #[derive(Clone, Default)]
    struct Log(Arc<Mutex<Vec<u8>>>);
    impl Write for Log {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0.lock().expect("the log").extend_from_slice(bytes);
            Ok(bytes.len())
        }
        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }
    let log = Log::default();
    let kept = log.clone();
    let subscriber = tracing_subscriber::fmt().with_ansi(false).with_writer(move || kept.clone()).finish();
    tracing::subscriber::with_default(subscriber, work);
    let bytes = log.0.lock().expect("the log").clone();
    String::from_utf8(bytes).expect("a text")
}

/// Runs this data step once more, as on old data.
fn again(app: &TestApp, step: &str) -> String {
    app.execute(&format!("DELETE FROM data_steps WHERE name = '{step}'"));
    let log = logged(|| assert_eq!(db::migrate(&app.db).expect("steps run"), 0));
    assert_eq!(logged(|| assert_eq!(db::migrate(&app.db).expect("steps run"), 0)), "", "once is enough");
    log
}

/// Writes an address as an older Roster stored it, with the key it had then.
fn rewrite(app: &TestApp, email: &str, old: &str, old_key: &str) {
    app.execute(&format!("UPDATE users SET email = '{old}', username = '{old}' WHERE email = '{email}'"));
    app.execute(&format!(
        "UPDATE user_names SET name_key = '{old_key}' WHERE user_id = (SELECT id FROM users WHERE email = '{old}')"
    ));
    app.execute(&format!("UPDATE invitations SET email = '{old}' WHERE email = '{email}'"));
}

#[actix_web::test]
async fn addresses_are_spelled_and_reserved_by_the_new_rule() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    ada.welcome("Grace", "User").await;
    ada.invite("kay@example.org", "User").await;
    rewrite(&app, "grace@example.org", "grace@xn--exmple-cua.org", "grace@xn--exmple-cua.org");
    rewrite(&app, "kay@example.org", "kay@STRAẞE.example", "kay@straße.example");
    assert_eq!(again(&app, "mailboxes"), "");
    app.visitor().sign_in("grace@exämple.org", GOOD).await.assert_sees("User Directory");
    ada.get("/users?q=grace").await.assert_sees("grace@exämple.org").assert_misses("xn--");
    assert_eq!(app.count("SELECT count(*) FROM invitations WHERE email = 'kay@straße.example'"), 1);
    ada.invite("kay@xn--strae-oqa.example", "User").await.assert_sees("Sent again");
    ada.invite("kay@strasse.example", "User").await.assert_sees("looks like one");
}

#[actix_web::test]
async fn two_people_with_one_mailbox_stay_two_and_are_told() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    ada.welcome("Grace", "User").await;
    ada.invite("twin@example.org", "User").await;
    rewrite(&app, "grace@example.org", "grace@exämple.org", "grace@exämple.org");
    rewrite(&app, "twin@example.org", "grace@xn--exmple-cua.org", "grace@xn--exmple-cua.org");
    let log = again(&app, "mailboxes");
    assert!(log.contains("Two users have one mailbox: grace@exämple.org (user "), "{log}");
    assert!(log.contains("in Analytical Engines"), "{log}");
    assert_eq!(app.count("SELECT count(*) FROM users"), 3);
    assert_eq!(app.count("SELECT count(*) FROM members"), 3);
    // The person who proved that they read the mailbox keeps the address.
    for spelling in ["grace@exämple.org", "grace@xn--exmple-cua.org"] {
        app.visitor().sign_in(spelling, GOOD).await.assert_sees("User Directory");
    }
}

#[actix_web::test]
async fn names_that_look_alike_by_now_are_told() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    ada.welcome("Grace", "User").await;
    ada.invite("kay@example.org", "User").await;
    rewrite(&app, "grace@example.org", "strasse@example.org", "strasse@example.org");
    rewrite(&app, "kay@example.org", "STRAẞE@example.org", "straße@example.org");
    let log = again(&app, "mailboxes");
    assert!(log.contains("Two users have names that look alike: strasse@example.org"), "{log}");
    app.visitor().sign_in("strasse@example.org", GOOD).await.assert_sees("User Directory");
}

#[actix_web::test]
async fn proofs_by_a_letter_to_a_look_alike_are_taken_back_and_memberships_told() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    ada.invite("grace@example.org", "User").await;
    let grace = app.visitor();
    grace.get(&app.inbox("grace@example.org").link()).await;
    grace.submit("Join", &[("name", "Grace"), ("password", GOOD)]).await.assert_sees("Welcome");
    let proven = "SELECT count(*) FROM users WHERE address_proven_at IS NOT NULL";
    assert_eq!((again(&app, "proofs"), app.count(proven)), (String::new(), 2));
    // By the old rule, a letter to one address counted as a letter to the other.
    rewrite(&app, "grace@example.org", "grace@strasse.example", "grace@strasse.example");
    app.execute("UPDATE links SET mailed_to = 'grace@straße.example' WHERE kind = 'invitation'");
    let log = again(&app, "proofs");
    assert!(log.contains("A letter to grace@straße.example had been taken for the proof"), "{log}");
    assert_eq!(app.count(proven), 1);
}

#[actix_web::test]
async fn people_who_were_added_for_a_look_alike_are_told() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    ada.invite("grace@straße.example", "User").await;
    assert_eq!(again(&app, "proofs"), "");
    rewrite(&app, "grace@straße.example", "grace@strasse.example", "grace@strasse.example");
    let log = again(&app, "proofs");
    assert!(
        log.contains("signs in as grace@strasse.example, but grace@straße.example was invited, which is another mailbox"),
        "{log}"
    );
    assert_eq!(app.count("SELECT count(*) FROM members"), 2, "nobody is removed");
}

#[actix_web::test]
async fn names_of_teams_are_folded_anew_and_a_clash_is_told() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    ada.create_team("STRAẞE").await;
    app.execute("UPDATE teams SET name_key = 'straße' WHERE name = 'STRAẞE'");
    assert_eq!(again(&app, "folds"), "");
    assert_eq!(app.count("SELECT count(*) FROM teams WHERE name_key = 'strasse'"), 1);
    app.execute("UPDATE teams SET name_key = 'straße' WHERE name = 'STRAẞE'");
    ada.create_team("Strasse").await;
    let log = again(&app, "folds");
    assert!(log.contains("“STRAẞE”") && log.contains("Two teams of one organization"), "{log}");
    assert_eq!(app.count("SELECT count(*) FROM teams"), 2);
}

#[actix_web::test]
async fn names_are_sorted_anew_and_so_are_the_members_who_have_them() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    app.role(ada.organization(), "Łódź", &["user:read:*"]);
    ada.welcome("Grace", "Łódź").await;
    for team in ["Łódź", "Sales"] {
        let team = ada.create_team(team).await;
        ada.add_to_team(&team, "Grace").await;
    }
    let old = [
        "UPDATE roles SET name_key = 'łódź' WHERE name = 'Łódź'",
        "UPDATE teams SET name_key = 'łódź' WHERE name = 'Łódź'",
        "UPDATE members SET role_key = 'łódź', team_key = 'sales, łódź' WHERE name = 'Grace'",
    ];
    for statement in old {
        app.execute(statement);
    }
    assert_eq!(ada.get("/teams").await.all("td.c-name .line > a"), ["Sales", "Łódź"]);
    assert_eq!(again(&app, "list_keys"), "");
    assert_eq!(ada.get("/teams").await.all("td.c-name .line > a"), ["Łódź", "Sales"]);
    let kept = "SELECT count(*) FROM members WHERE name = 'Grace' AND role_key LIKE 'lodz%' AND team_key LIKE 'lodz%, sales'";
    assert_eq!(app.count(kept), 1);
}
