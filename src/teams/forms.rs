//! Forms of `teams`: what people type, and how it is read.

use super::model::{NewTeam, Team};
use crate::{
    kit::{MemberId, TeamId},
    members::MemberKind,
    web::{Field, told},
};
use serde::Deserialize;

/// The form of a team. It travels both ways.
#[derive(Deserialize, Default, Clone)]
#[serde(deny_unknown_fields, default)]
pub struct TeamForm {
    /// The edition that was read.
    pub version: i64,
    pub name: Field,
    pub description: Field,
    pub is_default: Option<String>,
}

impl TeamForm {
    pub fn of(team: &Team) -> Self {
        Self {
            version: team.version,
            name: Field::new(team.name.clone()),
            description: Field::new(team.description.clone()),
            is_default: team.is_default.then(|| "on".into()),
        }
    }
    pub fn is_default(&self) -> bool {
        self.is_default.is_some()
    }
    /// Complaints with the field each belongs to, for the summary above the form.
    pub fn complaints(&self) -> Vec<(&'static str, &str)> {
        told([("name", &self.name.complaint), ("description", &self.description.complaint)])
    }
    pub fn check(&mut self) -> Option<NewTeam> {
        let name = self.name.line("a name", 100);
        let description = self.description.optional_line(300);
        Some(NewTeam {
            name: name?,
            description: description?,
            is_default: self.is_default(),
        })
    }
}

/// What the address of a list says.
#[derive(Deserialize, Default, Clone)]
#[serde(default)]
pub struct ListWish {
    pub q: String,
    pub after: Option<TeamId>,
    pub before: Option<TeamId>,
}

/// What the address of a team says.
#[derive(Deserialize, Default, Clone)]
#[serde(default)]
pub struct CrewWish {
    pub q: String,
    pub after: Option<MemberId>,
    pub before: Option<MemberId>,
}

/// What the address of the page that offers who could join says.
#[derive(Deserialize, Default, Clone)]
#[serde(default)]
pub struct JoiningWish {
    pub q: String,
    pub kind: Option<MemberKind>,
    /// Ticked so far, whatever is searched for next.
    #[serde(rename = "member")]
    pub members: Vec<MemberId>,
}

impl JoiningWish {
    pub fn kind(&self) -> MemberKind {
        self.kind.unwrap_or(MemberKind::User)
    }
}

/// Who joins or leaves: chosen on a form, or named in the address of an undo button.
#[derive(Deserialize, Default, Clone)]
#[serde(deny_unknown_fields, default)]
pub struct Chosen {
    #[serde(rename = "member")]
    pub members: Vec<MemberId>,
    pub kind: Option<MemberKind>,
    pub back: String,
    /// What was searched for beside.
    pub q: String,
    /// The action that an undo button undoes stands beside them.
    #[serde(rename = "undoes")]
    _undoes: Option<i64>,
}

impl Chosen {
    /// As many as one page offers.
    pub const MOST: usize = 50;

    pub fn kind(&self) -> MemberKind {
        self.kind.unwrap_or(MemberKind::User)
    }
    /// The query that names the same members.
    pub fn query(ids: &[MemberId], kind: MemberKind) -> String {
        let members = ids.iter().fold(String::new(), |all, id| all + "&member=" + &id.to_string());
        format!("?kind={}{members}", kind.as_str())
    }
}
