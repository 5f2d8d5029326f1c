//! The forms of a SCIM client.

use super::{
    model::{Product, Provisioner, ProvisionerSettings},
    refusal::SetupRefusal,
};
use crate::{
    connections::Connection,
    kit::{ConnectionId, RoleId},
    members::{GrantFields, GrantOptions, one_or_several},
    roles::Role,
    system_accounts,
    web::{Field, Picker, PickerChoice, Ticked, complaints},
};
use serde::{Deserialize, Serialize};

const LONGEST_NAME: usize = 100;
const REMOVALS: [&str; 2] = ["disable", "delete"];

/// What the form offers.
pub(super) struct Choices {
    pub connections: Vec<Connection>,
    /// The roles that a SCIM client may be allowed to give.
    pub roles: Vec<Role>,
    /// What new people can get.
    pub grants: GrantOptions,
}

/// The form that sets up a SCIM client or edits one.
#[derive(Deserialize, Serialize, Default, Debug)]
#[serde(deny_unknown_fields, default)]
pub struct ProvisionerForm {
    /// The version that the person read.
    pub version: i64,
    pub product: Field,
    /// The name of a new system account. Empty means that of the product.
    pub name: Field,
    /// Empty means none yet.
    pub connection: Field,
    #[serde(flatten)]
    pub grants: GrantFields,
    /// `disable` or `delete`.
    pub removal: Field,
    pub adopts: Ticked,
    pub reaches_administrators: Ticked,
    #[serde(rename = "allowed_role", deserialize_with = "one_or_several")]
    pub allowed_roles: Vec<String>,
    /// Why nothing is saved, where that is about no field.
    #[serde(skip)]
    pub complaint: Option<String>,
}

impl ProvisionerForm {
    /// The form of a new client, with the safe choices.
    pub(super) fn blank(choices: &Choices) -> Self {
        Self {
            grants: GrantFields::blank(&choices.grants),
            removal: Field::new("disable"),
            ..Self::default()
        }
    }

    pub(super) fn of(provisioner: &Provisioner) -> Self {
        Self {
            version: provisioner.version,
            product: Field::new(provisioner.product.as_str()),
            connection: Field::new(provisioner.connection_id.map(|id| id.to_string()).unwrap_or_default()),
            grants: GrantFields::of(provisioner.gives()),
            removal: Field::new(if provisioner.deletes { "delete" } else { "disable" }),
            adopts: Ticked(provisioner.adopts),
            reaches_administrators: Ticked(provisioner.reaches_administrators),
            allowed_roles: provisioner.allowed_roles().iter().map(ToString::to_string).collect(),
            ..Self::default()
        }
    }

    pub(super) fn is_for(&self, product: &Product) -> bool {
        self.product.value == product.as_str()
    }
    pub(super) fn is_bound_to(&self, connection: &Connection) -> bool {
        self.connection.value == connection.id.to_string()
    }
    pub(super) fn deletes(&self) -> bool {
        self.removal.value == "delete"
    }
    pub(super) fn allows(&self, role: &Role) -> bool {
        self.allowed_roles.contains(&role.id.to_string())
    }
    pub(super) fn allowed_role_picker(&self, choices: &Choices) -> Picker {
        let choices = choices.roles.iter().map(|role| PickerChoice {
            value: role.id.to_string(),
            name: role.name.clone(),
            is_chosen: self.allows(role),
            ..PickerChoice::default()
        });
        Picker::new("allowed_role", "roles", choices.collect(), &self.grants.search)
    }
    /// Whether something is chosen that a new client does not have, so that it is not folded away.
    pub(super) fn is_special(&self) -> bool {
        let is_any = self.deletes() || self.adopts.0 || self.reaches_administrators.0 || !self.allowed_roles.is_empty();
        is_any || self.removal.is_refused() || !self.grants.search.of("allowed_role").is_empty()
    }

    /// Reads the form of a new client: the name of its system account and the settings. `None` if it has complaints.
    pub(super) fn check_new(&mut self, choices: &Choices) -> Option<(String, ProvisionerSettings)> {
        let settings = self.check(choices);
        let product: Option<Product> = self.product.value.parse().ok();
        if let Some(product) = product.filter(|product| self.name.trimmed().is_empty() && *product != Product::Other) {
            self.name = Field::new(product.label());
        }
        let name = self.name.line("a name", LONGEST_NAME);
        name.zip(settings)
    }

    /// Reads the settings. `None` if the form has complaints.
    pub(super) fn check(&mut self, choices: &Choices) -> Option<ProvisionerSettings> {
        // The form offers no administrator access.
        self.grants.access = Field::new("general");
        let gives = self.grants.choose(&choices.grants);
        self.removal.one_of(REMOVALS);
        let product = self.product.value.parse().unwrap_or_else(|_| {
            self.product.refuse("Choose the product of your identity provider.");
            Product::Other
        });
        let settings = ProvisionerSettings {
            product,
            connection: self.read_connection(),
            deletes: self.deletes(),
            adopts: self.adopts.0,
            reaches_administrators: self.reaches_administrators.0,
            gives,
            allowed_roles: self.read_allowed_roles(choices),
        };
        self.complaints().is_empty().then_some(settings)
    }

    fn read_connection(&mut self) -> Option<ConnectionId> {
        if self.connection.trimmed().is_empty() {
            return None;
        }
        let connection = self.connection.trimmed().parse().ok();
        if connection.is_none() {
            self.connection.refuse(SetupRefusal::NoSuchConnection.to_string());
        }
        connection
    }

    /// The ticked roles, in the order of the form, so that the same choice is the same settings.
    fn read_allowed_roles(&self, choices: &Choices) -> Vec<RoleId> {
        choices.roles.iter().filter(|role| self.allows(role)).map(|role| role.id).collect()
    }

    /// The complaints, each with the id of its field, for the summary above the form.
    pub(super) fn complaints(&self) -> Vec<(&'static str, &str)> {
        let [_, roles] = self.grants.complaints();
        complaints([
            ("product", &self.product.complaint),
            ("name", &self.name.complaint),
            ("connection", &self.connection.complaint),
            roles,
            ("removal", &self.removal.complaint),
        ])
    }

    /// Puts a refusal beside the field that it is about.
    pub(super) fn refuse(&mut self, refusal: &SetupRefusal) {
        let text = refusal.to_string();
        match refusal {
            SetupRefusal::ConnectionTaken | SetupRefusal::NoSuchConnection => self.connection.refuse(text),
            SetupRefusal::NoAdministratorRole | SetupRefusal::Grant(_) => self.grants.complaint = Some(text),
            SetupRefusal::Account(system_accounts::CreateRefusal::NameTaken) => self.name.refuse(text),
            SetupRefusal::NotAdministrator | SetupRefusal::Meanwhile | SetupRefusal::Account(_) | SetupRefusal::Token(_) => {
                self.complaint = Some(text);
            }
        }
    }
}

/// The form that deletes a SCIM client.
#[derive(Deserialize, Default, Debug)]
#[serde(deny_unknown_fields, default)]
pub(super) struct DeletionForm {
    pub name: Field,
}
