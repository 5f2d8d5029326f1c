//! Provisioning in tests: a client that is set up through its form, and people and teams that it manages without a call.

use super::{Person, TestApp};

/// The path of the list.
pub const PROVISIONING: &str = "/settings/provisioning";
/// The button of its form.
pub const CREATE: &str = "Create and show the token";

/// Sets up a client with this name and these fields beside the default ones. Returns its path and its token.
pub async fn set_up(person: &Person, name: &str, fields: &[(&str, &str)]) -> (String, String) {
    person.get(&format!("{PROVISIONING}/new")).await.assert_status(200);
    let fields: Vec<(&str, &str)> = [("product", "entra"), ("name", name)].iter().chain(fields).copied().collect();
    let page = person.submit(CREATE, &fields).await.assert_status(200);
    let id = page.link("Done").rsplit('/').next().expect("an id").to_owned();
    (format!("{PROVISIONING}/{id}"), page.all("#token").pop().expect("a token"))
}

/// The only client manages this person from now on, as if it had sent them.
pub fn manage(app: &TestApp, name: &str) {
    app.execute(&format!(
        "INSERT INTO provisioned_users (organization_id, member_id, provisioner_id, external_id, user_name, user_name_key, attributes, sent, created_at, updated_at) \
         SELECT m.organization_id, m.id, p.id, m.name, m.name, m.name, '{{\"title\": \"Dr\"}}', '[\"title\"]', m.created_at, m.created_at \
         FROM members m, provisioners p WHERE m.name = '{name}'"
    ));
}

pub fn manage_team(app: &TestApp, name: &str) {
    app.execute(&format!(
        "INSERT INTO provisioned_groups (organization_id, team_id, provisioner_id, created_at, updated_at) \
         SELECT t.organization_id, t.id, p.id, p.created_at, p.created_at FROM teams t, provisioners p WHERE t.name = '{name}'"
    ));
}
