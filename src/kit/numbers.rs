//! Numbers in texts: separators between thousands, and the noun that fits the number.

use std::fmt::Display;

/// A whole number with commas between its thousands.
pub fn grouped(number: impl Display) -> String {
    let text = number.to_string();
    let (sign, digits) = text.strip_prefix('-').map_or(("", text.as_str()), |digits| ("-", digits));
    let mut grouped = sign.to_owned();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

/// The word after the number: the first one after 1, the second one after any other.
pub fn noun<'a>(number: impl PartialEq + From<u8>, one: &'a str, many: &'a str) -> &'a str {
    if number == 1.into() { one } else { many }
}

/// The number with the word after it: `1 person`, `4,812 people`.
pub fn count(number: impl Display + PartialEq + From<u8>, one: &str, many: &str) -> String {
    let digits = grouped(&number);
    format!("{digits} {}", noun(number, one, many))
}

/// `a, b and c`.
pub fn sentence_list(words: &[impl AsRef<str>]) -> String {
    match words {
        [] => String::new(),
        [one] => one.as_ref().to_owned(),
        [more @ .., last] => format!("{} and {}", more.iter().map(AsRef::as_ref).collect::<Vec<_>>().join(", "), last.as_ref()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_grouped_by_thousands() {
        assert_eq!(
            [grouped(0), grouped(999), grouped(1204), grouped(1_234_567), grouped(-1000)],
            ["0", "999", "1,204", "1,234,567", "-1,000"]
        );
    }

    #[test]
    fn only_one_is_singular() {
        let people = |number: i64| count(number, "person", "people");
        assert_eq!([people(0), people(1), people(4812)], ["0 people", "1 person", "4,812 people"]);
        assert_eq!([noun(1_usize, "does", "do"), noun(2_usize, "does", "do")], ["does", "do"]);
    }
}
