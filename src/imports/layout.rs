//! The layout of a file: delimiter, line of the heads, and the meaning of each column. Detected when the file is
//! uploaded, shown, and changed by hand.

use super::{
    columns::Column,
    encoding,
    heads::{self, Sample},
    records::{Record, Records},
};
use crate::kit::{OwnFieldId, fold};
use encoding_rs::Encoding;
use serde::{Deserialize, Serialize};

/// The heads are searched in this many records at the beginning, because titles and versions may come first.
const ABOVE: usize = 20;
/// Records used to decide ambiguous heads.
const SAMPLE: usize = 50;
/// The most columns of one file.
pub(super) const MOST_COLUMNS: usize = 200;
/// The most characters of a head that are kept.
const LONGEST_HEAD: usize = 60;

/// How a file is read.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Layout {
    pub encoding: String,
    pub delimiter: char,
    /// Lines before the first record that counts.
    pub above: u64,
    /// The line of the heads; `None` if the first line is already a person.
    pub head_line: Option<u64>,
    pub columns: Vec<Head>,
}

/// A column of a file.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Head {
    /// The head in the file.
    pub name: String,
    /// What it is read as; `None` means ignored.
    pub column: Option<Column>,
    /// The organization's own field that it is read as.
    #[serde(default)]
    pub own: Option<OwnFieldId>,
    /// It contains secrets such as passwords: its cells were wiped before the file was stored.
    pub is_secret: bool,
    /// All its cells are empty.
    pub is_empty: bool,
}

impl Layout {
    /// Detects the layout.
    ///
    /// # Errors
    /// A sentence about a file that is not a table.
    pub(super) fn detect(bytes: &[u8], encoding: &str) -> Result<Self, String> {
        let decode = |record: &Record| decoded(record, encoding::named(encoding).unwrap_or(encoding_rs::UTF_8));
        let (told, above) = told_delimiter(bytes);
        let delimiters = told.map_or(vec![b'\t', b';', b'|', b','], |delimiter| vec![delimiter]);
        // `max_by_key` returns the last of equal results, so the comma wins a tie.
        let read = |delimiter: u8| {
            let records = Records::new(bytes, delimiter, (0, 1)).map_while(Result::ok);
            let first: Vec<Record> = records.skip_while(|record| record.line <= above).take(ABOVE).collect();
            let cells: Vec<Vec<String>> = first.iter().map(decode).collect();
            let scores: Vec<usize> = cells.iter().map(|cells| heads::score(cells)).collect();
            let best = scores.iter().copied().max().unwrap_or_default();
            let at = scores.iter().position(|score| *score == best).unwrap_or_default();
            (delimiter, first, cells, best, at)
        };
        let all = delimiters.into_iter().map(read);
        let widest = |cells: &[Vec<String>]| cells.iter().map(Vec::len).max().unwrap_or_default().min(2);
        let best = all.max_by_key(|(.., cells, best, _)| (*best, widest(cells)));
        let Some((delimiter, first, cells, best, at)) = best.filter(|(_, first, ..)| !first.is_empty()) else {
            return Err("There is nothing in it. Choose a file, or paste its lines.".into());
        };
        // A line that contains an email address is a person, not the heads.
        let names_somebody = cells[at].iter().any(|cell| cell.contains('@'));
        let has_heads = !names_somebody;
        let at = if best == 0 || names_somebody { 0 } else { at };
        let line = first[at].line;
        let mut layout = Self {
            encoding: encoding.to_owned(),
            delimiter: char::from(delimiter),
            above: line - 1,
            head_line: has_heads.then_some(line),
            columns: vec![],
        };
        layout.name_columns(bytes)?;
        Ok(layout)
    }

    pub(super) fn encoding(&self) -> &'static Encoding {
        encoding::named(&self.encoding).unwrap_or(encoding_rs::UTF_8)
    }

    /// Every record below the heads.
    pub(super) fn records<'a>(&self, bytes: &'a [u8]) -> impl Iterator<Item = Result<Record, super::records::Unclosed>> + use<'a> {
        let from = self.head_line.unwrap_or(self.above);
        let is_above = move |record: &Result<Record, _>| record.as_ref().is_ok_and(|record: &Record| record.line <= from);
        Records::new(bytes, self.delimiter(), (0, 1)).skip_while(is_above)
    }

    fn delimiter(&self) -> u8 {
        u8::try_from(self.delimiter).unwrap_or(b',')
    }

    /// The first lines below the heads, as they are read. Secrets are not shown.
    pub(super) fn sample(&self, bytes: &[u8], lines: usize) -> Vec<Vec<String>> {
        let records = self.records(bytes).map_while(Result::ok).take(lines);
        records.map(|record| decoded(&record, self.encoding())).collect()
    }

    /// Sets the name of each column, and its meaning as far as it can be recognised.
    ///
    /// # Errors
    /// A sentence about a file with too many columns.
    pub(super) fn name_columns(&mut self, bytes: &[u8]) -> Result<(), String> {
        let sample = self.sample(bytes, SAMPLE);
        let mut records = Records::new(bytes, self.delimiter(), (0, 1)).map_while(Result::ok);
        let head = self.head_line.and_then(|line| records.find(|record| record.line == line));
        let mut names = match head {
            Some(head) => decoded(&head, self.encoding()),
            None => vec![String::new(); sample.iter().map(Vec::len).max().unwrap_or_default()],
        };
        if names.len() > MOST_COLUMNS {
            return Err(format!("A file has at most {MOST_COLUMNS} columns; this one has {}.", names.len()));
        }
        // Spreadsheets leave empty columns without a head at the end.
        let is_said = |at: usize| sample.iter().any(|row| row.get(at).is_some_and(|cell| !cell.trim().is_empty()));
        while names.last().is_some_and(|name| name.trim().is_empty()) && !is_said(names.len() - 1) {
            names.pop();
        }
        let mut columns = heads::recognise(&names, &Sample(&sample));
        if self.head_line.is_none() || columns.iter().all(Option::is_none) {
            columns = by_cells(names.len(), &Sample(&sample));
        }
        let head = |(name, column): (String, Option<Column>)| {
            let is_secret = heads::is_secret(&name);
            Head {
                name: shortened(&name),
                column: column.filter(|_| !is_secret),
                own: None,
                is_secret,
                is_empty: false,
            }
        };
        self.columns = names.into_iter().zip(columns).map(head).collect();
        Ok(())
    }

    /// Whether a column has this meaning.
    pub fn has(&self, column: Column) -> bool {
        self.columns.iter().any(|head| head.column == Some(column))
    }
    /// Columns with content that are not read, by head or number.
    pub fn ignored(&self) -> impl Iterator<Item = String> {
        let is_ignored = |head: &Head| head.column.is_none() && head.own.is_none() && !head.is_empty && !head.is_secret;
        let heads = self.columns.iter().enumerate().filter(move |(_, head)| is_ignored(head));
        heads.map(|(at, head)| match head.name.as_str() {
            "" => format!("column {}", at + 1),
            name => name.to_owned(),
        })
    }
}

/// Without heads, the column of addresses is the email, if there is only one.
fn by_cells(columns: usize, sample: &Sample<'_>) -> Vec<Option<Column>> {
    let addresses: Vec<usize> = (0..columns).filter(|at| sample.holds_addresses(*at)).collect();
    let is_email = |at: usize| addresses == [at];
    (0..columns).map(|at| is_email(at).then_some(Column::Email)).collect()
}

/// The delimiter that the first line declares, as Excel writes it (`sep=;`), and the number of lines that takes.
fn told_delimiter(bytes: &[u8]) -> (Option<u8>, u64) {
    let first = bytes.split(|byte| matches!(byte, b'\n' | b'\r')).next().unwrap_or_default();
    let first = first
        .trim_ascii()
        .strip_prefix(b"\"")
        .map_or(first, |rest| rest.strip_suffix(b"\"").unwrap_or(rest));
    match first {
        [b's' | b'S', b'e' | b'E', b'p' | b'P', b'=', delimiter] if delimiter.is_ascii() => (Some(*delimiter), 1),
        _ => (None, 0),
    }
}

pub(super) fn decoded(record: &Record, encoding: &'static Encoding) -> Vec<String> {
    let cells = record.cells.iter();
    cells.map(|cell| encoding.decode_without_bom_handling(&cell.bytes).0.into_owned()).collect()
}

fn shortened(text: &str) -> String {
    let text = fold::visible(text.trim());
    if text.chars().count() > LONGEST_HEAD {
        text.chars().take(LONGEST_HEAD - 1).chain(['…']).collect()
    } else {
        text
    }
}
