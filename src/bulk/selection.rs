//! Whom a bulk form selects, and the preview of its action on them.

use super::{
    forms::BulkForm,
    preview::{Preview, preview_action},
};
use crate::{
    authorization,
    db::Conn,
    directory,
    kit::{Fault, MemberId, Scope},
    members::{self, Action},
    policies, roles,
};

/// The selected members that still exist.
pub(super) fn selected(conn: &mut Conn, scope: &Scope, form: &BulkForm) -> Result<Vec<MemberId>, Fault> {
    if form.is_all() {
        return directory::matching(conn, scope, form.kind, &form.query);
    }
    let mut ids = form.members.clone();
    let mut seen = std::collections::HashSet::new();
    ids.retain(|id| seen.insert(*id));
    Ok(members::named(conn, scope, form.kind, &ids)?.into_iter().map(|one| one.id).collect())
}

pub(super) struct Found {
    pub total: usize,
    pub preview: Preview,
    pub roles: Vec<roles::Role>,
    pub teams: Vec<members::Team>,
    /// The policies that the caller can choose.
    pub policies: Vec<policies::Policy>,
}

pub(super) fn find(conn: &mut Conn, scope: &Scope, form: &BulkForm) -> Result<Found, Fault> {
    let (act, kind) = (form.act, form.kind);
    act.demand(scope, kind)?;
    let ids = selected(conn, scope, form)?;
    let is_offered = |role: &roles::Role| role.is_for(kind);
    Ok(Found {
        total: ids.len(),
        preview: preview_action(conn, scope, kind, act, &ids)?,
        roles: roles::list(conn, scope.organization)?.into_iter().filter(is_offered).collect(),
        teams: members::teams_to_offer(conn, scope, kind)?.0,
        policies: choosable(conn, scope, act)?,
    })
}

/// A caller can only attach a policy whose rules they hold themselves.
fn choosable(conn: &mut Conn, scope: &Scope, act: Action) -> Result<Vec<policies::Policy>, Fault> {
    let mut all = match act {
        Action::AttachPolicy | Action::DetachPolicy => policies::list(conn, scope.organization)?,
        _ => vec![],
    };
    if act == Action::AttachPolicy {
        let ceiling = authorization::Ceiling::of(conn, scope)?;
        all.retain(|policy| members::refuse_policy(&ceiling, policy).is_none());
    }
    Ok(all)
}
