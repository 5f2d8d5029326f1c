//! Names and contact details as JSON. The contact details come from the table of `members`.

use crate::{
    kit::MemberKind,
    members::{Details, EditForm, Member, with_contact_details},
    web::FieldError,
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

macro_rules! contact_details {
    ($($field:ident: $label:literal, $machine:literal, $read:ident($most:tt);)+) => {
        /// Contact details. Empty where nothing is known. Of a system account, `title` says what it is for, `location` where it
        /// runs and `contact` whom to ask about it.
        #[derive(Serialize, ToSchema)]
        pub(in crate::api) struct ContactDetails {
            $(#[schema(max_length = $most)] pub $field: String,)+
        }

        impl ContactDetails {
            pub fn of(member: &Member) -> Self {
                Self { $($field: member.$field.clone(),)+ }
            }
        }

        /// Contact details to change. Those that are left out stay as they are.
        #[derive(Deserialize, ToSchema, Default, Clone, Debug)]
        #[serde(deny_unknown_fields)]
        pub(in crate::api) struct ContactDetailsPatch {
            $(#[schema(max_length = $most)] pub $field: Option<String>,)+
        }

        impl ContactDetailsPatch {
            /// These values over present ones.
            pub fn over(self, present: &mut Details) {
                $(if let Some(value) = self.$field { present.$field = value; })+
            }
        }
    };
}

with_contact_details!(contact_details);

/// The details after a change, checked as the form of the console does.
///
/// # Errors
/// The fields that are not valid.
pub(super) fn checked(kind: MemberKind, details: &Details) -> Result<Details, Vec<FieldError>> {
    let mut form = EditForm::with(kind, 0, details);
    form.check()
        .ok_or_else(|| form.complaints().into_iter().map(|(field, text)| complaint(field, text)).collect())
}

/// A complaint of a form as the error of the field that JSON has in its place.
fn complaint(field: &str, text: &str) -> FieldError {
    let parent = if Details::CONTACT.contains(&field) { "/details/" } else { "/" };
    FieldError::new(format!("{parent}{field}"), "invalid", text)
}
