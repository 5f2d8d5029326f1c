//! What the provider says about a person when it is asked (OpenID Connect Core 1.0, section 5.3), where the ID token lacks
//! an address or a claim that a mapping needs.

use super::{
    answer::{ProviderAnswer, ProviderRefusal},
    oidc::{ALGORITHMS, Client, LEEWAY, RelyingParty, call},
};
use openidconnect::{
    HttpRequest, Nonce, OAuth2TokenResponse,
    core::{CoreIdToken, CoreTokenResponse, CoreUserInfoClaims},
};
use serde_json::{Map, Value};
use std::cell::RefCell;

impl RelyingParty<'_> {
    /// Adds what the ID token does not say. The provider's answer must be about the same person.
    ///
    /// # Errors
    /// A [`ProviderRefusal`].
    pub(super) fn add_user_info(
        &self,
        client: &Client,
        (tokens, id_token): (&CoreTokenResponse, &CoreIdToken),
        nonce: &str,
        answer: &mut ProviderAnswer,
    ) -> Result<(), ProviderRefusal> {
        let now = self.now.utc();
        let verifier = client.id_token_verifier().set_allowed_algs(ALGORITHMS).set_time_fn(move || now - LEEWAY);
        let claims = id_token.claims(&verifier, &Nonce::new(nonce.to_owned())).map_err(|_| ProviderRefusal::Token)?;
        let Ok(request) = client.user_info(tokens.access_token().clone(), Some(claims.subject().clone())) else {
            // The provider has no such address.
            return Ok(());
        };
        let body = RefCell::new(Vec::new());
        let http = |request: HttpRequest| call(self.outbound, request).inspect(|answer| body.borrow_mut().clone_from(answer.body()));
        let info: CoreUserInfoClaims = request.request(&http).map_err(|why| match why {
            openidconnect::UserInfoError::Request(failure) => ProviderRefusal::Unreachable(failure.to_string()),
            _ => ProviderRefusal::OtherPerson,
        })?;
        if let Some(said) = sent(&body.borrow(), &info) {
            merge(answer, self.read(&said)?);
        }
        Ok(())
    }
}

/// The claims as they were sent. The library knows only some of them, and takes the text "true" for the truth. In an answer
/// that is a JWT they are what the library read, which verifies no address.
fn sent(body: &[u8], info: &CoreUserInfoClaims) -> Option<Map<String, Value>> {
    if let Ok(sent) = serde_json::from_slice(body) {
        return Some(sent);
    }
    let mut read = serde_json::to_value(info).ok()?.as_object().cloned()?;
    read.remove("email_verified");
    Some(read)
}

fn merge(answer: &mut ProviderAnswer, more: ProviderAnswer) {
    let first = |one: &mut String, other: String| {
        if one.is_empty() {
            *one = other;
        }
    };
    if answer.email.is_none() {
        answer.email = more.email;
        answer.is_email_verified = more.is_email_verified;
    }
    first(&mut answer.first_name, more.first_name);
    first(&mut answer.last_name, more.last_name);
    first(&mut answer.name, more.name);
    for (name, values) in more.values {
        answer.values.entry(name).or_insert(values);
    }
    let added = more.claims.into_iter().filter(|(name, _)| !answer.claims.iter().any(|(known, _)| known == name));
    answer.claims.extend(added.collect::<Vec<_>>());
}
