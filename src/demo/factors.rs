//! Second factors of the demo: two of five people have an authenticator app, with recovery codes, some of them used.
//! Nobody has the secrets of these apps; to look closer, reset one.

use super::{
    dataset::Crowd,
    rng::{Chance, Part},
};
use crate::kit::Timestamp;

/// An authenticator app.
pub(super) struct App {
    /// The number of its owner.
    pub person: usize,
    pub secret: [u8; 20],
    pub created_at: Timestamp,
    pub codes: Vec<Code>,
}

/// A recovery code.
pub(super) struct Code {
    pub text: String,
    pub used_at: Option<Timestamp>,
}

const CODES: usize = 10;

/// All apps. The founder has none, because visitors of the demo sign in as the founder.
pub(super) fn apps(seed: u64, crowd: &Crowd) -> Vec<App> {
    let mut chance = Chance::of(seed, Part::SecondFactors);
    let mut apps = vec![];
    for (person, place) in crowd.places.iter().enumerate().skip(1) {
        let (has_app, days, used) = (chance.is(0.4), chance.between(0, 30), chance.below(4).saturating_sub(1));
        let secret = std::array::from_fn(|_| u8::try_from(chance.below(256)).unwrap_or_default());
        let (true, true, Some(joined), Some(seen)) = (has_app, place.has_password(), place.joined_at, place.last_sign_in_at) else {
            continue;
        };
        let created_at = (joined + chrono::TimeDelta::days(days)).min(seen);
        let code = |number: usize, chance: &mut Chance| Code {
            text: format!("{:016x}", chance.between(0, i64::MAX)),
            used_at: (number < used).then_some(seen),
        };
        let codes = (0..CODES).map(|number| code(number, &mut chance)).collect();
        apps.push(App { person, secret, created_at, codes });
    }
    apps
}
