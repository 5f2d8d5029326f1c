//! Rules for templates, read from their source.

use crate::harness::{assert_none, files};

/// Whether a tag contains an inline event handler such as `onclick=`.
fn has_handler(text: &str) -> bool {
    text.match_indices(" on").any(|(at, _)| {
        let rest = &text[at + 3..];
        let name = rest.chars().take_while(char::is_ascii_lowercase).count();
        name > 2 && rest[name..].starts_with('=')
    })
}

#[test]
fn pages_hold_no_style_and_no_script_of_their_own() {
    let mut wrong = Vec::new();
    // Mail programs load no style sheet, so letters carry inline styles.
    let pages = files("templates", ".html").into_iter().filter(|file| !file.path.ends_with("letter.html"));
    for file in pages {
        let is_inline = |text: &str| text.contains(" style=") || text.contains("<style") || has_handler(text);
        let bare_script = file.text.match_indices("<script").any(|(at, _)| {
            let tag = &file.text[at..];
            !tag[..tag.find('>').unwrap_or(tag.len())].contains(" src=")
        });
        if is_inline(&file.text) || bare_script || file.text.contains("javascript:") {
            wrong.push(file.path);
        }
    }
    assert_none("the content security policy forbids inline style and script", wrong);
}

#[test]
fn every_form_that_changes_something_carries_the_token() {
    let mut forms = 0;
    for file in files("templates", ".html") {
        for (at, _) in file.text.match_indices("<form") {
            let form = &file.text[at..];
            let form = &form[..form.find("</form>").unwrap_or_else(|| panic!("{}: a form does not end", file.path))];
            let tag = &form[..form.find('>').unwrap_or(form.len())];
            if tag.contains("method=\"post\"") {
                assert!(form.contains("csrf("), "{}: a form posts without token: {form}", file.path);
                forms += 1;
            } else {
                assert!(tag.contains("method=\"get\""), "{}: a form does not say its method", file.path);
                assert!(!form.contains("csrf("), "{}: a token in an address is no secret", file.path);
                // A button that posts such a form contains the token itself.
                let posting = form.match_indices("<button").filter_map(|(at, _)| form[at..].split('>').next());
                for button in posting.filter(|button| button.contains("formmethod=\"post\"")) {
                    assert!(button.contains("name=\"csrf\""), "{}: a button posts without token: {button}", file.path);
                }
            }
        }
    }
    assert!(forms > 10, "only {forms} forms were seen");
}

/// Lists whose search and filters the browser remembers until somebody returns to them.
const LISTS: [&str; 3] = ["/users", "/system-accounts", "/teams"];
/// How links end that lead back to one.
const BACK: [&str; 6] = [
    "User Directory",
    "System Accounts",
    "Teams",
    "Done",
    "Cancel",
    "Back to the directory",
];

#[test]
fn the_way_back_to_a_list_keeps_its_filters() {
    let (mut links, mut wrong) = (0, Vec::new());
    for file in files("templates", ".html").into_iter().filter(|file| !file.path.ends_with("web/layout.html")) {
        for (at, _) in file.text.match_indices("<a ") {
            let link = file.text[at..].split("</a>").next().unwrap_or_default();
            let is_to = |list: &str| ["\"", "?"].iter().any(|end| link.contains(&format!("context.path(\"{list}{end}")));
            if !LISTS.iter().any(|list| is_to(list)) || !BACK.iter().any(|words| link.ends_with(&format!(">{words}"))) {
                continue;
            }
            links += 1;
            if !link.contains(" data-list") {
                wrong.push(format!("{}: {link}", file.path));
            }
        }
    }
    assert!(links > 15, "only {links} links were seen");
    assert_none("a link back to a list forgets its filters", wrong);
}
