//! A list of the console as a request of the API: the command that answers with the same rows.

use super::{Site, problem::API};

/// The command for a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApiCall {
    /// The page of the reference that explains it.
    pub reference: String,
    /// For a POSIX shell, with the token in `ROSTER_TOKEN`.
    pub curl: String,
}

impl ApiCall {
    /// The list at this path of the API, with its filters and its order. `page` is the page of the reference.
    pub fn list(site: &Site, path: &str, page: &str, pairs: &[(&str, String)]) -> Self {
        let query = serde_html_form::to_string(pairs).unwrap_or_default();
        let mark = if query.is_empty() { "" } else { "?" };
        let url = quoted(&site.link(&format!("{API}/{path}{mark}{query}")));
        Self {
            reference: format!("/api/resources/{page}"),
            curl: format!("curl {url} -H \"Authorization: Bearer $ROSTER_TOKEN\""),
        }
    }
}

/// A text as one word of a shell, in which nothing has a meaning.
fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shell_reads_the_text_as_it_is() {
        assert_eq!(quoted("a?b=$(c)&d=`e`\"!"), "'a?b=$(c)&d=`e`\"!'");
        assert_eq!(quoted("it's"), r"'it'\''s'");
    }
}
