//! A person in several organizations switches between them, and returns to the page where they were.

use crate::harness::{GOOD, TestApp};
use chrono::TimeDelta;

const HOME: &str = "__Host-roster-home";

#[actix_web::test]
async fn whoever_belongs_to_many_finds_them_all_and_comes_back_to_the_last() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    assert!(ada.cookie(HOME).is_none(), "one organization needs no memory");
    let long = format!("The {} Company", "Very Long Name of a ".repeat(4).trim());
    for n in 0..12 {
        let name = if n == 7 { long.clone() } else { format!("Organization {n:02}") };
        let other = app.another_organization(&name, &format!("Person {n}"), None).await;
        other.invite("ada@example.org", "Viewer").await.assert_sees("1 invited");
        // The number of invitations at once is limited.
        app.wait(TimeDelta::minutes(10));
    }
    let page = ada.get("/users").await;
    let names = page.all("#organizations a");
    assert_eq!(names.len(), 12);
    assert!(names.contains(&long));
    assert_eq!(page.attributes("#organizations a", "title").len(), 12, "names that do not fit are told in full");
    let here = page.all(".nav .org").join("");
    assert!(here.contains("Analytical Engines"), "{here}");

    let there = page.link("Organization 05");
    ada.get(&there).await.assert_status(200).assert_sees("Organization 05");
    let id = there.split('/').nth(2).expect("an id").to_owned();
    assert_eq!(ada.cookie(HOME), Some(id.clone()));
    ada.sign_out().await;
    ada.sign_in("ada@example.org", GOOD).await.assert_path(&there);
    // The cookie is only a hint.
    for nonsense in ["00000000-0000-0000-0000-000000000000", "x", ""] {
        ada.set_cookie(HOME, nonsense);
        assert_eq!(ada.get("/").await.assert_status(200).all("h1"), ["User Directory"]);
    }
    let first = ada.page().path;
    ada.set_cookie(HOME, &id);
    app.execute("UPDATE members SET status = 'disabled' WHERE name = 'ada@example.org'");
    ada.get("/").await.assert_status(200).assert_sees("Analytical Engines");
    assert_ne!(first, there);
}
