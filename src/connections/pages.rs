//! Pages of `connections`: one struct per template, with what it shows.

use super::{
    forms::ConnectionForm,
    keys::{ConnectionKey, MOST_CERTIFICATES},
    mapping_forms::{MappingForm, told},
    metadata::Description,
    model::{ClaimMapping, Connection, ConnectionKind, ConnectionStatus, Provisioning},
    own_keys::{OwnKey, OwnKeyState},
    refusal::MOST,
    status::LeftWithout,
};
use crate::{
    identities::DeletedIdentity,
    kit::{ConnectionId, Timestamp, fold, rights},
    members::{GivenNames, GrantOptions, MappedGrant},
    roles::Role,
    web::{self, Field, MemberContext, Picker, PickerChoice, PickerSearch, filters},
};
use askama::Template;
use std::collections::HashMap;

/// The path of the list within the organization.
pub(super) const LIST: &str = "/settings/connections";

/// The list.
#[derive(Template)]
#[template(path = "connections/index.html")]
pub(super) struct Index {
    pub context: MemberContext,
    pub all: Vec<Connection>,
    /// How many people each has.
    pub people: HashMap<ConnectionId, i64>,
    /// When the certificates of a connection end, where that is soon or past.
    pub ending: HashMap<ConnectionId, Timestamp>,
}

impl Index {
    pub fn may_manage(&self) -> bool {
        self.context.scope.may(rights::CONNECTION_MANAGE)
    }
    pub fn is_full(&self) -> bool {
        self.all.len() >= MOST
    }
    pub fn now(&self) -> &Timestamp {
        &self.context.scope.request_info.now
    }
    pub fn is_past(&self, end: &Timestamp) -> bool {
        end <= self.now()
    }
    pub fn people_of(&self, connection: &Connection) -> i64 {
        self.people.get(&connection.id).copied().unwrap_or_default()
    }
}

/// The choice of a kind.
#[derive(Template)]
#[template(path = "connections/kinds.html")]
pub(super) struct Kinds {
    pub context: MemberContext,
}

/// The form of a new connection or of one that is there.
#[derive(Template)]
#[template(path = "connections/form.html")]
pub(super) struct FormPage {
    pub context: MemberContext,
    pub kind: ConnectionKind,
    pub form: ConnectionForm,
    pub offer: GrantOptions,
    /// The connection that is edited.
    pub edited: Option<Edited>,
    pub metadata: MetadataFields,
}

/// The form that reads the metadata of a provider, and what was found.
#[derive(Default)]
pub(super) struct MetadataFields {
    pub text: Field,
    pub url: Field,
    pub complaint: Option<String>,
    pub found: Option<Description>,
}

/// What the form says of the connection that it edits.
pub(super) struct Edited {
    pub connection: Connection,
    pub has_secret: bool,
    pub people: i64,
}

impl FormPage {
    pub fn back(&self) -> String {
        match &self.edited {
            Some(edited) => path(&self.context, &edited.connection),
            None => self.context.path(format!("{LIST}/new")),
        }
    }
    pub fn now(&self) -> &Timestamp {
        &self.context.scope.request_info.now
    }
    /// Where metadata is sent to be read.
    pub fn metadata_path(&self) -> String {
        match &self.edited {
            Some(edited) => format!("{}/metadata", path(&self.context, &edited.connection)),
            None => self.context.path(format!("{LIST}/new/saml/metadata")),
        }
    }
    pub fn has_secret(&self) -> bool {
        self.edited.as_ref().is_some_and(|edited| edited.has_secret)
    }
    /// How many people a change of the issuer would disconnect.
    pub fn people(&self) -> i64 {
        self.edited.as_ref().map_or(0, |edited| edited.people)
    }
}

/// The mappings of a connection.
#[derive(Template)]
#[template(path = "connections/mappings.html")]
pub(super) struct Mappings {
    pub context: MemberContext,
    pub connection: Connection,
    pub offer: GrantOptions,
    pub form: MappingForm,
    /// What was searched for among the roles and teams.
    pub search: PickerSearch,
}

impl Mappings {
    pub fn home(&self) -> String {
        path(&self.context, &self.connection)
    }
    /// The roles that the caller may give to people and that match the search, as options.
    pub fn roles(&self) -> Vec<(String, &str)> {
        let roles = self.given_roles().filter(|role| fold::has_words(&role.name, self.sought()));
        roles.map(|role| (told(MappedGrant::Role(role.id)), role.name.as_str())).collect()
    }
    /// The teams that match the search.
    pub fn teams(&self) -> Vec<(String, &str)> {
        let teams = self.offer.teams.iter().filter(|team| fold::has_words(&team.name, self.sought()));
        teams.map(|team| (told(MappedGrant::Team(team.id)), team.name.as_str())).collect()
    }
    fn given_roles(&self) -> impl Iterator<Item = &Role> {
        let roles = self.offer.roles.iter().filter(|role| role.is_for(self.offer.kind) && role.is_granted());
        roles.filter(|role| self.offer.may_grant(&self.context.scope, role))
    }
    /// Whether there are so many options that one searches them.
    pub fn is_long(&self) -> bool {
        self.given_roles().count() + self.offer.teams.len() > Picker::<PickerChoice>::FEW
    }
    pub fn sought(&self) -> &str {
        self.search.of("gives")
    }
    /// Whether a line gives something that is not among the options: it does not match, it was deleted, or the caller may
    /// not give it.
    pub fn is_other(&self, gives: &str) -> bool {
        let known = self.roles().into_iter().chain(self.teams());
        !gives.is_empty() && !known.into_iter().any(|(value, _)| value == gives)
    }
    /// The name of what is not among the options, if it is there.
    pub fn other(&self, gives: &str) -> &str {
        let role = self.offer.roles.iter().find(|role| told(MappedGrant::Role(role.id)) == gives);
        let team = self.offer.teams.iter().find(|team| told(MappedGrant::Team(team.id)) == gives);
        role.map(|role| &role.name).or(team.map(|team| &team.name)).map_or("Deleted", String::as_str)
    }
    /// The complaints, each with the id of its field, for the summary above the form.
    pub fn complaints(&self) -> Vec<(&'static str, &str)> {
        web::complaints([
            ("mappings", &self.form.complaint),
            ("administrators", &self.form.administrators_complaint),
        ])
    }
}

/// One connection.
#[derive(Template)]
#[template(path = "connections/show.html")]
pub(super) struct Show {
    pub context: MemberContext,
    pub kind: ConnectionKind,
    pub connection: Connection,
    pub has_secret: bool,
    /// Whether it can be tested and enabled.
    pub is_complete: bool,
    pub certificates: Vec<ConnectionKey>,
    /// SAML: Roster's own keys.
    pub own_keys: Vec<OwnKey>,
    /// When its latest certificate ends, if that is soon or past.
    pub ending: Option<Timestamp>,
    pub people: i64,
    pub created_by: Option<String>,
    /// The names of what those who join are given.
    pub given: GivenNames,
    /// The mappings, each with the name of what it gives unless that was deleted.
    pub mappings: Vec<(ClaimMapping, Option<String>)>,
    /// People who were deleted. Empty for a caller who may not see them.
    pub deleted: Vec<DeletedIdentity>,
}

impl Show {
    pub fn may_manage(&self) -> bool {
        self.context.scope.may(rights::CONNECTION_MANAGE)
    }
    pub fn now(&self) -> &Timestamp {
        &self.context.scope.request_info.now
    }
    pub fn is_past(&self, end: &Timestamp) -> bool {
        end <= self.now()
    }
    pub fn base(&self) -> String {
        path(&self.context, &self.connection)
    }
    pub fn callback(&self) -> String {
        self.context.site.link(&self.connection.callback_path())
    }
    pub fn entity_id(&self) -> String {
        self.context.site.link(&self.connection.entity_path())
    }
    /// Whether its set-up is done: the steps are not shown any more.
    pub fn is_draft(&self) -> bool {
        self.connection.status == ConnectionStatus::Draft
    }
    /// Whether the latest answer of the provider was accepted.
    pub fn is_tested(&self) -> bool {
        self.connection.last_success_at.is_some() && !self.connection.is_failing()
    }
    pub fn longest_session(&self) -> String {
        match self.connection.max_age_minutes {
            Some(age) if age % 60 == 0 => format!("{} h", age / 60),
            Some(age) if age < 60 => format!("{age} min"),
            Some(age) => format!("{} h {} min", age / 60, age % 60),
            None => "As elsewhere in this organization".into(),
        }
    }
}

/// The question before it is disabled.
#[derive(Template)]
#[template(path = "connections/disablement.html")]
pub(super) struct Disablement {
    pub context: MemberContext,
    pub connection: Connection,
    pub people: i64,
    pub left_without: LeftWithout,
    pub refusal: Option<String>,
}

/// The question before a deletion.
#[derive(Template)]
#[template(path = "connections/deletion.html")]
pub(super) struct Deletion {
    pub context: MemberContext,
    pub connection: Connection,
    pub people: i64,
    pub left_without: LeftWithout,
    pub typed: Field,
    pub refusal: Option<String>,
}

/// The path of a connection's page.
pub(super) fn path(context: &MemberContext, connection: &Connection) -> String {
    context.path(format!("{LIST}/{}", connection.id))
}
