//! The files of this repository, for tests that read the source.

use std::{fs, path::PathBuf};

/// A file of this repository.
pub struct File {
    pub path: String,
    pub text: String,
}

impl File {
    /// The module: `members` for `src/members/store.rs`, `teams` for `src/teams.rs`.
    pub fn module(&self) -> &str {
        let inside = self.path.trim_start_matches("src/");
        inside.split('/').next().unwrap_or_default().trim_end_matches(".rs")
    }
    pub fn name(&self) -> &str {
        self.path.rsplit('/').next().unwrap_or_default()
    }
    /// The code without comments and without everything after `#[cfg(test)]`, which is the end of every file with
    /// tests.
    pub fn code(&self) -> String {
        let text = self.text.split("#[cfg(test)]").next().unwrap_or_default();
        text.lines().filter(|line| !line.trim_start().starts_with("//")).collect::<Vec<_>>().join("\n")
    }
}

/// All text files in a folder whose names end like this, sorted by path.
pub fn files(folder: &str, ending: &str) -> Vec<File> {
    let mut found = Vec::new();
    let mut open = vec![PathBuf::from(folder)];
    while let Some(folder) = open.pop() {
        for entry in fs::read_dir(&folder).unwrap_or_else(|why| panic!("{}: {why}", folder.display())) {
            let path = entry.expect("an entry").path();
            let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
            if path.is_dir() && !matches!(name, "target" | ".git" | "node_modules" | "data") {
                open.push(path);
            } else if path.is_file() && name.ends_with(ending) {
                // Pictures and fonts are not text.
                let Ok(text) = fs::read_to_string(&path) else { continue };
                let path = path.strip_prefix(".").unwrap_or(&path).display().to_string();
                found.push(File { path, text });
            }
        }
    }
    found.sort_by(|a, b| a.path.cmp(&b.path));
    assert!(!found.is_empty(), "{folder} holds no {ending}");
    found
}

/// Fails with a list of everything that is wrong, not only the first.
#[track_caller]
pub fn assert_none(what: &str, wrong: Vec<String>) {
    assert!(wrong.is_empty(), "{what}:\n  {}", wrong.join("\n  "));
}
