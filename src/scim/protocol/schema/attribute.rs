//! The characteristics of an attribute (RFC 7643 sections 2.2 and 7), and constructors for the tables.

/// The type of an attribute's values (RFC 7643 section 2.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DataType {
    String,
    Boolean,
    DateTime,
    Binary,
    Reference,
    Complex,
}

/// When a client can change an attribute (RFC 7643 section 7).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mutability {
    ReadOnly,
    ReadWrite,
    Immutable,
    WriteOnly,
}

/// When a response contains an attribute (RFC 7643 section 7).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Returned {
    Always,
    Never,
    Default,
}

/// Among which resources a value is unique (RFC 7643 section 7).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Uniqueness {
    None,
    Server,
}

/// An attribute with its characteristics (RFC 7643 section 7).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Attribute {
    pub name: &'static str,
    pub data_type: DataType,
    pub multi_valued: bool,
    pub required: bool,
    /// Required of a new resource only: a user without an address keeps the one that Roster has.
    pub may_be_removed: bool,
    pub case_exact: bool,
    pub mutability: Mutability,
    pub returned: Returned,
    pub uniqueness: Uniqueness,
    pub sub_attributes: &'static [Attribute],
    pub canonical_values: &'static [&'static str],
    /// The kinds of resources or addresses to which a reference leads.
    pub reference_types: &'static [&'static str],
    pub description: &'static str,
}

impl Attribute {
    /// The sub-attribute of this name, ignoring case (RFC 7643 section 2.3.8).
    pub fn sub(&self, name: &str) -> Option<&'static Attribute> {
        named(self.sub_attributes, name)
    }

    /// A single text that clients can read and write, compared ignoring case.
    pub(super) const fn text(name: &'static str, description: &'static str) -> Self {
        Self {
            name,
            data_type: DataType::String,
            multi_valued: false,
            required: false,
            may_be_removed: true,
            case_exact: false,
            mutability: Mutability::ReadWrite,
            returned: Returned::Default,
            uniqueness: Uniqueness::None,
            sub_attributes: &[],
            canonical_values: &[],
            reference_types: &[],
            description,
        }
    }

    pub(super) const fn boolean(name: &'static str, description: &'static str) -> Self {
        Self { data_type: DataType::Boolean, ..Self::text(name, description) }
    }

    pub(super) const fn date_time(name: &'static str, description: &'static str) -> Self {
        Self { data_type: DataType::DateTime, ..Self::text(name, description) }
    }

    pub(super) const fn binary(name: &'static str, description: &'static str) -> Self {
        Self { data_type: DataType::Binary, case_exact: true, ..Self::text(name, description) }
    }

    pub(super) const fn reference(name: &'static str, types: &'static [&'static str], description: &'static str) -> Self {
        Self {
            data_type: DataType::Reference,
            reference_types: types,
            case_exact: true,
            ..Self::text(name, description)
        }
    }

    pub(super) const fn complex(name: &'static str, sub_attributes: &'static [Attribute], description: &'static str) -> Self {
        Self { data_type: DataType::Complex, sub_attributes, ..Self::text(name, description) }
    }

    /// A list of objects with sub-attributes.
    pub(super) const fn list(name: &'static str, sub_attributes: &'static [Attribute], description: &'static str) -> Self {
        Self { multi_valued: true, ..Self::complex(name, sub_attributes, description) }
    }

    pub(super) const fn multi_valued(self) -> Self {
        Self { multi_valued: true, ..self }
    }

    pub(super) const fn required(self) -> Self {
        Self { required: true, may_be_removed: false, ..self }
    }

    pub(super) const fn required_at_first(self) -> Self {
        Self { required: true, ..self }
    }

    pub(super) const fn case_exact(self) -> Self {
        Self { case_exact: true, ..self }
    }

    pub(super) const fn mutability(self, mutability: Mutability) -> Self {
        Self { mutability, ..self }
    }

    pub(super) const fn returned(self, returned: Returned) -> Self {
        Self { returned, ..self }
    }

    pub(super) const fn unique(self) -> Self {
        Self { uniqueness: Uniqueness::Server, ..self }
    }

    pub(super) const fn values(self, canonical_values: &'static [&'static str]) -> Self {
        Self { canonical_values, ..self }
    }
}

/// The attribute of this name, ignoring case.
pub(super) fn named(attributes: &'static [Attribute], name: &str) -> Option<&'static Attribute> {
    attributes.iter().find(|attribute| attribute.name.eq_ignore_ascii_case(name))
}
