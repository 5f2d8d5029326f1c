//! Letters as their readers see them.

use mail_parser::MessageParser;
use std::path::Path;

/// A letter as its reader sees it.
#[derive(Clone, Debug)]
pub struct Message {
    pub subject: String,
    pub text: String,
    pub html: String,
    pub raw: String,
}

impl Message {
    /// The letters in a folder for this address, oldest first.
    pub fn all(folder: &Path, address: &str) -> Vec<Self> {
        let Ok(entries) = std::fs::read_dir(folder) else { return vec![] };
        let mut files: Vec<_> = entries.map(|entry| entry.expect("a letter").path()).collect();
        // File names begin with the time.
        files.sort();
        files
            .iter()
            .filter_map(|file| Self::read(&std::fs::read(file).expect("a letter can be read"), address))
            .collect()
    }

    fn read(raw: &[u8], address: &str) -> Option<Self> {
        let message = MessageParser::default().parse(raw).expect("a message");
        let to: Vec<_> = message.to()?.iter().filter_map(|to| to.address()).collect();
        assert_eq!(to.len(), 1, "a letter has one recipient");
        (to[0] == address).then(|| Self {
            subject: message.subject().unwrap_or_default().into(),
            text: message.body_text(0).expect("a text part").into(),
            html: message.body_html(0).expect("an HTML part").into(),
            raw: String::from_utf8_lossy(raw).into(),
        })
    }

    /// The path of the link in the letter, which is the same in both parts.
    pub fn link(&self) -> String {
        let line = self
            .text
            .lines()
            .find(|line| line.starts_with("https://roster.example/"))
            .unwrap_or_else(|| panic!("no link in {}", self.text));
        assert!(self.html.contains(line), "both parts hold the same link");
        line.trim_start_matches("https://roster.example").to_owned()
    }
}
