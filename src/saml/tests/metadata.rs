//! Metadata of providers, good and hostile, and our own.

use super::{
    documents::{ACS, ENTITY_ID, changed},
    signer::{EVE, IDP, OURS, P256, certificate},
};
use crate::saml::{
    Certificate, CertificateError, XmlError,
    metadata::{AddressError, DroppedCertificate, MetadataError, check_address, read, write},
};
use base64::{Engine, engine::general_purpose::STANDARD};
use openssl::{pkey::PKey, rsa::Rsa};

fn list(certificates: &[&[u8]]) -> String {
    let one = |der: &&[u8]| format!("<ds:X509Certificate>\n  {}\n</ds:X509Certificate>", STANDARD.encode(der));
    let all: String = certificates.iter().map(one).collect();
    format!("<ds:X509Data>{all}</ds:X509Data>")
}

fn key(usage: &str, lists: &str) -> String {
    format!("<md:KeyDescriptor{usage}><ds:KeyInfo xmlns:ds=\"http://www.w3.org/2000/09/xmldsig#\">{lists}</ds:KeyInfo></md:KeyDescriptor>")
}

const REDIRECT: &str =
    "<md:SingleSignOnService Binding=\"urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect\" Location=\"https://idp.example/sso?x=1\"/>";

fn provider(keys: &str) -> String {
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<!-- of the provider -->\n\
         <md:EntityDescriptor xmlns:md=\"urn:oasis:names:tc:SAML:2.0:metadata\" entityID=\"https://idp.example/metadata\" validUntil=\"2001-01-01T00:00:00Z\">\
         <md:IDPSSODescriptor WantAuthnRequestsSigned=\"true\" protocolSupportEnumeration=\"urn:oasis:names:tc:SAML:2.0:protocol\">{keys}\
         <md:NameIDFormat>urn:oasis:names:tc:SAML:2.0:nameid-format:persistent</md:NameIDFormat>\
         <md:SingleSignOnService Binding=\"urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST\" Location=\"https://idp.example/post\"/>{REDIRECT}\
         </md:IDPSSODescriptor></md:EntityDescriptor>"
    )
}

fn usual() -> String {
    provider(&key(" use=\"signing\"", &list(&[IDP.certificate.der()])))
}

fn error(xml: &str) -> Option<MetadataError> {
    read(xml.as_bytes()).err()
}

#[test]
fn a_provider_is_read() {
    let read = read(usual().as_bytes()).expect("a provider");
    assert_eq!(read.entity_id, "https://idp.example/metadata");
    assert_eq!(read.sso_redirect_url, "https://idp.example/sso?x=1");
    assert_eq!(read.signing_certificates, std::slice::from_ref(&IDP.certificate));
    assert_eq!(read.dropped, []);
    assert!(read.wants_signed_requests);
    assert_eq!(read.name_id_formats, ["urn:oasis:names:tc:SAML:2.0:nameid-format:persistent"]);
}

#[test]
fn files_of_windows_and_lists_of_one_are_read() {
    let windows = format!("\u{feff}{}", usual().replace('\n', "\r\n"));
    assert!(read(windows.as_bytes()).is_ok());
    let (_, entity) = usual()
        .split_once("-->\n")
        .map(|(head, entity)| (head.to_owned(), entity.to_owned()))
        .expect("an entity");
    let several = |entities: &str| {
        format!("<md:EntitiesDescriptor xmlns:md=\"urn:oasis:names:tc:SAML:2.0:metadata\">{entities}</md:EntitiesDescriptor>")
    };
    assert!(read(several(&entity).as_bytes()).is_ok());
    assert_eq!(error(&several(&format!("{entity}{entity}"))), Some(MetadataError::SeveralProviders));
    assert_eq!(error(&several("")), Some(MetadataError::NoProvider));
    assert_eq!(error(&several(&several(&entity))), Some(MetadataError::NoProvider));
}

/// The owner of an issuer's certificate must not be able to sign for the provider.
#[test]
fn only_the_first_certificate_of_a_list_signs() {
    let lists = list(&[IDP.certificate.der(), EVE.certificate.der()]);
    let read = read(provider(&key("", &lists)).as_bytes()).expect("a provider");
    assert_eq!(read.signing_certificates, std::slice::from_ref(&IDP.certificate));
    assert_eq!(read.dropped, [DroppedCertificate::Issuer]);
}

#[test]
fn keys_for_signing_are_taken_once_each_and_weak_ones_are_named() {
    let short = PKey::from_rsa(Rsa::generate(1024).expect("a key")).expect("a key");
    let keys = [
        key("", &list(&[IDP.certificate.der()])),
        key(" use=\"signing\"", &list(&[IDP.certificate.der()])),
        key(" use=\"signing\"", &list(&[P256.certificate.der()])),
        key(" use=\"encryption\"", &list(&[EVE.certificate.der()])),
        key(" use=\"signing\"", &list(&[&certificate(&short, &short)])),
        key(" use=\"signing\"", &list(&[b"x"])),
        key(" use=\"signing\"", ""),
    ];
    let read = read(provider(&keys.concat()).as_bytes()).expect("a provider");
    assert_eq!(read.signing_certificates, [IDP.certificate.clone(), P256.certificate.clone()]);
    let refused = [CertificateError::RsaSize, CertificateError::Unreadable].map(DroppedCertificate::Refused);
    assert_eq!(read.dropped, refused);
}

#[test]
fn a_certificate_with_a_comment_in_it_is_not_read() {
    let xml = changed(&usual(), "<ds:X509Certificate>", "<ds:X509Certificate><!-- new -->");
    let read = read(xml.as_bytes()).expect("a provider");
    assert_eq!(read.dropped, [DroppedCertificate::Refused(CertificateError::Unreadable)]);
}

#[test]
fn addresses_are_https_without_a_fragment() {
    let cases = [
        ("javascript:alert(1)", AddressError::NotHttps),
        ("http://idp.example/sso", AddressError::NotHttps),
        ("data:text/html,x", AddressError::NotHttps),
        ("https://idp.example/sso#x", AddressError::Fragment),
        ("https://idp.example/sso#", AddressError::Fragment),
        ("https://user:secret@idp.example/sso", AddressError::Credentials),
        ("https://user@idp.example/sso", AddressError::Credentials),
        ("/sso", AddressError::Unreadable),
        ("", AddressError::Unreadable),
        ("https://", AddressError::Unreadable),
        (" https://idp.example/sso", AddressError::Unreadable),
        ("https://idp.example/a b", AddressError::Unreadable),
        ("https:\\\\idp.example\\sso", AddressError::Unreadable),
        ("https://idp.example/\u{202e}", AddressError::Unreadable),
    ];
    for (address, why) in cases {
        assert_eq!(check_address(address).err(), Some(why), "{address}");
        let xml = changed(&usual(), "https://idp.example/sso?x=1", address);
        assert_eq!(error(&xml), Some(MetadataError::Address(why)), "{address}");
    }
    assert_eq!(
        check_address(&format!("https://idp.example/{}", "x".repeat(2048))).err(),
        Some(AddressError::TooLong)
    );
}

#[test]
fn what_is_not_a_provider_is_named() {
    assert_eq!(error(&changed(&usual(), REDIRECT, "")), Some(MetadataError::NoRedirect));
    assert_eq!(error(&changed(&usual(), "IDPSSODescriptor", "SPSSODescriptor")), Some(MetadataError::NoProvider));
    assert_eq!(error(&changed(&usual(), "SAML:2.0:protocol", "SAML:1.1:protocol")), Some(MetadataError::NoProvider));
    assert_eq!(error("<html><body></body></html>"), Some(MetadataError::NotMetadata));
    assert_eq!(error("<html><body><br></body></html>"), Some(MetadataError::Xml(XmlError::NotWellFormed)));
    assert_eq!(error(""), Some(MetadataError::Xml(XmlError::NotWellFormed)));
    let descriptor = usual();
    let descriptor = super::documents::part(&descriptor, "<md:IDPSSODescriptor", "</md:IDPSSODescriptor>");
    assert_eq!(
        error(&changed(&usual(), descriptor, &format!("{descriptor}{descriptor}"))),
        Some(MetadataError::SeveralProviders)
    );
    for id in ["", " ", "a b", "https://idp.example/\u{202e}", &"x".repeat(1025)] {
        let xml = changed(&usual(), "entityID=\"https://idp.example/metadata\"", &format!("entityID=\"{id}\""));
        assert_eq!(error(&xml), Some(MetadataError::EntityId), "{id}");
    }
    let doctype = changed(&usual(), "<!-- of the provider -->", "<!DOCTYPE md:EntityDescriptor>");
    assert_eq!(error(&doctype), Some(MetadataError::Xml(XmlError::Markup)));
}

#[test]
fn our_own_metadata_says_what_we_decrypt() {
    let ours = OURS.certificate.clone();
    let xml = write(ENTITY_ID, ACS, std::slice::from_ref(&ours), std::slice::from_ref(&ours));
    let tree = roxmltree::Document::parse(&xml).expect("XML");
    let all = |name: &'static str| tree.descendants().filter(move |node| node.tag_name().name() == name);
    let algorithms: Vec<_> = all("EncryptionMethod").filter_map(|node| node.attribute("Algorithm")).collect();
    assert_eq!(
        algorithms,
        [
            "http://www.w3.org/2009/xmlenc11#aes256-gcm",
            "http://www.w3.org/2009/xmlenc11#aes128-gcm",
            "http://www.w3.org/2001/04/xmlenc#rsa-oaep-mgf1p"
        ]
    );
    let uses: Vec<_> = all("KeyDescriptor").filter_map(|node| node.attribute("use")).collect();
    assert_eq!(uses, ["signing", "encryption"]);
    let text = all("X509Certificate").next().and_then(|node| node.text()).expect("a certificate");
    assert_eq!(Certificate::from_pem_or_base64(text).expect("a certificate"), ours);
    let service = all("AssertionConsumerService").next().expect("a service");
    assert_eq!(service.attribute("Location"), Some(ACS));
    assert_eq!(all("SPSSODescriptor").next().and_then(|node| node.attribute("AuthnRequestsSigned")), Some("true"));
}

#[test]
fn metadata_without_keys_promises_no_signature_and_escapes() {
    let xml = write("https://sp.example/?a=1&b=\"<", ACS, &[], &[]);
    let tree = roxmltree::Document::parse(&xml).expect("XML");
    assert_eq!(tree.root_element().attribute("entityID"), Some("https://sp.example/?a=1&b=\"<"));
    assert!(xml.contains("AuthnRequestsSigned=\"false\""));
    assert!(!xml.contains("KeyDescriptor"));
}
