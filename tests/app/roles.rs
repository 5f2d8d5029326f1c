//! Roles: created, copied, edited and deleted, never with more than the caller holds, and never without showing whom it
//! affects.

use crate::harness::{
    GOOD, Page, Person, TestApp,
    rights::{confirmed, create_role, give, path_of, send, set_permissions},
    user_creation::audited,
};

fn id(path: &str) -> String {
    path.rsplit('/').next().expect("an id").to_owned()
}

/// The ticked permissions of the current page.
fn ticked(page: &Page) -> Vec<String> {
    page.attributes("input[name=permission][checked]", "value")
}

#[actix_web::test]
async fn a_role_is_made_given_and_holds_from_the_next_request() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    let grace = ada.welcome("Grace", "Viewer").await;
    grace.get("/audit").await.assert_status(403);
    create_role(&ada, "Auditor", &["audit:read:*"]).await.assert_sees("The role Auditor is there");
    let role = path_of(&ada, "/roles", "Auditor").await;
    ada.page().assert_sees("nobody");
    let page = ada.get(&role).await;
    assert_eq!(ticked(&page), ["audit:read:*"]);
    give(&ada, "Grace", "role", &id(&role)).await.assert_sees("Access is changed");
    grace.get("/audit").await.assert_status(200);
    ada.get("/roles").await.assert_sees("1 person").assert_sees("Grace");
    let holders = format!("a[href$='/users?role={}']", id(&role));
    let people = ada.page().attribute(&holders, "href").expect("a link");
    assert_eq!(ada.get(&people).await.names(), ["Grace"]);
    set_permissions(&ada, &role, &["organization:read:*"]).await.assert_sees("is saved");
    grace.get("/audit").await.assert_status(403);
    grace.get("/settings").await.assert_status(200);
    let before = app.text("SELECT CAST(before AS text) FROM audit_events WHERE action = 'role.edited'");
    assert!(before.contains("audit:read:*") && !before.contains("description"), "{before}");
    assert_eq!(audited(&app, "role.edited"), 1);
}

#[actix_web::test]
async fn whoever_may_only_see_roles_sees_them_and_changes_nothing() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    let grace = ada.welcome("Grace", "User").await;
    let role = path_of(&grace, "/roles", "Administrator").await;
    let page = grace.page();
    assert!(page.attributes("a[href$='/roles/new']", "href").is_empty());
    grace.get(&role).await.assert_sees("Everything there is");
    let viewer = path_of(&grace, "/roles", "Viewer").await;
    let page = grace.get(&viewer).await.assert_sees("user:read:*");
    assert!(!page.has_button("Save role"));
    grace.post(&viewer, &[("name", "Mine"), ("permission", "user:read:*")]).await.assert_status(403);
    grace.post("/roles", &[("name", "Mine"), ("permission", "user:read:*")]).await.assert_status(403);
    grace.post(&format!("{viewer}/deletion"), &[]).await.assert_status(403);
    let vera = ada.welcome("Vera", "Viewer").await;
    vera.get("/roles").await.assert_status(403).assert_sees("role:read:*");
}

#[actix_web::test]
async fn nobody_makes_a_role_wider_than_themselves() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    app.role(ada.organization(), "Keeper", &["role:manage:*", "user:read:*", "team:read:*"]);
    app.role(ada.organization(), "Auditor", &["audit:read:*"]);
    let keeper = ada.welcome("Kim", "Keeper").await;
    for wide in ["audit:read:*", "user:manage:*", "team:manage:own"] {
        create_role(&keeper, "Mine", &["user:read:*", wide])
            .await
            .assert_status(422)
            .assert_sees("Nobody grants what they do not hold");
    }
    // Ticked boxes stay ticked after a refusal.
    assert_eq!(ticked(&keeper.page()), ["user:read:*", "team:manage:own"]);
    create_role(&keeper, "Mine", &["user:read:*"]).await.assert_sees("The role Mine is there");
    let mine = path_of(&keeper, "/roles", "Mine").await;
    set_permissions(&keeper, &mine, &["audit:read:*"])
        .await
        .assert_status(422)
        .assert_sees("Nobody grants what they do not hold");
    // The same rule holds for a copy. A permission that the caller does not hold may stay in a role that has it.
    let auditor = path_of(&keeper, "/roles", "Auditor").await;
    keeper.get(&format!("/roles/new?from={}", id(&auditor))).await.assert_status(200);
    keeper.submit("Create Role", &[]).await.assert_status(422);
    set_permissions(&keeper, &auditor, &["audit:read:*", "team:read:*"]).await.assert_sees("is saved");
    assert_eq!(app.count("SELECT count(*) FROM roles WHERE name = 'Auditor (copy)'"), 0);
    for strange in ["*:*:*", "user:fly:*", "user:read", "contract_data:read:*"] {
        create_role(&ada, "Strange", &[strange]).await.assert_status(422);
    }
}

#[actix_web::test]
async fn nobody_changes_their_own_access_by_the_role_they_hold() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    app.role(ada.organization(), "Keeper", &["role:manage:*", "user:read:*", "audit:read:*"]);
    let keeper = ada.welcome("Kim", "Keeper").await;
    let role = path_of(&keeper, "/roles", "Keeper").await;
    for permissions in [&["role:manage:*"][..], &["role:manage:*", "user:read:*"]] {
        set_permissions(&keeper, &role, permissions)
            .await
            .assert_status(422)
            .assert_sees("would change what you may do yourself");
    }
    keeper.get(&format!("{role}/deletion")).await.assert_status(422);
    keeper.post(&format!("{role}/deletion"), &[("name", "Keeper")]).await.assert_status(422);
    // A new name changes no permissions.
    keeper.get(&role).await;
    keeper.submit("Save role", &[("name", "Key keeper")]).await.assert_sees("is saved");
    // An administrator holds everything anyway, so they may edit another role that they hold.
    give(&ada, "Kim", "role", &id(&path_of(&ada, "/roles", "Viewer").await)).await;
    set_permissions(&ada, &role, &["role:manage:*"]).await.assert_sees("is saved");
    assert_eq!(audited(&app, "role.edited"), 2);
}

#[actix_web::test]
async fn nobody_takes_from_somebody_above_them() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    app.role(ada.organization(), "Keeper", &["role:manage:*", "user:read:*", "team:read:*"]);
    app.role(ada.organization(), "Reader", &["user:read:*", "team:read:*"]);
    let keeper = ada.welcome("Kim", "Keeper").await;
    ada.welcome("Grace", "Reader").await;
    let reader = path_of(&keeper, "/roles", "Reader").await;
    create_role(&ada, "Auditor", &["audit:read:*"]).await;
    let auditor = id(&path_of(&ada, "/roles", "Auditor").await);
    give(&ada, "Grace", "role", &auditor).await.assert_sees("Access is changed");
    set_permissions(&keeper, &reader, &["user:read:*"])
        .await
        .assert_status(422)
        .assert_sees("Grace holds it, and may do more than you: audit:read:*");
    keeper.get(&format!("{reader}/deletion")).await.assert_status(422);
    keeper.post(&format!("{reader}/deletion"), &[("name", "Reader")]).await.assert_status(422);
    ada.disable("Grace").await;
    // A disabled member with more permissions still counts.
    keeper.post(&format!("{reader}/deletion"), &[("name", "Reader")]).await.assert_status(422);
    ada.get(&format!("{reader}/deletion"))
        .await
        .assert_sees("team:read:*")
        .assert_sees("1 disabled person");
}

#[actix_web::test]
async fn deleting_says_first_who_loses_what_and_leaves_invitations_good() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    create_role(&ada, "Auditor", &["audit:read:*", "user:read:*"]).await;
    let role = path_of(&ada, "/roles", "Auditor").await;
    let grace = ada.welcome("Grace", "User").await;
    give(&ada, "Grace", "role", &id(&role)).await;
    ada.invite("linus@example.org", "Auditor").await.assert_sees("1 invited");
    let link = app.inbox("linus@example.org").link();
    ada.get(&format!("{role}/deletion"))
        .await
        .assert_sees("2 holders do without it")
        .assert_sees("1 of them invited")
        .assert_sees("1 of them holds no other role")
        .assert_sees("Grace : audit:read:*");
    ada.submit("Delete", &[("name", "Auditor")])
        .await
        .assert_path(&format!("/o/{}/roles", ada.organization()));
    grace.get("/audit").await.assert_status(403);
    grace.get("/users").await.assert_status(200);
    ada.get("/users?sort=roles").await.assert_misses("Auditor");
    assert_eq!(app.count("SELECT count(*) FROM members WHERE role_key LIKE '%auditor%'"), 0);
    let linus = app.visitor();
    linus.get(&link).await.assert_status(200);
    linus.submit("Join", &[("name", "Linus"), ("password", GOOD)]).await.assert_status(403);
    linus.get("/me").await.assert_status(200);
    // A new role with the same name is another role.
    create_role(&ada, "Auditor", &["audit:read:*"]).await;
    grace.get("/audit").await.assert_status(403);
}

#[actix_web::test]
async fn predefined_roles_stay_what_they_are_called_for() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    for name in ["Administrator", "Team Administrator", "SCIM"] {
        let path = path_of(&ada, "/roles", name).await;
        assert!(!ada.get(&path).await.has_button("Save role"), "{name}");
        let fields = [("version", "1"), ("name", "Other"), ("permission", "user:read:*")];
        ada.get("/roles/new").await;
        ada.post(&path, &fields).await.assert_status(422).assert_sees("cannot be changed");
        ada.get("/roles/new").await;
        ada.post(&format!("{path}/deletion"), &[("name", name)]).await.assert_status(422);
    }
    let viewer = path_of(&ada, "/roles", "Viewer").await;
    ada.get(&format!("{viewer}/deletion"))
        .await
        .assert_status(422)
        .assert_sees("Predefined roles cannot be deleted");
    ada.welcome("Vera", "Viewer").await;
    ada.get(&viewer).await;
    let page = send(&ada, "Save role", &["name", "permission"], &[("name", "Onlooker"), ("permission", "user:read:*")]).await;
    confirmed(&ada, page).await.assert_sees("is saved");
    assert_eq!(app.text("SELECT role_key FROM members WHERE name = 'Vera'"), "onlooker");
    ada.get("/roles/predefined")
        .await
        .assert_sees("Held by 1 person.")
        .assert_sees("Is called Viewer again")
        .assert_sees("Allows again: team:read:*");
    ada.submit("Reset the predefined roles", &[]).await.assert_sees("as Roster ships them");
    assert_eq!(app.text("SELECT role_key FROM members WHERE name = 'Vera'"), "viewer");
    assert_eq!(audited(&app, "role.reset"), 1);
    assert!(!ada.get("/roles/predefined").await.has_button("Reset"));
}

#[actix_web::test]
async fn names_are_nobody_elses_and_look_like_nobody_elses() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    create_role(&ada, "Auditor", &["audit:read:*"]).await;
    for taken in ["auditor", " AUDITOR ", "Ａｕｄｉｔｏｒ"] {
        create_role(&ada, taken, &["audit:read:*"])
            .await
            .assert_status(422)
            .assert_sees("of this name already");
    }
    for alike in ["administrator", "Аdministrator", "Users", "C.I.C.D."] {
        create_role(&ada, alike, &["audit:read:*"])
            .await
            .assert_status(422)
            .assert_sees("looks like the predefined role");
    }
    for hidden in ["Audit\u{200b}or", "\u{202e}rotidua", "", "   "] {
        create_role(&ada, hidden, &["audit:read:*"]).await.assert_status(422);
    }
    create_role(&ada, "Nothing", &[]).await.assert_status(422).assert_sees("at least one permission");
    assert_eq!(app.count("SELECT count(*) FROM roles"), 7);
}

#[actix_web::test]
async fn of_two_who_edit_one_role_the_second_sees_what_the_first_did() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    let helga = ada.welcome_administrator("Helga").await;
    create_role(&ada, "Auditor", &["audit:read:*"]).await;
    let role = path_of(&ada, "/roles", "Auditor").await;
    let open = |person: Person| {
        let role = role.clone();
        async move { person.get(&role).await }
    };
    open(ada.clone()).await;
    open(helga.clone()).await;
    ada.submit("Save role", &[("name", "Inspector")]).await.assert_sees("is saved");
    let page = send(&helga, "Save role", &[], &[("permission", "user:read:*")]).await.assert_status(409);
    let page = page.assert_sees("Somebody else saved this meanwhile").assert_sees("Inspector");
    assert_eq!(ticked(&page), ["user:read:*", "audit:read:*"]);
    assert_eq!(app.count("SELECT count(*) FROM role_permissions WHERE permission = 'user:read:*'"), 3);
    // Sending the form again confirms it.
    helga.submit("Save role", &[("name", "Inspector")]).await.assert_sees("is saved");
    let page = helga.get(&role).await;
    assert_eq!(ticked(&page), ["user:read:*", "audit:read:*"]);
}

#[actix_web::test]
async fn a_role_of_another_organization_is_not_there() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    let alan = app.another_organization("Bletchley", "Alan", None).await;
    create_role(&alan, "Codebreaker", &["user:read:*"]).await;
    let theirs = path_of(&alan, "/roles", "Codebreaker").await;
    ada.get("/roles").await.assert_misses("Codebreaker");
    for path in [
        theirs.clone(),
        format!("{theirs}/deletion"),
        format!("/roles/new?from={}", id(&theirs)),
    ] {
        ada.get(&path).await.assert_status(404);
    }
    ada.get("/roles/new").await;
    ada.post(&theirs, &[("version", "1"), ("name", "Mine"), ("permission", "user:read:*")])
        .await
        .assert_status(404);
    ada.get("/roles/new").await;
    ada.post(&format!("{theirs}/deletion"), &[]).await.assert_status(404);
    assert_eq!(app.count("SELECT count(*) FROM roles WHERE name = 'Codebreaker'"), 1);
}
