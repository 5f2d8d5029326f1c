//! The members of a bulk action, and the result for each: judged by the operation's own rules, a few thousand at once,
//! so that the confirmation page is exact for any number.

use super::action::NOT_INVITED;
use crate::{
    db::Conn,
    kit::{Fault, MemberId, MemberKind, MemberStatus, OperationResult, Scope, rights},
    members::{self, Action, Answer, AsksFor, Change, ChangePreview, Named, Outcome, Parameters, Refusal},
    passwords,
};

/// Members judged at once.
pub(super) const PART: usize = 2_000;
/// The most names on a confirmation page; it shows a count of the others.
const SHOWN: usize = 24;
/// The most names beside a reason.
const SHOWN_BESIDE: usize = 6;

/// Why some members are left out.
#[derive(Debug)]
pub(super) struct LeftOut {
    pub why: String,
    pub count: usize,
    pub names: Vec<String>,
}

/// The result for all selected members.
#[derive(Debug, Default)]
pub(super) struct Preview {
    /// How many members it would change.
    pub affected: usize,
    /// The first of them.
    pub shown: Vec<Named>,
    pub left_out: Vec<LeftOut>,
    first: Vec<MemberId>,
}

impl Preview {
    /// The member it would change, if there is only one.
    pub fn only(&self) -> Option<&Named> {
        self.shown.first().filter(|_| self.affected == 1)
    }
    pub(super) fn add(&mut self, id: MemberId, name: &str, why_not: Option<String>) {
        let Some(why) = why_not else {
            self.affected += 1;
            if self.first.len() < SHOWN {
                self.first.push(id);
            }
            return;
        };
        let place = self.left_out.iter().position(|known| known.why == why).unwrap_or_else(|| {
            self.left_out.push(LeftOut { why, count: 0, names: vec![] });
            self.left_out.len() - 1
        });
        let reason = &mut self.left_out[place];
        reason.count += 1;
        if reason.names.len() < SHOWN_BESIDE && !name.is_empty() {
            reason.names.push(name.to_owned());
        }
    }
    pub(super) fn add_answer(&mut self, answer: &Answer) {
        let why_not = match &answer.outcome {
            Outcome::Done { .. } => None,
            Outcome::Unchanged => Some("It is so already.".to_owned()),
            Outcome::Refused(refusal) => Some(refusal.to_string()),
        };
        self.add(answer.id, &answer.name, why_not);
    }
    /// Loads the names of the first ones.
    pub(super) fn named(mut self, conn: &mut Conn, scope: &Scope, kind: MemberKind) -> Result<Self, Fault> {
        self.shown = members::named(conn, scope, kind, &self.first)?;
        Ok(self)
    }
}

/// The result for each member, as far as it does not depend on parameters chosen later.
pub(super) fn preview_action(conn: &mut Conn, scope: &Scope, kind: MemberKind, act: Action, ids: &[MemberId]) -> Result<Preview, Fault> {
    let is_complete = matches!(act.asks_for(), AsksFor::Nothing | AsksFor::Reason | AsksFor::Repetition);
    let change = Change::of(act, Parameters::default()).filter(|_| is_complete);
    let preview = match change {
        Some(change) => preview_change(conn, scope, kind, &change, ids)?,
        None => unchosen(conn, scope, kind, act, ids)?,
    };
    preview.named(conn, scope, kind)
}

fn preview_change(conn: &mut Conn, scope: &Scope, kind: MemberKind, change: &Change, ids: &[MemberId]) -> Result<Preview, Fault> {
    let mut preview = Preview::default();
    let mut change_preview = match ChangePreview::begin(conn, scope, kind, change, None).refused()? {
        Ok(change_preview) => change_preview,
        // The change is impossible for every member.
        Err(refusal) => {
            for one in members::named(conn, scope, kind, ids)? {
                preview.add(one.id, &one.name, Some(refusal.to_string()));
            }
            return Ok(preview);
        }
    };
    for some in ids.chunks(PART) {
        for answer in change_preview.of(conn, some)? {
            preview.add_answer(&answer);
        }
    }
    Ok(preview)
}

/// Why nothing can be done about the invitation of each of these people, if so.
pub(super) fn not_invited(conn: &mut Conn, scope: &Scope, ids: &[MemberId]) -> Result<Vec<(MemberId, String, Option<String>)>, Fault> {
    let reached = members::reached(conn, scope, rights::USER_INVITE, ids)?;
    let judge = |(id, name, status)| {
        let why_not = match status {
            MemberStatus::Invited if reached.contains(&id) => None,
            MemberStatus::Invited => Some(Refusal::NotYourPeople.to_string()),
            _ => Some(NOT_INVITED.to_owned()),
        };
        (id, name, why_not)
    };
    Ok(members::statuses(conn, scope, MemberKind::User, ids)?.into_iter().map(judge).collect())
}

/// What is known before a role, team or policy is chosen; and results of actions that have no batch operation.
fn unchosen(conn: &mut Conn, scope: &Scope, kind: MemberKind, act: Action, ids: &[MemberId]) -> Result<Preview, Fault> {
    let mut preview = Preview::default();
    for some in ids.chunks(PART) {
        match act {
            Action::Resend | Action::Cancel => {
                for (id, name, why_not) in not_invited(conn, scope, some)? {
                    preview.add(id, &name, why_not);
                }
            }
            Action::SendReset => {
                for (answer, refusal) in passwords::preview_resets(conn, scope, some)? {
                    match refusal {
                        Some(why) => preview.add(answer.id, &answer.name, Some(why.to_string())),
                        None => preview.add_answer(&answer),
                    }
                }
            }
            _ => {
                for answer in members::refusals_before_choice(conn, scope, kind, act, some)? {
                    preview.add_answer(&answer);
                }
            }
        }
    }
    Ok(preview)
}
