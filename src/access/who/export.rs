//! Who may do what as a file: one line for each way in which a member may do it, streamed in parts.

use super::{AllowedMember, WhoQuery, demand, page};
use crate::{
    audit::{self, Event},
    authorization::{Question, Reason},
    db::{Conn, Tx},
    kit::{Fault, MemberId, Scope, Timestamp},
    organizations,
    web::csv,
};
use serde_json::Value;

/// Members read at once.
const PART: i64 = 500;

const COLUMNS: [&str; 9] = ["name", "email", "kind", "id", "role", "team", "policy", "until", "because"];

/// An export in progress: the caller, the question and the position.
#[derive(Clone)]
pub(super) struct AllowedExport {
    scope: Scope,
    question: Question,
    after: Option<MemberId>,
}

impl AllowedExport {
    /// Starts an export, and records it in the audit trail.
    ///
    /// # Errors
    /// [`Fault::Denied`].
    pub fn begin(tx: &mut Tx<'_>, scope: &Scope, question: &Question, asked: &WhoQuery) -> Result<Self, Fault> {
        demand(scope)?;
        let organization = organizations::find(tx, scope.organization)?;
        let facts: serde_json::Map<String, Value> = asked.pairs().into_iter().map(|(name, value)| (name.into(), value.into())).collect();
        let event = Event::new("permission.exported", "organization", organization.id.0, organization.name);
        audit::record(tx, scope, event.after(facts.into()))?;
        Ok(Self { scope: scope.clone(), question: question.clone(), after: None })
    }

    /// The next lines, and the position after them.
    pub fn part(&self, conn: &mut Conn) -> Result<(Vec<u8>, Option<Self>), Fault> {
        let mut text = Vec::new();
        if self.after.is_none() {
            text.extend_from_slice(csv::MARK.as_bytes());
        }
        let mut lines = csv::Lines::new(&mut text);
        if self.after.is_none() {
            lines.line(COLUMNS)?;
        }
        let found = page(conn, &self.scope, &self.question, self.after, PART)?;
        for member in &found.members {
            for reason in &member.because {
                write(member, reason, &mut lines)?;
            }
        }
        drop(lines);
        Ok((text, found.next.map(|after| Self { after: Some(after), ..self.clone() })))
    }
}

fn write(member: &AllowedMember, reason: &Reason, lines: &mut csv::Lines<'_>) -> Result<(), Fault> {
    let (mut role, mut team, mut policy, mut ends) = (None, None, None, None);
    match reason {
        Reason::Role { name, until, .. } => (role, ends) = (name.clone(), *until),
        Reason::Team { name, role: of_team, until, .. } => (role, team, ends) = (of_team.clone(), name.clone(), *until),
        Reason::Policy { name, team: through, until, .. } => {
            (policy, team, ends) = (name.clone(), through.as_ref().and_then(|team| team.name.clone()), *until);
        }
        _ => {}
    }
    let (id, because) = (member.id.to_string(), reason.to_string());
    let until = ends.map(Timestamp::iso).unwrap_or_default();
    let [role, team, policy] = [role, team, policy].map(Option::unwrap_or_default);
    lines.line([
        member.name.as_str(),
        member.email.as_deref().unwrap_or_default(),
        member.kind.as_str(),
        &id,
        &role,
        &team,
        &policy,
        &until,
        &because,
    ])
}
