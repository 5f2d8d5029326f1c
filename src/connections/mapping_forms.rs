//! The form with the mappings of a connection: one line each. An empty line is none.

use super::{
    model::ClaimMapping,
    refusal::{ConnectionRefusal, MOST_MAPPINGS},
};
use crate::{members::MappedGrant, web::Ticked};
use serde::{Deserialize, Serialize};

/// How many empty lines stand below the others.
const EMPTY_LINES: usize = 3;

/// Each line is one entry of `claim`, `value` and `gives`.
#[derive(Deserialize, Serialize, Default, Debug)]
#[serde(deny_unknown_fields, default)]
pub(super) struct MappingForm {
    /// The version that the person read.
    pub version: i64,
    pub claim: Vec<String>,
    pub value: Vec<String>,
    /// `role:…` or `team:…` with its id.
    pub gives: Vec<String>,
    /// Whether the provider may make administrators.
    pub administrators: Ticked,
    #[serde(skip)]
    pub complaint: Option<String>,
    #[serde(skip)]
    pub administrators_complaint: Option<String>,
    /// The numbers of lines that are not whole, from 0.
    #[serde(skip)]
    pub wrong: Vec<usize>,
}

/// A line as the page shows it.
pub(super) struct Line<'a> {
    pub number: usize,
    pub claim: &'a str,
    pub value: &'a str,
    pub gives: &'a str,
    pub is_wrong: bool,
}

impl MappingForm {
    pub fn of(version: i64, mappings: &[ClaimMapping], makes_administrators: bool) -> Self {
        Self {
            version,
            claim: mappings.iter().map(|mapping| mapping.claim.clone()).collect(),
            value: mappings.iter().map(|mapping| mapping.value.clone()).collect(),
            gives: mappings.iter().map(|mapping| told(mapping.gives)).collect(),
            administrators: Ticked(makes_administrators),
            ..Self::default()
        }
    }

    /// The lines that are filled in, with empty ones below them.
    pub fn lines(&self) -> Vec<Line<'_>> {
        let count = self.claim.len().max(self.value.len()).max(self.gives.len());
        let line = |number: usize| Line {
            number,
            claim: self.claim.get(number).map_or("", String::as_str),
            value: self.value.get(number).map_or("", String::as_str),
            gives: self.gives.get(number).map_or("", String::as_str),
            is_wrong: self.wrong.contains(&number),
        };
        let filled = (0..count).map(line).filter(|line| !line.is_empty());
        let mut lines: Vec<Line<'_>> = filled.collect();
        for _ in 0..EMPTY_LINES.min(MOST_MAPPINGS.saturating_sub(lines.len())) {
            lines.push(Line { number: count + lines.len(), claim: "", value: "", gives: "", is_wrong: false });
        }
        lines
    }

    /// Puts a refusal where the form shows it.
    pub fn refuse(&mut self, refusal: &ConnectionRefusal) {
        match refusal {
            ConnectionRefusal::MapsAdministrators => self.administrators_complaint = Some(refusal.to_string()),
            _ => self.complaint = Some(refusal.to_string()),
        }
    }

    /// The mappings of the form. `None` if it has complaints.
    pub fn read(&mut self) -> Option<Vec<ClaimMapping>> {
        let mut mappings = Vec::new();
        let mut wrong = Vec::new();
        for line in self.lines().iter().filter(|line| !line.is_empty()) {
            match line.read() {
                Some(mapping) if !mappings.contains(&mapping) => mappings.push(mapping),
                Some(_) => {}
                None => wrong.push(line.number),
            }
        }
        if !wrong.is_empty() {
            self.complaint = Some(format!(
                "A line needs a claim and a value of at most {} characters, and what they give. To remove it, empty all of it.",
                ClaimMapping::LONGEST
            ));
            self.wrong = wrong;
        }
        self.complaint.is_none().then_some(mappings)
    }
}

impl Line<'_> {
    fn is_empty(&self) -> bool {
        [self.claim, self.value, self.gives].iter().all(|text| text.trim().is_empty())
    }
    fn read(&self) -> Option<ClaimMapping> {
        let (claim, value) = (self.claim.trim(), self.value.trim());
        let gives = read(self.gives)?;
        (ClaimMapping::is_text(claim) && ClaimMapping::is_text(value)).then(|| ClaimMapping {
            claim: claim.into(),
            value: value.into(),
            gives,
        })
    }
}

/// A grant as the value of an option.
pub(super) fn told(grant: MappedGrant) -> String {
    match grant {
        MappedGrant::Role(role) => format!("role:{role}"),
        MappedGrant::Team(team) => format!("team:{team}"),
    }
}

fn read(text: &str) -> Option<MappedGrant> {
    match text.split_once(':')? {
        ("role", id) => id.parse().ok().map(MappedGrant::Role),
        ("team", id) => id.parse().ok().map(MappedGrant::Team),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kit::{RoleId, TeamId};
    use uuid::Uuid;

    fn form(lines: &[(&str, &str, &str)]) -> MappingForm {
        MappingForm {
            claim: lines.iter().map(|line| line.0.into()).collect(),
            value: lines.iter().map(|line| line.1.into()).collect(),
            gives: lines.iter().map(|line| line.2.into()).collect(),
            ..MappingForm::default()
        }
    }

    #[test]
    fn empty_lines_are_left_out_and_a_line_that_stands_twice_counts_once() {
        let id = Uuid::from_u128(7);
        let (role, team) = (format!("role:{id}"), format!("team:{id}"));
        let mut form = form(&[
            ("", " ", ""),
            (" groups ", "staff", &role),
            ("groups", "staff", &role),
            ("groups", "ops", &team),
        ]);
        let mapping = |value: &str, gives| ClaimMapping { claim: "groups".into(), value: value.into(), gives };
        let wanted = vec![
            mapping("staff", MappedGrant::Role(RoleId(id))),
            mapping("ops", MappedGrant::Team(TeamId(id))),
        ];
        assert_eq!(form.read(), Some(wanted.clone()));
        let again = MappingForm::of(1, &wanted, false);
        assert_eq!(again.lines().len(), 2 + EMPTY_LINES);
        assert_eq!(again.lines()[0].gives, role);
    }

    #[test]
    fn a_line_that_is_not_whole_is_pointed_at_and_nothing_of_it_is_lost() {
        let role = format!("role:{}", Uuid::from_u128(7));
        let long = "x".repeat(301);
        for line in [
            ("groups", "", role.as_str()),
            ("", "staff", &role),
            ("groups", "staff", ""),
            ("groups", "staff", "role:7"),
            ("groups", &long, &role),
        ] {
            let mut form = form(&[("groups", "ops", &role), line]);
            assert_eq!(form.read(), None, "{line:?}");
            assert_eq!(form.wrong, [1]);
            assert_eq!((form.lines()[1].claim, form.lines()[1].value), (line.0, line.1));
        }
    }
}
