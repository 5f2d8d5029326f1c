//! Which requests a caller may decide: those for which they could give by hand what is asked for, to the member who asks.
//! Whether they hold enough to give it is judged by the change itself.

use crate::{
    db::{
        Among, Conn, MultiBackend,
        query::per_row,
        schema::{access_requests, team_members},
    },
    kit::{Fault, MemberId, Scope, TeamId, rights},
    members,
};
use diesel::{dsl::exists, prelude::*, sql_types::Bool};

use super::model::AskedKind;

/// Whose requests a query finds.
#[derive(Clone, Debug)]
pub(super) enum Decidable {
    Everybodys,
    /// Those of this member, open or not.
    OfMember(MemberId),
    Some(Limits),
}

/// What a caller may decide who does not manage everybody.
#[derive(Clone, Debug)]
pub(super) struct Limits {
    /// The teams that they administer.
    teams: Vec<TeamId>,
    /// They decide who is in any team.
    decides_all_teams: bool,
    /// They decide who is in the teams that they administer.
    decides_own_teams: bool,
    /// They manage the people of the teams that they administer.
    manages_people: bool,
    sees_everybody: bool,
}

type Condition = Box<dyn BoxableExpression<access_requests::table, MultiBackend, SqlType = Bool>>;

/// Whether the caller may decide some requests at all.
pub fn may_decide_some(scope: &Scope) -> bool {
    scope.may_over_teams(rights::USER_MANAGE) || scope.may_own(rights::TEAM_MANAGE)
}

impl Decidable {
    /// The requests that the caller may decide.
    ///
    /// # Errors
    /// [`Fault::Denied`] if they may decide none.
    pub fn by(conn: &mut Conn, scope: &Scope) -> Result<Self, Fault> {
        if scope.may_over_everybody(rights::USER_MANAGE) {
            return Ok(Self::Everybodys);
        }
        if !may_decide_some(scope) {
            return Err(Fault::Denied(rights::USER_MANAGE.over_all()));
        }
        Ok(Self::Some(Limits {
            teams: members::administered(conn, scope)?,
            decides_all_teams: scope.may(rights::TEAM_MANAGE),
            decides_own_teams: scope.may_own(rights::TEAM_MANAGE),
            manages_people: scope.may_over_teams(rights::USER_MANAGE),
            sees_everybody: members::sees_everybody(scope),
        }))
    }

    /// What a query filters by; nothing for everybody's.
    pub fn condition(&self) -> Option<Condition> {
        match self {
            Self::Everybodys => None,
            Self::OfMember(member) => Some(Box::new(access_requests::member_id.eq(*member))),
            Self::Some(limits) => Some(limits.condition()),
        }
    }
}

impl Limits {
    fn condition(&self) -> Condition {
        let of_teams: Condition = if self.decides_all_teams {
            Box::new(access_requests::kind.eq(AskedKind::Team))
        } else {
            let is_decided = self.decides_own_teams;
            let teams = if is_decided { self.teams.clone() } else { vec![] };
            Box::new(access_requests::kind.eq(AskedKind::Team).and(access_requests::subject_id.among(teams)))
        };
        let all: Condition = if self.manages_people {
            let of_people = access_requests::kind.eq(AskedKind::Role).and(self.is_of_own_people());
            Box::new(of_teams.or(of_people))
        } else {
            of_teams
        };
        if self.sees_everybody {
            all
        } else {
            Box::new(all.and(self.is_of_own_people()))
        }
    }

    /// Whether the member is in one of the teams that the caller administers.
    fn is_of_own_people(&self) -> Condition {
        let theirs = team_members::table
            .filter(team_members::organization_id.eq(access_requests::organization_id))
            .filter(team_members::member_id.eq(access_requests::member_id))
            .filter(team_members::team_id.among(self.teams.clone()));
        Box::new(per_row(exists(theirs)))
    }
}
