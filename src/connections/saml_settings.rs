//! What a connection with SAML 2.0 needs beside the certificates of its provider.

use serde::{Deserialize, Serialize};

/// Classes of the authentication context that stand for two steps, unless the form says something else.
pub const TWO_STEP_CONTEXTS: [&str; 4] = [
    "https://refeds.org/profile/mfa",
    "http://schemas.microsoft.com/claims/multipleauthn",
    "urn:oasis:names:tc:SAML:2.0:ac:classes:MobileTwoFactorContract",
    "urn:oasis:names:tc:SAML:2.0:ac:classes:MobileTwoFactorUnregistered",
];

/// The provider, and how its answers are read.
#[derive(Serialize, Deserialize, Clone, Debug, Default, PartialEq, Eq)]
#[serde(default)]
pub struct SamlSettings {
    /// The entity ID of the provider.
    pub entity_id: String,
    /// Where the provider takes requests by HTTP-Redirect.
    pub sso_url: String,
    /// Whether a signature on the assertion alone is not enough.
    pub response_must_be_signed: bool,
    /// Whether the provider may begin a sign-in.
    pub allows_unsolicited: bool,
    /// Whether a NameID of any format but `transient` is the person. Persistent ones always are.
    pub has_fixed_name_ids: bool,
    /// The attribute that is the person in place of the NameID, if there is one.
    pub subject_attribute: String,
    /// Names of attributes; where one is empty, the usual names are looked for.
    pub email_attribute: String,
    pub first_name_attribute: String,
    pub last_name_attribute: String,
    pub name_attribute: String,
    /// Classes of the authentication context that stand for two steps.
    pub two_step_contexts: Vec<String>,
}

impl SamlSettings {
    /// Whether it is known who the provider is and where people go.
    pub fn names_provider(&self) -> bool {
        !self.entity_id.is_empty() && !self.sso_url.is_empty()
    }
}
