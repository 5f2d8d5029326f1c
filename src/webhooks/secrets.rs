//! Signing secrets and signatures (Standard Webhooks 1.0): HMAC-SHA256 over id, timestamp and body. A secret that is
//! replaced keeps signing for a day beside the new one, so that the receiver can change over. Secrets are stored sealed,
//! because Roster itself signs with them.

use crate::{
    db::{Conn, Tx, schema::webhook_secrets},
    kit::{
        Fault, OrganizationId, Timestamp, WebhookId, WebhookSecretId,
        secret::{self, MasterKey},
    },
    mail::Sealer,
};
use base64::{Engine, engine::general_purpose::STANDARD};
use chrono::TimeDelta;
use diesel::prelude::*;
use std::fmt;

/// How long a replaced secret still signs.
pub const OVERLAP: TimeDelta = TimeDelta::hours(24);

/// 256 random bits, shown once as `whsec_` and base64.
#[derive(Clone, PartialEq, Eq)]
pub struct SigningSecret([u8; 32]);

impl SigningSecret {
    fn generate() -> Self {
        let mut bytes = [0; 32];
        secret::fill(&mut bytes);
        Self(bytes)
    }
    /// The text for the receiver, for the page that shows it once.
    pub fn expose(&self) -> String {
        format!("whsec_{}", STANDARD.encode(self.0))
    }
}
impl fmt::Debug for SigningSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SigningSecret(…)")
    }
}

/// The value of the header `webhook-signature`: one signature for each secret.
pub(super) fn signature(secrets: &[SigningSecret], id: &str, seconds: i64, body: &str) -> String {
    let message = format!("{id}.{seconds}.{body}");
    let sign = |SigningSecret(key): &SigningSecret| format!("v1,{}", STANDARD.encode(secret::hmac(key, message.as_bytes())));
    secrets.iter().map(sign).collect::<Vec<_>>().join(" ")
}

/// Stores and opens secrets, with a key of this purpose only.
#[derive(Clone, Debug)]
pub struct Secrets(Sealer);

impl Secrets {
    pub fn new(key: &MasterKey) -> Self {
        Self(Sealer::of(key, "webhooks"))
    }

    /// Makes a new secret. Those there are end after [`OVERLAP`].
    pub(super) fn replace(
        &self,
        tx: &mut Tx<'_>,
        organization: OrganizationId,
        webhook: WebhookId,
        now: Timestamp,
    ) -> Result<SigningSecret, Fault> {
        let present = webhook_secrets::table
            .filter(webhook_secrets::organization_id.eq(organization))
            .filter(webhook_secrets::webhook_id.eq(webhook))
            .filter(webhook_secrets::valid_until.is_null());
        diesel::update(present)
            .set(webhook_secrets::valid_until.eq(Some(now + OVERLAP)))
            .execute(tx.conn())?;
        let (id, new) = (WebhookSecretId::new(now), SigningSecret::generate());
        diesel::insert_into(webhook_secrets::table)
            .values((
                webhook_secrets::id.eq(id),
                webhook_secrets::organization_id.eq(organization),
                webhook_secrets::webhook_id.eq(webhook),
                webhook_secrets::secret.eq(self.0.seal(&id.to_string(), &new.0)),
                webhook_secrets::created_at.eq(now),
            ))
            .execute(tx.conn())?;
        Ok(new)
    }

    /// The secrets that sign now, the newest first.
    pub(super) fn live(
        &self,
        conn: &mut Conn,
        organization: OrganizationId,
        webhook: WebhookId,
        now: Timestamp,
    ) -> Result<Vec<SigningSecret>, Fault> {
        let is_live = webhook_secrets::valid_until
            .is_null()
            .or(webhook_secrets::valid_until.gt(Some(now)))
            .assume_not_null();
        let rows: Vec<(WebhookSecretId, Vec<u8>)> = webhook_secrets::table
            .filter(webhook_secrets::organization_id.eq(organization))
            .filter(webhook_secrets::webhook_id.eq(webhook))
            .filter(is_live)
            .order((webhook_secrets::created_at.desc(), webhook_secrets::id.desc()))
            .select((webhook_secrets::id, webhook_secrets::secret))
            .load(conn)?;
        let open = |(id, sealed): (WebhookSecretId, Vec<u8>)| {
            let bytes = self.0.open(&id.to_string(), &sealed)?;
            bytes.try_into().map(SigningSecret).map_err(|_| Fault::broken("a signing secret has 32 bytes"))
        };
        rows.into_iter().map(open).collect()
    }
}

/// The ends of replaced secrets that still sign, the latest first.
pub(super) fn ends(conn: &mut Conn, organization: OrganizationId, webhook: WebhookId, now: Timestamp) -> Result<Vec<Timestamp>, Fault> {
    let ends: Vec<Option<Timestamp>> = webhook_secrets::table
        .filter(webhook_secrets::organization_id.eq(organization))
        .filter(webhook_secrets::webhook_id.eq(webhook))
        .filter(webhook_secrets::valid_until.gt(Some(now)).assume_not_null())
        .order(webhook_secrets::valid_until.desc())
        .select(webhook_secrets::valid_until)
        .load(conn)?;
    Ok(ends.into_iter().flatten().collect())
}

/// Deletes secrets that have ended.
pub(super) fn sweep(tx: &mut Tx<'_>, now: Timestamp) -> Result<(), Fault> {
    let ended = webhook_secrets::table.filter(webhook_secrets::valid_until.le(Some(now)).assume_not_null());
    diesel::delete(ended).execute(tx.conn())?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_live_secret_signs_and_none_prints() {
        let (old, new) = (SigningSecret([1; 32]), SigningSecret([2; 32]));
        let alone = |secret: &SigningSecret| signature(std::slice::from_ref(secret), "id", 5, "{}");
        let both = signature(&[new.clone(), old.clone()], "id", 5, "{}");
        let parts: Vec<&str> = both.split(' ').collect();
        assert_eq!(parts, [alone(&new), alone(&old)]);
        assert!(parts.iter().all(|part| part.starts_with("v1,")));
        assert!(new.expose().starts_with("whsec_AgIC"));
        assert_eq!(format!("{new:?}"), "SigningSecret(…)");
    }

    #[test]
    fn another_implementation_verifies_it_with_either_secret() {
        let (old, new) = (SigningSecret::generate(), SigningSecret::generate());
        let seconds = crate::kit::Clock::system().now().utc().timestamp();
        let mut headers = ureq::http::HeaderMap::new();
        headers.insert("webhook-id", "1".parse().unwrap());
        headers.insert("webhook-timestamp", seconds.into());
        headers.insert("webhook-signature", signature(&[new.clone(), old.clone()], "1", seconds, "{}").parse().unwrap());
        let verify = |secret: &SigningSecret, body: &str| {
            standardwebhooks::Webhook::new(&secret.expose()).unwrap().verify(body.as_bytes(), &headers)
        };
        assert!(verify(&new, "{}").is_ok() && verify(&old, "{}").is_ok());
        assert!(verify(&SigningSecret::generate(), "{}").is_err());
        assert!(verify(&new, "{ }").is_err());
    }
}
