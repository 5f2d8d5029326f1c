//! Organizations that admit people through their identity providers only: every door.

use crate::{
    forward_auth::{self, assert_let_in},
    harness::{GOOD, Page, Person, TestApp, authenticator::Phone, identity_provider::IdentityProvider, passkey::Key},
};
use actix_web::http::Method;
use chrono::TimeDelta;
use diesel::{ExpressionMethods, QueryDsl, RunQueryDsl};
use roster::{
    connections::Provisioning,
    db::{Db, schema::organizations},
    kit::{ConnectionId, Fault, OrganizationId, Timestamp},
};

pub const PAGE: &str = "/settings/connections/requirement";
pub const API: &str = "a kettle of fourteen herons";
pub const HERE: &str = "https://roster.example";

/// Requires single sign-on without asking whether that is wise.
pub fn set(db: &Db, organization: OrganizationId, from: Option<Timestamp>) {
    db.write_here(|tx| {
        diesel::update(organizations::table.find(organization))
            .set(organizations::sso_from.eq(from))
            .execute(tx.conn())?;
        Ok::<_, Fault>(())
    })
    .expect("a rule");
}

pub fn enforce(app: &TestApp, organization: OrganizationId) {
    set(&app.db, organization, Some(app.clock.now()));
}

/// Roster with an application and providers on this machine; Ada, her app, and an enabled connection.
pub struct Place {
    pub app: TestApp,
    pub ada: Person,
    pub phone: Phone,
    pub provider: IdentityProvider,
    pub connection: ConnectionId,
}

pub async fn place() -> Place {
    let settings = [forward_auth::SETTINGS, &["--outbound-allow", "127.0.0.0/8"]].concat();
    let app = TestApp::start_with(&settings).await;
    let ada = app.administrator("Ada").await;
    let phone = Phone::enrol(&app, &ada).await;
    let provider = app.provider();
    let connection = app.connect(ada.organization(), &provider, Provisioning::Anyone);
    Place { app, ada, phone, provider, connection }
}

impl Place {
    /// Signs Ada in with her password and a code of her app.
    pub async fn enter(&self, person: &Person) -> Page {
        self.app.wait(TimeDelta::minutes(2));
        person.sign_in("ada@example.org", GOOD).await.assert_path("/sign-in/second-step");
        person.submit("Continue", &[("code", &self.phone.code(&self.app))]).await
    }
    /// Ada connects herself with the provider.
    pub async fn connect_ada(&self) {
        self.ada.get("/me").await;
        self.provider.person("ada", "ada@example.org");
        self.ada.submit("Connect", &[]).await.assert_sees("Continue");
        self.ada.follow_to(&self.provider).await.assert_sees("From now on you can sign in with");
    }
    pub async fn name_ada(&self) {
        let id = self.ada.member("Ada").await;
        self.ada.get(PAGE).await;
        self.ada
            .submit("Name them", &[("member", &id)])
            .await
            .assert_sees("Named. All administrators are told.");
    }
    /// Grace, with a password.
    pub async fn grace(&self) -> Person {
        self.ada.welcome("Grace", "User").await
    }
    pub fn outcomes(&self, outcome: &str) -> i64 {
        self.app.count(&format!("SELECT count(*) FROM sign_ins WHERE outcome = '{outcome}'"))
    }
}

#[actix_web::test]
async fn an_open_session_ends_at_the_page_that_offers_the_provider_and_goes_on_behind_it() {
    let place = place().await;
    let grace = place.grace().await;
    let here = format!("/o/{}/teams", grace.organization());
    let cookie = forward_auth::cookie(&grace).await;
    let application = forward_auth::proxy(&place.app).with("cookie", &format!("{}={cookie}", forward_auth::COOKIE));
    let organization = grace.organization().to_string();
    let id = place.ada.member("Grace").await;
    assert_let_in(
        &application.get(&forward_auth::path(&place.ada, "")).await,
        [&id, "Grace", "user", "User", &organization],
    );
    enforce(&place.app, grace.organization());

    let page = grace.get(&here).await.assert_sees("lets people in through its identity provider only");
    assert!(page.path.starts_with("/sso/required/"), "{}", page.path);
    let start = page.link("Sign in with Acme OpenID Connect");
    assert!(start.contains("?next=") && start.contains(&grace.organization().to_string()), "{start}");
    assert!(page.has_button("Sign in another way") && page.has_button("Sign out"));
    assert_eq!(grace.request(Method::GET, "/", None).await.went, [format!("/sso/required/{organization}")]);
    let shut = application.get(&forward_auth::path(&place.ada, "")).await;
    shut.assert_problem(401, "credential-missing");
    // A form of the old session changes nothing.
    grace.post(&format!("/o/{organization}/teams"), &[("name", "Night watch")]).await;
    assert_eq!(place.app.count("SELECT count(*) FROM teams"), 0);
    // Nobody else learns of the organization.
    place
        .app
        .visitor()
        .get(&format!("/sso/required/{organization}"))
        .await
        .assert_misses("Analytical Engines");
}

#[actix_web::test]
async fn a_right_password_and_a_right_passkey_are_refused_after_they_were_proven() {
    let place = place().await;
    let grace = place.grace().await;
    grace.get("/two-step/passkeys/new").await;
    let (mut key, made) = Key::create(&grace, HERE);
    grace
        .submit("Create the passkey", &[("name", "Laptop"), ("credential", &made)])
        .await
        .assert_status(200);
    enforce(&place.app, grace.organization());

    let visitor = place.app.visitor();
    let wrong = visitor.sign_in("grace@example.org", "not this one, surely not").await.assert_status(422);
    assert!(!wrong.text().contains("identity provider only"), "{}", wrong.text());
    visitor
        .sign_in("grace@example.org", GOOD)
        .await
        .assert_status(422)
        .assert_sees("identity provider only")
        .assert_sees("Sign in with Acme OpenID Connect");
    place.app.catch_up();
    assert_eq!(place.outcomes("sso_required"), 1);
    visitor.get("/sign-in/passkey").await;
    let signed = key.answer(&visitor, HERE);
    visitor
        .submit("Use a passkey", &[("credential", &signed)])
        .await
        .assert_status(422)
        .assert_sees("identity provider only");
    assert_eq!(place.outcomes("sso_required"), 2);
    let inside = format!("/o/{}/users", grace.organization());
    visitor.get(&inside).await.assert_sees("Sign in").assert_misses("User Directory");
}

#[actix_web::test]
async fn api_passwords_are_refused_and_tokens_are_not() {
    let place = place().await;
    let grace = place.grace().await;
    let id = place.ada.member("Grace").await;
    place.ada.let_use_api(&id, API).await;
    let token = grace.make_token("/me/tokens", "laptop", &[]).await;
    let machine = place.app.machine(place.ada.organization(), "deploy", "CI/CD");
    let base = format!("/o/{}/system-accounts/{machine}/tokens", place.ada.organization());
    let machine = place.ada.make_token(&base, "deploy", &[]).await;
    enforce(&place.app, grace.organization());
    let program = || place.app.program();
    program().basic("grace@example.org", API).me().await.assert_problem(403, "single-sign-on-required");
    program().basic("grace@example.org", "wrong").me().await.assert_problem(401, "wrong-password");
    program().bearer(&token).me().await.json();
    program().bearer(&machine).me().await.json();
}

#[actix_web::test]
async fn passwords_are_neither_reset_nor_set_nor_given() {
    let place = place().await;
    let grace = place.grace().await;
    place.name_ada().await;
    let forget = async |visitor: &Person| {
        visitor.get("/password/forgotten").await;
        visitor.submit("Send the link", &[("email", "grace@example.org")]).await.text()
    };
    let before = forget(&place.app.visitor()).await;
    let old = place.app.inbox("grace@example.org").link();
    enforce(&place.app, grace.organization());
    let letters = || place.app.count("SELECT count(*) FROM outbox WHERE kind = 'password.reset'");
    let sent = letters();
    assert_eq!(forget(&place.app.visitor()).await, before, "the answer tells nothing");
    place.app.catch_up();
    assert_eq!(letters(), sent);
    place.app.visitor().get(&old).await.assert_misses("Save the password");

    let id = place.ada.member("Grace").await;
    place
        .ada
        .get(&format!("/users/{id}/password/temporary"))
        .await
        .assert_status(422)
        .assert_sees("identity provider only");
    let fields = [
        ("first_name", "Kurt"),
        ("last_name", "Gödel"),
        ("email", "kurt@example.org"),
        ("choice", "typed"),
        ("password", "a kettle of fourteen herons"),
    ];
    place.ada.get("/users/new").await.assert_status(200);
    place
        .ada
        .submit("Create User", &fields)
        .await
        .assert_status(422)
        .assert_sees("identity provider only");
    assert_eq!(place.app.count("SELECT count(*) FROM users WHERE email = 'kurt@example.org'"), 0);
}

#[actix_web::test]
async fn an_invitation_is_accepted_at_the_provider_and_sets_no_password() {
    let place = place().await;
    place.ada.invite("linus@example.org", "User").await;
    let link = place.app.inbox("linus@example.org").link();
    let linus = place.app.visitor();
    linus.get(&link).await;
    assert!(linus.page().has_button("Join"));
    enforce(&place.app, place.ada.organization());
    linus
        .submit("Join", &[("name", "Linus"), ("password", GOOD)])
        .await
        .assert_status(409)
        .assert_sees("Sign in with Acme");
    assert_eq!(place.app.count("SELECT count(*) FROM members WHERE status = 'invited'"), 1);
    let page = linus.get(&link).await.assert_sees("and you have joined");
    assert!(!page.has_button("Join"));
    place.provider.person("linus", "linus@example.org");
    let away = linus.request(Method::GET, &page.link("Sign in with Acme OpenID Connect"), None).await;
    linus.get(&place.provider.sign_in(&away.went[0])).await.assert_sees("User Directory");
    assert_eq!(place.app.count("SELECT count(*) FROM members WHERE status = 'invited'"), 0);
}

#[actix_web::test]
async fn a_person_of_two_organizations_reaches_the_one_that_does_not_require_it() {
    let place = place().await;
    let alan = place.app.another_organization("Bletchley Park", "Alan", None).await;
    place.ada.invite("alan@example.org", "User").await;
    enforce(&place.app, place.ada.organization());
    let visitor = place.app.visitor();
    visitor.sign_in("alan@example.org", GOOD).await.assert_status(200).assert_sees("Bletchley Park");
    let theirs = format!("/o/{}/users", place.ada.organization());
    let page = visitor.get(&theirs).await;
    assert!(page.path.starts_with("/sso/required/"), "{}", page.path);
    alan.get("/users").await.assert_status(200);
    // Each organization records what it means there.
    let of = |name: &str, outcome: &str| {
        let query = "SELECT count(*) FROM sign_ins s JOIN members m ON m.id = s.member_id JOIN organizations o ON o.id = s.organization_id WHERE m.name = ";
        place.app.count(&format!("{query}'Alan' AND o.name = '{name}' AND s.outcome = '{outcome}'"))
    };
    assert_eq!((of("Analytical Engines", "sso_required"), of("Analytical Engines", "signed_in")), (1, 0));
    assert_eq!(of("Bletchley Park", "signed_in"), 2);
    // A link for their password goes out: it opens the other organization.
    let forgetful = place.app.visitor();
    forgetful.get("/password/forgotten").await;
    forgetful.submit("Send the link", &[("email", "alan@example.org")]).await;
    assert!(place.app.inbox("alan@example.org").text.contains("/password/reset/"));
}

#[actix_web::test]
async fn it_begins_at_its_hour() {
    let place = place().await;
    let grace = place.grace().await;
    set(&place.app.db, grace.organization(), Some(place.app.clock.now() + TimeDelta::days(1)));
    grace.get("/users").await.assert_sees("User Directory");
    place.app.wait(TimeDelta::hours(23));
    grace.sign_in("grace@example.org", GOOD).await.assert_sees("User Directory");
    place.app.wait(TimeDelta::hours(1));
    let page = grace.get("/users").await;
    assert!(page.path.starts_with("/sso/required/"), "{}", page.path);
}

#[actix_web::test]
async fn an_account_is_connected_by_its_password_once_also_where_that_opens_nothing_any_more() {
    let place = place().await;
    place.grace().await;
    enforce(&place.app, place.ada.organization());
    let browser = place.app.visitor();
    place.provider.person("grace", "grace@example.org");
    let asked = browser
        .sign_in_through(place.connection, &place.provider)
        .await
        .assert_sees("You have an account already");
    browser.get(&asked.link("Sign in as before")).await;
    browser
        .submit("Sign in", &[("name", "grace@example.org"), ("password", GOOD)])
        .await
        .assert_sees("either way lets you in");
    assert_eq!(place.outcomes("sso_required"), 1);
    let page = browser.get(&format!("/o/{}/users", place.ada.organization())).await;
    assert!(page.path.starts_with("/sso/required/"), "the session opens nothing: {}", page.path);
    browser.get(&asked.path).await;
    browser.submit("Connect them", &[]).await;
    browser.sign_in_through(place.connection, &place.provider).await.assert_sees("User Directory");
    // Others are not let in for it, in the same browser either.
    let other = place.app.visitor();
    place.provider.person("ada", "ada@example.org");
    other
        .sign_in_through(place.connection, &place.provider)
        .await
        .assert_sees("You have an account already");
    other
        .sign_in("grace@example.org", GOOD)
        .await
        .assert_status(422)
        .assert_sees("identity provider only");
}
