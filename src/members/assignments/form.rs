//! The form of the Access tab.

use super::Assignments;
use crate::{
    kit::{PolicyId, RoleId, TeamId, Timestamp},
    roles::Role,
    web,
};
use serde::{Deserialize, Serialize};

/// What the member typed: each offered role with its end, and the selected ones.
#[derive(Deserialize, Serialize, Default, Debug)]
#[serde(deny_unknown_fields, default)]
pub(super) struct AssignmentsForm {
    /// The assignments when the form was rendered.
    pub base: String,
    /// Every role the form offered, in its order.
    pub listed: Vec<String>,
    /// The last day of each of those; empty means no end.
    pub until: Vec<String>,
    /// The selected roles.
    #[serde(rename = "role")]
    pub roles: Vec<String>,
    #[serde(rename = "team")]
    pub teams: Vec<String>,
    #[serde(rename = "policy")]
    pub policies: Vec<String>,
    /// The button pressed, if it only asks for a preview.
    #[serde(rename = "do")]
    pub wanted: String,
    /// The requested assignments of the preview that was shown.
    pub seen: String,
    /// Only set by the undo form; has no effect itself.
    pub back: String,
    #[serde(skip)]
    pub complaint: Option<String>,
    /// Roles whose end is not a future day.
    #[serde(skip)]
    pub wrong: Vec<String>,
}

impl AssignmentsForm {
    pub fn of(assignments: &Assignments, known: &[Role]) -> Self {
        let listed: Vec<RoleId> = known.iter().map(|role| role.id).collect();
        let last_day = |role: &RoleId| match assignments.roles.get(role) {
            Some(Some(until)) => until.last_day(),
            _ => String::new(),
        };
        Self {
            base: super::pack(assignments),
            until: listed.iter().map(last_day).collect(),
            listed: listed.iter().map(ToString::to_string).collect(),
            roles: assignments.roles.keys().map(ToString::to_string).collect(),
            teams: assignments.teams.iter().map(ToString::to_string).collect(),
            policies: assignments.policies.iter().map(ToString::to_string).collect(),
            ..Self::default()
        }
    }

    /// A form that requests the changes from one state to the other, and nothing else.
    pub fn between(base: &Assignments, wanted: &Assignments) -> Self {
        let (listed, until): (Vec<String>, Vec<String>) = wanted
            .roles
            .iter()
            .map(|(role, until)| (role.to_string(), until.map(Timestamp::last_day).unwrap_or_default()))
            .unzip();
        Self {
            base: super::pack(base),
            roles: listed.clone(),
            listed,
            until,
            teams: wanted.teams.iter().map(ToString::to_string).collect(),
            policies: wanted.policies.iter().map(ToString::to_string).collect(),
            ..Self::default()
        }
    }

    /// Marks this request as previewed.
    pub fn see(&mut self, wanted: &Assignments) {
        self.seen = super::pack(wanted);
    }
    pub fn has_seen(&self, wanted: &Assignments) -> bool {
        self.seen == super::pack(wanted)
    }
    /// Whether it only asks for a preview.
    pub fn is_preview(&self) -> bool {
        self.wanted == "preview"
    }

    /// The form, if all of it can be read. An ignored value in it would be taken away from the member, and an ignored
    /// base would count as no assignments.
    ///
    /// # Errors
    /// [`web::Error::Malformed`].
    pub fn understood(self) -> web::Result<Self> {
        fn are_ids<T: std::str::FromStr>(texts: &[String]) -> bool {
            texts.iter().all(|text| text.parse::<T>().is_ok())
        }
        let is_whole = super::unpack(&self.base).is_some()
            && self.listed.len() == self.until.len()
            && self.roles.iter().all(|role| self.listed.contains(role))
            && ["", "preview"].contains(&self.wanted.as_str());
        if is_whole && are_ids::<RoleId>(&self.listed) && are_ids::<TeamId>(&self.teams) && are_ids::<PolicyId>(&self.policies) {
            Ok(self)
        } else {
            Err(web::Error::Malformed("The form is not whole.".into()))
        }
    }

    /// The earlier and the requested assignments, if all of it can be read.
    pub fn read(&mut self, now: Timestamp) -> Option<(Assignments, Assignments)> {
        let base = super::unpack(&self.base).unwrap_or_default();
        let wanted = self.check(now, &base)?;
        Some((base, wanted))
    }

    /// The requested assignments. An unchanged end keeps its exact instant, to the second.
    fn check(&mut self, now: Timestamp, held: &Assignments) -> Option<Assignments> {
        let mut wanted = Assignments::default();
        for (id, day) in self.listed.iter().zip(&self.until) {
            if !self.roles.contains(id) {
                continue;
            }
            let Ok(role) = id.parse::<RoleId>() else { continue };
            let kept = held.roles.get(&role).copied().flatten().filter(|until| until.last_day() == day.trim());
            let until = match (kept, day.trim()) {
                (Some(kept), _) => Some(kept),
                (None, "") => None,
                (None, day) => {
                    if let Some(until) = Timestamp::end_of_day(day).filter(|until| *until > now) {
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
        wanted.policies = self.policies.iter().filter_map(|id| id.parse().ok()).collect();
        if !self.wrong.is_empty() {
            self.complaint = Some("A role ends on a day to come. Choose one, or leave it empty.".into());
        } else if wanted.roles.is_empty() {
            self.complaint =
                Some("Choose at least one role: without any, nothing is allowed. To take all access away, use Disable.".into());
        }
        self.complaint.is_none().then_some(wanted)
    }
}
