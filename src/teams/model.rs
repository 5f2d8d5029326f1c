//! Types of `teams` and their pure rules.

use crate::{
    db::{keyset::KeyCursor, schema::teams},
    kit::{MemberId, MemberKind, MemberStatus, Scope, TeamId, fold, rights},
};
use diesel::prelude::*;

/// A team with its description.
#[derive(Queryable, Clone, Debug, PartialEq, Eq)]
pub struct Team {
    pub id: TeamId,
    pub name: String,
    pub description: String,
    /// Forms for new people preselect it.
    pub is_default: bool,
    /// Incremented by each change.
    pub version: i64,
}

type Columns = (teams::id, teams::name, teams::description, teams::is_default, teams::version);

impl Team {
    /// Its place in the list of teams.
    pub fn cursor(&self) -> KeyCursor<TeamId> {
        KeyCursor(fold::list_key(&self.name), self.id)
    }
    pub(super) fn columns() -> Columns {
        (teams::id, teams::name, teams::description, teams::is_default, teams::version)
    }
}

/// The requested content of a team.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewTeam {
    pub name: String,
    pub description: String,
    pub is_default: bool,
}

/// A member of a team, or a candidate.
#[derive(Queryable, Clone, Debug)]
pub struct TeamMember {
    pub id: MemberId,
    pub kind: MemberKind,
    pub name: String,
    pub status: MemberStatus,
    pub email: Option<String>,
    pub runs_it: bool,
}

impl From<(MemberId, MemberKind, String, MemberStatus, Option<String>, bool)> for TeamMember {
    fn from((id, kind, name, status, email, runs_it): (MemberId, MemberKind, String, MemberStatus, Option<String>, bool)) -> Self {
        Self { id, kind, name, status, email, runs_it }
    }
}

impl TeamMember {
    /// Without what only callers see who may read people.
    pub(super) fn seen_by(self, scope: &Scope) -> Self {
        Self { email: self.email.filter(|_| scope.may(rights::USER_READ)), ..self }
    }
    pub fn is_person(&self) -> bool {
        self.kind == MemberKind::User
    }
    pub fn is_off(&self) -> bool {
        self.status != MemberStatus::Active
    }
}
