//! Randomness and secrets: random values, their stored digests, and a wrapper that never prints its content.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use hmac::{Hmac, KeyInit, Mac};
use rand::TryRng;
#[expect(clippy::disallowed_types, reason = "the one place that draws randomness")]
use rand::rngs::SysRng;
use sha2::{Digest, Sha256};
use std::fmt;

/// Fills the buffer from the operating system's generator.
///
/// # Panics
/// When the operating system has no randomness to give: no secret is better than a guessable one.
pub fn fill(buffer: &mut [u8]) {
    SysRng.try_fill_bytes(buffer).expect("the system's random generator answers");
}

/// A random value of 256 bits as 43 characters of base64url (ASVS 5.0, 7.2.3), shown once and stored as a digest.
#[derive(Clone)]
pub struct Secret(String);

impl Secret {
    pub fn generate() -> Self {
        let mut bytes = [0; 32];
        fill(&mut bytes);
        Self(URL_SAFE_NO_PAD.encode(bytes))
    }
    /// Parses a received value, if it has the format of ours.
    pub fn parse(text: &str) -> Option<Self> {
        let is_ours = text.len() == 43 && URL_SAFE_NO_PAD.decode(text).is_ok();
        is_ours.then(|| Self(text.to_owned()))
    }
    /// SHA-256, which is enough for a value that cannot be guessed (ASVS 5.0, 6.5.2).
    pub fn digest(&self) -> Vec<u8> {
        digest(&self.0)
    }
    /// The value itself, for the link, cookie or page that shows it once.
    pub fn expose(&self) -> &str {
        &self.0
    }
}
impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

/// SHA-256. Only this is stored of a value that cannot be guessed (ASVS 5.0, 6.5.2).
pub fn digest(text: &str) -> Vec<u8> {
    digest_bytes(text.as_bytes())
}

/// [`digest`] of bytes.
pub fn digest_bytes(bytes: &[u8]) -> Vec<u8> {
    Sha256::digest(bytes).to_vec()
}

/// SHA-256 as base64url: a fixed length for every text, and not reversible.
pub fn fingerprint(text: &str) -> String {
    URL_SAFE_NO_PAD.encode(Sha256::digest(text.as_bytes()))
}

/// Wraps a value that must never be printed, such as a typed password.
#[derive(Clone, Default, PartialEq, Eq, serde::Deserialize)]
#[serde(transparent)]
pub struct SecretString(String);

impl SecretString {
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }
    pub fn expose(&self) -> &str {
        &self.0
    }
}
impl fmt::Debug for SecretString {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Hidden(…)")
    }
}

/// The application's master key, from which one key per purpose is derived.
#[derive(Clone)]
pub struct MasterKey([u8; 32]);

impl MasterKey {
    /// # Errors
    /// A sentence when the text has fewer than 32 characters.
    pub fn from_text(text: &str) -> Result<Self, String> {
        if text.chars().count() < 32 {
            return Err("needs at least 32 characters; `openssl rand -base64 48` makes a good one".into());
        }
        Ok(Self(Sha256::digest(text.as_bytes()).into()))
    }
    /// The key for one purpose: HMAC-SHA-256 of its name.
    pub fn derive(&self, purpose: &str) -> [u8; 32] {
        hmac(&self.0, purpose.as_bytes())
    }
}
impl fmt::Debug for MasterKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("MasterKey(…)")
    }
}

/// HMAC-SHA-256 (RFC 2104).
pub fn hmac(key: &[u8; 32], message: &[u8]) -> [u8; 32] {
    mac(key, message).finalize().into_bytes().into()
}

/// [`hmac()`] as base64url, for cookies and hidden fields.
pub fn hmac_base64(key: &[u8; 32], message: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(hmac(key, message))
}

/// Whether the text is the [`hmac_base64`] of the message, compared in constant time.
pub fn verify_hmac(key: &[u8; 32], message: &[u8], text: &str) -> bool {
    URL_SAFE_NO_PAD.decode(text).is_ok_and(|sent| mac(key, message).verify_slice(&sent).is_ok())
}

fn mac(key: &[u8; 32], message: &[u8]) -> Hmac<Sha256> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("HMAC takes keys of any length");
    mac.update(message);
    mac
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_have_256_bits_and_never_print() {
        let secret = Secret::generate();
        assert_eq!(URL_SAFE_NO_PAD.decode(secret.expose()).unwrap().len(), 32);
        assert!(!format!("{secret:?}").contains(secret.expose()));
        assert_eq!(format!("{:?}", SecretString::new("hunter2")), "Hidden(…)");
    }

    #[test]
    fn only_the_whole_secret_is_read() {
        let secret = Secret::generate();
        assert!(Secret::parse(secret.expose()).is_some());
        assert!(Secret::parse(&secret.expose()[..42]).is_none());
        assert!(Secret::parse(&format!("{}A", secret.expose())).is_none());
        assert!(Secret::parse("").is_none());
    }

    #[test]
    fn a_tag_is_bound_to_key_and_message() {
        let (one, two) = ([1; 32], [2; 32]);
        let text = hmac_base64(&one, b"a");
        assert!(verify_hmac(&one, b"a", &text));
        assert!(!verify_hmac(&one, b"b", &text));
        assert!(!verify_hmac(&two, b"a", &text));
        assert!(!verify_hmac(&one, b"a", ""));
    }
}
