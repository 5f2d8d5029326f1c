//! Who last changed a member's status, role, team or policy. Undo checks here that the state is still as the action
//! left it. Every change writes this record in its own transaction.

use super::{
    action::{Change, Subject},
    administrators::administrator,
};
use crate::{
    db::{
        Among, Conn, Tx,
        schema::{latest_changes, members},
    },
    each,
    kit::{BatchId, Fault, MemberId, OrganizationId, Pseudonym, Scope, SubjectId, Timestamp},
};
use diesel::prelude::*;
use std::collections::HashMap;

/// The action to undo. State that changed after it stays as it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LeftBy {
    Batch(BatchId),
    /// A single action at that instant.
    At(Timestamp),
}

/// The part of a member's state that a change is about.
enum Part {
    Status,
    One(SubjectId),
}

fn part(conn: &mut Conn, scope: &Scope, change: &Change) -> Result<Option<Part>, Fault> {
    let id = match change.subject() {
        Subject::Status => return Ok(Some(Part::Status)),
        // These records are deleted together with the member.
        Subject::Member => return Ok(None),
        Subject::AdministratorRole => administrator(conn, scope)?.0,
        Subject::Role(role) => role.0,
        Subject::Team(team) => team.0,
        Subject::Policy(policy) => policy.0,
    };
    Ok(Some(Part::One(SubjectId(id))))
}

/// Records that the caller changed these members now.
pub(super) fn record(tx: &mut Tx<'_>, scope: &Scope, change: &Change, ids: &[MemberId]) -> Result<(), Fault> {
    let Some(part) = part(tx, scope, change)? else {
        return Ok(());
    };
    let known = latest_changes::table
        .filter(latest_changes::organization_id.eq(scope.organization))
        .filter(latest_changes::member_id.among(ids));
    match &part {
        Part::Status => diesel::delete(known.filter(latest_changes::subject_id.eq(latest_changes::member_id))).execute(tx.conn())?,
        Part::One(id) => diesel::delete(known.filter(latest_changes::subject_id.eq(*id))).execute(tx.conn())?,
    };
    let row = |member: &MemberId| {
        (
            latest_changes::organization_id.eq(scope.organization),
            latest_changes::member_id.eq(*member),
            latest_changes::subject_id.eq(match &part {
                Part::Status => SubjectId(member.0),
                Part::One(id) => *id,
            }),
            latest_changes::changed_at.eq(scope.now()),
            latest_changes::changed_by_name.eq(scope.actor.name()),
            latest_changes::batch_id.eq(scope.request_info.batch),
        )
    };
    let rows: Vec<_> = ids.iter().map(row).collect();
    each!(tx.conn(), c => diesel::insert_into(latest_changes::table).values(&rows).execute(c))?;
    Ok(())
}

/// Writes the pseudonym of a deleted person in the place of their names, where they changed something last.
pub fn erase_from_latest_changes(tx: &mut Tx<'_>, organization: OrganizationId, names: &Pseudonym) -> Result<(), Fault> {
    let theirs = latest_changes::table
        .filter(latest_changes::organization_id.eq(organization))
        .filter(latest_changes::changed_by_name.among(names.names().collect::<Vec<_>>()));
    diesel::update(theirs).set(latest_changes::changed_by_name.eq(names.text())).execute(tx.conn())?;
    Ok(())
}

/// The members whose state changed since the action, each with the name of the member who changed it (empty if
/// unknown). `change` is the one that would undo the action.
pub(super) fn changed_since(
    conn: &mut Conn,
    scope: &Scope,
    change: &Change,
    ids: &[MemberId],
    left_by: LeftBy,
) -> Result<HashMap<MemberId, String>, Fault> {
    type Line = (MemberId, Timestamp, String, Option<BatchId>, Timestamp);
    let mut since: HashMap<MemberId, String> = ids.iter().map(|id| (*id, String::new())).collect();
    let Some(part) = part(conn, scope, change)? else {
        return Ok(since);
    };
    let known = latest_changes::table
        .inner_join(members::table)
        .filter(latest_changes::organization_id.eq(scope.organization))
        .filter(latest_changes::member_id.among(ids))
        .select((
            latest_changes::member_id,
            latest_changes::changed_at,
            latest_changes::changed_by_name,
            latest_changes::batch_id,
            members::status_at,
        ));
    let rows: Vec<Line> = match &part {
        Part::Status => known.filter(latest_changes::subject_id.eq(latest_changes::member_id)).load(conn)?,
        Part::One(id) => known.filter(latest_changes::subject_id.eq(*id)).load(conn)?,
    };
    for (member, at, by, batch, status_at) in rows {
        let is_latest = match left_by {
            LeftBy::Batch(id) => batch == Some(id),
            LeftBy::At(instant) => batch.is_none() && at == instant,
        };
        // The status can also change without an administrator: accepting an invitation makes a member active.
        let is_status_known = !matches!(part, Part::Status) || status_at == at;
        match (is_latest, is_status_known) {
            (true, true) => since.remove(&member),
            (false, true) => since.insert(member, by),
            (_, false) => None,
        };
    }
    Ok(since)
}
