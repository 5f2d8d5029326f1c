//! Types of access reviews and their pure rules.

use crate::{
    db::{
        Json, MultiBackend,
        schema::{access_review_lines, access_reviews},
    },
    kit::{AccessReviewId, BatchId, Fault, MemberId, MemberKind, PolicyId, RoleId, Scope, SubjectId, TeamId, Timestamp, TokenId, rights},
    members::Change,
    text_enum,
};
use diesel::prelude::*;

text_enum! {
    /// What a review is over.
    pub enum ReviewKind {
        Role = "role",
        Policy = "policy",
        Team = "team",
        Administrators = "administrators",
        SystemAccounts = "system_accounts",
    }
}

impl ReviewKind {
    pub const ALL: [Self; 5] = [Self::Role, Self::Policy, Self::Team, Self::Administrators, Self::SystemAccounts];

    /// Whether a review of this kind names a role, a policy or a team.
    pub fn has_subject(self) -> bool {
        matches!(self, Self::Role | Self::Policy | Self::Team)
    }
    /// Checks that the caller may take away everything that a review of this kind may take away. They open it, see all of its
    /// lines, decide on any and close it.
    ///
    /// # Errors
    /// [`Fault::Denied`].
    pub fn demand(self, scope: &Scope) -> Result<(), Fault> {
        match self {
            Self::Role => scope.demand(rights::ROLE_READ)?,
            Self::Policy => scope.demand(rights::POLICY_READ)?,
            Self::Team => scope.demand(rights::TEAM_READ)?,
            Self::Administrators | Self::SystemAccounts => {}
        }
        if self != Self::SystemAccounts {
            scope.demand(rights::USER_MANAGE)?;
        }
        scope.demand(rights::SYSTEM_ACCOUNT_MANAGE)
    }
    /// Whether the caller may open some review.
    pub fn may_open_any(scope: &Scope) -> bool {
        scope.may(rights::SYSTEM_ACCOUNT_MANAGE)
    }
}

text_enum! {
    /// Who reviews.
    pub enum ReviewedBy {
        /// People who were named.
        Chosen = "chosen",
        /// The administrators of each member's teams.
        TeamAdministrators = "team_administrators",
    }
}

text_enum! {
    /// What is decided about a line.
    pub enum Decision {
        Keep = "keep",
        Remove = "remove",
    }
}

text_enum! {
    pub enum ReviewState {
        /// Reviewers decide.
        Open = "open",
        /// Nobody decides any more. What is to be removed is being removed.
        Closed = "closed",
    }
}

text_enum! {
    /// What became of a line that was to be removed.
    pub enum LineOutcome {
        Waiting = "waiting",
        Done = "done",
        Failed = "failed",
    }
}

impl Decision {
    pub fn label(self) -> &'static str {
        match self {
            Self::Keep => "Keep",
            Self::Remove => "Remove",
        }
    }
}

impl LineOutcome {
    pub fn label(self) -> &'static str {
        match self {
            Self::Waiting => "Waits to be removed",
            Self::Done => "Removed",
            Self::Failed => "Could not be removed",
        }
    }
}

/// An access review.
#[derive(Queryable, Selectable, Clone, Debug)]
#[diesel(table_name = access_reviews, check_for_backend(MultiBackend))]
pub struct AccessReview {
    pub id: AccessReviewId,
    pub organization_id: crate::kit::OrganizationId,
    pub name: String,
    pub kind: ReviewKind,
    /// The role, policy or team.
    pub subject_id: Option<SubjectId>,
    /// Its name at that time.
    pub subject: String,
    pub reviewed_by: ReviewedBy,
    /// The end of the last day.
    pub until_at: Timestamp,
    /// What happens to lines that nobody decided.
    pub unanswered: Decision,
    pub state: ReviewState,
    pub lines: i64,
    pub kept: i64,
    pub removed: i64,
    pub to_remove: i64,
    pub done: i64,
    pub failed: i64,
    pub created_at: Timestamp,
    pub created_by: Option<MemberId>,
    pub created_by_name: String,
    pub credential: Option<String>,
    pub token_id: Option<TokenId>,
    pub ceiling: Option<Json<Vec<String>>>,
    pub closed_at: Option<Timestamp>,
    pub closed_by: Option<MemberId>,
    pub closed_by_name: String,
    pub batch_id: Option<BatchId>,
}

impl AccessReview {
    /// Whether it can be decided on.
    pub fn is_open(&self, now: Timestamp) -> bool {
        self.state == ReviewState::Open && now < self.until_at
    }
    pub fn is_closed(&self) -> bool {
        self.state == ReviewState::Closed
    }
    pub fn decided(&self) -> i64 {
        self.kept + self.removed
    }
    pub fn undecided(&self) -> i64 {
        self.lines - self.decided()
    }
    pub fn percent(&self) -> i64 {
        100 * self.decided() / self.lines.max(1)
    }
    /// Lines that still wait to be removed.
    pub fn waiting(&self) -> i64 {
        self.to_remove - self.done - self.failed
    }
    /// What it is over: `the role Billing`.
    pub fn told(&self) -> String {
        match self.kind {
            ReviewKind::Role => format!("the role {}", self.subject),
            ReviewKind::Policy => format!("the policy {}", self.subject),
            ReviewKind::Team => format!("the team {}", self.subject),
            ReviewKind::Administrators => "all administrators".into(),
            ReviewKind::SystemAccounts => "all system accounts".into(),
        }
    }
    /// The change that removes a line.
    ///
    /// # Errors
    /// [`Fault::Broken`] for a review without its role, policy or team.
    pub fn change(&self) -> Result<Change, Fault> {
        let subject = || self.subject_id.ok_or_else(|| Fault::broken("a review of nothing"));
        Ok(match self.kind {
            ReviewKind::Role => Change::RemoveRole { role: RoleId(subject()?.0) },
            ReviewKind::Policy => Change::DetachPolicy { policy: PolicyId(subject()?.0) },
            ReviewKind::Team => Change::LeaveTeam { team: TeamId(subject()?.0) },
            ReviewKind::Administrators => Change::RemoveAdministrator,
            ReviewKind::SystemAccounts => Change::Disable { reason: format!("Access review: {}", self.name) },
        })
    }
}

/// A line of a review: what one member has.
#[derive(Queryable, Selectable, Clone, Debug)]
#[diesel(table_name = access_review_lines, check_for_backend(MultiBackend))]
pub struct ReviewLine {
    pub position: i64,
    pub member_id: MemberId,
    pub kind: MemberKind,
    /// The name at that time.
    pub name: String,
    pub email: String,
    /// The team through which they have it, if not by themselves.
    pub team_id: Option<TeamId>,
    pub team: String,
    pub since_at: Option<Timestamp>,
    pub ends_at: Option<Timestamp>,
    pub decision: Option<Decision>,
    pub reason: String,
    pub decided_at: Option<Timestamp>,
    pub decided_by: Option<MemberId>,
    pub decided_by_name: String,
    /// Incremented by each decision.
    pub version: i64,
    pub outcome: Option<LineOutcome>,
    pub outcome_at: Option<Timestamp>,
    pub note: String,
}

impl ReviewLine {
    /// Why nobody can remove it.
    pub fn why_not_remove(&self) -> Option<LineRefusal> {
        self.team_id.map(|_| LineRefusal::ThroughTeam(self.team.clone()))
    }
    /// What holds for it in the end: the decision, or the rule for lines that nobody decided.
    pub fn in_effect(&self, review: &AccessReview) -> Option<Decision> {
        self.decision.or_else(|| review.is_closed().then_some(review.unanswered))
    }
}

/// Why a line is left out of a decision.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LineRefusal {
    #[error("Nobody decides on their own access.")]
    Yourself,
    #[error("They have it through the team {0}. Take them out of the team, or let the team give it no more.")]
    ThroughTeam(String),
    #[error("Somebody decided on it meanwhile.")]
    ChangedSince,
    #[error("It is not yours to decide.")]
    NotYours,
}

/// Why a review is not opened, decided on or closed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ReviewRefusal {
    #[error("Nobody has it, so there is nothing to review.")]
    NothingToReview,
    #[error("The last day is a day to come, within a year.")]
    LastDay,
    #[error("Name 1 to {MOST_REVIEWERS} people who review.")]
    Reviewers,
    #[error("Only active people review.")]
    NotActive,
    #[error("{MOST_OPEN} reviews are open, which is the most. Close one first.")]
    TooManyOpen,
    #[error("The review is closed. Nothing can be decided any more.")]
    Closed,
    #[error("Nothing waits to be removed, or the removal is under way.")]
    NothingWaits,
}

/// The most people who are chosen to review.
pub const MOST_REVIEWERS: usize = 50;
/// The most reviews of an organization that are open.
pub const MOST_OPEN: i64 = 100;
/// The longest name of a review, and the longest reason.
pub const LONGEST_NAME: usize = 100;
pub const LONGEST_REASON: usize = 300;
/// The most lines that one request names.
pub const MOST_LINES: usize = 500;

text_enum! {
    /// Which lines to list.
    pub enum LineState {
        Undecided = "undecided",
        Keep = "keep",
        Remove = "remove",
        Waiting = "waiting",
        Done = "done",
        Failed = "failed",
    }
}

/// A review to open, its input already checked.
#[derive(Clone, Debug)]
pub struct NewReview {
    pub name: String,
    pub kind: ReviewKind,
    pub subject: Option<SubjectId>,
    pub reviewed_by: ReviewedBy,
    pub reviewers: Vec<MemberId>,
    pub until: Timestamp,
    pub unanswered: Decision,
    /// The token that opens it, if a program does.
    pub token: Option<TokenId>,
}

/// The lines that a decision is about.
#[derive(Clone, Debug)]
pub enum Which {
    /// These, by position, each with the version that the reviewer saw, if they say so.
    Lines(Vec<(i64, Option<i64>)>),
    /// All that nobody has decided yet and that are the caller's.
    Undecided,
}

/// A decision on lines.
#[derive(Clone, Debug)]
pub struct NewDecision {
    pub decision: Decision,
    pub reason: String,
    pub which: Which,
}

/// What a decision did.
#[derive(Clone, Debug, Default)]
pub struct Decided {
    pub decided: i64,
    /// Lines that were left out: position, name, and why.
    pub left_out: Vec<(i64, String, LineRefusal)>,
}
