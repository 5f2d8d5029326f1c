//! Encrypted assertions.

use super::{
    documents::*,
    signer::{EVE, OURS, Signer},
};
use crate::saml::{Assertion, ContentEncryption, EncryptionError, Expectation, PrivateKey, Refusal, SignatureError};
use base64::{Engine, engine::general_purpose::STANDARD};
use openssl::{
    encrypt::Encrypter,
    hash::MessageDigest,
    rsa::Padding,
    symm::{Cipher, Crypter, Mode, encrypt_aead},
};

const GCM: &str = "http://www.w3.org/2009/xmlenc11#aes256-gcm";
const CBC: &str = "http://www.w3.org/2001/04/xmlenc#aes256-cbc";
const OAEP: &str = "<xenc:EncryptionMethod Algorithm=\"http://www.w3.org/2001/04/xmlenc#rsa-oaep-mgf1p\"/>";

/// How a test encrypts.
struct Encryption<'a> {
    to: &'a Signer,
    algorithm: &'a str,
    secret: Vec<u8>,
    key_method: &'a str,
    padding: Padding,
    hashes: (MessageDigest, MessageDigest),
}

impl Encryption<'_> {
    fn usual() -> Self {
        let hashes = (MessageDigest::sha1(), MessageDigest::sha1());
        Self {
            to: &OURS,
            algorithm: GCM,
            secret: vec![7; 32],
            key_method: OAEP,
            padding: Padding::PKCS1_OAEP,
            hashes,
        }
    }

    fn content(&self, text: &[u8]) -> Vec<u8> {
        let vector = [9; 16];
        match self.algorithm.rsplit('#').next() {
            Some("aes256-cbc" | "aes128-cbc" | "tripledes-cbc") => {
                let padding = 16 - text.len() % 16;
                let padded = [text, &vec![0; padding - 1], &[u8::try_from(padding).expect("small")]].concat();
                [&vector[..], &self.blocks(&padded, &vector)].concat()
            }
            name => {
                let cipher = if name == Some("aes128-gcm") {
                    Cipher::aes_128_gcm()
                } else {
                    Cipher::aes_256_gcm()
                };
                let mut tag = [0; 16];
                let text = encrypt_aead(cipher, &self.secret, Some(&vector[..12]), &[], text, &mut tag).expect("encrypted");
                [&vector[..12], &text, &tag].concat()
            }
        }
    }

    fn blocks(&self, padded: &[u8], vector: &[u8]) -> Vec<u8> {
        let cipher = if self.secret.len() == 16 {
            Cipher::aes_128_cbc()
        } else {
            Cipher::aes_256_cbc()
        };
        let mut crypter = Crypter::new(cipher, Mode::Encrypt, &self.secret, Some(vector)).expect("a cipher");
        crypter.pad(false);
        let mut out = vec![0; padded.len() + 16];
        let length = crypter.update(padded, &mut out).expect("encrypted");
        out.truncate(length);
        out
    }

    fn key(&self) -> Vec<u8> {
        let mut encrypter = Encrypter::new(&self.to.key).expect("a key");
        encrypter.set_rsa_padding(self.padding).expect("a padding");
        if self.padding == Padding::PKCS1_OAEP {
            encrypter.set_rsa_oaep_md(self.hashes.0).expect("a hash");
            encrypter.set_rsa_mgf1_md(self.hashes.1).expect("a hash");
        }
        let mut out = vec![0; encrypter.encrypt_len(&self.secret).expect("a length")];
        let length = encrypter.encrypt(&self.secret, &mut out).expect("encrypted");
        out.truncate(length);
        out
    }

    fn element(&self, text: &[u8]) -> String {
        let data = STANDARD.encode(self.content(text));
        let key = STANDARD.encode(self.key());
        format!(
            "<saml:EncryptedAssertion><xenc:EncryptedData xmlns:xenc=\"http://www.w3.org/2001/04/xmlenc#\" Type=\"http://www.w3.org/2001/04/xmlenc#Element\">\
             <xenc:EncryptionMethod Algorithm=\"{}\"/><ds:KeyInfo xmlns:ds=\"http://www.w3.org/2000/09/xmldsig#\"><xenc:EncryptedKey>{}\
             <xenc:CipherData><xenc:CipherValue>{key}</xenc:CipherValue></xenc:CipherData></xenc:EncryptedKey></ds:KeyInfo>\
             <xenc:CipherData><xenc:CipherValue>{data}</xenc:CipherValue></xenc:CipherData></xenc:EncryptedData></saml:EncryptedAssertion>",
            self.algorithm, self.key_method
        )
    }

    /// A response whose assertion is encrypted.
    fn response(&self, assertion: &str) -> String {
        let plain = part(RESPONSE, "<saml:Assertion", "</saml:Assertion>");
        changed(RESPONSE, plain, &self.element(assertion.as_bytes()))
    }
}

/// The assertion as a document of its own.
fn alone(xml: &str) -> String {
    let assertion = part(xml, "<saml:Assertion", "</saml:Assertion>");
    let namespaces = "<saml:Assertion xmlns:saml=\"urn:oasis:names:tc:SAML:2.0:assertion\" xmlns:xs=\"http://www.w3.org/2001/XMLSchema\"";
    assertion.replacen("<saml:Assertion", namespaces, 1)
}

fn signed() -> String {
    sign_assertion(&alone(RESPONSE))
}

fn open(xml: &str) -> Result<Assertion, Refusal> {
    accept_as(xml, &Expectation { decryption_keys: &DECRYPTION_KEYS, ..expectation() })
}

#[track_caller]
fn assert_refused(xml: &str, why: EncryptionError) {
    assert_eq!(open(xml), Err(Refusal::Encryption(why)));
}

#[test]
fn gcm_is_decrypted_with_either_part_signed() {
    let expected = identity(accept(sign_assertion(RESPONSE)).expect("accepted"));
    let inner = open(&Encryption::usual().response(&signed())).expect("accepted");
    assert_eq!(inner.encryption, Some(ContentEncryption::Aes256Gcm));
    assert_eq!(identity(inner), expected);
    let outer = open(&sign_response(&Encryption::usual().response(&alone(RESPONSE)))).expect("accepted");
    assert_eq!(identity(outer), expected);
    let both = open(&sign_response(&Encryption::usual().response(&signed()))).expect("accepted");
    assert_eq!(both.signatures.len(), 2);
    let small = Encryption {
        algorithm: "http://www.w3.org/2009/xmlenc11#aes128-gcm",
        secret: vec![7; 16],
        ..Encryption::usual()
    };
    assert_eq!(open(&small.response(&signed())).expect("accepted").encryption, Some(ContentEncryption::Aes128Gcm));
}

#[test]
fn cbc_is_decrypted_only_under_a_signed_response() {
    let cbc = Encryption { algorithm: CBC, ..Encryption::usual() };
    assert_refused(&cbc.response(&signed()), EncryptionError::CbcWithoutSignedResponse);
    assert!(open(&sign_response(&cbc.response(&signed()))).is_ok());
    assert!(open(&sign_response(&cbc.response(&alone(RESPONSE)))).is_ok());
    let broken = sign_response(&cbc.response(&signed())).replace("_response", "_responze");
    assert_eq!(open(&broken), Err(Refusal::Signature(SignatureError::Key)));
}

#[test]
fn cbc_padding_is_one_to_sixteen_octets() {
    let cbc = Encryption { algorithm: CBC, ..Encryption::usual() };
    let content = STANDARD.encode(cbc.content(b"x"));
    for last in [0_u8, 17, 255] {
        let padded = [&[b' '; 31][..], &[last]].concat();
        let vector = [9; 16];
        let blocks = STANDARD.encode([&vector[..], &cbc.blocks(&padded, &vector)].concat());
        let xml = cbc.response("x");
        assert_refused(&sign_response(&changed(&xml, &content, &blocks)), EncryptionError::Failed);
    }
}

#[test]
fn oaep_is_decrypted_with_its_hashes() {
    let method = |inside: &str| {
        format!("<xenc:EncryptionMethod Algorithm=\"http://www.w3.org/2009/xmlenc11#rsa-oaep\">{inside}</xenc:EncryptionMethod>")
    };
    let digest = "<ds:DigestMethod Algorithm=\"http://www.w3.org/2001/04/xmlenc#sha256\"/>";
    let mask = "<e:MGF xmlns:e=\"http://www.w3.org/2009/xmlenc11#\" Algorithm=\"http://www.w3.org/2009/xmlenc11#mgf1sha256\"/>";
    let (sha1, sha256) = (MessageDigest::sha1(), MessageDigest::sha256());
    let cases = [
        (method(""), (sha1, sha1)),
        (method(digest), (sha256, sha1)),
        (method(&format!("{digest}{mask}")), (sha256, sha256)),
    ];
    for (key_method, hashes) in &cases {
        let encryption = Encryption { key_method, hashes: *hashes, ..Encryption::usual() };
        assert!(open(&encryption.response(&signed())).is_ok(), "{key_method}");
    }
    let parameters = method("<xenc:OAEPparams>AAAA</xenc:OAEPparams>");
    let odd = method("<ds:DigestMethod Algorithm=\"http://www.w3.org/2001/04/xmldsig-more#md5\"/>");
    for key_method in [&parameters, &odd] {
        let encryption = Encryption { key_method, ..Encryption::usual() };
        assert_refused(&encryption.response(&signed()), EncryptionError::KeyTransport);
    }
}

#[test]
fn weak_encryption_is_refused_by_name() {
    let pkcs1 = "<xenc:EncryptionMethod Algorithm=\"http://www.w3.org/2001/04/xmlenc#rsa-1_5\"/>";
    let old = Encryption { key_method: pkcs1, padding: Padding::PKCS1, ..Encryption::usual() };
    assert_refused(&old.response(&signed()), EncryptionError::KeyTransport);
    assert_refused(&sign_response(&old.response(&signed())), EncryptionError::KeyTransport);
    let triple = Encryption {
        algorithm: "http://www.w3.org/2001/04/xmlenc#tripledes-cbc",
        ..Encryption::usual()
    };
    assert_refused(&sign_response(&triple.response(&signed())), EncryptionError::Content);
}

#[test]
fn every_key_of_ours_is_tried() {
    let new = Encryption { to: &EVE, ..Encryption::usual() }.response(&signed());
    assert_refused(&new, EncryptionError::Failed);
    let key = PrivateKey::from_pkcs8(&EVE.key.private_key_to_pkcs8().expect("a key")).expect("a key");
    let keys = [DECRYPTION_KEYS[0].clone(), key];
    let expected = Expectation { decryption_keys: &keys, ..expectation() };
    assert!(accept_as(&new, &expected).is_ok());
    assert!(accept_as(Encryption::usual().response(&signed()), &expected).is_ok());
    assert_eq!(accept(&new), Err(Refusal::Encryption(EncryptionError::NoKey)));
}

/// Everybody can encrypt to our public key.
#[test]
fn an_encrypted_assertion_still_has_to_be_signed() {
    let evil = alone(RESPONSE).replace(">alice<", ">admin<");
    assert_eq!(open(&Encryption::usual().response(&evil)), Err(Refusal::NotSigned));
    let tampered = signed().replace(">alice<", ">admin<");
    assert_eq!(open(&Encryption::usual().response(&tampered)), Err(Refusal::Signature(SignatureError::Digest)));
    let beside = sign_assertion(RESPONSE);
    let evil = Encryption::usual().element(evil.as_bytes());
    assert_eq!(
        open(&changed(&beside, "</samlp:Response>", &format!("{evil}</samlp:Response>"))),
        Err(Refusal::SeveralAssertions)
    );
}

#[test]
fn what_is_decrypted_is_one_assertion_and_nothing_else() {
    let good = signed();
    let nested = good.replace(
        "</saml:Assertion>",
        &format!("{}</saml:Assertion>", alone(RESPONSE).replace("_assertion", "_inner")),
    );
    assert_eq!(open(&Encryption::usual().response(&nested)), Err(Refusal::MisplacedAssertion));
    let two = format!("{good}{good}");
    let doctype = format!("<!DOCTYPE x>{good}");
    let nul = format!("{good}\0");
    let recursive = Encryption::usual().element(good.as_bytes()).replacen(
        "Assertion>",
        "Assertion xmlns:saml=\"urn:oasis:names:tc:SAML:2.0:assertion\">",
        1,
    );
    let outside = part(&sign_assertion(RESPONSE), "<saml:Assertion", "</saml:Assertion>").to_owned();
    for text in [two.as_str(), &doctype, &nul, &recursive, &outside, "", "x", "<x/>", RESPONSE] {
        assert_refused(&Encryption::usual().response(text), EncryptionError::Failed);
    }
}

#[test]
fn changed_ciphertexts_have_one_error() {
    let good = Encryption::usual();
    let xml = good.response(&signed());
    let content = STANDARD.encode(good.content(signed().as_bytes()));
    for other in ["", "AAAA", &content[..content.len() - 4], &format!("AAAA{content}")] {
        assert_refused(&changed(&xml, &content, other), EncryptionError::Failed);
    }
    for secret in [vec![], vec![7; 16], vec![7; 31], vec![7; 33]] {
        let wrong = Encryption { secret, ..Encryption::usual() };
        let key = STANDARD.encode(wrong.key());
        let old = part(&xml, "<xenc:EncryptedKey>", "</xenc:EncryptedKey>");
        let new = format!(
            "<xenc:EncryptedKey>{OAEP}<xenc:CipherData><xenc:CipherValue>{key}</xenc:CipherValue></xenc:CipherData></xenc:EncryptedKey>"
        );
        assert_refused(&changed(&xml, old, &new), EncryptionError::Failed);
    }
}

#[test]
fn other_shapes_of_encryption_are_refused() {
    let xml = Encryption::usual().response(&signed());
    let key = part(&xml, "<xenc:EncryptedKey>", "</xenc:EncryptedKey>");
    let data = part(&xml, "<xenc:EncryptedData", "</xenc:EncryptedData>");
    for (from, to) in [
        (key, format!("{key}{key}")),
        (key, String::new()),
        (data, format!("{data}{data}")),
        (data, String::new()),
        ("<xenc:CipherValue>", "<xenc:CipherReference/><xenc:CipherValue>!".to_owned()),
    ] {
        assert_refused(&changed(&xml, from, &to), EncryptionError::Shape);
    }
}
