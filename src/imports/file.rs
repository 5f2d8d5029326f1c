//! Reading a file: which columns it has, and what each line says. Nothing is judged here but what cannot be read at all.

use super::columns::Column;
use crate::web::csv::plain;
use std::{borrow::Cow, collections::BTreeMap};

/// Lines of one file, and its bytes.
pub const MOST_LINES: usize = 50_000;
pub const MOST_BYTES: usize = 8 * 1024 * 1024;

/// What a file says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sheet {
    pub lines: Vec<Line>,
    /// Names of columns that nobody knows.
    pub ignored: Vec<String>,
}

/// What one line says. Columns that the file does not have say nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Line {
    /// Where it begins in the file.
    pub number: u64,
    pub cells: BTreeMap<Column, String>,
    /// Why it cannot be read.
    pub complaint: Option<String>,
}

impl Line {
    pub fn cell(&self, column: Column) -> &str {
        self.cells.get(&column).map_or("", String::as_str)
    }
}

/// Reads a file.
///
/// # Errors
/// A sentence that says what is wrong with all of it.
pub fn read(bytes: &[u8]) -> Result<Sheet, String> {
    if bytes.len() > MOST_BYTES {
        return Err("A file has at most 8 MB. Import it in parts.".into());
    }
    let text = text(bytes)?;
    if text.trim().is_empty() {
        return Err("There is nothing in it. Choose a file, or paste its lines.".into());
    }
    let (delimiter, columns) = header(text)?;
    if let Some(line) = unclosed(text, delimiter) {
        return Err(format!("A quotation mark that opens on line {line} is never closed."));
    }
    let mut sheet = Sheet {
        ignored: columns.iter().filter_map(|column| column.clone().err()).collect(),
        lines: Vec::new(),
    };
    for record in reader(text, delimiter).records().skip(1) {
        let record = record.map_err(|why| format!("It cannot be read: {why}."))?;
        if record.iter().all(|cell| cell.trim().is_empty()) {
            continue;
        }
        if sheet.lines.len() == MOST_LINES {
            return Err("A file has at most 50,000 lines. Import it in parts.".into());
        }
        sheet.lines.push(line(&record, &columns));
    }
    if sheet.lines.is_empty() {
        return Err("Below the names of the columns there is no line.".into());
    }
    Ok(sheet)
}

/// The text, or what kind of file it is instead.
fn text(bytes: &[u8]) -> Result<&str, String> {
    let other = match bytes {
        [b'P', b'K', 3, 4, ..] => Some("This is a spreadsheet"),
        [0xff, 0xfe, ..] | [0xfe, 0xff, ..] => Some("This is a text in UTF-16"),
        _ => None,
    };
    if let Some(what) = other {
        return Err(format!("{what}. Save it as “CSV UTF-8” and choose that file."));
    }
    let text = std::str::from_utf8(bytes).map_err(|why| {
        let line = bytes[..why.valid_up_to()].split(|byte| *byte == b'\n').count();
        format!("Line {line} holds what is no letter in UTF-8. Save it as “CSV UTF-8” and choose that file.")
    })?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    // A NUL is in no text, and PostgreSQL takes none.
    if text.contains('\0') {
        return Err("This is no text.".into());
    }
    Ok(text)
}

fn reader(text: &str, delimiter: u8) -> csv::Reader<&[u8]> {
    csv::ReaderBuilder::new()
        .delimiter(delimiter)
        .has_headers(false)
        .flexible(true)
        .from_reader(text.as_bytes())
}

type Columns = Vec<Result<Column, String>>;

/// What separates the cells, which is what makes most sense of the first line, and the columns that it names.
fn header(text: &str) -> Result<(u8, Columns), String> {
    let columns = |delimiter: u8| -> Columns {
        let first = reader(text, delimiter).records().next().and_then(Result::ok).unwrap_or_default();
        first.iter().map(|name| Column::named(name).ok_or(shortened(name))).collect()
    };
    // Of those that make equal sense the comma comes first, since the last of the best is taken.
    let best = [b'\t', b';', b','].map(|delimiter| (delimiter, columns(delimiter)));
    let best = best.into_iter().max_by_key(|(_, columns)| columns.iter().flatten().count());
    let (delimiter, columns) = best.unwrap_or((b',', vec![]));
    if !columns.contains(&Ok(Column::Email)) {
        let first = shortened(text.lines().find(|line| !line.trim().is_empty()).unwrap_or_default());
        return Err(format!(
            "No column is called “email”. The first line names the columns, such as “name,email,roles”; here it is “{first}”."
        ));
    }
    for (at, column) in columns.iter().enumerate() {
        if let Ok(known) = column
            && columns[..at].contains(column)
        {
            return Err(format!("Two columns are the {}. Leave one out.", known.label()));
        }
    }
    Ok((delimiter, columns))
}

fn shortened(text: &str) -> String {
    let text = crate::kit::fold::visible(text.trim());
    if text.chars().count() > 60 {
        text.chars().take(59).chain(['…']).collect()
    } else {
        text
    }
}

/// The line of a quotation mark that opens a cell and has no other, or nothing behind it would be read.
fn unclosed(text: &str, delimiter: u8) -> Option<u64> {
    let (mut line, mut opened, mut begins) = (1, None, true);
    let mut bytes = text.bytes().peekable();
    while let Some(byte) = bytes.next() {
        match (byte, opened) {
            (b'"', None) if begins => opened = Some(line),
            // Two of them stand for one.
            (b'"', Some(_)) if bytes.peek() == Some(&b'"') => drop(bytes.next()),
            (b'"', Some(_)) => opened = None,
            _ => {}
        }
        begins = opened.is_none() && (byte == delimiter || matches!(byte, b'\n' | b'\r'));
        line += u64::from(byte == b'\n');
    }
    opened
}

fn line(record: &csv::StringRecord, columns: &Columns) -> Line {
    let number = record.position().map_or(0, csv::Position::line);
    let (known, beyond) = (record.iter().take(columns.len()), record.iter().skip(columns.len()));
    let is_ragged = record.len() < columns.len() || beyond.clone().any(|cell| !cell.trim().is_empty());
    let cells = known.zip(columns).filter_map(|(cell, column)| {
        let (column, cell) = (column.as_ref().ok()?, cell.trim());
        (!cell.is_empty()).then(|| (*column, plain(cell).to_owned()))
    });
    let complaint = is_ragged.then(|| {
        let (cells, names) = (count(record.len(), "cell"), count(columns.len(), "column"));
        format!("It has {cells}, but the first line names {names}.")
    });
    Line {
        number,
        cells: cells.collect(),
        complaint,
    }
}

fn count(number: usize, what: &str) -> Cow<'static, str> {
    format!("{number} {what}{}", if number == 1 { "" } else { "s" }).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cells(text: &str, column: Column) -> Vec<String> {
        let sheet = read(text.as_bytes()).unwrap();
        sheet.lines.iter().map(|line| line.cell(column).to_owned()).collect()
    }

    #[test]
    fn files_are_read_as_programs_write_them() {
        for text in [
            "name,email\nGrace,g@x.org\n",
            "\u{feff}Name;E-Mail\r\nGrace;g@x.org\r\n",
            "FULL NAME\te_mail\nGrace\tg@x.org",
            "email,name,shoe size\n g@x.org , Grace ,39\n\n,,\n",
            "\"Email address\",\"name\"\n\"g@x.org\",\"Grace\"",
        ] {
            assert_eq!(cells(text, Column::Email), ["g@x.org"], "{text:?}");
            assert_eq!(cells(text, Column::Name), ["Grace"], "{text:?}");
        }
        let text = "email,contact,first name,Surname\na@x.org,\"one\ntwo, \"\"three\"\"\",Ada,Byron\nb@x.org,,,\n";
        assert_eq!(cells(text, Column::Contact), ["one\ntwo, \"three\"", ""]);
        let sheet = read(text.as_bytes()).unwrap();
        assert_eq!(sheet.lines.iter().map(|line| line.number).collect::<Vec<_>>(), [2, 4]);
        assert_eq!(read(b"email,Shoe size\na@x.org,39").unwrap().ignored, ["Shoe size"]);
        assert_eq!(cells("email,phone\na@x.org,'+49 30\n", Column::Phone), ["+49 30"]);
        assert_eq!(
            cells("email,name\na@x.org,Ann \"Bo\" O'Neil\n", Column::Name),
            ["Ann \"Bo\" O'Neil"]
        );
    }

    #[test]
    fn a_line_that_does_not_fit_is_told_and_the_others_are_read() {
        let sheet = read(b"email,name\na@x.org\nb@x.org,Bo,x\nc@x.org,Cy,\n").unwrap();
        let told: Vec<_> = sheet.lines.iter().map(|line| line.complaint.as_deref()).collect();
        assert_eq!(
            told,
            [
                Some("It has 1 cell, but the first line names 2 columns."),
                Some("It has 3 cells, but the first line names 2 columns."),
                None
            ]
        );
    }

    #[test]
    fn what_cannot_be_read_at_all_is_said_plainly() {
        for (bytes, says) in [
            (&b""[..], "nothing in it"),
            (b"\xef\xbb\xbf \n", "nothing in it"),
            (b"PK\x03\x04rest", "This is a spreadsheet"),
            (b"\xff\xfee\0m\0", "UTF-16"),
            (b"email\n\na@x.org\nZo\xeb@x.org", "Line 4 holds"),
            (b"email\na\0b", "no text"),
            (b"name\nGrace", "No column is called “email”"),
            (b"a@x.org,Ann", "here it is “a@x.org,Ann”"),
            (b"email,E-Mail\na,b", "Two columns are the email"),
            (b"email,name\n", "there is no line"),
            (b"email,name\na@x.org,\"Ann\nb@x.org,Bo\n", "opens on line 2"),
        ] {
            let why = read(bytes).unwrap_err();
            assert!(why.contains(says), "{why}");
        }
        let many = |count| format!("email\n{}", "a@x.org\n".repeat(count));
        assert_eq!(read(many(MOST_LINES).as_bytes()).unwrap().lines.len(), MOST_LINES);
        assert!(read(many(MOST_LINES + 1).as_bytes()).unwrap_err().contains("at most 50,000"));
        assert!(read(&vec![b'a'; MOST_BYTES + 1]).unwrap_err().contains("at most 8 MB"));
    }
}
