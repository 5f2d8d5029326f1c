//! What the protocol of a connection needs, as requests send it: one object for each kind, written into the form of the
//! console, which judges it.

use crate::{
    connections::{ConnectionForm, ConnectionKind, SamlFields},
    kit::secret::SecretString,
    web::{Field, FieldError, Ticked},
};
use serde::Deserialize;
use utoipa::ToSchema;

/// What a connection with OpenID Connect needs. What is left out stays as it is.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct OidcPatch {
    /// An address without a query. Its discovery document is fetched, and has to name the same issuer.
    #[schema(max_length = 2000, example = "https://login.example.com")]
    issuer: Option<String>,
    #[schema(max_length = 1000, example = "roster")]
    client_id: Option<String>,
    /// Kept sealed, and never shown.
    #[schema(value_type = Option<String>, format = Password, min_length = 1, max_length = 1000, write_only)]
    client_secret: Option<SecretString>,
    /// Asked for beside `openid`: `email` and `profile`, if none were ever sent.
    #[schema(max_items = 20)]
    scopes: Option<Vec<String>>,
    /// Values of the claim `acr` that stand for two steps, besides what `amr` says.
    #[schema(max_items = 20)]
    two_step_acrs: Option<Vec<String>>,
}

/// What a connection with Google needs. What is left out stays as it is.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct GooglePatch {
    #[schema(max_length = 1000)]
    client_id: Option<String>,
    /// Kept sealed, and never shown.
    #[schema(value_type = Option<String>, format = Password, min_length = 1, max_length = 1000, write_only)]
    client_secret: Option<SecretString>,
    /// The Workspace domains that are accepted. Empty for all, and for private accounts.
    #[schema(max_items = 20, example = json!(["example.com"]))]
    hosted_domains: Option<Vec<String>>,
}

/// What a connection with GitHub needs. What is left out stays as it is.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct GitHubPatch {
    #[schema(max_length = 1000)]
    client_id: Option<String>,
    /// Kept sealed, and never shown.
    #[schema(value_type = Option<String>, format = Password, min_length = 1, max_length = 1000, write_only)]
    client_secret: Option<SecretString>,
    /// An Enterprise Server, without a path. GitHub itself, if none was ever sent.
    #[schema(max_length = 2000, example = "https://github.com")]
    server: Option<String>,
    /// The organizations of which people have to be active members. Empty for everybody.
    #[schema(max_items = 20, example = json!(["example-org"]))]
    organizations: Option<Vec<String>>,
}

/// What a connection with SAML 2.0 needs besides certificates. What is left out stays as it is.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct SamlPatch {
    /// The entity ID of the provider.
    #[schema(max_length = 1024, example = "https://idp.example.com/metadata")]
    entity_id: Option<String>,
    /// Where the provider takes requests by HTTP-Redirect.
    #[schema(max_length = 2000, example = "https://idp.example.com/sso")]
    sso_url: Option<String>,
    /// Whether a signature on the assertion alone is not enough.
    response_must_be_signed: Option<bool>,
    /// Whether the provider may begin a sign-in.
    allows_unsolicited: Option<bool>,
    /// Whether every NameID but a transient one is taken as permanent.
    has_fixed_name_ids: Option<bool>,
    /// The attribute that identifies people in place of the NameID. Empty for none.
    #[schema(max_length = 300)]
    subject_attribute: Option<String>,
    /// Empty for the usual names, as in the next three.
    #[schema(max_length = 300)]
    email_attribute: Option<String>,
    #[schema(max_length = 300)]
    first_name_attribute: Option<String>,
    #[schema(max_length = 300)]
    last_name_attribute: Option<String>,
    #[schema(max_length = 300)]
    name_attribute: Option<String>,
    /// Classes of the authentication context that stand for two steps. The usual ones, if none were ever sent.
    #[schema(max_items = 20)]
    two_step_contexts: Option<Vec<String>>,
}

/// The objects of all kinds, of which one can be sent.
pub(super) struct KindPatches {
    pub oidc: Option<OidcPatch>,
    pub google: Option<GooglePatch>,
    pub github: Option<GitHubPatch>,
    pub saml: Option<SamlPatch>,
}

/// Writes a text that was sent into a field.
pub(super) fn put(field: &mut Field, sent: Option<String>) {
    if let Some(text) = sent {
        *field = Field::new(text);
    }
}

/// Writes a list that was sent into a field, one entry a line.
fn put_all(field: &mut Field, sent: Option<Vec<String>>) {
    put(field, sent.map(|entries| entries.join("\n")));
}

/// Writes an answer to a question that was sent into a checkbox.
pub(super) fn tick(field: &mut Ticked, sent: Option<bool>) {
    if let Some(is_ticked) = sent {
        *field = Ticked(is_ticked);
    }
}

impl KindPatches {
    /// Writes the object of the connection's kind into the form.
    ///
    /// # Errors
    /// The objects of other kinds, and a client secret that is empty.
    pub fn over(self, kind: ConnectionKind, form: &mut ConnectionForm) -> Vec<FieldError> {
        let sent = [
            (ConnectionKind::Oidc, self.oidc.is_some()),
            (ConnectionKind::Google, self.google.is_some()),
            (ConnectionKind::GitHub, self.github.is_some()),
            (ConnectionKind::Saml, self.saml.is_some()),
        ];
        let others = sent.into_iter().filter(|(of, is_sent)| *is_sent && *of != kind);
        let text = format!("The connection is of the kind {}. Leave this out.", kind.as_str());
        let mut errors: Vec<FieldError> = others
            .map(|(of, _)| FieldError::new(format!("/{}", of.as_str()), "conflict", text.clone()))
            .collect();
        let secret = match (self.oidc, self.google, self.github) {
            (Some(oidc), ..) => oidc.over(form),
            (_, Some(google), _) => google.over(form),
            (.., Some(github)) => github.over(form),
            _ => None,
        };
        if let Some(secret) = secret {
            if secret.expose().trim().is_empty() {
                let pointer = format!("/{}/client_secret", kind.as_str());
                errors.push(FieldError::new(pointer, "required", "Leave it out to keep the present one."));
            }
            form.client_secret = secret;
        }
        if let Some(saml) = self.saml {
            saml.over(&mut form.saml);
        }
        errors
    }
}

impl OidcPatch {
    fn over(self, form: &mut ConnectionForm) -> Option<SecretString> {
        put(&mut form.issuer, self.issuer);
        put(&mut form.client_id, self.client_id);
        put_all(&mut form.scopes, self.scopes);
        put_all(&mut form.two_step_acrs, self.two_step_acrs);
        self.client_secret
    }
}

impl GooglePatch {
    fn over(self, form: &mut ConnectionForm) -> Option<SecretString> {
        put(&mut form.client_id, self.client_id);
        put_all(&mut form.hosted_domains, self.hosted_domains);
        self.client_secret
    }
}

impl GitHubPatch {
    fn over(self, form: &mut ConnectionForm) -> Option<SecretString> {
        put(&mut form.client_id, self.client_id);
        put(&mut form.server, self.server);
        put_all(&mut form.organizations, self.organizations);
        self.client_secret
    }
}

impl SamlPatch {
    fn over(self, fields: &mut SamlFields) {
        put(&mut fields.entity_id, self.entity_id);
        put(&mut fields.sso_url, self.sso_url);
        tick(&mut fields.response_must_be_signed, self.response_must_be_signed);
        tick(&mut fields.allows_unsolicited, self.allows_unsolicited);
        tick(&mut fields.has_fixed_name_ids, self.has_fixed_name_ids);
        put(&mut fields.subject_attribute, self.subject_attribute);
        put(&mut fields.email_attribute, self.email_attribute);
        put(&mut fields.first_name_attribute, self.first_name_attribute);
        put(&mut fields.last_name_attribute, self.last_name_attribute);
        put(&mut fields.name_attribute, self.name_attribute);
        put_all(&mut fields.two_step_contexts, self.two_step_contexts);
    }
}
