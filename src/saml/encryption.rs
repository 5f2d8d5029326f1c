//! Encrypted assertions (XML Encryption 1.1): content by AES-GCM, or by AES-CBC under a signature on the response; the
//! content key by RSA-OAEP.
//!
//! CBC is not authenticated: without a signature around it, an attacker could change it and learn the text from the errors
//! (padding oracle). RSA PKCS #1 v1.5 has the same weakness and is refused. Everything that fails after a secret was used
//! is the one error `Failed`.

use super::{
    names::{AES128_CBC, AES128_GCM, AES256_CBC, AES256_GCM, RSA_OAEP, RSA_OAEP_MGF1P, XMLDSIG, XMLENC, XMLENC11},
    private_key::PrivateKey,
    xml::{is, named, octets, plain_attribute},
};
use openssl::{
    error::ErrorStack,
    hash::MessageDigest,
    symm::{Cipher, Crypter, Mode, decrypt_aead},
};
use roxmltree::Node;
use serde::{Deserialize, Serialize};

/// Why an assertion is not decrypted.
#[derive(Debug, thiserror::Error, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EncryptionError {
    #[error("The assertion is encrypted, but this connection has no decryption key. Turn off assertion encryption at the provider.")]
    NoKey,
    #[error("The encrypted assertion does not have the form that SAML prescribes.")]
    Shape,
    #[error(
        "This provider encrypts with AES-CBC and signs only the assertion. Let it sign the response and the assertion, or encrypt with AES-GCM."
    )]
    CbcWithoutSignedResponse,
    #[error("This provider encrypts with an algorithm that Roster does not accept. Change it to AES-256-GCM.")]
    Content,
    #[error("This provider encrypts the key with an algorithm that Roster does not accept. Change the key transport to RSA-OAEP.")]
    KeyTransport,
    #[error("The assertion cannot be decrypted. Is the provider using the certificate from Roster's current metadata?")]
    Failed,
}

/// The algorithm that encrypted an assertion.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ContentEncryption {
    Aes128Gcm,
    Aes256Gcm,
    Aes128Cbc,
    Aes256Cbc,
}

/// What OAEP is told besides the key.
struct Oaep {
    hash: MessageDigest,
    mask: MessageDigest,
}

/// Decrypts an `EncryptedAssertion` with the first key that fits.
pub(super) fn decrypted(
    assertion: Node,
    keys: &[PrivateKey],
    response_is_signed: bool,
) -> Result<(Vec<u8>, ContentEncryption), EncryptionError> {
    let data = one(assertion, XMLENC, "EncryptedData")?;
    let mut wrapped = assertion.descendants().filter(|node| is(*node, XMLENC, "EncryptedKey"));
    let (Some(wrapped), None) = (wrapped.next(), wrapped.next()) else {
        return Err(EncryptionError::Shape);
    };
    let content = content_encryption(one(data, XMLENC, "EncryptionMethod")?)?;
    if matches!(content, ContentEncryption::Aes128Cbc | ContentEncryption::Aes256Cbc) && !response_is_signed {
        return Err(EncryptionError::CbcWithoutSignedResponse);
    }
    let oaep = oaep(one(wrapped, XMLENC, "EncryptionMethod")?)?;
    let (encrypted_key, encrypted) = (cipher_value(wrapped)?, cipher_value(data)?);
    if keys.is_empty() {
        return Err(EncryptionError::NoKey);
    }
    let open = |key: &PrivateKey| {
        let secret = key.decrypt(&encrypted_key, oaep.hash, oaep.mask).ok()?;
        decrypt(content, &secret, &encrypted)
    };
    let text = keys.iter().find_map(open).ok_or(EncryptionError::Failed)?;
    Ok((text, content))
}

fn one<'a, 'i>(parent: Node<'a, 'i>, namespace: &str, name: &str) -> Result<Node<'a, 'i>, EncryptionError> {
    match named(parent, namespace, name)[..] {
        [one] => Ok(one),
        _ => Err(EncryptionError::Shape),
    }
}

fn cipher_value(encrypted: Node) -> Result<Vec<u8>, EncryptionError> {
    let data = one(encrypted, XMLENC, "CipherData")?;
    octets(one(data, XMLENC, "CipherValue")?).ok_or(EncryptionError::Shape)
}

fn content_encryption(method: Node) -> Result<ContentEncryption, EncryptionError> {
    match plain_attribute(method, "Algorithm") {
        Some(AES128_GCM) => Ok(ContentEncryption::Aes128Gcm),
        Some(AES256_GCM) => Ok(ContentEncryption::Aes256Gcm),
        Some(AES128_CBC) => Ok(ContentEncryption::Aes128Cbc),
        Some(AES256_CBC) => Ok(ContentEncryption::Aes256Cbc),
        _ => Err(EncryptionError::Content),
    }
}

/// The parameters of RSA-OAEP (XML Encryption section 5.5.2). Where none is named, it is SHA-1, which is sound here.
fn oaep(method: Node) -> Result<Oaep, EncryptionError> {
    let algorithm = |namespace: &str, name: &str| match named(method, namespace, name)[..] {
        [] => Ok(None),
        [one] => plain_attribute(one, "Algorithm").map(Some).ok_or(EncryptionError::Shape),
        _ => Err(EncryptionError::Shape),
    };
    if !named(method, XMLENC, "OAEPparams").is_empty() {
        return Err(EncryptionError::KeyTransport);
    }
    let hash = match algorithm(XMLDSIG, "DigestMethod")? {
        None | Some("http://www.w3.org/2000/09/xmldsig#sha1") => MessageDigest::sha1(),
        Some("http://www.w3.org/2001/04/xmlenc#sha256") => MessageDigest::sha256(),
        Some(_) => return Err(EncryptionError::KeyTransport),
    };
    let mask = match (plain_attribute(method, "Algorithm"), algorithm(XMLENC11, "MGF")?) {
        (Some(RSA_OAEP_MGF1P | RSA_OAEP), None) | (Some(RSA_OAEP), Some("http://www.w3.org/2009/xmlenc11#mgf1sha1")) => {
            MessageDigest::sha1()
        }
        (Some(RSA_OAEP), Some("http://www.w3.org/2009/xmlenc11#mgf1sha256")) => MessageDigest::sha256(),
        _ => return Err(EncryptionError::KeyTransport),
    };
    Ok(Oaep { hash, mask })
}

fn decrypt(content: ContentEncryption, secret: &[u8], encrypted: &[u8]) -> Option<Vec<u8>> {
    match content {
        ContentEncryption::Aes128Gcm => gcm(Cipher::aes_128_gcm(), secret, encrypted),
        ContentEncryption::Aes256Gcm => gcm(Cipher::aes_256_gcm(), secret, encrypted),
        ContentEncryption::Aes128Cbc => cbc(Cipher::aes_128_cbc(), secret, encrypted),
        ContentEncryption::Aes256Cbc => cbc(Cipher::aes_256_cbc(), secret, encrypted),
    }
}

/// XML Encryption section 5.2.4: a nonce of 12 octets, the text, a tag of 16 octets.
fn gcm(cipher: Cipher, secret: &[u8], encrypted: &[u8]) -> Option<Vec<u8>> {
    if secret.len() != cipher.key_len() {
        return None;
    }
    let (nonce, rest) = encrypted.split_at_checked(12)?;
    let (text, tag) = rest.split_at_checked(rest.len().checked_sub(16)?)?;
    decrypt_aead(cipher, secret, Some(nonce), &[], text, tag).ok()
}

/// XML Encryption section 5.2.1: an initialization vector of 16 octets, then blocks. Only the last octet of the padding has
/// a meaning, its length.
fn cbc(cipher: Cipher, secret: &[u8], encrypted: &[u8]) -> Option<Vec<u8>> {
    if secret.len() != cipher.key_len() || encrypted.len() < 32 || !encrypted.len().is_multiple_of(16) {
        return None;
    }
    let (vector, blocks) = encrypted.split_at(16);
    let run = || -> Result<Vec<u8>, ErrorStack> {
        let mut crypter = Crypter::new(cipher, Mode::Decrypt, secret, Some(vector))?;
        crypter.pad(false);
        let mut text = vec![0; blocks.len() + 16];
        let mut length = crypter.update(blocks, &mut text)?;
        length += crypter.finalize(&mut text[length..])?;
        text.truncate(length);
        Ok(text)
    };
    let mut text = run().ok()?;
    let padding = usize::from(*text.last()?);
    if !(1..=16).contains(&padding) {
        return None;
    }
    text.truncate(text.len() - padding);
    Some(text)
}
