//! Encryption of stored letters. The outbox may hold valid links, so a copy of the database must not be enough to read
//! them.

use crate::kit::{Fault, secret};
use chacha20poly1305::{
    KeyInit, XChaCha20Poly1305, XNonce,
    aead::{Aead, Payload},
};

const NONCE: usize = 24;

/// XChaCha20-Poly1305 (draft-irtf-cfrg-xchacha) with a key for this purpose only.
#[derive(Clone)]
pub struct Sealer(XChaCha20Poly1305);

impl Sealer {
    pub fn new(key: &secret::MasterKey) -> Self {
        Self::of(key, "outbox")
    }
    /// For another module's data: with a key for its own purpose.
    pub fn of(key: &secret::MasterKey, purpose: &str) -> Self {
        Self(XChaCha20Poly1305::new(&key.derive(purpose).into()))
    }
    /// A random nonce of 24 bytes, then the ciphertext. The owner is authenticated (AAD): moved to another row, it does
    /// not decrypt.
    pub fn seal(&self, owner: &str, text: &[u8]) -> Vec<u8> {
        let mut nonce = [0; NONCE];
        secret::fill(&mut nonce);
        let sealed = self
            .0
            .encrypt(&XNonce::from(nonce), Payload { msg: text, aad: owner.as_bytes() })
            .expect("a letter is far below the cipher's limit");
        [nonce.as_slice(), &sealed].concat()
    }
    /// # Errors
    /// [`Fault::Broken`] when it was encrypted with another key or for another owner, or was changed.
    pub fn open(&self, owner: &str, sealed: &[u8]) -> Result<Vec<u8>, Fault> {
        let (nonce, text) = sealed.split_first_chunk::<NONCE>().ok_or_else(|| Fault::broken("a sealed text is too short"))?;
        self.0
            .decrypt(&XNonce::from(*nonce), Payload { msg: text, aad: owner.as_bytes() })
            .map_err(|_| Fault::broken("a sealed text does not open with this key"))
    }
}
impl std::fmt::Debug for Sealer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Sealer(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_same_key_and_owner_open_a_seal() {
        let sealer = |text: &str| Sealer::new(&secret::MasterKey::from_text(&text.repeat(32)).unwrap());
        let sealed = sealer("a").seal("1", b"secret link");
        assert_eq!(sealer("a").open("1", &sealed).unwrap(), b"secret link");
        assert!(sealer("b").open("1", &sealed).is_err());
        assert!(sealer("a").open("2", &sealed).is_err());
        assert!(sealer("a").open("1", &sealed[..10]).is_err());
        assert!(!sealed.windows(6).any(|part| part == b"secret"));
    }
}
