//! Writes the metadata of a connection, which the administrator gives to the provider.

use crate::saml::{
    Certificate,
    names::{AES128_GCM, AES256_GCM, HTTP_POST, METADATA, PROTOCOL, RSA_OAEP_MGF1P, XMLDSIG},
    xml::escaped,
};
use base64::{Engine, engine::general_purpose::STANDARD};

/// The metadata of a service provider. Requests are signed if there is a certificate for it; assertions can be encrypted
/// to the first of the others. While a key is replaced, both lists hold two.
pub fn write(entity_id: &str, acs_url: &str, signing: &[Certificate], encryption: &[Certificate]) -> String {
    let signing_keys: String = signing.iter().map(|certificate| key("signing", certificate, "")).collect();
    let encryption_keys: String = encryption.iter().map(|certificate| key("encryption", certificate, &methods())).collect();
    format!(
        concat!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n",
            "<md:EntityDescriptor xmlns:md=\"{metadata}\" entityID=\"{entity_id}\">",
            "<md:SPSSODescriptor AuthnRequestsSigned=\"{is_signed}\" WantAssertionsSigned=\"true\"",
            " protocolSupportEnumeration=\"{protocol}\">",
            "{signing_keys}{encryption_keys}",
            "<md:AssertionConsumerService Binding=\"{binding}\" Location=\"{acs_url}\" index=\"0\" isDefault=\"true\"/>",
            "</md:SPSSODescriptor></md:EntityDescriptor>\n",
        ),
        metadata = METADATA,
        entity_id = escaped(entity_id),
        is_signed = !signing.is_empty(),
        protocol = PROTOCOL,
        signing_keys = signing_keys,
        encryption_keys = encryption_keys,
        binding = HTTP_POST,
        acs_url = escaped(acs_url),
    )
}

fn key(usage: &str, certificate: &Certificate, methods: &str) -> String {
    let base64 = STANDARD.encode(certificate.der());
    format!(
        concat!(
            "<md:KeyDescriptor use=\"{}\"><ds:KeyInfo xmlns:ds=\"{}\"><ds:X509Data><ds:X509Certificate>{}",
            "</ds:X509Certificate></ds:X509Data></ds:KeyInfo>{}</md:KeyDescriptor>",
        ),
        usage, XMLDSIG, base64, methods
    )
}

/// The algorithms that we decrypt without a signature around them, so that providers do not choose CBC.
fn methods() -> String {
    let method = |algorithm: &str| format!("<md:EncryptionMethod Algorithm=\"{algorithm}\"/>");
    [AES256_GCM, AES128_GCM, RSA_OAEP_MGF1P].map(method).concat()
}
