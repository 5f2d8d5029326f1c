//! The memory that argon2 works in: one buffer for each hash that runs, reused by the next one.
//!
//! A hash needs 19 MiB by default. If every request allocated and freed its own memory, those blocks would stay in the
//! allocator's arenas of all threads that ever hashed: a flood of sign-ins, which needs no credentials, took gigabytes
//! and kept them.

use crate::kit::{Fault, secret};
use argon2::{
    Algorithm, Argon2, Block, Params, Version,
    password_hash::phc::{Output, ParamsString, PasswordHash, Salt},
};
use std::sync::{
    Mutex, PoisonError,
    atomic::{AtomicUsize, Ordering},
};

/// Bytes of a hash and of its salt (RFC 9106, section 4).
pub(super) const HASH: usize = 32;
const SALT: usize = 16;

/// Buffers that no hash uses at the moment. There are never more of them than hashes that run at once.
#[derive(Default)]
pub(super) struct Buffers {
    free: Mutex<Vec<Vec<Block>>>,
    made: AtomicUsize,
}

impl Buffers {
    /// Hashes a password with a new salt. Returns a PHC string.
    pub fn hash(&self, params: &Params, password: &str) -> Result<String, Fault> {
        let mut salt = [0; SALT];
        secret::fill(&mut salt);
        let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params.clone());
        let hash = PasswordHash {
            algorithm: Algorithm::Argon2id.ident(),
            version: Some(Version::V0x13.into()),
            params: ParamsString::try_from(params).map_err(broken)?,
            salt: Some(Salt::new(&salt).map_err(broken)?),
            hash: Some(self.output(&argon2, password, &salt, HASH)?),
        };
        Ok(hash.to_string())
    }

    /// Whether a password matches a stored hash. Uses the parameters of that hash, not the present ones.
    pub fn verify(&self, stored: &PasswordHash, password: &str) -> Result<bool, Fault> {
        let (Some(salt), Some(expected)) = (&stored.salt, &stored.hash) else {
            return Err(Fault::broken("a stored hash without salt or hash"));
        };
        let algorithm = Algorithm::try_from(stored.algorithm.as_str()).map_err(broken)?;
        let version = stored.version.map_or(Ok(Version::V0x13), Version::try_from).map_err(broken)?;
        let argon2 = Argon2::new(algorithm, version, Params::try_from(stored).map_err(broken)?);
        // `Output` compares in constant time.
        Ok(self.output(&argon2, password, salt, expected.len())? == *expected)
    }

    fn output(&self, argon2: &Argon2<'_>, password: &str, salt: &[u8], length: usize) -> Result<Output, Fault> {
        let mut buffer = self.take(argon2.params().block_count());
        let mut out = vec![0; length];
        let hashed = argon2.hash_password_into_with_memory(password.as_bytes(), salt, &mut out, &mut buffer[..]);
        self.free.lock().unwrap_or_else(PoisonError::into_inner).push(buffer);
        hashed.map_err(broken)?;
        Output::new(&out).map_err(broken)
    }

    /// Takes a free buffer of at least this many blocks, or allocates one.
    fn take(&self, blocks: usize) -> Vec<Block> {
        let kept = self.free.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let buffer = kept.unwrap_or_else(|| {
            self.made.fetch_add(1, Ordering::Relaxed);
            Vec::new()
        });
        if buffer.len() >= blocks {
            return buffer;
        }
        // The smaller buffer is freed first, so that both never exist at once.
        drop(buffer);
        vec![Block::new(); blocks]
    }

    /// How many buffers were made.
    #[cfg(test)]
    pub fn made(&self) -> usize {
        self.made.load(Ordering::Relaxed)
    }
}

fn broken(why: impl std::fmt::Display) -> Fault {
    Fault::broken(why.to_string())
}
