//! The providers of connections: asks them, and verifies what they answer. Runs on threads that may wait.

use super::{
    answer::{ProviderAnswer, ProviderRefusal},
    attempts::Attempt,
    github::GitHubApp,
    oidc::{self, Metadata, Question, RelyingParty, Returned},
    saml::ServiceProvider,
};
use crate::{
    connections::{Connection, ConnectionKind, PrivateKeys},
    kit::{Timestamp, secret::SecretString},
    outbound::Outbound,
    saml::Certificate,
};
use chrono::TimeDelta;
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

/// How long a discovery document and its keys are kept.
const KEPT_FOR: TimeDelta = TimeDelta::minutes(10);
/// How often the keys are fetched again for a token with an unknown key.
const RENEWED_AFTER: TimeDelta = TimeDelta::minutes(1);
/// The most documents that are kept.
const MOST: usize = 1_000;

/// Discovery documents by issuer, each with the time of its fetch.
type Kept = HashMap<String, (Timestamp, Arc<Metadata>)>;

/// Everything that is asked of a provider goes through here.
#[derive(Clone)]
pub struct Providers {
    pub outbound: Outbound,
    kept: Arc<Mutex<Kept>>,
}

/// A connection with its secret or certificates, and the address of its callback.
#[derive(Clone)]
pub(super) struct Party {
    pub connection: Connection,
    pub secret: SecretString,
    /// SAML: the certificates of the provider.
    pub certificates: Vec<Certificate>,
    /// SAML: our own keys.
    pub keys: PrivateKeys,
    pub callback: String,
    /// SAML: what the provider calls us.
    pub entity_id: String,
    pub now: Timestamp,
}

impl Party {
    pub fn saml(&self) -> ServiceProvider<'_> {
        ServiceProvider {
            settings: &self.connection.settings.0.saml,
            certificates: &self.certificates,
            keys: &self.keys,
            entity_id: &self.entity_id,
            acs_url: &self.callback,
            now: self.now,
        }
    }
}

/// What the browser brought to the callback.
#[derive(Clone, Debug, Default)]
pub(super) struct Brought {
    pub code: Option<String>,
    pub issuer: Option<String>,
    pub error: Option<String>,
}

impl Providers {
    pub fn new(outbound: Outbound) -> Self {
        Self { outbound, kept: Arc::default() }
    }

    /// The discovery document of an issuer, fetched again after a while.
    ///
    /// # Errors
    /// A [`ProviderRefusal`].
    fn metadata(&self, issuer: &str, now: Timestamp, longest: TimeDelta) -> Result<Arc<Metadata>, ProviderRefusal> {
        let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner).get(issuer).cloned();
        if let Some((at, metadata)) = kept
            && now - at < longest
        {
            return Ok(metadata);
        }
        let metadata = Arc::new(oidc::discover(&self.outbound, issuer)?);
        let mut all = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if all.len() >= MOST {
            all.clear();
        }
        all.insert(issuer.to_owned(), (now, metadata.clone()));
        Ok(metadata)
    }

    /// [`Providers::metadata`] as it is usually kept.
    ///
    /// # Errors
    /// A [`ProviderRefusal`].
    pub(super) fn kept_metadata(&self, issuer: &str, now: Timestamp) -> Result<Arc<Metadata>, ProviderRefusal> {
        self.metadata(issuer, now, KEPT_FOR)
    }

    /// [`Providers::metadata`] that is at most a minute old, for a key that the kept document does not have.
    ///
    /// # Errors
    /// A [`ProviderRefusal`].
    pub(super) fn renewed_metadata(&self, issuer: &str, now: Timestamp) -> Result<Arc<Metadata>, ProviderRefusal> {
        self.metadata(issuer, now, RENEWED_AFTER)
    }

    /// The address at the provider that the browser opens for this attempt.
    ///
    /// # Errors
    /// A [`ProviderRefusal`].
    pub(super) fn ask(&self, party: &Party, state: &str, attempt: &Attempt, login_hint: &str) -> Result<String, ProviderRefusal> {
        if party.connection.kind == ConnectionKind::Saml {
            return party.saml().ask(state, attempt);
        }
        if party.connection.kind == ConnectionKind::GitHub {
            return self.github(party).ask(state, &attempt.verifier);
        }
        let metadata = self.kept_metadata(&party.connection.settings.0.issuer, party.now)?;
        self.relying_party(party, &metadata).ask(&Question {
            state,
            nonce: &attempt.nonce,
            verifier: &attempt.verifier,
            scopes: &party.connection.settings.0.scopes,
            login_hint,
            is_anew: attempt.is_anew(),
        })
    }

    /// Exchanges the code and verifies what comes.
    ///
    /// # Errors
    /// A [`ProviderRefusal`].
    pub(super) fn accept(&self, party: &Party, attempt: &Attempt, brought: &Brought) -> Result<ProviderAnswer, ProviderRefusal> {
        let (code, error) = (brought.code.as_deref(), brought.error.as_deref());
        if party.connection.kind == ConnectionKind::GitHub {
            return self.github(party).accept(code, error, &attempt.verifier);
        }
        let issuer = &party.connection.settings.0.issuer;
        let metadata = self.kept_metadata(issuer, party.now)?;
        let returned = Returned { code, issuer: brought.issuer.as_deref(), error };
        let secrets = (attempt.nonce.as_str(), attempt.verifier.as_str());
        let renew = || self.renewed_metadata(issuer, party.now);
        let answer = self.relying_party(party, &metadata).accept(&returned, secrets, renew)?;
        check_hosted_domain(party, &answer)?;
        Ok(answer)
    }

    fn relying_party<'a>(&'a self, party: &'a Party, metadata: &'a Metadata) -> RelyingParty<'a> {
        RelyingParty {
            outbound: &self.outbound,
            metadata,
            client_id: &party.connection.settings.0.client_id,
            secret: &party.secret,
            callback: &party.callback,
            two_step_acrs: &party.connection.settings.0.two_step_acrs,
            mappings: &party.connection.mappings.0,
            now: party.now,
        }
    }

    fn github<'a>(&'a self, party: &'a Party) -> GitHubApp<'a> {
        let settings = &party.connection.settings.0;
        GitHubApp {
            outbound: &self.outbound,
            server: &settings.server,
            organizations: &settings.organizations,
            client_id: &settings.client_id,
            secret: &party.secret,
            callback: &party.callback,
        }
    }
}

/// Google: the person's Workspace must be one of the accepted. The claim counts; the parameter of the request proves
/// nothing.
fn check_hosted_domain(party: &Party, answer: &ProviderAnswer) -> Result<(), ProviderRefusal> {
    let accepted = &party.connection.settings.0.hosted_domains;
    if party.connection.kind != ConnectionKind::Google || accepted.is_empty() {
        return Ok(());
    }
    let hosted = answer.claims.iter().find(|(name, _)| name == "hd").map(|(_, domain)| domain.to_lowercase());
    if hosted.is_some_and(|hosted| accepted.contains(&hosted)) {
        Ok(())
    } else {
        Err(ProviderRefusal::HostedDomain)
    }
}
