//! Roster's own RSA key at a provider: it signs requests and decrypts assertions.

use openssl::{
    encrypt::Decrypter,
    error::ErrorStack,
    hash::MessageDigest,
    pkey::{Id, PKey, Private},
    rsa::Padding,
    sign::Signer,
};

/// The octets are not an RSA key of at least 2048 bits in PKCS #8.
#[derive(Debug, thiserror::Error, Clone, Copy, PartialEq, Eq)]
#[error("not an RSA key of at least 2048 bits in PKCS #8")]
pub struct PrivateKeyError;

/// An RSA key of at least 2048 bits.
#[derive(Clone)]
pub struct PrivateKey(PKey<Private>);

impl PrivateKey {
    /// Reads PKCS #8 in DER.
    pub fn from_pkcs8(der: &[u8]) -> Result<Self, PrivateKeyError> {
        let key = PKey::private_key_from_pkcs8(der).map_err(|_| PrivateKeyError)?;
        if key.id() == Id::RSA && key.bits() >= 2048 {
            Ok(Self(key))
        } else {
            Err(PrivateKeyError)
        }
    }

    /// Signs with RSA (PKCS #1 v1.5) and SHA-256.
    pub(super) fn sign(&self, text: &[u8]) -> Result<Vec<u8>, ErrorStack> {
        Signer::new(MessageDigest::sha256(), &self.0)?.sign_oneshot_to_vec(text)
    }

    /// Decrypts a content key (RSA-OAEP, RFC 8017 section 7.1). OpenSSL takes the same time whether it succeeds or not.
    pub(super) fn decrypt(&self, encrypted: &[u8], hash: MessageDigest, mask: MessageDigest) -> Result<Vec<u8>, ErrorStack> {
        let mut decrypter = Decrypter::new(&self.0)?;
        decrypter.set_rsa_padding(Padding::PKCS1_OAEP)?;
        decrypter.set_rsa_oaep_md(hash)?;
        decrypter.set_rsa_mgf1_md(mask)?;
        let mut decrypted = vec![0; decrypter.decrypt_len(encrypted)?];
        let length = decrypter.decrypt(encrypted, &mut decrypted)?;
        decrypted.truncate(length);
        Ok(decrypted)
    }
}

impl std::fmt::Debug for PrivateKey {
    fn fmt(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result {
        f.write_str("PrivateKey")
    }
}
