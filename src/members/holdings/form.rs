//! The form of the Access tab.

use super::Holdings;
use crate::{
    kit::{RoleId, Timestamp},
    roles::Role,
};
use chrono::{Datelike, Days, NaiveDate, TimeDelta};
use serde::Deserialize;

/// What is typed: each role that was offered with the end beside it, and those that are ticked.
#[derive(Deserialize, Default, Debug)]
#[serde(deny_unknown_fields, default)]
pub(super) struct HoldingsForm {
    /// What was held when the form was drawn.
    pub base: String,
    /// Every role the form offered, in its order.
    pub listed: Vec<String>,
    /// The last day of each of those; empty is for good.
    pub until: Vec<String>,
    /// Those that are ticked.
    #[serde(rename = "role")]
    pub roles: Vec<String>,
    #[serde(rename = "team")]
    pub teams: Vec<String>,
    /// Only of the form that takes a change back; it says nothing itself.
    pub back: String,
    #[serde(skip)]
    pub complaint: Option<String>,
    /// Roles whose end is no day to come.
    #[serde(skip)]
    pub wrong: Vec<String>,
}

impl HoldingsForm {
    pub fn of(holdings: &Holdings, known: &[Role]) -> Self {
        let listed: Vec<RoleId> = known.iter().map(|role| role.id).collect();
        let last_day = |role: &RoleId| match holdings.roles.get(role) {
            Some(Some(until)) => last_day(*until),
            _ => String::new(),
        };
        Self {
            base: super::pack(holdings),
            until: listed.iter().map(last_day).collect(),
            listed: listed.iter().map(ToString::to_string).collect(),
            roles: holdings.roles.keys().map(ToString::to_string).collect(),
            teams: holdings.teams.iter().map(ToString::to_string).collect(),
            ..Self::default()
        }
    }

    /// What is wanted. An end that somebody has already stays what it is to the second.
    pub fn check(&mut self, now: Timestamp, held: &Holdings) -> Option<Holdings> {
        let mut wanted = Holdings::default();
        for (id, day) in self.listed.iter().zip(&self.until) {
            if !self.roles.contains(id) {
                continue;
            }
            let Ok(role) = id.parse::<RoleId>() else { continue };
            let kept = held
                .roles
                .get(&role)
                .copied()
                .flatten()
                .filter(|until| last_day(*until) == day.trim());
            let until = match (kept, day.trim()) {
                (Some(kept), _) => Some(kept),
                (None, "") => None,
                (None, day) => {
                    if let Some(until) = end_of(day).filter(|until| *until > now) {
                        Some(until)
                    } else {
                        self.wrong.push(id.clone());
                        continue;
                    }
                }
            };
            wanted.roles.insert(role, until);
        }
        wanted.teams = self.teams.iter().filter_map(|id| id.parse().ok()).collect();
        if !self.wrong.is_empty() {
            self.complaint = Some("A role ends on a day to come. Choose one, or leave it empty.".into());
        } else if wanted.roles.is_empty() {
            self.complaint =
                Some("Choose at least one role: without any they could do nothing. To take all access away, disable them.".into());
        }
        self.complaint.is_none().then_some(wanted)
    }
}

/// The instant at which a day, `2026-11-22`, is over in UTC.
fn end_of(day: &str) -> Option<Timestamp> {
    let day = NaiveDate::parse_from_str(day, "%Y-%m-%d").ok()?;
    let over = day.checked_add_days(Days::new(1))?;
    // Years that both engines and every browser can write.
    if !(1970..9999).contains(&over.year()) {
        return None;
    }
    Some(over.and_hms_opt(0, 0, 0)?.and_utc().into())
}

/// The last whole day before an end.
fn last_day(until: Timestamp) -> String {
    (until.utc() - TimeDelta::microseconds(1)).format("%Y-%m-%d").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_role_holds_through_its_last_day() {
        let until = end_of("2026-11-22").expect("a day");
        assert_eq!(until.iso(), "2026-11-23T00:00:00Z");
        assert_eq!(last_day(until), "2026-11-22");
        for odd in ["", "2026-02-30", "22.11.2026", "9999-12-31", "-1-01-01", "999999-01-01"] {
            assert_eq!(end_of(odd), None, "{odd}");
        }
    }
}
