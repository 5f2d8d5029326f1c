//! Why a response proves nothing, each with a sentence for the administrator of the connection.
//!
//! No sentence contains text of the sender: a refused response can come from anybody.

use super::{encryption::EncryptionError, scan::XmlError, signature::SignatureError};
use serde::Serialize;

/// Why a response is refused.
#[derive(Debug, thiserror::Error, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Refusal {
    #[error("The response is not encoded in Base64.")]
    Base64,
    #[error("{0}")]
    Xml(#[from] XmlError),
    #[error("The document is not a response of SAML 2.0.")]
    NotAResponse,
    #[error("The response contains another response.")]
    NestedResponse,
    #[error("Two elements of the response have the same ID.")]
    DuplicateId,
    #[error("A signature stands where none belongs. Only the response and the assertion can be signed.")]
    MisplacedSignature,
    #[error("The response contains no assertion.")]
    NoAssertion,
    #[error("The response contains more than one assertion.")]
    SeveralAssertions,
    #[error("An assertion stands where none belongs.")]
    MisplacedAssertion,
    #[error("{0}")]
    Signature(#[from] SignatureError),
    #[error("Neither the response nor the assertion is signed. Let the provider sign the assertion.")]
    NotSigned,
    #[error("This connection requires a signed response, but only the assertion is signed. Let the provider sign both.")]
    ResponseNotSigned,
    #[error("{0}")]
    Encryption(#[from] EncryptionError),
    #[error("{0}")]
    Status(#[from] StatusCode),
    #[error("The provider sent a version of SAML other than 2.0.")]
    Version,
    #[error("The response is for another address. Enter this connection's assertion consumer service URL at the provider.")]
    Destination,
    #[error("The response or its assertion comes from another provider: its issuer is not this connection's entity ID.")]
    Issuer,
    #[error("The response does not answer the sign-in that began in this browser.")]
    InResponseTo,
    #[error("The provider started this sign-in by itself. This connection accepts only sign-ins that begin at Roster.")]
    Unsolicited,
    #[error("The assertion is for another application. Enter this connection's entity ID as the audience at the provider.")]
    Audience,
    #[error("The assertion has a condition that Roster does not know.")]
    UnknownCondition,
    #[error("The assertion is for another recipient. Enter this connection's assertion consumer service URL at the provider.")]
    Recipient,
    #[error("The assertion has no bearer confirmation, which a sign-in in the browser needs.")]
    NoBearer,
    #[error("The bearer confirmation has a NotBefore, which SAML forbids.")]
    ConfirmationNotBefore,
    #[error("The assertion names the person by an encrypted ID or a base ID. Let the provider send a plain NameID.")]
    NameIdKind,
    #[error("The NameID is empty, too long, or has blanks around it or invisible characters in it.")]
    NameIdText,
    #[error("An attribute has a value that is not text, such as a NameID. Let the provider send text, or not send the attribute.")]
    AttributeNotText,
    #[error("The assertion lacks {0}.")]
    Missing(&'static str),
    #[error("The response contains {0} more than once.")]
    Repeated(&'static str),
    #[error("The response contains {0} in a form that Roster does not read.")]
    Malformed(&'static str),
    #[error("{0} has passed. Is the provider's clock right?")]
    Expired(&'static str),
    #[error("{0} is in the future. Is the provider's clock right?")]
    InFuture(&'static str),
    #[error("{0} is more than a day ahead. Let the provider issue assertions for some minutes.")]
    TooLong(&'static str),
}

/// What a provider answers instead of an assertion (SAML Core section 3.2.2.2). The more specific code counts.
///
/// It is not signed in general, so it is good for a page and nothing else.
#[derive(Debug, thiserror::Error, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum StatusCode {
    #[error("The provider could not sign the person in.")]
    AuthnFailed,
    #[error("The provider does not know the person.")]
    UnknownPrincipal,
    #[error("The provider refused the request. Is the person allowed to use this application there?")]
    RequestDenied,
    #[error("The provider cannot sign the person in in the way that was asked for.")]
    NoAuthnContext,
    #[error("The provider cannot send a NameID in the format that was asked for.")]
    InvalidNameIdPolicy,
    #[error("The provider cannot sign the person in without asking them.")]
    NoPassive,
    #[error("The provider does not support the request.")]
    RequestUnsupported,
    #[error("The provider expects another version of SAML.")]
    VersionMismatch,
    #[error("The provider says that Roster's request was wrong. Its log may say why.")]
    Requester,
    #[error("The provider says that it failed. Its log may say why.")]
    Responder,
    #[error("The provider answered with a status that is not success.")]
    Other,
}

impl StatusCode {
    /// The known code of this name, the part after `urn:oasis:names:tc:SAML:2.0:status:`.
    pub(super) fn from_name(name: &str) -> Self {
        match name {
            "AuthnFailed" => Self::AuthnFailed,
            "UnknownPrincipal" => Self::UnknownPrincipal,
            "RequestDenied" => Self::RequestDenied,
            "NoAuthnContext" => Self::NoAuthnContext,
            "InvalidNameIDPolicy" => Self::InvalidNameIdPolicy,
            "NoPassive" => Self::NoPassive,
            "RequestUnsupported" => Self::RequestUnsupported,
            "VersionMismatch" => Self::VersionMismatch,
            "Requester" => Self::Requester,
            "Responder" => Self::Responder,
            _ => Self::Other,
        }
    }
}
