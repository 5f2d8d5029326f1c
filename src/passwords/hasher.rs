//! Password hashing: off the async threads, and never more hashes at once than cores and memory allow.

use super::buffers::{Buffers, HASH};
use crate::kit::{Fault, secret::SecretString};
use argon2::{Params, password_hash::phc::PasswordHash};
use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};
use tokio::sync::{Semaphore, TryAcquireError};
use unicode_normalization::UnicodeNormalization;

/// Parameters of argon2id (RFC 9106): memory in KiB, passes, lanes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cost {
    pub memory: u32,
    pub passes: u32,
    pub lanes: u32,
}

impl Default for Cost {
    /// OWASP Password Storage Cheat Sheet.
    fn default() -> Self {
        Self { memory: 19_456, passes: 2, lanes: 1 }
    }
}

impl Cost {
    /// Checks this cost. The smallest one accepted is argon2's own minimum.
    ///
    /// # Errors
    /// A sentence if argon2 refuses these parameters.
    pub fn check(self) -> Result<Params, String> {
        Params::new(self.memory, self.passes, self.lanes, Some(HASH)).map_err(|why| format!("argon2 cannot use these parameters: {why}"))
    }
}

/// The result of comparing a password with a hash.
#[derive(Debug, PartialEq, Eq, Clone, Copy)]
pub enum Verdict {
    Wrong,
    Right,
    /// Right, but hashed with weaker parameters than are used now.
    NeedsRehash,
}

/// Hashes and verifies passwords.
#[derive(Clone)]
pub struct Hasher {
    params: Params,
    buffers: Arc<Buffers>,
    /// One permit per hash that runs: at most one per core, as far as memory allows.
    running: Arc<Semaphore>,
    /// One permit per hash that runs or waits. A request that gets none is refused and may try again later.
    places: Arc<Semaphore>,
    /// How many passwords were hashed or compared so far.
    done: Arc<AtomicU64>,
    /// A hash that is compared in place of the missing one of an unknown user, so that the answer takes as long.
    nobody: Arc<str>,
}

/// How many hashes may wait for each one that runs: a few seconds' worth.
const WAITING_PER_CORE: usize = 64;

/// Memory in KiB that all running hashes may take together, on a machine with many cores.
const MEMORY: u32 = 96 * 1024;
/// This many run even if they exceed `MEMORY`, if there are as many cores.
const LEAST_RUNNING: usize = 2;

/// How many hashes run at once.
fn at_once(memory: u32, cores: usize) -> usize {
    let fitting = usize::try_from(MEMORY / memory.max(1)).unwrap_or(usize::MAX);
    cores.min(fitting.max(LEAST_RUNNING))
}

impl Hasher {
    /// # Errors
    /// A sentence if argon2 refuses this cost.
    pub fn new(cost: Cost) -> Result<Self, String> {
        let params = cost.check()?;
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        let (buffers, running) = (Arc::<Buffers>::default(), at_once(params.m_cost(), cores));
        let nobody = buffers.hash(&params, "nobody has this password").map_err(|fault| fault.to_string())?;
        Ok(Self {
            params,
            buffers,
            running: Arc::new(Semaphore::new(running)),
            places: Arc::new(Semaphore::new(running * (1 + WAITING_PER_CORE))),
            done: Arc::default(),
            nobody: nobody.into(),
        })
    }

    /// How many passwords were hashed or compared so far. It shows the work of a request without measuring time.
    pub fn done(&self) -> u64 {
        self.done.load(Ordering::Relaxed)
    }

    /// Hashes a password with a new salt. Returns a PHC string.
    ///
    /// # Errors
    /// [`Fault::Unavailable`] if too many hashes wait already.
    pub async fn hash(&self, password: &SecretString) -> Result<String, Fault> {
        let (params, password, buffers) = (self.params.clone(), password.clone(), self.buffers.clone());
        self.run(move || buffers.hash(&params, &normal(password.expose()))).await?
    }

    /// Compares a password with a stored hash. Without one it compares with a hash that no password matches, which
    /// takes as long.
    ///
    /// # Errors
    /// [`Fault::Unavailable`] if too many hashes wait already.
    pub async fn verify(&self, password: &SecretString, stored: Option<String>) -> Result<Verdict, Fault> {
        let exists = stored.is_some();
        let stored = stored.unwrap_or_else(|| self.nobody.to_string());
        let (params, password, buffers) = (self.params.clone(), password.clone(), self.buffers.clone());
        let verdict = self.run(move || verify(&buffers, &params, password.expose(), &stored)).await??;
        Ok(if exists { verdict } else { Verdict::Wrong })
    }

    async fn run<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> Result<T, Fault> {
        let place = match self.places.clone().try_acquire_owned() {
            Ok(place) => place,
            Err(TryAcquireError::NoPermits | TryAcquireError::Closed) => {
                return Err(Fault::unavailable("too many passwords are being checked"));
            }
        };
        self.done.fetch_add(1, Ordering::Relaxed);
        let turn = self.running.clone().acquire_owned().await.map_err(Fault::broken)?;
        // The permits move into the blocking task: if the client gives up the request, its core is still busy and stays
        // counted.
        let hashed = tokio::task::spawn_blocking(move || {
            let result = work();
            drop((turn, place));
            result
        });
        hashed.await.map_err(Fault::broken)
    }
}

/// Normalizes a password: typed on different keyboards, it is the same sequence of code points (NIST SP 800-63B-4,
/// 3.1.1.2).
fn normal(password: &str) -> String {
    password.nfc().collect()
}

fn verify(buffers: &Buffers, params: &Params, password: &str, stored: &str) -> Result<Verdict, Fault> {
    let parsed = PasswordHash::new(stored).map_err(|why| Fault::broken(why.to_string()))?;
    if !buffers.verify(&parsed, &normal(password))? {
        return Ok(Verdict::Wrong);
    }
    let used = Params::try_from(&parsed).map_err(|why| Fault::broken(why.to_string()))?;
    let is_old = used.m_cost() < params.m_cost() || used.t_cost() < params.t_cost();
    Ok(if is_old { Verdict::NeedsRehash } else { Verdict::Right })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cheap(memory: u32) -> Hasher {
        Hasher::new(Cost { memory, passes: 1, lanes: 1 }).unwrap()
    }

    #[tokio::test]
    async fn only_the_same_password_matches_however_it_was_typed() {
        let hasher = cheap(8);
        let stored = hasher.hash(&SecretString::new("caf\u{e9} au lait, s'il vous plaît")).await.unwrap();
        assert!(stored.starts_with("$argon2id$v=19$m=8,t=1,p=1$"));
        let verify = |text: &str| {
            let (hasher, text, stored) = (hasher.clone(), SecretString::new(text), stored.clone());
            async move { hasher.verify(&text, Some(stored)).await.unwrap() }
        };
        assert_eq!(verify("cafe\u{301} au lait, s'il vous plaît").await, Verdict::Right);
        assert_eq!(verify("cafe au lait, s'il vous plaît").await, Verdict::Wrong);
        assert_eq!(verify("caf\u{e9} au lait, s'il vous plaît ").await, Verdict::Wrong);
        assert_eq!(hasher.verify(&SecretString::new("nobody has this password"), None).await.unwrap(), Verdict::Wrong);
    }

    #[tokio::test]
    async fn a_hash_weaker_than_the_configuration_is_told() {
        let stored = cheap(8).hash(&SecretString::new("x")).await.unwrap();
        assert_eq!(cheap(16).verify(&SecretString::new("x"), Some(stored)).await.unwrap(), Verdict::NeedsRehash);
    }

    #[tokio::test]
    async fn a_caller_beyond_the_queue_is_sent_away() {
        let hasher = cheap(8);
        let taken = hasher
            .places
            .clone()
            .acquire_many_owned(u32::try_from(hasher.places.available_permits()).unwrap())
            .await
            .unwrap();
        assert!(matches!(hasher.hash(&SecretString::new("x")).await, Err(Fault::Unavailable(_))));
        drop(taken);
        assert!(hasher.hash(&SecretString::new("x")).await.is_ok());
    }
    #[tokio::test(flavor = "multi_thread")]
    async fn a_flood_of_passwords_works_in_no_more_memory_than_runs_at_once() {
        let hasher = cheap(64);
        let most = hasher.running.available_permits();
        let stored = cheap(128).hash(&SecretString::new("x")).await.unwrap();
        let flood = (0..60).map(|at| {
            let (hasher, stored) = (hasher.clone(), stored.clone());
            // Hashes of another cost use the same buffers.
            tokio::spawn(async move {
                match at % 3 {
                    0 => assert!(hasher.hash(&SecretString::new("x")).await.is_ok()),
                    1 => assert_eq!(hasher.verify(&SecretString::new("x"), None).await.unwrap(), Verdict::Wrong),
                    _ => assert_eq!(hasher.verify(&SecretString::new("x"), Some(stored)).await.unwrap(), Verdict::Right),
                }
            })
        });
        for done in flood.collect::<Vec<_>>() {
            done.await.unwrap();
        }
        let made = hasher.buffers.made();
        assert!((1..=most).contains(&made), "{made} buffers for {most} at once");
    }

    #[test]
    fn many_cores_hash_no_more_at_once_than_memory_allows() {
        let usual = Cost::default().memory;
        assert_eq!([1, 2, 4, 64].map(|cores| at_once(usual, cores)), [1, 2, 4, 5]);
        assert_eq!([1, 2, 64].map(|cores| at_once(1024 * 1024, cores)), [1, 2, 2]);
        assert_eq!(at_once(8, 64), 64);
    }
}
