//! Pickers without a script: a button that only searches among many roles, teams and policies. What is chosen stays and
//! stands first, what was typed stays, and nothing is saved.

use crate::harness::{
    GOOD, Page, TestApp,
    pickers::{chosen, many_roles, many_teams, search, shown},
    rights::{create_policy, create_role, declare, send},
};

#[actix_web::test]
async fn a_dozen_stand_as_they_are_and_one_more_is_searched() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    let ids = many_teams(&ada).await;
    let page = ada.get("/invitations/new").await;
    assert_eq!(page.all(".picker .picked"), ["0 of 13 chosen"]);
    // Roles are few.
    assert!(shown(&page, "role").is_empty() && !page.all("#roles label.choice").is_empty());
    ada.get(&format!("/teams/{}/deletion", ids[0])).await;
    ada.submit("Delete Crew 1", &[("name", "Crew 1")]).await.assert_sees("is deleted");
    let page = ada.get("/invitations/new").await;
    assert!(page.all(".picker").is_empty(), "{}", page.text());
    assert_eq!(page.attributes("input[name=team]", "value").len(), 12);
}

#[actix_web::test]
async fn searching_on_the_form_of_invitations_keeps_what_is_chosen_and_sends_nothing() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    let ids = many_teams(&ada).await;
    let before = app.count("SELECT count(*) FROM audit_events");
    ada.get("/invitations/new").await;
    let typed = [
        ("addresses", "kay@example.org"),
        ("message", "Welcome aboard"),
        ("team", ids[4].as_str()),
    ];
    let page = search(&ada, "Send invitations", "team", "HARBOUR lodz", &typed).await.assert_status(200);
    assert_eq!(shown(&page, "team"), ["Crew 5", "Łódź harbour"]);
    assert_eq!(page.all(".picker .picked"), ["1 of 13 chosen"]);
    assert_eq!(chosen(&page, "Send invitations", "team"), [ids[4].clone()]);
    assert_eq!(page.attribute("[name=find_team]", "value").as_deref(), Some("HARBOUR lodz"));
    assert!(page.attribute("[name=find_team]", "autofocus").is_some());
    let (_, fields) = page.form("Send invitations");
    for (name, value) in typed {
        assert!(fields.contains(&(name.into(), value.into())), "{name}: {fields:?}");
    }
    // What is chosen now and what was chosen before are both kept when the next is searched for.
    let page = send(
        &ada,
        "Send invitations",
        &["find_team"],
        &[("find", "team"), ("find_team", "nothing like it"), ("team", &ids[12])],
    )
    .await;
    assert_eq!(shown(&page, "team"), ["Crew 5", "Łódź harbour"]);
    page.assert_sees("None of the teams matches.");
    assert_eq!(app.count("SELECT count(*) FROM audit_events"), before);
    assert_eq!(app.count("SELECT count(*) FROM invitations"), 0);
    // The main button does what it always did, whatever stands in the search.
    ada.submit("Send invitations", &[]).await.assert_sees("kay@example.org");
    assert_eq!(app.count("SELECT count(*) FROM team_members"), 2);
}

#[actix_web::test]
async fn what_is_not_there_is_answered_as_without_a_search() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    many_teams(&ada).await;
    let nobody = uuid::Uuid::from_u128(7).to_string();
    ada.get("/invitations/new").await;
    let typed = [("addresses", "kay@example.org"), ("team", nobody.as_str())];
    let gone = "does not exist any more. Choose again.";
    search(&ada, "Send invitations", "team", "crew", &typed).await.assert_status(422).assert_sees(gone);
    ada.get("/invitations/new").await;
    ada.submit("Send invitations", &typed).await.assert_status(422).assert_sees(gone);
    // A field of no picker is no field.
    ada.get("/invitations/new").await;
    send(&ada, "Send invitations", &[], &[("finder", "x")]).await.assert_status(400);
    ada.get("/teams/new").await;
    send(&ada, "Create Team", &[], &[("find", "team")]).await.assert_status(400);
    assert_eq!(app.count("SELECT count(*) FROM invitations"), 0);
}

#[actix_web::test]
async fn a_new_person_is_not_created_by_searching_and_no_password_comes_back() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    let ids = many_teams(&ada).await;
    many_roles(&ada).await;
    let before = app.count("SELECT count(*) FROM members");
    ada.get("/users/new").await;
    let typed = [
        ("email", "kay@example.org"),
        ("first_name", "Kay"),
        ("status", "disabled"),
        ("choice", "typed"),
        ("password", "a violet otter climbs"),
        ("team", ids[12].as_str()),
    ];
    let page = search(&ada, "Create User", "role", "duty 12", &typed).await.assert_status(200);
    // The preselected role is chosen, and stands first.
    assert_eq!(shown(&page, "role"), ["User", "Duty 12"]);
    // The other picker is as it was: its chosen one first.
    assert_eq!(shown(&page, "team")[0], "Łódź harbour");
    assert_eq!(shown(&page, "team").len(), 13);
    assert!(!page.body.contains("violet otter"), "a password is echoed");
    let (_, fields) = page.form("Create User");
    for (name, value) in typed.iter().filter(|(name, _)| *name != "password") {
        assert!(fields.contains(&((*name).into(), (*value).into())), "{name}: {fields:?}");
    }
    assert_eq!(app.count("SELECT count(*) FROM members"), before);
}

#[actix_web::test]
async fn a_new_system_account_searches_without_being_asked_who_one_is() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    let ids = many_teams(&ada).await;
    ada.get("/system-accounts/new").await;
    app.wait(chrono::TimeDelta::minutes(16));
    let typed = [("name", "deploy"), ("team", ids[0].as_str())];
    let page = search(&ada, "Create System Account", "team", "crew 12", &typed).await.assert_status(200);
    assert_eq!(shown(&page, "team"), ["Crew 1", "Crew 12"]);
    assert_eq!(app.count("SELECT count(*) FROM members WHERE kind = 'system_account'"), 0);
    // What is kept while somebody proves who they are holds no search.
    ada.submit("Create System Account", &[]).await;
    let page = ada.submit("Continue", &[("password", GOOD)]).await.assert_status(200);
    assert_eq!(page.attribute("#name", "value").as_deref(), Some("deploy"));
    assert_eq!(chosen(&page, "Create System Account", "team"), [ids[0].clone()]);
}

#[actix_web::test]
async fn the_access_tab_searches_roles_with_their_ends_teams_and_policies() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    let ids = many_teams(&ada).await;
    many_roles(&ada).await;
    declare(&ada, "contract", "read, sign").await;
    for number in 1..=13 {
        create_policy(&ada, &format!("Shelf {number}"), ("contract", &["read"], "*")).await;
    }
    ada.welcome("Grace", "User").await;
    let grace = ada.member("Grace").await;
    let path = format!("/users/{grace}/roles");
    let page = ada.get(&path).await.assert_status(200);
    let duty = |page: &Page, name: &str| -> String {
        let rows = page.all("#roles .grant label > span > span");
        let at = rows.iter().position(|row| row == name).unwrap_or_else(|| panic!("no {name} among {rows:?}"));
        page.attributes("#roles .grant [name=listed]", "value")[at].clone()
    };
    let (listed, third) = (page.attributes("#roles [name=listed]", "value"), duty(&page, "Duty 3"));
    assert_eq!(shown(&page, "role")[0], "User");
    // Each of the offered roles comes with its end: a day for one that is ticked now.
    let (action, mut fields) = page.form("Save access");
    let mut untils = 0;
    for (name, value) in &mut fields {
        if name == "until" {
            if listed[untils] == third {
                *value = "2199-01-31".into();
            }
            untils += 1;
        }
    }
    let more = [("role", third.as_str()), ("team", &ids[12]), ("find", "role")];
    fields.retain(|(name, _)| name != "find_role");
    fields.extend(more.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
    fields.push(("find_role".into(), "duty 1".into()));
    let events = app.count("SELECT count(*) FROM audit_events");
    let page = ada.post_raw(&action, &fields).await.assert_status(200);
    let expected = ["User", "Duty 3", "Duty 1", "Duty 10", "Duty 11", "Duty 12"];
    assert_eq!(shown(&page, "role"), expected);
    let at = page
        .attributes("#roles [name=listed]", "value")
        .iter()
        .position(|id| *id == third)
        .expect("it is listed");
    assert_eq!(page.attributes("#roles [name=until]", "value")[at], "2199-01-31");
    assert_eq!(shown(&page, "team")[0], "Łódź harbour");
    // Then among the policies; all else stays.
    let page = search(&ada, "Save access", "policy", "SHELF 13", &[]).await.assert_status(200);
    assert_eq!(shown(&page, "policy"), ["Shelf 13"]);
    assert_eq!(shown(&page, "role"), expected);
    assert_eq!(app.count("SELECT count(*) FROM audit_events"), events);
    // Saved with the search still there: what was not shown was not taken away, nor given.
    let policy = page.attribute("[name=policy]", "value").expect("a policy");
    let page = send(&ada, "Save access", &[], &[("policy", &policy)]).await;
    let page = if page.text().contains("Look it over") {
        ada.submit("Confirm and save", &[]).await
    } else {
        page
    };
    page.assert_sees("Access is changed");
    let of_grace = |table: &str| app.count(&format!("SELECT count(*) FROM {table}"));
    assert_eq!((of_grace("member_policies"), of_grace("team_members")), (1, 1));
    assert_eq!(app.count("SELECT count(*) FROM member_roles WHERE until_at IS NOT NULL"), 1);
    // What is no id is no form.
    ada.get(&path).await;
    search(&ada, "Save access", "role", "x", &[("team", "crew")]).await.assert_status(400);
}

#[actix_web::test]
async fn an_import_searches_and_says_that_the_file_is_to_be_chosen_again() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    let ids = many_teams(&ada).await;
    let more = [("find", "team"), ("find_team", "lodz"), ("team", ids[0].as_str()), ("text", "")];
    let page = ada.import_with("create", &more, "email\nkay@example.org\n").await.assert_status(200);
    assert_eq!(shown(&page, "team"), ["Crew 1", "Łódź harbour"]);
    let page = page.assert_sees("Choose the file again");
    assert!(page.form("Look at the lines").1.contains(&("way".into(), "create".into())));
    assert_eq!(app.count("SELECT count(*) FROM batches"), 0);
    let more = [("find", "team"), ("find_team", "lodz"), ("text", "email\nkay@example.org\n")];
    let page = ada.import_with("invite", &more, "").await.assert_status(200).assert_misses("Choose the file again");
    assert!(page.all("#text")[0].contains("kay@example.org"));
}

#[actix_web::test]
async fn who_may_not_give_a_role_is_told_so_among_many() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    many_roles(&ada).await;
    create_role(&ada, "Inviter", &["user:invite:*", "user:read:*"]).await;
    create_role(&ada, "Accountant", &["audit:read:*"]).await;
    let kay = ada.welcome("Kay", "Inviter").await;
    kay.get("/invitations/new").await.assert_status(200);
    let page = search(&kay, "Send invitations", "role", "accountant", &[]).await.assert_status(200);
    let row = page.all("#roles label.choice:has([disabled])");
    assert_eq!(
        row.last().map(String::as_str),
        Some("Accountant It allows more than you may do, so you cannot give it")
    );
}
