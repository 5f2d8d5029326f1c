//! How people are named: lists of names, and the ways of composing a full name.

use super::{latin::LATIN, rng::Rng, scripts::SCRIPTS, tradition::Order};
use crate::kit::fold;

/// One name, and its Latin form for an address.
#[derive(Clone, Debug)]
struct Word {
    shown: String,
    latin: String,
}

struct Names {
    order: Order,
    given: Vec<Word>,
    family: Vec<Word>,
}

/// A full name, with the parts of which an address is made.
#[derive(Clone, Debug)]
pub(super) struct FullName {
    pub shown: String,
    pub first: String,
    pub last: String,
    /// Lower-case ASCII letters of all given names, not only the first.
    pub given: String,
    pub family: String,
}

/// All naming traditions, parsed once.
pub(super) struct Traditions {
    shares: Vec<(u32, usize)>,
    all: Vec<Names>,
}

impl Traditions {
    pub fn read() -> Self {
        let traditions = || LATIN.iter().chain(SCRIPTS);
        Self {
            shares: traditions().enumerate().map(|(at, tradition)| (tradition.share, at)).collect(),
            all: traditions()
                .map(|t| Names { order: t.order, given: words(t.given), family: words(t.family) })
                .collect(),
        }
    }

    /// A random full name.
    pub fn name(&self, rng: &mut Rng) -> FullName {
        let names = &self.all[rng.weighted(&self.shares)];
        let given = one(rng, &names.given);
        if names.order == Order::Single {
            return FullName {
                shown: given.shown.clone(),
                first: given.shown.clone(),
                last: String::new(),
                given: given.latin.clone(),
                family: String::new(),
            };
        }
        let family = one(rng, &names.family);
        let mut last = family.shown.clone();
        let shown = match names.order {
            Order::Western => return western(rng, names, given, family),
            Order::Iberian => {
                let mother = one(rng, &names.family);
                let joint = if rng.chance(0.05) { " y " } else { " " };
                last = format!("{}{joint}{}", family.shown, mother.shown);
                format!("{} {last}", given.shown)
            }
            Order::FamilyFirst => format!("{} {}", family.shown, given.shown),
            Order::Joined => format!("{}{}", family.shown, given.shown),
            Order::Plain | Order::Single => format!("{} {}", given.shown, family.shown),
        };
        FullName {
            shown,
            first: given.shown.clone(),
            last,
            given: given.latin.clone(),
            family: family.latin.clone(),
        }
    }
}

fn western(rng: &mut Rng, names: &Names, given: &Word, family: &Word) -> FullName {
    let mut name = FullName {
        shown: String::new(),
        first: given.shown.clone(),
        last: family.shown.clone(),
        given: given.latin.clone(),
        family: family.latin.clone(),
    };
    let other = one(rng, &names.given);
    match rng.weighted(&[(80, 0), (12, 1), (8, 2)]) {
        1 => name.first.extend([' ', other.shown.chars().next().unwrap_or('X'), '.']),
        2 if other.shown != given.shown => {
            name.first = format!("{} {}", name.first, other.shown);
            name.given.push_str(&other.latin);
        }
        _ => {}
    }
    let other = one(rng, &names.family);
    if rng.chance(0.06) && other.shown != family.shown {
        name.last = format!("{}-{}", name.last, other.shown);
        name.family.push_str(&other.latin);
    }
    name.shown = format!("{} {}", name.first, name.last);
    name
}

fn one<'a>(rng: &mut Rng, all: &'a [Word]) -> &'a Word {
    &all[rng.below(all.len())]
}

fn words(list: &str) -> Vec<Word> {
    let word = |text: &str| {
        let (shown, latin) = text
            .split_once('=')
            .map_or_else(|| (text, letters(text)), |(shown, latin)| (shown, latin.to_owned()));
        Word { shown: shown.replace('_', " "), latin }
    };
    list.split_whitespace().map(word).collect()
}

/// The plain letters that people write in an address for the letters of their name.
fn letters(text: &str) -> String {
    let mut letters = String::new();
    for c in fold::searchable(text).chars() {
        match c {
            'a'..='z' => letters.push(c),
            'ø' => letters.push('o'),
            'ł' => letters.push('l'),
            'đ' | 'ð' => letters.push('d'),
            'æ' => letters.push_str("ae"),
            'œ' => letters.push_str("oe"),
            'þ' => letters.push_str("th"),
            // Spaces, hyphens, apostrophes of all kinds.
            _ => {}
        }
    }
    letters
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_in_the_lists_has_latin_letters() {
        let traditions = Traditions::read();
        for names in &traditions.all {
            for word in names.given.iter().chain(&names.family) {
                assert!(!word.latin.is_empty() && word.latin.chars().all(|c| c.is_ascii_lowercase()), "{word:?}");
            }
            assert!(names.order == Order::Single || !names.family.is_empty());
        }
        assert_eq!(letters("Świętosława"), "swietoslawa");
        assert_eq!(letters("Ægisdóttir"), "aegisdottir");
        assert_eq!(letters("Yıldız"), "yildiz");
        assert_eq!(letters("Größner"), "grossner");
    }
}
