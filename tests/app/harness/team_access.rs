//! An organization with a team that can give something.

use super::{
    Page, Person, TestApp,
    rights::{create_role, path_of},
};

/// The id at the end of the path of a role or policy.
pub async fn id_of(person: &Person, module: &str, name: &str) -> String {
    path_of(person, module, name).await.rsplit('/').next().expect("an id").to_owned()
}

/// Lets a team give something, through its page: looks at the preview and confirms.
pub async fn attach(person: &Person, team: &str, what: &str, fields: &[(&str, &str)]) -> Page {
    person.get(&format!("/teams/{team}/access")).await.assert_status(200);
    let typed = [&[("what", what)], fields].concat();
    let page = person.submit("Attach…", &typed).await;
    if page.has_button("Confirm and attach") {
        return person.submit("Confirm and attach", &[("what", what)]).await;
    }
    page
}

pub struct Cast {
    pub app: TestApp,
    pub ada: Person,
    pub linus: Person,
    pub bob: Person,
    pub team: String,
    /// `role:` with the id of the role Auditor, which reads the audit log.
    pub auditor: String,
}

/// Ada's organization with the team Platform, in which Linus is and Bob is not, and a role that neither holds.
pub async fn cast() -> Cast {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    let linus = ada.welcome("Linus", "User").await;
    let bob = ada.welcome("Bob", "User").await;
    let team = ada.create_team("Platform").await;
    ada.add_to_team(&team, "Linus").await.assert_sees("Linus is in Platform now");
    create_role(&ada, "Auditor", &["audit:read:*"]).await.assert_sees("The role Auditor is there");
    let auditor = format!("role:{}", id_of(&ada, "/roles", "Auditor").await);
    Cast { app, ada, linus, bob, team, auditor }
}

/// A person who manages people and teams, and reads everything but the audit log.
pub async fn helper(cast: &Cast) -> Person {
    let permissions = [
        "user:manage:*",
        "user:invite:*",
        "system_account:manage:*",
        "team:manage:*",
        "role:read:*",
        "policy:read:*",
        "token:manage:own",
    ];
    create_role(&cast.ada, "Help desk", &permissions).await.assert_sees("The role Help desk is there");
    cast.ada.welcome("Grace", "Help desk").await
}
