//! CSV (RFC 4180), safe to open in spreadsheet programs that run formulas (CSV injection).

use crate::kit::Fault;
use std::borrow::Cow;

/// Characters that a spreadsheet may read as the start of a formula, full-width forms included (OWASP ASVS 5.0,
/// 1.2.10).
const BEGINS_FORMULA: [char; 12] = ['=', '+', '-', '@', '\t', '\r', '\n', '\0', '＝', '＋', '－', '＠'];

/// The byte order mark at the start of a file. Without it Excel reads UTF-8 in the machine's local encoding, and most
/// names are garbled.
pub const MARK: &str = "\u{feff}";

/// Writes lines to the end of a text. It is complete when this is dropped.
pub struct Lines<'a>(csv::Writer<&'a mut Vec<u8>>);

impl<'a> Lines<'a> {
    pub fn new(into: &'a mut Vec<u8>) -> Self {
        Self(csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).flexible(true).from_writer(into))
    }
    /// Writes one line.
    ///
    /// # Errors
    /// None in practice: memory accepts everything.
    pub fn line<'b>(&mut self, cells: impl IntoIterator<Item = &'b str>) -> Result<(), Fault> {
        for cell in cells {
            self.0.write_field(safe(cell).as_bytes()).map_err(Fault::broken)?;
        }
        self.0.write_record(None::<&[u8]>).map_err(Fault::broken)
    }
}

/// The cell with a quote in front if it could start a formula, so that no spreadsheet runs it.
fn safe(cell: &str) -> Cow<'_, str> {
    if cell.starts_with(BEGINS_FORMULA) {
        Cow::Owned(format!("'{cell}"))
    } else {
        Cow::Borrowed(cell)
    }
}

/// Undoes what [`Lines`] did to a cell.
pub fn plain(cell: &str) -> &str {
    cell.strip_prefix('\'').filter(|rest| rest.starts_with(BEGINS_FORMULA)).unwrap_or(cell)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_made_safe_is_read_as_it_was() {
        for cell in ["=1+1", "+49 30", "O'Neil", "'tis", ""] {
            assert_eq!(plain(&safe(cell)), cell);
        }
    }

    #[test]
    fn no_cell_begins_a_formula_and_every_cell_stays_one() {
        for (cell, written) in [
            ("Grace", "Grace"),
            ("=1+1", "'=1+1"),
            ("+49 30", "'+49 30"),
            ("-1", "'-1"),
            ("@SUM(A1)", "'@SUM(A1)"),
            ("\tx", "'\tx"),
            ("＝1", "'＝1"),
            ("a=b", "a=b"),
            ("", ""),
            ("a,b", "\"a,b\""),
            ("say \"hi\"", "\"say \"\"hi\"\"\""),
            ("two\nlines", "\"two\nlines\""),
            ("\r=1", "\"'\r=1\""),
        ] {
            let mut text = Vec::new();
            Lines::new(&mut text).line(["x", cell]).unwrap();
            assert_eq!(String::from_utf8(text).unwrap(), format!("x,{written}\r\n"), "{cell:?}");
        }
    }
}
