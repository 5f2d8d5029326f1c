//! Folding: canonical forms for sorting, uniqueness and search, equal on both engines and beyond ASCII.

use super::{
    invisible::{is_hidden, is_joiner},
    letters,
};
use unicode_normalization::UnicodeNormalization;

/// The form in which two names are the same regardless of case: trimmed, compatibility-composed (NFKC), case-folded.
/// Lower-cased first, because a capital ẞ has no upper case but its small letter has; this makes folding idempotent. It
/// reserves names and never proves that two of them are one; for addresses use [`super::email::Email::mailbox`].
pub fn canonical(text: &str) -> String {
    let folded: String = lower(text.nfkc().flat_map(char::to_lowercase)).nfkc().collect();
    // NFKC turns some signs, such as a lone ¨, into a space and a mark.
    folded.trim().to_owned()
}

/// The form for sorting lists and for comparing names without case, accents and the like: see `kit::letters`. Every
/// run of white space is one space.
pub fn searchable(text: &str) -> String {
    letters::plain(text).split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Whether the text has every word of a search input somewhere, without case, accents and the like.
pub fn has_words(text: &str, typed: &str) -> bool {
    let text = searchable(text);
    searchable(typed).split_whitespace().all(|word| text.contains(word))
}

/// The key of a name that is unique in its list, and by which the list is sorted and searched: the letters as people sort
/// them, then the canonical form if it differs. Two names have one key if and only if they have one canonical form.
pub fn list_key(name: &str) -> String {
    let canonical = canonical(name);
    let sorted = searchable(&canonical);
    // No sorted form contains a tab.
    if sorted == canonical {
        canonical
    } else {
        format!("{sorted}\t{canonical}")
    }
}

/// Whether a user repeated a name exactly, including case. Only the kind of apostrophe, hyphen and blank may differ,
/// because keyboards differ.
pub fn is_repeated(typed: &str, name: &str) -> bool {
    letters::copied(typed) == letters::copied(name)
}

/// Upper-cases first, which folds letters without a lower-case form of their own, such as ß. Works letter by letter:
/// lower-casing a whole text treats a sigma at the end of a word differently, but search input may end anywhere.
fn lower(chars: impl Iterator<Item = char>) -> String {
    chars.flat_map(char::to_uppercase).flat_map(char::to_lowercase).collect()
}

/// Up to two initials of a name: of the first and of the last word.
pub fn initials(name: &str) -> String {
    let letter = |word: &str| word.chars().find(|c| c.is_alphanumeric());
    let mut words = name.split_whitespace().filter(|word| letter(word).is_some());
    let first = words.next().and_then(letter);
    let last = words.next_back().and_then(|word| letter(bare(word)));
    first.into_iter().chain(last).flat_map(char::to_uppercase).collect()
}

/// An Arabic family name without its article, which most of them have.
fn bare(word: &str) -> &str {
    word.strip_prefix("ال").filter(|rest| rest.chars().count() > 1).unwrap_or(word)
}

/// Whether the text has invisible characters that change how it is read. For a field that can show a complaint.
pub fn has_hidden_characters(text: &str) -> bool {
    text.chars().any(is_hidden) || (!text.is_empty() && text.chars().all(is_joiner))
}

/// The digit zero of each script whose digits keyboards type.
const ZEROS: [char; 12] = [
    '\u{660}', '\u{6f0}', '\u{7c0}', '\u{966}', '\u{9e6}', '\u{a66}', '\u{ae6}', '\u{be6}', '\u{c66}', '\u{e50}', '\u{ed0}', '\u{1040}',
];

/// Normalizes a typed code: digits of any script become ASCII digits, full-width letters become ASCII letters; blanks,
/// hyphens of any kind and invisible characters are removed.
pub fn code(text: &str) -> String {
    let digit = |c: char| {
        let value = ZEROS.iter().find_map(|zero| u32::from(c).checked_sub(u32::from(*zero)).filter(|value| *value < 10));
        value.and_then(|value| char::from_digit(value, 10)).unwrap_or(c)
    };
    let is_between = |c: char| c.is_whitespace() || is_hidden(c) || is_joiner(c) || matches!(c, '-' | '\u{2010}'..='\u{2015}' | '\u{2212}');
    text.nfkc().filter(|c| !is_between(*c)).map(digit).collect()
}

/// The text without blanks and invisible characters at its ends, which are often copied along from a page or a message.
pub fn unpadded(text: &str) -> &str {
    text.trim_matches(|c: char| c.is_whitespace() || is_hidden(c) || is_joiner(c))
}

/// The text without hidden characters. For text that has no field to show a complaint.
pub fn visible(text: &str) -> String {
    text.chars().filter(|c| !is_hidden(*c)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_the_same_from_every_keyboard() {
        for typed in [
            "123456",
            "123 456",
            "１２３４５６",
            "١٢٣٤٥٦",
            "۱۲۳۴۵۶",
            "१२३४५६",
            "12\u{200b}3\u{2011}456\u{feff}",
            " 123-456\n",
        ] {
            assert_eq!(code(typed), "123456", "{typed}");
        }
        assert_eq!(code("ａｂ１２–cd34"), "ab12cd34");
        assert_ne!(code("12345б"), "123456");
        assert_eq!(unpadded("\u{200b} abc d\r\n\u{feff}"), "abc d");
    }

    #[test]
    fn names_are_the_same_whatever_their_case_in_any_script() {
        assert_eq!(canonical(" ÉLODIE@Example.org "), canonical("élodie@example.ORG"));
        assert_eq!(canonical("STRASSE"), canonical("straße"));
        assert_eq!(canonical("ΟΔΟΣ"), canonical("οδος"));
        assert_eq!(canonical("ｆｕｌｌ"), "full");
        assert_ne!(canonical("elodie"), canonical("élodie"));
        assert_eq!(canonical("STRAẞE"), canonical("straße"));
    }

    #[test]
    fn folding_twice_changes_nothing() {
        for c in '\0'..=char::MAX {
            for text in [format!("a{c}a"), format!("{c}\u{307}")] {
                let once = canonical(&text);
                assert_eq!(canonical(&once), once, "{c:?}");
            }
        }
    }

    #[test]
    fn a_list_key_tells_apart_what_the_canonical_form_does_and_sorts_by_letters() {
        assert_eq!(list_key("Platform"), "platform");
        assert_eq!(list_key("STRAẞE"), list_key("Straße"));
        let names = ["Lodz", "Łódź", "ŁÓDŹ ", "Lodz  B", "Lódź B", "lodz\tłódź", "Zagreb"];
        for (one, other) in names.iter().zip(&names[1..]) {
            assert!(list_key(one) <= list_key(other), "{one} {other}");
            assert_eq!(list_key(one) == list_key(other), canonical(one) == canonical(other), "{one} {other}");
        }
    }

    #[test]
    fn search_ignores_accents_but_keeps_other_scripts_whole() {
        assert_eq!(searchable("Ólafur  Þór"), "olafur thor");
        assert_eq!(searchable("नमस्ते"), searchable("नमस्ते"));
    }

    #[test]
    fn every_word_of_a_search_is_found_in_any_order() {
        for typed in ["", " ", "lodz", "HARB łódź", "ódz our"] {
            assert!(has_words("Łódź  harbour", typed), "{typed}");
        }
        assert!(!has_words("Łódź harbour", "lodz city"));
    }

    #[test]
    fn initials_come_from_the_first_and_the_last_word() {
        assert_eq!(initials("Grace Brewster Murray Hopper"), "GH");
        assert_eq!(initials("千代田"), "千");
        assert_eq!(initials("“Bo” (Ann)"), "BA");
        assert_eq!(initials("—"), "");
        // The article is not part of the initials.
        assert_eq!(initials("أحمد الزهراني"), "أز");
        assert_eq!(initials("الياس خوري"), "اخ");
    }
}
