//! OpenID Connect (Core 1.0): authorization code flow with PKCE, state, nonce and issuer, over `outbound`. Keys are those
//! that the issuer's discovery document names; algorithms are allowed by name, never HMAC.
//!
//! What the library leaves to its caller is checked here: `azp`, `nbf`, an empty `sub`, the issuer of the answer
//! (RFC 9207), a leeway for clocks, and that only JSON `true` proves an address.

use super::{
    answer::{ProviderAnswer, ProviderRefusal},
    id_token::{checks, left_out, payload, took_two_steps, values},
};
use crate::{
    connections::ClaimMapping,
    kit::{Timestamp, secret::SecretString},
    outbound::{Failure, Outbound},
};
use chrono::{DateTime, TimeDelta, Utc};
use openidconnect::{
    AdditionalProviderMetadata, AuthenticationFlow, AuthorizationCode, ClaimsVerificationError, ClientId, ClientSecret, CsrfToken,
    EndpointMaybeSet, EndpointNotSet, EndpointSet, HttpRequest, HttpResponse, IssuerUrl, Nonce, PkceCodeChallenge, PkceCodeVerifier,
    ProviderMetadata, RedirectUrl, Scope, SignatureVerificationError, TokenResponse,
    core::{
        CoreAuthDisplay, CoreAuthPrompt, CoreClaimName, CoreClaimType, CoreClient, CoreClientAuthMethod, CoreGrantType, CoreIdToken,
        CoreJsonWebKey, CoreJweContentEncryptionAlgorithm, CoreJweKeyManagementAlgorithm, CoreJwsSigningAlgorithm, CoreResponseMode,
        CoreResponseType, CoreSubjectIdentifierType, CoreTokenResponse,
    },
};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::sync::Arc;

/// The longest document of a provider.
pub(super) const LONGEST: u64 = 1024 * 1024;
/// The longest name of a session at the provider.
const LONGEST_SESSION: usize = 1024;
/// How far the clocks of two machines may be apart.
pub(super) const LEEWAY: TimeDelta = TimeDelta::seconds(60);
/// How old an ID token or a logout token may be.
pub(super) const OLDEST: TimeDelta = TimeDelta::minutes(10);

pub(super) const ALGORITHMS: [CoreJwsSigningAlgorithm; 9] = [
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha256,
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha384,
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha512,
    CoreJwsSigningAlgorithm::RsaSsaPssSha256,
    CoreJwsSigningAlgorithm::RsaSsaPssSha384,
    CoreJwsSigningAlgorithm::RsaSsaPssSha512,
    CoreJwsSigningAlgorithm::EcdsaP256Sha256,
    CoreJwsSigningAlgorithm::EcdsaP384Sha384,
    CoreJwsSigningAlgorithm::EdDsa,
];

/// What a discovery document says beyond the library's fields.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Beyond {
    /// RFC 9207: answers name the issuer.
    #[serde(default)]
    authorization_response_iss_parameter_supported: bool,
    /// OpenID Connect RP-Initiated Logout 1.0.
    #[serde(default)]
    end_session_endpoint: Option<String>,
}
impl AdditionalProviderMetadata for Beyond {}

/// A discovery document with the keys that it names.
pub(super) type Metadata = ProviderMetadata<
    Beyond,
    CoreAuthDisplay,
    CoreClientAuthMethod,
    CoreClaimName,
    CoreClaimType,
    CoreGrantType,
    CoreJweContentEncryptionAlgorithm,
    CoreJweKeyManagementAlgorithm,
    CoreJsonWebKey,
    CoreResponseMode,
    CoreResponseType,
    CoreSubjectIdentifierType,
>;

pub(super) type Client = CoreClient<EndpointSet, EndpointNotSet, EndpointNotSet, EndpointNotSet, EndpointMaybeSet, EndpointMaybeSet>;

/// Where `openid-configuration` says that people sign out.
pub(super) fn end_session(metadata: &Metadata) -> Option<&str> {
    metadata.additional_metadata().end_session_endpoint.as_deref()
}

/// A client of one issuer.
pub(super) struct RelyingParty<'a> {
    pub outbound: &'a Outbound,
    pub metadata: &'a Metadata,
    pub client_id: &'a str,
    pub secret: &'a SecretString,
    pub callback: &'a str,
    /// Values of `acr` that stand for two steps.
    pub two_step_acrs: &'a [String],
    /// Their claims are asked for where the ID token has none.
    pub mappings: &'a [ClaimMapping],
    pub now: Timestamp,
}

/// Sends a request of the library through `outbound`. A redirect is no answer.
pub(super) fn call(outbound: &Outbound, request: HttpRequest) -> Result<HttpResponse, Failure> {
    outbound.call(request)?.whole(LONGEST)
}

/// Fetches the discovery document of an issuer, and its keys.
///
/// # Errors
/// A [`ProviderRefusal`].
pub(super) fn discover(outbound: &Outbound, issuer: &str) -> Result<Metadata, ProviderRefusal> {
    let issuer = IssuerUrl::new(issuer.to_owned()).map_err(|_| ProviderRefusal::Discovery)?;
    let http = |request: HttpRequest| call(outbound, request);
    Metadata::discover(&issuer, &http).map_err(|why| match why {
        openidconnect::DiscoveryError::Request(failure) => ProviderRefusal::Unreachable(failure.to_string()),
        _ => ProviderRefusal::Discovery,
    })
}

/// What a sign-in asks of the provider.
pub(super) struct Question<'a> {
    pub state: &'a str,
    pub nonce: &'a str,
    pub verifier: &'a str,
    pub scopes: &'a [String],
    pub login_hint: &'a str,
    /// The person has to sign in anew (`prompt=login`, `max_age=0`).
    pub is_anew: bool,
}

/// What came back to the callback.
pub(super) struct Returned<'a> {
    pub code: Option<&'a str>,
    pub issuer: Option<&'a str>,
    pub error: Option<&'a str>,
}

impl RelyingParty<'_> {
    fn client(&self) -> Result<Client, ProviderRefusal> {
        let id = ClientId::new(self.client_id.to_owned());
        let secret = ClientSecret::new(self.secret.expose().to_owned());
        let callback = RedirectUrl::new(self.callback.to_owned()).map_err(|_| ProviderRefusal::Discovery)?;
        let client = CoreClient::from_provider_metadata(self.metadata.clone(), id, Some(secret)).set_redirect_uri(callback);
        let known = self.metadata.token_endpoint_auth_methods_supported();
        let by_body = known.is_some_and(|known| {
            !known.contains(&CoreClientAuthMethod::ClientSecretBasic) && known.contains(&CoreClientAuthMethod::ClientSecretPost)
        });
        Ok(if by_body {
            client.set_auth_type(openidconnect::AuthType::RequestBody)
        } else {
            client
        })
    }

    /// The address at the provider that the browser opens.
    ///
    /// # Errors
    /// A [`ProviderRefusal`].
    pub fn ask(&self, question: &Question<'_>) -> Result<String, ProviderRefusal> {
        let client = self.client()?;
        let (state, nonce) = (CsrfToken::new(question.state.to_owned()), Nonce::new(question.nonce.to_owned()));
        let verifier = PkceCodeVerifier::new(question.verifier.to_owned());
        let mut request = client
            .authorize_url(AuthenticationFlow::<CoreResponseType>::AuthorizationCode, || state, || nonce)
            .set_pkce_challenge(PkceCodeChallenge::from_code_verifier_sha256(&verifier))
            .add_scopes(question.scopes.iter().cloned().map(Scope::new));
        if !question.login_hint.is_empty() {
            request = request.add_extra_param("login_hint", question.login_hint.to_owned());
        }
        if question.is_anew {
            request = request.add_prompt(CoreAuthPrompt::Login).set_max_age(std::time::Duration::ZERO);
        }
        // An `http` address is one of an allowed network. Browsers do other things with other schemes.
        let url = request.url().0;
        if matches!(url.scheme(), "https" | "http") {
            Ok(url.to_string())
        } else {
            Err(ProviderRefusal::Discovery)
        }
    }

    /// Exchanges the code and verifies what comes. `renew` fetches the keys again, for a token that is signed by a key
    /// that the provider has had for less time than the keys were kept.
    ///
    /// # Errors
    /// A [`ProviderRefusal`].
    pub fn accept(
        &self,
        returned: &Returned<'_>,
        (nonce, verifier): (&str, &str),
        renew: impl FnOnce() -> Result<Arc<Metadata>, ProviderRefusal>,
    ) -> Result<ProviderAnswer, ProviderRefusal> {
        self.check_issuer(returned)?;
        let code = returned.code.ok_or(ProviderRefusal::NoCode)?;
        let tokens = self.exchange(&self.client()?, code, verifier)?;
        let id_token = tokens.id_token().ok_or(ProviderRefusal::NoIdToken)?;
        if self.has_unknown_key(id_token) {
            let metadata = renew()?;
            return RelyingParty { metadata: &metadata, ..*self }.judge(&tokens, id_token, nonce);
        }
        self.judge(&tokens, id_token, nonce)
    }

    fn judge(&self, tokens: &CoreTokenResponse, id_token: &CoreIdToken, nonce: &str) -> Result<ProviderAnswer, ProviderRefusal> {
        let client = self.client()?;
        self.verify(&client, id_token, nonce)?;
        let mut answer = self.read(&payload(id_token)?)?;
        let is_missing = |mapping: &ClaimMapping| answer.says(&mapping.claim).is_none() && !answer.left_out.contains(&mapping.claim);
        if answer.email.is_none() {
            self.add_user_info(&client, (tokens, id_token), nonce, &mut answer)?;
        } else if self.mappings.iter().any(is_missing) {
            // Without it the sign-in goes on: the page of the connection says that the claim is missing.
            let _ = self.add_user_info(&client, (tokens, id_token), nonce, &mut answer);
        }
        answer.checks = checks(id_token, self.now);
        Ok(answer)
    }

    /// The answer must be of the issuer that was asked (mix-up attack; RFC 9207).
    fn check_issuer(&self, returned: &Returned<'_>) -> Result<(), ProviderRefusal> {
        match returned.issuer {
            Some(issuer) if issuer != self.metadata.issuer().as_str() => return Err(ProviderRefusal::Issuer),
            None if self.metadata.additional_metadata().authorization_response_iss_parameter_supported => {
                return Err(ProviderRefusal::NoIssuer);
            }
            _ => {}
        }
        returned.error.map_or(Ok(()), |error| Err(said(error)))
    }

    fn exchange(&self, client: &Client, code: &str, verifier: &str) -> Result<CoreTokenResponse, ProviderRefusal> {
        let http = |request: HttpRequest| call(self.outbound, request);
        let request = client
            .exchange_code(AuthorizationCode::new(code.to_owned()))
            .map_err(|_| ProviderRefusal::Discovery)?
            .set_pkce_verifier(PkceCodeVerifier::new(verifier.to_owned()));
        request.request(&http).map_err(|why| match why {
            openidconnect::RequestTokenError::Request(failure) => ProviderRefusal::Unreachable(failure.to_string()),
            _ => ProviderRefusal::Exchange,
        })
    }

    fn verify(&self, client: &Client, token: &CoreIdToken, nonce: &str) -> Result<(), ProviderRefusal> {
        let now = self.now.utc();
        let verifier = client
            .id_token_verifier()
            .set_allowed_algs(ALGORITHMS)
            .set_time_fn(move || now - LEEWAY)
            .set_issue_time_verifier_fn(move |issued: DateTime<Utc>| {
                if (now - issued).abs() <= OLDEST {
                    Ok(())
                } else {
                    Err("issued at another time".into())
                }
            });
        let verified = token.claims(&verifier, &Nonce::new(nonce.to_owned()));
        verified.map(|_| ()).map_err(|why| match why {
            ClaimsVerificationError::SignatureVerification(_) | ClaimsVerificationError::Unsupported(_) => ProviderRefusal::Signature,
            ClaimsVerificationError::InvalidAudience(_) => ProviderRefusal::Audience,
            ClaimsVerificationError::Expired(_) => ProviderRefusal::Time,
            ClaimsVerificationError::InvalidIssuer(_) => ProviderRefusal::Issuer,
            ClaimsVerificationError::InvalidNonce(_) => ProviderRefusal::Nonce,
            ClaimsVerificationError::InvalidSubject(_) => ProviderRefusal::Subject,
            _ => ProviderRefusal::Token,
        })
    }

    /// Whether the token is signed by a key that the cached document does not know: the provider may have a new one.
    fn has_unknown_key(&self, token: &CoreIdToken) -> bool {
        let Ok(client) = self.client() else { return false };
        let verifier = client.id_token_verifier().set_allowed_algs(ALGORITHMS);
        let outcome = token.claims(&verifier, &Nonce::new(String::new()));
        matches!(
            outcome,
            Err(ClaimsVerificationError::SignatureVerification(SignatureVerificationError::NoMatchingKey))
        )
    }

    /// Reads a verified payload.
    pub fn read(&self, claims: &Map<String, Value>) -> Result<ProviderAnswer, ProviderRefusal> {
        let text = |name: &str| claims.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
        let subject = text("sub");
        if subject.is_empty() || subject.len() > 255 || !subject.is_ascii() {
            return Err(ProviderRefusal::Subject);
        }
        if claims.get("azp").is_some_and(|azp| azp.as_str() != Some(self.client_id)) {
            return Err(ProviderRefusal::Audience);
        }
        let not_before = claims.get("nbf").map(|nbf| nbf.as_i64().unwrap_or(i64::MAX));
        if not_before.is_some_and(|at| at > (self.now.utc() + LEEWAY).timestamp()) {
            return Err(ProviderRefusal::Time);
        }
        Ok(ProviderAnswer {
            name_id: subject.clone(),
            // An issuer holds no space.
            subject: format!("{} {subject}", self.metadata.issuer().as_str()),
            email: Some(text("email")).filter(|email| !email.is_empty()),
            is_email_verified: claims.get("email_verified") == Some(&Value::Bool(true)),
            first_name: text("given_name"),
            last_name: text("family_name"),
            name: text("name"),
            has_two_steps: took_two_steps(claims, self.two_step_acrs),
            authenticated_at: claims.get("auth_time").and_then(Value::as_i64),
            provider_session: Some(text("sid")).filter(|sid| (1..=LONGEST_SESSION).contains(&sid.len())),
            session_until: None,
            values: values(claims),
            left_out: left_out(claims),
            claims: ProviderAnswer::tell(claims),
            checks: vec![],
        })
    }
}

/// The provider's error code, without anything that could be markup.
pub(super) fn said(error: &str) -> ProviderRefusal {
    let is_plain = |c: &char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.');
    ProviderRefusal::Said(error.chars().filter(is_plain).take(64).collect())
}
