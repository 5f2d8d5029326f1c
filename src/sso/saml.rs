//! SAML 2.0: the request that leads to the provider, and what its response has to be like. Verification itself is in
//! `crate::saml`.

use super::{answer::ProviderRefusal, attempts::Attempt};
use crate::{
    connections::{PrivateKeys, SamlSettings},
    kit::Timestamp,
    saml::{
        self, Assertion, Certificate, Expectation, Refusal,
        request::{AuthnRequest, RequestError, redirect},
    },
};

/// A connection as its provider knows it.
#[derive(Clone, Copy)]
pub(super) struct ServiceProvider<'a> {
    pub settings: &'a SamlSettings,
    pub certificates: &'a [Certificate],
    pub keys: &'a PrivateKeys,
    pub entity_id: &'a str,
    pub acs_url: &'a str,
    pub now: Timestamp,
}

impl ServiceProvider<'_> {
    /// The address at the provider that the browser opens for this attempt.
    ///
    /// # Errors
    /// A [`ProviderRefusal`].
    pub fn ask(&self, state: &str, attempt: &Attempt) -> Result<String, ProviderRefusal> {
        if !self.settings.names_provider() || self.certificates.is_empty() {
            return Err(ProviderRefusal::NoProvider);
        }
        let id = attempt.request_id();
        let request = AuthnRequest {
            id: &id,
            issuer: self.entity_id,
            destination: &self.settings.sso_url,
            acs_url: self.acs_url,
            instant: self.now.utc(),
            force_authn: attempt.is_anew(),
            relay_state: state,
            signing_key: self.keys.signing.as_ref(),
        };
        redirect(&request)
            .map(Into::into)
            .map_err(|why: RequestError| ProviderRefusal::SignInAddress(why.to_string()))
    }

    /// Verifies a response. What it has to answer comes from the attempt, never from the response; without one it counts
    /// only where the connection lets the provider begin.
    ///
    /// # Errors
    /// A [`Refusal`].
    pub fn verify(&self, attempt: Option<&Attempt>, response: &str) -> Result<Assertion, Refusal> {
        let request = attempt.map(Attempt::request_id);
        let expected = Expectation {
            provider_entity_id: &self.settings.entity_id,
            certificates: self.certificates,
            entity_id: self.entity_id,
            acs_url: self.acs_url,
            in_response_to: request.as_deref(),
            allows_unsolicited: self.settings.allows_unsolicited,
            response_must_be_signed: self.settings.response_must_be_signed,
            decryption_keys: &self.keys.decryption,
            now: self.now.utc(),
        };
        saml::verify(response, &expected)
    }
}
