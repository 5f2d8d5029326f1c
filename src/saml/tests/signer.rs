//! Keys of providers for tests, and signatures made with them.

use crate::saml::{Certificate, c14n::canonical, scan::MESSAGE, xml::tree};
use base64::{Engine, engine::general_purpose::STANDARD};
use openssl::{
    asn1::{Asn1Integer, Asn1Time},
    bn::BigNum,
    ec::{EcGroup, EcKey},
    ecdsa::EcdsaSig,
    error::ErrorStack,
    hash::{MessageDigest, hash},
    nid::Nid,
    pkey::{HasPublic, Id, PKey, PKeyRef, Private},
    rsa::Rsa,
    sign::Signer as OpensslSigner,
    x509::{X509, X509Name},
};
use std::sync::LazyLock;

pub const MORE: &str = "http://www.w3.org/2001/04/xmldsig-more#";
pub const SHA256: &str = "http://www.w3.org/2001/04/xmlenc#sha256";

/// A provider's key and certificate.
pub struct Signer {
    pub key: PKey<Private>,
    pub certificate: Certificate,
}

impl Signer {
    pub fn new(key: PKey<Private>) -> Self {
        let der = certificate(&key, &key);
        let certificate = Certificate::from_der(&der).expect("a strong key");
        Self { key, certificate }
    }

    pub fn ec(curve: Nid) -> Self {
        let group = EcGroup::from_curve_name(curve).expect("a curve");
        Self::new(PKey::from_ec_key(EcKey::generate(&group).expect("a key")).expect("a key"))
    }

    /// The octets that stand in `SignatureValue`.
    pub fn signature(&self, text: &[u8], digest: MessageDigest) -> Vec<u8> {
        let mut signer = OpensslSigner::new(digest, &self.key).expect("a signer");
        let signature = signer.sign_oneshot_to_vec(text).expect("a signature");
        if self.key.id() != Id::EC {
            return signature;
        }
        let half = i32::try_from(self.key.bits().div_ceil(8)).expect("a size");
        let signature = EcdsaSig::from_der(&signature).expect("a signature");
        [signature.r(), signature.s()].map(|number| number.to_vec_padded(half).expect("a number")).concat()
    }
}

fn rsa() -> Signer {
    Signer::new(PKey::from_rsa(Rsa::generate(2048).expect("a key")).expect("a key"))
}

/// The key of the provider that the tests trust.
pub static IDP: LazyLock<Signer> = LazyLock::new(rsa);
/// The key of an attacker.
pub static EVE: LazyLock<Signer> = LazyLock::new(rsa);
/// Roster's own key.
pub static OURS: LazyLock<Signer> = LazyLock::new(rsa);
pub static P256: LazyLock<Signer> = LazyLock::new(|| Signer::ec(Nid::X9_62_PRIME256V1));

/// A certificate for a key, in DER.
pub fn certificate<K: HasPublic>(key: &PKeyRef<K>, issuer: &PKeyRef<Private>) -> Vec<u8> {
    let build = || -> Result<Vec<u8>, ErrorStack> {
        let mut name = X509Name::builder()?;
        name.append_entry_by_text("CN", "idp.example")?;
        let name = name.build();
        let serial = Asn1Integer::from_bn(BigNum::from_u32(1)?.as_ref())?;
        let (begin, end) = (Asn1Time::from_str("20200101000000Z")?, Asn1Time::from_str("20300101000000Z")?);
        let mut certificate = X509::builder()?;
        certificate.set_version(2)?;
        certificate.set_serial_number(&serial)?;
        certificate.set_subject_name(&name)?;
        certificate.set_issuer_name(&name)?;
        certificate.set_not_before(&begin)?;
        certificate.set_not_after(&end)?;
        certificate.set_pubkey(key)?;
        let digest = if issuer.id() == Id::ED25519 {
            MessageDigest::null()
        } else {
            MessageDigest::sha256()
        };
        certificate.sign(issuer, digest)?;
        certificate.build().to_der()
    };
    build().expect("a certificate")
}

/// How an element is signed.
#[derive(Clone, Copy)]
pub struct Signing<'a> {
    pub signer: &'a Signer,
    pub method: &'a str,
    pub digest: &'a str,
    pub prefixes: &'a str,
}

impl Signing<'_> {
    pub fn usual() -> Self {
        Self {
            signer: &IDP,
            method: "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256",
            digest: SHA256,
            prefixes: "",
        }
    }

    pub fn usual_with_prefixes() -> Self {
        Self { prefixes: "xs xsi", ..Self::usual() }
    }

    /// Signs the element with this ID. The signature stands behind its Issuer, as SAML asks.
    pub fn sign(self, document: &str, id: &str) -> String {
        let (digest, position) = self.digested(document, id);
        let list = match self.prefixes {
            "" => String::new(),
            list => format!(
                "<ec:InclusiveNamespaces xmlns:ec=\"http://www.w3.org/2001/10/xml-exc-c14n#\" PrefixList=\"{list}\"></ec:InclusiveNamespaces>"
            ),
        };
        let signature = TEMPLATE
            .replace("METHOD", self.method)
            .replace("DIGEST_URI", self.digest)
            .replace("ID", id)
            .replace("LIST", &list)
            .replace("VALUE", &STANDARD.encode(digest));
        let (before, behind) = document.split_at(position);
        let document = format!("{before}{signature}{behind}");
        let made = STANDARD.encode(self.made(&document, id));
        document.replacen("UNSIGNED", &made, 1)
    }

    fn digested(self, document: &str, id: &str) -> (Vec<u8>, usize) {
        let tree = tree(document, &MESSAGE).expect("XML");
        let element = tree.descendants().find(|node| node.attribute("ID") == Some(id)).expect("the element");
        let prefixes: Vec<&str> = self.prefixes.split_ascii_whitespace().collect();
        let text = canonical(element, None, &prefixes).expect("a canonical form");
        let issuer = element.children().find(|node| node.tag_name().name() == "Issuer");
        let position = issuer.expect("an issuer").range().end;
        (hash(message_digest(self.digest), text.as_bytes()).expect("a digest").to_vec(), position)
    }

    fn made(self, document: &str, id: &str) -> Vec<u8> {
        let tree = tree(document, &MESSAGE).expect("XML");
        let uri = format!("#{id}");
        let is_wanted = |node: &roxmltree::Node| node.tag_name().name() == "Reference" && node.attribute("URI") == Some(&uri);
        let info = tree.descendants().find(is_wanted).and_then(|node| node.parent()).expect("SignedInfo");
        let text = canonical(info, None, &[]).expect("a canonical form");
        self.signer.signature(text.as_bytes(), message_digest(self.method))
    }
}

/// The hash function at the end of an algorithm's identifier.
fn message_digest(uri: &str) -> MessageDigest {
    match uri.rsplit(['#', '-']).next() {
        Some("sha1") => MessageDigest::sha1(),
        Some("sha384") => MessageDigest::sha384(),
        Some("sha512") => MessageDigest::sha512(),
        _ => MessageDigest::sha256(),
    }
}

const TEMPLATE: &str = concat!(
    "<ds:Signature xmlns:ds=\"http://www.w3.org/2000/09/xmldsig#\"><ds:SignedInfo>",
    "<ds:CanonicalizationMethod Algorithm=\"http://www.w3.org/2001/10/xml-exc-c14n#\"></ds:CanonicalizationMethod>",
    "<ds:SignatureMethod Algorithm=\"METHOD\"></ds:SignatureMethod><ds:Reference URI=\"#ID\"><ds:Transforms>",
    "<ds:Transform Algorithm=\"http://www.w3.org/2000/09/xmldsig#enveloped-signature\"></ds:Transform>",
    "<ds:Transform Algorithm=\"http://www.w3.org/2001/10/xml-exc-c14n#\">LIST</ds:Transform></ds:Transforms>",
    "<ds:DigestMethod Algorithm=\"DIGEST_URI\"></ds:DigestMethod><ds:DigestValue>VALUE</ds:DigestValue></ds:Reference>",
    "</ds:SignedInfo><ds:SignatureValue>UNSIGNED</ds:SignatureValue></ds:Signature>",
);
