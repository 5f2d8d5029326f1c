//! Writes the history of the organization: invitations with their letters, sign-ins, and audit events.

use super::{
    events::Event,
    insert::insert_all,
    sign_ins::days,
    writer::{AT_ONCE, Writer},
};
use crate::{
    db::{
        Json, Tx,
        schema::{audit_events, invitations, links, outbox, sign_in_days, sign_ins},
    },
    kit::{Actor, AuditEventId, BatchId, Fault, InvitationId, LetterId, LinkId, SignInId, secret::Secret},
    links::LinkKind,
    mail::LetterState,
};
use chrono::TimeDelta;
use diesel::prelude::*;

impl Writer<'_> {
    /// Writes the invitations, with their letters and links.
    pub fn invitations(&self, tx: &mut Tx<'_>) -> Result<(), Fault> {
        for some in self.dataset.invitations.chunks(AT_ONCE) {
            let (mut letters, mut rows, mut links) = (vec![], vec![], vec![]);
            for invitation in some {
                let id = InvitationId::new(invitation.created_at);
                let email = self.dataset.people[invitation.person].email.as_str();
                let sent_at = invitation.sent_at;
                let letter = invitation.letter.map(|letter| (LetterId::new(sent_at), letter));
                letters.extend(letter.map(|(id, letter)| {
                    let is_waiting = letter.state == LetterState::Waiting;
                    (
                        outbox::id.eq(id),
                        outbox::organization_id.eq(Some(self.organization)),
                        outbox::kind.eq("invitation.sent"),
                        outbox::recipient.eq(email),
                        outbox::body.eq(None::<Vec<u8>>),
                        outbox::state.eq(letter.state),
                        outbox::attempts.eq(letter.attempts),
                        outbox::last_error.eq(letter.error),
                        outbox::created_at.eq(sent_at),
                        // Far in the future: there is no real letter. The mail worker would give up on it, and then the
                        // demo would show no waiting letter.
                        outbox::due_at.eq(if is_waiting { self.now + TimeDelta::days(365) } else { sent_at }),
                        outbox::ended_at.eq((!is_waiting).then_some(sent_at + TimeDelta::seconds(3 * letter.attempts))),
                    )
                }));
                rows.push((
                    invitations::id.eq(id),
                    invitations::organization_id.eq(self.organization),
                    invitations::member_id.eq(self.members[invitation.person]),
                    invitations::email.eq(email),
                    invitations::invited_by.eq(Some(self.members[invitation.invited_by])),
                    invitations::message.eq(invitation.message),
                    invitations::created_at.eq(invitation.created_at),
                    invitations::sent_at.eq(sent_at),
                    invitations::expires_at.eq(invitation.expires_at),
                    invitations::accepted_at.eq(invitation.accepted_at),
                    invitations::void_reason.eq(invitation.void_reason),
                    invitations::outbox_id.eq(letter.map(|(id, _)| id)),
                ));
                // A link whose secret nobody knows, as for every invitation that is not accepted.
                if invitation.accepted_at.is_none() {
                    links.push((
                        links::id.eq(LinkId::new(sent_at)),
                        links::kind.eq(LinkKind::Invitation),
                        links::digest.eq(Secret::generate().digest()),
                        links::user_id.eq(Some(self.users[invitation.person])),
                        links::organization_id.eq(Some(self.organization)),
                        links::invitation_id.eq(Some(id)),
                        links::created_at.eq(sent_at),
                        links::expires_at.eq(invitation.expires_at),
                    ));
                }
            }
            insert_all!(tx, outbox, letters);
            insert_all!(tx, invitations, rows);
            insert_all!(tx, links, links);
        }
        Ok(())
    }

    /// Writes the sign-ins, and their counts per day.
    pub fn sign_ins(&self, tx: &mut Tx<'_>) -> Result<(), Fault> {
        for some in self.dataset.sign_ins.chunks(AT_ONCE) {
            let mut rows = vec![];
            for sign_in in some {
                rows.push((
                    sign_ins::id.eq(SignInId::new(sign_in.at)),
                    sign_ins::organization_id.eq(self.organization),
                    sign_ins::member_id.eq(self.members[sign_in.person]),
                    sign_ins::at.eq(sign_in.at),
                    sign_ins::outcome.eq(sign_in.outcome),
                    sign_ins::method.eq(sign_in.method),
                    sign_ins::address.eq(sign_in.address()),
                    sign_ins::agent.eq(sign_in.agent),
                ));
            }
            insert_all!(tx, sign_ins, rows);
        }
        let mut rows = vec![];
        for (day, (succeeded, failed)) in days(&self.dataset.sign_ins) {
            rows.push((
                sign_in_days::organization_id.eq(self.organization),
                sign_in_days::day.eq(day),
                sign_in_days::succeeded.eq(succeeded),
                sign_in_days::failed.eq(failed),
            ));
        }
        insert_all!(tx, sign_in_days, rows);
        Ok(())
    }

    /// Writes the audit events.
    pub fn events(&self, tx: &mut Tx<'_>, events: &[Event]) -> Result<(), Fault> {
        let name = |person: usize| self.dataset.people[person].details.name.as_str();
        for some in events.chunks(AT_ONCE) {
            let mut rows = vec![];
            for event in some {
                rows.push((
                    audit_events::id.eq(AuditEventId::new(event.at)),
                    audit_events::organization_id.eq(self.organization),
                    audit_events::at.eq(event.at),
                    audit_events::actor_kind.eq(if event.actor.is_some() { "member" } else { "system" }),
                    audit_events::actor_id.eq(event.actor.map(|person| self.members[person])),
                    audit_events::actor_name.eq(event.actor.map_or(Actor::System.name(), name)),
                    audit_events::action.eq(event.action),
                    audit_events::target_kind.eq("member"),
                    audit_events::target_id.eq(Some(self.members[event.target])),
                    audit_events::target_name.eq(name(event.target)),
                    audit_events::address.eq(&event.address),
                    audit_events::request_id.eq(event.actor.map(|_| BatchId::new(event.at).to_string()).unwrap_or_default()),
                    audit_events::before.eq(event.before.clone().map(Json)),
                    audit_events::after.eq(event.after.clone().map(Json)),
                ));
            }
            insert_all!(tx, audit_events, rows);
        }
        Ok(())
    }
}
