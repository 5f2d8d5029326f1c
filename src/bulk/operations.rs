//! Beginning a bulk action, and telling beforehand what it would do to each member: for the console and for programs.

use super::{
    action::{BulkAction, MemberActions},
    model::{NewBatch, NewItem},
    preview::{PART, not_invited},
    store,
};
use crate::{
    db::{Conn, Tx},
    kit::{BatchId, Fault, MemberId, MemberKind, OperationResult, Scope, TokenId},
    members::{self, Answer, Change, ChangePreview, Named, Outcome},
    passwords,
};

/// The members that a bulk action is about.
#[derive(Debug, Clone, Copy)]
pub struct Selection<'a> {
    pub kind: MemberKind,
    /// The query of the list that they were selected from, if it was.
    pub query: &'a str,
    pub ids: &'a [MemberId],
}

/// Stores a batch with an item per member, to be worked through. `token` is the credential of the program that begins it.
///
/// # Errors
/// [`Fault::Denied`].
pub fn begin(
    tx: &mut Tx<'_>,
    scope: &Scope,
    selection: &Selection<'_>,
    action: &BulkAction,
    token: Option<TokenId>,
) -> Result<BatchId, Fault> {
    action.action().demand(scope, selection.kind)?;
    let item = |one: Named| NewItem { member: Some(one.id), name: one.name, email: one.email, ..NewItem::default() };
    let items: Vec<NewItem> = members::named(tx, scope, selection.kind, selection.ids)?.into_iter().map(item).collect();
    let new = NewBatch {
        query: selection.query.trim_start_matches('?').to_owned(),
        subject: action.subject(tx, scope)?,
        token,
        ..NewBatch::of(MemberActions::to(selection.kind), serde_json::to_value(action).map_err(Fault::broken)?)
    };
    store::begin(tx, scope, &new, &items)
}

/// What a bulk action would do to one member.
#[derive(Debug, Clone)]
pub struct Verdict {
    pub id: MemberId,
    pub name: String,
    pub outcome: Foreseen,
}

/// What would become of one member.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Foreseen {
    Done,
    /// They are so already.
    Unchanged,
    /// Left out, and why.
    Refused(String),
}

/// Tells the verdict for each of these members, in their order, by the rules of the operation itself.
///
/// # Errors
/// [`Fault::Denied`].
pub fn verdicts(
    conn: &mut Conn,
    scope: &Scope,
    kind: MemberKind,
    action: &BulkAction,
    ids: &[MemberId],
    tell: &mut dyn FnMut(Verdict),
) -> Result<(), Fault> {
    action.action().demand(scope, kind)?;
    if let BulkAction::Change(change) = action {
        return of_change(conn, scope, kind, change, ids, tell);
    }
    for some in ids.chunks(PART) {
        match action {
            BulkAction::SendReset => {
                for (answer, refusal) in passwords::preview_resets(conn, scope, some)? {
                    let outcome = refusal.map_or_else(|| answer.outcome.into(), |why| Foreseen::Refused(why.to_string()));
                    tell(Verdict { id: answer.id, name: answer.name, outcome });
                }
            }
            BulkAction::Resend | BulkAction::Cancel => {
                for (id, name, why_not) in not_invited(conn, scope, some)? {
                    let outcome = why_not.map_or(Foreseen::Done, Foreseen::Refused);
                    tell(Verdict { id, name, outcome });
                }
            }
            BulkAction::Change(_) | BulkAction::EndSessions | BulkAction::Restore { .. } => {
                let answers = members::refusals_before_choice(conn, scope, kind, action.action(), some)?;
                answers.into_iter().map(Verdict::from).for_each(&mut *tell);
            }
        }
    }
    Ok(())
}

fn of_change(
    conn: &mut Conn,
    scope: &Scope,
    kind: MemberKind,
    change: &Change,
    ids: &[MemberId],
    tell: &mut dyn FnMut(Verdict),
) -> Result<(), Fault> {
    let mut change_preview = match ChangePreview::begin(conn, scope, kind, change, None).refused()? {
        Ok(change_preview) => change_preview,
        // The change is impossible for every member.
        Err(refusal) => {
            let refused = |one: Named| Verdict { id: one.id, name: one.name, outcome: Foreseen::Refused(refusal.to_string()) };
            for some in ids.chunks(PART) {
                members::named(conn, scope, kind, some)?.into_iter().map(refused).for_each(&mut *tell);
            }
            return Ok(());
        }
    };
    for some in ids.chunks(PART) {
        change_preview.of(conn, some)?.into_iter().map(Verdict::from).for_each(&mut *tell);
    }
    Ok(())
}

impl From<Answer> for Verdict {
    fn from(answer: Answer) -> Self {
        Self { id: answer.id, name: answer.name, outcome: answer.outcome.into() }
    }
}

impl From<Outcome> for Foreseen {
    fn from(outcome: Outcome) -> Self {
        match outcome {
            Outcome::Done { .. } => Self::Done,
            Outcome::Unchanged => Self::Unchanged,
            Outcome::Refused(refusal) => Self::Refused(refusal.to_string()),
        }
    }
}
