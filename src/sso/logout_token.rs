//! Logout tokens (OpenID Connect Back-Channel Logout 1.0, section 2.4): signed like ID tokens, and checked so that
//! neither can be taken for the other.

use super::{
    answer::ProviderRefusal,
    oidc::{ALGORITHMS, LEEWAY, Metadata, OLDEST},
};
use crate::kit::Timestamp;
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use openidconnect::{JsonWebKey, core::CoreJwsSigningAlgorithm};
use serde::Deserialize;
use serde_json::{Map, Value};

/// The event that makes a token a logout token.
const EVENT: &str = "http://schemas.openid.net/event/backchannel-logout";

/// A verified logout token: whom it is about, by subject or by session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct LogoutToken {
    /// `jti`: the token counts once.
    pub id: String,
    /// As identities store it.
    pub subject: Option<String>,
    pub session: Option<String>,
}

#[derive(Deserialize)]
struct Head {
    alg: CoreJwsSigningAlgorithm,
    kid: Option<String>,
    typ: Option<String>,
    crit: Option<Value>,
}

#[derive(Deserialize)]
struct Claims {
    iss: String,
    aud: Value,
    iat: i64,
    exp: Option<i64>,
    jti: String,
    events: Map<String, Value>,
    nonce: Option<Value>,
    sub: Option<String>,
    sid: Option<String>,
}

/// Verifies a logout token for this client.
///
/// # Errors
/// A [`ProviderRefusal`].
pub(super) fn read_logout_token(metadata: &Metadata, client_id: &str, text: &str, now: Timestamp) -> Result<LogoutToken, ProviderRefusal> {
    let mut parts = text.split('.');
    let (Some(head), Some(body), Some(signature), None) = (parts.next(), parts.next(), parts.next(), parts.next()) else {
        return Err(ProviderRefusal::Token);
    };
    let decoded = |part: &str| URL_SAFE_NO_PAD.decode(part).map_err(|_| ProviderRefusal::Token);
    let (head, claims): (Head, Claims) = (json(&decoded(head)?)?, json(&decoded(body)?)?);
    let message = &text[..text.len() - signature.len() - 1];
    check_signature(metadata, &head, message, &decoded(signature)?)?;
    check_claims(metadata, client_id, &claims, now)?;
    let subject = claims.sub.filter(|sub| !sub.is_empty()).map(|sub| format!("{} {sub}", claims.iss));
    let session = claims.sid.filter(|sid| !sid.is_empty());
    if subject.is_none() && session.is_none() {
        return Err(ProviderRefusal::Subject);
    }
    Ok(LogoutToken { id: claims.jti, subject, session })
}

fn json<T: serde::de::DeserializeOwned>(bytes: &[u8]) -> Result<T, ProviderRefusal> {
    serde_json::from_slice(bytes).map_err(|_| ProviderRefusal::Token)
}

fn check_signature(metadata: &Metadata, head: &Head, message: &str, signature: &[u8]) -> Result<(), ProviderRefusal> {
    let is_logout = head
        .typ
        .as_deref()
        .is_none_or(|typ| matches!(typ.to_ascii_lowercase().as_str(), "logout+jwt" | "jwt"));
    if !ALGORITHMS.contains(&head.alg) || head.crit.is_some() || !is_logout {
        return Err(ProviderRefusal::Signature);
    }
    let keys = metadata.jwks().keys().iter();
    let mut named = keys.filter(|key| match &head.kid {
        Some(kid) => key.key_id().is_some_and(|id| id.as_str() == kid),
        None => true,
    });
    let is_signed = named.any(|key| key.verify_signature(&head.alg, message.as_bytes(), signature).is_ok());
    if is_signed { Ok(()) } else { Err(ProviderRefusal::Signature) }
}

fn check_claims(metadata: &Metadata, client_id: &str, claims: &Claims, now: Timestamp) -> Result<(), ProviderRefusal> {
    let seconds = now.utc().timestamp();
    let is_ours = match &claims.aud {
        Value::String(audience) => audience == client_id,
        Value::Array(all) => all.iter().any(|audience| audience.as_str() == Some(client_id)),
        _ => false,
    };
    let is_new = (seconds - claims.iat).abs() <= OLDEST.num_seconds();
    let has_ended = claims.exp.is_some_and(|exp| exp < seconds - LEEWAY.num_seconds());
    match () {
        () if claims.iss != metadata.issuer().as_str() => Err(ProviderRefusal::Issuer),
        () if !is_ours => Err(ProviderRefusal::Audience),
        () if !is_new || has_ended => Err(ProviderRefusal::Time),
        // An ID token has a nonce, and is no logout token.
        () if claims.nonce.is_some() => Err(ProviderRefusal::Nonce),
        () if !claims.events.contains_key(EVENT) || claims.jti.is_empty() => Err(ProviderRefusal::Token),
        () => Ok(()),
    }
}
