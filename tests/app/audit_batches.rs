//! How the Audit Log shows bulk actions, and what its sentences name.

use crate::{
    audit::told,
    harness::{TestApp, large_organizations},
};

#[actix_web::test]
async fn a_bulk_action_is_one_line_that_unfolds() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    large_organizations::gather(&app, 300);
    ada.get("/bulk?kind=user&act=disable&all=1&query=%3Ftab%3Dactive%26q%3Dperson").await;
    ada.submit("Disable", &[]).await;
    app.work();
    let done = app.count("SELECT done FROM batches");
    let events = |which: &str| app.count(&format!("SELECT count(*) FROM audit_events WHERE action = 'member.disabled' AND {which}"));
    let disabled = events("batch_id = (SELECT id FROM batches)");
    assert_eq!(done, disabled);
    let page = ada.get("/audit").await;
    let line = format!("Ada began a bulk action: Disable {done} people {done} done");
    assert_eq!(told(&page)[0], line);
    assert!(told(&page).iter().skip(1).all(|line| !line.contains("disabled Person")), "{:?}", told(&page));
    // The row unfolds. It links to all of its events, and to the result for each member.
    assert_eq!(page.all(".events li:first-child .points li").len(), 10);
    let all = ada.get(&page.link("Every event of it")).await;
    assert!(told(&all)[0].starts_with("Ada disabled Person"), "{:?}", told(&all)[0]);
    ada.get(&page.link("What became of each")).await.assert_sees("people disabled");
    // A filter by action finds the event of each member.
    let one = ada.get("/audit?what=member.disabled").await;
    assert_eq!(told(&one).len(), 50);
    let single = ada.get("/audit?how=one").await;
    assert!(told(&single).iter().all(|line| !line.contains("bulk")), "{:?}", told(&single));
    assert_eq!(told(&ada.get("/audit?how=bulk").await), [line]);
    // The exported file contains every event.
    let csv = ada.get("/audit/export").await.body;
    let lines = |csv: &str| i64::try_from(csv.matches(",member.disabled,").count()).expect("a number");
    assert_eq!(lines(&csv), events("1 = 1"));
    assert_eq!(lines(&ada.get("/audit/export?how=one").await.body), events("batch_id IS NULL"));
    assert_eq!(lines(&ada.get("/audit/export?how=bulk").await.body), events("batch_id IS NOT NULL"));
}

#[actix_web::test]
async fn sentences_name_the_role_the_team_the_policy_and_the_day() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    ada.welcome("Linus", "User").await;
    let organization = ada.organization();
    app.role(organization, "Auditor", &["audit:read:*"]);
    let team = ada.create_team("Platform").await;
    ada.add_to_team(&team, "Linus").await;
    let id = ada.member("Linus").await;
    let page = ada.get(&format!("/users/{id}/roles")).await;
    let at = page
        .all(".grant .choice > span > span")
        .iter()
        .position(|name| name == "Auditor")
        .expect("the role");
    let role = page.attributes(".grant input[name=role]", "value")[at].clone();
    let (action, mut form) = page.form("Save access");
    form.push(("role".into(), role.clone()));
    ada.post_raw(&action, &form).await.assert_sees("Access is changed");
    // Another end date is not a second role.
    let page = ada.get(&format!("/users/{id}/roles")).await;
    let listed = page.attributes(".grant input[name=role]", "value");
    let at = listed.iter().position(|known| *known == role).expect("the role");
    let (action, mut form) = page.form("Save access");
    let day = form.iter_mut().filter(|field| field.0 == "until").nth(at).expect("its last day");
    day.1 = "2026-12-05".into();
    ada.post_raw(&action, &form).await.assert_sees("Access is changed");
    let page = ada.get(&format!("/audit?target={id}")).await;
    assert_eq!(
        told(&page)[..3],
        [
            "Ada made the role Auditor of Linus end on 5 Dec 2026",
            "Ada gave Linus the role Auditor",
            "Ada added Linus to the team Platform",
        ]
    );
    assert!(
        page.all(".changes tr").contains(&"Until empty 5 Dec 2026".to_owned()),
        "{:?}",
        page.all(".changes tr")
    );
    // The exact time is visible, not only in a tooltip. The actions to choose from are grouped.
    assert!(page.all(".when .exact")[0].ends_with("UTC"));
    assert!(page.attributes("optgroup", "label").len() > 5);
    // An event keeps the name that the role had then.
    app.execute("DELETE FROM roles WHERE name = 'Auditor'");
    assert_eq!(told(&ada.get(&format!("/audit?target={id}")).await)[1], "Ada gave Linus the role Auditor");
}
