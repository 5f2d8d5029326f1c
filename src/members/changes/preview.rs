//! Previews a change. The confirmation page and the operation use the same rules.

use super::{
    action::{Action, AsksFor, Change, Parameters},
    administrators,
    authority::{self, Authority},
    evaluation::Evaluation,
    grantable::{Joining, may_grant},
    guards::{MemberFacts, Refusal, load_facts},
    latest::{LeftBy, changed_since},
    outcome::{Answer, Outcome},
};
use crate::{
    db::Conn,
    kit::{Fault, MemberId, MemberKind, MemberStatus, OperationError, OperationResult, Scope},
    members::{
        break_glass,
        seats::{SeatUsage, seats},
    },
    roles::{self, Role},
};
use std::{borrow::Borrow, collections::HashMap};

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
        let joining = Joining::of(conn, scope, kind, change)?;
        may_grant(conn, scope, kind, change, &roles, joining.as_ref())?;
        let left = Evaluation {
            authority,
            administrators: administrators(conn, scope, change, &roles)?,
            break_glass: break_glass(conn, scope, change, &roles)?,
            seats: seats_for(conn, scope, kind, change)?,
            joining: joining.unwrap_or_default(),
        };
        Ok(Self { scope, kind, change, left_by, left, roles })
    }

    /// The result for each of these members, in the order given.
    pub fn of(&mut self, conn: &mut Conn, ids: &[MemberId]) -> Result<Vec<Answer>, Fault> {
        Ok(self.evaluate(conn, ids)?.0)
    }

    pub(super) fn evaluate(&mut self, conn: &mut Conn, ids: &[MemberId]) -> Result<(Vec<Answer>, Vec<MemberFacts>), Fault> {
        let mut facts = load_facts(conn, self.scope, self.kind, ids)?;
        facts.retain(|one| one.is_seen);
        let mut since = match self.left_by {
            Some(left_by) => changed_since(conn, self.scope, self.change, ids, left_by)?,
            None => HashMap::new(),
        };
        let answers = answers(ids, &facts, |one| match since.remove(&one.id) {
            Some(by) => Outcome::Refused(Refusal::ChangedSince { by }),
            None => self.left.evaluate(self.scope, self.change, one, &self.roles),
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
    let administrator = roles::administrator(roles);
    if change.may_take_an_administrator(administrator) {
        administrators::usable_administrators(conn, scope)
    } else {
        Ok(0)
    }
}

/// How many break-glass administrators can enter, if the organization needs one and the change may remove one.
fn break_glass(conn: &mut Conn, scope: &Scope, change: &Change, roles: &[Role]) -> Result<usize, Fault> {
    if change.may_take_an_administrator(roles::administrator(roles)) {
        Ok(break_glass::guarded(conn, scope)?.len())
    } else {
        Ok(0)
    }
}

/// The seats used and allowed, if the change needs one.
fn seats_for(conn: &mut Conn, scope: &Scope, kind: MemberKind, change: &Change) -> Result<Option<SeatUsage>, Fault> {
    if change.takes_a_seat() {
        Ok(seats(conn, scope.organization)?.usage(kind))
    } else {
        Ok(None)
    }
}

/// What is known for these members before a role, team or policy of the action is chosen.
pub fn refusals_before_choice(
    conn: &mut Conn,
    scope: &Scope,
    kind: MemberKind,
    action: Action,
    ids: &[MemberId],
) -> Result<Vec<Answer>, Fault> {
    let (roles, mut facts) = (roles::list(conn, scope.organization)?, load_facts(conn, scope, kind, ids)?);
    facts.retain(|one| one.is_seen);
    before_choice(scope, Authority::of(conn, scope, kind)?, action, ids, (&facts, &roles))
}

fn before_choice(
    scope: &Scope,
    authority: Authority,
    action: Action,
    ids: &[MemberId],
    (facts, roles): (&[MemberFacts], &[Role]),
) -> Result<Vec<Answer>, Fault> {
    // Nothing has the nil id, so no member holds it yet and all other rules are checked. Where only the caller's reach
    // decides (roles, sessions, detaching a policy), the change that adds a role stands for the action.
    let judged = match (action, action.asks_for()) {
        (_, AsksFor::Team) => Action::JoinTeam,
        (Action::AttachPolicy, _) => Action::AttachPolicy,
        _ => Action::AddRole,
    };
    let change = Change::of(judged, Parameters::default()).ok_or_else(|| Fault::broken("no change to members"))?;
    let mut left = Evaluation {
        authority,
        administrators: 0,
        break_glass: 0,
        seats: None,
        joining: Joining::default(),
    };
    Ok(answers(ids, facts, |one| left.evaluate(scope, &change, one, roles)))
}

/// Why each of these changes is refused for each of these members, if it is: rows and menus show it beforehand.
pub fn refusals<const N: usize>(
    conn: &mut Conn,
    scope: &Scope,
    kind: MemberKind,
    wanted: &[Change; N],
    ids: &[MemberId],
) -> Result<HashMap<MemberId, [Option<Refusal>; N]>, Fault> {
    let (roles, facts) = (roles::list(conn, scope.organization)?, load_facts(conn, scope, kind, ids)?);
    refusals_of(conn, scope, kind, wanted, &facts, &roles)
}

fn refusals_of<const N: usize>(
    conn: &mut Conn,
    scope: &Scope,
    kind: MemberKind,
    wanted: &[Change; N],
    facts: &[MemberFacts],
    roles: &[Role],
) -> Result<HashMap<MemberId, [Option<Refusal>; N]>, Fault> {
    // What remains is read only where it can decide.
    let is_any = |of: fn(&MemberFacts) -> bool| facts.iter().any(of);
    let administrators = if is_any(|one| one.is_usable_administrator) {
        administrators::usable_administrators(conn, scope)?
    } else {
        0
    };
    let break_glass = if is_any(|one| one.is_break_glass) {
        break_glass::guarded(conn, scope)?.len()
    } else {
        0
    };
    let seats = if is_any(|one| one.status == MemberStatus::Disabled) {
        seats(conn, scope.organization)?.usage(kind)
    } else {
        None
    };
    let mut all: HashMap<MemberId, [Option<Refusal>; N]> = facts.iter().map(|one| (one.id, [const { None }; N])).collect();
    for (place, change) in wanted.iter().enumerate() {
        let joining = Joining::of(conn, scope, kind, change)?;
        let of_all = may_grant(conn, scope, kind, change, roles, joining.as_ref()).refused()?.err();
        let mut left = Evaluation {
            authority: match authority::demand_authority(conn, scope, kind, change) {
                Ok(authority) => authority,
                Err(Fault::Denied(_)) => Authority::None,
                Err(fault) => return Err(fault),
            },
            administrators,
            break_glass,
            seats,
            joining: joining.unwrap_or_default(),
        };
        for one in facts {
            // Each change is judged as if it were the only one.
            (left.administrators, left.break_glass, left.seats) = (administrators, break_glass, seats);
            let refusal = match left.evaluate(scope, change, one, roles) {
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

/// Why some actions on a member are refused; controls show it.
#[derive(Clone, Debug, Default)]
pub struct WhyNot {
    offered: [Option<Refusal>; Action::ON_ROWS.len()],
    /// Why no change to their access is possible.
    pub roles: Option<Refusal>,
}

impl WhyNot {
    /// Why this action is refused, if so; for an action that rows do not judge, why no change to their access is possible.
    /// Templates pass references.
    pub fn of(&self, action: impl Borrow<Action>) -> Option<&Refusal> {
        match Action::ON_ROWS.iter().position(|offered| offered == action.borrow()) {
            Some(place) => self.offered[place].as_ref(),
            None => self.roles.as_ref(),
        }
    }
}

/// Same for several members, each by the operation's own rule.
pub fn why_not(conn: &mut Conn, scope: &Scope, kind: MemberKind, ids: &[MemberId]) -> Result<HashMap<MemberId, WhyNot>, Fault> {
    let wanted: Vec<Change> = Action::ON_ROWS.into_iter().filter_map(|action| Change::of(action, Parameters::default())).collect();
    let wanted: [Change; Action::ON_ROWS.len()] = wanted.try_into().map_err(|_| Fault::broken("an offered action is no change"))?;
    let (roles, facts) = (roles::list(conn, scope.organization)?, load_facts(conn, scope, kind, ids)?);
    let authority = Authority::of(conn, scope, kind)?;
    let reach = before_choice(scope, authority, Action::AddRole, ids, (&facts, &roles))?;
    let mut reach: HashMap<MemberId, Outcome> = reach.into_iter().map(|answer| (answer.id, answer.outcome)).collect();
    let all = refusals_of(conn, scope, kind, &wanted, &facts, &roles)?;
    let one = |(id, offered): (MemberId, [Option<Refusal>; Action::ON_ROWS.len()])| {
        let roles = match reach.remove(&id) {
            Some(Outcome::Refused(refusal)) => Some(refusal),
            _ => None,
        };
        (id, WhyNot { offered, roles })
    };
    Ok(all.into_iter().map(one).collect())
}
