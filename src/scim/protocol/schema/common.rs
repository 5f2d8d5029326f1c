//! The attributes of every resource (RFC 7643 sections 3 and 3.1). No schema lists them.

use super::attribute::{
    Attribute,
    Mutability::ReadOnly,
    Returned::{Always, Default},
};

const META: &[Attribute] = &[
    Attribute::text("resourceType", "The type of the resource.").case_exact().mutability(ReadOnly),
    Attribute::date_time("created", "When the resource was added.").mutability(ReadOnly),
    Attribute::date_time("lastModified", "When the resource was last changed.").mutability(ReadOnly),
    Attribute::reference("location", &["uri"], "The address of the resource.").mutability(ReadOnly),
    Attribute::text("version", "The version of the resource, as in the header ETag.")
        .case_exact()
        .mutability(ReadOnly),
];

pub(super) const ATTRIBUTES: &[Attribute] = &[
    Attribute::text("id", "Roster's identifier of the resource.")
        .case_exact()
        .mutability(ReadOnly)
        .returned(Always)
        .unique(),
    Attribute::reference("schemas", &["uri"], "The schemas of which the resource has attributes.")
        .multi_valued()
        .mutability(ReadOnly)
        .returned(Always),
    Attribute::text("externalId", "The provider's identifier of the resource.").case_exact(),
    Attribute::complex("meta", META, "What the server records about the resource.")
        .mutability(ReadOnly)
        .returned(Default),
];
