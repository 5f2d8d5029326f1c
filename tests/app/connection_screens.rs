//! The screens of connections to identity providers: the draft that leads through its set-up, enabling, disabling,
//! deleting, letters, and who may do what.

use crate::harness::{
    GOOD, Person, TestApp,
    connections::{CLIENT_SECRET, provider},
    rights::create_role,
    user_creation::audited,
};
use chrono::TimeDelta;
use roster::kit::secret::SecretString;

fn is_secret_anywhere(app: &TestApp, person: &Person) -> bool {
    app.dump().contains(CLIENT_SECRET) || person.page().body.contains(CLIENT_SECRET)
}

#[actix_web::test]
async fn a_draft_leads_through_its_set_up_and_its_secret_is_sealed_and_never_shown() {
    let app = TestApp::start_with_providers().await;
    let ada = app.administrator("Ada").await;
    ada.get("/settings/connections")
        .await
        .assert_sees("No connections yet")
        .assert_sees("account that they have at work");
    ada.get("/settings/connections/new").await.assert_sees("OpenID Connect").assert_sees("GitHub");
    let provider = provider();
    ada.get("/settings/connections/new/oidc").await;
    // Before the provider knows the redirect URL there is no client id.
    let issuer = format!(" {} ", provider.origin());
    let page = ada.submit("Save draft", &[("name", "Acme"), ("issuer", issuer.as_str())]).await;
    let page = page
        .assert_sees("is created")
        .assert_sees("The client ID is missing. The client secret is missing.");
    let id = page.path.rsplit('/').next().expect("an id").to_owned();
    assert_eq!(page.all("#callback"), [format!("https://roster.example/sso/{id}/callback")]);
    assert!(!page.has_button("Test") && !page.has_button("Enable"));
    assert_eq!(provider.received()[0].path, "/.well-known/openid-configuration");
    ada.post(&format!("/settings/connections/{id}/enablement"), &[])
        .await
        .assert_sees("Copy both from the provider");
    ada.get(&format!("/settings/connections/{id}/edit")).await;
    let page = ada.submit("Save connection", &[("client_id", "roster"), ("client_secret", CLIENT_SECRET)]).await;
    let page = page.assert_sees("Client ID and client secret are stored").assert_sees("Stored, and not shown");
    assert!(page.has_button("Test") && !is_secret_anywhere(&app, &ada));
    assert_eq!(app.text("SELECT CAST(settings AS text) FROM connections").matches(&provider.origin()).count(), 1);
    // Without a new secret the present one is kept.
    ada.get(&format!("/settings/connections/{id}/edit"))
        .await
        .assert_sees("empty keeps the present one");
    ada.submit("Save connection", &[("name", "Acme Corp")]).await.assert_sees("The connection is saved");
    let (organization, connection) = (ada.organization(), id.parse().expect("an id"));
    let secrets = &app.roster.connection_setup.secrets;
    let secret = app.db.read_here(|conn| secrets.open(conn, organization, connection)).expect("an answer");
    assert_eq!(secret.as_ref().map(SecretString::expose), Some(CLIENT_SECRET));
    ada.submit("Enable", &[]).await.assert_sees("People can sign in through it now");
    ada.get("/settings/connections").await.assert_sees("Acme Corp").assert_sees("Enabled");
    let actions = ["created", "edited", "enabled"].map(|what| audited(&app, &format!("connection.{what}")));
    assert_eq!(actions, [1, 2, 1]);
    assert!(!is_secret_anywhere(&app, &ada));
    // Nothing may be missing of a connection that people use.
    ada.get(&format!("/settings/connections/{id}/edit")).await;
    ada.submit("Save connection", &[("client_id", "")])
        .await
        .assert_status(422)
        .assert_sees("Copy both from the provider");
}

#[actix_web::test]
async fn what_changes_how_people_sign_in_needs_recent_proof_and_what_was_typed_is_kept() {
    let app = TestApp::start_with_providers().await;
    let ada = app.administrator("Ada").await;
    let provider = provider();
    let path = ada.enable_connection("Acme", &provider).await;
    ada.get("/settings/connections/new/oidc").await;
    app.wait(TimeDelta::minutes(16));
    let issuer = provider.origin();
    let typed = [
        ("name", "Other"),
        ("issuer", issuer.as_str()),
        ("client_id", "another"),
        ("client_secret", CLIENT_SECRET),
        ("provisioning", "domain"),
        ("max_age_hours", "9"),
    ];
    let page = ada.submit("Save draft", &typed).await;
    assert!(page.path.starts_with("/sign-in/again?"), "{}", page.text());
    let page = ada.submit("Continue", &[("password", GOOD)]).await.assert_status(200);
    let kept = page.form("Save draft").1;
    for (name, value) in typed.iter().filter(|(name, _)| *name != "client_secret") {
        assert!(kept.contains(&((*name).to_owned(), (*value).to_owned())), "{name}: {kept:?}");
    }
    assert!(!is_secret_anywhere(&app, &ada));
    assert_eq!(app.count("SELECT count(*) FROM connections"), 1);
    for (page, button) in [
        (format!("{path}/edit"), "Save connection"),
        (format!("{path}/disablement"), "Disable"),
        (format!("{path}/deletion"), "Delete"),
    ] {
        app.wait(TimeDelta::minutes(16));
        ada.get(&page).await.assert_status(200);
        let answer = ada.submit(button, &[]).await;
        assert!(answer.path.starts_with("/sign-in/again?"), "{page}: {}", answer.text());
        ada.submit("Continue", &[("password", GOOD)]).await.assert_status(200);
    }
    assert_eq!(app.text("SELECT status FROM connections"), "enabled");
}

#[actix_web::test]
async fn disabling_and_deleting_name_who_is_left_without_a_way_in() {
    let app = TestApp::start_with_providers().await;
    let ada = app.administrator("Ada").await;
    let path = ada.enable_connection("Acme", &provider()).await;
    for name in ["Grace", "Linus", "Vera"] {
        ada.welcome(name, "User").await;
    }
    for name in ["Ada", "Grace", "Linus"] {
        app.link_identity(&path, name);
    }
    app.keep_only_password_of("Ada");
    assert_eq!(ada.get("/settings/connections").await.all("td[data-label=People]"), ["3"]);
    let page = ada.get(&format!("{path}/disablement")).await;
    assert_eq!(page.all(".left-out li"), ["Grace", "Linus"]);
    let page = page.assert_sees("2 people have no other way to sign in").assert_sees("3 people are connected");
    assert!(!page.text().contains("Vera"));
    ada.submit("Disable", &[]).await.assert_sees("its sessions have ended").assert_sees("Disabled");
    // Nobody loses a way in by the deletion of what nobody can use.
    ada.get(&format!("{path}/deletion")).await.assert_misses("no other way");
    ada.get(&path).await;
    ada.submit("Enable", &[]).await;
    ada.get(&format!("{path}/deletion")).await.assert_sees("2 people have no other way");
    ada.submit("Delete", &[("name", "something else")])
        .await
        .assert_status(422)
        .assert_sees("Type the name");
    ada.submit("Delete", &[("name", "Acme")])
        .await
        .assert_sees("is deleted")
        .assert_sees("No connections yet");
    assert_eq!(app.count("SELECT count(*) FROM identities"), 0);
    ada.get(&path).await.assert_status(404);
    ada.get("/users").await.assert_sees("Grace");
}

#[actix_web::test]
async fn the_last_administrator_keeps_a_way_in() {
    let app = TestApp::start_with_providers().await;
    let ada = app.administrator("Ada").await;
    let path = ada.enable_connection("Acme", &provider()).await;
    app.link_identity(&path, "Ada");
    app.keep_only_password_of("nobody");
    app.carry_sessions_over("Acme");
    for (page, button, typed) in [
        ("disablement", "Disable", [].as_slice()),
        ("deletion", "Delete", [("name", "Acme")].as_slice()),
    ] {
        ada.get(&format!("{path}/{page}")).await;
        ada.submit(button, typed).await.assert_status(422).assert_sees("no administrator could sign in");
    }
    assert_eq!(app.text("SELECT status FROM connections"), "enabled");
    assert_eq!(audited(&app, "connection.disabled") + audited(&app, "connection.deleted"), 0);
    // A second connection that works is enough.
    let other = ada.enable_connection("Other", &provider()).await;
    app.link_identity(&other, "Ada");
    app.carry_sessions_over("Other");
    ada.get(&format!("{path}/deletion")).await.assert_misses("no other way");
    ada.submit("Delete", &[("name", "Acme")]).await.assert_sees("is deleted");
}

#[actix_web::test]
async fn everybody_who_manages_connections_is_told_of_every_change() {
    let app = TestApp::start_with_providers().await;
    let ada = app.administrator("Ada").await;
    create_role(&ada, "Gatekeeper", &["connection:manage:*", "user:read:*"]).await;
    ada.welcome("Kay", "Gatekeeper").await;
    ada.welcome("Vera", "User").await;
    let path = ada.create_connection("Acme", &provider()).await;
    ada.get(&format!("{path}/edit")).await;
    ada.submit("Save connection", &[("client_id", "another"), ("client_secret", "new")]).await;
    ada.submit("Enable", &[]).await;
    ada.get(&format!("{path}/disablement")).await;
    ada.submit("Disable", &[]).await;
    ada.get(&format!("{path}/deletion")).await;
    ada.submit("Delete", &[("name", "Acme")]).await;
    for reader in ["ada@example.org", "kay@example.org"] {
        let letters: Vec<_> = app.letters(reader).into_iter().filter(|letter| letter.subject.contains("connection")).collect();
        let subjects: Vec<&str> = letters.iter().map(|letter| letter.subject.split(" the ").next().unwrap_or_default()).collect();
        assert_eq!(subjects, ["Ada created", "Ada changed", "Ada enabled", "Ada disabled", "Ada deleted"], "{reader}");
        assert!(letters[1].text.contains("Changed: the client ID, the client secret."), "{}", letters[1].text);
        assert!(letters[1].text.contains("from the address 203.0.113.7"), "{}", letters[1].text);
        assert!(letters[2].link().ends_with(&path) && letters[4].link().ends_with("/settings/connections"));
        assert!(letters.iter().all(|letter| !letter.raw.contains(CLIENT_SECRET)));
    }
    assert!(app.letters("vera@example.org").iter().all(|letter| !letter.subject.contains("connection")));
}

#[actix_web::test]
async fn who_reads_connections_changes_none_and_nobody_gives_more_than_they_hold() {
    let app = TestApp::start_with_providers().await;
    let ada = app.administrator("Ada").await;
    let path = ada.create_connection("Acme", &provider()).await;
    create_role(&ada, "Watcher", &["connection:read:*", "user:read:*"]).await;
    create_role(&ada, "Gatekeeper", &["connection:manage:*", "user:read:*"]).await;
    create_role(&ada, "Mighty", &["user:manage:*"]).await;
    let whole = |path: &str| format!("/o/{}{path}", ada.organization());
    let kay = ada.welcome("Kay", "Watcher").await;
    let page = kay.get(&whole(&path)).await.assert_status(200).assert_sees("/callback");
    assert!(!page.has_button("Test") && !page.has_button("Enable") && page.all("a.danger").is_empty());
    kay.get(&whole("/settings/connections"))
        .await
        .assert_status(200)
        .assert_misses("Add connection")
        .assert_misses("General");
    for end in ["/edit", "/disablement", "/deletion"] {
        kay.get(&whole(&format!("{path}{end}"))).await.assert_status(403).assert_sees("connection:manage");
    }
    // The roles that a connection gives stay what they are when a person edits it who may not give them; they cannot be
    // given to other people.
    ada.get(&format!("{path}/edit")).await;
    let mighty = ada.role("Mighty");
    ada.submit("Save connection", &[("role", &mighty)]).await.assert_sees("is saved");
    let grants = || app.text("SELECT CAST(grants AS text) FROM connections");
    let before = grants();
    assert!(before.contains(&mighty));
    let lin = ada.welcome("Lin", "Gatekeeper").await;
    lin.get(&whole(&format!("{path}/edit"))).await.assert_sees("so you cannot give it");
    lin.submit("Save connection", &[("name", "Acme Corp")]).await.assert_sees("is saved");
    assert_eq!(grants(), before);
    lin.get(&whole(&format!("{path}/edit"))).await;
    lin.submit("Save connection", &[("provisioning", "anyone")])
        .await
        .assert_status(422)
        .assert_sees("Nobody grants what they do not hold");
    let grace = ada.welcome("Grace", "User").await;
    grace.get(&whole("/settings/connections")).await.assert_status(403).assert_sees("connection:read");
}

#[actix_web::test]
async fn a_deleted_person_can_be_let_back_in() {
    let app = TestApp::start_with_providers().await;
    let ada = app.administrator("Ada").await;
    let path = ada.enable_connection("Acme", &provider()).await;
    ada.get(&path).await.assert_misses("Deleted people");
    let (organization, id) = (ada.organization(), path.rsplit('/').next().expect("an id").parse().expect("an id"));
    ada.welcome("Grace", "User").await;
    app.link_identity(&path, "Grace");
    let user = app
        .db
        .read_here(|conn| roster::users::find_by_name(conn, "grace@example.org"))
        .expect("users")
        .expect("Grace");
    let now = app.clock.now();
    app.db
        .write_here(|tx| roster::identities::forget(tx, organization, &[(user.id, "Grace".to_owned())].into(), now))
        .expect("she is remembered");
    ada.get(&path).await.assert_sees("Deleted people").assert_sees("subject of Grace");
    ada.submit("Let Grace back in", &[])
        .await
        .assert_sees("Grace may come again")
        .assert_misses("Deleted people");
    let gone = app.db.read_here(|conn| roster::identities::deleted_at(conn, organization, id, "subject of Grace"));
    assert!(gone.expect("an answer").is_none());
    assert_eq!(audited(&app, "identity.readmitted"), 1);
    ada.get("/audit").await.assert_sees("let Grace sign in through the connection Acme again");
    ada.post(&format!("{path}/readmissions"), &[("subject", "subject of Grace")])
        .await
        .assert_status(404);
}

#[actix_web::test]
async fn a_connection_of_another_organization_is_not_there() {
    let app = TestApp::start_with_providers().await;
    let ada = app.administrator("Ada").await;
    let path = ada.enable_connection("Acme", &provider()).await;
    let mallory = app.another_organization("Mallory Ltd", "Mallory", None).await;
    mallory.get("/settings/connections").await.assert_sees("No connections yet");
    for end in ["", "/edit", "/disablement", "/deletion"] {
        mallory.get(&format!("{path}{end}")).await.assert_status(404);
    }
    for end in ["", "/enablement", "/disablement", "/deletion", "/readmissions"] {
        mallory.get("/settings/connections/new").await;
        mallory
            .post(&format!("{path}{end}"), &[("subject", "x")][..usize::from(end == "/readmissions")])
            .await
            .assert_status(404);
    }
    assert_eq!(app.text("SELECT status FROM connections"), "enabled");
}
