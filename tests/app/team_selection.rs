//! Ticked rows on the page of a team: what is done to several members at once, and the way back.

use crate::harness::{GOOD, Page, Person, TestApp};

/// A team of Grace, Linus, Mary, Ada and the system account deploy.
async fn platform(ada: &Person) -> String {
    let team = ada.create_team("Platform").await;
    for name in ["Grace", "Linus", "Mary"] {
        ada.welcome(name, "User").await;
        ada.add_to_team(&team, name).await;
    }
    ada.add_to_team(&team, "Ada").await;
    let robot = ada.create_system_account("deploy", "CI/CD").await;
    ada.get(&format!("/teams/{team}/members/new?kind=system_account")).await;
    ada.post(&format!("/teams/{team}/members?kind=system_account"), &[("member", &robot)])
        .await
        .assert_sees("deploy is in Platform now");
    team
}

/// Ticks these members on the page of a team and goes where a button of its bar leads.
async fn tick(person: &Person, team: &str, names: &[&str], to: &str) -> Page {
    let page = person.get(&format!("/teams/{team}")).await.assert_status(200);
    let tick = |name: &&str| {
        let id = page.attribute(&format!("tbody [form=bulk][aria-label='Select {name}']"), "value");
        ("member", id.unwrap_or_else(|| panic!("{name} cannot be ticked: {}", page.text())))
    };
    let back = page.attribute("#bulk [name=back]", "value").expect("a way back");
    let pairs: Vec<_> = names.iter().map(tick).chain([("back", back)]).collect();
    let glue = if to.contains('?') { '&' } else { '?' };
    let query = serde_html_form::to_string(pairs).expect("a query");
    person.get(&format!("/teams/{team}/{to}{glue}{query}")).await
}

fn names(page: &Page) -> Vec<String> {
    page.all("td.c-name .line a")
}

#[actix_web::test]
async fn several_are_taken_out_at_once_and_put_back() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    let team = platform(&ada).await;
    let page = tick(&ada, &team, &["Grace", "Linus", "deploy"], "members/deletion").await.assert_status(200);
    assert_eq!(page.all("h1"), ["Take 2 people and 1 system account out of the team Platform?"]);
    assert_eq!(page.all(".names .tag"), ["Grace", "Linus", "deploy"]);
    // Nothing is done before somebody confirms.
    assert_eq!(names(&ada.get(&format!("/teams/{team}")).await).len(), 5);
    tick(&ada, &team, &["Grace", "Linus", "deploy"], "members/deletion").await;
    let page = ada
        .submit("Take 2 people", &[])
        .await
        .assert_sees("2 people and 1 system account are not in Platform any more.");
    assert!(page.path.ends_with(&format!("/teams/{team}")), "{}", page.path);
    assert_eq!(names(&page), ["Ada", "Mary"]);
    let page = ada.submit("Undo", &[]).await.assert_sees("2 people and 1 system account are in Platform now.");
    assert_eq!(names(&page), ["Ada", "deploy", "Grace", "Linus", "Mary"]);
    // One kind alone, and one alone.
    tick(&ada, &team, &["deploy"], "members/deletion").await;
    ada.submit("Take 1 system account", &[]).await.assert_sees("deploy is not in Platform any more.");
    assert_eq!(names(&ada.submit("Undo", &[]).await).len(), 5);
}

#[actix_web::test]
async fn several_become_team_administrators_and_ordinary_members_again() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    let team = platform(&ada).await;
    let page = tick(&ada, &team, &["Grace", "Mary", "deploy"], "members/administration").await;
    assert_eq!(page.all("h1"), ["Make 2 people team administrators?"]);
    assert_eq!(page.all(".left-out li"), ["deploy . Only people run teams."]);
    // It gives rights, so the sender proves who they are; whom they chose is still there then.
    app.wait(chrono::TimeDelta::minutes(16));
    ada.submit("Make 2 people", &[]).await;
    let page = ada.submit("Continue", &[("password", GOOD)]).await.assert_status(200);
    assert_eq!(page.all(".names .tag"), ["Grace", "Mary"]);
    let page = ada.submit("Make 2 people", &[]).await.assert_sees("2 people administer Platform.");
    assert_eq!(page.all(".tag.privileged").len(), 2);
    let page = tick(&ada, &team, &["Grace", "Linus"], "members/administration/deletion").await;
    assert_eq!(page.all(".left-out li"), ["Linus . It is so already."]);
    ada.submit("Remove 1 person", &[]).await.assert_sees("Grace is an ordinary member of Platform.");
    let page = ada.submit("Undo", &[]).await.assert_sees("Grace administers Platform.");
    assert_eq!(page.all(".tag.privileged").len(), 2);
    // Anyone who administers the team is not taken out with the others.
    let page = tick(&ada, &team, &["Grace", "Linus"], "members/deletion").await;
    assert_eq!(page.all(".names .tag"), ["Linus"]);
    page.assert_sees("They are an administrator of this team.");
}

#[actix_web::test]
async fn what_the_directory_does_to_many_leads_back_to_the_team() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    let team = platform(&ada).await;
    let page = tick(&ada, &team, &["Grace", "Linus"], "bulk?act=disable").await.assert_status(200);
    assert_eq!(page.all("h1"), ["Disable 2 people?"]);
    assert_eq!(page.all(".breadcrumb"), ["Team"]);
    assert!(page.link("Cancel").ends_with(&format!("/teams/{team}")));
    let page = ada.submit("Disable 2 people", &[]).await.assert_sees("2 people disabled.");
    assert!(page.path.ends_with(&format!("/teams/{team}")), "{}", page.path);
    let page = ada.submit("Undo", &[]).await.assert_sees("2 people enabled.");
    assert!(page.path.ends_with(&format!("/teams/{team}")), "{}", page.path);
    // The search of the page stays.
    let page = ada.get(&format!("/teams/{team}?q=lin")).await;
    let (id, back) = (page.attribute("tbody [form=bulk]", "value"), page.attribute("#bulk [name=back]", "value"));
    let (id, back) = (id.expect("a row"), back.expect("a way back"));
    assert!(back.ends_with("?q=lin"), "{back}");
    let query = serde_html_form::to_string([("act", "end_sessions"), ("member", &id), ("back", &back)]).expect("a query");
    ada.get(&format!("/teams/{team}/bulk?{query}")).await.assert_sees("End the sessions of 1 person?");
    assert!(ada.submit("End the sessions", &[]).await.path.ends_with("?q=lin"));
    // Where somebody is left out, the page that says so leads back as well.
    let (grace, me) = (ada.member("Grace").await, ada.member("Ada").await);
    let query = serde_html_form::to_string([("act", "disable"), ("member", &grace), ("member", &me), ("back", &back)]).expect("a query");
    ada.get(&format!("/teams/{team}/bulk?{query}")).await.assert_sees("Left out");
    let page = ada.submit("Disable 1 person", &[]).await;
    assert!(page.path.contains("/batches/"), "{}", page.path);
    assert_eq!(page.link("Back to the team"), back);
    let page = ada.get(&page.link("Left out")).await;
    assert_eq!(page.link("Back to the team"), back);
    ada.submit("Undo", &[]).await.assert_sees("enabled");
    // System accounts have their own; both at once have none.
    tick(&ada, &team, &["deploy"], "bulk?act=disable").await.assert_sees("Disable 1 system account?");
    let page = tick(&ada, &team, &["deploy", "Grace"], "bulk?act=disable").await;
    assert!(page.path.ends_with(&format!("/teams/{team}")), "{}", page.path);
    page.assert_sees("Tick one kind only.");
    for to in ["bulk?act=disable", "members/deletion", "members/administration"] {
        tick(&ada, &team, &[], to).await.assert_sees("Nobody was chosen.");
    }
    ada.get(&format!("/teams/{team}/bulk?act=obliterate")).await.assert_status(400);
    // A way back that leads elsewhere is none.
    let query = serde_html_form::to_string([("act", "disable"), ("member", &id), ("back", "https://evil.example/")]).expect("a query");
    let page = ada.get(&format!("/teams/{team}/bulk?{query}")).await;
    assert!(page.link("Cancel").ends_with(&format!("/teams/{team}")));
}

#[actix_web::test]
async fn the_bar_offers_what_the_caller_may_do() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    let team = platform(&ada).await;
    let page = ada.get(&format!("/teams/{team}")).await;
    assert_eq!(page.attributes("tbody [form=bulk]", "value").len(), 5);
    assert!(page.attribute("[aria-label='Select Ada'][disabled]", "title").is_some());
    let bar = page.all("#bulk > button");
    assert_eq!(
        bar,
        [
            "Take out of the team",
            "Make team administrator",
            "Make ordinary member",
            "More",
            "Delete"
        ]
    );
    assert_eq!(page.all("#bulk-more .item:not(.narrow)")[..4], ["Disable", "Enable", "Add role", "Remove role"]);
    let (action, fields) = page.form("Make Grace team administrator");
    ada.post_raw(&action, &fields).await;
    // A team administrator takes people out, and no more.
    let grace = app.visitor();
    grace.sign_in("grace@example.org", GOOD).await;
    let page = grace.get(&format!("/teams/{team}")).await;
    assert_eq!(page.all("#bulk button"), ["Take out of the team"]);
    let ticked: Vec<String> = page.attributes("tbody [form=bulk]:not([disabled])", "aria-label");
    assert_eq!(ticked, ["Select Ada", "Select Linus", "Select Mary"]);
    tick(&grace, &team, &["Linus", "Mary"], "members/deletion").await;
    grace.submit("Take 2 people", &[]).await.assert_sees("2 people are not in Platform any more.");
    tick(&grace, &team, &["Ada"], "members/administration").await.assert_status(403);
    tick(&grace, &team, &["Ada"], "bulk?act=disable").await.assert_status(403);
    let robot = ada.account("deploy").await;
    grace.get(&format!("/teams/{team}/members/deletion?member={robot}")).await.assert_status(403);
    // Others see no boxes.
    let linus = app.visitor();
    linus.sign_in("linus@example.org", GOOD).await;
    let page = linus.get(&format!("/teams/{team}")).await.assert_status(200);
    assert!(page.all(".pick").is_empty() && page.all("#bulk").is_empty());
    let ada_id = ada.member("Ada").await;
    linus.get(&format!("/teams/{team}/members/deletion?member={ada_id}")).await.assert_status(403);
}
