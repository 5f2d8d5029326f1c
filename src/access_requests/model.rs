//! Requests: what is asked for, and their states.

use crate::{
    db::{MultiBackend, schema::access_requests},
    kit::{AccessRequestId, MemberId, OrganizationId, RoleId, SubjectId, TeamId, Timestamp},
    members::Change,
    text_enum,
};
use chrono::TimeDelta;
use diesel::prelude::*;
use std::fmt;

/// The most open requests of one member.
pub const MOST_OPEN: i64 = 10;
/// After how many days without a decision a request lapses.
pub const LAPSES_AFTER_DAYS: i64 = 90;
/// The longest reason, of a request or a decision.
pub const LONGEST_REASON: usize = 500;
/// The longest reference to a ticket.
pub const LONGEST_TICKET: usize = 100;

text_enum! {
    /// The kinds of what can be asked for.
    pub enum AskedKind {
        Role = "role",
        Team = "team",
    }
}

text_enum! {
    /// What became of a request.
    pub enum RequestState {
        Open = "open",
        Granted = "granted",
        Refused = "refused",
        Withdrawn = "withdrawn",
        Lapsed = "lapsed",
    }
}

impl RequestState {
    pub const ALL: [Self; 5] = [Self::Open, Self::Granted, Self::Refused, Self::Withdrawn, Self::Lapsed];

    pub fn label(self) -> &'static str {
        match self {
            Self::Open => "Open",
            Self::Granted => "Granted",
            Self::Refused => "Refused",
            Self::Withdrawn => "Withdrawn",
            Self::Lapsed => "Lapsed",
        }
    }
    /// The class of its badge.
    pub fn look(self) -> &'static str {
        match self {
            Self::Open => "warn",
            Self::Granted => "good",
            Self::Refused => "bad",
            Self::Withdrawn | Self::Lapsed => "outlined",
        }
    }
}

/// What is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Asked {
    Role(RoleId),
    Team(TeamId),
}

impl AskedKind {
    /// `the role Editor`.
    pub fn told(self, name: &str) -> String {
        format!("the {} {name}", self.as_str())
    }
    pub fn label(self) -> &'static str {
        match self {
            Self::Role => "Role",
            Self::Team => "Team",
        }
    }
    /// The page of one, within an organization.
    pub fn page(self, id: SubjectId) -> String {
        match self {
            Self::Role => format!("/roles/{id}"),
            Self::Team => format!("/teams/{id}"),
        }
    }
}

impl Asked {
    pub fn of(kind: AskedKind, id: SubjectId) -> Self {
        match kind {
            AskedKind::Role => Self::Role(RoleId(id.0)),
            AskedKind::Team => Self::Team(TeamId(id.0)),
        }
    }
    pub fn kind(self) -> AskedKind {
        match self {
            Self::Role(_) => AskedKind::Role,
            Self::Team(_) => AskedKind::Team,
        }
    }
    pub fn subject(self) -> SubjectId {
        match self {
            Self::Role(id) => SubjectId(id.0),
            Self::Team(id) => SubjectId(id.0),
        }
    }
    /// The change that gives it.
    pub fn change(self, until: Option<Timestamp>) -> Change {
        match self {
            Self::Role(role) => Change::AddRole { role, until },
            Self::Team(team) => Change::JoinTeam { team },
        }
    }
    /// As a form has it.
    pub fn text(self) -> String {
        format!("{}:{}", self.kind().as_str(), self.subject())
    }
    pub fn read(text: &str) -> Option<Self> {
        let (kind, id) = text.split_once(':')?;
        Some(Self::of(kind.parse().ok()?, id.parse().ok()?))
    }
}

/// A request to send, its texts already checked.
#[derive(Clone, Debug)]
pub struct NewRequest {
    pub asked: Asked,
    pub until: Option<Timestamp>,
    pub reason: String,
    pub ticket: String,
}

/// What is decided about a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decision {
    pub verdict: Verdict,
    /// What the decider tells the member.
    pub answer: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// As the member asked.
    Grant,
    /// With this end, or none.
    GrantUntil(Option<Timestamp>),
    Refuse,
}

/// A request as stored.
#[derive(Queryable, Selectable, Clone, Debug)]
#[diesel(table_name = access_requests, check_for_backend(MultiBackend))]
pub struct AccessRequest {
    pub organization_id: OrganizationId,
    pub id: AccessRequestId,
    pub member_id: MemberId,
    pub kind: AskedKind,
    pub subject_id: SubjectId,
    /// Its name when it was asked for.
    pub subject_name: String,
    pub until_at: Option<Timestamp>,
    pub granted_until_at: Option<Timestamp>,
    pub reason: String,
    pub ticket: String,
    pub state: RequestState,
    pub created_at: Timestamp,
    pub closed_at: Option<Timestamp>,
    pub closed_by: Option<MemberId>,
    pub answer: String,
    pub leaves_at: Option<Timestamp>,
}

impl AccessRequest {
    pub fn asked(&self) -> Asked {
        Asked::of(self.kind, self.subject_id)
    }
    /// `the role Editor`.
    pub fn told(&self) -> String {
        self.kind.told(&self.subject_name)
    }
    pub fn is_open(&self) -> bool {
        self.state == RequestState::Open
    }
    /// Whether it waited too long for a decision.
    pub fn is_old(&self, now: Timestamp) -> bool {
        self.created_at < oldest_open(now)
    }
}

/// Requests from before that instant lapse.
pub(super) fn oldest_open(now: Timestamp) -> Timestamp {
    now - TimeDelta::days(LAPSES_AFTER_DAYS)
}

/// Why an open request is not decided any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lapse {
    Gone,
    NotActive,
    Held,
    Ended,
    Old,
}

impl fmt::Display for Lapse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Gone => "What was asked for does not exist any more.",
            Self::NotActive => "The member is not active any more.",
            Self::Held => "The member has it already.",
            Self::Ended => "The last day that was asked for is over.",
            Self::Old => "Nobody decided within 90 days.",
        })
    }
}
