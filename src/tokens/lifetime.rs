//! How long a token works: what a form offers, and what it accepts.

use crate::{
    kit::{Timestamp, noun},
    web::Field,
};
use chrono::TimeDelta;

/// The longest lifetime that is accepted.
const LONGEST_DAYS: i64 = 3_650;
const PRESETS: [i64; 6] = [7, 30, 60, 90, 180, 365];
const USUAL: i64 = 90;

/// The lifetime of a token: a number of days, until the end of a given day, or unlimited.
#[derive(Clone, Debug, Default)]
pub struct Expiry {
    pub choice: Field,
    pub date: Field,
}

impl Expiry {
    /// The default choice.
    pub fn usual(longest: Option<i64>) -> Self {
        Self {
            choice: Field::new(longest.map_or(USUAL, |longest| longest.min(USUAL)).to_string()),
            date: Field::default(),
        }
    }
    /// The lifetimes to choose from, each with its label.
    pub fn presets(longest: Option<i64>) -> Vec<(String, String)> {
        let mut days: Vec<i64> = PRESETS.into_iter().filter(|days| longest.is_none_or(|longest| *days <= longest)).collect();
        days.extend(longest.filter(|longest| !days.contains(longest) && *longest <= LONGEST_DAYS));
        days.sort_unstable();
        days.into_iter()
            .map(|days| (days.to_string(), format!("{days} {}", noun(days, "day", "days"))))
            .collect()
    }
    /// The expiry, if any. On failure the complaint is set on its field.
    pub(super) fn check(&mut self, now: Timestamp, longest: Option<i64>) -> Result<Option<Timestamp>, ()> {
        match self.choice.trimmed() {
            "never" if longest.is_none() => Ok(None),
            "date" => {
                let end = within_reach(Timestamp::end_of_day(self.date.trimmed()), now, longest);
                end.map(Some).map_err(|why| self.date.refuse(why))
            }
            days => {
                let days: Option<i64> = days.parse().ok();
                let days = days.filter(|days| *days >= 1 && *days <= longest.unwrap_or(LONGEST_DAYS));
                if days.is_none() {
                    self.choice.refuse(match longest {
                        Some(longest) => format!("Tokens may work for {longest} days at most here."),
                        None => "Choose how long the token is to work.".into(),
                    });
                }
                days.map(|days| Some(now + TimeDelta::days(days))).ok_or(())
            }
        }
    }
}

/// The expiry, if it is in the future and no later than tokens may work.
///
/// # Errors
/// A sentence for the field.
pub fn within_reach(end: Option<Timestamp>, now: Timestamp, longest: Option<i64>) -> Result<Timestamp, String> {
    let most = longest.unwrap_or(LONGEST_DAYS);
    let in_reach = end.filter(|end| *end > now && *end <= now + TimeDelta::days(most));
    in_reach.ok_or_else(|| {
        let most = match longest {
            None => format!("{} years", LONGEST_DAYS / 365),
            Some(1) => "1 day".into(),
            Some(days) => format!("{days} days"),
        };
        format!("Choose a day from today on, at most {most} ahead.")
    })
}
