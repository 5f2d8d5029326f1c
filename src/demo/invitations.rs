//! The invitations of the demo, accepted and open, with the state of their letters.

use super::{
    model::{Place, WayIn},
    rng::{Chance, Part},
};
use crate::{
    kit::{MemberStatus, Timestamp},
    links::LinkKind,
    mail::LetterState,
};
use chrono::TimeDelta;

/// An invitation of one person, given by number.
pub(super) struct Offer {
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
pub(super) fn offers(seed: u64, places: &[Place], now: Timestamp) -> Vec<Offer> {
    let chance = &mut Chance::of(seed, Part::Invitations);
    let is_former = |place: &Place| place.is_administrator() && place.status == MemberStatus::Disabled;
    let former_administrators: Vec<usize> =
        places.iter().enumerate().filter(|(_, place)| is_former(place)).map(|(person, _)| person).collect();
    let mut open = 0;
    let mut offers = Vec::new();
    for (person, place) in places.iter().enumerate().filter(|(_, place)| place.way_in == WayIn::Invitation) {
        let mut offer = offer(chance, person, place);
        if place.status == MemberStatus::Invited {
            await_answer(chance, &mut offer, open, &former_administrators, now);
            open += 1;
        }
        offers.push(offer);
    }
    offers
}

fn offer(chance: &mut Chance, person: usize, place: &Place) -> Offer {
    Offer {
        person,
        invited_by: place.created_by,
        message: if chance.is(0.3) { chance.pick(MESSAGES) } else { "" },
        created_at: place.created_at,
        sent_at: place.created_at,
        expires_at: place.created_at + LinkKind::Invitation.lifetime(),
        accepted_at: place.joined_at,
        void_reason: None,
        letter: None,
    }
}

/// The present state of an open invitation. The first few show every possible state once, so that a small demo shows
/// all of them too.
fn await_answer(chance: &mut Chance, offer: &mut Offer, number: usize, former_administrators: &[usize], now: Timestamp) {
    offer.letter = LETTERS.get(number).map_or_else(|| chance.weigh(LETTERS), |(_, letter)| *letter);
    if chance.is(0.25) {
        // It was resent, so the validity period starts again.
        offer.sent_at = now - TimeDelta::minutes(chance.between(1, (now - offer.created_at).num_minutes()));
        offer.expires_at = offer.sent_at + LinkKind::Invitation.lifetime();
    }
    if !former_administrators.is_empty() && (number == LETTERS.len() || chance.is(0.04)) {
        offer.invited_by = chance.pick(former_administrators);
        offer.void_reason = Some("The person who sent it may not invite or grant this any more. Send it again as your own.");
    }
}
