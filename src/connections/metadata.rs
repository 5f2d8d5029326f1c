//! The metadata of a provider: pasted, as a file, or fetched from an address through `outbound`. What was read is shown
//! before it is saved: its author decides who is let in.

use super::setup::ConnectionSetup;
use crate::{
    kit::{Fault, OrganizationId, Timestamp},
    outbound::{Failure, Outbound, TargetRefusal},
    saml::{
        Certificate,
        metadata::{self, MetadataError},
    },
};
use ureq::http::{Request, StatusCode};

/// The longest metadata.
pub(super) const LONGEST: usize = 1024 * 1024;

/// Why metadata is not read, in words for the field.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MetadataRefusal {
    #[error("Choose a file, paste its text, or type the address of the metadata.")]
    Nothing,
    #[error("Write a whole address, such as https://login.example.com/metadata.")]
    Unreadable,
    #[error("{0}")]
    Target(TargetRefusal),
    #[error("The metadata cannot be fetched. {0}")]
    Unreachable(Failure),
    #[error("That address answers {0}, where the metadata should be.")]
    Status(u16),
    #[error("{0}")]
    Read(MetadataError),
}

/// What metadata says of a provider.
#[derive(Clone, Debug, Default)]
pub struct Description {
    pub entity_id: String,
    pub sso_url: String,
    pub certificates: Vec<Certificate>,
    /// Why other certificates in it do not count.
    pub dropped: Vec<String>,
    /// Whether the provider wants signed requests, which are not sent.
    pub wants_signed_requests: bool,
}

impl Description {
    /// When a certificate ends.
    pub fn end(certificate: &Certificate) -> Timestamp {
        certificate.not_after().into()
    }
}

/// Reads the text of metadata.
///
/// # Errors
/// A [`MetadataRefusal`].
fn read(xml: &[u8]) -> Result<Description, MetadataRefusal> {
    let provider = metadata::read(xml).map_err(MetadataRefusal::Read)?;
    Ok(Description {
        entity_id: provider.entity_id,
        sso_url: provider.sso_redirect_url,
        certificates: provider.signing_certificates,
        dropped: provider.dropped.iter().map(ToString::to_string).collect(),
        wants_signed_requests: provider.wants_signed_requests,
    })
}

/// [`read`] off the async threads.
///
/// # Errors
/// A [`MetadataRefusal`].
pub async fn read_off_thread(xml: Vec<u8>) -> Result<Result<Description, MetadataRefusal>, Fault> {
    tokio::task::spawn_blocking(move || read(&xml)).await.map_err(Fault::broken)
}

impl ConnectionSetup {
    /// Fetches metadata from an address that was typed, and reads it.
    ///
    /// # Errors
    /// A [`MetadataRefusal`].
    pub async fn fetch_metadata(&self, organization: OrganizationId, typed: &str) -> Result<Result<Description, MetadataRefusal>, Fault> {
        let target = match self.outbound.judge(organization, typed).await? {
            Ok(target) => target.as_str().to_owned(),
            Err(TargetRefusal::Unreadable) => return Ok(Err(MetadataRefusal::Unreadable)),
            Err(refusal) => return Ok(Err(MetadataRefusal::Target(refusal))),
        };
        let outbound = self.outbound.clone();
        match self.outbound.off_thread(organization, move || fetch(&outbound, &target)).await {
            Err(Fault::Unavailable(_)) => Ok(Err(MetadataRefusal::Target(TargetRefusal::Busy))),
            fetched => fetched,
        }
    }
}

/// Runs on a thread that may wait.
fn fetch(outbound: &Outbound, url: &str) -> Result<Description, MetadataRefusal> {
    let request = Request::get(url)
        .header("accept", "application/samlmetadata+xml, application/xml, text/xml")
        .body(Vec::new())
        .map_err(|_| MetadataRefusal::Unreadable)?;
    let answer = outbound
        .call(request)
        .and_then(|answer| answer.whole(LONGEST as u64))
        .map_err(MetadataRefusal::Unreachable)?;
    if answer.status() != StatusCode::OK {
        return Err(MetadataRefusal::Status(answer.status().as_u16()));
    }
    read(answer.body())
}
