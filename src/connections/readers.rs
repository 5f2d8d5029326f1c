//! How the fields of a connection's form are read, each on its own.

use crate::{kit::email::ascii_domain, web::Field};
use std::collections::BTreeSet;

/// The longest list of scopes, domains or organizations.
const MOST_ENTRIES: usize = 20;
/// The shortest and the longest session that a connection can set, in minutes.
const SHORTEST_SESSION: i64 = 5;
const LONGEST_SESSION: i64 = 30 * 24 * 60;
/// The longest name of an organization at GitHub.
const LONGEST_LOGIN: usize = 39;
/// The longest scope, client id or client secret.
const LONGEST_TEXT: usize = 1_000;

/// What was typed between white space, commas and semicolons.
fn entries(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| c.is_whitespace() || matches!(c, ',' | ';')).filter(|entry| !entry.is_empty())
}

/// Refuses a list that is too long.
fn check_length(field: &mut Field, length: usize) {
    if length > MOST_ENTRIES {
        field.refuse(format!("At most {MOST_ENTRIES} fit here."));
    }
}

/// Scopes (RFC 6749, section 3.3) beside `openid`, which is always asked for.
pub(super) fn scopes(field: &mut Field) -> Vec<String> {
    let is_scope = |entry: &str| entry.len() <= LONGEST_TEXT && entry.bytes().all(|byte| matches!(byte, 0x21 | 0x23..=0x5b | 0x5d..=0x7e));
    let typed: Vec<String> = field.value.split_whitespace().map(str::to_owned).collect();
    if let Some(wrong) = typed.iter().find(|entry| !is_scope(entry)) {
        field.refuse(format!("“{wrong}” is no scope. Write scopes with a space between them."));
    }
    let mut seen = BTreeSet::new();
    let scopes: Vec<String> = typed.into_iter().filter(|scope| scope != "openid" && seen.insert(scope.clone())).collect();
    check_length(field, scopes.len());
    scopes
}

/// Classes of an authentication context, one a line.
pub(super) fn contexts(field: &mut Field) -> Vec<String> {
    let typed: Vec<String> = field.value.split_whitespace().map(str::to_owned).collect();
    if let Some(wrong) = typed.iter().find(|entry| !is_printable(entry)) {
        field.refuse(format!("“{wrong}” is no class. A class is an address or a URN."));
    }
    let mut seen = BTreeSet::new();
    let contexts: Vec<String> = typed.into_iter().filter(|context| seen.insert(context.clone())).collect();
    check_length(field, contexts.len());
    contexts
}

/// Domains as A-labels.
pub(super) fn domains(field: &mut Field) -> Vec<String> {
    let typed = field.value.clone();
    let mut domains = BTreeSet::new();
    for entry in entries(&typed) {
        match ascii_domain(entry.trim_start_matches('@')) {
            Some(domain) => {
                domains.insert(domain);
            }
            None => field.refuse(format!("“{entry}” is no domain. A domain looks like example.com.")),
        }
    }
    check_length(field, domains.len());
    domains.into_iter().collect()
}

/// Names of organizations at GitHub, which does not tell upper from lower case.
pub(super) fn organizations(field: &mut Field) -> Vec<String> {
    let is_login = |entry: &str| entry.len() <= LONGEST_LOGIN && entry.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    let typed = field.value.clone();
    let (mut seen, mut names) = (BTreeSet::new(), Vec::new());
    for entry in entries(&typed) {
        if !is_login(entry) {
            field.refuse(format!(
                "“{entry}” is no name of an organization. It stands in the address of its page: github.com/name."
            ));
        } else if seen.insert(entry.to_ascii_lowercase()) {
            names.push(entry.to_owned());
        }
    }
    check_length(field, names.len());
    names
}

/// A client id (RFC 6749, appendix A.1). It may be empty while a connection is being set up.
pub(super) fn client_id(field: &mut Field) -> String {
    let typed = field.trimmed().to_owned();
    if !is_printable(&typed) {
        field.refuse("This holds characters that no client ID has. Copy it again from the provider.");
    }
    typed
}

/// Whether a text can be a client id or a client secret: printable ASCII.
pub(super) fn is_printable(text: &str) -> bool {
    text.len() <= LONGEST_TEXT && text.bytes().all(|byte| matches!(byte, 0x20..=0x7e))
}

/// The longest session in minutes, or a complaint.
///
/// # Errors
/// A sentence for the fields.
pub(super) fn session_minutes(hours: &Field, minutes: &Field) -> Result<Option<i64>, &'static str> {
    const WRONG: &str = "From 5 minutes to 30 days (720 hours), or nothing.";
    let number = |field: &Field| match field.trimmed() {
        "" => Some(0),
        text => text.parse::<u16>().ok().map(i64::from),
    };
    if hours.trimmed().is_empty() && minutes.trimmed().is_empty() {
        return Ok(None);
    }
    let total = number(hours).zip(number(minutes)).map(|(hours, minutes)| hours * 60 + minutes);
    total.filter(|total| (SHORTEST_SESSION..=LONGEST_SESSION).contains(total)).map(Some).ok_or(WRONG)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read<T>(text: &str, reader: fn(&mut Field) -> T) -> (T, bool) {
        let mut field = Field::new(text);
        let read = reader(&mut field);
        (read, field.is_refused())
    }

    #[test]
    fn lists_are_read_however_they_are_separated() {
        assert_eq!(read(" openid email  profile email", scopes), (vec!["email".into(), "profile".into()], false));
        assert!(read("email \"x\"", scopes).1);
        assert_eq!(
            read("Example.COM, @bücher.example;\nexample.com", domains),
            (vec!["example.com".into(), "xn--bcher-kva.example".into()], false)
        );
        assert!(read("example", domains).1 && read("a@example.com", domains).1);
        assert_eq!(read("Acme acme,other-org", organizations), (vec!["Acme".into(), "other-org".into()], false));
        assert!(read("acme/team", organizations).1 && read("ac..me", organizations).1);
        let many: Vec<String> = (0..21).map(|n| format!("org{n}")).collect();
        assert!(read(&many.join(" "), organizations).1);
    }

    #[test]
    fn a_session_lasts_from_five_minutes_to_thirty_days_or_as_long_as_elsewhere() {
        let read = |hours: &str, minutes: &str| session_minutes(&Field::new(hours), &Field::new(minutes));
        assert_eq!((read("", ""), read("", "5"), read("720", "")), (Ok(None), Ok(Some(5)), Ok(Some(43_200))));
        assert_eq!(read("8", "30"), Ok(Some(510)));
        for (hours, minutes) in [("", "4"), ("0", "0"), ("720", "1"), ("-1", ""), ("x", ""), ("99999999999", "")] {
            assert!(read(hours, minutes).is_err(), "{hours} {minutes}");
        }
    }
}
