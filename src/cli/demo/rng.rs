//! A repeatable random generator: the same seed makes the same demo. Never used for anything secret.

use rand::{RngExt, SeedableRng, rngs::Xoshiro256PlusPlus};

/// A separate random stream for each part of the demo, so that a change to one part leaves the others unchanged.
#[derive(Clone, Copy, Debug)]
pub(super) enum Part {
    Names = 1,
    Memberships,
    SystemAccounts,
    SignIns,
    Invitations,
    Events,
    SecondFactors,
    Contacts,
    Tokens,
    Provisioning,
}

/// The algorithm is fixed, because the library's default may differ by version and machine.
pub(super) struct Rng(Xoshiro256PlusPlus);

impl Rng {
    pub fn of(seed: u64, part: Part) -> Self {
        Self(Xoshiro256PlusPlus::seed_from_u64(seed.rotate_left(8) ^ part as u64))
    }
    /// A number under `end`; 0 if `end` is 0.
    pub fn below(&mut self, end: usize) -> usize {
        self.0.random_range(0..end.max(1))
    }
    /// A number from `start` and under `end`; `start` if the range is empty.
    pub fn between(&mut self, start: i64, end: i64) -> i64 {
        self.0.random_range(start..end.max(start + 1))
    }
    /// Uniform from 0 to 1.
    pub fn fraction(&mut self) -> f64 {
        self.0.random()
    }
    /// True with this probability.
    pub fn chance(&mut self, probability: f64) -> bool {
        self.fraction() < probability
    }
    /// One of these, which must not be empty.
    pub fn pick<T: Copy>(&mut self, all: &[T]) -> T {
        all[self.below(all.len())]
    }
    /// One of these, each with a probability in proportion to its share.
    pub fn weighted<T: Copy>(&mut self, all: &[(u32, T)]) -> T {
        let sum: u32 = all.iter().map(|(share, _)| share).sum();
        let mut left = self.0.random_range(0..sum);
        for (share, value) in all {
            match left.checked_sub(*share) {
                Some(rest) => left = rest,
                None => return *value,
            }
        }
        unreachable!("the shares add up to their sum")
    }
}
