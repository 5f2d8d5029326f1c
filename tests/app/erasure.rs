//! Erasing a deleted person's names on request: the trail stays whole and names nobody.

use crate::harness::{
    GOOD, Page, Person, TestApp, assert_none, catalog::Catalog, is_postgres, provisioning::set_up, user_creation::audited,
};
use chrono::TimeDelta;

/// The id of a member who may be gone, from the event of their end.
fn id_of(app: &TestApp, name: &str) -> String {
    let text = if is_postgres() {
        "target_id::text"
    } else {
        "lower(hex(target_id))"
    };
    let hex = app.text(&format!(
        "SELECT {text} FROM audit_events WHERE target_name = '{name}' AND action IN ('member.deleted', 'member.left', 'invitation.cancelled')"
    ));
    hex.parse::<uuid::Uuid>().expect("an id").to_string()
}

fn path(id: &str) -> String {
    format!("/audit/people/{id}/erasure")
}

async fn erase(person: &Person, id: &str, name: &str) -> Page {
    person.get(&path(id)).await.assert_status(200);
    person.submit(&format!("Erase {name}"), &[("name", name)]).await
}

async fn delete(person: &Person, name: &str) {
    let id = person.member(name).await;
    person.get(&format!("/users/{id}/deletion")).await;
    person.submit(&format!("Delete {name}"), &[("name", name)]).await.assert_sees("is deleted");
}

/// The columns of the organization's tables that hold this text, apart from those that lapse by themselves.
fn holders(app: &TestApp, text: &str) -> Vec<String> {
    let mut found = vec![];
    for (table, columns) in Catalog::read(&app.db).tables {
        if table.starts_with("members_fts") || !columns.iter().any(|column| column.starts_with("organization_id ")) {
            continue;
        }
        for column in &columns {
            let mut words = column.split(' ');
            let (name, kind) = (words.next().expect("a name"), words.next().expect("a type"));
            if !matches!(kind, "TEXT" | "text" | "jsonb") {
                continue;
            }
            let cast = if is_postgres() { "::text" } else { "" };
            let holds = format!("SELECT count(*) FROM {table} WHERE lower(\"{name}\"{cast}) LIKE '%{}%'", text.to_lowercase());
            if app.count(&holds) > 0 {
                found.push(format!("{table}.{name}"));
            }
        }
    }
    found
}

/// Everything of the trail that an erasure must not change.
fn skeleton(app: &TestApp) -> Vec<String> {
    let text = |column: &str| {
        if is_postgres() {
            format!("coalesce({column}::text, '')")
        } else {
            format!("coalesce(hex({column}), '')")
        }
    };
    let columns = [
        "id",
        "actor_id",
        "target_id",
        "at",
        "batch_id",
        "action",
        "actor_kind",
        "target_kind",
        "address",
        "request_id",
    ];
    let all: Vec<String> = columns.map(text).into();
    app.texts(&format!(
        "SELECT {} FROM audit_events WHERE action <> 'member.erased' ORDER BY at, id",
        all.join(" || ' ' || ")
    ))
}

#[actix_web::test]
async fn the_names_of_a_deleted_person_are_gone_and_the_trail_is_whole() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    let grace = ada.welcome_administrator("Grace Hopper").await;
    // She did things, and things were done to her.
    grace.welcome("Linus", "User").await;
    grace.disable("Linus").await;
    grace.get("/me").await;
    let details = [("phone", "+1 555 0100"), ("first_name", "Grace"), ("last_name", "Hopper")];
    grace.submit("Save changes", &details).await.assert_sees("Your details are saved");
    grace.get("/audit?actor=Grace+Hopper").await;
    grace.get("/audit/export?actor=Grace+Hopper").await;
    ada.get("/audit/export?target=grace.hopper%40example.org").await.assert_status(200);
    let bulk = "/bulk?kind=user&act=disable";
    let id = ada.member("Grace Hopper").await;
    ada.get(&format!("{bulk}&id={id}")).await;
    ada.post(
        "/batches",
        &[
            ("kind", "user"),
            ("act", "disable"),
            ("id", &id),
            ("reason", "Grace Hopper asked for it"),
        ],
    )
    .await;
    app.work();
    app.deliver();
    delete(&ada, "Grace Hopper").await;
    assert_eq!(id, id_of(&app, "Grace Hopper"));
    let held = holders(&app, "grace.hopper@example.org");
    assert!(
        held.contains(&"audit_events.before".to_owned()) && held.contains(&"outbox.recipient".to_owned()),
        "{held:?}"
    );
    let (before, events) = (skeleton(&app), app.count("SELECT count(*) FROM audit_events"));

    ada.get("/audit?target=Grace+Hopper&what=member.deleted").await;
    let link = ada.page().link("erase their name…");
    let page = ada.get(&link).await.assert_status(200).assert_sees("This cannot be undone");
    let told: i64 = page.all(".points b")[0]
        .split(' ')
        .next()
        .and_then(|n| n.replace(',', "").parse().ok())
        .expect("a number");
    ada.submit("Erase Grace Hopper", &[("name", "Grace")]).await.assert_status(422);
    assert_eq!(skeleton(&app), before);
    ada.get(&link).await;
    let page = ada
        .submit("Erase Grace Hopper", &[("name", "Grace Hopper")])
        .await
        .assert_status(200)
        .assert_sees(&format!("{told} events of the audit log name Erased person"))
        .assert_misses("Hopper");
    assert!(page.path.contains("/audit"), "{}", page.path);

    assert_eq!(skeleton(&app), before);
    assert_eq!(app.count("SELECT count(*) FROM audit_events"), events + 1);
    assert_eq!(app.count("SELECT count(*) FROM audit_exceptions"), 0);
    for name in ["Grace Hopper", "grace.hopper@example.org", "555 0100"] {
        assert_none(&format!("{name} is still there"), holders(&app, name));
    }
    let pseudonym = app.text("SELECT target_name FROM audit_events WHERE action = 'member.erased'");
    assert!(pseudonym.starts_with("Erased person "), "{pseudonym}");
    assert!(app.count(&format!("SELECT count(*) FROM audit_events WHERE actor_name = '{pseudonym}'")) > 3);
    // Who did it is known, and what it was about.
    ada.get("/audit").await.assert_sees(&format!("Ada erased the name of {pseudonym}"));
    ada.get(&path(&id)).await.assert_status(422).assert_sees("erased already");
}

#[actix_web::test]
async fn only_who_is_gone_is_erased_and_only_by_administrators() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    ada.welcome("Grace", "User").await;
    let id = ada.member("Grace").await;
    ada.get(&path(&id)).await.assert_status(422).assert_sees("They are still a member here");
    ada.post(&path(&id), &[("name", "Grace")]).await.assert_status(422).assert_sees("Delete them first");
    ada.get(&path(&uuid::Uuid::nil().to_string())).await.assert_status(404);
    delete(&ada, "Grace").await;
    app.role(ada.organization(), "Auditor", &["audit:read:*", "user:manage:*"]);
    let auditor = ada.welcome("Linus", "Auditor").await;
    auditor.get("/audit?what=member.deleted").await.assert_misses("erase their name");
    auditor.get(&path(&id)).await.assert_status(403);
    let other = app.another_organization("Elsewhere", "Alan", None).await;
    other.get(&path(&id)).await.assert_status(404);
    app.wait(TimeDelta::minutes(16));
    ada.get(&path(&id)).await.assert_status(200);
    let page = ada.submit("Erase Grace", &[("name", "Grace")]).await;
    assert!(page.path.starts_with("/sign-in/again?next="), "{}", page.path);
    ada.submit("Continue", &[("password", GOOD)]).await.assert_status(200);
    assert_eq!(audited(&app, "member.erased"), 0);
    ada.submit("Erase Grace", &[]).await.assert_status(200);
    assert_eq!(audited(&app, "member.erased"), 1);
}

#[actix_web::test]
async fn a_system_account_has_no_name_to_erase() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    let id = ada.create_system_account("deploy", "CI/CD").await;
    ada.get(&format!("/system-accounts/{id}/deletion")).await;
    ada.submit("Delete deploy", &[("name", "deploy")]).await.assert_status(200);
    ada.get("/audit?what=member.deleted").await.assert_misses("erase their name");
    ada.get(&path(&id)).await.assert_status(422).assert_sees("not a person");
}

#[actix_web::test]
async fn others_of_the_same_name_keep_theirs() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    ada.welcome("Grace", "User").await;
    delete(&ada, "Grace").await;
    let id = id_of(&app, "Grace");
    // The same person or another one came back under the same name and address.
    ada.welcome("Grace", "Viewer").await;
    let again = ada.member("Grace").await;
    assert_ne!(id, again);
    erase(&ada, &id, "Grace").await.assert_status(200);
    ada.get("/users").await.assert_sees("Grace");
    ada.get(&format!("/audit?target={again}"))
        .await
        .assert_sees("Grace accepted the invitation")
        .assert_misses("Erased person");
    assert_eq!(
        app.count("SELECT count(*) FROM audit_events WHERE target_name = 'Grace' AND action = 'invitation.accepted'"),
        1
    );
    assert_eq!(app.count("SELECT count(*) FROM outbox WHERE recipient = 'grace@example.org'"), 2);
}

#[actix_web::test]
async fn people_who_left_and_whose_invitation_was_cancelled_are_erased_too() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    let grace = ada.welcome("Grace", "User").await;
    grace.get("/me/departure").await;
    grace.submit("Leave the organization", &[]).await.assert_path("/sign-in");
    erase(&ada, &id_of(&app, "Grace"), "Grace").await.assert_status(200);
    ada.invite("linus@example.org", "Viewer").await;
    ada.get("/users?tab=invited").await;
    let page = ada.open_first_menu().await;
    ada.get(&page.link("Cancel invitation…")).await;
    ada.submit("Cancel the invitation", &[]).await.assert_status(200);
    let (id, name) = (id_of(&app, "linus@example.org"), "linus@example.org");
    ada.get(&path(&id)).await.assert_status(200);
    ada.submit("Erase linus@example.org", &[("name", name)]).await.assert_status(200);
    for name in ["grace@example.org", name] {
        assert_none(&format!("{name} is still there"), holders(&app, name));
    }
    assert_eq!(audited(&app, "member.erased"), 2);
}

#[actix_web::test]
async fn who_was_deleted_from_single_sign_on_stays_out_under_the_pseudonym() {
    let app = TestApp::start_with_providers().await;
    let ada = app.administrator("Ada").await;
    set_up(&ada, "Entra", &[]).await;
    let provider = app.provider();
    let connection = app.connect(ada.organization(), &provider, roster::connections::Provisioning::Anyone);
    provider.person("grace-1", "grace@example.org");
    let grace = app.visitor();
    grace.sign_in_through(connection, &provider).await.assert_status(200);
    let name = app.text("SELECT m.name FROM members m JOIN users u ON u.id = m.user_id WHERE u.email = 'grace@example.org'");
    delete(&ada, &name).await;
    erase(&ada, &id_of(&app, &name), &name).await.assert_status(200);
    let deleted = app.texts("SELECT subject || ' ' || name FROM deleted_identities");
    assert!(deleted.len() == 1 && deleted[0].contains(" grace-1 Erased person "), "{deleted:?}");
    assert_none("the address is still there", holders(&app, "grace@example.org"));
}

/// People choose what they are called: nobody takes others, roles or statuses out of the trail that way.
#[actix_web::test]
async fn a_name_that_means_something_else_is_not_erased_from_the_trail_of_others() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    let grace = ada.welcome("Grace", "User").await;
    let linus = ada.welcome("Linus", "User").await;
    for name in ["ADA@example.org", "linus@example.org", "disabled", "User", "Ada", "Grace Hopper"] {
        grace.get("/me").await;
        grace.submit("Save changes", &[("name", name)]).await.assert_sees("Your details are saved");
    }
    delete(&ada, "Grace Hopper").await;
    let id = id_of(&app, "Grace Hopper");
    drop(linus);
    ada.disable("Linus").await;
    delete(&ada, "Linus").await;
    let others = || {
        app.texts("SELECT coalesce(CAST(before AS text), '') || coalesce(CAST(after AS text), '') FROM audit_events WHERE target_name = 'Linus' ORDER BY id")
    };
    let before = others();
    assert!(before.iter().any(|event| event.contains("linus@example.org")), "{before:?}");
    let page = ada.get(&path(&id)).await.assert_sees("in events of others, this is replaced");
    page.assert_misses("linus@example.org");
    ada.submit("Erase Grace Hopper", &[("name", "Grace Hopper")]).await.assert_status(200);
    assert_eq!(others(), before);
    let own = app.texts(
        "SELECT coalesce(CAST(before AS text), '') FROM audit_events WHERE action = 'member.deleted' AND target_name LIKE 'Erased%'",
    );
    assert!(own.len() == 1 && own[0].contains("\"User\"") && !own[0].contains("Grace"), "{own:?}");
}

/// A single word is left in texts, and erased where names of people stand by themselves.
#[actix_web::test]
async fn somebody_of_one_name_is_erased_where_it_stands_by_itself() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    let grace = ada.welcome_administrator("Grace").await;
    ada.welcome("Linus", "User").await;
    grace.disable("Linus").await;
    let changed = || app.count("SELECT count(*) FROM latest_changes WHERE changed_by_name = 'Grace'");
    assert_ne!(changed(), 0);
    drop(grace);
    delete(&ada, "Grace").await;
    erase(&ada, &id_of(&app, "Grace"), "Grace").await.assert_status(200);
    assert_eq!(changed(), 0);
}
