//! What the protocol of a connection needs, as the API shows it: one object for each kind. No secret is among it.

use crate::connections::{self, ConnectionKind};
use serde::Serialize;
use utoipa::ToSchema;

/// What a connection with OpenID Connect needs.
#[derive(Serialize, ToSchema)]
pub(super) struct OidcSettings {
    /// As the provider's discovery document spells it.
    #[schema(example = "https://login.example.com")]
    issuer: String,
    /// Empty while the connection is being set up.
    #[schema(example = "roster")]
    client_id: String,
    /// The secret itself is never shown.
    has_client_secret: bool,
    /// Asked for beside `openid`.
    #[schema(example = json!(["email", "profile"]))]
    scopes: Vec<String>,
    /// Values of the claim `acr` that stand for two steps.
    #[schema(example = json!([]))]
    two_step_acrs: Vec<String>,
}

/// What a connection with Google needs.
#[derive(Serialize, ToSchema)]
pub(super) struct GoogleSettings {
    /// Empty while the connection is being set up.
    client_id: String,
    /// The secret itself is never shown.
    has_client_secret: bool,
    /// The Workspace domains that are accepted. Empty for all, and for private accounts.
    #[schema(example = json!(["example.com"]))]
    hosted_domains: Vec<String>,
}

/// What a connection with GitHub needs.
#[derive(Serialize, ToSchema)]
pub(super) struct GitHubSettings {
    /// Empty while the connection is being set up.
    client_id: String,
    /// The secret itself is never shown.
    has_client_secret: bool,
    /// GitHub itself, or an Enterprise Server.
    #[schema(example = "https://github.com")]
    server: String,
    /// The organizations of which people have to be active members. Empty for everybody.
    #[schema(example = json!(["example-org"]))]
    organizations: Vec<String>,
}

/// What a connection with SAML 2.0 needs besides the certificates of its provider.
#[derive(Serialize, ToSchema)]
pub(super) struct SamlProviderSettings {
    /// The entity ID of Roster at this provider, which is also the address of Roster's metadata.
    #[schema(example = "https://roster.example/sso/saml/019cdc1f-d680-7000-8000-000000000001")]
    own_entity_id: String,
    /// The entity ID of the provider. Empty while the connection is being set up.
    #[schema(example = "https://idp.example.com/metadata")]
    entity_id: String,
    /// Where the provider takes requests by HTTP-Redirect. Empty while the connection is being set up.
    #[schema(example = "https://idp.example.com/sso")]
    sso_url: String,
    /// Whether a signature on the assertion alone is not enough.
    response_must_be_signed: bool,
    /// Whether the provider may begin a sign-in.
    allows_unsolicited: bool,
    /// Whether every NameID but a transient one is taken as permanent.
    has_fixed_name_ids: bool,
    /// The attribute that identifies people in place of the NameID. Empty for none.
    subject_attribute: String,
    /// Empty for the usual names, as in the next three.
    email_attribute: String,
    first_name_attribute: String,
    last_name_attribute: String,
    name_attribute: String,
    /// Classes of the authentication context that stand for two steps.
    #[schema(example = json!(["https://refeds.org/profile/mfa"]))]
    two_step_contexts: Vec<String>,
}

/// The settings of the connection's kind; the others are null.
#[derive(Serialize, ToSchema)]
pub(super) struct KindSettings {
    /// Null for connections of another kind, as are the next three.
    #[schema(required = true)]
    oidc: Option<OidcSettings>,
    #[schema(required = true)]
    google: Option<GoogleSettings>,
    #[schema(required = true)]
    github: Option<GitHubSettings>,
    #[schema(required = true)]
    saml: Option<SamlProviderSettings>,
}

impl KindSettings {
    pub fn of(connection: &connections::Connection, has_client_secret: bool, own_entity_id: String) -> Self {
        let (settings, mut all) = (connection.settings.0.clone(), Self { oidc: None, google: None, github: None, saml: None });
        let client_id = settings.client_id;
        match connection.kind {
            ConnectionKind::Oidc => {
                let (issuer, scopes, two_step_acrs) = (settings.issuer, settings.scopes, settings.two_step_acrs);
                all.oidc = Some(OidcSettings { issuer, client_id, has_client_secret, scopes, two_step_acrs });
            }
            ConnectionKind::Google => {
                let hosted_domains = settings.hosted_domains;
                all.google = Some(GoogleSettings { client_id, has_client_secret, hosted_domains });
            }
            ConnectionKind::GitHub => {
                let (server, organizations) = (settings.server, settings.organizations);
                all.github = Some(GitHubSettings { client_id, has_client_secret, server, organizations });
            }
            ConnectionKind::Saml => all.saml = Some(SamlProviderSettings::of(settings.saml, own_entity_id)),
        }
        all
    }
}

impl SamlProviderSettings {
    fn of(saml: connections::SamlSettings, own_entity_id: String) -> Self {
        Self {
            own_entity_id,
            entity_id: saml.entity_id,
            sso_url: saml.sso_url,
            response_must_be_signed: saml.response_must_be_signed,
            allows_unsolicited: saml.allows_unsolicited,
            has_fixed_name_ids: saml.has_fixed_name_ids,
            subject_attribute: saml.subject_attribute,
            email_attribute: saml.email_attribute,
            first_name_attribute: saml.first_name_attribute,
            last_name_attribute: saml.last_name_attribute,
            name_attribute: saml.name_attribute,
            two_step_contexts: saml.two_step_contexts,
        }
    }
}
