//! A cache of API passwords that matched their hash, so that not every request costs an argon2 computation.
//!
//! An entry is a tag (HMAC-SHA-256) over the member, the instant their API password was set, and the password. The key
//! is random and drawn when the process starts. So nothing is stored in clear. An attacker with a copy of the memory
//! pages cannot test guesses without the key. No entry outlives a password change, because that instant is read again
//! at every request.

use crate::kit::{MemberId, Timestamp, secret};
use std::{
    collections::{HashSet, VecDeque},
    sync::{Arc, Mutex, PoisonError},
};

/// The most tags; the oldest is removed first.
const MOST: usize = 10_000;

#[derive(Default)]
struct Known {
    tags: HashSet<[u8; 32]>,
    order: VecDeque<[u8; 32]>,
}

/// The tags of passwords that matched before.
#[derive(Clone)]
pub struct VerifiedCache {
    key: [u8; 32],
    known: Arc<Mutex<Known>>,
}

/// The tag of one member's password.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Tag([u8; 32]);

impl Default for VerifiedCache {
    fn default() -> Self {
        let mut key = [0; 32];
        secret::fill(&mut key);
        Self { key, known: Arc::default() }
    }
}

impl VerifiedCache {
    pub fn tag(&self, member: MemberId, changed_at: Timestamp, password: &str) -> Tag {
        let mut message = member.0.as_bytes().to_vec();
        message.extend(changed_at.micros().to_be_bytes());
        message.extend(password.as_bytes());
        Tag(secret::hmac(&self.key, &message))
    }
    pub fn knows(&self, tag: Tag) -> bool {
        let known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        known.tags.contains(&tag.0)
    }
    pub fn remember(&self, tag: Tag) {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if !known.tags.insert(tag.0) {
            return;
        }
        known.order.push_back(tag.0);
        while known.order.len() > MOST {
            if let Some(oldest) = known.order.pop_front() {
                known.tags.remove(&oldest);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tag_is_of_one_password_of_one_member_set_at_one_instant_and_of_one_process() {
        let proven = VerifiedCache::default();
        let member = MemberId::new(Timestamp::EPOCH);
        let later = Timestamp::EPOCH + chrono::TimeDelta::microseconds(1);
        proven.remember(proven.tag(member, Timestamp::EPOCH, "right"));
        assert!(proven.knows(proven.tag(member, Timestamp::EPOCH, "right")));
        assert!(!proven.knows(proven.tag(member, Timestamp::EPOCH, "wrong")));
        assert!(!proven.knows(proven.tag(member, later, "right")));
        assert!(!proven.knows(proven.tag(MemberId::new(Timestamp::EPOCH), Timestamp::EPOCH, "right")));
        assert!(!VerifiedCache::default().knows(proven.tag(member, Timestamp::EPOCH, "right")));
    }

    #[test]
    fn no_more_is_remembered_than_there_is_room_for() {
        let proven = VerifiedCache::default();
        let member = MemberId::new(Timestamp::EPOCH);
        for number in 0..MOST + 5 {
            proven.remember(proven.tag(member, Timestamp::EPOCH, &number.to_string()));
        }
        assert_eq!(proven.known.lock().unwrap().tags.len(), MOST);
        assert!(!proven.knows(proven.tag(member, Timestamp::EPOCH, "0")));
        assert!(proven.knows(proven.tag(member, Timestamp::EPOCH, "7")));
    }
}
