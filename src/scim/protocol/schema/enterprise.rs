//! The attributes of the enterprise extension of a user (RFC 7643 section 4.3).

use super::attribute::{Attribute, Mutability::ReadOnly};

const MANAGER: &[Attribute] = &[
    Attribute::text("value", "The id of the manager.").case_exact(),
    Attribute::reference("$ref", &["User"], "The address of the manager."),
    Attribute::text("displayName", "The name of the manager.").mutability(ReadOnly),
];

pub(super) const ATTRIBUTES: &[Attribute] = &[
    Attribute::text("employeeNumber", "The number that the organization gave the person."),
    Attribute::text("costCenter", "The cost center to which the person belongs."),
    Attribute::text("organization", "The organization to which the person belongs."),
    Attribute::text("division", "The division to which the person belongs."),
    Attribute::text("department", "The department to which the person belongs."),
    Attribute::complex("manager", MANAGER, "The person's manager."),
];
