//! Second factors of the demo: two of five people have an authenticator app, with recovery codes, some of them used.
//! Nobody has the secrets of these apps; to look closer, reset one.

use super::{
    dataset::Dataset,
    rng::{Part, Rng},
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
pub(super) fn apps(seed: u64, dataset: &Dataset) -> Vec<App> {
    let mut rng = Rng::of(seed, Part::SecondFactors);
    let mut apps = vec![];
    for (person, membership) in dataset.memberships.iter().enumerate().skip(1) {
        let (has_app, days, used) = (rng.chance(0.4), rng.between(0, 30), rng.below(4).saturating_sub(1));
        let secret = std::array::from_fn(|_| u8::try_from(rng.below(256)).unwrap_or_default());
        let (true, true, Some(joined), Some(seen)) = (has_app, membership.has_password(), membership.joined_at, membership.last_sign_in_at)
        else {
            continue;
        };
        let created_at = (joined + chrono::TimeDelta::days(days)).min(seen);
        let code = |number: usize, rng: &mut Rng| Code {
            text: format!("{:016x}", rng.between(0, i64::MAX)),
            used_at: (number < used).then_some(seen),
        };
        let codes = (0..CODES).map(|number| code(number, &mut rng)).collect();
        apps.push(App { person, secret, created_at, codes });
    }
    apps
}
