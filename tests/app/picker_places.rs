//! Pickers outside the forms for new members: bulk actions, mappings, filters, settings.

use crate::harness::{
    TestApp,
    connections::provider,
    pickers::{chosen, many_roles, many_teams, search, shown},
};

#[actix_web::test]
async fn one_of_many_is_searched_before_a_bulk_action_begins() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    let ids = many_teams(&ada).await;
    ada.welcome("Grace", "User").await;
    let grace = ada.member("Grace").await;
    let page = ada.get(&format!("/bulk?kind=user&act=join_team&member={grace}")).await.assert_status(200);
    assert_eq!(page.attributes("#team [type=radio]", "value").len(), 13);
    let button = "Add 1 person to a team";
    let page = search(&ada, button, "team", "lodz", &[("team", &ids[1])]).await.assert_status(200);
    assert_eq!(shown(&page, "team"), ["Crew 2", "Łódź harbour"]);
    assert_eq!(chosen(&page, button, "team"), [ids[1].clone()]);
    assert_eq!(app.count("SELECT count(*) FROM batches"), 0);
    ada.submit(button, &[("team", "")]).await.assert_status(422).assert_sees("Choose a team.");
    ada.submit(button, &[("team", &ids[12])]).await.assert_sees("added to the team Łódź harbour");
    // Few are a menu, as ever.
    let page = ada.get(&format!("/bulk?kind=user&act=add_role&member={grace}")).await;
    assert!(page.all(".picker").is_empty() && !page.all("select#role option").is_empty());
}

#[actix_web::test]
async fn connections_and_provisioning_search_what_new_people_get() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    let ids = many_teams(&ada).await;
    many_roles(&ada).await;
    app.wait(chrono::TimeDelta::minutes(16));
    ada.get("/settings/provisioning/new").await.assert_status(200);
    let typed = [("name", "Okta"), ("team", ids[2].as_str())];
    let page = search(&ada, "Create and show the token", "allowed_role", "duty 7", &typed).await.assert_status(200);
    assert_eq!(shown(&page, "allowed_role"), ["Duty 7"]);
    assert_eq!(shown(&page, "team")[0], "Crew 3");
    assert_eq!(page.attribute("#name", "value").as_deref(), Some("Okta"));
    ada.get("/settings/connections/new/oidc").await.assert_status(200);
    let typed = [
        ("name", "Acme"),
        ("client_secret", "a very secret secret"),
        ("team", ids[2].as_str()),
    ];
    let page = search(&ada, "Save draft", "team", "lodz", &typed).await.assert_status(200);
    assert_eq!(shown(&page, "team"), ["Crew 3", "Łódź harbour"]);
    assert!(!page.body.contains("a very secret secret"));
    assert_eq!(app.count("SELECT count(*) FROM provisioners"), 0);
    assert_eq!(app.count("SELECT count(*) FROM connections"), 0);
}

#[actix_web::test]
async fn the_menus_of_mappings_offer_what_matches_and_what_they_have() {
    let app = TestApp::start_with_providers().await;
    let ada = app.administrator("Ada").await;
    let ids = many_teams(&ada).await;
    let path = ada.create_connection("Acme", &provider()).await;
    ada.get(&format!("{path}/mappings")).await.assert_status(200);
    let harbour = format!("team:{}", ids[12]);
    let typed = [
        ("version", "1"),
        ("claim", "groups"),
        ("value", "dockers"),
        ("gives", harbour.as_str()),
        ("find_gives", "crew 1"),
        ("find", "gives"),
    ];
    let page = ada.post(&format!("{path}/mappings"), &typed).await.assert_status(200);
    let options = page.all("[aria-label='Gives, line 1'] option");
    assert_eq!(options, ["Choose…", "Łódź harbour", "Crew 1", "Crew 10", "Crew 11", "Crew 12"]);
    assert_eq!(page.all("[aria-label='Gives, line 2'] option").len(), 5);
    assert_eq!(page.attribute("[name=value]", "value").as_deref(), Some("dockers"));
    assert!(page.attribute("[name=find_gives]", "autofocus").is_some());
    // Nothing was saved.
    let page = ada.get(&format!("{path}/mappings")).await;
    assert_eq!(page.attributes("[name=value]", "value"), ["", "", ""]);
}

#[actix_web::test]
async fn a_filter_of_the_directory_has_a_page_for_many_choices() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    let ids = many_teams(&ada).await;
    ada.welcome("Grace", "User").await;
    ada.add_to_team(&ids[12], "Grace").await;
    // The list carries a dozen of them, and those that are chosen.
    let page = ada.get(&format!("/users?team={}&q=gr", ids[12])).await;
    assert_eq!(page.names(), ["Grace"]);
    let boxes = page.attributes("#filter-team input", "value");
    assert_eq!((boxes.len(), &boxes[0]), (12, &ids[12]));
    assert_eq!(page.all("#filter-team button[data-choices]"), ["Search all 13…"]);
    assert!(page.all("#filter-role [data-choices]").is_empty());
    let search = page.attribute("#filter-team [data-choices]", "formaction").expect("a page");
    let page = ada
        .get(&format!("{search}?q=gr&team={}&find_team=crew+1&find=team", ids[12]))
        .await
        .assert_status(200);
    assert_eq!(shown(&page, "team"), ["Łódź harbour", "Crew 1", "Crew 10", "Crew 11", "Crew 12"]);
    let (action, fields) = page.form("Show the list");
    let query: Vec<(String, String)> = fields.into_iter().chain([("show".into(), "1".into()), ("team".into(), ids[0].clone())]).collect();
    let page = ada.get(&format!("{action}?{}", serde_html_form::to_string(&query).expect("a query"))).await;
    assert!(page.path.starts_with(&ada.get("/users").await.path), "{}", page.path);
    assert!(
        page.path.contains("q=gr") && page.path.contains(&ids[0]) && page.path.contains(&ids[12]),
        "{}",
        page.path
    );
    assert!(!page.path.contains("find"), "{}", page.path);
    ada.get("/users/filters/shoe_size").await.assert_status(404);
    // Who may not see policies finds none there.
    let viewer = ada.welcome("Vera", "Viewer").await;
    assert!(viewer.get("/users/filters/policy").await.assert_status(200).all("label.choice").is_empty());
    viewer.get("/system-accounts/filters/team").await.assert_status(403);
}

#[actix_web::test]
async fn a_break_glass_administrator_is_found_among_many() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    for number in 1..=12 {
        ada.welcome_administrator(&format!("Deputy {number}")).await;
    }
    let eleventh = ada.member("Deputy 11").await;
    let path = "/settings/connections/requirement";
    let page = ada.get(path).await.assert_status(200);
    assert_eq!(page.attributes("[name=member][type=radio]", "value").len(), 13);
    let page = search(&ada, "Name them", "member", "deputy 1", &[("member", &eleventh)]).await.assert_status(200);
    assert_eq!(shown(&page, "member"), ["Deputy 11", "Deputy 1", "Deputy 10", "Deputy 12"]);
    assert_eq!(chosen(&page, "Name them", "member"), [eleventh]);
    assert_eq!(app.count("SELECT count(*) FROM audit_events WHERE action = 'break_glass.added'"), 0);
    // The chosen one is named then, or refused like anyone without a second factor.
    ada.submit("Name them", &[]).await.assert_status(422).assert_sees("second factor");
}
