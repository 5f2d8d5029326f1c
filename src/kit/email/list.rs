//! Parser for pasted lists of people from mail programs, spreadsheets and letters.

use super::is_one_mailbox;

/// One entry of a list: an optional name and the text of an address, not validated yet.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Entry {
    pub name: String,
    pub address: String,
}

/// Reads addresses separated by commas, semicolons, spaces, tabs or new lines.
/// Within a line, other words are the name of the next address: `Doe, Jane <jane@…>; Smith, John (IT) <john@…>`,
/// `Ann Example⇥ann@…`. If words follow each address, they are the name of the address before them: `bob@…⇥Bob`.
/// Ambiguous words (`ann@…, nonsense, bob@…`) and a line without any address become entries of their own, so that the
/// sender is told about them.
pub fn read_list(text: &str) -> Vec<Entry> {
    lines(text).into_iter().flat_map(|line| entries(Line::read(line))).collect()
}

/// Splits at line ends, and at semicolons outside quotes.
fn lines(text: &str) -> Vec<&str> {
    let (mut is_quoted, mut start, mut lines) = (false, 0, Vec::new());
    for (at, c) in text.char_indices() {
        let is_line_end = matches!(c, '\n' | '\r' | '\u{2028}' | '\u{2029}');
        is_quoted = !is_line_end && (is_quoted ^ (c == '"'));
        if is_line_end || (c == ';' && !is_quoted) {
            lines.push(&text[start..at]);
            start = at + c.len_utf8();
        }
    }
    lines.push(&text[start..]);
    lines
}

/// One part of a line.
#[derive(Debug, PartialEq)]
enum Part {
    Address(String),
    /// An address in angle brackets, or in parentheses.
    Bracketed(String),
    /// Text in parentheses after an address.
    Comment(String),
    Words(String),
}

fn entries(parts: Vec<Part>) -> Vec<Entry> {
    let is_address = |part: Option<&Part>| matches!(part, Some(Part::Address(_) | Part::Bracketed(_)));
    let begins_with_address = is_address(parts.first());
    let is_pair = |pair: &[Part]| pair.len() == 2 && is_address(pair.first()) && !is_address(pair.last());
    let names_follow = parts.chunks(2).all(is_pair);
    let (mut entries, mut name) = (Vec::<Entry>::new(), String::new());
    for part in parts {
        match part {
            Part::Address(address) => {
                let words = std::mem::take(&mut name);
                let name = if begins_with_address && !words.is_empty() {
                    entries.push(Entry { name: String::new(), address: words });
                    String::new()
                } else {
                    words
                };
                entries.push(Entry { name, address });
            }
            Part::Bracketed(address) => entries.push(Entry { name: std::mem::take(&mut name), address }),
            Part::Words(words) if !names_follow => name = words,
            Part::Words(words) | Part::Comment(words) => call(entries.last_mut(), words),
        }
    }
    match entries.last_mut() {
        _ if name.is_empty() => {}
        Some(last) if !begins_with_address => call(Some(last), name),
        _ => entries.push(Entry { name: String::new(), address: name }),
    }
    entries
}

/// Sets the name of an entry that has none.
fn call(entry: Option<&mut Entry>, name: String) {
    if let Some(entry) = entry.filter(|entry| entry.name.is_empty()) {
        entry.name = name;
    }
}

/// Parser state of one line.
#[derive(Default)]
struct Line {
    parts: Vec<Part>,
    /// Words that belong to no part yet, and how many of their bytes come before the last comma.
    words: String,
    before_comma: usize,
    /// Whether the last thing read was an address.
    is_behind_address: bool,
}

impl Line {
    fn read(text: &str) -> Vec<Part> {
        let (mut line, mut rest) = (Self::default(), text.trim());
        while let Some(c) = rest.chars().next() {
            let behind = &rest[c.len_utf8()..];
            rest = match c {
                '"' => {
                    let (quoted, rest) = until(behind, '"');
                    line.say(quoted);
                    rest
                }
                '<' => {
                    let (address, rest) = until(behind, '>');
                    line.within_brackets(address);
                    rest
                }
                '(' | '[' => {
                    let (inside, rest) = until(behind, if c == '(' { ')' } else { ']' });
                    line.within_parentheses(inside);
                    rest
                }
                ',' => {
                    line.comma();
                    behind
                }
                _ => {
                    let ends = |c: char| c.is_whitespace() || matches!(c, ',' | '<' | '(' | '"');
                    let (word, rest) = rest.split_at(rest.find(ends).unwrap_or(rest.len()));
                    line.word(word);
                    rest
                }
            }
            .trim_start();
        }
        line.comma();
        line.end_words();
        line.parts
    }

    fn word(&mut self, word: &str) {
        if is_meant_as_address(word) {
            self.push(Part::Address(word.trim_matches(['\'', '‘', '’', '“', '”']).to_owned()));
        } else {
            self.say(word);
        }
    }

    fn say(&mut self, words: &str) {
        if !self.words.is_empty() {
            self.words.push(' ');
        }
        self.words.push_str(words.trim());
        self.is_behind_address = false;
    }

    fn within_brackets(&mut self, address: &str) {
        // Mail programs write the address in place of a name: `ann@… <ann@…>`.
        let is_doubled =
            self.is_behind_address && matches!(self.parts.last(), Some(Part::Address(before)) if is_one_mailbox(before, address));
        if !is_doubled {
            self.push(Part::Bracketed(address.trim().to_owned()));
        }
    }

    fn within_parentheses(&mut self, inside: &str) {
        if is_meant_as_address(inside) {
            self.within_brackets(inside);
        } else if self.is_behind_address {
            self.parts.push(Part::Comment(inside.trim().to_owned()));
        } else {
            self.say(&format!("({})", inside.trim()));
        }
    }

    /// A comma separates addresses, and also last from first names. A single word between two commas with a dot in it,
    /// like `ann.example.org`, is treated as a mistyped address.
    fn comma(&mut self) {
        let last = self.words[self.before_comma..].trim_start_matches([',', ' ']).to_owned();
        let has_inner_dot = last.split_once('.').is_some_and(|(left, right)| !left.is_empty() && !right.is_empty());
        if has_inner_dot && !last.contains(char::is_whitespace) {
            self.words.truncate(self.before_comma);
            self.push(Part::Address(last));
        } else if !self.words.is_empty() && !self.words.ends_with(',') {
            self.words.push(',');
        }
        self.before_comma = self.words.len();
        self.is_behind_address = false;
    }

    fn end_words(&mut self) {
        let words = std::mem::take(&mut self.words);
        let words = words.trim_matches([',', ' ']);
        if !words.is_empty() {
            self.parts.push(Part::Words(words.to_owned()));
        }
        self.before_comma = 0;
    }

    fn push(&mut self, address: Part) {
        self.end_words();
        self.parts.push(address);
        self.is_behind_address = true;
    }
}

fn is_meant_as_address(text: &str) -> bool {
    text.contains('@')
}

/// The text before and after a closing sign. If the sign is missing, all of the text and nothing.
fn until(text: &str, closing: char) -> (&str, &str) {
    text.split_once(closing).unwrap_or((text, ""))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Vec<(String, String)> {
        read_list(text).into_iter().map(|entry| (entry.name, entry.address)).collect()
    }

    fn named(name: &str, address: &str) -> (String, String) {
        (name.to_owned(), address.to_owned())
    }

    fn plain(address: &str) -> (String, String) {
        named("", address)
    }

    #[test]
    fn lists_are_read_as_people_write_them() {
        assert_eq!(
            read("a@x.org, b@x.org c@x.org\nd@x.org;e@x.org"),
            ["a", "b", "c", "d", "e"].map(|n| plain(&format!("{n}@x.org")))
        );
        assert_eq!(
            read("Grace Hopper <g@x.org>, \"Lovelace, Ada\" <ada@x.org>\nplain@x.org"),
            [
                named("Grace Hopper", "g@x.org"),
                named("Lovelace, Ada", "ada@x.org"),
                plain("plain@x.org")
            ]
        );
        assert_eq!(read(" ,;\n "), []);
        assert_eq!(read("nonsense"), [plain("nonsense")]);
        assert_eq!(read("Ann <a@x.org> Bob <b@x.org>"), [named("Ann", "a@x.org"), named("Bob", "b@x.org")]);
    }

    #[test]
    fn lists_are_read_as_programs_write_them() {
        for (text, is) in [
            (
                "Doe, Jane <jane@x.org>; Smith, John (IT) <john@x.org>",
                vec![named("Doe, Jane", "jane@x.org"), named("Smith, John (IT)", "john@x.org")],
            ),
            ("Doe, Jane [mailto:jane@x.org]", vec![named("Doe, Jane", "mailto:jane@x.org")]),
            (
                "Ann Example\tann@x.org\r\nBob\tExample\tbob@x.org\tSales\r\n",
                vec![named("Ann Example", "ann@x.org"), named("Bob Example", "bob@x.org")],
            ),
            (
                "ann@x.org\tAnn Example\nbob@x.org (Bob)",
                vec![named("Ann Example", "ann@x.org"), named("Bob", "bob@x.org")],
            ),
            (
                "ann@x.org (Ann), bob@x.org (Bob), cy@x.org",
                vec![named("Ann", "ann@x.org"), named("Bob", "bob@x.org"), plain("cy@x.org")],
            ),
            (
                "ann@x.org, Ann Example, bob@x.org, Bob",
                vec![named("Ann Example", "ann@x.org"), named("Bob", "bob@x.org")],
            ),
            ("Ann Example,ann@x.org", vec![named("Ann Example", "ann@x.org")]),
            ("Bob (bob@x.org)", vec![named("Bob", "bob@x.org")]),
            ("ann@x.org <ann@x.org>, 'bob@x.org'", vec![plain("ann@x.org"), plain("bob@x.org")]),
            ("ann@x.org<mailto:Ann@x.org>", vec![plain("ann@x.org")]),
            ("ann@x.org, ann@x.org", vec![plain("ann@x.org"), plain("ann@x.org")]),
            ("<ann@x.org>\nmailto:bob@x.org", vec![plain("ann@x.org"), plain("mailto:bob@x.org")]),
            ("\"Doe; Jane\" <jane@x.org>", vec![named("Doe; Jane", "jane@x.org")]),
            ("O'Neil, Ann \"Bo\" <a@x.org>", vec![named("O'Neil, Ann Bo", "a@x.org")]),
        ] {
            assert_eq!(read(text), is, "{text:?}");
        }
    }

    #[test]
    fn what_was_mistyped_is_no_name() {
        for (text, is) in [
            ("ann.example.org, bob@x.org", vec![plain("ann.example.org"), plain("bob@x.org")]),
            ("ann@x, bob@x.org", vec![plain("ann@x"), plain("bob@x.org")]),
            ("ann@x.org, nonsense, bob@x.org", vec![plain("ann@x.org"), plain("nonsense"), plain("bob@x.org")]),
            ("ann@x.org, bob@x.org, x", vec![plain("ann@x.org"), plain("bob@x.org"), plain("x")]),
            ("ann@x.org, Doe, Jane <jane@x.org>", vec![plain("ann@x.org"), named("Doe, Jane", "jane@x.org")]),
            ("ann@x.org, bob.example.org", vec![plain("ann@x.org"), plain("bob.example.org")]),
            ("Ann Example\nbob@x.org", vec![plain("Ann Example"), plain("bob@x.org")]),
            ("J.R. Ewing <jr@x.org>", vec![named("J.R. Ewing", "jr@x.org")]),
            ("ann.example <ann@x.org", vec![named("ann.example", "ann@x.org")]),
            ("Ann <ann>", vec![named("Ann", "ann")]),
        ] {
            assert_eq!(read(text), is, "{text:?}");
        }
    }
}
