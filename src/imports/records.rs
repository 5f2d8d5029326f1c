//! The records of a file: delimited cells (RFC 4180), read from its bytes in order, each with the number of its first
//! line. Copies only the cells of the current record.

use std::ops::Range;

/// One record: its first line, and its cells as bytes in the file's encoding.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Record {
    /// As an editor counts: the first line is 1, and a cell may span several lines.
    pub line: u64,
    pub cells: Vec<Cell>,
}

/// One cell.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Cell {
    /// Its content without the quotation marks.
    pub bytes: Vec<u8>,
    /// Its position in the file, quotation marks included.
    pub place: Range<usize>,
}

impl Record {
    /// Whether it has no text; spreadsheets leave such lines at the end of a file.
    pub fn is_blank(&self) -> bool {
        self.cells.iter().all(|cell| cell.bytes.trim_ascii().is_empty())
    }
}

/// A quotation mark on this line opens a cell and is never closed: the rest of the file would be read as one cell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Unclosed(pub u64);

/// Iterates over the records of a file. Skips blank lines.
pub(super) struct Records<'a> {
    bytes: &'a [u8],
    delimiter: u8,
    at: usize,
    line: u64,
}

impl<'a> Records<'a> {
    /// Starts at this byte offset and line number.
    pub fn new(bytes: &'a [u8], delimiter: u8, (at, line): (usize, u64)) -> Self {
        Self { bytes, delimiter, at, line }
    }

    fn byte(&self, at: usize) -> Option<u8> {
        self.bytes.get(at).copied()
    }

    /// Skips a line end: LF, CR LF or, from an old Macintosh, CR.
    fn end_line(&mut self) {
        let is_pair = self.byte(self.at) == Some(b'\r') && self.byte(self.at + 1) == Some(b'\n');
        self.at += if is_pair { 2 } else { 1 };
        self.line += 1;
    }

    fn record(&mut self) -> Result<Record, Unclosed> {
        let mut record = Record { line: self.line, cells: Vec::new() };
        loop {
            record.cells.push(self.cell()?);
            match self.byte(self.at) {
                Some(byte) if byte == self.delimiter => self.at += 1,
                Some(_) => {
                    self.end_line();
                    return Ok(record);
                }
                None => return Ok(record),
            }
        }
    }

    /// Reads a cell up to its delimiter. Allows spaces before the opening and after the closing quotation mark.
    fn cell(&mut self) -> Result<Cell, Unclosed> {
        let begin = self.at;
        let is_blank = |byte: u8| matches!(byte, b' ' | b'\t') && byte != self.delimiter;
        let blanks = self.bytes[begin..].iter().take_while(|byte| is_blank(**byte)).count();
        let mut bytes = Vec::new();
        if self.byte(begin + blanks) == Some(b'"') {
            self.at = begin + blanks + 1;
            self.quoted(&mut bytes)?;
        }
        let rest = &self.bytes[self.at..];
        let ends = |byte: &u8| *byte == self.delimiter || matches!(byte, b'\n' | b'\r');
        let length = rest.iter().position(ends).unwrap_or(rest.len());
        bytes.extend_from_slice(&rest[..length]);
        self.at += length;
        Ok(Cell { bytes, place: begin..self.at })
    }

    /// Reads up to the closing quotation mark. Two quotation marks stand for one.
    fn quoted(&mut self, into: &mut Vec<u8>) -> Result<(), Unclosed> {
        let opened = self.line;
        loop {
            match (self.byte(self.at), self.byte(self.at + 1)) {
                (Some(b'"'), Some(b'"')) => {
                    into.push(b'"');
                    self.at += 2;
                }
                (Some(b'"'), _) => {
                    self.at += 1;
                    return Ok(());
                }
                (Some(b'\n' | b'\r'), _) => {
                    self.end_line();
                    into.push(b'\n');
                }
                (Some(byte), _) => {
                    into.push(byte);
                    self.at += 1;
                }
                (None, _) => return Err(Unclosed(opened)),
            }
        }
    }
}

impl Iterator for Records<'_> {
    type Item = Result<Record, Unclosed>;

    fn next(&mut self) -> Option<Self::Item> {
        while self.at < self.bytes.len() {
            match self.record() {
                Ok(record) if record.is_blank() => {}
                Err(unclosed) => {
                    self.at = self.bytes.len();
                    return Some(Err(unclosed));
                }
                record => return Some(record),
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn read(text: &str) -> Vec<(u64, Vec<String>)> {
        let told = |record: Result<Record, Unclosed>| {
            let record = record.unwrap();
            let cells = record.cells.into_iter().map(|cell| String::from_utf8(cell.bytes).unwrap());
            (record.line, cells.collect())
        };
        Records::new(text.as_bytes(), b',', (0, 1)).map(told).collect()
    }

    #[test]
    fn records_begin_on_the_line_that_an_editor_shows() {
        for end in ["\n", "\r\n", "\r"] {
            let text = ["a,b", "", "\"one", "two\",x", " , ", "c,d"].join(end);
            let records = read(&text);
            assert_eq!(records.iter().map(|(line, _)| *line).collect::<Vec<_>>(), [1, 3, 6], "{end:?}");
            assert_eq!(records[1].1, ["one\ntwo", "x"]);
        }
    }

    #[test]
    fn quotation_marks_are_read_as_programs_write_them() {
        for (text, cells) in [
            ("a, \"b, c\" ,d", vec!["a", "b, c ", "d"]),
            ("\"say \"\"hi\"\"\",x", vec!["say \"hi\"", "x"]),
            ("Ann \"Bo\" O'Neil,x", vec!["Ann \"Bo\" O'Neil", "x"]),
            ("\"\",x", vec!["", "x"]),
            ("x", vec!["x"]),
        ] {
            assert_eq!(read(text), [(1, cells.into_iter().map(str::to_owned).collect())], "{text}");
        }
        let mut unclosed = Records::new(b"a\n\"b\nc", b',', (0, 1));
        assert!(unclosed.next().unwrap().is_ok());
        assert_eq!(unclosed.next(), Some(Err(Unclosed(2))));
        assert_eq!(unclosed.next(), None);
    }

    proptest! {
        #[test]
        fn what_is_written_by_the_rules_is_read_as_it_was(rows in proptest::collection::vec(proptest::collection::vec("[a-z\" ,;\n]{0,6}", 1..4), 1..6)) {
            let mut writer = csv::WriterBuilder::new().flexible(true).quote_style(csv::QuoteStyle::Always).from_writer(Vec::new());
            for row in &rows {
                writer.write_record(row).unwrap();
            }
            let text = String::from_utf8(writer.into_inner().unwrap()).unwrap();
            let kept: Vec<Vec<String>> = rows.into_iter().filter(|row| row.iter().any(|cell| !cell.trim().is_empty())).collect();
            prop_assert_eq!(read(&text).into_iter().map(|(_, cells)| cells).collect::<Vec<_>>(), kept);
        }

        #[test]
        fn whatever_a_file_holds_reading_ends_and_every_place_is_in_it(bytes in proptest::collection::vec(any::<u8>(), 0..200), delimiter in prop_oneof![Just(b','), Just(b';'), Just(b'\t'), Just(b'|')]) {
            for record in Records::new(&bytes, delimiter, (0, 1)).flatten() {
                for cell in record.cells {
                    prop_assert!(cell.place.end <= bytes.len());
                }
            }
        }
    }
}
