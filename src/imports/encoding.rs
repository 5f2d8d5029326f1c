//! The character encoding of a file: detected from its bytes, shown, and changed by hand if it is wrong.

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE};

/// The encodings that can be chosen: the name in the Encoding Standard, and a label for people. In all of them the
/// delimiters are the same single bytes.
pub const ENCODINGS: [(&str, &str); 21] = [
    ("UTF-8", "Unicode (UTF-8)"),
    ("windows-1252", "Western European (Windows-1252)"),
    ("ISO-8859-15", "Western European (ISO 8859-15)"),
    ("macintosh", "Western European (Macintosh)"),
    ("windows-1250", "Central European (Windows-1250)"),
    ("ISO-8859-2", "Central European (ISO 8859-2)"),
    ("windows-1257", "Baltic (Windows-1257)"),
    ("windows-1251", "Cyrillic (Windows-1251)"),
    ("KOI8-U", "Cyrillic (KOI8)"),
    ("IBM866", "Cyrillic (DOS 866)"),
    ("windows-1253", "Greek (Windows-1253)"),
    ("windows-1254", "Turkish (Windows-1254)"),
    ("windows-1255", "Hebrew (Windows-1255)"),
    ("windows-1256", "Arabic (Windows-1256)"),
    ("windows-1258", "Vietnamese (Windows-1258)"),
    ("windows-874", "Thai (Windows-874)"),
    ("Shift_JIS", "Japanese (Shift JIS)"),
    ("EUC-JP", "Japanese (EUC-JP)"),
    ("gb18030", "Chinese (GB 18030)"),
    ("Big5", "Chinese (Big5)"),
    ("EUC-KR", "Korean (EUC-KR)"),
];

/// Shown for a file that came in UTF-16. It is stored as UTF-8, so no other encoding can be chosen for it.
pub const UTF_16: &str = "UTF-16";

/// The label of an encoding.
pub fn label(name: &str) -> &str {
    match ENCODINGS.iter().find(|(known, _)| *known == name) {
        Some((_, label)) => label,
        None => name,
    }
}

/// The encoding of that name, if it can be chosen.
pub(super) fn named(name: &str) -> Option<&'static Encoding> {
    if name == UTF_16 {
        return Some(UTF_8);
    }
    let (known, _) = ENCODINGS.iter().find(|(known, _)| *known == name)?;
    Encoding::for_label(known.as_bytes())
}

/// The file in an encoding with single-byte delimiters, and the encoding's name.
///
/// # Errors
/// The kind of the file, if it is not text.
pub(super) fn detect(mut bytes: Vec<u8>) -> Result<(Vec<u8>, String), String> {
    if let Some(what) = other_kind(&bytes) {
        return Err(format!("{what}. Save it as CSV and choose that file."));
    }
    if let Some(encoding) = utf_16(&bytes) {
        let (text, _) = encoding.decode_with_bom_removal(&bytes);
        return Ok((text.into_owned().into_bytes(), UTF_16.into()));
    }
    if bytes.starts_with(b"\xef\xbb\xbf") {
        bytes.drain(..3);
        return Ok((bytes, UTF_8.name().into()));
    }
    let name = if std::str::from_utf8(&bytes).is_ok() {
        UTF_8.name()
    } else {
        guess(&bytes)
    };
    Ok((bytes, name.to_owned()))
}

/// The most likely encoding of bytes that are not Unicode. An encoding that cannot be chosen is one that practically
/// nobody uses.
fn guess(bytes: &[u8]) -> &'static str {
    let mut detector = EncodingDetector::new(Iso2022JpDetection::Deny);
    detector.feed(bytes, true);
    let name = match detector.guess(None, Utf8Detection::Deny).name() {
        "GBK" => "gb18030",
        "ISO-8859-1" => "windows-1252",
        "KOI8-R" => "KOI8-U",
        name => name,
    };
    let known = ENCODINGS.iter().find(|(known, _)| *known == name);
    known.map_or("windows-1252", |(known, _)| *known)
}

/// Detects UTF-16 by its byte order mark, or because every second byte of the first line is zero.
fn utf_16(bytes: &[u8]) -> Option<&'static Encoding> {
    match bytes {
        [0xff, 0xfe, ..] => return Some(UTF_16LE),
        [0xfe, 0xff, ..] => return Some(UTF_16BE),
        _ => {}
    }
    let first = &bytes[..bytes.len().min(64)];
    let empty = |at: usize| first.len() >= 8 && first.iter().skip(at).step_by(2).all(|byte| *byte == 0);
    match (empty(1), empty(0)) {
        (true, false) => Some(UTF_16LE),
        (false, true) => Some(UTF_16BE),
        _ => None,
    }
}

/// The kind of a file that is not text, by its first bytes.
fn other_kind(bytes: &[u8]) -> Option<&'static str> {
    let holds = |text: &[u8]| bytes.windows(text.len()).take(64 * 1024).any(|some| some == text);
    let begins = |text: &[u8]| bytes.get(..text.len()).is_some_and(|some| some.eq_ignore_ascii_case(text));
    Some(match bytes {
        [b'P', b'K', 3, 4, ..] if holds(b"opendocument.spreadsheet") => "This is a spreadsheet (.ods)",
        [b'P', b'K', 3, 4, ..] if holds(b"xl/") || holds(b"[Content_Types].xml") => "This is an Excel workbook (.xlsx)",
        [b'P', b'K', 3, 4, ..] => "This is a spreadsheet or another packed file (.zip)",
        [0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1, ..] => "This is a workbook of an old Excel (.xls)",
        [0x1f, 0x8b, ..] => "This is a packed file (.gz)",
        _ if begins(b"%PDF-") => "This is a PDF",
        _ if begins(b"<!doctype html") || begins(b"<html") || begins(b"<table") => "This is a web page",
        _ if begins(b"<?xml") => "This is XML",
        _ if begins(b"begin:vcard") => "These are business cards (.vcf)",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(bytes: &[u8]) -> (String, String) {
        let (bytes, name) = detect(bytes.to_vec()).unwrap();
        let (text, _) = named(&name).unwrap().decode_without_bom_handling(&bytes);
        (text.into_owned(), name)
    }

    #[test]
    fn letters_are_read_in_the_encoding_that_they_were_written_in() {
        for (text, encoding) in [
            ("name,email\nZoë Müller,zoe@x.org", "UTF-8"),
            ("Vorname;Nachname;E-Mail\r\nJörg;Müller;joerg@x.org\r\nZoë;Weiß;zoe@x.org\r\n", "windows-1252"),
            ("имя,почта\nИван Петров,ivan@x.org\nМария Кузнецова,maria@x.org\n", "windows-1251"),
            ("名前,メール\n山田太郎,taro@x.org\n鈴木花子,hana@x.org\n", "Shift_JIS"),
        ] {
            let (bytes, _, unmappable) = named(encoding).unwrap().encode(text);
            assert!(!unmappable);
            assert_eq!(told(&bytes), (text.to_owned(), encoding.to_owned()));
        }
        let text = "name\temail\r\nJörg\tj@x.org";
        for mark in ["\u{feff}", ""] {
            let little: Vec<u8> = format!("{mark}{text}").encode_utf16().flat_map(u16::to_le_bytes).collect();
            let big: Vec<u8> = format!("{mark}{text}").encode_utf16().flat_map(u16::to_be_bytes).collect();
            assert_eq!(told(&little), (text.to_owned(), "UTF-16".to_owned()));
            assert_eq!(told(&big), (text.to_owned(), "UTF-16".to_owned()));
        }
    }

    #[test]
    fn every_encoding_that_is_offered_exists_and_parts_cells_by_one_byte() {
        for (name, _) in ENCODINGS {
            let encoding = named(name).unwrap();
            assert_eq!(encoding.name(), name);
            assert!(encoding.is_ascii_compatible());
        }
        assert!(named("UTF-7").is_none());
    }

    #[test]
    fn what_is_no_text_is_named() {
        for (bytes, says) in [
            (&b"PK\x03\x04....xl/workbook.xml"[..], ".xlsx"),
            (b"PK\x03\x04mimetypeapplication/vnd.oasis.opendocument.spreadsheet", ".ods"),
            (b"PK\x03\x04rest", "packed file"),
            (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1rest", "old Excel (.xls)"),
            (b"%PDF-1.7", "PDF"),
            (b"<html><table>", "web page"),
        ] {
            let why = detect(bytes.to_vec()).unwrap_err();
            assert!(why.contains(says), "{why}");
        }
    }
}
