//! The form that sets the meaning of each column, beside its first lines, and the encoding of the file.

use super::{
    Import, ImportFile, ImportMode,
    columns::Column,
    encoding::{self, ENCODINGS},
    layout::{Head, Layout},
};
use crate::{
    kit::OwnFieldId,
    web::{Error, Field},
};
use serde::Deserialize;
use std::collections::BTreeMap;

/// Lines shown of each column, and characters of each cell.
pub(super) const LINES: usize = 3;
const SHOWN: usize = 60;

#[derive(Deserialize, Default, Debug)]
#[serde(deny_unknown_fields, default)]
pub(super) struct MappingForm {
    /// The meaning of each column in order; empty means ignored.
    #[serde(rename = "column")]
    pub columns: Vec<String>,
    pub encoding: Field,
    /// `1` if the first record contains the heads.
    pub heads: String,
    #[serde(skip)]
    pub complaint: Option<String>,
}

impl MappingForm {
    pub fn of(layout: &Layout) -> Self {
        let text = |head: &Head| match head.own {
            Some(field) => format!("{OWN}{field}"),
            None => head.column.map_or("", Column::as_str).to_owned(),
        };
        Self {
            columns: layout.columns.iter().map(text).collect(),
            encoding: Field::new(&layout.encoding),
            heads: if layout.head_line.is_some() { "1" } else { "" }.into(),
            complaint: None,
        }
    }

    pub fn has_heads(&self) -> bool {
        self.heads == "1"
    }

    /// Refuses a form with unknown values; they are never replaced by a default.
    ///
    /// # Errors
    /// [`Error::Malformed`] if a value cannot come from our form.
    pub fn is_understood(&self, import: &Import) -> Result<(), Error> {
        let is_encoding = match self.encoding.value.as_str() {
            "" => import.layout.encoding == encoding::UTF_16,
            name => import.layout.encoding != encoding::UTF_16 && ENCODINGS.iter().any(|(known, _)| *known == name),
        };
        let is_own = |text: &String| own(text).is_some_and(|field| import.own.iter().any(|known| known.id == field));
        let is_column =
            |text: &String| text.is_empty() || is_own(text) || Column::parse(text).is_some_and(|column| column.is_for(import.way));
        if is_encoding && ["", "1"].contains(&self.heads.as_str()) && self.columns.iter().all(is_column) {
            return Ok(());
        }
        Err(Error::Malformed("What the columns are to be is not understood.".into()))
    }

    /// The requested layout. With another encoding or without heads, the detected part is detected again, and choices
    /// made by hand stay.
    fn check(&mut self, import: &Import, bytes: &[u8]) -> Option<Layout> {
        let known = &import.layout;
        if self.columns.len() != known.columns.len() {
            let why = "The columns were read in another way meanwhile, perhaps in another tab. Look at them again.";
            *self = Self { complaint: Some(why.into()), ..Self::of(known) };
            return None;
        }
        let mut layout = known.clone();
        if known.encoding != encoding::UTF_16 {
            layout.encoding.clone_from(&self.encoding.value);
        }
        layout.head_line = self.has_heads().then_some(known.head_line.unwrap_or(known.above + 1));
        let is_read_anew = layout.encoding != known.encoding || layout.head_line != known.head_line;
        let chosen = if is_read_anew {
            let mut before = known.clone();
            let named = before.name_columns(bytes).and_then(|()| layout.name_columns(bytes));
            named.map_err(|why| self.complaint = Some(why)).ok()?;
            self.by_hand(&before, import.way)
        } else {
            self.chosen().enumerate().collect()
        };
        for (at, head) in layout.columns.iter_mut().enumerate() {
            let is_taken = |column: &Column| chosen.values().any(|chosen| *chosen == Some(*column));
            let found = head.column.filter(|column| column.is_for(import.way) && !is_taken(column));
            head.column = chosen.get(&at).copied().unwrap_or(found).filter(|_| !head.is_secret);
            head.own = own(&self.columns[at]).filter(|_| !head.is_secret);
            head.column = head.column.filter(|_| head.own.is_none());
        }
        self.is_once(&layout, import).then_some(layout)
    }

    /// The lines of the file in the requested layout. If it cannot be read so, the form holds the complaint.
    pub fn import_file(&mut self, import: &Import, bytes: Vec<u8>) -> Option<ImportFile> {
        let layout = self.check(import, &bytes)?;
        ImportFile::by(bytes, layout).map_err(|why| self.complaint = Some(why)).ok()
    }

    fn chosen(&self) -> impl Iterator<Item = Option<Column>> {
        self.columns.iter().map(|chosen| Column::parse(chosen))
    }

    /// The choices that differ from what was detected.
    fn by_hand(&self, found: &Layout, way: ImportMode) -> BTreeMap<usize, Option<Column>> {
        let found = found.columns.iter().map(|head| head.column.filter(|column| column.is_for(way)));
        let both = self.chosen().zip(found.chain(std::iter::repeat(None))).enumerate();
        both.filter(|(_, (chosen, found))| chosen != found).map(|(at, (chosen, _))| (at, chosen)).collect()
    }

    /// Whether no two columns have the same meaning.
    fn is_once(&mut self, layout: &Layout, import: &Import) -> bool {
        let twice = Column::ALL.into_iter().find(|column| {
            let is_it = |head: &&Head| head.column == Some(*column);
            layout.columns.iter().filter(is_it).count() > 1
        });
        let own_twice = import
            .own
            .iter()
            .find(|own| layout.columns.iter().filter(|head| head.own == Some(own.id)).count() > 1);
        let named = twice.map(Column::label).or(own_twice.map(|own| own.name.as_str()));
        self.complaint = named.map(|name| format!("Two columns are “{name}”. Ignore one of them."));
        named.is_none()
    }
}

/// Before the id of an own field of the organization, among the meanings of a column.
const OWN: &str = "own:";

/// The own field that a choice means.
fn own(chosen: &str) -> Option<OwnFieldId> {
    chosen.strip_prefix(OWN)?.parse().ok()
}

/// A column as the page shows it.
pub(super) struct Row {
    pub number: usize,
    pub name: String,
    /// What it is read as.
    pub chosen: String,
    /// Its first cells with content.
    pub cells: Vec<String>,
    pub is_secret: bool,
    pub is_empty: bool,
}

/// The part of the page about columns.
pub(super) struct Mapping {
    pub form: MappingForm,
    pub rows: Vec<Row>,
    /// The meanings that a column can have.
    pub choices: Vec<(String, String)>,
    pub encodings: &'static [(&'static str, &'static str)],
}

impl Mapping {
    /// Built from a file, or from its beginning.
    pub fn of(import: &Import, form: MappingForm, bytes: &[u8]) -> Self {
        let layout = &import.layout;
        let sample = layout.sample(bytes, 50);
        let row = |(at, head): (usize, &Head)| {
            let cells = sample.iter().filter_map(|row| row.get(at)).map(|cell| shown(cell));
            Row {
                number: at + 1,
                name: head.name.clone(),
                chosen: form.columns.get(at).cloned().unwrap_or_default(),
                cells: cells.filter(|cell| !cell.is_empty()).take(LINES).collect(),
                is_secret: head.is_secret,
                is_empty: head.is_empty,
            }
        };
        let rows = layout.columns.iter().enumerate().map(row).collect();
        let is_certain = layout.encoding == encoding::UTF_16;
        Self {
            form,
            rows,
            choices: choices(import),
            encodings: if is_certain { &[] } else { &ENCODINGS },
        }
    }
    /// How many columns are empty and ignored; one sentence stands for all of them.
    pub fn hidden(&self) -> usize {
        self.rows.iter().filter(|row| row.is_hidden()).count()
    }
}

/// The meanings that a column can have, each with its label.
fn choices(import: &Import) -> Vec<(String, String)> {
    let known = Column::ALL.into_iter().filter(|column| column.is_for(import.way));
    let known = known.map(|column| (column.as_str().to_owned(), column.label().to_owned()));
    let own = import.own.iter().map(|own| (format!("{OWN}{}", own.id), own.name.clone()));
    known.chain(own).collect()
}

impl Row {
    pub fn is_hidden(&self) -> bool {
        self.is_empty && self.chosen.is_empty()
    }
    pub fn is(&self, meaning: &str) -> bool {
        self.chosen == meaning
    }
}

fn shown(cell: &str) -> String {
    let cell = crate::kit::fold::visible(&cell.replace('\n', " "));
    let cell = cell.trim();
    match cell.chars().count() {
        long if long > SHOWN => cell.chars().take(SHOWN - 1).chain(['…']).collect(),
        _ => cell.to_owned(),
    }
}
