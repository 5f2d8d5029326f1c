//! A person's names: first and last name, if known, and the display name that lists show. The display name is made from
//! the other two, unless the person wrote it in another order, as in Chinese, Japanese, Korean and Hungarian names.

use super::model::{Details, Member};
use crate::web::Field;

/// The most characters in each of the three names.
pub const LONGEST: usize = 100;

/// The display name made from first and last name. One of them alone is enough.
pub fn joined(first: &str, last: &str) -> String {
    format!("{first} {last}").trim().to_owned()
}

/// The three names as a form has them.
#[derive(Debug)]
pub struct NameFields<'f> {
    pub first: &'f mut Field,
    pub last: &'f mut Field,
    /// Empty if it is made from first and last name.
    pub display: &'f mut Field,
}

/// The three names, already validated.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PersonNames {
    pub first: String,
    pub last: String,
    pub display: String,
}

/// Makes names from a display name alone.
impl<T: Into<String>> From<T> for PersonNames {
    fn from(display: T) -> Self {
        Self { display: display.into(), ..Self::default() }
    }
}

impl PersonNames {
    pub fn of(member: &Member) -> Self {
        Self {
            first: member.first_name.clone(),
            last: member.last_name.clone(),
            display: member.name.clone(),
        }
    }
    /// Whether the display name is made from first and last name.
    pub fn is_made(&self) -> bool {
        self.display == joined(&self.first, &self.last)
    }
}

impl NameFields<'_> {
    /// The names, if there is at least one and all of them are valid.
    pub fn check(self) -> Option<PersonNames> {
        let (first, last) = (self.first.optional_line(LONGEST), self.last.optional_line(LONGEST));
        let display = self.display.optional_line(LONGEST);
        let (first, last, display) = (first?, last?, display?);
        if !display.is_empty() {
            return Some(PersonNames { first, last, display });
        }
        let display = joined(&first, &last);
        if display.is_empty() {
            self.display.refuse("Type a first name, a last name or a display name.");
            return None;
        }
        if display.chars().count() > LONGEST {
            self.display.refuse(TOO_LONG);
            return None;
        }
        Some(PersonNames { first, last, display })
    }
}

/// Why no display name can be made from first and last name.
pub const TOO_LONG: &str = "First and last name together have more than 100 characters. Type a shorter display name.";

impl Details {
    /// These details with a display name that follows first and last name, if it did before, they changed, and the
    /// person did not write another.
    pub(super) fn following(&self, present: &Self) -> Self {
        let made = joined(&self.first_name, &self.last_name);
        let mut new = self.clone();
        if present.names().is_made() && self.name == present.name && !made.is_empty() {
            new.name = made;
        }
        new
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn details(first: &str, last: &str, name: &str) -> Details {
        Details {
            first_name: first.into(),
            last_name: last.into(),
            name: name.into(),
            ..Details::default()
        }
    }

    #[test]
    fn a_display_name_follows_unless_it_was_written_otherwise() {
        for (present, typed, shown) in [
            (("Ada", "King", "Ada King"), ("Ada", "Lovelace", "Ada King"), "Ada Lovelace"),
            (("Ada", "King", "Ada King"), ("Ada", "Lovelace", "Lady Lovelace"), "Lady Lovelace"),
            (("Ada", "King", "Countess King"), ("Ada", "Lovelace", "Countess King"), "Countess King"),
            (("", "", "Ada King"), ("Ada", "King", "Ada King"), "Ada King"),
            (("", "", "Sukarno"), ("Ada", "", "Sukarno"), "Sukarno"),
            (("Sukarno", "", "Sukarno"), ("", "", "Sukarno"), "Sukarno"),
            (("太郎", "山田", "山田 太郎"), ("次郎", "山田", "山田 太郎"), "山田 太郎"),
        ] {
            let [present, typed] = [present, typed].map(|(first, last, name)| details(first, last, name));
            assert_eq!(typed.following(&present).name, shown, "{typed:?}");
        }
    }

    #[test]
    fn one_name_alone_is_a_name() {
        let check = |first: &str, last: &str, display: &str| {
            let [mut first, mut last, mut display] = [first, last, display].map(Field::new);
            let fields = NameFields { first: &mut first, last: &mut last, display: &mut display };
            fields.check().map(|names| names.display)
        };
        assert_eq!(check(" Ada ", "King", "").as_deref(), Some("Ada King"));
        assert_eq!(check("", "Sukarno", "").as_deref(), Some("Sukarno"));
        assert_eq!(check("太郎", "山田", "山田 太郎").as_deref(), Some("山田 太郎"));
        assert_eq!(check("", "", "千代田").as_deref(), Some("千代田"));
        assert_eq!(check(" ", "", ""), None);
        assert_eq!(check(&"x".repeat(60), &"y".repeat(60), ""), None);
        assert_eq!(check(&"x".repeat(60), &"y".repeat(60), "X Y").as_deref(), Some("X Y"));
    }
}
