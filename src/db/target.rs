//! Which database: the engine, and where it is.

use std::path::PathBuf;

/// The database engine in use.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Engine {
    Sqlite,
    Postgres,
}

/// The location of the database.
#[derive(Clone, PartialEq, Eq)]
pub enum Target {
    Sqlite(PathBuf),
    Postgres(String),
}

impl Target {
    /// Parses a `DATABASE_URL`.
    ///
    /// # Errors
    /// A sentence that says what is wrong, without the password.
    pub fn parse(text: &str) -> Result<Self, String> {
        let example = "write sqlite://data/roster.db or postgres://user:password@host/database";
        match text.split_once("://") {
            Some(("sqlite", path)) if path.is_empty() || path == ":memory:" => {
                Err(format!("sqlite:// needs the path of a file; {example}"))
            }
            Some(("sqlite", path)) => Ok(Self::Sqlite(path.into())),
            Some(("postgres" | "postgresql", _)) => {
                let parsed = url::Url::parse(text).map_err(|why| format!("is not a URL ({why}); {example}"))?;
                if parsed.host_str().unwrap_or_default().is_empty() && !parsed.query().unwrap_or_default().contains("host=") {
                    return Err(format!("names no host; {example}"));
                }
                Ok(Self::Postgres(with_defaults(parsed)))
            }
            Some((scheme, _)) => Err(format!("begins with {scheme}://, which Roster does not speak; {example}")),
            None => Err(format!("has no scheme; {example}")),
        }
    }
    pub fn engine(&self) -> Engine {
        match self {
            Self::Sqlite(_) => Engine::Sqlite,
            Self::Postgres(_) => Engine::Postgres,
        }
    }
}

impl std::fmt::Debug for Target {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{self}")
    }
}

/// The location without the password.
impl std::fmt::Display for Target {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Sqlite(path) => write!(f, "SQLite in {}", path.display()),
            Self::Postgres(url) => match url::Url::parse(url) {
                Ok(url) => write!(f, "PostgreSQL at {}{}", url.host_str().unwrap_or("a local socket"), url.path()),
                Err(_) => f.write_str("PostgreSQL"),
            },
        }
    }
}

/// A dead server must be noticed in seconds, not after the system default of two hours.
fn with_defaults(mut url: url::Url) -> String {
    for (name, value) in [
        ("connect_timeout", "5"),
        ("application_name", "roster"),
        ("tcp_user_timeout", "10000"),
    ] {
        if !url.query_pairs().any(|(given, _)| given == name) {
            url.query_pairs_mut().append_pair(name, value);
        }
    }
    url.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wrong_address_is_told_apart_and_a_password_never_repeated() {
        for (text, says) in [
            ("postgres", "has no scheme"),
            ("mysql://x/y", "mysql://"),
            ("sqlite://", "needs the path"),
            ("sqlite://:memory:", "needs the path"),
            ("postgres:///x", "names no host"),
        ] {
            assert!(Target::parse(text).unwrap_err().contains(says), "{text}");
        }
        let target = Target::parse("postgres://me:hunter2@db.example/roster").unwrap();
        assert_eq!(target.to_string(), "PostgreSQL at db.example/roster");
        assert!(!format!("{target:?}").contains("hunter2"));
    }
}
