//! Sealed state: what the server must remember between two forms, sealed and carried by the form itself. Nothing is
//! stored before the person has done something, and only this deployment can read or make such a state.

use crate::{
    kit::{Fault, Timestamp, secret::MasterKey},
    mail::Sealer,
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use std::sync::Arc;
use url::Url;
use webauthn_rs::{Webauthn, WebauthnBuilder};

/// What second factors need: the sealing key, the name that apps show, and the WebAuthn rules.
#[derive(Clone)]
pub struct SecondFactors {
    pub(super) sealer: Sealer,
    /// The name that stands beside the account in an authenticator app.
    pub(super) issuer: String,
    /// `None` where the public address is an IP address, because a passkey is bound to a domain.
    pub(super) webauthn: Option<Arc<Webauthn>>,
}

#[derive(Serialize, Deserialize)]
struct SealedState<T> {
    until: Timestamp,
    held: T,
}

impl SecondFactors {
    pub fn new(key: &MasterKey, public_url: &Url) -> Self {
        let host = public_url.host_str().unwrap_or_default();
        // Passkeys are bound to a domain. Without one the library logs an error, but the operator made no mistake; so
        // the domain is checked before.
        let webauthn = public_url
            .domain()
            .and_then(|domain| WebauthnBuilder::new(domain, public_url).ok())
            .and_then(|builder| builder.rp_name("Roster").build().ok());
        Self {
            sealer: Sealer::of(key, "second factors"),
            issuer: format!("Roster ({})", host.replace(':', ".")),
            webauthn: webauthn.map(Arc::new),
        }
    }
    pub fn offers_passkeys(&self) -> bool {
        self.webauthn.is_some()
    }

    /// Seals a value until that time. The purpose names the person it is for.
    pub fn seal<T: Serialize>(&self, purpose: &str, held: &T, until: Timestamp) -> Result<String, Fault> {
        let text = serde_json::to_vec(&SealedState { until, held }).map_err(Fault::broken)?;
        Ok(URL_SAFE_NO_PAD.encode(self.sealer.seal(purpose, &text)))
    }
    /// The value that was sealed for this purpose; `None` if it has expired or was sealed for another one.
    pub fn open<T: DeserializeOwned>(&self, purpose: &str, text: &str, now: Timestamp) -> Option<T> {
        let sealed = URL_SAFE_NO_PAD.decode(text).ok()?;
        let sealed: SealedState<T> = serde_json::from_slice(&self.sealer.open(purpose, &sealed).ok()?).ok()?;
        (now < sealed.until).then_some(sealed.held)
    }
}
impl std::fmt::Debug for SecondFactors {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SecondFactors(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::TimeDelta;

    #[test]
    fn what_is_sealed_counts_for_its_purpose_until_its_end() {
        let key = MasterKey::from_text(&"k".repeat(32)).unwrap();
        let factors = SecondFactors::new(&key, &"https://roster.example".parse().unwrap());
        let now = Timestamp::EPOCH;
        let sealed = factors.seal("a", &7, now + TimeDelta::minutes(1)).unwrap();
        assert_eq!(factors.open("a", &sealed, now), Some(7));
        assert_eq!(factors.open::<i32>("b", &sealed, now), None);
        assert_eq!(factors.open::<i32>("a", &sealed, now + TimeDelta::minutes(1)), None);
        assert_eq!(factors.open::<i32>("a", &sealed[1..], now), None);
    }
}
