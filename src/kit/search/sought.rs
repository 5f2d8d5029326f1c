//! Search input, parsed into what the index is asked for.

use super::{SHORTEST, is_between_digits, numbers};
use crate::kit::letters::{parts, plain};

/// Further words are ignored: nobody types this many.
const MOST_WORDS: usize = 12;

/// The parsed input: all words must match, each by any of its alternatives, and an alternative by all of its needles. A
/// needle has at least three characters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sought {
    pub all: Vec<Vec<Vec<String>>>,
}

impl Sought {
    /// Parses the input; `None` if it is empty.
    pub fn read(typed: &str) -> Option<Self> {
        let typed = plain(typed).replace("mailto:", "");
        let pieces: Vec<&str> = typed.split([' ', ',', ';', '、', '،', '<', '>', '"']).filter(|piece| !piece.is_empty()).collect();
        let mut all = Vec::new();
        for run in pieces.chunk_by(|one, next| is_number(one) && is_number(next)) {
            match run {
                [word] if !is_number(word) => all.extend(word_sought(word)),
                number => all.push(number_sought(number)),
            }
        }
        if all.is_empty() && !typed.trim().is_empty() {
            all.push(vec![vec![needle(typed.trim())]]);
        }
        // The longest word comes first, because it matches the fewest members.
        all.sort_by_key(|any: &Vec<Vec<String>>| std::cmp::Reverse(any.iter().flatten().map(String::len).max()));
        all.dedup();
        all.truncate(MOST_WORDS);
        (!all.is_empty()).then_some(Self { all })
    }

    /// Whether the input matches a text of [`Searched::key`], as both engines decide it.
    #[cfg(test)]
    pub(super) fn finds(&self, key: &str) -> bool {
        let every = |needles: &Vec<String>| needles.iter().all(|needle| key.contains(needle));
        self.all.iter().all(|any| any.iter().any(every))
    }
}

/// The alternatives for a word: an address as it is, everything else by its parts.
fn word_sought(word: &str) -> Option<Vec<Vec<String>>> {
    if word.contains('@') && word.chars().count() >= SHORTEST {
        return Some(vec![vec![needle(word.trim_matches(['(', ')', '\'', '.']))]]);
    }
    let needles: Vec<&str> = word.split(parts).filter(|part| !part.is_empty()).collect();
    let is_short = |part: &&str| part.chars().count() < SHORTEST;
    let by_parts: Vec<String> = needles.iter().copied().map(needle).collect();
    // A short part inside an address is not the start of a word.
    let as_typed = (needles.len() > 1 || needles.first() != Some(&word)) && needles.iter().any(is_short) && !is_short(&word);
    match (by_parts.is_empty(), as_typed) {
        (true, _) => None,
        (false, false) => Some(vec![by_parts]),
        (false, true) => Some(vec![by_parts, vec![needle(word)]]),
    }
}

fn is_number(piece: &str) -> bool {
    piece.contains(|c: char| c.is_ascii_digit()) && piece.chars().all(|c| c.is_ascii_digit() || is_between_digits(c))
}

/// The alternatives for a number: its digits joined, with and without leading zeros, or each piece by itself.
fn number_sought(pieces: &[&str]) -> Vec<Vec<String>> {
    let digits = numbers(&pieces.join(" ")).concat();
    let abroad = digits.trim_start_matches('0');
    let whole = [digits.as_str(), abroad].into_iter().filter(|number| !number.is_empty());
    let mut any: Vec<Vec<String>> = whole.map(|number| vec![needle(number)]).collect();
    let apart = pieces.iter().flat_map(|piece| piece.split(parts)).filter(|part| !part.is_empty());
    any.push(apart.map(needle).collect());
    any.dedup();
    any
}

/// A word as the index is asked for it. A short word gets spaces in front, so it matches only at the start of a word.
fn needle(word: &str) -> String {
    let count = word.chars().count();
    format!("{}{word}", " ".repeat(SHORTEST.saturating_sub(count)))
}
