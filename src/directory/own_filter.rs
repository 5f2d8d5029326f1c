//! A filter by one of the organization's own fields. In an address each stands as `field=key:operator:value`.

use crate::{kit::permission::is_word, text_enum};
use std::{fmt, str::FromStr};

/// The most characters of a value.
const LONGEST: usize = 200;

text_enum! {
    /// How a value is compared.
    #[derive(PartialOrd, Ord)]
    pub enum Operator {
        /// It is this one, or another one that is given too.
        Is = "is",
        /// The text holds this.
        Has = "has",
        /// This number or day, or a later one.
        From = "from",
        /// This number or day, or an earlier one.
        To = "to",
        /// There is no value.
        None = "none",
    }
}

/// One filter by a field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OwnFilter {
    pub key: String,
    pub operator: Operator,
    pub value: String,
}

impl fmt::Display for OwnFilter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.key, self.operator.as_str())?;
        match self.operator {
            Operator::None => Ok(()),
            _ => write!(f, ":{}", self.value),
        }
    }
}

impl FromStr for OwnFilter {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        let (key, rest) = text.split_once(':').ok_or("a field and how it is compared are parted by a colon")?;
        let (operator, value) = rest.split_once(':').unwrap_or((rest, ""));
        let operator: Operator = operator.parse()?;
        let fits = (operator == Operator::None) == value.is_empty() && value.chars().count() <= LONGEST && !value.contains('\0');
        if !is_word(key) || !fits || value != value.trim() {
            return Err(format!("{text:?} is no filter by a field"));
        }
        Ok(Self { key: key.to_owned(), operator, value: value.to_owned() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_filter_is_read_as_it_is_written() {
        for text in [
            "office:is:zurich",
            "cost_center:has:47:11",
            "start_date:from:2026-01-01",
            "manager:none",
        ] {
            assert_eq!(text.parse::<OwnFilter>().map(|filter| filter.to_string()).as_deref(), Ok(text));
        }
        for wrong in [
            "",
            "office",
            "office:",
            "office:like:x",
            "office:is:",
            "office:none:x",
            "Office:is:x",
            "a b:is:x",
            "office:is: x",
            "office:is:\0",
        ] {
            assert!(wrong.parse::<OwnFilter>().is_err(), "{wrong}");
        }
    }
}
