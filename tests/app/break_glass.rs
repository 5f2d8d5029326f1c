//! The switch that requires single sign-on, and the break-glass administrators who enter without it.

use crate::{
    harness::{Database, GOOD, authenticator::Phone, program::Program as Operator, user_creation::audited},
    sso_requirement::{PAGE, enforce, place, set},
};
use chrono::TimeDelta;
use roster::kit::{Fault, Timestamp};

#[actix_web::test]
async fn the_switch_waits_for_its_conditions_and_names_who_is_shut_out() {
    let place = place().await;
    place.grace().await;
    let ada = &place.ada;
    ada.get("/settings/connections").await;
    ada.get(&ada.page().link("Who has to use single sign-on"))
        .await
        .assert_path(&format!("/o/{}{PAGE}", ada.organization()));
    ada.get(PAGE).await.assert_sees("2 people are not connected").assert_sees("Nobody is named yet");
    assert!(!ada.page().has_button("Require single sign-on"));
    ada.post(PAGE, &[("from", "now")]).await.assert_status(422).assert_sees("as yourself first");
    place.connect_ada().await;
    ada.get(PAGE)
        .await
        .assert_sees("You signed in or tested")
        .assert_sees("1 person is not connected")
        .assert_sees("Grace");
    ada.post(PAGE, &[("from", "now")])
        .await
        .assert_status(422)
        .assert_sees("break-glass administrator first");
    let grace = ada.member("Grace").await;
    ada.get(PAGE).await;
    ada.post(&format!("{PAGE}/break-glass"), &[("member", &grace)])
        .await
        .assert_status(422)
        .assert_sees("Choose an active Administrator");
    place.name_ada().await;
    ada.get(PAGE).await.assert_sees("Not tried lately");
    ada.post(PAGE, &[("from", "now")]).await.assert_status(422);
    place.enter(&place.app.visitor()).await.assert_sees("User Directory");
    ada.get(PAGE).await.assert_sees("Ready");
    ada.post(PAGE, &[("from", "yesterday")]).await.assert_status(400);
    ada.get(PAGE).await;
    ada.get(&format!("{PAGE}/confirmation?from=tomorrow"))
        .await
        .assert_sees("Shut out")
        .assert_sees("Grace");
    ada.submit("Require single sign-on", &[])
        .await
        .assert_sees("only single sign-on opens the organization");
    assert_eq!(audited(&place.app, "sso.required"), 1);
    assert!(place.app.inbox("ada@example.org").subject.contains("requires single sign-on"));
    ada.get(PAGE).await.assert_sees("Required from");
    ada.get(&format!("{PAGE}/confirmation?from=never")).await;
    ada.submit("Require it no longer", &[]).await.assert_sees("passwords and passkeys again");
    assert_eq!(audited(&place.app, "sso.not_required"), 1);
    assert_eq!(place.app.count("SELECT count(*) FROM organizations WHERE sso_from IS NOT NULL"), 0);
    // An old proof is not enough.
    place.app.wait(TimeDelta::minutes(16));
    ada.get(PAGE).await;
    ada.post(PAGE, &[("from", "now")]).await.assert_sees("sure that it is you");
}

#[actix_web::test]
async fn a_break_glass_administrator_enters_and_everybody_hears_of_it() {
    let place = place().await;
    let eve = place.ada.welcome_administrator("Eve").await;
    place.name_ada().await;
    assert!(place.app.inbox("eve@example.org").subject.contains("is a break-glass administrator"));
    place.enter(&place.app.visitor()).await;
    assert_eq!(audited(&place.app, "break_glass.used"), 0, "nothing is broken while nothing is closed");
    enforce(&place.app, place.ada.organization());
    let page = eve.get("/users").await;
    assert!(page.path.starts_with("/sso/required/"), "{}", page.path);
    place.ada.get("/users").await.assert_sees("User Directory");
    place.enter(&place.app.visitor()).await.assert_sees("User Directory");
    assert_eq!(audited(&place.app, "break_glass.used"), 1);
    for address in ["eve@example.org", "ada@example.org"] {
        let letter = place.app.inbox(address);
        assert!(
            letter.subject.contains("Ada entered Analytical Engines without single sign-on"),
            "{}",
            letter.subject
        );
    }
    place.ada.get("/audit").await.assert_sees("entered without single sign-on");
}

#[actix_web::test]
async fn the_last_break_glass_administrator_stays_and_stays_able_to_enter() {
    let place = place().await;
    let eve = place.ada.welcome_administrator("Eve").await;
    place.name_ada().await;
    let id = place.ada.member("Ada").await;
    set(&place.app.db, place.ada.organization(), Some(place.app.clock.now() + TimeDelta::hours(1)));
    for (page, button) in [("disablement", "Disable"), ("deletion", "Delete")] {
        eve.get(&format!("/users/{id}/{page}")).await;
        let said = if eve.page().has_button(button) {
            eve.submit(button, &[("reason", "left")]).await
        } else {
            eve.page()
        };
        assert!(said.text().contains("last break-glass administrator"), "{page}: {}", said.text());
    }
    eve.get(&format!("/users/{id}/two-step"))
        .await
        .assert_status(422)
        .assert_sees("last break-glass administrator");
    eve.get(PAGE).await;
    eve.submit("Remove Ada", &[]).await.assert_status(422).assert_sees("Name another one first");
    place.ada.get("/two-step/authenticator/removal").await;
    place.ada.submit("Remove the app", &[]).await.assert_sees("needs a second factor");
    assert_eq!(place.app.count("SELECT count(*) FROM members WHERE enters_without_sso AND status = 'active'"), 1);

    // With another one it goes, and who is no Administrator any more is no break-glass administrator either.
    Phone::enrol(&place.app, &eve).await;
    let other = eve.member("Eve").await;
    place.ada.get(PAGE).await;
    place.ada.submit("Name them", &[("member", &other)]).await.assert_sees("Named");
    place.ada.get(&format!("/users/{other}/disablement")).await;
    place.ada.submit("Disable", &[("reason", "left")]).await;
    assert_eq!(place.app.count("SELECT count(*) FROM members WHERE enters_without_sso"), 1);
    assert_eq!(audited(&place.app, "break_glass.removed"), 1);
}

#[actix_web::test]
async fn a_break_glass_administrator_without_a_second_factor_sets_one_up_first() {
    let place = place().await;
    place.name_ada().await;
    enforce(&place.app, place.ada.organization());
    let (now, outbox) = (place.app.clock.now(), place.app.roster.outbox.clone());
    let reset = place
        .app
        .db
        .write_here(|tx| roster::sessions::reset_by_operator(tx, &outbox, "ada@example.org", now));
    assert!(reset.expect("it works"));
    let visitor = place.app.visitor();
    visitor.sign_in("ada@example.org", GOOD).await.assert_path("/two-step");
    visitor.get(&format!("/o/{}/users", place.ada.organization())).await.assert_path("/two-step");
}

#[test]
fn the_operator_opens_what_was_closed() {
    let roster = Operator::new(Database::blank());
    roster
        .run(&["organization", "create", "Analytical Engines", "--administrator", "ada@example.org"])
        .worked();
    let of = ["--organization", "Analytical Engines"];
    roster.run(&[&["sso", "not-required"][..], &of].concat()).refused("does not require single sign-on");
    let db = roster.database.open();
    let organization = db
        .read_here(|conn| Ok::<_, Fault>(roster::organizations::list(conn)?[0].id))
        .expect("an organization");
    set(&db, organization, Some(Timestamp::EPOCH));
    assert!(roster.run(&[&["sso", "list"][..], &of].concat()).worked().err.contains("requires single sign-on"));
    roster.run(&[&["sso", "not-required"][..], &of].concat()).worked();
    let nobody = "01234567-89ab-7def-8123-456789abcdef";
    roster.run(&[&["sso", "disable", nobody][..], &of].concat()).refused("no such connection");
    let left = db.read_here(|conn| Ok::<_, Fault>(roster::organizations::find(conn, organization)?.sso_from));
    assert_eq!(left.expect("an organization"), None);
}

#[actix_web::test]
async fn the_last_connection_stays_while_single_sign_on_is_required() {
    let place = place().await;
    place.name_ada().await;
    enforce(&place.app, place.ada.organization());
    let ada = place.app.visitor();
    place.enter(&ada).await;
    let path = format!("/o/{}/settings/connections/{}", place.ada.organization(), place.connection);
    ada.get(&format!("{path}/disablement")).await.assert_status(200);
    ada.submit("Disable", &[]).await.assert_sees("Enable another one, or stop requiring it first");
    ada.get(&format!("{path}/deletion")).await;
    ada.submit("Delete", &[("name", "Acme OpenID Connect")])
        .await
        .assert_sees("Enable another one, or stop requiring it first");
    assert_eq!(place.app.count("SELECT count(*) FROM connections WHERE status = 'enabled'"), 1);
}
