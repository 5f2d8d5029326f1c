//! Writes the history of the organization: invitations with their letters, sign-ins, and the audit trail.

use super::{
    events::Event,
    invitations::Letter,
    rows::{AuditEventRow, InvitationRow, LetterRow, LinkRow, SignInDayRow, SignInRow, insert_all},
    sign_ins::{SignIn, days},
    writer::{AT_ONCE, Writer},
};
use crate::{
    db::{Json, Tx},
    kit::{Actor, AuditEventId, BatchId, Fault, InvitationId, LetterId, LinkId, SignInId, Timestamp, secret::Secret},
    links::LinkKind,
    mail::LetterState,
};
use chrono::TimeDelta;

impl Writer<'_> {
    pub fn invitations(&self, tx: &mut Tx<'_>) -> Result<(), Fault> {
        for some in self.crowd.offers.chunks(AT_ONCE) {
            let (mut letters, mut rows, mut links) = (vec![], vec![], vec![]);
            for offer in some {
                let (id, email) = (InvitationId::new(offer.created_at), self.crowd.people[offer.person].email.as_str());
                let letter = offer.letter.map(|letter| (LetterId::new(offer.sent_at), letter));
                letters.extend(letter.map(|(id, letter)| self.letter(id, letter, email, offer.sent_at)));
                rows.push(InvitationRow {
                    id,
                    organization_id: self.organization,
                    member_id: self.members[offer.person],
                    email,
                    invited_by: Some(self.members[offer.invited_by]),
                    message: offer.message,
                    created_at: offer.created_at,
                    sent_at: offer.sent_at,
                    expires_at: offer.expires_at,
                    accepted_at: offer.accepted_at,
                    void_reason: offer.void_reason.map(str::to_owned),
                    outbox_id: letter.map(|(id, _)| id),
                });
                if offer.accepted_at.is_none() {
                    links.push(self.link(id, offer.person, offer.sent_at, offer.expires_at));
                }
            }
            insert_all!(tx, outbox, letters);
            insert_all!(tx, invitations, rows);
            insert_all!(tx, links, links);
        }
        Ok(())
    }

    fn letter<'b>(&self, id: LetterId, letter: Letter, recipient: &'b str, sent_at: Timestamp) -> LetterRow<'b> {
        let is_waiting = letter.state == LetterState::Waiting;
        LetterRow {
            id,
            organization_id: Some(self.organization),
            kind: "invitation.sent",
            recipient,
            body: None,
            state: letter.state,
            attempts: letter.attempts,
            last_error: letter.error.map(str::to_owned),
            created_at: sent_at,
            // Far in the future: there is no real letter. The mail worker would give up on it, and then the demo would
            // show no waiting letter.
            due_at: if is_waiting { self.now + TimeDelta::days(365) } else { sent_at },
            ended_at: (!is_waiting).then_some(sent_at + TimeDelta::seconds(3 * letter.attempts)),
        }
    }

    /// A link whose secret nobody knows, as for every invitation that is not accepted.
    fn link(&self, invitation: InvitationId, person: usize, sent_at: Timestamp, expires_at: Timestamp) -> LinkRow {
        LinkRow {
            id: LinkId::new(sent_at),
            kind: LinkKind::Invitation,
            digest: Secret::generate().digest(),
            user_id: Some(self.users[person]),
            organization_id: Some(self.organization),
            invitation_id: Some(invitation),
            created_at: sent_at,
            expires_at,
        }
    }

    pub fn sign_ins(&self, tx: &mut Tx<'_>) -> Result<(), Fault> {
        for some in self.crowd.sign_ins.chunks(AT_ONCE) {
            let row = |sign_in: &SignIn| SignInRow {
                id: SignInId::new(sign_in.at),
                organization_id: self.organization,
                member_id: self.members[sign_in.person],
                at: sign_in.at,
                outcome: sign_in.outcome,
                method: sign_in.method,
                address: sign_in.address(),
                agent: sign_in.agent,
            };
            let rows: Vec<SignInRow<'_>> = some.iter().map(row).collect();
            insert_all!(tx, sign_ins, rows);
        }
        let day = |(day, (succeeded, failed))| SignInDayRow { organization_id: self.organization, day, succeeded, failed };
        let rows: Vec<SignInDayRow> = days(&self.crowd.sign_ins).into_iter().map(day).collect();
        insert_all!(tx, sign_in_days, rows);
        Ok(())
    }

    pub fn trail(&self, tx: &mut Tx<'_>, events: &[Event]) -> Result<(), Fault> {
        for some in events.chunks(AT_ONCE) {
            let rows: Vec<AuditEventRow<'_>> = some.iter().map(|event| self.event(event)).collect();
            insert_all!(tx, audit_events, rows);
        }
        Ok(())
    }

    fn event<'b>(&'b self, event: &'b Event) -> AuditEventRow<'b> {
        let name = |person: usize| self.crowd.people[person].name.as_str();
        AuditEventRow {
            id: AuditEventId::new(event.at),
            organization_id: self.organization,
            at: event.at,
            actor_kind: if event.actor.is_some() { "member" } else { "system" },
            actor_id: event.actor.map(|person| self.members[person]),
            actor_name: event.actor.map_or(Actor::System.name(), name),
            action: event.action,
            target_kind: "member",
            target_id: Some(self.members[event.target]),
            target_name: name(event.target),
            address: event.address.clone(),
            request_id: event.actor.map(|_| BatchId::new(event.at).to_string()).unwrap_or_default(),
            before: event.before.clone().map(Json),
            after: event.after.clone().map(Json),
        }
    }
}
