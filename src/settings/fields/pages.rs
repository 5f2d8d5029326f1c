//! Pages of `settings::fields`: one struct per template, with what it shows.

use super::{FIELDS, forms::FieldForm, operations::Loss};
use crate::{
    kit::{OwnFieldId, rights},
    own_fields::{Bearers, FieldKind, MOST, OwnField, SeenBy},
    web::{Field, MemberContext, filters},
};
use askama::Template;

/// The list of fields, with the form of a new one.
#[derive(Template)]
#[template(path = "settings/fields.html")]
pub(super) struct Index {
    pub context: MemberContext,
    pub fields: Vec<OwnField>,
    pub form: FieldForm,
}

impl Index {
    pub fn may_manage(&self) -> bool {
        self.context.scope.may(rights::ORGANIZATION_MANAGE)
    }
    pub fn has_room(&self) -> bool {
        self.fields.len() < MOST
    }
    pub fn path(&self, id: &OwnFieldId) -> String {
        self.context.path(format!("{FIELDS}/{id}"))
    }
    pub fn seen(&self, field: &OwnField) -> &'static str {
        match field.seen_by {
            SeenBy::Everybody => "Everybody",
            SeenBy::Managers => "Those who manage members",
        }
    }
    pub fn kinds(&self) -> [FieldKind; 6] {
        FieldKind::ALL
    }
    pub fn bearers(&self) -> [Bearers; 3] {
        [Bearers::People, Bearers::SystemAccounts, Bearers::Both]
    }
}

/// The form of a declared field.
#[derive(Template)]
#[template(path = "settings/field.html")]
pub(super) struct Edit {
    pub context: MemberContext,
    pub field: OwnField,
    pub form: FieldForm,
}

/// The confirmation before a field is removed, with what is lost.
#[derive(Template)]
#[template(path = "settings/field_deletion.html")]
pub(super) struct Deletion {
    pub context: MemberContext,
    pub loss: Loss,
    /// The name, typed again, because the values cannot be brought back.
    pub typed: Field,
}
