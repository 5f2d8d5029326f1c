//! SCIM clients in tests: set up without their screens, and what they send.

use super::{
    Person, TestApp,
    system_accounts::{Answer, Program},
};
use roster::{
    domains,
    kit::{OperationError, OrganizationId, Scope},
    members::Grants,
    provisioning::{self, ProvisionerSettings},
    roles::{self, Predefined},
};
use serde_json::{Value, json};

/// The schema of a user.
pub const USER: &str = "urn:ietf:params:scim:schemas:core:2.0:User";
/// The schema of a group.
pub const GROUP: &str = "urn:ietf:params:scim:schemas:core:2.0:Group";

/// A SCIM client with its token.
#[derive(Clone)]
pub struct ScimClient {
    pub program: Program,
    pub token: String,
}

impl TestApp {
    /// A SCIM client of this organization; new people get the role User.
    pub fn scim_client(&self, of: &Person, name: &str, change: impl Fn(&mut ProvisionerSettings)) -> ScimClient {
        let (organization, scope) = (of.organization(), Scope::system(of.organization(), self.clock.now()));
        let created = self.db.write_here(|tx| {
            let role = roles::predefined(tx, organization, Predefined::User)?;
            let gives = Grants { roles: vec![role], ..Grants::default() };
            let mut settings = ProvisionerSettings { gives, ..ProvisionerSettings::default() };
            change(&mut settings);
            provisioning::create(tx, &scope, name, &settings)
        });
        let (_, _, text) = created.unwrap_or_else(|why| panic!("a SCIM client: {why:?}"));
        let token = text.expose().to_owned();
        ScimClient { program: self.program().bearer(&token), token }
    }

    /// The organization owns this domain, as the operator vouches.
    pub fn own_domain(&self, organization: OrganizationId, name: &str) {
        let scope = Scope::system(organization, self.clock.now());
        let vouched = self.db.write_here(|tx| domains::vouch_for(tx, &scope, name));
        vouched.unwrap_or_else(|why: OperationError<_>| panic!("a domain: {why:?}"));
    }

    /// Writes the calls of SCIM clients to the database, as every process does every second.
    pub fn flush_calls(&self) {
        self.roster.provisioning_calls.flush(&self.db).expect("the calls are written down");
    }
}

impl ScimClient {
    pub async fn get(&self, path: &str) -> Answer {
        self.program.get(&format!("/scim/v2{path}")).await
    }
    pub async fn send(&self, method: &str, path: &str, body: &Value) -> Answer {
        self.program.send(method, &format!("/scim/v2{path}"), body).await
    }
    pub async fn delete(&self, path: &str) -> Answer {
        self.program.delete(&format!("/scim/v2{path}")).await
    }

    /// Creates a user with this name at example.org. Returns the id.
    pub async fn create(&self, name: &str) -> String {
        let created = self.send("POST", "/Users", &user(name)).await.assert_status(201).body();
        created["id"].as_str().expect("an id").to_owned()
    }
    /// Creates a group. Returns the id.
    pub async fn create_group(&self, name: &str, members: &[&str]) -> String {
        let created = self.send("POST", "/Groups", &group(name, members)).await.assert_status(201).body();
        created["id"].as_str().expect("an id").to_owned()
    }
    /// Sends a PATCH with these operations.
    pub async fn patch(&self, path: &str, operations: Value) -> Answer {
        let body = json!({ "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"], "Operations": operations });
        self.send("PATCH", path, &body).await
    }
    /// Sets `active` as Entra does.
    pub async fn set_active(&self, id: &str, is_active: bool) -> Answer {
        let value = if is_active { "True" } else { "False" };
        self.patch(&format!("/Users/{id}"), json!([{ "op": "Replace", "path": "active", "value": value }]))
            .await
    }
    /// The ids that a filter finds, and the total.
    pub async fn find(&self, filter: &str) -> (Vec<String>, i64) {
        let path = format!("/Users?{}", serde_html_form::to_string([("filter", filter)]).expect("a query"));
        let found = self.get(&path).await.assert_status(200).body();
        let ids = found["Resources"].as_array().expect("resources").iter();
        let ids = ids.map(|one| one["id"].as_str().expect("an id").to_owned()).collect();
        (ids, found["totalResults"].as_i64().expect("a total"))
    }
}

impl Answer {
    /// Checks that it is an error of SCIM. Returns its `detail`.
    #[track_caller]
    pub fn assert_scim_error(self, status: u16, scim_type: Option<&str>) -> String {
        let answer = self.assert_status(status);
        assert_eq!(answer.header("content-type"), "application/scim+json");
        let body = answer.body();
        assert_eq!(body["schemas"], json!(["urn:ietf:params:scim:api:messages:2.0:Error"]));
        assert_eq!((&body["status"], body["scimType"].as_str()), (&json!(status.to_string()), scim_type), "{body}");
        body["detail"].as_str().expect("a detail").to_owned()
    }
}

/// A user with this name at example.org.
pub fn user(name: &str) -> Value {
    let address = format!("{}@example.org", name.to_lowercase());
    json!({
        "schemas": [USER],
        "userName": address,
        "externalId": format!("id-{}", name.to_lowercase()),
        "name": { "givenName": name, "familyName": "Example" },
        "emails": [{ "value": address, "type": "work", "primary": true }],
        "active": true,
    })
}

/// A group with these members.
pub fn group(name: &str, members: &[&str]) -> Value {
    let members: Vec<Value> = members.iter().map(|id| json!({ "value": id })).collect();
    json!({ "schemas": [GROUP], "displayName": name, "members": members })
}
