//! The form of a connection. Which fields it shows depends on the kind.

use super::{
    manage::NewConnection,
    model::{Connection, ConnectionKind, GITHUB, Provisioning, Settings},
    readers,
    refusal::ConnectionRefusal,
    saml_fields::SamlFields,
    setup::{AddressRefusal, ConnectionSetup, is_entra},
};
use crate::{
    kit::{Fault, Scope, secret::SecretString},
    members::{GrantFields, GrantOptions, Grants},
    saml::Certificate,
    web::{Field, Ticked, complaints},
};
use serde::{Deserialize, Serialize};

const LONGEST_NAME: usize = 60;
/// What OpenID Connect asks for beside `openid`, unless the form says something else.
const SCOPES: [&str; 2] = ["email", "profile"];

/// The form that creates or edits a connection.
#[derive(Deserialize, Serialize, Default, Debug)]
#[serde(deny_unknown_fields, default)]
pub struct ConnectionForm {
    /// The version that the person read.
    pub version: i64,
    pub kind: Field,
    pub name: Field,
    pub issuer: Field,
    pub client_id: Field,
    /// Empty keeps the present one.
    #[serde(skip_serializing)]
    pub client_secret: SecretString,
    #[serde(skip)]
    pub secret_complaint: Option<String>,
    pub scopes: Field,
    pub hosted_domains: Field,
    pub server: Field,
    pub organizations: Field,
    #[serde(flatten)]
    pub saml: SamlFields,
    pub provisioning: Field,
    #[serde(flatten)]
    pub grants: GrantFields,
    pub links_domains: Ticked,
    pub counts_two_steps: Ticked,
    pub two_step_acrs: Field,
    pub max_age_hours: Field,
    pub max_age_minutes: Field,
    #[serde(skip)]
    pub age_complaint: Option<String>,
}

impl ConnectionForm {
    /// The form of a new connection: nobody joins without an invitation.
    pub fn blank(kind: ConnectionKind, offer: &GrantOptions) -> Self {
        let name = match kind {
            ConnectionKind::Oidc | ConnectionKind::Saml => "",
            ConnectionKind::Google | ConnectionKind::GitHub => kind.label(),
        };
        Self {
            kind: Field::new(kind.as_str()),
            name: Field::new(name),
            scopes: Field::new(SCOPES.join(" ")),
            server: Field::new(GITHUB),
            saml: SamlFields::blank(),
            provisioning: Field::new(Provisioning::Invited.as_str()),
            grants: GrantFields::blank(offer),
            counts_two_steps: Ticked(true),
            ..Self::default()
        }
    }

    pub fn of(connection: &Connection) -> Self {
        let settings = &connection.settings.0;
        let (hours, minutes) = match connection.max_age_minutes {
            Some(age) => ((age / 60).to_string(), (age % 60).to_string()),
            None => (String::new(), String::new()),
        };
        Self {
            version: connection.version,
            kind: Field::new(connection.kind.as_str()),
            name: Field::new(&connection.name),
            issuer: Field::new(&settings.issuer),
            client_id: Field::new(&settings.client_id),
            scopes: Field::new(settings.scopes.join(" ")),
            hosted_domains: Field::new(settings.hosted_domains.join(" ")),
            server: Field::new(&settings.server),
            organizations: Field::new(settings.organizations.join(" ")),
            saml: SamlFields::of(&settings.saml),
            provisioning: Field::new(connection.provisioning.as_str()),
            grants: GrantFields::of(&connection.grants.0),
            links_domains: Ticked(connection.links_domains),
            counts_two_steps: Ticked(connection.counts_two_steps),
            two_step_acrs: Field::new(settings.two_step_acrs.join("\n")),
            max_age_hours: Field::new(hours),
            max_age_minutes: Field::new(minutes),
            ..Self::default()
        }
    }

    /// The kind that the form is for.
    ///
    /// # Errors
    /// [`Fault::Missing`] for a kind that does not exist.
    pub fn kind(&self) -> Result<ConnectionKind, Fault> {
        self.kind.value.parse().map_err(|_| Fault::Missing)
    }

    pub fn may_join(&self, provisioning: &Provisioning) -> bool {
        self.provisioning.value == provisioning.as_str()
    }

    /// The complaints, each with the id of its field, for the summary above the form.
    pub fn complaints(&self) -> Vec<(&'static str, &str)> {
        let [_, roles] = self.grants.complaints();
        let saml = complaints(self.saml.complaints());
        let others = complaints([
            ("name", &self.name.complaint),
            ("issuer", &self.issuer.complaint),
            ("server", &self.server.complaint),
            ("client_id", &self.client_id.complaint),
            ("client_secret", &self.secret_complaint),
            ("scopes", &self.scopes.complaint),
            ("hosted_domains", &self.hosted_domains.complaint),
            ("organizations", &self.organizations.complaint),
            ("provisioning", &self.provisioning.complaint),
            roles,
            ("two_step_acrs", &self.two_step_acrs.complaint),
            ("max_age_hours", &self.age_complaint),
        ]);
        others.into_iter().chain(saml).collect()
    }

    /// What the form asks for, with its addresses judged. `None` if the form has complaints.
    ///
    /// # Errors
    /// Only faults.
    pub async fn judged(
        &mut self,
        setup: &ConnectionSetup,
        scope: &Scope,
        kind: ConnectionKind,
        offer: &GrantOptions,
        present: Option<&Connection>,
    ) -> Result<Option<NewConnection>, Fault> {
        let mut wanted = self.read(scope, kind, offer, present);
        let known = present.map(|present| &present.settings.0);
        match kind {
            // An issuer that is saved already was found right then. A provider that is down must not hold up other changes.
            ConnectionKind::Oidc if known.is_none_or(|known| known.issuer != self.issuer.trimmed()) => {
                let judged = setup.judge_issuer(scope.organization, &self.issuer.value).await?;
                wanted.settings.issuer = kept(&mut self.issuer, judged);
            }
            ConnectionKind::Oidc => wanted.settings.issuer = self.issuer.trimmed().to_owned(),
            ConnectionKind::GitHub => {
                let judged = setup.judge_server(scope.organization, &self.server.value).await?;
                wanted.settings.server = kept(&mut self.server, judged);
            }
            ConnectionKind::Google | ConnectionKind::Saml => {}
        }
        Ok(self.complaints().is_empty().then_some(wanted))
    }

    /// Reads every field but the addresses. The fields hold the complaints.
    fn read(&mut self, scope: &Scope, kind: ConnectionKind, offer: &GrantOptions, present: Option<&Connection>) -> NewConnection {
        let name = self.name.line("a name", LONGEST_NAME).unwrap_or_default();
        let (settings, certificates) = self.settings(kind);
        let provisioning = self.provisioning.value.parse().unwrap_or_else(|_| {
            self.provisioning.refuse("Choose who may join.");
            Provisioning::Nobody
        });
        let max_age_minutes = readers::session_minutes(&self.max_age_hours, &self.max_age_minutes).unwrap_or_else(|why| {
            self.age_complaint = Some(why.into());
            None
        });
        NewConnection {
            name,
            secret: if kind == ConnectionKind::Saml { None } else { self.secret() },
            certificates,
            grants: self.read_grants(scope, offer, provisioning, present),
            settings,
            provisioning,
            links_domains: self.links_domains.0,
            counts_two_steps: self.counts_two_steps.0,
            max_age_minutes,
        }
    }

    fn settings(&mut self, kind: ConnectionKind) -> (Settings, Vec<Certificate>) {
        if kind == ConnectionKind::Saml {
            let (saml, certificates) = self.saml.read();
            return (Settings { saml, ..Settings::default() }, certificates);
        }
        let common = Settings {
            issuer: kind.fixed_issuer().unwrap_or_default().to_owned(),
            client_id: readers::client_id(&mut self.client_id),
            ..Settings::default()
        };
        let settings = match kind {
            ConnectionKind::Oidc => Settings {
                scopes: readers::scopes(&mut self.scopes),
                two_step_acrs: readers::contexts(&mut self.two_step_acrs),
                ..common
            },
            ConnectionKind::Google => Settings {
                scopes: SCOPES.map(str::to_owned).to_vec(),
                hosted_domains: readers::domains(&mut self.hosted_domains),
                ..common
            },
            ConnectionKind::GitHub => Settings { organizations: readers::organizations(&mut self.organizations), ..common },
            ConnectionKind::Saml => common,
        };
        (settings, Vec::new())
    }

    fn secret(&mut self) -> Option<SecretString> {
        let typed = self.client_secret.expose().trim();
        if !readers::is_printable(typed) {
            self.secret_complaint = Some("This holds characters that no client secret has. Copy it again from the provider.".into());
        } else if is_entra(&self.issuer.value) && uuid::Uuid::try_parse(typed).is_ok() {
            self.secret_complaint = Some("This is the Secret ID. Copy the Value, which stands beside it.".into());
        }
        (!typed.is_empty()).then(|| SecretString::new(typed))
    }

    /// What people who join are given. Nobody has to be given anything where nobody joins without an invitation.
    fn read_grants(&mut self, scope: &Scope, offer: &GrantOptions, who: Provisioning, present: Option<&Connection>) -> Grants {
        // The form offers no administrator access.
        self.grants.access = Field::new("general");
        // A browser sends no box that the editor may not change, so what they could not touch stays.
        if let Some(present) = present {
            let (held, roles) = (GrantFields::of(&present.grants.0), &mut self.grants.roles);
            let fixed = offer.general_roles().filter(|role| !offer.may_grant(scope, role)).map(|role| role.id.to_string());
            roles.extend(fixed.filter(|id| held.roles.contains(id)));
            let fixed = offer.policies.iter().filter(|policy| !offer.may_attach(policy)).map(|policy| policy.id.to_string());
            self.grants.policies.extend(fixed.filter(|id| held.policies.contains(id)));
        }
        if !who.adds_members() && self.grants.roles.is_empty() {
            return Grants::default();
        }
        self.grants.choose(offer)
    }

    /// Puts a refusal beside the field that it is about.
    pub fn refuse(&mut self, refusal: &ConnectionRefusal) {
        let text = refusal.to_string();
        match refusal {
            ConnectionRefusal::Grant(_) => self.grants.complaint = Some(text),
            ConnectionRefusal::Incomplete => self.client_id.refuse(text),
            ConnectionRefusal::OpenToTheWorld => self.provisioning.refuse(text),
            ConnectionRefusal::ServerInUse => self.server.refuse(text),
            ConnectionRefusal::ProviderInUse | ConnectionRefusal::NoProvider => self.saml.entity_id.refuse(text),
            ConnectionRefusal::TooManyCertificates => self.saml.certificates.refuse(text),
            _ => self.name.refuse(text),
        }
    }
}

/// The address, or a complaint at its field.
fn kept(field: &mut Field, judged: Result<String, AddressRefusal>) -> String {
    judged.unwrap_or_else(|refusal| {
        field.refuse(refusal.to_string());
        String::new()
    })
}

/// The form that deletes a connection.
#[derive(Deserialize, Default, Debug)]
#[serde(deny_unknown_fields, default)]
pub(super) struct DeletionForm {
    pub name: Field,
}

/// The form that lets a deleted person come again.
#[derive(Deserialize, Default, Debug)]
#[serde(deny_unknown_fields, default)]
pub(super) struct ReadmissionForm {
    pub subject: String,
}
