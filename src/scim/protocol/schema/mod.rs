//! The attributes of users and groups that Roster offers (RFC 7643 sections 3 and 4), as static tables.

mod attribute;
mod common;
mod discovery;
mod enterprise;
mod group;
mod user;

pub use attribute::{Attribute, DataType, Mutability};
#[cfg(test)]
pub use attribute::{Returned, Uniqueness};
pub use discovery::{MAX_BULK_OPERATIONS, MAX_BULK_PAYLOAD, MAX_RESULTS, resource_types, schema, schemas, service_provider_config};

/// The core schema of a user (RFC 7643 section 4.1).
pub const USER: &str = "urn:ietf:params:scim:schemas:core:2.0:User";
/// The core schema of a group (RFC 7643 section 4.2).
pub const GROUP: &str = "urn:ietf:params:scim:schemas:core:2.0:Group";
/// The enterprise extension of a user (RFC 7643 section 4.3). It is also the key under which a user has it.
pub const ENTERPRISE_USER: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";

/// A type of resource (RFC 7643 section 6).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ResourceKind {
    User,
    Group,
}

/// Where a resource has the attributes of a schema (RFC 7643 section 3.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// At the top.
    Core,
    /// In the object under the key [`ENTERPRISE_USER`].
    Enterprise,
}

impl ResourceKind {
    /// The name of the resource type (RFC 7643 section 6).
    pub fn name(self) -> &'static str {
        match self {
            Self::User => "User",
            Self::Group => "Group",
        }
    }

    /// The URN of the core schema (RFC 7643 section 8.7.1).
    pub fn schema(self) -> &'static str {
        match self {
            Self::User => USER,
            Self::Group => GROUP,
        }
    }

    /// The part of the address after the base URL (RFC 7644 section 3.2).
    pub fn endpoint(self) -> &'static str {
        match self {
            Self::User => "/Users",
            Self::Group => "/Groups",
        }
    }

    /// The attributes of the core schema, without those that every resource has (RFC 7643 section 4).
    pub fn attributes(self) -> &'static [Attribute] {
        match self {
            Self::User => user::ATTRIBUTES,
            Self::Group => group::ATTRIBUTES,
        }
    }
}

/// Where a resource of this kind has the attributes of the URN; `None` if it has none of that schema (RFC 7644 section 3.10).
pub fn place(resource: ResourceKind, urn: Option<&str>) -> Option<Place> {
    let Some(urn) = urn else { return Some(Place::Core) };
    if urn.eq_ignore_ascii_case(resource.schema()) {
        Some(Place::Core)
    } else if resource == ResourceKind::User && urn.eq_ignore_ascii_case(ENTERPRISE_USER) {
        Some(Place::Enterprise)
    } else {
        None
    }
}

/// An attribute of the core schema, or one that every resource has, ignoring case (RFC 7643 section 2.1).
pub fn find(resource: ResourceKind, name: &str) -> Option<&'static Attribute> {
    attribute::named(common::ATTRIBUTES, name).or_else(|| attribute::named(resource.attributes(), name))
}

/// An attribute of the enterprise extension, ignoring case (RFC 7643 section 4.3).
pub fn find_enterprise(name: &str) -> Option<&'static Attribute> {
    attribute::named(enterprise::ATTRIBUTES, name)
}

/// An attribute at a place of the resource, ignoring case (RFC 7644 section 3.10).
pub fn find_at(resource: ResourceKind, place: Place, name: &str) -> Option<&'static Attribute> {
    match place {
        Place::Core => find(resource, name),
        Place::Enterprise => find_enterprise(name),
    }
}

/// Whether the text is the URN of a schema that Roster offers, ignoring case (RFC 7643 section 10.3.1).
pub fn is_known(urn: &str) -> bool {
    [USER, GROUP, ENTERPRISE_USER].iter().any(|known| urn.eq_ignore_ascii_case(known))
}
