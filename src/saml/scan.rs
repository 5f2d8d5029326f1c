//! Checks on the raw text of a document, before a tree is built: characters, markup and sizes.
//!
//! The tree builder (roxmltree) accepts some texts that are not well-formed, and its work grows with the cube of the
//! namespaces in scope. Both are refused here, without any work that grows faster than the text.

use serde::{Deserialize, Serialize};

/// Why a document is not read.
#[derive(Debug, thiserror::Error, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum XmlError {
    #[error("The document is too large.")]
    TooLarge,
    #[error("The document is not encoded in UTF-8.")]
    NotUtf8,
    #[error("The XML declaration is not that of XML 1.0 in UTF-8.")]
    Declaration,
    #[error("The document contains a character that is not allowed.")]
    Character,
    #[error("The document contains a document type, comment, CDATA section or processing instruction, which Roster does not read.")]
    Markup,
    #[error("The document contains a name or namespace that Roster does not read.")]
    Name,
    #[error("The elements of the document are nested too deep.")]
    TooDeep,
    #[error("The document contains too many elements, attributes or namespaces.")]
    TooMany,
    #[error("The document is not well-formed XML.")]
    NotWellFormed,
}

/// The most that a kind of document may contain.
pub(super) struct Limits {
    pub bytes: usize,
    pub nodes: u32,
    pub depth: usize,
    pub attributes: usize,
    /// Namespace declarations, in the whole document and in scope at one place.
    pub declarations: usize,
    pub declarations_in_scope: usize,
    pub allows_comments: bool,
}

/// Responses, which anybody can send.
pub(super) const MESSAGE: Limits = Limits {
    bytes: 512 * 1024,
    nodes: 20_000,
    depth: 40,
    attributes: 64,
    declarations: 200,
    declarations_in_scope: 64,
    allows_comments: false,
};

/// Metadata, which an administrator enters. ADFS declares a namespace again at each of its claim types.
pub(super) const DESCRIPTION: Limits = Limits {
    bytes: 1024 * 1024,
    nodes: 20_000,
    depth: 40,
    attributes: 64,
    declarations: 2_000,
    declarations_in_scope: 64,
    allows_comments: true,
};

const WHITESPACE: [char; 4] = [' ', '\t', '\n', '\r'];

/// The text of a document without its XML declaration.
pub(super) fn text<'a>(bytes: &'a [u8], limits: &Limits) -> Result<&'a str, XmlError> {
    if bytes.len() > limits.bytes {
        return Err(XmlError::TooLarge);
    }
    let text = std::str::from_utf8(bytes).map_err(|_| XmlError::NotUtf8)?;
    let text = without_declaration(text.trim_end_matches(WHITESPACE))?;
    check_characters(text)?;
    check_references(text)?;
    // The tree builder reserves memory for as many attributes as there are equals signs.
    if text.bytes().filter(|byte| *byte == b'=').count() > limits.nodes as usize * 4 {
        return Err(XmlError::TooMany);
    }
    Scanner::new(text, limits).run()?;
    Ok(text)
}

fn without_declaration(text: &str) -> Result<&str, XmlError> {
    let Some(rest) = text.strip_prefix("<?xml") else { return Ok(text) };
    let (declaration, body) = rest.split_once("?>").ok_or(XmlError::Declaration)?;
    let mut parts = declaration.split_ascii_whitespace().map(pseudo_attribute);
    if !declaration.starts_with(WHITESPACE) || parts.next() != Some(Some(("version", "1.0"))) {
        return Err(XmlError::Declaration);
    }
    let mut part = parts.next();
    if let Some(Some(("encoding", encoding))) = part {
        if !encoding.eq_ignore_ascii_case("utf-8") {
            return Err(XmlError::NotUtf8);
        }
        part = parts.next();
    }
    if let Some(Some(("standalone", "yes" | "no"))) = part {
        part = parts.next();
    }
    match part {
        None => Ok(body.trim_start_matches(WHITESPACE)),
        Some(_) => Err(XmlError::Declaration),
    }
}

/// `name="value"` or `name='value'`.
fn pseudo_attribute(part: &str) -> Option<(&str, &str)> {
    let (name, quoted) = part.split_once('=')?;
    let strip = |quote: char| quoted.strip_prefix(quote)?.strip_suffix(quote);
    Some((name, strip('"').or_else(|| strip('\''))?))
}

/// The characters of XML 1.0 (production 2).
fn is_xml_character(c: char) -> bool {
    matches!(c, '\t' | '\n' | '\r' | ' '..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'..)
}

/// Refuses a carriage return that no line feed follows, too: the tree builder does not always normalize it.
fn check_characters(text: &str) -> Result<(), XmlError> {
    let is_allowed = |c: char| is_xml_character(c) && c != '\u{feff}';
    let has_lone_return = text.split('\r').skip(1).any(|rest| !rest.starts_with('\n'));
    if has_lone_return || !text.chars().all(is_allowed) {
        Err(XmlError::Character)
    } else {
        Ok(())
    }
}

/// Refuses references to numbers that are no XML character: the tree builder replaces some of them by U+FFFD.
fn check_references(text: &str) -> Result<(), XmlError> {
    for rest in text.split("&#").skip(1) {
        let (number, _) = rest.split_once(';').ok_or(XmlError::NotWellFormed)?;
        let (digits, radix) = number.strip_prefix('x').map_or((number, 10), |digits| (digits, 16));
        let is_number = digits.len() <= 16 && digits.chars().all(|c| c.is_digit(radix));
        let number = u32::from_str_radix(digits, radix).ok().filter(|_| is_number);
        if !number.and_then(char::from_u32).is_some_and(is_xml_character) {
            return Err(XmlError::Character);
        }
    }
    Ok(())
}

/// Walks over the tags and counts.
struct Scanner<'a> {
    rest: &'a str,
    limits: &'a Limits,
    /// For each open element, the number of its namespace declarations.
    open: Vec<usize>,
    elements: usize,
    declarations: usize,
}

impl<'a> Scanner<'a> {
    fn new(text: &'a str, limits: &'a Limits) -> Self {
        Self { rest: text, limits, open: Vec::new(), elements: 0, declarations: 0 }
    }

    fn run(mut self) -> Result<(), XmlError> {
        while let Some(at) = self.rest.find('<') {
            self.rest = &self.rest[at..];
            if let Some(comment) = self.rest.strip_prefix("<!--").filter(|_| self.limits.allows_comments) {
                (_, self.rest) = comment.split_once("-->").ok_or(XmlError::NotWellFormed)?;
                continue;
            }
            if self.rest.starts_with("<!") || self.rest.starts_with("<?") {
                return Err(XmlError::Markup);
            }
            let (length, attributes) = tag(self.rest)?;
            let (tag, rest) = self.rest.split_at(length);
            self.rest = rest;
            match tag.strip_prefix("</") {
                Some(name) => self.close(name)?,
                None => self.open(tag, attributes)?,
            }
        }
        if self.open.is_empty() {
            Ok(())
        } else {
            Err(XmlError::NotWellFormed)
        }
    }

    fn open(&mut self, tag: &str, attributes: usize) -> Result<(), XmlError> {
        // The tree builder takes `any:xmlns` for a declaration, and a name that begins with a colon for one without.
        if tag.starts_with("<:") || tag.contains(":xmlns") {
            return Err(XmlError::Name);
        }
        let declared = tag.matches("xmlns").count();
        self.elements += 1;
        self.declarations += declared;
        let in_scope = self.open.iter().sum::<usize>() + declared;
        if self.elements > self.limits.nodes as usize
            || attributes > self.limits.attributes
            || self.declarations > self.limits.declarations
            || in_scope > self.limits.declarations_in_scope
        {
            return Err(XmlError::TooMany);
        }
        if !tag.ends_with("/>") {
            self.open.push(declared);
        }
        if self.open.len() > self.limits.depth {
            Err(XmlError::TooDeep)
        } else {
            Ok(())
        }
    }

    fn close(&mut self, name: &str) -> Result<(), XmlError> {
        if name.starts_with(':') {
            return Err(XmlError::Name);
        }
        self.open.pop().map(|_| ()).ok_or(XmlError::NotWellFormed)
    }
}

/// The length of the tag at the start of the text, and how many quoted values it contains.
fn tag(text: &str) -> Result<(usize, usize), XmlError> {
    let (mut quote, mut values) = (None, 0);
    for (at, byte) in text.bytes().enumerate() {
        match (byte, quote) {
            (b'>', None) => return Ok((at + 1, values)),
            (b'"' | b'\'', None) => quote = Some(byte),
            (_, Some(open)) if open == byte => {
                quote = None;
                values += 1;
            }
            _ => {}
        }
    }
    Err(XmlError::NotWellFormed)
}
