//! What the set-up of connections needs beside the database, and the judgement of what an administrator types: addresses
//! are judged by `outbound`, and an issuer's discovery document (OpenID Connect Discovery 1.0) has to be there and to name
//! the issuer as it was typed.

use super::{model::GITHUB, secrets::ClientSecrets};
use crate::{
    kit::{Fault, OrganizationId},
    mail::Outbox,
    outbound::{Failure, Outbound, TargetRefusal},
};
use serde::Deserialize;
use ureq::http::{Request, StatusCode};
use url::Url;

/// The path of the discovery document below the issuer.
const DISCOVERY: &str = "/.well-known/openid-configuration";
/// The longest document.
const LONGEST: u64 = 1024 * 1024;
/// The most characters of a foreign text that a complaint repeats.
const LONGEST_REPEATED: usize = 300;

/// Hosts of Microsoft Entra ID, in all of its clouds.
const ENTRA_HOSTS: [&str; 7] = [
    "login.microsoftonline.com",
    "login.microsoftonline.us",
    "login.partner.microsoftonline.cn",
    "login.microsoftonline.de",
    "login.microsoft.com",
    "login.windows.net",
    "sts.windows.net",
];
/// What stands in the place of a tenant there, and is none.
const NO_TENANTS: [&str; 3] = ["common", "organizations", "consumers"];

/// Sets up connections: what handlers share.
#[derive(Clone, Debug)]
pub struct ConnectionSetup {
    pub secrets: ClientSecrets,
    pub outbox: Outbox,
    pub(super) outbound: Outbound,
}

/// Why an address is refused, in words for the field.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AddressRefusal {
    #[error("Write a whole address, such as https://login.example.com.")]
    Unreadable,
    #[error("{0}")]
    Target(TargetRefusal),
    #[error("Leave out the part from ? on.")]
    Query,
    #[error("Leave out {DISCOVERY}: the issuer is what stands before it.")]
    Document,
    #[error(
        "Here “{0}” stands for any tenant, so anybody with a Microsoft account could sign in. Put the Directory (tenant) ID of your own tenant in its place."
    )]
    AnyTenant(String),
    #[error("Its description at {DISCOVERY} cannot be read. {0}")]
    Unreachable(Failure),
    #[error("It answers {0} at {DISCOVERY}, where its description should be.")]
    Status(u16),
    #[error("What it answers at {DISCOVERY} is no description of a provider. Is this the issuer?")]
    NoDocument,
    #[error("The provider itself says that its issuer is “{0}”. Type it exactly like this.")]
    OtherIssuer(String),
    #[error("Its description at {DISCOVERY} names no {0}.")]
    Lacks(&'static str),
    #[error("Write the server only, such as https://github.example.com, without a path.")]
    Path,
}

/// What has to be in a discovery document.
#[derive(Deserialize)]
struct Document {
    issuer: Option<String>,
    authorization_endpoint: Option<String>,
    token_endpoint: Option<String>,
    jwks_uri: Option<String>,
}

impl ConnectionSetup {
    pub fn new(secrets: ClientSecrets, outbound: Outbound, outbox: Outbox) -> Self {
        Self { secrets, outbox, outbound }
    }

    /// Judges an issuer as it was typed: its address, and its discovery document. Returns it without white space around it
    /// and otherwise unchanged, because issuers are compared character by character.
    ///
    /// # Errors
    /// An [`AddressRefusal`].
    pub async fn judge_issuer(&self, organization: OrganizationId, typed: &str) -> Result<Result<String, AddressRefusal>, Fault> {
        let issuer = typed.trim().to_owned();
        if let Err(refusal) = read_issuer(&issuer) {
            return Ok(Err(refusal));
        }
        if let Err(refusal) = self.outbound.judge(organization, &issuer).await? {
            return Ok(Err(of_target(refusal)));
        }
        let (outbound, named) = (self.outbound.clone(), issuer.clone());
        match self.outbound.off_thread(organization, move || discover(&outbound, &named)).await {
            Ok(found) => Ok(found.map(|()| issuer)),
            Err(Fault::Unavailable(_)) => Ok(Err(AddressRefusal::Target(TargetRefusal::Busy))),
            Err(fault) => Err(fault),
        }
    }

    /// Judges the address of a GitHub server. Without one it is GitHub itself.
    ///
    /// # Errors
    /// An [`AddressRefusal`].
    pub async fn judge_server(&self, organization: OrganizationId, typed: &str) -> Result<Result<String, AddressRefusal>, Fault> {
        let server = typed.trim().trim_end_matches('/');
        if server.is_empty() || server.eq_ignore_ascii_case(GITHUB) {
            return Ok(Ok(GITHUB.to_owned()));
        }
        let target = match self.outbound.judge(organization, server).await? {
            Ok(target) => target,
            Err(refusal) => return Ok(Err(of_target(refusal))),
        };
        let is_bare = Url::parse(target.as_str()).is_ok_and(|url| url.path() == "/" && url.query().is_none());
        Ok(if is_bare {
            Ok(target.as_str().trim_end_matches('/').to_owned())
        } else {
            Err(AddressRefusal::Path)
        })
    }
}

fn of_target(refusal: TargetRefusal) -> AddressRefusal {
    match refusal {
        TargetRefusal::Unreadable => AddressRefusal::Unreadable,
        other => AddressRefusal::Target(other),
    }
}

/// Whether an address is one of Microsoft Entra ID.
pub(super) fn is_entra(issuer: &str) -> bool {
    Url::parse(issuer.trim()).is_ok_and(|url| url.host_str().is_some_and(|host| ENTRA_HOSTS.contains(&host)))
}

/// Checks the text of an issuer.
fn read_issuer(issuer: &str) -> Result<(), AddressRefusal> {
    let url = Url::parse(issuer).map_err(|_| AddressRefusal::Unreadable)?;
    if url.path().ends_with(DISCOVERY) {
        return Err(AddressRefusal::Document);
    }
    if url.query().is_some() {
        return Err(AddressRefusal::Query);
    }
    let tenant = url.path_segments().and_then(|mut segments| segments.next()).unwrap_or_default();
    if is_entra(issuer) && NO_TENANTS.contains(&tenant.to_ascii_lowercase().as_str()) {
        return Err(AddressRefusal::AnyTenant(tenant.to_owned()));
    }
    Ok(())
}

/// Fetches the discovery document, on a thread that may wait.
fn discover(outbound: &Outbound, issuer: &str) -> Result<(), AddressRefusal> {
    let request = Request::get(format!("{}{DISCOVERY}", issuer.strip_suffix('/').unwrap_or(issuer)))
        .header("accept", "application/json")
        .body(Vec::new())
        .map_err(|_| AddressRefusal::Unreadable)?;
    let answer = outbound
        .call(request)
        .and_then(|answer| answer.whole(LONGEST))
        .map_err(AddressRefusal::Unreachable)?;
    if answer.status() != StatusCode::OK {
        return Err(AddressRefusal::Status(answer.status().as_u16()));
    }
    check_document(answer.body(), issuer)
}

fn check_document(body: &[u8], issuer: &str) -> Result<(), AddressRefusal> {
    let document: Document = serde_json::from_slice(body).map_err(|_| AddressRefusal::NoDocument)?;
    let said = document.issuer.ok_or(AddressRefusal::NoDocument)?;
    if said.contains('{') {
        return Err(AddressRefusal::AnyTenant(said.chars().take(LONGEST_REPEATED).collect()));
    }
    if said != issuer {
        return Err(AddressRefusal::OtherIssuer(said.chars().take(LONGEST_REPEATED).collect()));
    }
    for (endpoint, name) in [
        (document.authorization_endpoint, "authorization_endpoint"),
        (document.token_endpoint, "token_endpoint"),
        (document.jwks_uri, "jwks_uri"),
    ] {
        if endpoint.is_none_or(|endpoint| endpoint.is_empty()) {
            return Err(AddressRefusal::Lacks(name));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_issuer_is_of_one_tenant_and_no_document() {
        for (text, refusal) in [
            ("login.example.com", AddressRefusal::Unreadable),
            ("https://login.example.com?x=1", AddressRefusal::Query),
            ("https://login.example.com/a/.well-known/openid-configuration", AddressRefusal::Document),
            ("https://login.microsoftonline.com/common/v2.0", AddressRefusal::AnyTenant("common".into())),
            (
                "https://login.microsoftonline.com/Organizations/v2.0",
                AddressRefusal::AnyTenant("Organizations".into()),
            ),
            ("https://LOGIN.microsoftonline.us/consumers", AddressRefusal::AnyTenant("consumers".into())),
        ] {
            assert_eq!(read_issuer(text), Err(refusal), "{text}");
        }
        for text in [
            "https://login.microsoftonline.com/6babcaad-604b-40ac-a9d7-9fd97c0b779f/v2.0",
            "https://login.example.com/common",
            "https://example.auth0.com/",
        ] {
            assert_eq!(read_issuer(text), Ok(()), "{text}");
        }
    }

    #[test]
    fn a_document_names_the_issuer_as_it_was_typed_and_all_endpoints() {
        let issuer = "https://login.example.com/";
        let document = |issuer: &str, rest: &str| {
            format!(r#"{{"issuer":"{issuer}","authorization_endpoint":"https://a",{rest}"jwks_uri":"https://k"}}"#)
        };
        let token = r#""token_endpoint":"https://t","#;
        assert_eq!(check_document(document(issuer, token).as_bytes(), issuer), Ok(()));
        let without_slash = document("https://login.example.com", token);
        let other = AddressRefusal::OtherIssuer("https://login.example.com".into());
        assert_eq!(check_document(without_slash.as_bytes(), issuer), Err(other));
        let template = document("https://login.example.com/{tenantid}/", token);
        assert!(matches!(check_document(template.as_bytes(), issuer), Err(AddressRefusal::AnyTenant(_))));
        assert_eq!(
            check_document(document(issuer, "").as_bytes(), issuer),
            Err(AddressRefusal::Lacks("token_endpoint"))
        );
        for garbage in ["<html>", "{}", "[]", ""] {
            assert_eq!(check_document(garbage.as_bytes(), issuer), Err(AddressRefusal::NoDocument), "{garbage}");
        }
    }
}
