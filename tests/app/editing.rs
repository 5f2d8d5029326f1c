//! The page on which an administrator edits a member: it shows everything, and says why an action is not possible.

use crate::harness::{Person, TestApp};

async fn profile_of(person: &Person, name: &str) -> String {
    format!("/users/{}", person.member(name).await)
}

#[actix_web::test]
async fn everything_about_somebody_is_on_the_page_that_edits_them() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    ada.welcome("Grace Hopper", "Viewer").await;
    let path = profile_of(&ada, "Grace Hopper").await;
    let page = ada.get(&path).await.assert_status(200);
    for field in ["first_name", "last_name", "name", "title", "phone", "location"] {
        assert_eq!(page.all(&format!("input#{field}")).len(), 1, "{field}");
    }
    for (words, address) in [
        ("Change…", "email"),
        ("Send password reset…", "password"),
        ("Set a temporary password…", "password/temporary"),
        ("Disable…", "disablement"),
        ("Make administrator…", "administration"),
        ("Edit roles, teams and policies", "roles"),
    ] {
        assert!(page.link(words).ends_with(&format!("{path}/{address}")), "{words}");
        ada.get(&format!("{path}/{address}")).await.assert_status(200);
    }
    page.assert_sees("grace.hopper@example.org")
        .assert_sees("Administrator or general user")
        .assert_sees("Viewer")
        .assert_sees("Policies")
        .assert_sees("Last sign-in");
}

#[actix_web::test]
async fn what_cannot_be_done_to_somebody_says_why_on_their_page() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    // Members do not change their own access.
    let own = ada.get(&profile_of(&ada, "Ada").await).await.assert_sees("Change password");
    for reason in ["#disable-why", "#demote-why"] {
        assert!(own.all(reason).concat().contains("your own"), "{reason}: {}", own.text());
    }
    assert!(own.all("a[href$='/administration/deletion']").is_empty());
    // A member who only manages people cannot change an administrator.
    app.role(ada.organization(), "Desk", &["user:read:*", "user:manage:*", "role:read:*"]);
    let desk = ada.welcome("Desk Clerk", "Desk").await;
    let page = desk.get(&profile_of(&desk, "Ada").await).await.assert_status(200);
    assert_eq!(page.all("#password-why").len(), 1);
    assert!(page.all("a[href$='/password'], a[href$='/password/temporary']").is_empty());
    page.assert_misses("Policies");
}

#[actix_web::test]
async fn the_page_of_a_system_account_asks_the_same_question() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    let id = ada.create_system_account("deploy", "CI/CD").await;
    let page = ada.get(&format!("/system-accounts/{id}")).await.assert_status(200);
    assert!(page.link("Make administrator…").ends_with(&format!("/system-accounts/{id}/administration")));
    page.assert_sees("General system account").assert_misses("Send password reset");
}

#[actix_web::test]
async fn ones_own_access_stands_among_the_tabs_of_my_profile() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    let page = ada.get("/me").await;
    assert!(page.link("Access").ends_with("/me/access"));
    let page = ada.get("/me/access").await.assert_status(200).assert_sees("My profile");
    assert_eq!(page.attributes("nav.tabs a[aria-current]", "href").len(), 1);
    assert!(page.attribute("nav.tabs a[aria-current]", "href").is_some_and(|path| path.ends_with("/me/access")));
    page.assert_sees("Password").assert_sees("Two-step").assert_sees("Tokens");
}

#[actix_web::test]
async fn somebody_created_is_handed_over_as_one_text() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    ada.get("/users/new").await;
    let typed = [("first_name", "Grace"), ("email", "grace@example.org")];
    let page = ada.submit("Create User", &typed).await.assert_status(200);
    let all = page.all("textarea#all").concat();
    let password = page.attribute("#password", "value").expect("a password");
    for part in ["/sign-in", "grace@example.org", &password] {
        assert!(all.contains(part), "{part}: {all}");
    }
}

#[actix_web::test]
async fn a_form_that_is_sent_twice_leads_to_whom_it_created() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    ada.get("/users/new").await;
    let (action, mut fields) = ada.page().form("Create User");
    fields.retain(|(name, _)| !["first_name", "email"].contains(&name.as_str()));
    fields.push(("first_name".into(), "Grace".into()));
    fields.push(("email".into(), "grace@example.org".into()));
    ada.post_raw(&action, &fields).await.assert_status(200).assert_sees("Temporary password");
    // Reloading the page that showed the password sends the form again.
    let again = ada.post_raw(&action, &fields).await.assert_status(200);
    assert!(again.path.ends_with(&profile_of(&ada, "grace@example.org").await), "{}", again.path);
    again
        .assert_sees("nothing was done twice")
        .assert_sees("set a temporary one")
        .assert_misses("Nothing is saved yet");
    assert_eq!(app.count("SELECT count(*) FROM members"), 2);
    // The browser goes back, and another person is typed into the same form.
    for (name, value) in &mut fields {
        match name.as_str() {
            "first_name" => *value = "Kay".into(),
            "email" => *value = "kay@example.org".into(),
            _ => {}
        }
    }
    ada.post_raw(&action, &fields).await.assert_status(200).assert_sees("Temporary password");
    assert_eq!(app.count("SELECT count(*) FROM members"), 3);
    // A new form is refused as usual.
    ada.get("/users/new").await;
    ada.submit("Create User", &[("first_name", "Grace"), ("email", "grace@example.org")])
        .await
        .assert_status(422)
        .assert_sees("They are in this directory already");
}

#[actix_web::test]
async fn a_picture_keeps_its_colour_when_somebody_is_renamed() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    ada.welcome("Grace Hopper", "User").await;
    let path = profile_of(&ada, "Grace Hopper").await;
    let hue = |page: crate::harness::Page| page.attribute("main .avatar", "data-hue").expect("a colour");
    let before = hue(ada.get(&path).await);
    for name in ["Grace Brewster", "Bo", "Χ"] {
        ada.get(&path).await;
        ada.submit("Save changes", &[("name", name)]).await.assert_sees("are saved");
        assert_eq!(hue(ada.get(&path).await), before, "{name}");
    }
}

#[actix_web::test]
async fn a_name_is_typed_again_with_the_signs_of_any_keyboard() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    for (name, typed) in [("João D’Ávila", "João D'Ávila"), ("Anne‑Marie\u{a0}Bo", " Anne-Marie Bo")] {
        ada.get("/users/new").await;
        let fields = [("name", name), ("email", "grace@example.org")];
        ada.submit("Create User", &fields).await.assert_status(200);
        let path = profile_of(&ada, "grace@example.org").await;
        for wrong in [typed.to_lowercase(), typed.replace('ã', "a").replace("Marie", "Maria")] {
            ada.get(&format!("{path}/deletion")).await;
            let page = ada.submit("Delete", &[("name", &wrong)]).await;
            page.assert_status(422).assert_sees("Type the name as it stands above");
        }
        ada.submit("Delete", &[("name", typed)]).await.assert_sees("is deleted");
    }
    assert_eq!(app.count("SELECT count(*) FROM members"), 1);
}
