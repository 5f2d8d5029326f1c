//! The invitations of the demo, accepted and open, with the state of their letters.

use super::{
    model::{Membership, Origin},
    rng::{Part, Rng},
};
use crate::{
    kit::{MemberStatus, Timestamp},
    links::LinkKind,
    mail::LetterState,
};
use chrono::TimeDelta;

/// An invitation of one person, given by number.
pub(super) struct Invitation {
    pub person: usize,
    pub invited_by: usize,
    pub message: &'static str,
    pub created_at: Timestamp,
    pub sent_at: Timestamp,
    pub expires_at: Timestamp,
    pub accepted_at: Option<Timestamp>,
    pub void_reason: Option<&'static str>,
    /// `None` if the link was handed over by other means, or was used long ago.
    pub letter: Option<Letter>,
}

#[derive(Clone, Copy)]
pub(super) struct Letter {
    pub state: LetterState,
    pub error: Option<&'static str>,
    pub attempts: i64,
}

const MESSAGES: &[&str] = &[
    "Welcome to the team!",
    "This is the directory that we spoke of on Tuesday. You will find your colleagues in it.",
    "Willkommen an Bord – bitte bis Ende der Woche anmelden.",
    "Hi, the auditors need an account until the end of the month. Please do not share it; I can invite further people of your firm at any time. \
     If the link has expired when you come to it, ask for another one on the page behind it.",
];

/// The states of letters, and how often each occurs.
const LETTERS: &[(u32, Option<Letter>)] = &[
    (74, Some(letter(LetterState::Sent, None, 1))),
    (3, Some(letter(LetterState::Waiting, Some("the mail server did not answer within 30 seconds"), 4))),
    (4, Some(letter(LetterState::Failed, Some("550 5.1.1 no such mailbox here"), 1))),
    (4, None),
    (5, Some(letter(LetterState::Filed, None, 1))),
    (6, Some(letter(LetterState::Sent, None, 3))),
    (2, Some(letter(LetterState::Waiting, Some("451 4.7.1 greylisted, try again later"), 2))),
    (2, Some(letter(LetterState::Failed, Some("554 5.7.1 refused by the recipient's policy"), 1))),
];

const fn letter(state: LetterState, error: Option<&'static str>, attempts: i64) -> Letter {
    Letter { state, error, attempts }
}

/// One invitation for every member who joined, or is to join, by invitation.
pub(super) fn invitations(seed: u64, memberships: &[Membership], now: Timestamp) -> Vec<Invitation> {
    let rng = &mut Rng::of(seed, Part::Invitations);
    let is_former = |membership: &Membership| membership.is_administrator() && membership.status == MemberStatus::Disabled;
    let former_administrators: Vec<usize> = memberships
        .iter()
        .enumerate()
        .filter(|(_, membership)| is_former(membership))
        .map(|(person, _)| person)
        .collect();
    let mut open = 0;
    let mut invitations = Vec::new();
    for (person, membership) in memberships.iter().enumerate().filter(|(_, membership)| membership.origin == Origin::Invitation) {
        let mut invitation = invitation(rng, person, membership);
        if membership.status == MemberStatus::Invited {
            leave_open(rng, &mut invitation, open, &former_administrators, now);
            open += 1;
        }
        invitations.push(invitation);
    }
    invitations
}

fn invitation(rng: &mut Rng, person: usize, membership: &Membership) -> Invitation {
    Invitation {
        person,
        invited_by: membership.created_by,
        message: if rng.chance(0.3) { rng.pick(MESSAGES) } else { "" },
        created_at: membership.created_at,
        sent_at: membership.created_at,
        expires_at: membership.created_at + LinkKind::Invitation.lifetime(),
        accepted_at: membership.joined_at,
        void_reason: None,
        letter: None,
    }
}

/// The present state of an open invitation. The first few show every possible state once, so that a small demo shows
/// all of them too.
fn leave_open(rng: &mut Rng, invitation: &mut Invitation, number: usize, former_administrators: &[usize], now: Timestamp) {
    invitation.letter = LETTERS.get(number).map_or_else(|| rng.weighted(LETTERS), |(_, letter)| *letter);
    if rng.chance(0.25) {
        // It was resent, so the validity period starts again.
        invitation.sent_at = now - TimeDelta::minutes(rng.between(1, (now - invitation.created_at).num_minutes()));
        invitation.expires_at = invitation.sent_at + LinkKind::Invitation.lifetime();
    }
    if !former_administrators.is_empty() && (number == LETTERS.len() || rng.chance(0.04)) {
        invitation.invited_by = rng.pick(former_administrators);
        invitation.void_reason = Some("The person who sent it may not invite or grant this any more. Send it again as your own.");
    }
}
