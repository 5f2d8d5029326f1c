//! Connections as stored, and their pure rules.

use super::saml_settings::SamlSettings;
use crate::{
    db::{Json, MultiBackend, schema::connections},
    kit::{ConnectionId, MemberId, OrganizationId, Timestamp},
    members::{Grants, MappedGrant},
    text_enum,
};
use diesel::prelude::*;
use serde::{Deserialize, Serialize};

text_enum! {
    /// What a connection speaks with the identity provider.
    pub enum ConnectionKind {
        /// OpenID Connect Core 1.0, with any issuer.
        Oidc = "oidc",
        /// OpenID Connect with Google.
        Google = "google",
        /// OAuth 2.0 with GitHub, or GitHub Enterprise Server.
        GitHub = "github",
        /// SAML 2.0, with any identity provider.
        Saml = "saml",
    }
}

impl ConnectionKind {
    pub const ALL: [Self; 4] = [Self::Oidc, Self::Saml, Self::Google, Self::GitHub];

    pub fn label(self) -> &'static str {
        match self {
            Self::Oidc => "OpenID Connect",
            Self::Google => "Google",
            Self::GitHub => "GitHub",
            Self::Saml => "SAML 2.0",
        }
    }
    /// What it is for, where the kind is chosen.
    pub fn explanation(self) -> &'static str {
        match self {
            Self::Oidc => "Microsoft Entra ID, Okta, Keycloak, AD FS, Auth0, and every other provider that speaks it.",
            Self::Saml => {
                "For providers that do not speak OpenID Connect, or where SAML is the rule: Entra ID, Okta, Google Workspace, AD FS, Keycloak."
            }
            Self::Google => "For organizations with Google Workspace. People sign in with their work account.",
            Self::GitHub => {
                "For people with an account on GitHub or on a GitHub Enterprise Server, also only for members of your organization there."
            }
        }
    }
    /// The issuer of a preset.
    pub fn fixed_issuer(self) -> Option<&'static str> {
        match self {
            Self::Google => Some("https://accounts.google.com"),
            Self::Oidc | Self::GitHub | Self::Saml => None,
        }
    }
    /// Whether the provider says more of a person than who they are, such as their groups. GitHub does not.
    pub fn tells_claims(self) -> bool {
        self != Self::GitHub
    }
    /// Whether it speaks OpenID Connect.
    pub fn is_openid(self) -> bool {
        matches!(self, Self::Oidc | Self::Google)
    }
}

text_enum! {
    /// Whether people can sign in through a connection.
    pub enum ConnectionStatus {
        /// Not yet: it is being set up. Tests work.
        Draft = "draft",
        Enabled = "enabled",
        /// No more. Its sessions have ended, and its people stay.
        Disabled = "disabled",
    }
}

/// GitHub itself, the server of connections that name no other.
pub const GITHUB: &str = "https://github.com";

text_enum! {
    /// Who becomes a member by signing in through a connection.
    pub enum Provisioning {
        /// Nobody, whether they were invited or not.
        Nobody = "none",
        /// People with an open invitation.
        Invited = "invited",
        /// Also people with an address of a domain that the organization has verified for this connection.
        Domain = "domain",
        /// Everybody whom the provider lets in.
        Anyone = "anyone",
    }
}

impl Provisioning {
    pub const ALL: [Self; 4] = [Self::Nobody, Self::Invited, Self::Domain, Self::Anyone];

    pub fn label(self) -> &'static str {
        match self {
            Self::Nobody => "Nobody",
            Self::Invited => "People with an open invitation",
            Self::Domain => "The invited, and everybody with an address of a verified domain",
            Self::Anyone => "Everybody whom the provider lets in",
        }
    }
    /// What the form says below the label.
    pub fn explanation(self) -> &'static str {
        match self {
            Self::Nobody => "Members connect their sign-in on their profile. An invitation is accepted with a password.",
            Self::Invited => "They accept it by signing in, without a password.",
            Self::Domain => "Only domains that this organization has verified for this connection.",
            Self::Anyone => "The provider alone decides who becomes a member, until no seat is free.",
        }
    }
    /// Whether people become members without an invitation.
    pub fn adds_members(self) -> bool {
        matches!(self, Self::Domain | Self::Anyone)
    }
}

/// What the protocol needs. Each kind uses a part of it.
#[derive(Serialize, Deserialize, Clone, Debug, Default, PartialEq, Eq)]
#[serde(default)]
pub struct Settings {
    /// OpenID Connect: the issuer as its discovery document spells it.
    pub issuer: String,
    pub client_id: String,
    /// OpenID Connect: asked for beside `openid`.
    pub scopes: Vec<String>,
    /// OpenID Connect: values of the claim `acr` that stand for two steps.
    pub two_step_acrs: Vec<String>,
    /// Google: the Workspace domains that are accepted (claim `hd`); none is all, and private accounts.
    pub hosted_domains: Vec<String>,
    /// GitHub: the address of GitHub itself or of an Enterprise Server, without a path.
    pub server: String,
    /// GitHub: the organizations of which people have to be active members; none is everybody.
    pub organizations: Vec<String>,
    pub saml: SamlSettings,
}

impl Settings {
    /// Whether anybody in the world can have an account there, because nothing narrows who comes.
    pub fn is_open_to_the_world(&self, kind: ConnectionKind) -> bool {
        match kind {
            ConnectionKind::Oidc | ConnectionKind::Saml => false,
            ConnectionKind::Google => self.hosted_domains.is_empty(),
            ConnectionKind::GitHub => self.organizations.is_empty() && self.server == GITHUB,
        }
    }
}

/// One value of one claim, and what it gives.
#[derive(Serialize, Deserialize, Clone, Debug, PartialEq, Eq)]
pub struct ClaimMapping {
    /// The name of the claim; a claim within another is written with a dot between them.
    pub claim: String,
    /// Compared exactly.
    pub value: String,
    pub gives: MappedGrant,
}

impl ClaimMapping {
    /// The longest name of a claim, and the longest value, in characters.
    pub const LONGEST: usize = 300;

    /// Whether a text can be the name of a claim or a value.
    pub fn is_text(text: &str) -> bool {
        !text.trim().is_empty() && text.chars().count() <= Self::LONGEST && !text.contains('\0')
    }
}

/// A connection. Its secret is not part of it.
#[derive(Queryable, Selectable, Clone, Debug)]
#[diesel(table_name = connections, check_for_backend(MultiBackend))]
pub struct Connection {
    pub id: ConnectionId,
    pub organization_id: OrganizationId,
    pub kind: ConnectionKind,
    pub name: String,
    pub status: ConnectionStatus,
    pub settings: Json<Settings>,
    pub provisioning: Provisioning,
    /// Whether people of a verified domain are connected without being asked.
    pub links_domains: bool,
    /// What those who join are given.
    pub grants: Json<Grants>,
    /// Who saved the grants: they have to be able to give them when somebody joins.
    pub granted_by: Option<MemberId>,
    /// Whether two steps at the provider count as two steps here.
    pub counts_two_steps: bool,
    pub max_age_minutes: Option<i64>,
    pub version: i64,
    pub created_at: Timestamp,
    pub created_by: Option<MemberId>,
    pub last_success_at: Option<Timestamp>,
    pub last_failure_at: Option<Timestamp>,
    pub last_failure: Option<String>,
    /// Which roles and teams follow from what the provider says.
    pub mappings: Json<Vec<ClaimMapping>>,
    /// Who saved the mappings: they have to be able to give that when somebody signs in.
    pub mapped_by: Option<MemberId>,
    /// Who decided for whom the connection vouches, if they did not hold everything: it connects nobody who holds more.
    pub vouched_by: Option<MemberId>,
    /// What kept a mapping from being applied at the latest sign-in.
    pub mapping_trouble: Option<String>,
    pub mapping_trouble_at: Option<Timestamp>,
}

impl Connection {
    pub fn is_enabled(&self) -> bool {
        self.status == ConnectionStatus::Enabled
    }
    /// The path to which the provider sends people back. Each connection has its own, so that the answer of one provider
    /// cannot be handed in at another connection (mix-up attack, RFC 9700, section 4.4).
    pub fn callback_path(&self) -> String {
        match self.kind {
            ConnectionKind::Saml => format!("{}/acs", self.entity_path()),
            ConnectionKind::Oidc | ConnectionKind::Google | ConnectionKind::GitHub => format!("/sso/{}/callback", self.id),
        }
    }
    /// SAML: what the provider calls us. Each connection has its own, so that an answer for one organization cannot be
    /// handed in at another. Our metadata is found there.
    pub fn entity_path(&self) -> String {
        format!("/sso/saml/{}", self.id)
    }
    /// The path at which a sign-in begins.
    pub fn start_path(&self) -> String {
        format!("/sso/{}/start", self.id)
    }
    /// Whether the provider says when a person signed in there, so that it can vouch for them anew. GitHub does not.
    pub fn tells_when(&self) -> bool {
        self.kind != ConnectionKind::GitHub
    }
    /// Whether the latest answer was refused and none was accepted since.
    pub fn is_failing(&self) -> bool {
        self.last_failure_at.is_some_and(|failed| self.last_success_at.is_none_or(|worked| worked < failed))
    }
}
