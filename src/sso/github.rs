//! GitHub, and GitHub Enterprise Server: OAuth 2.0 with PKCE. There is no ID token: who came is read from the API with
//! the token that the code was exchanged for. The numeric id is the person; a login can be given to somebody else.

use super::{
    answer::{ProviderAnswer, ProviderRefusal},
    oidc::{LONGEST, said},
};
use crate::{connections::GITHUB, kit::secret::SecretString, outbound::Outbound};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::Deserialize;
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};
use ureq::http::{Request, StatusCode};
use url::{Url, form_urlencoded};

/// A client of one server.
pub(super) struct GitHubApp<'a> {
    pub outbound: &'a Outbound,
    pub server: &'a str,
    pub organizations: &'a [String],
    pub client_id: &'a str,
    pub secret: &'a SecretString,
    pub callback: &'a str,
}

#[derive(Deserialize)]
struct Tokens {
    access_token: Option<String>,
    error: Option<String>,
}

#[derive(Deserialize)]
struct Address {
    email: String,
    primary: bool,
    verified: bool,
}

impl GitHubApp<'_> {
    fn server(&self) -> &str {
        self.server.trim_end_matches('/')
    }
    fn api(&self, path: &str) -> String {
        match self.server() {
            GITHUB => format!("https://api.github.com{path}"),
            server => format!("{server}/api/v3{path}"),
        }
    }

    /// The address at GitHub that the browser opens.
    ///
    /// # Errors
    /// [`ProviderRefusal::Discovery`] for a server that is no address.
    pub fn ask(&self, state: &str, verifier: &str) -> Result<String, ProviderRefusal> {
        let scope = if self.organizations.is_empty() {
            "read:user user:email"
        } else {
            "read:user user:email read:org"
        };
        let challenge = URL_SAFE_NO_PAD.encode(Sha256::digest(verifier));
        let mut url = Url::parse(&format!("{}/login/oauth/authorize", self.server())).map_err(|_| ProviderRefusal::Discovery)?;
        url.query_pairs_mut()
            .append_pair("client_id", self.client_id)
            .append_pair("redirect_uri", self.callback)
            .append_pair("scope", scope)
            .append_pair("state", state)
            .append_pair("code_challenge", &challenge)
            .append_pair("code_challenge_method", "S256");
        Ok(url.into())
    }

    /// Exchanges the code and reads who came.
    ///
    /// # Errors
    /// A [`ProviderRefusal`].
    pub fn accept(&self, code: Option<&str>, error: Option<&str>, verifier: &str) -> Result<ProviderAnswer, ProviderRefusal> {
        if let Some(error) = error {
            return Err(said(error));
        }
        let token = self.exchange(code.ok_or(ProviderRefusal::NoCode)?, verifier)?;
        let user: Map<String, Value> = self.read(&token, "/user")?;
        let id = user.get("id").and_then(Value::as_u64).ok_or(ProviderRefusal::Subject)?;
        let addresses: Vec<Address> = self.read(&token, "/user/emails")?;
        let proven = addresses.into_iter().find(|address| address.primary && address.verified);
        for organization in self.organizations {
            self.check_membership(&token, organization)?;
        }
        let text = |name: &str| user.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
        let name = [text("name"), text("login")].into_iter().find(|name| !name.is_empty()).unwrap_or_default();
        Ok(ProviderAnswer {
            subject: id.to_string(),
            is_email_verified: proven.is_some(),
            email: proven.map(|address| address.email),
            name,
            claims: ["id", "login", "name", "type"]
                .into_iter()
                .filter_map(|key| Some((key.to_owned(), shown(user.get(key)?))))
                .collect(),
            checks: vec![("Read from".into(), self.api("/user"))],
            ..ProviderAnswer::default()
        })
    }

    fn exchange(&self, code: &str, verifier: &str) -> Result<SecretString, ProviderRefusal> {
        let body = form_urlencoded::Serializer::new(String::new())
            .append_pair("client_id", self.client_id)
            .append_pair("client_secret", self.secret.expose())
            .append_pair("code", code)
            .append_pair("redirect_uri", self.callback)
            .append_pair("code_verifier", verifier)
            .finish();
        let request = Request::post(format!("{}/login/oauth/access_token", self.server()))
            .header("accept", "application/json")
            .header("content-type", "application/x-www-form-urlencoded")
            .body(body.into_bytes())
            .map_err(|_| ProviderRefusal::Discovery)?;
        let (_, bytes) = self.send(request)?;
        let tokens: Tokens = serde_json::from_slice(&bytes).map_err(|_| ProviderRefusal::Exchange)?;
        match tokens {
            Tokens { access_token: Some(token), error: None } => Ok(SecretString::new(token)),
            _ => Err(ProviderRefusal::Exchange),
        }
    }

    /// Whether the person is an active member. Without the organization's approval of this application GitHub answers 403.
    fn check_membership(&self, token: &SecretString, organization: &str) -> Result<(), ProviderRefusal> {
        #[derive(Deserialize)]
        struct Membership {
            state: String,
        }
        let (status, bytes) = self.get(token, &format!("/user/memberships/orgs/{organization}"))?;
        if status == StatusCode::FORBIDDEN {
            return Err(ProviderRefusal::NotApproved(organization.to_owned()));
        }
        let membership: Option<Membership> = serde_json::from_slice(&bytes).ok();
        let is_active = status == StatusCode::OK && membership.is_some_and(|membership| membership.state == "active");
        if is_active {
            Ok(())
        } else {
            Err(ProviderRefusal::NoMember(organization.to_owned()))
        }
    }

    fn read<T: serde::de::DeserializeOwned>(&self, token: &SecretString, path: &str) -> Result<T, ProviderRefusal> {
        match self.get(token, path)? {
            (StatusCode::OK, bytes) => serde_json::from_slice(&bytes).map_err(|_| ProviderRefusal::Token),
            _ => Err(ProviderRefusal::Token),
        }
    }

    fn get(&self, token: &SecretString, path: &str) -> Result<(StatusCode, Vec<u8>), ProviderRefusal> {
        let request = Request::get(self.api(path))
            .header("accept", "application/vnd.github+json")
            .header("authorization", format!("Bearer {}", token.expose()))
            .body(Vec::new())
            .map_err(|_| ProviderRefusal::Discovery)?;
        self.send(request)
    }

    fn send(&self, request: Request<Vec<u8>>) -> Result<(StatusCode, Vec<u8>), ProviderRefusal> {
        let unreachable = |failure: crate::outbound::Failure| ProviderRefusal::Unreachable(failure.to_string());
        let response = self.outbound.call(request).and_then(|answer| answer.whole(LONGEST)).map_err(unreachable)?;
        Ok((response.status(), response.into_body()))
    }
}

fn shown(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}
