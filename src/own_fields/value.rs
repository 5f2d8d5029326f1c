//! What is a value of a field: reading what was typed into its one canonical form, without the database.

use super::model::{Choice, FieldKind, OwnField};
use crate::{kit::fold, web::Field};
use chrono::{Datelike, NaiveDate};
use url::Url;

/// The most characters of a text.
pub const LONGEST_TEXT: usize = 200;
/// The most characters of a link.
pub const LONGEST_LINK: usize = 500;
/// The most digits of a number before and after the point.
const DIGITS: usize = 15;
const DECIMALS: usize = 6;
/// The most characters of what lists compare.
const LONGEST_KEY: usize = 200;

/// A value in its canonical form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Canonical {
    pub text: String,
    /// What lists compare.
    pub key: String,
}

/// Reads what was typed. `None` if nothing was. A person is found by the database.
///
/// # Errors
/// A sentence that says what is wrong with it.
pub fn read(field: &OwnField, typed: &str) -> Result<Option<Canonical>, String> {
    let typed = typed.trim();
    if typed.is_empty() {
        return Ok(None);
    }
    let canonical = match field.kind {
        FieldKind::Text | FieldKind::Person => text(typed),
        FieldKind::Number => number(typed),
        FieldKind::Date => date(typed),
        FieldKind::Choice => choice(&field.choices, typed),
        FieldKind::Link => link(typed),
    };
    canonical.map(Some)
}

/// Every key under which this text could be stored, whatever the kind of its field.
pub fn keys_of(typed: &str) -> Vec<String> {
    let read = [text, number, date, link].map(|read| read(typed.trim()).ok().map(|canonical| canonical.key));
    let mut keys: Vec<String> = read.into_iter().flatten().chain([typed.trim().to_owned()]).collect();
    keys.sort_unstable();
    keys.dedup();
    keys
}

/// The kind and the key of a bound: a day or a number.
pub fn range_key(typed: &str) -> Option<(FieldKind, String)> {
    let day = date(typed.trim()).map(|day| (FieldKind::Date, day.key));
    day.or_else(|_| number(typed.trim()).map(|number| (FieldKind::Number, number.key))).ok()
}

/// The folded text that lists compare.
pub fn text_key(text: &str) -> String {
    fold::searchable(text).chars().take(LONGEST_KEY).collect()
}

fn line(typed: &str, longest: usize) -> Result<String, String> {
    let mut field = Field::new(typed);
    field.line("something", longest).ok_or_else(|| field.complaint.unwrap_or_default())
}

fn text(typed: &str) -> Result<Canonical, String> {
    let text = line(typed, LONGEST_TEXT)?;
    Ok(Canonical { key: text_key(&text), text })
}

fn number(typed: &str) -> Result<Canonical, String> {
    let refused = || format!("Type a number such as 1200 or -12.5, of at most {DIGITS} digits and {DECIMALS} decimals.");
    let (is_negative, digits) = match typed.strip_prefix(['-', '−']) {
        Some(rest) => (true, rest),
        None => (false, typed.strip_prefix('+').unwrap_or(typed)),
    };
    let (whole, part) = digits.split_once('.').unwrap_or((digits, ""));
    let is_digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let is_whole = !whole.is_empty() && is_digits(whole) && is_digits(part) && !digits.ends_with('.');
    let (whole, part) = (whole.trim_start_matches('0'), part.trim_end_matches('0'));
    if !is_whole || whole.len() > DIGITS || part.len() > DECIMALS {
        return Err(refused());
    }
    let is_zero = whole.is_empty() && part.is_empty();
    let sign = if is_negative && !is_zero { "-" } else { "" };
    let shown_whole = if whole.is_empty() { "0" } else { whole };
    let point = if part.is_empty() { "" } else { "." };
    let text = format!("{sign}{shown_whole}{point}{part}");
    // Moved above zero and filled up, numbers sort as text.
    let scaled: i128 = format!("{shown_whole}{part:0<DECIMALS$}").parse().map_err(|_| refused())?;
    let scaled = if is_negative { -scaled } else { scaled };
    let key = format!("{:022}", scaled + 10_i128.pow(21));
    Ok(Canonical { text, key })
}

fn date(typed: &str) -> Result<Canonical, String> {
    let date = NaiveDate::parse_from_str(typed, "%Y-%m-%d").ok();
    let date = date.filter(|date| (1000..=9999).contains(&date.year()));
    let text = date.ok_or("Type a day as year-month-day, such as 2026-03-31.")?.format("%Y-%m-%d").to_string();
    Ok(Canonical { key: text.clone(), text })
}

/// A choice by its key, or by its label whatever the case.
fn choice(choices: &[Choice], typed: &str) -> Result<Canonical, String> {
    let by_key = choices.iter().find(|choice| choice.key == typed);
    let by_label = || choices.iter().find(|choice| fold::canonical(&choice.label) == fold::canonical(typed));
    let found = by_key.or_else(by_label).ok_or("This is none of the choices.")?;
    Ok(Canonical { text: found.key.clone(), key: found.key.clone() })
}

/// A link leads to a page of the web, and hides neither a script nor another host behind a user name.
fn link(typed: &str) -> Result<Canonical, String> {
    let typed = line(typed, LONGEST_LINK)?;
    let refused = "Type the address of a page, beginning with https:// or http://.";
    let url = Url::parse(&typed).map_err(|_| refused)?;
    let is_web = matches!(url.scheme(), "https" | "http") && url.has_host();
    if !is_web || !url.username().is_empty() || url.password().is_some() {
        return Err(refused.into());
    }
    let text = url.to_string();
    if text.chars().count() > LONGEST_LINK {
        return Err(format!("At most {LONGEST_LINK} characters fit here."));
    }
    Ok(Canonical { key: text_key(&text), text })
}

/// A key for a new choice, made from its label, that none of the others has.
pub fn choice_key(label: &str, taken: &[Choice]) -> String {
    let word = word_of(label, 40);
    let base = if word.is_empty() { "choice".to_owned() } else { word };
    let is_free = |key: &String| taken.iter().all(|choice| choice.key != *key);
    let numbered = (2..).map(|number| format!("{base}_{number}"));
    std::iter::once(base.clone()).chain(numbered).find(is_free).unwrap_or(base)
}

/// Small letters, digits and underscores of a text, as a key is made of.
pub fn word_of(text: &str, longest: usize) -> String {
    let mut word = String::new();
    for c in fold::searchable(text).chars() {
        if c.is_ascii_alphanumeric() {
            word.push(c.to_ascii_lowercase());
        } else if !word.is_empty() && !word.ends_with('_') {
            word.push('_');
        }
    }
    let cut: String = word.chars().take(longest).collect();
    cut.trim_end_matches('_').to_owned()
}

#[cfg(test)]
mod tests {
    use super::{super::model::*, *};
    use crate::kit::OwnFieldId;

    fn field(kind: FieldKind) -> OwnField {
        let choice = |key: &str, label: &str| Choice { key: key.into(), label: label.into() };
        OwnField {
            id: OwnFieldId::nobody(),
            key: "x".into(),
            name: "X".into(),
            kind,
            help: String::new(),
            choices: vec![choice("zurich", "Zürich"), choice("lodz", "Łódź")],
            bearers: Bearers::Both,
            seen_by: SeenBy::Everybody,
            is_self_edited: false,
            is_asked: false,
            is_required: false,
            position: 0,
            version: 1,
        }
    }

    fn text(kind: FieldKind, typed: &str) -> Option<String> {
        read(&field(kind), typed).ok().flatten().map(|value| value.text)
    }

    #[test]
    fn numbers_are_canonical_and_their_keys_are_in_their_order() {
        for (typed, canonical) in [
            ("1200", "1200"),
            (" 007.50 ", "7.5"),
            ("-0", "0"),
            ("−12.5", "-12.5"),
            ("+3", "3"),
            ("0.000001", "0.000001"),
            ("999999999999999.999999", "999999999999999.999999"),
        ] {
            assert_eq!(text(FieldKind::Number, typed).as_deref(), Some(canonical), "{typed}");
        }
        for wrong in [
            "1,5",
            "1e3",
            ".5",
            "5.",
            "--1",
            "1 000",
            "0.0000001",
            "1000000000000000",
            "٣",
            "NaN",
        ] {
            assert_eq!(text(FieldKind::Number, wrong), None, "{wrong}");
        }
        let key = |typed: &str| read(&field(FieldKind::Number), typed).expect("a number").expect("a value").key;
        let ordered = [
            "-999999999999999",
            "-12.5",
            "-12.4",
            "-1",
            "0",
            "0.000001",
            "1",
            "9",
            "10",
            "999999999999999.999999",
        ];
        assert!(ordered.map(key).is_sorted());
        assert_eq!(key("7.50"), key("007.5"));
    }

    #[test]
    fn dates_are_days_of_the_calendar() {
        assert_eq!(text(FieldKind::Date, "2028-02-29").as_deref(), Some("2028-02-29"));
        for wrong in ["2026-02-29", "31.3.2026", "0999-01-01", "12026-01-01", "2026-13-01", "tomorrow"] {
            assert_eq!(text(FieldKind::Date, wrong), None, "{wrong}");
        }
    }

    #[test]
    fn a_choice_is_found_by_its_key_and_by_its_label() {
        for typed in ["zurich", "Zürich", " zÜRICH "] {
            assert_eq!(text(FieldKind::Choice, typed).as_deref(), Some("zurich"), "{typed}");
        }
        assert_eq!(text(FieldKind::Choice, "Bern"), None);
    }

    #[test]
    fn a_link_leads_to_a_page_of_the_web() {
        for good in ["https://example.org/a?b=c", "http://example.org/"] {
            assert_eq!(text(FieldKind::Link, good).as_deref(), Some(good));
        }
        for wrong in [
            "javascript:alert(1)",
            "data:text/html,x",
            "example.org",
            "//example.org",
            "ftp://example.org/",
            "https://ada:secret@example.org/",
            "https://bank.example@evil.example/",
            "mailto:ada@example.org",
        ] {
            assert_eq!(text(FieldKind::Link, wrong), None, "{wrong}");
        }
    }

    #[test]
    fn a_text_is_a_line_and_empty_is_nothing() {
        assert_eq!(text(FieldKind::Text, "  R&D 4711 ").as_deref(), Some("R&D 4711"));
        assert_eq!(text(FieldKind::Text, &"x".repeat(201)), None);
        assert_eq!(text(FieldKind::Text, "a\u{202e}b"), None);
        for kind in FieldKind::ALL {
            assert_eq!(read(&field(kind), "  "), Ok(None));
        }
    }

    #[test]
    fn keys_of_choices_are_words_and_differ() {
        let taken = field(FieldKind::Choice).choices;
        assert_eq!(choice_key("Zürich", &taken), "zurich_2");
        assert_eq!(choice_key("New York – HQ", &taken), "new_york_hq");
        assert_eq!(choice_key("東京", &[]), "choice");
    }
}
