//! Helpers shared by several tests about roles and policies.

use super::{Page, Person};

/// Sends a form of the current page with some fields replaced.
pub async fn send(person: &Person, button: &str, without: &[&str], with: &[(&str, &str)]) -> Page {
    let (action, mut fields) = person.page().form(button);
    fields.retain(|(name, _)| !without.contains(&name.as_str()));
    fields.extend(with.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
    person.post_raw(&action, &fields).await
}

/// Creates a role through the form.
pub async fn create_role(person: &Person, name: &str, permissions: &[&str]) -> Page {
    person.get("/roles/new").await.assert_status(200);
    let mut fields = vec![("name", name), ("description", "")];
    fields.extend(permissions.iter().map(|permission| ("permission", *permission)));
    send(person, "Create Role", &["name", "description"], &fields).await
}

/// The path of a role or policy from its list, without the organization.
pub async fn path_of(person: &Person, module: &str, name: &str) -> String {
    let page = person.get(module).await.assert_status(200);
    let at = page.all("td.c-name .line a").iter().position(|known| known == name);
    let at = at.unwrap_or_else(|| panic!("no {name} on {module}: {}", page.text()));
    let whole = page.attributes("td.c-name .line a", "href")[at].clone();
    // Lists of members link from where they are.
    whole.find(module).map_or_else(|| format!("/{whole}"), |at| whole[at..].to_owned())
}

/// Assigns a role or policy on the Access tab: the name of the field, and the id. Confirms where the page asks.
pub async fn give(person: &Person, to: &str, field: &str, id: &str) -> Page {
    let member = person.member(to).await;
    person.get(&format!("/users/{member}/roles")).await.assert_status(200);
    match send(person, "Save access", &[], &[(field, id)]).await {
        page if page.text().contains("Look it over, then confirm") => person.submit("Confirm and save", &[]).await,
        page => page,
    }
}

/// Saves a role with these permissions instead of those it had.
pub async fn set_permissions(person: &Person, path: &str, permissions: &[&str]) -> Page {
    person.get(path).await;
    let fields: Vec<(&str, &str)> = permissions.iter().map(|permission| ("permission", *permission)).collect();
    confirmed(person, send(person, "Save role", &["permission"], &fields).await).await
}

/// The page after saving a role or policy; confirms first if it is in use.
pub async fn confirmed(person: &Person, page: Page) -> Page {
    if page.all("h2").iter().any(|title| title == "What this would change") {
        person.submit("Confirm and save", &[]).await
    } else {
        page
    }
}

/// Declares a resource type through its page.
pub async fn declare(person: &Person, name: &str, actions: &str) {
    person.get("/settings/resource-types").await.assert_status(200);
    let fields = [("name", name), ("description", "A kind of thing."), ("actions", actions)];
    person.submit("Declare Resource Type", &fields).await.assert_sees("is declared");
}

/// Creates a policy with one rule through the editor.
pub async fn create_policy(person: &Person, name: &str, rule: (&str, &[&str], &str)) -> Page {
    person.get("/policies/new").await.assert_status(200);
    let (resource_type, actions, ids) = rule;
    let mut with = vec![("name", name), ("rule-0-type", resource_type), ("rule-0-ids", ids), ("do", "save")];
    with.extend(actions.iter().map(|action| ("rule-0-action", *action)));
    send(person, "Create Policy", &["name", "rule-0-ids"], &with).await
}
