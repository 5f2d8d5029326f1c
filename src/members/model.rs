//! Types of `members` and their pure rules.

use super::fields::with_contact_details;
use crate::{
    db::{MultiBackend, schema::members},
    kit::{MemberId, MemberKind, MemberStatus, OrganizationId, OwnFieldId, Timestamp, UserId},
};
use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

#[derive(Queryable, Selectable, Clone, Debug)]
#[diesel(table_name = members, check_for_backend(MultiBackend))]
pub struct Member {
    pub id: MemberId,
    pub organization_id: OrganizationId,
    pub kind: MemberKind,
    pub user_id: Option<UserId>,
    /// The display name.
    pub name: String,
    pub first_name: String,
    pub last_name: String,
    pub title: String,
    pub phone: String,
    pub location: String,
    pub contact: String,
    pub provider: String,
    pub status: MemberStatus,
    pub status_at: Timestamp,
    pub status_by: Option<MemberId>,
    pub status_reason: String,
    pub last_sign_in_at: Option<Timestamp>,
    pub last_api_use_at: Option<Timestamp>,
    pub created_at: Timestamp,
    pub created_by: Option<MemberId>,
    pub joined_at: Option<Timestamp>,
    /// Counts the changes of name and contact details.
    pub version: i64,
}

impl Member {
    pub fn provider_name(&self) -> &str {
        provider_name(&self.provider)
    }
}

/// A person's membership in an organization, as authentication needs it.
#[derive(Clone, Debug)]
pub struct Membership {
    pub id: MemberId,
    pub organization: OrganizationId,
    pub organization_name: String,
    pub name: String,
    pub status: MemberStatus,
    /// Sessions that began before this instant do not give access to the organization.
    pub sessions_from: Timestamp,
    pub idle_minutes: i64,
    pub absolute_minutes: i64,
    /// From this instant the organization admits only people with a second factor, if it requires one. Of break-glass
    /// administrators it requires one as soon as it requires single sign-on.
    pub two_step_from: Option<Timestamp>,
    /// From this instant the organization admits people through its identity providers only.
    pub sso_from: Option<Timestamp>,
    /// They are a break-glass administrator, who enters with their own password or passkey all the same.
    pub enters_without_sso: bool,
}

impl Membership {
    /// Whether a session or link that began then is still valid: the member was not disabled, enabled or signed out
    /// since.
    pub fn is_open_since(&self, began: Timestamp) -> bool {
        self.status == MemberStatus::Active && self.sessions_from <= began
    }
    /// Whether the organization requires a second factor now.
    pub fn demands_two_step(&self, now: Timestamp) -> bool {
        self.two_step_from.is_some_and(|from| from <= now)
    }
    /// Whether the person's own password or passkey does not open the organization now.
    pub fn demands_sso(&self, now: Timestamp) -> bool {
        self.requires_sso(now) && !self.enters_without_sso
    }
    /// Whether the person's own password or passkey opens the organization now, although it requires single sign-on.
    pub fn breaks_glass(&self, now: Timestamp) -> bool {
        self.requires_sso(now) && self.enters_without_sso
    }
    fn requires_sso(&self, now: Timestamp) -> bool {
        self.sso_from.is_some_and(|from| from <= now)
    }
}

/// A member to insert, already validated.
#[derive(Clone, Debug)]
pub struct NewMember<'a> {
    pub organization: OrganizationId,
    pub user: UserId,
    pub name: &'a str,
    pub email: &'a str,
    pub username: &'a str,
    pub status: MemberStatus,
    /// The member who set the status.
    pub by: Option<MemberId>,
    /// First and last name and contact details, without the display name.
    pub details: Option<&'a Details>,
}

/// The display name of an identity provider.
pub fn provider_name(provider: &str) -> &str {
    match provider {
        "local" => "Local",
        "google" => "Google",
        "github" => "GitHub",
        "oidc" => "OIDC",
        "saml" => "SAML",
        other => other,
    }
}

macro_rules! details {
    ($($field:ident: $label:literal, $machine:literal, $read:ident($most:literal);)+) => {
        /// The editable details, already validated.
        #[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, Insertable, AsChangeset)]
        #[diesel(table_name = members)]
        pub struct Details {
            /// The display name.
            pub name: String,
            #[serde(default)]
            pub first_name: String,
            #[serde(default)]
            pub last_name: String,
            $(#[serde(default)] pub $field: String,)+
            /// What is wanted of the organization's own fields, as it was typed. What is left out stays as it is.
            #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
            #[diesel(skip_insertion, skip_update)]
            pub own: BTreeMap<OwnFieldId, String>,
        }

        impl Details {
            /// The contact details, by their names in forms, files and the audit trail.
            pub const CONTACT: [&'static str; [$($label),+].len()] = [$(stringify!($field)),+];

            pub fn of(member: &Member) -> Self {
                Self {
                    name: member.name.clone(),
                    first_name: member.first_name.clone(),
                    last_name: member.last_name.clone(),
                    $($field: member.$field.clone(),)+
                    own: BTreeMap::new(),
                }
            }
            /// Every field: its name, its label, its value.
            pub fn parts(&self) -> [(&'static str, &'static str, &str); 3 + Self::CONTACT.len()] {
                [
                    ("first_name", "First name", &self.first_name),
                    ("last_name", "Last name", &self.last_name),
                    ("name", "Display name", &self.name),
                    $((stringify!($field), $label, &self.$field),)+
                ]
            }
            /// A field by its name.
            pub fn part_mut(&mut self, field: &str) -> Option<&mut String> {
                match field {
                    "name" => Some(&mut self.name),
                    "first_name" => Some(&mut self.first_name),
                    "last_name" => Some(&mut self.last_name),
                    $(stringify!($field) => Some(&mut self.$field),)+
                    _ => None,
                }
            }
            /// The label of a contact detail for this kind of member, if they have it; and that of a system account's name.
            pub fn label(kind: MemberKind, field: &str) -> Option<&'static str> {
                match (kind, field) {
                    (MemberKind::SystemAccount, "name") => Some("Name"),
                    $((MemberKind::User, stringify!($field)) => Some($label),
                    (MemberKind::SystemAccount, stringify!($field)) => Some($machine).filter(|label| !label.is_empty()),)+
                    _ => None,
                }
            }
        }

        impl Member {
            /// The contact details, in the order of [`Details::CONTACT`].
            pub fn contact_details(&self) -> [&str; Details::CONTACT.len()] {
                [$(&self.$field),+]
            }
        }
    };
}

with_contact_details!(details);

impl Member {
    /// The contact details that members of this kind have, with their labels.
    pub fn labelled_contact_details(&self) -> impl Iterator<Item = (&'static str, &str)> {
        let details = Details::CONTACT.into_iter().zip(self.contact_details());
        details.filter_map(|(field, text)| Some((Details::label(self.kind, field)?, text)))
    }
}
