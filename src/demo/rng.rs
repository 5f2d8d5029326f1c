//! Chance that can be repeated: the same seed makes the same demo. Nothing secret is ever drawn here.

use rand::{RngExt, SeedableRng, rngs::Xoshiro256PlusPlus};

/// One for each part of the demo, so that a change to one part leaves the others as they were.
#[derive(Clone, Copy, Debug)]
pub(super) enum Part {
    Names = 1,
    Places,
    SystemAccounts,
    SignIns,
    Invitations,
    Trail,
    SecondFactors,
    Contacts,
    Tokens,
}

/// A generator whose algorithm is named rather than the library's choice, which may differ by version and machine.
pub(super) struct Chance(Xoshiro256PlusPlus);

impl Chance {
    pub fn of(seed: u64, part: Part) -> Self {
        Self(Xoshiro256PlusPlus::seed_from_u64(seed.rotate_left(8) ^ part as u64))
    }
    /// A number under `end`; 0 where there is none.
    pub fn below(&mut self, end: usize) -> usize {
        self.0.random_range(0..end.max(1))
    }
    /// A number from `start` on and under `end`; `start` where there is none.
    pub fn between(&mut self, start: i64, end: i64) -> i64 {
        self.0.random_range(start..end.max(start + 1))
    }
    /// Evenly from 0 to 1.
    pub fn fraction(&mut self) -> f64 {
        self.0.random()
    }
    /// True that often, of 1.
    pub fn is(&mut self, often: f64) -> bool {
        self.fraction() < often
    }
    /// One of these, which are not empty.
    pub fn pick<T: Copy>(&mut self, all: &[T]) -> T {
        all[self.below(all.len())]
    }
    /// One of these, each as often as its share says.
    pub fn weigh<T: Copy>(&mut self, all: &[(u32, T)]) -> T {
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
