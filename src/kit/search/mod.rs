//! Member search: the text that a member is found by, and the parsed search input. Every typed word must match
//! somewhere, in any order; words of one or two letters match the starts of words.

mod sought;

pub use sought::Sought;

use super::letters::{is_word_by_itself, needs_no_blank, parts, plain};
use std::collections::BTreeSet;

/// The trigram index of either engine finds nothing shorter.
const SHORTEST: usize = 3;

/// A word of at most this many letters is also joined with the next one, as in `Karlheinz` and `Delacruz`.
const JOINING: usize = 4;

/// The fields that a member is found by.
#[derive(Clone, Copy, Debug, Default)]
pub struct Searched<'a> {
    /// The display name, the first name and the last name.
    pub names: [&'a str; 3],
    pub email: &'a str,
    pub username: &'a str,
    pub title: &'a str,
    pub location: &'a str,
    pub phone: &'a str,
}

impl Searched<'_> {
    /// The indexed text: every word after two spaces, so that the index can also find words by their first one or two
    /// letters.
    pub fn key(&self) -> String {
        let mut words = Words::default();
        for name in self.names {
            words.add_name(name);
        }
        words.add(plain(self.email.trim()));
        words.add(plain(self.username.trim()));
        for text in [self.title, self.location] {
            words.add_text(text);
        }
        for number in numbers(&plain(self.phone)) {
            words.add(number);
        }
        words.key
    }
}

/// The collected words, each once.
#[derive(Default)]
struct Words {
    key: String,
    known: BTreeSet<String>,
}

impl Words {
    fn add(&mut self, word: String) {
        if !word.is_empty() && !self.known.contains(&word) {
            self.key.push_str("  ");
            self.key.push_str(&word);
            self.known.insert(word);
        }
    }

    /// Adds the words of a text. A text of separators only is added as it is.
    fn add_text(&mut self, text: &str) {
        let text = plain(text);
        let text = text.trim();
        if !text.is_empty() && text.chars().all(parts) {
            return self.add(text.to_owned());
        }
        for word in text.split(parts) {
            self.add(word.to_owned());
        }
    }

    /// [`Words::add_text`], and also words written together, and every start of a search in scripts without blanks.
    fn add_name(&mut self, name: &str) {
        self.add_text(name);
        let name = plain(name);
        let words: Vec<(bool, &str)> = name
            .split(' ')
            .flat_map(|piece| piece.split(parts).filter(|word| !word.is_empty()).enumerate())
            .map(|(at, word)| (at > 0, word))
            .collect();
        let mut joined = String::new();
        let mut before: Option<&str> = None;
        for (is_same_piece, word) in words {
            if !before.is_some_and(|before| is_same_piece || are_joined(before, word)) {
                self.add_starts(&joined);
                self.add(std::mem::take(&mut joined));
            }
            joined.push_str(word);
            before = Some(word);
        }
        self.add_starts(&joined);
        self.add(joined);
    }

    fn add_starts(&mut self, word: &str) {
        for (at, _) in word.char_indices().skip(1).filter(|(_, c)| is_word_by_itself(*c)) {
            self.add(word[at..].chars().take(SHORTEST).collect());
        }
    }
}

fn are_joined(before: &str, word: &str) -> bool {
    let mut edges = before.chars().next_back().into_iter().chain(word.chars().next());
    before.chars().count() <= JOINING || edges.all(needs_no_blank)
}

/// The digits of each telephone number in a plain text, without the trunk zero in `+44 (0)20`.
fn numbers(text: &str) -> Vec<String> {
    let text = text.replace("(0)", "");
    let is_apart = |c: char| !(c.is_ascii_digit() || is_between_digits(c));
    let digits = |piece: &str| piece.chars().filter(char::is_ascii_digit).collect::<String>();
    text.split(is_apart).map(digits).filter(|digits| !digits.is_empty()).collect()
}

fn is_between_digits(c: char) -> bool {
    matches!(c, ' ' | '+' | '-' | '(' | ')' | '/' | '.')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn finds(typed: &str, searched: Searched<'_>) -> bool {
        let key = searched.key();
        Sought::read(typed).is_some_and(|sought| sought.finds(&key))
    }

    fn named(name: &str) -> Searched<'_> {
        Searched {
            names: [name, "", ""],
            email: "x.y@example.org",
            username: "x.y@example.org",
            ..Searched::default()
        }
    }

    #[test]
    fn words_match_in_any_order_and_however_they_are_parted() {
        for (typed, stored) in [
            ("Hof Renee", "Renée van 't Hof"),
            ("van ’t Hof", "Renée van 't Hof"),
            ("vanthof", "Renée van 't Hof"),
            ("Byron, Ada", "Ada Byron"),
            ("karl schmidt", "Dr. Karl Heinz Schmidt"),
            ("schmidt, dr. karl", "Dr. Karl Heinz Schmidt"),
            ("karlheinz", "Dr. Karl Heinz Schmidt"),
            ("karl-heinz", "Karlheinz Böhm"),
            ("Müller Lüdenscheidt", "Müller-Lüdenscheidt"),
            ("müller‐lüdenscheidt", "Müller-Lüdenscheidt"),
            ("mullerludenscheidt", "Müller-Lüdenscheidt"),
            ("anne marie", "Anne-Marie"),
            ("annemarie", "Anne-Marie"),
            ("jean-luc", "Jean Luc Picard"),
            ("jeanluc", "Jean Luc Picard"),
            ("jean-luc", "Jeanluc"),
            ("d'avila", "João D’Ávila"),
            ("davila joao", "João D’Ávila"),
            ("d´avila", "João Davila"),
            ("obrien", "O’Brien"),
            ("o'brien", "Obrien"),
            ("Мар'яна", "Марʼяна"),
            ("山田太郎", "山田\u{3000}太郎"),
            ("山田 太郎", "山田太郎"),
            ("太郎", "山田太郎"),
            ("郎", "山田太郎"),
            ("철수", "김철수"),
            ("김 철수", "김철수"),
            ("수", "김철수"),
            ("ว สมชายใจดี", "สมชาย ใจดี ว"),
            ("Ada, \u{200b}Byron;", "Ada Byron"),
            ("bo ann", "“Bo” (Ann)"),
            ("🦄", "Ada 🦄"),
            ("—", "—"),
        ] {
            assert!(
                finds(typed, named(stored)),
                "{typed} finds {stored}: {:?}, {:?}",
                named(stored).key(),
                Sought::read(typed)
            );
        }
        for (typed, stored) in [
            ("op", "Grace Hopper"),
            ("ada grace", "Ada Byron"),
            ("eth", "Grace Thomas"),
            ("hopper x", "Grace Hopper"),
        ] {
            let stored = Searched { email: "", username: "", ..named(stored) };
            assert!(!finds(typed, stored), "{typed}: {}", stored.key());
        }
    }

    #[test]
    fn short_words_find_starts_and_long_ones_what_is_inside() {
        let grace = Searched {
            names: ["Grace Brewster Hopper", "Grace", "Hopper"],
            email: "g.h@navy.example",
            username: "amazing",
            ..Searched::default()
        };
        for typed in [
            "g",
            "ho",
            "br",
            "am",
            "race",
            "ewster ho",
            "NAVY",
            "g.h@",
            "@navy",
            "@navy.ex",
            ".exam",
            "hopper b",
        ] {
            assert!(finds(typed, grace), "{typed}: {:?}", Sought::read(typed));
        }
        for typed in ["op", "h.g@navy", "grace x", "@"] {
            assert!(!finds(typed, grace), "{typed}");
        }
        assert_eq!(Sought::read(" \u{3000} "), None);
        let all = |typed| Sought::read(typed).expect("something").all;
        assert!(all("村").iter().flatten().flatten().all(|needle| needle.chars().count() == 3));
    }

    #[test]
    fn an_address_is_looked_for_as_it_stands() {
        let plus = Searched {
            names: ["Ada", "", ""],
            email: "ada+test_1%x@o'neill-works.example",
            ..Searched::default()
        };
        for typed in [
            "+test",
            "test_1%",
            "x@o'neill",
            "<ada+test_1%x@o’neill-works.example>",
            "mailto:ada+test",
            "o'neill",
        ] {
            assert!(finds(typed, plus), "{typed}: {:?}", Sought::read(typed));
        }
        assert!(!finds("test+ada@o", plus));
    }

    #[test]
    fn numbers_are_found_by_their_digits_however_they_are_parted() {
        let of = |phone| Searched { names: ["Ada", "", ""], phone, ..Searched::default() };
        for (typed, stored) in [
            ("+44 20", "+44 20 7946 0815"),
            ("+44", "+44 20 7946 0815"),
            ("442079460815", "+44 (0)20 7946-0815"),
            ("+44 (0)20 7946", "+44 20 7946 0815"),
            ("020 7946 0815", "+44 20 7946 0815"),
            ("0044 20 7946", "+44 20 7946 0815"),
            ("7946-0815", "+44 20 7946 0815"),
            ("030/23125", "030 / 231 25 000"),
            ("+49 30", "work +49 30 23125 000, home +1 202 555 0101"),
            ("555 0101", "work +49 30 23125 000, home +1 202 555 0101"),
            ("٧٩٤٦", "+44 20 7946 0815"),
        ] {
            assert!(finds(typed, of(stored)), "{typed} finds {stored}: {:?} {:?}", of(stored).key(), Sought::read(typed));
        }
        assert!(!finds("+44 21", of("+44 20 7946 0815")));
        assert!(finds("12 4", named("Person 12, room 4")));
        assert!(finds("person 4", named("Person 12, room 4")));
    }

    #[test]
    fn title_and_location_are_searched_too() {
        let ada = Searched {
            names: ["Ada", "", ""],
            title: "Vice president, Sales",
            location: "São Paulo",
            ..Searched::default()
        };
        for typed in ["sales", "ada president", "sao paulo", "vi"] {
            assert!(finds(typed, ada), "{typed}");
        }
    }
}
