//! An uploaded file: validated as a whole and read line by line, so that a large file needs no memory beyond its own
//! bytes.

use super::{
    columns::Column,
    encoding,
    layout::Layout,
    records::{Record, Unclosed},
};
use crate::{
    kit::{OwnFieldId, count, email, fold},
    web::csv::plain,
};
use std::{borrow::Cow, collections::BTreeMap};

/// The most lines and bytes of one file.
pub const MOST_LINES: usize = 50_000;
pub const MOST_BYTES: usize = 8 * 1024 * 1024;

/// A file that can be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImportFile {
    /// Without the cells below heads that mark secrets.
    pub bytes: Vec<u8>,
    pub layout: Layout,
}

/// The cells of one line. A column that the file does not have is empty.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Line {
    /// The number of its first line in the file, as an editor counts.
    pub number: u64,
    pub cells: BTreeMap<Column, String>,
    /// Those of the organization's own fields.
    pub own: BTreeMap<OwnFieldId, String>,
    /// Why it cannot be read.
    pub complaint: Option<String>,
}

impl Line {
    pub fn cell(&self, column: Column) -> &str {
        self.cells.get(&column).map_or("", String::as_str)
    }
}

impl ImportFile {
    /// Reads a file, in the given encoding or in the detected one.
    ///
    /// # Errors
    /// A sentence about what is wrong with the whole file.
    pub fn read(bytes: Vec<u8>, encoding: Option<&str>) -> Result<Self, String> {
        if bytes.len() > MOST_BYTES {
            return Err("A file has at most 8 MB. Import it in parts.".into());
        }
        let (mut bytes, found) = encoding::detect(bytes)?;
        let encoding = encoding.filter(|_| found != encoding::UTF_16).unwrap_or(&found);
        let is_nothing = |byte: &u8| byte.is_ascii_whitespace() || matches!(byte, b',' | b';' | b'|' | b'"');
        if bytes.iter().all(is_nothing) {
            return Err("There is nothing in it. Choose a file, or paste its lines.".into());
        }
        // Text never contains NUL, and PostgreSQL refuses it.
        if bytes.contains(&0) {
            return Err("This is no text.".into());
        }
        bytes.shrink_to_fit();
        let layout = Layout::detect(&bytes, encoding)?;
        let mut import_file = Self { bytes, layout };
        import_file.wipe_secrets();
        import_file.check()?;
        Ok(import_file)
    }

    /// Reads the file with another layout.
    ///
    /// # Errors
    /// As of [`Self::read`].
    pub fn by(bytes: Vec<u8>, layout: Layout) -> Result<Self, String> {
        let mut import_file = Self { bytes, layout };
        import_file.wipe_secrets();
        import_file.check()?;
        Ok(import_file)
    }

    /// Reads all of it once, so that an error in the file is found before any part is used.
    fn check(&mut self) -> Result<(), String> {
        let mut is_empty = vec![true; self.layout.columns.len()];
        let mut lines = 0;
        for record in self.layout.records(&self.bytes) {
            let record = record.map_err(|Unclosed(line)| format!("A quotation mark that opens on line {line} is never closed."))?;
            lines += 1;
            if lines > MOST_LINES {
                return Err("A file has at most 50,000 lines. Import it in parts.".into());
            }
            for (is_empty, cell) in is_empty.iter_mut().zip(&record.cells) {
                *is_empty &= cell.bytes.trim_ascii().is_empty();
            }
        }
        if lines == 0 {
            return Err("Below the names of the columns there is no line.".into());
        }
        for (head, is_empty) in self.layout.columns.iter_mut().zip(is_empty) {
            head.is_empty = is_empty;
        }
        Ok(())
    }

    pub(super) fn has_secrets(&self) -> bool {
        self.layout.columns.iter().any(|head| head.is_secret)
    }

    /// Overwrites the cells below heads that mark secrets: Roster does not need them and must not store them.
    fn wipe_secrets(&mut self) {
        let secret: Vec<usize> = (0..self.layout.columns.len()).filter(|at| self.layout.columns[*at].is_secret).collect();
        if secret.is_empty() {
            return;
        }
        let records = self.layout.records(&self.bytes).map_while(Result::ok);
        let cells = records.flat_map(|record| {
            let of = |at: &usize| record.cells.get(*at).map(|cell| cell.place.clone());
            secret.iter().filter_map(of).collect::<Vec<_>>()
        });
        let places: Vec<_> = cells.collect();
        for place in places {
            // Keeps quotation marks and line ends, so that line numbers stay the same.
            let is_quoted = self.bytes[place.clone()].trim_ascii().starts_with(b"\"");
            let cell = &mut self.bytes[place];
            let (first, last) = (cell.iter().position(|byte| *byte == b'"'), cell.iter().rposition(|byte| *byte == b'"'));
            for (at, byte) in cell.iter_mut().enumerate() {
                let is_mark = is_quoted && (Some(at) == first || Some(at) == last);
                if !is_mark && !matches!(byte, b'\n' | b'\r') {
                    *byte = b' ';
                }
            }
        }
    }

    /// Every line below the heads, in order.
    pub fn lines(&self) -> impl Iterator<Item = Line> {
        let records = self.layout.records(&self.bytes).map_while(Result::ok);
        records.map(|record| self.line(&record))
    }

    /// The first cells of each column, as they are read.
    pub fn sample(&self, lines: usize) -> Vec<Vec<String>> {
        self.layout.sample(&self.bytes, lines)
    }

    fn line(&self, record: &Record) -> Line {
        let columns = &self.layout.columns;
        let mut line = Line { number: record.line, ..Line::default() };
        let mut is_unreadable = false;
        for (cell, head) in record.cells.iter().zip(columns) {
            if head.column.is_none() && head.own.is_none() {
                continue;
            }
            let (text, is_wrong) = self.layout.encoding().decode_without_bom_handling(&cell.bytes);
            is_unreadable |= is_wrong;
            let text = seen(&text);
            let text = plain(text.trim());
            if text.is_empty() {
                continue;
            }
            if let Some(column) = head.column {
                line.cells.insert(column, text.to_owned());
            } else if let Some(field) = head.own {
                line.own.insert(field, text.to_owned());
            }
        }
        let is_longer = record.cells.iter().skip(columns.len()).any(|cell| !cell.bytes.trim_ascii().is_empty());
        line.complaint = match self.layout.head_line {
            _ if is_unreadable => Some(format!("It holds what is no letter in {}.", encoding::label(&self.layout.encoding))),
            Some(head) if is_longer => {
                let (cells, names) = (count(record.cells.len(), "cell", "cells"), count(columns.len(), "column", "columns"));
                Some(format!("It has {cells}, but line {head} names {names}."))
            }
            None if is_longer => Some(format!("It has {}, more than the first lines.", count(record.cells.len(), "cell", "cells"))),
            _ => None,
        };
        line
    }
}

/// The text without invisible characters, which are often copied along from a page or a message.
fn seen(text: &str) -> Cow<'_, str> {
    if !text.split('\n').any(fold::has_hidden_characters) {
        return text.into();
    }
    text.split('\n').map(email::without_marks).collect::<Vec<_>>().join("\n").into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> ImportFile {
        ImportFile::read(text.as_bytes().to_vec(), None).unwrap()
    }

    fn cells(text: &str, column: Column) -> Vec<String> {
        read(text).lines().map(|line| line.cell(column).to_owned()).collect()
    }

    fn numbers(text: &str) -> Vec<u64> {
        read(text).lines().map(|line| line.number).collect()
    }

    #[test]
    fn files_are_read_as_programs_write_them() {
        for text in [
            "name,email\nGrace,g@x.org\n",
            "\u{feff}Name;E-Mail\r\nGrace;g@x.org\r\n",
            "FULL NAME\te_mail\nGrace\tg@x.org",
            "email|name\rg@x.org|Grace\r",
            "sep=;\r\nname;email\r\nGrace;g@x.org",
            "Members of the club,,\n,,\nname,email,\nGrace,g@x.org,\n",
            "version:v1.0,,\nName [displayName] Required,Email address to invite [inviteeEmail] Required\nGrace,g@x.org\n",
            "email,name,shoe size\n g@x.org , Grace ,39\n\n,,\n",
            "\"Email address\",\"name\"\n\"g@x.org\",\"Grace\"",
            "name, email\n\"Grace\", \"g@x.org\"\n",
        ] {
            assert_eq!(cells(text, Column::Email), ["g@x.org"], "{text:?}");
            assert_eq!(cells(text, Column::Name), ["Grace"], "{text:?}");
        }
        let text = "email,contact,first name,Surname\r\na@x.org,\"one\r\ntwo, \"\"three\"\"\",Ada,Byron\r\nb@x.org,,,\r\n";
        assert_eq!(cells(text, Column::Contact), ["one\ntwo, \"three\"", ""]);
        assert_eq!(numbers(text), [2, 4]);
        assert_eq!(numbers("sep=,\nTitle\n\nemail,name\n\na@x.org,A\nb@x.org,B"), [6, 7]);
        assert_eq!(cells("email,phone\na@x.org,'+49 30\n", Column::Phone), ["+49 30"]);
        assert_eq!(cells("email,name\na@x.org,\u{200f}An\u{200b}n Bo\u{200e}\n", Column::Name), ["Ann Bo"]);
    }

    #[test]
    fn columns_that_say_nothing_are_not_told_of() {
        let import_file = read("email,Shoe size,fax,,\na@x.org,39,,,\n");
        assert_eq!(import_file.layout.ignored().collect::<Vec<_>>(), ["Shoe size"]);
        assert_eq!(import_file.layout.columns.len(), 3);
    }

    #[test]
    fn a_line_may_be_shorter_than_the_heads_and_not_longer() {
        let told: Vec<_> = read("email,name\na@x.org\nb@x.org,Bo,x\nc@x.org,Cy,\n")
            .lines()
            .map(|line| line.complaint)
            .collect();
        assert_eq!(told, [None, Some("It has 3 cells, but line 1 names 2 columns.".into()), None]);
    }

    #[test]
    fn a_file_without_heads_begins_with_somebody() {
        let import_file = read("a1@x.org,Ann\nb1@x.org,Bo");
        assert_eq!(import_file.layout.head_line, None);
        assert_eq!(cells("a1@x.org,Ann\nb1@x.org,Bo", Column::Email), ["a1@x.org", "b1@x.org"]);
        assert_eq!(numbers("\na1@x.org\nb1@x.org"), [2, 3]);
        assert_eq!(cells("Qui,Où\nAnn,a@x.org\n", Column::Email), ["a@x.org"]);
    }

    #[test]
    fn nothing_below_the_head_of_a_secret_is_kept() {
        let text = "email,Password [Required],name\na@x.org,hunter2,A\nb@x.org,\"two\nlines,\"\"quoted\",B\nc@x.org\n";
        let import_file = read(text);
        let kept = String::from_utf8(import_file.bytes.clone()).unwrap();
        assert!(!["hunter2", "two", "quoted"].iter().any(|secret| kept.contains(secret)), "{kept}");
        assert_eq!(kept.len(), text.len());
        assert_eq!(cells(&kept, Column::Name), ["A", "B", ""]);
        assert_eq!(numbers(&kept), [2, 3, 5]);
    }

    #[test]
    fn letters_of_another_encoding_are_told_by_line() {
        let bytes = b"email,name\nzoe@x.org,Zo\xeb\nann@x.org,Ann\n".to_vec();
        let told = |encoding| {
            let import_file = ImportFile::read(bytes.clone(), encoding).unwrap();
            import_file
                .lines()
                .map(|line| line.complaint.clone().unwrap_or_else(|| line.cell(Column::Name).to_owned()))
                .collect::<Vec<_>>()
        };
        assert_eq!(told(Some("windows-1252")), ["Zoë", "Ann"]);
        assert_eq!(told(Some("UTF-8")), ["It holds what is no letter in Unicode (UTF-8).", "Ann"]);
    }

    #[test]
    fn what_cannot_be_read_at_all_is_said_plainly() {
        for (bytes, says) in [
            (&b""[..], "nothing in it"),
            (b"\xef\xbb\xbf \n", "nothing in it"),
            (b",,\n,", "nothing in it"),
            (b"PK\x03\x04rest", "packed file"),
            (b"email\na\0b", "no text"),
            (b"email,name\n", "there is no line"),
            (b"email,name\na@x.org,\"Ann\nb@x.org,Bo\n", "opens on line 2"),
        ] {
            let why = ImportFile::read(bytes.to_vec(), None).unwrap_err();
            assert!(why.contains(says), "{why}");
        }
        let many = |count| ImportFile::read(format!("email\n{}", "a@x.org\n".repeat(count)).into_bytes(), None);
        assert_eq!(many(MOST_LINES).unwrap().lines().count(), MOST_LINES);
        assert!(many(MOST_LINES + 1).unwrap_err().contains("at most 50,000"));
        assert!(ImportFile::read(vec![b'a'; MOST_BYTES + 1], None).unwrap_err().contains("at most 8 MB"));
        assert!(ImportFile::read(",".repeat(300).into_bytes(), None).is_err());
        let wide = format!("email{}\na@x.org\n", ",x".repeat(300));
        assert!(ImportFile::read(wide.into_bytes(), None).unwrap_err().contains("at most 200 columns"));
    }
}
