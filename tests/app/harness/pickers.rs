//! Pickers: organizations with many roles and teams, and their search button.

use super::{
    Page, Person,
    rights::{create_role, send},
};

/// As many teams that one searches them; one of them in letters that few have on their keyboard.
pub async fn many_teams(ada: &Person) -> Vec<String> {
    let mut ids = Vec::new();
    for number in 1..=12 {
        ids.push(ada.create_team(&format!("Crew {number}")).await);
    }
    ids.push(ada.create_team("Łódź harbour").await);
    ids
}

/// As many roles that one searches them.
pub async fn many_roles(ada: &Person) {
    for number in 1..=12 {
        create_role(ada, &format!("Duty {number}"), &["user:read:*"]).await.assert_sees("is there");
    }
}

/// Presses the search button of a field: it is sent with the form, and `typed` is searched for.
pub async fn search(person: &Person, button: &str, field: &str, typed: &str, with: &[(&str, &str)]) -> Page {
    let name = format!("find_{field}");
    let mut fields = vec![("find", field), (name.as_str(), typed)];
    fields.extend(with);
    let without: Vec<&str> = [name.as_str()].into_iter().chain(with.iter().map(|(name, _)| *name)).collect();
    send(person, button, &without, &fields).await
}

/// The names that the picker of a field shows, in order.
pub fn shown(page: &Page, field: &str) -> Vec<String> {
    page.all(&format!(".picker:has([name=find_{field}]) label.choice > span > span"))
}

/// The values that are chosen in a form.
pub fn chosen(page: &Page, button: &str, field: &str) -> Vec<String> {
    let (_, fields) = page.form(button);
    fields.into_iter().filter(|(name, _)| name == field).map(|(_, value)| value).collect()
}
