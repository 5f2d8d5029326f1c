//! Whom a bulk action is about, and what would become of each.

use super::{act::Act, forms::BulkForm};
use crate::{
    db::Conn,
    kit::{Fault, MemberId, Scope, Stop},
    members::{self, Answer, Change, MemberKind, Named, Outcome},
    policies, roles,
};

/// So many are judged before anybody is asked to confirm; of more, only how many they are is told.
pub(super) const FORESEEN: usize = 2_000;
/// Everybody who is meant.
pub(super) fn selected(conn: &mut Conn, scope: &Scope, form: &BulkForm) -> Result<Vec<MemberId>, Fault> {
    if form.is_all() {
        return members::matching(conn, scope, form.kind(), &form.query);
    }
    let mut ids = form.ids();
    let mut seen = std::collections::HashSet::new();
    ids.retain(|id| seen.insert(*id));
    Ok(ids)
}

pub(super) struct Found {
    pub named: Vec<Named>,
    pub total: usize,
    pub answers: Option<Vec<Answer>>,
    pub roles: Vec<roles::Role>,
    pub teams: Vec<members::Team>,
    /// Those that whoever acts can choose.
    pub policies: Vec<policies::Policy>,
}

pub(super) fn find(conn: &mut Conn, scope: &Scope, form: &BulkForm) -> Result<Found, Fault> {
    let act = form.act();
    let kind = form.kind();
    act.demand(scope, kind)?;
    let ids = selected(conn, scope, form)?;
    let shown = &ids[..ids.len().min(FORESEEN)];
    let named = members::named(conn, scope, kind, shown)?;
    let answers = if ids.len() <= FORESEEN {
        foresee(conn, scope, kind, act, &named)?
    } else {
        None
    };
    let is_offered = |role: &roles::Role| role.is_for(kind);
    Ok(Found {
        total: if ids.len() <= FORESEEN { named.len() } else { ids.len() },
        named,
        answers,
        roles: roles::list(conn, scope.organization)?.into_iter().filter(is_offered).collect(),
        teams: members::teams(conn, scope.organization)?,
        policies: choosable(conn, scope, act)?,
    })
}

/// Nobody attaches what they do not hold.
fn choosable(conn: &mut Conn, scope: &Scope, act: Act) -> Result<Vec<policies::Policy>, Fault> {
    let mut all = match act {
        Act::AttachPolicy | Act::DetachPolicy => policies::list(conn, scope.organization)?,
        _ => vec![],
    };
    if act == Act::AttachPolicy {
        let ceiling = members::Ceiling::of(conn, scope)?;
        all.retain(|policy| ceiling.lacking_rule(&policy.rules).is_none());
    }
    Ok(all)
}

/// What would become of each, as far as that does not depend on what is chosen yet.
pub(super) fn foresee(conn: &mut Conn, scope: &Scope, kind: MemberKind, act: Act, named: &[Named]) -> Result<Option<Vec<Answer>>, Fault> {
    let ids: Vec<MemberId> = named.iter().map(|one| one.id).collect();
    let change = match act {
        Act::Disable => Change::Disable { reason: String::new() },
        Act::Enable => Change::Enable,
        Act::MakeAdministrator => Change::MakeAdministrator,
        Act::RemoveAdministrator => Change::RemoveAdministrator,
        Act::Delete => Change::Delete,
        // Whoever is out of reach is so whatever role or team is chosen.
        Act::AddRole | Act::RemoveRole | Act::JoinTeam | Act::LeaveTeam | Act::AttachPolicy | Act::DetachPolicy | Act::EndSessions => {
            return Ok(Some(members::within_reach(conn, scope, kind, &ids)?));
        }
        Act::SendReset | Act::Resend | Act::Cancel => return Ok(None),
    };
    match members::foresee(conn, scope, kind, &change, &ids) {
        Ok(answers) => Ok(Some(answers)),
        Err(Stop::Refused(refusal)) => {
            let refused = |one: &Named| Answer {
                id: one.id,
                name: one.name.clone(),
                outcome: Outcome::Refused(refusal.clone()),
            };
            Ok(Some(named.iter().map(refused).collect()))
        }
        Err(Stop::Fault(fault)) => Err(fault),
    }
}
