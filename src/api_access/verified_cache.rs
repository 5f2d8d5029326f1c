//! API passwords that were compared with their hash, remembered so that not every request costs an argon2.
//!
//! What is remembered is a tag (HMAC-SHA-256) over the member, the instant their API password was set and the password,
//! with a key that this process drew at its start: nothing in clear, nothing that another process or a copy of the
//! memory's pages could compare guesses with unless it has the key as well, and nothing that outlives a change, since
//! that instant is read anew at every request.

use crate::kit::{MemberId, Timestamp, secret};
use std::{
    collections::{HashSet, VecDeque},
    sync::{Arc, Mutex, PoisonError},
};

/// Tags at most; the oldest goes first.
const MOST: usize = 10_000;

#[derive(Default)]
struct Known {
    tags: HashSet<[u8; 32]>,
    order: VecDeque<[u8; 32]>,
}

/// The passwords that were right before.
#[derive(Clone)]
pub struct VerifiedCache {
    key: [u8; 32],
    known: Arc<Mutex<Known>>,
}

/// A password of a member, as it is remembered.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Tag([u8; 32]);

impl Default for VerifiedCache {
    fn default() -> Self {
        let mut key = [0; 32];
        secret::fill(&mut key);
        Self {
            key,
            known: Arc::default(),
        }
    }
}

impl VerifiedCache {
    pub fn tag(&self, member: MemberId, changed_at: Timestamp, password: &str) -> Tag {
        let mut message = member.0.as_bytes().to_vec();
        message.extend(changed_at.micros().to_be_bytes());
        message.extend(password.as_bytes());
        Tag(secret::tag(&self.key, &message))
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
