//! Name and contact details of a member: administrators edit those of all members, and all members edit their own. The
//! version in the form detects concurrent edits; see `edit_conflict`.

use super::{
    accounts::is_name_taken,
    fields::with_contact_details,
    managed::{changes_managed, may_change_managed, provisioning_accounts},
    model::{Details, Member},
    name::{self, NameFields, PersonNames},
    reach::towards,
    reauthorize::{reauthorize, reauthorize_shared},
    store::{self, find_of},
};
use crate::{
    audit::{self, Event},
    db::Tx,
    kit::{MemberId, MemberKind, OperationError, Scope, rights},
    own_fields::{self, Complaints, SentOwn, Writer},
    web::{Error, Field},
};
use serde::Deserialize;
use serde_json::{Map, Value};
use std::collections::BTreeMap;

impl Details {
    pub(super) fn names(&self) -> PersonNames {
        PersonNames {
            first: self.first_name.clone(),
            last: self.last_name.clone(),
            display: self.name.clone(),
        }
    }
    /// Adds the details other than the display name to an audit event.
    pub fn tell(&self, facts: &mut Value) {
        let known = |(field, _, text): &(&str, &str, &str)| *field != "name" && !text.is_empty();
        for (field, _, text) in self.parts().into_iter().filter(known) {
            facts[field] = text.into();
        }
    }
    /// These details as [`edit`] saves them over `present`: the display name follows first and last name.
    ///
    /// # Errors
    /// [`EditRefusal::NameTooLong`].
    pub fn as_saved(&self, present: &Self) -> Result<Self, EditRefusal> {
        let saved = self.following(present);
        if saved.name.chars().count() > name::LONGEST {
            return Err(EditRefusal::NameTooLong);
        }
        Ok(saved)
    }
}

/// Why nothing is saved.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EditRefusal {
    #[error("Somebody else changed this meanwhile.")]
    Meanwhile,
    /// For system accounts, whose names are unique.
    #[error("There is a system account of this name already. Choose another, so that both can be told apart.")]
    NameTaken,
    /// For people, whose display name follows first and last name.
    #[error("{}", name::TOO_LONG)]
    NameTooLong,
    #[error("An identity provider manages these details, and would send them again. Change them there.")]
    Managed,
    /// Of the organization's own fields.
    #[error(transparent)]
    Own(Complaints),
}

/// Saves the details if nobody has changed them since that version. Returns whether anything changed.
///
/// # Errors
/// An [`EditRefusal`], [`Fault::Denied`](crate::kit::Fault) or [`Fault::Missing`](crate::kit::Fault).
pub fn edit(
    tx: &mut Tx<'_>,
    scope: &Scope,
    kind: MemberKind,
    id: MemberId,
    version: i64,
    wanted: &Details,
) -> Result<bool, OperationError<EditRefusal>> {
    let scope = &match kind {
        MemberKind::User => reauthorize_shared(tx, scope)?,
        // This lock makes two callers who choose the same name for a system account run one after the other.
        MemberKind::SystemAccount => reauthorize(tx, scope)?,
    };
    let scope = &towards(tx, scope, id)?;
    if !scope.is_me(id) {
        scope.demand(rights::manage(kind))?;
    }
    let member = find_of(tx, scope, kind, id)?;
    let present = Details::of(&member);
    let own = own_fields::changes(tx, scope, (kind, Some(id)), &wanted.own, Writer::Caller);
    let own = own.map_err(|error| error.map_refusal(EditRefusal::Own))?;
    if own.is_empty() && present == (Details { own: BTreeMap::new(), ..wanted.clone() }) {
        return Ok(false);
    }
    // An identity provider writes the display name itself.
    let wanted = &if may_change_managed(scope) {
        wanted.clone()
    } else {
        wanted.as_saved(&present).map_err(OperationError::Refused)?
    };
    if kind == MemberKind::User && changes_managed(tx, scope, id, &present, wanted)? {
        return Err(OperationError::Refused(EditRefusal::Managed));
    }
    // Its name stands in letters, and on the profiles of everybody whom it manages.
    if kind.is_machine() && !provisioning_accounts(tx, scope.organization, &[id])?.is_empty() {
        scope.demand(rights::EVERYTHING)?;
    }
    if kind.is_machine() && is_name_taken(tx, scope, &wanted.name, Some(id))? {
        return Err(OperationError::Refused(EditRefusal::NameTaken));
    }
    if !store::update_details(tx, &member, version, wanted)? {
        return Err(OperationError::Refused(EditRefusal::Meanwhile));
    }
    own_fields::write(tx, scope, id, &own)?;
    let (mut before, mut after) = (Map::new(), Map::new());
    for ((field, _, old), (_, _, new)) in present.parts().into_iter().zip(wanted.parts()) {
        if old != new {
            before.insert(field.into(), old.into());
            after.insert(field.into(), new.into());
        }
    }
    own.tell(&mut before, &mut after);
    let event = Event::new("member.edited", "member", id.0, &wanted.name);
    audit::record(tx, scope, event.before(Value::Object(before)).after(Value::Object(after)))?;
    Ok(true)
}

macro_rules! edit_form {
    ($($field:ident: $label:literal, $machine:literal, $read:ident($most:literal);)+) => {
        /// The fields that a browser sends. A missing field is different from an empty one.
        #[derive(Deserialize, Default, Debug)]
        #[serde(deny_unknown_fields, default)]
        pub struct SentDetails {
            version: Option<i64>,
            /// System accounts have none.
            first_name: Option<Field>,
            last_name: Option<Field>,
            name: Option<Field>,
            $($field: Option<Field>,)+
            /// Those of the organization's own fields that the page offers.
            own: SentOwn,
        }

        /// The form of a member's details.
        #[derive(Clone, Debug)]
        pub struct EditForm {
            /// The version of the details that the form was based on.
            pub version: i64,
            pub kind: MemberKind,
            pub first_name: Field,
            pub last_name: Field,
            pub name: Field,
            $(pub $field: Field,)+
            pub own: SentOwn,
            /// What is wrong with the organization's own fields.
            pub own_complaints: Complaints,
        }

        impl EditForm {
            /// The form with these details.
            pub fn with(kind: MemberKind, version: i64, details: &Details) -> Self {
                Self {
                    version,
                    kind,
                    first_name: Field::new(&details.first_name),
                    last_name: Field::new(&details.last_name),
                    name: Field::new(&details.name),
                    $($field: Field::new(&details.$field),)+
                    own: details.own.clone().into(),
                    own_complaints: Complaints::default(),
                }
            }
            /// Reads the form from what the browser sent.
            ///
            /// # Errors
            /// [`Error::Malformed`] if a field is missing.
            pub fn read(kind: MemberKind, sent: SentDetails) -> Result<Self, Error> {
                let none = || kind.is_machine().then(Field::default);
                let whole = (|| {
                    Some(Self {
                        version: sent.version?,
                        kind,
                        first_name: sent.first_name.or_else(none)?,
                        last_name: sent.last_name.or_else(none)?,
                        name: sent.name?,
                        $($field: sent.$field?,)+
                        own: sent.own,
                        own_complaints: Complaints::default(),
                    })
                })();
                whole.ok_or_else(|| Error::Malformed("The form is not whole.".into()))
            }
            /// The details, if all fields are valid.
            pub fn check(&mut self) -> Option<Details> {
                let names = self.names();
                $(let $field = self.$field.$read($most);)+
                let names = names?;
                let own = self.own.values().clone();
                Some(Details { name: names.display, first_name: names.first, last_name: names.last, $($field: $field?,)+ own })
            }
            /// Complaints with the field each belongs to, for the summary above the form.
            pub fn complaints(&self) -> Vec<(&'static str, &str)> {
                let fields = [
                    ("first_name", &self.first_name),
                    ("last_name", &self.last_name),
                    ("name", &self.name),
                    $((stringify!($field), &self.$field),)+
                ];
                let complaints = fields.into_iter().filter_map(|(name, field)| Some((name, field.complaint.as_deref()?)));
                complaints.collect()
            }
        }
    };
}

with_contact_details!(edit_form);

impl EditForm {
    /// [`EditForm::complaints`] with those about the organization's own fields.
    pub fn all_complaints(&self) -> Vec<(String, &str)> {
        let fixed = self.complaints().into_iter().map(|(field, text)| (field.to_owned(), text));
        fixed.chain(self.own_complaints.of_inputs()).collect()
    }
    /// Shows a refusal at the fields it concerns.
    pub fn refuse(&mut self, refusal: EditRefusal) {
        match refusal {
            EditRefusal::Own(complaints) => self.own_complaints = complaints,
            refusal => self.name.refuse(refusal.to_string()),
        }
    }
    pub fn of(member: &Member) -> Self {
        Self::with(member.kind, member.version, &Details::of(member))
    }

    fn names(&mut self) -> Option<PersonNames> {
        if self.kind.is_machine() {
            let display = self.name.line("a name", name::LONGEST)?;
            return Some(PersonNames { display, ..PersonNames::default() });
        }
        let fields = NameFields { first: &mut self.first_name, last: &mut self.last_name, display: &mut self.name };
        fields.check()
    }
}
