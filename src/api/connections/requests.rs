//! What programs send to create or change a connection. The form of the console judges it.

use super::{
    refusals::of_form,
    rows::provisionings,
    settings_patches::{GitHubPatch, GooglePatch, KindPatches, OidcPatch, SamlPatch, put, tick},
};
use crate::{
    api::{
        Caller,
        choice::{self, Choice},
        grants::SentGrants,
        object,
    },
    connections::{self, ConnectionForm, ConnectionKind, ConnectionSetup, NewConnection, Provisioning},
    db::{Conn, Db},
    kit::{Scope, rights},
    members::{self, GrantOptions},
    saml::Certificate,
    web::{self, Field, FieldError, Problem},
};
use serde::{Deserialize, Deserializer};
use utoipa::ToSchema;
use uuid::Uuid;

/// A connection to create. It needs nothing but a kind and a name, and an issuer for OpenID Connect: what else it needs
/// can follow when the provider knows the addresses of the new connection.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ConnectionRequest {
    #[schema(schema_with = choice::schema::<ConnectionKind>)]
    kind: Choice<ConnectionKind>,
    /// People choose by it on the sign-in page.
    #[schema(min_length = 1, max_length = 60, example = "Example Ltd")]
    name: String,
    /// Only for connections of this kind, as the next three.
    #[serde(default, deserialize_with = "object::optional")]
    oidc: Option<OidcPatch>,
    #[serde(default, deserialize_with = "object::optional")]
    google: Option<GooglePatch>,
    #[serde(default, deserialize_with = "object::optional")]
    github: Option<GitHubPatch>,
    #[serde(default, deserialize_with = "object::optional")]
    saml: Option<SamlPatch>,
    /// Certificates of a SAML provider, each in PEM or its Base64.
    #[schema(max_items = 10)]
    certificates: Option<Vec<String>>,
    /// `invited`, if it is left out.
    #[schema(schema_with = provisionings)]
    provisioning: Option<Choice<Provisioning>>,
    /// Whether people of a verified domain are connected without being asked. False, if it is left out.
    links_domains: Option<bool>,
    /// What those who join are given. The default role, if it is left out; never the Administrator.
    #[schema(max_items = 50)]
    role_ids: Option<Vec<Uuid>>,
    /// The default team, if they are left out.
    #[schema(max_items = 50)]
    team_ids: Option<Vec<Uuid>>,
    #[schema(max_items = 50)]
    policy_ids: Option<Vec<Uuid>>,
    /// Whether two steps at the provider count as two steps in Roster. True, if it is left out.
    counts_two_steps: Option<bool>,
    /// The longest session. Null for as long as elsewhere in the organization.
    #[serde(default)]
    #[schema(value_type = Option<i64>, minimum = 5, maximum = 43200)]
    max_age_minutes: SentAge,
}

/// What to change of a connection. What is left out stays as it is. Its kind never changes, and certificates have
/// operations of their own.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ConnectionPatch {
    #[schema(min_length = 1, max_length = 60, example = "Example Ltd")]
    name: Option<String>,
    /// Only for connections of this kind, as the next three.
    #[serde(default, deserialize_with = "object::optional")]
    oidc: Option<OidcPatch>,
    #[serde(default, deserialize_with = "object::optional")]
    google: Option<GooglePatch>,
    #[serde(default, deserialize_with = "object::optional")]
    github: Option<GitHubPatch>,
    #[serde(default, deserialize_with = "object::optional")]
    saml: Option<SamlPatch>,
    #[schema(schema_with = provisionings)]
    provisioning: Option<Choice<Provisioning>>,
    /// Whether people of a verified domain are connected without being asked.
    links_domains: Option<bool>,
    /// All roles that those who join are given. Roles and policies that the caller cannot give stay, as in the console.
    #[schema(max_items = 50)]
    role_ids: Option<Vec<Uuid>>,
    #[schema(max_items = 50)]
    team_ids: Option<Vec<Uuid>>,
    #[schema(max_items = 50)]
    policy_ids: Option<Vec<Uuid>>,
    /// Whether two steps at the provider count as two steps in Roster.
    counts_two_steps: Option<bool>,
    /// The longest session. Null for as long as elsewhere in the organization.
    #[serde(default)]
    #[schema(value_type = Option<i64>, minimum = 5, maximum = 43200)]
    max_age_minutes: SentAge,
}

/// The longest session that a request asks for.
#[derive(Default)]
enum SentAge {
    /// Nothing was sent.
    #[default]
    AsBefore,
    /// Null was sent.
    AsElsewhere,
    Minutes(i64),
}

impl<'de> Deserialize<'de> for SentAge {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        Ok(Option::deserialize(from)?.map_or(Self::AsElsewhere, Self::Minutes))
    }
}

impl ConnectionRequest {
    /// The kind, the certificates, and the rest.
    pub fn split(self) -> (ConnectionKind, Option<Vec<String>>, ConnectionPatch) {
        let rest = ConnectionPatch {
            name: Some(self.name),
            oidc: self.oidc,
            google: self.google,
            github: self.github,
            saml: self.saml,
            provisioning: self.provisioning,
            links_domains: self.links_domains,
            role_ids: self.role_ids,
            team_ids: self.team_ids,
            policy_ids: self.policy_ids,
            counts_two_steps: self.counts_two_steps,
            max_age_minutes: self.max_age_minutes,
        };
        (self.kind.0, self.certificates, rest)
    }
}

impl ConnectionPatch {
    /// What is wanted, judged by the form of the console: the blank one, or that of the present connection.
    ///
    /// # Errors
    /// The fields that are not valid.
    pub async fn judged(
        self,
        caller: &Caller,
        db: &Db,
        setup: &ConnectionSetup,
        kind: ConnectionKind,
        present: Option<&connections::Connection>,
    ) -> web::Result<NewConnection> {
        let load = |conn: &mut Conn, scope: &Scope| {
            scope.demand(rights::CONNECTION_MANAGE)?;
            members::grant_options(conn, scope)
        };
        let offer = caller.read(db, load).await?;
        let mut form = present.map_or_else(|| ConnectionForm::blank(kind, &offer), ConnectionForm::of);
        let errors = self.over(kind, &mut form, &offer, present);
        if !errors.is_empty() {
            return Err(Problem::fields(errors).into());
        }
        if let Some(wanted) = form.judged(setup, &caller.scope, kind, &offer, present).await? {
            return Ok(wanted);
        }
        let complaints = form.complaints().into_iter();
        Err(Problem::fields(complaints.map(|(field, text)| of_form(kind, field, text)).collect()).into())
    }

    /// Writes what was sent into the form.
    fn over(
        self,
        kind: ConnectionKind,
        form: &mut ConnectionForm,
        offer: &GrantOptions,
        present: Option<&connections::Connection>,
    ) -> Vec<FieldError> {
        let mut errors = administrators(self.role_ids.as_deref(), offer);
        let grants = sent_grants(self.role_ids, self.team_ids, self.policy_ids, offer, present);
        match grants.fields(offer) {
            Ok(grants) => form.grants = grants,
            Err(wrong) => errors.extend(wrong),
        }
        put(&mut form.name, self.name);
        put(&mut form.provisioning, self.provisioning.map(|Choice(who)| who.as_str().to_owned()));
        tick(&mut form.links_domains, self.links_domains);
        tick(&mut form.counts_two_steps, self.counts_two_steps);
        let age = match self.max_age_minutes {
            SentAge::AsBefore => None,
            SentAge::AsElsewhere => Some(String::new()),
            SentAge::Minutes(minutes) => Some(minutes.to_string()),
        };
        if let Some(minutes) = age {
            (form.max_age_hours, form.max_age_minutes) = (Field::default(), Field::new(minutes));
        }
        let kinds = KindPatches { oidc: self.oidc, google: self.google, github: self.github, saml: self.saml };
        errors.extend(kinds.over(kind, form));
        errors
    }
}

/// What is to be given: what was sent, over what is given now as far as it still exists.
fn sent_grants(
    roles: Option<Vec<Uuid>>,
    teams: Option<Vec<Uuid>>,
    policies: Option<Vec<Uuid>>,
    offer: &GrantOptions,
    present: Option<&connections::Connection>,
) -> SentGrants {
    let Some(held) = present.map(|present| &present.grants.0) else {
        return SentGrants { administrator: false, role_ids: roles, team_ids: teams, policy_ids: policies };
    };
    let held_roles = offer.roles.iter().filter(|role| role.is_for(offer.kind) && held.roles.contains(&role.id));
    let held_teams = offer.teams.iter().filter(|team| held.teams.contains(&team.id));
    let held_policies = offer.policies.iter().filter(|policy| held.policies.contains(&policy.id));
    SentGrants {
        administrator: false,
        role_ids: roles.or_else(|| Some(held_roles.map(|role| role.id.0).collect())),
        team_ids: teams.or_else(|| Some(held_teams.map(|team| team.id.0).collect())),
        policy_ids: policies.or_else(|| Some(held_policies.map(|policy| policy.id.0).collect())),
    }
}

/// The Administrator among these roles: nobody becomes one by signing in.
fn administrators(sent: Option<&[Uuid]>, offer: &GrantOptions) -> Vec<FieldError> {
    let is_administrator = |id: &Uuid| offer.roles.iter().any(|role| role.id.0 == *id && role.is_administrator());
    let sent = sent.unwrap_or_default().iter().enumerate();
    let named = sent.filter(|(_, id)| is_administrator(id));
    let text = "Nobody becomes an Administrator by signing in.";
    named.map(|(at, _)| FieldError::new(format!("/role_ids/{at}"), "invalid", text)).collect()
}

/// Reads certificates that were sent for a new connection.
///
/// # Errors
/// Those that cannot be read, and any for another kind than SAML.
pub(super) fn certificates(kind: ConnectionKind, sent: Option<&[String]>) -> web::Result<Vec<Certificate>> {
    if kind != ConnectionKind::Saml && sent.is_some() {
        let error = FieldError::new("/certificates", "conflict", "Only connections with SAML have certificates. Leave this out.");
        return Err(Problem::fields(vec![error]).into());
    }
    let (mut read, mut errors) = (Vec::new(), Vec::new());
    for (at, text) in sent.unwrap_or_default().iter().enumerate() {
        match connections::one_certificate(text) {
            Ok(certificate) => read.push(certificate),
            Err(why) => errors.push(FieldError::new(format!("/certificates/{at}"), "invalid", why)),
        }
    }
    if errors.is_empty() {
        Ok(read)
    } else {
        Err(Problem::fields(errors).into())
    }
}
