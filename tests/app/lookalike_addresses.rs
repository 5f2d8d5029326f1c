//! Look-alike addresses are different mailboxes: the owner of one gets nothing that belongs to the other.

use crate::harness::{BETTER, GOOD, Page, Person, TestApp, user_creation::audited};
use roster::{
    kit::{RequestInfo, email::Email},
    organizations::Plan,
    setup::{self, FoundRefusal, Founder},
};

/// Pairs of addresses that look alike but are two mailboxes of two people.
const LOOK_ALIKES: [(&str, &str); 7] = [
    ("carol@alpha-ındustries.example", "carol@alpha-industries.example"),
    ("carol@straße.example", "carol@strasse.example"),
    ("carol@strasse.example", "carol@STRAẞE.example"),
    ("straße@example.org", "strasse@example.org"),
    ("car\u{131}@example.org", "cari@example.org"),
    ("ｃａｒｏｌ@example.org", "carol@example.org"),
    ("É@example.org", "é@example.org"),
];

/// The address as it stands in the envelope of a letter.
fn wire(address: &str) -> String {
    Email::parse(address).expect("an address").wire()
}

async fn ask(person: &Person, email: &str) -> Page {
    person.get("/me/email").await;
    person.submit("Send the link", &[("email", email), ("present", GOOD)]).await
}

/// A person changes their email to an address whose mail they read.
async fn make_theirs(app: &TestApp, person: &Person, email: &str) {
    ask(person, email).await.assert_status(200);
    let link = app.inbox(&wire(email)).link();
    person.get(&link).await.assert_status(200);
    person.submit("Confirm the address", &[]).await.assert_status(200);
}

#[actix_web::test]
async fn whoever_has_a_look_alike_is_not_added_in_the_place_of_another() {
    for (theirs, meant) in LOOK_ALIKES {
        let app = TestApp::start().await;
        let alice = app.administrator("Alice").await;
        let bob = app.another_organization("Beta", "Bob", None).await;
        let mallory = bob.welcome("Mallory", "User").await;
        make_theirs(&app, &mallory, theirs).await;
        assert_eq!(app.count("SELECT count(*) FROM users WHERE address_proven_at IS NOT NULL"), 3);
        alice
            .invite(meant, "User")
            .await
            .assert_sees("0 of 1 invited")
            .assert_sees("Not invited")
            .assert_sees("looks like one that belongs to somebody already");
        mallory.get(&format!("/o/{}/users", alice.organization())).await.assert_status(404);
        alice.get("/users").await.assert_misses("Mallory");
        alice.get("/users/new").await;
        alice
            .submit("Create User", &[("first_name", "Carol"), ("email", meant)])
            .await
            .assert_status(422)
            .assert_sees("looks like one that belongs to somebody already");
        assert_eq!(audited(&app, "member.added"), 0, "{theirs} {meant}");
        assert!(app.letters(&wire(meant)).is_empty(), "{theirs} {meant}");
    }
}

#[actix_web::test]
async fn nobody_gets_the_link_of_an_invitation_by_inviting_a_look_alike() {
    for (theirs, meant) in LOOK_ALIKES {
        let app = TestApp::start().await;
        let alice = app.administrator("Alice").await;
        let bob = app.another_organization("Beta", "Bob", None).await;
        alice.invite(meant, "User").await.assert_sees("1 invited");
        bob.invite(theirs, "User").await.assert_sees("0 of 1 invited");
        assert!(app.letters(&wire(theirs)).is_empty(), "{theirs} {meant}");
        let dave = app.visitor();
        dave.get(&app.inbox(&wire(meant)).link()).await.assert_status(200);
        dave.submit("Join", &[("name", "Dave"), ("password", GOOD)]).await.assert_sees("Welcome");
        // Nor does the other address sign in with the right password.
        app.visitor().sign_in(theirs, GOOD).await.assert_status(422);
        app.visitor().sign_in(meant, GOOD).await.assert_sees("User Directory");
    }
}

#[actix_web::test]
async fn a_look_alike_neither_gets_a_reset_nor_opens_the_api_nor_founds() {
    let app = TestApp::start().await;
    let alice = app.administrator("Alice").await;
    alice.invite("carol@straße.example", "User").await;
    let carol = app.visitor();
    carol.get(&app.inbox("carol@xn--strae-oqa.example").link()).await;
    carol.submit("Join", &[("name", "Carol"), ("password", GOOD)]).await.assert_sees("Welcome");
    let id = alice.member("Carol").await;
    alice.let_use_api(&id, BETTER).await;
    for (name, status) in [
        ("carol@straße.example", 200),
        ("CAROL@xn--strae-oqa.EXAMPLE", 200),
        ("carol@strasse.example", 401),
    ] {
        let answer = app.program().basic(name, BETTER).me().await;
        assert_eq!(answer.0.status, status, "{name}");
        if status == 200 {
            assert_eq!(answer.json()["member"]["username"], "carol@straße.example", "{}", answer.json());
        }
    }
    for name in ["carol@strasse.example", "carol@straße.example"] {
        let visitor = app.visitor();
        visitor.get("/password/forgotten").await;
        visitor.submit("Send the link", &[("email", name)]).await.assert_status(200);
    }
    assert!(app.letters("carol@strasse.example").is_empty());
    assert_eq!(audited(&app, "password.reset_requested"), 1);
    let founder = Founder {
        organization: "Gamma".into(),
        plan: Plan::default(),
        name: "Carol".into(),
        email: Email::parse("carol@strasse.example").expect("an address"),
        hash: None,
    };
    let request_info = RequestInfo::system(app.clock.now());
    let founded = app.db.write_here(|tx| setup::found(tx, &founder, &request_info));
    assert!(matches!(founded, Err(roster::kit::OperationError::Refused(FoundRefusal::Taken))));
}

#[actix_web::test]
async fn a_domain_in_letters_and_in_ascii_is_one_mailbox_with_one_seat() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    ada.invite("grace@exämple.org", "User").await.assert_sees("1 invited");
    let spellings = [
        "grace@xn--exmple-cua.org",
        "GRACE@XN--EXMPLE-CUA.ORG",
        "grace@Exa\u{308}mple.org.",
        "grace@ＥＸÄＭＰＬＥ。org",
    ];
    for spelling in spellings {
        ada.invite(spelling, "User")
            .await
            .assert_sees("Sent again")
            .assert_sees("grace@exämple.org")
            .assert_misses("xn--");
        ada.get("/users/new").await;
        ada.submit("Create User", &[("first_name", "Grace"), ("email", spelling)])
            .await
            .assert_status(422)
            .assert_sees("They are in this directory already");
    }
    assert_eq!(app.count("SELECT count(*) FROM members"), 2);
    assert_eq!(app.count("SELECT count(*) FROM invitations"), 1);
    assert_eq!(app.letters("grace@xn--exmple-cua.org").len(), 1, "letters that had not gone out are taken back");
    let grace = app.visitor();
    grace.get(&app.inbox("grace@xn--exmple-cua.org").link()).await;
    grace.submit("Join", &[("name", "Grace"), ("password", GOOD)]).await.assert_sees("Welcome");
    for spelling in spellings.into_iter().chain(["grace@exämple.org"]) {
        app.visitor().sign_in(spelling, GOOD).await.assert_sees("User Directory");
    }
    ada.get("/users").await.assert_sees("grace@exämple.org").assert_misses("xn--");
    // Create User stores the address in the form in which Invite Users looks it up.
    ada.get("/users/new").await;
    ada.submit("Create User", &[("first_name", "Kay"), ("email", "kay@xn--exmple-cua.org")])
        .await
        .assert_sees("Username: kay@exämple.org");
    ada.invite("kay@exämple.org", "User").await.assert_sees("Already a member");
}

#[actix_web::test]
async fn who_was_added_is_told_by_the_stored_address() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    let alan = app.another_organization("Bletchley Park", "Alan", None).await;
    alan.invite("ADA@Example.ORG", "User")
        .await
        .assert_sees("Added")
        .assert_sees("ada@example.org")
        .assert_misses("ADA@");
    assert_eq!(
        app.count("SELECT count(*) FROM audit_events WHERE action = 'member.added' AND CAST(after AS text) LIKE '%ada@example.org%'"),
        1
    );
    ada.get("/me").await.assert_sees("ada@example.org");
}

#[actix_web::test]
async fn a_letter_to_a_look_alike_proves_nothing() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    ada.get("/users/new").await;
    ada.submit("Create User", &[("first_name", "Grace"), ("email", "grace@strasse.example")])
        .await
        .assert_status(200);
    let proven = "SELECT count(*) FROM users WHERE address_proven_at IS NOT NULL";
    let reset = |went_to: &'static str| {
        let app = app.clone();
        async move {
            let visitor = app.visitor();
            visitor.get("/password/forgotten").await;
            visitor.submit("Send the link", &[("email", "grace@strasse.example")]).await;
            let link = app.inbox("grace@strasse.example").link();
            // As an older Roster may have sent it.
            app.execute(&format!("UPDATE links SET mailed_to = '{went_to}' WHERE kind = 'reset' AND used_at IS NULL"));
            visitor.get(&link).await.assert_status(200);
            visitor.submit("Save the password", &[("password", BETTER)]).await.assert_path("/sign-in");
        }
    };
    reset("grace@straße.example").await;
    assert_eq!(app.count(proven), 1, "Ada's alone");
    reset("GRACE@strasse.example").await;
    assert_eq!(app.count(proven), 2);
}

#[actix_web::test]
async fn an_invitation_to_a_look_alike_is_not_accepted_by_the_other() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    ada.invite("grace@strasse.example", "User").await.assert_sees("1 invited");
    let link = app.inbox("grace@strasse.example").link();
    // As an older Roster may have stored it.
    app.execute("UPDATE invitations SET email = 'grace@straße.example'");
    app.visitor()
        .get(&link)
        .await
        .assert_status(410)
        .assert_sees("not the one that its person signs in with");
    // Inviting the address again sends the letter to the person's own address.
    ada.invite("grace@strasse.example", "User").await.assert_sees("Sent again");
    app.visitor().get(&app.inbox("grace@strasse.example").link()).await.assert_status(200);
}
