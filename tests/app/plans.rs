//! The engines' plans for the program's statements with many people: by index, never a scan of a large table.

use crate::harness::{
    BETTER, GOOD, Person, TestApp, assert_none, is_postgres,
    large_organizations::gather,
    plans::{explain, record, taken},
};
use chrono::TimeDelta;
use roster::db::renew_statistics;
use std::collections::BTreeMap;

/// Tables that grow with the number of people and with time.
const LARGE: [&str; 14] = [
    "audit_events",
    "invitations",
    "links",
    "member_policies",
    "member_roles",
    "members",
    "outbox",
    "passwords",
    "sessions",
    "sign_ins",
    "team_members",
    "throttles",
    "user_names",
    "users",
];

/// Eight organizations of 2500 people, like a real deployment. With few people, engines rightly prefer to scan.
pub async fn crowded() -> (TestApp, Person) {
    gathered(8, 2_500).await
}

async fn gathered(organizations: u32, people: u32) -> (TestApp, Person) {
    record();
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    for number in 2..=organizations {
        app.another_organization(&format!("Number {number}"), &format!("Ada {number}"), None).await;
    }
    gather(&app, people);
    app.wait(TimeDelta::minutes(1));
    taken();
    (app, ada)
}

/// Whether a plan scans a large table.
pub fn scans(plan: &[String]) -> bool {
    plan.iter().any(|line| {
        let table = if is_postgres() {
            line.split_once("Seq Scan on ").map(|(_, rest)| rest)
        } else {
            line.trim_start().strip_prefix("SCAN ")
        };
        table.and_then(|rest| rest.split_whitespace().next()).is_some_and(|table| LARGE.contains(&table))
    })
}

/// Whether a statement stops after as many rows as a page looks through. Where most rows match, PostgreSQL rightly reads them
/// in the order in which they lie.
pub fn is_bounded(statement: &str) -> bool {
    is_postgres() && (statement.contains("FROM counted GROUP BY value") || statement.ends_with("OFFSET 3000"))
}

/// Whether a plan gathers many rows and sorts them. PostgreSQL rightly sorts the few rows that it expects after a
/// cursor.
pub fn sorts(plan: &[String]) -> bool {
    let rows = |line: &str| -> Option<i64> { line.split_once("Sort  (")?.1.split_once("rows=")?.1.split(' ').next()?.parse().ok() };
    plan.iter()
        .any(|line| line.contains("USE TEMP B-TREE FOR") || rows(line).is_some_and(|rows| rows > 100))
}

/// Whether the plan of a statement may depend on its values: a page of the list, or its counts.
fn is_list(statement: &str) -> bool {
    statement.contains("ORDER BY") && statement.contains("LIMIT") && statement.contains("name_key")
        || statement.contains("GROUP BY")
        || statement.contains("audit_events")
}

/// The statements that ran, each shape once; but lists once for every set of values.
#[derive(Default)]
pub struct Seen(BTreeMap<String, (String, String)>);

impl Seen {
    pub fn note(&mut self, what: &str) {
        for statement in taken() {
            // The harness itself runs this one to count the traces of a change.
            if statement.shape.contains("(SELECT count(*) FROM audit_events)") {
                continue;
            }
            let key = if is_list(&statement.shape) {
                statement.typed.clone()
            } else {
                statement.shape
            };
            self.0.entry(key).or_insert_with(|| (statement.typed, what.to_owned()));
        }
    }

    /// Asks for the plans as in a new database, and with the statistics that the program gathers from time to time.
    /// PostgreSQL gathers them by itself, and a crowded database of it has them here from the beginning.
    pub fn assert_good(&self, app: &TestApp, is_bad: impl Fn(&str, &str, &[String]) -> bool) {
        let mut wrong = Vec::new();
        let rounds: &[bool] = if is_postgres() { &[true] } else { &[false, true] };
        for with_statistics in rounds {
            if *with_statistics {
                app.db.write_here(renew_statistics).expect("statistics");
            }
            for (statement, what) in self.0.values() {
                let plan = explain(&app.db, statement);
                if is_bad(statement, what, &plan) {
                    let knows = if *with_statistics { "with" } else { "without" };
                    wrong.push(format!("{what}, {knows} statistics\n    {statement}\n      {}", plan.join("\n      ")));
                }
            }
        }
        assert_none(&format!("plans among {}", self.0.len()), wrong);
    }
}

/// Checks that the test would notice a bad plan.
fn assert_sees_bad_plans(app: &TestApp) {
    let plan = explain(&app.db, "SELECT name FROM members WHERE title <> 'x' ORDER BY title");
    assert!(scans(&plan) && sorts(&plan), "{plan:?}");
    let inner = "SELECT status FROM members WHERE id IN (SELECT member_id FROM sign_ins WHERE address = '')";
    let plan = explain(&app.db, inner);
    assert!(scans(&plan), "{plan:?}");
}

#[actix_web::test]
async fn every_list_walks_along_an_index_whatever_it_is_sorted_by() {
    let (app, ada) = crowded().await;
    assert_sees_bad_plans(&app);
    let mut seen = Seen::default();
    for tab in ["current", "active", "invited", "disabled"] {
        for sort in ["name", "status", "roles", "teams", "provider", "last_sign_in", "last_api_use"] {
            for direction in ["asc", "desc"] {
                let address = format!("/users?tab={tab}&sort={sort}&dir={direction}&per=25");
                let page = ada.get(&address).await.assert_status(200);
                let page = ada.get(&page.attribute("a[rel=next]", "href").expect("another page")).await.assert_status(200);
                // Backwards in one direction is forwards in the other, so trying it for one column is enough.
                if sort == "name" {
                    ada.get(&page.attribute("a[rel=prev]", "href").expect("a page before")).await.assert_status(200);
                    let last = ada.get(&format!("{address}&last=1")).await.assert_status(200);
                    ada.get(&last.attribute("a[rel=prev]", "href").expect("a page before")).await.assert_status(200);
                }
                seen.note(&format!("{tab} by {sort} {direction}"));
            }
        }
    }
    assert!(seen.0.len() > 100, "only {} statements were seen", seen.0.len());
    seen.assert_good(&app, |statement, what, plan| {
        // Invited members are few: the plan finds them by status and then sorts.
        let is_gathered = what.starts_with("invited by") && !what.starts_with("invited by name");
        let is_page = is_list(statement) && statement.contains("LIMIT");
        scans(plan) || is_page && !is_gathered && sorts(plan)
    });
}

/// The paths of every filter on every tab, and of its last page.
async fn filtered(ada: &Person) -> Vec<String> {
    let page = ada.get("/users").await;
    let choice = |name: &str| page.attribute(&format!("input[name={name}]"), "value").unwrap_or_else(|| panic!("no {name}"));
    let filters = ["role", "team", "policy"].map(|name| format!("{name}={}", choice(name)));
    let several = filters.join("&");
    let others = [
        "provider=saml",
        "seen=never",
        "seen=30",
        "seen=90",
        "two_step=none",
        "two_step=on",
        "q=p",
        "q=p1",
        "q=p12",
        "q=person+123",
        "q=nobody+at+all",
        "q=123+person",
        "q=p12+person+1",
        "q=person+p",
        "q=%2B44+20",
        "q=o%27neill",
        &several,
    ];
    let mut addresses = Vec::new();
    for filter in filters.iter().map(String::as_str).chain(others) {
        for tab in ["current", "active", "invited", "disabled"] {
            addresses.push(format!("/users?tab={tab}&{filter}"));
        }
        addresses.push(format!("/users?{filter}&sort=last_sign_in&last=1"));
    }
    addresses
}

#[actix_web::test]
async fn filters_searches_profiles_and_letters_are_found_by_index() {
    let (app, ada) = crowded().await;
    let id = ada.get("/users").await.members()[2].clone();
    let mut addresses = vec![
        format!("/users/{id}"),
        format!("/users/{id}/activity"),
        format!("/users/{id}/disablement"),
        "/invitations/new".into(),
        format!("/users/{id}/sessions"),
        format!("/users/{id}/password"),
        format!("/users/{id}/roles"),
        format!("/bulk?kind=user&act=disable&member={id}"),
        "/me/sessions".into(),
        "/me/activity".into(),
        "/settings".into(),
        "/settings/mail".into(),
        "/users/new".into(),
        "/me".into(),
        "/me/email".into(),
    ];
    addresses.append(&mut filtered(&ada).await);
    let mut seen = Seen::default();
    for address in &addresses {
        ada.get(address).await.assert_status(200);
        seen.note(address);
    }
    ada.get("/settings/mail").await;
    ada.submit("Try all now", &[]).await.assert_status(200);
    ada.submit("Send a test letter", &[]).await.assert_sees("It is tried at any moment");
    seen.note("mail");
    let linus = ada.welcome("Linus", "Viewer").await;
    seen.note("inviting, sending and joining");
    app.wait(TimeDelta::minutes(1));
    ada.disable("Linus").await.assert_sees("is disabled");
    seen.note("disabling");
    ada.submit("Undo", &[]).await.assert_sees("enabled again");
    seen.note("enabling");
    linus.get("/users").await.assert_sees("Sign in");
    linus.sign_in("linus@example.org", BETTER).await.assert_status(422);
    linus.sign_in("linus@example.org", GOOD).await.assert_status(200);
    seen.note("signing in");
    let elsewhere = app.visitor();
    elsewhere.sign_in("linus@example.org", GOOD).await.assert_status(200);
    seen.note("signing in on a new device");
    let tab = format!("/users/{}/sessions", ada.member("Linus").await);
    let page = ada.get(&tab).await;
    ada.post(&page.attribute(".c-end form", "action").expect("a session"), &[]).await;
    seen.note("ending a session");
    elsewhere.sign_in("linus@example.org", GOOD).await;
    linus.get("/me/sessions").await;
    linus.submit("End all others", &[]).await;
    ada.get(&tab).await;
    ada.post(&format!("{tab}/deletion"), &[]).await.assert_sees("has to sign in again");
    seen.note("ending all sessions");
    linus.get(&app.letters("linus@example.org").pop().expect("a letter").link()).await;
    linus.submit("This was not me", &[]).await;
    linus.get(&app.inbox("linus@example.org").link()).await;
    linus.submit("Save the password", &[("password", GOOD)]).await.assert_path("/sign-in");
    seen.note("an alarm");
    app.wait(TimeDelta::minutes(11));
    linus.sign_in("linus@example.org", GOOD).await.assert_status(200);
    linus.sign_out().await;
    seen.note("signing out");
    linus.get("/password/forgotten").await;
    linus.submit("Send the link", &[("email", "linus@example.org")]).await;
    linus.get(&app.inbox("linus@example.org").link()).await;
    linus.submit("Save the password", &[("password", BETTER)]).await.assert_path("/sign-in");
    seen.note("a forgotten password");
    new_people_and_their_details(&app, &ada, &mut seen).await;
    assert!(seen.0.len() > 100, "only {} statements were seen", seen.0.len());
    seen.assert_good(&app, |_, _, plan| scans(plan));
}

/// One organization that is nearly the whole database, so that no statement can rely on selective values.
#[actix_web::test]
async fn nothing_is_read_from_end_to_end_among_a_hundred_thousand_people() {
    let (app, ada) = gathered(1, 100_000).await;
    assert_sees_bad_plans(&app);
    let mut addresses = filtered(&ada).await;
    // The tabs that remain cover every difference between tabs.
    addresses.retain(|address| !address.contains("tab=active") && !address.contains("tab=invited"));
    for tab in ["current", "active", "invited", "disabled"] {
        for sort in ["name", "status", "roles", "teams", "provider", "last_sign_in", "last_api_use"] {
            // The last page and the one before it. Pages near the end are read in the same way.
            addresses.push(format!("/users?tab={tab}&sort={sort}&per=25&last=1"));
        }
    }
    let mut seen = Seen::default();
    for address in &addresses {
        let page = ada.get(address).await.assert_status(200);
        let beside = page.attribute("a[rel=next]", "href").or(page.attribute("a[rel=prev]", "href"));
        if let Some(address) = beside {
            ada.get(&address).await.assert_status(200);
        }
        seen.note(address);
    }
    assert!(seen.0.len() > 100, "only {} statements were seen", seen.0.len());
    seen.assert_good(&app, |statement, _, plan| scans(plan) && !is_bounded(statement));
}

/// Creates a user, edits it twice at once, and changes two addresses.
async fn new_people_and_their_details(app: &TestApp, ada: &Person, seen: &mut Seen) {
    ada.get("/users/new").await;
    let typed = [("first_name", "Kay"), ("email", "kay@example.org")];
    ada.submit("Create User", &typed).await.assert_sees("Kay is in the directory");
    seen.note("creating");
    let kay = format!("/users/{}", ada.member("kay@example.org").await);
    ada.get(&kay).await;
    let (action, fields) = ada.page().form("Save changes");
    ada.submit("Save changes", &[("title", "Captain")]).await.assert_sees("are saved");
    let fields: Vec<_> = fields
        .into_iter()
        .map(|(name, value)| (name.clone(), if name == "title" { "Admiral".into() } else { value }))
        .collect();
    ada.post_raw(&action, &fields).await.assert_status(409);
    seen.note("editing");
    ada.get(&format!("{kay}/email")).await;
    ada.submit("Change the email", &[("email", "kay@navy.example")]).await.assert_sees("now");
    seen.note("an administrator's change of an email");
    ada.get("/me/email").await;
    ada.submit("Send the link", &[("email", "ada@navy.example"), ("present", GOOD)])
        .await
        .assert_sees("Send again");
    ada.submit("Send again", &[]).await.assert_sees("A new link");
    ada.get(&app.inbox("ada@navy.example").link()).await;
    ada.submit("Confirm the address", &[]).await.assert_status(200);
    seen.note("an own change of an email");
}
