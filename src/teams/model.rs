//! Types of `teams` and their pure rules.

use crate::{
    db::{query::Direction, schema::teams},
    kit::{MemberId, MemberKind, MemberStatus, TeamId},
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
#[derive(Clone, Debug)]
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
    pub fn is_person(&self) -> bool {
        self.kind == MemberKind::User
    }
    pub fn is_off(&self) -> bool {
        self.status != MemberStatus::Active
    }
}

/// Which page of a list sorted by name: the first, or the rows after or before one row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Window<Id> {
    First,
    After(Id),
    Before(Id),
}

impl<Id: Copy> Window<Id> {
    /// Reads the window from the query of a URL.
    pub fn read(after: Option<Id>, before: Option<Id>) -> Self {
        match (after, before) {
            (Some(id), _) => Self::After(id),
            (None, Some(id)) => Self::Before(id),
            (None, None) => Self::First,
        }
    }
    pub fn direction(self) -> Direction {
        match self {
            Self::Before(_) => Direction::Descending,
            Self::First | Self::After(_) => Direction::Ascending,
        }
    }
    pub fn edge(self) -> Option<(Id, Direction)> {
        match self {
            Self::First => None,
            Self::After(id) | Self::Before(id) => Some((id, self.direction())),
        }
    }
    /// Sorts the rows and cuts them to size. Also returns whether there are rows before and after them.
    pub fn cut<T>(self, mut found: Vec<T>, size: i64) -> (Vec<T>, bool, bool) {
        let size = usize::try_from(size).unwrap_or_default();
        let is_more = found.len() > size;
        found.truncate(size);
        match self {
            Self::Before(_) => {
                found.reverse();
                (found, is_more, true)
            }
            Self::First => (found, false, is_more),
            Self::After(_) => (found, true, is_more),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_knows_what_lies_around_it() {
        assert_eq!(Window::<u8>::First.cut(vec![1, 2, 3], 2), (vec![1, 2], false, true));
        assert_eq!(Window::After(2).cut(vec![3, 4], 2), (vec![3, 4], true, false));
        assert_eq!(Window::Before(5).cut(vec![4, 3, 2], 2), (vec![3, 4], true, true));
        assert_eq!(Window::Before(3).cut(vec![2, 1], 2), (vec![1, 2], false, true));
    }
}
