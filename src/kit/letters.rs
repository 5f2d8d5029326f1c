//! Normalizes letters for search and sorting, in any script: no case, accents or optional marks, and one form for
//! letters, hyphens and apostrophes with several spellings. Never decides identity.

use super::invisible::is_invisible;
use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};

/// Letters that Unicode does not decompose, with what people without them on the keyboard type instead.
const PLAIN: [(&str, &str); 33] = [
    ("ł", "l"),
    ("ƚ", "l"),
    ("ø", "o"),
    ("ɵ", "o"),
    ("ɔ", "o"),
    ("đ", "d"),
    ("ð", "d"),
    ("ɖ", "d"),
    ("ɗ", "d"),
    ("þ", "th"),
    ("æ", "ae"),
    ("œ", "oe"),
    ("ß", "ss"),
    ("ħ", "h"),
    ("ŋ", "n"),
    ("ɲ", "n"),
    ("ŧ", "t"),
    ("ɨ", "i"),
    ("ɩ", "i"),
    ("ĸ", "k"),
    ("ƙ", "k"),
    ("ɓ", "b"),
    ("ƀ", "b"),
    ("ǥ", "g"),
    ("ɠ", "g"),
    ("ƴ", "y"),
    ("ƶ", "z"),
    ("ə", "e"),
    ("ɛ", "e"),
    // Ukrainian and Kazakh letters, as typed on a Russian keyboard.
    ("ґ", "г"),
    ("қ", "к"),
    ("ғ", "г"),
    ("ң", "н"),
];

/// Arabic letters that are used interchangeably.
const ARABIC: [(char, char); 9] = [
    ('ٱ', 'ا'),
    ('ى', 'ي'),
    ('ی', 'ي'),
    ('ې', 'ي'),
    ('ک', 'ك'),
    ('ة', 'ه'),
    ('ۀ', 'ه'),
    ('ہ', 'ه'),
    ('ھ', 'ه'),
];

/// The digit zero of each script with its own digits.
const ZEROS: [char; 9] = ['٠', '۰', '०', '০', '੦', '૦', '௦', '๐', '໐'];

/// The normalized text. Word separators stay: every blank as a space, hyphens as `-`, apostrophes as `'`.
pub(super) fn plain(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    for c in text.nfkd() {
        if c.is_whitespace() {
            plain.push(' ');
        } else if !is_left_out(c) {
            // Upper-casing first folds letters without a lower-case form of their own. Letter by letter: lower-casing a
            // whole text treats a sigma at the end of a word differently, but search input may end anywhere.
            for c in c.to_uppercase().flat_map(char::to_lowercase) {
                push(&mut plain, c);
            }
        }
    }
    plain
}

fn push(plain: &mut String, c: char) {
    if c.is_ascii() {
        return plain.push(c);
    }
    if is_apostrophe(c) {
        return plain.push('\'');
    }
    if is_hyphen(c) {
        return plain.push('-');
    }
    if let Some((_, letters)) = PLAIN.iter().find(|(letter, _)| letter.starts_with(c)) {
        return plain.push_str(letters);
    }
    if let Some((_, letter)) = ARABIC.iter().find(|(letter, _)| *letter == c) {
        return plain.push(*letter);
    }
    let digit = |zero: &char| (u32::from(c)).checked_sub(u32::from(*zero)).filter(|digit| *digit < 10);
    if let Some(digit) = ZEROS.iter().find_map(digit) {
        return plain.extend(char::from_digit(digit, 10));
    }
    // Hiragana becomes katakana.
    let katakana = matches!(c, '\u{3041}'..='\u{3096}').then(|| char::from_u32(u32::from(c) + 0x60)).flatten();
    plain.push(katakana.unwrap_or(c));
}

/// Accents, the vowel signs of Arabic and Hebrew, the stroke that lengthens Arabic words, and invisible characters.
fn is_left_out(c: char) -> bool {
    let is_mark = matches!(c,
        '\u{300}'..='\u{36f}' | '\u{483}'..='\u{487}' | '\u{1ab0}'..='\u{1aff}' | '\u{1dc0}'..='\u{1dff}' | '\u{fe20}'..='\u{fe2f}'
            | '\u{591}'..='\u{5bd}' | '\u{5bf}' | '\u{5c1}' | '\u{5c2}' | '\u{5c4}' | '\u{5c5}' | '\u{5c7}'
            | '\u{610}'..='\u{61a}' | '\u{640}' | '\u{64b}'..='\u{65f}' | '\u{670}' | '\u{6d6}'..='\u{6dc}' | '\u{6df}'..='\u{6e4}'
            | '\u{6e7}' | '\u{6e8}' | '\u{6ea}'..='\u{6ed}' | '\u{8d3}'..='\u{8ff}');
    is_mark || is_invisible(c)
}

pub(super) fn is_apostrophe(c: char) -> bool {
    matches!(
        c,
        '\'' | '`' | '´' | '\u{2018}'..='\u{201b}' | '\u{2b9}'..='\u{2bf}' | '\u{2c8}' | '\u{2ee}' | '\u{2032}' | '\u{2035}' | '\u{55a}'
            | '\u{5f3}' | '\u{a78b}' | '\u{a78c}'
    )
}

pub(super) fn is_hyphen(c: char) -> bool {
    matches!(c, '-' | '\u{2010}'..='\u{2015}' | '\u{2212}' | '\u{58a}' | '\u{5be}' | '\u{1806}' | '\u{30a0}')
}

/// A name as a person retypes it from a page: composed (NFC), every run of blanks one space, one kind of hyphen and
/// apostrophe, no invisible characters. Letters and their case stay.
pub(super) fn copied(text: &str) -> String {
    let typed = |c: char| match c {
        c if is_apostrophe(c) => '\'',
        c if is_hyphen(c) => '-',
        c => c,
    };
    let text: String = text.nfc().map(typed).filter(|c| c.is_whitespace() || !is_invisible(*c)).collect();
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Whether a character of [`plain`] text separates words. Symbols, which some names contain, do not.
pub(super) fn parts(c: char) -> bool {
    c.is_ascii_punctuation()
        || c == ' '
        || matches!(
            c,
            '¡' | '§' | '«' | '¶' | '·' | '»' | '¿' | '\u{2016}'..='\u{205e}' | '\u{37e}' | '\u{387}' | '\u{55b}'..='\u{55f}' | '\u{589}'
                | '\u{5c0}' | '\u{5c3}' | '\u{5c6}' | '\u{5f4}' | '\u{60c}' | '\u{61b}' | '\u{61f}' | '\u{66a}'..='\u{66d}' | '\u{6d4}'
                | '\u{964}' | '\u{965}' | '\u{10fb}' | '\u{1361}'..='\u{1368}' | '\u{3001}'..='\u{3003}' | '\u{3008}'..='\u{3011}'
                | '\u{3014}'..='\u{301f}' | '\u{30fb}'
        )
}

/// Whether a word with this letter at its edge may be written with or without a blank beside it.
pub(super) fn needs_no_blank(c: char) -> bool {
    is_word_by_itself(c) || matches!(c, '\u{e00}'..='\u{eff}' | '\u{1000}'..='\u{109f}' | '\u{1780}'..='\u{17ff}')
}

/// Han, kana, and the first letter of a Korean syllable: a search may start at any of them.
pub(super) fn is_word_by_itself(c: char) -> bool {
    let is_one = matches!(c,
        '\u{3040}'..='\u{30ff}' | '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{3ffff}'
            | '\u{1100}'..='\u{115f}' | '\u{3005}'..='\u{3007}');
    is_one && !is_combining_mark(c)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_copied_with_the_signs_that_a_keyboard_has() {
        assert_eq!(copied(" João D'Ávila"), copied("João\u{a0}D’Ávila"));
        assert_eq!(copied("Anne‑Marie"), "Anne-Marie");
        assert_eq!(copied("A\u{308}rger"), "Ärger");
        assert_eq!(copied("علی\u{200c}زاده"), "علیزاده");
        assert_ne!(copied("João"), copied("Joao"));
        assert_ne!(copied("ada"), copied("Ada"));
        assert_ne!(copied("Straße"), copied("Strasse"));
    }

    #[test]
    fn letters_are_found_as_people_type_them() {
        for (typed, stored) in [
            ("lukasz", "Łukasz"),
            ("oystein kjaergard", "Øystein Kjærgård"),
            ("dang thi ha", "Đặng Thị Hà"),
            ("hamrun", "Ħamrun"),
            ("coeur", "Cœur"),
            ("isik", "Işık"),
            ("strasse", "Straẞe"),
            ("strasse", "STRASSE"),
            ("thorhallur", "Þórhallur"),
            ("aliyev", "aliyev"),
            ("محمد احمد", "مُحَمَّد أحمد"),
            ("محمد", "محـــمد"),
            ("علي", "علی"),
            ("שלום", "שָׁלוֹם"),
            ("ヤマタ\u{3099}", "やまだ"),
            ("ヤマタ\u{3099}", "ﾔﾏﾀﾞ"),
            ("ада", "А\u{301}да"),
            ("οδοσ", "ΟΔΟΣ"),
            ("2026", "٢٠٢٦"),
            ("o'brien", "O’Brien"),
            ("anne-marie", "Anne‑Marie"),
            ("ada", "A\u{200b}d\u{ad}a"),
            ("a b", "a\u{3000}b"),
        ] {
            assert_eq!(plain(stored), typed, "{stored}");
        }
        // The vowel signs of other scripts are letters.
        assert_eq!(plain("नमस्ते"), "नमस्ते");
    }
}
