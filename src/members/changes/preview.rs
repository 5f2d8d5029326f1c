//! Previews a change. The confirmation page and the operation use the same rules.

use super::{
    administrators,
    authority::{self, Authority},
    change::{Answer, Change, Outcome},
    evaluation::Evaluation,
    grantable::may_grant,
    guards::{MemberFacts, Refusal, load_facts},
    latest::{LeftBy, changed_since},
};
use crate::{
    db::Conn,
    kit::{Fault, MemberId, MemberKind, OperationError, OperationResult, PolicyId, RoleId, Scope, TeamId},
    members::seats,
    roles::{self, Role},
};
use std::collections::HashMap;
use uuid::Uuid;

/// Judges a change for any number of members, a few thousand at once. Seats and administrators are counted down over
/// all of them.
pub struct ChangePreview<'a> {
    scope: &'a Scope,
    kind: MemberKind,
    change: &'a Change,
    left_by: Option<LeftBy>,
    left: Evaluation,
    roles: Vec<Role>,
}

impl<'a> ChangePreview<'a> {
    /// `left_by` is the action that the change undoes, if any.
    ///
    /// # Errors
    /// A [`Refusal`] if the change is impossible for every member, or [`Fault::Denied`].
    pub fn begin(
        conn: &mut Conn,
        scope: &'a Scope,
        kind: MemberKind,
        change: &'a Change,
        left_by: Option<LeftBy>,
    ) -> Result<Self, OperationError<Refusal>> {
        let authority = authority::demand_authority(conn, scope, kind, change)?;
        Self::with(conn, scope, kind, change, left_by, authority)
    }

    pub(super) fn with(
        conn: &mut Conn,
        scope: &'a Scope,
        kind: MemberKind,
        change: &'a Change,
        left_by: Option<LeftBy>,
        authority: Authority,
    ) -> Result<Self, OperationError<Refusal>> {
        let roles = roles::list(conn, scope.organization)?;
        may_grant(conn, scope, kind, change, &roles)?;
        let left = Evaluation {
            authority,
            administrators: administrators(conn, scope, change, &roles)?,
            seats: match change {
                Change::Enable => seats::seats(conn, scope.organization)?.room(kind),
                _ => None,
            },
        };
        Ok(Self { scope, kind, change, left_by, left, roles })
    }

    /// The result for each of these members, in the order given.
    pub fn of(&mut self, conn: &mut Conn, ids: &[MemberId]) -> Result<Vec<Answer>, Fault> {
        Ok(self.judge(conn, ids)?.0)
    }

    pub(super) fn judge(&mut self, conn: &mut Conn, ids: &[MemberId]) -> Result<(Vec<Answer>, Vec<MemberFacts>), Fault> {
        let facts = load_facts(conn, self.scope, self.kind, ids)?;
        let mut since = match self.left_by {
            Some(left_by) => changed_since(conn, self.scope, self.change, ids, left_by)?,
            None => HashMap::new(),
        };
        let answers = answers(ids, &facts, |one| match since.remove(&one.id) {
            Some(by) => Outcome::Refused(Refusal::ChangedSince { by }),
            None => self.left.judge(self.scope, self.change, one, &self.roles),
        });
        Ok((answers, facts))
    }
}

/// The answer for each of these members, in their order. Members without facts are not here any more.
fn answers(ids: &[MemberId], facts: &[MemberFacts], mut decide: impl FnMut(&MemberFacts) -> Outcome) -> Vec<Answer> {
    let by_id: HashMap<MemberId, &MemberFacts> = facts.iter().map(|one| (one.id, one)).collect();
    let answer = |id: &MemberId| match by_id.get(id) {
        None => Answer { id: *id, name: String::new(), outcome: Outcome::Refused(Refusal::Gone) },
        Some(one) => Answer { id: *id, name: one.name.clone(), outcome: decide(one) },
    };
    ids.iter().map(answer).collect()
}

/// How many usable administrators there are, if the change may remove one.
fn administrators(conn: &mut Conn, scope: &Scope, change: &Change, roles: &[Role]) -> Result<usize, Fault> {
    let is_administrators = |id: RoleId| roles.iter().any(|role| role.id == id && role.is_administrator());
    let may_take = match change {
        Change::Disable { .. } | Change::Delete | Change::RemoveAdministrator => true,
        Change::AddRole { role, .. } | Change::RemoveRole { role } => is_administrators(*role),
        _ => false,
    };
    if may_take {
        administrators::usable_administrators(conn, scope)
    } else {
        Ok(0)
    }
}

/// A bulk change for which no role, team or policy has been chosen yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unchosen {
    /// Giving or taking a role, ending sessions, detaching a policy: only the caller's reach decides.
    Reach,
    Team,
    AttachPolicy,
}

/// What is known for these members, whatever role, team or policy is chosen later.
pub fn refusals_before_choice(
    conn: &mut Conn,
    scope: &Scope,
    kind: MemberKind,
    what: Unchosen,
    ids: &[MemberId],
) -> Result<Vec<Answer>, Fault> {
    // Nothing has the nil id, so no member holds it yet and all other rules are checked.
    let none = Uuid::nil();
    let change = match what {
        Unchosen::Reach => Change::AddRole { role: RoleId(none), until: None },
        Unchosen::Team => Change::JoinTeam { team: TeamId(none) },
        Unchosen::AttachPolicy => Change::AttachPolicy { policy: PolicyId(none) },
    };
    let mut left = Evaluation { authority: Authority::All, administrators: 0, seats: None };
    let known = roles::list(conn, scope.organization)?;
    let facts = load_facts(conn, scope, kind, ids)?;
    Ok(answers(ids, &facts, |one| left.judge(scope, &change, one, &known)))
}

/// Why each of these changes is refused for each of these members, if it is: rows and menus show it beforehand.
pub fn refusals<const N: usize>(
    conn: &mut Conn,
    scope: &Scope,
    kind: MemberKind,
    wanted: &[Change; N],
    ids: &[MemberId],
) -> Result<HashMap<MemberId, [Option<Refusal>; N]>, Fault> {
    let roles = roles::list(conn, scope.organization)?;
    let facts = load_facts(conn, scope, kind, ids)?;
    let mut all: HashMap<MemberId, [Option<Refusal>; N]> = facts.iter().map(|one| (one.id, [const { None }; N])).collect();
    for (place, change) in wanted.iter().enumerate() {
        let of_all = may_grant(conn, scope, kind, change, &roles).refused()?.err();
        let mut left = Evaluation {
            authority: match authority::demand_authority(conn, scope, kind, change) {
                Ok(authority) => authority,
                Err(Fault::Denied(_)) => Authority::None,
                Err(fault) => return Err(fault),
            },
            administrators: 0,
            seats: match change {
                Change::Enable => seats::seats(conn, scope.organization)?.room(kind),
                _ => None,
            },
        };
        let (administrators, seats) = (administrators(conn, scope, change, &roles)?, left.seats);
        for one in &facts {
            // Each change is judged as if it were the only one.
            (left.administrators, left.seats) = (administrators, seats);
            let refusal = match left.judge(scope, change, one, &roles) {
                Outcome::Refused(refusal) => Some(refusal),
                _ => of_all.clone(),
            };
            if let Some(refusals) = all.get_mut(&one.id) {
                refusals[place] = refusal;
            }
        }
    }
    Ok(all)
}

/// Why some changes to a member are refused; controls show it.
#[derive(Clone, Debug, Default)]
pub struct WhyNot {
    pub disable: Option<Refusal>,
    pub enable: Option<Refusal>,
    pub make_administrator: Option<Refusal>,
    pub remove_administrator: Option<Refusal>,
    pub delete: Option<Refusal>,
    /// Why no change to their access is possible.
    pub roles: Option<Refusal>,
}

/// Same for several members, each by the operation's own rule.
pub fn why_not(conn: &mut Conn, scope: &Scope, kind: MemberKind, ids: &[MemberId]) -> Result<HashMap<MemberId, WhyNot>, Fault> {
    let wanted = [
        Change::Disable { reason: String::new() },
        Change::Enable,
        Change::MakeAdministrator,
        Change::RemoveAdministrator,
        Change::Delete,
    ];
    let reach = refusals_before_choice(conn, scope, kind, Unchosen::Reach, ids)?;
    let mut reach: HashMap<MemberId, Outcome> = reach.into_iter().map(|answer| (answer.id, answer.outcome)).collect();
    let all = refusals(conn, scope, kind, &wanted, ids)?;
    let one = |(id, [disable, enable, make_administrator, remove_administrator, delete]): (MemberId, [Option<Refusal>; 5])| {
        let roles = match reach.remove(&id) {
            Some(Outcome::Refused(refusal)) => Some(refusal),
            _ => None,
        };
        let why_not = WhyNot { disable, enable, make_administrator, remove_administrator, delete, roles };
        (id, why_not)
    };
    Ok(all.into_iter().map(one).collect())
}
