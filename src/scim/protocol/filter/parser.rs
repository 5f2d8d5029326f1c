//! The parser of filters and of the filters in paths (RFC 7644 figures 1 and 7). It calls itself once per level of
//! parentheses, of which there are at most `MAX_DEPTH`.

use super::{AttributePath, Filter, FilterError, Literal, MAX_COMPARISONS, MAX_DEPTH, MAX_LENGTH, Operator, attribute_path::is_word};
use serde_json::Number;

pub(in super::super) struct Parser<'a> {
    text: &'a str,
    at: usize,
    depth: usize,
    comparisons: usize,
    /// Whether the parser is inside brackets, where no further brackets are allowed.
    in_brackets: bool,
}

impl<'a> Parser<'a> {
    pub(in super::super) fn new(text: &'a str) -> Result<Self, FilterError> {
        if text.len() > MAX_LENGTH {
            return Err(FilterError::TooComplex);
        }
        Ok(Self { text, at: 0, depth: 0, comparisons: 0, in_brackets: false })
    }

    /// Comparisons joined by `and` and `or`.
    pub(in super::super) fn filter(&mut self) -> Result<Filter, FilterError> {
        let mut parts = vec![self.conjunction()?];
        while self.take_keyword("or") {
            parts.push(self.conjunction()?);
        }
        Ok(joined(parts, Filter::Or))
    }

    fn conjunction(&mut self) -> Result<Filter, FilterError> {
        let mut parts = vec![self.operand()?];
        while self.take_keyword("and") {
            parts.push(self.operand()?);
        }
        Ok(joined(parts, Filter::And))
    }

    fn operand(&mut self) -> Result<Filter, FilterError> {
        self.skip_spaces();
        if self.take(b'(') {
            return self.group();
        }
        let start = self.at;
        let word = self.word();
        if word.eq_ignore_ascii_case("not") {
            self.skip_spaces();
            self.expect(b'(', "\"(\" after not")?;
            return Ok(Filter::Not(Box::new(self.group()?)));
        }
        let path = AttributePath::parse(word).filter(|path| !self.in_brackets || path.is_plain());
        let path = path.ok_or(FilterError::Syntax(start + 1, "the name of an attribute"))?;
        if self.peek() != Some(b'[') {
            return self.comparison(path);
        }
        let filter = self.bracketed(&path)?;
        let filter = match self.sub_attribute()? {
            None => filter,
            Some(sub) => and_also(filter, self.comparison(sub)?),
        };
        Ok(Filter::Within { attribute: path, filter: Box::new(filter) })
    }

    /// What follows an opening parenthesis.
    fn group(&mut self) -> Result<Filter, FilterError> {
        self.deeper()?;
        let filter = self.filter()?;
        self.skip_spaces();
        self.expect(b')', "\")\"")?;
        self.depth -= 1;
        Ok(filter)
    }

    /// The filter in brackets behind an attribute.
    pub(in super::super) fn bracketed(&mut self, attribute: &AttributePath) -> Result<Filter, FilterError> {
        if self.in_brackets || attribute.sub.is_some() {
            return Err(self.expected("no bracket"));
        }
        self.expect(b'[', "\"[\"")?;
        self.deeper()?;
        self.in_brackets = true;
        let filter = self.filter()?;
        self.skip_spaces();
        self.expect(b']', "\"]\"")?;
        self.in_brackets = false;
        self.depth -= 1;
        Ok(filter)
    }

    /// The name of a sub-attribute after a dot, if there is a dot.
    pub(in super::super) fn sub_attribute(&mut self) -> Result<Option<AttributePath>, FilterError> {
        if !self.take(b'.') {
            return Ok(None);
        }
        let start = self.at;
        let name = AttributePath::parse(self.word()).filter(AttributePath::is_plain);
        name.map(Some).ok_or(FilterError::Syntax(start + 1, "the name of a sub-attribute"))
    }

    /// The operator and the value behind an attribute.
    fn comparison(&mut self, path: AttributePath) -> Result<Filter, FilterError> {
        self.comparisons += 1;
        if self.comparisons > MAX_COMPARISONS {
            return Err(FilterError::TooComplex);
        }
        self.expect_space()?;
        let start = self.at;
        let word = self.word();
        if word.eq_ignore_ascii_case("pr") {
            return Ok(Filter::Present(path));
        }
        let operator = Operator::named(word).ok_or(FilterError::Syntax(start + 1, "an operator"))?;
        self.expect_space()?;
        let start = self.at;
        let value = self.literal()?;
        if operator.accepts(&value) {
            Ok(Filter::Compare { path, operator, value })
        } else {
            Err(FilterError::Syntax(start + 1, "a value that the operator compares"))
        }
    }

    fn literal(&mut self) -> Result<Literal, FilterError> {
        if self.peek() == Some(b'"') {
            return self.string();
        }
        let rest = &self.text[self.at..];
        let word = &rest[..rest.find([' ', ')', ']']).unwrap_or(rest.len())];
        let is_number = word.bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b'-' | b'+' | b'.' | b'e' | b'E'));
        let literal = match word {
            "true" => Literal::Bool(true),
            "false" => Literal::Bool(false),
            "null" => Literal::Null,
            _ if is_number => Literal::Number(number(word).ok_or(self.expected("a number"))?),
            _ => return Err(self.expected("a value in the syntax of JSON")),
        };
        self.at += word.len();
        Ok(literal)
    }

    /// A string in the syntax of JSON, whose escapes are read by `serde_json`.
    fn string(&mut self) -> Result<Literal, FilterError> {
        let rest = &self.text[self.at..];
        let mut is_escaped = false;
        let end = rest.bytes().enumerate().skip(1).find_map(|(at, byte)| {
            let ends = byte == b'"' && !is_escaped;
            is_escaped = byte == b'\\' && !is_escaped;
            ends.then_some(at + 1)
        });
        let end = end.ok_or(self.expected("a string with a quotation mark at its end"))?;
        let text = serde_json::from_str(&rest[..end]).map_err(|_| self.expected("a string in the syntax of JSON"))?;
        self.at += end;
        Ok(Literal::String(text))
    }

    /// Reads `and` or `or` between two spaces or closing and opening parentheses.
    fn take_keyword(&mut self, keyword: &str) -> bool {
        let start = self.at;
        self.skip_spaces();
        let is_apart = self.at > start || self.text[..start].ends_with([')', ']']);
        if is_apart && self.word().eq_ignore_ascii_case(keyword) && matches!(self.peek(), Some(b' ' | b'(')) {
            return true;
        }
        self.at = start;
        false
    }

    /// The letters, digits and marks of a name, perhaps none.
    pub(in super::super) fn word(&mut self) -> &'a str {
        let rest = &self.text[self.at..];
        let length = rest.bytes().take_while(|byte| is_word(*byte)).count();
        self.at += length;
        &rest[..length]
    }

    fn deeper(&mut self) -> Result<(), FilterError> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            Err(FilterError::TooComplex)
        } else {
            Ok(())
        }
    }

    pub(in super::super) fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn take(&mut self, byte: u8) -> bool {
        let is_there = self.peek() == Some(byte);
        self.at += usize::from(is_there);
        is_there
    }

    fn skip_spaces(&mut self) {
        while self.take(b' ') {}
    }

    fn expect(&mut self, byte: u8, what: &'static str) -> Result<(), FilterError> {
        if self.take(byte) { Ok(()) } else { Err(self.expected(what)) }
    }

    fn expect_space(&mut self) -> Result<(), FilterError> {
        self.expect(b' ', "a space")?;
        self.skip_spaces();
        Ok(())
    }

    /// Refuses what follows the filter.
    pub(in super::super) fn end(&mut self) -> Result<(), FilterError> {
        self.skip_spaces();
        if self.at == self.text.len() {
            Ok(())
        } else {
            Err(self.expected("and, or, or the end"))
        }
    }

    fn expected(&self, what: &'static str) -> FilterError {
        FilterError::Syntax(self.at + 1, what)
    }
}

/// A number in the syntax of JSON. The standard library reads floating-point numbers more exactly than `serde_json`.
fn number(word: &str) -> Option<Number> {
    let number: Number = serde_json::from_str(word).ok()?;
    if number.is_f64() {
        Number::from_f64(word.parse().ok()?)
    } else {
        Some(number)
    }
}

/// The parts joined, or the only part itself.
fn joined(mut parts: Vec<Filter>, join: fn(Vec<Filter>) -> Filter) -> Filter {
    match parts.pop() {
        Some(only) if parts.is_empty() => only,
        last => {
            parts.extend(last);
            join(parts)
        }
    }
}

/// `emails[type eq "work"].value eq "x"`, which Entra sends: the element satisfies both.
fn and_also(filter: Filter, also: Filter) -> Filter {
    match filter {
        Filter::And(mut parts) => {
            parts.push(also);
            Filter::And(parts)
        }
        other => Filter::And(vec![other, also]),
    }
}
