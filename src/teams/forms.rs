//! Forms of `teams`: the fields, and how they are checked.

use super::model::{NewTeam, Team};
use crate::{
    kit::{MemberId, MemberKind, OrganizationId, TeamId},
    web::{Field, complaints},
};
use actix_web::web::Path;
use serde::Deserialize;

/// The form of a team, both parsed from a request and rendered again.
#[derive(Deserialize, Default, Clone)]
#[serde(deny_unknown_fields, default)]
pub struct TeamForm {
    /// The version that was read.
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
        complaints([("name", &self.name.complaint), ("description", &self.description.complaint)])
    }
    pub fn check(&mut self) -> Option<NewTeam> {
        let name = self.name.line("a name", 100);
        let description = self.description.optional_line(300);
        Some(NewTeam { name: name?, description: description?, is_default: self.is_default() })
    }
}

/// The query of a list.
#[derive(Deserialize, Default, Clone)]
#[serde(default)]
pub struct TeamsQuery {
    pub q: String,
    pub after: Option<TeamId>,
    pub before: Option<TeamId>,
}

/// The query of a team's page.
#[derive(Deserialize, Default, Clone)]
#[serde(default)]
pub struct MembersQuery {
    pub q: String,
    pub after: Option<MemberId>,
    pub before: Option<MemberId>,
}

/// The query of the page that offers members who could join.
#[derive(Deserialize, Default, Clone)]
#[serde(default)]
pub struct CandidateQuery {
    pub q: String,
    pub kind: Option<MemberKind>,
    /// The members ticked so far; kept while the user searches for others.
    #[serde(rename = "member")]
    pub members: Vec<MemberId>,
}

impl CandidateQuery {
    pub fn kind(&self) -> MemberKind {
        self.kind.unwrap_or(MemberKind::User)
    }
}

/// The members who join or leave: ticked on a form, or named in the URL of an undo button.
#[derive(Deserialize, Default, Clone)]
#[serde(deny_unknown_fields, default)]
pub struct Chosen {
    #[serde(rename = "member")]
    pub members: Vec<MemberId>,
    /// Without it, each member is treated as what they are.
    pub kind: Option<MemberKind>,
    pub back: String,
    /// The search text.
    pub q: String,
    /// The action that an undo button undoes. Another extractor reads it; here it is only accepted.
    #[serde(rename = "undoes")]
    _undoes: Option<i64>,
}

impl Chosen {
    /// The most members in one request: as many as one page offers.
    pub const MOST: usize = 50;

    /// The query that names these members: of one kind, or of both.
    pub fn query(ids: &[MemberId], kind: Option<MemberKind>) -> String {
        let kind = kind.map(|kind| ("kind", kind.as_str().to_owned()));
        let members = ids.iter().map(|id| ("member", id.to_string()));
        let pairs: Vec<_> = kind.into_iter().chain(members).collect();
        format!("?{}", serde_html_form::to_string(pairs).unwrap_or_default())
    }
}

/// The team that a path names.
pub(super) type Place = Path<(OrganizationId, TeamId)>;
