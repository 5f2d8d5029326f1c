//! What a provider says about a person, whatever the protocol.

use super::attempts::Kept;
use crate::kit::email::Email;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// A verified answer of a provider.
#[derive(Serialize, Deserialize, Clone, Debug, Default, PartialEq, Eq)]
pub struct ProviderAnswer {
    /// What the connection calls the person; never changes and is compared byte for byte.
    pub subject: String,
    /// The name alone, of which the subject is made: `sub` of OpenID Connect, the NameID of SAML.
    #[serde(default)]
    pub name_id: String,
    pub email: Option<String>,
    /// Whether the provider says that the person reads the mail of the address.
    pub is_email_verified: bool,
    pub first_name: String,
    pub last_name: String,
    pub name: String,
    /// Whether the provider took two steps.
    pub has_two_steps: bool,
    /// When the person proved at the provider who they are, in seconds since 1970.
    pub authenticated_at: Option<i64>,
    pub provider_session: Option<String>,
    /// When the session has to end, in microseconds since 1970.
    pub session_until: Option<i64>,
    /// The values of each claim that is a text or a list of texts. Those of a claim within another have both names, with a
    /// dot between them.
    #[serde(default)]
    pub values: BTreeMap<String, Vec<String>>,
    /// Claims that had too many values for the answer, so that the provider left them out (`_claim_names`, OpenID Connect
    /// Core 1.0, section 5.6.2; Entra ID does it with groups).
    #[serde(default)]
    pub left_out: Vec<String>,
    /// What the test shows: the claims, and how the answer was checked.
    pub claims: Vec<(String, String)>,
    pub checks: Vec<(String, String)>,
}

/// The arrival that waits for the owner of the account.
impl Kept for ProviderAnswer {
    const KIND: &'static str = "answer";
}

impl ProviderAnswer {
    /// The address, if it is one as it was sent. What people paste is mended when it is read; to a provider, an address
    /// with an invisible character is another person's.
    pub fn address(&self) -> Option<Email> {
        let sent = self.email.as_deref()?;
        Email::parse(sent).ok().filter(|address| address.is_spelled(sent))
    }
    /// The values of a claim, if it came.
    pub fn says(&self, claim: &str) -> Option<&[String]> {
        self.values.get(claim).map(Vec::as_slice)
    }
    /// What the person is called in a page.
    pub fn called(&self) -> &str {
        [&self.name, self.email.as_ref().unwrap_or(&self.subject)]
            .into_iter()
            .find(|text| !text.is_empty())
            .map_or("", String::as_str)
    }
    /// The claims of a JSON object as text, for the test.
    pub fn tell(object: &serde_json::Map<String, serde_json::Value>) -> Vec<(String, String)> {
        let text = |value: &serde_json::Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        object.iter().map(|(name, value)| (name.clone(), text(value))).collect()
    }
}

/// What the test of a connection brought: an answer, or why it was not accepted.
#[derive(Serialize, Deserialize, Clone, Debug)]
pub(super) struct Tested {
    pub answer: Option<ProviderAnswer>,
    pub refusal: Option<String>,
}

impl Kept for Tested {
    const KIND: &'static str = "test";
}

/// Why an answer of a provider was not accepted, in words for administrators. It holds no text of the answer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ProviderRefusal {
    #[error("The provider does not answer: {0}")]
    Unreachable(String),
    #[error("The provider's description (/.well-known/openid-configuration) cannot be read, or names another issuer.")]
    Discovery,
    #[error("The provider answered with the error “{0}”.")]
    Said(String),
    #[error("The answer is of another issuer.")]
    Issuer,
    #[error("The answer names no issuer, although the provider promises to (RFC 9207).")]
    NoIssuer,
    #[error("The answer holds no code.")]
    NoCode,
    #[error("The provider did not take the code. Is the client secret right?")]
    Exchange,
    #[error("The provider sent no ID token.")]
    NoIdToken,
    #[error("The ID token is not signed by a key of this provider with RS256, PS256, ES256 or stronger, or EdDSA.")]
    Signature,
    #[error("The ID token is for another client.")]
    Audience,
    #[error("The ID token has expired or is not valid yet. Are the clocks of both machines right?")]
    Time,
    #[error("The ID token belongs to another sign-in.")]
    Nonce,
    #[error("The ID token names no subject of 1 to 255 ASCII characters.")]
    Subject,
    #[error("The ID token is not valid.")]
    Token,
    #[error("What the provider says about the person is about somebody else.")]
    OtherPerson,
    #[error("The person is of another Google Workspace, or of none.")]
    HostedDomain,
    #[error("The person is no active member of {0} at GitHub.")]
    NoMember(String),
    #[error("GitHub does not tell who is a member of {0}: the organization must approve this application.")]
    NotApproved(String),
    #[error("The person did not sign in anew, although they were asked to.")]
    NotAnew,
    /// What `saml` says of a response; it holds no text of the sender.
    #[error("{0}")]
    Saml(String),
    #[error("This assertion was used already.")]
    Replayed,
    #[error("The entity ID, the sign-in address or a certificate of the provider is missing.")]
    NoProvider,
    #[error("The sign-in address of the provider cannot be used: {0}")]
    SignInAddress(String),
    #[error(
        "The NameID is of a format that can change or be given to somebody else. Let the provider send a persistent one, name the attribute that identifies people, or tick that this provider never changes a NameID."
    )]
    ChangingNameId,
    #[error(
        "The NameID is transient: it is another one at every sign-in. Let the provider send a persistent one, or name the attribute that identifies people."
    )]
    TransientNameId,
    #[error("The attribute that identifies people is missing, or has not exactly one value of 1 to 512 octets.")]
    SubjectAttribute,
    #[error("The NameID with its qualifiers is longer than Roster keeps.")]
    LongNameId,
}
