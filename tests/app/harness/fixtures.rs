//! Creates teams, roles, policies, tokens and system accounts through their forms.

use super::{Page, Person};

/// What a person creates besides people.
impl Person {
    /// Creates a system account with one role through the form. Returns its id.
    pub async fn create_system_account(&self, name: &str, role: &str) -> String {
        self.get("/system-accounts/new").await.assert_status(200);
        let id = self.role(role);
        let page = self.submit("Create System Account", &[("name", name), ("role", &id)]).await;
        page.assert_status(200).machine()
    }
    /// The id of a system account, also of a disabled one.
    pub async fn account(&self, name: &str) -> String {
        let query = serde_html_form::to_string([("q", name), ("disabled", "1")]).expect("a query");
        let page = self.get(&format!("/system-accounts?{query}")).await;
        page.members().into_iter().next().unwrap_or_else(|| panic!("no system account {name}"))
    }
    /// Creates a team through the form. Returns its id.
    pub async fn create_team(&self, name: &str) -> String {
        self.get("/teams/new").await.assert_status(200);
        let page = self.submit("Create Team", &[("name", name)]).await.assert_status(200);
        page.path.rsplit('/').next().expect("an id").to_owned()
    }
    /// Adds a member to a team, through the page that lists the candidates.
    pub async fn add_to_team(&self, team: &str, name: &str) -> Page {
        let query = serde_html_form::to_string([("q", name)]).expect("a query");
        let page = self.get(&format!("/teams/{team}/members/new?{query}")).await.assert_status(200);
        let id = page.attribute("input[name=member]", "value").unwrap_or_else(|| panic!("{name} is not offered"));
        self.post(&format!("/teams/{team}/members"), &[("member", &id)]).await
    }
}

impl Page {
    /// The id of the system account on the current page.
    #[track_caller]
    pub fn machine(&self) -> String {
        let (_, rest) = self.path.split_once("/system-accounts/").expect("a page of a system account");
        rest.split('/').next().expect("an id").to_owned()
    }
}
